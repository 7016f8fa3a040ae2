use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::group::PatchGroup;
use crate::types::{BaselineId, NodeId, PatchOperation, RebootOption, SnapshotId, timestamp};

/// The patch state of a node: the result of its last Scan or Install. Each operation replaces it.
///
/// A node that never ran a patch operation has none.
///
/// ```
/// use aws_patch_manager::PatchGroup;
/// use aws_patch_manager::compliance::InstancePatchState;
/// use aws_patch_manager::types::PatchOperation;
/// use jiff::Timestamp;
///
/// let now = Timestamp::UNIX_EPOCH;
/// let (node, baseline) = ("i-0123456789abcdef0", "pb-0123456789abcdef0");
/// let group = PatchGroup::new("web")?;
/// let mut state = InstancePatchState::new(node, group, baseline, PatchOperation::Scan, now, now);
/// state.missing_count = 3;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
