//! What the Rust API Guidelines ask of every type that a program keeps, by table.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::path::Path;

use aws_patch_manager::backend::{
    AssociationStore, AutomationRunner, BaselineStore, CommandRunner, ComplianceSource,
    DocumentStore, MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory,
    NodeInventory, NodePower, PatchCatalog, PatchGroupRegistry, PatchPolicyStore,
    ResourceDataSyncStore, RoleInventory, RoleSessions,
};
use aws_patch_manager::baseline::approval::{ApprovedBy, NotApprovedReason};
use aws_patch_manager::baseline::{BaselineSpec, PatchBaseline, Warning, approval};
use aws_patch_manager::compliance::{
    ChangeKind, CompliancePlan, ComplianceReport, ComplianceSummary, DeadlineChange,
    DeadlineChangeKind, DeadlineReport, DeadlineRule, DeadlineState, DeadlineTotals, DeadlineTrend,
    Deadlines, NodeChange, NodeCompliance, NodeDeadline, PatchDeadline, PatchState, ReportDetail,
    ReportFailure, ReportPart, Trend, UnknownReason, Verdict,
};
use aws_patch_manager::event::{Event, EventKind, EventPattern};
use aws_patch_manager::exposure::{
    Exposure, ExposureFix, ExposureReference, ExposureState, FixRoute, NodeExposure,
};
use aws_patch_manager::manager::{
    Change, DeployedConfiguration, EnsuredAssociation, EnsuredBaseline, EnsuredMaintenanceWindow,
    EnsuredPolicy, FleetAnswer, FleetSweep, GroupBinding, NodeTagging, PatchRun, PolicyDeployment,
    SweepCheckpoint, SweepFailure, TagChange, TagReport, WindowChange, WindowPart,
};
use aws_patch_manager::memory::DataSyncFile;
use aws_patch_manager::operation::{Explanation, NodeOutcome, RunOutcome, RunPlan};
use aws_patch_manager::organization::{LocationReach, NodeReach};
use aws_patch_manager::plan::{
    AccountSize, ApplyEvent, CalendarApproval, CalendarRun, CalendarSchedule, Coverage,
    CoveringSchedule, DesiredState, Drift, DriftLine, Forecast, ForecastInstall, ForecastSchedule,
    ImportedState, LeftOut, MirrorPart, MirrorPlan, MirrorSnapshot, NodeCoverage, PatchCalendar,
    Plan, PlannedResource, PlannedStep, RecordedCall, RecordedOutcome, ResourceKind, ShortWindow,
    Unread,
};
use aws_patch_manager::prerequisites::{
    EndpointService, Evidence, Finding, FindingKind, Fix, PrerequisiteReport, Prerequisites,
    Severity,
};
use aws_patch_manager::rollout::{
    GateResult, NodePreview, NodeResult, Rollout, RolloutEvent, RolloutOutcome, RolloutPreview,
    RolloutProgress, RolloutState, RolloutStatus, WavePhase, WavePreview,
};
use aws_patch_manager::schedule::window::PatchWindow;
use aws_patch_manager::schedule::{PatchPolicy, PlannedRun, ScheduleLint, SchedulePreview};
use aws_patch_manager::types::{
    AssociationId, AutomationExecutionId, BaselineId, CommandId, CompletedStep, ConfigurationId,
    Difference, InstanceStateChange, ListNodesFilter, MaxConcurrency, MaxErrors, Node,
    NodeAggregator, NodeId, NodeSummary, OperatingSystem, OrganizationalUnitId, PatchOperation,
    PatchPolicyArn, RebootOption, SnapshotId, StartedRun, Tag, WindowExecutionId, WindowId,
    WindowTargetId, WindowTaskId,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, Excerpt, MemoryBackend, PatchGroup,
    PatchGroupTagKey, PatchManager, PatchRequest, PolicySchedule, Progress, Recurrence,
    RuleBuilder, ScheduleExpression, Violation,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn moves_between_threads<T: Send + Sync + 'static>() {}
fn is_kept<T: Send + Sync + Clone + Debug + 'static>() {}
fn is_a_value<T: Send + Sync + Clone + Debug + PartialEq + Eq + Hash + 'static>() {}
fn is_printed<T: Display>() {}
fn is_stored<T: Serialize + DeserializeOwned>() {}
/// What a program logs, stores or hands on.
fn is_written<T: Debug + Serialize>() {}
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
            Plan, DesiredState, FleetSweep, PatchRun, SweepCheckpoint, Recurrence, ScheduleExpression;
        is_a_value: NodeId, BaselineId, CommandId, OperatingSystem, PatchGroup, Tag, ErrorKind,
            MaxConcurrency, MaxErrors, PatchState, Verdict, PatchOperation, RebootOption,
            Severity, FindingKind, EndpointService, ReportDetail, ReportPart, ReportFailure;
        is_printed: NodeId, BaselineId, CommandId, OperatingSystem, PatchGroup, PatchGroupTagKey,
            MaxConcurrency, MaxErrors, PatchOperation, RebootOption, ScheduleExpression, Recurrence,
            EndpointService, ComplianceQuery;
        is_stored: StartedRun, NodeId, BaselineId, OperatingSystem, PatchGroup, Tag, BaselineSpec,
            PatchBaseline, PatchPolicy, PatchState, PatchOperation, RebootOption, MaxConcurrency,
            MaxErrors, SweepCheckpoint, PrerequisiteReport, ScheduleExpression, ComplianceReport,
            ReportPart, ReportFailure, Rollout, RolloutState, InstanceStateChange, Event, EventKind;
        is_an_id: NodeId, BaselineId, CommandId, SnapshotId, PatchPolicyArn, ConfigurationId, OrganizationalUnitId, WindowId, WindowTargetId,
            WindowTaskId, WindowExecutionId, AssociationId, AutomationExecutionId;
        is_an_error: Error;
    }
}

