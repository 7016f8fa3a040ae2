//! Maintenance windows open when they are due.

use aws_patch_manager::backend::{
    CancelMaintenanceWindowExecution, DescribeMaintenanceWindowExecutionTaskInvocations,
    DescribeMaintenanceWindowExecutionTasks, DescribeMaintenanceWindowExecutions,
    GetMaintenanceWindow, MaintenanceWindowHistory, MaintenanceWindowStore,
};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::operation::PatchParameters;
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowExecution, MaintenanceWindowExecutionTaskInvocation,
    MaintenanceWindowRunCommandParameters, MaintenanceWindowTaskCutoffBehavior,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskType,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
    UpdateMaintenanceWindow,
};
use aws_patch_manager::types::{
    MaxConcurrency, MaxErrors, PatchOperation, Target, WindowId, WindowTargetId,
};
use aws_patch_manager::{MemoryBackend, PageRequest};

use crate::world::*;

async fn window(backend: &MemoryBackend, schedule: &str) -> WindowId {
    let create = CreateMaintenanceWindow::new("nightly", schedule, 3, 1);
    backend.create_maintenance_window(create).await.unwrap()
}

async fn target(backend: &MemoryBackend, window: &WindowId, ids: &[&str]) -> WindowTargetId {
    let nodes = vec![Target::instance_ids(ids.iter().copied())];
    let register = RegisterTargetWithMaintenanceWindow::nodes(window.clone(), nodes);
    let registered = backend.register_target_with_maintenance_window(register);
    registered.await.unwrap()
}

/// A task that installs on these targets, one node at a time.
fn task(window: &WindowId, targets: &[&WindowTargetId]) -> RegisterTaskWithMaintenanceWindow {
    let kind = MaintenanceWindowTaskType::RunCommand;
    let mut task =
        RegisterTaskWithMaintenanceWindow::new(window.clone(), kind, "AWS-RunPatchBaseline");
    let mut run = MaintenanceWindowRunCommandParameters::default();
    run.parameters = Some(PatchParameters::new(PatchOperation::Install).to_map());
    let mut parameters = MaintenanceWindowTaskInvocationParameters::default();
    parameters.run_command = Some(run);
    task.task_invocation_parameters = Some(parameters);
    task.max_concurrency = Some(MaxConcurrency::Count(1));
    task.max_errors = Some(MaxErrors::Count(0));
    let mut registered = Target::instance_ids(targets.iter().map(|id| id.as_str()));
    registered.key = "WindowTargetIds".to_owned();
    task.targets = Some(vec![registered]);
    task
}

async fn register(backend: &MemoryBackend, task: RegisterTaskWithMaintenanceWindow) {
    let registered = backend.register_task_with_maintenance_window(task);
    registered.await.unwrap();
}

/// The runs of a window, the oldest first.
async fn runs(backend: &MemoryBackend, window: &WindowId) -> Vec<MaintenanceWindowExecution> {
    let page = PageRequest::first().with_max_results(100);
    let request = DescribeMaintenanceWindowExecutions::new(window.clone(), vec![], page);
    let listed = backend.describe_maintenance_window_executions(request);
    let mut runs = listed.await.unwrap().items;
    runs.reverse();
    runs
}

/// `time STATUS` of each run.
async fn told(backend: &MemoryBackend, window: &WindowId) -> Vec<String> {
    let runs = runs(backend, window).await;
    let text = |run: &MaintenanceWindowExecution| {
        let (at, status) = (run.start_time.unwrap(), run.status.clone().unwrap());
        format!("{} {status}", at.strftime("%m-%d %H:%M"))
    };
    runs.iter().map(text).collect()
}

/// The tasks of the last run, each with its invocations.
async fn last_run(
    backend: &MemoryBackend,
    window: &WindowId,
) -> Vec<(String, Vec<MaintenanceWindowExecutionTaskInvocation>)> {
    let run = runs(backend, window).await.pop().unwrap();
    let run = run.window_execution_id.unwrap();
    let first = PageRequest::first;
    let request = DescribeMaintenanceWindowExecutionTasks::new(run.clone(), vec![], first());
    let listed = backend.describe_maintenance_window_execution_tasks(request);
    let mut tasks = Vec::new();
    for task in listed.await.unwrap().items {
        let id = task.task_execution_id.unwrap();
        let request = DescribeMaintenanceWindowExecutionTaskInvocations::new(
            run.clone(),
            id,
            vec![],
            first(),
        );
        let listed = backend.describe_maintenance_window_execution_task_invocations(request);
        let status = task.status.unwrap().to_string();
        tasks.push((status, listed.await.unwrap().items));
    }
    tasks
}

fn two_nodes() -> Vec<FleetNode> {
    vec![windows(&[]), linux(&["curl-8.9-1"])]
}

