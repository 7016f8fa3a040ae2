use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{GroupIdentifier, NodeId, Tag, string_enum, timestamp};

string_enum! {
    /// Whether the instance metadata service shows the instance's tags.
    ///
    /// If it does, tag keys may not contain spaces, so the patch group's key is `PatchGroup`.
    pub enum MetadataTags {
        /// Tags are shown.
        Enabled = "enabled",
        /// Tags are not shown: EC2's default.
        Disabled = "disabled",
    }
}

string_enum! {
    /// Whether the instance metadata service wants a token, which is its version 2.
    pub enum MetadataTokens {
        /// Version 1 is answered, too.
        Optional = "optional",
        /// Version 2 alone.
        Required = "required",
    }
}

string_enum! {
    /// Whether the instance metadata service answers.
    pub enum MetadataEndpoint {
        /// It answers.
        Enabled = "enabled",
        /// It does not.
        Disabled = "disabled",
    }
}

/// The instance metadata options that patching depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct MetadataOptions {
    /// Whether instance metadata shows tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_metadata_tags: Option<MetadataTags>,
    /// Whether requests must be of version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<MetadataTokens>,
    /// Whether there is instance metadata at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_endpoint: Option<MetadataEndpoint>,
}

impl MetadataOptions {
    /// Options with this setting of instance metadata tags.
    pub fn with_tags(tags: MetadataTags) -> Self {
        Self {
            instance_metadata_tags: Some(tags),
            ..Self::default()
        }
    }
}

/// The state of an EC2 instance: `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct InstanceState {
    /// The state's name.
    pub name: String,
}

impl InstanceState {
    /// A state of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }

    /// Whether it is terminated or shutting down.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.name.as_str(), "shutting-down" | "terminated")
    }

    /// Whether it is stopped or stopping.
    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.name.as_str(), "stopping" | "stopped")
    }
}

/// What StartInstances and StopInstances did to an instance.
///
/// ```
/// use aws_patch_manager::types::{InstanceState, InstanceStateChange};
///
/// let change = InstanceStateChange::new(
///     "i-0123456789abcdef0",
///     InstanceState::new("stopped"),
///     InstanceState::new("pending"),
/// );
/// assert!(change.is_change());
/// assert_eq!(change.to_string(), "i-0123456789abcdef0: stopped -> pending");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InstanceStateChange {
    /// The instance.
    pub instance_id: NodeId,
    /// Its state before the call.
    #[serde(default)]
    pub previous_state: InstanceState,
    /// Its state after the call: `pending` or `stopping` if the change has begun.
    #[serde(default)]
    pub current_state: InstanceState,
}

impl InstanceStateChange {
    /// The change of this instance from one state to another.
    pub fn new(id: impl Into<NodeId>, previous: InstanceState, current: InstanceState) -> Self {
        Self {
            instance_id: id.into(),
            previous_state: previous,
            current_state: current,
        }
    }

    /// Whether the call changed anything. A running instance that is started stays as it is.
    pub fn is_change(&self) -> bool {
        self.previous_state != self.current_state
    }
}

/// Such as `i-0123456789abcdef0: stopped -> pending`.
impl fmt::Display for InstanceStateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (previous, current) = (&self.previous_state.name, &self.current_state.name);
        write!(f, "{}: {previous} -> {current}", self.instance_id)
    }
}

/// The instance profile that an instance was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct IamInstanceProfile {
    /// Its ARN, `arn:aws:iam::ACCOUNT:instance-profile/NAME`.
    pub arn: String,
}

impl IamInstanceProfile {
    /// The profile of this ARN.
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into() }
    }

    /// Its name: the last part of the ARN, after the path.
    pub fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// The partition it is in: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }
}

/// Where an instance was placed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Placement {
    /// The zone, such as `ap-northeast-1a`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_zone: Option<String>,
}

/// The members of EC2's DescribeInstances that patching depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Ec2Instance {
    /// The instance id.
    pub instance_id: NodeId,
    /// Its state.
    #[serde(default)]
    pub state: InstanceState,
    /// Its metadata options.
    #[serde(default)]
    pub metadata_options: MetadataOptions,
    /// Its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// Its VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Its private IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<String>,
    /// Its public IPv4 address; without one it cannot use an internet gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip_address: Option<String>,
    /// Where it was placed.
    #[serde(default)]
    pub placement: Placement,
    /// The security groups of its first network interface.
    #[serde(default)]
    pub security_groups: Vec<GroupIdentifier>,
    /// The profile that gives it a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_instance_profile: Option<IamInstanceProfile>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<Tag>,
}

impl Ec2Instance {
    /// A running instance of this id without tags.
    pub fn new(id: impl Into<NodeId>) -> Self {
        Self {
            instance_id: id.into(),
            state: InstanceState::new("running"),
            metadata_options: MetadataOptions::default(),
            subnet_id: None,
            vpc_id: None,
            private_ip_address: None,
            public_ip_address: None,
            placement: Placement::default(),
            security_groups: Vec::new(),
            iam_instance_profile: None,
            tags: Vec::new(),
        }
    }

    /// Whether it is terminated or shutting down: EC2 lists it for a while.
    pub fn is_gone(&self) -> bool {
        self.state.is_gone()
    }

    /// Whether it is stopped or stopping.
    pub fn is_stopped(&self) -> bool {
        self.state.is_stopped()
    }

    /// Whether instance metadata shows this instance's tags.
    pub fn shows_tags_in_metadata(&self) -> bool {
        self.metadata_options.instance_metadata_tags == Some(MetadataTags::Enabled)
    }
}

/// An IAM role behind an instance profile, and the managed policies attached to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct InstanceProfile {
    /// The profile's name.
    pub instance_profile_name: String,
    /// The role's name; absent where the profile has none, and then gives no permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// The ARNs of the managed policies attached to the role.
    pub attached_policies: Vec<String>,
    /// The role's tags (IAM, ListRoleTags); absent if they were not read. Only a check for a patch policy
    /// needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_tags: Option<Vec<Tag>>,
}

impl InstanceProfile {
    /// A profile with a role that has these managed policies, by ARN.
    pub fn new<I>(
        name: impl Into<String>,
        role_name: impl Into<Option<String>>,
        attached_policies: I,
    ) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            instance_profile_name: name.into(),
            role_name: role_name.into(),
            attached_policies: attached_policies.into_iter().map(Into::into).collect(),
            role_tags: None,
        }
    }

    /// Whether a managed policy of this name is attached, whoever owns it.
    pub fn has_policy(&self, name: &str) -> bool {
        let named = |arn: &String| arn.rsplit('/').next() == Some(name);
        self.attached_policies.iter().any(named)
    }
}

/// A setting of Systems Manager for the account and Region, as GetServiceSetting tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ServiceSetting {
    /// The setting, such as `/ssm/managed-instance/default-ec2-instance-management-role`.
    pub setting_id: String,
    /// Its value.
    pub setting_value: String,
    /// `Default`, `Customized` or `PendingUpdate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The setting's ARN.
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// When it was last changed.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub last_modified_date: Option<Timestamp>,
    /// The ARN of who changed it; absent where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_user: Option<String>,
}

impl ServiceSetting {
    /// A setting that was set to this value.
    pub fn new(id: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            setting_id: id.into(),
            setting_value: value.into(),
            status: Some("Customized".to_owned()),
            ..Self::default()
        }
    }
}
