//! The report of the last operation on a node.

use std::sync::Arc;

use jiff::Timestamp;

use super::fleet_file::InstalledPackage;
use crate::baseline::PatchBaseline;
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, InstancePatchState, PatchComplianceData, PatchState,
};
use crate::group::PatchGroup;
use crate::types::{
    BaselineId, ComplianceStatus, NodeId, Patch, PatchComplianceLevel, PatchOperation,
    RebootOption, SnapshotId,
};

/// The report of the last operation on a node. Each operation replaces it.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) state: InstancePatchState,
    /// Of another id than `state` has, if each operation reports an id of its own.
    pub(crate) baseline: Arc<PatchBaseline>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) execution: ComplianceExecutionSummary,
}

/// What a caller of PutComplianceItems reported of a node, of one type. The next report replaces it.
#[derive(Debug, Clone)]
pub(crate) struct CustomCompliance {
    pub(crate) items: Vec<ComplianceItem>,
    /// By which the caller says that nothing has changed.
    #[cfg(feature = "emulator")]
    pub(crate) content_hash: Option<String>,
}

/// The group, baseline and options of an operation.
pub(crate) struct Summary<'a> {
    pub(crate) node: &'a NodeId,
    pub(crate) group: &'a PatchGroup,
    pub(crate) baseline_id: &'a BaselineId,
    pub(crate) snapshot: &'a SnapshotId,
    pub(crate) install_override: Option<&'a str>,
    pub(crate) operation: &'a PatchOperation,
    pub(crate) reboot: &'a RebootOption,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) last_no_reboot: Option<Timestamp>,
}

impl Report {
    pub(crate) fn new(
        summary: Summary<'_>,
        baseline: Arc<PatchBaseline>,
        findings: Vec<Finding>,
        not_applicable: usize,
        execution: ComplianceExecutionSummary,
    ) -> Self {
        let mut state = InstancePatchState::new(
            summary.node,
            summary.group.clone(),
            summary.baseline_id.clone(),
            summary.operation.clone(),
            summary.started,
            summary.ended,
        );
        state.snapshot_id = Some(summary.snapshot.clone());
        state.install_override_list = summary.install_override.map(str::to_owned);
        state.last_no_reboot_install_operation_time = summary.last_no_reboot;
        // A scan does not reboot, but reports the option, as recorded answers show.
        state.reboot_option = Some(summary.reboot.clone());
        count_states(&mut state, &findings);
        let not_applicable = u32::try_from(not_applicable).unwrap_or(u32::MAX);
        state.not_applicable_count = state.not_applicable_count.saturating_add(not_applicable);
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

/// A non-compliant patch counts as critical by its level and as security by its classification; it
/// can be both. It counts as other if it is neither.
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

/// The result of a scan for one patch on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The patch as DescribeInstancePatches lists it.
    pub(crate) data: PatchComplianceData,
    /// The level that the baseline gives it.
    pub(crate) level: PatchComplianceLevel,
    /// Why it failed.
    pub(crate) reason: Option<String>,
    /// The package to install if it is missing.
    pub(crate) remedy: Option<Box<InstalledPackage>>,
}

impl Finding {
    /// A patch of the catalog in this state.
    pub(crate) fn of(patch: &Patch, state: PatchState) -> Self {
        let mut finding = Self::unknown(patch.kb_id(), state);
        finding.data.title = patch.title.clone().unwrap_or_default();
        finding.data.classification = patch.classification.clone().unwrap_or_default();
        finding.data.severity = patch.vendor_severity().to_owned();
        finding
    }

    /// A patch of which only the id is known.
    pub(crate) fn unknown(kb_id: impl Into<String>, state: PatchState) -> Self {
        Self {
            data: PatchComplianceData::new(kb_id, state),
            level: PatchComplianceLevel::Unspecified,
            reason: None,
            remedy: None,
        }
    }

    pub(crate) fn at_level(mut self, level: PatchComplianceLevel) -> Self {
        self.level = level;
        self
    }

    pub(crate) fn installed_at(mut self, installed: Option<Timestamp>) -> Self {
        self.data.installed_time = installed.unwrap_or(Timestamp::UNIX_EPOCH);
        self
    }

    pub(crate) fn cured_by(mut self, package: InstalledPackage) -> Self {
        self.remedy = Some(Box::new(package));
        self
    }

    /// Whether it complies; the baseline decides for available security updates.
    pub(crate) fn status(&self, baseline: &PatchBaseline) -> ComplianceStatus {
        let setting = &baseline.available_security_updates_compliance_status;
        let offends = self.data.state.is_non_compliant()
            || (self.data.state == PatchState::AvailableSecurityUpdate
                && *setting == Some(ComplianceStatus::NonCompliant));
        if offends {
            ComplianceStatus::NonCompliant
        } else {
            ComplianceStatus::Compliant
        }
    }
}
