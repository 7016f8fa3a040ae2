//! Maintenance windows, their targets and tasks, and their runs.

use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::create_maintenance_window::builders::CreateMaintenanceWindowFluentBuilder;
use of::get_maintenance_window::GetMaintenanceWindowOutput;
use of::get_maintenance_window_execution::GetMaintenanceWindowExecutionOutput;
use of::get_maintenance_window_execution_task::GetMaintenanceWindowExecutionTaskOutput;
use of::get_maintenance_window_execution_task_invocation::GetMaintenanceWindowExecutionTaskInvocationOutput;
use of::get_maintenance_window_task::GetMaintenanceWindowTaskOutput;
use of::register_target_with_maintenance_window::builders::RegisterTargetWithMaintenanceWindowFluentBuilder;
use of::register_task_with_maintenance_window::builders::RegisterTaskWithMaintenanceWindowFluentBuilder;
use of::update_maintenance_window::UpdateMaintenanceWindowOutput;
use of::update_maintenance_window::builders::UpdateMaintenanceWindowFluentBuilder;
use of::update_maintenance_window_target::UpdateMaintenanceWindowTargetOutput;
use of::update_maintenance_window_target::builders::UpdateMaintenanceWindowTargetFluentBuilder;
use of::update_maintenance_window_task::UpdateMaintenanceWindowTaskOutput;
use of::update_maintenance_window_task::builders::UpdateMaintenanceWindowTaskFluentBuilder;

use super::member::{always, filled, received, sent, values};
use crate::error::Result;
use crate::schedule::window::{
    CreateMaintenanceWindow, LoggingInfo, MaintenanceWindow, MaintenanceWindowAutomationParameters,
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowLambdaParameters,
    MaintenanceWindowResourceType, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowStepFunctionsParameters, MaintenanceWindowTarget, MaintenanceWindowTask,
    MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskParameterValueExpression,
    MaintenanceWindowTaskType, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};

values!(
    MaintenanceWindowExecutionStatus = MaintenanceWindowExecutionStatus,
    MaintenanceWindowResourceType = MaintenanceWindowResourceType,
    MaintenanceWindowTaskCutoffBehavior = MaintenanceWindowTaskCutoffBehavior,
    MaintenanceWindowTaskType = MaintenanceWindowTaskType,
);

