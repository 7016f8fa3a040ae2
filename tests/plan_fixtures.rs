//! What the service recorded is imported, and planned without changes.
//!
//! The recordings are third-party data and not in this repository: `AWS_CLI_EXAMPLES` and
//! `PATCH_ORACLE` name their folders.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use aws_patch_manager::PatchManager;
use aws_patch_manager::plan::{DesiredState, MirrorSnapshot, Plan, PlanOptions, PlannedAction};
use aws_patch_manager::schedule::PatchPolicy;
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::accounts::sample;
use support::environment;

/// A recorded file. Ids end in `EXAMPLE` there, which no id of the service does.
fn recorded(folder: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text.replace("EXAMPLE", "0000000")).unwrap()
}

fn snapshot(parts: Value) -> MirrorSnapshot {
    let mut snapshot = json!({"TakenAt": "2026-05-14T00:00:00Z"});
    let members = snapshot.as_object_mut().unwrap();
    members.extend(parts.as_object().unwrap().clone());
    serde_json::from_value(snapshot).unwrap()
}

/// Expects that what was read is imported whole, and that its plan has no changes, even with
/// pruning; if asked to, the plan only adopts.
async fn is_unchanged(parts: Value, resources: usize, what: &str) {
    let snapshot = snapshot(parts);
    let imported = DesiredState::import("imported", &snapshot);
    assert!(
        imported.left_out.is_empty(),
        "{what}: {:?}",
        imported.left_out
    );
    let file = serde_json::to_string(&imported.state).unwrap();
    let desired = DesiredState::from_json(&file).unwrap();
    let prune = PlanOptions::new().prune(true);
    let plan = Plan::make(&snapshot, &desired, prune).await.unwrap();
    assert!(plan.is_empty(), "{what}:\n{plan}");
    assert_eq!(plan.steps.len(), resources, "{what}");
    let adopt = prune.adopt(true);
    let plan = Plan::make(&snapshot, &desired, adopt).await.unwrap();
    let mut changes = plan.changes();
    assert!(
        changes.all(|step| step.action == PlannedAction::Adopt),
        "{what}:\n{plan}"
    );
}

fn named(mut value: Value, member: &str, name: &str) -> Value {
    let members = value.as_object_mut().unwrap();
    members.entry(member).or_insert_with(|| json!(name));
    value
}

#[tokio::test]
async fn each_baseline_of_aws_is_unchanged_as_an_own_one() {
    let Some(folder) = environment::path("PATCH_ORACLE") else {
        return;
    };
    let recorded = recorded(&folder, "predefined_recorded.json");
    let baselines = recorded.as_array().unwrap();
    assert_eq!(baselines.len(), 17);
    for (place, baseline) in baselines.iter().enumerate() {
        let mut own = baseline.clone();
        let name = own["Name"].as_str().unwrap().replacen("AWS-", "own-", 1);
        own["BaselineId"] = json!(format!("pb-{place:017x}"));
        own["Name"] = json!(name);
        is_unchanged(json!({"Baselines": [{"Baseline": own}]}), 1, &name).await;
    }
}

#[tokio::test]
async fn each_recorded_baseline_is_unchanged() {
    let Some(folder) = environment::path("AWS_CLI_EXAMPLES") else {
        return;
    };
    for name in ["get-patch-baseline.json", "update-patch-baseline.json"] {
        let mut baseline = recorded(&folder, name);
        // The groups of a baseline are rows of their own.
        baseline.as_object_mut().unwrap().remove("PatchGroups");
        is_unchanged(json!({"Baselines": [{"Baseline": baseline}]}), 1, name).await;
    }
}

