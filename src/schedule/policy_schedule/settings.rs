//! What a patch policy cannot say, and which mechanism can.

use jiff::Timestamp;

use super::PolicySchedule;
use super::run_settings::RunSettings;
use crate::error::Violations;
use crate::schedule::ScheduleMechanism::{self, Association, MaintenanceWindow, PatchPolicy};
use crate::schedule::association::{AssociationComplianceSeverity, AssociationSyncCompliance};
use crate::schedule::window::MaintenanceWindowTaskCutoffBehavior;

#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) time_zone: Option<String>,
    pub(super) scan_offset: Option<u8>,
    pub(super) install_offset: Option<u8>,
    pub(super) starting: Option<Timestamp>,
    pub(super) ending: Option<Timestamp>,
    pub(super) duration: Option<u8>,
    pub(super) cutoff: Option<u8>,
    pub(super) cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
    pub(super) service_role: Option<String>,
    pub(super) priority: Option<u32>,
    pub(super) compliance_severity: Option<AssociationComplianceSeverity>,
    pub(super) sync_compliance: Option<AssociationSyncCompliance>,
    pub(super) calendars: Vec<String>,
    pub(super) run: RunSettings,
}

/// A setting that was made, and who can have it.
struct Given {
    field: &'static str,
    value: String,
    by: &'static [ScheduleMechanism],
}

fn given(
    field: &'static str,
    value: Option<impl ToString>,
    by: &'static [ScheduleMechanism],
) -> Option<Given> {
    let value = value?.to_string();
    Some(Given { field, value, by })
}

impl PolicySchedule {
    /// Records each setting that this mechanism cannot have, with those that can.
    pub(super) fn refuse_foreign(&self, mechanism: ScheduleMechanism, found: &mut Violations) {
        for setting in self.given() {
            if !setting.by.contains(&mechanism) {
                let able: Vec<_> = setting.by.iter().map(ToString::to_string).collect();
                let legal = format!("not in {mechanism}; {} takes it", able.join(" or "));
                found.push(setting.field, setting.value, legal);
            }
        }
    }

    /// Every setting that not all mechanisms can have, as far as it was made.
    fn given(&self) -> impl Iterator<Item = Given> {
        const WINDOW: &[ScheduleMechanism] = &[MaintenanceWindow];
        const ASSOCIATION: &[ScheduleMechanism] = &[Association];
        const POLICY: &[ScheduleMechanism] = &[PatchPolicy];
        const NO_POLICY: &[ScheduleMechanism] = &[MaintenanceWindow, Association];
        const NO_WINDOW: &[ScheduleMechanism] = &[PatchPolicy, Association];
        let (policy, own, run) = (&self.policy, &self.settings, &self.settings.run);
        let at_once = |waits: bool| (!waits).then_some("at once");
        let list = |names: Vec<&str>| (!names.is_empty()).then(|| names.join(", "));
        let baselines = policy.baselines.keys().map(String::as_str).collect();
        let parameters = policy.other_parameters.keys().map(String::as_str).collect();
        let calendars = own.calendars.iter().map(String::as_str).collect();
        [
            given("ScheduleTimezone", own.time_zone.as_ref(), WINDOW),
            given("ScheduleOffset of the scan", own.scan_offset, NO_POLICY),
            given(
                "ScheduleOffset of the install",
                own.install_offset,
                NO_POLICY,
            ),
            given("StartDate", own.starting, WINDOW),
            given("EndDate", own.ending, WINDOW),
            given("Duration", own.duration, NO_POLICY),
            given("Cutoff", own.cutoff, WINDOW),
            given("CutoffBehavior", own.cutoff_behavior.as_ref(), WINDOW),
            given("ServiceRoleArn", own.service_role.as_ref(), WINDOW),
            given("Priority", own.priority, WINDOW),
            given("scan", at_once(policy.scan_next_interval), NO_WINDOW),
            given("install", at_once(policy.install_next_interval), NO_WINDOW),
            given(
                "ComplianceSeverity",
                own.compliance_severity.as_ref(),
                ASSOCIATION,
            ),
            given("SyncCompliance", own.sync_compliance.as_ref(), ASSOCIATION),
            given("CalendarNames", list(calendars), ASSOCIATION),
            given("SelectedPatchBaselines", list(baselines), POLICY),
            given("Parameters of Quick Setup", list(parameters), POLICY),
            given("hooks", run.hooks.as_ref().map(|_| "given"), NO_POLICY),
            // URLs may be presigned, so they are not quoted.
            given(
                "InstallOverrideList",
                run.install_override_list.as_ref().map(|_| "given"),
                NO_POLICY,
            ),
            given(
                "BaselineOverride",
                run.baseline_override.as_ref().map(|_| "given"),
                NO_POLICY,
            ),
            given("TimeoutSeconds", run.timeout_seconds, WINDOW),
            given(
                "CloudWatchOutputConfig",
                run.cloud_watch_log_group.as_ref(),
                WINDOW,
            ),
        ]
        .into_iter()
        .flatten()
    }
}
