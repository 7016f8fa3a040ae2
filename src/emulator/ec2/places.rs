//! Regions, VPCs and NAT gateways, as far as the account has them.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::Members;
use super::form::Form;
use super::listing::{Listed, Row};
use crate::emulator::xml::Node;
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::Subnet;

const REGIONS: Listed = Listed {
    items: "regionInfo",
    ids: "RegionName",
    unknown: "InvalidParameterValue",
    filters: &["endpoint", "opt-in-status", "region-name"],
};

/// DescribeRegions: the Region of the account, or those of the organization, since a call to any other
/// would not get anywhere. All of them are enabled, so `AllRegions` adds none.
pub(super) async fn describe_regions(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    form.flag("AllRegions", "allRegions")?;
    let row = |name: String| {
        let endpoint = format!("ec2.{name}.amazonaws.com");
        let facts = [
            ("regionName", "region-name", name.clone()),
            ("regionEndpoint", "endpoint", endpoint),
            (
                "optInStatus",
                "opt-in-status",
                "opt-in-not-required".to_owned(),
            ),
        ];
        Row::of(name, facts.into(), Vec::new())
    };
    let rows = backend.regions().into_iter().map(row);
    REGIONS.answer(form, rows.collect())
}

const VPCS: Listed = Listed {
    items: "vpcSet",
    ids: "VpcId",
    unknown: "InvalidVpcID.NotFound",
    filters: &["cidr", "is-default", "owner-id", "state", "vpc-id"],
};

/// DescribeVpcs: those of the fleet file, and those that its other entries name. A block of addresses is
/// the smallest that has all subnets.
pub(super) async fn describe_vpcs(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let (_, account) = backend.place();
    let rows = backend
        .vpcs_with_subnets()
        .into_iter()
        .map(|(id, subnets)| {
            let mut facts = vec![
                ("vpcId", "vpc-id", id.clone()),
                ("ownerId", "owner-id", account.clone()),
                ("state", "state", "available".to_owned()),
                ("isDefault", "is-default", "false".to_owned()),
            ];
            if let Some(block) = smallest_block(&subnets) {
                facts.push(("cidrBlock", "cidr", block.to_string()));
            }
            let more = vec![
                ("instanceTenancy", Node::text("default")),
                ("tagSet", Node::Items(Vec::new())),
            ];
            Row::of(id, facts, more)
        });
    VPCS.answer(form, rows.collect())
}

fn smallest_block(subnets: &[Subnet]) -> Option<Ipv4Net> {
    let mut blocks = subnets.iter().map(|subnet| subnet.cidr_block.parse().ok());
    let first: Ipv4Net = blocks.next()??;
    blocks
        .flatten()
        .try_fold(first.trunc(), |mut block, other| {
            while !block.contains(&other) {
                block = block.supernet()?;
            }
            Some(block)
        })
}

const NAT_GATEWAYS: Listed = Listed {
    items: "natGatewaySet",
    ids: "NatGatewayId",
    unknown: "NatGatewayNotFound",
    filters: &["nat-gateway-id", "state", "vpc-id"],
};

/// DescribeNatGateways: those that a route leads to.
pub(super) async fn describe_nat_gateways(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let mut gateways = BTreeMap::new();
    for table in backend.route_tables() {
        for gateway in table
            .routes
            .into_iter()
            .filter_map(|route| route.nat_gateway_id)
        {
            gateways
                .entry(gateway)
                .or_insert_with(|| table.vpc_id.clone());
        }
    }
    let rows = gateways.into_iter().map(|(id, vpc)| {
        let facts = vec![
            ("natGatewayId", "nat-gateway-id", id.clone()),
            ("vpcId", "vpc-id", vpc),
            ("state", "state", "available".to_owned()),
        ];
        Row::of(id, facts, Vec::new())
    });
    NAT_GATEWAYS.answer(form, rows.collect())
}