#[tokio::test]
async fn a_window_opens_by_its_zone_across_a_change_of_the_clock() {
    let backend = account(two_nodes());
    let mut create = CreateMaintenanceWindow::new("nightly", "cron(30 1 ? * SUN *)", 3, 1);
    create.schedule_timezone = Some("Europe/Berlin".to_owned());
    let window = backend.create_maintenance_window(create).await.unwrap();
    backend.advance_to("2026-10-17T00:00:00Z".parse().unwrap());
    let before = told(&backend, &window).await.len();
    backend.advance_to("2026-11-09T00:00:00Z".parse().unwrap());
    assert_eq!(
        told(&backend, &window).await[before..],
        [
            "10-17 23:30 SUCCESS",
            "10-24 23:30 SUCCESS",
            "11-01 00:30 SUCCESS",
            "11-08 00:30 SUCCESS"
        ]
    );
}

#[tokio::test]
async fn a_task_patches_its_targets_one_after_the_other() {
    let backend = account(two_nodes());
    let id = window(&backend, "cron(0 2 ? * * *)").await;
    let (win, lin) = (
        target(&backend, &id, &[WIN]).await,
        target(&backend, &id, &[LIN]).await,
    );
    register(&backend, task(&id, &[&win, &lin])).await;
    backend.advance_to("2026-05-20T23:00:00Z".parse().unwrap());
    let tasks = last_run(&backend, &id).await;
    let (status, invocations) = &tasks[0];
    assert_eq!((tasks.len(), status.as_str()), (1, "SUCCESS"));
    assert_eq!(
        invocations
            .iter()
            .map(|i| i.window_target_id.clone().unwrap())
            .collect::<Vec<_>>(),
        [win, lin]
    );
    assert!(invocations[1].start_time.unwrap() >= invocations[0].end_time.unwrap());
    let command = invocations[1].execution_id.clone().unwrap().into();
    assert_eq!(statuses(&backend, &command).await, ["Success/Success"]);
    assert!(state(&backend, LIN).await.is_some());
}

#[tokio::test]
async fn lower_numbers_run_first_and_equal_ones_side_by_side() {
    let backend = account(vec![windows(&[]), linux(&[]), FleetNode::ubuntu_22_04(UBU)]);
    let id = window(&backend, "cron(0 2 ? * * *)").await;
    for (priority, node) in [(2, WIN), (1, LIN), (1, UBU)] {
        let target = target(&backend, &id, &[node]).await;
        let mut task = task(&id, &[&target]);
        task.priority = Some(priority);
        register(&backend, task).await;
    }
    backend.advance_to("2026-05-20T23:00:00Z".parse().unwrap());
    let tasks = last_run(&backend, &id).await;
    let started: Vec<_> = tasks
        .iter()
        .map(|(_, on)| on[0].start_time.unwrap())
        .collect();
    let ended: Vec<_> = tasks
        .iter()
        .map(|(_, on)| on[0].end_time.unwrap())
        .collect();
    assert_eq!(started[0], started[1]);
    assert_eq!(started[2], ended[0].max(ended[1]));
}

#[tokio::test]
async fn at_the_cutoff_a_command_goes_on_or_is_cancelled_and_nothing_starts() {
    for (behavior, first, run) in [
        (
            MaintenanceWindowTaskCutoffBehavior::ContinueTask,
            "SUCCESS",
            "TIMED_OUT",
        ),
        (
            MaintenanceWindowTaskCutoffBehavior::CancelTask,
            "TIMED_OUT",
            "TIMED_OUT",
        ),
    ] {
        // A node that lost contact gets nothing: the command waits past the cutoff.
        let backend = account(vec![
            windows(&[]).with_condition(NodeCondition::Unreachable),
            linux(&[]),
        ]);
        let id = window(&backend, "cron(0 2 ? * * *)").await;
        let (win, lin) = (
            target(&backend, &id, &[WIN]).await,
            target(&backend, &id, &[LIN]).await,
        );
        let mut task = task(&id, &[&win, &lin]);
        task.cutoff_behavior = Some(behavior.clone());
        let run_command = task.task_invocation_parameters.as_mut().unwrap();
        run_command.run_command.as_mut().unwrap().timeout_seconds = Some(5 * 3600);
        register(&backend, task).await;
        backend.advance_to("2026-05-20T04:30:00Z".parse().unwrap());
        backend
            .set_condition(&WIN.into(), NodeCondition::Online)
            .unwrap();
        backend.advance_to("2026-05-20T12:00:00Z".parse().unwrap());
        let tasks = last_run(&backend, &id).await;
        let invocations = &tasks[0].1;
        assert_eq!(invocations.len(), 1, "{behavior}: the second never started");
        assert_eq!(
            invocations[0].status.as_ref().unwrap().as_str(),
            first,
            "{behavior}"
        );
        assert_eq!(told(&backend, &id).await, [format!("05-20 02:00 {run}")]);
    }
}

