//! The patch policies, and when each fires next.

use jiff::Timestamp;

use crate::schedule::{PatchPolicyState, PolicyStatus, ScheduleExpression};
use crate::types::{PatchOperation, PatchPolicyArn};

/// The policies, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct PolicyStore {
    records: Vec<PolicyRecord>,
    revisions: u64,
}

/// A policy and when it fires next.
#[derive(Debug)]
pub(crate) struct PolicyRecord {
    pub(crate) state: PatchPolicyState,
    pub(crate) due: Due,
    /// Tells the firings of what the policy says now from those of what it said before.
    pub(crate) revision: u64,
    pub(crate) deployed: Timestamp,
}

/// The next scan and the next install.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) scan: NextFiring,
    pub(crate) install: Option<NextFiring>,
}

/// A schedule and its next firing.
#[derive(Debug)]
pub(crate) struct NextFiring {
    schedule: ScheduleExpression,
    next: Option<Timestamp>,
}

impl NextFiring {
    /// A schedule from the end of the deployment on; without waiting, it fires there for the first time.
    pub(crate) fn from(schedule: ScheduleExpression, deployed: Timestamp, waits: bool) -> Self {
        let next = if waits {
            schedule.next_after(deployed)
        } else {
            Some(deployed)
        };
        Self { schedule, next }
    }

    fn take(&mut self, now: Timestamp) -> bool {
        let due = self.next.is_some_and(|next| next <= now);
        if due {
            self.next = self.schedule.next_after(now);
        }
        due
    }
}

impl Due {
    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let install = self.install.as_ref().and_then(|plan| plan.next);
        self.scan.next.into_iter().chain(install).min()
    }

    /// What is due now, and the next times after it. An install takes the place of a scan.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<PatchOperation> {
        let scan = self.scan.take(now);
        let install = self.install.as_mut().is_some_and(|plan| plan.take(now));
        match (install, scan) {
            (true, _) => Some(PatchOperation::Install),
            (false, true) => Some(PatchOperation::Scan),
            (false, false) => None,
        }
    }
}

impl PolicyRecord {
    pub(crate) fn described(&self, now: Timestamp) -> PatchPolicyState {
        let mut state = self.state.clone();
        state.status = if now < self.deployed {
            PolicyStatus::Deploying
        } else {
            PolicyStatus::Succeeded
        };
        state
    }
}

impl PolicyStore {
    pub(crate) fn add(&mut self, state: PatchPolicyState, due: Due, deployed: Timestamp) {
        let revision = self.next_revision();
        self.records.push(PolicyRecord {
            state,
            due,
            revision,
            deployed,
        });
    }

    pub(crate) fn next_revision(&mut self) -> u64 {
        self.revisions += 1;
        self.revisions
    }

    /// Takes a policy out, and says whether it was there.
    pub(crate) fn remove(&mut self, arn: &PatchPolicyArn) -> bool {
        let before = self.records.len();
        self.records.retain(|known| known.state.arn != *arn);
        self.records.len() < before
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PolicyRecord> {
        self.records.iter()
    }

    pub(crate) fn get(&self, arn: &PatchPolicyArn) -> Option<&PolicyRecord> {
        self.records.iter().find(|known| known.state.arn == *arn)
    }

    pub(crate) fn get_mut(&mut self, arn: &PatchPolicyArn) -> Option<&mut PolicyRecord> {
        self.records
            .iter_mut()
            .find(|known| known.state.arn == *arn)
    }
}
