//! Maintenance windows that open, and what runs in them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::queue::{Event, later};
use crate::memory::command_check;
use crate::memory::state::State;
use crate::memory::windows::{End, InvocationRun, REGISTERED, TaskRun, Window, WindowRun};
use crate::operation::{CommandStatus, SendCommand};
use crate::schedule::window::MaintenanceWindowExecutionStatus as Status;
use crate::schedule::window::{
    MaintenanceWindowTarget, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskDetail,
    MaintenanceWindowTaskType,
};
use crate::types::{Target, WindowExecutionId, WindowId};

impl State {
    /// Enters the next opening of a window.
    pub(in crate::memory) fn plan_window(&mut self, id: &WindowId) {
        let Some(window) = self.windows.find(id) else {
            return;
        };
        if let Some(at) = window.next {
            let (id, revision) = (id.clone(), window.revision);
            let event = Event::Window { id, revision };
            self.engine.queue.enter(at, event);
        }
    }

    /// Opens a window, and plans its next opening. A revision that is no longer current does nothing.
    ///
    /// While its last run still goes on, the new one is skipped (SSM model, SKIPPED_OVERLAPPING).
    pub(super) fn open_window(&mut self, id: &WindowId, revision: u64, now: Timestamp) {
        let overlaps = self
            .windows
            .runs
            .iter()
            .any(|run| run.window == *id && run.end.is_none());
        let Some(window) = self.windows.find_mut(id) else {
            return;
        };
        if window.revision != revision {
            return;
        }
        window.plan_after(now);
        let hours = window.duration_hours() - window.cutoff_hours();
        let cutoff = later(now, SignedDuration::from_hours(hours));
        let mut tasks = Vec::new();
        let mut end = Some(End::new(Status::SkippedOverlapping, now));
        if !overlaps {
            (tasks, end) = (self.tasks_of(id), None);
        }
        let run = WindowRun {
            id: WindowExecutionId::new(self.ids.uuid()),
            window: id.clone(),
            cutoff,
            started: now,
            cancelled: false,
            end,
            tasks,
        };
        self.windows.runs.push(run);
        let index = self.windows.runs.len() - 1;
        self.engine.queue.enter(cutoff, Event::WindowCutoff(index));
        self.plan_window(id);
        self.step_window(index, now);
    }

    /// The tasks of a window as they stand, in the order of their priorities.
    fn tasks_of(&mut self, id: &WindowId) -> Vec<TaskRun> {
        let Some(window) = self.windows.find(id) else {
            return Vec::new();
        };
        let mut tasks: Vec<_> = window
            .tasks
            .iter()
            .map(|task| (task.clone(), sends_of(window, task)))
            .collect();
        tasks.sort_by_key(|(task, _)| task.priority.unwrap_or_default());
        tasks
            .into_iter()
            .map(|(task, sends)| TaskRun {
                id: self.ids.uuid(),
                task,
                started: None,
                end: None,
                invocations: sends
                    .into_iter()
                    .map(|sends| self.invocation_of_task(sends))
                    .collect(),
            })
            .collect()
    }

    fn invocation_of_task(&mut self, sends: Sends) -> InvocationRun {
        InvocationRun {
            id: self.ids.uuid(),
            target: sends
                .registered
                .as_ref()
                .and_then(|t| t.window_target_id.clone()),
            owner_information: sends.registered.and_then(|target| target.owner_information),
            request: sends.request,
            nodes: Vec::new(),
            command: None,
            started: None,
            end: None,
        }
    }

    /// Goes on with the run that waits for a command, now that the command is over.
    pub(super) fn command_over_in_window(&mut self, command: usize, now: Timestamp) {
        if let Some(index) = self.windows.waiting.remove(&command) {
            self.step_window(index, now);
        }
    }

    /// Nothing starts any more; what is to be cancelled at the cutoff, is.
    pub(super) fn cut_window_off(&mut self, index: usize, now: Timestamp) {
        let Some(run) = self.windows.runs.get(index).filter(|run| run.end.is_none()) else {
            return;
        };
        let cancel = Some(MaintenanceWindowTaskCutoffBehavior::CancelTask);
        let commands: Vec<usize> = run
            .tasks
            .iter()
            .filter(|task| task.end.is_none() && task.task.cutoff_behavior == cancel)
            .flat_map(|task| &task.invocations)
            .filter(|invocation| invocation.end.is_none())
            .filter_map(|invocation| Some(invocation.command.as_ref()?.0))
            .collect();
        self.cancel_commands(&commands, now);
        self.step_window(index, now);
    }

    /// Cancels a run: what waits never starts, and commands under way are cancelled.
    pub(in crate::memory) fn cancel_window_run(&mut self, index: usize, now: Timestamp) {
        let running = self.windows.runs.get_mut(index);
        let Some(run) = running.filter(|run| run.end.is_none()) else {
            return;
        };
        run.cancelled = true;
        let commands: Vec<usize> = run
            .tasks
            .iter()
            .flat_map(|task| &task.invocations)
            .filter(|invocation| invocation.end.is_none())
            .filter_map(|invocation| Some(invocation.command.as_ref()?.0))
            .collect();
        self.cancel_commands(&commands, now);
        self.step_window(index, now);
    }

