use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::get_maintenance_window_execution::GetMaintenanceWindowExecutionOutput;
use of::get_maintenance_window_execution_task::GetMaintenanceWindowExecutionTaskOutput;
use of::get_maintenance_window_execution_task_invocation::GetMaintenanceWindowExecutionTaskInvocationOutput;

use super::member::{received, values};
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};

values!(MaintenanceWindowExecutionStatus = MaintenanceWindowExecutionStatus);

received! {
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
