//! The requests to EC2 and IAM for the network of nodes, their roles and their power.

use serde::{Deserialize, Serialize};

use super::member::request;
use crate::page::PageRequest;
use crate::types::{NodeId, QueryFilter, VpcAttributeName};

request! {
    /// The input of DescribeVpcEndpoints (EC2). Filter keys: `vpc-id`, `service-name`. Pages of up to 1000.
    #[derive(Default)]
    pub struct DescribeVpcEndpoints {
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest);
}

request! {
    /// The input of DescribeSubnets (EC2). Filter keys: `subnet-id`, `vpc-id`. Pages of 5 to 1000.
    #[derive(Default)]
    pub struct DescribeSubnets {
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest);
}

request! {
    /// The input of DescribeRouteTables (EC2). Filter keys: `association.subnet-id`, `association.main`,
    /// `vpc-id`. Pages of 5 to 100.
    #[derive(Default)]
    pub struct DescribeRouteTables {
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest);
}

request! {
    /// The input of DescribeSecurityGroups (EC2). Filter keys: `group-id`, `vpc-id`. Pages of 5 to 1000.
    #[derive(Default)]
    pub struct DescribeSecurityGroups {
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest);
}

request! {
    /// The input of DescribeVpcAttribute (EC2).
    pub struct DescribeVpcAttribute {
        /// The VPC.
        required "VpcId" => vpc_id: String,
        /// The attribute.
        required "Attribute" => attribute: VpcAttributeName,
    }

    /// A request for this attribute of this VPC.
    pub fn new(vpc_id: impl Into<String>, attribute: VpcAttributeName);
}

request! {
    /// The input of GetInstanceProfile (IAM).
    pub struct GetInstanceProfile {
        /// The name.
        required "InstanceProfileName" => instance_profile_name: String,
    }

    /// A request for the profile of this name.
    pub fn new(instance_profile_name: impl Into<String>);
}

macro_rules! power_request {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[non_exhaustive]
        pub struct $name {
            /// The instances.
            pub instance_ids: Vec<NodeId>,
        }

        impl $name {
            /// A request for these instances.
            pub fn new<I>(ids: I) -> Self
            where
                I: IntoIterator,
                I::Item: Into<NodeId>,
            {
                Self {
                    instance_ids: ids.into_iter().map(Into::into).collect(),
                }
            }
        }
    };
}

power_request!(
    /// The input of StartInstances (EC2).
    StartInstances
);

power_request!(
    /// The input of StopInstances (EC2): an ordinary stop, neither forced nor a hibernation.
    StopInstances
);

power_request!(
    /// The input of RebootInstances (EC2).
    RebootInstances
);