#[tokio::test]
async fn a_recorded_input_file_is_a_baseline_of_a_state() {
    let Some(folder) = environment::path("AWS_CLI_EXAMPLES") else {
        return;
    };
    let file = "create-patch-baseline.3.json";
    let mut spec = recorded(&folder, file);
    if spec.get("ApprovalRules").is_none() {
        // The example passes its file as the rules alone.
        spec = json!({"ApprovalRules": spec});
    }
    let spec = named(
        named(spec, "Name", "recorded"),
        "OperatingSystem",
        "WINDOWS",
    );
    let state = json!({"Name": "recorded", "Baselines": [spec]});
    let desired = DesiredState::from_json(&state.to_string()).unwrap();
    let (_, manager) = sample();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    let _: Vec<_> = manager.apply(&plan).try_collect().await.unwrap();
    let again = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    assert!(again.is_empty(), "{file}:\n{again}");
}

#[tokio::test]
async fn each_recorded_window_is_unchanged_with_its_parts() {
    let Some(folder) = environment::path("AWS_CLI_EXAMPLES") else {
        return;
    };
    for file in [
        "get-maintenance-window.json",
        "update-maintenance-window.json",
    ] {
        let window = recorded(&folder, file);
        is_unchanged(json!({"Windows": [{"Window": window}]}), 1, file).await;
    }
    let window = || recorded(&folder, "get-maintenance-window.json");
    for file in [
        "describe-maintenance-window-targets.json",
        "describe-maintenance-window-targets.2.json",
    ] {
        let targets = recorded(&folder, file)["Targets"].take();
        let targets: Vec<Value> = targets
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(place, target)| named(target.clone(), "Name", &format!("target-{place}")))
            .collect();
        let parts = json!({"Windows": [{"Window": window(), "Targets": targets}]});
        is_unchanged(parts, 1, file).await;
    }
    for file in [
        "get-maintenance-window-task.json",
        "update-maintenance-window-task.json",
    ] {
        let task = named(recorded(&folder, file), "Name", "task");
        let task = named(task, "TaskType", "RUN_COMMAND");
        let parts = json!({"Windows": [{"Window": window(), "Tasks": [task]}]});
        is_unchanged(parts, 1, file).await;
    }
}

#[tokio::test]
async fn each_recorded_association_is_unchanged() {
    let Some(folder) = environment::path("AWS_CLI_EXAMPLES") else {
        return;
    };
    for file in [
        "create-association.json",
        "create-association.2.json",
        "create-association.3.json",
        "update-association.json",
        "update-association.2.json",
        "describe-association.json",
        "describe-association.2.json",
    ] {
        let described = recorded(&folder, file)["AssociationDescription"].take();
        let described = named(described, "AssociationName", "recorded");
        let parts = json!({"Associations": [{"Association": described}]});
        is_unchanged(parts, 1, file).await;
    }
}

