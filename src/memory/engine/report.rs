use std::sync::Arc;

use jiff::Timestamp;

use super::finding::Finding;
use super::install::Task;
use crate::baseline::PatchBaseline;
use crate::compliance::{ComplianceExecutionSummary, InstancePatchState, PatchState};
use crate::group::PatchGroup;
use crate::types::{ComplianceStatus, NodeId, PatchComplianceLevel, SnapshotId};

/// What the last operation on a node reported. Each operation replaces it.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) state: InstancePatchState,
    pub(crate) baseline: Arc<PatchBaseline>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) execution: ComplianceExecutionSummary,
}

/// The circumstances of an operation.
pub(super) struct Summary<'a> {
    pub(super) node: &'a NodeId,
    pub(super) group: &'a PatchGroup,
    pub(super) snapshot: &'a SnapshotId,
    pub(super) task: &'a Task,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) last_no_reboot: Option<Timestamp>,
}

impl Report {
    pub(super) fn new(
        summary: Summary<'_>,
        baseline: Arc<PatchBaseline>,
        findings: Vec<Finding>,
        execution: ComplianceExecutionSummary,
    ) -> Self {
        let mut state = InstancePatchState::new(
            summary.node,
            summary.group.clone(),
            baseline.baseline_id.clone(),
            summary.task.operation.clone(),
            summary.started,
            summary.ended,
        );
        state.snapshot_id = Some(summary.snapshot.clone());
        state.last_no_reboot_install_operation_time = summary.last_no_reboot;
        // A scan reboots nothing, but reports the option all the same, as recorded answers show.
        state.reboot_option = Some(summary.task.reboot.clone());
        count_states(&mut state, &findings);
        count_offences(&mut state, &findings, &baseline);
        Self {
            state,
            baseline,
            findings,
            execution,
        }
    }

    pub(crate) fn status_of(&self, finding: &Finding) -> ComplianceStatus {
        finding.status(&self.baseline)
    }

    /// The node as a whole.
    pub(crate) fn status(&self) -> ComplianceStatus {
        let offends = |finding: &Finding| self.status_of(finding) == ComplianceStatus::NonCompliant;
        if self.findings.iter().any(offends) {
            ComplianceStatus::NonCompliant
        } else {
            ComplianceStatus::Compliant
        }
    }
}

fn count_states(state: &mut InstancePatchState, findings: &[Finding]) {
    let count = |wanted: PatchState| {
        let found = findings
            .iter()
            .filter(|finding| finding.data.state == wanted);
        u32::try_from(found.count()).unwrap_or(u32::MAX)
    };
    state.installed_count = count(PatchState::Installed);
    state.installed_other_count = count(PatchState::InstalledOther);
    state.installed_pending_reboot_count = Some(count(PatchState::InstalledPendingReboot));
    state.installed_rejected_count = Some(count(PatchState::InstalledRejected));
    state.missing_count = count(PatchState::Missing);
    state.failed_count = count(PatchState::Failed);
    state.not_applicable_count = count(PatchState::NotApplicable);
    state.unreported_not_applicable_count = Some(0);
    state.available_security_update_count = Some(count(PatchState::AvailableSecurityUpdate));
}

/// A finding that does not comply counts as critical by its level, as security by its
/// classification, both at once if need be, and as other if it is neither.
fn count_offences(state: &mut InstancePatchState, findings: &[Finding], baseline: &PatchBaseline) {
    let (mut critical, mut security, mut other) = (0, 0, 0);
    for finding in findings {
        if finding.status(baseline) != ComplianceStatus::NonCompliant {
            continue;
        }
        let is_critical = finding.level == PatchComplianceLevel::Critical;
        let is_security = finding.data.classification.eq_ignore_ascii_case("Security")
            || finding.data.classification == "SecurityUpdates";
        critical += u32::from(is_critical);
        security += u32::from(is_security);
        other += u32::from(!is_critical && !is_security);
    }
    state.critical_non_compliant_count = Some(critical);
    state.security_non_compliant_count = Some(security);
    state.other_non_compliant_count = Some(other);
}
