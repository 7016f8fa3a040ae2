//! Maintenance windows, as the service accepts and describes them.

mod execution;
mod invocation_parameters;
mod maintenance_window;
mod patch_window;
mod target;
mod task;

pub use execution::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
pub use invocation_parameters::{
    DocumentHashType, LoggingInfo, MaintenanceWindowAutomationParameters,
    MaintenanceWindowLambdaParameters, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowStepFunctionsParameters, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskParameterValueExpression,
};
pub use maintenance_window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowSettings, ScheduledWindowExecution,
    UpdateMaintenanceWindow,
};
pub use patch_window::{PatchWindow, PatchWindowTask};
pub use target::{
    MaintenanceWindowResourceType, MaintenanceWindowTarget, MaintenanceWindowTargetSettings,
    RegisterTargetWithMaintenanceWindow, UpdateMaintenanceWindowTarget,
};
pub use task::{
    MaintenanceWindowTask, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskSettings, MaintenanceWindowTaskType, RegisterTaskWithMaintenanceWindow,
    UpdateMaintenanceWindowTask,
};
