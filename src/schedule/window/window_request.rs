use crate::types::{Tag, WindowId, shape};

shape! {
    /// The input of CreateMaintenanceWindow.
    ///
    /// Name, schedule, duration, cutoff and whether unassociated targets are allowed must be there.
    /// The description is sensitive in the service's model.
    pub struct CreateMaintenanceWindow {
        /// The name, 3 to 128 letters, digits, `_`, `-` or `.`. Several windows may share it.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// From when it is active, as ISO 8601 with an offset of its own.
        pub start_date: Option<String>,
        /// Until when it is active, as ISO 8601 with an offset of its own.
        pub end_date: Option<String>,
        /// When it opens: `cron(…)`, `rate(…)` or `at(…)`, at most 256 characters.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule; UTC where absent.
        pub schedule_timezone: Option<String>,
        /// By how many days a cron date is put off, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no task starts any more, 0 to 23 and less than the duration.
        pub cutoff: Option<u8>,
        /// Whether tasks may run on nodes that are not registered as targets.
        pub allow_unassociated_targets: Option<bool>,
        /// Makes a repeated call lead to the first one's window; 1 to 64 characters.
        pub client_token: Option<String>,
        /// The window's tags.
        pub tags: Option<Vec<Tag>>,
    }
}

impl CreateMaintenanceWindow {
    /// A window of this name that opens by this schedule for so many hours, whose tasks start no
    /// later than `cutoff` hours before its end and run on registered targets only.
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

shape! {
    /// The input of UpdateMaintenanceWindow: what is left out stays as it is, unless `replace` is set.
    ///
    /// The description is sensitive in the service's model.
    pub struct UpdateMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
        /// From when it is active, as ISO 8601 with an offset of its own.
        pub start_date: Option<String>,
        /// Until when it is active, as ISO 8601 with an offset of its own.
        pub end_date: Option<String>,
        /// When it opens: `cron(…)`, `rate(…)` or `at(…)`.
        pub schedule: Option<String>,
        /// The IANA time zone of the schedule.
        pub schedule_timezone: Option<String>,
        /// By how many days a cron date is put off, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How long it is open, 1 to 24 hours.
        pub duration: Option<u8>,
        /// How many hours before the end no task starts any more, 0 to 23.
        pub cutoff: Option<u8>,
        /// Whether tasks may run on nodes that are not registered as targets.
        pub allow_unassociated_targets: Option<bool>,
        /// Whether it opens at all.
        pub enabled: Option<bool>,
        /// Whether what is left out is cleared; then all that a window needs must be given.
        pub replace: Option<bool>,
    }
}

impl UpdateMaintenanceWindow {
    /// A change of this window that leaves all as it is; set what is to be different.
    pub fn new(window: impl Into<WindowId>) -> Self {
        Self {
            window_id: Some(window.into()),
            ..Self::default()
        }
    }
}
