use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

use super::permissions::Permissions;
use super::{MemoryOrganization, Organization};
use crate::clock::ManualClock;
use crate::error::{Result, Violations};
use crate::memory::backend::MemoryBackend;
use crate::memory::builder::MemoryBackendBuilder;
use crate::types::is_account;

/// Builds a [`MemoryOrganization`].
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::memory::MemoryOrganization;
///
/// let organization = MemoryOrganization::builder()
///     .unit("ou-ab12-workloads1", None)
///     .unit("ou-ab12-production", Some("ou-ab12-workloads1"))
///     .account("222222222222", "ou-ab12-production")
///     .regions(["eu-central-1"])
///     .template(MemoryBackend::builder().sample_fleet())
///     .build()?;
/// assert_eq!(organization.accounts().count(), 2);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct MemoryOrganizationBuilder {
    management: String,
    units: BTreeMap<String, Option<String>>,
    accounts: BTreeMap<String, Option<String>>,
    regions: Vec<String>,
    template: MemoryBackendBuilder,
}

impl MemoryOrganizationBuilder {
    pub(super) fn new() -> Self {
        Self {
            management: "111111111111".to_owned(),
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
            regions: vec!["us-east-1".to_owned()],
            template: MemoryBackend::builder(),
        }
    }

    /// The management account's twelve digits; `111111111111` if not set.
    pub fn management(mut self, account: impl Into<String>) -> Self {
        self.management = account.into();
        self
    }

    /// An organizational unit in another one, or in the root.
    pub fn unit(mut self, id: impl Into<String>, parent: Option<&str>) -> Self {
        self.units.insert(id.into(), parent.map(str::to_owned));
        self
    }

    /// An account in an organizational unit.
    pub fn account(mut self, id: impl Into<String>, unit: impl Into<String>) -> Self {
        self.accounts.insert(id.into(), Some(unit.into()));
        self
    }

    /// The Regions of all accounts; `us-east-1` if not set.
    pub fn regions<I>(mut self, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.regions = regions.into_iter().map(Into::into).collect();
        self
    }

    /// What every member is built from: start, catalog, quotas, nodes. Account, Region, seed and
    /// clock are the organization's.
    pub fn template(mut self, template: MemoryBackendBuilder) -> Self {
        self.template = template;
        self
    }

    /// Builds the organization.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed account or unit, and for a unit
    /// that is not there.
    pub fn build(self) -> Result<MemoryOrganization> {
        let mut accounts = self.accounts;
        accounts.entry(self.management.clone()).or_insert(None);
        check(&accounts, &self.units)?;
        let clock = Arc::new(ManualClock::new(self.template.started_at()));
        let mut members = BTreeMap::new();
        for account in accounts.keys() {
            for region in &self.regions {
                let seed = members.len() as u64 + 1;
                let member = self.template.clone();
                let member = member.account(account).region(region).seed(seed);
                let member = member.manual_clock(Arc::clone(&clock)).build();
                members.insert((account.clone(), region.clone()), member);
            }
        }
        let permissions = Permissions::of(accounts.keys());
        let shared = Arc::new(Organization {
            management: self.management,
            clock,
            members,
            units: self.units,
            accounts,
            regions: self.regions,
            permissions: Mutex::new(permissions),
            started: Mutex::default(),
            runs: Mutex::default(),
            changed: Mutex::default(),
            deployments: Mutex::default(),
        });
        for member in shared.members.values() {
            let members: Weak<Organization> = Arc::downgrade(&shared);
            member.join(members);
        }
        Ok(MemoryOrganization { shared })
    }
}

fn check(
    accounts: &BTreeMap<String, Option<String>>,
    units: &BTreeMap<String, Option<String>>,
) -> Result<()> {
    let mut found = Violations::new();
    for (account, unit) in accounts {
        found.require(is_account(account), "Accounts", account, "12 digits");
        if let Some(unit) = unit {
            let is_known = units.contains_key(unit);
            found.require(
                is_known,
                format!("Accounts.{account}"),
                unit,
                "a unit of the organization",
            );
        }
    }
    for (unit, parent) in units {
        found.require(
            unit.starts_with("ou-"),
            "Units",
            unit,
            "`ou-`, 4 to 32 letters or digits, `-`, 8 to 32",
        );
        if let Some(parent) = parent {
            // A unit is made before those in it, so a cycle cannot be; here names decide nothing.
            let is_known = units.contains_key(parent) && !is_within(units, parent, unit);
            found.require(
                is_known,
                format!("Units.{unit}"),
                parent,
                "a unit that is not inside it",
            );
        }
    }
    found.or("MemoryOrganization", ())
}

/// Whether a unit is another one or inside it.
pub(super) fn is_within(units: &BTreeMap<String, Option<String>>, unit: &str, outer: &str) -> bool {
    let mut at = Some(unit);
    for _ in 0..=units.len() {
        match at {
            None => return false,
            Some(unit) if unit == outer => return true,
            Some(unit) => at = units.get(unit).and_then(Option::as_deref),
        }
    }
    false
}
