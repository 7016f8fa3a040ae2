//! The patch policies, and the copies of the baselines that they select.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::baselines::PatchBaselineStore;
use crate::baseline::PatchBaseline;
use crate::schedule::{PatchPolicyState, PolicyStatus};
use crate::types::PatchPolicyArn;

/// The baselines of a policy by operating system, as its override file has them.
pub(crate) type BaselineCopies = BTreeMap<String, Arc<PatchBaseline>>;

/// The policies, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct PolicyStore {
    records: Vec<PolicyRecord>,
    revisions: u64,
}

/// A policy, and what is deployed of it.
#[derive(Debug)]
pub(crate) struct PolicyRecord {
    pub(crate) state: PatchPolicyState,
    /// Tells the deployment of what the policy says now from those of what it said before.
    pub(crate) revision: u64,
    pub(crate) deployed: Timestamp,
    pub(crate) copies: Arc<BaselineCopies>,
}

impl PolicyRecord {
    pub(crate) fn described(&self, now: Timestamp) -> PatchPolicyState {
        let mut state = self.state.clone();
        if now < self.deployed {
            state.status = PolicyStatus::Deploying;
        } else if state.status == PolicyStatus::Deploying {
            state.status = PolicyStatus::Succeeded;
        }
        state
    }

    /// Copies the selected baselines into the override file. One that was deleted is left out.
    pub(crate) fn copy_baselines(&mut self, baselines: &PatchBaselineStore) {
        let selected = self.state.policy.baselines.iter();
        let copies = selected.filter_map(|(os, selected)| {
            let baseline = baselines.get(selected.value.as_str())?;
            Some((os.clone(), Arc::new(baseline.clone())))
        });
        self.copies = Arc::new(copies.collect());
    }

    /// Whether it selects a baseline that can change: not AWS's.
    pub(crate) fn selects_own(&self) -> bool {
        let mut selected = self.state.policy.baselines.values();
        selected.any(|selected| !selected.is_aws_default())
    }
}

impl PolicyStore {
    pub(crate) fn add(&mut self, state: PatchPolicyState, deployed: Timestamp) {
        let revision = self.next_revision();
        self.records.push(PolicyRecord {
            state,
            revision,
            deployed,
            copies: Arc::default(),
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
