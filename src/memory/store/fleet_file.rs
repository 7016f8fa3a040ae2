use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::{
    Ec2Instance, GroupIdentifier, IamInstanceProfile, InstanceInformation, InstanceProfile,
    MetadataOptions, MetadataTags, NodeId, OperatingSystem, Patch, ResourceType, RouteTable,
    SecurityGroup, ServiceSetting, Subnet, Tag, Vpc, VpcEndpoint, kb_id, string_enum, timestamp,
};

/// The structures of a fleet that AWS's commands print, with members that this crate does not read.
pub(crate) const AS_AWS_PRINTS: [&str; 8] = [
    "Ec2Instance",
    "InstanceInformation",
    "RouteTable",
    "SecurityGroup",
    "ServiceSetting",
    "Subnet",
    "Vpc",
    "VpcEndpoint",
];

/// A fleet as a file: nodes, the patches there are, and the network, all in AWS's JSON shapes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct FleetFile {
    /// The nodes.
    pub nodes: Vec<FleetNode>,
    /// The catalog, as `aws ssm describe-available-patches` prints it; the shipped sample where empty.
    pub patches: Vec<Patch>,
    /// VPC endpoints, as `aws ec2 describe-vpc-endpoints` prints them.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// Subnets, as `aws ec2 describe-subnets` prints them.
    pub subnets: Vec<Subnet>,
    /// Route tables, as `aws ec2 describe-route-tables` prints them.
    pub route_tables: Vec<RouteTable>,
    /// Security groups, as `aws ec2 describe-security-groups` prints them.
    pub security_groups: Vec<SecurityGroup>,
    /// VPCs whose attributes matter. One that only other entries name has both on.
    pub vpcs: Vec<Vpc>,
    /// Instance profiles with the managed policies of their roles.
    pub instance_profiles: Vec<InstanceProfile>,
    /// Settings of the account and Region that were changed.
    pub service_settings: Vec<ServiceSetting>,
}

