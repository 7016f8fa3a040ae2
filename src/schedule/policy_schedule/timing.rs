use jiff::Timestamp;

use super::PolicySchedule;
use crate::schedule::association::{AssociationComplianceSeverity, AssociationSyncCompliance};
use crate::schedule::window::MaintenanceWindowTaskCutoffBehavior;

/// What not every mechanism can have: zones, offsets, windows, calendars.
impl PolicySchedule {
    /// Reads the schedules in this IANA time zone, such as `Europe/Berlin`; in UTC where not said.
    pub fn time_zone(mut self, name: impl Into<String>) -> Self {
        self.settings.time_zone = Some(name.into());
        self
    }

    /// Scans so many days after each date of its cron schedule, 1 to 6.
    pub fn scan_offset_days(mut self, days: u8) -> Self {
        self.settings.scan_offset = Some(days);
        self
    }

    /// Installs so many days after each date of its cron schedule, 1 to 6: such as 3 days after
    /// Patch Tuesday.
    pub fn install_offset_days(mut self, days: u8) -> Self {
        self.settings.install_offset = Some(days);
        self
    }

    /// Does nothing before this instant.
    pub fn starting(mut self, instant: Timestamp) -> Self {
        self.settings.starting = Some(instant);
        self
    }

    /// Does nothing after this instant.
    pub fn ending(mut self, instant: Timestamp) -> Self {
        self.settings.ending = Some(instant);
        self
    }

    /// How long a maintenance window is open, or an association may run: 1 to 24 hours.
    pub fn duration_hours(mut self, hours: u8) -> Self {
        self.settings.duration = Some(hours);
        self
    }

    /// How many hours before the window's end nothing starts any more, 0 to 23 and fewer than the
    /// window has; 1 where not said, or 0 in a window of one hour.
    pub fn cutoff_hours(mut self, hours: u8) -> Self {
        self.settings.cutoff = Some(hours);
        self
    }

    /// What becomes of a run that goes on at the cutoff; it continues where not said.
    pub fn cutoff_behavior(mut self, behavior: MaintenanceWindowTaskCutoffBehavior) -> Self {
        self.settings.cutoff_behavior = Some(behavior);
        self
    }

    /// The ARN of the role that a window's tasks run with; the service-linked role where not said.
    pub fn service_role(mut self, arn: impl Into<String>) -> Self {
        self.settings.service_role = Some(arn.into());
        self
    }

    /// The priority of a window's tasks, the lower the earlier; 1 where not said.
    pub fn priority(mut self, priority: u32) -> Self {
        self.settings.priority = Some(priority);
        self
    }

    /// How severe it is when an association is not complied with.
    pub fn compliance_severity(mut self, severity: AssociationComplianceSeverity) -> Self {
        self.settings.compliance_severity = Some(severity);
        self
    }

    /// What settles whether a node complies with an association.
    pub fn sync_compliance(mut self, sync: AssociationSyncCompliance) -> Self {
        self.settings.sync_compliance = Some(sync);
        self
    }

    /// A change calendar that must be open for an association to run, by name or ARN; call it for each.
    pub fn calendar(mut self, name: impl Into<String>) -> Self {
        self.settings.calendars.push(name.into());
        self
    }
}
