use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::{
    Ec2Instance, InstanceInformation, OperatingSystem, Patch, RouteTable, Subnet, Tag, VpcEndpoint,
    string_enum, timestamp,
};

/// A fleet as a file: nodes, the patches there are, and the network, all in AWS's JSON shapes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct FleetFile {
    /// The nodes.
    pub nodes: Vec<FleetNode>,
    /// The catalogue, as `aws ssm describe-available-patches` prints it; the shipped sample where empty.
    pub patches: Vec<Patch>,
    /// VPC endpoints, as `aws ec2 describe-vpc-endpoints` prints them.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// Subnets, as `aws ec2 describe-subnets` prints them.
    pub subnets: Vec<Subnet>,
    /// Route tables, as `aws ec2 describe-route-tables` prints them.
    pub route_tables: Vec<RouteTable>,
}

string_enum! {
    /// Whether a node can be reached, and why not.
    pub enum NodeCondition {
        /// Running, agent in touch.
        Online = "Online",
        /// The instance is stopped: it drops out of the managed nodes, and commands wait for it until they time out.
        Stopped = "Stopped",
        /// Running, but the agent lost touch.
        Unreachable = "Unreachable",
        /// Running without an agent: never a managed node.
        Agentless = "Agentless",
    }
}

/// One node of a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FleetNode {
    /// The node as DescribeInstanceInformation describes it.
    pub instance_information: InstanceInformation,
    /// The operating system, in Patch Manager's terms.
    pub operating_system: OperatingSystem,
    /// The product string that PRODUCT filters see, such as `WindowsServer2022` or `AmazonLinux2023`.
    pub product: String,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// The node as EC2's DescribeInstances describes it; absent for hybrid nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Ec2Instance>,
    /// Whether it can be reached.
    #[serde(default = "online")]
    pub condition: NodeCondition,
    /// What is installed.
    #[serde(default)]
    pub installed: Vec<InstalledPackage>,
    /// Patches (KB number or `name.arch`) whose installation fails on this node.
    #[serde(default)]
    pub failing_patches: Vec<String>,
}

fn online() -> NodeCondition {
    NodeCondition::Online
}

/// A package or update that is installed on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct InstalledPackage {
    /// The KB number. Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kb_number: Option<String>,
    /// The package name. Linux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The epoch. Linux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i32>,
    /// The version. Linux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The release. Linux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The architecture. Linux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// When it was installed.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub installed_time: Option<Timestamp>,
}
