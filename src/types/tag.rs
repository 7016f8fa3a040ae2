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

/// The characters the service admits in tag keys, tag values and patch-group names:
/// letters of any script, separators, digits and `_.:/=+-@`.
pub(crate) fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "_.:/=+-@".contains(c)
    })
}
