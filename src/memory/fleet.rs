use super::fleet_file::FleetNode;

#[derive(Debug, Default)]
pub(super) struct Fleet {
    nodes: Vec<FleetNode>,
}

impl Fleet {
    /// A fleet of these nodes.
    pub(super) fn of(nodes: Vec<FleetNode>) -> Self {
        Self { nodes }
    }
}
