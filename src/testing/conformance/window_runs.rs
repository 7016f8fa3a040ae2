//! Rules of the runs of maintenance windows.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expect::{holds, one, refused, same};
use super::trial::{POLL, POLLS};
use super::windows::{idle, target, task};
use super::{Failure, Trial};
use crate::backend::{
    CancelMaintenanceWindowExecution, DeleteMaintenanceWindow,
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions, GetMaintenanceWindowExecution,
    GetMaintenanceWindowExecutionTask, GetMaintenanceWindowExecutionTaskInvocation,
    ListCommandInvocations,
};
use crate::error::{ErrorKind, Result};
use crate::operation::{InvocationStatus, RUN_PATCH_BASELINE};
use crate::page::PageRequest;
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionStatus as Status,
    MaintenanceWindowExecutionTaskIdentity, MaintenanceWindowTaskType, UpdateMaintenanceWindow,
};
use crate::types::{PatchOperation, QueryFilter, WindowExecutionId, WindowId};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// A schedule for one instant.
fn once(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::UTC);
    format!("at({})", at.strftime("%Y-%m-%dT%H:%M:00"))
}

/// A window that opens once, after `hours` hours.
async fn opening_in(trial: &Trial<'_>, hours: i64) -> Result<WindowId> {
    let mut request = idle(trial);
    request.schedule = Some(once(trial.harness().now() + hours.hours()));
    trial.window(request).await
}

/// A window that opens in an hour and runs an operation on the Linux node.
async fn planned(trial: &Trial<'_>, operation: PatchOperation) -> Result<WindowId> {
    let id = opening_in(trial, 1).await?;
    let target = target(trial, &id, &trial.harness().linux_node()).await?;
    let windows = trial.harness().windows();
    let task = task(&id, operation, &[&target]);
    windows.register_task_with_maintenance_window(task).await?;
    Ok(id)
}

async fn runs(
    trial: &Trial<'_>,
    id: &WindowId,
    filters: Vec<QueryFilter>,
) -> Result<Vec<MaintenanceWindowExecution>> {
    let page = PageRequest::first();
    let request = DescribeMaintenanceWindowExecutions::new(id.clone(), filters, page);
    let history = trial.harness().window_history();
    let page = history
        .describe_maintenance_window_executions(request)
        .await?;
    Ok(page.items)
}

/// Waits until the window has run, and its one run has ended.
async fn ended(
    trial: &Trial<'_>,
    id: &WindowId,
) -> Result<(WindowExecutionId, MaintenanceWindowExecution), Failure> {
    for _ in 0..POLLS {
        let run = runs(trial, id, Vec::new()).await?.into_iter().next();
        if let Some(run) = run
            && let (Some(id), Some(status)) = (run.window_execution_id.clone(), &run.status)
            && status.is_terminal()
        {
            return Ok((id, run));
        }
        trial.harness().advance(POLL).await;
    }
    Err(Failure::new(format!("the run of {id} does not end")))
}

async fn tasks(
    trial: &Trial<'_>,
    run: &WindowExecutionId,
    filters: Vec<QueryFilter>,
) -> Result<Vec<MaintenanceWindowExecutionTaskIdentity>> {
    let page = PageRequest::first();
    let request = DescribeMaintenanceWindowExecutionTasks::new(run.clone(), filters, page);
    let history = trial.harness().window_history();
    let page = history
        .describe_maintenance_window_execution_tasks(request)
        .await?;
    Ok(page.items)
}

/// A window runs at its time and not before, and its run lists its tasks.
pub(super) async fn a_window_runs_at_its_time_and_not_before(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let harness = trial.harness();
    let at = harness.now() + 1.hours();
    let id = planned(trial, PatchOperation::Scan).await?;
    harness.advance(Duration::from_secs(30 * 60)).await;
    same("runs before", runs(trial, &id, Vec::new()).await?.len(), 0)?;
    let (execution, run) = ended(trial, &id).await?;
    same("Status", run.status, Some(Status::Success))?;
    let minute = at.as_second() / 60 * 60;
    let started = run.start_time.map(Timestamp::as_second);
    holds(started >= Some(minute), format!("it ran before {at}"))?;
    let history = harness.window_history();
    let detail = history
        .get_maintenance_window_execution(GetMaintenanceWindowExecution::new(&execution))
        .await?;
    let of_run = tasks(trial, &execution, Vec::new()).await?;
    let ids: Vec<_> = of_run
        .iter()
        .filter_map(|t| t.task_execution_id.clone())
        .collect();
    same("TaskIds", detail.task_ids, Some(ids))?;
    let task = one("the task", &of_run, |_| true)?;
    same(
        "TaskArn",
        task.task_arn.as_deref(),
        Some(RUN_PATCH_BASELINE),
    )?;
    same(
        "TaskType",
        task.task_type.clone(),
        Some(MaintenanceWindowTaskType::RunCommand),
    )?;
    same("the task", task.status.clone(), Some(Status::Success))
}

