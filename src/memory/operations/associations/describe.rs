//! How associations, their versions and their runs read at an instant.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::book::{Kept, Run, Version};
use crate::memory::operations::commands::{Invocation, Record};
use crate::memory::state::State;
use crate::operation::CommandStatus;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationOverview, AssociationStatus, AssociationVersionInfo, OutputSource,
};
use crate::types::Target;

const RESOURCE_TYPE: &str = "ManagedInstance";

/// The document version that an association has where none is said.
const DEFAULT_VERSION: &str = "$DEFAULT";

impl State {
    /// An association as DescribeAssociation describes it.
    pub(super) fn association(&self, kept: &Kept, now: Timestamp) -> AssociationDescription {
        let says = &kept.current.says;
        AssociationDescription {
            name: says.name.clone(),
            instance_id: says.instance_id.clone(),
            association_version: Some(kept.current.number.to_string()),
            date: Some(kept.made),
            last_update_association_date: Some(kept.current.made),
            status: self.status_on_node(kept, now),
            overview: Some(self.overview(kept, now)),
            document_version: document_version(&kept.current),
            automation_target_parameter_name: says.automation_target_parameter_name.clone(),
            parameters: says.parameters.clone(),
            association_id: Some(kept.id.clone()),
            targets: targets(&kept.current),
            schedule_expression: says.schedule_expression.clone(),
            output_location: says.output_location.clone(),
            last_execution_date: self.last_execution(kept),
            last_successful_execution_date: self.last_success(kept),
            association_name: says.association_name.clone(),
            max_errors: says.max_errors,
            max_concurrency: says.max_concurrency,
            compliance_severity: says.compliance_severity.clone(),
            sync_compliance: says.sync_compliance.clone(),
            apply_only_at_cron_interval: says.apply_only_at_cron_interval,
            calendar_names: says.calendar_names.clone(),
            target_locations: says.target_locations.clone(),
            schedule_offset: says.schedule_offset,
            duration: says.duration,
            target_maps: says.target_maps.clone(),
            alarm_configuration: says.alarm_configuration.clone(),
            triggered_alarms: None,
            association_dispatch_assume_role: says.association_dispatch_assume_role.clone(),
        }
    }

    /// An association as ListAssociations lists it.
    pub(super) fn listed_association(&self, kept: &Kept, now: Timestamp) -> Association {
        let says = &kept.current.says;
        Association {
            name: says.name.clone(),
            instance_id: says.instance_id.clone(),
            association_id: Some(kept.id.clone()),
            association_version: Some(kept.current.number.to_string()),
            document_version: document_version(&kept.current),
            targets: targets(&kept.current),
            last_execution_date: self.last_execution(kept),
            overview: Some(self.overview(kept, now)),
            schedule_expression: says.schedule_expression.clone(),
            association_name: says.association_name.clone(),
            schedule_offset: says.schedule_offset,
            duration: says.duration,
            target_maps: says.target_maps.clone(),
        }
    }

