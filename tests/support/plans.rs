//! Desired states, plans and their effects, as the tests of plans write them.

use aws_patch_manager::plan::{ApplyEvent, DesiredState, MirrorScope, Plan, PlanOptions};
use aws_patch_manager::{Error, PatchManager};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

/// The name of the state.
pub(crate) const STATE: &str = "web-fleet";

/// A state of that name with these members.
pub(crate) fn state(members: Value) -> DesiredState {
    let mut state = json!({"Name": STATE});
    let all = state.as_object_mut().unwrap();
    all.extend(members.as_object().unwrap().clone());
    DesiredState::from_json(&state.to_string()).unwrap()
}

pub(crate) async fn planned(manager: &PatchManager, desired: &DesiredState) -> Plan {
    manager.plan(desired, PlanOptions::new()).await.unwrap()
}

pub(crate) async fn pruned(manager: &PatchManager, desired: &DesiredState) -> Plan {
    let prune = PlanOptions::new().prune(true);
    manager.plan(desired, prune).await.unwrap()
}

pub(crate) async fn applied(manager: &PatchManager, plan: &Plan) -> Vec<ApplyEvent> {
    manager.apply(plan).try_collect().await.unwrap()
}

pub(crate) async fn refused(manager: &PatchManager, plan: &Plan) -> Error {
    let applied: Result<Vec<_>, Error> = manager.apply(plan).try_collect().await;
    applied.unwrap_err()
}

pub(crate) async fn made(manager: &PatchManager, desired: &DesiredState) {
    let plan = planned(manager, desired).await;
    applied(manager, &plan).await;
    let again = planned(manager, desired).await;
    assert!(again.is_empty(), "{again}");
}

/// Everything in an account but its instants.
pub(crate) async fn content(manager: &PatchManager) -> Value {
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    let mut content = serde_json::to_value(snapshot).unwrap();
    forget_instants(&mut content);
    content
}

pub(crate) fn forget_instants(value: &mut Value) {
    const INSTANTS: [&str; 7] = [
        "TakenAt",
        "CreatedDate",
        "ModifiedDate",
        "CreatedAt",
        "LastModifiedAt",
        "Date",
        "LastUpdateAssociationDate",
    ];
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !INSTANTS.contains(&name.as_str()));
            members.values_mut().for_each(forget_instants);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_instants),
        _ => {}
    }
}
