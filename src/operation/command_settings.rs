//! What a command has beside its document, nodes and limits: where output and notifications go, the
//! document's version, and the alarm that stops it.

use super::{
    CloudWatchOutputConfig, DocumentHashType, NotificationConfig, PatchRequest, SendCommand,
};
use crate::error::Violations;
use crate::types::alarm::AlarmConfiguration;

/// The settings of a command that [`PatchRequest`] takes one by one.
#[derive(Debug, Clone, Default)]
pub(super) struct CommandSettings {
    timeout_seconds: Option<u32>,
    comment: Option<String>,
    document_version: Option<String>,
    document_hash: Option<String>,
    output_bucket: Option<String>,
    output_prefix: Option<String>,
    cloud_watch_output: Option<CloudWatchOutputConfig>,
    notifications: Option<NotificationConfig>,
    service_role: Option<String>,
    alarm: Option<AlarmConfiguration>,
}

/// The settings of the run's commands, which a window's task has too.
impl PatchRequest {
    /// Sets the time limit of delivery, 30 to 2,592,000 seconds. The default is 3600.
    ///
    /// If a node is not reached in this time, it does not start, and its status is
    /// `DeliveryTimedOut`. This does not limit the time of patching;
    /// [`step_timeout_seconds`](Self::step_timeout_seconds) does.
    pub fn delivery_timeout_seconds(mut self, seconds: u32) -> Self {
        self.settings.timeout_seconds = Some(seconds);
        self
    }

    /// Sets a comment of at most 100 characters, which the service shows with the command.
    pub fn comment(mut self, comment: impl Into<String>) -> Self {
        self.settings.comment = Some(comment.into());
        self
    }

    /// Runs this version of the document: a number, `$LATEST` or `$DEFAULT`, which is the default.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::scan().nodes(["i-0123456789abcdef0"]).document_version("1");
    /// assert_eq!(request.commands()?[0].document_version.as_deref(), Some("1"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn document_version(mut self, version: impl Into<String>) -> Self {
        self.settings.document_version = Some(version.into());
        self
    }

    /// Runs the document only if it has this Sha256, 64 hexadecimal digits, as DescribeDocument shows
    /// it. Sha1 is deprecated (SSM model, SendCommand).
    ///
    /// The in-memory backend checks the form only: it does not have the documents' text.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::scan().nodes(["i-0123456789abcdef0"]);
    /// let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// assert_eq!(request.clone().document_hash(sha256).commands()?.len(), 1);
    /// assert!(request.document_hash("9f86d081").commands().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn document_hash(mut self, sha256: impl Into<String>) -> Self {
        self.settings.document_hash = Some(sha256.into());
        self
    }

    /// Puts the full output into this bucket, whose name has 3 to 63 characters. Without a bucket the
    /// service keeps the first 24,000 characters of a step's output.
    ///
    /// The service finds the bucket's Region. The role of each node needs `s3:PutObject` on it.
    #[cfg_attr(
        feature = "data-sync",
        doc = "[`PatchRun::full_output`](crate::manager::PatchRun::full_output) reads it."
    )]
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .output_bucket("patch-logs")
    ///     .output_prefix("production");
    /// let commands = request.commands()?;
    /// assert_eq!(commands[0].output_s3_bucket_name.as_deref(), Some("patch-logs"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn output_bucket(mut self, name: impl Into<String>) -> Self {
        self.settings.output_bucket = Some(name.into());
        self
    }

    /// Puts the full output under this key prefix of [`output_bucket`](Self::output_bucket), at most
    /// 500 characters.
    pub fn output_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.output_prefix = Some(prefix.into());
        self
    }

    /// Sends output to CloudWatch Logs, or not. The role of each node needs the permission.
    ///
    /// The name of a log group has 1 to 512 letters, digits, `_`, `-`, `/`, `.` or `#` (CloudWatch Logs,
    /// CreateLogGroup).
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::operation::CloudWatchOutputConfig;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .cloud_watch_output(CloudWatchOutputConfig::to_group("/patching"));
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn cloud_watch_output(mut self, output: CloudWatchOutputConfig) -> Self {
        self.settings.cloud_watch_output = Some(output);
        self
    }

    /// Notifies an SNS topic of changes of status. Needs a [`service_role`](Self::service_role).
    ///
    /// At least one event; [`All`](super::NotificationEvent::All) stands alone.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::operation::{NotificationConfig, NotificationEvent};
    ///
    /// let topic = "arn:aws:sns:eu-central-1:111122223333:patching";
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .notifications(NotificationConfig::new(topic, [NotificationEvent::Failed]));
    /// assert!(request.commands().is_err()); // Who sends them?
    /// let request = request.service_role("arn:aws:iam::111122223333:role/notify");
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn notifications(mut self, config: NotificationConfig) -> Self {
        self.settings.notifications = Some(config);
        self
    }

    /// The ARN of the role that sends notifications. It must trust Systems Manager and allow
    /// `sns:Publish`, and the caller needs `iam:PassRole` for it (SSM model, SendCommand).
    pub fn service_role(mut self, arn: impl Into<String>) -> Self {
        self.settings.service_role = Some(arn.into());
        self
    }

    /// Stops the run when a CloudWatch alarm is on. One alarm.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::schedule::AlarmConfiguration;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .alarm(AlarmConfiguration::new("checkout-errors"));
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn alarm(mut self, configuration: AlarmConfiguration) -> Self {
        self.settings.alarm = Some(configuration);
        self
    }

    /// The bucket that the output goes to.
    pub(crate) fn output_bucket_name(&self) -> Option<&str> {
        self.settings.output_bucket.as_deref()
    }

    /// The log group that the output goes to, if it does.
    pub(crate) fn log_group(&self) -> Option<String> {
        let output = self.settings.cloud_watch_output.as_ref()?;
        let name = match output.cloud_watch_log_group_name.as_str() {
            "" => format!("/aws/ssm/{}", self.parameters().document()),
            name => name.to_owned(),
        };
        output.cloud_watch_output_enabled.then_some(name)
    }
}

