//! The network of the fleet, and NetworkInventory over it.

use async_trait::async_trait;

use super::backend::MemoryBackend;
use super::check;
use super::fleet_file::FleetFile;
use super::paging::Bounds;
use crate::backend::NetworkInventory;
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::types::{QueryFilter, RouteTable, Subnet, VpcEndpoint};

/// The network that the nodes live in.
#[derive(Debug, Default)]
pub(super) struct Network {
    endpoints: Vec<VpcEndpoint>,
    subnets: Vec<Subnet>,
    route_tables: Vec<RouteTable>,
}

impl Network {
    /// Takes the network out of a fleet file.
    pub(super) fn take(fleet: &mut FleetFile) -> Self {
        Self {
            endpoints: std::mem::take(&mut fleet.vpc_endpoints),
            subnets: std::mem::take(&mut fleet.subnets),
            route_tables: std::mem::take(&mut fleet.route_tables),
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

fn known_keys(operation: &'static str, filters: &[QueryFilter], keys: &[&str]) -> Result<()> {
    match filters
        .iter()
        .find(|filter| !keys.contains(&filter.key.as_str()))
    {
        None => Ok(()),
        Some(filter) => Err(check::refused(
            operation,
            format!("The filter '{}' is invalid", filter.key),
        )),
    }
}

/// Knows the filters that this crate uses; EC2 knows more, and wildcards in their values.
#[async_trait]
impl NetworkInventory for MemoryBackend {
    async fn describe_vpc_endpoints(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<VpcEndpoint>> {
        const OPERATION: &str = "DescribeVpcEndpoints";
        const BOUNDS: Bounds = Bounds::new(1, 1000, 1000);
        self.call(OPERATION, |state, _| {
            known_keys(OPERATION, filters, &["vpc-id", "service-name"])?;
            let found = state.network.endpoints(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_subnets(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<Subnet>> {
        const OPERATION: &str = "DescribeSubnets";
        const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);
        self.call(OPERATION, |state, _| {
            known_keys(OPERATION, filters, &["vpc-id", "subnet-id"])?;
            let found = state.network.subnets(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_route_tables(
        &self,
        filters: &[QueryFilter],
        page: PageRequest,
    ) -> Result<Page<RouteTable>> {
        const OPERATION: &str = "DescribeRouteTables";
        const BOUNDS: Bounds = Bounds::new(5, 100, 100);
        const KEYS: [&str; 3] = ["vpc-id", "association.main", "association.subnet-id"];
        self.call(OPERATION, |state, _| {
            known_keys(OPERATION, filters, &KEYS)?;
            let found = state.network.route_tables(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }
}
