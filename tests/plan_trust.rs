//! An apply does nothing that a plan made now would not do, whatever the plan's file says and whoever
//! changed the account since.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    AssociationStore, MaintenanceWindowStore, NodeInventory, Operation, RemoveTagsFromResource,
    ResourceTypeForTagging,
};
use aws_patch_manager::plan::{
    ApplyEvent, DesiredState, OWNER_TAG, Plan, PlannedAction, ResourceKind,
};
use aws_patch_manager::schedule::window::UpdateMaintenanceWindow;
use aws_patch_manager::types::{BaselineId, Change, OperatingSystem, Tag};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PatchGroup, PatchManager, PolicySchedule,
};
use futures_util::TryStreamExt;
use serde_json::{Value, json};
use support::accounts::{account, instances, sample};
use support::plans::{STATE, applied, content, made, planned, pruned, refused, state};

fn baseline(name: &str, os: &str, approved: &str) -> Value {
    json!({"Name": name, "OperatingSystem": os, "ApprovedPatches": [approved]})
}

fn window(name: &str) -> Value {
    json!({"Window": {"Name": name, "Schedule": "cron(0 2 ? * SUN *)", "Duration": 3, "Cutoff": 1,
        "AllowUnassociatedTargets": true}})
}

/// A window over the nodes of a patch group.
fn window_over(name: &str, group: &str) -> Value {
    let mut window = window(name);
    window["Targets"] = json!([{"Name": "nodes", "ResourceType": "INSTANCE",
        "Targets": [{"Key": "tag:PatchGroup", "Values": [group]}]}]);
    window
}

fn association(name: &str) -> Value {
    json!({"Name": "AWS-RunPatchBaseline", "AssociationName": name,
        "Parameters": {"Operation": ["Scan"]}, "ScheduleExpression": "rate(1 day)",
        "Targets": [{"Key": "tag:Role", "Values": ["web"]}]})
}

fn renamed(mut desired: DesiredState, name: &str) -> DesiredState {
    desired.name = name.to_owned();
    desired
}

/// One resource of each kind that has an owner tag.
fn one_of_each() -> DesiredState {
    state(json!({
        "Baselines": [baseline("prod", "UBUNTU", "curl")],
        "MaintenanceWindows": [window("night")],
        "Associations": [association("scan")],
    }))
}

const OWNED: [(ResourceKind, ResourceTypeForTagging); 3] = [
    (
        ResourceKind::Baseline,
        ResourceTypeForTagging::PatchBaseline,
    ),
    (
        ResourceKind::MaintenanceWindow,
        ResourceTypeForTagging::MaintenanceWindow,
    ),
    (
        ResourceKind::Association,
        ResourceTypeForTagging::Association,
    ),
];

/// The id of the one own resource of a kind.
async fn id_of(manager: &PatchManager, kind: ResourceKind) -> String {
    let plan = manager.plan_destroy(&one_of_each()).await.unwrap();
    let mut steps = plan.steps.into_iter();
    let step = steps.find(|step| step.resource.kind == kind).unwrap();
    step.id.unwrap()
}

async fn tag(manager: &PatchManager, kind: &ResourceTypeForTagging, id: &str, owner: &str) {
    let tags = [Tag::new(OWNER_TAG, owner)];
    let tagged = manager.ensure_resource_tags(kind.clone(), id, &tags);
    tagged.await.unwrap();
}

async fn untag(account: &MemoryBackend, kind: &ResourceTypeForTagging, id: &str) {
    let request = RemoveTagsFromResource::new(kind.clone(), id, vec![OWNER_TAG.to_owned()]);
    account.remove_tags_from_resource(request).await.unwrap();
}

async fn own_baseline(manager: &PatchManager, name: &str) -> BaselineId {
    let listed: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let mut listed = listed.into_iter();
    let found = listed.find(|one| one.baseline_name.as_deref() == Some(name));
    found.unwrap().baseline_id.unwrap()
}

/// The plan with its file edited.
fn edited(plan: &Plan, edit: impl FnOnce(&mut Value)) -> Plan {
    let mut file = serde_json::to_value(plan).unwrap();
    edit(&mut file);
    serde_json::from_value(file).unwrap()
}

fn deletion(kind: &str, name: &str, os: Option<&str>, id: &str) -> Value {
    let mut resource = json!({"Kind": kind, "Name": name});
    if let Some(os) = os {
        resource["OperatingSystem"] = json!(os);
    }
    json!({"Resource": resource, "Id": id, "Action": "Delete"})
}

