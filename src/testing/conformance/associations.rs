//! Rules of State Manager associations.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expect::{first, has, holds, one, reads_back, same};
use super::trial::{POLL, POLLS};
use super::{Failure, Result, Trial};
use crate::backend::{
    DeleteAssociation, DescribeAssociation, DescribeAssociationExecutionTargets,
    DescribeAssociationExecutions, DescribeEffectiveInstanceAssociations,
    DescribeInstanceAssociationsStatus, ListAssociationVersions, ListAssociations,
    ListCommandInvocations, ListComplianceItems, StartAssociationsOnce,
};
use crate::error::ErrorKind::{InvalidInput, NotFound};
use crate::operation::{InvocationStatus, RUN_PATCH_BASELINE};
use crate::page::PageRequest;
use crate::schedule::association::{
    Association, AssociationComplianceSeverity, AssociationDescription, AssociationExecution,
    AssociationExecutionFilter, AssociationExecutionTarget, AssociationExecutionTargetsFilter,
    AssociationFilter, AssociationFilterOperator, AssociationSyncCompliance, CreateAssociation,
    UpdateAssociation,
};
use crate::types::{
    AssociationId, ComplianceFilter, MaxConcurrency, MaxErrors, NodeId, OperatingSystem,
    PatchOperation, Target,
};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// An operation on the Linux node, once and now.
fn of(trial: &Trial<'_>, operation: &PatchOperation) -> CreateAssociation {
    let nodes = vec![Target::instance_ids([trial.linux_node()])];
    let values = vec![operation.as_str().to_owned()];
    let mut request = CreateAssociation::new(RUN_PATCH_BASELINE, nodes);
    request.parameters = Some(BTreeMap::from([("Operation".to_owned(), values)]));
    request.association_name = Some(trial.unique_name());
    request
}

pub(super) fn scan(trial: &Trial<'_>) -> CreateAssociation {
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
    only_at(trial, daily(trial.now() + 12.hours()))
}

/// The same with a change.
fn idle_with(trial: &Trial<'_>, change: impl FnOnce(&mut CreateAssociation)) -> CreateAssociation {
    let mut request = idle(trial);
    change(&mut request);
    request
}

pub(super) async fn make(trial: &Trial<'_>, request: CreateAssociation) -> Result<AssociationId> {
    let id = trial.create(request).await?.association_id;
    id.ok_or_else(|| Failure::new("there is no AssociationId"))
}

async fn found(trial: &Trial<'_>, id: &AssociationId) -> Result<AssociationDescription> {
    Ok(trial.call(DescribeAssociation::new(id)).await?)
}

/// An update with the settings of a request.
pub(super) fn again(id: &AssociationId, request: &CreateAssociation) -> UpdateAssociation {
    let request = request.clone();
    let mut update = UpdateAssociation::new(id);
    update.association_name = request.association_name;
    update.parameters = request.parameters;
    update.schedule_expression = request.schedule_expression;
    update.apply_only_at_cron_interval = request.apply_only_at_cron_interval;
    update
}

async fn listed(trial: &Trial<'_>, filters: Vec<AssociationFilter>) -> Result<Vec<Association>> {
    trial
        .every(|page| ListAssociations::new(filters.clone(), page.with_max_results(1)))
        .await
}

/// The runs that pass, the latest first.
async fn runs(
    trial: &Trial<'_>,
    id: &AssociationId,
    filters: Vec<AssociationExecutionFilter>,
) -> Result<Vec<AssociationExecution>> {
    let request = DescribeAssociationExecutions::new(id, filters, PageRequest::first());
    Ok(trial.call(request).await?.items)
}

/// Waits until there are `count` runs and the latest has ended.
pub(super) async fn ended(
    trial: &Trial<'_>,
    id: &AssociationId,
    count: usize,
) -> Result<AssociationExecution> {
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
        trial.advance(POLL).await;
    }
    Err(Failure::new(format!("{count} runs of {id} do not end")))
}

