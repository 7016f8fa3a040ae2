//! The network of the fleet, and NetworkInventory over it.

use async_trait::async_trait;

use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check;
use crate::memory::operations::paging::Bounds;
use crate::memory::store::fleet_file::FleetFile;
use crate::page::Page;
use crate::types::{
    QueryFilter, RouteTable, SecurityGroup, Subnet, Vpc, VpcAttributeName, VpcEndpoint,
};

/// The network that the nodes live in.
#[derive(Debug, Default)]
pub(crate) struct Network {
    endpoints: Vec<VpcEndpoint>,
    subnets: Vec<Subnet>,
    route_tables: Vec<RouteTable>,
    security_groups: Vec<SecurityGroup>,
    vpcs: Vec<Vpc>,
}

impl Network {
    /// Takes the network out of a fleet file.
    pub(crate) fn take(fleet: &mut FleetFile) -> Self {
        Self {
            endpoints: std::mem::take(&mut fleet.vpc_endpoints),
            subnets: std::mem::take(&mut fleet.subnets),
            route_tables: std::mem::take(&mut fleet.route_tables),
            security_groups: std::mem::take(&mut fleet.security_groups),
            vpcs: std::mem::take(&mut fleet.vpcs),
        }
    }
}

impl Network {
    fn endpoints(&self, filters: &[QueryFilter]) -> Vec<VpcEndpoint> {
        select(&self.endpoints, filters, |endpoint, filter| {
            match filter.key.as_str() {
                "vpc-id" => has(filter, &endpoint.vpc_id),
                _ => has(filter, &endpoint.service_name),
            }
        })
    }

    fn subnets(&self, filters: &[QueryFilter]) -> Vec<Subnet> {
        select(&self.subnets, filters, |subnet, filter| {
            match filter.key.as_str() {
                "vpc-id" => has(filter, &subnet.vpc_id),
                _ => has(filter, &subnet.subnet_id),
            }
        })
    }

    fn route_tables(&self, filters: &[QueryFilter]) -> Vec<RouteTable> {
        select(&self.route_tables, filters, |table, filter| {
            let mut associations = table.associations.iter();
            match filter.key.as_str() {
                "vpc-id" => has(filter, &table.vpc_id),
                "association.main" => {
                    associations.any(|association| has(filter, &association.main.to_string()))
                }
                _ => associations
                    .filter_map(|association| association.subnet_id.as_deref())
                    .any(|subnet| has(filter, subnet)),
            }
        })
    }

    fn security_groups(&self, filters: &[QueryFilter]) -> Vec<SecurityGroup> {
        select(
            &self.security_groups,
            filters,
            |group, filter| match filter.key.as_str() {
                "vpc-id" => group.vpc_id.as_deref().is_some_and(|id| has(filter, id)),
                _ => has(filter, &group.group_id),
            },
        )
    }

    /// The VPC, with both attributes on where only its parts are known.
    fn vpc(&self, id: &str) -> Option<Vpc> {
        let described = self.vpcs.iter().find(|vpc| vpc.vpc_id == id).cloned();
        described.or_else(|| self.names(id).then(|| Vpc::new(id)))
    }

    fn names(&self, vpc: &str) -> bool {
        self.subnets.iter().any(|subnet| subnet.vpc_id == vpc)
            || self.route_tables.iter().any(|table| table.vpc_id == vpc)
            || self.endpoints.iter().any(|endpoint| endpoint.vpc_id == vpc)
    }
}

/// What happens to the network by other hands. These are no calls to the service: they are not
/// recorded and no fault strikes them.
impl MemoryBackend {
    /// Adds an endpoint. One of the same id is replaced.
    pub fn add_vpc_endpoint(&self, endpoint: VpcEndpoint) {
        self.act(|state, _| {
            let endpoints = &mut state.network.endpoints;
            endpoints.retain(|known| known.vpc_endpoint_id != endpoint.vpc_endpoint_id);
            endpoints.push(endpoint);
        });
    }

    /// Takes an endpoint away.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such endpoint.
    pub fn remove_vpc_endpoint(&self, id: &str) -> Result<VpcEndpoint> {
        self.act(|state, _| {
            let endpoints = &mut state.network.endpoints;
            let place = endpoints.iter().position(|one| one.vpc_endpoint_id == id);
            place.map(|place| endpoints.remove(place)).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "there is no such endpoint").with_resource(id)
            })
        })
    }

    /// Adds a security group. One of the same id is replaced.
    pub fn set_security_group(&self, group: SecurityGroup) {
        self.act(|state, _| {
            let groups = &mut state.network.security_groups;
            groups.retain(|known| known.group_id != group.group_id);
            groups.push(group);
        });
    }

    /// Sets the attributes of a VPC.
    pub fn set_vpc(&self, vpc: Vpc) {
        self.act(|state, _| {
            let vpcs = &mut state.network.vpcs;
            vpcs.retain(|known| known.vpc_id != vpc.vpc_id);
            vpcs.push(vpc);
        });
    }
}

fn select<T: Clone>(
    all: &[T],
    filters: &[QueryFilter],
    passes: impl Fn(&T, &QueryFilter) -> bool,
) -> Vec<T> {
    all.iter()
        .filter(|item| filters.iter().all(|filter| passes(item, filter)))
        .cloned()
        .collect()
}

fn has(filter: &QueryFilter, value: &str) -> bool {
    filter.values.iter().any(|accepted| accepted == value)
}

/// Knows the filters that this crate uses; EC2 knows more, and wildcards in their values.
#[async_trait]
impl NetworkInventory for MemoryBackend {
    async fn describe_vpc_endpoints(
        &self,
        request: DescribeVpcEndpoints,
    ) -> Result<Page<VpcEndpoint>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: &str = "DescribeVpcEndpoints";
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

        const OPERATION: &str = "DescribeSubnets";
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

        const OPERATION: &str = "DescribeRouteTables";
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

        const OPERATION: &str = "DescribeSecurityGroups";
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

        const OPERATION: &str = "DescribeVpcAttribute";
        self.call(OPERATION, |state, _| {
            let vpc = state.network.vpc(vpc_id).ok_or_else(|| {
                let told = format!("The vpc ID '{vpc_id}' does not exist");
                Error::service(ErrorKind::NotFound, "InvalidVpcID.NotFound", told)
                    .with_resource(vpc_id)
            })?;
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
