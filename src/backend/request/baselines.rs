//! The requests for baselines, patch groups and the catalog of patches.

use serde::{Deserialize, Serialize};

use super::member::request;
use crate::baseline::{BaselineChanges, BaselineSpec};
use crate::group::PatchGroup;
use crate::page::PageRequest;
use crate::types::{BaselineId, OperatingSystem, QueryFilter, debug_shape, string_enum};

/// The input of CreatePatchBaseline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CreatePatchBaseline {
    /// The specification of the baseline.
    #[serde(flatten)]
    pub spec: BaselineSpec,
    /// The client token, 1 to 64 characters: a repeated call with it returns the first result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

debug_shape! {
    CreatePatchBaseline {
        spec,
        [sensitive] client_token,
    }
}

impl CreatePatchBaseline {
    /// A request for this baseline, without a client token.
    pub fn new(spec: BaselineSpec) -> Self {
        Self {
            spec,
            client_token: None,
        }
    }

    /// Makes the request repeatable.
    #[must_use]
    pub fn with_client_token(mut self, token: impl Into<String>) -> Self {
        self.client_token = Some(token.into());
        self
    }
}

/// The input of UpdatePatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UpdatePatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The changes.
    #[serde(flatten)]
    pub changes: BaselineChanges,
    /// Whether members that are absent from the changes are cleared. By default they stay as they
    /// are.
    #[serde(default)]
    pub replace: bool,
}

impl UpdatePatchBaseline {
    /// A request that leaves other members as they are.
    pub fn new(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: false,
        }
    }

    /// A request that clears all other members. The changes must include the name of the baseline.
    pub fn replacing(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: true,
        }
    }
}

request! {
    /// The input of GetPatchBaseline.
    pub struct GetPatchBaseline {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
    }

    /// A request for this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>);
}

request! {
    /// The input of DeletePatchBaseline.
    pub struct DeletePatchBaseline {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
    }

    /// A request to delete this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>);
}

request! {
    /// The input of DescribePatchBaselines.
    ///
    /// Filter keys: `NAME_PREFIX`, `OWNER` (`AWS`, `Self`, `All`), `OPERATING_SYSTEM`; at most 5
    /// filters. Pages of 1 to 100.
    #[derive(Default)]
    pub struct DescribePatchBaselines {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of GetDefaultPatchBaseline.
    pub struct GetDefaultPatchBaseline {
        /// The operating system; Windows if absent.
        optional "OperatingSystem" => operating_system: Option<OperatingSystem>,
    }

    /// A request for the default of this operating system, or of Windows.
    pub fn new(operating_system: impl Into<Option<OperatingSystem>>);
}

request! {
    /// The input of RegisterDefaultPatchBaseline.
    pub struct RegisterDefaultPatchBaseline {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
    }

    /// A request to make this baseline the default of its operating system.
    pub fn new(baseline_id: impl Into<BaselineId>);
}

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

request! {
    /// The input of DescribeAvailablePatches.
    ///
    /// Filter keys for Windows: `PATCH_SET`, `PRODUCT`, `PRODUCT_FAMILY`, `MSRC_SEVERITY`,
    /// `CLASSIFICATION`, `PATCH_ID`; for Linux: `PRODUCT` (needed), `NAME`, `SEVERITY`, `EPOCH`,
    /// `VERSION`, `RELEASE`, `ARCH`, `REPOSITORY`, `ADVISORY_ID`, `CVE_ID`, `BUGZILLA_ID`. At most 5
    /// filters. Pages of 1 to 100.
    #[derive(Default)]
    pub struct DescribeAvailablePatches {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}

string_enum! {
    /// A property whose values DescribePatchProperties lists.
    pub enum PatchProperty {
        /// Products.
        Product = "PRODUCT",
        /// Product families. Windows.
        ProductFamily = "PRODUCT_FAMILY",
        /// Classifications.
        Classification = "CLASSIFICATION",
        /// Microsoft's severities. Windows.
        MsrcSeverity = "MSRC_SEVERITY",
        /// Priorities. apt.
        Priority = "PRIORITY",
        /// Severities. rpm and zypper.
        Severity = "SEVERITY",
    }
}

string_enum! {
    /// A set of Windows patches.
    pub enum PatchSet {
        /// Of the operating system.
        Os = "OS",
        /// Of Microsoft's applications.
        Application = "APPLICATION",
    }
}

request! {
    /// The input of DescribePatchProperties. Pages of 1 to 50.
    pub struct DescribePatchProperties {
        /// The operating system.
        required "OperatingSystem" => operating_system: OperatingSystem,
        /// The property.
        required "Property" => property: PatchProperty,
        /// The set of patches, for Windows.
        optional "PatchSet" => patch_set: Option<PatchSet>,
        ..page
    }
}

impl DescribePatchProperties {
    /// A request for the values of this property.
    pub fn new(operating_system: OperatingSystem, property: PatchProperty) -> Self {
        Self {
            operating_system,
            property,
            patch_set: None,
            page: PageRequest::first(),
        }
    }

    /// The same request for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

request! {
    /// The input of DescribeEffectivePatchesForPatchBaseline. Pages of 1 to 100.
    pub struct DescribeEffectivePatchesForPatchBaseline {
        /// The baseline.
        required "BaselineId" => baseline_id: BaselineId,
        ..page
    }

    /// A request for the approval of each patch under this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>, page: PageRequest);
}
