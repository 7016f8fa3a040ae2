use serde::{Deserialize, Serialize};

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
    /// Whether the service's public names lead to an interface endpoint.
    pub private_dns_enabled: bool,
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
}

/// A route: the members of EC2's routes that say whether a subnet reaches the internet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Route {
    /// The IPv4 range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_cidr_block: Option<String>,
    /// The gateway, such as `igw-…` or `local`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway_id: Option<String>,
    /// The NAT gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_gateway_id: Option<String>,
}

impl Route {
    /// Whether the route leads everything to the internet, directly or through a NAT gateway.
    pub fn leads_to_internet(&self) -> bool {
        self.destination_cidr_block.as_deref() == Some("0.0.0.0/0")
            && (self.nat_gateway_id.is_some()
                || self
                    .gateway_id
                    .as_deref()
                    .is_some_and(|id| id.starts_with("igw-")))
    }
}

/// What a route table is associated with.
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
    /// What it is associated with.
    pub associations: Vec<RouteTableAssociation>,
}
