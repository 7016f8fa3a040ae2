use async_trait::async_trait;

use super::convert;
use crate::aws::{AwsBackend, convert as shared, send};
use crate::backend::NetworkInventory;
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::types::{QueryFilter, RouteTable, Subnet, VpcEndpoint};

#[async_trait]
impl NetworkInventory for AwsBackend {
    async fn describe_vpc_endpoints(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<VpcEndpoint>> {
        let call = self
            .ec2
            .describe_vpc_endpoints()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, "ec2", "DescribeVpcEndpoints", call)?;
        Ok(shared::page(
            output.vpc_endpoints,
            output.next_token,
            convert::endpoint,
        ))
    }

    async fn describe_subnets(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<Subnet>> {
        let call = self
            .ec2
            .describe_subnets()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, "ec2", "DescribeSubnets", call)?;
        Ok(shared::page(
            output.subnets,
            output.next_token,
            convert::subnet,
        ))
    }

    async fn describe_route_tables(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<RouteTable>> {
        let call = self
            .ec2
            .describe_route_tables()
            .set_filters(convert::filters(filters))
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, "ec2", "DescribeRouteTables", call)?;
        Ok(shared::page(
            output.route_tables,
            output.next_token,
            convert::route_table,
        ))
    }
}
