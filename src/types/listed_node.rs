//! A node as ListNodes lists it, for one account and Region or for an organization.

use std::fmt;

use jiff::Timestamp;

use super::{NodeId, PlatformType, ResourceType, shape, string_enum, timestamp};

string_enum! {
    /// Whether Systems Manager manages a node.
    pub enum ManagedStatus {
        /// Both; a value of filters.
        All = "All",
        /// Its agent has registered with Systems Manager.
        Managed = "Managed",
        /// An instance without an agent that has registered.
        Unmanaged = "Unmanaged",
    }
}

shape! {
    /// A node, as ListNodes lists it: with its account and Region.
    ///
    /// What the listing knows is as old as [`capture_time`](Self::capture_time).
    ///
    /// ```
    /// use aws_patch_manager::types::Node;
    ///
    /// let printed = r#"{
    ///     "CaptureTime": "2026-05-14T00:00:00Z", "Id": "i-0123456789abcdef0", "Region": "eu-west-1",
    ///     "Owner": { "AccountId": "222222222222" },
    ///     "NodeType": { "Instance": { "PlatformName": "Amazon Linux", "InstanceStatus": "Active" } }
    /// }"#;
    /// let node: Node = serde_json::from_str(printed)?;
    /// assert_eq!(node.account_id(), Some("222222222222"));
    /// assert_eq!(node.to_string(), "222222222222/eu-west-1 i-0123456789abcdef0: Amazon Linux, Active");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Node {
        /// When its data was last captured.
        #[serde(with = "timestamp::option")]
        pub capture_time: Option<Timestamp>,
        /// The node.
        pub id: Option<NodeId>,
        /// Whose it is.
        pub owner: Option<NodeOwnerInfo>,
        /// The Region in which it was made or registered.
        pub region: Option<String>,
        /// What it is.
        pub node_type: Option<NodeType>,
    }
}

shape! {
    /// The account and organizational unit of a node.
    pub struct NodeOwnerInfo {
        /// The account's 12 digits.
        pub account_id: Option<String>,
        /// The organizational unit of the account.
        pub organizational_unit_id: Option<String>,
        /// The ids of the organization, its root and all units down to that of the account, each with
        /// `/` behind it.
        pub organizational_unit_path: Option<String>,
    }
}

shape! {
    /// What a node is. The service has one type: an instance, or a machine registered like one. The member is
    /// absent if a node is of a type that this version does not know.
    pub struct NodeType {
        /// An EC2 instance or a hybrid node.
        pub instance: Option<InstanceInfo>,
    }
}

shape! {
    /// What ListNodes knows of an instance or hybrid node. The IP address is sensitive in the service's
    /// model: `Debug` leaves it out.
    pub struct InstanceInfo {
        /// The type of the agent, such as `amazon-ssm-agent`.
        pub agent_type: Option<String>,
        /// The agent's version.
        pub agent_version: Option<String>,
        /// The host name.
        pub computer_name: Option<String>,
        /// The status, such as `Active`. The service's model has no list of values; an export of a resource
        /// data sync has `Active`, `Stopped`, `Terminated` and `ConnectionLost`.
        pub instance_status: Option<String>,
        /// The IP address.
        pub [sensitive] ip_address: Option<String>,
        /// Whether Systems Manager manages it.
        pub managed_status: Option<ManagedStatus>,
        /// Its name.
        pub name: Option<String>,
        /// Windows, Linux or macOS.
        pub platform_type: Option<PlatformType>,
        /// The platform's name, such as `Amazon Linux`.
        pub platform_name: Option<String>,
        /// The platform's version, such as `2023`.
        pub platform_version: Option<String>,
        /// EC2 instance or hybrid node.
        pub resource_type: Option<ResourceType>,
        /// The type of the source, such as `AWS::EC2::Instance`.
        pub source_type: Option<String>,
        /// The id at the source.
        pub source_id: Option<String>,
        /// The location of the source, in the terms of the other cloud.
        pub source_location: Option<String>,
        /// The zone, such as `ap-northeast-1a`.
        pub availability_zone: Option<String>,
        /// The id of the zone, such as `apne1-az4`.
        pub availability_zone_id: Option<String>,
    }
}

impl Node {
    /// The account's 12 digits.
    pub fn account_id(&self) -> Option<&str> {
        self.owner.as_ref()?.account_id.as_deref()
    }

    /// What the listing knows of it as an instance or hybrid node.
    pub fn instance(&self) -> Option<&InstanceInfo> {
        self.node_type.as_ref()?.instance.as_ref()
    }
}

/// Such as `222222222222/eu-west-1 i-0123456789abcdef0: Amazon Linux 2023, Active`; `?` for what is unknown.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = self.account_id().unwrap_or("?");
        let region = self.region.as_deref().unwrap_or("?");
        let id = self.id.as_ref().map_or("?", NodeId::as_str);
        write!(f, "{account}/{region} {id}")?;
        let Some(instance) = self.instance() else {
            return Ok(());
        };
        let platform = [&instance.platform_name, &instance.platform_version];
        let platform: Vec<&str> = platform.into_iter().flat_map(Option::as_deref).collect();
        let platform = Some(platform.join(" ")).filter(|text| !text.is_empty());
        let known = [platform.as_deref(), instance.instance_status.as_deref()];
        for (place, text) in known.into_iter().flatten().enumerate() {
            let before = if place == 0 { ": " } else { ", " };
            write!(f, "{before}{text}")?;
        }
        Ok(())
    }
}
