use serde::{Deserialize, Serialize};

use super::{NodeId, Tag, string_enum};

string_enum! {
    /// Whether the instance metadata service shows the instance's tags.
    ///
    /// Where it does, tag keys may not contain spaces, so the patch group goes under `PatchGroup`.
    pub enum MetadataTags {
        /// Tags are shown.
        Enabled = "enabled",
        /// Tags are not shown: EC2's default.
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
}

impl MetadataOptions {
    /// Options with instance metadata tags switched so.
    pub fn with_tags(tags: MetadataTags) -> Self {
        Self {
            instance_metadata_tags: Some(tags),
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
    /// The subnet it lives in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// The VPC it lives in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
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
            tags: Vec::new(),
        }
    }

    /// Whether instance metadata shows this instance's tags.
    pub fn shows_tags_in_metadata(&self) -> bool {
        self.metadata_options.instance_metadata_tags == Some(MetadataTags::Enabled)
    }
}
