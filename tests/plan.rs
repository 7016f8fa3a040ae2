//! Plans: what has to change is read off the verbs, applying a plan makes it so, and nothing else is
//! touched.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{Access, Operation, ResourceTypeForTagging};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::plan::{
    ApplyEvent, DesiredNodes, DesiredState, MirrorScope, OWNER_TAG, Plan, PlanOptions,
    PlannedAction, PlannedStep, ResourceKind,
};
use aws_patch_manager::types::{CompletedStep, Difference, OperatingSystem, Tag, Target, WindowId};
use aws_patch_manager::{
    BaselineBuilder, ErrorKind, MemoryBackend, PatchGroup, PatchManager, PolicySchedule,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::accounts::{account, association, instances, node_id, sample, web};
use support::plans::{STATE, applied, content, made, planned, pruned, refused, state};

const EXAMPLE: &str = include_str!("../examples/plan_fleet/fleet.json");

fn example() -> DesiredState {
    DesiredState::from_json(EXAMPLE).unwrap()
}

fn baseline(os: &str, approved: &[&str]) -> Value {
    json!({"Name": "prod", "OperatingSystem": os, "ApprovedPatches": approved})
}

fn baselines(os: &str, approved: &[&str]) -> DesiredState {
    state(json!({"Baselines": [baseline(os, approved)]}))
}

fn step<'p>(plan: &'p Plan, kind: ResourceKind, name: &str) -> &'p PlannedStep {
    let mut steps = plan.steps.iter();
    let found = steps.find(|step| step.resource.kind == kind && step.resource.name == name);
    found.unwrap_or_else(|| panic!("no step for {kind} {name} in\n{plan}"))
}

fn texts(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(ToString::to_string).collect()
}

fn operations(step: &PlannedStep) -> Vec<&'static str> {
    step.calls
        .iter()
        .map(|call| call.operation.as_str())
        .collect()
}

#[tokio::test]
async fn the_example_is_planned_applied_and_then_has_no_changes() {
    let (account, manager) = sample();
    let plan = planned(&manager, &example()).await;
    assert!(plan.is_complete() && !plan.is_empty());
    let events = applied(&manager, &plan).await;
    assert_eq!(events.len(), 2 * plan.changes().count());
    let again = planned(&manager, &example()).await;
    assert!(again.is_empty(), "{again}");
    assert_eq!(again.summary(), "No changes; 10 unchanged.");
    // Its policy selects two baselines, and the adapter for AWS adds the others.
    assert_eq!(again.warnings, plan.warnings);
    let warned = again.to_string();
    assert!(
        warned.contains("Warning: patch policy production: production selects no baseline for")
    );
    let nodes: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    let mut grouped = 0;
    for node in nodes {
        let tags = manager.node_tags(&node.instance_id).await.unwrap();
        grouped += usize::from(tags.contains(&Tag::new("Maintenance", "sunday")));
    }
    assert_eq!(grouped, 3);
    drop(account);
}

#[tokio::test]
async fn making_a_plan_writes_nothing() {
    let (account, manager) = sample();
    let before = content(&manager).await;
    account.clear_calls();
    planned(&manager, &example()).await;
    manager.plan_destroy(&example()).await.unwrap();
    manager.drift(&example(), PlanOptions::new()).await.unwrap();
    let calls = account.calls();
    assert!(
        calls.iter().all(|call| call.access() == Access::Read),
        "{calls:?}"
    );
    assert_eq!(content(&manager).await, before);
}

#[tokio::test]
async fn an_invalid_state_is_refused_before_any_call() {
    let (account, manager) = sample();
    let mut desired = example();
    desired
        .defaults
        .insert("UBUNTU".to_owned(), "prod-ubuntu".into());
    let refused = manager
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.violations()[0].field, "Defaults.UBUNTU");
    manager.plan_destroy(&desired).await.unwrap_err();
    manager
        .drift(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(account.calls(), [] as [Operation; 0]);
}

#[tokio::test]
async fn what_is_created_has_the_tag_of_its_owner_and_what_is_not_tagged_has_none() {
    let (_, manager) = sample();
    made(&manager, &example()).await;
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    let owner = Tag::new(OWNER_TAG, STATE);
    assert!(
        snapshot
            .baselines
            .iter()
            .all(|own| own.tags.contains(&owner))
    );
    assert!(snapshot.windows.iter().all(|own| own.tags.contains(&owner)));
    let mut own = snapshot
        .associations
        .iter()
        .filter(|own| own.policy.is_none());
    assert!(own.all(|own| own.tags.contains(&owner)));
    assert_eq!(snapshot.baselines.len(), 2);
}

