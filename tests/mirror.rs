//! A mirror: an account read into memory, which continues from there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_patch_manager::backend::layer::ReadOnly;
use aws_patch_manager::backend::*;
use aws_patch_manager::memory::{FleetNode, InstalledPackage, NodeCondition};
use aws_patch_manager::plan::{
    AccountSize, MirrorPart, MirrorScope, MirrorSnapshot, MirroredNode, RecordedOutcome,
};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::{CreateAssociation, UpdateAssociation};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowTaskType, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{
    Ec2Instance, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, RebootOption, Tag, Target,
};
use aws_patch_manager::{
    BaselineBuilder, ErrorKind, MemoryBackend, PatchGroup, PatchManager, PatchRequest,
    PolicySchedule,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use support::accounts::{account, hybrid_id, hybrid_node, instances};

const WEB_1: &str = "i-0c0ffee0000000001";
const WEB_2: &str = "i-0c0ffee0000000002";

fn everything() -> MirrorScope {
    MirrorScope::new()
        .patches()
        .catalog()
        .predefined_baselines()
}

/// An account in which everything was used: settings of every kind, runs of every mechanism, and nodes
/// that are scanned, patched, waiting for a reboot, hybrid, stopped and lost.
async fn rich() -> MemoryBackend {
    let account = MemoryBackend::builder()
        .sample_fleet()
        .region("us-east-1")
        .build();
    account.add_node(
        FleetNode::windows_server_2022("i-0c0ffee0000000091")
            .with_application("Office 2016")
            .with_tag("Role", "desk")
            .with_installed(InstalledPackage::kb("KB5090011")),
    );
    account.add_node(hybrid_node(hybrid_id(7)).with_tag("Role", "edge"));
    let manager = PatchManager::from_memory(&account);
    let mut spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7)
        .build()
        .unwrap();
    spec.tags = vec![Tag::new("Team", "ops")];
    let windows = manager.ensure_baseline(&spec).await.unwrap().id;
    let spec = BaselineBuilder::amazon_linux_2023_security("prod-al2023", 3)
        .build()
        .unwrap();
    let linux = manager.ensure_baseline(&spec).await.unwrap().id;
    manager.set_default_baseline(&linux).await.unwrap();
    let group = PatchGroup::new("web").unwrap();
    manager.bind_patch_group(&group, &windows).await.unwrap();
    let nodes = [WEB_1, WEB_2].map(NodeId::new);
    manager.tag_nodes(&group, &nodes).await.unwrap();
    schedules(&account, &manager).await;
    let online: Vec<NodeId> = manager
        .list_nodes()
        .map_ok(|node| node.instance_id)
        .try_collect()
        .await
        .unwrap();
    let run = PatchRequest::scan().nodes(online);
    let run = manager.run(&run).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    let install = PatchRequest::install()
        .nodes([WEB_1])
        .reboot(RebootOption::NoReboot);
    let run = manager.run(&install).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    // Policies, associations and windows have run, and nothing is under way.
    account.advance(Duration::from_hours(30));
    account
        .set_condition(&NodeId::new(WEB_2), NodeCondition::Stopped)
        .unwrap();
    account
}

