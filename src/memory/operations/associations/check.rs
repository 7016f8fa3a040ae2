//! What CreateAssociation and UpdateAssociation refuse.

use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::memory::engine::document as command_check;
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::tags;
use crate::memory::state::State;
use crate::schedule::association::CreateAssociation;
use crate::schedule::{Recurrence, ScheduleExpression, ScheduleKind, ScheduleMechanism};
use crate::types::Target;

/// Checks what an association is to say, first by itself, then against the account; answers when
/// it will run by itself, counted from `made`.
pub(super) fn says(
    operation: &'static str,
    says: &CreateAssociation,
    state: &State,
    made: Timestamp,
) -> Result<Option<Recurrence>> {
    bounds(operation, says)?;
    let document = says.name.as_deref().unwrap_or_default();
    let (version, parameters) = (says.document_version.as_deref(), says.parameters.clone());
    command_check::document(
        operation,
        document,
        version,
        &parameters.unwrap_or_default(),
    )?;
    targets(operation, says)?;
    if let Some(node) = &says.instance_id
        && !state.fleet.get(node).is_some_and(|node| node.is_managed())
    {
        return Err(check::invalid_instance_id(operation, node));
    }
    recurrence(operation, says, made)
}

/// The bounds of the SSM model.
fn bounds(operation: &'static str, says: &CreateAssociation) -> Result<()> {
    let mut validation = Validation::of(operation);
    names(&mut validation, says);
    whom(&mut validation, says);
    if operation == "CreateAssociation" && says.instance_id.is_some() {
        alone(&mut validation, says);
    }
    limits(&mut validation, says);
    schedule(&mut validation, says);
    surroundings(&mut validation, says);
    validation.finish()?;
    tags::legal(operation, says.tags.as_deref().unwrap_or_default(), false)
}

fn names(validation: &mut Validation, says: &CreateAssociation) {
    let document = says.name.as_deref().unwrap_or_default();
    validation.require(is_name(document, "_-.:/"), "name", "wrong pattern");
    if let Some(name) = &says.association_name {
        validation.require(is_name(name, "_-."), "associationName", "wrong pattern");
    }
    if let Some(parameter) = &says.automation_target_parameter_name {
        validation.length("automationTargetParameterName", parameter, 1..=50);
    }
}

/// 3 to 128 letters, digits and these marks.
fn is_name(text: &str, marks: &str) -> bool {
    (3..=128).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

/// Of a node and targets exactly one is given.
fn whom(validation: &mut Validation, says: &CreateAssociation) {
    let targets = says.targets.as_deref().unwrap_or_default();
    let maps = says.target_maps.as_deref().unwrap_or_default();
    validation.count("targets", targets, 0..=5);
    validation.count("targetMaps", maps, 0..=300);
    for (number, target) in targets.iter().enumerate() {
        let at = format!("targets.{}", number + 1);
        validation.length(format!("{at}.key"), &target.key, 1..=163);
        validation.count(format!("{at}.values"), &target.values, 0..=50);
    }
    let named = !targets.is_empty() || !maps.is_empty();
    validation.require(
        says.instance_id.is_some() != named,
        "instanceId",
        "either a node id or targets must be given, not both",
    );
    if let Some(node) = &says.instance_id {
        validation.require(node.is_well_formed(), "instanceId", "wrong pattern");
    }
}

/// A new association of one node alone takes none of the younger members (SSM model,
/// `CreateAssociationRequest`).
fn alone(validation: &mut Validation, says: &CreateAssociation) {
    let younger = [
        ("associationName", says.association_name.is_some()),
        ("documentVersion", says.document_version.is_some()),
        ("maxErrors", says.max_errors.is_some()),
        ("maxConcurrency", says.max_concurrency.is_some()),
        ("outputLocation", says.output_location.is_some()),
        ("scheduleExpression", says.schedule_expression.is_some()),
    ];
    for (member, given) in younger {
        validation.require(!given, member, "use targets in place of instanceId");
    }
}

fn limits(validation: &mut Validation, says: &CreateAssociation) {
    if let Some(limit) = says.max_concurrency {
        validation.require(limit.is_well_formed(), "maxConcurrency", "wrong pattern");
    }
    if let Some(limit) = says.max_errors {
        validation.require(limit.is_well_formed(), "maxErrors", "wrong pattern");
    }
    if let Some(severity) = &says.compliance_severity {
        validation.one_of("complianceSeverity", severity.is_known());
    }
    if let Some(sync) = &says.sync_compliance {
        validation.one_of("syncCompliance", sync.is_known());
    }
}

fn schedule(validation: &mut Validation, says: &CreateAssociation) {
    if let Some(expression) = &says.schedule_expression {
        validation.length("scheduleExpression", expression, 1..=256);
    }
    if let Some(days) = says.schedule_offset {
        let rule = "Member must have value between 1 and 6";
        validation.require((1..=6).contains(&days), "scheduleOffset", rule);
    }
    if let Some(hours) = says.duration {
        let rule = "Member must have value between 1 and 24";
        validation.require((1..=24).contains(&hours), "duration", rule);
        let rule = "Member needs applyOnlyAtCronInterval";
        let waits = says.apply_only_at_cron_interval == Some(true);
        validation.require(waits, "duration", rule);
    }
}

fn surroundings(validation: &mut Validation, says: &CreateAssociation) {
    if let Some(locations) = &says.target_locations {
        validation.count("targetLocations", locations, 1..=100);
    }
    let tags = says.tags.as_deref().unwrap_or_default();
    validation.count("tags", tags, 0..=1000);
    if let Some(role) = &says.association_dispatch_assume_role {
        validation.length("associationDispatchAssumeRole", role, 1..=512);
    }
    if let Some(configuration) = &says.alarm_configuration {
        let alarms = configuration.alarms.as_deref().unwrap_or_default();
        validation.count("alarmConfiguration.alarms", alarms, 1..=1);
        for alarm in alarms {
            let name = alarm.name.as_deref().unwrap_or_default();
            validation.length("alarmConfiguration.alarms.name", name, 1..=255);
        }
    }
    let bucket = says.output_location.as_ref();
    if let Some(place) = bucket.and_then(|location| location.s3_location.as_ref()) {
        if let Some(name) = &place.output_s3_bucket_name {
            validation.length("outputLocation.outputS3BucketName", name, 3..=63);
        }
        if let Some(prefix) = &place.output_s3_key_prefix {
            validation.length("outputLocation.outputS3KeyPrefix", prefix, 0..=500);
        }
        if let Some(region) = &place.output_s3_region {
            validation.length("outputLocation.outputS3Region", region, 3..=20);
        }
    }
}

fn refused(operation: &str, code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message).with_operation(operation)
}

