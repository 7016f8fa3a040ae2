use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::BaselineId;

/// A baseline as a desired state names it.
///
/// It is the name of a baseline of the state, the name of a baseline that AWS owns (`AWS-…`), the id
/// or ARN of any baseline, or `AWS` for AWS's default of the operating system.
///
/// ```
/// use aws_patch_manager::plan::BaselineReference;
///
/// assert!(BaselineReference::from("pb-0123456789abcdef0").id().is_some());
/// assert!(BaselineReference::from("prod-windows").id().is_none());
/// assert!(BaselineReference::aws_default().is_aws_default());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BaselineReference(String);

impl BaselineReference {
    /// AWS's default for the operating system.
    pub fn aws_default() -> Self {
        Self("AWS".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means AWS's default for the operating system.
    pub fn is_aws_default(&self) -> bool {
        self.0 == "AWS"
    }

    /// Whether it is the name of a baseline that AWS owns.
    pub fn is_aws_name(&self) -> bool {
        self.0.starts_with("AWS-")
    }

    /// The id, if it is one: `pb-` and 17 hexadecimal digits, or an ARN.
    pub fn id(&self) -> Option<BaselineId> {
        let digits = self.0.strip_prefix("pb-");
        let is_bare = digits.is_some_and(|digits| {
            digits.len() == 17 && digits.bytes().all(|b| b.is_ascii_hexdigit())
        });
        (is_bare || self.0.starts_with("arn:")).then(|| BaselineId::new(self.0.as_str()))
    }
}

impl From<&str> for BaselineReference {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for BaselineReference {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&BaselineId> for BaselineReference {
    fn from(id: &BaselineId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl fmt::Display for BaselineReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
