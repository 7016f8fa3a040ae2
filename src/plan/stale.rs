//! Whether what a plan rests on is still so.
//!
//! The state is planned again over a new reading. Each difference that a resource of the plan has now
//! must be one that the plan had: fewer are left if the plan was applied in part, and any other one
//! comes from somebody else's change. So what the service fills in never counts, and a plan that
//! stopped half-way can be applied again.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::resource::ResourceKind;
use super::step::{PlannedAction, PlannedStep};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::types::Difference;

/// Refuses a plan if anything that it rests on has changed since.
pub(super) fn check(plan: &Plan, fresh: &Plan) -> Result<()> {
    let mut found = Violations::new();
    for (name, planned, now) in [
        ("Account", &plan.account, &fresh.account),
        ("Region", &plan.region, &fresh.region),
    ] {
        if let (Some(planned), Some(now)) = (planned, now)
            && planned != now
        {
            found.push(name, now, format!("the plan is for {planned}"));
        }
    }
    for step in &plan.steps {
        match fresh.step(&step.resource) {
            Some(now) => compare(step, now, &mut found),
            // It is gone, or not the state's own any more: there is nothing to delete.
            None if step.action == PlannedAction::Delete => {}
            None => found.push(
                step.resource.to_string(),
                "",
                "not in the plan that is made now",
            ),
        }
    }
    found.or("Plan", ()).map_err(stale)
}

fn stale(refused: Error) -> Error {
    Error::stale(refused.violations().to_vec())
}

fn compare(planned: &PlannedStep, now: &PlannedStep, found: &mut Violations) {
    let resource = planned.resource.to_string();
    // To rebind a group is to deregister and to register it: a plan that stopped between leaves none.
    let rebinds = planned.resource.kind == ResourceKind::PatchGroup && planned.is_change();
    if is_creation(now) && !is_creation(planned) && !rebinds {
        return found.push(resource, "gone", "it was there when the plan was made");
    }
    if (now.action == PlannedAction::Delete) != (planned.action == PlannedAction::Delete)
        && now.is_change()
    {
        let legal = format!("the plan was to {:?} it", planned.action);
        return found.push(resource, format!("{:?}", now.action), legal);
    }
    if now.action == PlannedAction::Delete {
        let same = planned.id == now.id;
        let was = planned.id.clone().unwrap_or_default();
        let is = now.id.clone().unwrap_or_default();
        return found.require(same, resource, is, format!("the plan deletes {was}"));
    }
    let nodes = planned.nodes();
    for difference in &now.differences {
        // A node that came later is for the next plan.
        let concerns = planned.resource.kind != ResourceKind::Nodes
            || node_of(difference).is_some_and(|node| nodes.contains(node));
        if concerns && !had(planned, difference) {
            let field = format!("{resource}: {}", difference.field);
            found.push(field, shown(&difference.before), was(planned, difference));
        }
    }
}

/// Whether the plan had this difference. The desired value is that of the same state, and may name a
/// baseline that had no id then.
fn had(planned: &PlannedStep, now: &Difference) -> bool {
    let mut differences = planned.differences.iter();
    differences.any(|planned| planned.field == now.field && planned.before == now.before)
}

fn is_creation(step: &PlannedStep) -> bool {
    matches!(step.action, PlannedAction::Create | PlannedAction::Replace)
}

fn shown(value: &str) -> String {
    match value {
        "" => "none".to_owned(),
        value => value.to_owned(),
    }
}

/// What a member was when the plan was made.
fn was(planned: &PlannedStep, now: &Difference) -> String {
    let mut differences = planned.differences.iter();
    match differences.find(|planned| planned.field == now.field) {
        Some(planned) => format!("it was {} when the plan was made", shown(&planned.before)),
        None if is_creation(planned) => "the plan creates the resource".to_owned(),
        None => format!("it was {} when the plan was made", shown(&now.after)),
    }
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

impl Error {
    /// A plan that is refused because of these changes.
    fn stale(changes: Vec<crate::error::Violation>) -> Self {
        let message = "the account has changed since the plan was made";
        Self::invalid_input(changes).with_kind(ErrorKind::Stale, message)
    }
}