string_enum! {
    /// Whether a node can be reached, and why not.
    pub enum NodeCondition {
        /// Running, agent in touch.
        Online = "Online",
        /// The instance is stopped: of the listings of managed nodes only DescribeInstanceProperties has it, and
        /// commands wait for it until they time out.
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
    /// Microsoft's applications on it, by their product strings, such as `Office 2016`: their patches
    /// concern it too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
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

impl FleetNode {
    /// An online node of this id without packages or tags.
    ///
    /// The id says whether it is an EC2 instance (`i-…`) or a hybrid node (`mi-…`). The product is
    /// what the patches of the catalog must have to concern the node.
    ///
    /// ```
    /// use aws_patch_manager::memory::{FleetNode, InstalledPackage};
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let node = FleetNode::new("i-0c0ffee0000000077", OperatingSystem::Windows, "WindowsServer2019")
    ///     .with_tag("Patch Group", "web")
    ///     .with_installed(InstalledPackage::kb("KB5090015"));
    /// assert_eq!(node.tags.len(), 1);
    /// ```
    pub fn new(
        id: impl Into<NodeId>,
        operating_system: OperatingSystem,
        product: impl Into<String>,
    ) -> Self {
        let id = id.into();
        let mut information = InstanceInformation::new(id.clone());
        information.platform_type = Some(operating_system.platform_type());
        information.resource_type = Some(if id.is_hybrid() {
            ResourceType::ManagedInstance
        } else {
            ResourceType::Ec2Instance
        });
        Self {
            instance_information: information,
            operating_system,
            product: product.into(),
            applications: Vec::new(),
            tags: Vec::new(),
            instance: (!id.is_hybrid()).then(|| Ec2Instance::new(id)),
            condition: NodeCondition::Online,
            installed: Vec::new(),
            failing_patches: Vec::new(),
        }
    }

    /// An online Windows Server 2022 without updates.
    pub fn windows_server_2022(id: impl Into<NodeId>) -> Self {
        Self::new(id, OperatingSystem::Windows, "WindowsServer2022")
            .on_platform("Microsoft Windows Server 2022 Datacenter", "10.0.20348")
    }

    /// An online Amazon Linux 2023 without packages.
    pub fn amazon_linux_2023(id: impl Into<NodeId>) -> Self {
        Self::new(id, OperatingSystem::AmazonLinux2023, "AmazonLinux2023")
            .on_platform("Amazon Linux", "2023")
    }

    /// An online Ubuntu 22.04 without packages.
    pub fn ubuntu_22_04(id: impl Into<NodeId>) -> Self {
        Self::new(id, OperatingSystem::Ubuntu, "Ubuntu22.04").on_platform("Ubuntu", "22.04")
    }

    fn on_platform(mut self, name: &str, version: &str) -> Self {
        self.instance_information.platform_name = Some(name.to_owned());
        self.instance_information.platform_version = Some(version.to_owned());
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push(Tag::new(key, value));
        self
    }

    /// Adds a Microsoft application by its product string, such as `Office 2016`.
    #[must_use]
    pub fn with_application(mut self, product: impl Into<String>) -> Self {
        self.applications.push(product.into());
        self
    }

    /// Adds something installed.
    #[must_use]
    pub fn with_installed(mut self, package: InstalledPackage) -> Self {
        self.installed.push(package);
        self
    }

    /// Puts it in this condition.
    #[must_use]
    pub fn with_condition(mut self, condition: NodeCondition) -> Self {
        self.condition = condition;
        self
    }

    /// Makes the installation of a patch (KB number or `name.arch`) fail on it.
    #[must_use]
    pub fn with_failing_patch(mut self, patch: impl Into<String>) -> Self {
        self.failing_patches.push(patch.into());
        self
    }

    /// Shows its tags in instance metadata, which rules out spaces in tag keys. EC2 instances only.
    #[must_use]
    pub fn with_metadata_tags(mut self) -> Self {
        if let Some(instance) = &mut self.instance {
            instance.metadata_options = MetadataOptions::with_tags(MetadataTags::Enabled);
        }
        self
    }

    /// Puts it in this subnet of this VPC. EC2 instances only.
    #[must_use]
    pub fn in_subnet(mut self, subnet_id: impl Into<String>, vpc_id: impl Into<String>) -> Self {
        if let Some(instance) = &mut self.instance {
            instance.subnet_id = Some(subnet_id.into());
            instance.vpc_id = Some(vpc_id.into());
        }
        self
    }

    /// Puts it in this security group as well. EC2 instances only.
    #[must_use]
    pub fn in_security_group(mut self, group_id: impl Into<String>) -> Self {
        if let Some(instance) = &mut self.instance {
            instance
                .security_groups
                .push(GroupIdentifier::new(group_id));
        }
        self
    }

    /// Gives it the instance profile of this ARN. EC2 instances only.
    #[must_use]
    pub fn with_instance_profile(mut self, arn: impl Into<String>) -> Self {
        if let Some(instance) = &mut self.instance {
            instance.iam_instance_profile = Some(IamInstanceProfile::new(arn));
        }
        self
    }

    /// Its id.
    pub fn id(&self) -> &NodeId {
        &self.instance_information.instance_id
    }
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

impl InstalledPackage {
    /// A Windows update, such as `KB5090015`.
    pub fn kb(number: impl Into<String>) -> Self {
        Self {
            kb_number: Some(number.into()),
            ..Self::default()
        }
    }

    /// An rpm package.
    pub fn rpm(
        name: impl Into<String>,
        epoch: i32,
        version: impl Into<String>,
        release: impl Into<String>,
        arch: impl Into<String>,
    ) -> Self {
        Self {
            name: Some(name.into()),
            epoch: Some(epoch),
            version: Some(version.into()),
            release: Some(release.into()),
            arch: Some(arch.into()),
            ..Self::default()
        }
    }

    /// A deb package; the version holds epoch and revision, as `1:8.9p1-3ubuntu0.10`.
    pub fn deb(
        name: impl Into<String>,
        version: impl Into<String>,
        arch: impl Into<String>,
    ) -> Self {
        Self {
            name: Some(name.into()),
            version: Some(version.into()),
            arch: Some(arch.into()),
            ..Self::default()
        }
    }

    /// Says when it was installed.
    #[must_use]
    pub fn installed_at(mut self, instant: Timestamp) -> Self {
        self.installed_time = Some(instant);
        self
    }

    /// What a report calls it: the KB number, or `name.arch`.
    pub fn kb_id(&self) -> String {
        kb_id(&self.kb_number, &self.name, &self.arch).unwrap_or_default()
    }
}
