use jiff::Timestamp;

use crate::types::{WindowExecutionId, WindowId, shape, string_enum, timestamp};

string_enum! {
    /// The status of a run of a maintenance window, of one of its tasks, or of an invocation.
    pub enum MaintenanceWindowExecutionStatus {
        /// Not started.
        Pending = "PENDING",
        /// Running.
        InProgress = "IN_PROGRESS",
        /// Ended well.
        Success = "SUCCESS",
        /// Failed.
        Failed = "FAILED",
        /// Ran out of time.
        TimedOut = "TIMED_OUT",
        /// Being cancelled.
        Cancelling = "CANCELLING",
        /// Cancelled.
        Cancelled = "CANCELLED",
        /// Did not run, since the run before had not ended.
        SkippedOverlapping = "SKIPPED_OVERLAPPING",
    }
}

impl MaintenanceWindowExecutionStatus {
    /// Whether nothing more will happen.
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
    /// CancelMaintenanceWindowExecution answers with the run's id alone.
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
