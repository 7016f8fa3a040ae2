//! An organization of many accounts and Regions, each a [`MemoryBackend`], with Automation and Quick
//! Setup across them.

mod builder;
#[cfg(feature = "emulator")]
mod copy;
mod nodes;
mod permissions;
mod places;
mod policies;
mod run;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use self::builder::MemoryOrganizationBuilder;
#[cfg(feature = "emulator")]
pub(crate) use self::copy::OrganizationCopy;
use self::permissions::Permissions;
use self::places::Group;
use self::policies::{Changed, Deployment};
use self::run::ParentRun;
use super::backend::{Listed, Members, MemoryBackend, PolicyChange};
use super::operations::exports::{Buckets, DataSyncFile, write_all};
use super::store::account::Account;
use super::store::policies::UnitAccounts;
use crate::automation::{EXECUTION_ROLE, StartAutomationExecution};
use crate::clock::ManualClock;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::PatchPolicy;
use crate::types::{NodeOwnerInfo, PatchPolicyArn};

/// An account and a Region.
type Home = (String, String);

/// An organization in the process: accounts in organizational units, each with a [`MemoryBackend`]
/// for each Region, all on one clock. Cheap to clone; clones share the organization.
///
/// An execution with `TargetLocations` in one member starts its runbook in the others. It fails
/// there by name if the account has no execution role, does not have the runbook shared with it, or
/// if a policy denies the Region. Organizational units can be named from the management account only.
///
/// A patch policy of the management account for organizational units takes effect in each of their accounts
/// and each of its Regions, as one of any account for several Regions does in those: its associations run
/// there on the nodes there. The account that made it lists a configuration for each account and Region,
/// which has failed by name where a role or a Region is denied.
///
/// The management account lists the nodes of all members by ListNodes, in the first Region, which stands for the
/// home Region of the unified console: [`organization`](crate::organization) has an example.
///
/// Resource data syncs of all members write one export:
/// [`write_data_syncs`](MemoryOrganization::write_data_syncs).
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
    /// What members have reported of their policies since the last time.
    changed: Mutex<Vec<Changed>>,
    /// The policies of members.
    deployments: Mutex<Vec<Deployment>>,
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

    /// Whether this is the management account in the first Region.
    #[cfg(feature = "emulator")]
    pub(crate) fn is_central(&self, account: &str, region: &str) -> bool {
        account == self.management() && self.regions().next() == Some(region)
    }

    /// Whether a role is there to act with in an account.
    #[cfg(feature = "emulator")]
    pub(crate) fn has_role(&self, account: &str, name: &str) -> bool {
        self.shared.has_role(account, name)
    }

    /// The clock of all members.
    pub fn manual_clock(&self) -> Arc<ManualClock> {
        Arc::clone(&self.shared.clock)
    }

    /// Turns the clock of all members forward.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// The files that the resource data syncs of all members have in their buckets, in the order of
    /// account, Region, node, type and sync; see [`MemoryBackend::data_sync_files`] for what is modelled.
    ///
    /// Syncs of several accounts and Regions can name one bucket. Its Region is the one that the first of
    /// them says; syncs of whichever account that say another one write nothing.
    pub fn data_sync_files(&self) -> Vec<DataSyncFile> {
        let members = self.shared.members.values();
        let mut buckets = Buckets::default();
        for member in members.clone() {
            buckets.add(member);
        }
        members
            .flat_map(|member| member.files_in(&buckets))
            .collect()
    }

    /// Writes [these files](Self::data_sync_files) into a folder, and returns how many.
    ///
    /// # Errors
    ///
    /// Those of [`MemoryBackend::write_data_syncs`].
    ///
    /// ```no_run
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::memory::MemoryOrganization;
    /// use aws_patch_manager::resource_data_sync::SyncToDestination;
    ///
    /// # async fn write(organization: MemoryOrganization) -> aws_patch_manager::Result<()> {
    /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1").build()?;
    /// for account in organization.accounts() {
    ///     let member = organization.member(account, "eu-central-1")?;
    ///     PatchManager::from_memory(&member).ensure_resource_data_sync(&sync).await?;
    /// }
    /// organization.advance(std::time::Duration::from_mins(5));
    /// organization.write_data_syncs("/srv/exports")?;
    /// // `ResourceDataSync::local` (feature `data-sync`) reads /srv/exports/amzn-s3-demo-bucket.
    /// # Ok(())
    /// # }
    /// ```
    pub fn write_data_syncs(&self, folder: impl AsRef<Path>) -> Result<usize> {
        write_all(&self.data_sync_files(), folder.as_ref())
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
        let mut started = locked(&self.started);
        started.push(run);
    }

    fn accounts_of(&self, account: &Account, policy: &PatchPolicy) -> Result<UnitAccounts> {
        self.accounts_of_units(account, policy)
    }

    fn policy_changed(
        &self,
        account: &Account,
        arn: &PatchPolicyArn,
        change: PolicyChange,
        at: Timestamp,
    ) {
        let Account { id, region } = account;
        let mut changed = locked(&self.changed);
        changed.push(Changed {
            home: (id.clone(), region.clone()),
            arn: arn.clone(),
            change,
            at,
        });
    }

    fn listed(&self, account: &Account) -> Option<Vec<Listed>> {
        self.listed_by(account)
    }

    fn owner(&self, account: &str) -> NodeOwnerInfo {
        self.owner_of(account)
    }

    fn has_role(&self, account: &str, name: &str) -> bool {
        self.accounts.contains_key(account) && self.is_role(account, name)
    }

    #[cfg(feature = "emulator")]
    fn regions(&self) -> Vec<String> {
        self.regions.clone()
    }

    /// Locks are taken in one order: the runs, the policies, then one member at a time.
    fn settle(&self, now: Timestamp) {
        let mut runs = locked(&self.runs);
        let mut started = locked(&self.started);
        runs.append(&mut started);
        drop(started);
        let mut deployments = locked(&self.deployments);
        let mut changed = locked(&self.changed);
        for changed in changed.drain(..) {
            Deployment::enter(&mut deployments, changed);
        }
        drop(changed);
        while let Some((at, index)) = Deployment::due(&deployments, now) {
            runs.retain_mut(|run| !run.settle(self, at));
            if let Some(deployment) = deployments.get_mut(index) {
                deployment.go_on(self, now);
            }
        }
        deployments.retain(|deployment| !deployment.is_over());
        runs.retain_mut(|run| !run.settle(self, now));
    }
}

fn absent(what: &str) -> Error {
    let message = "the organization has no such account or Region";
    Error::new(ErrorKind::NotFound, message).with_resource(what)
}

/// What a mutex has, also if another thread panicked while it had it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
