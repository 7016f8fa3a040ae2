//! A copy of an account, and the return to it. No change here is a call of the
//! service.

use std::sync::Arc;

use jiff::Timestamp;

use super::backend::MemoryBackend;
use super::engine::Engine;
use crate::backend::layer::{FaultPlan, Faults};
use crate::clock::ManualClock;
use crate::memory::store::fleet_file::FleetNode;
use crate::types::{NodeId, Patch};

/// An account at one instant: what is stored, what is due, and the planned faults.
#[derive(Debug)]
pub(crate) struct AccountCopy {
    engine: Engine,
    faults: FaultPlan,
    taken: Timestamp,
}

impl MemoryBackend {
    /// Copies the account as it is now.
    pub(crate) fn copy(&self) -> AccountCopy {
        self.act(|engine, taken| AccountCopy {
            engine: engine.clone(),
            faults: self.faults().copy(),
            taken,
        })
    }

    /// Makes the account what it was when it was copied. A manual clock shows that instant again.
    pub(crate) fn return_to(&self, copy: &AccountCopy) {
        if let Some(clock) = self.manual_clock() {
            clock.set(copy.taken);
        }
        self.raw(|engine| *engine = copy.engine.clone());
        self.faults().return_to(&copy.faults);
    }

    /// The same account on a clock of its own, without faults: what reads it leaves no trace here.
    pub(crate) fn detached(&self) -> Self {
        let AccountCopy { engine, taken, .. } = self.copy();
        let clock = Arc::new(ManualClock::new(taken));
        Self::with_engine(clock.clone(), Some(clock), Faults::new(), engine)
    }

    /// Makes the account what another one is. A manual clock shows the instant of that one's clock.
    pub(crate) fn take_over(&self, other: &Self) {
        let AccountCopy { engine, taken, .. } = other.copy();
        if let Some(clock) = self.manual_clock() {
            clock.set(taken);
        }
        self.raw(|own| *own = engine);
    }
}

/// What the emulator reads and changes besides.
impl MemoryBackend {
    /// Every node of the fleet as it is now, by id.
    pub(crate) fn fleet_nodes(&self) -> Vec<FleetNode> {
        self.act(|engine, _| {
            let nodes = engine.state.fleet.iter_from(None);
            nodes.map(|node| node.facts.clone()).collect()
        })
    }

    /// A node that Systems Manager manages.
    pub(crate) fn fleet_node(&self, id: &NodeId) -> Option<FleetNode> {
        self.act(|engine, _| {
            let node = engine.state.fleet.get(id);
            node.filter(|node| node.is_managed())
                .map(|node| node.facts.clone())
        })
    }

    /// Whether EC2 has the instance, with an agent or without one.
    pub(crate) fn has_instance(&self, id: &NodeId) -> bool {
        self.act(|engine, _| {
            let node = engine.state.fleet.get(id);
            node.is_some_and(|node| node.facts.instance.is_some())
        })
    }

    /// Adds patches to the catalog. One of the same id and product is replaced.
    pub(crate) fn add_patches(&self, patches: Vec<Patch>) {
        self.act(|engine, _| engine.add_patches(patches));
    }
}
