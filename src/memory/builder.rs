use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::backend::MemoryBackend;
use super::sample;
use super::store::State;
use super::store::account::{Account, Limits};
use crate::backend::layer::Faults;
use crate::clock::{Clock, ManualClock};
use crate::error::Result;
use crate::memory::store::catalog;
use crate::memory::store::fleet_file::{AS_AWS_PRINTS, FleetFile};
use crate::strict;
use crate::types::Patch;

impl Default for MemoryBackend {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryBackend {
    /// An account without nodes, with the shipped sample catalog, on a manual clock.
    ///
    /// ```
    /// use aws_patch_manager::MemoryBackend;
    /// use aws_patch_manager::memory::FleetNode;
    ///
    /// let account = MemoryBackend::new();
    /// account.add_node(FleetNode::windows_server_2022("i-0123456789abcdef0"));
    /// ```
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// An account with the shipped sample fleet and catalog, on a manual clock.
    ///
    /// The fleet is invented: Windows Server, Amazon Linux 2023, Ubuntu and a hybrid node, some of
    /// them not online. The clock starts at 2026-05-14T00:00:00Z.
    pub fn sample() -> Self {
        Self::builder().sample_fleet().build()
    }

    /// A builder for an account.
    ///
    /// ```
    /// use aws_patch_manager::MemoryBackend;
    ///
    /// let account = MemoryBackend::builder().sample_fleet().region("eu-central-1").build();
    /// assert_eq!(account.clock().now().to_string(), "2026-05-14T00:00:00Z");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn builder() -> MemoryBackendBuilder {
        MemoryBackendBuilder::default()
    }
}

/// Builds a [`MemoryBackend`].
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::memory::FleetFile;
///
/// let backend = MemoryBackend::builder()
///     .start("2026-03-01T00:00:00Z".parse()?)
///     .region("eu-central-1")
///     .seed(7)
///     .fleet(FleetFile::default())
///     .page_size_cap(2)
///     .build();
/// assert!(backend.manual_clock().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct MemoryBackendBuilder {
    clock: ChosenClock,
    seed: u64,
    account: Account,
    limits: Limits,
    catalog: Option<Vec<Patch>>,
    fleet: FleetFile,
    latency: Duration,
    page_size_cap: Option<u32>,
    allow_unlisted_values: bool,
    integrated_experience: bool,
    record_events: bool,
}

#[derive(Debug, Clone)]
enum ChosenClock {
    StartingAt(Timestamp),
    Manual(Arc<ManualClock>),
    Other(Arc<dyn Clock>),
}

impl Default for MemoryBackendBuilder {
    fn default() -> Self {
        Self {
            clock: ChosenClock::StartingAt(sample::START),
            seed: 0,
            account: Account::default(),
            limits: Limits::default(),
            catalog: None,
            fleet: FleetFile::default(),
            latency: Duration::ZERO,
            page_size_cap: None,
            allow_unlisted_values: false,
            integrated_experience: true,
            record_events: false,
        }
    }
}

impl MemoryBackendBuilder {
    /// Starts the backend's own manual clock at this instant; 2026-05-14T00:00:00Z by default.
    pub fn start(mut self, at: Timestamp) -> Self {
        self.clock = ChosenClock::StartingAt(at);
        self
    }

    /// When a manual clock starts.
    pub(super) fn started_at(&self) -> Timestamp {
        match &self.clock {
            ChosenClock::StartingAt(start) => *start,
            ChosenClock::Manual(clock) => clock.now(),
            ChosenClock::Other(clock) => clock.now(),
        }
    }

    /// Uses this manual clock.
    pub fn manual_clock(mut self, clock: Arc<ManualClock>) -> Self {
        self.clock = ChosenClock::Manual(clock);
        self
    }

