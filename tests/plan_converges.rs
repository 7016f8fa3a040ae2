//! A plan that is applied leaves none behind, and what can never be so is refused.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::plan::{
    DesiredState, DriftKind, MirrorScope, MirrorSnapshot, OWNER_TAG, Plan, PlanOptions,
};
use aws_patch_manager::types::{BaselineFilter, OperatingSystem, Tag};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PatchManager, PolicySchedule,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::accounts::{account, instances, node_id, sample};

fn state(members: Value) -> DesiredState {
    let mut state = json!({"Name": "web-fleet"});
    let all = state.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    DesiredState::from_json(&state.to_string()).unwrap()
}

async fn planned(manager: &PatchManager, desired: &DesiredState) -> Plan {
    manager.plan(desired, PlanOptions::new()).await.unwrap()
}

async fn refused(manager: &PatchManager, desired: &DesiredState) -> Error {
    manager.plan(desired, PlanOptions::new()).await.unwrap_err()
}

async fn made(manager: &PatchManager, desired: &DesiredState) {
    let plan = planned(manager, desired).await;
    manager.apply(&plan).try_collect::<Vec<_>>().await.unwrap();
    let again = planned(manager, desired).await;
    assert!(again.is_empty(), "{again}");
}

#[tokio::test]
async fn a_baseline_by_id_must_be_one_of_the_operating_system() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::ubuntu_security("prod").build().unwrap();
    let id = manager.ensure_baseline(&spec).await.unwrap().id;
    let policy = |os: &str| {
        let schedule = PolicySchedule::daily_scan_weekly_install("nightly");
        let mut policy = serde_json::to_value(schedule.patch_policy().unwrap()).unwrap();
        policy["Baselines"] = json!({os: {"value": id, "label": "prod", "disabled": false}});
        json!({ "PatchPolicies": [policy] })
    };
    for (members, path) in [
        (json!({"Defaults": {"WINDOWS": id}}), "Defaults.WINDOWS"),
        (
            json!({"PatchGroups": {"web": {"DEBIAN": id}}}),
            "PatchGroups.web.DEBIAN",
        ),
        (
            policy("WINDOWS"),
            "patch policy nightly: Baselines.WINDOWS.value",
        ),
    ] {
        let error = refused(&manager, &state(members)).await;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        let [violation] = error.violations() else {
            panic!("{error}")
        };
        assert_eq!((&*violation.field, &*violation.value), (path, id.as_str()));
        assert!(violation.legal.contains("is for UBUNTU"), "{violation}");
    }
    for members in [
        json!({"Defaults": {"UBUNTU": id}}),
        json!({"PatchGroups": {"web": {"UBUNTU": id}}}),
        policy("UBUNTU"),
    ] {
        made(&manager, &state(members)).await;
    }
    let default = manager
        .default_baseline(OperatingSystem::Windows)
        .await
        .unwrap();
    assert_ne!(default.baseline_id, id);
}

