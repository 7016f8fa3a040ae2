//! Recorded answers of the service read into our types and come back as an equal JSON value.
//!
//! The recordings are third-party data and not in this repository. `AWS_CLI_EXAMPLES` names a
//! folder that holds them: `MANIFEST.json` lists the files, each with the operation that printed
//! it. `tests/data/` has answers of our own in the same form, so that there is always something to
//! check.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use aws_patch_manager::PageToken;
use aws_patch_manager::automation::{
    AutomationExecution, AutomationExecutionMetadata, Document, DocumentDescription, StepExecution,
};
use aws_patch_manager::baseline::{
    BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
};
use aws_patch_manager::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, ResourceComplianceSummaryItem,
};
use aws_patch_manager::group::{BaselineForPatchGroup, PatchGroupMapping};
use aws_patch_manager::operation::{Command, CommandInvocation, CommandInvocationDetail};
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
use aws_patch_manager::types::{
    AutomationExecutionId, BaselineId, Ec2Instance, EffectivePatch, InstanceInformation,
    MetadataOptions, NodeId, Patch, RouteTable, SnapshotId, Subnet, Tag, VpcEndpoint,
    WindowExecutionId, WindowId, WindowTargetId, WindowTaskId,
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use support::environment;

/// How the recordings of an operation are checked.
#[derive(Clone, Copy)]
enum Check {
    /// Read, written, and equal.
    Whole(fn(Value) -> serde_json::Result<Value>),
    /// Read, and the members of our type are as recorded; the rest of the shape does not concern
    /// patching.
    Part(fn(Value) -> serde_json::Result<Value>),
    /// Not checked, for this reason.
    NotPatching(&'static str),
}

use Check::{NotPatching, Part, Whole};

fn rewrite<T: DeserializeOwned + Serialize>(recorded: Value) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_value::<T>(recorded)?)
}

/// Declares the answers that wrap our types: the library returns their contents, not them.
macro_rules! answers {
    ($( $name:ident { $( $field:ident: $type:ty ),+ } )+) => {
        $(
            #[derive(Serialize, Deserialize)]
            #[serde(rename_all = "PascalCase")]
            struct $name {
                $( $field: $type, )+
                #[serde(skip_serializing_if = "Option::is_none")]
                next_token: Option<PageToken>,
            }
        )+
    };
}

