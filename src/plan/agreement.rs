//! Whether a step of a plan shows what a plan that is made now would do.
//!
//! An apply writes the desired state, and a reviewer reads the steps. So every value that would be
//! written now must be one that the step shows, also if only the state in the plan's file was edited.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::recorder::{CreatedIds, name_in};
use super::resource::ResourceKind;
use super::snapshot::MirrorSnapshot;
use super::step::{PlannedAction, PlannedCall, PlannedStep};
use crate::backend::Operation;
use crate::baseline::shown_member;
use crate::error::Violations;
use crate::schedule::shown_setting;
use crate::types::Difference;

/// The ids of what a plan creates and has created already, so that they are compared as the plan
/// shows them. The pairs are the steps of the plan, each with that of the plan that is made now.
pub(super) fn created_ids<'p>(
    pairs: impl Iterator<Item = (&'p PlannedStep, &'p PlannedStep)>,
    snapshot: &MirrorSnapshot,
) -> CreatedIds {
    let mut created = CreatedIds::default();
    for (planned, now) in pairs {
        let Some(id) = now.id.as_deref().filter(|_| planned.is_change()) else {
            continue;
        };
        if is_creation(planned) {
            let (kind, name) = (planned.resource.kind, planned.resource.name.as_str());
            created.insert(id, &kind.to_string(), name);
        }
        if planned.resource.kind == ResourceKind::MaintenanceWindow {
            add_targets(planned, id, snapshot, &mut created);
        }
    }
    created
}

/// Adds the ids of the targets that a step registers with a window.
fn add_targets(
    planned: &PlannedStep,
    id: &str,
    snapshot: &MirrorSnapshot,
    created: &mut CreatedIds,
) {
    let mut windows = snapshot.windows.iter();
    let known = windows.find(|known| {
        let known = known.window.window_id.as_ref();
        known.is_some_and(|known| known.as_str() == id)
    });
    let registered = planned.calls.iter();
    let registered =
        registered.filter(|call| call.operation == Operation::RegisterTargetWithMaintenanceWindow);
    let names: BTreeSet<&str> = registered.map(|call| name_in(&call.request)).collect();
    for target in known.iter().flat_map(|known| &known.targets) {
        let name = target.name.as_deref().unwrap_or_default();
        if let Some(id) = target.window_target_id.as_ref()
            && names.contains(name)
        {
            created.insert(id.as_str(), "target", name);
        }
    }
}

/// Records what a step would do now and does not show.
pub(super) fn compare(
    planned: &PlannedStep,
    now: &PlannedStep,
    created: &CreatedIds,
    found: &mut Violations,
) {
    let resource = planned.resource.to_string();
    // To rebind a group is to deregister and to register it: a plan that stopped between leaves none.
    let rebinds = planned.resource.kind == ResourceKind::PatchGroup && planned.is_change();
    if is_creation(now) && !is_creation(planned) && !rebinds {
        return found.push(resource, "gone", "it was there when the plan was made");
    }
    if let (Some(before), Some(id)) = (&planned.id, &now.id)
        && before != id
    {
        let legal = format!("it was {before} when the plan was made");
        return found.push(format!("{resource}: Id"), id, legal);
    }
    let is_shown = compare_differences(&resource, planned, now, created, found);
    // The calls over nodes are batches, of which a plan that stopped leaves others.
    if is_shown && planned.resource.kind != ResourceKind::Nodes {
        compare_calls(&resource, planned, now, created, found);
    }
}

/// Whether the step shows every difference that there is now.
fn compare_differences(
    resource: &str,
    planned: &PlannedStep,
    now: &PlannedStep,
    created: &CreatedIds,
    found: &mut Violations,
) -> bool {
    let mut shown: HashMap<&str, Vec<&Difference>> = HashMap::new();
    for difference in &planned.differences {
        let of_field = shown.entry(difference.field.as_str()).or_default();
        of_field.push(difference);
    }
    let nodes = planned.nodes();
    let mut all_shown = true;
    for difference in &now.differences {
        // A node that came later is for the next plan.
        let concerns = planned.resource.kind != ResourceKind::Nodes
            || node_of(difference).is_some_and(|node| nodes.contains(node));
        if !concerns {
            continue;
        }
        let [before, after] = [&difference.before, &difference.after].map(|side| {
            let mut side = side.clone();
            created.replace_in(&mut side);
            side
        });
        let known = shown.get(difference.field.as_str());
        let known = known.map_or(&[][..], Vec::as_slice);
        let of_before: Vec<_> = known.iter().filter(|one| one.before == before).collect();
        if of_before.iter().any(|one| one.after == after) {
            continue;
        }
        all_shown = false;
        let field = format!("{resource}: {}", difference.field);
        match (of_before.first(), known.first()) {
            (Some(one), _) => found.push(field, or_none(&after), writes(&one.after)),
            (None, Some(one)) => found.push(field, or_none(&before), was(&one.before)),
            (None, None) if is_creation(planned) => {
                found.push(field, or_none(&before), "the plan creates the resource");
            }
            (None, None) => found.push(field, or_none(&before), was(&after)),
        }
    }
    all_shown
}

