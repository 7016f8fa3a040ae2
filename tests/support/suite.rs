//! The nodes and the harness of the conformance suite over an in-memory account, with any layers
//! between.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
#[cfg(feature = "tracing")]
use aws_patch_manager::backend::layer::Trace;
use aws_patch_manager::backend::layer::{Audit, Faults, Layered, Limit, LimitConfig};
use aws_patch_manager::backend::{
    AssociationStore, Backend, BaselineStore, CommandRunner, ComplianceSource,
    MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory, NodeInventory, NodePower,
    PatchCatalog, PatchGroupRegistry, PatchPolicyStore, layered,
};
use aws_patch_manager::memory::{FleetFile, FleetNode, MemoryBackendBuilder};
use aws_patch_manager::testing::conformance::{Harness, Lack};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{MemoryBackend, Result};
use jiff::Timestamp;

pub(crate) const WINDOWS: &str = "i-0bbbbbbbbbbbbbbb1";
pub(crate) const LINUX: &str = "i-0aaaaaaaaaaaaaaa1";
pub(crate) const HYBRID: &str = "mi-0ccccccccccccccc1";

fn sample() -> FleetFile {
    serde_json::from_str(include_str!("../../src/memory/sample/fleet.json")).unwrap()
}

/// The Windows node misses some updates, the Linux nodes have old packages. They are in the network
/// of the sample's nodes.
fn nodes() -> Vec<FleetNode> {
    let sample = sample();
    let linux = || OperatingSystem::AmazonLinux2023;
    let mut nodes = vec![
        FleetNode::windows_server_2022(WINDOWS),
        FleetNode::amazon_linux_2023(LINUX),
        FleetNode::new(HYBRID, linux(), "AmazonLinux2023"),
    ];
    for node in &mut nodes {
        let mut like = sample.nodes.iter();
        let like = like
            .find(|like| like.operating_system == node.operating_system)
            .unwrap();
        node.installed.clone_from(&like.installed);
        if let (Some(node), Some(like)) = (&mut node.instance, &like.instance) {
            let id = node.instance_id.clone();
            node.clone_from(like);
            node.instance_id = id;
            node.tags.clear();
        }
    }
    nodes
}

/// An account with the sample's network, and the sample's nodes as bystanders.
pub(crate) fn account() -> MemoryBackend {
    builder().build()
}

/// The same, as a builder.
pub(crate) fn builder() -> MemoryBackendBuilder {
    MemoryBackend::builder().sample_fleet()
}

/// A backend inside every shipped layer that lets calls pass, with the record of its calls.
pub(crate) fn through_all_layers<B: Backend>(
    backend: B,
    account: &MemoryBackend,
) -> (Layered<B>, Faults) {
    let calls = Faults::new();
    let audit = Audit::new(|record| {
        let line: serde_json::Value = serde_json::from_str(&record.to_string()).unwrap();
        assert_eq!(line["Operation"], record.operation.as_str());
    });
    let layered = layered(Arc::new(backend), calls.clone())
        .clock(account.clock())
        .layer(Limit::new(LimitConfig::default().with_max_rate(1e6)))
        .layer(audit);
    #[cfg(feature = "tracing")]
    let layered = layered.layer(Trace::new());
    (layered, calls)
}

/// A backend, and the account behind it.
#[derive(Debug)]
pub(crate) struct Suite<B> {
    backend: Arc<B>,
    pub(crate) account: MemoryBackend,
    pub(crate) lacks: Vec<Lack>,
}

impl<B> Suite<B> {
    pub(crate) fn new(backend: B, account: MemoryBackend) -> Self {
        Self {
            backend: Arc::new(backend),
            account,
            lacks: Vec::new(),
        }
    }
}

#[async_trait]
impl<B: Backend> Harness for Suite<B> {
    fn baselines(&self) -> Arc<dyn BaselineStore> {
        self.backend.clone()
    }

    fn groups(&self) -> Arc<dyn PatchGroupRegistry> {
        self.backend.clone()
    }

    fn catalog(&self) -> Arc<dyn PatchCatalog> {
        self.backend.clone()
    }

    fn nodes(&self) -> Arc<dyn NodeInventory> {
        self.backend.clone()
    }

    fn power(&self) -> Arc<dyn NodePower> {
        self.backend.clone()
    }

    fn network(&self) -> Arc<dyn NetworkInventory> {
        self.backend.clone()
    }

    fn schedules(&self) -> Arc<dyn PatchPolicyStore> {
        self.backend.clone()
    }

    fn associations(&self) -> Arc<dyn AssociationStore> {
        self.backend.clone()
    }

    fn windows(&self) -> Arc<dyn MaintenanceWindowStore> {
        self.backend.clone()
    }

    fn window_history(&self) -> Arc<dyn MaintenanceWindowHistory> {
        self.backend.clone()
    }

    fn commands(&self) -> Arc<dyn CommandRunner> {
        self.backend.clone()
    }

    fn compliance(&self) -> Arc<dyn ComplianceSource> {
        self.backend.clone()
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

    fn now(&self) -> Timestamp {
        self.account.clock().now()
    }

    async fn advance(&self, by: Duration) {
        self.account.advance(by);
    }

    async fn reset_nodes(&self) -> Result<()> {
        for node in nodes() {
            self.account.add_node(node);
        }
        Ok(())
    }

    fn lacks(&self) -> Vec<Lack> {
        self.lacks.clone()
    }
}
