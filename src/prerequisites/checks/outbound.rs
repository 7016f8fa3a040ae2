//! Checks that the node's own security groups let HTTPS out to where it must go.

use ipnet::Ipv4Net;

use super::command::Cli;
use super::passage::{HTTPS, Passage};
use super::problem::Problem;
use super::subject::Home;
use super::way_out::WayOut;
use crate::prerequisites::{EndpointService, FindingKind, Severity};
use crate::types::{IpPermission, VpcEndpoint};

/// What the node's security groups let out on port 443.
#[derive(Debug)]
pub(super) enum Outbound<'a> {
    /// Everything; or the groups could not be read, which is a finding of its own.
    Anything,
    /// What some rules name; some groups may not be listed.
    Some {
        rules: Vec<&'a IpPermission>,
        unlisted: Vec<&'a str>,
    },
}

impl<'a> Outbound<'a> {
    pub(super) fn of(home: &Home<'a>) -> Self {
        let groups = &home.instance.security_groups;
        if groups.is_empty() || home.network.security_groups.is_err() {
            return Self::Anything;
        }
        let known = home.network.groups(groups);
        let rules = known.flat_map(|group| &group.ip_permissions_egress);
        let rules: Vec<_> = rules.filter(|rule| rule.covers_tcp(HTTPS)).collect();
        let ranges: Vec<Ipv4Net> = rules.iter().flat_map(|rule| rule.ranges()).collect();
        // Two halves make the whole range.
        let whole = Ipv4Net::aggregate(&ranges);
        if whole.iter().any(|range| range.prefix_len() == 0) {
            return Self::Anything;
        }
        let unlisted = home.network.unlisted(groups).collect();
        Self::Some { rules, unlisted }
    }

    /// Checks that they let out the traffic that does not go to endpoints.
    pub(super) fn check(
        &self,
        home: &Home<'_>,
        way_out: &WayOut<'_>,
        past: bool,
    ) -> Option<Problem> {
        let Self::Some { rules, unlisted } = self else {
            return None;
        };
        if rules.is_empty() {
            let passage = Passage::any(unlisted.iter().copied().map(Passage::by_unlisted));
            return blocked(home, passage, "let any HTTPS out");
        }
        let leads_out = matches!(way_out, WayOut::Open(_) | WayOut::Unseen(..));
        // A prefix list may hold any ranges: those of S3, or all of AWS.
        if !past || !leads_out || has_list(rules) {
            return None;
        }
        let what = "let HTTPS out to every address";
        let id = home.subnet;
        blocked(
            home,
            Passage::doubtful(id, "its way out leads to addresses that no rule names"),
            what,
        )
    }

    /// Checks that they let out the traffic to an endpoint. If they let nothing out, `check`
    /// reports it once.
    pub(super) fn check_to(
        &self,
        home: &Home<'_>,
        service: EndpointService,
        endpoint: &VpcEndpoint,
    ) -> Option<Problem> {
        let Self::Some { rules, unlisted } = self else {
            return None;
        };
        if rules.is_empty() {
            return None;
        }
        let by_rules = rules.iter().map(|rule| by_rule(home, rule, endpoint));
        let unlisted = unlisted.iter().copied().map(Passage::by_unlisted);
        let passage = Passage::any(by_rules.chain(unlisted));
        let problem = blocked(
            home,
            passage,
            &format!("let HTTPS out to the endpoint for {service}"),
        );
        let id = endpoint.vpc_endpoint_id.as_str();
        Some(problem?.seen(id, "no outbound rule is sure to cover it"))
    }
}

/// Whether a rule names a prefix list, such as that of S3; its ranges are unknown.
fn has_list(rules: &[&IpPermission]) -> bool {
    rules.iter().any(|rule| !rule.prefix_list_ids.is_empty())
}

fn blocked(home: &Home<'_>, passage: Passage, what: &str) -> Option<Problem> {
    let id = home.instance.security_groups.first()?.group_id.as_str();
    let command = Cli::regional("ec2 authorize-security-group-egress", home.region)
        .option("--group-id", id)
        .option("--protocol", "tcp")
        .option("--port", &HTTPS.to_string())
        .option("--cidr", "0.0.0.0/0");
    let severity = passage.severity()?;
    let how = if severity == Severity::Error {
        "do"
    } else {
        "may"
    };
    Some(
        Problem::new(
            severity,
            FindingKind::OutboundBlocked,
            format!("the security groups of the node {how} not {what}"),
            "allow outbound HTTPS",
        )
        .seen(id, "its outbound rules")
        .with_evidence(passage.doubts())
        .by(command.once()),
    )
}

fn by_rule(home: &Home<'_>, rule: &IpPermission, endpoint: &VpcEndpoint) -> Passage {
    let mut pairs = rule.user_id_group_pairs.iter();
    if pairs.any(|pair| endpoint.groups.contains(pair)) {
        return Passage::Free;
    }
    if endpoint.is_gateway() {
        return to_gateway(rule);
    }
    let lists = rule.prefix_list_ids.iter();
    let lists = lists.map(|list| Passage::by_list(&list.prefix_list_id));
    let ranges = rule.ranges().flat_map(|range| {
        let places = endpoint.subnet_ids.iter();
        places.map(move |id| {
            let subnet = home.network.subnet(id);
            match subnet.and_then(|subnet| subnet.cidr_block.parse().ok()) {
                Some(place) => Passage::by_range(&range, &place),
                None => Passage::doubtful(id.as_str(), "its IPv4 range is unknown"),
            }
        })
    });
    Passage::any(ranges.chain(lists))
}

/// A gateway endpoint leads to the service's public addresses, which its prefix list holds.
fn to_gateway(rule: &IpPermission) -> Passage {
    if !rule.prefix_list_ids.is_empty() {
        return Passage::Free;
    }
    let mut ranges = rule.ranges();
    match ranges.find(|range| !range.network().is_private()) {
        Some(range) => Passage::doubtful(range.to_string(), "may hold addresses of the service"),
        None => Passage::Shut,
    }
}
