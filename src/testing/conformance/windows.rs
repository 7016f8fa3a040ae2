//! Rules of the settings of maintenance windows.

use super::expect::{all, holds, one, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    DeleteMaintenanceWindow, DeregisterTargetFromMaintenanceWindow,
    DeregisterTaskFromMaintenanceWindow, DescribeMaintenanceWindowSchedule,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, GetMaintenanceWindow, GetMaintenanceWindowTask,
};
use crate::error::{ErrorKind, Result};
use crate::operation::{PatchParameters, RUN_PATCH_BASELINE};
use crate::page::{PageRequest, paginate};
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowIdentity, MaintenanceWindowResourceType,
    MaintenanceWindowRunCommandParameters, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskType, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{
    MaxConcurrency, MaxErrors, NodeId, PatchOperation, QueryFilter, Target, WindowId,
    WindowTargetId, WindowTaskId,
};

const NOBODYS_WINDOW: &str = "mw-00000000000000000";
const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// A window that does not open during a rule.
pub(super) fn idle(trial: &Trial<'_>) -> CreateMaintenanceWindow {
    CreateMaintenanceWindow::new(trial.unique_name(), "cron(0 0 1 1 ? 2199)", 3, 1)
}

pub(super) async fn target(
    trial: &Trial<'_>,
    window: &WindowId,
    node: &NodeId,
) -> Result<WindowTargetId> {
    let nodes = vec![Target::instance_ids([node])];
    let register = RegisterTargetWithMaintenanceWindow::nodes(window.clone(), nodes);
    let store = trial.harness().windows();
    store
        .register_target_with_maintenance_window(register)
        .await
}

/// A task that runs an operation on registered targets.
pub(super) fn task(
    window: &WindowId,
    operation: PatchOperation,
    targets: &[&WindowTargetId],
) -> RegisterTaskWithMaintenanceWindow {
    RegisterTaskWithMaintenanceWindow {
        targets: Some(vec![Target {
            key: "WindowTargetIds".to_owned(),
            values: targets.iter().map(|id| id.as_str().to_owned()).collect(),
        }]),
        max_concurrency: Some(MaxConcurrency::Count(1)),
        max_errors: Some(MaxErrors::Count(0)),
        task_invocation_parameters: Some(MaintenanceWindowTaskInvocationParameters {
            run_command: Some(MaintenanceWindowRunCommandParameters {
                parameters: Some(PatchParameters::new(operation).to_map()),
                ..MaintenanceWindowRunCommandParameters::default()
            }),
            ..MaintenanceWindowTaskInvocationParameters::default()
        }),
        ..RegisterTaskWithMaintenanceWindow::new(
            window.clone(),
            MaintenanceWindowTaskType::RunCommand,
            RUN_PATCH_BASELINE,
        )
    }
}

async fn register(
    trial: &Trial<'_>,
    task: RegisterTaskWithMaintenanceWindow,
) -> Result<WindowTaskId> {
    let store = trial.harness().windows();
    store.register_task_with_maintenance_window(task).await
}

async fn listed(
    trial: &Trial<'_>,
    filters: Vec<QueryFilter>,
) -> Result<Vec<MaintenanceWindowIdentity>, Failure> {
    let store = trial.harness().windows();
    all(paginate(|token| {
        let (store, filters) = (store.clone(), filters.clone());
        async move {
            let page = PageRequest::first()
                .with_max_results(10)
                .with_next_token(token);
            let request = DescribeMaintenanceWindows::new(filters, page);
            store.describe_maintenance_windows(request).await
        }
    }))
    .await
}

async fn openings(
    trial: &Trial<'_>,
    request: DescribeMaintenanceWindowSchedule,
) -> Result<Vec<ScheduledWindowExecution>> {
    let store = trial.harness().windows();
    let page = store.describe_maintenance_window_schedule(request).await?;
    Ok(page.items)
}

