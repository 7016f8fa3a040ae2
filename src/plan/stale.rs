//! Whether what a plan rests on is still so, and what of it is left to do.
//!
//! The state is planned again over a new reading. Each difference that a resource of the plan has now
//! must be one that the plan had: fewer are left if the plan was applied in part, and any other one
//! comes from somebody else's change. So what the service fills in never counts, and a plan that
//! stopped half-way can be applied again.
//!
//! A plan can be a file that somebody edited, so a step is done only if the plan that is made now has
//! it too.

use std::collections::{BTreeSet, HashMap};

use super::owner::{Owner, Owners};
use super::plan::Plan;
use super::resource::ResourceKind;
use super::step::{PlannedAction, PlannedResource, PlannedStep};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::types::Difference;

/// What is left of a step.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left {
    /// Nothing: what it deletes is gone.
    Nothing,
    /// Its work.
    Work {
        /// Whether the resource is tagged as the state's own even if nothing else of it changes.
        tagged: bool,
    },
}

/// What is left of each step of a plan; a refusal if anything that the plan rests on has changed since.
pub(super) fn check(plan: &Plan, fresh: &Plan, owners: Owners<'_>) -> Result<Vec<Left>> {
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
    let mut now = Steps::of(fresh);
    let mut left = Vec::new();
    for step in &plan.steps {
        let now = now.next(step);
        if let Some(now) = now {
            compare(step, now, &mut found);
        }
        let is_deletion = step.action == PlannedAction::Delete;
        left.push(match now {
            None if is_deletion && !owners.has(step) => Left::Nothing,
            None => {
                let legal = match is_deletion {
                    true => "a plan that is made now does not delete it",
                    false => "not in the plan that is made now",
                };
                let id = step.id.as_deref().filter(|_| is_deletion);
                found.push(step.resource.to_string(), id.unwrap_or_default(), legal);
                Left::Nothing
            }
            Some(_) => {
                let adopt = plan.options.adopt || step.action == PlannedAction::Adopt;
                let tagged = owners.of(&step.resource).is_tagged(adopt);
                Left::Work { tagged }
            }
        });
    }
    found.or("Plan", left).map_err(stale)
}

/// Refuses a plan that would change what another state has made or taken since. The plan that is made
/// now would be refused too, but not as a change.
pub(super) fn check_owners(plan: &Plan, owners: Owners<'_>) -> Result<()> {
    let mut found = Violations::new();
    for step in plan.changes() {
        if step.action != PlannedAction::Delete
            && let Owner::Other(state) = owners.of(&step.resource)
        {
            let legal = "it belonged to no other state when the plan was made";
            found.push(step.resource.to_string(), state, legal);
        }
    }
    found.or("Plan", ()).map_err(stale)
}

/// The steps of a plan by their resources, and by the id of what they delete: several that are deleted
/// can have one name.
struct Steps<'p> {
    steps: HashMap<(&'p PlannedResource, Option<&'p str>), Vec<&'p PlannedStep>>,
}

impl<'p> Steps<'p> {
    fn of(plan: &'p Plan) -> Self {
        let mut steps: HashMap<_, Vec<_>> = HashMap::new();
        // The last one first, so that they are taken in order.
        for step in plan.steps.iter().rev() {
            steps.entry(key(step)).or_default().push(step);
        }
        Self { steps }
    }

    /// The next step of a resource: two entries of nodes can have the same targets.
    fn next(&mut self, planned: &'p PlannedStep) -> Option<&'p PlannedStep> {
        self.steps.get_mut(&key(planned))?.pop()
    }
}

fn key(step: &PlannedStep) -> (&PlannedResource, Option<&str>) {
    let deleted = step.action == PlannedAction::Delete;
    // A deletion without an id is nobody's.
    let id = deleted.then(|| step.id.as_deref().unwrap_or_default());
    (&step.resource, id)
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
