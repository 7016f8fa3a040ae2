//! Checks of one endpoint: whether the node's traffic for the service goes to it and passes it.

use super::command::Cli;
use super::endpoint_access;
use super::outbound::Outbound;
use super::policy;
use super::problem::Problem;
use super::subject::Home;
use crate::prerequisites::{EndpointService, FindingKind};
use crate::types::{RouteTable, VpcEndpoint};

/// Why the node's traffic for the service does not go to this endpoint; empty if it does.
pub(super) fn strays(
    home: &Home<'_>,
    table: Option<&RouteTable>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = check_state(home, service, endpoint).into_iter().collect();
    if endpoint.is_gateway() {
        problems.extend(check_association(home, table, service, endpoint));
    } else {
        problems.extend(check_subnets(home, service, endpoint));
        problems.extend(check_private_dns(home, service, endpoint));
    }
    problems
}

/// What blocks the traffic that goes to this endpoint.
pub(super) fn obstacles(
    home: &Home<'_>,
    outbound: &Outbound<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Vec<Problem> {
    [
        policy::check(service, endpoint),
        endpoint_access::check(home, service, endpoint),
        outbound.check_to(home, service, endpoint),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A command that changes this endpoint.
fn modify(home: &Home<'_>, endpoint: &VpcEndpoint) -> Cli {
    Cli::regional("ec2 modify-vpc-endpoint", home.region)
        .option("--vpc-endpoint-id", &endpoint.vpc_endpoint_id)
}

fn check_state(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    let state = &endpoint.state;
    if state.eq_ignore_ascii_case("available") {
        return None;
    }
    let id = endpoint.vpc_endpoint_id.as_str();
    let message = format!("the endpoint for {service} is {state}");
    let advice = "wait until it is available, or create it again";
    let command =
        Cli::regional("ec2 describe-vpc-endpoints", home.region).option("--vpc-endpoint-ids", id);
    Some(
        Problem::error(FindingKind::EndpointNotAvailable, message, advice)
            .seen(id, state.as_str())
            .by(command.once()),
    )
}

fn check_association(
    home: &Home<'_>,
    table: Option<&RouteTable>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    let wanted = table.map_or("ROUTE_TABLE", |table| table.route_table_id.as_str());
    if endpoint.route_table_ids.iter().any(|id| id == wanted) {
        return None;
    }
    let message = format!("{wanted} has no route to the endpoint for {service}");
    let command = modify(home, endpoint).option("--add-route-table-ids", wanted);
    let seen = match endpoint.route_table_ids.as_slice() {
        [] => "associated with no route table".to_owned(),
        ids => format!("associated with {}", ids.join(", ")),
    };
    Some(
        Problem::error(
            FindingKind::EndpointMissing,
            message,
            "associate the endpoint with the subnet's route table",
        )
        .seen(endpoint.vpc_endpoint_id.as_str(), seen)
        .by(command.once()),
    )
}

/// An endpoint in no subnet has no address (VPC User Guide, interface endpoints).
fn check_subnets(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    if !endpoint.subnet_ids.is_empty() {
        return None;
    }
    let message = format!("the endpoint for {service} is in no subnet");
    let command = modify(home, endpoint).option("--add-subnet-ids", home.subnet);
    Some(
        Problem::error(
            FindingKind::EndpointNotAvailable,
            message,
            "add a subnet in each zone that has nodes",
        )
        .seen(endpoint.vpc_endpoint_id.as_str(), "no subnets")
        .by(command.once()),
    )
}

fn check_private_dns(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Vec<Problem> {
    let modify = || modify(home, endpoint);
    let off = |seen: &str, advice: &str, command: Cli| {
        let message = format!(
            "the DNS names of {service} do not resolve to its endpoint in {}",
            home.vpc
        );
        let problem = Problem::error(FindingKind::EndpointPrivateDnsOff, message, advice)
            .seen(endpoint.vpc_endpoint_id.as_str(), seen)
            .by(command.once());
        vec![problem]
    };
    if !endpoint.private_dns_enabled {
        let command = modify().flag("--private-dns-enabled");
        return off(
            "private DNS is off",
            "turn the endpoint's private DNS on",
            command,
        );
    }
    if endpoint.is_named_for_resolvers_only() {
        let option = "PrivateDnsOnlyForInboundResolverEndpoint=false";
        return off(
            "private DNS serves inbound resolver endpoints only",
            "let the VPC's own queries resolve to it, or create a gateway endpoint",
            modify().option("--dns-options", option),
        );
    }
    check_vpc(home)
}

/// The attributes of the VPC that private names need.
fn check_vpc(home: &Home<'_>) -> Vec<Problem> {
    let vpcs = home.network.vpcs.as_ref().ok();
    let Some(vpc) = vpcs.and_then(|vpcs| vpcs.get(home.vpc)) else {
        return Vec::new();
    };
    [
        (
            vpc.enable_dns_support,
            "enableDnsSupport",
            "--enable-dns-support",
        ),
        (
            vpc.enable_dns_hostnames,
            "enableDnsHostnames",
            "--enable-dns-hostnames",
        ),
    ]
    .into_iter()
    .filter(|(is_on, ..)| !is_on)
    .map(|(_, attribute, option)| {
        let command = Cli::regional("ec2 modify-vpc-attribute", home.region)
            .option("--vpc-id", home.vpc)
            .option(option, r#"{"Value":true}"#);
        Problem::error(
            FindingKind::VpcDnsOff,
            format!(
                "the private DNS names of endpoints do not work in {}",
                home.vpc
            ),
            format!("turn {attribute} on"),
        )
        .seen(home.vpc, format!("{attribute} is false"))
        .by(command.once())
    })
    .collect()
}