impl CommandSettings {
    /// Sets the members of a command.
    pub(super) fn write(&self, command: &mut SendCommand) {
        let own = self.clone();
        command.timeout_seconds = own.timeout_seconds;
        command.comment = own.comment;
        command.document_version = own.document_version;
        let sha256 = own.document_hash.as_ref().map(|_| DocumentHashType::Sha256);
        command.document_hash_type = sha256;
        command.document_hash = own.document_hash;
        command.output_s3_bucket_name = own.output_bucket;
        command.output_s3_key_prefix = own.output_prefix;
        command.cloud_watch_output_config = own.cloud_watch_output;
        command.notification_config = own.notifications;
        command.service_role_arn = own.service_role;
        command.alarm_configuration = own.alarm;
    }

    /// Records everything that the service would refuse, and notifications that nobody could send.
    pub(super) fn check(&self, found: &mut Violations) {
        check_delivery_timeout(self.timeout_seconds, found);
        check_output_place(
            self.output_bucket.as_deref(),
            self.output_prefix.as_deref(),
            found,
        );
        if let Some(comment) = &self.comment {
            let length = comment.chars().count();
            let told = format_args!("{length} characters");
            found.require(length <= 100, "Comment", told, "at most 100 characters");
        }
        self.check_document(found);
        if let Some(output) = &self.cloud_watch_output {
            check_log_group(output, found);
        }
        if let Some(role) = &self.service_role {
            check_role("ServiceRoleArn", role, found);
        }
        if let Some(config) = &self.notifications {
            check_notifications(config, found);
            let legal = "the ARN of the role that sends the notifications";
            found.require(self.service_role.is_some(), "ServiceRoleArn", "", legal);
        }
        if let Some(alarm) = &self.alarm {
            check_alarm(alarm, found);
        }
    }

    fn check_document(&self, found: &mut Violations) {
        if let Some(version) = &self.document_version {
            check_document_version(version, found);
        }
        if let Some(hash) = &self.document_hash {
            let legal = "a Sha256: 64 hexadecimal digits";
            let is_legal = DocumentHashType::Sha256.has_form_of(hash);
            found.require(is_legal, "DocumentHash", hash, legal);
        }
    }
}

/// Records a version that no document can have.
pub(crate) fn check_document_version(version: &str, found: &mut Violations) {
    let numbered = !version.starts_with('0')
        && !version.is_empty()
        && version.bytes().all(|byte| byte.is_ascii_digit());
    let is_legal = numbered || ["$LATEST", "$DEFAULT"].contains(&version);
    let legal = "a number from 1, `$LATEST` or `$DEFAULT`";
    found.require(is_legal, "DocumentVersion", version, legal);
}