/// Applies the plan, and expects a refusal that changes nothing.
async fn refused_as_stale(manager: &PatchManager, plan: &Plan) -> Error {
    let before = content(manager).await;
    let refused = refused(manager, plan).await;
    assert_eq!(refused.kind(), ErrorKind::Stale, "{refused}");
    assert!(refused.completed_steps().is_empty(), "{refused}");
    assert_eq!(content(manager).await, before);
    refused
}

#[tokio::test]
async fn what_is_not_the_states_own_any_more_is_not_deleted() {
    for (kind, tagged) in &OWNED {
        for taken_by in [None, Some("other")] {
            let (account, manager) = sample();
            made(&manager, &one_of_each()).await;
            let id = id_of(&manager, *kind).await;
            for plan in [
                pruned(&manager, &state(json!({}))).await,
                manager.plan_destroy(&one_of_each()).await.unwrap(),
            ] {
                tag(&manager, tagged, &id, STATE).await;
                match taken_by {
                    Some(owner) => tag(&manager, tagged, &id, owner).await,
                    None => {
                        untag(&account, tagged, &id).await;
                    }
                }
                let refused = refused_as_stale(&manager, &plan).await;
                let violation = &refused.violations()[0];
                assert_eq!(violation.value, id, "{refused}");
                let legal = "a plan that is made now does not delete it";
                assert_eq!(violation.legal, legal);
            }
        }
    }
}

#[tokio::test]
async fn what_somebody_deleted_already_is_unchanged() {
    let (account, manager) = sample();
    made(&manager, &one_of_each()).await;
    let plan = manager.plan_destroy(&one_of_each()).await.unwrap();
    applied(&manager, &plan).await;
    account.clear_calls();
    let events = applied(&manager, &plan).await;
    let unchanged = events.iter().filter(|event| match event {
        ApplyEvent::Finished { change, .. } => *change == Change::Unchanged,
        _ => false,
    });
    assert_eq!(unchanged.count(), 3);
    assert_eq!(account.call_count(Operation::DeleteMaintenanceWindow), 0);
}

/// A file that says to delete something does not make it so.
#[tokio::test]
async fn a_deletion_that_somebody_wrote_into_a_plan_is_refused() {
    let (_, manager) = sample();
    let other = renamed(
        state(json!({
            "Baselines": [baseline("theirs", "UBUNTU", "curl")],
            "PatchGroups": {"db": {"UBUNTU": "theirs"}},
            "Defaults": {"UBUNTU": "theirs"},
            "MaintenanceWindows": [window("theirs")],
            "Associations": [association("theirs")],
        })),
        "other",
    );
    made(&manager, &other).await;
    let policy = PolicySchedule::daily_scan_weekly_install("theirs");
    let policy = policy.patch_policy().unwrap();
    let arn = manager.ensure_policy(&policy).await.unwrap().arn;
    let ours = one_of_each();
    made(&manager, &ours).await;
    let theirs = own_baseline(&manager, "theirs").await;
    let mut targets = vec![
        deletion("PatchGroup", "db", Some("UBUNTU"), theirs.as_str()),
        deletion("DefaultBaseline", "", Some("UBUNTU"), theirs.as_str()),
        deletion("PatchPolicy", "theirs", None, arn.as_str()),
    ];
    let destroy = manager.plan_destroy(&other).await.unwrap();
    for step in destroy.changes() {
        let kind = format!("{:?}", step.resource.kind);
        let os = step.resource.operating_system.as_ref();
        let id = step.id.as_deref().unwrap();
        targets.push(deletion(
            &kind,
            &step.resource.name,
            os.map(|os| os.as_str()),
            id,
        ));
    }
    // Its own resources that the state still has are no more to be deleted.
    for (kind, _) in &OWNED {
        let id = id_of(&manager, *kind).await;
        let name = match kind {
            ResourceKind::Baseline => "prod",
            ResourceKind::MaintenanceWindow => "night",
            _ => "scan",
        };
        let os = (*kind == ResourceKind::Baseline).then_some("UBUNTU");
        targets.push(deletion(&format!("{kind:?}"), name, os, &id));
    }
    targets.push(
        json!({"Resource": {"Kind": "MaintenanceWindow", "Name": "theirs"}, "Action": "Delete"}),
    );
    targets.push(json!({"Resource": {"Kind": "Nodes", "Name": "tag:Role=web"}, "Id": "x", "Action": "Delete"}));
    assert!(targets.len() >= 11, "{targets:?}");
    for options in [json!({}), json!({"Prune": true, "Adopt": true})] {
        let plan = planned(&manager, &ours).await;
        for target in &targets {
            let edited = edited(&plan, |file| {
                file["Options"] = options.clone();
                file["Steps"].as_array_mut().unwrap().push(target.clone());
            });
            refused_as_stale(&manager, &edited).await;
        }
    }
}

