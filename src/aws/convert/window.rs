use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::create_maintenance_window::builders::CreateMaintenanceWindowFluentBuilder;
use of::get_maintenance_window::GetMaintenanceWindowOutput;
use of::register_target_with_maintenance_window::builders::RegisterTargetWithMaintenanceWindowFluentBuilder;
use of::update_maintenance_window::UpdateMaintenanceWindowOutput;
use of::update_maintenance_window::builders::UpdateMaintenanceWindowFluentBuilder;
use of::update_maintenance_window_target::UpdateMaintenanceWindowTargetOutput;
use of::update_maintenance_window_target::builders::UpdateMaintenanceWindowTargetFluentBuilder;

use super::member::{filled, received, values};
use crate::error::Result;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowResourceType, MaintenanceWindowTarget,
    RegisterTargetWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget,
};

values!(MaintenanceWindowResourceType = MaintenanceWindowResourceType);

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
}

pub(in crate::aws) fn create(
    call: CreateMaintenanceWindowFluentBuilder,
    request: CreateMaintenanceWindow,
) -> Result<CreateMaintenanceWindowFluentBuilder> {
    Ok(filled!(call, request => CreateMaintenanceWindow {
        name => set_name,
        description => set_description,
        start_date => set_start_date,
        end_date => set_end_date,
        schedule => set_schedule,
        schedule_timezone => set_schedule_timezone,
        schedule_offset => set_schedule_offset,
        duration => set_duration,
        cutoff => set_cutoff,
        allow_unassociated_targets => set_allow_unassociated_targets,
        client_token => set_client_token,
        tags => set_tags,
    }))
}

pub(in crate::aws) fn update(
    call: UpdateMaintenanceWindowFluentBuilder,
    request: UpdateMaintenanceWindow,
) -> Result<UpdateMaintenanceWindowFluentBuilder> {
    Ok(filled!(call, request => UpdateMaintenanceWindow {
        window_id => set_window_id,
        name => set_name,
        description => set_description,
        start_date => set_start_date,
        end_date => set_end_date,
        schedule => set_schedule,
        schedule_timezone => set_schedule_timezone,
        schedule_offset => set_schedule_offset,
        duration => set_duration,
        cutoff => set_cutoff,
        allow_unassociated_targets => set_allow_unassociated_targets,
        enabled => set_enabled,
        replace => set_replace,
    }))
}

pub(in crate::aws) fn register_target(
    call: RegisterTargetWithMaintenanceWindowFluentBuilder,
    request: RegisterTargetWithMaintenanceWindow,
) -> Result<RegisterTargetWithMaintenanceWindowFluentBuilder> {
    Ok(
        filled!(call, request => RegisterTargetWithMaintenanceWindow {
            window_id => set_window_id,
            resource_type => set_resource_type,
            targets => set_targets,
            owner_information => set_owner_information,
            name => set_name,
            description => set_description,
            client_token => set_client_token,
        }),
    )
}

pub(in crate::aws) fn update_target(
    call: UpdateMaintenanceWindowTargetFluentBuilder,
    request: UpdateMaintenanceWindowTarget,
) -> Result<UpdateMaintenanceWindowTargetFluentBuilder> {
    Ok(filled!(call, request => UpdateMaintenanceWindowTarget {
        window_id => set_window_id,
        window_target_id => set_window_target_id,
        targets => set_targets,
        owner_information => set_owner_information,
        name => set_name,
        description => set_description,
        replace => set_replace,
    }))
}