answers! {
    DeletedBaseline { baseline_id: BaselineId }
    Baselines { baseline_identities: Vec<PatchBaselineIdentity> }
    Groups { mappings: Vec<PatchGroupMapping> }
    AvailablePatches { patches: Vec<Patch> }
    EffectivePatches { effective_patches: Vec<EffectivePatch> }
    Properties { properties: Vec<std::collections::BTreeMap<String, String>> }
    PatchStates { instance_patch_states: Vec<InstancePatchState> }
    NodePatches { patches: Vec<PatchComplianceData> }
    ComplianceItems { compliance_items: Vec<ComplianceItem> }
    ComplianceSummaries { compliance_summary_items: Vec<ComplianceSummaryItem> }
    ResourceSummaries { resource_compliance_summary_items: Vec<ResourceComplianceSummaryItem> }
    Nodes { instance_information_list: Vec<InstanceInformation> }
    SentCommand { command: Command }
    Commands { commands: Vec<Command> }
    Invocations { command_invocations: Vec<CommandInvocation> }
    TagList { tag_list: Vec<Tag> }
    SnapshotForNode { instance_id: NodeId, snapshot_id: SnapshotId, product: String, snapshot_download_url: String }
    Reservation { instances: Vec<Ec2Instance> }
    Reservations { reservations: Vec<Reservation> }
    ModifiedMetadata { instance_id: NodeId, instance_metadata_options: MetadataOptions }
    Endpoints { vpc_endpoints: Vec<VpcEndpoint> }
    Subnets { subnets: Vec<Subnet> }
    RouteTables { route_tables: Vec<RouteTable> }
    WindowOnly { window_id: WindowId }
    WindowExecutionOnly { window_execution_id: WindowExecutionId }
    WindowTargetOnly { window_target_id: WindowTargetId }
    WindowTaskOnly { window_task_id: WindowTaskId }
    TargetOfWindow { window_id: WindowId, window_target_id: WindowTargetId }
    TaskOfWindow { window_id: WindowId, window_task_id: WindowTaskId }
    Windows { window_identities: Vec<MaintenanceWindowIdentity> }
    WindowsForTarget { window_identities: Vec<MaintenanceWindowIdentityForTarget> }
    WindowSchedule { scheduled_window_executions: Vec<ScheduledWindowExecution> }
    WindowTargets { targets: Vec<MaintenanceWindowTarget> }
    WindowTasks { tasks: Vec<MaintenanceWindowTask> }
    WindowExecutions { window_executions: Vec<MaintenanceWindowExecution> }
    ExecutionTasks { window_execution_task_identities: Vec<MaintenanceWindowExecutionTaskIdentity> }
    TaskInvocations { window_execution_task_invocation_identities: Vec<MaintenanceWindowExecutionTaskInvocation> }
    Described { association_description: AssociationDescription }
    Associations { associations: Vec<Association> }
    ExecutionOnly { automation_execution_id: AutomationExecutionId }
    Execution { automation_execution: AutomationExecution }
    Executions { automation_execution_metadata_list: Vec<AutomationExecutionMetadata> }
    Steps { step_executions: Vec<StepExecution> }
    DescribedDocument { document: DocumentDescription }
    AssociationVersions { association_versions: Vec<AssociationVersionInfo> }
    AssociationExecutions { association_executions: Vec<AssociationExecution> }
    ExecutionTargets { association_execution_targets: Vec<AssociationExecutionTarget> }
    AssociationsOfNode { associations: Vec<InstanceAssociation> }
    AssociationStates { instance_association_status_infos: Vec<InstanceAssociationStatusInfo> }
}