received! {
    GetMaintenanceWindowOutput => MaintenanceWindow {
        window_id, name, description, start_date, end_date, schedule, schedule_timezone,
        schedule_offset, next_execution_time, duration, created_date, modified_date
        ; always cutoff, allow_unassociated_targets, enabled
    }
    UpdateMaintenanceWindowOutput => MaintenanceWindow {
        window_id, name, description, start_date, end_date, schedule, schedule_timezone,
        schedule_offset, duration
        ; always cutoff, allow_unassociated_targets, enabled
        ; never next_execution_time, created_date, modified_date
    }
    sdk::MaintenanceWindowIdentity => MaintenanceWindowIdentity {
        window_id, name, description, duration, schedule, schedule_timezone, schedule_offset,
        end_date, start_date, next_execution_time
        ; always enabled, cutoff
    }
    sdk::MaintenanceWindowIdentityForTarget => MaintenanceWindowIdentityForTarget {
        window_id, name
    }
    sdk::ScheduledWindowExecution => ScheduledWindowExecution {
        window_id, name, execution_time
    }
    sdk::MaintenanceWindowTarget => MaintenanceWindowTarget {
        window_id, window_target_id, resource_type, targets, owner_information, name, description
    }
    UpdateMaintenanceWindowTargetOutput => MaintenanceWindowTarget {
        window_id, window_target_id, targets, owner_information, name, description
        ; never resource_type
    }
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
    sdk::MaintenanceWindowTaskInvocationParameters => MaintenanceWindowTaskInvocationParameters {
        run_command, automation, step_functions, lambda
    }
    sdk::MaintenanceWindowRunCommandParameters => MaintenanceWindowRunCommandParameters {
        comment, cloud_watch_output_config, document_hash, document_hash_type, document_version,
        notification_config, output_s3_bucket_name, output_s3_key_prefix, parameters,
        service_role_arn, timeout_seconds
    }
    sdk::MaintenanceWindowAutomationParameters => MaintenanceWindowAutomationParameters {
        document_version, parameters
    }
    sdk::MaintenanceWindowStepFunctionsParameters => MaintenanceWindowStepFunctionsParameters {
        input, name
    }
    sdk::MaintenanceWindowLambdaParameters => MaintenanceWindowLambdaParameters {
        client_context, qualifier, payload
    }
    sdk::MaintenanceWindowTaskParameterValueExpression
        => MaintenanceWindowTaskParameterValueExpression { values }
    sdk::LoggingInfo => LoggingInfo {
        s3_key_prefix
        ; always s3_bucket_name, s3_region
    }
    sdk::MaintenanceWindowExecution => MaintenanceWindowExecution {
        window_id, window_execution_id, status, status_details, start_time, end_time
    }
    GetMaintenanceWindowExecutionOutput => MaintenanceWindowExecutionDetail {
        window_execution_id, task_ids, status, status_details, start_time, end_time
    }
    sdk::MaintenanceWindowExecutionTaskIdentity => MaintenanceWindowExecutionTaskIdentity {
        window_execution_id, task_execution_id, status, status_details, start_time, end_time,
        task_arn, task_type, alarm_configuration, triggered_alarms
    }
    GetMaintenanceWindowExecutionTaskOutput => MaintenanceWindowExecutionTask {
        window_execution_id, task_execution_id, task_arn, service_role, task_type = r#type,
        task_parameters, max_concurrency, max_errors, status, status_details, start_time,
        end_time, alarm_configuration, triggered_alarms
        ; always priority
    }
    sdk::MaintenanceWindowExecutionTaskInvocationIdentity => MaintenanceWindowExecutionTaskInvocation {
        window_execution_id, task_execution_id, invocation_id, execution_id, task_type,
        parameters, status, status_details, start_time, end_time, owner_information,
        window_target_id
    }
    GetMaintenanceWindowExecutionTaskInvocationOutput => MaintenanceWindowExecutionTaskInvocation {
        window_execution_id, task_execution_id, invocation_id, execution_id, task_type,
        parameters, status, status_details, start_time, end_time, owner_information,
        window_target_id
    }
}

/// Passes [`MaintenanceWindowSettings`](crate::schedule::window::MaintenanceWindowSettings) to a
/// call, with the members of the request only.
macro_rules! window {
    ($call:expr, $request:expr => $shape:ident { $($own:tt)* }) => {
        filled!($call, $request => $shape {
            $($own)*
            name => set_name, description => set_description, start_date => set_start_date,
            end_date => set_end_date, schedule => set_schedule,
            schedule_timezone => set_schedule_timezone, schedule_offset => set_schedule_offset,
            duration => set_duration, cutoff => set_cutoff,
            allow_unassociated_targets => set_allow_unassociated_targets
        })
    };
}

pub(in crate::aws) fn create(
    call: CreateMaintenanceWindowFluentBuilder,
    request: CreateMaintenanceWindow,
) -> Result<CreateMaintenanceWindowFluentBuilder> {
    Ok(window!(call, request => CreateMaintenanceWindow {
        client_token => set_client_token, tags => set_tags,
    }))
}

pub(in crate::aws) fn update(
    call: UpdateMaintenanceWindowFluentBuilder,
    request: UpdateMaintenanceWindow,
) -> Result<UpdateMaintenanceWindowFluentBuilder> {
    Ok(window!(call, request => UpdateMaintenanceWindow {
        window_id => set_window_id, enabled => set_enabled, replace => set_replace,
    }))
}

pub(in crate::aws) fn register_target(
    call: RegisterTargetWithMaintenanceWindowFluentBuilder,
    request: RegisterTargetWithMaintenanceWindow,
) -> Result<RegisterTargetWithMaintenanceWindowFluentBuilder> {
    Ok(
        filled!(call, request => RegisterTargetWithMaintenanceWindow {
            window_id => set_window_id, resource_type => set_resource_type,
            targets => set_targets, owner_information => set_owner_information,
            name => set_name, description => set_description, client_token => set_client_token
        }),
    )
}

