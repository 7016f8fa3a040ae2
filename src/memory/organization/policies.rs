//! The patch policies of members, and the accounts and Regions to which Quick Setup deploys them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::builder::is_within;
use super::{Home, Organization};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::{MemoryBackend, PolicyChange};
use crate::memory::engine::policy::COPIED_EVERY;
use crate::memory::store::account::Account;
use crate::memory::store::policies::{PolicyRecord, UnitAccounts};
use crate::schedule::{LOCAL_EXECUTION_ROLE, PatchPolicy};
use crate::types::PatchPolicyArn;

/// The role by which the stack sets of the management account deploy to the other accounts
/// (CloudFormation User Guide, trusted access of StackSets).
pub(super) const STACK_SETS_ROLE: &str = "AWSServiceRoleForCloudFormationStackSetsOrgMember";

/// What a member reports of one of its policies.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) home: Home,
    pub(super) arn: PatchPolicyArn,
    pub(super) change: PolicyChange,
    pub(super) at: Timestamp,
}

/// A policy that is deployed to other accounts or Regions than its own.
#[derive(Debug, Clone)]
pub(super) struct Deployment {
    home: Home,
    arn: PatchPolicyArn,
    /// Where it is deployed, besides its own account and Region.
    places: BTreeSet<Home>,
    next: Option<(Timestamp, PolicyChange)>,
}

impl Deployment {
    /// Enters what a member reports of its policies.
    pub(super) fn enter(deployments: &mut Vec<Self>, changed: Changed) {
        let Changed {
            home,
            arn,
            change,
            at,
        } = changed;
        let next = Some((at, change));
        match deployments.iter_mut().find(|known| known.arn == arn) {
            // The deployment that comes has the name, too.
            Some(known)
                if change == PolicyChange::Refreshed
                    && matches!(known.next, Some((_, PolicyChange::Deployed))) => {}
            Some(known) => known.next = next,
            None => deployments.push(Self {
                home,
                arn,
                places: BTreeSet::new(),
                next,
            }),
        }
    }

    /// The first one that has something to do by `now`, and when.
    pub(super) fn due(deployments: &[Self], now: Timestamp) -> Option<(Timestamp, usize)> {
        let due = deployments.iter().enumerate().filter_map(|(index, one)| {
            let (at, _) = one.next?;
            (at <= now).then_some((at, index))
        });
        due.min()
    }

    /// Whether its policy is gone.
    pub(super) fn is_over(&self) -> bool {
        self.next.is_none() && self.places.is_empty()
    }

    /// Does what is due.
    pub(super) fn go_on(&mut self, organization: &Organization, now: Timestamp) {
        let Some((at, change)) = self.next.take() else {
            return;
        };
        let Ok(home) = organization.member(&self.home.0, &self.home.1) else {
            return;
        };
        let record = match change {
            PolicyChange::Deployed => self.deploy(organization, home, at),
            PolicyChange::Refreshed => self.refresh(organization, home, at),
            PolicyChange::Deleted => {
                let places = std::mem::take(&mut self.places);
                self.withdraw(organization, places, at);
                None
            }
        };
        let copied = record.filter(|record| record.selects_own() && !self.places.is_empty());
        let next = copied.and_then(|record| next_copy(record.deployed, now));
        self.next = next.map(|at| (at, PolicyChange::Refreshed));
    }

