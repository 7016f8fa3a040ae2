//! The settings that only some mechanisms have, and those mechanisms.

use jiff::Timestamp;

use super::PolicySchedule;
use super::run_settings::{NOTIFICATION_ROLE, RunSettings};
use crate::error::Violations;
use crate::schedule::ScheduleMechanism::{self, Association, MaintenanceWindow, PatchPolicy};
use crate::schedule::association::{AssociationComplianceSeverity, AssociationSyncCompliance};
use crate::schedule::window::MaintenanceWindowTaskCutoffBehavior;
use crate::types::{OrganizationalUnitId, Target};

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
    /// Further targets, which a node must match too.
    pub(super) targets: Vec<Target>,
    pub(super) run: RunSettings,
}

/// Only a patch policy names its baselines; elsewhere each node has that of its patch group.
const BASELINES: &str = "SelectedPatchBaselines";

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
const SETTINGS: [Setting; 28] = [
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
    (BASELINES, |own| list(own.policy.baselines.keys()), POLICY),
    ("Parameters of Quick Setup", |own| list(own.policy.other_parameters.keys()), POLICY),
    ("TargetOrganizationalUnits", |own| list(own.policy.organizational_units.iter().map(OrganizationalUnitId::as_str)), POLICY),
    ("TargetRegions", |own| list(own.policy.regions.iter()), POLICY),
    ("Local roles", |own| text(&own.policy.local_deployment_administration_role_arn), POLICY),
    ("Targets", |own| list(own.settings.targets.iter().map(|target| &target.key)), NO_POLICY),
    ("hooks", |own| given(&own.settings.run.hooks), NO_POLICY),
    ("InstallOverrideList", |own| given(&own.settings.run.install_override_list), NO_POLICY),
    ("BaselineOverride", |own| given(&own.settings.run.baseline_override), NO_POLICY),
    ("TimeoutSeconds", |own| text(&own.settings.run.timeout_seconds), WINDOW),
    ("NotificationConfig", |own| own.settings.run.topic(), WINDOW),
    (NOTIFICATION_ROLE, |own| text(&own.settings.run.notification_role), WINDOW),
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

fn list<'a, T: AsRef<str> + ?Sized + 'a>(names: impl Iterator<Item = &'a T>) -> Option<String> {
    let names: Vec<&str> = names.map(AsRef::as_ref).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

impl PolicySchedule {
    /// Records each setting that this mechanism does not have, with the mechanisms that have it.
    pub(super) fn refuse_foreign(&self, mechanism: ScheduleMechanism, found: &mut Violations) {
        for (field, value, by) in SETTINGS {
            let foreign = !by.contains(&mechanism);
            if let Some(value) = value(self).filter(|_| foreign) {
                let able: Vec<_> = by.iter().map(ToString::to_string).collect();
                let mut legal = format!("not in {mechanism}; {} takes it", able.join(" or "));
                if field == BASELINES {
                    legal.push_str(
                        "; here a node has the baseline that is bound to its patch group",
                    );
                }
                found.push(field, value, legal);
            }
        }
    }
}

/// Settings that only some mechanisms have: zones, offsets, windows, calendars.
impl PolicySchedule {
    /// Reads the schedules in this IANA time zone, such as `Europe/Berlin`; in UTC if not set.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    ///
    /// let schedule = PolicySchedule::daily_scan_weekly_install("production")
    ///     .targets(PolicyTargets::Tag(Tag::new("Role", "web")));
    /// schedule.clone().time_zone("Europe/Berlin").maintenance_windows()?;
    /// assert!(schedule.time_zone("Europe/Atlantis").maintenance_windows().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.settings.time_zone = Some(name.into());
        self
    }

    /// Scans this many days after each date of its cron schedule, 1 to 6.
    pub fn scan_offset_days(mut self, days: u8) -> Self {
        self.settings.scan_offset = Some(days);
        self
    }

    /// Installs this many days after each date of its cron schedule, 1 to 6, such as 3 days after
    /// Patch Tuesday.
    pub fn install_offset_days(mut self, days: u8) -> Self {
        self.settings.install_offset = Some(days);
        self
    }

    /// A further target: a tag with one of several values, or tag keys with any value. Call it once for
    /// each; a node must match all of them, and the tag of [`targets`](Self::targets) if there is one.
    ///
    /// At most 5 with that tag, each with 1 to 50 values, by `tag:KEY` or `tag-key`. Windows and
    /// associations take it; a patch policy takes one tag only.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::types::Target;
    ///
    /// let schedule = PolicySchedule::quick_setup_default("web")
    ///     .target(Target::tag("Environment", ["production", "staging"]))
    ///     .target(Target::tag_key(["Patch Group"]));
    /// let associations = schedule.associations()?;
    /// assert_eq!(associations[0].targets.as_ref().map(Vec::len), Some(2));
    /// assert!(schedule.patch_policy().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn target(mut self, target: Target) -> Self {
        self.settings.targets.push(target);
        self
    }

    /// Runs at this instant at the earliest.
    ///
    /// Must be before [`ending`](Self::ending); at once if not set.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    ///
    /// let first_half = PolicySchedule::daily_scan_weekly_install("production")
    ///     .targets(PolicyTargets::Tag(Tag::new("Role", "web")))
    ///     .starting("2026-01-01T00:00:00Z".parse()?)
    ///     .ending("2026-07-01T00:00:00Z".parse()?);
    /// assert_eq!(first_half.maintenance_windows()?.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn starting(mut self, instant: Timestamp) -> Self {
        self.settings.starting = Some(instant);
        self
    }

    /// Runs before this instant only.
    ///
    /// Never if not set.
    pub fn ending(mut self, instant: Timestamp) -> Self {
        self.settings.ending = Some(instant);
        self
    }

    /// How long a maintenance window is open, or an association may run: 1 to 24 hours.
    ///
    /// A window is open for 3 hours if not set, and an association runs without a bound.
    pub fn duration_hours(mut self, hours: u8) -> Self {
        self.settings.duration = Some(hours);
        self
    }

    /// How many hours before the window's end nothing new starts: 0 to 23, and less than the
    /// window's duration. If not set: 1, or 0 in a window of one hour.
    pub fn cutoff_hours(mut self, hours: u8) -> Self {
        self.settings.cutoff = Some(hours);
        self
    }

    /// What happens to a run that is under way at the cutoff; it continues if not set.
    pub fn cutoff_behavior(mut self, behavior: MaintenanceWindowTaskCutoffBehavior) -> Self {
        self.settings.cutoff_behavior = Some(behavior);
        self
    }

    /// The ARN of the role that a window's tasks run with; the service-linked role if not set.
    pub fn service_role(mut self, arn: impl Into<String>) -> Self {
        self.settings.service_role = Some(arn.into());
        self
    }

    /// The priority of a window's tasks; lower runs earlier. 1 if not set.
    pub fn priority(mut self, priority: u32) -> Self {
        self.settings.priority = Some(priority);
        self
    }

    /// How severe noncompliance with an association is.
    ///
    /// The service's default is `UNSPECIFIED`.
    pub fn compliance_severity(mut self, severity: AssociationComplianceSeverity) -> Self {
        self.settings.compliance_severity = Some(severity);
        self
    }

    /// What decides whether a node complies with an association.
    ///
    /// The service's default is `AUTO`.
    pub fn sync_compliance(mut self, sync: AssociationSyncCompliance) -> Self {
        self.settings.sync_compliance = Some(sync);
        self
    }

    /// A change calendar that must be open for an association to run, by name or ARN. Call it once
    /// for each calendar.
    pub fn calendar(mut self, name: impl Into<String>) -> Self {
        self.settings.calendars.push(name.into());
        self
    }
}