    /// Uses this clock, such as the system's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = ChosenClock::Other(clock);
        self
    }

    /// The seed of ids and random throttling. The same seed and calls give the same answers.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The Region, `us-east-1` by default. ARNs have it.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.account.region = region.into();
        self
    }

    /// The account's twelve digits. ARNs have them.
    pub fn account(mut self, id: impl Into<String>) -> Self {
        self.account.id = id.into();
        self
    }

    /// The account's quotas; the service's own by default.
    ///
    /// ```
    /// use aws_patch_manager::memory::Limits;
    /// use aws_patch_manager::{BaselineBuilder, ErrorKind, MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let mut limits = Limits::default();
    /// limits.baselines = 1;
    /// let account = MemoryBackend::builder().limits(limits).build();
    /// let manager = PatchManager::from_memory(&account);
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    /// manager.create_baseline(&spec).await?;
    /// let second = manager.create_baseline(&spec).await;
    /// assert_eq!(second.map_err(|error| error.kind()), Err(ErrorKind::LimitExceeded));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The catalog of patches, instead of the shipped sample.
    pub fn catalog(mut self, patches: Vec<Patch>) -> Self {
        self.catalog = Some(patches);
        self
    }

    /// The catalog of patches, as `aws ssm describe-available-patches` prints it.
    ///
    /// Reads the command's output, an array of patches, or several of either in a row, as a loop
    /// over products writes them.
    ///
    /// ```
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let printed = r#"{"Patches": [{
    ///     "ReleaseDate": 1767225600.0, "KbNumber": "KB5000001", "Product": "WindowsServer2022",
    ///     "ProductFamily": "Windows", "Classification": "SecurityUpdates", "MsrcSeverity": "Critical"
    /// }]}"#;
    /// let account = MemoryBackend::builder().catalog_json(printed)?.build();
    /// let patches = PatchManager::from_memory(&account).available_patches();
    /// let patches: Vec<_> = patches.try_collect().await?;
    /// assert_eq!(patches.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with the path of each value that cannot be read
    /// and of each member that a patch does not have.
    pub fn catalog_json(self, json: &str) -> Result<Self> {
        Ok(self.catalog(catalog::read(json)?))
    }

    /// The nodes, the network and, if the file has one, the catalog of patches.
    pub fn fleet(mut self, fleet: FleetFile) -> Self {
        self.fleet = fleet;
        self
    }

    /// The same from JSON.
    ///
    /// ```
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let file = r#"{"Nodes": [{
    ///     "InstanceInformation": {"InstanceId": "i-0123456789abcdef0", "PlatformType": "Windows"},
    ///     "OperatingSystem": "WINDOWS",
    ///     "Product": "WindowsServer2022"
    /// }]}"#;
    /// let account = MemoryBackend::builder().fleet_json(file)?.build();
    /// let nodes = PatchManager::from_memory(&account).list_nodes();
    /// let nodes: Vec<_> = nodes.try_collect().await?;
    /// assert_eq!(nodes.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with the path of each value that cannot be read
    /// and of each member that a fleet does not have. Structures that AWS's commands print may have
    /// others.
    pub fn fleet_json(self, json: &str) -> Result<Self> {
        Ok(self.fleet(strict::read(json, "the fleet file", &AS_AWS_PRINTS)?))
    }

    /// The shipped sample fleet.
    pub fn sample_fleet(self) -> Self {
        self.fleet(sample::fleet())
    }

    /// How long each call takes on the clock; zero by default.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().latency(Duration::from_millis(80)).build();
    /// let before = account.clock().now();
    /// let manager = PatchManager::from_memory(&account);
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert_eq!(before.duration_until(account.clock().now()).as_millis(), 80);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// The largest page, at least 1, whatever a call requests, so that a small fleet has many
    /// pages. The service's bounds of `MaxResults` still apply.
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().sample_fleet().page_size_cap(2).build();
    /// let nodes = PatchManager::from_memory(&account).list_nodes();
    /// let nodes: Vec<_> = nodes.try_collect().await?;
    /// assert_eq!(nodes.len(), 7);
    /// assert_eq!(account.call_count(Operation::DescribeInstanceInformation), 4);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn page_size_cap(mut self, items: u32) -> Self {
        self.page_size_cap = Some(items);
        self
    }

    /// Lets baselines have filter values that the service refuses, such as a product that it does
    /// not list. For baselines that never were in an account, as those of generated cases.
    ///
    /// [`BaselineBuilder::allow_unlisted_values`](crate::BaselineBuilder::allow_unlisted_values)
    /// does the same for the check before the call.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager, RuleBuilder};
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let rule = RuleBuilder::new().products(["AmazonLinux2018.09"]).approve_after_days(0);
    /// let spec = BaselineBuilder::new("odd", OperatingSystem::AmazonLinux)
    ///     .rule(rule)
    ///     .allow_unlisted_values()
    ///     .build()?;
    /// assert!(PatchManager::in_memory().create_baseline(&spec).await.is_err());
    /// let account = MemoryBackend::builder().allow_unlisted_values().build();
    /// PatchManager::from_memory(&account).create_baseline(&spec).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allow_unlisted_values(mut self) -> Self {
        self.allow_unlisted_values = true;
        self
    }

    /// Leaves the account without the integrated experience of Systems Manager, as a new account at AWS is.
    /// ListNodes and ListNodesSummary then fail with `UnsupportedOperationException`.
    ///
    /// ```
    /// use aws_patch_manager::organization::NodeQuery;
    /// use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().without_integrated_experience().build();
    /// let nodes = PatchManager::from_memory(&account).find_nodes(&NodeQuery::region());
    /// let found = nodes.try_collect::<Vec<_>>().await;
    /// assert_eq!(found.map_err(|error| error.kind()), Err(ErrorKind::Unsupported));
    /// # }).ok_or("pending")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_integrated_experience(mut self) -> Self {
        self.integrated_experience = false;
        self
    }

    /// Records the events that EventBridge would deliver, for [`MemoryBackend::take_events`].
    pub fn record_events(mut self) -> Self {
        self.record_events = true;
        self
    }

    /// Builds the backend.
    ///
    /// The catalog is the one set here, otherwise the fleet's, otherwise the shipped sample.
    pub fn build(self) -> MemoryBackend {
        let (clock, manual): (Arc<dyn Clock>, _) = match self.clock {
            ChosenClock::StartingAt(at) => {
                let clock = Arc::new(ManualClock::new(at));
                (clock.clone(), Some(clock))
            }
            ChosenClock::Manual(clock) => (clock.clone(), Some(clock)),
            ChosenClock::Other(clock) => (clock, None),
        };
        let mut fleet = self.fleet;
        let from_fleet = std::mem::take(&mut fleet.patches);
        let patches = match self.catalog {
            Some(patches) => patches,
            None if from_fleet.is_empty() => sample::catalog(),
            None => from_fleet,
        };
        let mut state = State::new(
            self.seed,
            self.account,
            self.limits,
            self.page_size_cap,
            patches,
            fleet,
        );
        state.allow_unlisted_values = self.allow_unlisted_values;
        state.integrated_experience = self.integrated_experience;
        if self.record_events {
            state.events.turn_on();
        }
        let faults = Faults::seeded(self.seed);
        faults.latency(self.latency);
        MemoryBackend::assemble(clock, manual, faults, state)
    }
}
