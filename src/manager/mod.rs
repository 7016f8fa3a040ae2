//! The facade: one cheap-to-clone handle. Its methods are the verbs.

#[cfg(feature = "aws")]
mod accounts;
mod associations;
mod baselines;
mod builder;
mod catalog;
mod compliance;
mod created;
mod data_syncs;
mod described;
mod fleet_sweep;
mod groups;
mod managed;
mod operations;
mod organization;
mod organization_events;
mod organization_nodes;
mod pages;
mod policies;
mod policy_deployment;
mod power;
mod prerequisites;
mod report;
mod resource_tags;
mod run_events;
mod runbooks;
mod sweep;
mod tagging;
mod window_parts;
mod window_runs;
mod windows;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "aws")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws")))]
pub use self::accounts::{AccountFailure, AccountManager, AccountManagers, Accounts};
pub use self::associations::EnsuredAssociation;
pub(crate) use self::associations::check_document;
pub use self::baselines::EnsuredBaseline;
pub use self::builder::PatchManagerBuilder;
pub(crate) use self::created::gone_or;
pub(crate) use self::described::{Swept, unread};
pub use self::fleet_sweep::{FleetAnswer, FleetAnswers, FleetSweep};
pub use self::groups::GroupBinding;
pub use self::operations::PatchRun;
pub use self::organization::OrganizationRun;
pub use self::policies::EnsuredPolicy;
pub use self::policy_deployment::{DeployedConfiguration, PolicyDeployment};
pub(crate) use self::report::finish;
pub use self::runbooks::EnsuredRunbook;
pub use self::sweep::{ComplianceSweep, SweepCheckpoint, SweepFailure};
pub use self::tagging::{NodeTagging, TagChange, TagReport};
pub use self::windows::EnsuredMaintenanceWindow;
pub(crate) use self::windows::check as check_window;
pub use crate::types::{Change, WindowChange, WindowPart};

use self::builder::Backends;
pub(crate) use self::pages::pages;
#[cfg(feature = "aws")]
use crate::aws::{AwsBackend, SdkConfig};
use crate::backend::{Backend, Layer};
use crate::clock::Clock;
use crate::memory::MemoryBackend;

/// Automates Patch Manager in one account and Region.
///
/// The handle is cheap to clone, and tasks can share it. Its methods, called verbs, check their
/// input before any call. If a verb of several steps fails, run it again to finish the rest.
///
/// ```
/// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
/// use aws_patch_manager::types::OperatingSystem;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
/// let baseline = manager.ensure_baseline(&spec).await?;
/// let group = PatchGroup::new("web")?;
/// manager.bind_patch_group(&group, &baseline.id).await?;
/// let used = manager.baseline_for_group(&group, OperatingSystem::Windows).await?;
/// assert_eq!(used.baseline_id, baseline.id);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What every call can meet
///
/// A verb documents its own errors. Every call to AWS can also fail with one of these
/// [kinds](crate::ErrorKind):
///
/// - `AccessDenied` and `InvalidCredentials`;
/// - `Throttled`, `Timeout`, `Connection` and `ServiceFailure`:
///   [`is_retryable`](crate::Error::is_retryable) says whether the call may be repeated;
/// - `InvalidResponse`, and `Other` for an error of the service that this crate does not know;
/// - `Unsupported`, if the backend or the manager from the [`builder`](Self::builder) does not have
///   the capability.
///
/// In memory, these errors only come from planned [faults](MemoryBackend::faults). A verb that
/// returns a stream makes no call until the stream is read. An error ends the stream, unless the
/// verb says otherwise.
#[derive(Clone)]
pub struct PatchManager {
    /// The backends with their layers, which the verbs call.
    backends: Arc<Backends>,
    bare: Arc<Backends>,
    layers: Arc<[Arc<dyn Layer>]>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for PatchManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatchManager")
            .field("layers", &self.layers)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl PatchManager {
    /// A manager over the sample fleet in memory. Waiting advances its clock.
    ///
    /// To control the fleet and its clock, use [`MemoryBackend`] and
    /// [`from_memory`](Self::from_memory).
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let nodes: Vec<_> = manager.list_nodes().try_collect().await?;
    /// assert_eq!(nodes.len(), 7);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_memory() -> Self {
        Self::from_memory(&MemoryBackend::sample())
    }

