//! Whether the service keeps what was asked for.
//!
//! The service fills in what a request leaves out, and may write an empty text for an absent one.
//! Neither is a difference.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::association::{AssociationDescription, CreateAssociation};
use super::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowTarget, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskInvocationParameters, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow,
};
use crate::operation::CloudWatchOutputConfig;
use crate::types::Target;

impl MaintenanceWindow {
    /// Whether it says what the request asks for. Being enabled or not is no part of a request.
    pub(crate) fn says(&self, wanted: &CreateMaintenanceWindow) -> bool {
        self.name == wanted.name
            && same_text(&self.description, &wanted.description)
            && same_instant(&self.start_date, &wanted.start_date)
            && same_instant(&self.end_date, &wanted.end_date)
            && self.schedule == wanted.schedule
            && same_text(&self.schedule_timezone, &wanted.schedule_timezone)
            && self.schedule_offset == wanted.schedule_offset
            && self.duration == wanted.duration
            && self.cutoff == wanted.cutoff
            && self.allow_unassociated_targets == wanted.allow_unassociated_targets
    }
}

impl MaintenanceWindowTarget {
    /// Whether it says what the request asks for.
    pub(crate) fn says(&self, wanted: &RegisterTargetWithMaintenanceWindow) -> bool {
        self.resource_type == wanted.resource_type
            && self.name == wanted.name
            && same_text(&self.description, &wanted.description)
            && same_text(&self.owner_information, &wanted.owner_information)
            && same_targets(&self.targets, &wanted.targets)
    }
}

impl MaintenanceWindowTaskDetail {
    /// Whether it says what the request asks for.
    pub(crate) fn says(&self, wanted: &RegisterTaskWithMaintenanceWindow) -> bool {
        self.task_arn == wanted.task_arn
            && self.task_type == wanted.task_type
            && self.name == wanted.name
            && same_text(&self.description, &wanted.description)
            && same_targets(&self.targets, &wanted.targets)
            && filled(&self.service_role_arn, &wanted.service_role_arn)
            && filled(&self.priority, &wanted.priority)
            && filled(&self.max_concurrency, &wanted.max_concurrency)
            && filled(&self.max_errors, &wanted.max_errors)
            && filled(&self.cutoff_behavior, &wanted.cutoff_behavior)
            && filled(&self.alarm_configuration, &wanted.alarm_configuration)
            && same_invocation(
                self.task_invocation_parameters.as_ref(),
                wanted.task_invocation_parameters.as_ref(),
            )
    }
}

impl AssociationDescription {
    /// Whether it says what the request asks for.
    pub(crate) fn says(&self, wanted: &CreateAssociation) -> bool {
        self.name == wanted.name
            && self.instance_id == wanted.instance_id
            && same_targets(&self.targets, &wanted.targets)
            && same_parameters(&self.parameters, &wanted.parameters)
            && same_text(&self.schedule_expression, &wanted.schedule_expression)
            && self.schedule_offset == wanted.schedule_offset
            && self.duration == wanted.duration
            && self.apply_only_at_cron_interval.unwrap_or(false)
                == wanted.apply_only_at_cron_interval.unwrap_or(false)
            && same_list(&self.calendar_names, &wanted.calendar_names)
            && same_list(&self.target_locations, &wanted.target_locations)
            && same_list(&self.target_maps, &wanted.target_maps)
            && self.association_name == wanted.association_name
            && filled(&self.document_version, &wanted.document_version)
            && filled(&self.max_concurrency, &wanted.max_concurrency)
            && filled(&self.max_errors, &wanted.max_errors)
            && filled(&self.compliance_severity, &wanted.compliance_severity)
            && filled(&self.sync_compliance, &wanted.sync_compliance)
            && filled(&self.alarm_configuration, &wanted.alarm_configuration)
            && filled(&self.output_location, &wanted.output_location)
    }
}

fn same_text(kept: &Option<String>, wanted: &Option<String>) -> bool {
    kept.as_deref().unwrap_or_default() == wanted.as_deref().unwrap_or_default()
}

