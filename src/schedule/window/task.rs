use std::collections::BTreeMap;

use super::{
    LoggingInfo, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression,
};
use crate::schedule::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, Target, WindowId, WindowTaskId, shape, string_enum};

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
        /// On what it runs: registered targets, or nodes.
        pub targets: Option<Vec<Target>>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// The lower, the earlier it runs; equal ones run side by side.
        pub priority: Option<u32>,
        /// Where logs go, in a form that the service gave up for output locations.
        pub logging_info: Option<LoggingInfo>,
        /// The role that it runs with; the service-linked role where absent.
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

shape! {
    /// A task of a maintenance window, as GetMaintenanceWindowTask and
    /// UpdateMaintenanceWindowTask describe it: with its invocation parameters.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowTaskDetail {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// On what it runs: registered targets, or nodes.
        pub targets: Option<Vec<Target>>,
        /// What runs: the name of a document, or the ARN of a function or state machine.
        pub task_arn: Option<String>,
        /// The role that it runs with; the service-linked role where absent.
        pub service_role_arn: Option<String>,
        /// What runs it. UpdateMaintenanceWindowTask leaves it out.
        pub task_type: Option<MaintenanceWindowTaskType>,
        /// Parameters in the form that the service gave up for invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// What is handed to the document, function or state machine.
        pub task_invocation_parameters: Option<MaintenanceWindowTaskInvocationParameters>,
        /// The lower, the earlier it runs; equal ones run side by side.
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
        /// What becomes of it at the cutoff.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}
