//! Accounts in memory, and common first steps of tests.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::operation::RunOutcome;
use aws_patch_manager::schedule::association::CreateAssociation;
use aws_patch_manager::types::{MaxErrors, NodeId, OperatingSystem, Target};
use aws_patch_manager::{MemoryBackend, PatchGroup, PatchManager, PatchRequest};

/// The id of the instance of this number.
pub(crate) fn id(number: usize) -> String {
    format!("i-{number:017x}")
}

/// The same, typed.
pub(crate) fn node_id(number: usize) -> NodeId {
    NodeId::new(id(number))
}

/// The id of the hybrid node of this number.
pub(crate) fn hybrid_id(number: usize) -> String {
    format!("mi-{number:017x}")
}

/// A hybrid node of this id, with Amazon Linux 2023.
pub(crate) fn hybrid_node(id: impl Into<NodeId>) -> FleetNode {
    FleetNode::new(id, OperatingSystem::AmazonLinux2023, "AmazonLinux2023")
}

/// This many instances with Amazon Linux 2023.
pub(crate) fn instances(count: usize) -> Vec<FleetNode> {
    (0..count)
        .map(|number| FleetNode::amazon_linux_2023(id(number)))
        .collect()
}

/// A package that an update of the sample catalog replaces.
pub(crate) fn old_openssl() -> InstalledPackage {
    InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64")
}

/// A fleet of these nodes only.
pub(crate) fn fleet(nodes: Vec<FleetNode>) -> FleetFile {
    let mut fleet = FleetFile::default();
    fleet.nodes = nodes;
    fleet
}

/// The backend, and a manager over it.
pub(crate) fn managed(backend: MemoryBackend) -> (MemoryBackend, PatchManager) {
    let manager = PatchManager::from_memory(&backend);
    (backend, manager)
}

/// An account of these nodes, with the sample catalog.
pub(crate) fn account(nodes: Vec<FleetNode>) -> (MemoryBackend, PatchManager) {
    managed(MemoryBackend::builder().fleet(fleet(nodes)).build())
}

/// The shipped sample.
pub(crate) fn sample() -> (MemoryBackend, PatchManager) {
    managed(MemoryBackend::sample())
}

pub(crate) fn web() -> PatchGroup {
    PatchGroup::new("web").unwrap()
}

/// Runs the request on every node to the end, with any result.
pub(crate) async fn run(manager: &PatchManager, request: PatchRequest) -> RunOutcome {
    let request = request.max_errors(MaxErrors::Percent(100));
    let run = manager.run(&request).await.unwrap();
    run.wait(Duration::from_secs(24 * 3600)).await.unwrap()
}

/// An association that runs an operation of `AWS-RunPatchBaseline` on these targets.
pub(crate) fn association(operation: &str, targets: Vec<Target>) -> CreateAssociation {
    let mut request = CreateAssociation::new("AWS-RunPatchBaseline", targets);
    let operation = ("Operation".to_owned(), vec![operation.to_owned()]);
    request.parameters = Some(BTreeMap::from([operation]));
    request
}
