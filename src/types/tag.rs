use serde::{Deserialize, Serialize};

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
