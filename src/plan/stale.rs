//! Whether what a plan rests on is still so, and what of it is left to do.
//!
//! The state is planned again over a new reading. Each difference that a resource of the plan has now
//! must be one that the plan had: fewer are left if the plan was applied in part, and any other one
//! comes from somebody else's change. So what the service fills in never counts, and a plan that
//! stopped half-way can be applied again.
//!
//! A plan can be a file that somebody edited. So a step is done only if the plan that is made now has
//! it too, in the same order, and writes what the step shows; and the plan that is made now may change
//! no resource of the state, and warn of nothing, that the file leaves out.

use std::collections::HashMap;

use super::agreement::{compare, created_ids};
use super::owner::{Owner, Owners};
use super::plan::Plan;
use super::snapshot::MirrorSnapshot;
use super::step::{PlannedAction, PlannedResource, PlannedStep};
use crate::error::{Error, ErrorKind, Result, Violations};

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
pub(super) fn check(
    plan: &Plan,
    fresh: &Plan,
    owners: Owners<'_>,
    snapshot: &MirrorSnapshot,
) -> Result<Vec<Left>> {
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
    let mut steps = Steps::of(fresh);
    let now: Vec<_> = plan.steps.iter().map(|step| steps.next(step)).collect();
    let pairs = plan.steps.iter().zip(&now);
    let pairs = pairs.filter_map(|(step, now)| Some((step, now.as_ref()?.1)));
    let created = created_ids(pairs, snapshot);
    let mut left = Vec::new();
    for (step, now) in plan.steps.iter().zip(&now) {
        if let Some((_, now)) = now {
            compare(step, now, &created, &mut found);
        }
        left.push(left_of(plan, step, now.is_some(), owners, &mut found));
    }
    check_order(plan, &now, &mut found);
    let planned_now = fresh.changes();
    for step in planned_now.filter(|step| step.action != PlannedAction::Delete) {
        if steps.next(step).is_some() {
            let legal = "the plan has no step for it, and the state has it";
            found.push(step.resource.to_string(), "", legal);
        }
    }
    for warning in &fresh.warnings {
        let legal = "a warning that the plan has";
        found.require(plan.warnings.contains(warning), "Warnings", warning, legal);
    }
    found.or("Plan", left).map_err(stale)
}

fn left_of(
    plan: &Plan,
    step: &PlannedStep,
    is_planned_now: bool,
    owners: Owners<'_>,
    found: &mut Violations,
) -> Left {
    if is_planned_now {
        let adopt = plan.options.adopt || step.action == PlannedAction::Adopt;
        let tagged = owners.of(&step.resource).is_tagged(adopt);
        return Left::Work { tagged };
    }
    let is_deletion = step.action == PlannedAction::Delete;
    if !is_deletion || owners.has(step) {
        let legal = match is_deletion {
            true => "a plan that is made now does not delete it",
            false => "not in the plan that is made now",
        };
        let id = step.id.as_deref().filter(|_| is_deletion);
        found.push(step.resource.to_string(), id.unwrap_or_default(), legal);
    }
    Left::Nothing
}

/// Refuses steps in another order than that of the plan that is made now: a step can refer to what an
/// earlier one creates. What is deleted comes last, in any order.
fn check_order(plan: &Plan, now: &[Option<Placed<'_>>], found: &mut Violations) {
    let mut last = 0;
    for (step, now) in plan.steps.iter().zip(now) {
        let Some((place, _)) = now else { continue };
        let place = match step.action {
            PlannedAction::Delete => usize::MAX,
            _ => *place,
        };
        let legal = "after the steps that come before it in a plan that is made now";
        found.require(last <= place, step.resource.to_string(), "", legal);
        last = last.max(place);
    }
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
    steps: HashMap<(&'p PlannedResource, Option<&'p str>), Vec<Placed<'p>>>,
}

/// A step with its place in its plan.
type Placed<'p> = (usize, &'p PlannedStep);

impl<'p> Steps<'p> {
    fn of(plan: &'p Plan) -> Self {
        let mut steps: HashMap<_, Vec<_>> = HashMap::new();
        // The last one first, so that they are taken in order.
        for (place, step) in plan.steps.iter().enumerate().rev() {
            steps.entry(key(step)).or_default().push((place, step));
        }
        Self { steps }
    }

    /// The next step of a resource: two entries of nodes can have the same targets.
    fn next(&mut self, planned: &'p PlannedStep) -> Option<Placed<'p>> {
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

impl Error {
    /// A plan that is refused because of these changes.
    fn stale(changes: Vec<crate::error::Violation>) -> Self {
        let message = "the account, or the plan's file, has changed since the plan was made";
        Self::invalid_input(changes).with_kind(ErrorKind::Stale, message)
    }
}
