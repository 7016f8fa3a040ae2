use serde::{Deserialize, Serialize};

use super::NodeId;

/// A key and a value on a resource.
///
/// Keys have 1 to 128 characters, values up to 256; a resource has up to 50 tags, and keys that
/// begin with `aws:` are reserved (SSM model, `Tag`).
///
/// ```
/// use aws_patch_manager::types::Tag;
///
/// let tag = Tag::new("Environment", "production");
/// assert_eq!(tag.key, "Environment");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Tag {
    /// The key, case-sensitive.
    pub key: String,
    /// The value, case-sensitive.
    pub value: String,
}

impl Tag {
    /// A tag of this key and value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// A tag with the resource that has it, as EC2 lists tags.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TagDescription {
    /// The resource.
    pub resource_id: String,
    /// The resource's type, such as `instance`.
    pub resource_type: String,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl TagDescription {
    /// This tag of this resource.
    pub fn new(
        resource_id: impl Into<String>,
        resource_type: impl Into<String>,
        tag: &Tag,
    ) -> Self {
        Self {
            resource_id: resource_id.into(),
            resource_type: resource_type.into(),
            key: tag.key.clone(),
            value: tag.value.clone(),
        }
    }
}

impl From<TagDescription> for Tag {
    fn from(described: TagDescription) -> Self {
        Self::new(described.key, described.value)
    }
}

/// Whether the service allows the characters in tag keys, tag values and patch group names: letters
/// of any script, separators, digits and `_.:/=+-@`.
pub(crate) fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
    })
}

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

    /// Whether its key can be one: 1 to 163 characters (SSM model, `TargetKey`), and the key of a tag is
    /// not empty.
    pub(crate) fn is_key_legal(&self) -> bool {
        (1..=163).contains(&self.key.chars().count()) && self.key != "tag:"
    }

    /// What [`is_key_legal`](Self::is_key_legal) accepts.
    pub(crate) const LEGAL_KEY: &'static str =
        "1 to 163 characters, such as `tag:KEY`, `tag-key` or `InstanceIds`";

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