async fn targets_of(
    trial: &Trial<'_>,
    run: &AssociationExecution,
    filters: Vec<AssociationExecutionTargetsFilter>,
) -> Result<Vec<AssociationExecutionTarget>> {
    let (Some(id), Some(run)) = (&run.association_id, &run.execution_id) else {
        return Err(Failure::new("a run has no ids"));
    };
    let page = PageRequest::first();
    let request = DescribeAssociationExecutionTargets::new(id, run, filters, page);
    Ok(trial.call(request).await?.items)
}

/// An association reads back as it was made.
pub(super) async fn an_association_reads_back_as_made(trial: &Trial<'_>) -> Result {
    let request = idle_with(trial, |new| {
        new.max_concurrency = Some(MaxConcurrency::Percent(50));
        new.max_errors = Some(MaxErrors::Count(3));
        new.compliance_severity = Some(AssociationComplianceSeverity::High);
        new.sync_compliance = Some(AssociationSyncCompliance::Auto);
    });
    let id = make(trial, request.clone()).await?;
    holds(id.is_well_formed(), "the id is no UUID")?;
    let members = [
        "Name",
        "AssociationName",
        "Targets",
        "Parameters",
        "ScheduleExpression",
        "MaxConcurrency",
        "MaxErrors",
        "ComplianceSeverity",
        "SyncCompliance",
        "ApplyOnlyAtCronInterval",
    ];
    reads_back(&found(trial, &id).await?, &request, &members)
}

/// A new association is version 1, of the document's default version, and Pending.
pub(super) async fn a_new_association_is_pending_in_version_1(trial: &Trial<'_>) -> Result {
    let made = trial.create(idle(trial)).await?;
    has(&made, "AssociationVersion", "1")?;
    has(&made, "DocumentVersion", "$DEFAULT")?;
    has(&made, "Overview.Status", "Pending")?;
    holds(made.date.is_some(), "there is no Date")
}

/// An association is listed, once.
pub(super) async fn an_association_is_listed_once(trial: &Trial<'_>) -> Result {
    let first = make(trial, idle(trial)).await?;
    let second = make(trial, idle(trial)).await?;
    let found = listed(trial, Vec::new()).await?;
    for id in [first, second] {
        let known = found.iter().flat_map(|one| &one.association_id);
        same(id.as_str(), known.filter(|known| **known == id).count(), 1)?;
    }
    Ok(())
}

/// Associations are filtered by name, by id and by document; filters are ANDed.
pub(super) async fn associations_are_filtered(trial: &Trial<'_>) -> Result {
    let request = idle(trial);
    let name = request.association_name.clone().unwrap_or_default();
    let id = make(trial, request).await?;
    let other = make(trial, idle(trial)).await?;
    let named = AssociationFilter::new("AssociationName", name);
    let of_other = AssociationFilter::new("AssociationId", other.as_str());
    let of_document = AssociationFilter::new("Name", RUN_PATCH_BASELINE);
    for (filters, expected) in [
        (vec![named.clone()], vec![&id]),
        (vec![of_other.clone()], vec![&other]),
        (vec![of_document, named.clone()], vec![&id]),
        (vec![named, of_other], vec![]),
    ] {
        let what = format!("{filters:?}");
        let found = listed(trial, filters).await?;
        let found: Vec<_> = found.iter().flat_map(|one| &one.association_id).collect();
        same(&what, found, expected)?;
    }
    Ok(())
}

