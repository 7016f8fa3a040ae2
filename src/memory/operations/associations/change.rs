//! Associations made and changed, and what is refused of them.

use jiff::Timestamp;

use super::{describe, find};
use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::engine::{Engine, document};
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::tags;
use crate::memory::store::State;
use crate::memory::store::associations::{AssociationRecord, AssociationVersion};
use crate::schedule::association::{
    AssociationDescription, AssociationSettings, CreateAssociation, UpdateAssociation,
};
use crate::schedule::{Recurrence, ScheduleExpression, ScheduleKind, ScheduleMechanism};
use crate::types::{AssociationId, Target};

const CREATE: Operation = Operation::CreateAssociation;
const UPDATE: Operation = Operation::UpdateAssociation;

fn too_many(code: &str) -> Error {
    Error::service(ErrorKind::LimitExceeded, code, "")
}

pub(super) fn create(
    engine: &mut Engine,
    settings: CreateAssociation,
    now: Timestamp,
) -> Result<AssociationDescription> {
    let recurrence = recurrence_of(CREATE, &settings, &engine.state, now)?;
    if let (Some(document), Some(node)) = (&settings.name, &settings.instance_id)
        && let Some(known) = engine.state.associations.of_node(document, node)
    {
        let code = "AssociationAlreadyExists";
        return Err(
            Error::service(ErrorKind::AlreadyExists, code, "").with_resource(known.id.as_str())
        );
    }
    if engine.state.associations.len() >= engine.state.limits.associations {
        return Err(too_many("AssociationLimitExceeded"));
    }
    let id = AssociationId::new(engine.state.ids.uuid());
    let tags = settings.tags.clone().unwrap_or_default();
    engine.state.tags.insert(id.as_str(), tags);
    let first = AssociationVersion {
        number: 1,
        created: now,
        settings,
        recurrence,
    };
    engine
        .state
        .associations
        .enter(AssociationRecord::new(id.clone(), first));
    take_effect(engine, CREATE, &id, now)
}

pub(super) fn update(
    engine: &mut Engine,
    request: UpdateAssociation,
    now: Timestamp,
) -> Result<AssociationDescription> {
    let id = request.association_id.clone();
    let id = id.unwrap_or_else(|| AssociationId::new(""));
    let stored = find(&engine.state, UPDATE, &id)?;
    known_version(stored, request.association_version.as_deref())?;
    let number = stored.current.number.saturating_add(1);
    let settings = changed(&stored.current.settings, &request);
    let recurrence = recurrence_of(UPDATE, &settings, &engine.state, now)?;
    if number > engine.state.limits.versions_per_association {
        let code = "AssociationVersionLimitExceeded";
        return Err(too_many(code).with_resource(id.as_str()));
    }
    if let Some(stored) = engine.state.associations.get_mut(&id) {
        stored.change(AssociationVersion {
            number,
            created: now,
            settings,
            recurrence,
        });
    }
    take_effect(engine, UPDATE, &id, now)
}

/// Runs what has just been said, unless it waits for its schedule, plans the next run, and
/// describes the association.
fn take_effect(
    engine: &mut Engine,
    operation: Operation,
    id: &AssociationId,
    now: Timestamp,
) -> Result<AssociationDescription> {
    if !find(&engine.state, operation, id)?.current.waits() {
        engine.run_association(id, now);
    }
    engine.plan_association(id, now);
    let stored = find(&engine.state, operation, id)?;
    Ok(describe::description(&engine.state, stored, now))
}

/// The version that is changed, if the caller names one.
fn known_version(stored: &AssociationRecord, version: Option<&str>) -> Result<()> {
    let known = match version {
        None | Some("$LATEST") => true,
        Some(number) => stored
            .versions()
            .any(|version| version.number.to_string() == number),
    };
    if known {
        return Ok(());
    }
    Err(
        Error::service(ErrorKind::InvalidInput, "InvalidAssociationVersion", "")
            .with_resource(stored.id.as_str()),
    )
}

