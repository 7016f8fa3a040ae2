//! The requests for patch groups.

use serde::{Deserialize, Serialize};

use crate::group::PatchGroup;
use crate::page::PageRequest;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// The input of RegisterPatchBaselineForPatchGroup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RegisterPatchBaselineForPatchGroup {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The group.
    pub patch_group: PatchGroup,
}

impl RegisterPatchBaselineForPatchGroup {
    /// A request to bind this group to this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>, patch_group: impl Into<PatchGroup>) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            patch_group: patch_group.into(),
        }
    }
}

/// The input of DeregisterPatchBaselineForPatchGroup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeregisterPatchBaselineForPatchGroup {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The group.
    pub patch_group: PatchGroup,
}

impl DeregisterPatchBaselineForPatchGroup {
    /// A request to release this group from this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>, patch_group: impl Into<PatchGroup>) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            patch_group: patch_group.into(),
        }
    }
}

/// The input of GetPatchBaselineForPatchGroup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetPatchBaselineForPatchGroup {
    /// The group.
    pub patch_group: PatchGroup,
    /// The operating system; Windows if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl GetPatchBaselineForPatchGroup {
    /// A request for the baseline of this group for this operating system, or for Windows.
    pub fn new(
        patch_group: impl Into<PatchGroup>,
        operating_system: impl Into<Option<OperatingSystem>>,
    ) -> Self {
        Self {
            patch_group: patch_group.into(),
            operating_system: operating_system.into(),
        }
    }
}

/// The input of DescribePatchGroups.
///
/// Filter keys: `NAME_PREFIX`, `OPERATING_SYSTEM`; at most 5 filters. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribePatchGroups {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribePatchGroups {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}
