//! Whether the node's own security groups let HTTPS out to where it must go.

use ipnet::Ipv4Net;

use super::endpoint_access::HTTPS;
use super::problem::{Command, Problem};
use super::subject::Home;
use super::way_out::WayOut;
use crate::prerequisites::{EndpointService, FindingKind, Severity};
use crate::types::{IpPermission, SecurityGroup, VpcEndpoint};

pub(super) fn check(home: &Home<'_>, way_out: &WayOut<'_>) -> Vec<Problem> {
    let groups: Vec<&SecurityGroup> = home
        .network
        .groups(&home.instance.security_groups)
        .collect();
    let Some(first) = groups.first() else {
        return Vec::new();
    };
    let rules: Vec<&IpPermission> = groups
        .iter()
        .flat_map(|group| &group.ip_permissions_egress)
        .filter(|rule| rule.covers_tcp(HTTPS))
        .collect();
    if rules.iter().any(|rule| goes_anywhere(rule)) {
        return Vec::new();
    }
    if rules.is_empty() {
        return vec![blocked(Severity::Error, first, "let no HTTPS out")];
    }
    match way_out {
        WayOut::Open | WayOut::Unseen(..) if !has_list(&rules) => {
            let told = "let HTTPS out to some ranges only, which may not be enough";
            vec![blocked(Severity::Unknown, first, told)]
        }
        WayOut::Closed(..) => closed(home, first, &rules),
        _ => Vec::new(),
    }
}

fn goes_anywhere(rule: &IpPermission) -> bool {
    rule.ip_ranges
        .iter()
        .any(|range| range.cidr_ip == "0.0.0.0/0")
}

/// Whether a rule names a prefix list, such as that of S3; its ranges were not read.
fn has_list(rules: &[&IpPermission]) -> bool {
    rules.iter().any(|rule| !rule.prefix_list_ids.is_empty())
}

fn blocked(severity: Severity, group: &SecurityGroup, what: &str) -> Problem {
    let id = group.group_id.as_str();
    let command = format!(
        "aws ec2 authorize-security-group-egress --group-id {id} --protocol tcp --port {HTTPS} --cidr 0.0.0.0/0"
    );
    Problem::new(
        severity,
        FindingKind::OutboundBlocked,
        format!("the security groups of the node {what}"),
        "let HTTPS out",
    )
    .seen(id, "its outbound rules")
    .by(Command::Once(command))
}

/// Without a way to the internet the rules have to lead to each endpoint.
fn closed(home: &Home<'_>, group: &SecurityGroup, rules: &[&IpPermission]) -> Vec<Problem> {
    let endpoints = home.network.endpoints_of(home.vpc);
    endpoints
        .filter(|endpoint| !leads_to(home, rules, endpoint))
        .filter_map(|endpoint| {
            let service = EndpointService::of(&endpoint.service_name)?;
            let told = format!("do not let HTTPS out to the endpoint for {service}");
            let id = endpoint.vpc_endpoint_id.as_str();
            let problem = blocked(Severity::Error, group, &told);
            Some(problem.seen(id, "no outbound rule leads to it"))
        })
        .collect()
}

fn leads_to(home: &Home<'_>, rules: &[&IpPermission], endpoint: &VpcEndpoint) -> bool {
    if has_list(rules) && endpoint.is_gateway() {
        return true;
    }
    let subnets = endpoint.subnet_ids.iter();
    let places: Vec<Ipv4Net> = subnets
        .filter_map(|id| home.network.subnet(id)?.cidr_block.parse().ok())
        .collect();
    rules.iter().any(|rule| {
        let pairs = &rule.user_id_group_pairs;
        let mut ranges = rule
            .ip_ranges
            .iter()
            .filter_map(|range| range.cidr_ip.parse().ok());
        pairs.iter().any(|pair| endpoint.groups.contains(pair))
            || ranges.any(|range: Ipv4Net| places.iter().any(|place| range.contains(place)))
    })
}
