use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NodeId, PlatformType, string_enum, timestamp};

string_enum! {
    /// Whether a node's agent has contact with Systems Manager.
    pub enum PingStatus {
        /// The agent has contact.
        Online = "Online",
        /// The agent lost contact.
        ConnectionLost = "ConnectionLost",
        /// Deprecated by the service.
        Inactive = "Inactive",
    }
}

string_enum! {
    /// How a node was registered.
    pub enum ResourceType {
        /// By hybrid activation.
        ManagedInstance = "ManagedInstance",
        /// As an EC2 instance.
        Ec2Instance = "EC2Instance",
    }
}

/// The state of a node's associations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct AssociationOverviewOfNode {
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detailed_status: Option<String>,
    /// How many associations are in each status.
    pub instance_association_status_aggregated_count: BTreeMap<String, i32>,
}

/// A managed node, as DescribeInstanceInformation describes it.
///
/// The IP address is sensitive in the service's model: `Debug` leaves it out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InstanceInformation {
    /// The node.
    pub instance_id: NodeId,
    /// Whether its agent has contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping_status: Option<PingStatus>,
    /// When its agent last had contact.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_ping_date_time: Option<Timestamp>,
    /// The agent's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<String>,
    /// Whether that is the latest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_latest_version: Option<bool>,
    /// Windows, Linux or macOS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_type: Option<PlatformType>,
    /// The platform's name, such as `Amazon Linux` or `Microsoft Windows Server 2022 Datacenter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_name: Option<String>,
    /// The platform's version, such as `2023` or `10.0.20348`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    /// The activation of a hybrid node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_id: Option<String>,
    /// The role of a hybrid node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_role: Option<String>,
    /// When a hybrid node was registered.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub registration_date: Option<Timestamp>,
    /// EC2 instance or hybrid node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<ResourceType>,
    /// The name given to a hybrid node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The IP address.
    #[serde(rename = "IPAddress", default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computer_name: Option<String>,
    /// The status of the last association.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_status: Option<String>,
    /// When the last association ran.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_association_execution_date: Option<Timestamp>,
    /// When one last succeeded.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_successful_association_execution_date: Option<Timestamp>,
    /// The associations' states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_overview: Option<AssociationOverviewOfNode>,
    /// The id at the source, if the node comes from another service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// The type of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_type: Option<String>,
    /// The location of that source, in the terms of the other cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_location: Option<String>,
}

impl InstanceInformation {
    /// A managed node of this id; everything else is absent.
    pub fn new(id: impl Into<NodeId>) -> Self {
        Self {
            instance_id: id.into(),
            ping_status: None,
            last_ping_date_time: None,
            agent_version: None,
            is_latest_version: None,
            platform_type: None,
            platform_name: None,
            platform_version: None,
            activation_id: None,
            iam_role: None,
            registration_date: None,
            resource_type: None,
            name: None,
            ip_address: None,
            computer_name: None,
            association_status: None,
            last_association_execution_date: None,
            last_successful_association_execution_date: None,
            association_overview: None,
            source_id: None,
            source_location: None,
            source_type: None,
        }
    }
}

impl InstanceInformation {
    /// Whether its agent has contact, according to Systems Manager.
    pub(crate) fn is_online(&self) -> bool {
        self.ping_status == Some(PingStatus::Online)
    }
}

impl fmt::Debug for InstanceInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstanceInformation")
            .field("instance_id", &self.instance_id)
            .field("ping_status", &self.ping_status)
            .field("last_ping_date_time", &self.last_ping_date_time)
            .field("agent_version", &self.agent_version)
            .field("platform_name", &self.platform_name)
            .field("platform_version", &self.platform_version)
            .field("resource_type", &self.resource_type)
            .field("computer_name", &self.computer_name)
            .finish_non_exhaustive()
    }
}
