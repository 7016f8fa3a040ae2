//! What the service's models bound.

use std::fmt;
use std::ops::RangeInclusive;

use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result, ValidationProblems};
use crate::operation::NotificationConfig;
use crate::types::alarm::AlarmConfiguration;
use crate::types::{OperatingSystem, QueryFilter};
use crate::visible::Quoted;

pub(super) use crate::memory::store::errors::{
    does_not_exist, invalid_instance_id, invalid_resource_id, refused,
};

/// Operations whose model has `InvalidNextToken`.
const WITH_INVALID_NEXT_TOKEN: [Operation; 22] = [
    Operation::DescribeAssociationExecutions,
    Operation::DescribeAssociationExecutionTargets,
    Operation::DescribeAutomationExecutions,
    Operation::DescribeAutomationStepExecutions,
    Operation::DescribeDocumentPermission,
    Operation::DescribeEffectiveInstanceAssociations,
    Operation::DescribeInstanceAssociationsStatus,
    Operation::DescribeInstanceInformation,
    Operation::DescribeInstancePatches,
    Operation::DescribeInstancePatchStates,
    Operation::DescribeInstancePatchStatesForPatchGroup,
    Operation::ListAssociations,
    Operation::ListAssociationVersions,
    Operation::ListCommandInvocations,
    Operation::ListCommands,
    Operation::ListComplianceItems,
    Operation::ListComplianceSummaries,
    Operation::ListDocuments,
    Operation::ListNodes,
    Operation::ListNodesSummary,
    Operation::ListResourceComplianceSummaries,
    Operation::ListResourceDataSync,
];

/// A page token that this listing did not give.
pub(super) fn bad_token(operation: Operation) -> Error {
    let message = "The specified token is not valid.";
    if WITH_INVALID_NEXT_TOKEN.contains(&operation) {
        Error::service(ErrorKind::InvalidInput, "InvalidNextToken", message)
            .with_operation(operation)
    } else {
        refused(operation, message)
    }
}

/// A filter that a listing does not know, or whose values it cannot read.
pub(super) fn invalid_filter(operation: Operation, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, "InvalidFilter", message).with_operation(operation)
}

/// A quota of the account that is used up.
pub(super) fn limit_exceeded(message: impl Into<String>) -> Error {
    let code = "ResourceLimitExceededException";
    Error::service(ErrorKind::LimitExceeded, code, message)
}

/// Refuses the first of these filter keys that a listing does not know.
pub(super) fn known_keys<'k>(
    operation: Operation,
    mut keys: impl Iterator<Item = &'k str>,
    known: &[&str],
) -> Result<()> {
    match keys.find(|key| !known.contains(key)) {
        None => Ok(()),
        Some(key) => {
            let message = format!("{} is not one of {}", Quoted(key), known.join(", "));
            Err(invalid_filter(operation, message))
        }
    }
}

/// Gathers what the service's validation finds, which it reports in one message.
#[derive(Debug)]
pub(super) struct Validation {
    operation: Operation,
    problems: ValidationProblems,
}

impl Validation {
    pub(super) fn of(operation: Operation) -> Self {
        Self {
            operation,
            problems: ValidationProblems::default(),
        }
    }

    /// Records a problem unless the condition holds.
    pub(super) fn require(&mut self, holds: bool, field: impl fmt::Display, rule: &str) {
        if !holds {
            self.problems.push(
                || Quoted(&field.to_string()).to_string(),
                || rule.to_owned(),
            );
        }
    }

    /// The number of characters of a text.
    pub(super) fn length(
        &mut self,
        field: impl fmt::Display,
        text: &str,
        legal: RangeInclusive<usize>,
    ) {
        let rule = format!(
            "Member must have length between {} and {}",
            legal.start(),
            legal.end()
        );
        self.require(legal.contains(&text.chars().count()), field, &rule);
    }

