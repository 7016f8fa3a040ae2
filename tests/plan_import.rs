//! An import describes what an account has, by name, and says what it cannot describe.
#![allow(clippy::unwrap_used)]

use aws_patch_manager::PolicySchedule;
use aws_patch_manager::plan::{DesiredState, ImportedState, MirrorSnapshot, ResourceKind};
use aws_patch_manager::schedule::{PatchPolicyState, PolicyStatus};
use aws_patch_manager::types::OperatingSystem;
use serde_json::{Value, json};

const OWN: &str = "pb-00000000000000001";
const AWS: &str = "arn:aws:ssm:us-east-1:075727635805:patchbaseline/pb-00000000000000002";
const TARGET: &str = "00000000-0000-4000-8000-000000000001";

fn import(parts: Value) -> ImportedState {
    let mut snapshot = json!({"TakenAt": "2026-05-14T00:00:00Z"});
    let members = snapshot.as_object_mut().unwrap();
    members.extend(parts.as_object().unwrap().clone());
    let snapshot: MirrorSnapshot = serde_json::from_value(snapshot).unwrap();
    let imported = DesiredState::import("web-fleet", &snapshot);
    imported.state.check().unwrap();
    imported
}

fn baseline(id: &str, name: &str) -> Value {
    json!({
        "Baseline": {
            "BaselineId": id,
            "Name": name,
            "OperatingSystem": "WINDOWS",
            "ApprovedPatches": ["KB5034439"],
            "ApprovedPatchesComplianceLevel": "UNSPECIFIED",
            "RejectedPatchesAction": "ALLOW_AS_DEPENDENCY",
            "AvailableSecurityUpdatesComplianceStatus": "NON_COMPLIANT"
        },
        "Tags": [
            {"Key": "Team", "Value": "web"},
            {"Key": "aws-patch-manager/owner", "Value": "other"},
            {"Key": "aws:cloudformation:stack-name", "Value": "stack"}
        ]
    })
}

fn listed(id: &str, name: &str, default: bool) -> Value {
    json!({
        "BaselineId": id, "BaselineName": name, "OperatingSystem": "WINDOWS", "DefaultBaseline": default
    })
}

#[test]
fn a_baseline_is_imported_without_what_the_service_or_somebody_else_adds() {
    let imported = import(json!({"Baselines": [baseline(OWN, "prod")]}));
    let written = serde_json::to_value(&imported.state).unwrap();
    let expected = json!({
        "Name": "prod",
        "OperatingSystem": "WINDOWS",
        "ApprovedPatches": ["KB5034439"],
        "Tags": [{"Key": "Team", "Value": "web"}]
    });
    assert_eq!(written["Baselines"], json!([expected]));
    assert!(imported.left_out.is_empty());
}

#[test]
fn references_are_by_name_where_there_is_one_and_defaults_of_aws_are_left_out() {
    let row = |group: &str, id: &str, name: &str| json!({"PatchGroup": group, "BaselineIdentity": listed(id, name, false)});
    let aws = "AWS-WindowsPredefinedPatchBaseline-OS";
    let foreign = "arn:aws:ssm:us-east-1:111122223333:patchbaseline/pb-00000000000000009";
    let imported = import(json!({
        "Baselines": [baseline(OWN, "prod")],
        "BaselineListing": [listed(AWS, "AWS-DefaultPatchBaseline", true)],
        "PatchGroups": [row("web", OWN, "prod"), row("db", AWS, aws), row("x", foreign, "shared")]
    }));
    let state = serde_json::to_value(&imported.state).unwrap();
    let groups = json!({
        "web": {"WINDOWS": "prod"}, "db": {"WINDOWS": aws}, "x": {"WINDOWS": foreign}
    });
    assert_eq!(state["PatchGroups"], groups);
    assert_eq!(state.get("Defaults"), None);
    for (id, name, reference) in [(OWN, "prod", "prod"), (AWS, aws, aws)] {
        let imported = import(json!({
            "Baselines": [baseline(OWN, "prod")], "BaselineListing": [listed(id, name, true)]
        }));
        let state = serde_json::to_value(&imported.state).unwrap();
        assert_eq!(state["Defaults"], json!({"WINDOWS": reference}));
    }
}

#[test]
fn a_window_refers_to_its_targets_by_their_names() {
    let window = |target_name: Option<&str>| {
        json!({
            "Window": {
                "WindowId": "mw-00000000000000001", "Name": "nightly", "Schedule": "rate(1 day)",
                "Duration": 3, "Cutoff": 1, "AllowUnassociatedTargets": false, "Enabled": true
            },
            "Targets": [{
                "WindowTargetId": TARGET, "Name": target_name, "ResourceType": "INSTANCE",
                "Targets": [{"Key": "tag:Role", "Values": ["web"]}]
            }],
            "Tasks": [{
                "WindowTaskId": "00000000-0000-4000-8000-000000000002", "Name": "scan",
                "TaskArn": "AWS-RunPatchBaseline", "TaskType": "RUN_COMMAND",
                "Targets": [{"Key": "WindowTargetIds", "Values": [TARGET]}]
            }]
        })
    };
    let imported = import(json!({"Windows": [window(Some("web"))]}));
    let task = &imported.state.maintenance_windows[0].tasks[0];
    assert_eq!(task.target_names, ["web"]);
    assert_eq!(task.task.targets, None);

    let imported = import(json!({"Windows": [window(None)]}));
    assert!(imported.state.maintenance_windows.is_empty());
    let left_out = &imported.left_out[0];
    assert_eq!(left_out.kind, ResourceKind::MaintenanceWindow);
    assert_eq!(left_out.name, "nightly");
    assert!(left_out.reason.contains("Targets[0].Name"), "{left_out}");
}

