//! The requests for patch states and compliance.

use serde::{Deserialize, Serialize};

use crate::group::PatchGroup;
use crate::page::PageRequest;
use crate::types::{ComplianceFilter, NodeId, PatchStateFilter, QueryFilter};

/// The input of DescribeInstancePatchStates. At most 50 nodes. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstancePatchStates {
    /// The nodes.
    pub instance_ids: Vec<NodeId>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstancePatchStates {
    /// A request for the states of these nodes.
    pub fn new<I>(instance_ids: I, page: PageRequest) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self {
            instance_ids: instance_ids.into_iter().map(Into::into).collect(),
            page,
        }
    }
}

/// The input of DescribeInstancePatchStatesForPatchGroup. At most 4 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstancePatchStatesForPatchGroup {
    /// The group.
    pub patch_group: PatchGroup,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<PatchStateFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstancePatchStatesForPatchGroup {
    /// A request for the states of this group.
    pub fn new(
        patch_group: impl Into<PatchGroup>,
        filters: Vec<PatchStateFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            patch_group: patch_group.into(),
            filters,
            page,
        }
    }
}

/// The input of DescribeInstancePatches.
///
/// Filter keys: `Classification`, `KBId`, `Severity`, `State`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstancePatches {
    /// The node.
    pub instance_id: NodeId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
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

/// The input of DescribePatchGroupState.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribePatchGroupState {
    /// The group.
    pub patch_group: PatchGroup,
}

impl DescribePatchGroupState {
    /// A request for the counts of this group.
    pub fn new(patch_group: impl Into<PatchGroup>) -> Self {
        Self {
            patch_group: patch_group.into(),
        }
    }
}

/// The input of ListComplianceItems of one node. Filter keys: `ComplianceType`, `Status`,
/// `Severity` and others. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListComplianceItems {
    /// The node; the service takes only one.
    #[serde(default)]
    pub resource_ids: Vec<NodeId>,
    /// `ManagedInstance`, or empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_types: Vec<String>,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<ComplianceFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl ListComplianceItems {
    /// A request for the items of this node that match these filters.
    pub fn new(node: impl Into<NodeId>, filters: Vec<ComplianceFilter>, page: PageRequest) -> Self {
        Self {
            resource_ids: vec![node.into()],
            resource_types: Vec::new(),
            filters,
            page,
        }
    }
}

/// The input of ListComplianceSummaries. Filters as [`ListComplianceItems`] has them. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListComplianceSummaries {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<ComplianceFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl ListComplianceSummaries {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<ComplianceFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of ListResourceComplianceSummaries. Filters as [`ListComplianceItems`] has them. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListResourceComplianceSummaries {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<ComplianceFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl ListResourceComplianceSummaries {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<ComplianceFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}