/// A filter that associations do not know is refused.
pub(super) async fn an_unknown_filter_of_associations_is_refused(trial: &Trial<'_>) -> Result {
    let filters = vec![AssociationFilter::new("Colour", "blue")];
    let request = ListAssociations::new(filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// A page of associations has 1 to 50 items.
pub(super) async fn the_page_size_of_associations_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| ListAssociations::new(Vec::new(), page);
    trial.refuses_page_sizes([0, 51], listing).await
}

/// A page of what applies to a node has 1 to 5 items.
pub(super) async fn the_page_size_of_effective_associations_is_bounded(
    trial: &Trial<'_>,
) -> Result {
    let node = trial.linux_node();
    let listing = |page| DescribeEffectiveInstanceAssociations::new(&node, page);
    trial.refuses_page_sizes([0, 6], listing).await
}

/// A name has 3 to 128 letters, digits and `_-.`.
pub(super) async fn the_name_of_an_association_is_bounded(trial: &Trial<'_>) -> Result {
    for name in ["ab".to_owned(), "a".repeat(129), "a b c".to_owned()] {
        let request = idle_with(trial, |new| new.association_name = Some(name));
        trial.refuses_new(request, InvalidInput).await?;
    }
    Ok(())
}

/// A document that is not there is NotFound.
pub(super) async fn an_association_of_an_unknown_document_is_not_found(
    trial: &Trial<'_>,
) -> Result {
    let request = idle_with(trial, |new| new.name = Some(trial.unique_name()));
    trial.refuses_new(request, NotFound).await
}

/// Parameters are those that the document declares; those that it requires are present.
pub(super) async fn the_parameters_of_an_association_suit_its_document(
    trial: &Trial<'_>,
) -> Result {
    let request = idle_with(trial, |new| new.parameters = None);
    trial.refuses_new(request, InvalidInput).await?;
    for (name, value) in [("Colour", "blue"), ("Operation", "scan")] {
        let request = idle_with(trial, |new| {
            let parameters = new.parameters.get_or_insert_default();
            parameters.insert(name.to_owned(), vec![value.to_owned()]);
        });
        trial.refuses_new(request, InvalidInput).await?;
    }
    Ok(())
}

/// An association is for a node or for targets: exactly one of the two.
pub(super) async fn an_association_needs_a_node_or_targets(trial: &Trial<'_>) -> Result {
    let mut neither = scan(trial);
    neither.targets = None;
    trial.refuses_new(neither, InvalidInput).await?;
    let mut both = scan(trial);
    both.instance_id = Some(trial.linux_node());
    trial.refuses_new(both, InvalidInput).await
}

/// It has at most five targets of at most fifty values.
pub(super) async fn the_targets_of_an_association_are_bounded(trial: &Trial<'_>) -> Result {
    let six = (0..6).map(|n| Target::tag(&format!("k{n}"), ["v"]));
    let six = idle_with(trial, |new| new.targets = Some(six.collect()));
    trial.refuses_new(six, InvalidInput).await?;
    let values = (0..51).map(|n| format!("v{n}"));
    let target = Target::tag("Environment", values);
    let large = idle_with(trial, |new| new.targets = Some(vec![target]));
    trial.refuses_new(large, InvalidInput).await
}

/// The schedules that the guide lists for associations are accepted.
pub(super) async fn the_schedules_of_the_guide_are_taken(trial: &Trial<'_>) -> Result {
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
        let made = trial.create(only_at(trial, schedule)).await?;
        has(&made, "ScheduleExpression", schedule)?;
    }
    Ok(())
}

/// Other schedules are refused: other steps, months, rates below 30 minutes or from 31 days.
pub(super) async fn a_schedule_that_associations_do_not_take_is_refused(
    trial: &Trial<'_>,
) -> Result {
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
        trial.refuses_new(request, InvalidInput).await?;
    }
    Ok(())
}

/// ApplyOnlyAtCronInterval does not go with a rate.
pub(super) async fn apply_only_at_cron_interval_is_refused_with_a_rate(
    trial: &Trial<'_>,
) -> Result {
    let request = only_at(trial, "rate(1 day)");
    trial.refuses_new(request, InvalidInput).await
}

