use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::types::alarm::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{CommandId, MaxConcurrency, MaxErrors, NodeId, Target, string_enum, timestamp};

string_enum! {
    /// The status of a command as a whole.
    pub enum CommandStatus {
        /// Not delivered to any node yet.
        Pending = "Pending",
        /// Running on at least one node.
        InProgress = "InProgress",
        /// Succeeded on every node.
        Success = "Success",
        /// Cancelled before it ended.
        Cancelled = "Cancelled",
        /// Ended, and failed on at least one node.
        Failed = "Failed",
        /// Ran out of time.
        TimedOut = "TimedOut",
        /// Being cancelled.
        Cancelling = "Cancelling",
    }
}

impl CommandStatus {
    /// Whether this status is final.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Success | Self::Cancelled | Self::Failed | Self::TimedOut
        )
    }
}

string_enum! {
    /// The event of a notification.
    pub enum NotificationEvent {
        /// Every change of status.
        All = "All",
        /// Running.
        InProgress = "InProgress",
        /// Succeeded.
        Success = "Success",
        /// Ran out of time.
        TimedOut = "TimedOut",
        /// Cancelled.
        Cancelled = "Cancelled",
        /// Failed.
        Failed = "Failed",
    }
}

string_enum! {
    /// The changes of status that notify.
    pub enum NotificationType {
        /// The command's as a whole.
        Command = "Command",
        /// Those on each node.
        Invocation = "Invocation",
    }
}

string_enum! {
    /// The hash algorithm of a document.
    pub enum DocumentHashType {
        /// SHA-256.
        Sha256 = "Sha256",
        /// SHA-1, which the service deprecates.
        Sha1 = "Sha1",
    }
}

/// The target of notifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct NotificationConfig {
    /// The topic's ARN.
    pub notification_arn: String,
    /// The events that notify.
    pub notification_events: Vec<NotificationEvent>,
    /// The changes of status that notify; those of the command if absent.
    #[serde(with = "empty_as_absent")]
    pub notification_type: Option<NotificationType>,
}

impl NotificationConfig {
    /// Notifies this SNS topic, by its ARN, of these events of the command as a whole.
    ///
    /// ```
    /// use aws_patch_manager::operation::{NotificationConfig, NotificationEvent, NotificationType};
    ///
    /// let topic = "arn:aws:sns:eu-central-1:111122223333:patching";
    /// let events = [NotificationEvent::Failed, NotificationEvent::TimedOut];
    /// let failures = NotificationConfig::new(topic, events).of(NotificationType::Invocation);
    /// assert_eq!(failures.notification_type, Some(NotificationType::Invocation));
    /// ```
    pub fn new(
        topic: impl Into<String>,
        events: impl IntoIterator<Item = NotificationEvent>,
    ) -> Self {
        Self {
            notification_arn: topic.into(),
            notification_events: events.into_iter().collect(),
            notification_type: Some(NotificationType::Command),
        }
    }

    /// The same of the command as a whole, or of its invocation on each node.
    #[must_use]
    pub fn of(mut self, kind: NotificationType) -> Self {
        self.notification_type = Some(kind);
        self
    }
}

/// AWS writes the type of a command without notifications as an empty text.
mod empty_as_absent {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::NotificationType;

    pub(super) fn serialize<S: Serializer>(
        value: &Option<NotificationType>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = value.as_ref().map_or("", NotificationType::as_str);
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NotificationType>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.filter(|text| !text.is_empty()).map(Into::into))
    }
}

/// Whether output goes to CloudWatch Logs, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct CloudWatchOutputConfig {
    /// The log group; `/aws/ssm/DOCUMENT` where empty.
    pub cloud_watch_log_group_name: String,
    /// Whether output is sent.
    pub cloud_watch_output_enabled: bool,
}

impl CloudWatchOutputConfig {
    /// Sends output to this log group. An empty name is the service's own group, `/aws/ssm/DOCUMENT`.
    ///
    /// ```
    /// use aws_patch_manager::operation::CloudWatchOutputConfig;
    ///
    /// assert!(CloudWatchOutputConfig::to_group("/patching").cloud_watch_output_enabled);
    /// assert!(!CloudWatchOutputConfig::default().cloud_watch_output_enabled);
    /// ```
    pub fn to_group(name: impl Into<String>) -> Self {
        Self {
            cloud_watch_log_group_name: name.into(),
            cloud_watch_output_enabled: true,
        }
    }
}

