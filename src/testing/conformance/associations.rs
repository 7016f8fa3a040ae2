//! Rules of State Manager associations.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expect::{all, holds, one, refused, same};
use super::trial::{POLL, POLLS};
use super::{Failure, Trial};
use crate::backend::{
    DeleteAssociation, DescribeAssociation, DescribeAssociationExecutionTargets,
    DescribeAssociationExecutions, DescribeEffectiveInstanceAssociations,
    DescribeInstanceAssociationsStatus, ListAssociationVersions, ListAssociations,
    ListCommandInvocations, ListComplianceItems, StartAssociationsOnce,
};
use crate::error::{ErrorKind, Result};
use crate::operation::{InvocationStatus, RUN_PATCH_BASELINE};
use crate::page::{PageRequest, paginate};
use crate::schedule::association::{
    Association, AssociationComplianceSeverity, AssociationDescription, AssociationExecution,
    AssociationExecutionFilter, AssociationExecutionTarget, AssociationExecutionTargetsFilter,
    AssociationFilter, AssociationFilterOperator, AssociationSyncCompliance, CreateAssociation,
    InstanceAssociation, InstanceAssociationStatusInfo, UpdateAssociation,
};
use crate::types::{
    AssociationId, ComplianceFilter, ComplianceStatus, MaxConcurrency, MaxErrors, NodeId,
    OperatingSystem, PatchOperation, Target,
};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// An operation on the Linux node, once and now.
fn of(trial: &Trial<'_>, operation: &PatchOperation) -> CreateAssociation {
    let node = trial.harness().linux_node();
    let mut request =
        CreateAssociation::new(RUN_PATCH_BASELINE, vec![Target::instance_ids([node])]);
    let values = vec![operation.as_str().to_owned()];
    request.parameters = Some(BTreeMap::from([("Operation".to_owned(), values)]));
    request.association_name = Some(trial.unique_name());
    request
}

fn scan(trial: &Trial<'_>) -> CreateAssociation {
    of(trial, &PatchOperation::Scan)
}

/// A scan by this schedule alone.
fn only_at(trial: &Trial<'_>, schedule: impl Into<String>) -> CreateAssociation {
    let mut request = scan(trial);
    request.schedule_expression = Some(schedule.into());
    request.apply_only_at_cron_interval = Some(true);
    request
}

/// A schedule for every day, at the time of day of an instant.
fn daily(at: Timestamp) -> String {
    let time = at.to_zoned_datetime(TimeZone::UTC);
    format!("cron({} {} ? * * *)", time.minute(), time.hour())
}

/// A scan that does not run during a rule.
pub(super) fn idle(trial: &Trial<'_>) -> CreateAssociation {
    only_at(trial, daily(trial.harness().now() + 12.hours()))
}

fn id_of(made: &AssociationDescription) -> Result<AssociationId, Failure> {
    let id = made.association_id.clone();
    id.ok_or_else(|| Failure::new("there is no AssociationId"))
}

pub(super) async fn make(
    trial: &Trial<'_>,
    request: CreateAssociation,
) -> Result<AssociationId, Failure> {
    id_of(&trial.association(request).await?)
}

async fn found(trial: &Trial<'_>, id: &AssociationId) -> Result<AssociationDescription> {
    trial
        .harness()
        .associations()
        .describe_association(DescribeAssociation::new(id))
        .await
}

/// Makes a call that should be refused.
async fn refuses(
    trial: &Trial<'_>,
    what: &str,
    request: CreateAssociation,
    kind: ErrorKind,
) -> Result<(), Failure> {
    refused(what, trial.association(request).await, kind)
}

/// An update with the settings of a request.
pub(super) fn again(id: &AssociationId, request: &CreateAssociation) -> UpdateAssociation {
    let mut update = UpdateAssociation::new(id.clone());
    update
        .association_name
        .clone_from(&request.association_name);
    update.parameters.clone_from(&request.parameters);
    update
        .schedule_expression
        .clone_from(&request.schedule_expression);
    update.apply_only_at_cron_interval = request.apply_only_at_cron_interval;
    update
}

