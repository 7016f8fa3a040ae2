//! The network of the nodes, indexed by what a node knows of its place.

use std::collections::{BTreeMap, HashMap};

use super::Read;
use crate::error::Error;
use crate::types::{GroupIdentifier, RouteTable, SecurityGroup, Subnet, Vpc, VpcEndpoint};

/// The facts about the network.
#[derive(Debug)]
pub(crate) struct NetworkFacts {
    pub(crate) route_tables: Read<RouteTables>,
    pub(crate) endpoints: Read<Endpoints>,
    pub(crate) subnets: Read<BTreeMap<String, Subnet>>,
    pub(crate) security_groups: Read<BTreeMap<String, SecurityGroup>>,
    pub(crate) vpcs: Read<BTreeMap<String, Vpc>>,
}

/// Route tables, by who uses them.
#[derive(Debug, Default)]
pub(crate) struct RouteTables {
    tables: Vec<RouteTable>,
    of_subnets: HashMap<String, usize>,
    main_of_vpcs: HashMap<String, usize>,
}

impl FromIterator<RouteTable> for RouteTables {
    fn from_iter<I: IntoIterator<Item = RouteTable>>(tables: I) -> Self {
        let mut all = Self::default();
        for (place, table) in tables.into_iter().enumerate() {
            for association in &table.associations {
                if let Some(subnet) = &association.subnet_id {
                    all.of_subnets.entry(subnet.clone()).or_insert(place);
                }
                if association.main {
                    let main = all.main_of_vpcs.entry(table.vpc_id.clone());
                    main.or_insert(place);
                }
            }
            all.tables.push(table);
        }
        all
    }
}

impl RouteTables {
    /// The table of a subnet. One without an association of its own has the VPC's main table
    /// (VPC User Guide, subnet route tables).
    fn of(&self, subnet: &str, vpc: &str) -> Option<&RouteTable> {
        let own = self.of_subnets.get(subnet);
        let place = own.or_else(|| self.main_of_vpcs.get(vpc))?;
        self.tables.get(*place)
    }
}

/// Endpoints by VPC, without deleted ones, which stay in listings for a while.
#[derive(Debug, Default)]
pub(crate) struct Endpoints(HashMap<String, Vec<VpcEndpoint>>);

impl FromIterator<VpcEndpoint> for Endpoints {
    fn from_iter<I: IntoIterator<Item = VpcEndpoint>>(endpoints: I) -> Self {
        let is_gone = |state: &str| {
            let mut gone = ["deleting", "deleted"].iter();
            gone.any(|gone| state.eq_ignore_ascii_case(gone))
        };
        let mut all = Self::default();
        for endpoint in endpoints.into_iter().filter(|one| !is_gone(&one.state)) {
            let of_vpc = all.0.entry(endpoint.vpc_id.clone()).or_default();
            of_vpc.push(endpoint);
        }
        all
    }
}

impl NetworkFacts {
    /// The facts if no node is in a VPC.
    pub(crate) fn none() -> Self {
        Self {
            route_tables: Ok(RouteTables::default()),
            endpoints: Ok(Endpoints::default()),
            subnets: Ok(BTreeMap::new()),
            security_groups: Ok(BTreeMap::new()),
            vpcs: Ok(BTreeMap::new()),
        }
    }

    /// The facts that could be read, and the reads that failed.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&'static str, &Error)> {
        [
            ("the route tables", self.route_tables.as_ref().err()),
            ("the VPC endpoints", self.endpoints.as_ref().err()),
            ("the subnets", self.subnets.as_ref().err()),
            ("the security groups", self.security_groups.as_ref().err()),
            ("the attributes of the VPC", self.vpcs.as_ref().err()),
        ]
        .into_iter()
        .filter_map(|(what, error)| Some((what, error?)))
    }

    pub(crate) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.as_ref().ok()?.get(id)
    }

    pub(crate) fn route_table(&self, subnet: &str, vpc: &str) -> Option<&RouteTable> {
        self.route_tables.as_ref().ok()?.of(subnet, vpc)
    }

    pub(crate) fn endpoints_of(&self, vpc: &str) -> impl Iterator<Item = &VpcEndpoint> {
        let known = self.endpoints.as_ref().ok();
        known
            .and_then(|known| known.0.get(vpc))
            .into_iter()
            .flatten()
    }

    /// The groups among these that were read.
    pub(crate) fn groups<'a>(
        &'a self,
        ids: &'a [GroupIdentifier],
    ) -> impl Iterator<Item = &'a SecurityGroup> {
        let known = self.security_groups.as_ref().ok();
        let ids = ids.iter();
        ids.filter_map(move |id| known?.get(&id.group_id))
    }

    /// The groups among these that were not read, such as those of a shared VPC.
    pub(crate) fn unlisted<'a>(
        &'a self,
        ids: &'a [GroupIdentifier],
    ) -> impl Iterator<Item = &'a str> {
        let known = self.security_groups.as_ref().ok();
        let ids = ids.iter().map(|id| id.group_id.as_str());
        ids.filter(move |id| known.is_some_and(|known| !known.contains_key(*id)))
    }
}