pub(in crate::aws) fn update_target(
    call: UpdateMaintenanceWindowTargetFluentBuilder,
    request: UpdateMaintenanceWindowTarget,
) -> Result<UpdateMaintenanceWindowTargetFluentBuilder> {
    Ok(filled!(call, request => UpdateMaintenanceWindowTarget {
        window_id => set_window_id, window_target_id => set_window_target_id,
        targets => set_targets, owner_information => set_owner_information,
        name => set_name, description => set_description, replace => set_replace
    }))
}

/// Passes [`MaintenanceWindowTaskSettings`](crate::schedule::window::MaintenanceWindowTaskSettings)
/// to a call, with the members of the request only.
macro_rules! task {
    ($call:expr, $request:expr => $shape:ident { $($own:tt)* }) => {
        filled!($call, $request => $shape {
            $($own)*
            targets => set_targets, task_arn => set_task_arn,
            service_role_arn => set_service_role_arn, task_parameters => set_task_parameters,
            task_invocation_parameters => set_task_invocation_parameters,
            priority => set_priority, max_concurrency => set_max_concurrency,
            max_errors => set_max_errors, logging_info => set_logging_info,
            name => set_name, description => set_description,
            cutoff_behavior => set_cutoff_behavior,
            alarm_configuration => set_alarm_configuration
        })
    };
}

pub(in crate::aws) fn register_task(
    call: RegisterTaskWithMaintenanceWindowFluentBuilder,
    request: RegisterTaskWithMaintenanceWindow,
) -> Result<RegisterTaskWithMaintenanceWindowFluentBuilder> {
    Ok(task!(call, request => RegisterTaskWithMaintenanceWindow {
        window_id => set_window_id, task_type => set_task_type,
        client_token => set_client_token,
    }))
}

pub(in crate::aws) fn update_task(
    call: UpdateMaintenanceWindowTaskFluentBuilder,
    request: UpdateMaintenanceWindowTask,
) -> Result<UpdateMaintenanceWindowTaskFluentBuilder> {
    Ok(task!(call, request => UpdateMaintenanceWindowTask {
        window_id => set_window_id, window_task_id => set_window_task_id,
        replace => set_replace,
    }))
}

sent! {
    MaintenanceWindowTaskInvocationParameters => sdk::MaintenanceWindowTaskInvocationParameters {
        run_command => set_run_command, automation => set_automation,
        step_functions => set_step_functions, lambda => set_lambda
    }
    MaintenanceWindowRunCommandParameters => sdk::MaintenanceWindowRunCommandParameters {
        comment => set_comment, cloud_watch_output_config => set_cloud_watch_output_config,
        document_hash => set_document_hash, document_hash_type => set_document_hash_type,
        document_version => set_document_version, notification_config => set_notification_config,
        output_s3_bucket_name => set_output_s3_bucket_name,
        output_s3_key_prefix => set_output_s3_key_prefix, parameters => set_parameters,
        service_role_arn => set_service_role_arn, timeout_seconds => set_timeout_seconds
    }
    MaintenanceWindowAutomationParameters => sdk::MaintenanceWindowAutomationParameters {
        document_version => set_document_version, parameters => set_parameters
    }
    MaintenanceWindowStepFunctionsParameters => sdk::MaintenanceWindowStepFunctionsParameters {
        input => set_input, name => set_name
    }
    MaintenanceWindowLambdaParameters => sdk::MaintenanceWindowLambdaParameters {
        client_context => set_client_context, qualifier => set_qualifier, payload => set_payload
    }
    MaintenanceWindowTaskParameterValueExpression
        => sdk::MaintenanceWindowTaskParameterValueExpression { values => set_values }
    LoggingInfo => sdk::LoggingInfo {
        s3_bucket_name => set_s3_bucket_name, s3_key_prefix => set_s3_key_prefix,
        s3_region => set_s3_region
    }
}