async fn schedules(account: &MemoryBackend, manager: &PatchManager) {
    let policy = PolicySchedule::daily_scan_weekly_install("production")
        .targets(PolicyTargets::Tag(Tag::new("Role", "desk")))
        .patch_policy()
        .unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let mut create = CreateMaintenanceWindow::new("nightly", "cron(0 3 * * ? *)", 3, 1);
    create.tags = Some(vec![Tag::new("Team", "ops")]);
    let window = account.create_maintenance_window(create).await.unwrap();
    let rate = CreateMaintenanceWindow::new("often", "rate(7 hours)", 2, 0);
    account.create_maintenance_window(rate).await.unwrap();
    let target = RegisterTargetWithMaintenanceWindow::nodes(
        &window,
        vec![Target::tag("Patch Group", ["web"])],
    );
    let target = account
        .register_target_with_maintenance_window(target)
        .await
        .unwrap();
    let kind = MaintenanceWindowTaskType::RunCommand;
    let mut task = RegisterTaskWithMaintenanceWindow::new(&window, kind, "AWS-RunPatchBaseline");
    task.targets = Some(vec![Target::new("WindowTargetIds", [target.as_str()])]);
    task.max_concurrency = Some(MaxConcurrency::Count(2));
    task.max_errors = Some(MaxErrors::Count(1));
    task.task_invocation_parameters =
        serde_json::from_value(json!({"RunCommand": {"Parameters": {"Operation": ["Scan"]}}}))
            .unwrap();
    account
        .register_task_with_maintenance_window(task)
        .await
        .unwrap();
    let mut create =
        CreateAssociation::new("AWS-RunPatchBaseline", vec![Target::tag("Role", ["edge"])]);
    create.association_name = Some("edge-scan".to_owned());
    create.parameters = Some(BTreeMap::from([(
        "Operation".to_owned(),
        vec!["Scan".to_owned()],
    )]));
    create.schedule_expression = Some("rate(5 hours)".to_owned());
    create.tags = Some(vec![Tag::new("Team", "ops")]);
    account.create_association(create).await.unwrap();
}

/// Every read of an account, page by page, by operation and input.
struct Reads<'a> {
    account: &'a MemoryBackend,
    answers: BTreeMap<(Operation, String), Value>,
}

