use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::read;
use crate::schedule::window::MaintenanceWindowExecutionStatus;
use crate::types::{
    Redacted, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId, string_enum,
};

string_enum! {
    /// Whether a maintenance window opens by its schedule.
    pub enum WindowState {
        /// It does.
        Enabled = "ENABLED",
        /// It does not.
        Disabled = "DISABLED",
    }
}

string_enum! {
    /// What became of a target or a task of a maintenance window.
    pub enum WindowRegistration {
        /// It was registered.
        Registered = "REGISTERED",
        /// It was deregistered.
        Deregistered = "DEREGISTERED",
        /// It was changed.
        Updated = "UPDATED",
    }
}

/// A maintenance window that was enabled or disabled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowStateChange {
    /// The window.
    pub window_id: WindowId,
    /// Its new state.
    pub status: WindowState,
}

/// A target of a maintenance window that was registered, changed or deregistered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowTargetRegistration {
    /// The window.
    pub window_id: WindowId,
    /// The target.
    pub window_target_id: WindowTargetId,
    /// What became of it.
    pub status: WindowRegistration,
}

/// A task of a maintenance window that was registered, changed or deregistered.
///
/// The User Guide has no example of it: the names of its members are those of the other events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowTaskRegistration {
    /// The window.
    #[serde(default)]
    pub window_id: Option<WindowId>,
    /// The task.
    #[serde(default)]
    pub window_task_id: Option<WindowTaskId>,
    /// What became of it.
    pub status: WindowRegistration,
}

/// A run of a maintenance window whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowExecutionStateChange {
    /// The window.
    pub window_id: WindowId,
    /// The run.
    pub window_execution_id: WindowExecutionId,
    /// Its new status.
    pub status: MaintenanceWindowExecutionStatus,
    /// When it started.
    #[serde(default, deserialize_with = "read::instant")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "read::instant")]
    pub end_time: Option<Timestamp>,
}

/// A task in a run of a maintenance window whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowTaskExecutionStateChange {
    /// The window.
    pub window_id: WindowId,
    /// The run.
    pub window_execution_id: WindowExecutionId,
    /// The task in the run.
    pub task_execution_id: String,
    /// Its new status.
    pub status: MaintenanceWindowExecutionStatus,
    /// When it started.
    #[serde(default, deserialize_with = "read::instant")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "read::instant")]
    pub end_time: Option<Timestamp>,
}

/// A task in a run of a maintenance window whose status on one target changed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct WindowTaskTargetInvocationStateChange {
    /// The window.
    pub window_id: WindowId,
    /// The run.
    pub window_execution_id: WindowExecutionId,
    /// The task in the run.
    pub task_execution_id: String,
    /// The target, if it is registered.
    #[serde(default)]
    pub window_target_id: Option<WindowTargetId>,
    /// The owner information of the target. `Debug` does not show it.
    #[serde(default)]
    pub owner_information: Option<String>,
    /// The new status. A task of another type than Run Command is `IN_PROGRESS` and then `COMPLETE`,
    /// even after a failure.
    pub status: MaintenanceWindowExecutionStatus,
    /// When it started.
    #[serde(default, deserialize_with = "read::instant")]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "read::instant")]
    pub end_time: Option<Timestamp>,
}

impl fmt::Debug for WindowTaskTargetInvocationStateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner_information = self.owner_information.as_ref().map(|_| Redacted);
        f.debug_struct("WindowTaskTargetInvocationStateChange")
            .field("window_id", &self.window_id)
            .field("window_execution_id", &self.window_execution_id)
            .field("task_execution_id", &self.task_execution_id)
            .field("window_target_id", &self.window_target_id)
            .field("owner_information", &owner_information)
            .field("status", &self.status)
            .field("start_time", &self.start_time)
            .field("end_time", &self.end_time)
            .finish()
    }
}