/// Targets that a document for nodes can run on, in this account and Region.
fn targets(operation: &str, says: &CreateAssociation) -> Result<()> {
    let unfit =
        |target: &&Target| !command_check::is_target_key(&target.key) || target.values.is_empty();
    if let Some(target) = says.targets.iter().flatten().find(unfit) {
        let message =
            "a target has a key InstanceIds, tag:KEY, tag-key or resource-groups:Name, and a value";
        return Err(refused(operation, "InvalidTarget", message).with_resource(&target.key));
    }
    if says.target_locations.is_some() {
        let message = "TargetLocations: this backend is one account in one Region";
        return Err(refused(operation, "InvalidTarget", message));
    }
    if says.target_maps.iter().flatten().next().is_some() {
        let message = "target maps are for runbooks, which this backend has not";
        return Err(refused(operation, "InvalidTargetMaps", message));
    }
    Ok(())
}

/// When an association runs by itself. An offset and `ApplyOnlyAtCronInterval` are no good with a
/// rate, and an offset needs the latter (SSM model, `CreateAssociationRequest`).
fn recurrence(
    operation: &str,
    says: &CreateAssociation,
    made: Timestamp,
) -> Result<Option<Recurrence>> {
    let refused = |message: String| refused(operation, "InvalidSchedule", message);
    let waits = says.apply_only_at_cron_interval == Some(true);
    if says.schedule_offset.is_some() && !waits {
        let message = "ScheduleOffset needs ApplyOnlyAtCronInterval";
        return Err(refused(message.to_owned()));
    }
    let Some(text) = &says.schedule_expression else {
        return match says.schedule_offset {
            Some(_) => Err(refused("ScheduleOffset needs a cron expression".to_owned())),
            None => Ok(None),
        };
    };
    let illegal = |error: Error| {
        let reasons: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
        refused(reasons.join("; "))
    };
    let expression = ScheduleExpression::parse(text).map_err(illegal)?;
    let association = ScheduleMechanism::Association;
    expression.check_for(association).map_err(illegal)?;
    if waits && expression.kind() == ScheduleKind::Rate {
        let message = "ApplyOnlyAtCronInterval is not supported for rate expressions";
        return Err(refused(message.to_owned()));
    }
    let recurrence = Recurrence::new(expression).anchored_at(made);
    match says.schedule_offset {
        Some(days) => recurrence.offset_days(days).map(Some).map_err(illegal),
        None => Ok(Some(recurrence)),
    }
}
