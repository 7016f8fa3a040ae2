//! Commands, and what became of them.

use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;
use aws_sdk_ssm::operation::send_command::builders::SendCommandFluentBuilder;
use aws_sdk_ssm::types as sdk;

use super::member::{
    Convert, always, filled, lenient, or_default, received, sent, unless_empty, values,
};
use crate::aws::marker::Field;
use crate::error::Result;
use crate::operation::{
    CloudWatchOutputConfig, Command, CommandInvocation, CommandInvocationDetail, CommandPlugin,
    CommandPluginStatus, CommandStatus, DocumentHashType, InvocationStatus, NotificationConfig,
    NotificationEvent, NotificationType, SendCommand,
};

values!(
    CommandPluginStatus = CommandPluginStatus,
    CommandStatus = CommandStatus,
    DocumentHashType = DocumentHashType,
    InvocationStatus = CommandInvocationStatus,
    NotificationEvent = NotificationEvent,
    NotificationType = NotificationType,
);

received! {
    sdk::Command => Command {
        notification_config, cloud_watch_output_config, alarm_configuration
        ; required command_id, status
        ; or_default document_name, document_version, parameters, instance_ids, targets,
            status_details, output_s3_bucket_name, output_s3_key_prefix, service_role,
            triggered_alarms
        ; unmarked comment
        ; lenient expires_after, requested_date_time, max_concurrency, max_errors, target_count,
            completed_count, error_count, delivery_timed_out_count, timeout_seconds
    }
    sdk::CommandInvocation => CommandInvocation {
        trace_output, notification_config, cloud_watch_output_config
        ; required command_id, instance_id, status
        ; or_default instance_name, document_name, document_version, status_details,
            standard_output_url, standard_error_url, command_plugins, service_role
        ; unmarked comment
        ; lenient requested_date_time
    }
    sdk::CommandPlugin => CommandPlugin {
        response_code, output_s3_region
        ; or_default name, status_details, output, standard_output_url, standard_error_url,
            output_s3_bucket_name, output_s3_key_prefix
        ; or_pending status
        ; lenient response_start_date_time, response_finish_date_time
    }
    GetCommandInvocationOutput => CommandInvocationDetail {
        response_code, cloud_watch_output_config
        ; required command_id, instance_id, status
        ; or_default document_name, document_version, plugin_name, execution_start_date_time,
            execution_elapsed_time, execution_end_date_time, status_details,
            standard_output_content, standard_output_url, standard_error_content,
            standard_error_url
        ; unmarked comment
    }
    sdk::NotificationConfig => NotificationConfig {
        ; or_default notification_arn, notification_events
        ; unless_blank notification_type
    }
    sdk::CloudWatchOutputConfig => CloudWatchOutputConfig {
        cloud_watch_output_enabled
        ; or_default cloud_watch_log_group_name
    }
}

/// The caller's own comment, without the mark that the adapter put behind it.
fn unmarked(comment: Option<String>) -> Result<String> {
    let comment = comment.unwrap_or_default();
    Ok(Field::COMMENT.unmarked(&comment).to_owned())
}

/// AWS sends an empty type of a command without notifications.
fn unless_blank(kind: Option<sdk::NotificationType>) -> Result<Option<NotificationType>> {
    kind.filter(|kind| !kind.as_str().is_empty()).convert()
}

fn or_pending(status: Option<sdk::CommandPluginStatus>) -> Result<CommandPluginStatus> {
    status.map_or(Ok(CommandPluginStatus::Pending), Convert::convert)
}

sent! {
    NotificationConfig => sdk::NotificationConfig {
        notification_type => set_notification_type
        ; unless_empty notification_arn => set_notification_arn
        ; always notification_events => set_notification_events
    }
    CloudWatchOutputConfig => sdk::CloudWatchOutputConfig {
        ; unless_empty cloud_watch_log_group_name => set_cloud_watch_log_group_name
        ; always cloud_watch_output_enabled => set_cloud_watch_output_enabled
    }
}

pub(in crate::aws) fn send(
    call: SendCommandFluentBuilder,
    request: SendCommand,
) -> Result<SendCommandFluentBuilder> {
    Ok(filled!(call, request => SendCommand {
        document_version => set_document_version,
        document_hash => set_document_hash,
        document_hash_type => set_document_hash_type,
        comment => set_comment,
        timeout_seconds => set_timeout_seconds,
        max_concurrency => set_max_concurrency,
        max_errors => set_max_errors,
        output_s3_bucket_name => set_output_s3_bucket_name,
        output_s3_key_prefix => set_output_s3_key_prefix,
        notification_config => set_notification_config,
        service_role_arn => set_service_role_arn,
        cloud_watch_output_config => set_cloud_watch_output_config,
        alarm_configuration => set_alarm_configuration
        ; always document_name => set_document_name
        ; unless_empty instance_ids => set_instance_ids, targets => set_targets,
            parameters => set_parameters
    }))
}