fn between(after: &str, before: &str) -> Vec<QueryFilter> {
    vec![
        QueryFilter::new("ScheduledAfter", [after]),
        QueryFilter::new("ScheduledBefore", [before]),
    ]
}

/// A window reads back as it was made: enabled, and its tasks on registered targets only.
pub(super) async fn a_window_reads_back_as_made(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.description = Some("what it is for".to_owned());
    request.schedule_timezone = Some("Europe/Berlin".to_owned());
    request.start_date = Some("2026-01-01T00:00:00Z".to_owned());
    request.end_date = Some("2199-12-31T00:00:00Z".to_owned());
    let id = trial.window(request.clone()).await?;
    holds(id.is_well_formed(), "the id is no window's")?;
    let found = trial
        .harness()
        .windows()
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    same("WindowId", found.window_id, Some(id))?;
    same("Name", found.name, request.name)?;
    same("Description", found.description, request.description)?;
    same("Schedule", found.schedule, request.schedule)?;
    same(
        "ScheduleTimezone",
        found.schedule_timezone,
        request.schedule_timezone,
    )?;
    same("StartDate", found.start_date, request.start_date)?;
    same("EndDate", found.end_date, request.end_date)?;
    same("Duration", found.duration, Some(3))?;
    same("Cutoff", found.cutoff, Some(1))?;
    same("Enabled", found.enabled, Some(true))?;
    same(
        "AllowUnassociatedTargets",
        found.allow_unassociated_targets,
        Some(false),
    )?;
    holds(found.created_date.is_some(), "there is no CreatedDate")
}

/// Names of windows are not unique.
pub(super) async fn names_of_windows_are_not_unique(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = idle(trial);
    let first = trial.window(request.clone()).await?;
    holds(
        first != trial.window(request).await?,
        "it is the same window",
    )
}

/// A repeated client token returns the first window; with other input it is refused.
pub(super) async fn a_client_token_makes_one_window(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.client_token = Some(trial.unique_name());
    let first = trial.window(request.clone()).await?;
    same("the window", trial.window(request.clone()).await?, first)?;
    request.duration = Some(4);
    let answer = trial.window(request).await;
    refused(
        "other input",
        answer,
        ErrorKind::IdempotentParameterMismatch,
    )
}

