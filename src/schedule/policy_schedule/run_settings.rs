use std::collections::BTreeMap;

use super::PolicySchedule;
use crate::error::Violations;
use crate::operation::{
    CloudWatchOutputConfig, NotificationConfig, PatchHooks, PatchParameters,
    check_delivery_timeout, check_notifications, check_output_place, check_role,
};
use crate::schedule::association::{InstanceAssociationOutputLocation, S3OutputLocation};
use crate::schedule::window::MaintenanceWindowRunCommandParameters;
use crate::types::PatchOperation;

/// The member of a window's command. The task of the window has one of the same name.
pub(super) const NOTIFICATION_ROLE: &str = "ServiceRoleArn of the notifications";

/// The settings of each run: overrides, hooks, output.
#[derive(Clone, Default)]
pub(super) struct RunSettings {
    pub(super) hooks: Option<PatchHooks>,
    pub(super) install_override_list: Option<String>,
    pub(super) baseline_override: Option<String>,
    pub(super) timeout_seconds: Option<u32>,
    pub(super) cloud_watch_log_group: Option<String>,
    notifications: Option<NotificationConfig>,
    pub(super) notification_role: Option<String>,
    bucket: Option<Bucket>,
}

#[derive(Debug, Clone)]
struct Bucket {
    name: String,
    prefix: Option<String>,
}

// The override URLs may be presigned.
impl std::fmt::Debug for RunSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunSettings")
            .field("hooks", &self.hooks)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("cloud_watch_log_group", &self.cloud_watch_log_group)
            .field("notifications", &self.notifications)
            .field("notification_role", &self.notification_role)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

/// The settings of each run.
impl PolicySchedule {
    /// Runs these documents around each Install, by AWS-RunPatchBaselineWithHooks.
    ///
    /// Not with the two overrides below.
    pub fn hooks(mut self, hooks: PatchHooks) -> Self {
        self.settings.run.hooks = Some(hooks);
        self
    }

    /// Installs only the patches of the list at this `https://` or `s3://` URL.
    ///
    /// At most 256 characters. Scans ignore it.
    pub fn install_override_list(mut self, url: impl Into<String>) -> Self {
        self.settings.run.install_override_list = Some(url.into());
        self
    }

    /// Uses the baselines at this `https://` or `s3://` URL instead of the registered ones. The
    /// runs then report no compliance.
    ///
    /// At most 256 characters.
    pub fn baseline_override(mut self, url: impl Into<String>) -> Self {
        self.settings.run.baseline_override = Some(url.into());
        self
    }

    /// How long delivery of a window's command may take, 30 to 2,592,000 seconds; 3600 if not set.
    pub fn delivery_timeout_seconds(mut self, seconds: u32) -> Self {
        self.settings.run.timeout_seconds = Some(seconds);
        self
    }

    /// Sends the output of a window's commands to this CloudWatch log group.
    ///
    /// The name has 1 to 512 characters (SSM model).
    pub fn cloud_watch_output(mut self, log_group: impl Into<String>) -> Self {
        self.settings.run.cloud_watch_log_group = Some(log_group.into());
        self
    }

