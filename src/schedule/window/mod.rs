//! Maintenance windows, in the form in which the service takes and describes them.

mod execution;
mod execution_task;
mod invocation_parameters;
mod patch_window;
mod target;
mod target_request;
mod task;
mod task_request;
mod window_description;
mod window_request;

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
pub use patch_window::{PatchWindow, PatchWindowTask};
pub use target::{MaintenanceWindowResourceType, MaintenanceWindowTarget};
pub use target_request::{RegisterTargetWithMaintenanceWindow, UpdateMaintenanceWindowTarget};
pub use task::{
    MaintenanceWindowTask, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskType,
};
pub use task_request::{RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindowTask};
pub use window_description::{
    MaintenanceWindow, MaintenanceWindowIdentity, MaintenanceWindowIdentityForTarget,
    ScheduledWindowExecution,
};
pub use window_request::{CreateMaintenanceWindow, UpdateMaintenanceWindow};
