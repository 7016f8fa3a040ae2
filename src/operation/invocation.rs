use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CloudWatchOutputConfig, NotificationConfig};
use crate::types::{CommandId, NodeId, debug_shape, string_enum, timestamp};

string_enum! {
    /// The status of a command on one node.
    pub enum InvocationStatus {
        /// Not delivered yet.
        Pending = "Pending",
        /// Running, also during a reboot of an Install.
        InProgress = "InProgress",
        /// Not delivered yet; the service tries again.
        Delayed = "Delayed",
        /// Succeeded: the operation ran and reported. It does not mean that the node is compliant.
        Success = "Success",
        /// Cancelled before it ended.
        Cancelled = "Cancelled",
        /// Not delivered, or not finished, in time.
        TimedOut = "TimedOut",
        /// Failed.
        Failed = "Failed",
        /// Being cancelled.
        Cancelling = "Cancelling",
    }
}

impl InvocationStatus {
    /// Whether this status is final.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Success | Self::Cancelled | Self::Failed | Self::TimedOut
        )
    }
}

string_enum! {
    /// The status of one step of the document on one node.
    pub enum CommandPluginStatus {
        /// Not started.
        Pending = "Pending",
        /// Running.
        InProgress = "InProgress",
        /// Succeeded, or skipped because it is for another platform.
        Success = "Success",
        /// Ran out of time.
        TimedOut = "TimedOut",
        /// Cancelled.
        Cancelled = "Cancelled",
        /// Failed.
        Failed = "Failed",
    }
}

/// One step of the document on one node; for patching `PatchWindows`, `PatchLinux` and `PatchMacOS`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CommandPlugin {
    /// The step's name.
    pub name: String,
    /// Its status.
    pub status: CommandPluginStatus,
    /// The status in more detail.
    #[serde(default)]
    pub status_details: String,
    /// The exit code; -1 before it ended.
    #[serde(default)]
    pub response_code: i32,
    /// When it started.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_start_date_time: Option<Timestamp>,
    /// When it ended.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub response_finish_date_time: Option<Timestamp>,
    /// Its output, at most 2,500 characters.
    #[serde(default)]
    pub output: String,
    /// The location of its full output.
    #[serde(default)]
    pub standard_output_url: String,
    /// The location of its full error output.
    #[serde(default)]
    pub standard_error_url: String,
    /// The region of the output bucket.
    #[serde(
        rename = "OutputS3Region",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub output_s3_region: Option<String>,
    /// The output bucket.
    #[serde(rename = "OutputS3BucketName", default)]
    pub output_s3_bucket_name: String,
    /// The key prefix in that bucket.
    #[serde(rename = "OutputS3KeyPrefix", default)]
    pub output_s3_key_prefix: String,
}

debug_shape! {
    CommandPlugin {
        name,
        status,
        status_details,
        response_code,
        response_start_date_time,
        response_finish_date_time,
        output,
        [url] standard_output_url,
        [url] standard_error_url,
        output_s3_region,
        output_s3_bucket_name,
        output_s3_key_prefix,
    }
}

impl CommandPlugin {
    /// A step with this name and status; all other members are empty.
    pub fn new(name: impl Into<String>, status: CommandPluginStatus) -> Self {
        Self {
            name: name.into(),
            status_details: status.as_str().to_owned(),
            status,
            response_code: -1,
            response_start_date_time: None,
            response_finish_date_time: None,
            output: String::new(),
            standard_output_url: String::new(),
            standard_error_url: String::new(),
            output_s3_region: None,
            output_s3_bucket_name: String::new(),
            output_s3_key_prefix: String::new(),
        }
    }
}

/// A command on one node, as ListCommandInvocations returns it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CommandInvocation {
    /// The command.
    pub command_id: CommandId,
    /// The node.
    pub instance_id: NodeId,
    /// The node's name.
    #[serde(default)]
    pub instance_name: String,
    /// The comment.
    #[serde(default)]
    pub comment: String,
    /// The document.
    #[serde(default)]
    pub document_name: String,
    /// The document's version; empty for the default one.
    #[serde(default)]
    pub document_version: String,
    /// When it was sent.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub requested_date_time: Option<Timestamp>,
    /// The status.
    pub status: InvocationStatus,
    /// The status in more detail, such as `DeliveryTimedOut` or `Undeliverable`.
    #[serde(default)]
    pub status_details: String,
    /// The agent's trace, at most 2,500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_output: Option<String>,
    /// Where the full output lies.
    #[serde(default)]
    pub standard_output_url: String,
    /// Where the full error output lies.
    #[serde(default)]
    pub standard_error_url: String,
    /// The steps, if the request asks for details.
    #[serde(default)]
    pub command_plugins: Vec<CommandPlugin>,
    /// The service role for notifications.
    #[serde(default)]
    pub service_role: String,
    /// The targets of notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_config: Option<NotificationConfig>,
    /// Whether output goes to CloudWatch Logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
}

