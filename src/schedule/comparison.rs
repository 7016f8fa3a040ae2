//! Whether the service already has what is asked for.
//!
//! The service fills in what a request leaves out, and may write an empty text for an absent one.
//! Neither is a difference.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::association::AssociationSettings;
use super::window::{
    MaintenanceWindowRunCommandParameters, MaintenanceWindowSettings,
    MaintenanceWindowTargetSettings, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskSettings,
};
use crate::operation::CloudWatchOutputConfig;
use crate::types::Target;

impl MaintenanceWindowSettings {
    /// Whether a window with these settings needs no update to have the desired ones.
    pub(crate) fn matches(&self, desired: &Self) -> bool {
        self.name == desired.name
            && same_text(&self.description, &desired.description)
            && same_instant(&self.start_date, &desired.start_date)
            && same_instant(&self.end_date, &desired.end_date)
            && self.schedule == desired.schedule
            && same_text(&self.schedule_timezone, &desired.schedule_timezone)
            && self.schedule_offset == desired.schedule_offset
            && self.duration == desired.duration
            && self.cutoff == desired.cutoff
            && self.allow_unassociated_targets == desired.allow_unassociated_targets
    }
}

impl MaintenanceWindowTargetSettings {
    /// Whether a target with these settings needs no update to have the desired ones.
    pub(crate) fn matches(&self, desired: &Self) -> bool {
        self.name == desired.name
            && same_text(&self.description, &desired.description)
            && same_text(&self.owner_information, &desired.owner_information)
            && same_targets(&self.targets, &desired.targets)
    }
}

impl MaintenanceWindowTaskSettings {
    /// Whether a task with these settings needs no update to have the desired ones.
    pub(crate) fn matches(&self, desired: &Self) -> bool {
        self.task_arn == desired.task_arn
            && self.name == desired.name
            && same_text(&self.description, &desired.description)
            && same_targets(&self.targets, &desired.targets)
            && filled(&self.service_role_arn, &desired.service_role_arn)
            && filled(&self.priority, &desired.priority)
            && filled(&self.max_concurrency, &desired.max_concurrency)
            && filled(&self.max_errors, &desired.max_errors)
            && filled(&self.cutoff_behavior, &desired.cutoff_behavior)
            && filled(&self.alarm_configuration, &desired.alarm_configuration)
            && same_invocation(
                self.task_invocation_parameters.as_ref(),
                desired.task_invocation_parameters.as_ref(),
            )
    }
}

impl AssociationSettings {
    /// Whether an association with these settings needs no update to have the desired ones.
    pub(crate) fn matches(&self, desired: &Self) -> bool {
        self.name == desired.name
            && same_targets(&self.targets, &desired.targets)
            && same_parameters(&self.parameters, &desired.parameters)
            && same_text(&self.schedule_expression, &desired.schedule_expression)
            && self.schedule_offset == desired.schedule_offset
            && self.duration == desired.duration
            && self.apply_only_at_cron_interval.unwrap_or(false)
                == desired.apply_only_at_cron_interval.unwrap_or(false)
            && same_list(&self.calendar_names, &desired.calendar_names)
            && same_list(&self.target_locations, &desired.target_locations)
            && same_list(&self.target_maps, &desired.target_maps)
            && self.association_name == desired.association_name
            && filled(&self.document_version, &desired.document_version)
            && filled(&self.max_concurrency, &desired.max_concurrency)
            && filled(&self.max_errors, &desired.max_errors)
            && filled(&self.compliance_severity, &desired.compliance_severity)
            && filled(&self.sync_compliance, &desired.sync_compliance)
            && filled(&self.alarm_configuration, &desired.alarm_configuration)
            && filled(&self.output_location, &desired.output_location)
    }
}

fn same_text(current: &Option<String>, desired: &Option<String>) -> bool {
    current.as_deref().unwrap_or_default() == desired.as_deref().unwrap_or_default()
}

fn same_list<T: PartialEq>(current: &Option<Vec<T>>, desired: &Option<Vec<T>>) -> bool {
    current.as_deref().unwrap_or_default() == desired.as_deref().unwrap_or_default()
}

