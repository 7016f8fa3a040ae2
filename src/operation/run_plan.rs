use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::PatchRequest;
use crate::compliance::{BATCH, PlannedCalls};
use crate::counted::Counted;
use crate::error::Result;

/// The first delay between two reads of a run's status.
pub(crate) const FIRST_DELAY: Duration = Duration::from_secs(2);
/// The longest one.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// The delay between the next two reads.
pub(crate) fn next_delay(delay: Duration) -> Duration {
    (delay * 2).min(LONGEST_DELAY)
}

/// The calls of a run and of the wait for it, with a reason for each. `Display` prints them.
///
/// [`PatchRequest::explain`] returns it, and
/// [`OrganizationRequest::explain`](crate::automation::OrganizationRequest::explain) and
/// [`RolloutState::explain`](crate::rollout::RolloutState::explain) for longer runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RunPlan {
    /// The number of nodes that the plan assumes.
    pub nodes: usize,
    /// The steps.
    pub steps: Vec<PlannedCalls>,
}

impl RunPlan {
    /// A plan of these steps: those of one kind are one, and those without a call are left out.
    pub(crate) fn of(nodes: usize, all: impl IntoIterator<Item = PlannedCalls>) -> Self {
        let mut steps: Vec<PlannedCalls> = Vec::new();
        for step in all.into_iter().filter(|step| step.calls > 0) {
            let kind =
                |one: &&mut PlannedCalls| (one.operation, one.why) == (step.operation, step.why);
            match steps.iter_mut().find(kind) {
                Some(one) => one.calls = one.calls.saturating_add(step.calls),
                None => steps.push(step),
            }
        }
        Self { nodes, steps }
    }

    /// The total number of calls.
    pub fn calls(&self) -> usize {
        PlannedCalls::total(&self.steps)
    }
}

impl fmt::Display for RunPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} for {}",
            Counted(self.calls(), "call"),
            Counted(self.nodes, "node")
        )?;
        for step in &self.steps {
            let (calls, operation, why) = (step.calls, step.operation, step.why);
            write!(f, "\n  {calls:>6}  {operation}: {why}")?;
        }
        Ok(())
    }
}

impl PatchRequest {
    /// The calls of [`run`](crate::PatchManager::run) and of [`wait`](crate::manager::PatchRun::wait), for this
    /// number of nodes and a run that lasts so long. Makes no call.
    ///
    /// For named nodes, `nodes` is ignored. The plan assumes that no call fails, and that each command of a
    /// patch group has half of its nodes. A run is taken up again from its command ids:
    /// [`resume`](crate::PatchManager::resume).
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchGroup, PatchRequest};
    ///
    /// let install = PatchRequest::install().patch_group(&PatchGroup::new("web")?);
    /// println!("{}", install.explain(400, Duration::from_secs(1800))?);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`commands`](Self::commands).
    pub fn explain(&self, nodes: usize, lasting: Duration) -> Result<RunPlan> {
        let sent = self.commands()?;
        let named: usize = sent.iter().map(|command| command.instance_ids.len()).sum();
        let nodes = if named > 0 { named } else { nodes };
        let commands = sent.len();
        let of_each = nodes.div_ceil(commands.max(1));
        let pages = commands.saturating_mul(of_each.div_ceil(BATCH).max(1));
        let step = PlannedCalls::one_by_one;
        let polled = "the status of each command, after 2 seconds and then up to every 30";
        Ok(RunPlan::of(
            nodes,
            [
                step(
                    "SendCommand",
                    commands,
                    "50 named nodes a command, or one for each target",
                ),
                step(
                    "ListCommands",
                    commands.saturating_mul(polls(lasting)),
                    polled,
                ),
            ]
            .into_iter()
            .chain(outcomes(pages, nodes.div_ceil(BATCH))),
        ))
    }
}

/// The calls that read what became of nodes: pages of invocations, and batches of patch states.
pub(crate) fn outcomes(pages: usize, batches: usize) -> [PlannedCalls; 2] {
    [
        PlannedCalls::one_by_one(
            "ListCommandInvocations",
            pages,
            "the outcome of each node, 50 a page",
        ),
        PlannedCalls::one_by_one(
            "DescribeInstancePatchStates",
            batches,
            "their patches, 50 ids a call",
        ),
    ]
}

/// How often a status is read until this time has passed.
pub(crate) fn polls(lasting: Duration) -> usize {
    let (mut at, mut delay, mut polls) = (Duration::ZERO, FIRST_DELAY, 1_usize);
    while at < lasting && delay < LONGEST_DELAY {
        at += delay;
        delay = next_delay(delay);
        polls += 1;
    }
    let left = lasting.saturating_sub(at).as_secs_f64() / LONGEST_DELAY.as_secs_f64();
    polls.saturating_add(left.ceil() as usize)
}