#[tokio::test]
async fn steps_come_in_the_order_of_what_refers_to_what_with_their_calls_and_actions() {
    let (_, manager) = sample();
    let plan = planned(&manager, &example()).await;
    let kinds: Vec<ResourceKind> = plan.steps.iter().map(|step| step.resource.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");

    let created = step(&plan, ResourceKind::Baseline, "prod-windows");
    assert_eq!(created.action, PlannedAction::Create);
    assert_eq!(
        (created.id.as_ref(), operations(created)),
        (None, vec!["CreatePatchBaseline"])
    );
    let request = &created.calls[0].request;
    assert_eq!(request["Name"], "prod-windows");
    assert_eq!(request.get("ClientToken"), None);
    let actions: Vec<&str> = created.iam_actions.iter().map(String::as_str).collect();
    assert_eq!(
        actions,
        ["ssm:CreatePatchBaseline", "ssm:DescribePatchBaselines"]
    );

    let default = step(&plan, ResourceKind::DefaultBaseline, "");
    assert_eq!(operations(default), ["RegisterDefaultPatchBaseline"]);
    let id = &default.calls[0].request["BaselineId"];
    assert_eq!(id, "(id of baseline prod-al2023)");
    assert!(
        default.differences[0]
            .after
            .contains("(id of baseline prod-al2023)")
    );

    let window = step(&plan, ResourceKind::MaintenanceWindow, "web-install");
    assert_eq!(
        operations(window),
        [
            "CreateMaintenanceWindow",
            "RegisterTargetWithMaintenanceWindow",
            "RegisterTaskWithMaintenanceWindow"
        ]
    );
    let targets = &window.calls[2].request["Targets"][0];
    assert_eq!(targets["Values"], json!(["(id of target web)"]));
    let made_up = serde_json::to_string(&plan.steps).unwrap();
    assert!(!made_up.contains("\"mw-"), "{made_up}");
}

#[tokio::test]
async fn a_difference_is_named_member_by_member_and_only_that_is_written() {
    let (account, manager) = sample();
    let mut desired = example();
    made(&manager, &desired).await;
    desired.baselines[0].rejected_patches = vec!["openssl".to_owned()];
    desired.baselines[0].tags[0].value = "web".to_owned();
    desired.patch_policies[0].max_errors = "5%".parse().unwrap();
    desired.maintenance_windows[0].window.cutoff = Some(2);
    desired.maintenance_windows[0].tasks[0].task.priority = Some(7);
    desired.associations[0].schedule_expression = Some("rate(2 days)".to_owned());
    desired.nodes[0].tags[0].value = "monday".to_owned();

    let plan = planned(&manager, &desired).await;
    for (kind, name, expected) in [
        (
            ResourceKind::Baseline,
            "prod-al2023",
            vec![
                r#"RejectedPatches: ["kernel-livepatch*"] -> ["openssl"]"#,
                "Tags.Team: platform -> web",
            ],
        ),
        (
            ResourceKind::PatchPolicy,
            "production",
            vec![r#"MaxErrors: "2%" -> "5%""#],
        ),
        (
            ResourceKind::MaintenanceWindow,
            "web-install",
            vec!["Cutoff: 1 -> 2", "Tasks.install.Priority: 1 -> 7"],
        ),
        (
            ResourceKind::Association,
            "build-scan",
            vec![r#"ScheduleExpression: "rate(1 day)" -> "rate(2 days)""#],
        ),
    ] {
        let step = step(&plan, kind, name);
        assert_eq!(step.action, PlannedAction::Update, "{step}");
        assert_eq!(texts(&step.differences), expected);
    }
    let nodes = plan
        .changes()
        .find(|step| step.resource.kind == ResourceKind::Nodes);
    assert_eq!(
        texts(&nodes.unwrap().differences[..1]),
        ["i-0c0ffee0000000001.Maintenance: sunday -> monday"]
    );
    assert_eq!(plan.changes().count(), 5);

    account.clear_calls();
    applied(&manager, &plan).await;
    let calls = account.calls();
    let writes = calls.iter().filter(|call| call.access() == Access::Write);
    let mut writes: Vec<&str> = writes.map(|call| call.as_str()).collect();
    writes.sort_unstable();
    assert_eq!(
        writes,
        [
            "AddTagsToResource",
            "CreateTags",
            "CreateTags",
            "CreateTags",
            "UpdateAssociation",
            "UpdateConfigurationDefinition",
            "UpdateMaintenanceWindow",
            "UpdateMaintenanceWindowTask",
            "UpdatePatchBaseline",
        ]
    );
    assert!(planned(&manager, &desired).await.is_empty());
}

#[tokio::test]
async fn what_belongs_to_nobody_is_used_as_it_is_and_adopted_when_it_changes_or_if_asked() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::new("prod", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    let id = manager
        .ensure_baseline(&spec.build().unwrap())
        .await
        .unwrap()
        .id;
    let same = baselines("UBUNTU", &["curl"]);
    let plan = planned(&manager, &same).await;
    assert!(plan.is_empty(), "{plan}");
    assert_eq!(plan.steps[0].id.as_deref(), Some(id.as_str()));

    let adopt = PlanOptions::new().adopt(true);
    let plan = manager.plan(&same, adopt).await.unwrap();
    assert_eq!(plan.steps[0].action, PlannedAction::Adopt);
    assert_eq!(operations(&plan.steps[0]), ["AddTagsToResource"]);

    let changed = baselines("UBUNTU", &["openssl"]);
    let plan = planned(&manager, &changed).await;
    assert_eq!(plan.steps[0].action, PlannedAction::Adopt);
    assert_eq!(
        texts(&plan.steps[0].differences),
        [
            r#"ApprovedPatches: ["curl"] -> ["openssl"]"#,
            "Tags.aws-patch-manager/owner: none -> web-fleet"
        ]
    );
    applied(&manager, &plan).await;
    let plan = planned(&manager, &same).await;
    assert_eq!(
        plan.steps[0].action,
        PlannedAction::Update,
        "it is the state's own now"
    );
    let listed: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let named = listed
        .iter()
        .filter(|one| one.baseline_name.as_deref() == Some("prod"));
    assert_eq!(named.count(), 1);
}

#[tokio::test]
async fn several_of_one_name_are_ambiguous() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::new("prod", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    let spec = spec.build().unwrap();
    manager.create_baseline(&spec).await.unwrap();
    manager.create_baseline(&spec).await.unwrap();
    let desired = baselines("UBUNTU", &["curl"]);
    let plan = manager.plan(&desired, PlanOptions::new());
    assert_eq!(plan.await.unwrap_err().kind(), ErrorKind::Ambiguous);
    // One of the same name for another system is another baseline.
    let plan = planned(&manager, &baselines("DEBIAN", &["curl"])).await;
    assert_eq!(plan.steps[0].action, PlannedAction::Create);
}

#[tokio::test]
async fn what_belongs_to_another_state_is_not_changed() {
    let (_, manager) = sample();
    let mut other = example();
    other.name = "other".to_owned();
    made(&manager, &other).await;
    let before = content(&manager).await;
    // What is as desired can be used.
    assert!(planned(&manager, &example()).await.is_empty());
    let mut desired = example();
    desired.baselines[0].rejected_patches.clear();
    let refused = manager
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert!(refused.to_string().contains("`other`"), "{refused}");
    assert!(
        refused.resource().unwrap().contains("prod-al2023"),
        "{refused}"
    );

    let plan = pruned(&manager, &DesiredState::new(STATE)).await;
    assert!(plan.is_empty(), "{plan}");
    let plan = manager
        .plan_destroy(&DesiredState::new(STATE))
        .await
        .unwrap();
    assert!(plan.is_empty(), "{plan}");
    assert_eq!(content(&manager).await, before);
}

#[tokio::test]
async fn another_operating_system_of_an_own_baseline_replaces_it() {
    let (_, manager) = sample();
    let with = |os: &str| {
        let default = if os == "UBUNTU" {
            json!({"UBUNTU": "prod"})
        } else {
            json!({})
        };
        state(json!({
            "Baselines": [baseline(os, &["curl"])],
            "PatchGroups": {"web": {os: "prod"}},
            "Defaults": default
        }))
    };
    made(&manager, &with("UBUNTU")).await;
    let plan = planned(&manager, &with("DEBIAN")).await;
    assert_eq!(plan.steps[0].action, PlannedAction::Replace, "{plan}");
    assert_eq!(
        texts(&plan.steps[0].differences),
        ["OperatingSystem: UBUNTU -> DEBIAN"]
    );
    let last = plan.steps.last().unwrap();
    assert_eq!(last.action, PlannedAction::Delete);
    assert_eq!(
        operations(last),
        [
            "DeregisterPatchBaselineForPatchGroup",
            "RegisterDefaultPatchBaseline",
            "DeletePatchBaseline"
        ]
    );
    assert_eq!(
        plan.summary(),
        "Plan: 1 to create, 1 to replace, 1 to delete; 0 unchanged."
    );
    assert!(
        plan.to_string().starts_with("-/+ baseline prod (DEBIAN)\n"),
        "{plan}"
    );
    applied(&manager, &plan).await;
    assert!(pruned(&manager, &with("DEBIAN")).await.is_empty());
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    assert_eq!(snapshot.baselines.len(), 1);
    assert!(
        snapshot
            .default_baseline(&OperatingSystem::Ubuntu)
            .unwrap()
            .is_aws_owned()
    );
}

#[tokio::test]
async fn what_is_not_in_the_state_any_more_is_deleted_only_if_asked_and_only_if_own() {
    let (_, manager) = sample();
    made(&manager, &example()).await;
    let spec = BaselineBuilder::new("foreign", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    let foreign = manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    let smaller = state(json!({"Baselines": [example().baselines[0].clone()]}));
    assert!(planned(&manager, &smaller).await.is_empty());
    // A policy belongs to nobody, and the baselines that it selects stay with it.
    let policies: Vec<_> = manager.list_policies().try_collect().await.unwrap();
    manager.delete_policy(&policies[0].arn).await.unwrap();

    let plan = pruned(&manager, &smaller).await;
    let deleted: Vec<String> = plan
        .changes()
        .inspect(|step| assert_eq!(step.action, PlannedAction::Delete, "{step}"))
        .map(|step| step.resource.to_string())
        .collect();
    assert_eq!(
        deleted,
        [
            "association build-scan",
            "maintenance window web-install",
            "patch group web (AMAZON_LINUX_2023)",
            "default baseline AMAZON_LINUX_2023",
            "baseline prod-windows (WINDOWS)",
        ]
    );
    applied(&manager, &plan).await;
    assert!(pruned(&manager, &smaller).await.is_empty());
    manager.baseline(&foreign).await.unwrap();
    let groups: Vec<_> = manager.list_patch_groups().try_collect().await.unwrap();
    assert_eq!(
        groups.len(),
        1,
        "a group of AWS's baseline belongs to nobody"
    );
}

#[tokio::test]
async fn a_plan_is_json_that_reads_back_and_applies() {
    let (_, manager) = sample();
    let plan = planned(&manager, &example()).await;
    let file = serde_json::to_string_pretty(&plan).unwrap();
    let read: Plan = serde_json::from_str(&file).unwrap();
    assert_eq!(read, plan);
    applied(&manager, &read).await;
    assert!(planned(&manager, &example()).await.is_empty());
}

#[tokio::test]
async fn a_plan_prints_as_terraform_does_and_as_markdown_that_nothing_breaks() {
    let (_, manager) = sample();
    made(&manager, &baselines("UBUNTU", &["curl"])).await;
    let desired = state(json!({
        "Baselines": [
            baseline("UBUNTU", &["```"]),
            {"Name": "new", "OperatingSystem": "DEBIAN", "ApprovedPatches": ["curl"]}
        ],
    }));
    let plan = planned(&manager, &desired).await;
    assert_eq!(
        plan.to_string(),
        "  ~ baseline prod (UBUNTU)\n        ApprovedPatches: [\"curl\"] -> [\"```\"]\n  \
         + baseline new (DEBIAN)\n\nPlan: 1 to create, 1 to update; 0 unchanged."
    );
    let markdown = plan.to_markdown();
    let expected = "````diff\n! baseline prod (UBUNTU)\n!     ApprovedPatches: [\"curl\"] -> \
                    [\"```\"]\n+ baseline new (DEBIAN)\n````\n";
    assert!(markdown.contains(expected), "{markdown}");
    assert!(markdown.starts_with("### Patching plan for `web-fleet`\n\n**Plan: 1 to create"));
    assert!(markdown.contains("`ssm:UpdatePatchBaseline`"), "{markdown}");
}

#[tokio::test]
async fn what_may_not_be_read_is_said_and_a_plan_without_it_is_not_applied() {
    let (account, manager) = sample();
    let deny = |operation: Operation| {
        let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
        let fault = account
            .faults()
            .fail(operation, kind, code, "not authorized");
        drop(fault.always());
    };
    deny(Operation::DescribeMaintenanceWindows);
    let plan = planned(&manager, &example()).await;
    assert!(!plan.is_complete());
    let said = "Not known: maintenance windows were not read";
    assert!(plan.to_string().contains(said), "{plan}");
    assert!(plan.to_markdown().contains("**Not read**"));
    let drift = manager.drift(&example(), PlanOptions::new()).await.unwrap();
    assert_eq!(drift.exit_code(), 1, "{drift}");
    assert!(
        drift.to_string().contains("not known: maintenance windows"),
        "{drift}"
    );
    let before = content(&manager).await;
    let refused = refused(&manager, &plan).await;
    assert_eq!(refused.kind(), ErrorKind::AccessDenied, "{refused}");
    assert!(refused.completed_steps().is_empty());
    assert_eq!(content(&manager).await, before);
}

/// Makes the example, plans a change, lets somebody change something, and expects a refusal.
async fn stale_after<F: AsyncFnOnce(&PatchManager)>(changed: F) -> Vec<(String, String)> {
    let (_, manager) = sample();
    let mut desired = example();
    made(&manager, &desired).await;
    desired.baselines[0].rejected_patches = vec!["openssl".to_owned()];
    let plan = planned(&manager, &desired).await;
    changed(&manager).await;
    let before = content(&manager).await;
    let refused = refused(&manager, &plan).await;
    assert_eq!(refused.kind(), ErrorKind::Stale, "{refused}");
    assert!(!refused.is_retryable());
    assert_eq!(content(&manager).await, before, "nothing is changed");
    let violations = refused.violations().iter();
    let violations = violations.map(|one| (one.field.clone(), one.legal.clone()));
    violations.collect()
}

async fn own_baseline(manager: &PatchManager, name: &str) -> aws_patch_manager::types::BaselineId {
    let listed: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let mut listed = listed.into_iter();
    let found = listed.find(|one| one.baseline_name.as_deref() == Some(name));
    found.unwrap().baseline_id.unwrap()
}

async fn set_description(manager: &PatchManager, name: &str) {
    let id = own_baseline(manager, name).await;
    let mut changes = aws_patch_manager::baseline::BaselineChanges::default();
    changes.description = Some("changed by hand".to_owned());
    manager.update_baseline(&id, changes).await.unwrap();
}

#[tokio::test]
async fn a_plan_is_refused_if_a_member_that_it_does_not_change_has_changed() {
    let changed = stale_after(async |manager| set_description(manager, "prod-al2023").await).await;
    let field = "baseline prod-al2023 (AMAZON_LINUX_2023): Description";
    let was = r#"it was "Security updates after a week" when the plan was made"#;
    assert_eq!(changed, [(field.to_owned(), was.to_owned())]);
    // A resource that the plan leaves unchanged is one that it rests on.
    let changed = stale_after(async |manager| set_description(manager, "prod-windows").await).await;
    assert_eq!(changed.len(), 1);
    assert!(
        changed[0]
            .0
            .starts_with("baseline prod-windows (WINDOWS): Description")
    );
}

#[tokio::test]
async fn a_plan_is_refused_if_a_member_that_it_changes_has_another_value_now() {
    let changed = stale_after(async |manager| {
        let id = own_baseline(manager, "prod-al2023").await;
        let mut changes = aws_patch_manager::baseline::BaselineChanges::default();
        changes.rejected_patches = Some(vec!["curl".to_owned()]);
        manager.update_baseline(&id, changes).await.unwrap();
    });
    let changed = changed.await;
    assert_eq!(changed.len(), 1);
    assert!(changed[0].0.ends_with(": RejectedPatches"), "{changed:?}");
    assert!(
        changed[0].1.contains(r#"["kernel-livepatch*"]"#),
        "{changed:?}"
    );
}

#[tokio::test]
async fn a_plan_is_refused_if_a_resource_is_gone() {
    let changed = stale_after(async |manager| {
        let windows: Vec<_> = manager
            .list_maintenance_windows()
            .try_collect()
            .await
            .unwrap();
        let id: &WindowId = windows[0].window_id.as_ref().unwrap();
        manager.delete_maintenance_window(id).await.unwrap();
    });
    let expected = (
        "maintenance window web-install".to_owned(),
        "it was there when the plan was made".to_owned(),
    );
    assert_eq!(changed.await, [expected]);
}

#[tokio::test]
async fn a_plan_is_refused_in_another_account_or_region() {
    let account = MemoryBackend::builder()
        .account("111111111111")
        .sample_fleet()
        .build();
    let manager = PatchManager::from_memory(&account);
    let mut desired = example();
    made(&manager, &desired).await;
    desired.baselines[0].rejected_patches.clear();
    let mut plan = planned(&manager, &desired).await;
    assert_eq!(plan.account.as_deref(), Some("111111111111"));
    plan.account = Some("222222222222".to_owned());
    plan.region = Some("eu-west-1".to_owned());
    let refused = refused(&manager, &plan).await;
    assert_eq!(refused.kind(), ErrorKind::Stale);
    let fields: Vec<&str> = refused.violations().iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["Account", "Region"]);
}

#[tokio::test]
async fn a_node_that_came_later_is_for_the_next_plan() {
    let tagged =
        |number: usize| FleetNode::amazon_linux_2023(node_id(number)).with_tag("Role", "web");
    let (account, manager) = account(vec![tagged(0)]);
    let nodes = DesiredNodes::new(Target::tag("Role", ["web"])).patch_group(web());
    let desired = DesiredState::builder(STATE).nodes(nodes).build().unwrap();
    let plan = planned(&manager, &desired).await;
    account.add_node(tagged(1));
    applied(&manager, &plan).await;
    let group = Tag::new("Patch Group", "web");
    assert!(
        manager
            .node_tags(&node_id(0))
            .await
            .unwrap()
            .contains(&group)
    );
    assert!(
        !manager
            .node_tags(&node_id(1))
            .await
            .unwrap()
            .contains(&group)
    );
    let plan = planned(&manager, &desired).await;
    assert_eq!(
        texts(&plan.steps[0].differences),
        [format!("{}.Patch Group: none -> web", node_id(1))]
    );
}

#[tokio::test]
async fn a_node_that_is_in_another_group_or_has_the_other_key_is_moved() {
    let node = FleetNode::amazon_linux_2023(node_id(0)).with_tag("PatchGroup", "old");
    let mut nodes = instances(2);
    nodes[0] = node;
    let (_, manager) = account(nodes);
    let ids = DesiredNodes::ids([node_id(0), node_id(1)])
        .patch_group(web())
        .tag("Team", "web");
    let desired = DesiredState::builder(STATE).nodes(ids).build().unwrap();
    let plan = planned(&manager, &desired).await;
    let (first, second) = (node_id(0), node_id(1));
    assert_eq!(
        texts(&plan.steps[0].differences),
        [
            format!("{first}.Patch Group: none -> web"),
            format!("{first}.PatchGroup: old -> none"),
            format!("{second}.Patch Group: none -> web"),
            format!("{first}.Team: none -> web"),
            format!("{second}.Team: none -> web"),
        ]
    );
    applied(&manager, &plan).await;
    assert!(planned(&manager, &desired).await.is_empty());
}

#[tokio::test]
async fn a_group_of_another_baseline_is_rebound() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::new("old", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    let old = manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    manager.bind_patch_group(&web(), &old).await.unwrap();
    let desired = state(json!({
        "Baselines": [baseline("UBUNTU", &["curl"])], "PatchGroups": {"web": {"UBUNTU": "prod"}}
    }));
    let plan = planned(&manager, &desired).await;
    let group = step(&plan, ResourceKind::PatchGroup, "web");
    assert_eq!(group.action, PlannedAction::Update);
    let expected = format!("Baseline: {old} -> (id of baseline prod)");
    assert_eq!(texts(&group.differences), [expected]);
    applied(&manager, &plan).await;
    let bound = manager
        .baseline_for_group(&web(), OperatingSystem::Ubuntu)
        .await
        .unwrap();
    assert_eq!(bound.baseline_id, own_baseline(&manager, "prod").await);
}

#[tokio::test]
async fn a_plan_that_stops_says_what_took_effect_and_finishes_when_it_is_applied_again() {
    let (account, manager) = sample();
    let plan = planned(&manager, &example()).await;
    account
        .faults()
        .throttle(Operation::RegisterTaskWithMaintenanceWindow);
    let mut events = manager.apply(&plan);
    let mut finished = 0;
    let stopped = loop {
        match events.try_next().await {
            Ok(Some(ApplyEvent::Finished { .. })) => finished += 1,
            Ok(Some(_)) => {}
            Ok(None) => panic!("it did not stop"),
            Err(error) => break error,
        }
    };
    assert!(
        events.try_next().await.unwrap().is_none(),
        "the error is the last item"
    );
    assert_eq!(stopped.kind(), ErrorKind::Incomplete);
    assert!(
        stopped.is_throttled() && stopped.is_retryable(),
        "{stopped}"
    );
    let (whole, part) = stopped.completed_steps().split_at(finished);
    for step in whole {
        assert!(
            matches!(step, CompletedStep::PlanStepApplied { .. }),
            "{step}"
        );
    }
    assert_eq!(
        whole[0].to_string(),
        "baseline prod-al2023 (AMAZON_LINUX_2023): created"
    );
    let of_window =
        |step: &CompletedStep| matches!(step, CompletedStep::MaintenanceWindowChanged { .. });
    assert!(part.len() == 2 && part.iter().all(of_window), "{part:?}");

    let events = applied(&manager, &plan).await;
    let last = events.last().unwrap().to_string();
    assert!(last.contains("association build-scan: created"), "{last}");
    assert!(planned(&manager, &example()).await.is_empty());
    let windows: Vec<_> = manager
        .list_maintenance_windows()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(windows.len(), 1);
}

#[tokio::test]
async fn the_events_say_each_step_as_it_begins_and_ends() {
    let (account, manager) = sample();
    let plan = planned(&manager, &baselines("UBUNTU", &["curl"])).await;
    account.clear_calls();
    let mut events = manager.apply(&plan);
    assert_eq!(
        account.calls(),
        [] as [Operation; 0],
        "nothing happens until it is read"
    );
    let begins = events.try_next().await.unwrap().unwrap();
    assert_eq!(begins.to_string(), "[1/1] + baseline prod (UBUNTU)");
    assert_eq!(account.call_count(Operation::CreatePatchBaseline), 0);
    let ends = events.try_next().await.unwrap().unwrap();
    assert_eq!(ends.to_string(), "[1/1] baseline prod (UBUNTU): created");
    assert_eq!(account.call_count(Operation::CreatePatchBaseline), 1);
    assert!(events.try_next().await.unwrap().is_none());
    let written = serde_json::to_value(&ends).unwrap();
    assert_eq!(written["Finished"]["Change"], "Created");
}

#[tokio::test]
async fn a_state_is_destroyed_in_order_and_what_is_not_its_own_stays() {
    let (_, manager) = sample();
    let before = content(&manager).await;
    let mut desired = example();
    desired.nodes.clear();
    made(&manager, &desired).await;
    let spec = BaselineBuilder::new("foreign", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    let foreign = manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    let db = PatchGroup::new("db").unwrap();
    manager.bind_patch_group(&db, &foreign).await.unwrap();

    let plan = manager.plan_destroy(&desired).await.unwrap();
    let steps: Vec<String> = plan
        .changes()
        .map(|step| step.resource.to_string())
        .collect();
    assert_eq!(
        steps,
        [
            "association build-scan",
            "maintenance window web-install",
            "patch policy production",
            "patch group build (UBUNTU)",
            "baseline prod-al2023 (AMAZON_LINUX_2023)",
            "baseline prod-windows (WINDOWS)",
        ]
    );
    applied(&manager, &plan).await;
    assert!(manager.plan_destroy(&desired).await.unwrap().is_empty());
    manager.baseline(&foreign).await.unwrap();
    manager.unbind_patch_group(&db, &foreign).await.unwrap();
    manager.delete_baseline(&foreign).await.unwrap();
    assert_eq!(content(&manager).await, before);
}

#[tokio::test]
async fn what_is_not_as_the_state_says_or_has_no_owner_is_not_destroyed() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::new("prod", OperatingSystem::Ubuntu).approve_patches(["curl"]);
    manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    let policy = |name: &str| {
        PolicySchedule::daily_scan_weekly_install(name)
            .patch_policy()
            .unwrap()
    };
    let mut desired = baselines("UBUNTU", &["curl"]);
    desired.patch_policies.push(policy("production"));
    made(&manager, &desired).await;
    desired.patch_policies[0].max_errors = "5%".parse().unwrap();
    let plan = manager.plan_destroy(&desired).await.unwrap();
    assert!(plan.is_empty(), "{plan}");
    assert_eq!(
        plan.notes,
        [
            "patch policy production stays: it is not as the state says",
            "baseline prod stays: it has no owner tag"
        ]
    );
    assert!(
        plan.to_string().contains("Note: baseline prod stays"),
        "{plan}"
    );
}

#[tokio::test]
async fn drift_is_one_line_a_difference() {
    let (_, manager) = sample();
    let desired = example();
    let prune = PlanOptions::new().prune(true);
    made(&manager, &desired).await;
    let drift = manager.drift(&desired, prune).await.unwrap();
    assert!(drift.is_empty(), "{drift}");
    assert_eq!(
        (drift.exit_code(), drift.to_string().as_str()),
        (0, "no differences")
    );

    set_description(&manager, "prod-al2023").await;
    let windows: Vec<_> = manager
        .list_maintenance_windows()
        .try_collect()
        .await
        .unwrap();
    let id = windows[0].window_id.as_ref().unwrap();
    manager.delete_maintenance_window(id).await.unwrap();
    let mut extra = association("Scan", vec![Target::instance_ids(["*"])]);
    extra.association_name = Some("extra".to_owned());
    extra.tags = Some(vec![Tag::new(OWNER_TAG, STATE)]);
    manager.ensure_association(&extra).await.unwrap();
    let drift = manager.drift(&desired, prune).await.unwrap();
    assert_eq!(drift.exit_code(), 1);
    assert_eq!(
        drift.to_string(),
        "baseline prod-al2023 (AMAZON_LINUX_2023): Description is \"changed by hand\", not \
         \"Security updates after a week\"\nmaintenance window web-install: is missing\n\
         association extra: is not in the state"
    );
    assert_eq!(drift.lines.len(), 3);
    let written = serde_json::to_value(&drift).unwrap();
    assert_eq!(written["Lines"][1]["Drift"], "Missing");
    assert_eq!(
        written["Lines"][0]["Drift"]["Member"]["Field"],
        "Description"
    );
}

#[tokio::test]
async fn an_account_that_was_planned_is_imported_without_changes() {
    let (_, manager) = sample();
    made(&manager, &example()).await;
    let imported = manager.import(STATE).await.unwrap();
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    let plan = pruned(&manager, &imported.state).await;
    assert!(plan.is_empty(), "{plan}");
    let mut expected = example();
    expected.nodes.clear();
    let groups = expected.patch_groups.get_mut("build").unwrap();
    groups.insert("UBUNTU".to_owned(), "AWS-UbuntuDefaultPatchBaseline".into());
    assert_eq!(imported.state.baselines, expected.baselines);
    assert_eq!(imported.state.patch_groups, expected.patch_groups);
    assert_eq!(imported.state.defaults, expected.defaults);
    let file = serde_json::to_string(&imported.state).unwrap();
    assert_eq!(DesiredState::from_json(&file).unwrap(), imported.state);
}

#[tokio::test]
async fn tags_of_a_resource_are_set_and_those_of_others_stay() {
    let (_, manager) = sample();
    let desired = baselines("UBUNTU", &["curl"]);
    made(&manager, &desired).await;
    let id = own_baseline(&manager, "prod").await;
    let kind = ResourceTypeForTagging::PatchBaseline;
    let others = [Tag::new("Cost", "7")];
    manager
        .ensure_resource_tags(kind, id.as_str(), &others)
        .await
        .unwrap();
    assert!(
        pruned(&manager, &desired).await.is_empty(),
        "a tag of somebody else is no drift"
    );
}

#[tokio::test]
async fn a_quota_that_is_too_low_fails_the_plan_and_not_the_apply() {
    let mut limits = aws_patch_manager::memory::Limits::default();
    limits.baselines = 1;
    let account = MemoryBackend::builder().limits(limits).build();
    let manager = PatchManager::from_memory(&account);
    let plan = manager.plan(&example(), PlanOptions::new()).await;
    // A snapshot does not have quotas that were lowered; the service's own is 50.
    assert!(plan.is_ok());
    let specs = (0..51).map(|number| {
        let name = format!("prod-{number}");
        json!({"Name": name, "OperatingSystem": "UBUNTU", "ApprovedPatches": ["curl"]})
    });
    let desired = state(json!({"Baselines": specs.collect::<Vec<_>>()}));
    let refused = manager
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    assert!(refused.resource().unwrap().contains("prod-50"), "{refused}");
}

/// A server plans and applies on the threads of its runtime.
#[test]
fn the_futures_of_plans_can_be_sent_between_threads() {
    fn is_sent<T: Send>(_: T) {}
    let (_, manager) = sample();
    let desired = example();
    is_sent(manager.plan(&desired, PlanOptions::new()));
    is_sent(manager.plan_destroy(&desired));
    is_sent(manager.drift(&desired, PlanOptions::new()));
    is_sent(manager.import(STATE));
    is_sent(manager.mirror_snapshot(&MirrorScope::new()));
}

#[tokio::test]
async fn a_plan_needs_only_what_its_state_has() {
    let (account, manager) = sample();
    for operation in [
        Operation::DescribeMaintenanceWindows,
        Operation::ListAssociations,
        Operation::ListConfigurationManagers,
        Operation::DescribeInstanceInformation,
        Operation::DescribeInstanceProperties,
    ] {
        let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
        let fault = account
            .faults()
            .fail(operation, kind, code, "not authorized");
        drop(fault.always());
    }
    let desired = baselines("UBUNTU", &["curl"]);
    let plan = planned(&manager, &desired).await;
    assert!(plan.is_complete(), "{plan}");
    applied(&manager, &plan).await;
    assert!(!pruned(&manager, &desired).await.is_complete());
}

#[tokio::test]
async fn debug_shows_no_request_of_a_plan() {
    let (_, manager) = sample();
    let mut desired = example();
    let secret = "wJalrXUtnFEMI".to_owned();
    let parameters = desired.associations[0].parameters.as_mut().unwrap();
    let url = format!("https://lists.s3.amazonaws.com/list.json?X-Amz-Signature={secret}");
    parameters.insert("InstallOverrideList".to_owned(), vec![url]);
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    assert!(serde_json::to_string(&plan).unwrap().contains(&secret));
    for shown in [format!("{plan:?}"), plan.to_string(), plan.to_markdown()] {
        assert!(!shown.contains(&secret), "{shown}");
    }
}

/// Each apply would undo the other entry's tag, so no plan of it would ever be empty.
#[tokio::test]
async fn two_entries_that_give_a_node_two_values_of_a_tag_are_refused_by_their_paths() {
    let mut nodes = instances(2);
    nodes[1] = nodes[1].clone().with_tag("Role", "db");
    let (_, manager) = account(nodes);
    let desired = state(json!({"Nodes": [
        {"Targets": [{"Key": "InstanceIds", "Values": [node_id(0), node_id(1)]}],
         "PatchGroup": "web", "Tags": [{"Key": "Team", "Value": "a"}]},
        {"Targets": [{"Key": "tag:Role", "Values": ["db"]}],
         "PatchGroup": "db", "Tags": [{"Key": "Team", "Value": "a"}]},
    ]}));
    let refused = manager
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let [violation] = refused.violations() else {
        panic!("{refused}")
    };
    assert_eq!(violation.field, "Nodes[1].PatchGroup");
    assert!(
        violation.legal.contains("Nodes[0].PatchGroup"),
        "{violation}"
    );
    assert!(violation.legal.contains(node_id(1).as_str()), "{violation}");
}

#[tokio::test]
async fn a_target_that_no_node_matches_is_noted() {
    let (_, manager) = account(instances(1));
    let desired = state(json!({"Nodes": [
        {"Targets": [{"Key": "tag:Rol", "Values": ["web"]}], "PatchGroup": "web"},
    ]}));
    let plan = planned(&manager, &desired).await;
    assert_eq!(plan.notes, ["Nodes[0]: no node matches tag:Rol=web"]);
}

#[tokio::test]
async fn a_baseline_that_a_patch_policy_selects_is_not_pruned() {
    let (_, manager) = account(instances(1));
    made(&manager, &baselines("UBUNTU", &["openssl"])).await;
    let listed: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let own = listed
        .into_iter()
        .find(|one| one.baseline_name.as_deref() == Some("prod"));
    let id = own.and_then(|own| own.baseline_id).unwrap();
    let policy = PolicySchedule::daily_scan_weekly_install("nightly")
        .baseline(OperatingSystem::Ubuntu, id, "prod")
        .patch_policy()
        .unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let plan = pruned(&manager, &state(json!({}))).await;
    assert!(plan.is_empty(), "{plan}");
    let note = "baseline prod stays: the patch policy nightly selects it";
    assert_eq!(plan.notes, [note]);
}

/// What took effect in the mirror took effect nowhere.
#[tokio::test]
async fn a_plan_that_fails_has_no_completed_steps() {
    let (backend, manager) = account(instances(1));
    let desired = state(json!({"MaintenanceWindows": [{
        "Window": {"Name": "night", "Schedule": "cron(0 2 ? * SUN *)", "Duration": 3, "Cutoff": 1,
            "AllowUnassociatedTargets": false},
        "Targets": [{"Name": "web", "ResourceType": "INSTANCE",
            "Targets": [{"Key": "tag:Role", "Values": ["web"]}]}],
        "Tasks": [{"Task": {"Name": "install", "TaskArn": "AWS-RunPatchBaseline",
            "TaskType": "RUN_COMMAND", "Priority": 1}, "TargetNames": ["web"]}],
    }]}));
    let refused = manager
        .plan(&desired, PlanOptions::new())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
    assert_eq!(refused.completed_steps(), []);
    assert_eq!(backend.call_count(Operation::CreateMaintenanceWindow), 0);
}

#[tokio::test]
async fn the_event_of_a_node_says_the_tag_that_it_had() {
    let nodes = instances(1).into_iter();
    let nodes = nodes.map(|node| node.with_tag("Patch Group", "fleet"));
    let (_, manager) = account(nodes.collect::<Vec<_>>());
    let desired = state(json!({"Nodes": [
        {"Targets": [{"Key": "InstanceIds", "Values": [node_id(0)]}], "PatchGroup": "web"},
    ]}));
    let plan = planned(&manager, &desired).await;
    let events = applied(&manager, &plan).await;
    let last = events.last().unwrap().to_string();
    assert!(last.ends_with("Patch Group: fleet -> web"), "{last}");
}

#[test]
fn a_cutoff_that_is_not_shorter_than_its_window_is_refused_by_its_path() {
    let window = json!({"Name": STATE, "MaintenanceWindows": [{
        "Window": {"Name": "night", "Schedule": "cron(0 2 ? * SUN *)", "Duration": 3, "Cutoff": 9,
            "AllowUnassociatedTargets": false},
    }]});
    let refused = DesiredState::from_json(&window.to_string()).unwrap_err();
    assert_eq!(
        refused.violations()[0].field,
        "MaintenanceWindows[0].Window.Cutoff"
    );
}
