//! Documents, and executions of runbooks.

use aws_sdk_ssm::operation::get_document::GetDocumentOutput;
use aws_sdk_ssm::operation::start_automation_execution::builders::StartAutomationExecutionFluentBuilder;
use aws_sdk_ssm::types as sdk;

use super::member::{Convert, always, filled, received, sent, values};
use crate::automation::{
    AccountSharingInfo, AttachmentInformation, AttachmentsContent, AttachmentsSource,
    AttachmentsSourceKey, AutomationExecution, AutomationExecutionFilter,
    AutomationExecutionMetadata, AutomationExecutionStatus, AutomationSubtype, AutomationType,
    Document, DocumentDefaultVersionDescription, DocumentDescription, DocumentFilter,
    DocumentFormat, DocumentIdentifier, DocumentParameter, DocumentParameterType, DocumentRequires,
    DocumentStatus, DocumentType, ExecutionMode, FailureDetails, ParentStepDetails,
    ProgressCounters, ResolvedTargets, ReviewInformation, ReviewStatus, Runbook,
    StartAutomationExecution, StepExecution, StepExecutionFilter, StopType,
};
use crate::error::Result;
use crate::operation::DocumentHashType;
use crate::types::QueryFilter;

values!(
    AttachmentsSourceKey = AttachmentsSourceKey,
    AutomationExecutionStatus = AutomationExecutionStatus,
    AutomationSubtype = AutomationSubtype,
    AutomationType = AutomationType,
    DocumentFormat = DocumentFormat,
    DocumentHashType = AttachmentHashType,
    DocumentParameterType = DocumentParameterType,
    DocumentStatus = DocumentStatus,
    DocumentType = DocumentType,
    ExecutionMode = ExecutionMode,
    ReviewStatus = ReviewStatus,
    StopType = StopType,
);

received! {
    sdk::DocumentDescription => DocumentDescription {
        sha1, hash, hash_type, name, display_name, version_name, owner, created_date, status,
        status_information, document_version, description, parameters, platform_types,
        document_type, schema_version, latest_version, default_version, document_format,
        target_type, tags, attachments_information, requires, author, review_information,
        approved_version, pending_review_version, review_status, category, category_enum
        ; never cloud_providers
    }
    GetDocumentOutput => Document {
        name, created_date, display_name, version_name, document_version, status,
        status_information, content, document_type, document_format, requires,
        attachments_content, review_status
    }
    sdk::DocumentIdentifier => DocumentIdentifier {
        name, created_date, display_name, owner, version_name, platform_types, document_version,
        document_type, schema_version, document_format, target_type, tags, requires,
        review_status, author
        ; never cloud_providers
    }
    sdk::DocumentParameter => DocumentParameter { name, r#type, description, default_value }
    sdk::DocumentRequires => DocumentRequires {
        version, require_type, version_name
        ; always name
    }
    sdk::AttachmentInformation => AttachmentInformation { name }
    sdk::AttachmentContent => AttachmentsContent { name, hash, hash_type, url ; always size }
    sdk::ReviewInformation => ReviewInformation { reviewed_time, status, reviewer }
    sdk::DocumentDefaultVersionDescription => DocumentDefaultVersionDescription {
        name, default_version, default_version_name
    }
    sdk::AccountSharingInfo => AccountSharingInfo { account_id, shared_document_version }
    sdk::AutomationExecution => AutomationExecution {
        automation_execution_id, document_name, document_version, execution_start_time,
        execution_end_time, automation_execution_status, step_executions, parameters, outputs,
        failure_message, warning_message, mode, parent_automation_execution_id, executed_by,
        current_step_name, current_action, target_parameter_name, targets, target_maps,
        resolved_targets, max_concurrency, max_errors, target, target_locations,
        progress_counters, alarm_configuration, triggered_alarms, target_locations_url,
        automation_subtype, scheduled_time, runbooks, ops_item_id, association_id,
        change_request_name, variables
        ; always step_executions_truncated
        ; never targets_summary
    }
    sdk::AutomationExecutionMetadata => AutomationExecutionMetadata {
        automation_execution_id, document_name, document_version, automation_execution_status,
        execution_start_time, execution_end_time, executed_by, log_file, outputs, mode,
        parent_automation_execution_id, current_step_name, current_action, failure_message,
        warning_message, target_parameter_name, targets, target_maps, resolved_targets,
        max_concurrency, max_errors, target, automation_type, alarm_configuration,
        triggered_alarms, target_locations_url, automation_subtype, scheduled_time, runbooks,
        ops_item_id, association_id, change_request_name
    }
    sdk::StepExecution => StepExecution {
        step_name, action, timeout_seconds, on_failure, max_attempts, execution_start_time,
        execution_end_time, step_status, response_code, inputs, outputs, response,
        failure_message, warning_message, failure_details, step_execution_id,
        overridden_parameters, is_end, next_step, is_critical, valid_next_steps, targets,
        target_location, triggered_alarms, parent_step_details
    }
    sdk::ProgressCounters => ProgressCounters {
        ; always total_steps, success_steps, failed_steps, cancelled_steps, timed_out_steps
    }
    sdk::FailureDetails => FailureDetails { failure_stage, failure_type, details }
    sdk::ParentStepDetails => ParentStepDetails {
        step_execution_id, step_name, action, iteration, iterator_value
    }
    sdk::ResolvedTargets => ResolvedTargets { parameter_values ; always truncated }
    sdk::Runbook => Runbook {
        document_version, parameters, target_parameter_name, targets, target_maps,
        max_concurrency, max_errors, target_locations
        ; always document_name
    }
}

sent! {
    AttachmentsSource => sdk::AttachmentsSource {
        key => set_key, values => set_values, name => set_name
    }
    DocumentRequires => sdk::DocumentRequires {
        name => set_name, version => set_version, require_type => set_require_type,
        version_name => set_version_name
    }
    QueryFilter => sdk::AutomationExecutionFilter { ; always key => set_key, values => set_values }
    QueryFilter => sdk::StepExecutionFilter { ; always key => set_key, values => set_values }
    QueryFilter => sdk::DocumentKeyValuesFilter { ; always key => set_key, values => set_values }
}

pub(in crate::aws) fn start(
    call: StartAutomationExecutionFluentBuilder,
    request: StartAutomationExecution,
) -> Result<StartAutomationExecutionFluentBuilder> {
    Ok(filled!(call, request => StartAutomationExecution {
        document_name => set_document_name, document_version => set_document_version,
        parameters => set_parameters, client_token => set_client_token, mode => set_mode,
        target_parameter_name => set_target_parameter_name, targets => set_targets,
        target_maps => set_target_maps, max_concurrency => set_max_concurrency,
        max_errors => set_max_errors, target_locations => set_target_locations,
        tags => set_tags, alarm_configuration => set_alarm_configuration,
        target_locations_url => set_target_locations_url,
    }))
}

/// A filter by a key of its listing is sent as its key and values.
macro_rules! typed_filters {
    ($( $ours:ident => $theirs:ident ),+ $(,)?) => { $(
        impl Convert<sdk::$theirs> for $ours {
            fn convert(self) -> Result<sdk::$theirs> {
                self.as_filter().clone().convert()
            }
        }
    )+ };
}

typed_filters!(
    AutomationExecutionFilter => AutomationExecutionFilter,
    DocumentFilter => DocumentKeyValuesFilter,
    StepExecutionFilter => StepExecutionFilter,
);
