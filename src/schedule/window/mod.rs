//! Maintenance windows, as the service accepts and describes them.

mod execution;
mod maintenance_window;
mod task;

pub use crate::operation::DocumentHashType;
pub use execution::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
pub(crate) use maintenance_window::check_hours;
pub use maintenance_window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowResourceType, MaintenanceWindowSettings,
    MaintenanceWindowTarget, MaintenanceWindowTargetSettings, PatchWindow, PatchWindowTask,
    RegisterTargetWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget,
};
pub use task::{
    LoggingInfo, MaintenanceWindowAutomationParameters, MaintenanceWindowLambdaParameters,
    MaintenanceWindowRunCommandParameters, MaintenanceWindowStepFunctionsParameters,
    MaintenanceWindowTask, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskParameterValueExpression,
    MaintenanceWindowTaskSettings, MaintenanceWindowTaskType, RegisterTaskWithMaintenanceWindow,
    UpdateMaintenanceWindowTask,
};