const PATCHING: &[(&str, Check)] = &[
    ("create-patch-baseline", Whole(rewrite::<DeletedBaseline>)),
    (
        "create-patch-baseline input-file",
        Whole(rewrite::<BaselineSpec>),
    ),
    ("update-patch-baseline", Whole(rewrite::<PatchBaseline>)),
    ("get-patch-baseline", Whole(rewrite::<PatchBaseline>)),
    ("delete-patch-baseline", Whole(rewrite::<DeletedBaseline>)),
    ("describe-patch-baselines", Whole(rewrite::<Baselines>)),
    (
        "get-default-patch-baseline",
        Whole(rewrite::<DefaultPatchBaseline>),
    ),
    (
        "register-default-patch-baseline",
        Whole(rewrite::<DefaultPatchBaseline>),
    ),
    (
        "register-patch-baseline-for-patch-group",
        Whole(rewrite::<BaselineForPatchGroup>),
    ),
    (
        "deregister-patch-baseline-for-patch-group",
        Whole(rewrite::<BaselineForPatchGroup>),
    ),
    (
        "get-patch-baseline-for-patch-group",
        Whole(rewrite::<BaselineForPatchGroup>),
    ),
    ("describe-patch-groups", Whole(rewrite::<Groups>)),
    (
        "describe-patch-group-state",
        Whole(rewrite::<PatchGroupState>),
    ),
    (
        "describe-available-patches",
        Whole(rewrite::<AvailablePatches>),
    ),
    ("describe-patch-properties", Whole(rewrite::<Properties>)),
    (
        "describe-effective-patches-for-patch-baseline",
        Whole(rewrite::<EffectivePatches>),
    ),
    (
        "get-deployable-patch-snapshot-for-instance",
        Whole(rewrite::<SnapshotForNode>),
    ),
    (
        "describe-instance-patch-states",
        Whole(rewrite::<PatchStates>),
    ),
    (
        "describe-instance-patch-states-for-patch-group",
        Whole(rewrite::<PatchStates>),
    ),
    ("describe-instance-patches", Whole(rewrite::<NodePatches>)),
    (
        "describe-instance-patches projected",
        Whole(rewrite::<NodePatches>),
    ),
    ("list-compliance-items", Whole(rewrite::<ComplianceItems>)),
    (
        "list-compliance-summaries",
        Whole(rewrite::<ComplianceSummaries>),
    ),
    (
        "list-resource-compliance-summaries",
        Whole(rewrite::<ResourceSummaries>),
    ),
    ("describe-instance-information", Whole(rewrite::<Nodes>)),
    ("send-command", Whole(rewrite::<SentCommand>)),
    ("list-commands", Whole(rewrite::<Commands>)),
    ("list-command-invocations", Whole(rewrite::<Invocations>)),
    (
        "get-command-invocation",
        Whole(rewrite::<CommandInvocationDetail>),
    ),
    ("list-tags-for-resource", Whole(rewrite::<TagList>)),
    ("describe-instances", Part(rewrite::<Reservations>)),
    (
        "modify-instance-metadata-options",
        Part(rewrite::<ModifiedMetadata>),
    ),
    ("describe-vpc-endpoints", Part(rewrite::<Endpoints>)),
    ("describe-subnets", Part(rewrite::<Subnets>)),
    ("describe-route-tables", Part(rewrite::<RouteTables>)),
    ("create-maintenance-window", Whole(rewrite::<WindowOnly>)),
    (
        "update-maintenance-window",
        Whole(rewrite::<MaintenanceWindow>),
    ),
    ("delete-maintenance-window", Whole(rewrite::<WindowOnly>)),
    (
        "get-maintenance-window",
        Whole(rewrite::<MaintenanceWindow>),
    ),
    ("describe-maintenance-windows", Whole(rewrite::<Windows>)),
    (
        "describe-maintenance-windows-for-target",
        Whole(rewrite::<WindowsForTarget>),
    ),
    (
        "describe-maintenance-window-schedule",
        Whole(rewrite::<WindowSchedule>),
    ),
    (
        "describe-maintenance-window-targets",
        Whole(rewrite::<WindowTargets>),
    ),
    (
        "describe-maintenance-window-tasks",
        Whole(rewrite::<WindowTasks>),
    ),
    (
        "describe-maintenance-window-executions",
        Whole(rewrite::<WindowExecutions>),
    ),
    (
        "describe-maintenance-window-execution-tasks",
        Whole(rewrite::<ExecutionTasks>),
    ),
    (
        "describe-maintenance-window-execution-task-invocations",
        Whole(rewrite::<TaskInvocations>),
    ),
    (
        "get-maintenance-window-execution",
        Whole(rewrite::<MaintenanceWindowExecutionDetail>),
    ),
    (
        "get-maintenance-window-execution-task",
        Whole(rewrite::<MaintenanceWindowExecutionTask>),
    ),
    (
        "get-maintenance-window-execution-task-invocation",
        Whole(rewrite::<MaintenanceWindowExecutionTaskInvocation>),
    ),
    (
        "get-maintenance-window-task",
        Whole(rewrite::<MaintenanceWindowTaskDetail>),
    ),
    (
        "register-target-with-maintenance-window",
        Whole(rewrite::<WindowTargetOnly>),
    ),
    (
        "register-task-with-maintenance-window",
        Whole(rewrite::<WindowTaskOnly>),
    ),
    (
        "deregister-target-from-maintenance-window",
        Whole(rewrite::<TargetOfWindow>),
    ),
    (
        "deregister-task-from-maintenance-window",
        Whole(rewrite::<TaskOfWindow>),
    ),
    (
        "update-maintenance-window-target",
        Whole(rewrite::<MaintenanceWindowTarget>),
    ),
    (
        "update-maintenance-window-task",
        Whole(rewrite::<MaintenanceWindowTaskDetail>),
    ),
    (
        "cancel-maintenance-window-execution",
        Whole(rewrite::<WindowExecutionOnly>),
    ),
    ("create-association", Whole(rewrite::<Described>)),
    (
        "create-association-batch",
        Whole(rewrite::<CreateAssociationBatchOutput>),
    ),
    ("update-association", Whole(rewrite::<Described>)),
    ("describe-association", Whole(rewrite::<Described>)),
    ("list-associations", Whole(rewrite::<Associations>)),
    (
        "list-association-versions",
        Whole(rewrite::<AssociationVersions>),
    ),
    (
        "describe-association-executions",
        Whole(rewrite::<AssociationExecutions>),
    ),
    (
        "describe-association-execution-targets",
        Whole(rewrite::<ExecutionTargets>),
    ),
    (
        "describe-effective-instance-associations",
        Whole(rewrite::<AssociationsOfNode>),
    ),
    (
        "describe-instance-associations-status",
        Whole(rewrite::<AssociationStates>),
    ),
    (
        "start-automation-execution",
        Whole(rewrite::<ExecutionOnly>),
    ),
    ("get-automation-execution", Whole(rewrite::<Execution>)),
    (
        "describe-automation-executions",
        Whole(rewrite::<Executions>),
    ),
    (
        "describe-automation-step-executions",
        Whole(rewrite::<Steps>),
    ),
    ("get-document", Whole(rewrite::<Document>)),
    ("describe-document", Whole(rewrite::<DescribedDocument>)),
];