/// Only the plan's own steps can be in it, whatever they do.
#[tokio::test]
async fn a_step_that_somebody_wrote_into_a_plan_is_refused_or_changes_nothing() {
    let (_, manager) = account(instances(2));
    let other = renamed(
        state(json!({
            "Baselines": [baseline("theirs", "UBUNTU", "curl")],
            "MaintenanceWindows": [window("theirs")],
        })),
        "other",
    );
    made(&manager, &other).await;
    let ours = one_of_each();
    made(&manager, &ours).await;
    let plan = planned(&manager, &ours).await;
    let resources = [
        json!({"Kind": "Baseline", "Name": "theirs", "OperatingSystem": "UBUNTU"}),
        json!({"Kind": "MaintenanceWindow", "Name": "theirs"}),
        json!({"Kind": "PatchGroup", "Name": "db", "OperatingSystem": "UBUNTU"}),
        json!({"Kind": "DefaultBaseline", "Name": "", "OperatingSystem": "UBUNTU"}),
        json!({"Kind": "Nodes", "Name": "tag:Role=web"}),
        json!({"Kind": "PatchPolicy", "Name": "x"}),
    ];
    for resource in resources {
        for action in ["Create", "Update", "Replace", "Adopt"] {
            let step = json!({"Resource": resource, "Action": action});
            let edited = edited(&plan, |file| {
                file["Steps"].as_array_mut().unwrap().push(step);
            });
            refused_as_stale(&manager, &edited).await;
        }
    }
    // A step of what is as desired does nothing.
    let before = content(&manager).await;
    for action in ["Create", "Update", "Replace", "Adopt"] {
        let edited = edited(&plan, |file| {
            for step in file["Steps"].as_array_mut().unwrap() {
                step["Action"] = json!(action);
            }
        });
        applied(&manager, &edited).await;
        assert_eq!(content(&manager).await, before, "{action}");
    }
}

/// What was nobody's and as desired stays nobody's, even if the plan meant to create it.
#[tokio::test]
async fn what_somebody_made_meanwhile_is_not_taken_over() {
    for (place, (kind, tagged)) in OWNED.iter().enumerate() {
        for owner in [None, Some("other")] {
            let (account, manager) = sample();
            let plan = planned(&manager, &one_of_each()).await;
            assert_eq!(plan.changes().count(), 3);
            made(&manager, &renamed(one_of_each(), "other")).await;
            if owner.is_none() {
                let destroy = renamed(one_of_each(), "other");
                let destroy = manager.plan_destroy(&destroy).await.unwrap();
                for step in destroy.changes() {
                    let of = OWNED.iter().find(|(kind, _)| *kind == step.resource.kind);
                    let (_, tagged) = of.unwrap();
                    untag(&account, tagged, step.id.as_deref().unwrap()).await;
                }
                let before = content(&manager).await;
                applied(&manager, &plan).await;
                assert_eq!(content(&manager).await, before, "{kind} {tagged:?}");
            } else {
                let refused = refused_as_stale(&manager, &plan).await;
                let violation = &refused.violations()[place];
                assert_eq!(violation.value, "other");
                assert!(violation.field.starts_with(&kind.to_string()), "{refused}");
            }
        }
    }
}

/// An apply that another state overtook says so, also if the other state made it otherwise.
#[tokio::test]
async fn what_another_state_made_otherwise_is_stale() {
    let (_, manager) = sample();
    let plan = planned(&manager, &one_of_each()).await;
    let theirs = state(json!({"Baselines": [baseline("prod", "UBUNTU", "openssl")]}));
    made(&manager, &renamed(theirs, "other")).await;
    refused_as_stale(&manager, &plan).await;
}