#[test]
fn what_quick_setup_made_for_a_policy_is_left_to_it_and_what_has_no_name_is_named() {
    let association = |id: usize, name: Option<&str>, policy: Option<&str>| {
        json!({
            "Association": {
                "AssociationId": format!("00000000-0000-4000-8000-{id:012}"),
                "AssociationName": name, "Name": "AWS-RunPatchBaseline"
            },
            "Policy": policy
        })
    };
    let arn = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/x";
    let imported = import(json!({"Associations": [
        association(1, Some("AWS-QuickSetup-PatchPolicy-ScanForPatches-LA-x"), Some(arn)),
        association(2, Some("scan"), None),
        association(3, None, None),
        association(4, Some("twice"), None),
        association(5, Some("twice"), None),
    ]}));
    let names = imported.state.associations.iter();
    let names: Vec<_> = names.map(|one| one.association_name.as_deref()).collect();
    assert_eq!(names, [Some("scan")]);
    let left_out: Vec<&str> = imported.left_out.iter().map(|one| &*one.name).collect();
    assert_eq!(
        left_out,
        ["00000000-0000-4000-8000-000000000003", "twice", "twice"]
    );
}

#[test]
fn two_baselines_of_one_name_and_system_are_left_out_and_said() {
    let parts =
        json!({"Baselines": [baseline(OWN, "prod"), baseline("pb-00000000000000003", "prod")]});
    let imported = import(parts);
    assert!(imported.state.baselines.is_empty());
    assert_eq!(imported.left_out.len(), 2);
    assert!(
        imported.left_out[0]
            .to_string()
            .starts_with("baseline prod: pb-")
    );
}

#[test]
fn a_policy_that_selects_a_deleted_baseline_is_left_out_and_said() {
    let policy = |id: &str| {
        let schedule = PolicySchedule::daily_scan_weekly_install("nightly");
        let schedule = schedule.baseline(OperatingSystem::Windows, id, "prod");
        let arn = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/x";
        let policy = schedule.patch_policy().unwrap();
        PatchPolicyState::new(arn, policy, PolicyStatus::Succeeded)
    };
    let parts = |id: &str| {
        json!({
            "Baselines": [baseline(OWN, "prod")], "BaselineListing": [listed(OWN, "prod", false)],
            "Policies": [policy(id)]
        })
    };
    let gone = "pb-00000000000000009";
    let imported = import(parts(gone));
    assert!(imported.state.patch_policies.is_empty());
    assert_eq!(imported.left_out[0].kind, ResourceKind::PatchPolicy);
    assert!(
        imported.left_out[0].reason.contains(gone),
        "{}",
        imported.left_out[0]
    );
    let arn = format!("arn:aws:ssm:us-east-1:123456789012:patchbaseline/{OWN}");
    for id in [OWN, &arn] {
        assert_eq!(import(parts(id)).left_out, [], "{id}");
    }
    // Nothing is known to be gone if the baselines could not be read.
    let mut unread = parts(gone);
    unread["Unread"] = json!([{"Part": "Baselines", "Kind": "AccessDenied", "Message": "no"}]);
    assert_eq!(import(unread).state.patch_policies.len(), 1);
}

/// State Manager describes an association of one node by its id with the node as target too.
#[test]
fn an_association_that_is_described_with_its_node_is_imported_with_targets_only() {
    let node = "i-0123456789abcdef0";
    let imported = import(json!({"Associations": [{"Association": {
        "AssociationId": "00000000-0000-4000-8000-000000000001", "AssociationName": "scan",
        "Name": "AWS-RunPatchBaseline", "InstanceId": node,
        "Targets": [{"Key": "InstanceIds", "Values": [node]}]
    }}]}));
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    assert_eq!(imported.state.associations[0].instance_id, None);
}

#[test]
fn a_snapshot_refuses_members_that_it_does_not_have_at_their_paths() {
    let snapshot = json!({
        "TakenAt": "2026-05-14T00:00:00Z", "Baselins": [],
        "Nodes": [{"Id": "i-0123456789abcdef0", "Tag": []}]
    });
    let error = MirrorSnapshot::from_json(&snapshot.to_string()).unwrap_err();
    let found: Vec<&str> = error.violations().iter().map(|one| &*one.field).collect();
    assert_eq!(found, ["Baselins", "Nodes[0].Tag"]);
    assert!(
        error.to_string().contains("the nearest is `Baselines`"),
        "{error}"
    );
}
