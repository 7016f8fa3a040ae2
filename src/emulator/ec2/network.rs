//! The network, as far as patching depends on it.

use super::form::Form;
use super::{listing, missing};
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory,
};
use crate::emulator::xml::{Node, present};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::page::Page;
use crate::types::{
    GroupIdentifier, IpPermission, QueryFilter, Route, RouteTable, RouteTableAssociation,
    SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint,
};

type Members = Vec<(&'static str, Node)>;

pub(super) fn page_of<T>(
    items: &'static str,
    page: Page<T>,
    describe: impl Fn(&T) -> Node,
) -> Members {
    let token = page.next_token.map(|token| token.to_string());
    listing(items, page.items.iter().map(describe).collect(), token)
}

/// DescribeVpcEndpoints.
pub(super) async fn describe_vpc_endpoints(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Members> {
    let page = backend
        .describe_vpc_endpoints(DescribeVpcEndpoints::new(form.filters()?, form.page()?))
        .await?;
    Ok(page_of("vpcEndpointSet", page, endpoint))
}

/// DescribeSubnets. Ids that are known are a filter by another name.
pub(super) async fn describe_subnets(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let mut filters = form.filters()?;
    let ids = form.list("SubnetId");
    backend.check_subnets(&ids)?;
    if !ids.is_empty() {
        filters.push(QueryFilter::new("subnet-id", ids));
    }
    let page = backend
        .describe_subnets(DescribeSubnets::new(filters, form.page()?))
        .await?;
    Ok(page_of("subnetSet", page, subnet))
}

/// DescribeRouteTables.
pub(super) async fn describe_route_tables(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let page = backend
        .describe_route_tables(DescribeRouteTables::new(form.filters()?, form.page()?))
        .await?;
    Ok(page_of("routeTableSet", page, route_table))
}

/// DescribeVpcAttribute.
pub(super) async fn describe_vpc_attribute(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Members> {
    let vpc = form.text("VpcId").ok_or_else(|| missing("vpcId"))?;
    let asked = form.text("Attribute").ok_or_else(|| missing("attribute"))?;
    let attribute = VpcAttributeName::from(asked);
    let member = match attribute {
        VpcAttributeName::EnableDnsHostnames => "enableDnsHostnames",
        _ => "enableDnsSupport",
    };
    let value = backend
        .describe_vpc_attribute(DescribeVpcAttribute::new(vpc, attribute))
        .await?;
    Ok(vec![
        ("vpcId", Node::text(vpc)),
        (member, Node::Members(vec![("value", Node::text(value))])),
    ])
}

fn endpoint(endpoint: &VpcEndpoint) -> Node {
    let ids = |ids: &[String]| Node::Items(ids.iter().map(Node::text).collect());
    let groups = endpoint.groups.iter();
    let mut members = vec![
        ("vpcEndpointId", Node::text(&endpoint.vpc_endpoint_id)),
        ("vpcEndpointType", Node::text(&endpoint.vpc_endpoint_type)),
        ("vpcId", Node::text(&endpoint.vpc_id)),
        ("serviceName", Node::text(&endpoint.service_name)),
        ("state", Node::text(&endpoint.state)),
        ("routeTableIdSet", ids(&endpoint.route_table_ids)),
        ("subnetIdSet", ids(&endpoint.subnet_ids)),
        (
            "privateDnsEnabled",
            Node::text(endpoint.private_dns_enabled),
        ),
        ("groupSet", Node::Items(groups.map(group).collect())),
    ];
    if let Some(options) = &endpoint.dns_options {
        let only = options
            .private_dns_only_for_inbound_resolver_endpoint
            .map(|only| only.to_string());
        let name = "privateDnsOnlyForInboundResolverEndpoint";
        let options = present([(name, &only)]).collect();
        members.push(("dnsOptions", Node::Members(options)));
    }
    if let Some(policy) = &endpoint.policy_document {
        members.push(("policyDocument", Node::text(policy)));
    }
    Node::Members(members)
}

/// The security group that something is in.
pub(super) fn group(group: &GroupIdentifier) -> Node {
    Node::Members(vec![("groupId", Node::text(&group.group_id))])
}

fn subnet(subnet: &Subnet) -> Node {
    Node::Members(vec![
        ("subnetId", Node::text(&subnet.subnet_id)),
        ("vpcId", Node::text(&subnet.vpc_id)),
        ("cidrBlock", Node::text(&subnet.cidr_block)),
        ("availabilityZone", Node::text(&subnet.availability_zone)),
    ])
}

fn route_table(table: &RouteTable) -> Node {
    Node::Members(vec![
        ("routeTableId", Node::text(&table.route_table_id)),
        ("vpcId", Node::text(&table.vpc_id)),
        (
            "routeSet",
            Node::Items(table.routes.iter().map(route).collect()),
        ),
        (
            "associationSet",
            Node::Items(table.associations.iter().map(association).collect()),
        ),
    ])
}

fn route(route: &Route) -> Node {
    let members = [
        ("destinationCidrBlock", &route.destination_cidr_block),
        ("gatewayId", &route.gateway_id),
        ("natGatewayId", &route.nat_gateway_id),
        ("transitGatewayId", &route.transit_gateway_id),
        ("networkInterfaceId", &route.network_interface_id),
        ("vpcPeeringConnectionId", &route.vpc_peering_connection_id),
        ("state", &route.state),
    ];
    Node::Members(present(members).collect())
}

fn association(association: &RouteTableAssociation) -> Node {
    let main = ("main", Node::text(association.main));
    match &association.subnet_id {
        Some(subnet) => Node::Members(vec![main, ("subnetId", Node::text(subnet))]),
        None => Node::Members(vec![main]),
    }
}

/// Describes the groups that pass the filters. Ids that are known are a filter by another name.
pub(super) async fn describe_security_groups(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Vec<(&'static str, Node)>> {
    let mut filters = form.filters()?;
    let ids = form.list("GroupId");
    backend.check_security_groups(&ids)?;
    if !ids.is_empty() {
        filters.push(QueryFilter::new("group-id", ids));
    }
    let page = backend
        .describe_security_groups(DescribeSecurityGroups::new(filters, form.page()?))
        .await?;
    Ok(page_of("securityGroupInfo", page, security_group))
}

/// A security group. EC2 always names one; here its name is its id.
fn security_group(group: &SecurityGroup) -> Node {
    let permissions = |of: &[IpPermission]| Node::Items(of.iter().map(permission).collect());
    let mut members = vec![
        ("groupId", Node::text(&group.group_id)),
        ("groupName", Node::text(&group.group_id)),
    ];
    members.extend(present([("vpcId", &group.vpc_id)]));
    members.push(("ipPermissions", permissions(&group.ip_permissions)));
    members.push((
        "ipPermissionsEgress",
        permissions(&group.ip_permissions_egress),
    ));
    Node::Members(members)
}

fn permission(permission: &IpPermission) -> Node {
    let mut members = vec![("ipProtocol", Node::text(&permission.ip_protocol))];
    let ports = [
        ("fromPort", permission.from_port),
        ("toPort", permission.to_port),
    ];
    let ports = ports.into_iter();
    members.extend(ports.filter_map(|(name, port)| Some((name, Node::text(port?)))));
    let ranges = permission.ip_ranges.iter();
    let ranges = ranges.map(|range| Node::Members(vec![("cidrIp", Node::text(&range.cidr_ip))]));
    let lists = permission.prefix_list_ids.iter();
    let lists =
        lists.map(|list| Node::Members(vec![("prefixListId", Node::text(&list.prefix_list_id))]));
    let pairs = permission.user_id_group_pairs.iter();
    members.push(("ipRanges", Node::Items(ranges.collect())));
    members.push(("prefixListIds", Node::Items(lists.collect())));
    members.push(("groups", Node::Items(pairs.map(group).collect())));
    Node::Members(members)
}
