//! The settings that a patch policy does not have, and the mechanisms that have them.

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

/// A setting that only some mechanisms have: its name, its value, and those mechanisms.
type Setting = (
    &'static str,
    fn(&PolicySchedule) -> Option<String>,
    &'static [ScheduleMechanism],
);

const WINDOW: &[ScheduleMechanism] = &[MaintenanceWindow];
const ASSOCIATION: &[ScheduleMechanism] = &[Association];
const POLICY: &[ScheduleMechanism] = &[PatchPolicy];
const NO_POLICY: &[ScheduleMechanism] = &[MaintenanceWindow, Association];
const NO_WINDOW: &[ScheduleMechanism] = &[PatchPolicy, Association];

#[rustfmt::skip]
const SETTINGS: [Setting; 23] = [
    ("ScheduleTimezone", |own| text(&own.settings.time_zone), WINDOW),
    ("ScheduleOffset of the scan", |own| text(&own.settings.scan_offset), NO_POLICY),
    ("ScheduleOffset of the install", |own| text(&own.settings.install_offset), NO_POLICY),
    ("StartDate", |own| text(&own.settings.starting), WINDOW),
    ("EndDate", |own| text(&own.settings.ending), WINDOW),
    ("Duration", |own| text(&own.settings.duration), NO_POLICY),
    ("Cutoff", |own| text(&own.settings.cutoff), WINDOW),
    ("CutoffBehavior", |own| text(&own.settings.cutoff_behavior), WINDOW),
    ("ServiceRoleArn", |own| text(&own.settings.service_role), WINDOW),
    ("Priority", |own| text(&own.settings.priority), WINDOW),
    ("scan", |own| at_once(own.policy.scan_next_interval), NO_WINDOW),
    ("install", |own| at_once(own.policy.install_next_interval), NO_WINDOW),
    ("ComplianceSeverity", |own| text(&own.settings.compliance_severity), ASSOCIATION),
    ("SyncCompliance", |own| text(&own.settings.sync_compliance), ASSOCIATION),
    ("CalendarNames", |own| list(own.settings.calendars.iter()), ASSOCIATION),
    ("SelectedPatchBaselines", |own| list(own.policy.baselines.keys()), POLICY),
    ("Parameters of Quick Setup", |own| list(own.policy.other_parameters.keys()), POLICY),
    ("Local roles", |own| text(&own.policy.local_deployment_administration_role_arn), POLICY),
    ("hooks", |own| given(&own.settings.run.hooks), NO_POLICY),
    ("InstallOverrideList", |own| given(&own.settings.run.install_override_list), NO_POLICY),
    ("BaselineOverride", |own| given(&own.settings.run.baseline_override), NO_POLICY),
    ("TimeoutSeconds", |own| text(&own.settings.run.timeout_seconds), WINDOW),
    ("CloudWatchOutputConfig", |own| text(&own.settings.run.cloud_watch_log_group), WINDOW),
];

fn text(value: &Option<impl ToString>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

/// Shows only that it was set, because a URL may be presigned.
fn given<T>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(|_| "given".to_owned())
}

fn at_once(waits: bool) -> Option<String> {
    (!waits).then(|| "at once".to_owned())
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> Option<String> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

impl PolicySchedule {
    /// Records each setting that this mechanism does not have, with the mechanisms that have it.
    pub(super) fn refuse_foreign(&self, mechanism: ScheduleMechanism, found: &mut Violations) {
        for (field, value, by) in SETTINGS {
            let foreign = !by.contains(&mechanism);
            if let Some(value) = value(self).filter(|_| foreign) {
                let able: Vec<_> = by.iter().map(ToString::to_string).collect();
                let legal = format!("not in {mechanism}; {} takes it", able.join(" or "));
                found.push(field, value, legal);
            }
        }
    }
}
