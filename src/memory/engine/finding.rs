use jiff::Timestamp;

use crate::baseline::PatchBaseline;
use crate::compliance::{PatchComplianceData, PatchState};
use crate::memory::store::fleet_file::InstalledPackage;
use crate::types::{ComplianceStatus, Patch, PatchComplianceLevel};

/// What a scan says of one patch on one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The patch as DescribeInstancePatches lists it.
    pub(crate) data: PatchComplianceData,
    /// The level that the baseline gives it.
    pub(crate) level: PatchComplianceLevel,
    /// Why it failed.
    pub(crate) reason: Option<String>,
    /// What has to be installed where it is missing.
    pub(super) remedy: Option<InstalledPackage>,
}

impl Finding {
    /// A patch of the catalogue in this state.
    pub(super) fn of(patch: &Patch, state: PatchState) -> Self {
        let mut finding = Self::unknown(patch.kb_id(), state);
        finding.data.title = patch.title.clone().unwrap_or_default();
        finding.data.classification = patch.classification.clone().unwrap_or_default();
        finding.data.severity = patch.vendor_severity().to_owned();
        finding
    }

    /// A patch of which no more is known than its id.
    pub(super) fn unknown(kb_id: impl Into<String>, state: PatchState) -> Self {
        Self {
            data: PatchComplianceData::new(kb_id, state),
            level: PatchComplianceLevel::Unspecified,
            reason: None,
            remedy: None,
        }
    }

    pub(super) fn at_level(mut self, level: PatchComplianceLevel) -> Self {
        self.level = level;
        self
    }

    pub(super) fn installed_at(mut self, installed: Option<Timestamp>) -> Self {
        self.data.installed_time = installed.unwrap_or(Timestamp::UNIX_EPOCH);
        self
    }

    pub(super) fn cured_by(mut self, package: InstalledPackage) -> Self {
        self.remedy = Some(package);
        self
    }

    /// Whether it complies, which for available security updates the baseline decides.
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
