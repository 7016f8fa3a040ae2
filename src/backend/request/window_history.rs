//! The requests for the runs of maintenance windows.

use serde::{Deserialize, Serialize};

use crate::page::PageRequest;
use crate::types::{QueryFilter, WindowExecutionId, WindowId};

/// The input of DescribeMaintenanceWindowExecutions.
///
/// Filter keys: `ExecutedBefore`, `ExecutedAfter`, each with one instant as ISO 8601. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutions {
    /// The window.
    pub window_id: WindowId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
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

/// The input of GetMaintenanceWindowExecution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetMaintenanceWindowExecution {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
}

impl GetMaintenanceWindowExecution {
    /// A request for this run.
    pub fn new(window_execution_id: impl Into<WindowExecutionId>) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
        }
    }
}

/// The input of DescribeMaintenanceWindowExecutionTasks. Filter key: `STATUS`. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutionTasks {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
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

/// The input of GetMaintenanceWindowExecutionTask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetMaintenanceWindowExecutionTask {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
    /// The run of the task.
    pub task_id: String,
}

impl GetMaintenanceWindowExecutionTask {
    /// A request for this task of this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_id: impl Into<String>,
    ) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
            task_id: task_id.into(),
        }
    }
}

/// The input of DescribeMaintenanceWindowExecutionTaskInvocations. Filter key: `STATUS`. Pages of 10 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeMaintenanceWindowExecutionTaskInvocations {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
    /// The run of the task.
    pub task_id: String,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeMaintenanceWindowExecutionTaskInvocations {
    /// A request for the invocations of this task in this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_id: impl Into<String>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
            task_id: task_id.into(),
            filters,
            page,
        }
    }
}

/// The input of GetMaintenanceWindowExecutionTaskInvocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetMaintenanceWindowExecutionTaskInvocation {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
    /// The run of the task.
    pub task_id: String,
    /// The invocation.
    pub invocation_id: String,
}

impl GetMaintenanceWindowExecutionTaskInvocation {
    /// A request for this invocation of this task in this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_id: impl Into<String>,
        invocation_id: impl Into<String>,
    ) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
            task_id: task_id.into(),
            invocation_id: invocation_id.into(),
        }
    }
}

/// The input of CancelMaintenanceWindowExecution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CancelMaintenanceWindowExecution {
    /// The run of the window.
    pub window_execution_id: WindowExecutionId,
}

impl CancelMaintenanceWindowExecution {
    /// A request to cancel this run.
    pub fn new(window_execution_id: impl Into<WindowExecutionId>) -> Self {
        Self {
            window_execution_id: window_execution_id.into(),
        }
    }
}
