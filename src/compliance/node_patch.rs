use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::string_enum;

string_enum! {
    /// The state of one patch on one node.
    ///
    /// The service's model spells these in capitals; its answers and filters use the spelling here.
    /// This type reads both and writes this one.
    ///
    /// ```
    /// use aws_patch_manager::compliance::PatchState;
    ///
    /// assert!(PatchState::InstalledPendingReboot.is_non_compliant());
    /// assert_eq!(PatchState::from("MISSING"), PatchState::Missing);
    /// assert_eq!(PatchState::Missing.as_str(), "Missing");
    /// ```
    pub enum PatchState {
        /// Approved and installed, by Patch Manager or otherwise. Compliant.
        Installed = "Installed" | "INSTALLED",
        /// Installed, not approved, or rejected but allowed as a dependency. Compliant.
        InstalledOther = "InstalledOther" | "INSTALLED_OTHER",
        /// Installed, but the node has not been rebooted since. Non-compliant.
        InstalledPendingReboot = "InstalledPendingReboot" | "INSTALLED_PENDING_REBOOT",
        /// Installed, but rejected with BLOCK. Non-compliant.
        InstalledRejected = "InstalledRejected" | "INSTALLED_REJECTED",
        /// Approved and applicable, but not installed. Non-compliant.
        Missing = "Missing" | "MISSING",
        /// Approved, but not applicable to the node. Not counted.
        NotApplicable = "NotApplicable" | "NOT_APPLICABLE",
        /// Approved; the last Install tried and failed. Non-compliant.
        Failed = "Failed" | "FAILED",
        /// A Windows security update that is available but not approved. The baseline says whether
        /// it is compliant.
        AvailableSecurityUpdate = "AvailableSecurityUpdate" | "AVAILABLE_SECURITY_UPDATE",
    }
}

impl PatchState {
    /// Whether a patch in this state always makes its node non-compliant.
    pub fn is_non_compliant(&self) -> bool {
        matches!(
            self,
            Self::InstalledPendingReboot | Self::InstalledRejected | Self::Missing | Self::Failed
        )
    }
}

/// A patch on a node, as DescribeInstancePatches returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchComplianceData {
    /// The title; empty for InstalledOther on Windows.
    pub title: String,
    /// The KB number on Windows, `name.arch` on Linux.
    #[serde(rename = "KBId")]
    pub kb_id: String,
    /// The classification; may be empty.
    pub classification: String,
    /// The vendor's severity, not the baseline's compliance level; may be empty.
    pub severity: String,
    /// The state.
    pub state: PatchState,
    /// When it was installed; the epoch if it is not, or if the service says the year 1, as it
    /// does for updates of Windows without a date (boto3#2069, #3642).
    #[serde(with = "installed")]
    pub installed_time: Timestamp,
    /// The CVEs it fixes, comma-separated; only for Missing and Failed, and not on apt or macOS.
    #[serde(rename = "CVEIds", default, skip_serializing_if = "Option::is_none")]
    pub cve_ids: Option<String>,
}

impl PatchComplianceData {
    /// A patch with this id and state, without an installation time; all other members are empty.
    pub fn new(kb_id: impl Into<String>, state: PatchState) -> Self {
        Self {
            title: String::new(),
            kb_id: kb_id.into(),
            classification: String::new(),
            severity: String::new(),
            state,
            installed_time: Timestamp::UNIX_EPOCH,
            cve_ids: None,
        }
    }
}

/// An instant; the year 1 is no date.
mod installed {
    use jiff::Timestamp;
    use serde::{Deserializer, Serializer};

    use crate::types::timestamp;

    /// The first second of the year 1, in seconds of the epoch.
    const YEAR_ONE: i64 = -62_135_596_800;

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, into: S) -> Result<S::Ok, S::Error> {
        timestamp::serialize(at, into)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let at = timestamp::deserialize(from)?;
        Ok(match at.as_second() {
            YEAR_ONE => Timestamp::UNIX_EPOCH,
            _ => at,
        })
    }
}
