//! The tasks of maintenance windows, and their invocation parameters.

use std::collections::BTreeMap;

use crate::operation::{CloudWatchOutputConfig, DocumentHashType, NotificationConfig};
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
    /// What happens to a task that still runs at the cutoff.
    pub enum MaintenanceWindowTaskCutoffBehavior {
        /// It continues, past the window's end if needed.
        ContinueTask = "CONTINUE_TASK",
        /// Commands are cancelled; other tasks start no further invocation.
        CancelTask = "CANCEL_TASK",
    }
}

settings! {
    /// The settings of a maintenance window's task, the same when it is registered, changed or
    /// described.
    ///
    /// The description is sensitive in the service's model.
    pub struct MaintenanceWindowTaskSettings {
        /// What it runs on: `WindowTargetIds`, or `InstanceIds` if the window allows it.
        pub targets: Option<Vec<Target>>,
        /// What runs: the name of a document, or the ARN of a function or state machine.
        pub task_arn: Option<String>,
        /// The role that it runs with; the service-linked role if absent.
        pub service_role_arn: Option<String>,
        /// Parameters in the service's deprecated form; use the invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// The parameters of the document, function or state machine.
        pub task_invocation_parameters: Option<MaintenanceWindowTaskInvocationParameters>,
        /// Lower runs earlier; tasks of equal priority run in parallel.
        pub priority: Option<u32>,
        /// How many nodes at the same time; required if there are targets.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated; required if there are targets.
        pub max_errors: Option<MaxErrors>,
        /// Where logs go, in a form that the service deprecates.
        pub logging_info: Option<LoggingInfo>,
        /// The name.
        pub name: Option<String>,
        /// The description, 1 to 128 characters.
        pub [sensitive] description: Option<String>,
        /// What happens to it at the cutoff; it continues if absent.
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
        /// A repeated call with the same token returns the first call's task; 1 to 64 characters.
        pub [sensitive] client_token: Option<String>,
    }

    /// The input of UpdateMaintenanceWindowTask: absent members stay as they are, unless `replace`
    /// is set. The type of a task cannot change.
    ///
    /// The description is sensitive in the service's model.
    pub struct UpdateMaintenanceWindowTask {
        /// The window.
        pub window_id: Option<WindowId>,
        /// The task's own id.
        pub window_task_id: Option<WindowTaskId>,
        /// Whether absent members are cleared; all required members must then be set.
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
    /// Registers a task of this type and document with this window, without targets.
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
    /// A change of this task that changes nothing yet; set the members to change.
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
    /// RegisterTaskWithMaintenanceWindow and DeregisterTaskFromMaintenanceWindow return the ids
    /// only. The description is sensitive in the service's model.
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
        /// Parameters in the service's deprecated form; use the invocation parameters.
        pub task_parameters:
            Option<BTreeMap<String, MaintenanceWindowTaskParameterValueExpression>>,
        /// Lower runs earlier; tasks of equal priority run in parallel.
        pub priority: Option<u32>,
        /// Where logs go, in a form that the service deprecates.
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
        /// What happens to it at the cutoff.
        pub cutoff_behavior: Option<MaintenanceWindowTaskCutoffBehavior>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}

shape! {
    /// The invocation parameters of a maintenance window's task; the one member for the task's
    /// type.
    pub struct MaintenanceWindowTaskInvocationParameters {
        /// For Run Command.
        pub run_command: Option<MaintenanceWindowRunCommandParameters>,
        /// For Automation.
        pub automation: Option<MaintenanceWindowAutomationParameters>,
        /// For Step Functions.
        pub step_functions: Option<MaintenanceWindowStepFunctionsParameters>,
        /// For Lambda.
        pub lambda: Option<MaintenanceWindowLambdaParameters>,
    }
}

shape! {
    /// The parameters of a Run Command task. The document's own can hold secrets.
    pub struct MaintenanceWindowRunCommandParameters {
        /// A comment, at most 100 characters.
        pub comment: Option<String>,
        /// Whether output goes to CloudWatch Logs.
        pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
        /// The hash that the document must have.
        pub document_hash: Option<String>,
        /// The algorithm of that hash.
        pub document_hash_type: Option<DocumentHashType>,
        /// The document's version.
        pub document_version: Option<String>,
        /// Where notifications go.
        pub notification_config: Option<NotificationConfig>,
        /// The bucket that takes the full output.
        pub output_s3_bucket_name: Option<String>,
        /// The key prefix in that bucket.
        pub output_s3_key_prefix: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// The role that sends notifications.
        pub service_role_arn: Option<String>,
        /// How long delivery may take, 30 to 2,592,000 seconds.
        pub timeout_seconds: Option<u32>,
    }
}

shape! {
    /// The parameters of an Automation task. The runbook's own can hold secrets.
    pub struct MaintenanceWindowAutomationParameters {
        /// The runbook's version.
        pub document_version: Option<String>,
        /// The runbook's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
    }
}

shape! {
    /// The parameters of a Step Functions task. The input is sensitive in the service's model.
    pub struct MaintenanceWindowStepFunctionsParameters {
        /// The input, at most 4,096 characters.
        pub [sensitive] input: Option<String>,
        /// The name of the execution.
        pub name: Option<String>,
    }
}

shape! {
    /// The parameters of a Lambda task. The payload is sensitive in the service's model.
    pub struct MaintenanceWindowLambdaParameters {
        /// Information about the client for the function, as base64.
        pub [sensitive] client_context: Option<String>,
        /// The function's version or alias.
        pub qualifier: Option<String>,
        /// The function's input as base64, at most 4,096 bytes.
        pub [sensitive] payload: Option<String>,
    }
}

shape! {
    /// The values of a task parameter, which are sensitive in the service's model.
    pub struct MaintenanceWindowTaskParameterValueExpression {
        /// The values, of 1 to 255 characters.
        pub [sensitive] values: Option<Vec<String>>,
    }
}

shape! {
    /// The bucket that takes a task's logs.
    pub struct LoggingInfo {
        /// The bucket.
        pub s3_bucket_name: Option<String>,
        /// The key prefix in it.
        pub s3_key_prefix: Option<String>,
        /// The bucket's region.
        pub s3_region: Option<String>,
    }
}
