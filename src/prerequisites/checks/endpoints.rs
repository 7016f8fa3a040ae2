//! Whether a node without a sure way to the internet has the four endpoints, and they work.

use super::endpoint;
use super::managed::version_of;
use super::problem::{Command, Problem};
use super::subject::{Home, Subject};
use super::way_out::WayOut;
use crate::prerequisites::{EndpointService, Evidence, FindingKind, Severity};
use crate::types::RouteTable;

/// Agents from here on get their messages through ssmmessages where they can (User Guide, VPC endpoints).
const AGENT_WITHOUT_EC2MESSAGES: [u64; 4] = [3, 3, 40, 0];

pub(super) fn check(subject: &Subject<'_>, home: &Home<'_>, way_out: &WayOut<'_>) -> Vec<Problem> {
    if let WayOut::NoTable = way_out {
        return vec![no_table(home)];
    }
    let (Some(table), Some(evidence)) = (way_out.table(), way_out.evidence()) else {
        return Vec::new();
    };
    if home.network.endpoints.is_err() {
        return Vec::new();
    }
    let mut problems: Vec<Problem> = EndpointService::ALL
        .into_iter()
        .flat_map(|service| check_service(subject, home, table, service))
        .collect();
    if let WayOut::Unseen(..) = way_out {
        return unseen(subject, &problems, evidence).into_iter().collect();
    }
    for problem in &mut problems {
        problem.evidence.insert(0, evidence.clone());
    }
    problems
}

fn no_table(home: &Home<'_>) -> Problem {
    let message = format!("no route table of {} could be seen", home.subnet);
    let advice = "check that the caller sees the route tables of the VPC";
    Problem::new(
        Severity::Unknown,
        FindingKind::RouteTableUnseen,
        message,
        advice,
    )
    .seen(home.vpc, "neither a table of the subnet nor a main one")
}

/// What lies behind a transit gateway, a firewall or a NAT instance may well have the endpoints, or
/// the internet. A node that is in touch and was scanned lately proves it.
fn unseen(subject: &Subject<'_>, lacking: &[Problem], evidence: &Evidence) -> Option<Problem> {
    if lacking.is_empty() || (subject.is_online() && subject.was_scanned_lately()) {
        return None;
    }
    let message = format!(
        "whether {} reaches Systems Manager and S3 cannot be seen",
        evidence.resource
    );
    let advice = "check what lies behind its default route, or scan the node: that proves it";
    let lacking = lacking
        .iter()
        .map(|one| Evidence::new("VPC", one.message.clone()));
    Some(
        Problem::new(
            Severity::Unknown,
            FindingKind::WayOutUnseen,
            message,
            advice,
        )
        .with_evidence([evidence.clone()])
        .with_evidence(lacking),
    )
}

/// What keeps a node from a service; nothing where one of the endpoints works.
fn check_service(
    subject: &Subject<'_>,
    home: &Home<'_>,
    table: &RouteTable,
    service: EndpointService,
) -> Vec<Problem> {
    let endpoints = home.network.endpoints_of(home.vpc);
    let mut best: Option<Vec<Problem>> = None;
    for endpoint in endpoints.filter(|one| EndpointService::of(&one.service_name) == Some(service))
    {
        let problems = endpoint::check(home, table, service, endpoint);
        if best.as_ref().is_none_or(|best| problems.len() < best.len()) {
            best = Some(problems);
        }
    }
    best.unwrap_or_else(|| vec![missing(subject, home, table, service)])
}

fn missing(
    subject: &Subject<'_>,
    home: &Home<'_>,
    table: &RouteTable,
    service: EndpointService,
) -> Problem {
    let vpc = home.vpc;
    let region = home.region_or_blank();
    let name = service.name_in(region);
    let kind = service.endpoint_type();
    let rest = match service {
        EndpointService::S3 => format!("--route-table-ids {}", table.route_table_id),
        _ => format!(
            "--subnet-ids {} --security-group-ids SECURITY_GROUP --private-dns-enabled",
            home.subnet
        ),
    };
    let command = format!(
        "aws ec2 create-vpc-endpoint --region {region} --vpc-id {vpc} --vpc-endpoint-type {kind} \
         --service-name {name} {rest}"
    );
    let severity = match service {
        EndpointService::Ec2Messages if does_without_ec2messages(subject) => Severity::Warning,
        _ => Severity::Error,
    };
    let message = format!("{vpc} has no endpoint for {service}");
    Problem::new(
        severity,
        FindingKind::EndpointMissing,
        message,
        format!("make an endpoint for {name}"),
    )
    .with_evidence(others(home))
    .by(Command::Once(command))
}

/// The endpoints that the VPC does have for these services.
fn others(home: &Home<'_>) -> Vec<Evidence> {
    let endpoints = home.network.endpoints_of(home.vpc);
    endpoints
        .filter_map(|endpoint| {
            let service = EndpointService::of(&endpoint.service_name)?;
            let seen = format!("{} endpoint for {service}", endpoint.vpc_endpoint_type);
            Some(Evidence::new(endpoint.vpc_endpoint_id.as_str(), seen))
        })
        .collect()
}

fn does_without_ec2messages(subject: &Subject<'_>) -> bool {
    let version = subject
        .managed
        .and_then(|managed| managed.agent_version.as_deref());
    version.is_some_and(|version| {
        version_of(version).as_slice() >= AGENT_WITHOUT_EC2MESSAGES.as_slice()
    })
}
