use std::collections::BTreeMap;

use super::{
    LoggingInfo, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression, MaintenanceWindowTaskType,
};
use crate::schedule::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, Target, WindowId, WindowTaskId, shape};

shape! {
    /// The input of RegisterTaskWithMaintenanceWindow.
    ///
    /// The description is sensitive in the service's model.
    pub struct RegisterTaskWithMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// On what it runs: `WindowTargetIds`, or `InstanceIds` where the window allows it.
        pub targets: Option<Vec<Target>>,
        /// What runs: the name of a document, or the ARN of a function or state machine.
        pub task_arn: Option<String>,
        /// The role that it runs with; the service-linked role where absent.
        pub service_role_arn: Option<String>,
        /// What runs it.
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// What is handed to the document, function or state machine.
        pub task_invocation_parameters: Option<MaintenanceWindowTaskInvocationParameters>,
        /// The lower, the earlier it runs; equal ones run side by side.
        pub priority: Option<u32>,
        /// How many nodes at the same time; needed where there are targets.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated; needed where there are targets.
        pub max_errors: Option<MaxErrors>,
        /// Where logs go, in a form that the service gave up for output locations.
        pub logging_info: Option<LoggingInfo>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// Makes a repeated call lead to the first one's task; 1 to 64 characters.
        pub client_token: Option<String>,
        /// What becomes of it at the cutoff; it goes on where absent.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}

impl RegisterTaskWithMaintenanceWindow {
    /// Registers a task with this window: what it is and runs, without targets so far.
    pub fn new(
        window: impl Into<WindowId>,
        task_type: MaintenanceWindowTaskType,
        task_arn: impl Into<String>,
    ) -> Self {
        Self {
            window_id: Some(window.into()),
            task_type: Some(task_type),
            task_arn: Some(task_arn.into()),
            ..Self::default()
        }
    }
}

shape! {
    /// The input of UpdateMaintenanceWindowTask: what is left out stays as it is, unless `replace`
    /// is set. The type of a task cannot change.
    ///
    /// The description is sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTask {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// On what it runs.
        pub targets: Option<Vec<Target>>,
        /// What runs.
        pub task_arn: Option<String>,
        /// The role that it runs with.
        pub service_role_arn: Option<String>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// What is handed to the document, function or state machine.
        pub task_invocation_parameters: Option<MaintenanceWindowTaskInvocationParameters>,
        /// The lower, the earlier it runs.
        pub priority: Option<u32>,
        /// How many nodes at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// Where logs go, in a form that the service gave up for output locations.
        pub logging_info: Option<LoggingInfo>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
        /// Whether what is left out is cleared; then all that a task needs must be given.
        pub replace: Option<bool>,
        /// What becomes of it at the cutoff.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}

impl UpdateMaintenanceWindowTask {
    /// A change of this task that leaves all as it is; set what is to be different.
    pub fn new(window: impl Into<WindowId>, task: impl Into<WindowTaskId>) -> Self {
        Self {
            window_id: Some(window.into()),
            window_task_id: Some(task.into()),
            ..Self::default()
        }
    }
}