/// Name, duration, cutoff, offset and description have bounds.
pub(super) async fn the_members_of_a_window_are_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    type Change = fn(&mut CreateMaintenanceWindow);
    let cases: [(&str, Change); 11] = [
        ("a short name", |w| w.name = Some("ab".to_owned())),
        ("a name with spaces", |w| w.name = Some("a b c".to_owned())),
        ("no hours", |w| w.duration = Some(0)),
        ("25 hours", |w| w.duration = Some(25)),
        ("all cutoff", |w| w.cutoff = Some(3)),
        ("an offset of 0", |w| w.schedule_offset = Some(0)),
        ("an offset of 7", |w| w.schedule_offset = Some(7)),
        ("a long description", |w| {
            w.description = Some("d".repeat(129))
        }),
        ("an unknown zone", |w| {
            w.schedule_timezone = Some("Mars/Olympus".to_owned())
        }),
        ("no date", |w| w.start_date = Some("soon".to_owned())),
        ("no schedule", |w| w.schedule = Some("every day".to_owned())),
    ];
    for (what, change) in cases {
        let mut request = idle(trial);
        change(&mut request);
        refused(what, trial.window(request).await, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// An offset is legal with cron only.
pub(super) async fn an_offset_of_a_window_needs_cron(trial: &Trial<'_>) -> Result<(), Failure> {
    for schedule in ["rate(7 days)", "at(2199-01-01T00:00:00)"] {
        let mut request = idle(trial);
        request.schedule = Some(schedule.to_owned());
        request.schedule_offset = Some(2);
        refused(
            schedule,
            trial.window(request).await,
            ErrorKind::InvalidInput,
        )?;
    }
    Ok(())
}

/// Windows accept every form of schedule, with seconds, months and ranges.
pub(super) async fn windows_take_every_form_of_schedule(trial: &Trial<'_>) -> Result<(), Failure> {
    for schedule in [
        "cron(0 2 ? * MON-FRI *)",
        "cron(24 30 09 ? * * *)",
        "cron(0 4 LW 1,7 ? *)",
        "rate(7 days)",
        "at(2199-01-01T00:00:00)",
    ] {
        let mut request = idle(trial);
        request.schedule = Some(schedule.to_owned());
        let id = trial.window(request).await?;
        let found = trial
            .harness()
            .windows()
            .get_maintenance_window(GetMaintenanceWindow::new(&id))
            .await?;
        same("Schedule", found.schedule.as_deref(), Some(schedule))?;
    }
    Ok(())
}

/// A window is listed once, and filtered by name and by being enabled.
pub(super) async fn windows_are_listed_and_filtered(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = idle(trial);
    let name = request.name.clone().unwrap_or_default();
    let id = trial.window(request).await?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.enabled = Some(false);
    let store = trial.harness().windows();
    let other = trial.window(idle(trial)).await?;
    store.update_maintenance_window(update).await?;
    let has = |found: &[MaintenanceWindowIdentity], id: &WindowId| {
        found
            .iter()
            .filter(|one| one.window_id.as_ref() == Some(id))
            .count()
    };
    let found = listed(trial, Vec::new()).await?;
    same("all", (has(&found, &id), has(&found, &other)), (1, 1))?;
    let named = QueryFilter::new("Name", [name]);
    let found = listed(trial, vec![named.clone()]).await?;
    same("by name", (found.len(), has(&found, &id)), (1, 1))?;
    let enabled = QueryFilter::new("Enabled", ["true"]);
    let found = listed(trial, vec![enabled.clone()]).await?;
    same("enabled", (has(&found, &id), has(&found, &other)), (0, 1))?;
    same("both", listed(trial, vec![named, enabled]).await?.len(), 0)
}

/// An unknown filter and a page size out of bounds are refused.
pub(super) async fn a_listing_of_windows_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let store = trial.harness().windows();
    let filter = vec![QueryFilter::new("Colour", ["blue"])];
    let request = DescribeMaintenanceWindows::new(filter, PageRequest::first());
    let answer = store.describe_maintenance_windows(request).await;
    refused("Colour", answer, ErrorKind::InvalidInput)?;
    for size in [9, 101] {
        let page = PageRequest::first().with_max_results(size);
        let request = DescribeMaintenanceWindows::new(Vec::new(), page);
        let answer = store.describe_maintenance_windows(request).await;
        refused(&format!("{size} items"), answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// An update does not change absent members.
pub(super) async fn an_update_of_a_window_leaves_the_rest_alone(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.description = Some("stays".to_owned());
    let id = trial.window(request.clone()).await?;
    let store = trial.harness().windows();
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.duration = Some(5);
    store.update_maintenance_window(update).await?;
    let found = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    same("Duration", found.duration, Some(5))?;
    same("Description", found.description, request.description)?;
    same("Schedule", found.schedule, request.schedule)
}

/// A replacing update clears absent members, and needs all required members.
pub(super) async fn a_replacing_update_of_a_window_clears_the_rest(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.description = Some("goes".to_owned());
    let id = trial.window(request.clone()).await?;
    let store = trial.harness().windows();
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.replace = Some(true);
    update.name = request.name;
    update.schedule = request.schedule;
    update.duration = Some(2);
    update.cutoff = Some(0);
    let answer = store.update_maintenance_window(update.clone()).await;
    let what = "without AllowUnassociatedTargets";
    refused(what, answer, ErrorKind::InvalidInput)?;
    update.allow_unassociated_targets = Some(true);
    store.update_maintenance_window(update).await?;
    let found = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    same("Description", found.description, None)?;
    same(
        "AllowUnassociatedTargets",
        found.allow_unassociated_targets,
        Some(true),
    )
}

/// A refused update changes nothing.
pub(super) async fn a_bad_update_changes_no_window(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let before = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.duration = Some(4);
    update.schedule = Some("every day".to_owned());
    let answer = store.update_maintenance_window(update).await;
    refused("the schedule", answer, ErrorKind::InvalidInput)?;
    same(
        "the window",
        store
            .get_maintenance_window(GetMaintenanceWindow::new(&id))
            .await?,
        before,
    )
}

/// An unknown window is NotFound, but deleting it succeeds.
pub(super) async fn an_unknown_window_is_not_found(trial: &Trial<'_>) -> Result<(), Failure> {
    let store = trial.harness().windows();
    let nobodys = WindowId::new(NOBODYS_WINDOW);
    let answer = store
        .get_maintenance_window(GetMaintenanceWindow::new(&nobodys))
        .await;
    refused("reading", answer, ErrorKind::NotFound)?;
    let update = UpdateMaintenanceWindow::new(nobodys.clone());
    let answer = store.update_maintenance_window(update).await;
    refused("updating", answer, ErrorKind::NotFound)?;
    let answer = target(trial, &nobodys, &trial.harness().linux_node()).await;
    refused("registering", answer, ErrorKind::NotFound)?;
    let page = PageRequest::first();
    let request = DescribeMaintenanceWindowTasks::new(nobodys.clone(), Vec::new(), page);
    let answer = store.describe_maintenance_window_tasks(request).await;
    refused("listing", answer, ErrorKind::NotFound)?;
    Ok(store
        .delete_maintenance_window(DeleteMaintenanceWindow::new(&nobodys))
        .await?)
}

/// A deleted window is gone.
pub(super) async fn a_deleted_window_is_gone(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    store
        .delete_maintenance_window(DeleteMaintenanceWindow::new(&id))
        .await?;
    let answer = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await;
    refused("reading", answer, ErrorKind::NotFound)
}

/// A window lists its next openings, in its zone, in order.
pub(super) async fn a_window_says_when_it_opens(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.schedule = Some("cron(0 2 ? * SUN *)".to_owned());
    request.schedule_timezone = Some("America/New_York".to_owned());
    let id = trial.window(request).await?;
    // The clock there goes forward on the second Sunday of March, the 11th, at 02:00.
    let filters = between("2198-02-26T00:00:00Z", "2198-03-20T00:00:00Z");
    let request = DescribeMaintenanceWindowSchedule::of(id, filters, PageRequest::first());
    let openings = openings(trial, request).await?;
    let times: Vec<String> = openings
        .iter()
        .filter_map(|opening| Some(opening.execution_time?.to_string()))
        .collect();
    same("openings", times.len(), 3)?;
    same(
        "the first",
        times.first().map(String::as_str),
        Some("2198-03-04T07:00:00Z"),
    )?;
    same(
        "the last",
        times.last().map(String::as_str),
        Some("2198-03-18T06:00:00Z"),
    )
}

/// An offset delays each opening by that many days.
pub(super) async fn an_offset_puts_openings_off(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.schedule = Some("cron(30 23 ? * TUE#3 *)".to_owned());
    request.schedule_offset = Some(2);
    let id = trial.window(request).await?;
    let filters = between("2198-05-01T00:00:00Z", "2198-06-01T00:00:00Z");
    let request = DescribeMaintenanceWindowSchedule::of(id, filters, PageRequest::first());
    let openings = openings(trial, request).await?;
    let times: Vec<_> = openings.iter().filter_map(|o| o.execution_time).collect();
    // The third Tuesday of May 2198 is the 15th.
    same("openings", times.len(), 1)?;
    let first = times.first().map(ToString::to_string);
    same(
        "the opening",
        first.as_deref(),
        Some("2198-05-17T23:30:00Z"),
    )
}

/// A disabled window does not open, and lists no openings.
pub(super) async fn a_window_that_is_off_has_no_openings(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = idle(trial);
    request.schedule = Some("rate(1 day)".to_owned());
    let id = trial.window(request).await?;
    let store = trial.harness().windows();
    let on = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    holds(
        on.next_execution_time.is_some(),
        "there is no NextExecutionTime",
    )?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.enabled = Some(false);
    store.update_maintenance_window(update).await?;
    let off = store
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await?;
    same("NextExecutionTime", off.next_execution_time, None)?;
    let request = DescribeMaintenanceWindowSchedule::of(id, Vec::new(), PageRequest::first());
    same("openings", openings(trial, request).await?.len(), 0)
}

/// A registered target reads back; targets are filtered.
pub(super) async fn a_target_reads_back_as_registered(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let tagged = vec![Target::tag("Environment", ["production"])];
    let mut register = RegisterTargetWithMaintenanceWindow::nodes(id.clone(), tagged.clone());
    register.name = Some("production".to_owned());
    register.owner_information = Some("the owner".to_owned());
    let first = store
        .register_target_with_maintenance_window(register)
        .await?;
    target(trial, &id, &trial.harness().linux_node()).await?;
    let list = |filters| {
        let request =
            DescribeMaintenanceWindowTargets::new(id.clone(), filters, PageRequest::first());
        store.describe_maintenance_window_targets(request)
    };
    same("targets", list(Vec::new()).await?.items.len(), 2)?;
    let owner = QueryFilter::new("OwnerInformation", ["the owner"]);
    let page = list(vec![owner]).await?;
    same("of the owner", page.items.len(), 1)?;
    let found = one("the target", &page.items, |_| true)?;
    same(
        "WindowTargetId",
        found.window_target_id.as_ref(),
        Some(&first),
    )?;
    same("Targets", found.targets.as_ref(), Some(&tagged))?;
    same("Name", found.name.as_deref(), Some("production"))?;
    let instance = Some(MaintenanceWindowResourceType::Instance);
    same("ResourceType", found.resource_type.clone(), instance)?;
    let by_id = QueryFilter::new("WindowTargetId", [NOBODYS]);
    same("nobody's", list(vec![by_id]).await?.items.len(), 0)
}

/// Targets have one to five keys that are legal for their type, each with at most 50 values.
pub(super) async fn the_targets_of_a_window_are_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let values: Vec<String> = (0..51).map(|n| format!("v{n}")).collect();
    let six = (0..6)
        .map(|n| Target::tag(&format!("k{n}"), ["v"]))
        .collect();
    for (what, targets) in [
        ("none", Vec::new()),
        ("six", six),
        ("51 values", vec![Target::tag("k", values)]),
        (
            "a resource group as nodes",
            vec![Target::resource_group("web")],
        ),
    ] {
        let register = RegisterTargetWithMaintenanceWindow::nodes(id.clone(), targets);
        let answer = store
            .register_target_with_maintenance_window(register)
            .await;
        refused(what, answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// An update of a target does not change absent members; a replacing update clears them.
pub(super) async fn a_target_is_updated(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let node = trial.harness().linux_node();
    let target = target(trial, &id, &node).await?;
    let mut update = UpdateMaintenanceWindowTarget::new(id.clone(), target.clone());
    update.name = Some("linux".to_owned());
    let updated = store.update_maintenance_window_target(update).await?;
    same("Name", updated.name.as_deref(), Some("linux"))?;
    same(
        "Targets",
        updated.targets,
        Some(vec![Target::instance_ids([&node])]),
    )?;
    let mut update = UpdateMaintenanceWindowTarget::new(id.clone(), target);
    update.replace = Some(true);
    update.targets = Some(vec![Target::tag_key(["Environment"])]);
    let updated = store.update_maintenance_window_target(update).await?;
    same("the name", updated.name, None)?;
    let unknown = UpdateMaintenanceWindowTarget::new(id, NOBODYS);
    let answer = store.update_maintenance_window_target(unknown).await;
    refused("nobody's", answer, ErrorKind::NotFound)
}

/// A safe deregistration refuses a target that a task names.
pub(super) async fn a_target_in_use_is_safe(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let target = target(trial, &id, &trial.harness().linux_node()).await?;
    let task = register(trial, task(&id, PatchOperation::Scan, &[&target])).await?;
    let answer = store
        .deregister_target_from_maintenance_window(
            DeregisterTargetFromMaintenanceWindow::new(&id, &target).with_safe(true),
        )
        .await;
    refused("in use", answer, ErrorKind::InUse)?;
    store
        .deregister_task_from_maintenance_window(DeregisterTaskFromMaintenanceWindow::new(
            &id, &task,
        ))
        .await?;
    store
        .deregister_target_from_maintenance_window(
            DeregisterTargetFromMaintenanceWindow::new(&id, &target).with_safe(true),
        )
        .await?;
    let answer = store
        .deregister_target_from_maintenance_window(DeregisterTargetFromMaintenanceWindow::new(
            &id, &target,
        ))
        .await;
    refused("again", answer, ErrorKind::NotFound)
}

/// A task reads back as registered, with its parameters; the listing leaves those out.
pub(super) async fn a_task_reads_back_as_registered(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let target = target(trial, &id, &trial.harness().linux_node()).await?;
    let mut wanted = task(&id, PatchOperation::Install, &[&target]);
    wanted.name = Some("install".to_owned());
    wanted.priority = Some(3);
    let task = register(trial, wanted.clone()).await?;
    let found = store
        .get_maintenance_window_task(GetMaintenanceWindowTask::new(&id, &task))
        .await?;
    same("Name", found.name, wanted.name)?;
    same("TaskArn", found.task_arn, wanted.task_arn)?;
    same("TaskType", found.task_type, wanted.task_type)?;
    same("Priority", found.priority, Some(3))?;
    same("Targets", found.targets, wanted.targets)?;
    same(
        "MaxConcurrency",
        found.max_concurrency,
        wanted.max_concurrency,
    )?;
    same("MaxErrors", found.max_errors, wanted.max_errors)?;
    same(
        "TaskInvocationParameters",
        found.task_invocation_parameters,
        wanted.task_invocation_parameters,
    )?;
    let list = |filters| {
        let request =
            DescribeMaintenanceWindowTasks::new(id.clone(), filters, PageRequest::first());
        store.describe_maintenance_window_tasks(request)
    };
    let by_priority = |number: &str| vec![QueryFilter::new("Priority", [number])];
    same("priority 3", list(by_priority("3")).await?.items.len(), 1)?;
    same("priority 4", list(by_priority("4")).await?.items.len(), 0)?;
    let answer = store
        .get_maintenance_window_task(GetMaintenanceWindowTask::new(&id, NOBODYS))
        .await;
    refused("nobody's", answer, ErrorKind::NotFound)
}

/// A task names registered targets; it names other nodes only if the window allows it.
pub(super) async fn unassociated_targets_must_be_allowed(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    for (allowed, kind) in [(false, Some(ErrorKind::InvalidInput)), (true, None)] {
        let mut request = idle(trial);
        request.allow_unassociated_targets = Some(allowed);
        let id = trial.window(request).await?;
        let mut wanted = task(&id, PatchOperation::Scan, &[]);
        wanted.targets = Some(vec![Target::instance_ids([&node])]);
        let answer = register(trial, wanted).await;
        match kind {
            Some(kind) => refused("not allowed", answer, kind)?,
            None => drop(answer?),
        }
    }
    let id = trial.window(idle(trial)).await?;
    let stranger = WindowTargetId::new(NOBODYS);
    let answer = register(trial, task(&id, PatchOperation::Scan, &[&stranger])).await;
    refused("nobody's target", answer, ErrorKind::NotFound)
}

/// A task with targets needs both limits; a Run Command task needs targets.
pub(super) async fn a_task_with_targets_needs_its_limits(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let target = target(trial, &id, &trial.harness().linux_node()).await?;
    let good = || task(&id, PatchOperation::Scan, &[&target]);
    let mut without = good();
    without.max_concurrency = None;
    let answer = register(trial, without).await;
    refused("without MaxConcurrency", answer, ErrorKind::InvalidInput)?;
    let mut without = good();
    without.max_errors = None;
    let answer = register(trial, without).await;
    refused("without MaxErrors", answer, ErrorKind::InvalidInput)?;
    let mut without = good();
    without.targets = None;
    let answer = register(trial, without).await;
    refused("without targets", answer, ErrorKind::InvalidInput)
}

/// An update of a task does not change absent members.
pub(super) async fn a_task_is_updated(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let target = target(trial, &id, &trial.harness().linux_node()).await?;
    let wanted = task(&id, PatchOperation::Scan, &[&target]);
    let task = register(trial, wanted.clone()).await?;
    let mut update = UpdateMaintenanceWindowTask::new(id.clone(), task.clone());
    update.priority = Some(9);
    store.update_maintenance_window_task(update).await?;
    let found = store
        .get_maintenance_window_task(GetMaintenanceWindowTask::new(&id, &task))
        .await?;
    same("Priority", found.priority, Some(9))?;
    same("Targets", found.targets, wanted.targets)?;
    let mut update = UpdateMaintenanceWindowTask::new(id.clone(), task.clone());
    update.targets = Some(vec![Target::tag_key(["Environment"])]);
    let answer = store.update_maintenance_window_task(update).await;
    refused("other targets", answer, ErrorKind::InvalidInput)
}

/// A repeated client token registers one target and one task.
pub(super) async fn a_client_token_registers_once(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.window(idle(trial)).await?;
    let store = trial.harness().windows();
    let nodes = vec![Target::instance_ids([trial.harness().linux_node()])];
    let mut register = RegisterTargetWithMaintenanceWindow::nodes(id.clone(), nodes);
    register.client_token = Some(trial.unique_name());
    let first = store
        .register_target_with_maintenance_window(register.clone())
        .await?;
    let again = store
        .register_target_with_maintenance_window(register)
        .await?;
    same("the target", &again, &first)?;
    let mut wanted = task(&id, PatchOperation::Scan, &[&first]);
    wanted.client_token = Some(trial.unique_name());
    let task = store
        .register_task_with_maintenance_window(wanted.clone())
        .await?;
    let again = store
        .register_task_with_maintenance_window(wanted.clone())
        .await?;
    same("the task", again, task)?;
    wanted.priority = Some(7);
    let answer = store.register_task_with_maintenance_window(wanted).await;
    refused(
        "other input",
        answer,
        ErrorKind::IdempotentParameterMismatch,
    )
}

/// The windows of a node are those with a target that includes it.
pub(super) async fn windows_are_found_by_their_nodes(trial: &Trial<'_>) -> Result<(), Failure> {
    let harness = trial.harness();
    let id = trial.window(idle(trial)).await?;
    target(trial, &id, &harness.linux_node()).await?;
    let store = harness.windows();
    let of = |node: NodeId| {
        let request = DescribeMaintenanceWindowsForTarget::new(
            vec![Target::instance_ids([node])],
            MaintenanceWindowResourceType::Instance,
            PageRequest::first(),
        );
        store.describe_maintenance_windows_for_target(request)
    };
    let own = of(harness.linux_node()).await?.items;
    let found = one("the window", &own, |w| w.window_id.as_ref() == Some(&id))?;
    holds(found.name.is_some(), "there is no name")?;
    let others = of(harness.windows_node()).await?.items;
    let there = others.iter().any(|w| w.window_id.as_ref() == Some(&id));
    holds(!there, "another node's windows have it")
}
