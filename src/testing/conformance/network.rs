//! Rules of the nodes' network.

use super::expect::{holds, same};
use super::{Failure, Result, Trial};
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NodeInventoryExt,
};
use crate::error::ErrorKind::{InvalidInput, NotFound};
use crate::page::PageRequest;
use crate::types::{
    Ec2Instance, QueryFilter, RouteTable, SecurityGroup, Subnet, VpcAttributeName, VpcEndpoint,
};

/// Unknown ids.
const NO_SUBNET: &str = "subnet-0fedcba9876543210";
const NO_VPC: &str = "vpc-0fedcba9876543210";

async fn linux_instance(trial: &Trial<'_>) -> Result<Ec2Instance> {
    let id = trial.linux_node();
    let mut instances = trial.nodes().named_instances(&[id]).await?;
    let told = || Failure::new("EC2 does not describe the Linux node");
    instances.pop().ok_or_else(told)
}

/// Subnet and VPC of the Linux node.
async fn home(trial: &Trial<'_>) -> Result<(String, String)> {
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

async fn subnets(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<Subnet>> {
    trial.every(|page| DescribeSubnets::new(by(of), page)).await
}

async fn tables(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<RouteTable>> {
    trial
        .every(|page| DescribeRouteTables::new(by(of), page))
        .await
}

async fn endpoints(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<VpcEndpoint>> {
    trial
        .every(|page| DescribeVpcEndpoints::new(by(of), page))
        .await
}

async fn groups(trial: &Trial<'_>, of: &[(&str, &str)]) -> Result<Vec<SecurityGroup>> {
    trial
        .every(|page| DescribeSecurityGroups::new(by(of), page))
        .await
}

/// The security groups of an instance are found by id and by VPC, and have outbound rules.
pub(super) async fn the_groups_of_an_instance_are_in_its_vpc(trial: &Trial<'_>) -> Result {
    let instance = linux_instance(trial).await?;
    let vpc = instance.vpc_id.as_deref().unwrap_or_default();
    let of_vpc = groups(trial, &[("vpc-id", vpc)]).await?;
    let elsewhere = |group: &SecurityGroup| group.vpc_id.as_deref() != Some(vpc);
    let all = !of_vpc.iter().any(elsewhere);
    holds(all, "groups of another VPC are listed")?;
    let is_in_one = !instance.security_groups.is_empty();
    holds(is_in_one, "the instance is in no security group")?;
    for id in &instance.security_groups {
        let found = groups(trial, &[("group-id", &id.group_id)]).await?;
        let ids: Vec<_> = found.iter().map(|group| &group.group_id).collect();
        same("groups", ids, [&id.group_id])?;
        for group in &found {
            holds(of_vpc.contains(group), "its VPC does not list the group")?;
            let lets_out = !group.ip_permissions_egress.is_empty();
            holds(lets_out, "the group lets nothing out")?;
        }
    }
    Ok(())
}

/// An instance has a placement: the zone of its subnet, an address, a profile.
pub(super) async fn an_instance_says_where_it_is(trial: &Trial<'_>) -> Result {
    let instance = linux_instance(trial).await?;
    let subnet = instance.subnet_id.as_deref().unwrap_or_default();
    let zones = subnets(trial, &[("subnet-id", subnet)]).await?.into_iter();
    let zones: Vec<_> = zones.map(|one| Some(one.availability_zone)).collect();
    let zone = instance.placement.availability_zone;
    same("AvailabilityZone", zones, [zone])?;
    let address = instance.private_ip_address;
    holds(address.is_some(), "it has no private address")?;
    let profile = instance.iam_instance_profile;
    let is_named = profile.is_none_or(|profile| !profile.name().is_empty());
    holds(is_named, "its profile has no name")
}

/// Both attributes of a VPC can be read; those of an unknown VPC are not found.
pub(super) async fn the_attributes_of_a_vpc_are_told(trial: &Trial<'_>) -> Result {
    let (_, vpc) = home(trial).await?;
    for attribute in VpcAttributeName::KNOWN {
        let of = |vpc| DescribeVpcAttribute::new(vpc, attribute.clone());
        trial.call(of(&*vpc)).await?;
        trial.refuses(of(NO_VPC), NotFound).await?;
    }
    Ok(())
}

/// A subnet is found by its id and by its VPC, and is in the VPC of its instances.
pub(super) async fn the_subnet_of_an_instance_is_in_its_vpc(trial: &Trial<'_>) -> Result {
    let (subnet, vpc) = home(trial).await?;
    let found = subnets(trial, &[("subnet-id", &subnet)]).await?;
    let places = found.iter().map(|one| (&one.subnet_id, &one.vpc_id));
    same("subnets", places.collect::<Vec<_>>(), [(&subnet, &vpc)])?;
    let of_vpc = subnets(trial, &[("vpc-id", &vpc)]).await?;
    let all = of_vpc.iter().all(|one| one.vpc_id == vpc);
    holds(all, "subnets of another VPC are listed")?;
    let any = of_vpc.iter().any(|one| one.subnet_id == subnet);
    holds(any, "its VPC does not list the subnet")
}

/// A VPC has exactly one main route table.
pub(super) async fn a_vpc_has_one_main_route_table(trial: &Trial<'_>) -> Result {
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
pub(super) async fn a_route_table_names_its_subnets(trial: &Trial<'_>) -> Result {
    let (subnet, vpc) = home(trial).await?;
    let names_it = |table: &RouteTable| {
        let mut named = table.associations.iter().flat_map(|one| &one.subnet_id);
        named.any(|named| *named == subnet)
    };
    let found = tables(trial, &[("association.subnet-id", &subnet)]).await?;
    holds(found.len() <= 1, "the subnet has several route tables")?;
    for table in &found {
        same("VpcId", &table.vpc_id, &vpc)?;
        let text = format!("{} does not name the subnet", table.route_table_id);
        holds(names_it(table), text)?;
    }
    let of_vpc = tables(trial, &[("vpc-id", &vpc)]).await?;
    let (has_one, is_named) = (!found.is_empty(), of_vpc.iter().any(names_it));
    same("the subnet has a table of its own", has_one, is_named)
}

/// Endpoints are filtered by VPC and by service, and those of the VPC are all in it.
pub(super) async fn endpoints_are_filtered_by_vpc_and_service(trial: &Trial<'_>) -> Result {
    let (_, vpc) = home(trial).await?;
    let of_vpc = endpoints(trial, &[("vpc-id", &vpc)]).await?;
    let all = of_vpc.iter().all(|one| one.vpc_id == vpc);
    holds(all, "endpoints of another VPC are listed")?;
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
pub(super) async fn an_unknown_id_finds_nothing_in_the_network(trial: &Trial<'_>) -> Result {
    let found = subnets(trial, &[("subnet-id", NO_SUBNET)]).await?;
    same("subnets", found.len(), 0)?;
    let found = tables(trial, &[("association.subnet-id", NO_SUBNET)]).await?;
    same("route tables", found.len(), 0)?;
    let found = endpoints(trial, &[("vpc-id", NO_VPC)]).await?;
    same("endpoints", found.len(), 0)?;
    let found = groups(trial, &[("vpc-id", NO_VPC)]).await?;
    same("security groups", found.len(), 0)
}

/// A filter key that a listing of the network does not know is refused.
pub(super) async fn an_unknown_filter_of_the_network_is_refused(trial: &Trial<'_>) -> Result {
    let (filters, page) = (|| by(&[("colour", "blue")]), PageRequest::first);
    let subnets = DescribeSubnets::new(filters(), page());
    trial.refuses(subnets, InvalidInput).await?;
    let tables = DescribeRouteTables::new(filters(), page());
    trial.refuses(tables, InvalidInput).await?;
    let endpoints = DescribeVpcEndpoints::new(filters(), page());
    trial.refuses(endpoints, InvalidInput).await?;
    let groups = DescribeSecurityGroups::new(filters(), page());
    trial.refuses(groups, InvalidInput).await
}