#[tokio::test]
async fn a_baseline_that_is_nowhere_is_refused_at_its_path_with_the_nearest() {
    let (_, manager) = sample();
    for (members, path, says) in [
        (
            json!({"Defaults": {"WINDOWS": "AWS-WindowsPredefinedPatchBaseline-O"}}),
            "Defaults.WINDOWS",
            "the nearest is `AWS-WindowsPredefinedPatchBaseline-OS`",
        ),
        (
            json!({"PatchGroups": {"web": {"UBUNTU": "AWS-Something"}}}),
            "PatchGroups.web.UBUNTU",
            "legal are AWS-UbuntuDefaultPatchBaseline",
        ),
        (
            json!({"Defaults": {"WINDOWS": "pb-00000000000000009"}}),
            "Defaults.WINDOWS",
            "the id of a baseline that exists",
        ),
    ] {
        let error = refused(&manager, &state(members)).await;
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert_eq!(error.violations()[0].field, path, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn an_own_baseline_by_its_arn_is_the_default_once() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::ubuntu_security("prod").build().unwrap();
    let id = manager.ensure_baseline(&spec).await.unwrap().id;
    let arn = format!("arn:aws:ssm:us-east-1:123456789012:patchbaseline/{id}");
    let desired = state(json!({
        "Defaults": {"UBUNTU": arn}, "PatchGroups": {"web": {"UBUNTU": arn}}
    }));
    made(&manager, &desired).await;
    let default = manager
        .default_baseline(OperatingSystem::Ubuntu)
        .await
        .unwrap();
    assert_eq!(default.baseline_id, id);
    let removed = manager.plan_destroy(&desired).await.unwrap();
    assert_eq!(removed.changes().count(), 2, "{removed}");
}

/// UpdateAssociation keeps targets that it does not name.
#[tokio::test]
async fn an_association_without_targets_keeps_those_that_it_has() {
    let (_, manager) = sample();
    let mut scan = json!({
        "Name": "AWS-RunPatchBaseline", "AssociationName": "scan",
        "Parameters": {"Operation": ["Scan"]},
        "Targets": [{"Key": "tag:Role", "Values": ["web"]}]
    });
    made(&manager, &state(json!({ "Associations": [scan] }))).await;
    scan.as_object_mut().unwrap().remove("Targets");
    scan["MaxErrors"] = json!("7");
    made(&manager, &state(json!({ "Associations": [scan] }))).await;
}

#[tokio::test]
async fn other_targets_are_other_steps_whatever_their_texts() {
    let (_, manager) = account(vec![
        instances(1).remove(0).with_tag("Role", "a|b"),
        instances(2).remove(1).with_tag("Role", "a"),
    ]);
    let entry = |values: Value, team: &str| {
        json!({"Targets": [{"Key": "tag:Role", "Values": values}],
            "Tags": [{"Key": "Team", "Value": team}]})
    };
    let desired = state(json!({"Nodes": [
        entry(json!(["a|b"]), "one"), entry(json!(["a", "b"]), "two")
    ]}));
    let plan = planned(&manager, &desired).await;
    let names: Vec<&str> = plan.steps.iter().map(|step| &*step.resource.name).collect();
    assert_eq!(names, [r#"tag:Role="a|b""#, "tag:Role=a|b"]);
    made(&manager, &desired).await;
    for (number, team) in [(0, "one"), (1, "two")] {
        let tags = manager.node_tags(&node_id(number)).await.unwrap();
        assert!(tags.contains(&Tag::new("Team", team)), "{tags:?}");
    }
}

#[tokio::test]
async fn drift_tells_an_empty_tag_from_none() {
    let (_, manager) = account(instances(1));
    let desired = state(json!({"Nodes": [{
        "Targets": [{"Key": "InstanceIds", "Values": [node_id(0)]}],
        "Tags": [{"Key": "Team", "Value": ""}]
    }]}));
    let drift = manager.drift(&desired, PlanOptions::new()).await.unwrap();
    assert!(
        drift.to_string().ends_with("Team is none, not \"\""),
        "{drift}"
    );
    let DriftKind::Member {
        current,
        desired: wanted,
        ..
    } = &drift.lines[0].drift
    else {
        panic!("{drift}")
    };
    assert_eq!((current.as_str(), wanted.as_str()), ("", "\"\""));
    made(&manager, &desired).await;

    let baseline = |tags: Value| {
        state(
            json!({"Baselines": [{"Name": "prod", "OperatingSystem": "UBUNTU",
            "ApprovedPatches": ["curl"], "Tags": tags}]}),
        )
    };
    made(&manager, &baseline(json!([]))).await;
    let tagged = baseline(json!([{"Key": "Team", "Value": ""}]));
    let drift = manager.drift(&tagged, PlanOptions::new()).await.unwrap();
    assert!(
        drift.to_string().ends_with("Tags.Team is none, not \"\""),
        "{drift}"
    );
}

/// A snapshot of one window whose schedule this crate cannot read.
async fn unreadable_window(tags: Value) -> MirrorSnapshot {
    let (_, manager) = sample();
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    let mut snapshot = serde_json::to_value(snapshot).unwrap();
    snapshot["Windows"] = json!([{
        "Window": {
            "WindowId": "mw-00000000000000001", "Name": "night",
            "Schedule": "solstice(0 2)", "Duration": 3, "Cutoff": 1,
            "AllowUnassociatedTargets": false, "Enabled": true
        },
        "Tags": tags
    }]);
    MirrorSnapshot::from_json(&snapshot.to_string()).unwrap()
}

fn night() -> DesiredState {
    state(json!({"MaintenanceWindows": [{"Window": {
        "Name": "night", "Schedule": "cron(0 2 ? * SUN *)", "Duration": 3, "Cutoff": 1,
        "AllowUnassociatedTargets": false
    }}]}))
}

#[tokio::test]
async fn a_window_whose_schedule_cannot_be_read_is_in_the_mirror_and_is_updated() {
    let snapshot = unreadable_window(json!([])).await;
    let mirror = PatchManager::from_memory(&MemoryBackend::from_snapshot(&snapshot));
    let windows: Vec<_> = mirror
        .list_maintenance_windows()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(windows[0].name.as_deref(), Some("night"));
    let id = windows[0].window_id.clone().unwrap();
    let window = mirror.maintenance_window(&id).await.unwrap();
    assert_eq!(window.next_execution_time, None);
    let openings = mirror.maintenance_window_openings(&id);
    assert_eq!(openings.try_collect::<Vec<_>>().await.unwrap(), []);
    let plan = Plan::make(&snapshot, &night(), PlanOptions::new())
        .await
        .unwrap();
    let step = plan.changes().next().unwrap();
    assert_eq!(step.id.as_deref(), Some(id.as_str()), "{plan}");
    assert!(plan.to_string().contains("Schedule"), "{plan}");
}

#[tokio::test]
async fn a_window_of_another_state_is_not_made_anew() {
    let tags = json!([{"Key": OWNER_TAG, "Value": "db-fleet"}]);
    let snapshot = unreadable_window(tags).await;
    let plan = Plan::make(&snapshot, &night(), PlanOptions::new()).await;
    let error = plan.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    assert!(error.to_string().contains("db-fleet"), "{error}");
}

/// An id and an ARN of one baseline are one reference.
#[tokio::test]
async fn a_baseline_by_its_id_or_arn_plans_alike() {
    let (_, manager) = sample();
    let spec = BaselineBuilder::ubuntu_security("prod").build().unwrap();
    let own = manager.ensure_baseline(&spec).await.unwrap().id;
    let own_arn = format!("arn:aws:ssm:us-east-1:123456789012:patchbaseline/{own}");
    let forms = [own.as_str(), own_arn.as_str()];
    let of = |reference: &str| {
        let schedule = PolicySchedule::daily_scan_weekly_install("nightly");
        let mut policy = serde_json::to_value(schedule.patch_policy().unwrap()).unwrap();
        policy["Baselines"]["UBUNTU"] =
            json!({"value": reference, "label": "prod", "disabled": false});
        state(json!({
            "Defaults": {"UBUNTU": reference}, "PatchGroups": {"web": {"UBUNTU": reference}},
            "PatchPolicies": [policy]
        }))
    };
    for made_by in forms {
        made(&manager, &of(made_by)).await;
        for planned_by in forms {
            let mut desired = of(planned_by);
            // Quick Setup stores the id of a policy as it is given.
            desired.patch_policies = of(made_by).patch_policies;
            let plan = planned(&manager, &desired).await;
            assert!(plan.is_empty(), "{made_by} {planned_by}: {plan}");
            let scope = MirrorScope::new().predefined_baselines();
            let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
            let mirror = PatchManager::from_memory(&MemoryBackend::from_snapshot(&snapshot));
            made(&mirror, &desired).await;
        }
    }
    let destroyed = manager.plan_destroy(&of(forms[1])).await.unwrap();
    assert_eq!(destroyed.changes().count(), 3, "{destroyed}");
}

/// A policy that selects a baseline by its ARN uses it as one that selects it by its id.
#[tokio::test]
async fn a_baseline_that_a_policy_selects_by_arn_is_not_destroyed() {
    let (_, manager) = sample();
    let desired = state(json!({"Baselines": [
        {"Name": "prod", "OperatingSystem": "UBUNTU", "ApprovedPatches": ["curl"]}
    ]}));
    made(&manager, &desired).await;
    let named = [BaselineFilter::name_prefix(["prod"])];
    let own: Vec<_> = manager
        .list_baselines_with(named)
        .try_collect()
        .await
        .unwrap();
    let own = own[0].baseline_id.as_ref().unwrap();
    let arn = format!("arn:aws:ssm:us-east-1:123456789012:patchbaseline/{own}");
    let policy = PolicySchedule::daily_scan_weekly_install("nightly")
        .baseline(OperatingSystem::Ubuntu, arn, "prod")
        .patch_policy();
    manager.ensure_policy(&policy.unwrap()).await.unwrap();
    let plan = manager.plan_destroy(&desired).await.unwrap();
    assert!(plan.is_empty(), "{plan}");
    assert_eq!(
        plan.notes,
        ["baseline prod stays: the patch policy nightly selects it"]
    );
}