#[tokio::test]
async fn a_window_that_is_still_busy_skips_its_next_opening() {
    let backend = account(vec![
        windows(&[]).with_condition(NodeCondition::Unreachable),
    ]);
    let create = CreateMaintenanceWindow::new("often", "rate(2 hours)", 1, 0);
    let id = backend.create_maintenance_window(create).await.unwrap();
    let lost = target(&backend, &id, &[WIN]).await;
    let mut task = task(&id, &[&lost]);
    let parameters = task.task_invocation_parameters.as_mut().unwrap();
    parameters.run_command.as_mut().unwrap().timeout_seconds = Some(3 * 3600);
    register(&backend, task).await;
    backend.advance_to("2026-05-20T07:00:00Z".parse().unwrap());
    assert_eq!(
        told(&backend, &id).await,
        [
            "05-20 02:00 TIMED_OUT",
            "05-20 04:00 SKIPPED_OVERLAPPING",
            "05-20 06:00 IN_PROGRESS"
        ]
    );
}

#[tokio::test]
async fn a_window_that_is_off_does_not_open_and_one_without_tasks_does_nothing() {
    let backend = account(two_nodes());
    let id = window(&backend, "cron(0 2 ? * * *)").await;
    let switch = |enabled| {
        let mut update = UpdateMaintenanceWindow::new(id.clone());
        update.enabled = Some(enabled);
        backend.update_maintenance_window(update)
    };
    switch(false).await.unwrap();
    backend.advance_to("2026-05-22T12:00:00Z".parse().unwrap());
    assert_eq!(told(&backend, &id).await, [""; 0]);
    let off = backend
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await
        .unwrap();
    assert_eq!((off.enabled, off.next_execution_time), (Some(false), None));
    switch(true).await.unwrap();
    backend.advance_to("2026-05-23T12:00:00Z".parse().unwrap());
    assert_eq!(told(&backend, &id).await, ["05-23 02:00 SUCCESS"]);
    let run = runs(&backend, &id).await.remove(0);
    assert_eq!(run.status_details.as_deref(), Some("No tasks to execute."));
}

#[tokio::test]
async fn after_one_error_more_than_tolerated_the_other_nodes_are_left_alone() {
    let failing = windows(&[])
        .with_failing_patch("KB2")
        .with_tag("Group", "all");
    let healthy = linux(&["curl-8.9-1"]).with_tag("Group", "all");
    let backend = account(vec![failing, healthy]);
    make_default(
        &backend,
        security(aws_patch_manager::types::OperatingSystem::Windows),
    )
    .await;
    let id = window(&backend, "cron(0 2 ? * * *)").await;
    let tagged = vec![Target::tag("Group", ["all"])];
    let register_target = RegisterTargetWithMaintenanceWindow::nodes(id.clone(), tagged);
    let tagged = backend.register_target_with_maintenance_window(register_target);
    let tagged = tagged.await.unwrap();
    register(&backend, task(&id, &[&tagged])).await;
    backend.advance_to("2026-05-20T12:00:00Z".parse().unwrap());
    assert_eq!(told(&backend, &id).await, ["05-20 02:00 FAILED"]);
    let tasks = last_run(&backend, &id).await;
    let command = tasks[0].1[0].execution_id.clone().unwrap().into();
    assert_eq!(
        statuses(&backend, &command).await,
        ["Failed/Failed", "Cancelled/Terminated"]
    );
}

#[tokio::test]
async fn a_cancelled_run_starts_nothing_more() {
    let backend = account(vec![
        windows(&[]).with_condition(NodeCondition::Unreachable),
        linux(&[]),
    ]);
    let id = window(&backend, "cron(0 2 ? * * *)").await;
    let (win, lin) = (
        target(&backend, &id, &[WIN]).await,
        target(&backend, &id, &[LIN]).await,
    );
    register(&backend, task(&id, &[&win, &lin])).await;
    backend.advance_to("2026-05-20T02:10:00Z".parse().unwrap());
    let run = runs(&backend, &id)
        .await
        .remove(0)
        .window_execution_id
        .unwrap();
    backend
        .cancel_maintenance_window_execution(CancelMaintenanceWindowExecution::new(&run))
        .await
        .unwrap();
    backend.advance_to("2026-05-20T12:00:00Z".parse().unwrap());
    assert_eq!(told(&backend, &id).await, ["05-20 02:00 CANCELLED"]);
    assert!(state(&backend, LIN).await.is_none());
}

#[tokio::test]
async fn an_offset_skips_a_date_that_passed_before_the_window_was_made() {
    // 20 May 2026 is the day after the third Tuesday; three days after that is Friday the 22nd.
    let backend = account(two_nodes());
    let mut create = CreateMaintenanceWindow::new("patch-tuesday", "cron(0 2 ? * TUE#3 *)", 3, 1);
    create.schedule_offset = Some(3);
    let id = backend.create_maintenance_window(create).await.unwrap();
    let next = backend
        .get_maintenance_window(GetMaintenanceWindow::new(&id))
        .await
        .unwrap()
        .next_execution_time;
    assert_eq!(next, Some("2026-06-19T02:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_refused_with_the_place_and_the_rule() {
    let backend = account(vec![]);
    let create = CreateMaintenanceWindow::new("nightly", "rate(1 hours)", 3, 1);
    let error = backend.create_maintenance_window(create).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains('^') && text.contains("hours"), "{text}");
}
