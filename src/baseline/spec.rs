use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ApprovalRules, PatchFilterGroup};
use crate::types::{ComplianceStatus, OperatingSystem, PatchComplianceLevel, Tag, string_enum};

/// A patch baseline as plain data: the input of CreatePatchBaseline.
///
/// [`BaselineBuilder`](super::BaselineBuilder) builds a valid one. The JSON form is the service's
/// own, so `aws ssm create-patch-baseline --cli-input-json` files load as they are.
///
/// ```
/// use aws_patch_manager::BaselineBuilder;
/// use aws_patch_manager::baseline::BaselineSpec;
///
/// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
/// let file = serde_json::to_string_pretty(&spec)?;
/// assert!(file.contains(r#""ApproveAfterDays": 7"#));
/// assert_eq!(serde_json::from_str::<BaselineSpec>(&file)?, spec);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct BaselineSpec {
    /// The operating system; Windows if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
    /// The name, 3 to 128 characters of `a-zA-Z0-9_-.`. Not unique in an account.
    pub name: String,
    /// Filters that every candidate for the rules must pass.
    #[serde(skip_serializing_if = "PatchFilterGroup::is_empty")]
    pub global_filters: PatchFilterGroup,
    /// The rules, at most 10.
    #[serde(skip_serializing_if = "ApprovalRules::is_empty")]
    pub approval_rules: ApprovalRules,
    /// Patches approved by name, at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approved_patches: Vec<String>,
    /// How serious it is if one of them is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_patches_compliance_level: Option<PatchComplianceLevel>,
    /// Whether listed patches outside the security notices are admitted. Linux and macOS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_patches_enable_non_security: Option<bool>,
    /// Patches rejected by name, at most 50. Rejection wins over approval.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected_patches: Vec<String>,
    /// What rejection means for dependencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_patches_action: Option<PatchAction>,
    /// A description, 1 to 1024 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Custom repositories, at most 20. Linux only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<PatchSource>,
    /// Whether available but unapproved security updates count as compliant. Windows only; the
    /// service's default is that they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_security_updates_compliance_status: Option<ComplianceStatus>,
    /// Tags of the baseline itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl BaselineSpec {
    /// A baseline of this name without rules, unvalidated; see [`BaselineBuilder`](super::BaselineBuilder).
    pub fn new(name: impl Into<String>, operating_system: OperatingSystem) -> Self {
        Self {
            name: name.into(),
            operating_system: Some(operating_system),
            ..Self::default()
        }
    }

    /// The operating system, or the service's default if none is set.
    pub fn operating_system(&self) -> OperatingSystem {
        self.operating_system.clone().unwrap_or_default()
    }
}

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