/// An adoption that stops before the tag is set is finished by the same plan.
#[tokio::test]
async fn an_adoption_that_stopped_is_finished() {
    let (account, manager) = sample();
    let spec = BaselineBuilder::new("prod", OperatingSystem::Ubuntu).approve_patches(["openssl"]);
    manager
        .create_baseline(spec.build().unwrap())
        .await
        .unwrap();
    let desired = state(json!({"Baselines": [baseline("prod", "UBUNTU", "curl")]}));
    let plan = planned(&manager, &desired).await;
    assert_eq!(plan.steps[0].action, PlannedAction::Adopt);
    account.faults().throttle(Operation::AddTagsToResource);
    refused(&manager, &plan).await;
    applied(&manager, &plan).await;
    let destroyed = manager.plan_destroy(&desired).await.unwrap();
    assert_eq!(destroyed.changes().count(), 1, "it is the state's own");
}

#[tokio::test]
async fn a_replacement_that_stopped_is_finished() {
    let (account, manager) = sample();
    let of = |os: &str| state(json!({"Baselines": [baseline("prod", os, "curl")]}));
    made(&manager, &of("UBUNTU")).await;
    let plan = planned(&manager, &of("DEBIAN")).await;
    account.faults().throttle(Operation::DeletePatchBaseline);
    refused(&manager, &plan).await;
    applied(&manager, &plan).await;
    let listed: Vec<_> = manager.list_baselines().try_collect().await.unwrap();
    let named = listed
        .iter()
        .filter(|one| one.baseline_name.as_deref() == Some("prod"));
    assert_eq!(named.count(), 1);
}

/// Its users are read although the state has nothing of their kinds.
#[tokio::test]
async fn a_baseline_that_is_replaced_stays_if_a_policy_selects_it() {
    let (_, manager) = sample();
    let of = |os: &str| state(json!({"Baselines": [baseline("prod", os, "curl")]}));
    made(&manager, &of("UBUNTU")).await;
    let id = own_baseline(&manager, "prod").await;
    let policy = PolicySchedule::daily_scan_weekly_install("nightly")
        .baseline(OperatingSystem::Ubuntu, id, "prod")
        .patch_policy();
    manager.ensure_policy(&policy.unwrap()).await.unwrap();
    let plan = planned(&manager, &of("DEBIAN")).await;
    assert_eq!(plan.changes().count(), 1, "{plan}");
    let note = "baseline prod stays: the patch policy nightly selects it";
    assert_eq!(plan.notes, [note]);
    applied(&manager, &plan).await;
}

/// A group that was registered since would be deregistered with the deletion.
#[tokio::test]
async fn a_baseline_that_got_a_group_meanwhile_is_not_deleted() {
    let (_, manager) = sample();
    made(&manager, &one_of_each()).await;
    let plan = manager.plan_destroy(&one_of_each()).await.unwrap();
    let id = own_baseline(&manager, "prod").await;
    let group = PatchGroup::new("db").unwrap();
    manager.bind_patch_group(&group, &id).await.unwrap();
    let refused = refused_as_stale(&manager, &plan).await;
    let field = "baseline prod (UBUNTU): PatchGroups.db";
    assert_eq!(refused.violations()[0].field, field);
}

#[tokio::test]
async fn a_baseline_whose_group_another_state_patches_stays() {
    for over in ["MaintenanceWindows", "Associations"] {
        let (_, manager) = sample();
        let ours = state(json!({"Baselines": [baseline("prod", "UBUNTU", "curl")]}));
        made(&manager, &ours).await;
        let id = own_baseline(&manager, "prod").await;
        let mut association = association("theirs");
        association["Targets"] = json!([{"Key": "tag:Patch Group", "Values": ["db"]}]);
        let (resource, user) = match over {
            "Associations" => (association, "the association theirs"),
            _ => (window_over("theirs", "db"), "the maintenance window theirs"),
        };
        let theirs = state(json!({
            "PatchGroups": {"db": {"UBUNTU": id}}, over: [resource]
        }));
        made(&manager, &renamed(theirs, "other")).await;

        let note =
            format!("baseline prod stays: {user} of the state `other` uses its patch group db");
        for plan in [
            manager.plan_destroy(&ours).await.unwrap(),
            pruned(&manager, &state(json!({}))).await,
        ] {
            assert!(plan.is_empty(), "{plan}");
            assert_eq!(plan.notes, [note.as_str()]);
        }
        let plan = pruned(&manager, &ours).await;
        assert!(plan.is_empty(), "{plan}");
        let note = format!("patch group db (UBUNTU) stays: {user} of the state `other` uses it");
        assert_eq!(plan.notes, [note.as_str()]);
    }
}