const NOT_PATCHING: &[(&str, Check)] = &[
    (
        "describe-tags",
        NotPatching("DescribeInstances carries the tags of EC2 instances"),
    ),
    (
        "describe-instances input-file",
        NotPatching("the filters of a command line"),
    ),
    (
        "describe-instances projected",
        NotPatching("other columns than ours"),
    ),
    (
        "describe-security-groups projected",
        NotPatching("security groups are not checked"),
    ),
    ("get-inventory", NotPatching("inventory is not read")),
    ("get-inventory-schema", NotPatching("inventory is not read")),
    (
        "list-inventory-entries",
        NotPatching("inventory is not read"),
    ),
    (
        "list-resource-data-sync",
        NotPatching("data syncs across accounts are not made"),
    ),
    (
        "get-service-setting",
        NotPatching("service settings are not read"),
    ),
    (
        "reset-service-setting",
        NotPatching("service settings are not changed"),
    ),
    (
        "describe-instance-attribute",
        NotPatching("DescribeInstances says what is needed"),
    ),
    (
        "describe-iam-instance-profile-associations",
        NotPatching("profiles are not checked"),
    ),
    (
        "describe-vpc-attribute",
        NotPatching("DNS attributes are not checked"),
    ),
    (
        "describe-security-groups",
        NotPatching("security groups are not checked"),
    ),
];

/// Members that hold an instant: written as ISO 8601, recorded in either of the service's forms.
const INSTANTS: &[&str] = &[
    "ApprovalDate",
    "CreatedDate",
    "CreatedTime",
    "Date",
    "EndTime",
    "ExecutionDate",
    "ExecutionEndTime",
    "ExecutionStartTime",
    "ExecutionTime",
    "ExpiresAfter",
    "InstalledTime",
    "LastAssociationExecutionDate",
    "LastExecutionDate",
    "LastNoRebootInstallOperationTime",
    "LastPingDateTime",
    "LastSuccessfulAssociationExecutionDate",
    "LastSuccessfulExecutionDate",
    "LastUpdateAssociationDate",
    "ModifiedDate",
    "NextExecutionTime",
    "OperationEndTime",
    "OperationStartTime",
    "RegistrationDate",
    "ReleaseDate",
    "RequestedDateTime",
    "ResponseFinishDateTime",
    "ResponseStartDateTime",
    "StartTime",
];

