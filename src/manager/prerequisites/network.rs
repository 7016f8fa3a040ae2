//! The network of the instances: what their VPCs contain, each kind in pages.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;

use futures_util::{TryStreamExt, future};

use super::{hidden, keyed};
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, EC2_FILTER_VALUES, NetworkInventory,
};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::manager::pages::pages;
use crate::page::{Page, PageRequest};
use crate::prerequisites::{Endpoints, NetworkFacts, Read, RouteTables};
use crate::types::{Ec2Instance, QueryFilter, Vpc, VpcAttributeName, VpcEndpoint};

impl PatchManager {
    pub(super) async fn network_facts(&self, instances: &[&Ec2Instance]) -> Result<NetworkFacts> {
        let vpcs = instances.iter().filter_map(|one| one.vpc_id.as_deref());
        let vpcs: Vec<&str> = vpcs.collect::<BTreeSet<_>>().into_iter().collect();
        if vpcs.is_empty() {
            return Ok(NetworkFacts::none());
        }
        let tables = self.of_vpcs(&vpcs, 100, |network, filters, page| async move {
            network
                .describe_route_tables(DescribeRouteTables::new(filters, page))
                .await
        });
        let endpoints = self.of_vpcs(&vpcs, 1000, |network, filters, page| async move {
            network
                .describe_vpc_endpoints(DescribeVpcEndpoints::new(filters, page))
                .await
        });
        let subnets = self.of_vpcs(&vpcs, 1000, |network, filters, page| async move {
            network
                .describe_subnets(DescribeSubnets::new(filters, page))
                .await
        });
        let groups = self.of_vpcs(&vpcs, 1000, |network, filters, page| async move {
            network
                .describe_security_groups(DescribeSecurityGroups::new(filters, page))
                .await
        });
        let (route_tables, endpoints, subnets, groups) =
            future::try_join4(tables, endpoints, subnets, groups).await?;
        let vpcs = self.vpcs_with_endpoints(&endpoints).await?;
        let subnets = subnets.map(|rows| keyed(rows, |row| row.subnet_id.clone()));
        Ok(NetworkFacts {
            route_tables: route_tables.map(RouteTables::from_iter),
            endpoints: endpoints.map(Endpoints::from_iter),
            subnets,
            security_groups: groups.map(|rows| keyed(rows, |row| row.group_id.clone())),
            vpcs,
        })
    }

    /// All resources of one kind in these VPCs.
    async fn of_vpcs<T, F, Fut>(&self, vpcs: &[&str], size: u32, fetch: F) -> Result<Read<Vec<T>>>
    where
        T: Send + 'static,
        F: Fn(Arc<dyn NetworkInventory>, Vec<QueryFilter>, PageRequest) -> Fut
            + Copy
            + Send
            + Sync
            + 'static,
        Fut: Future<Output = Result<Page<T>>> + Send + 'static,
    {
        let mut all = Vec::new();
        for batch in vpcs.chunks(EC2_FILTER_VALUES) {
            let filters = vec![QueryFilter::new("vpc-id", batch.iter().copied())];
            let rows = pages(&self.backends.network, size, move |network, page| {
                fetch(network, filters.clone(), page)
            });
            match hidden(rows.try_collect::<Vec<T>>().await)? {
                Ok(rows) => all.extend(rows),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(all))
    }

    /// The attributes of the VPCs that have interface endpoints.
    async fn vpcs_with_endpoints(
        &self,
        endpoints: &Read<Vec<VpcEndpoint>>,
    ) -> Result<Read<BTreeMap<String, Vpc>>> {
        let endpoints = endpoints.iter().flatten();
        let interfaces = endpoints.filter(|one| !one.is_gateway());
        let ids: BTreeSet<&str> = interfaces.map(|one| one.vpc_id.as_str()).collect();
        let mut vpcs = BTreeMap::new();
        for id in ids {
            match hidden(self.vpc(id).await)? {
                Ok(vpc) => vpcs.insert(id.to_owned(), vpc),
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(Ok(vpcs))
    }

    async fn vpc(&self, id: &str) -> Result<Vpc> {
        let attribute = |name| {
            self.backends
                .network
                .describe_vpc_attribute(DescribeVpcAttribute::new(id, name))
        };
        let mut vpc = Vpc::new(id);
        vpc.enable_dns_support = attribute(VpcAttributeName::EnableDnsSupport).await?;
        vpc.enable_dns_hostnames = attribute(VpcAttributeName::EnableDnsHostnames).await?;
        Ok(vpc)
    }
}