/// What verbs answer with, and what stands in it.
#[test]
fn answers_are_printed_and_written_as_json() {
    hold! {
        is_printed: Error, ErrorKind, Violation, Excerpt, CompletedStep, StartedRun;
        is_written: Error, ErrorKind, Violation, Excerpt, CompletedStep, StartedRun;
        is_printed: approval::ApprovalDecision, approval::ApprovalVerdict, ApprovedBy, NotApprovedReason, Difference, Warning;
        is_written: approval::ApprovalDecision, approval::ApprovalVerdict, ApprovedBy, NotApprovedReason, Difference, Warning;
        is_printed: NodeCompliance, Verdict, UnknownReason, ComplianceSummary, CompliancePlan;
        is_written: NodeCompliance, Verdict, UnknownReason, ComplianceSummary, CompliancePlan;
        is_printed: Trend, NodeChange, ChangeKind, ReportPart, ReportFailure;
        is_written: Trend, NodeChange, ChangeKind, ReportPart, ReportFailure, ComplianceReport;
        is_printed: Deadlines, DeadlineRule, DeadlineReport, NodeDeadline, PatchDeadline, DeadlineState,
            DeadlineTotals, DeadlineTrend, DeadlineChange, DeadlineChangeKind;
        is_stored: Deadlines, DeadlineRule, DeadlineReport, NodeDeadline, PatchDeadline, DeadlineState,
            DeadlineTotals, DeadlineTrend, DeadlineChange, DeadlineChangeKind;
        is_printed: Exposure, NodeExposure, ExposureFix, ExposureState, FixRoute;
        is_stored: Exposure, NodeExposure, ExposureFix, ExposureState, FixRoute;
        is_written: ExposureReference;
        is_printed: NodeOutcome, RunOutcome, RunPlan, Explanation;
        is_written: NodeOutcome, RunOutcome, RunPlan, PatchRun, Explanation;
        is_printed: Change, EnsuredBaseline, GroupBinding, TagChange, NodeTagging,
            TagReport, EnsuredPolicy, PolicyDeployment, DeployedConfiguration, EnsuredAssociation,
            WindowPart, WindowChange, EnsuredMaintenanceWindow;
        is_written: Change, EnsuredBaseline, GroupBinding, TagChange, NodeTagging,
            TagReport, EnsuredPolicy, PolicyDeployment, DeployedConfiguration, EnsuredAssociation,
            WindowPart, WindowChange, EnsuredMaintenanceWindow;
        is_printed: Progress, SweepFailure, FleetAnswer;
        is_written: Progress, SweepFailure, FleetAnswer, SweepCheckpoint;
        is_printed: RolloutOutcome, RolloutEvent, RolloutStatus, WavePhase, NodeResult, GateResult,
            InstanceStateChange, RolloutPreview, WavePreview, NodePreview;
        is_written: RolloutOutcome, RolloutEvent, RolloutStatus, WavePhase, NodeResult, GateResult,
            InstanceStateChange, RolloutPreview, WavePreview, NodePreview;
        is_printed: Event, EventKind, EventPattern, RolloutProgress;
        is_written: Event, EventKind, EventPattern, RolloutProgress;
        is_printed: ScheduleLint, PlannedRun, Recurrence, SchedulePreview<'static>;
        is_written: ScheduleLint, PlannedRun, Recurrence, SchedulePreview<'static>, PatchWindow;
        is_printed: MirrorPlan, MirrorPart, Unread, RecordedCall, Forecast, ForecastInstall,
            ForecastSchedule, ShortWindow, Coverage, NodeCoverage, CoveringSchedule,
            PatchCalendar, CalendarSchedule, CalendarApproval;
        is_written: MirrorPlan, MirrorPart, Unread, RecordedCall, RecordedOutcome, AccountSize,
            MirrorSnapshot, Forecast, ForecastInstall, ForecastSchedule, ShortWindow, Coverage,
            NodeCoverage, CoveringSchedule, PatchCalendar, CalendarSchedule, CalendarRun,
            CalendarApproval;
        is_printed: Plan, PlannedStep, PlannedResource, ResourceKind, ApplyEvent, Drift, DriftLine,
            LeftOut;
        is_written: Plan, PlannedStep, PlannedResource, ResourceKind, ApplyEvent, Drift, DriftLine,
            LeftOut, ImportedState, DesiredState;
        is_written: DataSyncFile;
        is_printed: Node, NodeSummary, NodeReach, LocationReach;
        is_stored: Node, NodeSummary, ListNodesFilter, NodeAggregator;
        is_written: NodeReach, LocationReach;
        is_printed: PrerequisiteReport, Finding, FindingKind, Severity, Evidence, Fix;
        is_written: PrerequisiteReport, Finding, FindingKind, Severity, Evidence, Fix;
    }
}

