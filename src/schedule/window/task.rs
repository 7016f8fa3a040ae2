use std::collections::BTreeMap;

use super::{
    LoggingInfo, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression,
};
use crate::schedule::AlarmConfiguration;
use crate::types::{
    MaxConcurrency, MaxErrors, Target, WindowId, WindowTaskId, settings, shape, string_enum,
};

string_enum! {
    /// What runs a task of a maintenance window.
    pub enum MaintenanceWindowTaskType {
        /// Run Command; patching is one of its documents.
        RunCommand = "RUN_COMMAND",
        /// Automation.
        Automation = "AUTOMATION",
        /// Step Functions.
        StepFunctions = "STEP_FUNCTIONS",
        /// Lambda.
        Lambda = "LAMBDA",
    }
}

string_enum! {
    /// What becomes of a task that still runs at the cutoff.
    pub enum MaintenanceWindowTaskCutoffBehavior {
        /// It goes on, past the window's end if it must.
        ContinueTask = "CONTINUE_TASK",
        /// Commands are cancelled; of other tasks no further invocation starts.
        CancelTask = "CANCEL_TASK",
    }
}

settings! {
    /// What a task of a maintenance window says, whether it is registered, changed or described.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowTaskSettings {
        /// What it runs on: `WindowTargetIds`, or `InstanceIds` if the window allows it.
        pub targets: Option<Vec<Target>>,
        /// What runs: the name of a document, or the ARN of a function or state machine.
        pub task_arn: Option<String>,
        /// The role that it runs with; the service-linked role if absent.
        pub service_role_arn: Option<String>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// What is handed to the document, function or state machine.
        pub task_invocation_parameters: Option<MaintenanceWindowTaskInvocationParameters>,
        /// The lower, the earlier it runs; equal ones run side by side.
        pub priority: Option<u32>,
        /// How many nodes at the same time; needed if there are targets.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated; needed if there are targets.
        pub max_errors: Option<MaxErrors>,
        /// Where logs go, in a form that the service gave up for output locations.
        pub logging_info: Option<LoggingInfo>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// What becomes of it at the cutoff; it goes on if absent.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }

    /// The input of RegisterTaskWithMaintenanceWindow.
    ///
    /// The description is sensitive in the service's model.
    pub struct RegisterTaskWithMaintenanceWindow {
        /// The window.
        pub window_id: Option<WindowId>,
        /// What runs it.
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// Makes a repeated call lead to the first one's task; 1 to 64 characters.
        pub client_token: Option<String>,
    }

    /// The input of UpdateMaintenanceWindowTask: what is left out stays as it is, unless `replace`
    /// is set. The type of a task cannot change.
    ///
    /// The description is sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTask {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// Whether what is left out is cleared; then all that a task needs must be given.
        pub replace: Option<bool>,
    }

    /// A task of a maintenance window, as GetMaintenanceWindowTask and
    /// UpdateMaintenanceWindowTask describe it: with its invocation parameters.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowTaskDetail {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// What runs it. UpdateMaintenanceWindowTask leaves it out.
        pub task_type: Option<MaintenanceWindowTaskType>,
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

shape! {
    /// A task of a maintenance window, as DescribeMaintenanceWindowTasks lists it.
    ///
    /// RegisterTaskWithMaintenanceWindow and DeregisterTaskFromMaintenanceWindow answer with the
    /// ids alone. The description is sensitive in the service's model.
    pub struct MaintenanceWindowTask {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// What runs: the name of a document, or the ARN of a function or state machine.
        pub task_arn: Option<String>,
        /// What runs it.
        #[serde(rename = "Type")]
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// What it runs on: registered targets, or nodes.
        pub targets: Option<Vec<Target>>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// The lower, the earlier it runs; equal ones run side by side.
        pub priority: Option<u32>,
        /// Where logs go, in a form that the service gave up for output locations.
        pub logging_info: Option<LoggingInfo>,
        /// The role that it runs with; the service-linked role if absent.
        pub service_role_arn: Option<String>,
        /// How many nodes at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// The name.
        pub name: Option<String>,
        /// The description.
        pub [sensitive] description: Option<String>,
        /// What becomes of it at the cutoff.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}