    /// Sends notifications about a window's commands to an SNS topic, by the role of
    /// [`notification_role`](Self::notification_role), which is required with them.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::operation::{NotificationConfig, NotificationEvent};
    /// use aws_patch_manager::types::Target;
    ///
    /// let topic = "arn:aws:sns:us-east-1:123456789012:patching";
    /// let windows = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .target(Target::tag("Role", ["web"]))
    ///     .notifications(NotificationConfig::new(topic, [NotificationEvent::Failed]))
    ///     .notification_role("arn:aws:iam::123456789012:role/notify")
    ///     .maintenance_windows()?;
    /// assert_eq!(windows.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn notifications(mut self, config: NotificationConfig) -> Self {
        self.settings.run.notifications = Some(config);
        self
    }

    /// The ARN of the role that sends the [notifications](Self::notifications) of a window. It is not the
    /// [`service_role`](Self::service_role) that the window's tasks run with.
    pub fn notification_role(mut self, arn: impl Into<String>) -> Self {
        self.settings.run.notification_role = Some(arn.into());
        self
    }

    /// Puts the full output into this bucket.
    ///
    /// The name has 3 to 63 characters. Without a bucket the service keeps the first 24,000
    /// characters of a run's output.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("production")
    ///     .output_bucket("patch-logs")
    ///     .output_prefix("production")
    ///     .patch_policy()?;
    /// assert_eq!(policy.other_parameters["OutputS3BucketName"], "patch-logs");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn output_bucket(mut self, name: impl Into<String>) -> Self {
        let prefix = self.settings.run.bucket.and_then(|bucket| bucket.prefix);
        let name = name.into();
        self.settings.run.bucket = Some(Bucket { name, prefix });
        self
    }

    /// Puts the full output under this key prefix of [`output_bucket`](Self::output_bucket).
    ///
    /// At most 500 characters.
    pub fn output_prefix(mut self, prefix: impl Into<String>) -> Self {
        let bucket = self.settings.run.bucket.get_or_insert_with(|| Bucket {
            name: String::new(),
            prefix: None,
        });
        bucket.prefix = Some(prefix.into());
        self
    }

    /// The document's parameters for this operation. A scan has no hooks and no list.
    pub(super) fn parameters(&self, operation: PatchOperation) -> PatchParameters {
        let run = &self.settings.run;
        let mut parameters = PatchParameters::new(operation);
        parameters
            .baseline_override
            .clone_from(&run.baseline_override);
        if parameters.operation == PatchOperation::Install {
            parameters.reboot = Some(self.policy.reboot_option.clone());
            parameters.hooks.clone_from(&run.hooks);
            let list = &run.install_override_list;
            parameters.install_override_list.clone_from(list);
        }
        parameters
    }
}

impl RunSettings {
    /// Records what is wrong with the output location and the timeout.
    pub(super) fn check(&self, found: &mut Violations) {
        if let Some(bucket) = &self.bucket {
            check_output_place(Some(&bucket.name), bucket.prefix.as_deref(), found);
        }
        check_delivery_timeout(self.timeout_seconds, found);
        if let Some(role) = &self.notification_role {
            check_role(NOTIFICATION_ROLE, role, found);
        }
        if let Some(config) = &self.notifications {
            check_notifications(config, found);
            let legal = "the ARN of the role that sends the notifications";
            let is_given = self.notification_role.is_some();
            found.require(is_given, NOTIFICATION_ROLE, "", legal);
        }
    }

    /// The topic of the notifications.
    pub(super) fn topic(&self) -> Option<String> {
        let config = self.notifications.as_ref();
        config.map(|config| config.notification_arn.clone())
    }

    /// The output location in the parameters of a patch policy.
    pub(super) fn write_output(&self, parameters: &mut BTreeMap<String, String>) {
        let Some(bucket) = &self.bucket else { return };
        let mut set = |name: &str, value: &str| {
            parameters.insert(name.to_owned(), value.to_owned());
        };
        set("OutputLogEnableS3", "true");
        set("OutputS3BucketName", &bucket.name);
        if let Some(prefix) = &bucket.prefix {
            set("OutputS3KeyPrefix", prefix);
        }
    }

    /// The output location of an association.
    pub(super) fn output_location(&self) -> Option<InstanceAssociationOutputLocation> {
        let bucket = self.bucket.as_ref()?;
        let location = S3OutputLocation {
            output_s3_region: None,
            output_s3_bucket_name: Some(bucket.name.clone()),
            output_s3_key_prefix: bucket.prefix.clone(),
        };
        Some(InstanceAssociationOutputLocation {
            s3_location: Some(location),
        })
    }

    /// The invocation parameters of a window's task.
    pub(super) fn run_command(
        &self,
        parameters: &PatchParameters,
        comment: String,
    ) -> MaintenanceWindowRunCommandParameters {
        MaintenanceWindowRunCommandParameters {
            comment: Some(comment.chars().take(100).collect()),
            cloud_watch_output_config: self
                .cloud_watch_log_group
                .as_ref()
                .map(CloudWatchOutputConfig::to_group),
            output_s3_bucket_name: self.bucket.as_ref().map(|bucket| bucket.name.clone()),
            output_s3_key_prefix: self.bucket.as_ref().and_then(|b| b.prefix.clone()),
            parameters: Some(parameters.to_map()),
            timeout_seconds: self.timeout_seconds,
            notification_config: self.notifications.clone(),
            service_role_arn: self.notification_role.clone(),
            ..MaintenanceWindowRunCommandParameters::default()
        }
    }
}
