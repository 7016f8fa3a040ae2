//! Associations and their runs.

use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::create_association::builders::CreateAssociationFluentBuilder;
use of::update_association::builders::UpdateAssociationFluentBuilder;

use super::member::{always, filled, received, sent, values};
use crate::error::Result;
use crate::schedule::association::{
    Association, AssociationComplianceSeverity, AssociationDescription, AssociationExecution,
    AssociationExecutionTarget, AssociationOverview, AssociationStatus, AssociationStatusName,
    AssociationSyncCompliance, AssociationVersionInfo, CreateAssociation, InstanceAssociation,
    InstanceAssociationOutputLocation, InstanceAssociationOutputUrl, InstanceAssociationStatusInfo,
    OutputSource, S3OutputLocation, S3OutputUrl, TargetLocation, UpdateAssociation,
};

values!(
    AssociationComplianceSeverity = AssociationComplianceSeverity,
    AssociationSyncCompliance = AssociationSyncCompliance,
    AssociationStatusName = AssociationStatusName,
);

received! {
    sdk::AssociationDescription => AssociationDescription {
        name, instance_id, association_version, date, last_update_association_date, status,
        overview, document_version, automation_target_parameter_name, parameters, association_id,
        targets, schedule_expression, output_location, last_execution_date,
        last_successful_execution_date, association_name, max_errors, max_concurrency,
        compliance_severity, sync_compliance, calendar_names, target_locations, schedule_offset,
        duration, target_maps, alarm_configuration, triggered_alarms,
        association_dispatch_assume_role
        ; always apply_only_at_cron_interval
    }
    sdk::Association => Association {
        name, instance_id, association_id, association_version, document_version, targets,
        last_execution_date, overview, schedule_expression, association_name, schedule_offset,
        duration, target_maps
    }
    sdk::AssociationVersionInfo => AssociationVersionInfo {
        association_id, association_version, created_date, name, document_version, parameters,
        targets, schedule_expression, output_location, association_name, max_errors,
        max_concurrency, compliance_severity, sync_compliance, calendar_names, target_locations,
        schedule_offset, duration, target_maps, association_dispatch_assume_role
        ; always apply_only_at_cron_interval
    }
    sdk::AssociationStatus => AssociationStatus {
        additional_info
        ; always date, name, message
    }
    sdk::AssociationOverview => AssociationOverview {
        status, detailed_status, association_status_aggregated_count
    }
    sdk::InstanceAssociationOutputLocation => InstanceAssociationOutputLocation { s3_location }
    sdk::S3OutputLocation => S3OutputLocation {
        output_s3_region, output_s3_bucket_name, output_s3_key_prefix
    }
    sdk::InstanceAssociationOutputUrl => InstanceAssociationOutputUrl { s3_output_url }
    sdk::S3OutputUrl => S3OutputUrl { output_url }
    sdk::TargetLocation => TargetLocation {
        accounts, regions, target_location_max_concurrency, target_location_max_errors,
        execution_role_name, target_location_alarm_configuration, exclude_accounts, targets,
        targets_max_concurrency, targets_max_errors
        ; always include_child_organization_units
    }
    sdk::AssociationExecution => AssociationExecution {
        association_id, association_version, execution_id, status, detailed_status, created_time,
        last_execution_date, resource_count_by_status, alarm_configuration, triggered_alarms
    }
    sdk::AssociationExecutionTarget => AssociationExecutionTarget {
        association_id, association_version, execution_id, resource_id, resource_type, status,
        detailed_status, last_execution_date, output_source
    }
    sdk::OutputSource => OutputSource { output_source_id, output_source_type }
    sdk::InstanceAssociation => InstanceAssociation {
        association_id, instance_id, content, association_version
    }
    sdk::InstanceAssociationStatusInfo => InstanceAssociationStatusInfo {
        association_id, name, document_version, association_version, instance_id, execution_date,
        status, detailed_status, execution_summary, error_code, output_url, association_name
    }
}

/// Passes [`AssociationSettings`](crate::schedule::association::AssociationSettings) to a call,
/// with the members of the request only.
macro_rules! settings {
    ($call:expr, $request:expr => $shape:ident { $($own:tt)* }) => {
        filled!($call, $request => $shape {
            $($own)*
            name => set_name, document_version => set_document_version,
            parameters => set_parameters, targets => set_targets,
            schedule_expression => set_schedule_expression,
            output_location => set_output_location, association_name => set_association_name,
            automation_target_parameter_name => set_automation_target_parameter_name,
            max_errors => set_max_errors, max_concurrency => set_max_concurrency,
            compliance_severity => set_compliance_severity,
            sync_compliance => set_sync_compliance,
            apply_only_at_cron_interval => set_apply_only_at_cron_interval,
            calendar_names => set_calendar_names, target_locations => set_target_locations,
            schedule_offset => set_schedule_offset, duration => set_duration,
            target_maps => set_target_maps, alarm_configuration => set_alarm_configuration,
            association_dispatch_assume_role => set_association_dispatch_assume_role
        })
    };
}

pub(in crate::aws) fn create(
    call: CreateAssociationFluentBuilder,
    request: CreateAssociation,
) -> Result<CreateAssociationFluentBuilder> {
    Ok(settings!(call, request => CreateAssociation {
        instance_id => set_instance_id, tags => set_tags,
    }))
}

pub(in crate::aws) fn update(
    call: UpdateAssociationFluentBuilder,
    request: UpdateAssociation,
) -> Result<UpdateAssociationFluentBuilder> {
    Ok(settings!(call, request => UpdateAssociation {
        association_id => set_association_id, association_version => set_association_version,
    }))
}

sent! {
    InstanceAssociationOutputLocation => sdk::InstanceAssociationOutputLocation {
        s3_location => set_s3_location
    }
    S3OutputLocation => sdk::S3OutputLocation {
        output_s3_region => set_output_s3_region,
        output_s3_bucket_name => set_output_s3_bucket_name,
        output_s3_key_prefix => set_output_s3_key_prefix
    }
    TargetLocation => sdk::TargetLocation {
        accounts => set_accounts, regions => set_regions,
        target_location_max_concurrency => set_target_location_max_concurrency,
        target_location_max_errors => set_target_location_max_errors,
        execution_role_name => set_execution_role_name,
        target_location_alarm_configuration => set_target_location_alarm_configuration,
        include_child_organization_units => set_include_child_organization_units,
        exclude_accounts => set_exclude_accounts, targets => set_targets,
        targets_max_concurrency => set_targets_max_concurrency,
        targets_max_errors => set_targets_max_errors
    }
}
