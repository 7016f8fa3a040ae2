use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PatchComplianceLevel, string_enum, timestamp};

/// A patch, as `aws ssm describe-available-patches` prints it.
///
/// Windows patches carry `KbNumber` and `MsrcSeverity`; Linux patches carry `Name`, `Epoch`,
/// `Version`, `Release`, `Arch`, `Severity` and advisory ids. DescribeAvailablePatches covers
/// Windows and Amazon Linux 1 and 2 only; the same shape serves every other operating system here,
/// with [`priority`](Self::priority) and [`section`](Self::section) for apt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Patch {
    /// The service's id of the patch, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When the vendor released it, or last updated its notice.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub release_date: Option<Timestamp>,
    /// The title, as the vendor writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where the vendor describes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_url: Option<String>,
    /// The vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The product family, such as `Windows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_family: Option<String>,
    /// The product, such as `WindowsServer2022` or `AmazonLinux2023`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The classification, such as `SecurityUpdates` (Windows) or `Security` (Linux).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// Microsoft's severity. Windows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msrc_severity: Option<String>,
    /// The knowledge-base number, such as `KB5034770`. Windows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kb_number: Option<String>,
    /// The security bulletin, such as `MS10-048`. Windows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msrc_number: Option<String>,
    /// The language, usually `All`. Windows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Advisories that ship it, such as `ALAS2023-2026-123`. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advisory_ids: Option<Vec<String>>,
    /// Bugzilla ids it resolves. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bugzilla_ids: Option<Vec<String>>,
    /// CVE ids it fixes. Linux only.
    #[serde(rename = "CVEIds", skip_serializing_if = "Option::is_none")]
    pub cve_ids: Option<Vec<String>>,
    /// The package name. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The package epoch. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i32>,
    /// The package version. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The package release. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The package architecture. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// The vendor's severity. Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The repository or archive it comes from; on apt `…-security` marks a security origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The apt priority, such as `Important`. Not part of the AWS shape, which has no apt patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// The apt section, such as `libs`. Not part of the AWS shape, which has no apt patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Knowledge-base numbers this patch replaces. Not part of the AWS shape: the service drops
    /// superseded Windows updates from its catalog, and the in-memory one does so by this list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
}

