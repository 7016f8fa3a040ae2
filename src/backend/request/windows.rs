//! The requests for maintenance windows, their targets and their tasks.

use serde::{Deserialize, Serialize};

use crate::page::PageRequest;
use crate::schedule::window::MaintenanceWindowResourceType;
use crate::types::{QueryFilter, Target, WindowId, WindowTargetId, WindowTaskId};

/// The input of GetMaintenanceWindow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetMaintenanceWindow {
    /// The window.
    pub window_id: WindowId,
}

impl GetMaintenanceWindow {
    /// A request for this window.
    pub fn new(window_id: impl Into<WindowId>) -> Self {
        Self {
            window_id: window_id.into(),
        }
    }
}

/// The input of DeleteMaintenanceWindow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeleteMaintenanceWindow {
    /// The window.
    pub window_id: WindowId,
}

impl DeleteMaintenanceWindow {
    /// A request to delete this window.
    pub fn new(window_id: impl Into<WindowId>) -> Self {
        Self {
            window_id: window_id.into(),
        }
    }
}

/// The input of DescribeMaintenanceWindows.
///
/// Filter keys: `Name`, `Enabled`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindows {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindows {
    /// A request for the windows that match these filters.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of DescribeMaintenanceWindowsForTarget. At most 5 targets. Pages from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowsForTarget {
    /// The nodes, by id or tag; or the resource groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// The type of the targets.
    pub resource_type: MaintenanceWindowResourceType,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowsForTarget {
    /// A request for the windows of these targets.
    pub fn new(
        targets: Vec<Target>,
        resource_type: MaintenanceWindowResourceType,
        page: PageRequest,
    ) -> Self {
        Self {
            targets,
            resource_type,
            page,
        }
    }
}

/// The input of DescribeMaintenanceWindowSchedule: of one window, or of all windows of the targets.
///
/// Filter keys: `ScheduledBefore`, `ScheduledAfter`, each with one instant as ISO 8601. Pages from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowSchedule {
    /// Only this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_id: Option<WindowId>,
    /// Only windows of these targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// The type of the targets; needed with targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<MaintenanceWindowResourceType>,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowSchedule {
    /// A request for the openings of this window.
    pub fn of(window: impl Into<WindowId>, filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self {
            window_id: Some(window.into()),
            filters,
            page,
            ..Self::default()
        }
    }

    /// A request for the openings of all windows of these nodes.
    pub fn of_nodes(targets: Vec<Target>, filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self {
            targets,
            resource_type: Some(MaintenanceWindowResourceType::Instance),
            filters,
            page,
            ..Self::default()
        }
    }
}

/// The input of DeregisterTargetFromMaintenanceWindow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeregisterTargetFromMaintenanceWindow {
    /// The window.
    pub window_id: WindowId,
    /// The registered target.
    pub window_target_id: WindowTargetId,
    /// Whether to refuse the call while a task uses the target.
    #[serde(default)]
    pub safe: bool,
}

impl DeregisterTargetFromMaintenanceWindow {
    /// A request to deregister this target, even if a task uses it.
    pub fn new(
        window_id: impl Into<WindowId>,
        window_target_id: impl Into<WindowTargetId>,
    ) -> Self {
        Self {
            window_id: window_id.into(),
            window_target_id: window_target_id.into(),
            safe: false,
        }
    }

    /// Whether to refuse the call while a task uses the target.
    #[must_use]
    pub fn with_safe(mut self, safe: bool) -> Self {
        self.safe = safe;
        self
    }
}

/// The input of DescribeMaintenanceWindowTargets.
///
/// Filter keys: `Type`, `WindowTargetId`, `OwnerInformation`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowTargets {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowTargets {
    /// A request for the registered targets of this window.
    pub fn new(
        window_id: impl Into<WindowId>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            window_id: window_id.into(),
            filters,
            page,
        }
    }
}

/// The input of DeregisterTaskFromMaintenanceWindow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeregisterTaskFromMaintenanceWindow {
    /// The window.
    pub window_id: WindowId,
    /// The registered task.
    pub window_task_id: WindowTaskId,
}

impl DeregisterTaskFromMaintenanceWindow {
    /// A request to deregister this task.
    pub fn new(window_id: impl Into<WindowId>, window_task_id: impl Into<WindowTaskId>) -> Self {
        Self {
            window_id: window_id.into(),
            window_task_id: window_task_id.into(),
        }
    }
}

/// The input of GetMaintenanceWindowTask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetMaintenanceWindowTask {
    /// The window.
    pub window_id: WindowId,
    /// The registered task.
    pub window_task_id: WindowTaskId,
}

impl GetMaintenanceWindowTask {
    /// A request for this task.
    pub fn new(window_id: impl Into<WindowId>, window_task_id: impl Into<WindowTaskId>) -> Self {
        Self {
            window_id: window_id.into(),
            window_task_id: window_task_id.into(),
        }
    }
}

/// The input of DescribeMaintenanceWindowTasks.
///
/// Filter keys: `WindowTaskId`, `TaskArn`, `Priority`, `TaskType`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowTasks {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowTasks {
    /// A request for the registered tasks of this window.
    pub fn new(
        window_id: impl Into<WindowId>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            window_id: window_id.into(),
            filters,
            page,
        }
    }
}
