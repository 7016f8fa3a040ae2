//! Describes associations, their versions and their runs at an instant.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::memory::store::State;
use crate::memory::store::associations::{AssociationRecord, AssociationRun, AssociationVersion};
use crate::memory::store::commands::{CommandRecord, Invocation, Phase};
use crate::memory::store::fleet::Node;
use crate::operation::CommandStatus;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationOverview, AssociationSettings, AssociationStatus, AssociationVersionInfo,
    InstanceAssociation, InstanceAssociationStatusInfo, OutputSource,
};
use crate::types::{AssociationOverviewOfNode, InstanceInformation, NodeId, Target, moved};

const RESOURCE_TYPE: &str = "ManagedInstance";

/// The default document version of an association.
const DEFAULT_VERSION: &str = "$DEFAULT";

/// An association as DescribeAssociation describes it.
pub(super) fn description(
    state: &State,
    stored: &AssociationRecord,
    now: Timestamp,
) -> AssociationDescription {
    AssociationDescription {
        instance_id: stored.current.settings.instance_id.clone(),
        association_version: Some(stored.current.number.to_string()),
        date: Some(stored.created),
        last_update_association_date: Some(stored.current.created),
        status: status_on_node(state, stored, now),
        overview: Some(overview(state, stored, now)),
        association_id: Some(stored.id.clone()),
        last_execution_date: last_execution(state, stored),
        last_successful_execution_date: last_success(state, stored),
        triggered_alarms: None,
        ..shown(&stored.current).into()
    }
}

/// An association as ListAssociations lists it.
pub(super) fn listed(state: &State, stored: &AssociationRecord, now: Timestamp) -> Association {
    let settings = shown(&stored.current);
    moved!(settings => Association {
        name, document_version, targets, schedule_expression, association_name, schedule_offset,
        duration, target_maps;
        instance_id: stored.current.settings.instance_id.clone(),
        association_id: Some(stored.id.clone()),
        association_version: Some(stored.current.number.to_string()),
        last_execution_date: last_execution(state, stored),
        overview: Some(overview(state, stored, now))
    })
}

/// The status of the last run: Pending, Success or Failed (SSM model, `AssociationOverview`). The
/// details before the first run are those of recorded answers.
fn overview(state: &State, stored: &AssociationRecord, now: Timestamp) -> AssociationOverview {
    if let Some(overview) = stored.only_earlier().and_then(|one| one.overview.clone()) {
        return overview;
    }
    let mut overview = AssociationOverview::default();
    let Some(record) = stored.runs.last().and_then(|run| command_of(state, run)) else {
        overview.status = Some("Pending".to_owned());
        overview.detailed_status = Some("Associated".to_owned());
        return overview;
    };
    let (status, details) = record.status();
    overview.status = Some(coarse(&status).to_owned());
    if !record.is_visible(now) {
        overview.detailed_status = Some("Creating".to_owned());
        return overview;
    }
    overview.detailed_status = Some(details.to_owned());
    overview.association_status_aggregated_count = Some(counts(record));
    overview
}

/// The extra status of an association for one node only.
fn status_on_node(
    state: &State,
    stored: &AssociationRecord,
    now: Timestamp,
) -> Option<AssociationStatus> {
    stored.current.settings.instance_id.as_ref()?;
    if let Some(status) = stored.only_earlier().and_then(|one| one.status.clone()) {
        return Some(status);
    }
    let document = stored.current.settings.name.as_deref().unwrap_or_default();
    let ended = stored.runs.last().and_then(|run| command_of(state, run));
    let (name, date) = match ended.filter(|record| record.is_over()) {
        Some(_) => (
            overview(state, stored, now).status,
            last_execution(state, stored),
        ),
        None => (Some("Associated".to_owned()), None),
    };
    Some(AssociationStatus {
        date: Some(date.unwrap_or(stored.current.created)),
        name: name.map(Into::into),
        message: Some(format!("Associated with {document}")),
        additional_info: None,
    })
}

/// When it last started on a node.
fn last_execution(state: &State, stored: &AssociationRecord) -> Option<Timestamp> {
    let mut runs = stored.runs.iter().rev();
    let here = runs.find_map(|run| last_start(command_of(state, run)?));
    here.or_else(|| stored.earlier.as_ref()?.last_execution)
}

