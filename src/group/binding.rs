use serde::{Deserialize, Serialize};

use super::PatchGroup;
use crate::baseline::PatchBaselineIdentity;
use crate::types::{BaselineId, OperatingSystem};

/// A group and one baseline registered for it; a group has one row per operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchGroupMapping {
    /// The group.
    pub patch_group: PatchGroup,
    /// The baseline.
    pub baseline_identity: PatchBaselineIdentity,
}

impl PatchGroupMapping {
    /// This group, registered with this baseline.
    pub fn new(patch_group: PatchGroup, baseline_identity: PatchBaselineIdentity) -> Self {
        Self {
            patch_group,
            baseline_identity,
        }
    }
}

/// The baseline that a node of a group gets. Also the answer to registering and deregistering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BaselineForPatchGroup {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The group.
    pub patch_group: PatchGroup,
    /// The operating system, if the operation returns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl BaselineForPatchGroup {
    /// This baseline for this group.
    pub fn new(
        baseline_id: impl Into<BaselineId>,
        patch_group: PatchGroup,
        operating_system: impl Into<Option<OperatingSystem>>,
    ) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            patch_group,
            operating_system: operating_system.into(),
        }
    }
}
