//! Rules of the nodes' network.

use std::future::Future;
use std::sync::Arc;

use super::expect::{all, holds, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory, NodeInventoryExt,
};
use crate::error::{ErrorKind, Result};
use crate::page::{Page, PageRequest, paginate};
use crate::types::{
    Ec2Instance, QueryFilter, RouteTable, SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint,
};

/// Unknown ids.
const NO_SUBNET: &str = "subnet-0fedcba9876543210";
const NO_VPC: &str = "vpc-0fedcba9876543210";

async fn linux_instance(trial: &Trial<'_>) -> Result<Ec2Instance, Failure> {
    let id = trial.harness().linux_node();
    let mut instances = trial.harness().nodes().named_instances(&[id]).await?;
    let told = || Failure::new("EC2 does not describe the Linux node");
    instances.pop().ok_or_else(told)
}

/// Subnet and VPC of the Linux node.
async fn home(trial: &Trial<'_>) -> Result<(String, String), Failure> {
    let instance = linux_instance(trial).await?;
    match (instance.subnet_id, instance.vpc_id) {
        (Some(subnet), Some(vpc)) => Ok((subnet, vpc)),
        other => Err(Failure::new(format!("the Linux node lives in {other:?}"))),
    }
}

fn by(filters: &[(&str, &str)]) -> Vec<QueryFilter> {
    let filters = filters.iter();
    filters
        .map(|(key, value)| QueryFilter::new(*key, [*value]))
        .collect()
}

/// Everything of a listing of the network that passes these filters.
async fn listed<T, F, Fut>(
    trial: &Trial<'_>,
    of: &[(&str, &str)],
    fetch: F,
) -> Result<Vec<T>, Failure>
where
    T: Send + 'static,
    F: Fn(Arc<dyn NetworkInventory>, Vec<QueryFilter>, PageRequest) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<T>>> + Send + 'static,
{
    let (network, filters) = (trial.harness().network(), by(of));
    all(paginate(move |token| {
        let page = PageRequest::first().with_next_token(token);
        fetch(network.clone(), filters.clone(), page)
    }))
    .await
}