#[tokio::test]
async fn what_the_state_does_not_name_and_loses_its_baseline_is_a_warning() {
    let (_, manager) = sample();
    let ours = state(json!({"Baselines": [baseline("prod", "UBUNTU", "curl")]}));
    made(&manager, &ours).await;
    let id = own_baseline(&manager, "prod").await;
    let group = PatchGroup::new("db").unwrap();
    manager.bind_patch_group(&group, &id).await.unwrap();
    manager.set_default_baseline(&id).await.unwrap();
    let warnings = [
        "patch group db (UBUNTU) loses baseline prod, and the state does not name it: check that \
         nobody else needs it",
        "default baseline UBUNTU loses baseline prod, and the state does not name it: check that \
         nobody else needs it",
    ];
    for plan in [
        manager.plan_destroy(&ours).await.unwrap(),
        pruned(&manager, &ours).await,
        pruned(&manager, &state(json!({}))).await,
    ] {
        assert_eq!(plan.warnings, warnings, "{plan}");
        let printed = format!("\nWarning: {}", warnings[0]);
        assert!(plan.to_string().contains(&printed), "{plan}");
        let markdown = plan.to_markdown();
        let listed = format!("**Check before it is applied**\n\n- `{}`\n", warnings[0]);
        assert!(markdown.contains(&listed), "{markdown}");
    }
    // What the state names is its own to give back.
    let named = state(json!({
        "Baselines": [baseline("prod", "UBUNTU", "curl")],
        "PatchGroups": {"db": {"UBUNTU": "prod"}}, "Defaults": {"UBUNTU": "prod"},
    }));
    let plan = manager.plan_destroy(&named).await.unwrap();
    assert_eq!(plan.warnings, [] as [&str; 0]);
}

/// A policy that is only in the state selects nothing in the account.
#[tokio::test]
async fn a_policy_that_is_not_made_keeps_no_baseline_from_being_destroyed() {
    let (_, manager) = account(instances(1));
    let built = PolicySchedule::daily_scan_weekly_install("nightly").patch_policy();
    // The builder takes ids only; a state takes names.
    let mut policy = json!(built.unwrap());
    policy["Baselines"]["UBUNTU"] = json!({"value": "prod", "label": "prod"});
    let baselines = json!([baseline("prod", "UBUNTU", "curl")]);
    made(&manager, &state(json!({"Baselines": baselines}))).await;
    let desired = state(json!({"Baselines": baselines, "PatchPolicies": [policy]}));
    let plan = manager.plan_destroy(&desired).await.unwrap();
    assert_eq!(plan.notes, [] as [&str; 0]);
    assert_eq!(plan.changes().count(), 1, "{plan}");

    // One that selects something else in the account does not count as the state's either.
    let mut made_otherwise = desired.patch_policies[0].clone();
    made_otherwise.baselines.clear();
    manager.ensure_policy(&made_otherwise).await.unwrap();
    let plan = manager.plan_destroy(&desired).await.unwrap();
    let note = "patch policy nightly stays: it is not as the state says";
    assert_eq!(plan.notes, [note]);
    assert_eq!(plan.changes().count(), 1, "{plan}");
}

#[tokio::test]
async fn resources_of_one_name_are_destroyed_one_by_one() {
    let (account, manager) = sample();
    let desired = state(json!({
        "Baselines": [baseline("prod", "UBUNTU", "curl")],
        "PatchGroups": {"web": {"UBUNTU": "prod"}},
        "MaintenanceWindows": [window("night")],
        "Associations": [association("scan")],
    }));
    made(&manager, &desired).await;
    twice(&account, &manager, &desired).await;
    let plan = manager.plan_destroy(&desired).await.unwrap();
    assert_eq!(plan.changes().count(), 6, "{plan}");
    account.faults().throttle(Operation::DeletePatchBaseline);
    refused(&manager, &plan).await;
    applied(&manager, &plan).await;
    assert!(manager.plan_destroy(&desired).await.unwrap().is_empty());
}

/// Makes a second one of each resource, with the same name and owner.
async fn twice(account: &MemoryBackend, manager: &PatchManager, desired: &DesiredState) {
    let owner = Tag::new(OWNER_TAG, STATE);
    let mut spec = desired.baselines[0].clone();
    spec.tags.push(owner.clone());
    manager.create_baseline(spec).await.unwrap();
    let mut window = desired.maintenance_windows[0].clone();
    window.window.name = Some("second".to_owned());
    window.window.tags = Some(vec![owner.clone()]);
    let id = manager.ensure_maintenance_window(&window).await.unwrap().id;
    let mut rename = UpdateMaintenanceWindow::new(id);
    rename.name = Some("night".to_owned());
    account.update_maintenance_window(rename).await.unwrap();
    let mut association = desired.associations[0].clone();
    association.tags = Some(vec![owner]);
    account.create_association(association).await.unwrap();
}

