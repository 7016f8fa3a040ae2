//! What needs the feature `ec2`, when it is off.

use async_trait::async_trait;

use super::AwsBackend;
use crate::backend::NetworkInventory;
use crate::error::{Error, ErrorKind, Result};
use crate::page::{Page, PageRequest};
use crate::types::{
    Ec2Instance, NodeId, QueryFilter, RouteTable, SecurityGroup, Subnet, Tag, VpcAttributeName,
    VpcEndpoint,
};

fn needs_ec2(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "it goes through EC2; turn the feature `ec2` on",
    )
    .with_operation(operation)
}

impl AwsBackend {
    pub(super) async fn describe_ec2_instances(&self, _: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        Err(needs_ec2("DescribeInstances"))
    }

    pub(super) async fn find_ec2_instances(&self, _: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        Err(needs_ec2("DescribeInstances"))
    }

    pub(super) async fn list_ec2_instances(&self, _: PageRequest) -> Result<Page<Ec2Instance>> {
        Err(needs_ec2("DescribeInstances"))
    }

    pub(super) async fn list_ec2_tags(&self, _: &NodeId) -> Result<Vec<Tag>> {
        Err(needs_ec2("DescribeTags"))
    }

    pub(super) async fn create_ec2_tags(&self, _: &NodeId, _: &[Tag]) -> Result<()> {
        Err(needs_ec2("CreateTags"))
    }

    pub(super) async fn delete_ec2_tags(&self, _: &NodeId, _: &[String]) -> Result<()> {
        Err(needs_ec2("DeleteTags"))
    }
}

#[async_trait]
impl NetworkInventory for AwsBackend {
    async fn describe_vpc_endpoints(
        &self,
        _: &[QueryFilter],
        _: PageRequest,
    ) -> Result<Page<VpcEndpoint>> {
        Err(needs_ec2("DescribeVpcEndpoints"))
    }

    async fn describe_subnets(&self, _: &[QueryFilter], _: PageRequest) -> Result<Page<Subnet>> {
        Err(needs_ec2("DescribeSubnets"))
    }

    async fn describe_route_tables(
        &self,
        _: &[QueryFilter],
        _: PageRequest,
    ) -> Result<Page<RouteTable>> {
        Err(needs_ec2("DescribeRouteTables"))
    }

    async fn describe_security_groups(
        &self,
        _: &[QueryFilter],
        _: PageRequest,
    ) -> Result<Page<SecurityGroup>> {
        Err(needs_ec2("DescribeSecurityGroups"))
    }

    async fn describe_vpc_attribute(&self, _: &str, _: VpcAttributeName) -> Result<bool> {
        Err(needs_ec2("DescribeVpcAttribute"))
    }
}
