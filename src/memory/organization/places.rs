//! The accounts and Regions that target locations name.

use std::collections::BTreeSet;

use super::Organization;
use super::builder::is_within;
use crate::automation::{StartAutomationExecution, TargetLocation};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::store::automation::Rate;

/// The accounts and Regions of one target location.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) location: TargetLocation,
    pub(super) places: Vec<(String, String)>,
    pub(super) rate: Rate,
}

impl Organization {
    /// The accounts and Regions of an execution that an account starts, by target location.
    pub(super) fn groups(
        &self,
        account: &str,
        region: &str,
        start: &StartAutomationExecution,
    ) -> Result<Vec<Group>> {
        let locations = start.target_locations.iter().flatten();
        let groups = locations.map(|location| {
            let mut accounts = Vec::new();
            match &location.accounts {
                None => accounts.push(account.to_owned()),
                Some(named) => {
                    for name in named {
                        self.add_accounts(account, location, name, &mut accounts)?;
                    }
                }
            }
            let own = [region.to_owned()];
            let regions = location.regions.as_deref().unwrap_or(&own);
            let (mut places, mut seen) = (Vec::new(), BTreeSet::new());
            for region in regions {
                for account in &accounts {
                    if seen.insert((account, region)) {
                        places.push((account.clone(), region.clone()));
                    }
                }
            }
            // One account and Region at a time is the default (SSM model, `TargetLocation`).
            let concurrency = location.target_location_max_concurrency;
            let errors = location.target_location_max_errors;
            let rate = Rate::of(places.len(), concurrency, errors, 1);
            Ok(Group {
                location: location.clone(),
                places,
                rate,
            })
        });
        groups.collect()
    }

    /// Adds an account, or those of an organizational unit, unless they are excluded.
    fn add_accounts(
        &self,
        caller: &str,
        location: &TargetLocation,
        name: &str,
        accounts: &mut Vec<String>,
    ) -> Result<()> {
        let excluded = location.exclude_accounts.as_deref().unwrap_or_default();
        let is_excluded = |account: &str| {
            let unit = self.accounts.get(account).and_then(Option::as_deref);
            excluded.iter().any(|name| {
                name == account || unit.is_some_and(|unit| is_within(&self.units, unit, name))
            })
        };
        let is_root = name.starts_with("r-");
        if !is_root && !name.starts_with("ou-") {
            if !is_excluded(name) {
                accounts.push(name.to_owned());
            }
            return Ok(());
        }
        if caller != self.management {
            let message = "organizational units can be named from the management account only";
            return Err(invalid_target(message, name));
        }
        if !is_root && !self.units.contains_key(name) {
            return Err(invalid_target("the organization has no such unit", name));
        }
        let with_children = location.include_child_organization_units == Some(true);
        let is_in = |unit: Option<&str>| match unit {
            None => is_root,
            Some(unit) if with_children => is_root || is_within(&self.units, unit, name),
            Some(unit) => unit == name,
        };
        let members = self.accounts.iter();
        let members =
            members.filter(|(account, unit)| is_in(unit.as_deref()) && !is_excluded(account));
        accounts.extend(members.map(|(account, _)| account.clone()));
        Ok(())
    }
}

fn invalid_target(message: &str, name: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, "InvalidTarget", message).with_resource(name)
}
