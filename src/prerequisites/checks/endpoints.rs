//! Whether a node without a sure way to the internet has the four endpoints, and they work.

use super::managed::version_of;
use super::problem::{Command, Problem};
use super::subject::{Home, Subject};
use super::way_out::WayOut;
use crate::prerequisites::{EndpointService, Evidence, FindingKind, Severity};
use crate::types::{RouteTable, VpcEndpoint};

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
    for endpoint in endpoints.filter(|one| service.is_named(&one.service_name)) {
        let problems = check_endpoint(home, table, service, endpoint);
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
            let mut services = EndpointService::ALL.into_iter();
            let service = services.find(|service| service.is_named(&endpoint.service_name))?;
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

/// What keeps one endpoint from serving the node.
fn check_endpoint(
    home: &Home<'_>,
    table: &RouteTable,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Vec<Problem> {
    let reached = if endpoint.vpc_endpoint_type == "Gateway" {
        check_association(table, service, endpoint)
    } else {
        check_private_dns(home, service, endpoint)
    };
    [
        check_state(service, endpoint),
        reached,
        check_policy(service, endpoint),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check_state(service: EndpointService, endpoint: &VpcEndpoint) -> Option<Problem> {
    let state = &endpoint.state;
    if state.eq_ignore_ascii_case("available") {
        return None;
    }
    let id = endpoint.vpc_endpoint_id.as_str();
    let message = format!("the endpoint for {service} is {state}");
    let advice = "wait until it is available, or make it again";
    let command = format!("aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {id}");
    Some(
        Problem::error(FindingKind::EndpointNotAvailable, message, advice)
            .seen(id, state.as_str())
            .by(Command::Once(command)),
    )
}

fn check_association(
    table: &RouteTable,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    let wanted = &table.route_table_id;
    if endpoint.route_table_ids.contains(wanted) {
        return None;
    }
    let id = endpoint.vpc_endpoint_id.as_str();
    let message = format!("{wanted} does not lead to the endpoint for {service}");
    let command = format!(
        "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {id} --add-route-table-ids {wanted}"
    );
    let seen = format!("associated with {}", list(&endpoint.route_table_ids));
    Some(
        Problem::error(
            FindingKind::EndpointMissing,
            message,
            "associate the endpoint with the subnet's route table",
        )
        .seen(id, seen)
        .by(Command::Once(command)),
    )
}

fn list(ids: &[String]) -> String {
    match ids {
        [] => "no route table".to_owned(),
        ids => ids.join(", "),
    }
}

fn check_private_dns(
    home: &Home<'_>,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Option<Problem> {
    let id = endpoint.vpc_endpoint_id.as_str();
    if !endpoint.private_dns_enabled {
        let message = format!(
            "the names of {service} do not lead to its endpoint in {}",
            home.vpc
        );
        let command =
            format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {id} --private-dns-enabled");
        return Some(
            Problem::error(
                FindingKind::EndpointPrivateDnsOff,
                message,
                "turn the endpoint's private DNS on",
            )
            .seen(id, "private DNS is off")
            .by(Command::Once(command)),
        );
    }
    let vpc = home.network.vpcs.as_ref().ok()?.get(home.vpc)?;
    let (attribute, option) = match (vpc.enable_dns_support, vpc.enable_dns_hostnames) {
        (true, true) => return None,
        (false, _) => ("enableDnsSupport", "--enable-dns-support"),
        (true, false) => ("enableDnsHostnames", "--enable-dns-hostnames"),
    };
    let command = format!(
        "aws ec2 modify-vpc-attribute --vpc-id {} {option} '{{\"Value\":true}}'",
        home.vpc
    );
    let message = format!("the private names of endpoints do not work in {}", home.vpc);
    Some(
        Problem::error(
            FindingKind::VpcDnsOff,
            message,
            format!("turn {attribute} on"),
        )
        .seen(home.vpc, format!("{attribute} is false"))
        .by(Command::Once(command)),
    )
}

/// A policy that says more than "everything" may or may not let AWS's buckets through; to tell takes
/// an evaluation of IAM that this crate does not make.
fn check_policy(service: EndpointService, endpoint: &VpcEndpoint) -> Option<Problem> {
    let policy = endpoint.policy_document.as_deref()?;
    if allows_everything(policy) {
        return None;
    }
    let id = endpoint.vpc_endpoint_id.as_str();
    let message = format!("the policy of the endpoint for {service} allows less than everything");
    let advice = match service {
        EndpointService::S3 => {
            "check that it allows the buckets that the User Guide lists for the agent and for patch baselines"
        }
        _ => "check that it allows what the agent calls",
    };
    Some(
        Problem::new(
            Severity::Unknown,
            FindingKind::EndpointPolicyNarrow,
            message,
            advice,
        )
        .seen(id, "its policy was not evaluated"),
    )
}

fn allows_everything(policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<serde_json::Value>(policy) else {
        return false;
    };
    let is_all =
        |value: &serde_json::Value| *value == "*" || *value == serde_json::json!({ "AWS": "*" });
    let statements = match &policy["Statement"] {
        serde_json::Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let denies = statements.iter().any(|one| one["Effect"] == "Deny");
    let allows = statements.iter().any(|one| {
        one["Effect"] == "Allow"
            && one.get("Condition").is_none()
            && ["Principal", "Action", "Resource"]
                .into_iter()
                .all(|key| is_all(&one[key]))
    });
    allows && !denies
}