#[cfg(feature = "conformance")]
#[test]
fn a_report_of_the_conformance_suite_is_written_as_json() {
    use aws_patch_manager::testing::conformance::{Failure, Lack, Report, RuleOutcome};

    hold! { is_written: Report, RuleOutcome, Failure, Lack; }
}

/// Public types without a JSON form, none of which is the answer of a verb. What a backend answers
/// has one by the bounds of `Request::Answer`; a layer's `Answer` and `Call` have `to_value`.
const HANDLES_AND_STREAMS: &[&str] = &[
    "AccountManager",
    "AccountManagers",
    "Answer",
    "AthenaClient",
    "AthenaExport",
    "Audit",
    "AwsBackend",
    "Call",
    "ComplianceSweep",
    "DryRun",
    "Emulator",
    "Faults",
    "Firings",
    "FleetAnswers",
    "InMemoryRolloutStore",
    "Layered",
    "Limit",
    "ManualClock",
    "MemoryBackend",
    "MemoryHarness",
    "MemoryOrganization",
    "Next",
    "PatchManager",
    "ProgressWatch",
    "ReadOnly",
    "Record",
    "ResourceDataSync",
    "RolloutControl",
    "RolloutRun",
    "SystemClock",
    "Trace",
];
const BUILDERS_AND_QUESTIONS: &[&str] = &[
    "Accounts",
    "AthenaQuery",
    "AwsBackendBuilder",
    "BaselineBuilder",
    "CompiledBaseline",
    "ComplianceQuery",
    "ComplianceReportBuilder",
    "ComplianceScope",
    "DesiredStateBuilder",
    "EmulatorBuilder",
    "ExportQuestions",
    "ExportTables",
    "ExposureQuery",
    "Fault",
    "FleetSweep",
    "LimitConfig",
    "Limits",
    "MemoryBackendBuilder",
    "MemoryOrganizationBuilder",
    "MirrorScope",
    "NodeQuery",
    "NonCompliantKind",
    "OrganizationRequest",
    "PatchHooks",
    "PatchManagerBuilder",
    "PatchParameters",
    "PatchRequest",
    "PatchRunbook",
    "PolicySchedule",
    "Prerequisites",
    "Promotion",
    "PromotionBaseline",
    "PromotionQuery",
    "ReportDetail",
    "RuleBuilder",
    "SyncFromSource",
    "SyncToDestination",
];
/// `Approval` is written as a part of its rule.
const WHAT_THE_CRATE_KNOWS: &[&str] = &[
    "Approval",
    "InventoryType",
    "OsFamily",
    "OsRules",
    "PageBounds",
    "Readme",
    "Rule",
    "ScheduleKind",
    "ScheduleMechanism",
];

