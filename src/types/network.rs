use serde::{Deserialize, Serialize};

use super::{GroupIdentifier, string_enum};

/// A VPC endpoint: the members of EC2's DescribeVpcEndpoints that patching depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct VpcEndpoint {
    /// The endpoint's id.
    pub vpc_endpoint_id: String,
    /// `Interface` or `Gateway`.
    pub vpc_endpoint_type: String,
    /// The VPC.
    pub vpc_id: String,
    /// The service, such as `com.amazonaws.us-east-1.ssm`.
    pub service_name: String,
    /// `available` once it works.
    pub state: String,
    /// The route tables of a gateway endpoint.
    pub route_table_ids: Vec<String>,
    /// The subnets of an interface endpoint.
    pub subnet_ids: Vec<String>,
    /// Whether the service's public DNS names resolve to an interface endpoint.
    pub private_dns_enabled: bool,
    /// The DNS options of an interface endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_options: Option<DnsOptions>,
    /// The security groups of an interface endpoint.
    pub groups: Vec<GroupIdentifier>,
    /// Its IAM policy, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_document: Option<String>,
}

/// The DNS options of an interface endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct DnsOptions {
    /// Whether private DNS answers inbound resolver endpoints only, so that the VPC's own traffic
    /// uses a gateway endpoint. For S3 only (EC2 API, DnsOptions).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
}

/// The type of gateway endpoints.
const GATEWAY: &str = "Gateway";

impl VpcEndpoint {
    /// Whether traffic reaches it by a route, and not by a DNS name.
    pub(crate) fn is_gateway(&self) -> bool {
        self.vpc_endpoint_type == GATEWAY
    }

    /// Whether its private names do not resolve in the VPC itself.
    pub(crate) fn is_named_for_resolvers_only(&self) -> bool {
        let options = self.dns_options.as_ref();
        options.and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint)
            == Some(true)
    }

    /// An available interface endpoint with private DNS, in no subnet and no security group yet.
    pub fn interface(
        id: impl Into<String>,
        vpc_id: impl Into<String>,
        service_name: impl Into<String>,
    ) -> Self {
        Self {
            vpc_endpoint_id: id.into(),
            vpc_endpoint_type: "Interface".to_owned(),
            vpc_id: vpc_id.into(),
            service_name: service_name.into(),
            state: "available".to_owned(),
            private_dns_enabled: true,
            ..Self::default()
        }
    }

    /// An available gateway endpoint for these route tables.
    pub fn gateway<I>(
        id: impl Into<String>,
        vpc_id: impl Into<String>,
        service_name: impl Into<String>,
        route_table_ids: I,
    ) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            vpc_endpoint_id: id.into(),
            vpc_endpoint_type: GATEWAY.to_owned(),
            vpc_id: vpc_id.into(),
            service_name: service_name.into(),
            state: "available".to_owned(),
            route_table_ids: route_table_ids.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// A subnet: the members of EC2's DescribeSubnets that patching depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Subnet {
    /// The subnet's id.
    pub subnet_id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Its IPv4 range, such as `10.0.1.0/24`.
    pub cidr_block: String,
    /// The zone it is in, such as `ap-northeast-1a`.
    pub availability_zone: String,
}

/// A route: the members of EC2's routes that patching depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Route {
    /// The IPv4 range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_cidr_block: Option<String>,
    /// The gateway: `local`, an internet gateway `igw-…`, a virtual private gateway `vgw-…`, or an
    /// endpoint `vpce-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// The NAT gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_id: Option<String>,
    /// The transit gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transit_gateway_id: Option<String>,
    /// The network interface, such as that of a NAT instance or a firewall.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<String>,
    /// The peering connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_peering_connection_id: Option<String>,
    /// `active`, or `blackhole` if its target is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Route {
    /// A route to this gateway: `local`, `igw-…`, `vgw-…` or `vpce-…`.
    pub fn to_gateway(destination: impl Into<String>, gateway_id: impl Into<String>) -> Self {
        Self {
            destination_cidr_block: Some(destination.into()),
            gateway_id: Some(gateway_id.into()),
            ..Self::default()
        }
    }

    /// A route to this NAT gateway.
    pub fn to_nat_gateway(
        destination: impl Into<String>,
        nat_gateway_id: impl Into<String>,
    ) -> Self {
        Self {
            destination_cidr_block: Some(destination.into()),
            nat_gateway_id: Some(nat_gateway_id.into()),
            ..Self::default()
        }
    }

    /// Whether it is the IPv4 default route.
    pub fn is_default(&self) -> bool {
        self.destination_cidr_block.as_deref() == Some("0.0.0.0/0")
    }

    /// Whether its target is gone, so that packets are dropped.
    pub fn is_blackhole(&self) -> bool {
        self.state.as_deref() == Some("blackhole")
    }

    /// Whether it is a default route to the internet, directly or through a NAT gateway.
    pub fn leads_to_internet(&self) -> bool {
        self.is_default() && !self.is_blackhole() && self.has_target_on_internet()
    }

    /// Whether its target leads to the internet. A NAT gateway is assumed to.
    pub(crate) fn has_target_on_internet(&self) -> bool {
        self.nat_gateway_id.is_some() || self.has_gateway("igw-")
    }

    /// Whether it leads to another network, or to an appliance that may lead there.
    pub(crate) fn leads_to_network(&self) -> bool {
        self.transit_gateway_id.is_some()
            || self.vpc_peering_connection_id.is_some()
            || self.network_interface_id.is_some()
            || self.nat_gateway_id.is_some()
            || self.has_gateway("vgw-")
    }

    fn has_gateway(&self, prefix: &str) -> bool {
        let id = self.gateway_id.as_deref();
        id.is_some_and(|id| id.starts_with(prefix))
    }

    /// The id of its target.
    pub fn target(&self) -> Option<&str> {
        [
            &self.nat_gateway_id,
            &self.transit_gateway_id,
            &self.vpc_peering_connection_id,
            &self.gateway_id,
            &self.network_interface_id,
        ]
        .into_iter()
        .find_map(|id| id.as_deref())
    }
}

/// An association of a route table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct RouteTableAssociation {
    /// Whether it is the VPC's main table.
    pub main: bool,
    /// The subnet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
}

/// A route table: the members of EC2's DescribeRouteTables that patching depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct RouteTable {
    /// The table's id.
    pub route_table_id: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its associations.
    pub associations: Vec<RouteTableAssociation>,
}

string_enum! {
    /// The attributes of a VPC that private DNS names depend on.
    pub enum VpcAttributeName {
        /// Whether the VPC's own DNS server answers.
        EnableDnsSupport = "enableDnsSupport",
        /// Whether instances get DNS names, and private names of endpoints resolve.
        EnableDnsHostnames = "enableDnsHostnames",
    }
}

/// A VPC: its attributes that patching depends on, which DescribeVpcAttribute returns one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Vpc {
    /// The VPC's id.
    pub vpc_id: String,
    /// Whether the VPC's own DNS server answers; EC2's default is `true`.
    #[serde(default = "on")]
    pub enable_dns_support: bool,
    /// Whether private names of endpoints resolve.
    #[serde(default = "on")]
    pub enable_dns_hostnames: bool,
}

fn on() -> bool {
    true
}

impl Vpc {
    /// A VPC with both attributes on.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            vpc_id: id.into(),
            enable_dns_support: true,
            enable_dns_hostnames: true,
        }
    }
}