/// An offset has 1 to 6 days, and needs ApplyOnlyAtCronInterval.
pub(super) async fn an_offset_of_an_association_has_its_conditions(trial: &Trial<'_>) -> Result {
    let offset = |days| {
        let mut request = only_at(trial, "cron(0 0 ? * THU#2 *)");
        request.schedule_offset = Some(days);
        request
    };
    for days in [0, 7] {
        trial.refuses_new(offset(days), InvalidInput).await?;
    }
    let mut at_once = offset(3);
    at_once.apply_only_at_cron_interval = None;
    trial.refuses_new(at_once, InvalidInput).await?;
    let made = trial.create(offset(3)).await?;
    has(&made, "ScheduleOffset", 3)
}

/// A run may be limited to 1 to 24 hours.
pub(super) async fn the_duration_of_an_association_is_bounded(trial: &Trial<'_>) -> Result {
    let of = |hours| idle_with(trial, |new| new.duration = Some(hours));
    for hours in [0, 25] {
        trial.refuses_new(of(hours), InvalidInput).await?;
    }
    let made = trial.create(of(24)).await?;
    has(&made, "Duration", 24)
}

/// An association that is not there is NotFound, for each operation that names one.
pub(super) async fn an_unknown_association_is_not_found(trial: &Trial<'_>) -> Result {
    let (id, page) = (AssociationId::new(NOBODYS), PageRequest::first());
    let read = DescribeAssociation::new(&id);
    trial.refuses(read, NotFound).await?;
    let update = again(&id, &idle(trial));
    trial.refuses(update, NotFound).await?;
    let delete = DeleteAssociation::new(&id);
    trial.refuses(delete, NotFound).await?;
    let versions = ListAssociationVersions::new(&id, page.clone());
    trial.refuses(versions, NotFound).await?;
    let start = StartAssociationsOnce::new([&id]);
    trial.refuses(start, NotFound).await?;
    let runs = DescribeAssociationExecutions::new(&id, Vec::new(), page);
    trial.refuses(runs, NotFound).await
}

/// A deleted association is gone.
pub(super) async fn a_deleted_association_is_gone(trial: &Trial<'_>) -> Result {
    let id = make(trial, idle(trial)).await?;
    trial.call(DeleteAssociation::new(&id)).await?;
    let read = DescribeAssociation::new(&id);
    trial.refuses(read, NotFound).await?;
    let left = listed(trial, Vec::new()).await?;
    let mut known = left.iter().flat_map(|one| &one.association_id);
    holds(known.all(|known| *known != id), "it is still listed")
}

/// An update makes a new version; versions are listed, the latest first.
pub(super) async fn an_update_makes_a_new_version(trial: &Trial<'_>) -> Result {
    let mut request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let before = request.schedule_expression.clone();
    request.schedule_expression = Some("cron(15 4 ? * TUE *)".to_owned());
    let updated = trial.call(again(&id, &request)).await?;
    has(&updated, "AssociationVersion", "2")?;
    let versions = ListAssociationVersions::new(&id, PageRequest::first());
    let versions = trial.call(versions).await?.items.into_iter();
    let versions = versions.map(|one| (one.association_version, one.schedule_expression));
    let (second, first) = (Some("2".to_owned()), Some("1".to_owned()));
    let expected = [(second, request.schedule_expression), (first, before)];
    same("versions", versions.collect::<Vec<_>>(), expected)
}

/// An update clears absent members, except document and targets.
pub(super) async fn an_update_clears_what_it_leaves_out(trial: &Trial<'_>) -> Result {
    let request = idle_with(trial, |new| {
        new.max_errors = Some(MaxErrors::Count(3));
        new.compliance_severity = Some(AssociationComplianceSeverity::Low);
    });
    let id = make(trial, request.clone()).await?;
    let mut update = again(&id, &request);
    update.association_name = None;
    trial.call(update).await?;
    let found = found(trial, &id).await?;
    same("AssociationName", &found.association_name, &None)?;
    same("MaxErrors", &found.max_errors, &None)?;
    let severity = &found.compliance_severity;
    let is_kept = *severity == request.compliance_severity;
    holds(!is_kept, "ComplianceSeverity was kept")?;
    let members = ["Name", "Targets", "ScheduleExpression"];
    reads_back(&found, &request, &members)
}

