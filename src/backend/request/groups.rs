//! The requests for patch groups.

use super::member::request;
use crate::group::PatchGroup;
use crate::page::PageRequest;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

request! {
    /// The input of RegisterPatchBaselineForPatchGroup.
    pub struct RegisterPatchBaselineForPatchGroup {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
        /// The group.
        required "PatchGroup" => patch_group: PatchGroup,
    }

    /// A request to bind this group to this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>, patch_group: impl Into<PatchGroup>);
}

request! {
    /// The input of DeregisterPatchBaselineForPatchGroup.
    pub struct DeregisterPatchBaselineForPatchGroup {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
        /// The group.
        required "PatchGroup" => patch_group: PatchGroup,
    }

    /// A request to release this group from this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>, patch_group: impl Into<PatchGroup>);
}

request! {
    /// The input of GetPatchBaselineForPatchGroup.
    pub struct GetPatchBaselineForPatchGroup {
        /// The group.
        required "PatchGroup" => patch_group: PatchGroup,
        /// The operating system; Windows if absent.
        optional "OperatingSystem" => operating_system: Option<OperatingSystem>,
    }

    /// A request for the baseline of this group for this operating system, or for Windows.
    pub fn new(
        patch_group: impl Into<PatchGroup>,
        operating_system: impl Into<Option<OperatingSystem>>,
    );
}

request! {
    /// The input of DescribePatchGroups.
    ///
    /// Filter keys: `NAME_PREFIX`, `OPERATING_SYSTEM`; at most 5 filters. Pages of 1 to 100.
    #[derive(Default)]
    pub struct DescribePatchGroups {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}