/// What an event says, which its `Event` writes as the JSON that it was read from.
const PARTS_OF_EVENTS: &[&str] = &[
    "AssociationStateChange",
    "AutomationExecutionStatusChange",
    "AutomationStepStatusChange",
    "CalendarStateChange",
    "CommandInvocationStatusChange",
    "CommandStatusChange",
    "ComplianceStateChange",
    "Ec2StateChange",
    "EventDetail",
    "InstanceAssociationStateChange",
    "WindowExecutionStateChange",
    "WindowStateChange",
    "WindowTargetRegistration",
    "WindowTaskExecutionStateChange",
    "WindowTaskRegistration",
    "WindowTaskTargetInvocationStateChange",
];

/// Whoever adds a public type gives it a JSON form, or names it above.
#[test]
fn every_other_public_type_is_written_as_json() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let without = types_without_json(&texts_in(&source));
    let expected = [
        HANDLES_AND_STREAMS,
        BUILDERS_AND_QUESTIONS,
        WHAT_THE_CRATE_KNOWS,
        PARTS_OF_EVENTS,
    ];
    let expected = expected.concat().into_iter().map(str::to_owned).collect();
    let unexpected: Vec<_> = without.difference(&expected).collect();
    assert!(unexpected.is_empty(), "no JSON form: {unexpected:?}");
    let stale: Vec<_> = expected.difference(&without).collect();
    assert!(stale.is_empty(), "named and not needed: {stale:?}");
}

fn texts_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts_in(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The public types that neither derive nor implement `Serialize`. A declaration and its attributes
/// are the lines since the last empty one.
fn types_without_json(texts: &[String]) -> BTreeSet<String> {
    let by_hand = texts
        .iter()
        .flat_map(|text| text.split(" Serialize for ").skip(1));
    let by_hand: BTreeSet<&str> = by_hand.map(name).collect();
    let mut found = BTreeSet::new();
    for paragraph in texts.iter().flat_map(|text| text.split("\n\n")) {
        if paragraph
            .lines()
            .any(|line| declared(line.trim_start()).is_some() && line.starts_with(' '))
        {
            // In a macro for shapes, which derives it.
            continue;
        }
        let code: Vec<&str> = paragraph.lines().collect();
        let Some(declared) = code.iter().find_map(|line| declared(line)) else {
            continue;
        };
        let written = code
            .iter()
            .any(|line| !line.starts_with("//") && line.contains("Serialize"));
        if !written && !by_hand.contains(declared) {
            found.insert(declared.to_owned());
        }
    }
    found
}

/// The name of the public type that begins in a line.
fn declared(line: &str) -> Option<&str> {
    let mut keywords = ["pub struct ", "pub enum "].into_iter();
    let name = name(keywords.find_map(|keyword| line.strip_prefix(keyword))?);
    (!name.is_empty()).then_some(name)
}

/// The name at the start of a text.
fn name(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

#[test]
fn every_backend_trait_makes_an_object_that_moves_between_threads() {
    hold! {
        moves_between_threads: Box<dyn AssociationStore>, Box<dyn AutomationRunner>,
            Box<dyn BaselineStore>, Box<dyn DocumentStore>,
            Box<dyn CommandRunner>, Box<dyn ComplianceSource>, Box<dyn MaintenanceWindowHistory>,
            Box<dyn MaintenanceWindowStore>, Box<dyn NetworkInventory>, Box<dyn NodeInventory>,
            Box<dyn NodePower>, Box<dyn PatchCatalog>, Box<dyn PatchGroupRegistry>, Box<dyn ResourceDataSyncStore>,
            Box<dyn RoleInventory>, Box<dyn RoleSessions>,
            Box<dyn PatchPolicyStore>;
    }
}
