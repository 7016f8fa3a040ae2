//! Checks that the security groups of an interface endpoint let the node in.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::command::Cli;
use super::passage::{HTTPS, Passage};
use super::problem::Problem;
use super::subject::Home;
use crate::prerequisites::{EndpointService, FindingKind};
use crate::types::{GroupIdentifier, IpPermission, VpcEndpoint};

pub(super) fn check(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    // A gateway endpoint has no group. Groups that could not be read are a finding of their own.
    let first = endpoint.groups.first()?;
    if home.network.security_groups.is_err() {
        return None;
    }
    let passage = let_in(home, &endpoint.groups);
    let message = format!(
        "the endpoint for {service} {} not let {} in on port {HTTPS}",
        passage.how(),
        home.subnet
    );
    let ids: Vec<_> = endpoint
        .groups
        .iter()
        .map(|group| &*group.group_id)
        .collect();
    let subnet = home.network.subnet(home.subnet);
    let range = subnet.map_or("CIDR", |subnet| subnet.cidr_block.as_str());
    let command = Cli::regional("ec2 authorize-security-group-ingress", home.region)
        .option("--group-id", &first.group_id)
        .option("--protocol", "tcp")
        .option("--port", &HTTPS.to_string())
        .option("--cidr", range);
    Some(
        Problem::new(
            passage.severity()?,
            FindingKind::EndpointBlocked,
            message,
            "allow inbound HTTPS from the nodes in the endpoint's security group",
        )
        .seen(
            endpoint.vpc_endpoint_id.as_str(),
            format!("in {}", ids.join(", ")),
        )
        .with_evidence(passage.doubts())
        .by(command.once()),
    )
}

fn let_in(home: &Home<'_>, groups: &[GroupIdentifier]) -> Passage {
    let known = home.network.groups(groups);
    let rules = known.flat_map(|group| &group.ip_permissions);
    let rules = rules.filter(|rule| rule.covers_tcp(HTTPS));
    let unlisted = home.network.unlisted(groups).map(Passage::by_unlisted);
    Passage::any(rules.map(|rule| by_rule(home, rule)).chain(unlisted))
}

fn by_rule(home: &Home<'_>, rule: &IpPermission) -> Passage {
    let groups = &home.instance.security_groups;
    let mut pairs = rule.user_id_group_pairs.iter();
    if pairs.any(|pair| groups.contains(pair)) {
        return Passage::Free;
    }
    let ranges = rule.ranges().map(|range| by_range(home, &range));
    let lists = rule.prefix_list_ids.iter();
    let lists = lists.map(|list| Passage::by_list(&list.prefix_list_id));
    Passage::any(ranges.chain(lists))
}

/// Whether a range holds the node's address, or its whole subnet if the address is unknown.
fn by_range(home: &Home<'_>, range: &Ipv4Net) -> Passage {
    let address = home.instance.private_ip_address.as_deref();
    if let Some(address) = address.and_then(|text| text.parse::<Ipv4Addr>().ok()) {
        return Passage::by_range(range, &address.into());
    }
    let subnet = home.network.subnet(home.subnet);
    match subnet.and_then(|subnet| subnet.cidr_block.parse().ok()) {
        Some(place) => Passage::by_range(range, &place),
        None => Passage::doubtful(home.subnet, "its IPv4 range is unknown"),
    }
}
