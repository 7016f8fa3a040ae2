use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::get_maintenance_window_task::GetMaintenanceWindowTaskOutput;
use of::register_task_with_maintenance_window::builders::RegisterTaskWithMaintenanceWindowFluentBuilder;
use of::update_maintenance_window_task::UpdateMaintenanceWindowTaskOutput;
use of::update_maintenance_window_task::builders::UpdateMaintenanceWindowTaskFluentBuilder;

use super::member::{filled, received, values};
use crate::error::Result;
use crate::schedule::window::{
    MaintenanceWindowTask, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskType, RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindowTask,
};

values!(
    MaintenanceWindowTaskType = MaintenanceWindowTaskType,
    MaintenanceWindowTaskCutoffBehavior = MaintenanceWindowTaskCutoffBehavior,
);

received! {
    sdk::MaintenanceWindowTask => MaintenanceWindowTask {
        window_id, window_task_id, task_arn, task_type = r#type, targets, task_parameters,
        logging_info, service_role_arn, max_concurrency, max_errors, name, description,
        cutoff_behavior, alarm_configuration
        ; always priority
    }
    GetMaintenanceWindowTaskOutput => MaintenanceWindowTaskDetail {
        window_id, window_task_id, targets, task_arn, service_role_arn, task_type,
        task_parameters, task_invocation_parameters, max_concurrency, max_errors, logging_info,
        name, description, cutoff_behavior, alarm_configuration
        ; always priority
    }
    UpdateMaintenanceWindowTaskOutput => MaintenanceWindowTaskDetail {
        window_id, window_task_id, targets, task_arn, service_role_arn, task_parameters,
        task_invocation_parameters, max_concurrency, max_errors, logging_info, name, description,
        cutoff_behavior, alarm_configuration
        ; always priority
        ; never task_type
    }
}

pub(in crate::aws) fn register(
    call: RegisterTaskWithMaintenanceWindowFluentBuilder,
    request: RegisterTaskWithMaintenanceWindow,
) -> Result<RegisterTaskWithMaintenanceWindowFluentBuilder> {
    Ok(filled!(call, request => RegisterTaskWithMaintenanceWindow {
        window_id => set_window_id,
        targets => set_targets,
        task_arn => set_task_arn,
        service_role_arn => set_service_role_arn,
        task_type => set_task_type,
        task_parameters => set_task_parameters,
        task_invocation_parameters => set_task_invocation_parameters,
        priority => set_priority,
        max_concurrency => set_max_concurrency,
        max_errors => set_max_errors,
        logging_info => set_logging_info,
        name => set_name,
        description => set_description,
        client_token => set_client_token,
        cutoff_behavior => set_cutoff_behavior,
        alarm_configuration => set_alarm_configuration,
    }))
}

pub(in crate::aws) fn update(
    call: UpdateMaintenanceWindowTaskFluentBuilder,
    request: UpdateMaintenanceWindowTask,
) -> Result<UpdateMaintenanceWindowTaskFluentBuilder> {
    Ok(filled!(call, request => UpdateMaintenanceWindowTask {
        window_id => set_window_id,
        window_task_id => set_window_task_id,
        targets => set_targets,
        task_arn => set_task_arn,
        service_role_arn => set_service_role_arn,
        task_parameters => set_task_parameters,
        task_invocation_parameters => set_task_invocation_parameters,
        priority => set_priority,
        max_concurrency => set_max_concurrency,
        max_errors => set_max_errors,
        logging_info => set_logging_info,
        name => set_name,
        description => set_description,
        replace => set_replace,
        cutoff_behavior => set_cutoff_behavior,
        alarm_configuration => set_alarm_configuration,
    }))
}
