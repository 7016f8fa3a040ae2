use jiff::Timestamp;

use crate::types::{Tag, WindowId, settings, shape, timestamp};

settings! {
    /// The settings of a maintenance window, the same when it is created, changed or described.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowSettings {
        /// The name, 3 to 128 letters, digits, `_`, `-` or `.`. Several windows may share it.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// The instant from which it is active, in ISO 8601 with its own offset.
        pub start_date: Option<String>,
        /// The instant until which it is active, in ISO 8601 with its own offset.
        pub end_date: Option<String>,
        /// When it opens: `cron(…)`, `rate(…)` or `at(…)`, at most 256 characters.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule; UTC if absent.
        pub schedule_timezone: Option<String>,
        /// How many days after each cron date it opens, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no new task starts: 0 to 23, and less than the duration.
        pub cutoff: Option<u8>,
        /// Whether tasks may run on nodes that are not registered as targets.
        pub allow_unassociated_targets: Option<bool>,
    }

    /// The input of CreateMaintenanceWindow.
    ///
    /// Name, schedule, duration, cutoff and `allow_unassociated_targets` are required. The
    /// description is sensitive in the service's model.
    pub struct CreateMaintenanceWindow {
        /// A repeated call with the same token returns the first call's window; 1 to 64 characters.
        pub client_token: Option<String>,
        /// The window's tags.
        pub tags: Option<Vec<Tag>>,
    }

    /// The input of UpdateMaintenanceWindow: absent members stay as they are, unless `replace` is
    /// set.
    ///
    /// The description is sensitive in the service's model.
    pub struct UpdateMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// Whether it is enabled.
        pub enabled: Option<bool>,
        /// Whether absent members are cleared; all required members must then be set.
        pub replace: Option<bool>,
    }

    /// A maintenance window, as GetMaintenanceWindow and UpdateMaintenanceWindow describe it.
    ///
    /// CreateMaintenanceWindow and DeleteMaintenanceWindow return the id only. The description is
    /// sensitive in the service's model.
    pub struct MaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// When it opens next.
        #[serde(with = "timestamp::option")]
        pub next_execution_time: Option<Timestamp>,
        /// Whether it is enabled.
        pub enabled: Option<bool>,
        /// When it was created.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// When it was last changed.
        #[serde(with = "timestamp::option")]
        pub modified_date: Option<Timestamp>,
    }
}

impl CreateMaintenanceWindow {
    /// A window of this name that opens by this schedule for `duration` hours. Its tasks start no
    /// later than `cutoff` hours before its end, and run on registered targets only.
    pub fn new(
        name: impl Into<String>,
        schedule: impl Into<String>,
        duration: u8,
        cutoff: u8,
    ) -> Self {
        Self {
            name: Some(name.into()),
            schedule: Some(schedule.into()),
            duration: Some(duration),
            cutoff: Some(cutoff),
            allow_unassociated_targets: Some(false),
            ..Self::default()
        }
    }
}

impl UpdateMaintenanceWindow {
    /// A change of this window that changes nothing yet; set the members to change.
    pub fn new(window: impl Into<WindowId>) -> Self {
        Self {
            window_id: Some(window.into()),
            ..Self::default()
        }
    }
}

shape! {
    /// A maintenance window, as DescribeMaintenanceWindows lists it.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowIdentity {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
        /// Whether it is enabled.
        pub enabled: Option<bool>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no new task starts.
        pub cutoff: Option<u8>,
        /// When it opens.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule; UTC if absent.
        pub schedule_timezone: Option<String>,
        /// How many days after each cron date it opens.
        pub schedule_offset: Option<u8>,
        /// The instant until which it is active, in ISO 8601 with its own offset.
        pub end_date: Option<String>,
        /// The instant from which it is active, in ISO 8601 with its own offset.
        pub start_date: Option<String>,
        /// When it opens next.
        #[serde(with = "timestamp::option")]
        pub next_execution_time: Option<Timestamp>,
    }
}

shape! {
    /// A maintenance window that covers a node, as DescribeMaintenanceWindowsForTarget lists it.
    pub struct MaintenanceWindowIdentityForTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The name.
        pub name: Option<String>,
    }
}

shape! {
    /// A time at which a window opens, as DescribeMaintenanceWindowSchedule lists it.
    pub struct ScheduledWindowExecution {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The window's name.
        pub name: Option<String>,
        /// When it opens.
        #[serde(with = "timestamp::option")]
        pub execution_time: Option<Timestamp>,
    }
}
