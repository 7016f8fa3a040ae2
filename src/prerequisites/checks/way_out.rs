//! Where the default route of a subnet leads.

use super::subject::Home;
use crate::prerequisites::Evidence;
use crate::types::{Route, RouteTable};

/// How a node leaves its VPC.
#[derive(Debug)]
pub(super) enum WayOut<'a> {
    /// To the internet.
    Open(&'a RouteTable),
    /// It does not: only endpoints help.
    Closed(&'a RouteTable, Evidence),
    /// To a network that this account cannot see, such as behind a transit gateway.
    Unseen(&'a RouteTable, Evidence),
    /// No route table was found for the subnet.
    NoTable,
    /// The route tables could not be read.
    NotRead,
}

impl<'a> WayOut<'a> {
    /// The subnet's table, if it is known.
    pub(super) fn table(&self) -> Option<&'a RouteTable> {
        match self {
            Self::Open(table) | Self::Closed(table, _) | Self::Unseen(table, _) => Some(table),
            Self::NoTable | Self::NotRead => None,
        }
    }

    /// What was seen, if there is no certain way to the internet.
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
    let ways: Vec<_> = defaults(table)
        .into_iter()
        .map(|route| by_default(home, table, route))
        .collect();
    // The worse of two halves counts, because each takes a part of the traffic.
    let closed = ways
        .iter()
        .position(|way| matches!(way, WayOut::Closed(..)));
    let unseen = ways
        .iter()
        .position(|way| matches!(way, WayOut::Unseen(..)));
    let worst = closed.or(unseen).unwrap_or_default();
    ways.into_iter()
        .nth(worst)
        .unwrap_or_else(|| without_default(home, table))
}

/// The routes that together match all traffic: a default route, or the two halves, which come first
/// because they are narrower.
fn defaults(table: &RouteTable) -> Vec<&Route> {
    let to = |range: &str| {
        let mut routes = table.routes.iter();
        routes.find(|route| route.destination_cidr_block.as_deref() == Some(range))
    };
    match (to("0.0.0.0/1"), to("128.0.0.0/1")) {
        (Some(low), Some(high)) => vec![low, high],
        _ => table
            .routes
            .iter()
            .find(|one| one.is_default())
            .into_iter()
            .collect(),
    }
}

fn by_default<'a>(home: &Home<'a>, table: &'a RouteTable, route: &Route) -> WayOut<'a> {
    let id = &table.route_table_id;
    let target = route.target().unwrap_or("nothing");
    let seen = format!("its default route in {id} leads to {target}");
    let closed =
        |why: &str| WayOut::Closed(table, Evidence::new(home.subnet, format!("{seen}{why}")));
    if route.is_blackhole() {
        return closed(", which is gone");
    }
    if !route.has_target_on_internet() {
        return WayOut::Unseen(table, Evidence::new(home.subnet, seen));
    }
    // An internet gateway translates public addresses and gives none (VPC User Guide).
    if route.nat_gateway_id.is_none() && home.instance.public_ip_address.is_none() {
        return closed(", and the node has no public address");
    }
    WayOut::Open(table)
}

/// Without a default route, a narrower route may still lead to endpoints in another network.
fn without_default<'a>(home: &Home<'a>, table: &'a RouteTable) -> WayOut<'a> {
    let id = &table.route_table_id;
    let mut routes = table.routes.iter();
    match routes.find(|route| !route.is_blackhole() && route.leads_to_network()) {
        Some(route) => {
            let target = route.target().unwrap_or("nothing");
            let seen = format!("{id} has no default route, but a route to {target}");
            WayOut::Unseen(table, Evidence::new(home.subnet, seen))
        }
        None => {
            let seen = format!("its route table {id} has no default route");
            WayOut::Closed(table, Evidence::new(home.subnet, seen))
        }
    }
}
