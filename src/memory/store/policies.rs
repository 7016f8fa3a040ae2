//! The patch policies, and the copies of the baselines that they select.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::baselines::PatchBaselineStore;
use crate::baseline::PatchBaseline;
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyStatus, PolicyStatusSummary, PolicyStatusType,
};
use crate::types::{OrganizationalUnitId, PatchPolicyArn};

/// The baselines of a policy by operating system, as its override file has them.
pub(crate) type BaselineCopies = BTreeMap<String, Arc<PatchBaseline>>;

/// An account and a Region.
pub(crate) type Place = (String, String);

/// The accounts of organizational units.
pub(crate) type UnitAccounts = BTreeMap<OrganizationalUnitId, BTreeSet<String>>;

/// The policies, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyStore {
    records: Vec<PolicyRecord>,
    /// Those that were made in another account or Region and are deployed to this one.
    received: Vec<PolicyRecord>,
    revisions: u64,
    /// What tests say of the organization, or what it says itself of the units that policies name.
    pub(crate) units: UnitAccounts,
    /// Where deployments fail, and with which message.
    pub(crate) failing: BTreeMap<Place, String>,
}

/// A policy, and what is deployed of it.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRecord {
    pub(crate) state: PatchPolicyState,
    /// Tells the deployment of what the policy says now from those of what it said before.
    pub(crate) revision: u64,
    pub(crate) deployed: Timestamp,
    pub(crate) copies: Arc<BaselineCopies>,
    /// Where its last deployment failed, and with which message.
    pub(crate) failed: BTreeMap<Place, String>,
    /// Its associations were found in this account and Region, so it is deployed here.
    pub(crate) is_found_here: bool,
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

    /// The status of its deployment to one place.
    pub(crate) fn status(&self, place: &Place, now: Timestamp) -> PolicyStatusSummary {
        let message = self.failed.get(place).filter(|_| now >= self.deployed);
        let status = match message {
            Some(_) => PolicyStatus::Failed,
            // The others failed.
            None if now >= self.deployed && !self.failed.is_empty() => PolicyStatus::Succeeded,
            None => self.described(now).status,
        };
        let changed = match status {
            PolicyStatus::Deploying => self.state.last_modified_at,
            _ => Some(self.deployed),
        };
        PolicyStatusSummary {
            status_type: Some(PolicyStatusType::Deployment),
            status: Some(status),
            status_message: message.cloned(),
            status_details: None,
            last_updated_at: changed,
        }
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
            failed: BTreeMap::new(),
            is_found_here: false,
        });
    }

    /// The accounts and Regions of a policy that is made in this one. Of a unit whose accounts nobody
    /// said, there are none.
    pub(crate) fn places(&self, policy: &PatchPolicy, region: &str, own: &str) -> BTreeSet<Place> {
        let units = policy.organizational_units.iter();
        let accounts: BTreeSet<&str> = match policy.organizational_units.is_empty() {
            true => BTreeSet::from([own]),
            false => {
                let known = units.filter_map(|unit| self.units.get(unit));
                known.flatten().map(String::as_str).collect()
            }
        };
        let mut regions: Vec<&str> = policy.regions.iter().map(String::as_str).collect();
        if regions.is_empty() {
            regions.push(region);
        }
        let accounts = accounts.into_iter();
        let places = accounts.flat_map(|account| regions.iter().map(move |one| (account, *one)));
        places
            .map(|(account, region)| (account.to_owned(), region.to_owned()))
            .collect()
    }

    /// Stores what is deployed here of a policy that was made elsewhere.
    pub(crate) fn receive(&mut self, policy: PolicyRecord) {
        self.withdraw(&policy.state.arn);
        self.received.push(policy);
    }

    /// Takes over the name and the copies of baselines of a policy that was made elsewhere.
    pub(crate) fn refresh(&mut self, from: &PolicyRecord) {
        let mut received = self.received.iter_mut();
        if let Some(known) = received.find(|known| known.state.arn == from.state.arn) {
            known.state.policy.name.clone_from(&from.state.policy.name);
            known.copies = Arc::clone(&from.copies);
        }
    }

    /// Takes out what is deployed here of a policy that was made elsewhere.
    pub(crate) fn withdraw(&mut self, arn: &PatchPolicyArn) {
        self.received.retain(|known| known.state.arn != *arn);
    }

    /// The policy of an association of this account and Region, wherever it was made.
    pub(crate) fn deployed(&self, arn: &PatchPolicyArn) -> Option<&PolicyRecord> {
        let mut received = self.received.iter();
        self.get(arn)
            .or_else(|| received.find(|known| known.state.arn == *arn))
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
