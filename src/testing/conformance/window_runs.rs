//! Rules of the runs of maintenance windows.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expect::{first, has, holds, one, same};
use super::trial::{POLL, POLLS};
use super::windows::{disable, idle, target, task};
use super::{Failure, Result, Trial};
use crate::backend::{
    CancelMaintenanceWindowExecution, DeleteMaintenanceWindow,
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions, GetMaintenanceWindowExecution,
    GetMaintenanceWindowExecutionTask, GetMaintenanceWindowExecutionTaskInvocation,
    ListCommandInvocations,
};
use crate::error::ErrorKind::{InvalidInput, NotFound};
use crate::operation::{InvocationStatus, RUN_PATCH_BASELINE};
use crate::page::PageRequest;
use crate::schedule::window::{MaintenanceWindowExecution, MaintenanceWindowExecutionTaskIdentity};
use crate::types::{NodeId, PatchOperation, QueryFilter, WindowExecutionId, WindowId};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// A schedule for one instant.
fn once(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    format!("at({})", at.strftime("%Y-%m-%dT%H:%M:00"))
}

/// A window that opens once, in an hour.
async fn opening_in_an_hour(trial: &Trial<'_>) -> Result<WindowId> {
    let mut request = idle(trial);
    request.schedule = Some(once(trial.now() + 1.hours()));
    Ok(trial.create(request).await?)
}

/// Registers a scan of a node as a task of this priority.
async fn plan(trial: &Trial<'_>, id: &WindowId, node: &NodeId, priority: Option<u32>) -> Result {
    let target = target(trial, id, node).await?;
    let mut task = task(id, PatchOperation::Scan, &[&target]);
    task.priority = priority;
    Ok(trial.call(task).await.map(drop)?)
}

/// A window that opens in an hour and scans the Linux node.
async fn planned(trial: &Trial<'_>) -> Result<WindowId> {
    let id = opening_in_an_hour(trial).await?;
    plan(trial, &id, &trial.linux_node(), None).await?;
    Ok(id)
}

async fn runs(
    trial: &Trial<'_>,
    id: &WindowId,
    filters: Vec<QueryFilter>,
) -> Result<Vec<MaintenanceWindowExecution>> {
    let request = DescribeMaintenanceWindowExecutions::new(id, filters, PageRequest::first());
    Ok(trial.call(request).await?.items)
}

/// Waits until the window has run, and its one run has ended.
async fn ended(
    trial: &Trial<'_>,
    id: &WindowId,
) -> Result<(WindowExecutionId, MaintenanceWindowExecution)> {
    for _ in 0..POLLS {
        let run = runs(trial, id, Vec::new()).await?.into_iter().next();
        if let Some(run) = run
            && let (Some(id), Some(status)) = (run.window_execution_id.clone(), &run.status)
            && status.is_terminal()
        {
            return Ok((id, run));
        }
        trial.advance(POLL).await;
    }
    Err(Failure::new(format!("the run of {id} does not end")))
}

fn tasks_of(
    run: &WindowExecutionId,
    filters: Vec<QueryFilter>,
) -> DescribeMaintenanceWindowExecutionTasks {
    DescribeMaintenanceWindowExecutionTasks::new(run, filters, PageRequest::first())
}

async fn tasks(
    trial: &Trial<'_>,
    run: &WindowExecutionId,
) -> Result<Vec<MaintenanceWindowExecutionTaskIdentity>> {
    Ok(trial.call(tasks_of(run, Vec::new())).await?.items)
}

/// A window runs at its time and not before, and its run lists its tasks.
pub(super) async fn a_window_runs_at_its_time_and_not_before(trial: &Trial<'_>) -> Result {
    let at = trial.now() + 1.hours();
    let id = planned(trial).await?;
    trial.advance(Duration::from_mins(30)).await;
    same("runs before", runs(trial, &id, Vec::new()).await?.len(), 0)?;
    let (execution, run) = ended(trial, &id).await?;
    has(&run, "Status", "SUCCESS")?;
    let minute = at.as_second() / 60 * 60;
    let started = run.start_time.map(Timestamp::as_second);
    holds(started >= Some(minute), format!("it ran before {at}"))?;
    let detail = trial
        .call(GetMaintenanceWindowExecution::new(&execution))
        .await?;
    let of_run = tasks(trial, &execution).await?;
    let ids = of_run.iter().filter_map(|t| t.task_execution_id.clone());
    same("TaskIds", detail.task_ids, Some(ids.collect()))?;
    let task = first("the task", &of_run)?;
    has(task, "TaskArn", RUN_PATCH_BASELINE)?;
    has(task, "TaskType", "RUN_COMMAND")?;
    has(task, "Status", "SUCCESS")
}

