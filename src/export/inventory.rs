//! The types of inventory that an export has.

use std::fmt;

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
}

impl fmt::Display for InventoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