fn last_success(state: &State, stored: &AssociationRecord) -> Option<Timestamp> {
    let records = stored
        .runs
        .iter()
        .rev()
        .filter_map(|run| command_of(state, run));
    let mut good = records.filter(|record| record.status().0 == CommandStatus::Success);
    let here = good.find_map(last_start);
    here.or_else(|| stored.earlier.as_ref()?.last_success)
}

/// The command that does the work of a run.
pub(crate) fn command_of<'a>(state: &'a State, run: &AssociationRun) -> Option<&'a CommandRecord> {
    state.commands.get(run.command)
}

/// A run as DescribeAssociationExecutions lists it.
pub(super) fn execution(
    state: &State,
    stored: &AssociationRecord,
    run: &AssociationRun,
) -> Option<AssociationExecution> {
    let record = command_of(state, run)?;
    let (status, details) = record.status();
    let settings = stored
        .versions()
        .find(|version| version.number == run.version);
    Some(AssociationExecution {
        association_id: Some(stored.id.clone()),
        association_version: Some(run.version.to_string()),
        execution_id: Some(run.id.clone()),
        status: Some(status.as_str().to_owned()),
        detailed_status: Some(details.to_owned()),
        created_time: Some(run.created),
        last_execution_date: last_start(record),
        resource_count_by_status: Some(count_text(record)),
        alarm_configuration: settings
            .and_then(|version| version.settings.alarm_configuration.clone()),
        triggered_alarms: None,
    })
}

/// The nodes of a run as DescribeAssociationExecutionTargets lists them.
pub(super) fn execution_targets<'a>(
    state: &'a State,
    stored: &'a AssociationRecord,
    run: &'a AssociationRun,
    from: usize,
) -> impl Iterator<Item = AssociationExecutionTarget> + use<'a> {
    let target = move |record: &CommandRecord, on: &Invocation| {
        let (status, details) = on.status(true);
        AssociationExecutionTarget {
            association_id: Some(stored.id.clone()),
            association_version: Some(run.version.to_string()),
            execution_id: Some(run.id.clone()),
            resource_id: Some(on.node.as_str().to_owned()),
            resource_type: Some(RESOURCE_TYPE.to_owned()),
            status: Some(status.as_str().to_owned()),
            detailed_status: Some(details.to_owned()),
            last_execution_date: on.started,
            output_source: Some(OutputSource {
                output_source_id: Some(record.id().as_str().to_owned()),
                output_source_type: Some("RunCommand".to_owned()),
            }),
        }
    };
    let record = command_of(state, run).into_iter();
    record.flat_map(move |record| {
        let invocations = record.invocations().iter().skip(from);
        invocations.map(move |on| target(record, on))
    })
}

/// The associations that target a node now.
pub(crate) fn associations_of<'a>(
    state: &'a State,
    node: &'a Node,
) -> impl Iterator<Item = &'a AssociationRecord> {
    let stored = state.associations.iter();
    stored.filter(|stored| stored.current.covers(node))
}

/// The status of an association on a node, as DescribeInstanceAssociationsStatus lists it.
pub(super) fn status_of(
    state: &State,
    stored: &AssociationRecord,
    node: &NodeId,
) -> InstanceAssociationStatusInfo {
    let mut runs = stored.runs.iter().rev();
    let last = runs.find_map(|run| Some((run, command_of(state, run)?.invocation(node)?)));
    let version = last.map_or(stored.current.number, |(run, _)| run.version);
    let on = last.map(|(_, on)| on);
    let (status, details) = match on.map(|on| on.status(true)) {
        Some((status, details)) => (status.as_str().to_owned(), details),
        None => ("Pending".to_owned(), "Associated"),
    };
    InstanceAssociationStatusInfo {
        association_id: Some(stored.id.clone()),
        name: stored.current.settings.name.clone(),
        document_version: Some("1".to_owned()),
        association_version: Some(version.to_string()),
        instance_id: Some(node.clone()),
        execution_date: on.and_then(|on| on.ended.or(on.started)),
        status: Some(status),
        detailed_status: Some(details.to_owned()),
        execution_summary: on.and_then(|on| steps(on.phase)),
        error_code: None,
        output_url: None,
        association_name: stored.current.settings.association_name.clone(),
    }
}

