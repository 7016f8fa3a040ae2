//! Maintenance windows, in the form in which the service describes them.

mod execution;
mod execution_task;
mod invocation_parameters;
mod target;
mod task;
mod window_description;

pub use execution::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
};
pub use execution_task::{
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
pub use invocation_parameters::{
    DocumentHashType, LoggingInfo, MaintenanceWindowAutomationParameters,
    MaintenanceWindowLambdaParameters, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowStepFunctionsParameters, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression,
};
pub use target::{MaintenanceWindowResourceType, MaintenanceWindowTarget};
pub use task::{
    MaintenanceWindowTask, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskType,
};
pub use window_description::{
    MaintenanceWindow, MaintenanceWindowIdentity, MaintenanceWindowIdentityForTarget,
    ScheduledWindowExecution,
};
