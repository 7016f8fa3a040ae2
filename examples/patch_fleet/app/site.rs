//! The account in memory, and the names of its nodes.

use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{MemoryBackend, PatchManager};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The account, its manager, and the operator's own list of nodes.
pub(crate) struct Site {
    pub(crate) manager: PatchManager,
    pub(crate) backend: MemoryBackend,
    pub(crate) start: Timestamp,
    pub(crate) nodes: Vec<Node>,
}

/// A node in the operator's list, which Systems Manager may not know.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) name: String,
    pub(crate) os: OperatingSystem,
    pub(crate) product: String,
}

impl Site {
    pub(crate) fn open(start: Timestamp, fleet: FleetFile) -> Self {
        let nodes = fleet.nodes.iter().map(Node::of).collect();
        let backend = MemoryBackend::builder().start(start).fleet(fleet).build();
        Self {
            manager: PatchManager::from_memory(&backend),
            backend,
            start,
            nodes,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.backend.clock().now()
    }

    pub(crate) fn ids(&self) -> Vec<NodeId> {
        self.nodes.iter().map(|node| node.id.clone()).collect()
    }

    /// The node's name, or its id if it has none.
    pub(crate) fn name(&self, id: &NodeId) -> String {
        let node = self.nodes.iter().find(|node| node.id == *id);
        node.map_or_else(|| id.to_string(), |node| node.name.clone())
    }
}

impl Node {
    fn of(node: &FleetNode) -> Self {
        let information = &node.instance_information;
        let tagged = node.tags.iter().find(|tag| tag.key == "Name");
        let name = tagged
            .map(|tag| tag.value.clone())
            .or_else(|| information.computer_name.clone());
        Self {
            id: information.instance_id.clone(),
            name: name.unwrap_or_else(|| information.instance_id.to_string()),
            os: node.operating_system.clone(),
            product: node.product.clone(),
        }
    }
}

/// The day in UTC, as `Sun 2026-05-17`.
pub(crate) fn day(instant: Timestamp) -> String {
    utc(instant, "%a %Y-%m-%d")
}

/// The minute in UTC, as `Sun 2026-05-17 00:00`.
pub(crate) fn minute(instant: Timestamp) -> String {
    utc(instant, "%a %Y-%m-%d %H:%M")
}

fn utc(instant: Timestamp, format: &str) -> String {
    instant
        .to_zoned_datetime(TimeZone::UTC)
        .strftime(format)
        .to_string()
}
