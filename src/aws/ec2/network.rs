use async_trait::async_trait;
use aws_sdk_ec2::types as sdk;

use super::{convert, security_group};
use crate::aws::{AwsBackend, convert as shared, send};
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory, Operation,
};
use crate::error::Result;
use crate::page::Page;
use crate::types::{RouteTable, SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint};

#[async_trait]
impl NetworkInventory for AwsBackend {
    async fn describe_vpc_endpoints(
        &self,
        request: DescribeVpcEndpoints,
    ) -> Result<Page<VpcEndpoint>> {
        let filters = &request.filters;
        let page = request.page;

        let call = self
            .ec2
            .describe_vpc_endpoints()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, Operation::DescribeVpcEndpoints, call)?;
        Ok(shared::page(
            output.vpc_endpoints,
            output.next_token,
            convert::endpoint,
        ))
    }

    async fn describe_subnets(&self, request: DescribeSubnets) -> Result<Page<Subnet>> {
        let filters = &request.filters;
        let page = request.page;

        let call = self
            .ec2
            .describe_subnets()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, Operation::DescribeSubnets, call)?;
        Ok(shared::page(
            output.subnets,
            output.next_token,
            convert::subnet,
        ))
    }

    async fn describe_route_tables(
        &self,
        request: DescribeRouteTables,
    ) -> Result<Page<RouteTable>> {
        let filters = &request.filters;
        let page = request.page;

        let call = self
            .ec2
            .describe_route_tables()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, Operation::DescribeRouteTables, call)?;
        Ok(shared::page(
            output.route_tables,
            output.next_token,
            convert::route_table,
        ))
    }

    async fn describe_security_groups(
        &self,
        request: DescribeSecurityGroups,
    ) -> Result<Page<SecurityGroup>> {
        let filters = &request.filters;
        let page = request.page;

        let call = self
            .ec2
            .describe_security_groups()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, Operation::DescribeSecurityGroups, call)?;
        Ok(shared::page(
            output.security_groups,
            output.next_token,
            security_group::convert,
        ))
    }

    async fn describe_vpc_attribute(&self, request: DescribeVpcAttribute) -> Result<bool> {
        let vpc_id = &request.vpc_id;
        let attribute = request.attribute;

        let name = sdk::VpcAttributeName::from(attribute.as_str());
        let call = self
            .ec2
            .describe_vpc_attribute()
            .vpc_id(vpc_id)
            .attribute(name);
        let output = send!(self, Operation::DescribeVpcAttribute, call)?;
        let told = match attribute {
            VpcAttributeName::EnableDnsHostnames => output.enable_dns_hostnames,
            _ => output.enable_dns_support,
        };
        Ok(told.and_then(|told| told.value).unwrap_or_default())
    }
}
