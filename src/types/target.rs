use serde::{Deserialize, Serialize};

use super::NodeId;

/// Which nodes an operation, a window or an association runs on.
///
/// Several targets are ANDed, the values of one are ORed; at most 5 targets with at most 50 values
/// each (SSM model, `Target`).
///
/// ```
/// use aws_patch_manager::types::Target;
///
/// let web = Target::tag("Role", ["web", "proxy"]);
/// assert_eq!((web.key.as_str(), web.values.len()), ("tag:Role", 2));
/// let two = Target::instance_ids(["i-0123456789abcdef0", "i-0fedcba9876543210"]);
/// assert_eq!(two.key, "InstanceIds");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Target {
    /// `InstanceIds`, `tag:KEY`, `tag-key`, `resource-groups:Name` or `WindowTargetIds`.
    pub key: String,
    /// The accepted values, case-sensitive.
    #[serde(default)]
    pub values: Vec<String>,
}

impl Target {
    /// The nodes by this key, with one of these values.
    pub fn new<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Whether its values are node ids. AWS's examples write the key `instanceids` and `instanceIds`
    /// as well (AWS CLI, send-command).
    pub(crate) fn is_by_id(&self) -> bool {
        self.key.eq_ignore_ascii_case("InstanceIds")
    }

    /// The nodes with these ids.
    pub fn instance_ids<I>(ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self::new("InstanceIds", ids.into_iter().map(Into::<NodeId>::into))
    }

    /// The nodes that carry this tag with one of these values.
    pub fn tag<I>(key: &str, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(format!("tag:{key}"), values)
    }

    /// The nodes that carry one of these tag keys, whatever the value.
    pub fn tag_key<I>(keys: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new("tag-key", keys)
    }

    /// The members of a resource group.
    pub fn resource_group(name: impl Into<String>) -> Self {
        Self::new("resource-groups:Name", [name])
    }
}
