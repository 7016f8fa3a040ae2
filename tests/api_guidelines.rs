//! What the Rust API Guidelines ask of every type that a program keeps, by table.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use aws_patch_manager::backend::{
    AssociationStore, BaselineStore, CommandRunner, ComplianceSource, MaintenanceWindowHistory,
    MaintenanceWindowStore, NetworkInventory, NodeInventory, PatchCatalog, PatchGroupRegistry,
    PatchPolicyStore, RoleInventory,
};
use aws_patch_manager::baseline::{BaselineSpec, PatchBaseline};
use aws_patch_manager::compliance::{
    ComplianceReport, NodeCompliance, PatchState, ReportDetail, ReportFailure, ReportPart, Verdict,
};
use aws_patch_manager::manager::{FleetSweep, PatchRun, SweepCheckpoint};
use aws_patch_manager::operation::{PatchOperation, RebootOption, RunOutcome};
use aws_patch_manager::prerequisites::{
    EndpointService, FindingKind, PrerequisiteReport, Prerequisites, Severity,
};
use aws_patch_manager::schedule::PatchPolicy;
use aws_patch_manager::types::{
    AssociationId, BaselineId, CommandId, MaxConcurrency, MaxErrors, NodeId, OperatingSystem,
    PatchPolicyArn, SnapshotId, Tag, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchGroup, PatchManager,
    PatchRequest, PolicySchedule, Recurrence, RuleBuilder, ScheduleExpression,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn moves_between_threads<T: Send + Sync + 'static>() {}
fn is_kept<T: Send + Sync + Clone + Debug + 'static>() {}
fn is_a_value<T: Send + Sync + Clone + Debug + PartialEq + Eq + Hash + 'static>() {}
fn is_printed<T: Display>() {}
fn is_stored<T: Serialize + DeserializeOwned>() {}
fn is_an_id<T>()
where
    T: for<'a> From<&'a T> + for<'a> From<&'a str> + From<String> + AsRef<str> + Display,
    String: From<T>,
{
}
fn is_an_error<T: std::error::Error + Send + Sync + 'static>() {}

/// Names each type once, with what is asked of it.
macro_rules! hold {
    ($( $ask:ident: $($name:ty),+ ; )+) => { $( $( $ask::<$name>(); )+ )+ };
}

#[test]
fn types_have_the_traits_that_programs_expect() {
    hold! {
        is_kept: PatchManager, MemoryBackend, BaselineBuilder, RuleBuilder, BaselineSpec,
            PatchBaseline, PatchRequest, PolicySchedule, PatchPolicy, ComplianceQuery,
            NodeCompliance, RunOutcome, ComplianceReport, Prerequisites, PrerequisiteReport,
            FleetSweep, PatchRun, SweepCheckpoint, Recurrence, ScheduleExpression;
        is_a_value: NodeId, BaselineId, CommandId, OperatingSystem, PatchGroup, Tag, ErrorKind,
            MaxConcurrency, MaxErrors, PatchState, Verdict, PatchOperation, RebootOption,
            Severity, FindingKind, EndpointService, ReportDetail, ReportPart, ReportFailure;
        is_printed: NodeId, BaselineId, CommandId, OperatingSystem, PatchGroup, ErrorKind, Error,
            MaxConcurrency, MaxErrors, Verdict, PatchOperation, RebootOption, Severity, FindingKind,
            EndpointService, RunOutcome, PrerequisiteReport, ScheduleExpression, ComplianceQuery,
            ReportPart, ReportFailure;
        is_stored: NodeId, BaselineId, OperatingSystem, PatchGroup, Tag, BaselineSpec,
            PatchBaseline, PatchPolicy, PatchState, PatchOperation, RebootOption, MaxConcurrency,
            MaxErrors, SweepCheckpoint, PrerequisiteReport, ScheduleExpression, ComplianceReport,
            ReportPart, ReportFailure;
        is_an_id: NodeId, BaselineId, CommandId, SnapshotId, PatchPolicyArn, WindowId, WindowTargetId,
            WindowTaskId, WindowExecutionId, AssociationId;
        is_an_error: Error;
    }
}

#[test]
fn every_backend_trait_makes_an_object_that_moves_between_threads() {
    hold! {
        moves_between_threads: Box<dyn AssociationStore>, Box<dyn BaselineStore>,
            Box<dyn CommandRunner>, Box<dyn ComplianceSource>, Box<dyn MaintenanceWindowHistory>,
            Box<dyn MaintenanceWindowStore>, Box<dyn NetworkInventory>, Box<dyn NodeInventory>,
            Box<dyn PatchCatalog>, Box<dyn PatchGroupRegistry>, Box<dyn RoleInventory>,
            Box<dyn PatchPolicyStore>;
    }
}
