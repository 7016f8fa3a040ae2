use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of resource that a desired state has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ResourceKind {
    /// A patch baseline.
    Baseline,
    /// The baseline of a patch group for one operating system.
    PatchGroup,
    /// The default baseline for one operating system.
    DefaultBaseline,
    /// The patch group and the tags of nodes.
    Nodes,
    /// A patch policy.
    PatchPolicy,
    /// A maintenance window with its targets and tasks.
    MaintenanceWindow,
    /// A State Manager association.
    Association,
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Baseline => "baseline",
            Self::PatchGroup => "patch group",
            Self::DefaultBaseline => "default baseline",
            Self::Nodes => "nodes",
            Self::PatchPolicy => "patch policy",
            Self::MaintenanceWindow => "maintenance window",
            Self::Association => "association",
        })
    }
}
