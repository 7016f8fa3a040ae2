use super::{Finding, FindingKind, Severity};
use crate::types::{Ec2Instance, RouteTable, VpcEndpoint};

/// What a node in a subnet without a way to the internet needs (User Guide, VPC endpoints for Systems Manager).
const SERVICES: [&str; 4] = ["ssm", "ec2messages", "ssmmessages", "s3"];

/// The network that the nodes live in, read once for all of them.
#[derive(Debug, Default)]
pub(crate) struct NetworkFacts {
    pub(crate) route_tables: Vec<RouteTable>,
    pub(crate) endpoints: Vec<VpcEndpoint>,
}

/// Which endpoints a node's private subnet lacks; nothing where a route leads to the internet.
pub(crate) fn check_network(instance: &Ec2Instance, network: &NetworkFacts) -> Vec<Finding> {
    let (Some(subnet), Some(vpc)) = (&instance.subnet_id, &instance.vpc_id) else {
        return Vec::new();
    };
    let Some(table) = route_table(subnet, vpc, &network.route_tables) else {
        return Vec::new();
    };
    if table
        .routes
        .iter()
        .any(crate::types::Route::leads_to_internet)
    {
        return Vec::new();
    }
    SERVICES
        .into_iter()
        .filter(|service| {
            !network
                .endpoints
                .iter()
                .any(|e| serves(e, service, vpc, table))
        })
        .map(|service| missing(instance, service, subnet, vpc))
        .collect()
}

/// A subnet without an association of its own uses the VPC's main table.
fn route_table<'a>(subnet: &str, vpc: &str, tables: &'a [RouteTable]) -> Option<&'a RouteTable> {
    let explicit = tables.iter().find(|table| {
        table
            .associations
            .iter()
            .any(|association| association.subnet_id.as_deref() == Some(subnet))
    });
    explicit.or_else(|| {
        tables
            .iter()
            .find(|table| table.vpc_id == vpc && table.associations.iter().any(|a| a.main))
    })
}

fn serves(endpoint: &VpcEndpoint, service: &str, vpc: &str, table: &RouteTable) -> bool {
    let named = endpoint.service_name.rsplit('.').next() == Some(service);
    let reached = match endpoint.vpc_endpoint_type.as_str() {
        "Gateway" => endpoint.route_table_ids.contains(&table.route_table_id),
        _ => endpoint.private_dns_enabled || service == "s3",
    };
    named && reached && endpoint.vpc_id == vpc && endpoint.state.eq_ignore_ascii_case("available")
}

fn missing(instance: &Ec2Instance, service: &str, subnet: &str, vpc: &str) -> Finding {
    let kind = if service == "s3" {
        "Gateway"
    } else {
        "Interface"
    };
    Finding::new(
        &instance.instance_id,
        Severity::Error,
        FindingKind::EndpointMissing,
        format!("private subnet {subnet} of {vpc} has no working endpoint for {service}"),
        format!(
            "aws ec2 create-vpc-endpoint --vpc-id {vpc} --vpc-endpoint-type {kind} --service-name com.amazonaws.REGION.{service}"
        ),
    )
}
