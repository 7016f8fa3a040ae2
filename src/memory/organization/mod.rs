//! An organization of many accounts and Regions, each a [`MemoryBackend`], with Automation across
//! them.

mod builder;
mod places;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use self::builder::MemoryOrganizationBuilder;
use self::places::Group;
use self::run::ParentRun;
use super::backend::{Members, MemoryBackend};
use super::store::account::Account;
use crate::automation::StartAutomationExecution;
use crate::clock::ManualClock;
use crate::error::{Error, ErrorKind, Result};

/// The role with which Automation acts in an account, if a run names no other (SSM model,
/// `TargetLocation`).
const EXECUTION_ROLE: &str = "AWS-SystemsManager-AutomationExecutionRole";

/// An account and a Region.
type Home = (String, String);

/// An organization in the process: accounts in organizational units, each with a [`MemoryBackend`]
/// for each Region, all on one clock. Cheap to clone; clones share the organization.
///
/// An execution with `TargetLocations` in one member starts its runbook in the others. It fails
/// there by name if the account has no execution role, does not have the runbook shared with it, or
/// if a policy denies the Region. Organizational units can be named from the management account only.
///
/// ```
/// use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
/// use aws_patch_manager::PatchManager;
///
/// let organization = MemoryOrganization::builder()
///     .management("111111111111")
///     .unit("ou-ab12-production", None)
///     .account("222222222222", "ou-ab12-production")
///     .regions(["eu-central-1", "eu-west-1"])
///     .build()?;
/// let member = organization.member("222222222222", "eu-west-1")?;
/// member.add_node(FleetNode::windows_server_2022("i-0123456789abcdef0"));
/// let central = PatchManager::from_memory(&organization.member("111111111111", "eu-central-1")?);
/// # let _ = central;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Clone)]
pub struct MemoryOrganization {
    shared: Arc<Organization>,
}

/// What the clones share, and the members know weakly.
struct Organization {
    management: String,
    clock: Arc<ManualClock>,
    members: BTreeMap<Home, MemoryBackend>,
    /// The parent of each organizational unit; none is the root's.
    units: BTreeMap<String, Option<String>>,
    /// The unit of each account.
    accounts: BTreeMap<String, Option<String>>,
    regions: Vec<String>,
    permissions: Mutex<Permissions>,
    /// Executions in several accounts and Regions that have just started.
    started: Mutex<Vec<ParentRun>>,
    /// Those that have not ended.
    runs: Mutex<Vec<ParentRun>>,
}

/// What Automation may not do.
#[derive(Debug, Default)]
struct Permissions {
    denied_regions: BTreeSet<Home>,
    without_role: BTreeSet<String>,
    /// Roles of another name than the default one.
    other_roles: BTreeSet<(String, String)>,
}

/// Shows the accounts and Regions, not what is in them.
impl fmt::Debug for MemoryOrganization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryOrganization")
            .field("management", &self.shared.management)
            .field("accounts", &self.shared.accounts)
            .field("regions", &self.shared.regions)
            .finish_non_exhaustive()
    }
}

impl MemoryOrganization {
    /// A builder for an organization.
    pub fn builder() -> MemoryOrganizationBuilder {
        MemoryOrganizationBuilder::new()
    }

    /// The management account.
    pub fn management(&self) -> &str {
        &self.shared.management
    }

