//! Where Automation and Quick Setup may act, and in which role.

use std::collections::BTreeSet;
use std::sync::MutexGuard;

use super::policies::STACK_SETS_ROLE;
use super::{EXECUTION_ROLE, Home, MemoryOrganization, Organization, locked};
use crate::clock::Clock;
use crate::error::Result;
use crate::memory::backend::{Members, MemoryBackend};
use crate::schedule::LOCAL_EXECUTION_ROLE;

/// Where Automation and Quick Setup may act, and in which role.
#[derive(Debug, Clone)]
pub(super) struct Permissions {
    denied_regions: BTreeSet<Home>,
    /// An account and the name of a role that is there.
    roles: BTreeSet<(String, String)>,
}

impl Permissions {
    /// The roles that each account has at first.
    const ROLES: [&str; 3] = [EXECUTION_ROLE, LOCAL_EXECUTION_ROLE, STACK_SETS_ROLE];

    pub(super) fn of<'a>(accounts: impl Iterator<Item = &'a String>) -> Self {
        let roles = accounts.flat_map(|account| {
            let named = |name: &str| (account.clone(), name.to_owned());
            Self::ROLES.map(named)
        });
        Self {
            denied_regions: BTreeSet::new(),
            roles: roles.collect(),
        }
    }
}
/// What tests change of the permissions.
impl MemoryOrganization {
    /// Denies Automation and Quick Setup a Region of an account, as a service control policy does.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the organization does not have the account or the Region; so do the
    /// other controls.
    pub fn deny_region(&self, account: &str, region: &str) -> Result<()> {
        self.shared.member(account, region)?;
        let home = (account.to_owned(), region.to_owned());
        self.permit(|permissions| permissions.denied_regions.insert(home));
        Ok(())
    }

    /// Deletes the execution role of Automation, `AWS-SystemsManager-AutomationExecutionRole`, in an
    /// account.
    ///
    /// # Errors
    ///
    /// As [`deny_region`](Self::deny_region).
    pub fn delete_execution_role(&self, account: &str) -> Result<()> {
        self.delete_role(account, EXECUTION_ROLE)
    }

    /// Deletes a role of an account. At first each account has these:
    ///
    /// | role | what it is needed for |
    /// |---|---|
    /// | `AWS-SystemsManager-AutomationExecutionRole` | executions with `TargetLocations` that name no other role |
    /// | `AWS-QuickSetup-PatchPolicy-LocalExecutionRole` | a patch policy in the account that made it, if it names no other role |
    /// | `AWSServiceRoleForCloudFormationStackSetsOrgMember` | patch policies of the management account in the others |
    ///
    /// # Errors
    ///
    /// As [`deny_region`](Self::deny_region). A role that is not there is no error.
    ///
    /// ```
    /// use aws_patch_manager::memory::MemoryOrganization;
    ///
    /// let organization = MemoryOrganization::builder()
    ///     .unit("ou-ab12-production", None)
    ///     .account("222222222222", "ou-ab12-production")
    ///     .build()?;
    /// let role = "AWSServiceRoleForCloudFormationStackSetsOrgMember";
    /// organization.delete_role("222222222222", role)?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn delete_role(&self, account: &str, name: &str) -> Result<()> {
        self.shared.known(account)?;
        let role = (account.to_owned(), name.to_owned());
        self.permit(|permissions| permissions.roles.remove(&role));
        Ok(())
    }

    /// Creates a role of this name in an account, with which Automation or Quick Setup can act.
    ///
    /// # Errors
    ///
    /// As [`deny_region`](Self::deny_region).
    pub fn create_execution_role(&self, account: &str, name: &str) -> Result<()> {
        self.shared.known(account)?;
        let role = (account.to_owned(), name.to_owned());
        self.permit(|permissions| permissions.roles.insert(role));
        Ok(())
    }

    /// Changes permissions, after everything has happened that the clock has passed.
    fn permit(&self, change: impl FnOnce(&mut Permissions) -> bool) {
        self.shared.settle(self.shared.clock.now());
        change(&mut self.shared.permissions());
    }
}
impl Organization {
    fn permissions(&self) -> MutexGuard<'_, Permissions> {
        locked(&self.permissions)
    }

    /// Whether a role is there to act with in an account.
    pub(super) fn is_role(&self, account: &str, name: &str) -> bool {
        let role = (account.to_owned(), name.to_owned());
        self.permissions().roles.contains(&role)
    }

    /// The account in the Region, to act there in a role; the error says why that is not possible.
    pub(super) fn enter(
        &self,
        account: &str,
        region: &str,
        role: &str,
    ) -> Result<&MemoryBackend, String> {
        let member = self.member(account, region).map_err(|_| {
            format!("account {account} in {region} is not part of the organization")
        })?;
        if !self.is_role(account, role) {
            return Err(format!(
                "the role {role} of account {account} cannot be assumed"
            ));
        }
        if self.denies(account, region) {
            return Err(format!(
                "a policy denies account {account} the Region {region}"
            ));
        }
        Ok(member)
    }

    fn denies(&self, account: &str, region: &str) -> bool {
        let home = (account.to_owned(), region.to_owned());
        self.permissions().denied_regions.contains(&home)
    }
}
