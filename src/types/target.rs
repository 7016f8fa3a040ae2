use serde::{Deserialize, Serialize};

use super::NodeId;

/// Which nodes an operation, a window or an association runs on.
///
/// Several targets are ANDed, the values of one are ORed; at most 5 targets with at most 50 values
/// each (SSM model, `Target`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Target {
    /// `InstanceIds`, `tag:KEY`, `tag-key`, `resource-groups:Name` or `WindowTargetIds`.
    pub key: String,
    /// The accepted values, case-sensitive.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Target {
    /// The nodes with these ids.
    pub fn instance_ids<I>(ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self {
            key: "InstanceIds".to_owned(),
            values: ids
                .into_iter()
                .map(|id| id.into().as_str().to_owned())
                .collect(),
        }
    }

    /// The nodes that carry this tag with one of these values.
    pub fn tag<I>(key: &str, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: format!("tag:{key}"),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// The nodes that carry one of these tag keys, whatever the value.
    pub fn tag_key<I>(keys: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: "tag-key".to_owned(),
            values: keys.into_iter().map(Into::into).collect(),
        }
    }

    /// The members of a resource group.
    pub fn resource_group(name: impl Into<String>) -> Self {
        Self {
            key: "resource-groups:Name".to_owned(),
            values: vec![name.into()],
        }
    }
}