    /// A manager over an in-memory account, on that account's clock.
    ///
    /// ```
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// account.add_node(FleetNode::windows_server_2022("i-0123456789abcdef0"));
    /// let manager = PatchManager::from_memory(&account);
    /// let nodes: Vec<_> = manager.list_nodes().try_collect().await?;
    /// assert_eq!(nodes.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_memory(backend: &MemoryBackend) -> Self {
        Self::builder()
            .backend(Arc::new(backend.clone()))
            .clock(backend.clock())
            .build()
    }

    /// A manager over a backend with all capabilities, on the machine's clock.
    ///
    /// For a memory backend, use [`from_memory`](Self::from_memory). With the machine's clock, a
    /// wait takes real time, and the account's own clock, on which runs end, does not advance.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// let manager = PatchManager::from_backend(Arc::new(MemoryBackend::sample()));
    /// # let _ = manager;
    /// ```
    pub fn from_backend<B: Backend>(backend: Arc<B>) -> Self {
        Self::builder().backend(backend).build()
    }

    /// A builder that sets each capability separately, for example to fake only one.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{ErrorKind, MemoryBackend, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let memory = Arc::new(MemoryBackend::sample());
    /// let manager = PatchManager::builder().baselines(memory).build();
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// let web = PatchGroup::new("web")?;
    /// let left_out = manager.group_state(&web).await;
    /// assert_eq!(left_out.map_err(|error| error.kind()), Err(ErrorKind::Unsupported));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> PatchManagerBuilder {
        PatchManagerBuilder::new()
    }

    /// A new manager with one more layer. The layer added last sees a call first.
    ///
    /// This manager does not change. [`backend::layer`](crate::backend::layer) has the layers.
    ///
    /// ```
    /// use aws_patch_manager::backend::layer::ReadOnly;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, ErrorKind, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let report = manager.layer(ReadOnly::new());
    /// report.default_baseline(OperatingSystem::Windows).await?;
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    /// let refused = report.ensure_baseline(&spec).await;
    /// assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::AccessDenied));
    /// manager.ensure_baseline(&spec).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn layer(&self, layer: impl Layer) -> Self {
        let layer: Arc<dyn Layer> = Arc::new(layer);
        let layers = self.layers.iter().cloned().chain([layer]).collect();
        Self::assemble(Arc::clone(&self.bare), layers, Arc::clone(&self.clock))
    }

    /// The backends with their layers.
    pub(crate) fn backends(&self) -> &Backends {
        &self.backends
    }

    /// The clock that the verbs read.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn assemble(bare: Arc<Backends>, layers: Arc<[Arc<dyn Layer>]>, clock: Arc<dyn Clock>) -> Self {
        let backends = match layers.is_empty() {
            true => Arc::clone(&bare),
            false => Arc::new(bare.within(&layers, &clock)),
        };
        Self {
            backends,
            bare,
            layers,
            clock,
        }
    }
}

/// Over AWS.
#[cfg(feature = "aws")]
impl PatchManager {
    /// A manager from the environment: it finds credentials, region and endpoint as every AWS tool
    /// does.
    ///
    /// It needs an HTTP client, which the feature `default-https-client` adds. Tags and the network
    /// need the feature `ec2`. Patch policies need the account id in `AWS_ACCOUNT_ID`.
    ///
    /// ```no_run
    /// # async fn example() -> aws_patch_manager::Result<()> {
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let manager = PatchManager::from_env().await;
    /// let default = manager.default_baseline(OperatingSystem::Windows).await?;
    /// println!("{}", default.baseline_id);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_env() -> Self {
        Self::from_backend(Arc::new(AwsBackend::from_env().await))
    }

    /// A manager from an SDK configuration.
    ///
    /// To set the account id, limits or your own clients, build an [`AwsBackend`] and use
    /// [`from_backend`](Self::from_backend).
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        Self::from_backend(Arc::new(AwsBackend::from_sdk_config(config)))
    }
}
