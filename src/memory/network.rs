use super::fleet_file::FleetFile;
use crate::types::{RouteTable, Subnet, VpcEndpoint};

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
