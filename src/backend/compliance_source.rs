use std::fmt;

use async_trait::async_trait;

use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::page::{Page, PageRequest};
use crate::types::{ComplianceFilter, NodeId, PatchStateFilter, QueryFilter};

/// The input of DescribeInstancePatchStatesForPatchGroup. At most 4 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeInstancePatchStatesForPatchGroup {
    /// The group.
    pub patch_group: PatchGroup,
    /// The comparisons that a state must pass.
    pub filters: Vec<PatchStateFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeInstancePatchStatesForPatchGroup {
    /// A request for the states of this group.
    pub fn new(patch_group: PatchGroup, filters: Vec<PatchStateFilter>, page: PageRequest) -> Self {
        Self {
            patch_group,
            filters,
            page,
        }
    }
}

/// The input of DescribeInstancePatches.
///
/// Filter keys: `Classification`, `KBId`, `Severity`, `State`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeInstancePatches {
    /// The node.
    pub instance_id: NodeId,
    /// The filters.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeInstancePatches {
    /// A request for the patches of this node.
    pub fn new(
        instance_id: impl Into<NodeId>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            instance_id: instance_id.into(),
            filters,
            page,
        }
    }
}

/// The input of the compliance listings: filters (`ComplianceType`, `Status`, `Severity`, …) and a page of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCompliance {
    /// The filters.
    pub filters: Vec<ComplianceFilter>,
    /// The page.
    pub page: PageRequest,
}

impl ListCompliance {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<ComplianceFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// Knows what the last patch operation found on each node.
///
/// ```
/// use aws_patch_manager::backend::ComplianceSource;
/// use aws_patch_manager::types::NodeId;
/// use aws_patch_manager::{MemoryBackend, PageRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let source = MemoryBackend::sample();
/// let nodes = [NodeId::new("i-0123456789abcdef0")];
/// let page = source.describe_instance_patch_states(&nodes, PageRequest::first()).await?;
/// assert!(page.items.is_empty());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ComplianceSource: fmt::Debug + Send + Sync + 'static {
    /// DescribeInstancePatchStates of at most 50 nodes. Pages of 10 to 100.
    ///
    /// Nodes that never ran a patch operation, and unknown ids, are left out without an error.
    async fn describe_instance_patch_states(
        &self,
        nodes: &[NodeId],
        page: PageRequest,
    ) -> Result<Page<InstancePatchState>>;

    /// DescribeInstancePatchStatesForPatchGroup.
    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>>;

    /// DescribeInstancePatches.
    async fn describe_instance_patches(
        &self,
        request: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>>;

    /// DescribePatchGroupState: how many nodes of a group have patches in each state.
    async fn describe_patch_group_state(&self, group: &PatchGroup) -> Result<PatchGroupState>;

    /// ListComplianceItems of one node.
    async fn list_compliance_items(
        &self,
        node: &NodeId,
        request: ListCompliance,
    ) -> Result<Page<ComplianceItem>>;

    /// ListComplianceSummaries: how many nodes comply, per compliance type.
    async fn list_compliance_summaries(
        &self,
        request: ListCompliance,
    ) -> Result<Page<ComplianceSummaryItem>>;

    /// ListResourceComplianceSummaries: how each node stands, per compliance type.
    async fn list_resource_compliance_summaries(
        &self,
        request: ListCompliance,
    ) -> Result<Page<ResourceComplianceSummaryItem>>;
}
