//! What the Rust API Guidelines ask of every type that a program keeps, by table.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use aws_patch_manager::backend::{
    AssociationStore, BaselineStore, CommandRunner, ComplianceSource, MaintenanceWindowHistory,
    MaintenanceWindowStore, NetworkInventory, NodeInventory, PatchCatalog, PatchGroupRegistry,
    PatchPolicyStore, RoleInventory,
};
use aws_patch_manager::baseline::{
    BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
};
use aws_patch_manager::compliance::{
    ComplianceItem, ComplianceReport, ComplianceSummaryItem, InstancePatchState, NodeCompliance,
    PatchComplianceData, PatchGroupState, PatchState, ReportDetail, ReportFailure, ReportPart,
    ResourceComplianceSummaryItem, Verdict,
};
use aws_patch_manager::group::{BaselineForPatchGroup, PatchGroupMapping};
use aws_patch_manager::manager::{FleetSweep, PatchRun, SweepCheckpoint};
use aws_patch_manager::operation::{
    Command, CommandInvocation, CommandInvocationDetail, RunOutcome,
};
use aws_patch_manager::prerequisites::{
    EndpointService, FindingKind, PrerequisiteReport, Prerequisites, Severity,
};
use aws_patch_manager::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationVersionInfo, CreateAssociationBatchOutput, InstanceAssociation,
    InstanceAssociationStatusInfo,
};
use aws_patch_manager::schedule::window::{
    MaintenanceWindow, MaintenanceWindowExecution, MaintenanceWindowExecutionDetail,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget, MaintenanceWindowTask,
    MaintenanceWindowTaskDetail, ScheduledWindowExecution,
};
use aws_patch_manager::schedule::{PatchPolicy, PatchPolicyState};
use aws_patch_manager::types::{
    AssociationId, BaselineId, CommandId, Ec2Instance, EffectivePatch, InstanceInformation,
    InstanceProfile, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, Patch, PatchOperation,
    PatchPolicyArn, RebootOption, RouteTable, SecurityGroup, ServiceSetting, SnapshotId, Subnet,
    Tag, VpcEndpoint, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, Page, PatchGroup,
    PatchManager, PatchRequest, PolicySchedule, Recurrence, RuleBuilder, ScheduleExpression,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn moves_between_threads<T: Send + Sync + 'static>() {}
fn is_kept<T: Send + Sync + Clone + Debug + 'static>() {}
fn is_a_value<T: Send + Sync + Clone + Debug + PartialEq + Eq + Hash + 'static>() {}
fn is_printed<T: Display>() {}
fn is_stored<T: Serialize + DeserializeOwned>() {}
/// What a backend answers: a layer writes it down, and gives a copy of it again.
fn is_answered<T: Send + Sync + Clone + Debug + PartialEq + Serialize + 'static>() {}
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

/// One entry for each type that a method of the backend traits answers with.
#[test]
fn every_answer_of_a_backend_is_written_down_and_copied() {
    hold! {
        is_answered: PatchBaseline, Page<PatchBaselineIdentity>, DefaultPatchBaseline, BaselineId;
        is_answered: Page<Patch>, Page<EffectivePatch>, Page<BTreeMap<String, String>>;
        is_answered: BaselineForPatchGroup, Page<PatchGroupMapping>;
        is_answered: Page<InstanceInformation>, Page<Ec2Instance>, Vec<Ec2Instance>, Vec<Tag>,
            ServiceSetting;
        is_answered: PatchPolicyState, Page<PatchPolicyState>, PatchPolicyArn;
        is_answered: MaintenanceWindow, Page<MaintenanceWindowIdentity>,
            Page<MaintenanceWindowIdentityForTarget>, Page<ScheduledWindowExecution>,
            MaintenanceWindowTarget, Page<MaintenanceWindowTarget>, Page<MaintenanceWindowTask>,
            MaintenanceWindowTaskDetail, WindowId, WindowTargetId, WindowTaskId;
        is_answered: Page<MaintenanceWindowExecution>, MaintenanceWindowExecutionDetail,
            Page<MaintenanceWindowExecutionTaskIdentity>, MaintenanceWindowExecutionTask,
            MaintenanceWindowExecutionTaskInvocation,
            Page<MaintenanceWindowExecutionTaskInvocation>;
        is_answered: AssociationDescription, CreateAssociationBatchOutput, Page<Association>,
            Page<AssociationVersionInfo>, Page<AssociationExecution>,
            Page<AssociationExecutionTarget>, Page<InstanceAssociation>,
            Page<InstanceAssociationStatusInfo>;
        is_answered: Command, Page<Command>, CommandInvocationDetail, Page<CommandInvocation>;
        is_answered: Page<InstancePatchState>, Page<PatchComplianceData>, PatchGroupState,
            Page<ComplianceItem>, Page<ComplianceSummaryItem>,
            Page<ResourceComplianceSummaryItem>;
        is_answered: Page<VpcEndpoint>, Page<Subnet>, Page<RouteTable>, Page<SecurityGroup>, bool;
        is_answered: InstanceProfile;
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
