use jiff::Timestamp;

use super::{
    AssociationOverviewOfNode, InstanceInformation, NodeId, PingStatus, PlatformType, ResourceType,
    shape, timestamp,
};

shape! {
    /// A managed node, as DescribeInstanceProperties lists it: up to 1,000 a page.
    ///
    /// Beside what [`InstanceInformation`] has, it has what EC2 knows of an instance. It lacks whether
    /// the agent is the latest, and the tags. The IP address is sensitive in the service's model:
    /// `Debug` leaves it out.
    pub struct InstanceProperty {
        /// The value of the instance's tag `Name`.
        pub name: Option<String>,
        /// The node.
        pub instance_id: Option<NodeId>,
        /// The instance's type, such as `t3.large`.
        pub instance_type: Option<String>,
        /// The instance profile.
        pub instance_role: Option<String>,
        /// The name of the key pair.
        pub key_name: Option<String>,
        /// The state, such as `running`.
        pub instance_state: Option<String>,
        /// The architecture, such as `x86_64`.
        pub architecture: Option<String>,
        /// The public IPv4 address. [`InstanceInformation`] has the one that the node reports.
        #[serde(rename = "IPAddress")]
        pub [sensitive] ip_address: Option<String>,
        /// When the instance was launched.
        #[serde(with = "timestamp::option")]
        pub launch_time: Option<Timestamp>,
        /// Whether its agent has contact.
        pub ping_status: Option<PingStatus>,
        /// When its agent last had contact.
        #[serde(with = "timestamp::option")]
        pub last_ping_date_time: Option<Timestamp>,
        /// The agent's version.
        pub agent_version: Option<String>,
        /// Windows, Linux or macOS.
        pub platform_type: Option<PlatformType>,
        /// The platform's name, such as `Amazon Linux`.
        pub platform_name: Option<String>,
        /// The platform's version, such as `2023`.
        pub platform_version: Option<String>,
        /// The activation of a hybrid node.
        pub activation_id: Option<String>,
        /// The role of a hybrid node.
        pub iam_role: Option<String>,
        /// When a hybrid node was registered.
        #[serde(with = "timestamp::option")]
        pub registration_date: Option<Timestamp>,
        /// EC2 instance or hybrid node; a plain text in the service's model.
        pub resource_type: Option<String>,
        /// The host name.
        pub computer_name: Option<String>,
        /// The status of the last association.
        pub association_status: Option<String>,
        /// When the last association ran.
        #[serde(with = "timestamp::option")]
        pub last_association_execution_date: Option<Timestamp>,
        /// When one last succeeded.
        #[serde(with = "timestamp::option")]
        pub last_successful_association_execution_date: Option<Timestamp>,
        /// The associations' states.
        pub association_overview: Option<AssociationOverviewOfNode>,
        /// The id at the source, if the node comes from another service.
        pub source_id: Option<String>,
        /// The type of that source.
        pub source_type: Option<String>,
        /// The location of that source, in the terms of the other cloud.
        pub source_location: Option<String>,
        /// The zone, such as `ap-northeast-1a`.
        pub availability_zone: Option<String>,
    }
}

impl InstanceProperty {
    /// The same node as DescribeInstanceInformation describes it, without its IP address and without
    /// whether its agent is the latest. `None` without an id.
    ///
    /// The name is that of a hybrid node: DescribeInstanceInformation has none for an instance.
    ///
    /// ```
    /// use aws_patch_manager::types::{InstanceProperty, PingStatus};
    ///
    /// let mut listed = InstanceProperty::default();
    /// assert_eq!(listed.clone().into_information(), None);
    /// listed.instance_id = Some("i-0123456789abcdef0".into());
    /// listed.ping_status = Some(PingStatus::Online);
    /// let node = listed.into_information().ok_or("no id")?;
    /// assert_eq!(node.ping_status, Some(PingStatus::Online));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_information(self) -> Option<InstanceInformation> {
        let id = self.instance_id?;
        let name = self.name.filter(|name| id.is_hybrid() && !name.is_empty());
        Some(InstanceInformation {
            ping_status: self.ping_status,
            last_ping_date_time: self.last_ping_date_time,
            agent_version: self.agent_version,
            platform_type: self.platform_type,
            platform_name: self.platform_name,
            platform_version: self.platform_version,
            activation_id: self.activation_id,
            iam_role: self.iam_role,
            registration_date: self.registration_date,
            resource_type: self.resource_type.map(ResourceType::from),
            name,
            computer_name: self.computer_name,
            association_status: self.association_status,
            last_association_execution_date: self.last_association_execution_date,
            last_successful_association_execution_date: self
                .last_successful_association_execution_date,
            association_overview: self.association_overview,
            source_id: self.source_id,
            source_type: self.source_type,
            source_location: self.source_location,
            ..InstanceInformation::new(id)
        })
    }
}