/// An update refuses what a creation refuses, and then changes nothing.
pub(super) async fn a_bad_update_changes_no_association(trial: &Trial<'_>) -> Result {
    let request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let mut bad = again(&id, &request);
    bad.schedule_expression = Some("cron(0 0/3 * * ? *)".to_owned());
    trial.refuses(bad, InvalidInput).await?;
    let found = found(trial, &id).await?;
    reads_back(&found, &request, &["ScheduleExpression"])?;
    has(&found, "AssociationVersion", "1")
}

/// A version that an association does not have cannot be updated.
pub(super) async fn an_unknown_version_of_an_association_is_refused(trial: &Trial<'_>) -> Result {
    let request = idle(trial);
    let id = make(trial, request.clone()).await?;
    let mut update = again(&id, &request);
    update.association_version = Some("7".to_owned());
    trial.refuses(update, InvalidInput).await
}

/// One call starts 1 to 10 associations.
pub(super) async fn the_number_of_associations_to_start_is_bounded(trial: &Trial<'_>) -> Result {
    for count in [0, 11] {
        let request = StartAssociationsOnce::new(vec![NOBODYS; count]);
        trial.refuses(request, InvalidInput).await?;
    }
    Ok(())
}

/// The associations that target a node apply to it.
pub(super) async fn an_association_applies_to_its_nodes_alone(trial: &Trial<'_>) -> Result {
    let id = make(trial, idle(trial)).await?;
    for (node, expected) in [(trial.linux_node(), 1), (trial.windows_node(), 0)] {
        let effective = trial
            .every(|page| DescribeEffectiveInstanceAssociations::new(&node, page))
            .await?;
        let known = effective.iter().flat_map(|one| &one.association_id);
        let known = known.filter(|known| **known == id);
        same(node.as_str(), known.count(), expected)?;
    }
    Ok(())
}

/// The associations of a node that is not managed cannot be listed.
pub(super) async fn associations_of_an_unmanaged_node_are_refused(trial: &Trial<'_>) -> Result {
    let (node, page) = (NodeId::new("i-0fedcba9876543210"), PageRequest::first());
    let applies = DescribeEffectiveInstanceAssociations::new(&node, page.clone());
    trial.refuses(applies, InvalidInput).await?;
    let status = DescribeInstanceAssociationsStatus::new(&node, page);
    trial.refuses(status, InvalidInput).await
}

/// Without a schedule an association runs as soon as it is created, and reports patches.
pub(super) async fn an_association_without_a_schedule_runs_at_once(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    same("before", trial.state(&node).await?, None)?;
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    has(&run, "Status", "Success")?;
    has(&run, "AssociationVersion", "1")?;
    let operation = trial.patched(&node).await?.operation;
    same("Operation", operation, PatchOperation::Scan)?;
    let found = found(trial, &id).await?;
    let last = found.last_execution_date;
    holds(last.is_some(), "there is no LastExecutionDate")?;
    let good = found.last_successful_execution_date;
    holds(good.is_some(), "there is no LastSuccessfulExecutionDate")?;
    has(&found, "Overview.Status", "Success")
}