/// An invocation names the command that the window ran.
pub(super) async fn an_invocation_of_a_window_names_its_command(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = planned(trial, PatchOperation::Scan).await?;
    let (run, _) = ended(trial, &id).await?;
    let of_run = tasks(trial, &run, Vec::new()).await?;
    let task = one("the task", &of_run, |_| true)?;
    let task = task.task_execution_id.clone().unwrap_or_default();
    let history = trial.harness().window_history();
    let request = DescribeMaintenanceWindowExecutionTaskInvocations::new(
        run.clone(),
        &task,
        Vec::new(),
        PageRequest::first(),
    );
    let page = history
        .describe_maintenance_window_execution_task_invocations(request)
        .await?;
    let invocation = one("the invocation", &page.items, |_| true)?;
    let command = invocation.execution_id.clone().unwrap_or_default();
    let request = ListCommandInvocations::of(command);
    let runner = trial.harness().commands();
    let invocations = runner.list_command_invocations(request).await?.items;
    let node = trial.harness().linux_node();
    let on = one("the node", &invocations, |on| on.instance_id == node)?;
    same("the node", &on.status, &InvocationStatus::Success)?;
    let number = invocation.invocation_id.clone().unwrap_or_default();
    let same_one = history
        .get_maintenance_window_execution_task_invocation(
            GetMaintenanceWindowExecutionTaskInvocation::new(&run, &task, &number),
        )
        .await?;
    same("the invocation", &same_one, invocation)?;
    let detail = history
        .get_maintenance_window_execution_task(GetMaintenanceWindowExecutionTask::new(&run, &task))
        .await?;
    same("the task", detail.status, Some(Status::Success))
}

/// A scan by a window leaves a patch state as any scan does.
pub(super) async fn a_window_patches_its_nodes(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let id = planned(trial, PatchOperation::Scan).await?;
    ended(trial, &id).await?;
    let state = trial.state(&node).await?;
    let operation = state.map(|state| state.operation);
    same("Operation", operation, Some(PatchOperation::Scan))
}

/// Tasks run in the order of their priorities.
pub(super) async fn tasks_run_by_priority(trial: &Trial<'_>) -> Result<(), Failure> {
    let harness = trial.harness();
    let id = opening_in(trial, 1).await?;
    for (priority, node) in [(5, harness.linux_node()), (2, harness.windows_node())] {
        let target = target(trial, &id, &node).await?;
        let mut task = task(&id, PatchOperation::Scan, &[&target]);
        task.priority = Some(priority);
        harness
            .windows()
            .register_task_with_maintenance_window(task)
            .await?;
    }
    let (run, _) = ended(trial, &id).await?;
    let history = harness.window_history();
    let mut times = Vec::new();
    for task in tasks(trial, &run, Vec::new()).await? {
        let task = task.task_execution_id.unwrap_or_default();
        let told = history
            .get_maintenance_window_execution_task(GetMaintenanceWindowExecutionTask::new(
                &run, &task,
            ))
            .await?;
        times.push((told.priority, told.start_time, told.end_time));
    }
    times.sort();
    let [(lower, _, ended), (higher, started, _)] = times[..] else {
        return Err(Failure::new(format!("tasks: {times:?}")));
    };
    same("priorities", (lower, higher), (Some(2), Some(5)))?;
    let in_order = ended.is_some() && started >= ended;
    holds(
        in_order,
        format!("the lower number is not first: {times:?}"),
    )
}

/// Runs and tasks are filtered; an unknown filter is refused.
pub(super) async fn runs_of_a_window_are_filtered(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = planned(trial, PatchOperation::Scan).await?;
    let (run, told) = ended(trial, &id).await?;
    let started = told.start_time.unwrap_or_default();
    let (before, after) = (
        (started - 1.hours()).to_string(),
        (started + 1.hours()).to_string(),
    );
    for (key, instant, expected) in [
        ("ExecutedAfter", before.clone(), 1),
        ("ExecutedAfter", after.clone(), 0),
        ("ExecutedBefore", after, 1),
        ("ExecutedBefore", before, 0),
    ] {
        let filters = vec![QueryFilter::new(key, [instant.as_str()])];
        let found = runs(trial, &id, filters).await?;
        same(&format!("{key} {instant}"), found.len(), expected)?;
    }
    let colour = vec![QueryFilter::new("Colour", ["blue"])];
    let answer = runs(trial, &id, colour).await;
    refused("Colour", answer, ErrorKind::InvalidInput)?;
    for (status, expected) in [("SUCCESS", 1), ("FAILED", 0)] {
        let filters = vec![QueryFilter::new("STATUS", [status])];
        same(status, tasks(trial, &run, filters).await?.len(), expected)?;
    }
    Ok(())
}

/// A run that is not there is NotFound.
pub(super) async fn an_unknown_run_of_a_window_is_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let nobodys = WindowExecutionId::new(NOBODYS);
    let history = trial.harness().window_history();
    let answer = history
        .get_maintenance_window_execution(GetMaintenanceWindowExecution::new(&nobodys))
        .await;
    refused("reading", answer, ErrorKind::NotFound)?;
    let answer = tasks(trial, &nobodys, Vec::new()).await;
    refused("its tasks", answer, ErrorKind::NotFound)?;
    let answer = history
        .cancel_maintenance_window_execution(CancelMaintenanceWindowExecution::new(&nobodys))
        .await;
    refused("cancelling", answer, ErrorKind::NotFound)
}

/// A disabled or deleted window does not run.
pub(super) async fn a_window_that_is_off_or_gone_does_not_run(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let harness = trial.harness();
    let node = harness.linux_node();
    let off = planned(trial, PatchOperation::Scan).await?;
    let gone = planned(trial, PatchOperation::Scan).await?;
    let mut update = UpdateMaintenanceWindow::new(off.clone());
    update.enabled = Some(false);
    harness.windows().update_maintenance_window(update).await?;
    harness
        .windows()
        .delete_maintenance_window(DeleteMaintenanceWindow::new(&gone))
        .await?;
    let before = trial.state(&node).await?;
    harness.advance(Duration::from_secs(3 * 3600)).await;
    same("runs", runs(trial, &off, Vec::new()).await?.len(), 0)?;
    same("the patch state", trial.state(&node).await?, before)
}