/// An invocation names the command that the window ran.
pub(super) async fn an_invocation_of_a_window_names_its_command(trial: &Trial<'_>) -> Result {
    let id = planned(trial).await?;
    let (run, _) = ended(trial, &id).await?;
    let of_run = tasks(trial, &run).await?;
    let task = first("the task", &of_run)?.task_execution_id.clone();
    let task = task.unwrap_or_default();
    let request = DescribeMaintenanceWindowExecutionTaskInvocations::new(
        &run,
        &task,
        Vec::new(),
        PageRequest::first(),
    );
    let page = trial.call(request).await?;
    let invocation = first("the invocation", &page.items)?;
    let command = invocation.execution_id.clone().unwrap_or_default();
    let invocations = trial.call(ListCommandInvocations::of(command)).await?.items;
    let node = trial.linux_node();
    let on = one("the node", &invocations, |on| on.instance_id == node)?;
    same("the node", &on.status, &InvocationStatus::Success)?;
    let number = invocation.invocation_id.clone().unwrap_or_default();
    let read = GetMaintenanceWindowExecutionTaskInvocation::new(&run, &task, &number);
    same("the invocation", &trial.call(read).await?, invocation)?;
    let read = GetMaintenanceWindowExecutionTask::new(&run, &task);
    has(&trial.call(read).await?, "Status", "SUCCESS")
}

/// A scan by a window leaves a patch state as any scan does.
pub(super) async fn a_window_patches_its_nodes(trial: &Trial<'_>) -> Result {
    let id = planned(trial).await?;
    ended(trial, &id).await?;
    let state = trial.patched(&trial.linux_node()).await?;
    same("Operation", state.operation, PatchOperation::Scan)
}

/// Tasks run in the order of their priorities.
pub(super) async fn tasks_run_by_priority(trial: &Trial<'_>) -> Result {
    let id = opening_in_an_hour(trial).await?;
    for (priority, node) in [(5, trial.linux_node()), (2, trial.windows_node())] {
        plan(trial, &id, &node, Some(priority)).await?;
    }
    let (run, _) = ended(trial, &id).await?;
    let mut times = Vec::new();
    for task in tasks(trial, &run).await? {
        let task = task.task_execution_id.unwrap_or_default();
        let read = GetMaintenanceWindowExecutionTask::new(&run, &task);
        let task = trial.call(read).await?;
        times.push((task.priority, task.start_time, task.end_time));
    }
    times.sort();
    let [(lower, _, ended), (higher, started, _)] = times[..] else {
        return Err(Failure::new(format!("tasks: {times:?}")));
    };
    same("priorities", (lower, higher), (Some(2), Some(5)))?;
    let in_order = ended.is_some() && started >= ended;
    let text = format!("the lower number is not first: {times:?}");
    holds(in_order, text)
}

/// Runs and tasks are filtered; an unknown filter is refused.
pub(super) async fn runs_of_a_window_are_filtered(trial: &Trial<'_>) -> Result {
    let id = planned(trial).await?;
    let (run, execution) = ended(trial, &id).await?;
    let started = execution.start_time.unwrap_or_default();
    let before = &(started - 1.hours()).to_string();
    let after = &(started + 1.hours()).to_string();
    for (key, instant, expected) in [
        ("ExecutedAfter", before, 1),
        ("ExecutedAfter", after, 0),
        ("ExecutedBefore", after, 1),
        ("ExecutedBefore", before, 0),
    ] {
        let filters = vec![QueryFilter::new(key, [instant])];
        let found = runs(trial, &id, filters).await?;
        same(&format!("{key} {instant}"), found.len(), expected)?;
    }
    let colour = vec![QueryFilter::new("Colour", ["blue"])];
    let request = DescribeMaintenanceWindowExecutions::new(&id, colour, PageRequest::first());
    trial.refuses(request, InvalidInput).await?;
    for (status, expected) in [("SUCCESS", 1), ("FAILED", 0)] {
        let filters = vec![QueryFilter::new("STATUS", [status])];
        let found = trial.call(tasks_of(&run, filters)).await?;
        same(status, found.items.len(), expected)?;
    }
    Ok(())
}

/// A run that is not there is NotFound.
pub(super) async fn an_unknown_run_of_a_window_is_not_found(trial: &Trial<'_>) -> Result {
    let nobodys = WindowExecutionId::new(NOBODYS);
    let read = GetMaintenanceWindowExecution::new(&nobodys);
    trial.refuses(read, NotFound).await?;
    let tasks = tasks_of(&nobodys, Vec::new());
    trial.refuses(tasks, NotFound).await?;
    let cancel = CancelMaintenanceWindowExecution::new(&nobodys);
    trial.refuses(cancel, NotFound).await
}

/// A disabled or deleted window does not run.
pub(super) async fn a_window_that_is_off_or_gone_does_not_run(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let (off, gone) = (planned(trial).await?, planned(trial).await?);
    disable(trial, &off).await?;
    let delete = DeleteMaintenanceWindow::new(&gone);
    trial.call(delete).await?;
    let before = trial.state(&node).await?;
    trial.advance(Duration::from_hours(3)).await;
    same("runs", runs(trial, &off, Vec::new()).await?.len(), 0)?;
    same("the patch state", trial.state(&node).await?, before)
}