    /// The accounts, the management account among them, in order.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.shared.accounts.keys().map(String::as_str)
    }

    /// The Regions.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.shared.regions.iter().map(String::as_str)
    }

    /// An account in a Region.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the organization does not have the account or the Region.
    pub fn member(&self, account: &str, region: &str) -> Result<MemoryBackend> {
        self.shared.member(account, region).cloned()
    }

    /// The access key of an account, for clients of the [emulator](crate::emulator): `AKIA`, the account
    /// and `MEMO`. No secret belongs to it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the organization does not have the account.
    #[cfg(feature = "emulator")]
    pub fn access_key(&self, account: &str) -> Result<String> {
        self.shared.known(account)?;
        Ok(format!("AKIA{account}MEMO"))
    }

    /// Whether a role is there to act with in an account.
    #[cfg(feature = "emulator")]
    pub(crate) fn has_role(&self, account: &str, name: &str) -> bool {
        self.shared.accounts.contains_key(account) && self.shared.has_role(account, name)
    }

    /// The clock of all members.
    pub fn manual_clock(&self) -> Arc<ManualClock> {
        Arc::clone(&self.shared.clock)
    }

    /// Turns the clock of all members forward.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Denies Automation a Region of an account, as a service control policy does.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the organization does not have the account or the Region; so do the
    /// other controls.
    pub fn deny_region(&self, account: &str, region: &str) -> Result<()> {
        self.shared.member(account, region)?;
        let home = (account.to_owned(), region.to_owned());
        self.shared.permissions().denied_regions.insert(home);
        Ok(())
    }

    /// Deletes the execution role of an account. At first each account has the role
    /// `AWS-SystemsManager-AutomationExecutionRole`.
    ///
    /// # Errors
    ///
    /// As [`deny_region`](Self::deny_region).
    pub fn delete_execution_role(&self, account: &str) -> Result<()> {
        self.shared.known(account)?;
        let mut permissions = self.shared.permissions();
        permissions.without_role.insert(account.to_owned());
        Ok(())
    }

    /// Creates an execution role of this name in an account.
    ///
    /// # Errors
    ///
    /// As [`deny_region`](Self::deny_region).
    pub fn create_execution_role(&self, account: &str, name: &str) -> Result<()> {
        self.shared.known(account)?;
        let mut permissions = self.shared.permissions();
        match name == EXECUTION_ROLE {
            true => drop(permissions.without_role.remove(account)),
            false => drop(
                permissions
                    .other_roles
                    .insert((account.to_owned(), name.to_owned())),
            ),
        }
        Ok(())
    }
}

impl Organization {
    fn known(&self, account: &str) -> Result<()> {
        match self.accounts.contains_key(account) {
            true => Ok(()),
            false => Err(absent(account)),
        }
    }

    fn member(&self, account: &str, region: &str) -> Result<&MemoryBackend> {
        let member = self.members.get(&(account.to_owned(), region.to_owned()));
        member.ok_or_else(|| absent(&format!("{account} in {region}")))
    }

    fn permissions(&self) -> MutexGuard<'_, Permissions> {
        self.permissions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a role is there to act with in an account.
    fn has_role(&self, account: &str, name: &str) -> bool {
        let permissions = self.permissions();
        match name == EXECUTION_ROLE {
            true => !permissions.without_role.contains(account),
            false => permissions
                .other_roles
                .contains(&(account.to_owned(), name.to_owned())),
        }
    }

    fn denies(&self, account: &str, region: &str) -> bool {
        let home = (account.to_owned(), region.to_owned());
        self.permissions().denied_regions.contains(&home)
    }
}

impl Members for Organization {
    fn check(&self, account: &Account, start: &StartAutomationExecution) -> Result<()> {
        self.groups(&account.id, &account.region, start).map(drop)
    }

    fn add(
        &self,
        account: &Account,
        number: usize,
        start: &StartAutomationExecution,
        now: Timestamp,
    ) {
        let Account { id, region } = account;
        let groups = self.groups(id, region, start).unwrap_or_default();
        let run = ParentRun::new((id.clone(), region.clone()), number, groups, now);
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.push(run);
    }

    /// Locks are taken in one order: the runs, then one member at a time.
    fn settle(&self, now: Timestamp) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        runs.append(&mut started);
        drop(started);
        runs.retain_mut(|run| !run.settle(self, now));
    }
}

fn absent(what: &str) -> Error {
    let message = "the organization has no such account or Region";
    Error::new(ErrorKind::NotFound, message).with_resource(what)
}
