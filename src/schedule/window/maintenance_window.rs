//! Maintenance windows and their targets, and the plain data of a window with all its parts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RegisterTaskWithMaintenanceWindow;
use crate::error::Violations;
use crate::types::{
    Tag, Target, WindowId, WindowTargetId, settings, shape, string_enum, timestamp,
};

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
        pub [sensitive] client_token: Option<String>,
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

/// Records hours that the service refuses (SSM model, `MaintenanceWindowDurationHours` and
/// `MaintenanceWindowCutoff`). Absent ones pass. `path` stands before the names of the members.
pub(crate) fn check_hours(
    path: &str,
    duration: Option<u8>,
    cutoff: Option<u8>,
    found: &mut Violations,
) {
    let is_duration = |hours: &u8| (1..=24).contains(hours);
    if let Some(duration) = duration {
        let field = format!("{path}Duration");
        found.require(is_duration(&duration), field, duration, "hours, 1 to 24");
    }
    let Some(cutoff) = cutoff else { return };
    // A cutoff is compared with a duration only if that is legal.
    let (most, legal) = match duration.filter(is_duration) {
        Some(hours) => (
            hours.saturating_sub(1),
            format!("hours, less than the {hours} of Duration"),
        ),
        None => (23, "hours, 0 to 23, and less than Duration".to_owned()),
    };
    found.require(cutoff <= most, format!("{path}Cutoff"), cutoff, legal);
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

string_enum! {
    /// The type of a maintenance window's targets.
    pub enum MaintenanceWindowResourceType {
        /// Nodes.
        Instance = "INSTANCE",
        /// Resource groups.
        ResourceGroup = "RESOURCE_GROUP",
    }
}

settings! {
    /// The settings of a maintenance window's target, the same when it is registered, changed or
    /// described.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct MaintenanceWindowTargetSettings {
        /// The nodes or groups: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// Text that the service puts in the events of its tasks, 1 to 128 characters.
        pub [sensitive] owner_information: Option<String>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
    }

    /// The input of RegisterTargetWithMaintenanceWindow.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct RegisterTargetWithMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The type of the targets.
        pub resource_type: Option<MaintenanceWindowResourceType>,
        /// A repeated call with the same token returns the first call's target; 1 to 64 characters.
        pub [sensitive] client_token: Option<String>,
    }

    /// The input of UpdateMaintenanceWindowTarget: absent members stay as they are, unless
    /// `replace` is set.
    ///
    /// Description and owner information are sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// Whether absent members are cleared; all required members must then be set.
        pub replace: Option<bool>,
    }

    /// A target registered with a maintenance window, as DescribeMaintenanceWindowTargets lists it.
    ///
    /// RegisterTargetWithMaintenanceWindow and DeregisterTargetFromMaintenanceWindow return the ids
    /// only, UpdateMaintenanceWindowTarget all but the resource type. Description and owner
    /// information are sensitive in the service's model.
    pub struct MaintenanceWindowTarget {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The target's own id.
        pub window_target_id: Option<WindowTargetId>,
        /// The type of the targets.
        pub resource_type: Option<MaintenanceWindowResourceType>,
    }
}

impl RegisterTargetWithMaintenanceWindow {
    /// Registers these nodes with this window.
    pub fn nodes(window: impl Into<WindowId>, targets: Vec<Target>) -> Self {
        Self {
            window_id: Some(window.into()),
            resource_type: Some(MaintenanceWindowResourceType::Instance),
            targets: Some(targets),
            ..Self::default()
        }
    }
}

impl UpdateMaintenanceWindowTarget {
    /// A change of this target that changes nothing yet; set the members to change.
    pub fn new(window: impl Into<WindowId>, target: impl Into<WindowTargetId>) -> Self {
        Self {
            window_id: Some(window.into()),
            window_target_id: Some(target.into()),
            ..Self::default()
        }
    }
}

/// A maintenance window with its targets and tasks, as plain data.
///
/// [`PolicySchedule::maintenance_windows`](crate::PolicySchedule::maintenance_windows) builds it,
/// and [`PatchManager::ensure_maintenance_window`](crate::PatchManager::ensure_maintenance_window)
/// creates or updates it. Names identify the window, its targets and its tasks, so each needs one.
/// The window's id is absent until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchWindow {
    /// The window.
    pub window: CreateMaintenanceWindow,
    /// Its targets.
    #[serde(default)]
    pub targets: Vec<RegisterTargetWithMaintenanceWindow>,
    /// Its tasks.
    #[serde(default)]
    pub tasks: Vec<PatchWindowTask>,
}

/// A task of a [`PatchWindow`], and the names of the targets that it runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchWindowTask {
    /// The task; its own targets, if any, come after the registered ones.
    pub task: RegisterTaskWithMaintenanceWindow,
    /// The names of the window's targets that it runs on, at most 10.
    #[serde(default)]
    pub target_names: Vec<String>,
}

impl PatchWindow {
    /// A window without targets and tasks.
    pub fn new(window: CreateMaintenanceWindow) -> Self {
        Self {
            window,
            targets: Vec::new(),
            tasks: Vec::new(),
        }
    }

    /// The window's name; empty if it has none.
    pub fn name(&self) -> &str {
        self.window.name.as_deref().unwrap_or_default()
    }
}

impl PatchWindowTask {
    /// This task on the targets of these names.
    pub fn new<I>(task: RegisterTaskWithMaintenanceWindow, target_names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            task,
            target_names: target_names.into_iter().map(Into::into).collect(),
        }
    }
}
