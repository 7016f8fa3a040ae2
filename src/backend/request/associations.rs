//! The requests for State Manager associations.

use serde::{Deserialize, Serialize};

use crate::page::PageRequest;
use crate::schedule::association::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
};
use crate::types::{AssociationId, NodeId};

/// The input of DeleteAssociation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeleteAssociation {
    /// The association.
    pub association_id: AssociationId,
}

impl DeleteAssociation {
    /// A request to delete this association.
    pub fn new(association_id: impl Into<AssociationId>) -> Self {
        Self {
            association_id: association_id.into(),
        }
    }
}

/// The input of DescribeAssociation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeAssociation {
    /// The association.
    pub association_id: AssociationId,
}

impl DescribeAssociation {
    /// A request for this association.
    pub fn new(association_id: impl Into<AssociationId>) -> Self {
        Self {
            association_id: association_id.into(),
        }
    }
}

/// The input of ListAssociations. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListAssociations {
    /// The filters; ANDed, their values ORed.
    #[serde(
        rename = "AssociationFilterList",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub filters: Vec<AssociationFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl ListAssociations {
    /// A request for the associations that match these filters.
    pub fn new(filters: Vec<AssociationFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of ListAssociationVersions. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListAssociationVersions {
    /// The association.
    pub association_id: AssociationId,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl ListAssociationVersions {
    /// A request for the versions of this association.
    pub fn new(association_id: impl Into<AssociationId>, page: PageRequest) -> Self {
        Self {
            association_id: association_id.into(),
            page,
        }
    }
}

/// The input of StartAssociationsOnce: 1 to 10 associations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StartAssociationsOnce {
    /// The associations.
    pub association_ids: Vec<AssociationId>,
}

impl StartAssociationsOnce {
    /// A request to run these associations now.
    pub fn new<I>(association_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<AssociationId>,
    {
        Self {
            association_ids: association_ids.into_iter().map(Into::into).collect(),
        }
    }
}

/// The input of DescribeAssociationExecutions. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeAssociationExecutions {
    /// The association.
    pub association_id: AssociationId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<AssociationExecutionFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeAssociationExecutions {
    /// A request for the runs of this association.
    pub fn new(
        association_id: impl Into<AssociationId>,
        filters: Vec<AssociationExecutionFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            association_id: association_id.into(),
            filters,
            page,
        }
    }
}

/// The input of DescribeAssociationExecutionTargets. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeAssociationExecutionTargets {
    /// The association.
    pub association_id: AssociationId,
    /// The run.
    pub execution_id: String,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<AssociationExecutionTargetsFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeAssociationExecutionTargets {
    /// A request for the targets of this run.
    pub fn new(
        association_id: impl Into<AssociationId>,
        execution_id: impl Into<String>,
        filters: Vec<AssociationExecutionTargetsFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            association_id: association_id.into(),
            execution_id: execution_id.into(),
            filters,
            page,
        }
    }
}

/// The input of DescribeEffectiveInstanceAssociations. Pages of 1 to 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeEffectiveInstanceAssociations {
    /// The node.
    pub instance_id: NodeId,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeEffectiveInstanceAssociations {
    /// A request for the associations that apply to this node.
    pub fn new(instance_id: impl Into<NodeId>, page: PageRequest) -> Self {
        Self {
            instance_id: instance_id.into(),
            page,
        }
    }
}

/// The input of DescribeInstanceAssociationsStatus. Pages of 1 to 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstanceAssociationsStatus {
    /// The node.
    pub instance_id: NodeId,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstanceAssociationsStatus {
    /// A request for the status of each association on this node.
    pub fn new(instance_id: impl Into<NodeId>, page: PageRequest) -> Self {
        Self {
            instance_id: instance_id.into(),
            page,
        }
    }
}