/// The settings of an association after an update: what is left out is cleared (SSM model,
/// `UpdateAssociation`), but for document and targets, which recorded answers keep.
fn changed(before: &CreateAssociation, update: &UpdateAssociation) -> CreateAssociation {
    let mut settings = update.settings();
    settings.targets = settings.targets.filter(|targets| !targets.is_empty());
    let moved = settings.targets.is_some();
    CreateAssociation {
        instance_id: before.instance_id.clone().filter(|_| !moved),
        ..settings
            .or(AssociationSettings {
                name: before.name.clone(),
                targets: before.targets.clone(),
                ..AssociationSettings::default()
            })
            .into()
    }
}

/// Checks the settings of an association, first by itself, then against the account; answers when
/// it will run by itself, counted from `created`.
fn recurrence_of(
    operation: Operation,
    settings: &CreateAssociation,
    state: &State,
    created: Timestamp,
) -> Result<Option<Recurrence>> {
    bounds(operation, settings)?;
    let document = settings.name.as_deref().unwrap_or_default();
    let (version, parameters) = (
        settings.document_version.as_deref(),
        settings.parameters.clone(),
    );
    document::check(
        operation,
        &state.documents,
        document,
        version,
        &parameters.unwrap_or_default(),
    )?;
    targets(settings)?;
    if let Some(node) = &settings.instance_id
        && !state.fleet.get(node).is_some_and(|node| node.is_managed())
    {
        return Err(check::invalid_instance_id(operation, node));
    }
    recurrence(settings, created)
}

/// The bounds of the SSM model.
fn bounds(operation: Operation, settings: &CreateAssociation) -> Result<()> {
    let mut validation = Validation::of(operation);
    names(&mut validation, settings);
    whom(&mut validation, settings);
    if operation == Operation::CreateAssociation && settings.instance_id.is_some() {
        alone(&mut validation, settings);
    }
    limits(&mut validation, settings);
    schedule(&mut validation, settings);
    surroundings(&mut validation, settings);
    validation.finish()?;
    tags::legal(
        operation,
        settings.tags.as_deref().unwrap_or_default(),
        false,
    )
}

