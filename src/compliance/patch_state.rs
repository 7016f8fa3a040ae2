//! The patch states of nodes and groups, and the patches of a node.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::group::PatchGroup;
use crate::types::{
    BaselineId, NodeId, PatchOperation, RebootOption, SnapshotId, debug_shape, string_enum,
    timestamp, without_query,
};
use crate::visible::visible_line;

/// The patch state of a node: the result of its last Scan or Install. Each operation replaces it.
///
/// A node that never ran a patch operation has none.
///
/// ```
/// use aws_patch_manager::PatchGroup;
/// use aws_patch_manager::compliance::InstancePatchState;
/// use aws_patch_manager::types::PatchOperation;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let now = Timestamp::UNIX_EPOCH;
/// let (node, baseline) = ("i-0123456789abcdef0", "pb-0123456789abcdef0");
/// let group = PatchGroup::new("web")?;
/// let mut state = InstancePatchState::new(node, group, baseline, PatchOperation::Scan, now, now);
/// state.missing_count = 3;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InstancePatchState {
    /// The node.
    pub instance_id: NodeId,
    /// The node's group at the time of the run; empty for an untagged node.
    pub patch_group: PatchGroup,
    /// The baseline that was used.
    pub baseline_id: BaselineId,
    /// The baseline snapshot that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// The URL of the run's InstallOverrideList.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_override_list: Option<String>,
    /// The service leaves it empty today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_information: Option<String>,
    /// Patches of the baseline that are installed.
    #[serde(default)]
    pub installed_count: u32,
    /// Installed patches that the baseline does not approve.
    #[serde(default)]
    pub installed_other_count: u32,
    /// Patches installed since the last boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_pending_reboot_count: Option<u32>,
    /// Installed patches that the baseline rejects with BLOCK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_rejected_count: Option<u32>,
    /// Approved, applicable, not installed.
    #[serde(default)]
    pub missing_count: u32,
    /// Patches that the last Install tried to install, and failed.
    #[serde(default)]
    pub failed_count: u32,
    /// Patches that do not apply beyond the reporting limit; -1 if the run did not get so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreported_not_applicable_count: Option<i32>,
    /// Approved patches that do not apply to the node.
    #[serde(default)]
    pub not_applicable_count: u32,
    /// Windows security updates that are available and not approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_security_update_count: Option<u32>,
    /// When the operation began.
    #[serde(with = "timestamp")]
    pub operation_start_time: Timestamp,
    /// When it ended.
    #[serde(with = "timestamp")]
    pub operation_end_time: Timestamp,
    /// Scan or Install.
    pub operation: PatchOperation,
    /// When the last Install with NoReboot ran.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_no_reboot_install_operation_time: Option<Timestamp>,
    /// The reboot option of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reboot_option: Option<RebootOption>,
    /// Non-compliant patches whose compliance level is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_non_compliant_count: Option<u32>,
    /// Non-compliant security patches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_non_compliant_count: Option<u32>,
    /// Non-compliant patches that are neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_non_compliant_count: Option<u32>,
}

debug_shape! {
    InstancePatchState {
        instance_id,
        patch_group,
        baseline_id,
        snapshot_id,
        [url] install_override_list,
        [sensitive] owner_information,
        installed_count,
        installed_other_count,
        installed_pending_reboot_count,
        installed_rejected_count,
        missing_count,
        failed_count,
        unreported_not_applicable_count,
        not_applicable_count,
        available_security_update_count,
        operation_start_time,
        operation_end_time,
        operation,
        last_no_reboot_install_operation_time,
        reboot_option,
        critical_non_compliant_count,
        security_non_compliant_count,
        other_non_compliant_count,
    }
}

/// Writes a state as a part of an answer of this crate, which is logged and stored: without the query of a
/// presigned URL, and without the owner information. By itself a state is written as the service has it.
pub(crate) fn for_output<S: Serializer>(
    state: &Option<InstancePatchState>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let state = state.as_ref().map(|state| InstancePatchState {
        install_override_list: state
            .install_override_list
            .as_deref()
            .map(|url| without_query(url).to_owned()),
        owner_information: None,
        ..state.clone()
    });
    state.serialize(serializer)
}

impl InstancePatchState {
    /// The state after an operation that began and ended at these instants, with all counts zero.
    pub fn new(
        instance_id: impl Into<NodeId>,
        patch_group: PatchGroup,
        baseline_id: impl Into<BaselineId>,
        operation: PatchOperation,
        operation_start_time: Timestamp,
        operation_end_time: Timestamp,
    ) -> Self {
        Self {
            instance_id: instance_id.into(),
            patch_group,
            baseline_id: baseline_id.into(),
            snapshot_id: None,
            install_override_list: None,
            owner_information: None,
            installed_count: 0,
            installed_other_count: 0,
            installed_pending_reboot_count: None,
            installed_rejected_count: None,
            missing_count: 0,
            failed_count: 0,
            unreported_not_applicable_count: None,
            not_applicable_count: 0,
            available_security_update_count: None,
            operation_start_time,
            operation_end_time,
            operation,
            last_no_reboot_install_operation_time: None,
            reboot_option: None,
            critical_non_compliant_count: None,
            security_non_compliant_count: None,
            other_non_compliant_count: None,
        }
    }
}

/// The number of nodes of a group that have at least one patch in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PatchGroupState {
    /// Nodes in the group that have reported.
    pub instances: u32,
    /// Nodes with installed patches.
    pub instances_with_installed_patches: u32,
    /// Nodes with patches that the baseline does not approve.
    pub instances_with_installed_other_patches: u32,
    /// Nodes with patches that wait for a reboot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_installed_pending_reboot_patches: Option<u32>,
    /// Nodes with rejected patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_installed_rejected_patches: Option<u32>,
    /// Nodes with missing patches.
    pub instances_with_missing_patches: u32,
    /// Nodes with failed patches.
    pub instances_with_failed_patches: u32,
    /// Nodes with patches that do not apply.
    pub instances_with_not_applicable_patches: u32,
    /// Nodes with more such patches than the reporting limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_unreported_not_applicable_patches: Option<u32>,
    /// Nodes with non-compliant critical patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_critical_non_compliant_patches: Option<u32>,
    /// Nodes with non-compliant security patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_security_non_compliant_patches: Option<u32>,
    /// Nodes with other non-compliant patches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_other_non_compliant_patches: Option<u32>,
    /// Nodes with available security updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances_with_available_security_updates: Option<u32>,
}

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

/// The state, the patch and its title, such as `Missing KB5034770 (Critical): 2026-05 Cumulative Update`.
impl fmt::Display for PatchComplianceData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.state.as_str(), visible_line(&self.kb_id))?;
        if !self.severity.is_empty() {
            write!(f, " ({})", visible_line(&self.severity))?;
        }
        match self.title.as_str() {
            "" => Ok(()),
            title => write!(f, ": {}", visible_line(title)),
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
