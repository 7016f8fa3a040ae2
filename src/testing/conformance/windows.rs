//! Rules of the settings of maintenance windows.

use super::expect::{first, has, holds, one, reads_back, same};
use super::{Failure, Result, Trial};
use crate::backend::{
    DeleteMaintenanceWindow, DeregisterTargetFromMaintenanceWindow,
    DeregisterTaskFromMaintenanceWindow, DescribeMaintenanceWindowSchedule,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, GetMaintenanceWindow, GetMaintenanceWindowTask,
};
use crate::error::ErrorKind::{IdempotentParameterMismatch, InUse, InvalidInput, NotFound};
use crate::operation::{PatchParameters, RUN_PATCH_BASELINE};
use crate::page::PageRequest;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowResourceType, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowTaskDetail, MaintenanceWindowTaskInvocationParameters,
    MaintenanceWindowTaskType, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindow, UpdateMaintenanceWindowTarget,
    UpdateMaintenanceWindowTask,
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

/// The same by another schedule.
fn scheduled(trial: &Trial<'_>, schedule: &str) -> CreateMaintenanceWindow {
    let mut request = idle(trial);
    request.schedule = Some(schedule.to_owned());
    request
}

async fn make(trial: &Trial<'_>) -> Result<WindowId> {
    Ok(trial.create(idle(trial)).await?)
}

async fn found(trial: &Trial<'_>, id: &WindowId) -> Result<MaintenanceWindow> {
    Ok(trial.call(GetMaintenanceWindow::new(id)).await?)
}

/// Turns a window off.
pub(super) async fn disable(trial: &Trial<'_>, id: &WindowId) -> Result {
    let mut update = UpdateMaintenanceWindow::new(id);
    update.enabled = Some(false);
    Ok(trial.call(update).await.map(drop)?)
}

fn on_nodes(window: &WindowId, targets: Vec<Target>) -> RegisterTargetWithMaintenanceWindow {
    RegisterTargetWithMaintenanceWindow::nodes(window.clone(), targets)
}

pub(super) async fn target(
    trial: &Trial<'_>,
    window: &WindowId,
    node: &NodeId,
) -> Result<WindowTargetId> {
    let nodes = vec![Target::instance_ids([node])];
    Ok(trial.call(on_nodes(window, nodes)).await?)
}

