//! Converts the members of each type of inventory. Their names are those of the inventory schemas
//! in the Systems Manager user guide, if it has them; see the docs of `data_sync`.

use jiff::Timestamp;

use super::row::{Row, broken};
use crate::compliance::{InstancePatchState, PatchComplianceData, PatchState, Presence};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::types::{
    InstanceInformation, NodeId, PatchOperation, PlatformType, RebootOption, SnapshotId,
};

/// The compliance type of patches.
const PATCH: &str = "Patch";

/// A node, and whether its agent is online; no presence if it was terminated.
#[derive(Debug, Clone)]
pub(crate) struct Managed {
    pub(crate) information: Box<InstanceInformation>,
    pub(crate) presence: Option<Presence>,
}

/// Refuses a row about another node than its file or table says.
fn check_node(row: &Row<'_>, node: &NodeId) -> Result<()> {
    match row.optional("resourceId") {
        Some(other) if other != node.as_str() => Err(broken("its resourceId is another node's")),
        _ => Ok(()),
    }
}

/// A row of `AWS:InstanceInformation`.
pub(crate) fn managed(row: &Row<'_>, node: &NodeId) -> Result<Managed> {
    check_node(row, node)?;
    let text = |member| row.optional(member).map(str::to_owned);
    let mut information = InstanceInformation::new(node.clone());
    information.computer_name = text("ComputerName");
    information.platform_type = row.optional("PlatformType").map(PlatformType::from);
    information.platform_name = text("PlatformName");
    information.platform_version = text("PlatformVersion");
    let presence = match row.optional("InstanceStatus") {
        // Rows from before this member existed are about online nodes.
        None | Some("Active") => Some(Presence::Online),
        Some("Stopped") => Some(Presence::Stopped),
        Some("Terminated") => None,
        Some(_) => Some(Presence::Lost),
    };
    Ok(Managed {
        information: Box::new(information),
        presence,
    })
}

/// A row of `AWS:PatchSummary`.
pub(crate) fn patch_state(row: &Row<'_>, node: &NodeId) -> Result<InstancePatchState> {
    check_node(row, node)?;
    let count = |member| row.number::<u32>(member);
    let mut state = InstancePatchState::new(
        node.clone(),
        PatchGroup::from_service(row.text("PatchGroup")),
        row.required("BaselineId")?,
        PatchOperation::from(row.required("OperationType")?),
        row.required_instant("OperationStartTime")?,
        row.required_instant("OperationEndTime")?,
    );
    state.snapshot_id = row.optional("SnapshotId").map(SnapshotId::from);
    state.install_override_list = row.optional("InstallOverrideList").map(str::to_owned);
    state.owner_information = row.optional("OwnerInformation").map(str::to_owned);
    // A summary without these two counts does not show compliance.
    row.required("MissingCount")?;
    row.required("FailedCount")?;
    state.missing_count = count("MissingCount")?.unwrap_or_default();
    state.failed_count = count("FailedCount")?.unwrap_or_default();
    state.installed_count = count("InstalledCount")?.unwrap_or_default();
    state.installed_other_count = count("InstalledOtherCount")?.unwrap_or_default();
    state.not_applicable_count = count("NotApplicableCount")?.unwrap_or_default();
    state.installed_pending_reboot_count = count("InstalledPendingRebootCount")?;
    state.installed_rejected_count = count("InstalledRejectedCount")?;
    state.unreported_not_applicable_count = row.number("UnreportedNotApplicableCount")?;
    state.available_security_update_count = count("AvailableSecurityUpdateCount")?;
    state.critical_non_compliant_count = count("CriticalNonCompliantCount")?;
    state.security_non_compliant_count = count("SecurityNonCompliantCount")?;
    state.other_non_compliant_count = count("OtherNonCompliantCount")?;
    state.last_no_reboot_install_operation_time =
        row.instant("LastNoRebootInstallOperationTime")?;
    state.reboot_option = row.optional("RebootOption").map(RebootOption::from);
    Ok(state)
}

/// A row of `AWS:ComplianceItem`; `None` if it is not about a patch. A row about an association is
/// left out, because its document may have used another baseline.
pub(crate) fn patch(row: &Row<'_>, node: &NodeId) -> Result<Option<PatchComplianceData>> {
    check_node(row, node)?;
    if row.required("ComplianceType")? != PATCH {
        return Ok(None);
    }
    let state = PatchState::from(row.required("PatchState")?);
    let mut patch = PatchComplianceData::new(row.required("Id")?, state);
    patch.title = row.text("Title");
    patch.classification = row.text("Classification");
    patch.severity = row.text("PatchSeverity");
    let installed = row.instant("InstalledTime")?;
    patch.installed_time = installed.unwrap_or(Timestamp::UNIX_EPOCH);
    patch.cve_ids = row.optional("CVEIds").map(str::to_owned);
    Ok(Some(patch))
}