    /// Ends its deployment in every account and Region. One that refuses it keeps what was there before.
    fn deploy(
        &mut self,
        organization: &Organization,
        home: &MemoryBackend,
        at: Timestamp,
    ) -> Option<PolicyRecord> {
        let (places, record) = home.raw(|engine| {
            engine.settle(at);
            let Account { region, id } = &engine.state.account;
            let policy = &engine.state.policies.get(&self.arn)?.state.policy;
            let places = engine.state.policies.places(policy, region, id);
            let denied = places.iter().filter_map(|place| {
                let entered = organization.enter(&place.0, &place.1, role(policy, id, &place.0));
                Some((place.clone(), entered.err()?))
            });
            let denied: BTreeMap<Home, String> = denied.collect();
            engine.deploy_where_admitted(&self.arn, denied, at);
            let record = engine.state.policies.get(&self.arn)?.clone();
            Some((places, record))
        })?;
        let mut dropped = std::mem::take(&mut self.places);
        for place in places.into_iter().filter(|place| *place != self.home) {
            let had_it = dropped.remove(&place);
            let is_refused = record.failed.contains_key(&place);
            if is_refused && !had_it {
                continue;
            }
            if let (false, Ok(member)) = (is_refused, organization.member(&place.0, &place.1)) {
                member.raw(|engine| {
                    engine.settle(at);
                    engine.receive_policy(record.clone(), at);
                });
            }
            self.places.insert(place);
        }
        self.withdraw(organization, dropped, at);
        Some(record)
    }

    /// Brings its name and its copies of baselines to where it is deployed.
    fn refresh(
        &self,
        organization: &Organization,
        home: &MemoryBackend,
        at: Timestamp,
    ) -> Option<PolicyRecord> {
        let record = home.raw(|engine| {
            engine.settle(at);
            engine.state.policies.get(&self.arn).cloned()
        })?;
        self.in_places(organization, &self.places, at, |member| {
            member.raw(|engine| engine.state.policies.refresh(&record));
        });
        Some(record)
    }

    fn withdraw(&self, organization: &Organization, places: BTreeSet<Home>, at: Timestamp) {
        self.in_places(organization, &places, at, |member| {
            member.raw(|engine| engine.withdraw_policy(&self.arn));
        });
    }

    /// Acts in these accounts and Regions, after everything has happened there until this instant.
    fn in_places(
        &self,
        organization: &Organization,
        places: &BTreeSet<Home>,
        at: Timestamp,
        act: impl Fn(&MemoryBackend),
    ) {
        for (account, region) in places {
            if let Ok(member) = organization.member(account, region) {
                member.raw(|engine| engine.settle(at));
                act(member);
            }
        }
    }
}

/// The role that deploys a policy in an account.
fn role<'p>(policy: &'p PatchPolicy, own: &str, account: &str) -> &'p str {
    let local = policy.local_deployment_execution_role_name.as_deref();
    match account == own {
        true => local.unwrap_or(LOCAL_EXECUTION_ROLE),
        false => STACK_SETS_ROLE,
    }
}

/// The first copy of baselines after an instant: a whole number of hours after the deployment. Those
/// before it copied what was there at the last call.
fn next_copy(deployed: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let period = COPIED_EVERY.as_secs();
    let copies = deployed.duration_until(now).as_secs() / period + 1;
    let since = SignedDuration::from_secs(copies * period);
    deployed.checked_add(since).ok()
}

impl Organization {
    /// The accounts of the units that a policy of an account names, with those of the units in them, as
    /// stack sets have it.
    pub(super) fn accounts_of_units(
        &self,
        account: &Account,
        policy: &PatchPolicy,
    ) -> Result<UnitAccounts> {
        let mut accounts = UnitAccounts::new();
        for unit in &policy.organizational_units {
            let name = unit.as_str();
            if account.id != self.management {
                let message = "organizational units can be named from the management account only";
                return Err(refused(message, name));
            }
            let is_root = name.starts_with("r-");
            if !is_root && !self.units.contains_key(name) {
                let message = "the organization has no such unit";
                return Err(refused(message, name));
            }
            let is_in =
                |of: Option<&str>| is_root || of.is_some_and(|of| is_within(&self.units, of, name));
            let members = self.accounts.iter();
            let members = members.filter(|(_, of)| is_in(of.as_deref()));
            let members = members.map(|(account, _)| account.clone()).collect();
            accounts.insert(unit.clone(), members);
        }
        Ok(accounts)
    }
}

fn refused(message: &str, unit: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, "ValidationException", message).with_resource(unit)
}