/// A name with a line break would begin a line of its own, in another colour.
#[tokio::test]
async fn a_name_cannot_begin_a_line_of_a_printed_plan() {
    const EVIL: &str = "x\n- baseline prod\r\u{1b}[2J\u{202e}\u{2028}y";
    let (_, manager) = sample();
    let plan = planned(&manager, &one_of_each()).await;
    let plan = edited(&plan, |file| {
        file["Notes"] = json!([EVIL]);
        file["Warnings"] = json!([EVIL]);
        file["Unread"] = json!([
            {"Part": "Tags", "Resource": EVIL, "Kind": "AccessDenied", "Message": EVIL}
        ]);
        for step in file["Steps"].as_array_mut().unwrap() {
            step["Resource"]["Name"] = json!(EVIL);
            step["Differences"] = json!([{"Field": EVIL, "Before": EVIL, "After": EVIL}]);
        }
    });
    let (text, markdown) = (plan.to_string(), plan.to_markdown());
    for printed in [&text, &markdown] {
        assert!(
            !printed.lines().any(|line| line.starts_with("- baseline")),
            "{printed}"
        );
        let hidden = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}".contains(c);
        assert!(!printed.contains(hidden), "{printed:?}");
    }
    assert_eq!(
        text.lines()
            .filter(|line| line.contains("x - baseline"))
            .count(),
        9
    );
}

/// The ids that a mirror made up are looked up, not searched for one by one.
#[tokio::test]
async fn what_a_plan_creates_is_named_in_later_requests() {
    let (_, manager) = sample();
    let windows: Vec<Value> = (0..3)
        .map(|n| window_over(&format!("night-{n}"), "web"))
        .collect();
    let plan = planned(&manager, &state(json!({"MaintenanceWindows": windows}))).await;
    for (place, step) in plan.steps.iter().enumerate() {
        let id = format!("(id of maintenance window night-{place})");
        assert_eq!(step.calls[1].request["WindowId"], json!(id));
    }
}

/// A plan with every kind of resource, some to be created and some to be updated.
async fn of_every_kind(manager: &PatchManager) -> Plan {
    let policy = PolicySchedule::daily_scan_weekly_install("nightly").patch_policy();
    let mut policy = json!(policy.unwrap());
    policy["Baselines"]["UBUNTU"] = json!({"value": "prod", "label": "prod"});
    let mut updated = window_over("kept", "web");
    let desired = |window: &Value, approved: &str, operation: &str| {
        let mut kept = association("kept");
        kept["Parameters"]["Operation"] = json!([operation]);
        state(json!({
            "Baselines": [baseline("kept", "DEBIAN", approved)],
            "MaintenanceWindows": [window],
            "Associations": [kept],
        }))
    };
    made(manager, &desired(&updated, "curl", "Scan")).await;
    updated["Window"]["Duration"] = json!(4);
    updated["Targets"][0]["Targets"][0]["Values"] = json!(["web", "proxy"]);
    let mut whole = desired(&updated, "openssl", "Install");
    let new = state(json!({
        "Baselines": [baseline("prod", "UBUNTU", "curl")],
        "PatchGroups": {"web": {"UBUNTU": "prod"}},
        "Defaults": {"UBUNTU": "prod"},
        "Nodes": [{"Targets": [{"Key": "InstanceIds", "Values": ["i-00000000000000000"]}],
            "Tags": [{"Key": "Team", "Value": "web"}]}],
        "PatchPolicies": [policy],
        "MaintenanceWindows": [window_over("night", "web")],
        "Associations": [association("scan")],
    }));
    whole.baselines.extend(new.baselines);
    whole.patch_groups = new.patch_groups;
    whole.defaults = new.defaults;
    whole.nodes = new.nodes;
    whole.patch_policies = new.patch_policies;
    whole.maintenance_windows.extend(new.maintenance_windows);
    whole.associations.extend(new.associations);
    planned(manager, &whole).await
}

