//! The types of inventory that a sync exports, and the keys of their files.

use std::fmt;

use crate::types::NodeId;

/// The last folder of every key: inventory's only type of resource.
pub(crate) const NODES: &str = "resourcetype=ManagedInstanceInventory";

/// A type of inventory in the export of a resource data sync, such as `AWS:PatchSummary`: a folder of
/// the bucket, and a table of Athena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InventoryType {
    /// The patches and associations of a node, one row for each.
    ComplianceItem,
    /// The counts of a node's compliance items by severity, one row for each type of compliance.
    ComplianceSummary,
    /// The counts of a node's last patch operation, one row for each node.
    PatchSummary,
    /// The nodes, and whether their agents are online, one row for each node.
    InstanceInformation,
    /// The tags of nodes, one row for each tag.
    Tag,
}

impl InventoryType {
    /// Every type that this crate describes.
    pub const ALL: &'static [Self] = &[
        Self::ComplianceItem,
        Self::ComplianceSummary,
        Self::PatchSummary,
        Self::InstanceInformation,
        Self::Tag,
    ];

    /// Its name, which is the first folder below the prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ComplianceItem => "AWS:ComplianceItem",
            Self::ComplianceSummary => "AWS:ComplianceSummary",
            Self::PatchSummary => "AWS:PatchSummary",
            Self::InstanceInformation => "AWS:InstanceInformation",
            Self::Tag => "AWS:Tag",
        }
    }

    /// The key of a node's file.
    pub(crate) fn key(
        self,
        prefix: Option<&str>,
        account: &str,
        region: &str,
        node: &NodeId,
    ) -> String {
        let prefix = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
        format!("{prefix}{self}/accountid={account}/region={region}/{NODES}/{node}.json")
    }
}

impl fmt::Display for InventoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