fn names(validation: &mut Validation, settings: &CreateAssociation) {
    let document = settings.name.as_deref().unwrap_or_default();
    validation.require(is_name(document, "_-.:/"), "name", "wrong pattern");
    if let Some(name) = &settings.association_name {
        validation.require(is_name(name, "_-."), "associationName", "wrong pattern");
    }
    if let Some(parameter) = &settings.automation_target_parameter_name {
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
fn whom(validation: &mut Validation, settings: &CreateAssociation) {
    let targets = settings.targets.as_deref().unwrap_or_default();
    let maps = settings.target_maps.as_deref().unwrap_or_default();
    validation.count("targets", targets, 0..=5);
    validation.count("targetMaps", maps, 0..=300);
    for (number, target) in targets.iter().enumerate() {
        let at = format!("targets.{}", number + 1);
        validation.length(format!("{at}.key"), &target.key, 1..=163);
        validation.count(format!("{at}.values"), &target.values, 0..=50);
    }
    let named = !targets.is_empty() || !maps.is_empty();
    validation.require(
        settings.instance_id.is_some() != named,
        "instanceId",
        "either a node id or targets must be given, not both",
    );
    if let Some(node) = &settings.instance_id {
        validation.require(node.is_well_formed(), "instanceId", "wrong pattern");
    }
}

/// A new association of one node alone takes none of the younger members (SSM model,
/// `CreateAssociationRequest`).
fn alone(validation: &mut Validation, settings: &CreateAssociation) {
    let younger = [
        ("associationName", settings.association_name.is_some()),
        ("documentVersion", settings.document_version.is_some()),
        ("maxErrors", settings.max_errors.is_some()),
        ("maxConcurrency", settings.max_concurrency.is_some()),
        ("outputLocation", settings.output_location.is_some()),
        ("scheduleExpression", settings.schedule_expression.is_some()),
    ];
    for (member, given) in younger {
        validation.require(!given, member, "use targets in place of instanceId");
    }
}

fn limits(validation: &mut Validation, settings: &CreateAssociation) {
    if let Some(limit) = settings.max_concurrency {
        validation.require(limit.is_well_formed(), "maxConcurrency", "wrong pattern");
    }
    if let Some(limit) = settings.max_errors {
        validation.require(limit.is_well_formed(), "maxErrors", "wrong pattern");
    }
    if let Some(severity) = &settings.compliance_severity {
        validation.one_of("complianceSeverity", severity.is_known());
    }
    if let Some(sync) = &settings.sync_compliance {
        validation.one_of("syncCompliance", sync.is_known());
    }
}

fn schedule(validation: &mut Validation, settings: &CreateAssociation) {
    if let Some(expression) = &settings.schedule_expression {
        validation.length("scheduleExpression", expression, 1..=256);
    }
    if let Some(days) = settings.schedule_offset {
        let rule = "Member must have value between 1 and 6";
        validation.require((1..=6).contains(&days), "scheduleOffset", rule);
    }
    if let Some(hours) = settings.duration {
        let rule = "Member must have value between 1 and 24";
        validation.require((1..=24).contains(&hours), "duration", rule);
        let rule = "Member needs applyOnlyAtCronInterval";
        let waits = settings.apply_only_at_cron_interval == Some(true);
        validation.require(waits, "duration", rule);
    }
}

fn surroundings(validation: &mut Validation, settings: &CreateAssociation) {
    if let Some(locations) = &settings.target_locations {
        validation.count("targetLocations", locations, 1..=100);
    }
    let tags = settings.tags.as_deref().unwrap_or_default();
    validation.count("tags", tags, 0..=1000);
    if let Some(role) = &settings.association_dispatch_assume_role {
        validation.length("associationDispatchAssumeRole", role, 1..=512);
    }
    check::alarms(validation, settings.alarm_configuration.as_ref());
    let bucket = settings.output_location.as_ref();
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

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message)
}

/// Targets that a document for nodes can run on, in this account and Region.
fn targets(settings: &CreateAssociation) -> Result<()> {
    let unfit = |target: &&Target| !document::is_target_key(target) || target.values.is_empty();
    if let Some(target) = settings.targets.iter().flatten().find(unfit) {
        let message =
            "a target has a key InstanceIds, tag:KEY, tag-key or resource-groups:Name, and a value";
        return Err(refused("InvalidTarget", message).with_resource(&target.key));
    }
    if settings.target_locations.is_some() {
        let message = "TargetLocations: this backend is one account in one Region";
        return Err(refused("InvalidTarget", message));
    }
    if settings.target_maps.iter().flatten().next().is_some() {
        let message = "target maps are for runbooks, which this backend has not";
        return Err(refused("InvalidTargetMaps", message));
    }
    Ok(())
}

/// When an association runs by itself. An offset and `ApplyOnlyAtCronInterval` are no good with a
/// rate, and an offset needs the latter (SSM model, `CreateAssociationRequest`).
pub(crate) fn recurrence(
    settings: &CreateAssociation,
    created: Timestamp,
) -> Result<Option<Recurrence>> {
    let refused = |message: String| refused("InvalidSchedule", message);
    let waits = settings.apply_only_at_cron_interval == Some(true);
    if settings.schedule_offset.is_some() && !waits {
        let message = "ScheduleOffset needs ApplyOnlyAtCronInterval";
        return Err(refused(message.to_owned()));
    }
    let Some(text) = &settings.schedule_expression else {
        return match settings.schedule_offset {
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
    let recurrence = Recurrence::new(expression).anchored_at(created);
    match settings.schedule_offset {
        Some(days) => recurrence.offset_days(days).map(Some).map_err(illegal),
        None => Ok(Some(recurrence)),
    }
}
