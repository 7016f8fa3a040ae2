//! An organization in memory.

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::memory::{FleetFile, FleetNode, MemoryOrganization};
use aws_patch_manager::types::NodeId;

pub(crate) const CENTRAL: &str = "111111111111";
pub(crate) const REGIONS: [&str; 2] = ["eu-central-1", "eu-west-1"];
pub(crate) const UNIT: &str = "ou-ab12-production";

/// An organization with these accounts in one unit, each with nodes in each Region.
pub(crate) fn organization<A: AsRef<str>>(accounts: &[A], nodes: usize) -> MemoryOrganization {
    organization_with_pages(accounts, nodes, 1000)
}

/// The same, with listings of this many items a page at most.
pub(crate) fn organization_with_pages<A: AsRef<str>>(
    accounts: &[A],
    nodes: usize,
    page_size_cap: u32,
) -> MemoryOrganization {
    let template = MemoryBackend::builder().page_size_cap(page_size_cap);
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes)
        .map(|number| {
            let node = FleetNode::amazon_linux_2023(NodeId::new(format!("i-{number:017x}")));
            node.with_tag("Environment", "production")
        })
        .collect();
    let builder = MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None);
    accounts
        .iter()
        .fold(builder, |builder, account| {
            builder.account(account.as_ref(), UNIT)
        })
        .regions(REGIONS)
        .template(template.fleet(fleet))
        .build()
        .unwrap()
}