/// The definition that the user guide shows for Quick Setup's API, in its words.
fn definition() -> BTreeMap<String, String> {
    let selected = json!({"UBUNTU": {
        "value": "arn:aws:ssm:us-east-1:075727635805:patchbaseline/pb-0c7e89f711c3095f4",
        "label": "AWS-UbuntuDefaultPatchBaseline",
        "description": "Default Patch Baseline for Ubuntu Provided by AWS.",
        "disabled": false
    }});
    let selected = selected.to_string();
    [
        ("PatchPolicyName", "Sample-Policy"),
        ("SelectedPatchBaselines", selected.as_str()),
        ("PatchBaselineUseDefault", "custom"),
        ("PatchBaselineRegion", "us-east-1"),
        ("ConfigurationOptionsPatchOperation", "ScanAndInstall"),
        ("ConfigurationOptionsScanValue", "cron(0 1 * * ? *)"),
        ("ConfigurationOptionsInstallValue", "cron(0 2 ? * SAT#1 *)"),
        ("ConfigurationOptionsScanNextInterval", "false"),
        ("ConfigurationOptionsInstallNextInterval", "true"),
        ("RebootOption", "RebootIfNeeded"),
        ("IsPolicyAttachAllowed", "true"),
        ("OutputLogEnableS3", "false"),
        ("OutputS3Location", ""),
        ("TargetType", "Tags"),
        ("TargetTagKey", "Patch"),
        ("TargetTagValue", "true"),
        ("TargetRegions", "us-east-1"),
        ("RateControlConcurrency", "5"),
        ("RateControlErrorThreshold", "0%"),
        ("HasDeletedBaseline", "false"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

#[tokio::test]
async fn a_policy_in_the_words_of_the_guide_is_unchanged_with_and_without_what_quick_setup_adds() {
    let policy = PatchPolicy::from_parameters(&definition()).unwrap();
    let parts = json!({"Policies": [{
        "Arn": "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/00000000-0000-4000-8000-000000000001",
        "Policy": policy,
        "Status": "SUCCEEDED"
    }]});
    is_unchanged(parts.clone(), 1, "the guide's policy").await;

    let snapshot = snapshot(parts);
    let mut desired = DesiredState::import("imported", &snapshot).state;
    let parameters = &mut desired.patch_policies[0].other_parameters;
    parameters.retain(|_, value| !["", "false"].contains(&value.as_str()));
    let plan = Plan::make(&snapshot, &desired, PlanOptions::new())
        .await
        .unwrap();
    assert!(plan.is_empty(), "{plan}");
}

#[tokio::test]
async fn a_policy_of_an_organization_is_imported_without_changes() {
    let mut definition = definition();
    for (name, text) in [
        (
            "TargetOrganizationalUnits",
            "ou-abcd-87654321, ou-abcd-12345678",
        ),
        ("TargetRegions", "us-west-2,us-east-1"),
        ("PatchBaselineUseDefault", "default"),
    ] {
        definition.insert(name.to_owned(), text.to_owned());
    }
    let policy = PatchPolicy::from_parameters_in(&definition, "us-east-1", "123456789012").unwrap();
    let parts = json!({"Policies": [{
        "Arn": "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/00000000-0000-4000-8000-000000000001",
        "Policy": policy,
        "Status": "SUCCEEDED"
    }]});
    is_unchanged(parts.clone(), 1, "a policy of an organization").await;

    let snapshot = snapshot(parts);
    let mut desired = DesiredState::import("imported", &snapshot).state;
    let regions = &mut desired.patch_policies[0].regions;
    assert_eq!(regions.len(), 2);
    regions.insert("eu-west-1".to_owned());
    let plan = Plan::make(&snapshot, &desired, PlanOptions::new())
        .await
        .unwrap();
    assert_eq!(plan.changes().count(), 1, "{plan}");
    assert!(plan.to_string().contains("Regions"), "{plan}");
}

/// A manager whose account an example of this repository would build.
async fn built(build: impl AsyncFnOnce(&PatchManager)) {
    let (_, manager) = sample();
    build(&manager).await;
    let imported = manager.import("imported").await.unwrap();
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    let prune = PlanOptions::new().prune(true);
    let plan = manager.plan(&imported.state, prune).await.unwrap();
    assert!(plan.is_empty(), "{plan}");
    assert!(!plan.steps.is_empty());
}

#[tokio::test]
async fn an_account_that_the_verbs_built_is_imported_without_changes() {
    use aws_patch_manager::schedule::PolicyTargets;
    use aws_patch_manager::types::{OperatingSystem, Tag};
    use aws_patch_manager::{BaselineBuilder, PolicySchedule};
    use support::accounts::web;

    for os in OperatingSystem::KNOWN {
        built(async |manager| {
            let spec = BaselineBuilder::security("prod", os.clone(), 7)
                .build()
                .unwrap();
            let id = manager.ensure_baseline(&spec).await.unwrap().id;
            manager.bind_patch_group(&web(), &id).await.unwrap();
            manager.set_default_baseline(&id).await.unwrap();
        })
        .await;
    }
    built(async |manager| {
        let tag = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
        let schedule = PolicySchedule::daily_scan_weekly_install("web").targets(tag);
        manager
            .ensure_policy(&schedule.clone().patch_policy().unwrap())
            .await
            .unwrap();
        for window in schedule.maintenance_windows().unwrap() {
            manager.ensure_maintenance_window(&window).await.unwrap();
        }
        for association in schedule.associations().unwrap() {
            manager.ensure_association(&association).await.unwrap();
        }
    })
    .await;
}