impl DocumentHashType {
    /// Whether a hash has the length and the digits of this algorithm's.
    pub(crate) fn has_form_of(&self, hash: &str) -> bool {
        let digits = match self {
            Self::Sha256 => 64,
            Self::Sha1 => 40,
            Self::Other(_) => return false,
        };
        hash.len() == digits && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// Records a time limit of delivery that the service would refuse (SSM model, `TimeoutSeconds`).
pub(crate) fn check_delivery_timeout(seconds: Option<u32>, found: &mut Violations) {
    if let Some(seconds) = seconds {
        let is_legal = (30..=2_592_000).contains(&seconds);
        found.require(
            is_legal,
            "TimeoutSeconds",
            seconds,
            "30 to 2,592,000 seconds",
        );
    }
}

/// Records a place for output in S3 that the service would refuse, or a prefix without a bucket.
pub(crate) fn check_output_place(
    bucket: Option<&str>,
    prefix: Option<&str>,
    found: &mut Violations,
) {
    if bucket.is_some() || prefix.is_some() {
        let bucket = bucket.unwrap_or_default();
        found.require(
            (3..=63).contains(&bucket.chars().count()),
            "OutputS3BucketName",
            bucket,
            "the name of a bucket, 3 to 63 characters",
        );
    }
    let length = prefix.unwrap_or_default().chars().count();
    let told = format_args!("{length} characters");
    found.require(
        length <= 500,
        "OutputS3KeyPrefix",
        told,
        "at most 500 characters",
    );
}

fn check_log_group(output: &CloudWatchOutputConfig, found: &mut Violations) {
    let name = output.cloud_watch_log_group_name.as_str();
    let field = "CloudWatchOutputConfig.CloudWatchLogGroupName";
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    let legal = "at most 512 letters, digits, `_`, `-`, `/`, `.` or `#`; or empty for the service's own group";
    found.require(
        name.chars().count() <= 512 && name.chars().all(plain),
        field,
        name,
        legal,
    );
}

/// Records what the service would refuse of notifications.
pub(crate) fn check_notifications(config: &NotificationConfig, found: &mut Violations) {
    let topic = &config.notification_arn;
    let legal = "the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:TOPIC";
    let is_topic = is_arn(topic, "sns");
    found.require(is_topic, "NotificationConfig.NotificationArn", topic, legal);
    let events = &config.notification_events;
    let field = "NotificationConfig.NotificationEvents";
    let legal = "`All`, or some of `InProgress`, `Success`, `TimedOut`, `Cancelled` and `Failed`";
    let all = super::NotificationEvent::All;
    let told: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    let is_legal = !events.is_empty()
        && events.iter().all(super::NotificationEvent::is_known)
        && (events.len() == 1 || !events.contains(&all));
    found.require(is_legal, field, told.join(", "), legal);
    if let Some(kind) = &config.notification_type {
        let field = "NotificationConfig.NotificationType";
        found.require(kind.is_known(), field, kind, "`Command` or `Invocation`");
    }
}

fn check_alarm(configuration: &AlarmConfiguration, found: &mut Violations) {
    let alarms = configuration.alarms.as_deref().unwrap_or_default();
    let told = format_args!("{} alarms", alarms.len());
    let field = "AlarmConfiguration.Alarms";
    found.require(alarms.len() == 1, field, told, "one alarm");
    for (index, alarm) in alarms.iter().enumerate() {
        let name = alarm.name.as_deref().unwrap_or_default();
        // SSM model, `AlarmName`.
        let is_legal = !name.trim().is_empty() && name.chars().count() <= 255;
        let field = format!("AlarmConfiguration.Alarms[{index}].Name");
        found.require(
            is_legal,
            field,
            name,
            "1 to 255 characters, not only spaces",
        );
    }
}

/// Records what is not the ARN of a role.
pub(crate) fn check_role(field: &str, role: &str, found: &mut Violations) {
    let legal = "the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME";
    let is_role = is_arn(role, "iam") && role.contains(":role/");
    found.require(is_role, field, role, legal);
}

/// Whether a text has the form of an ARN of this service, in any partition.
fn is_arn(text: &str, service: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    parts.next() == Some("arn")
        && parts
            .next()
            .is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some(service)
        && parts.nth(2).is_some_and(|resource| !resource.is_empty())
}
