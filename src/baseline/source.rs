use std::fmt;

use serde::{Deserialize, Serialize};

use crate::types::string_enum;

string_enum! {
    /// What happens to a rejected patch that an approved one depends on.
    pub enum PatchAction {
        /// It may be installed as a dependency; if installed, it counts as InstalledOther. The
        /// default.
        AllowAsDependency = "ALLOW_AS_DEPENDENCY",
        /// It is never installed; if already installed, it counts as InstalledRejected.
        Block = "BLOCK",
    }
}

/// A custom repository for the products it names. Linux only.
///
/// If a baseline has sources, nodes use only those. The configuration may hold credentials: `Debug`
/// shows its length, not its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchSource {
    /// 3 to 50 characters of `a-zA-Z0-9_-.`.
    pub name: String,
    /// 1 to 20 products, each 1 to 128 characters, or `*`.
    pub products: Vec<String>,
    /// 1 to 1024 characters: a yum or dnf ini block, or one apt `deb …` line.
    pub configuration: String,
}

impl PatchSource {
    /// A source of this name and configuration for these products.
    pub fn new<I>(name: impl Into<String>, products: I, configuration: impl Into<String>) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            name: name.into(),
            products: products.into_iter().map(Into::into).collect(),
            configuration: configuration.into(),
        }
    }
}

impl fmt::Debug for PatchSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PatchSource")
            .field("name", &self.name)
            .field("products", &self.products)
            .field(
                "configuration",
                &format_args!("<{} characters>", self.configuration.len()),
            )
            .finish()
    }
}