/// An Install on a schedule patches as soon as it is created, unless it is set to wait.
pub(super) async fn an_install_on_a_schedule_patches_at_once(trial: &Trial<'_>) -> Result {
    let (node, os) = (trial.linux_node(), OperatingSystem::AmazonLinux2023);
    trial.approve_everything_on(&node, os).await?;
    let missing = trial.scan(&node).await?.missing_count;
    holds(missing > 0, "the harness gave a node with nothing missing")?;
    let mut request = of(trial, &PatchOperation::Install);
    request.schedule_expression = Some(daily(trial.now() + 12.hours()));
    request.apply_only_at_cron_interval = Some(true);
    let waits = make(trial, request.clone()).await?;
    trial.advance(POLL).await;
    let runs = runs(trial, &waits, Vec::new()).await?;
    same("runs of what waits", runs.len(), 0)?;
    request.apply_only_at_cron_interval = None;
    let id = make(trial, request).await?;
    ended(trial, &id, 1).await?;
    let state = trial.patched(&node).await?;
    same("Operation", state.operation, PatchOperation::Install)?;
    same("MissingCount", state.missing_count, 0)
}

/// A run counts its nodes per status.
pub(super) async fn a_run_of_an_association_counts_its_nodes(trial: &Trial<'_>) -> Result {
    let mut request = scan(trial);
    let nodes = [trial.linux_node(), trial.windows_node()];
    request.targets = Some(vec![Target::instance_ids(&nodes)]);
    let id = make(trial, request).await?;
    let run = ended(trial, &id, 1).await?;
    has(&run, "ResourceCountByStatus", "{Success=2}")?;
    let overview = found(trial, &id).await?.overview;
    let counts = overview.and_then(|overview| overview.association_status_aggregated_count);
    let expected = BTreeMap::from([("Success".to_owned(), 2)]);
    same("AssociationStatusAggregatedCount", counts, Some(expected))
}

/// A target of a run names the command that did the work.
pub(super) async fn a_target_of_a_run_names_its_command(trial: &Trial<'_>) -> Result {
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    let targets = targets_of(trial, &run, Vec::new()).await?;
    let node = trial.linux_node();
    same("targets", targets.len(), 1)?;
    let target = first("the target", &targets)?;
    has(target, "ResourceId", node.as_str())?;
    has(target, "ResourceType", "ManagedInstance")?;
    has(target, "Status", "Success")?;
    has(target, "OutputSource.OutputSourceType", "RunCommand")?;
    let source = target.output_source.clone().unwrap_or_default();
    let command = source.output_source_id.unwrap_or_default();
    let invocations = trial.call(ListCommandInvocations::of(command)).await?.items;
    let on = one("the invocation", &invocations, |on| on.instance_id == node)?;
    same("the invocation", &on.status, &InvocationStatus::Success)?;
    let failed = vec![AssociationExecutionTargetsFilter::new("Status", "Failed")];
    let failed = targets_of(trial, &run, failed).await?;
    same("failed targets", failed.len(), 0)
}

/// A run that an association does not have is NotFound.
pub(super) async fn an_unknown_run_of_an_association_is_not_found(trial: &Trial<'_>) -> Result {
    let id = make(trial, idle(trial)).await?;
    let page = PageRequest::first();
    let request = DescribeAssociationExecutionTargets::new(id, NOBODYS, Vec::new(), page);
    trial.refuses(request, NotFound).await
}

/// Runs are filtered by id, status and time.
pub(super) async fn runs_of_an_association_are_filtered(trial: &Trial<'_>) -> Result {
    use AssociationFilterOperator::{Equal, GreaterThan, LessThan};
    let id = make(trial, scan(trial)).await?;
    let run = ended(trial, &id, 1).await?;
    let began = run
        .created_time
        .ok_or_else(|| Failure::new("there is no CreatedTime"))?;
    let run = run.execution_id.unwrap_or_default();
    let before = &(began - 1.hours()).to_string();
    let after = &(began + 1.hours()).to_string();
    for (key, operator, value, expected) in [
        ("ExecutionId", Equal, run.as_str(), 1),
        ("ExecutionId", Equal, NOBODYS, 0),
        ("Status", Equal, "Success", 1),
        ("Status", Equal, "Failed", 0),
        ("CreatedTime", LessThan, after, 1),
        ("CreatedTime", LessThan, before, 0),
        ("CreatedTime", GreaterThan, before, 1),
    ] {
        let filter = AssociationExecutionFilter::new(key, operator, value);
        let what = format!("{filter:?}");
        same(&what, runs(trial, &id, vec![filter]).await?.len(), expected)?;
    }
    Ok(())
}