fn same_list<T: PartialEq>(kept: &Option<Vec<T>>, wanted: &Option<Vec<T>>) -> bool {
    kept.as_deref().unwrap_or_default() == wanted.as_deref().unwrap_or_default()
}

/// A member that the service fills in where the request leaves it out.
fn filled<T: PartialEq>(kept: &Option<T>, wanted: &Option<T>) -> bool {
    wanted.is_none() || kept == wanted
}

/// Instants may come back in another notation than they were sent.
fn same_instant(kept: &Option<String>, wanted: &Option<String>) -> bool {
    let instant = |text: &Option<String>| text.as_deref()?.parse::<Timestamp>().ok();
    match (instant(kept), instant(wanted)) {
        (Some(kept), Some(wanted)) => kept == wanted,
        _ => same_text(kept, wanted),
    }
}

/// Targets are ANDed and their values ORed, so the order of either means nothing.
fn same_targets(kept: &Option<Vec<Target>>, wanted: &Option<Vec<Target>>) -> bool {
    let sorted = |targets: &Option<Vec<Target>>| {
        let mut targets = targets.clone().unwrap_or_default();
        for target in &mut targets {
            target.values.sort();
        }
        targets.sort_by(|one, other| (&one.key, &one.values).cmp(&(&other.key, &other.values)));
        targets
    };
    sorted(kept) == sorted(wanted)
}

fn same_invocation(
    kept: Option<&MaintenanceWindowTaskInvocationParameters>,
    wanted: Option<&MaintenanceWindowTaskInvocationParameters>,
) -> bool {
    let empty = MaintenanceWindowTaskInvocationParameters::default();
    let (kept, wanted) = (kept.unwrap_or(&empty), wanted.unwrap_or(&empty));
    let no_run = MaintenanceWindowRunCommandParameters::default();
    let kept_run = kept.run_command.as_ref().unwrap_or(&no_run);
    let wanted_run = wanted.run_command.as_ref().unwrap_or(&no_run);
    same_run(kept_run, wanted_run)
        && filled(&kept.automation, &wanted.automation)
        && filled(&kept.lambda, &wanted.lambda)
        && filled(&kept.step_functions, &wanted.step_functions)
}

fn same_run(
    kept: &MaintenanceWindowRunCommandParameters,
    wanted: &MaintenanceWindowRunCommandParameters,
) -> bool {
    let enabled = |config: &Option<CloudWatchOutputConfig>| {
        config
            .clone()
            .filter(|config| config.cloud_watch_output_enabled)
    };
    same_parameters(&kept.parameters, &wanted.parameters)
        && same_text(&kept.comment, &wanted.comment)
        && same_text(&kept.output_s3_bucket_name, &wanted.output_s3_bucket_name)
        && same_text(&kept.output_s3_key_prefix, &wanted.output_s3_key_prefix)
        && same_text(&kept.service_role_arn, &wanted.service_role_arn)
        && enabled(&kept.cloud_watch_output_config) == enabled(&wanted.cloud_watch_output_config)
        && filled(&kept.notification_config, &wanted.notification_config)
        && filled(&kept.document_hash, &wanted.document_hash)
        && filled(&kept.document_hash_type, &wanted.document_hash_type)
        && filled(&kept.document_version, &wanted.document_version)
        && filled(&kept.timeout_seconds, &wanted.timeout_seconds)
}

/// Parameters that the request leaves out come back with the document's defaults.
fn same_parameters(
    kept: &Option<BTreeMap<String, Vec<String>>>,
    wanted: &Option<BTreeMap<String, Vec<String>>>,
) -> bool {
    let none = BTreeMap::new();
    let (kept, wanted) = (
        kept.as_ref().unwrap_or(&none),
        wanted.as_ref().unwrap_or(&none),
    );
    let given = wanted
        .iter()
        .all(|(name, values)| kept.get(name) == Some(values));
    let others = kept
        .iter()
        .filter(|(name, _)| !wanted.contains_key(*name))
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
