//! The requests for State Manager associations.

use super::member::request;
use crate::page::PageRequest;
use crate::schedule::association::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
};
use crate::types::{AssociationId, NodeId};

request! {
    /// The input of DeleteAssociation.
    pub struct DeleteAssociation {
        /// The association.
        required "AssociationId" => association_id: AssociationId,
    }

    /// A request to delete this association.
    pub fn new(association_id: impl Into<AssociationId>);
}

request! {
    /// The input of DescribeAssociation.
    pub struct DescribeAssociation {
        /// The association.
        required "AssociationId" => association_id: AssociationId,
    }

    /// A request for this association.
    pub fn new(association_id: impl Into<AssociationId>);
}

request! {
    /// The input of ListAssociations. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListAssociations {
        /// The filters; ANDed, their values ORed.
        optional "AssociationFilterList" => filters: Vec<AssociationFilter>,
        ..page
    }

    /// A request for the associations that match these filters.
    pub fn new(filters: Vec<AssociationFilter>, page: PageRequest);
}

request! {
    /// The input of ListAssociationVersions. Pages of 1 to 50.
    pub struct ListAssociationVersions {
        /// The association.
        required "AssociationId" => association_id: AssociationId,
        ..page
    }

    /// A request for the versions of this association.
    pub fn new(association_id: impl Into<AssociationId>, page: PageRequest);
}

request! {
    /// The input of StartAssociationsOnce: 1 to 10 associations.
    pub struct StartAssociationsOnce {
        /// The associations.
        required "AssociationIds" => association_ids: Vec<AssociationId>,
    }
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

request! {
    /// The input of DescribeAssociationExecutions. Pages of 1 to 50.
    pub struct DescribeAssociationExecutions {
        /// The association.
        required "AssociationId" => association_id: AssociationId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<AssociationExecutionFilter>,
        ..page
    }

    /// A request for the runs of this association.
    pub fn new(
        association_id: impl Into<AssociationId>,
        filters: Vec<AssociationExecutionFilter>,
        page: PageRequest,
    );
}

request! {
    /// The input of DescribeAssociationExecutionTargets. Pages of 1 to 50.
    pub struct DescribeAssociationExecutionTargets {
        /// The association.
        required "AssociationId" => association_id: AssociationId,
        /// The run.
        required "ExecutionId" => execution_id: String,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<AssociationExecutionTargetsFilter>,
        ..page
    }

    /// A request for the targets of this run.
    pub fn new(
        association_id: impl Into<AssociationId>,
        execution_id: impl Into<String>,
        filters: Vec<AssociationExecutionTargetsFilter>,
        page: PageRequest,
    );
}

request! {
    /// The input of DescribeEffectiveInstanceAssociations. Pages of 1 to 5.
    pub struct DescribeEffectiveInstanceAssociations {
        /// The node.
        required "InstanceId" => instance_id: NodeId,
        ..page
    }

    /// A request for the associations that apply to this node.
    pub fn new(instance_id: impl Into<NodeId>, page: PageRequest);
}

request! {
    /// The input of DescribeInstanceAssociationsStatus. Pages of 1 to 50.
    pub struct DescribeInstanceAssociationsStatus {
        /// The node.
        required "InstanceId" => instance_id: NodeId,
        ..page
    }

    /// A request for the status of each association on this node.
    pub fn new(instance_id: impl Into<NodeId>, page: PageRequest);
}
