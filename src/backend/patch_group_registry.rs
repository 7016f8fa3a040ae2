use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::group::{BaselineForPatchGroup, PatchGroup, PatchGroupMapping};
use crate::page::{Page, PageRequest};
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// The input of DescribePatchGroups.
///
/// Filter keys: `NAME_PREFIX`, `OPERATING_SYSTEM`; at most 5 filters. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribePatchGroups {
    /// The filters.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribePatchGroups {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// Binds patch groups to baselines: one baseline per group and operating system.
///
/// ```
/// use aws_patch_manager::backend::PatchGroupRegistry;
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{MemoryBackend, PatchGroup};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let registry = MemoryBackend::new();
/// let web = PatchGroup::new("web")?;
/// let os = Some(OperatingSystem::Windows);
/// let found = registry.get_patch_baseline_for_patch_group(&web, os).await?;
/// assert!(found.baseline_id.is_aws_owned());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PatchGroupRegistry: fmt::Debug + Send + Sync + 'static {
    /// RegisterPatchBaselineForPatchGroup: fails with `AlreadyExists` where the group has another
    /// baseline for the operating system, and with `LimitExceeded` at the baseline's 26th group.
    async fn register_patch_baseline_for_patch_group(
        &self,
        baseline: &BaselineId,
        group: &PatchGroup,
    ) -> Result<BaselineForPatchGroup>;

    /// DeregisterPatchBaselineForPatchGroup.
    async fn deregister_patch_baseline_for_patch_group(
        &self,
        baseline: &BaselineId,
        group: &PatchGroup,
    ) -> Result<BaselineForPatchGroup>;

    /// GetPatchBaselineForPatchGroup: the group's baseline, else the default; never fails for an unknown group.
    async fn get_patch_baseline_for_patch_group(
        &self,
        group: &PatchGroup,
        os: Option<OperatingSystem>,
    ) -> Result<BaselineForPatchGroup>;

    /// DescribePatchGroups: one row per group and operating system.
    async fn describe_patch_groups(
        &self,
        request: DescribePatchGroups,
    ) -> Result<Page<PatchGroupMapping>>;
}