/// The calls of a step that was applied in part are some of those that it shows. Those of a resource
/// that is created are all of them.
fn compare_calls(
    resource: &str,
    planned: &PlannedStep,
    now: &PlannedStep,
    created: &CreatedIds,
    found: &mut Violations,
) {
    let is_whole = is_creation(planned) && is_creation(now);
    let mut requests = Vec::new();
    for call in &now.calls {
        let mut request = call.request.clone();
        created.replace_in_value(&mut request);
        let shows = |shown: &&PlannedCall| {
            shown.operation == call.operation
                && match is_whole {
                    true => shown.request == request,
                    false => has(&shown.request, &request),
                }
        };
        if !planned.calls.iter().any(|shown| shows(&shown)) {
            report_call(resource, planned, call.operation, &request, found);
        }
        requests.push((call.operation, request));
    }
    for call in planned.calls.iter().filter(|_| is_whole) {
        let mut same = requests.iter();
        let is_same = |(operation, request): &(Operation, Value)| {
            *operation == call.operation
                && (*request == call.request || name_in(request) == name_in(&call.request))
        };
        if !same.any(is_same) {
            let field = format!("{resource}: {}", call.operation);
            let legal = "the plan shows this call, and a plan that is made now does not make it";
            found.push(field, name_in(&call.request), legal);
        }
    }
}

fn report_call(
    resource: &str,
    planned: &PlannedStep,
    operation: Operation,
    request: &Value,
    found: &mut Violations,
) {
    let field = format!("{resource}: {operation}");
    let candidates = planned.calls.iter();
    let candidates = candidates.filter(|shown| shown.operation == operation);
    let candidates: Vec<_> = candidates.collect();
    let named = candidates
        .iter()
        .find(|shown| name_in(&shown.request) == name_in(request));
    let Some(nearest) = named.or(candidates.first()) else {
        let legal = "the plan does not show this call";
        return found.push(field, name_in(request), legal);
    };
    let shown = match operation {
        Operation::CreatePatchBaseline | Operation::UpdatePatchBaseline => shown_member,
        _ => shown_setting,
    };
    for difference in Difference::between(&nearest.request, request, shown) {
        let field = format!("{field}.{}", difference.field);
        found.push(
            field,
            or_none(&difference.after),
            writes(&difference.before),
        );
    }
}

/// Whether a request that the plan shows has everything that one has now.
fn has(shown: &Value, now: &Value) -> bool {
    match (shown, now) {
        (Value::Object(shown), Value::Object(now)) => now.iter().all(|(name, now)| {
            let shown = shown.get(name);
            shown.is_some_and(|shown| has(shown, now))
        }),
        (Value::Array(shown), Value::Array(now)) => now
            .iter()
            .all(|now| shown.iter().any(|shown| has(shown, now))),
        _ => shown == now,
    }
}

pub(super) fn is_creation(step: &PlannedStep) -> bool {
    matches!(step.action, PlannedAction::Create | PlannedAction::Replace)
}

fn or_none(value: &str) -> &str {
    match value {
        "" => "none",
        value => value,
    }
}

fn was(before: &str) -> String {
    format!("it was {} when the plan was made", or_none(before))
}

fn writes(after: &str) -> String {
    format!("the plan writes {}", or_none(after))
}

/// The node that a difference of nodes is about.
pub(super) fn node_of(difference: &Difference) -> Option<&str> {
    let (node, _) = difference.field.split_once('.')?;
    Some(node)
}

impl PlannedStep {
    /// The nodes that the step changes, if it is over nodes.
    pub(super) fn nodes(&self) -> BTreeSet<&str> {
        match self.resource.kind {
            ResourceKind::Nodes => self.differences.iter().filter_map(node_of).collect(),
            _ => BTreeSet::new(),
        }
    }
}