impl Reads<'_> {
    /// All pages of one read as one answer; the code of an error.
    async fn read<R: Request>(&mut self, input: Value) -> Value {
        let mut next = input.clone();
        let mut all = Value::Null;
        loop {
            let request: R = serde_json::from_value(next.clone()).unwrap();
            let answer = match request.send(self.account).await {
                Ok(answer) => serde_json::to_value(&answer).unwrap(),
                Err(error) => json!(error.code()),
            };
            let token = answer.get("NextToken").cloned();
            match (all.get_mut("Items"), answer.get("Items")) {
                (Some(Value::Array(items)), Some(Value::Array(more))) => items.extend(more.clone()),
                _ => all = answer,
            }
            let Some(token) = token else { break };
            next["NextToken"] = token;
        }
        if let Some(page) = all.as_object_mut() {
            page.remove("NextToken");
        }
        self.answers
            .insert((R::OPERATION, input.to_string()), all.clone());
        all
    }

    async fn settings(&mut self) {
        let listed = self.read::<DescribePatchBaselines>(json!({})).await;
        for baseline in items(&listed) {
            let id = &baseline["BaselineId"];
            self.read::<GetPatchBaseline>(json!({ "BaselineId": id }))
                .await;
            self.read::<DescribeEffectivePatchesForPatchBaseline>(json!({ "BaselineId": id }))
                .await;
            self.tags("PatchBaseline", id).await;
        }
        self.read::<DescribePatchGroups>(json!({})).await;
        for os in OperatingSystem::KNOWN {
            self.read::<GetDefaultPatchBaseline>(json!({ "OperatingSystem": os }))
                .await;
            for group in ["web", "unknown"] {
                let input = json!({ "PatchGroup": group, "OperatingSystem": os });
                self.read::<GetPatchBaselineForPatchGroup>(input).await;
            }
            let input = json!({ "OperatingSystem": os, "Property": "PRODUCT" });
            self.read::<DescribePatchProperties>(input).await;
        }
        for product in ["WindowsServer2022", "AmazonLinux2023", "Ubuntu22.04"] {
            let filter = json!([{ "Key": "PRODUCT", "Values": [product] }]);
            self.read::<DescribeAvailablePatches>(json!({ "Filters": filter }))
                .await;
        }
        let id = "/ssm/managed-instance/default-ec2-instance-management-role";
        self.read::<GetServiceSetting>(json!({ "SettingId": id }))
            .await;
    }

    async fn tags(&mut self, kind: &str, id: &Value) {
        let input = json!({ "ResourceType": kind, "ResourceId": id });
        self.read::<ListTagsForResource>(input).await;
    }

    async fn schedules(&mut self) {
        let policies = self.read::<ListConfigurationManagers>(json!({})).await;
        for policy in items(&policies) {
            self.read::<GetConfigurationManager>(json!({ "ManagerArn": policy["Arn"] }))
                .await;
        }
        let windows = self.read::<DescribeMaintenanceWindows>(json!({})).await;
        self.read::<DescribeMaintenanceWindowSchedule>(json!({ "MaxResults": 40 }))
            .await;
        for window in items(&windows) {
            let id = json!({ "WindowId": window["WindowId"] });
            self.read::<GetMaintenanceWindow>(id.clone()).await;
            self.read::<DescribeMaintenanceWindowTargets>(id.clone())
                .await;
            let tasks = self
                .read::<DescribeMaintenanceWindowTasks>(id.clone())
                .await;
            for task in items(&tasks) {
                let mut id = id.clone();
                id["WindowTaskId"] = task["WindowTaskId"].clone();
                self.read::<GetMaintenanceWindowTask>(id).await;
            }
            self.tags("MaintenanceWindow", &window["WindowId"]).await;
        }
        let associations = self.read::<ListAssociations>(json!({})).await;
        for association in items(&associations) {
            let id = &association["AssociationId"];
            self.read::<DescribeAssociation>(json!({ "AssociationId": id }))
                .await;
            self.read::<ListAssociationVersions>(json!({ "AssociationId": id }))
                .await;
            self.tags("Association", id).await;
        }
    }

    async fn nodes(&mut self) {
        self.read::<DescribeInstanceProperties>(json!({})).await;
        self.read::<DescribeInstances>(json!({})).await;
        self.read::<DescribeTags>(json!({})).await;
        self.read::<DescribePatchGroupState>(json!({ "PatchGroup": "web" }))
            .await;
        let input = json!({ "PatchGroup": "web" });
        self.read::<DescribeInstancePatchStatesForPatchGroup>(input)
            .await;
        let patches = json!([{ "Key": "ComplianceType", "Values": ["Patch"], "Type": "EQUAL" }]);
        let filters = json!({ "Filters": patches });
        self.read::<ListComplianceSummaries>(filters.clone()).await;
        self.read::<ListResourceComplianceSummaries>(filters.clone())
            .await;
        let nodes = self.read::<DescribeInstanceInformation>(json!({})).await;
        for node in items(&nodes) {
            let id = &node["InstanceId"];
            self.tags("ManagedInstance", id).await;
            self.read::<DescribeInstancePatches>(json!({ "InstanceId": id }))
                .await;
            self.read::<DescribeInstancePatchStates>(json!({ "InstanceIds": [id] }))
                .await;
            let input = json!({ "InstanceId": id });
            self.read::<DescribeEffectiveInstanceAssociations>(input)
                .await;
            let targets = json!([{ "Key": "InstanceIds", "Values": [id] }]);
            let input = json!({ "Targets": targets, "ResourceType": "INSTANCE" });
            self.read::<DescribeMaintenanceWindowsForTarget>(input)
                .await;
            let input = json!({ "ResourceIds": [id], "Filters": patches });
            self.read::<ListComplianceItems>(input).await;
        }
    }
}

fn items(answer: &Value) -> Vec<Value> {
    answer["Items"].as_array().cloned().unwrap_or_default()
}

/// Reads of what a snapshot does not have: past runs, where policies are deployed, the network and the
/// roles.
const NOT_MIRRORED: [Operation; 31] = [
    Operation::AssumeRole,
    Operation::DescribeAssociationExecutionTargets,
    Operation::DescribeAssociationExecutions,
    Operation::DescribeAutomationExecutions,
    Operation::DescribeAutomationStepExecutions,
    Operation::DescribeDocument,
    Operation::DescribeDocumentPermission,
    Operation::DescribeInstanceAssociationsStatus,
    Operation::DescribeMaintenanceWindowExecutionTaskInvocations,
    Operation::DescribeMaintenanceWindowExecutionTasks,
    Operation::DescribeMaintenanceWindowExecutions,
    Operation::DescribeRouteTables,
    Operation::DescribeSecurityGroups,
    Operation::DescribeSubnets,
    Operation::DescribeVpcAttribute,
    Operation::DescribeVpcEndpoints,
    Operation::GetAutomationExecution,
    Operation::GetCommandInvocation,
    Operation::GetConfiguration,
    Operation::GetDocument,
    Operation::GetInstanceProfile,
    Operation::GetMaintenanceWindowExecution,
    Operation::GetMaintenanceWindowExecutionTask,
    Operation::GetMaintenanceWindowExecutionTaskInvocation,
    Operation::ListCommandInvocations,
    Operation::ListCommands,
    Operation::ListConfigurations,
    Operation::ListDocuments,
    Operation::ListNodes,
    Operation::ListNodesSummary,
    Operation::ListResourceDataSync,
];

