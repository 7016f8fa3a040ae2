use aws_sdk_ssm::types as sdk;

use super::member::{received, values};
use crate::schedule::association::{
    Association, AssociationComplianceSeverity, AssociationDescription, AssociationExecution,
    AssociationExecutionTarget, AssociationOverview, AssociationStatus, AssociationStatusName,
    AssociationSyncCompliance, AssociationVersionInfo, InstanceAssociation,
    InstanceAssociationOutputLocation, InstanceAssociationOutputUrl, InstanceAssociationStatusInfo,
    OutputSource, S3OutputLocation, S3OutputUrl, TargetLocation,
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
