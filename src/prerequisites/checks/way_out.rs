//! Where the packets of a subnet go that no nearer route takes.

use super::subject::Home;
use crate::prerequisites::Evidence;
use crate::types::{Route, RouteTable};

/// How a node leaves its VPC.
#[derive(Debug)]
pub(super) enum WayOut<'a> {
    /// To the internet.
    Open,
    /// Not at all: only endpoints help.
    Closed(&'a RouteTable, Evidence),
    /// To something behind which nothing can be seen, such as a transit gateway.
    Unseen(&'a RouteTable, Evidence),
    /// No route table was found that the subnet has.
    NoTable,
    /// The route tables could not be read.
    NotRead,
}

impl<'a> WayOut<'a> {
    /// The subnet's table, where there is no sure way to the internet.
    pub(super) fn table(&self) -> Option<&'a RouteTable> {
        match self {
            Self::Closed(table, _) | Self::Unseen(table, _) => Some(table),
            _ => None,
        }
    }

    /// What was seen where there is no sure way to the internet.
    pub(super) fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Closed(_, evidence) | Self::Unseen(_, evidence) => Some(evidence),
            _ => None,
        }
    }
}

pub(super) fn of<'a>(home: &Home<'a>) -> WayOut<'a> {
    if home.network.route_tables.is_err() {
        return WayOut::NotRead;
    }
    let Some(table) = home.network.route_table(home.subnet, home.vpc) else {
        return WayOut::NoTable;
    };
    let closed = |why: String| WayOut::Closed(table, Evidence::new(home.subnet, why));
    let id = &table.route_table_id;
    let Some(route) = table.routes.iter().find(|route| route.is_default()) else {
        return closed(format!("its route table {id} has no default route"));
    };
    let target = route.target().unwrap_or("nothing");
    if route.is_blackhole() {
        return closed(format!(
            "its default route in {id} leads to {target}, which is gone"
        ));
    }
    if !route.leads_to_internet() {
        let seen = format!("its default route in {id} leads to {target}");
        return WayOut::Unseen(table, Evidence::new(home.subnet, seen));
    }
    // An internet gateway translates public addresses and gives none (VPC User Guide).
    if is_internet_gateway(route) && home.instance.public_ip_address.is_none() {
        return closed(format!(
            "its default route in {id} leads to {target}, and the node has no public address"
        ));
    }
    WayOut::Open
}

fn is_internet_gateway(route: &Route) -> bool {
    route.nat_gateway_id.is_none()
}