/// Adds the status of its associations to a node's description, if it has any.
pub(crate) fn add_associations(state: &State, node: &Node, information: &mut InstanceInformation) {
    // Until one of them runs here, a node that was taken over from elsewhere has the status it had there.
    if information.association_status.is_some()
        && associations_of(state, node).all(|stored| stored.only_earlier().is_some())
    {
        return;
    }
    let associations = associations_of(state, node);
    let mut infos: Vec<_> = associations
        .map(|stored| status_of(state, stored, node.facts.id()))
        .collect();
    infos.sort_by_key(|info| info.execution_date);
    let Some(last) = infos.last() else {
        return;
    };
    let good = |info: &&InstanceAssociationStatusInfo| info.status.as_deref() == Some("Success");
    let mut overview = AssociationOverviewOfNode::default();
    overview.detailed_status.clone_from(&last.detailed_status);
    for status in infos.iter().filter_map(|info| info.status.clone()) {
        let counts = &mut overview.instance_association_status_aggregated_count;
        *counts.entry(status).or_default() += 1;
    }
    information.association_status.clone_from(&last.status);
    information.last_association_execution_date = last.execution_date;
    information.last_successful_association_execution_date = infos
        .iter()
        .rev()
        .find(good)
        .and_then(|info| info.execution_date);
    information.association_overview = Some(overview);
}

/// A version as ListAssociationVersions lists it.
pub(super) fn version_info(
    stored: &AssociationRecord,
    version: &AssociationVersion,
) -> AssociationVersionInfo {
    let settings = shown(version);
    moved!(settings => AssociationVersionInfo {
        name, document_version, parameters, targets, schedule_expression, output_location,
        association_name, max_errors, max_concurrency, compliance_severity, sync_compliance,
        apply_only_at_cron_interval, calendar_names, target_locations, schedule_offset, duration,
        target_maps, association_dispatch_assume_role;
        association_id: Some(stored.id.clone()),
        association_version: Some(version.number.to_string()),
        created_date: Some(version.created)
    })
}

/// The settings of a version as every description shows them: with a document version, and with a
/// single node as a target too (recorded answers of CreateAssociation).
fn shown(version: &AssociationVersion) -> AssociationSettings {
    let mut settings = version.settings.settings();
    settings
        .document_version
        .get_or_insert_with(|| DEFAULT_VERSION.to_owned());
    if let Some(node) = &version.settings.instance_id {
        settings.targets = Some(vec![Target::instance_ids([node])]);
    }
    settings
}

/// The three statuses of an overview.
fn coarse(status: &CommandStatus) -> &'static str {
    match status {
        CommandStatus::Success => "Success",
        CommandStatus::Pending | CommandStatus::InProgress | CommandStatus::Cancelling => "Pending",
        _ => "Failed",
    }
}

fn last_start(record: &CommandRecord) -> Option<Timestamp> {
    record
        .invocations()
        .iter()
        .filter_map(|on| on.started)
        .max()
}

/// How many nodes are in each status.
fn counts(record: &CommandRecord) -> BTreeMap<String, i32> {
    let mut counts = BTreeMap::new();
    for on in record.invocations() {
        let (status, _) = on.status(true);
        *counts.entry(status.as_str().to_owned()).or_default() += 1;
    }
    counts
}

/// The same as one text, such as `{Failed=1, Success=2}`.
fn count_text(record: &CommandRecord) -> String {
    let counts = counts(record);
    let texts: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{status}={count}"))
        .collect();
    format!("{{{}}}", texts.join(", "))
}

/// An association that applies to a node. This backend has no texts of documents.
pub(super) fn effective(stored: &AssociationRecord, node: &NodeId) -> InstanceAssociation {
    InstanceAssociation {
        association_id: Some(stored.id.clone()),
        instance_id: Some(node.clone()),
        // The whole text of the document (SSM API, InstanceAssociation); AWS's documents are not held here.
        content: None,
        association_version: Some(stored.current.number.to_string()),
    }
}

/// The outcome of each step of the document after its end: two steps are for other platforms.
fn steps(phase: Phase) -> Option<String> {
    let (success, failed, timed_out) = match phase {
        Phase::Success => (1, 0, 0),
        Phase::Failed => (0, 1, 0),
        Phase::ExecutionTimedOut => (0, 0, 1),
        _ => return None,
    };
    Some(format!(
        "3 out of 3 plugins processed, {success} success, {failed} failed, {timed_out} timedout, 2 skipped. "
    ))
}
