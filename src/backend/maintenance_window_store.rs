//! What is planned: maintenance windows, their targets and their tasks.

// A default body answers that the operation is unsupported, and reads nothing of its input.
#![allow(unused_variables)]

use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowResourceType, MaintenanceWindowTarget,
    MaintenanceWindowTask, MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{QueryFilter, Target, WindowId, WindowTargetId, WindowTaskId};

/// The input of DescribeMaintenanceWindows.
///
/// Filter keys: `Name`, `Enabled`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindows {
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeMaintenanceWindows {
    /// A request for the windows that pass these filters.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of DescribeMaintenanceWindowsForTarget. At most 5 targets. Pages from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowsForTarget {
    /// The nodes, by id or tag; or the resource groups.
    pub targets: Vec<Target>,
    /// What the targets are.
    pub resource_type: MaintenanceWindowResourceType,
    /// The page.
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowsForTarget {
    /// A request for the windows that these targets belong to.
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

/// The input of DescribeMaintenanceWindowSchedule: of one window, or of all that targets belong to.
///
/// Filter keys: `ScheduledBefore`, `ScheduledAfter`, each with one instant as ISO 8601. Pages from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowSchedule {
    /// Only this window.
    pub window_id: Option<WindowId>,
    /// Only windows that these belong to.
    pub targets: Vec<Target>,
    /// What the targets are; needed with targets.
    pub resource_type: Option<MaintenanceWindowResourceType>,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
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

    /// A request for the openings of all windows that these nodes belong to.
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

/// The input of DescribeMaintenanceWindowTargets.
///
/// Filter keys: `Type`, `WindowTargetId`, `OwnerInformation`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowTargets {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
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

/// The input of DescribeMaintenanceWindowTasks.
///
/// Filter keys: `WindowTaskId`, `TaskArn`, `Priority`, `TaskType`; at most 5 filters. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowTasks {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
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

/// Keeps maintenance windows, with their targets and tasks.
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::backend::MaintenanceWindowStore;
/// use aws_patch_manager::schedule::window::CreateMaintenanceWindow;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let store = MemoryBackend::new();
/// let create = CreateMaintenanceWindow::new("web", "cron(0 2 ? * SUN *)", 3, 1);
/// let id = store.create_maintenance_window(create).await?;
/// assert_eq!(store.get_maintenance_window(&id).await?.cutoff, Some(1));
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MaintenanceWindowStore: fmt::Debug + Send + Sync + 'static {
    /// CreateMaintenanceWindow.
    async fn create_maintenance_window(
        &self,
        request: CreateMaintenanceWindow,
    ) -> Result<WindowId> {
        Err(Error::unsupported("CreateMaintenanceWindow"))
    }

    /// GetMaintenanceWindow.
    async fn get_maintenance_window(&self, window: &WindowId) -> Result<MaintenanceWindow> {
        Err(Error::unsupported("GetMaintenanceWindow"))
    }

    /// UpdateMaintenanceWindow; answers the window as it then is.
    async fn update_maintenance_window(
        &self,
        request: UpdateMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        Err(Error::unsupported("UpdateMaintenanceWindow"))
    }

    /// DeleteMaintenanceWindow, with its targets and tasks. Does nothing where there is no such window.
    async fn delete_maintenance_window(&self, window: &WindowId) -> Result<()> {
        Err(Error::unsupported("DeleteMaintenanceWindow"))
    }

    /// DescribeMaintenanceWindows.
    async fn describe_maintenance_windows(
        &self,
        request: DescribeMaintenanceWindows,
    ) -> Result<Page<MaintenanceWindowIdentity>> {
        Err(Error::unsupported("DescribeMaintenanceWindows"))
    }

    /// DescribeMaintenanceWindowsForTarget.
    async fn describe_maintenance_windows_for_target(
        &self,
        request: DescribeMaintenanceWindowsForTarget,
    ) -> Result<Page<MaintenanceWindowIdentityForTarget>> {
        Err(Error::unsupported("DescribeMaintenanceWindowsForTarget"))
    }

    /// DescribeMaintenanceWindowSchedule: when windows will open.
    async fn describe_maintenance_window_schedule(
        &self,
        request: DescribeMaintenanceWindowSchedule,
    ) -> Result<Page<ScheduledWindowExecution>> {
        Err(Error::unsupported("DescribeMaintenanceWindowSchedule"))
    }

    /// RegisterTargetWithMaintenanceWindow.
    async fn register_target_with_maintenance_window(
        &self,
        request: RegisterTargetWithMaintenanceWindow,
    ) -> Result<WindowTargetId> {
        Err(Error::unsupported("RegisterTargetWithMaintenanceWindow"))
    }

    /// UpdateMaintenanceWindowTarget; answers the target as it then is, without its resource type.
    async fn update_maintenance_window_target(
        &self,
        request: UpdateMaintenanceWindowTarget,
    ) -> Result<MaintenanceWindowTarget> {
        Err(Error::unsupported("UpdateMaintenanceWindowTarget"))
    }

    /// DeregisterTargetFromMaintenanceWindow. With `safe` it fails with
    /// [`InUse`](crate::ErrorKind::InUse) while a task names the target.
    async fn deregister_target_from_maintenance_window(
        &self,
        window: &WindowId,
        target: &WindowTargetId,
        safe: bool,
    ) -> Result<()> {
        Err(Error::unsupported("DeregisterTargetFromMaintenanceWindow"))
    }

    /// DescribeMaintenanceWindowTargets.
    async fn describe_maintenance_window_targets(
        &self,
        request: DescribeMaintenanceWindowTargets,
    ) -> Result<Page<MaintenanceWindowTarget>> {
        Err(Error::unsupported("DescribeMaintenanceWindowTargets"))
    }

    /// RegisterTaskWithMaintenanceWindow.
    async fn register_task_with_maintenance_window(
        &self,
        request: RegisterTaskWithMaintenanceWindow,
    ) -> Result<WindowTaskId> {
        Err(Error::unsupported("RegisterTaskWithMaintenanceWindow"))
    }

    /// UpdateMaintenanceWindowTask; answers the task as it then is, without its type.
    async fn update_maintenance_window_task(
        &self,
        request: UpdateMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        Err(Error::unsupported("UpdateMaintenanceWindowTask"))
    }

    /// DeregisterTaskFromMaintenanceWindow.
    async fn deregister_task_from_maintenance_window(
        &self,
        window: &WindowId,
        task: &WindowTaskId,
    ) -> Result<()> {
        Err(Error::unsupported("DeregisterTaskFromMaintenanceWindow"))
    }

    /// GetMaintenanceWindowTask.
    async fn get_maintenance_window_task(
        &self,
        window: &WindowId,
        task: &WindowTaskId,
    ) -> Result<MaintenanceWindowTaskDetail> {
        Err(Error::unsupported("GetMaintenanceWindowTask"))
    }

    /// DescribeMaintenanceWindowTasks.
    async fn describe_maintenance_window_tasks(
        &self,
        request: DescribeMaintenanceWindowTasks,
    ) -> Result<Page<MaintenanceWindowTask>> {
        Err(Error::unsupported("DescribeMaintenanceWindowTasks"))
    }
}