/// A command, as SendCommand and ListCommands return it.
///
/// Parameters can be secrets, so `Debug` shows only their names.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let mut commands = manager.list_commands();
/// while let Some(command) = commands.try_next().await? {
///     let (done, all) = (command.completed_count, command.target_count);
///     println!("{} {}: {done} of {all} nodes", command.command_id, command.status);
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Command {
    /// The id.
    pub command_id: CommandId,
    /// The document.
    #[serde(default)]
    pub document_name: String,
    /// The document's version; empty for the default one.
    #[serde(default)]
    pub document_version: String,
    /// The comment.
    #[serde(default)]
    pub comment: String,
    /// The time limit of delivery and execution.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_after: Option<Timestamp>,
    /// The document's parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The node ids it was sent to, if it was sent to ids.
    #[serde(default)]
    pub instance_ids: Vec<NodeId>,
    /// The targets it was sent to.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// When it was sent.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub requested_date_time: Option<Timestamp>,
    /// The status.
    pub status: CommandStatus,
    /// The status in more detail, such as `Incomplete` or `DeliveryTimedOut`.
    #[serde(default)]
    pub status_details: String,
    /// The bucket for the full output.
    #[serde(rename = "OutputS3BucketName", default)]
    pub output_s3_bucket_name: String,
    /// The key prefix in that bucket.
    #[serde(rename = "OutputS3KeyPrefix", default)]
    pub output_s3_key_prefix: String,
    /// The number of nodes at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<MaxConcurrency>,
    /// The number of tolerated errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_errors: Option<MaxErrors>,
    /// The number of nodes. It can be 0 right after the command was sent to a tag.
    #[serde(default)]
    pub target_count: u32,
    /// The number of nodes with a final status.
    #[serde(default)]
    pub completed_count: u32,
    /// The number of nodes that failed or ran out of execution time.
    #[serde(default)]
    pub error_count: u32,
    /// The number of nodes that were not reached in time.
    #[serde(default)]
    pub delivery_timed_out_count: u32,
    /// The service role for notifications.
    #[serde(default)]
    pub service_role: String,
    /// The target of notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_config: Option<NotificationConfig>,
    /// Whether output goes to CloudWatch Logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
    /// The time limit of delivery, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// The alarm that stops it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm_configuration: Option<AlarmConfiguration>,
    /// The alarm that stopped it; at most one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggered_alarms: Vec<AlarmStateInformation>,
}

/// How long the service may take to find the nodes of a command's targets.
const TARGETS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

impl Command {
    /// Whether it was sent so lately that its nodes may not be known yet, as when it is cancelled at once.
    pub(crate) fn may_get_targets(&self, now: Timestamp) -> bool {
        let age = self
            .requested_date_time
            .map(|sent| sent.duration_until(now));
        let is_new = age.is_some_and(|age| (SignedDuration::ZERO..TARGETS_WITHIN).contains(&age));
        is_new && self.target_count == 0 && self.status_details != "NoInstancesInTag"
    }

    /// A command with this id, document and status; all other members are empty.
    pub fn new(
        command_id: impl Into<CommandId>,
        document_name: impl Into<String>,
        status: CommandStatus,
    ) -> Self {
        Self {
            command_id: command_id.into(),
            document_name: document_name.into(),
            document_version: String::new(),
            comment: String::new(),
            expires_after: None,
            parameters: BTreeMap::new(),
            instance_ids: Vec::new(),
            targets: Vec::new(),
            requested_date_time: None,
            status_details: status.as_str().to_owned(),
            status,
            output_s3_bucket_name: String::new(),
            output_s3_key_prefix: String::new(),
            max_concurrency: None,
            max_errors: None,
            target_count: 0,
            completed_count: 0,
            error_count: 0,
            delivery_timed_out_count: 0,
            service_role: String::new(),
            notification_config: None,
            cloud_watch_output_config: None,
            timeout_seconds: None,
            alarm_configuration: None,
            triggered_alarms: Vec::new(),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("command_id", &self.command_id)
            .field("document_name", &self.document_name)
            .field("comment", &self.comment)
            .field("parameters", &self.parameters.keys())
            .field("instance_ids", &self.instance_ids)
            .field("targets", &self.targets)
            .field("requested_date_time", &self.requested_date_time)
            .field("status", &self.status)
            .field("status_details", &self.status_details)
            .field("target_count", &self.target_count)
            .field("completed_count", &self.completed_count)
            .field("error_count", &self.error_count)
            .field("delivery_timed_out_count", &self.delivery_timed_out_count)
            .finish_non_exhaustive()
    }
}