async fn reads(account: &MemoryBackend) -> BTreeMap<(Operation, String), Value> {
    let answers = BTreeMap::new();
    let mut reads = Reads { account, answers };
    reads.settings().await;
    reads.schedules().await;
    reads.nodes().await;
    for ((operation, _), answer) in &mut reads.answers {
        forget(*operation, answer);
    }
    reads.answers
}

/// Takes out what a mirror does not have: patches of products that are not in the fleet, what
/// DescribeInstanceProperties does not say of a node, the id of the run that reported, and updates that do
/// not apply and of which only the number is known.
fn forget(operation: Operation, answer: &mut Value) {
    let Some(items) = answer.get_mut("Items").and_then(Value::as_array_mut) else {
        return;
    };
    if operation == Operation::DescribeInstancePatches {
        items.retain(|patch| patch["State"] != "NotApplicable");
    }
    if operation == Operation::DescribeEffectivePatchesForPatchBaseline {
        items.retain(|effective| effective["Patch"]["Product"] == "WindowsServer2022");
    }
    for item in items {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        match operation {
            Operation::DescribeInstanceInformation => {
                item.remove("IPAddress");
                item.remove("IsLatestVersion");
            }
            Operation::ListComplianceItems | Operation::ListResourceComplianceSummaries => {
                if let Some(run) = item
                    .get_mut("ExecutionSummary")
                    .and_then(Value::as_object_mut)
                {
                    run.remove("ExecutionId");
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_mirror_answers_every_read_as_the_account_does() {
    let mut read = BTreeSet::new();
    for account in [MemoryBackend::sample(), rich().await] {
        let manager = PatchManager::from_memory(&account);
        let mirror = MemoryBackend::mirror(&manager, &everything())
            .await
            .unwrap();
        assert_eq!(mirror.clock().now(), account.clock().now());
        let (expected, found) = (reads(&account).await, reads(&mirror).await);
        let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
        for key in keys {
            assert_eq!(found.get(key), expected.get(key), "{key:?}");
        }
        read.extend(expected.keys().map(|(operation, _)| *operation));
    }
    for operation in Operation::ALL
        .iter()
        .filter(|one| one.access() == Access::Read)
    {
        let is_compared = read.contains(operation);
        assert_ne!(is_compared, NOT_MIRRORED.contains(operation), "{operation}");
    }
}

#[tokio::test]
async fn a_snapshot_reads_back_from_json_as_it_was() {
    let manager = PatchManager::from_memory(&rich().await);
    let snapshot = manager.mirror_snapshot(&everything()).await.unwrap();
    let json = serde_json::to_string(&snapshot).unwrap();
    let read: MirrorSnapshot = serde_json::from_str(&json).unwrap();
    assert_eq!(read, snapshot);
    assert_eq!(MirrorSnapshot::from_json(&json).unwrap(), snapshot);
    assert!(snapshot.is_complete(), "{:?}", snapshot.unread);
    assert_eq!(snapshot.region.as_deref(), Some("us-east-1"));
    assert_eq!(snapshot.account.as_deref(), Some("123456789012"));
    // Nothing of the rich account is left out.
    let of_policy = snapshot.associations.iter();
    assert_eq!(of_policy.filter(|one| one.policy.is_some()).count(), 2);
    assert_eq!((snapshot.windows.len(), snapshot.policies.len()), (2, 1));
    let patched = snapshot
        .nodes
        .iter()
        .filter_map(|node| node.patches.as_ref());
    assert!(patched.map(Vec::len).sum::<usize>() > 40);
}

/// Nothing runs because an account is mirrored: schedules fire next when they would have.
#[tokio::test]
async fn a_mirror_runs_nothing_until_its_clock_is_turned() {
    let account = rich().await;
    let manager = PatchManager::from_memory(&account);
    let mirror = MemoryBackend::mirror(&manager, &everything())
        .await
        .unwrap();
    let commands = async |of: &MemoryBackend| {
        let listing = PatchManager::from_memory(of).list_commands();
        listing.try_collect::<Vec<_>>().await.unwrap()
    };
    assert_eq!(commands(&mirror).await, []);
    let before = commands(&account).await.len();
    for of in [&account, &mirror] {
        of.advance(Duration::from_hours(3 * 24));
    }
    let (there, here) = (commands(&account).await, commands(&mirror).await);
    assert!(here.len() > 10, "{}", here.len());
    let requested = |commands: &[aws_patch_manager::operation::Command]| {
        let requested = commands
            .iter()
            .map(|one| (one.requested_date_time, one.comment.clone()));
        requested.collect::<Vec<_>>()
    };
    assert_eq!(requested(&here), requested(&there[..there.len() - before]));
}

/// What may not be read, or the backend does not have, is named, and all the rest is read.
#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_rest_is_read() {
    use MirrorPart::*;
    let cases = [
        (Operation::DescribePatchBaselines, Baselines),
        (Operation::GetPatchBaseline, Baselines),
        (Operation::DescribePatchGroups, PatchGroups),
        (Operation::ListConfigurationManagers, Policies),
        (Operation::DescribeMaintenanceWindows, Windows),
        (Operation::GetMaintenanceWindow, Windows),
        (Operation::DescribeMaintenanceWindowTargets, Windows),
        (Operation::DescribeMaintenanceWindowTasks, Windows),
        (Operation::GetMaintenanceWindowTask, Windows),
        (Operation::ListAssociations, Associations),
        (Operation::DescribeAssociation, Associations),
        (Operation::DescribeInstances, Instances),
        (Operation::ListTagsForResource, Tags),
        (Operation::DescribeInstancePatchStates, Patches),
        (Operation::DescribeInstancePatches, Patches),
        (Operation::DescribeAvailablePatches, Catalog),
    ];
    let account = rich().await;
    let manager = PatchManager::from_memory(&account);
    let whole = manager.mirror_snapshot(&everything()).await.unwrap();
    for (operation, part) in cases {
        for kind in [ErrorKind::AccessDenied, ErrorKind::Unsupported] {
            let faults = account.faults();
            faults
                .fail(operation, kind, "AccessDeniedException", "not for you")
                .always();
            let snapshot = manager.mirror_snapshot(&everything()).await.unwrap();
            account.faults().clear();
            assert!(!snapshot.unread.is_empty(), "{operation}");
            for unread in &snapshot.unread {
                assert_eq!(
                    (unread.part, unread.kind),
                    (part, kind),
                    "{operation}: {unread}"
                );
                assert!(unread.to_string().contains("not for you"), "{unread}");
            }
            let others = |of: &MirrorSnapshot| {
                let mut of = serde_json::to_value(of).unwrap();
                let lost: &[&str] = match part {
                    Baselines => &["Baselines", "PredefinedBaselines", "BaselineListing"],
                    PatchGroups => &["PatchGroups"],
                    Policies => &["Policies", "Associations"],
                    Windows => &["Windows"],
                    Associations => &["Associations"],
                    Tags => &["Baselines", "Windows", "Associations", "Nodes"],
                    Catalog => &["Catalog"],
                    _ => &["Nodes", "Catalog", "Account"],
                };
                for member in lost.iter().chain(&["Unread"]) {
                    of.as_object_mut().unwrap().remove(*member);
                }
                of
            };
            assert_eq!(others(&snapshot), others(&whole), "{operation}");
            // It can be mirrored all the same.
            MemoryBackend::from_snapshot(&snapshot).advance(Duration::from_hours(24));
        }
    }
}

/// Without DescribeInstanceProperties the nodes are read by the listing of 50 a page, which has none that is
/// stopped.
#[tokio::test]
async fn nodes_are_read_without_their_properties_too() {
    let account = rich().await;
    let manager = PatchManager::from_memory(&account);
    let whole = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    let calls = Operation::DescribeInstanceProperties;
    let denied = ErrorKind::AccessDenied;
    account
        .faults()
        .fail(calls, denied, "AccessDeniedException", "")
        .always();
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    assert!(snapshot.is_complete());
    assert_eq!(snapshot.nodes.len(), whole.nodes.len());
    let is_stopped = |node: &MirroredNode| {
        let instance = node.instance.as_ref();
        instance.is_some_and(Ec2Instance::is_stopped)
    };
    let managed = |of: &MirrorSnapshot| {
        let managed = of.nodes.iter().filter(|node| node.information.is_some());
        let managed = managed.filter(|node| !is_stopped(node));
        managed.map(|node| node.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(managed(&snapshot), managed(&whole));
}

/// Throttling, a lost connection and bad credentials end the reading: a snapshot that lacks what the next
/// attempt would have had is worse than none.
#[tokio::test]
async fn an_error_that_may_pass_ends_the_reading() {
    let account = rich().await;
    let manager = PatchManager::from_memory(&account);
    for operation in [
        Operation::GetPatchBaseline,
        Operation::DescribeInstanceProperties,
    ] {
        account.faults().throttle(operation);
        let read = manager.mirror_snapshot(&everything()).await;
        assert!(read.is_err_and(|error| error.is_throttled()), "{operation}");
    }
    // One node's patches are a small part of a large fleet: they are noted.
    account
        .faults()
        .throttle(Operation::DescribeInstancePatches);
    let snapshot = manager.mirror_snapshot(&everything()).await.unwrap();
    let [unread] = snapshot.unread.as_slice() else {
        panic!("{:?}", snapshot.unread)
    };
    assert_eq!(
        (unread.part, unread.kind),
        (MirrorPart::Patches, ErrorKind::Throttled)
    );
    assert!(unread.resource.as_ref().unwrap().starts_with("i-"));
}

async fn calls_of(
    account: &MemoryBackend,
    scope: &MirrorScope,
) -> (MirrorSnapshot, Vec<(Operation, usize)>) {
    account.clear_calls();
    let manager = PatchManager::from_memory(account);
    let snapshot = manager.mirror_snapshot(scope).await.unwrap();
    let counted = Operation::ALL
        .iter()
        .map(|one| (*one, account.call_count(*one)));
    (snapshot, counted.filter(|(_, calls)| *calls > 0).collect())
}

#[tokio::test]
async fn the_plan_counts_the_calls_for_any_number_of_nodes() {
    for nodes in [0, 1, 50, 51, 1_000, 1_001, 10_000] {
        let (account, _) = account(instances(nodes));
        let scope = MirrorScope::new();
        let (_, calls) = calls_of(&account, &scope).await;
        let plan = scope.explain(&AccountSize::of_nodes(nodes));
        let total: usize = calls.iter().map(|(_, calls)| calls).sum();
        for (operation, counted) in &calls {
            assert_eq!(
                plan.calls_of(*operation),
                *counted,
                "{operation}, {nodes} nodes"
            );
        }
        assert_eq!(plan.calls(), total, "{nodes} nodes: {calls:?}\n{plan}");
        let of_nodes = 2 * nodes.div_ceil(1_000).max(1);
        assert!(total <= of_nodes + 25, "{total} calls for {nodes} nodes");
    }
}

#[tokio::test]
async fn the_plan_counts_the_calls_for_everything() {
    let rich = rich().await;
    let scopes = [
        everything(),
        MirrorScope::new(),
        MirrorScope::new().patches(),
        MirrorScope::new().nodes(false),
        MirrorScope::new()
            .policies(false)
            .windows(false)
            .associations(false),
    ];
    for scope in scopes {
        let (snapshot, calls) = calls_of(&rich, &scope).await;
        let plan = scope.explain(&AccountSize::of(&snapshot));
        let planned = Operation::ALL.iter().map(|one| (*one, plan.calls_of(*one)));
        let planned: Vec<_> = planned.filter(|(_, calls)| *calls > 0).collect();
        assert_eq!(planned, calls, "{scope:?}\n{plan}");
        for (operation, _) in calls {
            let actions = operation.iam_actions();
            assert!(
                actions.iter().all(|one| plan.iam_actions.contains(one)),
                "{operation}"
            );
        }
    }
}

#[tokio::test]
async fn a_plan_prints_its_calls_with_their_reasons_and_the_actions() {
    let printed = MirrorScope::new()
        .explain(&AccountSize::of_nodes(10_000))
        .to_string();
    for line in [
        "40 calls for 10000 nodes",
        "    10  DescribeInstanceProperties, one after the other: the managed nodes, 1,000 a page",
        "    15  GetPatchBaseline, 16 at a time: your own baselines, and those of AWS that are in use",
        "ssm:DescribeInstanceProperties",
        "ec2:DescribeInstances",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
}

/// Every verb that writes answers in a dry run as it would, and the account does not change.
#[tokio::test]
async fn a_dry_run_writes_to_its_mirror_only_and_records_what_it_writes() {
    let account = rich().await;
    let before = reads(&account).await;
    account.clear_calls();
    let manager = PatchManager::from_memory(&account).layer(ReadOnly::new());
    let dry = manager.dry_run_with(&everything()).await.unwrap();
    let verbs = dry.manager();
    let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 14)
        .build()
        .unwrap();
    let changed = verbs.ensure_baseline(&spec).await.unwrap();
    let spec = BaselineBuilder::ubuntu_security("build-machines")
        .build()
        .unwrap();
    let new = verbs.ensure_baseline(&spec).await.unwrap();
    assert_ne!(changed.id, new.id);
    let group = PatchGroup::new("build").unwrap();
    verbs.bind_patch_group(&group, &new.id).await.unwrap();
    let taken = verbs
        .bind_patch_group(&PatchGroup::new("web").unwrap(), &new.id)
        .await;
    taken.unwrap();
    verbs
        .tag_nodes(&group, &[NodeId::new(WEB_1)])
        .await
        .unwrap();
    let policy = PolicySchedule::daily_scan_weekly_install("second")
        .patch_policy()
        .unwrap();
    let arn = verbs.ensure_policy(&policy).await.unwrap().arn;
    verbs
        .wait_for_policy(&arn, Duration::from_secs(600))
        .await
        .unwrap();
    let refused = verbs.delete_baseline(&changed.id).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InUse);
    let run = verbs
        .run(&PatchRequest::install().nodes([WEB_1]))
        .await
        .unwrap();
    let outcome = run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    assert!(outcome.is_success(), "{outcome}");
    let recorded = dry.recorded();
    let made: Vec<String> = recorded
        .iter()
        .map(|call| call.operation.to_string())
        .collect();
    let expected = [
        "UpdatePatchBaseline",
        "CreatePatchBaseline",
        "RegisterPatchBaselineForPatchGroup",
        "RegisterPatchBaselineForPatchGroup",
        "CreateTags",
        "CreateConfigurationManager",
        "DeletePatchBaseline",
        "SendCommand",
    ];
    assert_eq!(made, expected);
    assert_eq!(recorded[1].request["Name"], "build-machines");
    let RecordedOutcome::Answered(answer) = &recorded[1].outcome else {
        panic!("{recorded:?}")
    };
    assert_eq!(answer["BaselineId"], new.id.as_str());
    let RecordedOutcome::Failed { kind, .. } = &recorded[6].outcome else {
        panic!("{recorded:?}")
    };
    assert_eq!(*kind, ErrorKind::InUse);
    assert!(
        account
            .calls()
            .iter()
            .all(|call| call.access() == Access::Read)
    );
    assert_eq!(reads(&account).await, before);
}

/// A predefined baseline that was not read in full has the rules that memory knows by its name, under the
/// id that the account lists.
#[tokio::test]
async fn an_unread_baseline_of_aws_keeps_its_id() {
    let account = MemoryBackend::builder().region("eu-south-2").build();
    let manager = PatchManager::from_memory(&account);
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    assert!(snapshot.predefined_baselines.len() < snapshot.baseline_listing.len());
    let mirror = PatchManager::from_memory(&MemoryBackend::from_snapshot(&snapshot));
    for listed in &snapshot.baseline_listing {
        let id = listed.baseline_id.as_ref().unwrap();
        let (here, there) = (
            mirror.baseline(id).await.unwrap(),
            manager.baseline(id).await.unwrap(),
        );
        assert_eq!(here.approval_rules, there.approval_rules, "{id}");
    }
}

/// A patch that the catalog lists for a node's product, and the node's scan should have found and has not,
/// does not apply to the node: a scan in the mirror does not find it either.
#[tokio::test]
async fn a_scan_in_a_mirror_finds_what_the_account_found() {
    let account = rich().await;
    let manager = PatchManager::from_memory(&account);
    let mut snapshot = manager.mirror_snapshot(&everything()).await.unwrap();
    let node = snapshot
        .nodes
        .iter_mut()
        .find(|node| node.id.as_str() == "i-0c0ffee0000000091");
    let node = node.unwrap();
    let patches = node.patches.as_mut().unwrap();
    let missing = patches
        .iter()
        .position(|patch| patch.state.is_non_compliant())
        .unwrap();
    let dropped = patches.remove(missing).kb_id;
    let id = node.id.clone();
    let mirror = MemoryBackend::from_snapshot(&snapshot);
    let verbs = PatchManager::from_memory(&mirror);
    let run = verbs
        .run(&PatchRequest::scan().nodes([id.clone()]))
        .await
        .unwrap();
    run.wait(Duration::from_secs(3600)).await.unwrap();
    let found: Vec<_> = verbs.node_patches(&id, &[]).try_collect().await.unwrap();
    assert!(
        found.iter().all(|patch| patch.kb_id != dropped),
        "{dropped} came back"
    );
    let others = snapshot.nodes.iter().find(|node| node.id == id).unwrap();
    for told in others
        .patches
        .iter()
        .flatten()
        .filter(|one| one.state.is_non_compliant())
    {
        assert!(
            found.iter().any(|one| one.kb_id == told.kb_id),
            "{} is lost",
            told.kb_id
        );
    }
}

/// The ids of a mirror do not change with the release of Rust that compiles it.
#[tokio::test]
async fn a_snapshot_gives_the_same_ids_everywhere() {
    let mut snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse().unwrap());
    snapshot.account = Some("123456789012".to_owned());
    let mirror = MemoryBackend::from_snapshot(&snapshot);
    let spec = BaselineBuilder::ubuntu_security("ubuntu").build().unwrap();
    let id = PatchManager::from_memory(&mirror)
        .create_baseline(&spec)
        .await
        .unwrap();
    assert_eq!(id.as_str(), "pb-131d446ac7598b1b7");
}

/// A file may have any version, and the next one is beyond what a number can say.
#[tokio::test]
async fn an_association_of_the_greatest_version_takes_no_other() {
    let mut snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse().unwrap());
    let mut association = json!({
        "AssociationId": "5f1d6a3e-0c4e-41f7-9b77-b0a2d9000001",
        "Name": "AWS-RunPatchBaseline",
        "Targets": [{ "Key": "InstanceIds", "Values": ["*"] }],
        "Parameters": { "Operation": ["Scan"] },
    });
    let update: UpdateAssociation = serde_json::from_value(association.clone()).unwrap();
    association["AssociationVersion"] = json!(usize::MAX.to_string());
    let association = serde_json::from_value(json!({ "Association": association }));
    snapshot.associations = vec![association.unwrap()];
    let mirror = MemoryBackend::from_snapshot(&snapshot);
    let error = mirror.update_association(update).await.unwrap_err();
    let code = error.code();
    assert_eq!(code, Some("AssociationVersionLimitExceeded"), "{error}");
}
