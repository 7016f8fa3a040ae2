use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::types::{BaselineId, EffectivePatch, OperatingSystem, Patch, QueryFilter, string_enum};

/// The input of DescribeAvailablePatches.
///
/// Filter keys for Windows: `PATCH_SET`, `PRODUCT`, `PRODUCT_FAMILY`, `MSRC_SEVERITY`,
/// `CLASSIFICATION`, `PATCH_ID`; for Linux: `PRODUCT` (needed), `NAME`, `SEVERITY`, `EPOCH`,
/// `VERSION`, `RELEASE`, `ARCH`, `REPOSITORY`, `ADVISORY_ID`, `CVE_ID`, `BUGZILLA_ID`. At most 5
/// filters. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeAvailablePatches {
    /// The filters.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeAvailablePatches {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
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
    /// Which Windows patches are meant.
    pub enum PatchSet {
        /// Of the operating system.
        Os = "OS",
        /// Of Microsoft's applications.
        Application = "APPLICATION",
    }
}

/// The input of DescribePatchProperties. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribePatchProperties {
    /// The operating system.
    pub operating_system: OperatingSystem,
    /// The property.
    pub property: PatchProperty,
    /// For Windows, which patches.
    pub patch_set: Option<PatchSet>,
    /// The page.
    pub page: PageRequest,
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

    /// The same for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

/// Knows the patches there are, and what a baseline makes of them.
///
/// ```
/// use aws_patch_manager::backend::{DescribeAvailablePatches, PatchCatalog};
/// use aws_patch_manager::types::QueryFilter;
/// use aws_patch_manager::{MemoryBackend, PageRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let catalog = MemoryBackend::new();
/// let product = vec![QueryFilter::new("PRODUCT", ["WindowsServer2022"])];
/// let request = DescribeAvailablePatches::new(product, PageRequest::first().with_max_results(3));
/// let page = catalog.describe_available_patches(request).await?;
/// assert_eq!(page.items.len(), 3);
/// assert!(page.next_token.is_some());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PatchCatalog: fmt::Debug + Send + Sync + 'static {
    /// DescribeAvailablePatches.
    async fn describe_available_patches(
        &self,
        request: DescribeAvailablePatches,
    ) -> Result<Page<Patch>>;

    /// DescribePatchProperties: each value is a map of one entry, such as `{"Name": "AmazonLinux2023"}`.
    async fn describe_patch_properties(
        &self,
        request: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>>;

    /// DescribeEffectivePatchesForPatchBaseline: Windows baselines only. Pages of 1 to 100.
    async fn describe_effective_patches_for_patch_baseline(
        &self,
        baseline: &BaselineId,
        page: PageRequest,
    ) -> Result<Page<EffectivePatch>>;
}