/// A member that the service fills in if the request leaves it out.
fn filled<T: PartialEq>(current: &Option<T>, desired: &Option<T>) -> bool {
    desired.is_none() || current == desired
}

/// Instants may come back in another notation than they were sent.
fn same_instant(current: &Option<String>, desired: &Option<String>) -> bool {
    let instant = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    match (instant(current), instant(desired)) {
        (Some(current), Some(desired)) => current == desired,
        _ => same_text(current, desired),
    }
}

/// Targets are ANDed and their values ORed, so the order of either means nothing.
fn same_targets(current: &Option<Vec<Target>>, desired: &Option<Vec<Target>>) -> bool {
    let sorted = |targets: &Option<Vec<Target>>| {
        let mut targets = targets.clone().unwrap_or_default();
        for target in &mut targets {
            target.values.sort();
        }
        targets.sort_by(|one, other| (&one.key, &one.values).cmp(&(&other.key, &other.values)));
        targets
    };
    sorted(current) == sorted(desired)
}

fn same_invocation(
    current: Option<&MaintenanceWindowTaskInvocationParameters>,
    desired: Option<&MaintenanceWindowTaskInvocationParameters>,
) -> bool {
    let empty = MaintenanceWindowTaskInvocationParameters::default();
    let (current, desired) = (current.unwrap_or(&empty), desired.unwrap_or(&empty));
    let no_run = MaintenanceWindowRunCommandParameters::default();
    let current_run = current.run_command.as_ref().unwrap_or(&no_run);
    let desired_run = desired.run_command.as_ref().unwrap_or(&no_run);
    same_run(current_run, desired_run)
        && filled(&current.automation, &desired.automation)
        && filled(&current.lambda, &desired.lambda)
        && filled(&current.step_functions, &desired.step_functions)
}

fn same_run(
    current: &MaintenanceWindowRunCommandParameters,
    desired: &MaintenanceWindowRunCommandParameters,
) -> bool {
    let enabled = |config: &Option<CloudWatchOutputConfig>| {
        config
            .clone()
            .filter(|config| config.cloud_watch_output_enabled)
    };
    same_parameters(&current.parameters, &desired.parameters)
        && same_text(&current.comment, &desired.comment)
        && same_text(
            &current.output_s3_bucket_name,
            &desired.output_s3_bucket_name,
        )
        && same_text(&current.output_s3_key_prefix, &desired.output_s3_key_prefix)
        && same_text(&current.service_role_arn, &desired.service_role_arn)
        && enabled(&current.cloud_watch_output_config)
            == enabled(&desired.cloud_watch_output_config)
        && filled(&current.notification_config, &desired.notification_config)
        && filled(&current.document_hash, &desired.document_hash)
        && filled(&current.document_hash_type, &desired.document_hash_type)
        && filled(&current.document_version, &desired.document_version)
        && filled(&current.timeout_seconds, &desired.timeout_seconds)
}

/// Parameters that the request leaves out come back with the document's defaults.
fn same_parameters(
    current: &Option<BTreeMap<String, Vec<String>>>,
    desired: &Option<BTreeMap<String, Vec<String>>>,
) -> bool {
    let none = BTreeMap::new();
    let (current, desired) = (
        current.as_ref().unwrap_or(&none),
        desired.as_ref().unwrap_or(&none),
    );
    let given = desired
        .iter()
        .all(|(name, values)| current.get(name) == Some(values));
    let others = current
        .iter()
        .filter(|(name, _)| !desired.contains_key(*name))
        .all(|(name, values)| is_default(name, values));
    given && others
}

/// The defaults that the patch documents declare.
fn is_default(name: &str, values: &[String]) -> bool {
    let default = match name {
        "RebootOption" => "RebootIfNeeded",
        "PreInstallHookDocName" | "PostInstallHookDocName" | "OnExitHookDocName" => "AWS-Noop",
        "StepTimeoutSeconds" => "7200",
        _ => "",
    };
    values.iter().all(|value| value == default)
}
