//! The requests for maintenance windows, their targets and their tasks.

use super::member::request;
use crate::page::PageRequest;
use crate::schedule::window::MaintenanceWindowResourceType;
use crate::types::{QueryFilter, Target, WindowId, WindowTargetId, WindowTaskId};

request! {
    /// The input of GetMaintenanceWindow.
    pub struct GetMaintenanceWindow {
        /// The window.
        required "WindowId" => window_id: WindowId,
    }

    /// A request for this window.
    pub fn new(window_id: impl Into<WindowId>);
}

request! {
    /// The input of DeleteMaintenanceWindow.
    pub struct DeleteMaintenanceWindow {
        /// The window.
        required "WindowId" => window_id: WindowId,
    }

    /// A request to delete this window.
    pub fn new(window_id: impl Into<WindowId>);
}

request! {
    /// The input of DescribeMaintenanceWindows.
    ///
    /// Filter keys: `Name`, `Enabled`; at most 5 filters. Pages of 10 to 100.
    #[derive(Default)]
    pub struct DescribeMaintenanceWindows {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the windows that match these filters.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of DescribeMaintenanceWindowsForTarget. At most 5 targets. Pages from 1.
    pub struct DescribeMaintenanceWindowsForTarget {
        /// The nodes, by id or tag; or the resource groups.
        optional "Targets" => targets: Vec<Target>,
        /// The type of the targets.
        required "ResourceType" => resource_type: MaintenanceWindowResourceType,
        ..page
    }

    /// A request for the windows of these targets.
    pub fn new(
        targets: Vec<Target>,
        resource_type: MaintenanceWindowResourceType,
        page: PageRequest,
    );
}

request! {
    /// The input of DescribeMaintenanceWindowSchedule: of one window, or of all windows of the targets.
    ///
    /// Filter keys: `ScheduledBefore`, `ScheduledAfter`, each with one instant as ISO 8601. Pages from 1.
    #[derive(Default)]
    pub struct DescribeMaintenanceWindowSchedule {
        /// Only this window.
        optional "WindowId" => window_id: Option<WindowId>,
        /// Only windows of these targets.
        optional "Targets" => targets: Vec<Target>,
        /// The type of the targets; needed with targets.
        optional "ResourceType" => resource_type: Option<MaintenanceWindowResourceType>,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }
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

request! {
    /// The input of DeregisterTargetFromMaintenanceWindow.
    pub struct DeregisterTargetFromMaintenanceWindow {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The registered target.
        required "WindowTargetId" => window_target_id: WindowTargetId,
        /// Whether to refuse the call while a task uses the target.
        defaulted "Safe" => safe: bool,
    }
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

request! {
    /// The input of DescribeMaintenanceWindowTargets.
    ///
    /// Filter keys: `Type`, `WindowTargetId`, `OwnerInformation`; at most 5 filters. Pages of 10 to 100.
    pub struct DescribeMaintenanceWindowTargets {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the registered targets of this window.
    pub fn new(window_id: impl Into<WindowId>, filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of DeregisterTaskFromMaintenanceWindow.
    pub struct DeregisterTaskFromMaintenanceWindow {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The registered task.
        required "WindowTaskId" => window_task_id: WindowTaskId,
    }

    /// A request to deregister this task.
    pub fn new(window_id: impl Into<WindowId>, window_task_id: impl Into<WindowTaskId>);
}

request! {
    /// The input of GetMaintenanceWindowTask.
    pub struct GetMaintenanceWindowTask {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The registered task.
        required "WindowTaskId" => window_task_id: WindowTaskId,
    }

    /// A request for this task.
    pub fn new(window_id: impl Into<WindowId>, window_task_id: impl Into<WindowTaskId>);
}

request! {
    /// The input of DescribeMaintenanceWindowTasks.
    ///
    /// Filter keys: `WindowTaskId`, `TaskArn`, `Priority`, `TaskType`; at most 5 filters. Pages of 10 to 100.
    pub struct DescribeMaintenanceWindowTasks {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the registered tasks of this window.
    pub fn new(window_id: impl Into<WindowId>, filters: Vec<QueryFilter>, page: PageRequest);
}