    fn cancel_commands(&mut self, commands: &[usize], now: Timestamp) {
        for number in commands {
            if let Some(record) = self.commands.get_mut(*number) {
                record.cancel(&[], now);
            }
        }
        self.pump(now);
    }

    /// Takes a run as far as it gets: equal priorities side by side, lower numbers first.
    fn step_window(&mut self, index: usize, now: Timestamp) {
        loop {
            let run = self.windows.runs.get(index).filter(|run| run.end.is_none());
            let Some(run) = run else { return };
            let first = run.tasks.iter().find(|task| task.end.is_none());
            let Some(priority) = first.map(|task| task.task.priority) else {
                return self.end_window_run(index, now);
            };
            let group: Vec<usize> = run
                .tasks
                .iter()
                .enumerate()
                .filter(|(_, task)| task.end.is_none() && task.task.priority == priority)
                .map(|(at, _)| at)
                .collect();
            let ended = group
                .iter()
                .filter(|task| self.step_task(index, **task, now))
                .count();
            if ended < group.len() {
                return;
            }
        }
    }

    /// Takes a task as far as it gets; whether it has ended.
    fn step_task(&mut self, index: usize, task: usize, now: Timestamp) -> bool {
        let mut at = 0;
        loop {
            self.note_outcome(index, task, at);
            let Some(run) = self.windows.runs.get_mut(index) else {
                return true;
            };
            let closed = run.closed(now);
            let Some(of) = run.tasks.get_mut(task) else {
                return true;
            };
            let Some(invocation) = of.invocations.get(at) else {
                of.conclude(closed, now);
                return true;
            };
            if invocation.end.is_some() {
                at += 1;
            } else if invocation.command.is_some() {
                return false;
            } else if let Some(end) = closed {
                of.close(at, end);
            } else {
                of.started = of.started.or(Some(now));
                self.invoke(index, task, at, now);
            }
        }
    }

    /// Writes down how the command of an invocation ended, once it has.
    fn note_outcome(&mut self, index: usize, task: usize, at: usize) {
        let run = self.windows.runs.get_mut(index);
        let Some((run_cancelled, cutoff, invocation)) = run.and_then(|run| {
            let (cancelled, cutoff) = (run.cancelled, run.cutoff);
            let invocation = run.tasks.get_mut(task)?.invocations.get_mut(at)?;
            Some((cancelled, cutoff, invocation))
        }) else {
            return;
        };
        let Some((number, _)) = invocation
            .command
            .as_ref()
            .filter(|_| invocation.end.is_none())
        else {
            return;
        };
        let Some(record) = self.commands.get(*number).filter(|record| record.is_over()) else {
            return;
        };
        let ended = record.ended().unwrap_or(cutoff);
        let command = record.command(ended);
        let status = match command.status {
            CommandStatus::Success => Status::Success,
            // What was cancelled at the cutoff has run out of time (SSM model, CANCEL_TASK).
            CommandStatus::Cancelled if run_cancelled => Status::Cancelled,
            CommandStatus::Cancelled if ended >= cutoff => Status::TimedOut,
            CommandStatus::Cancelled => Status::Cancelled,
            CommandStatus::TimedOut => Status::TimedOut,
            _ => Status::Failed,
        };
        invocation.end = Some(End::new(status, ended).with_details(command.status_details));
    }

    /// Starts a task on one of its targets: a command, for Run Command; nothing else runs here.
    fn invoke(&mut self, index: usize, task: usize, at: usize, now: Timestamp) {
        let Some(invocation) = self.invocation_at(index, task, at) else {
            return;
        };
        let request = invocation.request.clone();
        invocation.started = Some(now);
        let refused = command_check::document(
            "SendCommand",
            &request.document_name,
            request.document_version.as_deref(),
            &request.parameters,
        );
        if let Err(error) = refused {
            let end = End::new(Status::Failed, now).with_details(short(&error.to_string()));
            invocation.end = Some(end);
            return;
        }
        let nodes = self.resolve(&request.targets);
        let known = nodes.clone();
        let number = if nodes.is_empty() {
            None
        } else {
            let number = self.send(request, nodes, None, now);
            let id = self.commands.get(number).map(|record| record.id().clone());
            id.map(|id| (number, id))
        };
        if let Some((number, _)) = &number {
            self.windows.waiting.insert(*number, index);
        }
        if let Some(invocation) = self.invocation_at(index, task, at) {
            invocation.nodes = known;
            if number.is_none() {
                let end = End::new(Status::Success, now).with_details("No invocations to execute.");
                invocation.end = Some(end);
            }
            invocation.command = number;
        }
    }