/// An update runs an association again.
pub(super) async fn an_updated_association_runs_again(trial: &Trial<'_>) -> Result {
    let request = scan(trial);
    let id = make(trial, request.clone()).await?;
    let first = ended(trial, &id, 1).await?.execution_id;
    trial.call(again(&id, &request)).await?;
    let second = ended(trial, &id, 2).await?;
    holds(first != second.execution_id, "it is the same run")?;
    has(&second, "AssociationVersion", "2")
}

/// A start runs an association now, even if it waits for its schedule.
pub(super) async fn an_association_started_once_runs_now(trial: &Trial<'_>) -> Result {
    let id = make(trial, idle(trial)).await?;
    trial.call(StartAssociationsOnce::new([&id])).await?;
    let run = ended(trial, &id, 1).await?;
    has(&run, "Status", "Success")?;
    same("runs", runs(trial, &id, Vec::new()).await?.len(), 1)
}

/// A node shows the status of its associations.
pub(super) async fn a_node_tells_how_it_fares_by_its_associations(trial: &Trial<'_>) -> Result {
    let waiting = make(trial, idle(trial)).await?;
    let done = make(trial, scan(trial)).await?;
    ended(trial, &done, 1).await?;
    let node = trial.linux_node();
    let statuses = trial
        .every(|page| DescribeInstanceAssociationsStatus::new(&node, page.with_max_results(1)))
        .await?;
    for (id, expected) in [(waiting, "Pending"), (done, "Success")] {
        let info = one(id.as_str(), &statuses, |one| {
            one.association_id.as_ref() == Some(&id)
        })?;
        has(info, "Status", expected)?;
        has(info, "InstanceId", node.as_str())?;
    }
    Ok(())
}

/// A successful run is a compliance item of the node, in addition to those of its patches.
pub(super) async fn a_run_of_an_association_counts_as_compliance(trial: &Trial<'_>) -> Result {
    let id = make(trial, scan(trial)).await?;
    ended(trial, &id, 1).await?;
    let filters = vec![ComplianceFilter::equal("ComplianceType", ["Association"])];
    let request = ListComplianceItems::new(trial.linux_node(), filters, PageRequest::first());
    let page = trial.call(request).await?;
    let item = one("the item", &page.items, |item| item.id == id.as_str())?;
    has(item, "Status", "COMPLIANT")?;
    has(item, "Details.DocumentName", RUN_PATCH_BASELINE)
}

/// An association that waits for its schedule runs at its time, and not before.
pub(super) async fn an_association_runs_at_its_time_and_not_before(trial: &Trial<'_>) -> Result {
    let at = trial.now() + 3.hours();
    let id = make(trial, only_at(trial, daily(at))).await?;
    trial.advance(Duration::from_hours(2)).await;
    let early = runs(trial, &id, Vec::new()).await?;
    same("runs an hour before", early.len(), 0)?;
    trial.advance(Duration::from_hours(2)).await;
    let runs = runs(trial, &id, Vec::new()).await?;
    same("runs an hour after", runs.len(), 1)?;
    let began = first("the run", &runs)?.created_time;
    let minute = at.as_second() / 60 * 60;
    let in_time = began.map(Timestamp::as_second) >= Some(minute);
    holds(in_time, format!("it ran before {at}"))
}

/// A deleted association does not run.
pub(super) async fn a_deleted_association_does_not_run(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let id = make(trial, only_at(trial, daily(trial.now() + 3.hours()))).await?;
    trial.call(DeleteAssociation::new(&id)).await?;
    let before = trial.state(&node).await?;
    trial.advance(Duration::from_hours(4)).await;
    same("the patch state", trial.state(&node).await?, before)
}
