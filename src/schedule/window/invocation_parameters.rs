use std::collections::BTreeMap;

use crate::operation::{CloudWatchOutputConfig, NotificationConfig};
use crate::types::{shape, string_enum};

shape! {
    /// The invocation parameters of a maintenance window's task; the one member for the task's
    /// type.
    pub struct MaintenanceWindowTaskInvocationParameters {
        /// For Run Command.
        pub run_command: Option<MaintenanceWindowRunCommandParameters>,
        /// For Automation.
        pub automation: Option<MaintenanceWindowAutomationParameters>,
        /// For Step Functions.
        pub step_functions: Option<MaintenanceWindowStepFunctionsParameters>,
        /// For Lambda.
        pub lambda: Option<MaintenanceWindowLambdaParameters>,
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

shape! {
    /// The parameters of a Run Command task. The document's own can hold secrets.
    pub struct MaintenanceWindowRunCommandParameters {
        /// A comment, at most 100 characters.
        pub comment: Option<String>,
        /// Whether output goes to CloudWatch Logs.
        pub cloud_watch_output_config: Option<CloudWatchOutputConfig>,
        /// The hash that the document must have.
        pub document_hash: Option<String>,
        /// The algorithm of that hash.
        pub document_hash_type: Option<DocumentHashType>,
        /// The document's version.
        pub document_version: Option<String>,
        /// Where notifications go.
        pub notification_config: Option<NotificationConfig>,
        /// The bucket that takes the full output.
        pub output_s3_bucket_name: Option<String>,
        /// The key prefix in that bucket.
        pub output_s3_key_prefix: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// The role that sends notifications.
        pub service_role_arn: Option<String>,
        /// How long delivery may take, 30 to 2,592,000 seconds.
        pub timeout_seconds: Option<u32>,
    }
}

shape! {
    /// The parameters of an Automation task. The runbook's own can hold secrets.
    pub struct MaintenanceWindowAutomationParameters {
        /// The runbook's version.
        pub document_version: Option<String>,
        /// The runbook's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
    }
}

shape! {
    /// The parameters of a Step Functions task. The input is sensitive in the service's model.
    pub struct MaintenanceWindowStepFunctionsParameters {
        /// The input, at most 4,096 characters.
        pub [sensitive] input: Option<String>,
        /// The name of the execution.
        pub name: Option<String>,
    }
}

shape! {
    /// The parameters of a Lambda task. The payload is sensitive in the service's model.
    pub struct MaintenanceWindowLambdaParameters {
        /// Information about the client for the function, as base64.
        pub [sensitive] client_context: Option<String>,
        /// The function's version or alias.
        pub qualifier: Option<String>,
        /// The function's input as base64, at most 4,096 bytes.
        pub [sensitive] payload: Option<String>,
    }
}

shape! {
    /// The values of a task parameter, which are sensitive in the service's model.
    pub struct MaintenanceWindowTaskParameterValueExpression {
        /// The values, of 1 to 255 characters.
        pub [sensitive] values: Option<Vec<String>>,
    }
}

shape! {
    /// The bucket that takes a task's logs.
    pub struct LoggingInfo {
        /// The bucket.
        pub s3_bucket_name: Option<String>,
        /// The key prefix in it.
        pub s3_key_prefix: Option<String>,
        /// The bucket's region.
        pub s3_region: Option<String>,
    }
}