/// A window with the Linux node as its target.
async fn targeted(trial: &Trial<'_>) -> Result<(WindowId, WindowTargetId)> {
    let id = make(trial).await?;
    let target = target(trial, &id, &trial.linux_node()).await?;
    Ok((id, target))
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

async fn found_task(
    trial: &Trial<'_>,
    window: &WindowId,
    task: &WindowTaskId,
) -> Result<MaintenanceWindowTaskDetail> {
    let request = GetMaintenanceWindowTask::new(window, task);
    Ok(trial.call(request).await?)
}

async fn listed(
    trial: &Trial<'_>,
    filters: Vec<QueryFilter>,
) -> Result<Vec<MaintenanceWindowIdentity>> {
    trial
        .every(|page| DescribeMaintenanceWindows::new(filters.clone(), page.with_max_results(10)))
        .await
}

/// When a window opens between two instants.
async fn openings(trial: &Trial<'_>, id: &WindowId, between: [&str; 2]) -> Result<Vec<String>> {
    let [after, before] = between;
    let filters = vec![
        QueryFilter::new("ScheduledAfter", [after]),
        QueryFilter::new("ScheduledBefore", [before]),
    ];
    let request = DescribeMaintenanceWindowSchedule::of(id, filters, PageRequest::first());
    let openings = trial.call(request).await?.items.into_iter();
    let times = openings.filter_map(|opening| opening.execution_time);
    Ok(times.map(|time| time.to_string()).collect())
}

/// A window reads back as it was made: enabled, and its tasks on registered targets only.
pub(super) async fn a_window_reads_back_as_made(trial: &Trial<'_>) -> Result {
    let mut request = idle(trial);
    request.description = Some("what it is for".to_owned());
    request.schedule_timezone = Some("Europe/Berlin".to_owned());
    request.start_date = Some("2026-01-01T00:00:00Z".to_owned());
    request.end_date = Some("2199-12-31T00:00:00Z".to_owned());
    let id = trial.create(request.clone()).await?;
    holds(id.is_well_formed(), "the id is no window's")?;
    let found = found(trial, &id).await?;
    has(&found, "WindowId", id.as_str())?;
    reads_back(&found, &request, &["Name", "Description", "Schedule"])?;
    let dates = ["ScheduleTimezone", "StartDate", "EndDate"];
    reads_back(&found, &request, &dates)?;
    has(&found, "Duration", 3)?;
    has(&found, "Cutoff", 1)?;
    has(&found, "Enabled", true)?;
    has(&found, "AllowUnassociatedTargets", false)?;
    holds(found.created_date.is_some(), "there is no CreatedDate")
}

/// Names of windows are not unique.
pub(super) async fn names_of_windows_are_not_unique(trial: &Trial<'_>) -> Result {
    let request = idle(trial);
    let first = trial.create(request.clone()).await?;
    let second = trial.create(request).await?;
    holds(first != second, "it is the same window")
}

/// A repeated client token returns the first window; with other input it is refused.
pub(super) async fn a_client_token_makes_one_window(trial: &Trial<'_>) -> Result {
    let mut request = idle(trial);
    request.client_token = Some(trial.unique_name());
    let first = trial.create(request.clone()).await?;
    let again = trial.create(request.clone()).await?;
    same("the window", again, first)?;
    request.duration = Some(4);
    let kind = IdempotentParameterMismatch;
    trial.refuses_new(request, kind).await
}

/// Name, duration, cutoff, offset, description, zone, date and schedule have bounds.
pub(super) async fn the_members_of_a_window_are_bounded(trial: &Trial<'_>) -> Result {
    let changes: [fn(&mut CreateMaintenanceWindow); 11] = [
        |new| new.name = Some("ab".to_owned()),
        |new| new.name = Some("a b c".to_owned()),
        |new| new.duration = Some(0),
        |new| new.duration = Some(25),
        |new| new.cutoff = Some(3),
        |new| new.schedule_offset = Some(0),
        |new| new.schedule_offset = Some(7),
        |new| new.description = Some("d".repeat(129)),
        |new| new.schedule_timezone = Some("Mars/Olympus".to_owned()),
        |new| new.start_date = Some("soon".to_owned()),
        |new| new.schedule = Some("every day".to_owned()),
    ];
    for change in changes {
        let mut request = idle(trial);
        change(&mut request);
        trial.refuses_new(request, InvalidInput).await?;
    }
    Ok(())
}

/// An offset is legal with cron only.
pub(super) async fn an_offset_of_a_window_needs_cron(trial: &Trial<'_>) -> Result {
    for schedule in ["rate(7 days)", "at(2199-01-01T00:00:00)"] {
        let mut request = scheduled(trial, schedule);
        request.schedule_offset = Some(2);
        trial.refuses_new(request, InvalidInput).await?;
    }
    Ok(())
}

/// Windows accept every form of schedule, with seconds, months and ranges.
pub(super) async fn windows_take_every_form_of_schedule(trial: &Trial<'_>) -> Result {
    for schedule in [
        "cron(0 2 ? * MON-FRI *)",
        "cron(24 30 09 ? * * *)",
        "cron(0 4 LW 1,7 ? *)",
        "rate(7 days)",
        "at(2199-01-01T00:00:00)",
    ] {
        let id = trial.create(scheduled(trial, schedule)).await?;
        has(&found(trial, &id).await?, "Schedule", schedule)?;
    }
    Ok(())
}

/// A window is listed once, and filtered by name and by being enabled.
pub(super) async fn windows_are_listed_and_filtered(trial: &Trial<'_>) -> Result {
    let request = idle(trial);
    let name = request.name.clone().unwrap_or_default();
    let id = trial.create(request).await?;
    let other = make(trial).await?;
    disable(trial, &id).await?;
    let has = |found: &[MaintenanceWindowIdentity], id: &WindowId| {
        let ids = found.iter().flat_map(|one| &one.window_id);
        ids.filter(|listed| *listed == id).count()
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
pub(super) async fn a_listing_of_windows_is_bounded(trial: &Trial<'_>) -> Result {
    let filters = vec![QueryFilter::new("Colour", ["blue"])];
    let request = DescribeMaintenanceWindows::new(filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await?;
    let listing = |page| DescribeMaintenanceWindows::new(Vec::new(), page);
    trial.refuses_page_sizes([9, 101], listing).await
}

/// An update does not change absent members.
pub(super) async fn an_update_of_a_window_leaves_the_rest_alone(trial: &Trial<'_>) -> Result {
    let mut request = idle(trial);
    request.description = Some("stays".to_owned());
    let id = trial.create(request.clone()).await?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.duration = Some(5);
    trial.call(update).await?;
    let found = found(trial, &id).await?;
    has(&found, "Duration", 5)?;
    reads_back(&found, &request, &["Description", "Schedule"])
}

/// A replacing update clears absent members, and needs all required members.
pub(super) async fn a_replacing_update_of_a_window_clears_the_rest(trial: &Trial<'_>) -> Result {
    let mut request = idle(trial);
    request.description = Some("goes".to_owned());
    let id = trial.create(request.clone()).await?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.replace = Some(true);
    update.name = request.name;
    update.schedule = request.schedule;
    update.duration = Some(2);
    update.cutoff = Some(0);
    // AllowUnassociatedTargets is absent.
    trial.refuses(update.clone(), InvalidInput).await?;
    update.allow_unassociated_targets = Some(true);
    trial.call(update).await?;
    let found = found(trial, &id).await?;
    same("Description", &found.description, &None)?;
    has(&found, "AllowUnassociatedTargets", true)
}

/// A refused update changes nothing.
pub(super) async fn a_bad_update_changes_no_window(trial: &Trial<'_>) -> Result {
    let id = make(trial).await?;
    let before = found(trial, &id).await?;
    let mut update = UpdateMaintenanceWindow::new(id.clone());
    update.duration = Some(4);
    update.schedule = Some("every day".to_owned());
    trial.refuses(update, InvalidInput).await?;
    same("the window", found(trial, &id).await?, before)
}

/// An unknown window is NotFound, but deleting it succeeds.
pub(super) async fn an_unknown_window_is_not_found(trial: &Trial<'_>) -> Result {
    let nobodys = WindowId::new(NOBODYS_WINDOW);
    let read = GetMaintenanceWindow::new(&nobodys);
    trial.refuses(read, NotFound).await?;
    let update = UpdateMaintenanceWindow::new(&nobodys);
    trial.refuses(update, NotFound).await?;
    let nodes = vec![Target::instance_ids([trial.linux_node()])];
    let register = on_nodes(&nobodys, nodes);
    trial.refuses(register, NotFound).await?;
    let page = PageRequest::first();
    let tasks = DescribeMaintenanceWindowTasks::new(&nobodys, Vec::new(), page);
    trial.refuses(tasks, NotFound).await?;
    let delete = DeleteMaintenanceWindow::new(&nobodys);
    Ok(trial.call(delete).await?)
}

/// A deleted window is gone.
pub(super) async fn a_deleted_window_is_gone(trial: &Trial<'_>) -> Result {
    let id = make(trial).await?;
    trial.call(DeleteMaintenanceWindow::new(&id)).await?;
    let read = GetMaintenanceWindow::new(&id);
    trial.refuses(read, NotFound).await
}

/// A window lists its next openings, in its zone, in order.
pub(super) async fn a_window_says_when_it_opens(trial: &Trial<'_>) -> Result {
    let mut request = scheduled(trial, "cron(0 2 ? * SUN *)");
    request.schedule_timezone = Some("America/New_York".to_owned());
    let id = trial.create(request).await?;
    // The clock there goes forward on the second Sunday of March, the 11th, at 02:00.
    let between = ["2198-02-26T00:00:00Z", "2198-03-20T00:00:00Z"];
    let times = openings(trial, &id, between).await?;
    let [first, _, last] = times.as_slice() else {
        return Err(Failure::new(format!("openings: {times:?}")));
    };
    same("the first", first, "2198-03-04T07:00:00Z")?;
    same("the last", last, "2198-03-18T06:00:00Z")
}

/// An offset delays each opening by that many days.
pub(super) async fn an_offset_puts_openings_off(trial: &Trial<'_>) -> Result {
    let mut request = scheduled(trial, "cron(30 23 ? * TUE#3 *)");
    request.schedule_offset = Some(2);
    let id = trial.create(request).await?;
    let between = ["2198-05-01T00:00:00Z", "2198-06-01T00:00:00Z"];
    let times = openings(trial, &id, between).await?;
    // The third Tuesday of May 2198 is the 15th.
    same("openings", times, ["2198-05-17T23:30:00Z"])
}

/// A disabled window does not open, and lists no openings.
pub(super) async fn a_window_that_is_off_has_no_openings(trial: &Trial<'_>) -> Result {
    let id = trial.create(scheduled(trial, "rate(1 day)")).await?;
    let next = found(trial, &id).await?.next_execution_time;
    holds(next.is_some(), "there is no NextExecutionTime")?;
    disable(trial, &id).await?;
    let next = found(trial, &id).await?.next_execution_time;
    same("NextExecutionTime", next, None)?;
    let request = DescribeMaintenanceWindowSchedule::of(id, Vec::new(), PageRequest::first());
    same("openings", trial.call(request).await?.items.len(), 0)
}

/// A registered target reads back; targets are filtered.
pub(super) async fn a_target_reads_back_as_registered(trial: &Trial<'_>) -> Result {
    let (id, _) = targeted(trial).await?;
    let mut register = on_nodes(&id, vec![Target::tag("Environment", ["production"])]);
    register.name = Some("production".to_owned());
    register.owner_information = Some("the owner".to_owned());
    let second = trial.call(register.clone()).await?;
    let list = |filters| {
        let page = PageRequest::first();
        trial.call(DescribeMaintenanceWindowTargets::new(&id, filters, page))
    };
    same("targets", list(Vec::new()).await?.items.len(), 2)?;
    let owner = QueryFilter::new("OwnerInformation", ["the owner"]);
    let page = list(vec![owner]).await?;
    same("of the owner", page.items.len(), 1)?;
    let found = first("the target", &page.items)?;
    has(found, "WindowTargetId", second.as_str())?;
    reads_back(found, &register, &["Targets", "Name"])?;
    has(found, "ResourceType", "INSTANCE")?;
    let by_id = QueryFilter::new("WindowTargetId", [NOBODYS]);
    same("nobody's", list(vec![by_id]).await?.items.len(), 0)
}

/// Targets have one to five keys that are legal for their type, each with at most 50 values.
pub(super) async fn the_targets_of_a_window_are_bounded(trial: &Trial<'_>) -> Result {
    let id = make(trial).await?;
    let six = (0..6).map(|n| Target::tag(&format!("k{n}"), ["v"]));
    let values = (0..51).map(|n| format!("v{n}"));
    for targets in [
        Vec::new(),
        six.collect(),
        vec![Target::tag("k", values)],
        vec![Target::resource_group("web")],
    ] {
        let register = on_nodes(&id, targets);
        trial.refuses(register, InvalidInput).await?;
    }
    Ok(())
}

/// An update of a target does not change absent members; a replacing update clears them.
pub(super) async fn a_target_is_updated(trial: &Trial<'_>) -> Result {
    let (id, target) = targeted(trial).await?;
    let mut update = UpdateMaintenanceWindowTarget::new(id.clone(), target.clone());
    update.name = Some("linux".to_owned());
    let updated = trial.call(update).await?;
    has(&updated, "Name", "linux")?;
    let nodes = vec![Target::instance_ids([trial.linux_node()])];
    same("Targets", updated.targets, Some(nodes))?;
    let mut update = UpdateMaintenanceWindowTarget::new(id.clone(), target);
    update.replace = Some(true);
    update.targets = Some(vec![Target::tag_key(["Environment"])]);
    let updated = trial.call(update).await?;
    same("the name", updated.name, None)?;
    let unknown = UpdateMaintenanceWindowTarget::new(id, NOBODYS);
    trial.refuses(unknown, NotFound).await
}

/// A safe deregistration refuses a target that a task names.
pub(super) async fn a_target_in_use_is_safe(trial: &Trial<'_>) -> Result {
    let (id, target) = targeted(trial).await?;
    let scan = task(&id, PatchOperation::Scan, &[&target]);
    let task = trial.call(scan).await?;
    let deregister = DeregisterTargetFromMaintenanceWindow::new(&id, &target);
    let safely = deregister.clone().with_safe(true);
    trial.refuses(safely.clone(), InUse).await?;
    let deregister_task = DeregisterTaskFromMaintenanceWindow::new(&id, &task);
    trial.call(deregister_task).await?;
    trial.call(safely).await?;
    trial.refuses(deregister, NotFound).await
}

/// A task reads back as registered, with its parameters; the listing leaves those out.
pub(super) async fn a_task_reads_back_as_registered(trial: &Trial<'_>) -> Result {
    let (id, target) = targeted(trial).await?;
    let mut wanted = task(&id, PatchOperation::Install, &[&target]);
    wanted.name = Some("install".to_owned());
    wanted.priority = Some(3);
    let task = trial.call(wanted.clone()).await?;
    let members = [
        "Name",
        "TaskArn",
        "TaskType",
        "Priority",
        "Targets",
        "MaxConcurrency",
        "MaxErrors",
        "TaskInvocationParameters",
    ];
    let found = found_task(trial, &id, &task).await?;
    reads_back(&found, &wanted, &members)?;
    for (priority, count) in [("3", 1), ("4", 0)] {
        let filters = vec![QueryFilter::new("Priority", [priority])];
        let page = PageRequest::first();
        let request = DescribeMaintenanceWindowTasks::new(&id, filters, page);
        same(priority, trial.call(request).await?.items.len(), count)?;
    }
    let nobodys = GetMaintenanceWindowTask::new(&id, NOBODYS);
    trial.refuses(nobodys, NotFound).await
}

/// A task names registered targets; it names other nodes only if the window allows it.
pub(super) async fn unassociated_targets_must_be_allowed(trial: &Trial<'_>) -> Result {
    for allowed in [false, true] {
        let mut request = idle(trial);
        request.allow_unassociated_targets = Some(allowed);
        let id = trial.create(request).await?;
        let mut wanted = task(&id, PatchOperation::Scan, &[]);
        wanted.targets = Some(vec![Target::instance_ids([trial.linux_node()])]);
        if allowed {
            trial.call(wanted).await?;
        } else {
            trial.refuses(wanted, InvalidInput).await?;
        }
    }
    let id = make(trial).await?;
    let stranger = WindowTargetId::new(NOBODYS);
    let of_nobody = task(&id, PatchOperation::Scan, &[&stranger]);
    trial.refuses(of_nobody, NotFound).await
}

/// A task with targets needs both limits; a Run Command task needs targets.
pub(super) async fn a_task_with_targets_needs_its_limits(trial: &Trial<'_>) -> Result {
    let (id, target) = targeted(trial).await?;
    let changes: [fn(&mut RegisterTaskWithMaintenanceWindow); 3] = [
        |new| new.max_concurrency = None,
        |new| new.max_errors = None,
        |new| new.targets = None,
    ];
    for change in changes {
        let mut without = task(&id, PatchOperation::Scan, &[&target]);
        change(&mut without);
        trial.refuses(without, InvalidInput).await?;
    }
    Ok(())
}

/// An update of a task does not change absent members.
pub(super) async fn a_task_is_updated(trial: &Trial<'_>) -> Result {
    let (id, target) = targeted(trial).await?;
    let wanted = task(&id, PatchOperation::Scan, &[&target]);
    let task = trial.call(wanted.clone()).await?;
    let mut update = UpdateMaintenanceWindowTask::new(id.clone(), task.clone());
    update.priority = Some(9);
    trial.call(update).await?;
    let found = found_task(trial, &id, &task).await?;
    has(&found, "Priority", 9)?;
    reads_back(&found, &wanted, &["Targets"])?;
    let mut update = UpdateMaintenanceWindowTask::new(id, task);
    update.targets = Some(vec![Target::tag_key(["Environment"])]);
    trial.refuses(update, InvalidInput).await
}

/// A repeated client token registers one target and one task.
pub(super) async fn a_client_token_registers_once(trial: &Trial<'_>) -> Result {
    let id = make(trial).await?;
    let nodes = vec![Target::instance_ids([trial.linux_node()])];
    let mut register = on_nodes(&id, nodes);
    register.client_token = Some(trial.unique_name());
    let target = trial.call(register.clone()).await?;
    same("the target", &trial.call(register).await?, &target)?;
    let mut wanted = task(&id, PatchOperation::Scan, &[&target]);
    wanted.client_token = Some(trial.unique_name());
    let task = trial.call(wanted.clone()).await?;
    same("the task", trial.call(wanted.clone()).await?, task)?;
    wanted.priority = Some(7);
    let kind = IdempotentParameterMismatch;
    trial.refuses(wanted, kind).await
}

/// The windows of a node are those with a target that includes it.
pub(super) async fn windows_are_found_by_their_nodes(trial: &Trial<'_>) -> Result {
    let (id, _) = targeted(trial).await?;
    let of = |node: NodeId| {
        trial.call(DescribeMaintenanceWindowsForTarget::new(
            vec![Target::instance_ids([node])],
            MaintenanceWindowResourceType::Instance,
            PageRequest::first(),
        ))
    };
    let own = of(trial.linux_node()).await?.items;
    let found = one("the window", &own, |w| w.window_id.as_ref() == Some(&id))?;
    holds(found.name.is_some(), "there is no name")?;
    let others = of(trial.windows_node()).await?.items;
    let there = others.iter().any(|w| w.window_id.as_ref() == Some(&id));
    holds(!there, "another node's windows have it")
}