    /// The number of members of a list.
    pub(super) fn count<T>(
        &mut self,
        field: impl fmt::Display,
        list: &[T],
        legal: RangeInclusive<usize>,
    ) {
        let rule = format!(
            "Member must have between {} and {} members",
            legal.start(),
            legal.end()
        );
        self.require(legal.contains(&list.len()), field, &rule);
    }

    /// A member of one of the service's enumerations.
    pub(super) fn one_of(&mut self, field: impl fmt::Display, known: bool) {
        self.require(known, field, "Member must satisfy enum value set");
    }

    /// The error of everything found, if anything was.
    pub(super) fn finish(self) -> Result<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(refused(self.operation, self.problems.message()))
    }
}

/// Where notifications go: the model's enumerations.
pub(super) fn notifications(validation: &mut Validation, config: Option<&NotificationConfig>) {
    let Some(config) = config else { return };
    let known = config
        .notification_events
        .iter()
        .all(|event| event.is_known());
    validation.one_of("notificationConfig.notificationEvents", known);
    let kind = config.notification_type.as_ref();
    let known = kind.is_none_or(|kind| kind.is_known());
    validation.one_of("notificationConfig.notificationType", known);
}

/// Where an output goes in S3, as a command and a task have it. An empty name is none.
pub(super) fn output_place(
    validation: &mut Validation,
    bucket: Option<&str>,
    prefix: Option<&str>,
) {
    if let Some(bucket) = bucket.filter(|name| !name.is_empty()) {
        validation.length("outputS3BucketName", bucket, 3..=63);
    }
    validation.length("outputS3KeyPrefix", prefix.unwrap_or_default(), 0..=500);
}

/// The one alarm that stops an operation.
pub(super) fn alarms(validation: &mut Validation, configuration: Option<&AlarmConfiguration>) {
    let Some(configuration) = configuration else {
        return;
    };
    let alarms = configuration.alarms.as_deref().unwrap_or_default();
    validation.count("alarmConfiguration.alarms", alarms, 1..=1);
    for alarm in alarms {
        let name = alarm.name.as_deref().unwrap_or_default();
        validation.length("alarmConfiguration.alarms.name", name, 1..=255);
    }
}

/// Whether an operating system is one of the service's.
pub(super) fn operating_system(operation: Operation, os: &OperatingSystem) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.one_of("operatingSystem", os.is_known());
    validation.finish()
}

/// The filters of a listing of EC2: of the keys it knows, where `tag:` is that of any tag.
pub(crate) fn ec2_filters(
    operation: Operation,
    filters: &[QueryFilter],
    keys: &[&str],
) -> Result<()> {
    let is_of_tag = |key: &str| keys.contains(&"tag:") && key.starts_with("tag:");
    let unknown =
        |filter: &&QueryFilter| !keys.contains(&filter.key.as_str()) && !is_of_tag(&filter.key);
    match filters.iter().find(unknown) {
        None => Ok(()),
        Some(filter) => {
            let message = format!("The filter '{}' is invalid", Quoted(&filter.key));
            Err(refused(operation, message))
        }
    }
}

/// The filters of a listing: at most five, of the keys it knows (SSM model, `PatchOrchestratorFilter`).
pub(super) fn filters(operation: Operation, filters: &[QueryFilter], keys: &[&str]) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("filters", filters, 0..=5);
    for (number, filter) in filters.iter().enumerate() {
        let at = format!("filters.{}", number + 1);
        validation.require(
            keys.contains(&filter.key.as_str()),
            format!("{at}.key"),
            &format!(
                "{} is not a filter key; use one of {}",
                Quoted(&filter.key),
                keys.join(", ")
            ),
        );
        for value in &filter.values {
            validation.length(format!("{at}.values"), value, 1..=256);
        }
    }
    validation.finish()
}

/// What tells one listing from another: its filters.
pub(super) fn listing_key(filters: &[QueryFilter]) -> String {
    format!("{filters:?}")
}
