use std::sync::Arc;

use super::PatchManager;
use super::missing::Missing;
use crate::backend::{
    AssociationStore, Backend, BaselineStore, CommandRunner, ComplianceSource,
    MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory, NodeInventory,
    PatchCatalog, PatchGroupRegistry, PatchPolicyStore, RoleInventory,
};
use crate::clock::{Clock, SystemClock};

/// Puts a [`PatchManager`] together from its capabilities.
///
/// A capability that is not given answers every call with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), so that a test provides only what it uses.
///
/// ```
/// use std::sync::Arc;
/// use aws_patch_manager::{MemoryBackend, PatchManager};
///
/// let memory = Arc::new(MemoryBackend::sample());
/// let manager = PatchManager::builder()
///     .baselines(memory.clone())
///     .groups(memory.clone())
///     .clock(memory.clock())
///     .build();
/// # let _ = manager;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PatchManagerBuilder {
    manager: PatchManager,
}

impl PatchManagerBuilder {
    pub(super) fn new() -> Self {
        let missing = Arc::new(Missing);
        Self {
            manager: PatchManager {
                baselines: missing.clone(),
                groups: missing.clone(),
                catalog: missing.clone(),
                nodes: missing.clone(),
                schedules: missing.clone(),
                windows: missing.clone(),
                window_history: missing.clone(),
                associations: missing.clone(),
                commands: missing.clone(),
                compliance: missing.clone(),
                network: missing.clone(),
                roles: missing,
                clock: Arc::new(SystemClock::new()),
            },
        }
    }

    /// Uses one backend for every capability but [`roles`](Self::roles); those given afterwards
    /// replace its own. The clock is not the backend's: see [`clock`](Self::clock).
    pub fn backend<B: Backend>(self, backend: Arc<B>) -> Self {
        self.baselines(backend.clone())
            .groups(backend.clone())
            .catalog(backend.clone())
            .nodes(backend.clone())
            .schedules(backend.clone())
            .windows(backend.clone())
            .window_history(backend.clone())
            .associations(backend.clone())
            .commands(backend.clone())
            .compliance(backend.clone())
            .network(backend)
    }

    /// Where baselines are kept.
    pub fn baselines(mut self, store: Arc<dyn BaselineStore>) -> Self {
        self.manager.baselines = store;
        self
    }

    /// Where groups are bound to baselines.
    pub fn groups(mut self, registry: Arc<dyn PatchGroupRegistry>) -> Self {
        self.manager.groups = registry;
        self
    }

    /// Where patches are looked up.
    pub fn catalog(mut self, catalog: Arc<dyn PatchCatalog>) -> Self {
        self.manager.catalog = catalog;
        self
    }

    /// Where nodes and their tags are looked up.
    pub fn nodes(mut self, inventory: Arc<dyn NodeInventory>) -> Self {
        self.manager.nodes = inventory;
        self
    }

    /// Where patch policies are kept.
    pub fn schedules(mut self, store: Arc<dyn PatchPolicyStore>) -> Self {
        self.manager.schedules = store;
        self
    }

    /// Where maintenance windows are kept.
    pub fn windows(mut self, store: Arc<dyn MaintenanceWindowStore>) -> Self {
        self.manager.windows = store;
        self
    }

    /// Where the runs of maintenance windows are looked up.
    pub fn window_history(mut self, history: Arc<dyn MaintenanceWindowHistory>) -> Self {
        self.manager.window_history = history;
        self
    }

    /// Where State Manager associations are kept.
    pub fn associations(mut self, store: Arc<dyn AssociationStore>) -> Self {
        self.manager.associations = store;
        self
    }

    /// What runs commands on nodes.
    pub fn commands(mut self, runner: Arc<dyn CommandRunner>) -> Self {
        self.manager.commands = runner;
        self
    }

    /// Where patch states and compliance are looked up.
    pub fn compliance(mut self, source: Arc<dyn ComplianceSource>) -> Self {
        self.manager.compliance = source;
        self
    }

    /// Where the network is looked up.
    pub fn network(mut self, inventory: Arc<dyn NetworkInventory>) -> Self {
        self.manager.network = inventory;
        self
    }

    /// Where the roles behind instance profiles are looked up. Optional.
    pub fn roles(mut self, inventory: Arc<dyn RoleInventory>) -> Self {
        self.manager.roles = inventory;
        self
    }

    /// What tells the time and waits; the machine's clock where none is given.
    ///
    /// Over memory give [`MemoryBackend::clock`](crate::MemoryBackend::clock), so that waiting turns
    /// it. On the machine's clock a wait lasts as long as it says, and nothing in memory moves.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.manager.clock = clock;
        self
    }

    /// The manager.
    pub fn build(self) -> PatchManager {
        self.manager
    }
}
