//! The nodes that the conformance suite works on.

use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::types::OperatingSystem;

pub(crate) const WINDOWS: &str = "i-0bbbbbbbbbbbbbbb1";
pub(crate) const LINUX: &str = "i-0aaaaaaaaaaaaaaa1";
pub(crate) const HYBRID: &str = "mi-0ccccccccccccccc1";

/// The shipped sample's Windows node lacks some updates, its Linux nodes have old packages.
pub(crate) fn fleet() -> Vec<FleetNode> {
    let sample: FleetFile =
        serde_json::from_str(include_str!("../../src/memory/sample/fleet.json")).unwrap();
    let installed = |os: OperatingSystem| {
        let node = sample.nodes.iter().find(|node| node.operating_system == os);
        node.unwrap().installed.clone()
    };
    let linux = || OperatingSystem::AmazonLinux2023;
    let mut fleet = vec![
        FleetNode::windows_server_2022(WINDOWS),
        FleetNode::amazon_linux_2023(LINUX),
        FleetNode::new(HYBRID, linux(), "AmazonLinux2023"),
    ];
    for node in &mut fleet {
        node.installed = installed(node.operating_system.clone());
    }
    fleet
}