async fn subnets(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<Subnet>, Failure> {
    listed(trial, of, |network, filters, page| async move {
        network
            .describe_subnets(DescribeSubnets::new(filters.clone(), page))
            .await
    })
    .await
}

async fn tables(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<RouteTable>, Failure> {
    listed(trial, of, |network, filters, page| async move {
        network
            .describe_route_tables(DescribeRouteTables::new(filters.clone(), page))
            .await
    })
    .await
}

async fn endpoints(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<VpcEndpoint>, Failure> {
    listed(trial, of, |network, filters, page| async move {
        network
            .describe_vpc_endpoints(DescribeVpcEndpoints::new(filters.clone(), page))
            .await
    })
    .await
}

async fn groups(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<SecurityGroup>, Failure> {
    listed(trial, of, |network, filters, page| async move {
        network
            .describe_security_groups(DescribeSecurityGroups::new(filters.clone(), page))
            .await
    })
    .await
}

/// The security groups of an instance are found by id and by VPC, and have outbound rules.
pub(super) async fn the_groups_of_an_instance_are_in_its_vpc(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let instance = linux_instance(trial).await?;
    let vpc = instance.vpc_id.as_deref().unwrap_or_default();
    let of_vpc = groups(trial, &[("vpc-id", vpc)]).await?;
    let elsewhere = |group: &SecurityGroup| group.vpc_id.as_deref() != Some(vpc);
    holds(
        !of_vpc.iter().any(elsewhere),
        "groups of another VPC are listed",
    )?;
    holds(
        !instance.security_groups.is_empty(),
        "the instance is in no security group",
    )?;
    for id in &instance.security_groups {
        let found = groups(trial, &[("group-id", &id.group_id)]).await?;
        let ids: Vec<_> = found.iter().map(|group| &group.group_id).collect();
        same("groups", ids, [&id.group_id])?;
        holds(
            found.iter().all(|group| of_vpc.contains(group)),
            "its VPC does not list the group",
        )?;
        let lets_out = found
            .iter()
            .any(|one| !one.ip_permissions_egress.is_empty());
        holds(lets_out, "the group lets nothing out")?;
    }
    Ok(())
}

/// An instance has a placement: the zone of its subnet, an address, a profile.
pub(super) async fn an_instance_says_where_it_is(trial: &Trial<'_>) -> Result<(), Failure> {
    let instance = linux_instance(trial).await?;
    let subnet = instance.subnet_id.as_deref().unwrap_or_default();
    let zones: Vec<_> = subnets(trial, &[("subnet-id", subnet)])
        .await?
        .into_iter()
        .map(|subnet| Some(subnet.availability_zone))
        .collect();
    same(
        "AvailabilityZone",
        zones,
        [instance.placement.availability_zone],
    )?;
    let address = instance.private_ip_address;
    holds(address.is_some(), "it has no private address")?;
    let profile = instance.iam_instance_profile;
    holds(
        profile.is_none_or(|profile| !profile.name().is_empty()),
        "its profile has no name",
    )
}

/// Both attributes of a VPC can be read; those of an unknown VPC are not found.
pub(super) async fn the_attributes_of_a_vpc_are_told(trial: &Trial<'_>) -> Result<(), Failure> {
    let (_, vpc) = home(trial).await?;
    let network = trial.harness().network();
    for attribute in VpcAttributeName::KNOWN {
        network
            .describe_vpc_attribute(DescribeVpcAttribute::new(&vpc, attribute.clone()))
            .await?;
        let unknown = network
            .describe_vpc_attribute(DescribeVpcAttribute::new(NO_VPC, attribute.clone()))
            .await;
        refused("DescribeVpcAttribute", unknown, ErrorKind::NotFound)?;
    }
    Ok(())
}

/// A subnet is found by its id and by its VPC, and is in the VPC of its instances.
pub(super) async fn the_subnet_of_an_instance_is_in_its_vpc(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (subnet, vpc) = home(trial).await?;
    let found = subnets(trial, &[("subnet-id", &subnet)]).await?;
    let places: Vec<_> = found
        .iter()
        .map(|one| (&one.subnet_id, &one.vpc_id))
        .collect();
    same("subnets", places, [(&subnet, &vpc)])?;
    let of_vpc = subnets(trial, &[("vpc-id", &vpc)]).await?;
    holds(
        of_vpc.iter().all(|one| one.vpc_id == vpc),
        "subnets of another VPC are listed",
    )?;
    holds(
        of_vpc.iter().any(|one| one.subnet_id == subnet),
        "its VPC does not list the subnet",
    )
}

/// A VPC has exactly one main route table.
pub(super) async fn a_vpc_has_one_main_route_table(trial: &Trial<'_>) -> Result<(), Failure> {
    let (_, vpc) = home(trial).await?;
    let of = [("vpc-id", vpc.as_str()), ("association.main", "true")];
    let found = tables(trial, &of).await?;
    same("main tables", found.len(), 1)?;
    for table in &found {
        same("VpcId", &table.vpc_id, &vpc)?;
        let mut associations = table.associations.iter();
        holds(associations.any(|one| one.main), "it is not the main table")?;
    }
    Ok(())
}

/// A subnet has its own route table, which names it, or the main route table.
pub(super) async fn a_route_table_names_its_subnets(trial: &Trial<'_>) -> Result<(), Failure> {
    let (subnet, vpc) = home(trial).await?;
    let found = tables(trial, &[("association.subnet-id", &subnet)]).await?;
    holds(found.len() <= 1, "the subnet has several route tables")?;
    for table in &found {
        same("VpcId", &table.vpc_id, &vpc)?;
        let mut named = table.associations.iter().flat_map(|one| &one.subnet_id);
        holds(
            named.any(|named| *named == subnet),
            format!("{} does not name the subnet", table.route_table_id),
        )?;
    }
    let of_vpc = tables(trial, &[("vpc-id", &vpc)]).await?;
    let associations = of_vpc.iter().flat_map(|table| &table.associations);
    let mut named = associations.flat_map(|one| &one.subnet_id);
    same(
        "the subnet has a table of its own",
        !found.is_empty(),
        named.any(|named| *named == subnet),
    )
}

/// Endpoints are filtered by VPC and by service, and those of the VPC are all in it.
pub(super) async fn endpoints_are_filtered_by_vpc_and_service(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (_, vpc) = home(trial).await?;
    let of_vpc = endpoints(trial, &[("vpc-id", &vpc)]).await?;
    holds(
        of_vpc.iter().all(|one| one.vpc_id == vpc),
        "endpoints of another VPC are listed",
    )?;
    for endpoint in &of_vpc {
        let service = endpoint.service_name.as_str();
        let found = endpoints(trial, &[("vpc-id", &vpc), ("service-name", service)]).await?;
        let of_service = |one: &&VpcEndpoint| one.service_name == service;
        let expected: Vec<_> = of_vpc.iter().filter(of_service).collect();
        same(service, found.iter().collect::<Vec<_>>(), expected)?;
    }
    Ok(())
}

/// An unknown id finds nothing, without an error.
pub(super) async fn an_unknown_id_finds_nothing_in_the_network(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let found = subnets(trial, &[("subnet-id", NO_SUBNET)]).await?.len();
    same("subnets", found, 0)?;
    let found = tables(trial, &[("association.subnet-id", NO_SUBNET)]).await?;
    same("route tables", found.len(), 0)?;
    let found = endpoints(trial, &[("vpc-id", NO_VPC)]).await?.len();
    same("endpoints", found, 0)?;
    let found = groups(trial, &[("vpc-id", NO_VPC)]).await?.len();
    same("security groups", found, 0)
}

/// A filter key that a listing of the network does not know is refused.
pub(super) async fn an_unknown_filter_of_the_network_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (network, filters) = (trial.harness().network(), by(&[("colour", "blue")]));
    let page = PageRequest::first;
    let kind = ErrorKind::InvalidInput;
    let subnets = network
        .describe_subnets(DescribeSubnets::new(filters.clone(), page()))
        .await;
    refused("DescribeSubnets", subnets, kind)?;
    let tables = network
        .describe_route_tables(DescribeRouteTables::new(filters.clone(), page()))
        .await;
    refused("DescribeRouteTables", tables, kind)?;
    let endpoints = network
        .describe_vpc_endpoints(DescribeVpcEndpoints::new(filters.clone(), page()))
        .await;
    refused("DescribeVpcEndpoints", endpoints, kind)?;
    let groups = network
        .describe_security_groups(DescribeSecurityGroups::new(filters.clone(), page()))
        .await;
    refused("DescribeSecurityGroups", groups, kind)
}
