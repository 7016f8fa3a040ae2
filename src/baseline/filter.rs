use serde::{Deserialize, Serialize};

use crate::types::string_enum;

string_enum! {
    /// What a patch filter compares.
    ///
    /// The service's model admits any key on any operating system; the builder knows which are
    /// legal on each. The package keys (`NAME`, `VERSION`, …) are search keys of
    /// DescribeAvailablePatches.
    pub enum PatchFilterKey {
        /// Package architecture.
        Arch = "ARCH",
        /// Advisory id.
        AdvisoryId = "ADVISORY_ID",
        /// Bugzilla id.
        BugzillaId = "BUGZILLA_ID",
        /// `OS` or `APPLICATION`. Windows.
        PatchSet = "PATCH_SET",
        /// Product, such as `WindowsServer2022`.
        Product = "PRODUCT",
        /// Product family, such as `Office`. Windows.
        ProductFamily = "PRODUCT_FAMILY",
        /// Classification, such as `Security`.
        Classification = "CLASSIFICATION",
        /// CVE id.
        CveId = "CVE_ID",
        /// Package epoch.
        Epoch = "EPOCH",
        /// Microsoft's severity. Windows.
        MsrcSeverity = "MSRC_SEVERITY",
        /// Package name.
        Name = "NAME",
        /// Patch id, such as a KB number.
        PatchId = "PATCH_ID",
        /// Archive section. apt.
        Section = "SECTION",
        /// Package priority. apt.
        Priority = "PRIORITY",
        /// Repository.
        Repository = "REPOSITORY",
        /// Package release.
        Release = "RELEASE",
        /// Vendor severity. rpm and zypper.
        Severity = "SEVERITY",
        /// Whether it is a security patch.
        Security = "SECURITY",
        /// Package version.
        Version = "VERSION",
    }
}

/// A key and its values that pass; `*` alone passes everything.
///
/// 1 to 20 values of 1 to 64 characters (SSM model, `PatchFilter`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchFilter {
    /// The key that is compared.
    pub key: PatchFilterKey,
    /// The values that pass; any one of them is enough.
    pub values: Vec<String>,
}

impl PatchFilter {
    /// A filter that passes these values of the key.
    pub fn new<I>(key: PatchFilterKey, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key,
            values: values.into_iter().map(Into::into).collect(),
        }
    }
}

/// Filters that must all pass; a group without filters passes everything.
///
/// At most 5 filters: a Windows rule can use all of its keys (CloudFormation's schema of
/// AWS::SSM::PatchBaseline, and such rules are deployed; the SSM model still says 4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchFilterGroup {
    /// The filters.
    #[serde(default)]
    pub patch_filters: Vec<PatchFilter>,
}

impl PatchFilterGroup {
    /// A group of these filters.
    pub fn new(patch_filters: Vec<PatchFilter>) -> Self {
        Self { patch_filters }
    }

    /// Whether the group has no filter.
    pub fn is_empty(&self) -> bool {
        self.patch_filters.is_empty()
    }
}