/// The instant in milliseconds, which is as fine as the service sends it.
fn millisecond(value: &Value) -> Option<i64> {
    match value {
        Value::Number(seconds) => Some((seconds.as_f64()? * 1000.0).round() as i64),
        Value::String(text) => Some(text.parse::<Timestamp>().ok()?.as_millisecond()),
        _ => None,
    }
}

/// Every place where two values differ, as paths.
fn differences(path: &str, recorded: &Value, written: &Value, found: &mut Vec<String>) {
    let name = path.rsplit('.').next().unwrap_or_default();
    match (recorded, written) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let of = |members: &serde_json::Map<String, Value>| members.get(key).cloned();
                let (a, b) = (of(a).unwrap_or_default(), of(b).unwrap_or_default());
                differences(&format!("{path}.{key}"), &a, &b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), a, b, found);
            }
        }
        _ if recorded == written => {}
        _ if INSTANTS.contains(&name)
            && millisecond(recorded).is_some()
            && millisecond(recorded) == millisecond(written) => {}
        _ => found.push(format!("{path}: recorded {recorded}, written {written}")),
    }
}

/// The recorded values of the members that were written; members that the type does not have are
/// dropped.
fn typed_part(recorded: &Value, written: &Value) -> Value {
    match (recorded, written) {
        (Value::Object(a), Value::Object(b)) => b
            .iter()
            .map(|(key, written)| {
                let recorded = a.get(key).unwrap_or(written);
                (key.clone(), typed_part(recorded, written))
            })
            .collect(),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).map(|(a, b)| typed_part(a, b)).collect()
        }
        _ => recorded.clone(),
    }
}

/// Wrong texts in published recordings, with their corrections.
const REPAIRS: &[(&str, &str)] = &[("-046T", "-06T")];

#[derive(Deserialize)]
struct Manifest {
    entries: Vec<Entry>,
}

/// One example of the manifest; some print nothing and have no file.
#[derive(Deserialize)]
struct Entry {
    operation: String,
    role: Option<String>,
    command: Option<String>,
    file: Option<String>,
}

impl Entry {
    /// The operation, and why this is not its plain answer.
    fn key(&self) -> String {
        let projected = self.command.as_ref().is_some_and(|c| c.contains("--query"));
        match self.role.as_deref() {
            Some("output") if projected => format!("{} projected", self.operation),
            Some("output") | None => self.operation.clone(),
            Some(role) => format!("{} {role}", self.operation),
        }
    }

    fn check(&self) -> Option<Check> {
        let key = self.key();
        let mut table = PATCHING.iter().chain(NOT_PATCHING);
        table
            .find(|(known, _)| *known == key)
            .map(|(_, check)| *check)
    }
}

/// The outcome for the files of a folder.
#[derive(Default)]
struct Tally {
    whole: usize,
    part: usize,
    others: usize,
    failures: Vec<String>,
}

impl Tally {
    fn of(folder: &Path) -> Self {
        let manifest = fs::read_to_string(folder.join("MANIFEST.json"))
            .unwrap_or_else(|error| panic!("{}/MANIFEST.json: {error}", folder.display()));
        let manifest: Manifest = serde_json::from_str(&manifest).unwrap();
        let mut tally = Self::default();
        for entry in &manifest.entries {
            if let Some(file) = &entry.file {
                tally.add(folder, file, entry);
            }
        }
        tally
    }