/// What is written is what the steps show, whatever the state in the file says.
#[tokio::test]
async fn a_state_that_was_edited_in_a_plan_is_refused_by_path_with_both_values() {
    let edits = [
        (
            "/Baselines/0/ApprovedPatches",
            json!(["sudo"]),
            "baseline kept (DEBIAN): ApprovedPatches",
            (r#"["sudo"]"#, r#"the plan writes ["openssl"]"#),
        ),
        (
            "/Baselines/1/ApprovedPatches",
            json!(["sudo"]),
            "baseline prod (UBUNTU): CreatePatchBaseline.ApprovedPatches",
            (r#"["sudo"]"#, r#"the plan writes ["curl"]"#),
        ),
        (
            "/PatchGroups/web/UBUNTU",
            json!("AWS"),
            "patch group web (UBUNTU): RegisterPatchBaselineForPatchGroup.BaselineId",
            ("", r#"the plan writes "(id of baseline prod)""#),
        ),
        (
            "/Defaults/UBUNTU",
            json!("pb-00000000000000001"),
            "default baseline UBUNTU",
            ("", ""),
        ),
        (
            "/Nodes/0/Tags/0/Value",
            json!("db"),
            "nodes InstanceIds=i-00000000000000000: i-00000000000000000.Team",
            ("db", "the plan writes web"),
        ),
        (
            "/MaintenanceWindows/0/Window/Duration",
            json!(5),
            "maintenance window kept: Duration",
            ("5", "the plan writes 4"),
        ),
        (
            "/MaintenanceWindows/0/Targets/0/Targets/0/Values/1",
            json!("db"),
            "maintenance window kept: Targets.nodes.Targets[0].Values",
            (r#"["db","web"]"#, r#"the plan writes ["proxy","web"]"#),
        ),
        (
            "/MaintenanceWindows/1/Window/Duration",
            json!(5),
            "maintenance window night: CreateMaintenanceWindow.Duration",
            ("5", "the plan writes 3"),
        ),
        (
            "/MaintenanceWindows/1/Targets",
            json!([]),
            "maintenance window night: RegisterTargetWithMaintenanceWindow",
            (
                "nodes",
                "the plan shows this call, and a plan that is made now does not make it",
            ),
        ),
        (
            "/Associations/0/Parameters/Operation",
            json!(["Scan"]),
            "",
            ("", ""),
        ),
        (
            "/Associations/1/Targets/0/Values",
            json!(["db"]),
            "association scan: CreateAssociation.Targets[0].Values",
            (r#"["db"]"#, r#"the plan writes ["web"]"#),
        ),
    ];
    for (pointer, value, field, (now, legal)) in edits {
        let (_, manager) = account(instances(1));
        let plan = of_every_kind(&manager).await;
        let edited = edited(&plan, |file| {
            *file["Desired"].pointer_mut(pointer).unwrap() = value;
        });
        if pointer == "/Associations/0/Parameters/Operation" {
            // It is so already: less than the plan shows is done, as after an apply that stopped.
            applied(&manager, &edited).await;
            continue;
        }
        let before = content(&manager).await;
        let refused = refused(&manager, &edited).await;
        assert_eq!(content(&manager).await, before, "{pointer}");
        if field == "default baseline UBUNTU" {
            assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused}");
            continue;
        }
        assert_eq!(refused.kind(), ErrorKind::Stale, "{refused}");
        let found = refused.violations().iter();
        let found: Vec<_> = found.filter(|one| one.field == field).collect();
        assert_eq!(found.len(), 1, "{refused}");
        assert!(now.is_empty() || found[0].value == now, "{refused}");
        assert_eq!(found[0].legal, legal, "{refused}");
    }
    let (_, manager) = account(instances(1));
    let plan = of_every_kind(&manager).await;
    applied(&manager, &plan).await;
}

#[tokio::test]
async fn a_policy_that_was_edited_in_a_plan_is_refused() {
    let (_, manager) = account(instances(1));
    let plan = of_every_kind(&manager).await;
    let edited = edited(&plan, |file| {
        file["Desired"]["PatchPolicies"][0]["ScanSchedule"] = json!("cron(0 5 * * ? *)");
    });
    let refused = refused_as_stale(&manager, &edited).await;
    let field = &refused.violations()[0].field;
    assert!(field.starts_with("patch policy nightly: "), "{refused}");
}

/// A plan that leaves out a step, or has steps in another order, is not the one that was made.
#[tokio::test]
async fn steps_that_were_removed_or_reordered_are_refused() {
    let (_, manager) = account(instances(1));
    let plan = of_every_kind(&manager).await;
    for place in 0..plan.steps.len() {
        let edited = edited(&plan, |file| {
            file["Steps"].as_array_mut().unwrap().remove(place);
        });
        let refused = refused_as_stale(&manager, &edited).await;
        let resource = plan.steps[place].resource.to_string();
        assert_eq!(refused.violations()[0].field, resource);
    }
    for place in 1..plan.steps.len() {
        let edited = edited(&plan, |file| {
            file["Steps"].as_array_mut().unwrap().swap(place - 1, place);
        });
        let refused = refused_as_stale(&manager, &edited).await;
        let resource = plan.steps[place - 1].resource.to_string();
        assert_eq!(refused.violations()[0].field, resource);
    }
}

#[tokio::test]
async fn a_step_whose_values_id_or_calls_were_edited_is_refused() {
    type Edit = fn(&mut Value);
    let edits: [(&str, Edit); 3] = [
        ("Differences", |step| {
            let differences = step["Differences"].as_array_mut().unwrap();
            differences[0]["After"] = json!("edited");
        }),
        ("Id", |step| step["Id"] = json!("pb-00000000000000001")),
        ("Calls", |step| step["Calls"] = json!([])),
    ];
    let (_, manager) = account(instances(1));
    let plan = of_every_kind(&manager).await;
    for (place, step) in plan.steps.iter().enumerate() {
        for (member, edit) in edits {
            let file = json!(step);
            let is_there = file.get(member).is_some();
            let nodes = step.resource.kind == ResourceKind::Nodes;
            // A part of a window that is created is either a difference or a call of its own.
            let parts = member == "Differences" && step.action == PlannedAction::Create;
            if !is_there || nodes && member == "Calls" || parts {
                continue;
            }
            let edited = edited(&plan, |file| edit(&mut file["Steps"][place]));
            refused_as_stale(&manager, &edited).await;
        }
    }
}

#[tokio::test]
async fn a_warning_that_was_removed_from_a_plan_is_refused() {
    let (_, manager) = sample();
    let ours = state(json!({"Baselines": [baseline("prod", "UBUNTU", "curl")]}));
    made(&manager, &ours).await;
    let id = own_baseline(&manager, "prod").await;
    manager.set_default_baseline(&id).await.unwrap();
    let plan = pruned(&manager, &ours).await;
    assert_eq!(plan.warnings.len(), 1);
    let edited = edited(&plan, |file| file["Warnings"] = json!([]));
    let refused = refused_as_stale(&manager, &edited).await;
    let violation = &refused.violations()[0];
    assert_eq!(
        (&*violation.field, &violation.value),
        ("Warnings", &plan.warnings[0])
    );
    applied(&manager, &plan).await;
}

/// Each difference of a step over many nodes is compared with that of the same node and tag: what a plan
/// of one node at a time refuses.
#[tokio::test]
async fn of_many_nodes_those_that_changed_are_refused_and_no_others() {
    const COUNT: usize = 40;
    let ids: Vec<String> = (0..COUNT).map(|n| format!("i-{n:017x}")).collect();
    let team = |ids: &[String]| {
        state(json!({"Nodes": [{
            "Targets": [{"Key": "InstanceIds", "Values": ids}], "PatchGroup": "web",
            "Tags": [{"Key": "Team", "Value": "web"}, {"Key": "Cost", "Value": ""}]
        }]}))
    };
    for changed in [
        vec![],
        vec![0],
        vec![COUNT - 1],
        vec![3, 17, 18],
        (0..COUNT).collect(),
    ] {
        let (_, manager) = account(instances(COUNT));
        let whole = planned(&manager, &team(&ids)).await;
        let mut alone = Vec::new();
        for id in &ids {
            alone.push(planned(&manager, &team(std::slice::from_ref(id))).await);
        }
        for place in &changed {
            let tags = [Tag::new("Team", "db")];
            let node = ids[*place].as_str().into();
            manager.ensure_node_tags(&node, &tags).await.unwrap();
        }
        let mut expected = Vec::new();
        for place in &changed {
            let refused = refused(&manager, &alone[*place]).await;
            expected.extend(refused.violations().iter().map(|one| {
                let (_, member) = one.field.split_once(": ").unwrap();
                (member.to_owned(), one.value.clone(), one.legal.clone())
            }));
        }
        if changed.is_empty() {
            applied(&manager, &whole).await;
            continue;
        }
        let refused = refused_as_stale(&manager, &whole).await;
        let found = refused.violations().iter().map(|one| {
            let (_, member) = one.field.split_once(": ").unwrap();
            (member.to_owned(), one.value.clone(), one.legal.clone())
        });
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), changed.len());
        assert_eq!(found, expected);
    }
}
