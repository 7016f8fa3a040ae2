use std::collections::BTreeMap;

use aws_sdk_ssm::operation::get_command_invocation::GetCommandInvocationOutput;
use aws_sdk_ssm::types as sdk;

use super::filter::from_targets;
use super::member::Convert;
use super::{count, instant_of, required};
use crate::aws::marker::Field;
use crate::error::Result;
use crate::operation::{
    CloudWatchOutputConfig, Command, CommandInvocation, CommandInvocationDetail, CommandPlugin,
    CommandPluginStatus, CommandStatus, InvocationStatus, NotificationConfig,
};
use crate::types::NodeId;

/// The caller's own comment, without the mark that the adapter put behind it.
fn comment(comment: Option<String>) -> String {
    Field::COMMENT
        .unmarked(&comment.unwrap_or_default())
        .to_owned()
}

fn notification(config: sdk::NotificationConfig) -> NotificationConfig {
    NotificationConfig {
        notification_arn: config.notification_arn.unwrap_or_default(),
        notification_events: config
            .notification_events
            .unwrap_or_default()
            .into_iter()
            .map(|event| event.as_str().to_owned())
            .collect(),
        notification_type: config
            .notification_type
            .map(|kind| kind.as_str().to_owned())
            .unwrap_or_default(),
    }
}

fn cloud_watch(config: sdk::CloudWatchOutputConfig) -> CloudWatchOutputConfig {
    CloudWatchOutputConfig {
        cloud_watch_log_group_name: config.cloud_watch_log_group_name.unwrap_or_default(),
        cloud_watch_output_enabled: config.cloud_watch_output_enabled,
    }
}

impl Convert<NotificationConfig> for sdk::NotificationConfig {
    fn convert(self) -> Result<NotificationConfig> {
        Ok(notification(self))
    }
}

impl Convert<sdk::NotificationConfig> for NotificationConfig {
    fn convert(self) -> Result<sdk::NotificationConfig> {
        let Self {
            notification_arn,
            notification_events,
            notification_type,
        } = self;
        let events = notification_events.iter();
        Ok(sdk::NotificationConfig::builder()
            .set_notification_arn(unless_empty(notification_arn))
            .set_notification_events(Some(events.map(|event| event.as_str().into()).collect()))
            .set_notification_type(unless_empty(notification_type).map(|kind| kind.as_str().into()))
            .build())
    }
}

impl Convert<CloudWatchOutputConfig> for sdk::CloudWatchOutputConfig {
    fn convert(self) -> Result<CloudWatchOutputConfig> {
        Ok(cloud_watch(self))
    }
}

impl Convert<sdk::CloudWatchOutputConfig> for CloudWatchOutputConfig {
    fn convert(self) -> Result<sdk::CloudWatchOutputConfig> {
        let Self {
            cloud_watch_log_group_name,
            cloud_watch_output_enabled,
        } = self;
        Ok(sdk::CloudWatchOutputConfig::builder()
            .set_cloud_watch_log_group_name(unless_empty(cloud_watch_log_group_name))
            .cloud_watch_output_enabled(cloud_watch_output_enabled)
            .build())
    }
}

/// Ours has an empty text where the service has none.
fn unless_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(in crate::aws) fn command(command: sdk::Command, operation: &'static str) -> Result<Command> {
    let id = required(command.command_id, operation, "CommandId")?;
    let status = required(command.status, operation, "Status")?;
    let mut converted = Command::new(
        id,
        command.document_name.unwrap_or_default(),
        CommandStatus::from(status.as_str()),
    );
    converted.document_version = command.document_version.unwrap_or_default();
    converted.comment = comment(command.comment);
    converted.expires_after = instant_of(command.expires_after);
    converted.parameters = command
        .parameters
        .map(BTreeMap::from_iter)
        .unwrap_or_default();
    converted.instance_ids = command
        .instance_ids
        .unwrap_or_default()
        .into_iter()
        .map(NodeId::from)
        .collect();
    converted.targets = from_targets(command.targets);
    converted.requested_date_time = instant_of(command.requested_date_time);
    converted.status_details = command.status_details.unwrap_or_default();
    converted.output_s3_bucket_name = command.output_s3_bucket_name.unwrap_or_default();
    converted.output_s3_key_prefix = command.output_s3_key_prefix.unwrap_or_default();
    converted.max_concurrency = command.max_concurrency.and_then(|max| max.parse().ok());
    converted.max_errors = command.max_errors.and_then(|max| max.parse().ok());
    converted.target_count = count(command.target_count);
    converted.completed_count = count(command.completed_count);
    converted.error_count = count(command.error_count);
    converted.delivery_timed_out_count = count(command.delivery_timed_out_count);
    converted.service_role = command.service_role.unwrap_or_default();
    converted.notification_config = command.notification_config.map(notification);
    converted.cloud_watch_output_config = command.cloud_watch_output_config.map(cloud_watch);
    converted.timeout_seconds = command.timeout_seconds.map(count);
    Ok(converted)
}