async fn listed(
    trial: &Trial<'_>,
    filters: Vec<AssociationFilter>,
) -> Result<Vec<Association>, Failure> {
    let store = trial.harness().associations();
    all(paginate(|token| {
        let (store, filters) = (store.clone(), filters.clone());
        async move {
            let page = PageRequest::first()
                .with_max_results(1)
                .with_next_token(token);
            store
                .list_associations(ListAssociations::new(filters, page))
                .await
        }
    }))
    .await
}

/// The runs that pass, the latest first.
async fn runs(
    trial: &Trial<'_>,
    id: &AssociationId,
    filters: Vec<AssociationExecutionFilter>,
) -> Result<Vec<AssociationExecution>> {
    let request = DescribeAssociationExecutions::new(id.clone(), filters, PageRequest::first());
    let store = trial.harness().associations();
    Ok(store.describe_association_executions(request).await?.items)
}

/// Waits until there are `count` runs and the latest has ended.
async fn ended(
    trial: &Trial<'_>,
    id: &AssociationId,
    count: usize,
) -> Result<AssociationExecution, Failure> {
    for _ in 0..POLLS {
        let mut runs = runs(trial, id, Vec::new()).await?.into_iter();
        if let (true, Some(latest)) = (runs.len() >= count, runs.next())
            && !matches!(
                latest.status.as_deref(),
                None | Some("Pending" | "InProgress")
            )
        {
            return Ok(latest);
        }
        trial.harness().advance(POLL).await;
    }
    Err(Failure::new(format!("{count} runs of {id} do not end")))
}

async fn targets_of(
    trial: &Trial<'_>,
    run: &AssociationExecution,
    filters: Vec<AssociationExecutionTargetsFilter>,
) -> Result<Vec<AssociationExecutionTarget>, Failure> {
    let (Some(id), Some(run)) = (&run.association_id, &run.execution_id) else {
        return Err(Failure::new("a run has no ids"));
    };
    let page = PageRequest::first();
    let request = DescribeAssociationExecutionTargets::new(id.clone(), run, filters, page);
    let store = trial.harness().associations();
    let page = store
        .describe_association_execution_targets(request)
        .await?;
    Ok(page.items)
}

/// An association reads back as it was made.
pub(super) async fn an_association_reads_back_as_made(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.max_concurrency = Some(MaxConcurrency::Percent(50));
    request.max_errors = Some(MaxErrors::Count(3));
    request.compliance_severity = Some(AssociationComplianceSeverity::High);
    request.sync_compliance = Some(AssociationSyncCompliance::Auto);
    let id = make(trial, request.clone()).await?;
    holds(id.is_well_formed(), "the id is no UUID")?;
    let found = found(trial, &id).await?;
    same("Name", found.name, request.name)?;
    same(
        "AssociationName",
        found.association_name,
        request.association_name,
    )?;
    same("Targets", found.targets, request.targets)?;
    same("Parameters", found.parameters, request.parameters)?;
    same(
        "ScheduleExpression",
        found.schedule_expression,
        request.schedule_expression,
    )?;
    same(
        "MaxConcurrency",
        found.max_concurrency,
        request.max_concurrency,
    )?;
    same("MaxErrors", found.max_errors, request.max_errors)?;
    same(
        "ComplianceSeverity",
        found.compliance_severity,
        request.compliance_severity,
    )?;
    same(
        "SyncCompliance",
        found.sync_compliance,
        request.sync_compliance,
    )?;
    let waits = found.apply_only_at_cron_interval;
    same("ApplyOnlyAtCronInterval", waits, Some(true))
}

/// A new association is version 1, of the document's default version, and Pending.
pub(super) async fn a_new_association_is_pending_in_version_1(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let made = trial.association(idle(trial)).await?;
    same(
        "AssociationVersion",
        made.association_version.as_deref(),
        Some("1"),
    )?;
    same(
        "DocumentVersion",
        made.document_version.as_deref(),
        Some("$DEFAULT"),
    )?;
    let status = made.overview.and_then(|overview| overview.status);
    same("Overview.Status", status.as_deref(), Some("Pending"))?;
    holds(made.date.is_some(), "there is no Date")
}

