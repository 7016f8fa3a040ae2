//! The requests for patches, and for their approval under a baseline.

use super::member::request;
use crate::page::PageRequest;
use crate::types::{BaselineId, OperatingSystem, QueryFilter, string_enum};

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
