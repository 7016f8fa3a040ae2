//! Whether the security groups of the interface endpoints let the node in.
//!
//! Looked at wherever the endpoint has private DNS, on a subnet with a way to the internet too: the
//! service's names lead to the endpoint then, and nowhere else.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::problem::{Command, Problem};
use super::subject::Home;
use crate::prerequisites::{EndpointService, FindingKind, Severity};
use crate::types::{IpPermission, SecurityGroup, VpcEndpoint};

/// The port of every endpoint.
pub(super) const HTTPS: u16 = 443;

pub(super) fn check(home: &Home<'_>) -> Vec<Problem> {
    let endpoints = home.network.endpoints_of(home.vpc);
    endpoints
        .filter(|one| !one.is_gateway() && one.private_dns_enabled)
        .filter_map(|endpoint| {
            let service = EndpointService::of(&endpoint.service_name)?;
            check_endpoint(home, service, endpoint)
        })
        .collect()
}

/// Whether a rule lets the node in.
enum Admits {
    Yes,
    No,
    /// By a prefix list, whose ranges were not read.
    Perhaps(String),
}

fn check_endpoint(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    let groups: Vec<&SecurityGroup> = home.network.groups(&endpoint.groups).collect();
    let first = groups.first()?;
    let rules = groups.iter().flat_map(|group| &group.ip_permissions);
    let mut lists = Vec::new();
    for rule in rules.filter(|rule| rule.covers_tcp(HTTPS)) {
        match admits(home, rule) {
            Admits::Yes => return None,
            Admits::No => {}
            Admits::Perhaps(list) => lists.push(list),
        }
    }
    let ids: Vec<_> = groups.iter().map(|group| group.group_id.as_str()).collect();
    let seen = format!("in {}", ids.join(", "));
    let command = format!(
        "aws ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port {HTTPS} --cidr {}",
        first.group_id,
        home.network
            .subnet(home.subnet)
            .map_or("CIDR", |subnet| subnet.cidr_block.as_str()),
    );
    let (severity, how) = match lists.as_slice() {
        [] => (Severity::Error, "does not let"),
        _ => (Severity::Unknown, "may not let"),
    };
    let message = format!(
        "the endpoint for {service} {how} {} in on port {HTTPS}",
        home.subnet
    );
    let problem = Problem::new(
        severity,
        FindingKind::EndpointBlocked,
        message,
        "let the nodes into the endpoint's security group",
    )
    .seen(endpoint.vpc_endpoint_id.as_str(), seen)
    .by(Command::Once(command));
    let lists = lists.into_iter();
    Some(lists.fold(problem, |problem, list| {
        problem.seen(list, "lets its ranges in, which were not read")
    }))
}

fn admits(home: &Home<'_>, rule: &IpPermission) -> Admits {
    let groups = &home.instance.security_groups;
    if rule
        .user_id_group_pairs
        .iter()
        .any(|pair| groups.contains(pair))
    {
        return Admits::Yes;
    }
    let ranges = rule.ip_ranges.iter();
    let mut ranges = ranges.filter_map(|range| range.cidr_ip.parse::<Ipv4Net>().ok());
    if ranges.any(|range| holds(home, &range)) {
        return Admits::Yes;
    }
    match rule.prefix_list_ids.first() {
        Some(list) => Admits::Perhaps(list.prefix_list_id.clone()),
        None => Admits::No,
    }
}

/// Whether a range holds the node's address, or where that is unknown its whole subnet.
fn holds(home: &Home<'_>, range: &Ipv4Net) -> bool {
    let address = home.instance.private_ip_address.as_deref();
    if let Some(address) = address.and_then(|text| text.parse::<Ipv4Addr>().ok()) {
        return range.contains(&address);
    }
    let subnet = home.network.subnet(home.subnet);
    let subnet = subnet.and_then(|subnet| subnet.cidr_block.parse::<Ipv4Net>().ok());
    // A node of which nothing is known is not said to be shut out.
    subnet.is_none_or(|subnet| range.contains(&subnet))
}
