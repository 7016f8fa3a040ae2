//! The requests for the network of nodes, and for their roles.

use serde::{Deserialize, Serialize};

use super::ec2_filter;
use crate::page::PageRequest;
use crate::types::{QueryFilter, VpcAttributeName};

/// The input of DescribeVpcEndpoints (EC2). Filter keys: `vpc-id`, `service-name`. Pages of up to 1000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeVpcEndpoints {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeVpcEndpoints {
    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest) -> Self {
        Self {
            filters: filters.into(),
            page,
        }
    }
}

/// The input of DescribeSubnets (EC2). Filter keys: `subnet-id`, `vpc-id`. Pages of 5 to 1000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeSubnets {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeSubnets {
    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest) -> Self {
        Self {
            filters: filters.into(),
            page,
        }
    }
}

/// The input of DescribeRouteTables (EC2). Filter keys: `association.subnet-id`, `association.main`,
/// `vpc-id`. Pages of 5 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeRouteTables {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeRouteTables {
    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest) -> Self {
        Self {
            filters: filters.into(),
            page,
        }
    }
}

/// The input of DescribeSecurityGroups (EC2). Filter keys: `group-id`, `vpc-id`. Pages of 5 to 1000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeSecurityGroups {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeSecurityGroups {
    /// A request with these filters for this page.
    pub fn new(filters: impl Into<Vec<QueryFilter>>, page: PageRequest) -> Self {
        Self {
            filters: filters.into(),
            page,
        }
    }
}

/// The input of DescribeVpcAttribute (EC2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeVpcAttribute {
    /// The VPC.
    pub vpc_id: String,
    /// The attribute.
    pub attribute: VpcAttributeName,
}

impl DescribeVpcAttribute {
    /// A request for this attribute of this VPC.
    pub fn new(vpc_id: impl Into<String>, attribute: VpcAttributeName) -> Self {
        Self {
            vpc_id: vpc_id.into(),
            attribute,
        }
    }
}

/// The input of GetInstanceProfile (IAM).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetInstanceProfile {
    /// The name.
    pub instance_profile_name: String,
}

impl GetInstanceProfile {
    /// A request for the profile of this name.
    pub fn new(instance_profile_name: impl Into<String>) -> Self {
        Self {
            instance_profile_name: instance_profile_name.into(),
        }
    }
}
