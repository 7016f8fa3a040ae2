//! The requests for the runs of maintenance windows.

use super::member::request;
use crate::page::PageRequest;
use crate::types::{QueryFilter, WindowExecutionId, WindowId};

request! {
    /// The input of DescribeMaintenanceWindowExecutions.
    ///
    /// Filter keys: `ExecutedBefore`, `ExecutedAfter`, each with one instant as ISO 8601. Pages of 10 to 100.
    pub struct DescribeMaintenanceWindowExecutions {
        /// The window.
        required "WindowId" => window_id: WindowId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the runs of this window.
    pub fn new(window_id: impl Into<WindowId>, filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of GetMaintenanceWindowExecution.
    pub struct GetMaintenanceWindowExecution {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
    }

    /// A request for this run.
    pub fn new(window_execution_id: impl Into<WindowExecutionId>);
}

request! {
    /// The input of DescribeMaintenanceWindowExecutionTasks. Filter key: `STATUS`. Pages of 10 to 100.
    pub struct DescribeMaintenanceWindowExecutionTasks {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the tasks of this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    );
}

request! {
    /// The input of GetMaintenanceWindowExecutionTask.
    pub struct GetMaintenanceWindowExecutionTask {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
        /// The run of the task.
        required "TaskId" => task_id: String,
    }

    /// A request for this task of this run.
    pub fn new(window_execution_id: impl Into<WindowExecutionId>, task_id: impl Into<String>);
}

request! {
    /// The input of DescribeMaintenanceWindowExecutionTaskInvocations. Filter key: `STATUS`. Pages of 10 to 100.
    pub struct DescribeMaintenanceWindowExecutionTaskInvocations {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
        /// The run of the task.
        required "TaskId" => task_id: String,
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request for the invocations of this task in this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_id: impl Into<String>,
        filters: Vec<QueryFilter>,
        page: PageRequest,
    );
}

request! {
    /// The input of GetMaintenanceWindowExecutionTaskInvocation.
    pub struct GetMaintenanceWindowExecutionTaskInvocation {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
        /// The run of the task.
        required "TaskId" => task_id: String,
        /// The invocation.
        required "InvocationId" => invocation_id: String,
    }

    /// A request for this invocation of this task in this run.
    pub fn new(
        window_execution_id: impl Into<WindowExecutionId>,
        task_id: impl Into<String>,
        invocation_id: impl Into<String>,
    );
}

request! {
    /// The input of CancelMaintenanceWindowExecution.
    pub struct CancelMaintenanceWindowExecution {
        /// The run of the window.
        required "WindowExecutionId" => window_execution_id: WindowExecutionId,
    }

    /// A request to cancel this run.
    pub fn new(window_execution_id: impl Into<WindowExecutionId>);
}