pub(in crate::aws) fn invocation(invocation: sdk::CommandInvocation) -> Result<CommandInvocation> {
    const OPERATION: &str = "ListCommandInvocations";
    let command = required(invocation.command_id, OPERATION, "CommandId")?;
    let node = required(invocation.instance_id, OPERATION, "InstanceId")?;
    let status = required(invocation.status, OPERATION, "Status")?;
    let mut converted =
        CommandInvocation::new(command, node, InvocationStatus::from(status.as_str()));
    converted.instance_name = invocation.instance_name.unwrap_or_default();
    converted.comment = comment(invocation.comment);
    converted.document_name = invocation.document_name.unwrap_or_default();
    converted.document_version = invocation.document_version.unwrap_or_default();
    converted.requested_date_time = instant_of(invocation.requested_date_time);
    converted.status_details = invocation.status_details.unwrap_or_default();
    converted.trace_output = invocation.trace_output;
    converted.standard_output_url = invocation.standard_output_url.unwrap_or_default();
    converted.standard_error_url = invocation.standard_error_url.unwrap_or_default();
    converted.command_plugins = invocation
        .command_plugins
        .unwrap_or_default()
        .into_iter()
        .map(plugin)
        .collect();
    converted.service_role = invocation.service_role.unwrap_or_default();
    converted.notification_config = invocation.notification_config.map(notification);
    converted.cloud_watch_output_config = invocation.cloud_watch_output_config.map(cloud_watch);
    Ok(converted)
}

fn plugin(plugin: sdk::CommandPlugin) -> CommandPlugin {
    let status = plugin
        .status
        .as_ref()
        .map_or("Pending", |status| status.as_str());
    let mut converted = CommandPlugin::new(
        plugin.name.unwrap_or_default(),
        CommandPluginStatus::from(status),
    );
    converted.status_details = plugin.status_details.unwrap_or_default();
    converted.response_code = plugin.response_code;
    converted.response_start_date_time = instant_of(plugin.response_start_date_time);
    converted.response_finish_date_time = instant_of(plugin.response_finish_date_time);
    converted.output = plugin.output.unwrap_or_default();
    converted.standard_output_url = plugin.standard_output_url.unwrap_or_default();
    converted.standard_error_url = plugin.standard_error_url.unwrap_or_default();
    converted.output_s3_region = plugin.output_s3_region;
    converted.output_s3_bucket_name = plugin.output_s3_bucket_name.unwrap_or_default();
    converted.output_s3_key_prefix = plugin.output_s3_key_prefix.unwrap_or_default();
    converted
}

pub(in crate::aws) fn detail(
    output: GetCommandInvocationOutput,
) -> Result<CommandInvocationDetail> {
    const OPERATION: &str = "GetCommandInvocation";
    let command = required(output.command_id, OPERATION, "CommandId")?;
    let node = required(output.instance_id, OPERATION, "InstanceId")?;
    let status = required(output.status, OPERATION, "Status")?;
    let mut converted =
        CommandInvocationDetail::new(command, node, InvocationStatus::from(status.as_str()));
    converted.comment = comment(output.comment);
    converted.document_name = output.document_name.unwrap_or_default();
    converted.document_version = output.document_version.unwrap_or_default();
    converted.plugin_name = output.plugin_name.unwrap_or_default();
    converted.response_code = output.response_code;
    converted.execution_start_date_time = output.execution_start_date_time.unwrap_or_default();
    converted.execution_elapsed_time = output.execution_elapsed_time.unwrap_or_default();
    converted.execution_end_date_time = output.execution_end_date_time.unwrap_or_default();
    converted.status_details = output.status_details.unwrap_or_default();
    converted.standard_output_content = output.standard_output_content.unwrap_or_default();
    converted.standard_output_url = output.standard_output_url.unwrap_or_default();
    converted.standard_error_content = output.standard_error_content.unwrap_or_default();
    converted.standard_error_url = output.standard_error_url.unwrap_or_default();
    converted.cloud_watch_output_config = output.cloud_watch_output_config.map(cloud_watch);
    Ok(converted)
}