/// An association is listed, once.
pub(super) async fn an_association_is_listed_once(trial: &Trial<'_>) -> Result<(), Failure> {
    let first = make(trial, idle(trial)).await?;
    let second = make(trial, idle(trial)).await?;
    let found = listed(trial, Vec::new()).await?;
    for id in [first, second] {
        let known = found
            .iter()
            .filter(|one| one.association_id.as_ref() == Some(&id));
        same(id.as_str(), known.count(), 1)?;
    }
    Ok(())
}

/// Associations are filtered by name, by id and by document; filters are ANDed.
pub(super) async fn associations_are_filtered(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = idle(trial);
    let name = request.association_name.clone().unwrap_or_default();
    let id = make(trial, request).await?;
    let other = make(trial, idle(trial)).await?;
    let named = AssociationFilter::new("AssociationName", name);
    let of_document = AssociationFilter::new("Name", RUN_PATCH_BASELINE);
    for (filters, expected) in [
        (vec![named.clone()], vec![&id]),
        (
            vec![AssociationFilter::new("AssociationId", other.as_str())],
            vec![&other],
        ),
        (vec![of_document, named.clone()], vec![&id]),
        (
            vec![
                named,
                AssociationFilter::new("AssociationId", other.as_str()),
            ],
            vec![],
        ),
    ] {
        let what = format!("{filters:?}");
        let found = listed(trial, filters).await?;
        let found: Vec<_> = found
            .iter()
            .filter_map(|one| one.association_id.as_ref())
            .collect();
        same(&what, found, expected)?;
    }
    Ok(())
}

/// A filter that associations do not know is refused.
pub(super) async fn an_unknown_filter_of_associations_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let filters = vec![AssociationFilter::new("Colour", "blue")];
    let request = ListAssociations::new(filters, PageRequest::first());
    let answer = trial
        .harness()
        .associations()
        .list_associations(request)
        .await;
    refused("Colour", answer, ErrorKind::InvalidInput)
}