debug_shape! {
    CommandInvocation {
        command_id,
        instance_id,
        instance_name,
        comment,
        document_name,
        document_version,
        requested_date_time,
        status,
        status_details,
        trace_output,
        [url] standard_output_url,
        [url] standard_error_url,
        command_plugins,
        service_role,
        notification_config,
        cloud_watch_output_config,
    }
}

impl CommandInvocation {
    /// An invocation with this status; all other members are empty.
    pub fn new(
        command_id: impl Into<CommandId>,
        instance_id: impl Into<NodeId>,
        status: InvocationStatus,
    ) -> Self {
        Self {
            command_id: command_id.into(),
            instance_id: instance_id.into(),
            instance_name: String::new(),
            comment: String::new(),
            document_name: String::new(),
            document_version: String::new(),
            requested_date_time: None,
            status_details: status.as_str().to_owned(),
            status,
            trace_output: None,
            standard_output_url: String::new(),
            standard_error_url: String::new(),
            command_plugins: Vec::new(),
            service_role: String::new(),
            notification_config: None,
            cloud_watch_output_config: None,
        }
    }
}

/// One step of a command on one node with its output, as GetCommandInvocation returns it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CommandInvocationDetail {
    /// The command.
    pub command_id: CommandId,
    /// The node.
    pub instance_id: NodeId,
    /// The comment.
    #[serde(default)]
    pub comment: String,
    /// The document.
    #[serde(default)]
    pub document_name: String,
    /// The document's version; empty for the default one.
    #[serde(default)]
    pub document_version: String,
    /// The step.
    #[serde(default)]
    pub plugin_name: String,
    /// The exit code; -1 before it ended.
    #[serde(default)]
    pub response_code: i32,
    /// When it started, as ISO 8601 text; empty before.
    #[serde(default)]
    pub execution_start_date_time: String,
    /// Its duration, in ISO 8601.
    #[serde(default)]
    pub execution_elapsed_time: String,
    /// When it ended, as ISO 8601 text; empty before.
    #[serde(default)]
    pub execution_end_date_time: String,
    /// The status.
    pub status: InvocationStatus,
    /// The status in more detail.
    #[serde(default)]
    pub status_details: String,
    /// The output, at most 24,000 characters.
    #[serde(default)]
    pub standard_output_content: String,
    /// Where the full output lies.
    #[serde(default)]
    pub standard_output_url: String,
    /// The error output, at most 8,000 characters.
    #[serde(default)]
    pub standard_error_content: String,
    /// Where the full error output lies.
    #[serde(default)]
    pub standard_error_url: String,
    /// Whether output goes to CloudWatch Logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
}

debug_shape! {
    CommandInvocationDetail {
        command_id,
        instance_id,
        comment,
        document_name,
        document_version,
        plugin_name,
        response_code,
        execution_start_date_time,
        execution_elapsed_time,
        execution_end_date_time,
        status,
        status_details,
        standard_output_content,
        [url] standard_output_url,
        standard_error_content,
        [url] standard_error_url,
        cloud_watch_output_config,
    }
}

impl CommandInvocationDetail {
    /// A detail with this status; all other members are empty.
    pub fn new(
        command_id: impl Into<CommandId>,
        instance_id: impl Into<NodeId>,
        status: InvocationStatus,
    ) -> Self {
        Self {
            command_id: command_id.into(),
            instance_id: instance_id.into(),
            comment: String::new(),
            document_name: String::new(),
            document_version: String::new(),
            plugin_name: String::new(),
            response_code: -1,
            execution_start_date_time: String::new(),
            execution_elapsed_time: String::new(),
            execution_end_date_time: String::new(),
            status_details: status.as_str().to_owned(),
            status,
            standard_output_content: String::new(),
            standard_output_url: String::new(),
            standard_error_content: String::new(),
            standard_error_url: String::new(),
            cloud_watch_output_config: None,
        }
    }
}
