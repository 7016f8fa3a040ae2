//! The network of the fleet, and NetworkInventory over it.

use async_trait::async_trait;

use super::check;
use super::paging::Bounds;
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory, Operation,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::page::Page;
use crate::types::{RouteTable, SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint};

/// What EC2 says of ids that it does not know; the requests of this crate name none.
#[cfg(feature = "emulator")]
impl MemoryBackend {
    pub(crate) fn check_subnets(&self, ids: &[String]) -> Result<()> {
        self.act(|engine, _| {
            let subnets = &engine.state.network.subnets;
            let known = |id: &String| subnets.iter().any(|subnet| subnet.subnet_id == *id);
            let unknown = ids.iter().find(|id| !known(id));
            unknown.map_or(Ok(()), |id| {
                Err(not_found("InvalidSubnetID.NotFound", "subnet ID", id))
            })
        })
    }

    pub(crate) fn check_security_groups(&self, ids: &[String]) -> Result<()> {
        self.act(|engine, _| {
            let groups = &engine.state.network.security_groups;
            let known = |id: &String| groups.iter().any(|group| group.group_id == *id);
            let unknown = ids.iter().find(|id| !known(id));
            unknown.map_or(Ok(()), |id| {
                Err(not_found("InvalidGroup.NotFound", "security group", id))
            })
        })
    }
}

fn not_found(code: &str, what: &str, id: &str) -> Error {
    let message = format!("The {what} '{id}' does not exist");
    Error::service(ErrorKind::NotFound, code, message).with_resource(id)
}

/// Knows the filters that this crate uses; EC2 knows more.
#[async_trait]
impl NetworkInventory for MemoryBackend {
    async fn describe_vpc_endpoints(
        &self,
        request: DescribeVpcEndpoints,
    ) -> Result<Page<VpcEndpoint>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeVpcEndpoints;
        const BOUNDS: Bounds = Bounds::new(1, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "service-name"])?;
            let found = state.network.endpoints(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_subnets(&self, request: DescribeSubnets) -> Result<Page<Subnet>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeSubnets;
        const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "subnet-id"])?;
            let found = state.network.subnets(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_route_tables(
        &self,
        request: DescribeRouteTables,
    ) -> Result<Page<RouteTable>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeRouteTables;
        const BOUNDS: Bounds = Bounds::new(5, 100, 100);
        const KEYS: [&str; 3] = ["vpc-id", "association.main", "association.subnet-id"];
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &KEYS)?;
            let found = state.network.route_tables(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_security_groups(
        &self,
        request: DescribeSecurityGroups,
    ) -> Result<Page<SecurityGroup>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeSecurityGroups;
        const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "group-id"])?;
            let found = state.network.security_groups(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_vpc_attribute(&self, request: DescribeVpcAttribute) -> Result<bool> {
        let vpc_id = &request.vpc_id;
        let attribute = request.attribute;

        const OPERATION: Operation = Operation::DescribeVpcAttribute;
        self.call(OPERATION, |state, _| {
            let vpc = state.network.vpc(vpc_id);
            let vpc = vpc.ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc ID", vpc_id))?;
            match attribute {
                VpcAttributeName::EnableDnsSupport => Ok(vpc.enable_dns_support),
                VpcAttributeName::EnableDnsHostnames => Ok(vpc.enable_dns_hostnames),
                VpcAttributeName::Other(name) => Err(check::refused(
                    OPERATION,
                    format!("The attribute '{name}' is invalid"),
                )),
            }
        })
        .await
    }
}
