//! What became of maintenance windows: their runs, the tasks in those, the invocations in those.

// A default body answers that the operation is unsupported, and reads nothing of its input.
#![allow(unused_variables)]

use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionTask,
    MaintenanceWindowExecutionTaskIdentity, MaintenanceWindowExecutionTaskInvocation,
};
use crate::types::{QueryFilter, WindowExecutionId, WindowId};

/// The input of DescribeMaintenanceWindowExecutions.
///
/// Filter keys: `ExecutedBefore`, `ExecutedAfter`, each with one instant as ISO 8601. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutions {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowExecutions {
    /// A request for the runs of this window.
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

/// The input of DescribeMaintenanceWindowExecutionTasks. Filter key: `STATUS`. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutionTasks {
    /// The run.
    pub window_execution_id: WindowExecutionId,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowExecutionTasks {
    /// A request for the tasks of this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
            filters,
            page,
        }
    }
}

/// The input of DescribeMaintenanceWindowExecutionTaskInvocations. Filter key: `STATUS`. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutionTaskInvocations {
    /// The run.
    pub window_execution_id: WindowExecutionId,
    /// The run of the task.
    pub task_execution_id: String,
    /// The filters; ANDed, their values ORed.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowExecutionTaskInvocations {
    /// A request for the invocations of this task in this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_execution_id: impl Into<String>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
            task_execution_id: task_execution_id.into(),
            filters,
            page,
        }
    }
}

/// Tells what became of maintenance windows.
///
/// ```
/// use aws_patch_manager::backend::{
///     DescribeMaintenanceWindowExecutions, MaintenanceWindowHistory, MaintenanceWindowStore,
/// };
/// use aws_patch_manager::schedule::window::CreateMaintenanceWindow;
/// use aws_patch_manager::{MemoryBackend, PageRequest};
/// use jiff::SignedDuration;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let backend = MemoryBackend::new();
/// let create = CreateMaintenanceWindow::new("web", "cron(0 2 ? * SUN *)", 3, 1);
/// let id = backend.create_maintenance_window(create).await?;
/// backend.advance(SignedDuration::from_hours(7 * 24));
/// let request = DescribeMaintenanceWindowExecutions::new(id, vec![], PageRequest::first());
/// let runs = backend.describe_maintenance_window_executions(request).await?.items;
/// println!("{runs:?}");
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MaintenanceWindowHistory: fmt::Debug + Send + Sync + 'static {
    /// DescribeMaintenanceWindowExecutions, the latest first.
    async fn describe_maintenance_window_executions(
        &self,
        request: DescribeMaintenanceWindowExecutions,
    ) -> Result<Page<MaintenanceWindowExecution>> {
        Err(Error::unsupported("DescribeMaintenanceWindowExecutions"))
    }

    /// GetMaintenanceWindowExecution.
    async fn get_maintenance_window_execution(
        &self,
        execution: &WindowExecutionId,
    ) -> Result<MaintenanceWindowExecutionDetail> {
        Err(Error::unsupported("GetMaintenanceWindowExecution"))
    }

    /// DescribeMaintenanceWindowExecutionTasks.
    async fn describe_maintenance_window_execution_tasks(
        &self,
        request: DescribeMaintenanceWindowExecutionTasks,
    ) -> Result<Page<MaintenanceWindowExecutionTaskIdentity>> {
        Err(Error::unsupported(
            "DescribeMaintenanceWindowExecutionTasks",
        ))
    }

    /// GetMaintenanceWindowExecutionTask.
    async fn get_maintenance_window_execution_task(
        &self,
        execution: &WindowExecutionId,
        task: &str,
    ) -> Result<MaintenanceWindowExecutionTask> {
        Err(Error::unsupported("GetMaintenanceWindowExecutionTask"))
    }

    /// DescribeMaintenanceWindowExecutionTaskInvocations.
    async fn describe_maintenance_window_execution_task_invocations(
        &self,
        request: DescribeMaintenanceWindowExecutionTaskInvocations,
    ) -> Result<Page<MaintenanceWindowExecutionTaskInvocation>> {
        Err(Error::unsupported(
            "DescribeMaintenanceWindowExecutionTaskInvocations",
        ))
    }

    /// GetMaintenanceWindowExecutionTaskInvocation.
    async fn get_maintenance_window_execution_task_invocation(
        &self,
        execution: &WindowExecutionId,
        task: &str,
        invocation: &str,
    ) -> Result<MaintenanceWindowExecutionTaskInvocation> {
        Err(Error::unsupported(
            "GetMaintenanceWindowExecutionTaskInvocation",
        ))
    }

    /// CancelMaintenanceWindowExecution: what has not started never starts.
    async fn cancel_maintenance_window_execution(
        &self,
        execution: &WindowExecutionId,
    ) -> Result<()> {
        Err(Error::unsupported("CancelMaintenanceWindowExecution"))
    }
}