    fn add(&mut self, folder: &Path, file: &str, entry: &Entry) {
        let (rewrite, whole) = match entry.check() {
            Some(Whole(rewrite)) => (rewrite, true),
            Some(Part(rewrite)) => (rewrite, false),
            Some(NotPatching(reason)) => {
                println!("{file} is not read: {reason}");
                return self.others += 1;
            }
            None => return self.fail(file, format!("`{}` is in neither table", entry.key())),
        };
        let text = fs::read_to_string(folder.join(file)).unwrap();
        match self.read(file, &text, rewrite) {
            Err(error) => self.fail(file, error.to_string()),
            Ok((recorded, written)) => {
                let recorded = match whole {
                    true => recorded,
                    false => typed_part(&recorded, &written),
                };
                let mut found = Vec::new();
                differences("", &recorded, &written, &mut found);
                found.into_iter().for_each(|found| self.fail(file, found));
            }
        }
        *if whole {
            &mut self.whole
        } else {
            &mut self.part
        } += 1;
    }

    /// The recording and our type's version of it. A text known to be wrong must be refused by
    /// name, before its correction is read.
    fn read(
        &mut self,
        file: &str,
        text: &str,
        rewrite: fn(Value) -> serde_json::Result<Value>,
    ) -> serde_json::Result<(Value, Value)> {
        let mut recorded: Value = serde_json::from_str(text)?;
        for (wrong, meant) in REPAIRS.iter().filter(|(wrong, _)| text.contains(wrong)) {
            match rewrite(recorded) {
                Ok(_) => self.fail(file, format!("`{wrong}` was read")),
                Err(error) if error.to_string().contains(wrong) => {}
                Err(error) => self.fail(file, format!("`{wrong}` is not named: {error}")),
            }
            recorded = serde_json::from_str(&text.replace(wrong, meant))?;
        }
        let written = rewrite(recorded.clone())?;
        Ok((recorded, written))
    }

    fn fail(&mut self, file: &str, what: String) {
        self.failures.push(format!("{file}: {what}"));
    }

    fn assert_clean(&self, whole_at_least: usize) {
        println!(
            "{} recordings equal, {} equal in the part we type, {} not about patching",
            self.whole, self.part, self.others
        );
        assert!(self.failures.is_empty(), "{}", self.failures.join("\n"));
        assert!(self.whole >= whole_at_least, "only {} files", self.whole);
    }
}

fn own_data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

#[test]
fn our_own_answers_come_back_equal() {
    Tally::of(&own_data()).assert_clean(12);
}

#[test]
fn recorded_answers_come_back_equal() {
    if let Some(folder) = environment::path("AWS_CLI_EXAMPLES") {
        Tally::of(&folder).assert_clean(80);
    }
}

#[test]
fn an_operation_that_nobody_classified_fails() {
    let entry = Entry {
        operation: "describe-everything".to_owned(),
        role: Some("output".to_owned()),
        command: None,
        file: Some("describe-everything.json".to_owned()),
    };
    let mut tally = Tally::default();
    tally.add(&own_data(), "describe-everything.json", &entry);
    assert_eq!(
        tally.failures,
        ["describe-everything.json: `describe-everything` is in neither table"]
    );
}

#[test]
fn a_changed_value_and_a_moved_instant_are_found_and_another_spelling_of_an_instant_is_not() {
    let recorded = serde_json::json!({ "Name": "a", "CreatedDate": 1_550_244_180.465 });
    for (written, count) in [
        (
            serde_json::json!({ "Name": "a", "CreatedDate": "2019-02-15T15:23:00.465Z" }),
            0,
        ),
        (
            serde_json::json!({ "Name": "a", "CreatedDate": "2019-02-15T15:23:00.466Z" }),
            1,
        ),
        (
            serde_json::json!({ "Name": "b", "CreatedDate": 1_550_244_180.465 }),
            1,
        ),
        (serde_json::json!({ "Name": "a" }), 1),
        (
            serde_json::json!({ "Name": "a", "CreatedDate": 1_550_244_180.465, "More": 1 }),
            1,
        ),
    ] {
        let mut found = Vec::new();
        differences("", &recorded, &written, &mut found);
        assert_eq!(found.len(), count, "{written}: {found:?}");
    }
}