/// A page of associations has 1 to 50 items.
pub(super) async fn the_page_size_of_associations_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().associations();
    for size in [0, 51] {
        let page = PageRequest::first().with_max_results(size);
        let answer = store
            .list_associations(ListAssociations::new(Vec::new(), page))
            .await;
        refused(&format!("{size} items"), answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// A page of what applies to a node has 1 to 5 items.
pub(super) async fn the_page_size_of_effective_associations_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (store, node) = (trial.harness().associations(), trial.harness().linux_node());
    for size in [0, 6] {
        let page = PageRequest::first().with_max_results(size);
        let answer = store
            .describe_effective_instance_associations(DescribeEffectiveInstanceAssociations::new(
                &node, page,
            ))
            .await;
        refused(&format!("{size} items"), answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// A name has 3 to 128 letters, digits and `_-.`.
pub(super) async fn the_name_of_an_association_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for name in ["ab".to_owned(), "a".repeat(129), "a b c".to_owned()] {
        let mut request = idle(trial);
        request.association_name = Some(name.clone());
        refuses(trial, &name, request, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// A document that is not there is NotFound.
pub(super) async fn an_association_of_an_unknown_document_is_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.name = Some(trial.unique_name());
    refuses(trial, "the document", request, ErrorKind::NotFound).await
}

/// Parameters are those that the document declares; those that it requires are present.
pub(super) async fn the_parameters_of_an_association_suit_its_document(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.parameters = None;
    refuses(trial, "no Operation", request, ErrorKind::InvalidInput).await?;
    for (name, value) in [("Colour", "blue"), ("Operation", "scan")] {
        let mut request = idle(trial);
        let parameters = request.parameters.get_or_insert_default();
        parameters.insert(name.to_owned(), vec![value.to_owned()]);
        refuses(trial, name, request, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// An association is for a node or for targets: exactly one of the two.
pub(super) async fn an_association_needs_a_node_or_targets(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = scan(trial);
    request.targets = None;
    refuses(trial, "neither", request, ErrorKind::InvalidInput).await?;
    let mut request = scan(trial);
    request.instance_id = Some(trial.harness().linux_node());
    refuses(trial, "both", request, ErrorKind::InvalidInput).await
}

/// It has at most five targets of at most fifty values.
pub(super) async fn the_targets_of_an_association_are_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.targets = Some(
        (0..6)
            .map(|n| Target::tag(&format!("k{n}"), ["v"]))
            .collect(),
    );
    refuses(trial, "six targets", request, ErrorKind::InvalidInput).await?;
    let mut request = idle(trial);
    let values: Vec<String> = (0..51).map(|n| format!("v{n}")).collect();
    request.targets = Some(vec![Target::tag("Environment", values)]);
    refuses(trial, "51 values", request, ErrorKind::InvalidInput).await
}

/// The schedules that the guide lists for associations are accepted.
pub(super) async fn the_schedules_of_the_guide_are_taken(trial: &Trial<'_>) -> Result<(), Failure> {
    for schedule in [
        "cron(0/30 * * * ? *)",
        "cron(0 0/1 * * ? *)",
        "cron(0 0/2 * * ? *)",
        "cron(0 0/4 * * ? *)",
        "cron(0 0/8 * * ? *)",
        "cron(0 0/12 * * ? *)",
        "cron(15 13 ? * * *)",
        "cron(15 13 ? * MON *)",
        "cron(30 23 ? * TUE#3 *)",
        "cron(0 0 ? * 3L *)",
    ] {
        let made = trial.association(only_at(trial, schedule)).await?;
        same(
            "ScheduleExpression",
            made.schedule_expression.as_deref(),
            Some(schedule),
        )?;
    }
    Ok(())
}

/// Other schedules are refused: other steps, months, rates below 30 minutes or from 31 days.
pub(super) async fn a_schedule_that_associations_do_not_take_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for schedule in [
        "daily",
        "cron(0/10 * * * ? *)",
        "cron(0 0/3 * * ? *)",
        "cron(0 0 ? JAN MON *)",
        "cron(0 0 * * MON *)",
        "rate(29 minutes)",
        "rate(31 days)",
    ] {
        let mut request = scan(trial);
        request.schedule_expression = Some(schedule.to_owned());
        refuses(trial, schedule, request, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// ApplyOnlyAtCronInterval does not go with a rate.
pub(super) async fn apply_only_at_cron_interval_is_refused_with_a_rate(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let request = only_at(trial, "rate(1 day)");
    refuses(trial, "a rate", request, ErrorKind::InvalidInput).await
}

/// An offset has 1 to 6 days, and needs ApplyOnlyAtCronInterval.
pub(super) async fn an_offset_of_an_association_has_its_conditions(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let offset = |days| {
        let mut request = only_at(trial, "cron(0 0 ? * THU#2 *)");
        request.schedule_offset = Some(days);
        request
    };
    for days in [0, 7] {
        let what = format!("{days} days");
        refuses(trial, &what, offset(days), ErrorKind::InvalidInput).await?;
    }
    let mut at_once = offset(3);
    at_once.apply_only_at_cron_interval = None;
    refuses(trial, "at once", at_once, ErrorKind::InvalidInput).await?;
    let made = trial.association(offset(3)).await?;
    same("ScheduleOffset", made.schedule_offset, Some(3))
}

/// A run may be limited to 1 to 24 hours.
pub(super) async fn the_duration_of_an_association_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for hours in [0, 25] {
        let mut request = idle(trial);
        request.duration = Some(hours);
        let what = format!("{hours} hours");
        refuses(trial, &what, request, ErrorKind::InvalidInput).await?;
    }
    let mut request = idle(trial);
    request.duration = Some(24);
    same(
        "Duration",
        trial.association(request).await?.duration,
        Some(24),
    )
}

/// An association that is not there is NotFound, for each operation that names one.
pub(super) async fn an_unknown_association_is_not_found(trial: &Trial<'_>) -> Result<(), Failure> {
    let (store, id) = (trial.harness().associations(), AssociationId::new(NOBODYS));
    let kind = ErrorKind::NotFound;
    refused(
        "DescribeAssociation",
        store
            .describe_association(DescribeAssociation::new(&id))
            .await,
        kind,
    )?;
    let changed = store.update_association(again(&id, &idle(trial))).await;
    refused("UpdateAssociation", changed, kind)?;
    refused(
        "DeleteAssociation",
        store.delete_association(DeleteAssociation::new(&id)).await,
        kind,
    )?;
    let versions =
        store.list_association_versions(ListAssociationVersions::new(&id, PageRequest::first()));
    refused("ListAssociationVersions", versions.await, kind)?;
    let started =
        store.start_associations_once(StartAssociationsOnce::new(std::slice::from_ref(&id)));
    refused("StartAssociationsOnce", started.await, kind)?;
    let answer = runs(trial, &id, Vec::new()).await;
    refused("DescribeAssociationExecutions", answer, kind)
}

/// A deleted association is gone.
pub(super) async fn a_deleted_association_is_gone(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = make(trial, idle(trial)).await?;
    trial
        .harness()
        .associations()
        .delete_association(DeleteAssociation::new(&id))
        .await?;
    let answer = found(trial, &id).await;
    refused("DescribeAssociation", answer, ErrorKind::NotFound)?;
    let left = listed(trial, Vec::new()).await?;
    let known = left
        .iter()
        .any(|one| one.association_id.as_ref() == Some(&id));
    holds(!known, "it is still listed")
}

/// An update makes a new version; versions are listed, the latest first.
pub(super) async fn an_update_makes_a_new_version(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let before = request.schedule_expression.clone();
    request.schedule_expression = Some("cron(15 4 ? * TUE *)".to_owned());
    let store = trial.harness().associations();
    let updated = store.update_association(again(&id, &request)).await?;
    same(
        "AssociationVersion",
        updated.association_version.as_deref(),
        Some("2"),
    )?;
    let page = store
        .list_association_versions(ListAssociationVersions::new(&id, PageRequest::first()))
        .await?;
    let versions: Vec<_> = page
        .items
        .iter()
        .map(|one| {
            (
                one.association_version.as_deref(),
                one.schedule_expression.clone(),
            )
        })
        .collect();
    same(
        "versions",
        versions,
        [
            (Some("2"), request.schedule_expression),
            (Some("1"), before),
        ],
    )
}

/// An update clears absent members, except document and targets.
pub(super) async fn an_update_clears_what_it_leaves_out(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.max_errors = Some(MaxErrors::Count(3));
    request.compliance_severity = Some(AssociationComplianceSeverity::Low);
    let id = make(trial, request.clone()).await?;
    let mut update = again(&id, &request);
    update.association_name = None;
    trial
        .harness()
        .associations()
        .update_association(update)
        .await?;
    let found = found(trial, &id).await?;
    same("AssociationName", found.association_name, None::<String>)?;
    same("MaxErrors", found.max_errors, None::<MaxErrors>)?;
    let severity = found.compliance_severity;
    holds(
        severity != request.compliance_severity,
        "ComplianceSeverity was kept",
    )?;
    same("Name", found.name, request.name)?;
    same("Targets", found.targets, request.targets)?;
    same(
        "ScheduleExpression",
        found.schedule_expression,
        request.schedule_expression,
    )
}

/// An update refuses what a creation refuses, and then changes nothing.
pub(super) async fn a_bad_update_changes_no_association(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let mut bad = again(&id, &request);
    bad.schedule_expression = Some("cron(0 0/3 * * ? *)".to_owned());
    let answer = trial.harness().associations().update_association(bad).await;
    refused("the update", answer, ErrorKind::InvalidInput)?;
    let found = found(trial, &id).await?;
    same(
        "ScheduleExpression",
        found.schedule_expression,
        request.schedule_expression,
    )?;
    same(
        "AssociationVersion",
        found.association_version.as_deref(),
        Some("1"),
    )
}

/// A version that an association does not have cannot be updated.
pub(super) async fn an_unknown_version_of_an_association_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let mut update = again(&id, &request);
    update.association_version = Some("7".to_owned());
    let answer = trial
        .harness()
        .associations()
        .update_association(update)
        .await;
    refused("version 7", answer, ErrorKind::InvalidInput)
}

/// One call starts 1 to 10 associations.
pub(super) async fn the_number_of_associations_to_start_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let store = trial.harness().associations();
    let id = AssociationId::new(NOBODYS);
    for count in [0, 11] {
        let answer = store
            .start_associations_once(StartAssociationsOnce::new(vec![id.clone(); count]))
            .await;
        refused(&format!("{count} ids"), answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// The associations that target a node apply to it.
pub(super) async fn an_association_applies_to_its_nodes_alone(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = make(trial, idle(trial)).await?;
    for (node, expected) in [
        (trial.harness().linux_node(), 1),
        (trial.harness().windows_node(), 0),
    ] {
        let store = trial.harness().associations();
        let effective: Vec<InstanceAssociation> = all(paginate(|token| {
            let (store, node) = (store.clone(), node.clone());
            async move {
                let page = PageRequest::first().with_next_token(token);
                store
                    .describe_effective_instance_associations(
                        DescribeEffectiveInstanceAssociations::new(&node, page),
                    )
                    .await
            }
        }))
        .await?;
        let known = effective
            .iter()
            .filter(|one| one.association_id.as_ref() == Some(&id));
        same(node.as_str(), known.count(), expected)?;
    }
    Ok(())
}

/// The associations of a node that is not managed cannot be listed.
pub(super) async fn associations_of_an_unmanaged_node_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (store, node) = (
        trial.harness().associations(),
        NodeId::new("i-0fedcba9876543210"),
    );
    let kind = ErrorKind::InvalidInput;
    let answer = store.describe_effective_instance_associations(
        DescribeEffectiveInstanceAssociations::new(&node, PageRequest::first()),
    );
    refused("what applies", answer.await, kind)?;
    let answer = store.describe_instance_associations_status(
        DescribeInstanceAssociationsStatus::new(&node, PageRequest::first()),
    );
    refused("the status", answer.await, kind)
}

/// Without a schedule an association runs as soon as it is created, and reports patches.
pub(super) async fn an_association_without_a_schedule_runs_at_once(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    same("before", trial.state(&node).await?.is_none(), true)?;
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    same("Status", run.status.as_deref(), Some("Success"))?;
    same(
        "AssociationVersion",
        run.association_version.as_deref(),
        Some("1"),
    )?;
    let state = trial.state(&node).await?;
    let operation = state.map(|state| state.operation);
    same("Operation", operation, Some(PatchOperation::Scan))?;
    let found = found(trial, &id).await?;
    holds(
        found.last_execution_date.is_some(),
        "there is no LastExecutionDate",
    )?;
    let good = found.last_successful_execution_date;
    holds(good.is_some(), "there is no LastSuccessfulExecutionDate")?;
    let status = found.overview.and_then(|overview| overview.status);
    same("Overview.Status", status.as_deref(), Some("Success"))
}

/// An Install on a schedule patches as soon as it is created, unless it is set to wait.
pub(super) async fn an_install_on_a_schedule_patches_at_once(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let os = OperatingSystem::AmazonLinux2023;
    trial.approve_everything_on(&node, os).await?;
    let missing = trial.scan(&node).await?.missing_count;
    holds(missing > 0, "the harness gave a node with nothing missing")?;
    let mut request = of(trial, &PatchOperation::Install);
    request.schedule_expression = Some(daily(harness.now() + 12.hours()));
    request.apply_only_at_cron_interval = Some(true);
    let waits = make(trial, request.clone()).await?;
    harness.advance(POLL).await;
    same(
        "runs of what waits",
        runs(trial, &waits, Vec::new()).await?.len(),
        0,
    )?;
    request.apply_only_at_cron_interval = None;
    let id = make(trial, request).await?;
    ended(trial, &id, 1).await?;
    let state = trial.state(&node).await?;
    let state = state.ok_or_else(|| Failure::new("the node lost its patch state"))?;
    same("Operation", state.operation, PatchOperation::Install)?;
    same("MissingCount", state.missing_count, 0)
}

/// A run counts its nodes per status.
pub(super) async fn a_run_of_an_association_counts_its_nodes(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let harness = trial.harness();
    let mut request = scan(trial);
    let nodes = [harness.linux_node(), harness.windows_node()];
    request.targets = Some(vec![Target::instance_ids(&nodes)]);
    let id = make(trial, request).await?;
    let run = ended(trial, &id, 1).await?;
    let counts = run.resource_count_by_status.as_deref();
    same("ResourceCountByStatus", counts, Some("{Success=2}"))?;
    let overview = found(trial, &id).await?.overview;
    let counts = overview.and_then(|overview| overview.association_status_aggregated_count);
    let expected = BTreeMap::from([("Success".to_owned(), 2)]);
    same("AssociationStatusAggregatedCount", counts, Some(expected))
}

/// A target of a run names the command that did the work.
pub(super) async fn a_target_of_a_run_names_its_command(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    let targets = targets_of(trial, &run, Vec::new()).await?;
    let node = trial.harness().linux_node();
    same("targets", targets.len(), 1)?;
    let target = one("the target", &targets, |on| {
        on.resource_id.as_deref() == Some(node.as_str())
    })?;
    same(
        "ResourceType",
        target.resource_type.as_deref(),
        Some("ManagedInstance"),
    )?;
    same("Status", target.status.as_deref(), Some("Success"))?;
    let source = target.output_source.clone().unwrap_or_default();
    same(
        "OutputSourceType",
        source.output_source_type.as_deref(),
        Some("RunCommand"),
    )?;
    let command = source.output_source_id.unwrap_or_default();
    let request = ListCommandInvocations::of(command);
    let runner = trial.harness().commands();
    let invocations = runner.list_command_invocations(request).await?.items;
    let on = one("the invocation", &invocations, |on| on.instance_id == node)?;
    same("the invocation", &on.status, &InvocationStatus::Success)?;
    let failed = vec![AssociationExecutionTargetsFilter::new("Status", "Failed")];
    same(
        "failed targets",
        targets_of(trial, &run, failed).await?.len(),
        0,
    )
}

/// A run that an association does not have is NotFound.
pub(super) async fn an_unknown_run_of_an_association_is_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = make(trial, idle(trial)).await?;
    let page = PageRequest::first();
    let request = DescribeAssociationExecutionTargets::new(id, NOBODYS, Vec::new(), page);
    let store = trial.harness().associations();
    let answer = store.describe_association_execution_targets(request).await;
    refused("the run", answer, ErrorKind::NotFound)
}

/// Runs are filtered by id, status and time.
pub(super) async fn runs_of_an_association_are_filtered(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    let began = run
        .created_time
        .ok_or_else(|| Failure::new("there is no CreatedTime"))?;
    let (run, created) = (run.execution_id.unwrap_or_default(), "CreatedTime");
    let (before, after) = (
        (began - 1.hours()).to_string(),
        (began + 1.hours()).to_string(),
    );
    let equal = AssociationFilterOperator::Equal;
    let (less, greater) = (
        AssociationFilterOperator::LessThan,
        AssociationFilterOperator::GreaterThan,
    );
    for (filter, expected) in [
        (
            AssociationExecutionFilter::new("ExecutionId", equal.clone(), run),
            1,
        ),
        (
            AssociationExecutionFilter::new("ExecutionId", equal.clone(), NOBODYS),
            0,
        ),
        (
            AssociationExecutionFilter::new("Status", equal.clone(), "Success"),
            1,
        ),
        (
            AssociationExecutionFilter::new("Status", equal, "Failed"),
            0,
        ),
        (
            AssociationExecutionFilter::new(created, less.clone(), after),
            1,
        ),
        (
            AssociationExecutionFilter::new(created, less, before.clone()),
            0,
        ),
        (AssociationExecutionFilter::new(created, greater, before), 1),
    ] {
        let what = format!("{filter:?}");
        same(&what, runs(trial, &id, vec![filter]).await?.len(), expected)?;
    }
    Ok(())
}

/// An update runs an association again.
pub(super) async fn an_updated_association_runs_again(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = scan(trial);
    let id = make(trial, request.clone()).await?;
    let first = ended(trial, &id, 1).await?;
    let store = trial.harness().associations();
    store.update_association(again(&id, &request)).await?;
    let second = ended(trial, &id, 2).await?;
    holds(
        first.execution_id != second.execution_id,
        "it is the same run",
    )?;
    same(
        "AssociationVersion",
        second.association_version.as_deref(),
        Some("2"),
    )
}

/// A start runs an association now, even if it waits for its schedule.
pub(super) async fn an_association_started_once_runs_now(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = make(trial, idle(trial)).await?;
    let store = trial.harness().associations();
    store
        .start_associations_once(StartAssociationsOnce::new(std::slice::from_ref(&id)))
        .await?;
    let run = ended(trial, &id, 1).await?;
    same("Status", run.status.as_deref(), Some("Success"))?;
    same("runs", runs(trial, &id, Vec::new()).await?.len(), 1)
}

/// A node shows the status of its associations.
pub(super) async fn a_node_tells_how_it_fares_by_its_associations(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let waiting = make(trial, idle(trial)).await?;
    let done = make(trial, scan(trial)).await?;
    ended(trial, &done, 1).await?;
    let (store, node) = (trial.harness().associations(), trial.harness().linux_node());
    let statuses: Vec<InstanceAssociationStatusInfo> = all(paginate(|token| {
        let (store, node) = (store.clone(), node.clone());
        async move {
            let page = PageRequest::first()
                .with_max_results(1)
                .with_next_token(token);
            store
                .describe_instance_associations_status(DescribeInstanceAssociationsStatus::new(
                    &node, page,
                ))
                .await
        }
    }))
    .await?;
    for (id, expected) in [(waiting, "Pending"), (done, "Success")] {
        let info = one(id.as_str(), &statuses, |one| {
            one.association_id.as_ref() == Some(&id)
        })?;
        same(id.as_str(), info.status.as_deref(), Some(expected))?;
        same("InstanceId", info.instance_id.as_ref(), Some(&node))?;
    }
    Ok(())
}

/// A successful run is a compliance item of the node, in addition to those of its patches.
pub(super) async fn a_run_of_an_association_counts_as_compliance(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = make(trial, scan(trial)).await?;
    ended(trial, &id, 1).await?;
    let node = trial.harness().linux_node();
    let filters = vec![ComplianceFilter::equal("ComplianceType", ["Association"])];
    let request = ListComplianceItems::new(&node, filters, PageRequest::first());
    let compliance = trial.harness().compliance();
    let page = compliance.list_compliance_items(request).await?;
    let item = one("the item", &page.items, |item| item.id == id.as_str())?;
    same(
        "Status",
        item.status.as_ref(),
        Some(&ComplianceStatus::Compliant),
    )?;
    let document = item.details.get("DocumentName").map(String::as_str);
    same("DocumentName", document, Some(RUN_PATCH_BASELINE))
}

/// An association that waits for its schedule runs at its time, and not before.
pub(super) async fn an_association_runs_at_its_time_and_not_before(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let harness = trial.harness();
    let at = harness.now() + 3.hours();
    let id = make(trial, only_at(trial, daily(at))).await?;
    harness.advance(Duration::from_secs(2 * 3600)).await;
    same(
        "runs an hour before",
        runs(trial, &id, Vec::new()).await?.len(),
        0,
    )?;
    harness.advance(Duration::from_secs(2 * 3600)).await;
    let runs = runs(trial, &id, Vec::new()).await?;
    same("runs an hour after", runs.len(), 1)?;
    let run = one("the run", &runs, |_| true)?;
    let began = run.created_time.map(Timestamp::as_second);
    let minute = at.as_second() / 60 * 60;
    holds(began >= Some(minute), format!("it ran before {at}"))
}

/// A deleted association does not run.
pub(super) async fn a_deleted_association_does_not_run(trial: &Trial<'_>) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let id = make(trial, only_at(trial, daily(harness.now() + 3.hours()))).await?;
    harness
        .associations()
        .delete_association(DeleteAssociation::new(&id))
        .await?;
    let before = trial.state(&node).await?;
    harness.advance(Duration::from_secs(4 * 3600)).await;
    same("the patch state", trial.state(&node).await?, before)
}