    fn invocation_at(
        &mut self,
        index: usize,
        task: usize,
        at: usize,
    ) -> Option<&mut InvocationRun> {
        let run = self.windows.runs.get_mut(index)?;
        run.tasks.get_mut(task)?.invocations.get_mut(at)
    }

    /// A run fails where one of its tasks did; a window without tasks has nothing to fail at.
    fn end_window_run(&mut self, index: usize, now: Timestamp) {
        if let Some(run) = self.windows.runs.get_mut(index) {
            let worst = worst(run.tasks.iter().filter_map(|task| task.end.as_ref()));
            let end = End::new(worst.unwrap_or(Status::Success), now);
            run.end = Some(match &end.status {
                Status::Failed => end.with_details("One or more tasks failed."),
                _ if run.tasks.is_empty() => end.with_details("No tasks to execute."),
                _ => end,
            });
        }
    }
}

impl WindowRun {
    /// How what has not started ends, once nothing starts any more.
    fn closed(&self, now: Timestamp) -> Option<End> {
        if self.cancelled {
            Some(End::new(Status::Cancelled, now))
        } else if now >= self.cutoff {
            let end = End::new(Status::TimedOut, now);
            Some(end.with_details("The window was cut off before it started."))
        } else {
            None
        }
    }
}

impl TaskRun {
    /// Ends what has not started: the invocations from `at` on never were.
    fn close(&mut self, at: usize, end: End) {
        if at == 0 {
            self.end = Some(end.clone());
        }
        self.invocations.truncate(at);
        if at > 0
            && let Some(last) = self.invocations.last_mut()
        {
            self.end = worst([&end].into_iter().chain(last.end.as_ref()))
                .map(|status| End::new(status, end.at));
        }
    }

    /// Ends the task as its worst invocation did.
    fn conclude(&mut self, closed: Option<End>, now: Timestamp) {
        if self.end.is_some() {
            return;
        }
        let ends = || self.invocations.iter().filter_map(|done| done.end.as_ref());
        let unsupported = self.task.task_type != Some(MaintenanceWindowTaskType::RunCommand);
        let end = match (worst(ends()), closed) {
            (Some(status), _) => {
                let at = ends().map(|end| end.at).max().unwrap_or(now);
                let same = ends().find(|end| end.status == status);
                let details = same.and_then(|end| end.details.clone());
                End {
                    status,
                    details,
                    at,
                }
            }
            (None, Some(closed)) if self.started.is_none() => closed,
            (None, _) if unsupported => End::new(Status::Failed, now)
                .with_details("This backend runs Run Command tasks only."),
            (None, _) => End::new(Status::Success, now),
        };
        self.started = self.started.or(Some(now));
        self.end = Some(end);
    }
}

/// What a task sends to one of its targets.
struct Sends {
    request: SendCommand,
    registered: Option<MaintenanceWindowTarget>,
}

/// One command for each registered target, and one for the nodes that the task names itself.
fn sends_of(window: &Window, task: &MaintenanceWindowTaskDetail) -> Vec<Sends> {
    if task.task_type != Some(MaintenanceWindowTaskType::RunCommand) {
        return Vec::new();
    }
    let mut sends = Vec::new();
    for target in task.targets.as_deref().unwrap_or_default() {
        if target.key != REGISTERED {
            let request = request_of(task, vec![target.clone()]);
            let registered = None;
            sends.push(Sends {
                request,
                registered,
            });
            continue;
        }
        for id in &target.values {
            let same = |known: &&MaintenanceWindowTarget| {
                known
                    .window_target_id
                    .as_ref()
                    .is_some_and(|known| known.as_str() == id)
            };
            let Some(known) = window.targets.iter().find(same) else {
                continue;
            };
            let request = request_of(task, known.targets.clone().unwrap_or_default());
            let registered = Some(known.clone());
            sends.push(Sends {
                request,
                registered,
            });
        }
    }
    sends
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
        targets,
        // TaskParameters are the older form; the newer one replaces them (SSM model).
        parameters: run.parameters.unwrap_or(old),
        comment: run.comment,
        timeout_seconds: run.timeout_seconds,
        max_concurrency: task.max_concurrency,
        max_errors: task.max_errors,
        output_s3_bucket_name: run.output_s3_bucket_name,
        output_s3_key_prefix: run.output_s3_key_prefix,
        ..SendCommand::default()
    }
}

/// The status that tells most of several ends.
fn worst<'a>(ends: impl IntoIterator<Item = &'a End>) -> Option<Status> {
    let rank = |status: &Status| match status {
        Status::Failed => 3,
        Status::TimedOut => 2,
        Status::Cancelled => 1,
        _ => 0,
    };
    ends.into_iter()
        .map(|end| &end.status)
        .max_by_key(|status| rank(status))
        .cloned()
}

/// At most 250 characters (SSM model, `StatusDetails`).
fn short(text: &str) -> String {
    text.chars().take(250).collect()
}
