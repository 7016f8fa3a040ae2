use std::fmt;

use async_trait::async_trait;

use crate::baseline::{
    BaselineChanges, BaselineSpec, DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity,
};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// The input of CreatePatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePatchBaseline {
    /// What the baseline says.
    pub spec: BaselineSpec,
    /// 1 to 64 characters that make a repeated call give the first result again.
    pub client_token: Option<String>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdatePatchBaseline {
    /// Which baseline.
    pub baseline_id: BaselineId,
    /// What changes.
    pub changes: BaselineChanges,
    /// Whether what is absent from the changes is emptied, rather than left as it is.
    pub replace: bool,
}

impl UpdatePatchBaseline {
    /// A request that leaves alone what the changes do not name.
    pub fn new(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: false,
        }
    }

    /// A request that empties what the changes do not name. They must name the baseline.
    pub fn replacing(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: true,
        }
    }
}

/// The input of DescribePatchBaselines.
///
/// Filter keys: `NAME_PREFIX`, `OWNER` (`AWS`, `Self`, `All`), `OPERATING_SYSTEM`; at most 5
/// filters. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribePatchBaselines {
    /// The filters.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribePatchBaselines {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// Keeps patch baselines and the account's defaults.
///
/// ```
/// use aws_patch_manager::backend::{BaselineStore, CreatePatchBaseline};
/// use aws_patch_manager::{BaselineBuilder, MemoryBackend};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let store = MemoryBackend::new();
/// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
/// let request = CreatePatchBaseline::new(spec).with_client_token("once");
/// let id = store.create_patch_baseline(request.clone()).await?;
/// assert_eq!(store.create_patch_baseline(request).await?, id);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait BaselineStore: fmt::Debug + Send + Sync + 'static {
    /// CreatePatchBaseline: makes a baseline, and answers its id.
    async fn create_patch_baseline(&self, request: CreatePatchBaseline) -> Result<BaselineId>;

    /// UpdatePatchBaseline: changes a baseline of your own.
    async fn update_patch_baseline(&self, request: UpdatePatchBaseline) -> Result<PatchBaseline>;

    /// GetPatchBaseline: reads a baseline, with the groups registered for it.
    async fn get_patch_baseline(&self, id: &BaselineId) -> Result<PatchBaseline>;

    /// DeletePatchBaseline: refused while a group or the default uses it; an unknown id succeeds.
    async fn delete_patch_baseline(&self, id: &BaselineId) -> Result<()>;

    /// DescribePatchBaselines: lists your own and AWS's baselines.
    async fn describe_patch_baselines(
        &self,
        request: DescribePatchBaselines,
    ) -> Result<Page<PatchBaselineIdentity>>;

    /// GetDefaultPatchBaseline: the account's default for an operating system, Windows where none is named.
    async fn get_default_patch_baseline(
        &self,
        os: Option<OperatingSystem>,
    ) -> Result<DefaultPatchBaseline>;

    /// RegisterDefaultPatchBaseline: makes a baseline the default for its operating system.
    async fn register_default_patch_baseline(&self, id: &BaselineId) -> Result<BaselineId>;
}