impl Patch {
    /// A Windows update by its knowledge-base number, such as `KB5034439`.
    ///
    /// ```
    /// use aws_patch_manager::types::Patch;
    ///
    /// let update = Patch::kb("KB5034439")
    ///     .with_product("WindowsServer2022")
    ///     .with_classification("SecurityUpdates")
    ///     .with_severity("Important")
    ///     .with_release_date("2026-01-09T00:00:00Z".parse()?);
    /// assert_eq!(update.kb_id(), "KB5034439");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kb(number: impl Into<String>) -> Self {
        Self {
            kb_number: Some(number.into()),
            ..Self::default()
        }
    }

    /// An rpm package.
    ///
    /// ```
    /// use aws_patch_manager::types::Patch;
    ///
    /// let package = Patch::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64")
    ///     .with_product("AmazonLinux2023")
    ///     .with_classification("Security")
    ///     .with_severity("Important")
    ///     .with_cve_ids(["CVE-2026-0001"]);
    /// assert_eq!(package.kb_id(), "openssl.x86_64");
    /// ```
    pub fn rpm(
        name: impl Into<String>,
        epoch: i32,
        version: impl Into<String>,
        release: impl Into<String>,
        arch: impl Into<String>,
    ) -> Self {
        Self {
            name: Some(name.into()),
            epoch: Some(epoch),
            version: Some(version.into()),
            release: Some(release.into()),
            arch: Some(arch.into()),
            ..Self::default()
        }
    }

    /// A deb package, by its whole version.
    ///
    /// ```
    /// use aws_patch_manager::types::Patch;
    ///
    /// let package = Patch::deb("openssl", "3.0.2-0ubuntu1.20", "amd64")
    ///     .with_product("Ubuntu22.04")
    ///     .with_severity("Important");
    /// assert_eq!(package.priority.as_deref(), Some("Important"));
    /// ```
    pub fn deb(
        name: impl Into<String>,
        version: impl Into<String>,
        arch: impl Into<String>,
    ) -> Self {
        Self {
            name: Some(name.into()),
            version: Some(version.into()),
            arch: Some(arch.into()),
            ..Self::default()
        }
    }

    /// Sets the product, such as `WindowsServer2022` or `AmazonLinux2023`.
    #[must_use]
    pub fn with_product(mut self, product: impl Into<String>) -> Self {
        self.product = Some(product.into());
        self
    }

    /// Sets the classification, such as `SecurityUpdates` (Windows) or `Security` (Linux).
    #[must_use]
    pub fn with_classification(mut self, classification: impl Into<String>) -> Self {
        self.classification = Some(classification.into());
        self
    }

    /// Sets the vendor's severity: Microsoft's of a Windows update, the priority of a deb package, else the
    /// severity.
    #[must_use]
    pub fn with_severity(mut self, severity: impl Into<String>) -> Self {
        let is_deb = self.name.is_some() && self.release.is_none();
        let member = match &self.kb_number {
            Some(_) => &mut self.msrc_severity,
            None if is_deb => &mut self.priority,
            None => &mut self.severity,
        };
        *member = Some(severity.into());
        self
    }

    /// Sets when the vendor released it.
    #[must_use]
    pub fn with_release_date(mut self, date: Timestamp) -> Self {
        self.release_date = Some(date);
        self
    }

    /// Sets the CVE ids that it fixes.
    #[must_use]
    pub fn with_cve_ids<C: Into<String>>(mut self, ids: impl IntoIterator<Item = C>) -> Self {
        self.cve_ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// What a report calls the patch: the KB number on Windows, `name.arch` on Linux (facts the
    /// node itself reports as `KBId`), else the id.
    pub fn kb_id(&self) -> String {
        kb_id(&self.kb_number, &self.name, &self.arch)
            .or_else(|| self.id.clone())
            .unwrap_or_default()
    }

    /// Whether an apt package comes from a security archive, in any letter case (node code).
    pub(crate) fn is_of_security_archive(&self) -> bool {
        let archive = self.repository.as_deref();
        let security = |letters: &[u8]| letters.eq_ignore_ascii_case(b"security");
        archive.is_some_and(|archive| archive.as_bytes().windows(8).any(security))
    }

    /// The vendor's severity, from whichever member the operating system fills.
    pub fn vendor_severity(&self) -> &str {
        [&self.msrc_severity, &self.severity, &self.priority]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|severity| !severity.is_empty())
            .unwrap_or_default()
    }
}

/// What a report calls a patch or package: its KB number where that is not empty, else its name,
/// with the architecture where it has one.
pub(crate) fn kb_id(
    kb_number: &Option<String>,
    name: &Option<String>,
    arch: &Option<String>,
) -> Option<String> {
    match (kb_number, name, arch) {
        (Some(kb), _, _) if !kb.is_empty() => Some(kb.clone()),
        (_, Some(name), Some(arch)) => Some(format!("{name}.{arch}")),
        (_, name, _) => name.clone(),
    }
}

string_enum! {
    /// Where a patch stands with respect to a baseline.
    pub enum PatchDeploymentStatus {
        /// A rule approves it and its date has come.
        Approved = "APPROVED",
        /// A rule matches; the approval date is still to come.
        PendingApproval = "PENDING_APPROVAL",
        /// It is in the list of approved patches.
        ExplicitApproved = "EXPLICIT_APPROVED",
        /// It is in the list of rejected patches.
        ExplicitRejected = "EXPLICIT_REJECTED",
    }
}

/// The approval status of one patch under one baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PatchStatus {
    /// Where the patch stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_status: Option<PatchDeploymentStatus>,
    /// The compliance level that the baseline gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_level: Option<PatchComplianceLevel>,
    /// When it was, or will be, approved.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub approval_date: Option<Timestamp>,
}

/// A patch and its approval status, as DescribeEffectivePatchesForPatchBaseline lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct EffectivePatch {
    /// The patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
    /// Its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_status: Option<PatchStatus>,
}
