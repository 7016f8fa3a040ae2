use jiff::Timestamp;

use crate::types::{WindowId, shape, timestamp};

shape! {
    /// A maintenance window, as GetMaintenanceWindow and UpdateMaintenanceWindow describe it.
    ///
    /// CreateMaintenanceWindow and DeleteMaintenanceWindow answer with the id alone. The
    /// description is sensitive in the service's model.
    pub struct MaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The name, 3 to 128 letters, digits, `_`, `-` or `.`.
        pub name: Option<String>,
        /// The description, at most 128 characters.
        pub [sensitive] description: Option<String>,
        /// From when it is active, as ISO 8601 with an offset of its own.
        pub start_date: Option<String>,
        /// Until when it is active, as ISO 8601 with an offset of its own.
        pub end_date: Option<String>,
        /// When it opens: `cron(…)`, `rate(…)` or `at(…)`.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule; UTC where absent.
        pub schedule_timezone: Option<String>,
        /// By how many days a cron date is put off, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// When it opens next.
        #[serde(with = "timestamp::option")]
        pub next_execution_time: Option<Timestamp>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no task starts any more, 0 to 23.
        pub cutoff: Option<u8>,
        /// Whether tasks may run on nodes that are not registered as targets.
        pub allow_unassociated_targets: Option<bool>,
        /// Whether it opens at all.
        pub enabled: Option<bool>,
        /// When it was made.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// When it was last changed.
        #[serde(with = "timestamp::option")]
        pub modified_date: Option<Timestamp>,
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
        /// Whether it opens at all.
        pub enabled: Option<bool>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no task starts any more.
        pub cutoff: Option<u8>,
        /// When it opens.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule; UTC where absent.
        pub schedule_timezone: Option<String>,
        /// By how many days a cron date is put off.
        pub schedule_offset: Option<u8>,
        /// Until when it is active, as ISO 8601 with an offset of its own.
        pub end_date: Option<String>,
        /// From when it is active, as ISO 8601 with an offset of its own.
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
