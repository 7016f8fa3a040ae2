use aws_sdk_ssm::operation::create_association::builders::CreateAssociationFluentBuilder;
use aws_sdk_ssm::operation::update_association::builders::UpdateAssociationFluentBuilder;
use aws_sdk_ssm::types as sdk;

use super::built;
use super::member::{Convert, filled};
use crate::error::Result;
use crate::schedule::association::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
    CreateAssociation, InstanceAssociationOutputLocation, S3OutputLocation, TargetLocation,
    UpdateAssociation,
};

pub(in crate::aws) fn create(
    call: CreateAssociationFluentBuilder,
    request: CreateAssociation,
) -> Result<CreateAssociationFluentBuilder> {
    Ok(filled!(call, request => CreateAssociation {
        name => set_name,
        document_version => set_document_version,
        instance_id => set_instance_id,
        parameters => set_parameters,
        targets => set_targets,
        schedule_expression => set_schedule_expression,
        output_location => set_output_location,
        association_name => set_association_name,
        automation_target_parameter_name => set_automation_target_parameter_name,
        max_errors => set_max_errors,
        max_concurrency => set_max_concurrency,
        compliance_severity => set_compliance_severity,
        sync_compliance => set_sync_compliance,
        apply_only_at_cron_interval => set_apply_only_at_cron_interval,
        calendar_names => set_calendar_names,
        target_locations => set_target_locations,
        schedule_offset => set_schedule_offset,
        duration => set_duration,
        target_maps => set_target_maps,
        tags => set_tags,
        alarm_configuration => set_alarm_configuration,
        association_dispatch_assume_role => set_association_dispatch_assume_role,
    }))
}

pub(in crate::aws) fn update(
    call: UpdateAssociationFluentBuilder,
    request: UpdateAssociation,
) -> Result<UpdateAssociationFluentBuilder> {
    Ok(filled!(call, request => UpdateAssociation {
        association_id => set_association_id,
        name => set_name,
        association_version => set_association_version,
        document_version => set_document_version,
        parameters => set_parameters,
        targets => set_targets,
        schedule_expression => set_schedule_expression,
        output_location => set_output_location,
        association_name => set_association_name,
        automation_target_parameter_name => set_automation_target_parameter_name,
        max_errors => set_max_errors,
        max_concurrency => set_max_concurrency,
        compliance_severity => set_compliance_severity,
        sync_compliance => set_sync_compliance,
        apply_only_at_cron_interval => set_apply_only_at_cron_interval,
        calendar_names => set_calendar_names,
        target_locations => set_target_locations,
        schedule_offset => set_schedule_offset,
        duration => set_duration,
        target_maps => set_target_maps,
        alarm_configuration => set_alarm_configuration,
        association_dispatch_assume_role => set_association_dispatch_assume_role,
    }))
}

impl Convert<sdk::InstanceAssociationOutputLocation> for InstanceAssociationOutputLocation {
    fn convert(self) -> Result<sdk::InstanceAssociationOutputLocation> {
        let builder = sdk::InstanceAssociationOutputLocation::builder();
        Ok(filled!(builder, self => InstanceAssociationOutputLocation {
            s3_location => set_s3_location,
        })
        .build())
    }
}

impl Convert<sdk::S3OutputLocation> for S3OutputLocation {
    fn convert(self) -> Result<sdk::S3OutputLocation> {
        Ok(
            filled!(sdk::S3OutputLocation::builder(), self => S3OutputLocation {
                output_s3_region => set_output_s3_region,
                output_s3_bucket_name => set_output_s3_bucket_name,
                output_s3_key_prefix => set_output_s3_key_prefix,
            })
            .build(),
        )
    }
}

impl Convert<sdk::TargetLocation> for TargetLocation {
    fn convert(self) -> Result<sdk::TargetLocation> {
        Ok(
            filled!(sdk::TargetLocation::builder(), self => TargetLocation {
                accounts => set_accounts,
                regions => set_regions,
                target_location_max_concurrency => set_target_location_max_concurrency,
                target_location_max_errors => set_target_location_max_errors,
                execution_role_name => set_execution_role_name,
                target_location_alarm_configuration => set_target_location_alarm_configuration,
                include_child_organization_units => set_include_child_organization_units,
                exclude_accounts => set_exclude_accounts,
                targets => set_targets,
                targets_max_concurrency => set_targets_max_concurrency,
                targets_max_errors => set_targets_max_errors,
            })
            .build(),
        )
    }
}

impl Convert<sdk::AssociationFilter> for AssociationFilter {
    fn convert(self) -> Result<sdk::AssociationFilter> {
        let key = self.key.as_str().into();
        let filter = sdk::AssociationFilter::builder().key(key).value(self.value);
        built(filter.build())
    }
}

impl Convert<sdk::AssociationExecutionFilter> for AssociationExecutionFilter {
    fn convert(self) -> Result<sdk::AssociationExecutionFilter> {
        let filter = sdk::AssociationExecutionFilter::builder()
            .key(self.key.as_str().into())
            .value(self.value)
            .r#type(self.operator.as_str().into());
        built(filter.build())
    }
}

impl Convert<sdk::AssociationExecutionTargetsFilter> for AssociationExecutionTargetsFilter {
    fn convert(self) -> Result<sdk::AssociationExecutionTargetsFilter> {
        let filter = sdk::AssociationExecutionTargetsFilter::builder()
            .key(self.key.as_str().into())
            .value(self.value);
        built(filter.build())
    }
}
