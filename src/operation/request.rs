use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CloudWatchOutputConfig, DocumentHashType, NotificationConfig};
use crate::types::alarm::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, NodeId, PatchOperation, Target};

/// The document that scans and installs on Windows, Linux and macOS.
pub const RUN_PATCH_BASELINE: &str = "AWS-RunPatchBaseline";

/// The input of SendCommand.
///
/// Parameters can be secrets, so `Debug` shows only their names.
///
/// ```
/// use aws_patch_manager::PatchRequest;
///
/// for command in PatchRequest::scan().nodes(["i-0123456789abcdef0"]).commands()? {
///     assert_eq!(command.document_name, "AWS-RunPatchBaseline");
///     assert_eq!(command.parameter("Operation"), Some("Scan"));
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct SendCommand {
    /// The document.
    pub document_name: String,
    /// The document's version; the default version if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_version: Option<String>,
    /// The hash that the document must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_hash: Option<String>,
    /// The algorithm of that hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_hash_type: Option<DocumentHashType>,
    /// At most 50 node ids, if there are no targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instance_ids: Vec<NodeId>,
    /// At most 5 targets, if there are no node ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// The document's parameters.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Vec<String>>,
    /// A comment, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The time limit of delivery, 30 to 2,592,000 seconds; 3600 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
    /// The number of nodes at the same time; 50 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<MaxConcurrency>,
    /// The number of tolerated errors; 0 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_errors: Option<MaxErrors>,
    /// The bucket for the full output. The service finds its Region, and ignores the deprecated member
    /// `OutputS3Region`.
    #[serde(rename = "OutputS3BucketName", skip_serializing_if = "Option::is_none")]
    pub output_s3_bucket_name: Option<String>,
    /// The key prefix in that bucket.
    #[serde(rename = "OutputS3KeyPrefix", skip_serializing_if = "Option::is_none")]
    pub output_s3_key_prefix: Option<String>,
    /// The target of notifications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_config: Option<NotificationConfig>,
    /// The role that notifications are sent with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_role_arn: Option<String>,
    /// Whether output goes to CloudWatch Logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
    /// The alarm that stops the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarm_configuration: Option<AlarmConfiguration>,
}

impl SendCommand {
    /// A run of AWS-RunPatchBaseline with this operation; give it node ids or targets.
    pub fn run_patch_baseline(operation: PatchOperation) -> Self {
        let mut command = Self {
            document_name: RUN_PATCH_BASELINE.to_owned(),
            ..Self::default()
        };
        command.set_parameter("Operation", operation.as_str());
        command
    }

    /// Sets a parameter to one value.
    pub fn set_parameter(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.parameters.insert(name.into(), vec![value.into()]);
    }

    /// The first value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)?.first().map(String::as_str)
    }
}

impl fmt::Debug for SendCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendCommand")
            .field("document_name", &self.document_name)
            .field("instance_ids", &self.instance_ids)
            .field("targets", &self.targets)
            .field("parameters", &self.parameters.keys())
            .field("comment", &self.comment)
            .field("timeout_seconds", &self.timeout_seconds)
            .field("max_concurrency", &self.max_concurrency)
            .field("max_errors", &self.max_errors)
            .finish_non_exhaustive()
    }
}