    /// How the last run fares: Pending, Success or Failed (SSM model, `AssociationOverview`). The
    /// details of what has not run yet are those of recorded answers.
    fn overview(&self, kept: &Kept, now: Timestamp) -> AssociationOverview {
        let mut overview = AssociationOverview::default();
        let Some(record) = kept.runs.last().and_then(|run| self.command_of(run)) else {
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

    /// The status that an association of one node alone has besides its overview.
    fn status_on_node(&self, kept: &Kept, now: Timestamp) -> Option<AssociationStatus> {
        kept.current.says.instance_id.as_ref()?;
        let document = kept.current.says.name.as_deref().unwrap_or_default();
        let ended = kept.runs.last().and_then(|run| self.command_of(run));
        let (name, date) = match ended.filter(|record| record.is_over()) {
            Some(_) => (self.overview(kept, now).status, self.last_execution(kept)),
            None => (Some("Associated".to_owned()), None),
        };
        Some(AssociationStatus {
            date: Some(date.unwrap_or(kept.current.made)),
            name: name.map(Into::into),
            message: Some(format!("Associated with {document}")),
            additional_info: None,
        })
    }

    /// When it last began on a node.
    fn last_execution(&self, kept: &Kept) -> Option<Timestamp> {
        let mut runs = kept.runs.iter().rev();
        runs.find_map(|run| last_start(self.command_of(run)?))
    }

    fn last_success(&self, kept: &Kept) -> Option<Timestamp> {
        let records = kept
            .runs
            .iter()
            .rev()
            .filter_map(|run| self.command_of(run));
        let mut good = records.filter(|record| record.status().0 == CommandStatus::Success);
        good.find_map(last_start)
    }

    /// The command that does the work of a run.
    pub(crate) fn command_of(&self, run: &Run) -> Option<&Record> {
        self.commands.get(run.command)
    }

    /// A run as DescribeAssociationExecutions lists it.
    pub(super) fn execution(&self, kept: &Kept, run: &Run) -> Option<AssociationExecution> {
        let record = self.command_of(run)?;
        let (status, details) = record.status();
        let says = kept
            .versions()
            .find(|version| version.number == run.version);
        Some(AssociationExecution {
            association_id: Some(kept.id.clone()),
            association_version: Some(run.version.to_string()),
            execution_id: Some(run.id.clone()),
            status: Some(status.as_str().to_owned()),
            detailed_status: Some(details.to_owned()),
            created_time: Some(run.created),
            last_execution_date: last_start(record),
            resource_count_by_status: Some(count_text(record)),
            alarm_configuration: says.and_then(|version| version.says.alarm_configuration.clone()),
            triggered_alarms: None,
        })
    }

    /// The nodes of a run as DescribeAssociationExecutionTargets lists them.
    pub(super) fn execution_targets(
        &self,
        kept: &Kept,
        run: &Run,
    ) -> Vec<AssociationExecutionTarget> {
        let Some(record) = self.command_of(run) else {
            return Vec::new();
        };
        let target = |on: &Invocation| {
            let (status, details) = on.status(true);
            AssociationExecutionTarget {
                association_id: Some(kept.id.clone()),
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
        record.invocations().iter().map(target).collect()
    }
}

/// A version as ListAssociationVersions lists it.
pub(super) fn version_info(kept: &Kept, version: &Version) -> AssociationVersionInfo {
    let says = &version.says;
    AssociationVersionInfo {
        association_id: Some(kept.id.clone()),
        association_version: Some(version.number.to_string()),
        created_date: Some(version.made),
        name: says.name.clone(),
        document_version: document_version(version),
        parameters: says.parameters.clone(),
        targets: targets(version),
        schedule_expression: says.schedule_expression.clone(),
        output_location: says.output_location.clone(),
        association_name: says.association_name.clone(),
        max_errors: says.max_errors,
        max_concurrency: says.max_concurrency,
        compliance_severity: says.compliance_severity.clone(),
        sync_compliance: says.sync_compliance.clone(),
        apply_only_at_cron_interval: says.apply_only_at_cron_interval,
        calendar_names: says.calendar_names.clone(),
        target_locations: says.target_locations.clone(),
        schedule_offset: says.schedule_offset,
        duration: says.duration,
        target_maps: says.target_maps.clone(),
        association_dispatch_assume_role: says.association_dispatch_assume_role.clone(),
    }
}

fn document_version(version: &Version) -> Option<String> {
    let said = version.says.document_version.as_deref();
    Some(said.unwrap_or(DEFAULT_VERSION).to_owned())
}

/// The targets; a node alone shows as one, too (recorded answers of CreateAssociation).
fn targets(version: &Version) -> Option<Vec<Target>> {
    match &version.says.instance_id {
        Some(node) => Some(vec![Target::instance_ids([node])]),
        None => version.says.targets.clone(),
    }
}

/// The three statuses of an overview.
fn coarse(status: &CommandStatus) -> &'static str {
    match status {
        CommandStatus::Success => "Success",
        CommandStatus::Pending | CommandStatus::InProgress | CommandStatus::Cancelling => "Pending",
        _ => "Failed",
    }
}

fn last_start(record: &Record) -> Option<Timestamp> {
    record
        .invocations()
        .iter()
        .filter_map(|on| on.started)
        .max()
}

/// How many nodes are in each status.
fn counts(record: &Record) -> BTreeMap<String, i32> {
    let mut counts = BTreeMap::new();
    for on in record.invocations() {
        let (status, _) = on.status(true);
        *counts.entry(status.as_str().to_owned()).or_default() += 1;
    }
    counts
}

/// The same as one text, such as `{Failed=1, Success=2}`.
fn count_text(record: &Record) -> String {
    let counts = counts(record);
    let texts: Vec<String> = counts
        .iter()
        .map(|(status, count)| format!("{status}={count}"))
        .collect();
    format!("{{{}}}", texts.join(", "))
}
