//! The requests for patch states and compliance.

use super::member::request;
use crate::group::PatchGroup;
use crate::page::PageRequest;
use crate::types::{ComplianceFilter, NodeId, PatchStateFilter, QueryFilter};

request! {
    /// The input of DescribeInstancePatchStates. At most 50 nodes. Pages of 10 to 100.
    pub struct DescribeInstancePatchStates {
        /// The nodes.
        required "InstanceIds" => instance_ids: Vec<NodeId>,
        ..page
    }
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

request! {
    /// The input of DescribeInstancePatchStatesForPatchGroup. At most 4 filters. Pages of 10 to 100.
    pub struct DescribeInstancePatchStatesForPatchGroup {
        /// The group.
        required "PatchGroup" => patch_group: PatchGroup,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<PatchStateFilter>,
        ..page
    }

    /// A request for the states of this group.
    pub fn new(
        patch_group: impl Into<PatchGroup>,
        filters: Vec<PatchStateFilter>,
        page: PageRequest,
    );
}

request! {
    /// The input of DescribeInstancePatches.
    ///
    /// Filter keys: `Classification`, `KBId`, `Severity`, `State`; at most 5 filters. Pages of 10 to 100.
    pub struct DescribeInstancePatches {
        /// The node.
        required "InstanceId" => instance_id: NodeId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the patches of this node.
    pub fn new(instance_id: impl Into<NodeId>, filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of DescribePatchGroupState.
    pub struct DescribePatchGroupState {
        /// The group.
        required "PatchGroup" => patch_group: PatchGroup,
    }

    /// A request for the counts of this group.
    pub fn new(patch_group: impl Into<PatchGroup>);
}

request! {
    /// The input of ListComplianceItems of one node. Filter keys: `ComplianceType`, `Status`,
    /// `Severity` and others. Pages of 1 to 50.
    pub struct ListComplianceItems {
        /// The node; the service takes only one.
        defaulted "ResourceIds" => resource_ids: Vec<NodeId>,
        /// `ManagedInstance`, or empty.
        optional "ResourceTypes" => resource_types: Vec<String>,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<ComplianceFilter>,
        ..page
    }
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

request! {
    /// The input of ListComplianceSummaries. Filters as [`ListComplianceItems`] has them. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListComplianceSummaries {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<ComplianceFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<ComplianceFilter>, page: PageRequest);
}

request! {
    /// The input of ListResourceComplianceSummaries. Filters as [`ListComplianceItems`] has them. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListResourceComplianceSummaries {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<ComplianceFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<ComplianceFilter>, page: PageRequest);
}
