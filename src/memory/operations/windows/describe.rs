//! How windows and tasks read in the listings.

use super::book::Window;
use crate::schedule::window::{
    MaintenanceWindowIdentity, MaintenanceWindowTask, MaintenanceWindowTaskDetail,
};

pub(super) fn identity(window: &Window) -> MaintenanceWindowIdentity {
    let described = window.described();
    MaintenanceWindowIdentity {
        window_id: described.window_id,
        name: described.name,
        description: described.description,
        enabled: described.enabled,
        duration: described.duration,
        cutoff: described.cutoff,
        schedule: described.schedule,
        schedule_timezone: described.schedule_timezone,
        schedule_offset: described.schedule_offset,
        end_date: described.end_date,
        start_date: described.start_date,
        next_execution_time: described.next_execution_time,
    }
}

/// A task as the listing shows it: without its invocation parameters.
pub(super) fn listed(task: &MaintenanceWindowTaskDetail) -> MaintenanceWindowTask {
    let task = task.clone();
    MaintenanceWindowTask {
        window_id: task.window_id,
        window_task_id: task.window_task_id,
        task_arn: task.task_arn,
        task_type: task.task_type,
        targets: task.targets,
        task_parameters: task.task_parameters,
        priority: task.priority,
        logging_info: task.logging_info,
        service_role_arn: task.service_role_arn,
        max_concurrency: task.max_concurrency,
        max_errors: task.max_errors,
        name: task.name,
        description: task.description,
        cutoff_behavior: task.cutoff_behavior,
        alarm_configuration: task.alarm_configuration,
    }
}
