//! A harness over an in-memory account.

use async_trait::async_trait;

use super::{Harness, Lack};
use crate::error::Result;
use crate::manager::{PatchManager, PatchManagerBuilder};
use crate::memory::{FleetNode, InstalledPackage, MemoryBackend, sample_fleet};
use crate::types::{NodeId, OperatingSystem};

const WINDOWS: &str = "i-0bbbbbbbbbbbbbbb1";
const LINUX: &str = "i-0aaaaaaaaaaaaaaa1";
const HYBRID: &str = "mi-0ccccccccccccccc1";
/// The number of nodes of the fleet, and of the packages of one that no catalog has: more than the smallest
/// page.
const FLEET: usize = 12;

/// A harness for a backend that ends in an in-memory account: memory itself, a wrapper of one
/// trait, a layer, or an adapter that reaches the emulator.
///
/// The account has the sample fleet. The suite works on three more nodes, which each rule finds as
/// a new node with missing patches.
///
/// ```
/// use aws_patch_manager::backend::layer::ReadOnly;
/// use aws_patch_manager::testing::conformance::{MemoryHarness, run_all};
///
/// # async fn checked() {
/// let harness = MemoryHarness::around(|manager, _| manager.layer(ReadOnly::new()));
/// let report = run_all(&harness).await;
/// assert!(!report.is_success(), "no rule that writes is kept");
/// # }
/// ```
#[derive(Debug)]
pub struct MemoryHarness {
    account: MemoryBackend,
    manager: PatchManager,
    lacks: Vec<Lack>,
}

impl MemoryHarness {
    /// Memory itself.
    pub fn new() -> Self {
        Self::around(|manager, _| manager)
    }

    /// What the closure puts in place of memory, for one capability or for all. The builder has the
    /// account as its backend and its clock.
    pub fn around(
        put: impl FnOnce(PatchManagerBuilder, &MemoryBackend) -> PatchManagerBuilder,
    ) -> Self {
        let account = MemoryBackend::builder().sample_fleet().build();
        let manager = PatchManager::builder()
            .backend(account.clone().into())
            .clock(account.clock());
        let manager = put(manager, &account).build();
        Self::of(account, manager)
    }

    /// A manager whose calls end in this account, on the account's clock. It must have the
    /// [sample fleet](crate::memory::MemoryBackendBuilder::sample_fleet), whose network the nodes
    /// are in.
    pub fn of(account: MemoryBackend, manager: PatchManager) -> Self {
        Self {
            account,
            manager,
            lacks: Vec::new(),
        }
    }

    /// Declares what the backend cannot do, in place of what was declared before.
    #[must_use]
    pub fn lacking(self, lacks: impl IntoIterator<Item = Lack>) -> Self {
        Self {
            lacks: lacks.into_iter().collect(),
            ..self
        }
    }

    /// The account.
    pub fn account(&self) -> &MemoryBackend {
        &self.account
    }
}

impl Default for MemoryHarness {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Harness for MemoryHarness {
    fn manager(&self) -> PatchManager {
        self.manager.clone()
    }

    fn windows_node(&self) -> NodeId {
        WINDOWS.into()
    }

    fn linux_node(&self) -> NodeId {
        LINUX.into()
    }

    fn hybrid_node(&self) -> NodeId {
        HYBRID.into()
    }

    fn linux_fleet(&self) -> Vec<NodeId> {
        (1..=FLEET)
            .map(|number| format!("i-0ddddddddddddd{number:03}").into())
            .collect()
    }

    async fn reset_nodes(&self) -> Result<()> {
        for node in nodes(&self.linux_fleet()) {
            self.account.add_node(node);
        }
        Ok(())
    }

    fn lacks(&self) -> Vec<Lack> {
        self.lacks.clone()
    }
}

/// The Windows node misses some updates, the Linux nodes have old packages, as the nodes of the
/// sample fleet whose network they share. Those of the fleet have more.
fn nodes(fleet: &[NodeId]) -> Vec<FleetNode> {
    let sample = sample_fleet().nodes;
    let like_sample = |mut node: FleetNode| {
        let mut sample = sample.iter();
        let like = sample.find(|like| like.operating_system == node.operating_system);
        if let Some(like) = like {
            node.installed.clone_from(&like.installed);
            if let (Some(instance), Some(like)) = (&mut node.instance, &like.instance) {
                let id = instance.instance_id.clone();
                instance.clone_from(like);
                instance.instance_id = id;
                instance.tags.clear();
            }
        }
        node
    };
    let linux = OperatingSystem::AmazonLinux2023;
    let three = [
        like_sample(FleetNode::windows_server_2022(WINDOWS)),
        like_sample(FleetNode::amazon_linux_2023(LINUX)),
        like_sample(FleetNode::new(HYBRID, linux, "AmazonLinux2023")),
    ];
    let own = |number| InstalledPackage::rpm(format!("own-{number}"), 0, "1.0", "1", "x86_64");
    let of_fleet = fleet.iter().map(|id| {
        let node = like_sample(FleetNode::amazon_linux_2023(id.clone()));
        (1..=FLEET).map(own).fold(node, FleetNode::with_installed)
    });
    three.into_iter().chain(of_fleet).collect()
}
