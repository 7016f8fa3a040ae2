use serde::{Deserialize, Serialize};

use super::{
    CreateMaintenanceWindow, RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};

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
