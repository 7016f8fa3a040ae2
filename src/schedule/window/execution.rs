use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{MaintenanceWindowTaskParameterValueExpression, MaintenanceWindowTaskType};
use crate::schedule::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{
    MaxConcurrency, MaxErrors, WindowExecutionId, WindowId, WindowTargetId, shape, string_enum,
    timestamp,
};

string_enum! {
    /// The status of a run of a maintenance window, of one of its tasks, or of an invocation.
    pub enum MaintenanceWindowExecutionStatus {
        /// Not started.
        Pending = "PENDING",
        /// Running.
        InProgress = "IN_PROGRESS",
        /// Succeeded.
        Success = "SUCCESS",
        /// Failed.
        Failed = "FAILED",
        /// Timed out.
        TimedOut = "TIMED_OUT",
        /// Being cancelled.
        Cancelling = "CANCELLING",
        /// Cancelled.
        Cancelled = "CANCELLED",
        /// Did not run because the previous run had not ended.
        SkippedOverlapping = "SKIPPED_OVERLAPPING",
    }
}

impl MaintenanceWindowExecutionStatus {
    /// Whether the status is final.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Success
                | Self::Failed
                | Self::TimedOut
                | Self::Cancelled
                | Self::SkippedOverlapping
        )
    }
}

shape! {
    /// A run of a maintenance window, as DescribeMaintenanceWindowExecutions lists it.
    ///
    /// CancelMaintenanceWindowExecution returns the run's id only.
    pub struct MaintenanceWindowExecution {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The run.
        pub window_execution_id: Option<WindowExecutionId>,
        /// The status.
        pub status: Option<MaintenanceWindowExecutionStatus>,
        /// The status in words.
        pub status_details: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub end_time: Option<Timestamp>,
    }
}

shape! {
    /// A run of a maintenance window, as GetMaintenanceWindowExecution describes it.
    pub struct MaintenanceWindowExecutionDetail {
        /// The run.
        pub window_execution_id: Option<WindowExecutionId>,
        /// The runs of its tasks.
        pub task_ids: Option<Vec<String>>,
        /// The status.
        pub status: Option<MaintenanceWindowExecutionStatus>,
        /// The status in words.
        pub status_details: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub end_time: Option<Timestamp>,
    }
}

shape! {
    /// A task in a run of a maintenance window, as DescribeMaintenanceWindowExecutionTasks lists it.
    pub struct MaintenanceWindowExecutionTaskIdentity {
        /// The run of the window.
        pub window_execution_id: Option<WindowExecutionId>,
        /// The run of the task.
        pub task_execution_id: Option<String>,
        /// The status.
        pub status: Option<MaintenanceWindowExecutionStatus>,
        /// The status in words.
        pub status_details: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub end_time: Option<Timestamp>,
        /// What ran.
        pub task_arn: Option<String>,
        /// What ran it.
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it; a list of one.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
    }
}

shape! {
    /// A task in a run of a maintenance window, as GetMaintenanceWindowExecutionTask describes it.
    ///
    /// The values of parameters are sensitive in the service's model.
    pub struct MaintenanceWindowExecutionTask {
        /// The run of the window.
        pub window_execution_id: Option<WindowExecutionId>,
        /// The run of the task.
        pub task_execution_id: Option<String>,
        /// What ran.
        pub task_arn: Option<String>,
        /// The role that it ran with.
        pub service_role: Option<String>,
        /// What ran it.
        #[serde(rename = "Type")]
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// The parameters of each invocation.
        pub task_parameters:
            Option<Vec<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>>,
        /// The task's priority.
        pub priority: Option<u32>,
        /// How many nodes at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors were tolerated.
        pub max_errors: Option<MaxErrors>,
        /// The status.
        pub status: Option<MaintenanceWindowExecutionStatus>,
        /// The status in words.
        pub status_details: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub end_time: Option<Timestamp>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it; a list of one.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
    }
}

shape! {
    /// One invocation of a task in a run of a maintenance window, as
    /// DescribeMaintenanceWindowExecutionTaskInvocations lists it and
    /// GetMaintenanceWindowExecutionTaskInvocation describes it.
    ///
    /// The service's model gives both the same members (as
    /// `MaintenanceWindowExecutionTaskInvocationIdentity`). Parameters and owner information are
    /// sensitive in it.
    pub struct MaintenanceWindowExecutionTaskInvocation {
        /// The run of the window.
        pub window_execution_id: Option<WindowExecutionId>,
        /// The run of the task.
        pub task_execution_id: Option<String>,
        /// The invocation.
        pub invocation_id: Option<String>,
        /// The id of what ran, such as a command's.
        pub execution_id: Option<String>,
        /// What ran it.
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// Its parameters, as JSON text.
        pub [sensitive] parameters: Option<String>,
        /// The status.
        pub status: Option<MaintenanceWindowExecutionStatus>,
        /// The status in words.
        pub status_details: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub end_time: Option<Timestamp>,
        /// The owner information of the target.
        pub [sensitive] owner_information: Option<String>,
        /// The registered target that it ran on.
        pub window_target_id: Option<WindowTargetId>,
    }
}
