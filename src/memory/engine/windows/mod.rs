//! Maintenance windows that open, and what runs in them.

mod step;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{Engine, Event};
use crate::memory::store::account::Ids;
use crate::memory::store::windows::{
    Announced, End, InvocationRun, REGISTERED, TaskRun, Window, WindowRun,
};
use crate::memory::store::{State, later};
use crate::operation::SendCommand;
use crate::schedule::window::{
    MaintenanceWindowExecutionStatus as Status, MaintenanceWindowTarget,
    MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail, MaintenanceWindowTaskType,
};
use crate::types::{Target, WindowExecutionId, WindowId};

impl Engine {
    /// Enters the next opening of a window.
    pub(crate) fn plan_window(&mut self, id: &WindowId) {
        let Some(window) = self.state.windows.find(id) else {
            return;
        };
        if let Some(at) = window.next {
            let (id, revision) = (id.clone(), window.revision);
            let event = Event::Window { id, revision };
            self.queue.enter(at, event);
        }
    }

    /// Opens a window, and plans its next opening. A revision that is no longer current does nothing.
    ///
    /// While its last run still goes on, the new one is skipped (SSM model, SKIPPED_OVERLAPPING).
    pub(super) fn open_window(&mut self, id: &WindowId, revision: u64, now: Timestamp) {
        let windows = &self.state.windows;
        let last = windows
            .opened
            .get(id)
            .and_then(|run| windows.runs.get(*run));
        let overlaps = last.is_some_and(|run| run.end.is_none());
        let State { windows, ids, .. } = &mut self.state;
        let window = windows.find_mut(id);
        let Some(window) = window.filter(|window| window.revision == revision) else {
            return;
        };
        window.plan_after(now);
        let hours = window.duration_hours() - window.cutoff_hours();
        let cutoff = later(now, SignedDuration::from_hours(hours));
        let mut tasks = Vec::new();
        let mut end = Some(End::new(Status::SkippedOverlapping, now));
        if !overlaps {
            (tasks, end) = (tasks_of(window, ids), None);
        }
        let run = WindowRun {
            id: WindowExecutionId::new(ids.uuid()),
            window: id.clone(),
            cutoff,
            started: now,
            cancelled: false,
            end,
            announced: Announced::default(),
            tasks,
        };
        windows.runs.push(run);
        let index = windows.runs.len() - 1;
        if !overlaps {
            windows.opened.insert(id.clone(), index);
        }
        self.queue.enter(cutoff, Event::WindowCutoff(index));
        self.plan_window(id);
        self.step_window(index, now);
    }

    /// Goes on with the run that waits for a command, now that the command is over.
    pub(super) fn command_over_in_window(&mut self, command: usize, now: Timestamp) {
        if let Some(index) = self.state.windows.waiting.remove(&command) {
            self.step_window(index, now);
        }
    }

    /// Cuts a run off: nothing starts any more, and the commands of tasks that say so are cancelled.
    pub(super) fn cut_window_off(&mut self, index: usize, now: Timestamp) {
        let cancel = Some(MaintenanceWindowTaskCutoffBehavior::CancelTask);
        self.stop_window_run(index, now, |task| task.task.cutoff_behavior == cancel);
    }

    /// Cancels a run: what waits never starts, and commands under way are cancelled.
    pub(crate) fn cancel_maintenance_window_run(&mut self, index: usize, now: Timestamp) {
        let running = self.state.windows.runs.get_mut(index);
        if let Some(run) = running.filter(|run| run.end.is_none()) {
            run.cancelled = true;
            self.record_window_cancelling(index, now);
            self.stop_window_run(index, now, |_| true);
        }
    }

    /// Cancels the commands of these tasks of a run, and takes the run as far as it gets.
    fn stop_window_run(&mut self, index: usize, now: Timestamp, of: impl Fn(&TaskRun) -> bool) {
        let Some(run) = self.state.windows.runs.get(index) else {
            return;
        };
        if run.end.is_some() {
            return;
        }
        let tasks = run.tasks.iter().filter(|task| task.end.is_none());
        let commands: Vec<usize> = tasks
            .filter(|task| of(task))
            .flat_map(|task| &task.invocations)
            .filter(|invocation| invocation.end.is_none())
            .filter_map(|invocation| Some(invocation.command.as_ref()?.0))
            .collect();
        self.cancel_commands(&commands, now);
        self.step_window(index, now);
    }
}

/// The tasks of a window as they stand, in the order of their priorities.
fn tasks_of(window: &Window, ids: &mut Ids) -> Vec<TaskRun> {
    let mut tasks: Vec<_> = window.tasks.iter().collect();
    tasks.sort_by_key(|task| task.priority.unwrap_or_default());
    let run = |task: &MaintenanceWindowTaskDetail| TaskRun {
        id: ids.uuid(),
        task: task.clone(),
        started: None,
        end: None,
        announced: Announced::default(),
        invocations: invocations_of(window, task, ids),
    };
    tasks.into_iter().map(run).collect()
}

/// One command for each registered target, and one for the nodes that the task names itself.
fn invocations_of(
    window: &Window,
    task: &MaintenanceWindowTaskDetail,
    ids: &mut Ids,
) -> Vec<InvocationRun> {
    if task.task_type != Some(MaintenanceWindowTaskType::RunCommand) {
        return Vec::new();
    }
    let mut invocation = |targets, registered: Option<&MaintenanceWindowTarget>| InvocationRun {
        id: ids.uuid(),
        target: registered.and_then(|target| target.window_target_id.clone()),
        owner_information: registered.and_then(|target| target.owner_information.clone()),
        request: request_of(task, targets),
        nodes: Vec::new(),
        command: None,
        started: None,
        end: None,
        announced: Announced::default(),
    };
    let mut invocations = Vec::new();
    for target in task.targets.iter().flatten() {
        if target.key != REGISTERED {
            invocations.push(invocation(vec![target.clone()], None));
            continue;
        }
        for known in target.values.iter().filter_map(|id| window.target(id)) {
            let targets = known.targets.clone().unwrap_or_default();
            invocations.push(invocation(targets, Some(known)));
        }
    }
    invocations
}

fn request_of(task: &MaintenanceWindowTaskDetail, targets: Vec<Target>) -> SendCommand {
    let invocation = task.task_invocation_parameters.as_ref();
    let run = invocation.and_then(|given| given.run_command.clone());
    let run = run.unwrap_or_default();
    let old: BTreeMap<_, _> = task
        .task_parameters
        .iter()
        .flatten()
        .map(|(name, given)| (name.clone(), given.values.clone().unwrap_or_default()))
        .collect();
    SendCommand {
        document_name: task.task_arn.clone().unwrap_or_default(),
        document_version: run.document_version,
        document_hash: run.document_hash,
        document_hash_type: run.document_hash_type,
        targets,
        // TaskParameters are the older form; the newer one replaces them (SSM model).
        parameters: run.parameters.unwrap_or(old),
        comment: run.comment,
        timeout_seconds: run.timeout_seconds,
        max_concurrency: task.max_concurrency,
        max_errors: task.max_errors,
        output_s3_bucket_name: run.output_s3_bucket_name,
        output_s3_key_prefix: run.output_s3_key_prefix,
        notification_config: run.notification_config,
        service_role_arn: run.service_role_arn,
        cloud_watch_output_config: run.cloud_watch_output_config,
        ..SendCommand::default()
    }
}
