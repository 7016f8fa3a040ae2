use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::schedule::{PatchPolicy, PatchPolicyState};
use crate::types::PatchPolicyArn;

/// The input of CreateConfigurationManager for a patch policy. It has no client token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePatchPolicy {
    /// What the policy says.
    pub policy: PatchPolicy,
}

impl CreatePatchPolicy {
    /// A request for this policy.
    pub fn new(policy: PatchPolicy) -> Self {
        Self { policy }
    }
}

/// Keeps what patches by schedule.
///
/// ```
/// use aws_patch_manager::backend::{CreatePatchPolicy, ScheduleStore};
/// use aws_patch_manager::{MemoryBackend, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let store = MemoryBackend::new();
/// let policy = PolicySchedule::daily_scan_weekly_install("production").build()?;
/// let arn = store.create_patch_policy(CreatePatchPolicy::new(policy.clone())).await?;
/// assert_eq!(store.get_patch_policy(&arn).await?.policy, policy);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ScheduleStore: fmt::Debug + Send + Sync + 'static {
    /// CreateConfigurationManager (Quick Setup): makes a patch policy. Deployment is asynchronous.
    async fn create_patch_policy(&self, request: CreatePatchPolicy) -> Result<PatchPolicyArn>;

    /// GetConfigurationManager (Quick Setup).
    async fn get_patch_policy(&self, arn: &PatchPolicyArn) -> Result<PatchPolicyState>;

    /// UpdateConfigurationDefinition (Quick Setup): replaces what a policy says.
    async fn update_patch_policy(&self, arn: &PatchPolicyArn, policy: PatchPolicy) -> Result<()>;

    /// DeleteConfigurationManager (Quick Setup).
    async fn delete_patch_policy(&self, arn: &PatchPolicyArn) -> Result<()>;

    /// ListConfigurationManagers (Quick Setup), patch policies only. Pages of 1 to 100.
    async fn list_patch_policies(&self, page: PageRequest) -> Result<Page<PatchPolicyState>>;
}
