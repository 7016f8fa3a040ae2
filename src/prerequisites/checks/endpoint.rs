//! Whether one endpoint serves the node: it works, the subnet's packets get to it, and it lets
//! everything through.

use super::problem::{Command, Problem};
use super::subject::Home;
use crate::prerequisites::{EndpointService, FindingKind, Severity};
use crate::types::{RouteTable, VpcEndpoint};

/// What keeps one endpoint from serving the node.
pub(super) fn check(
    home: &Home<'_>,
    table: &RouteTable,
    service: EndpointService,
    endpoint: &VpcEndpoint,
) -> Vec<Problem> {
    let reached = if endpoint.is_gateway() {
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
