//! Advances a run of a window.

use jiff::Timestamp;

use crate::backend::Operation;
use crate::memory::engine::{Engine, document};
use crate::memory::store::windows::{End, InvocationRun, TaskRun, WindowRun};
use crate::operation::CommandStatus;
use crate::schedule::window::{
    MaintenanceWindowExecutionStatus as Status, MaintenanceWindowTaskType,
};
use crate::types::SnapshotId;

impl Engine {
    /// Advances a run as far as possible: lower priorities first, equal ones in parallel.
    pub(super) fn step_window(&mut self, index: usize, now: Timestamp) {
        self.advance_window_run(index, now);
        self.record_window_run(index);
    }

    fn advance_window_run(&mut self, index: usize, now: Timestamp) {
        loop {
            let run = self
                .state
                .windows
                .runs
                .get(index)
                .filter(|run| run.end.is_none());
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

    /// Advances a task as far as possible; returns whether it has ended.
    fn step_task(&mut self, index: usize, task: usize, now: Timestamp) -> bool {
        let mut at = 0;
        loop {
            self.note_outcome(index, task, at);
            let Some(run) = self.state.windows.runs.get_mut(index) else {
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

    /// Records how the command of an invocation ended, if it has.
    fn note_outcome(&mut self, index: usize, task: usize, at: usize) {
        let run = self.state.windows.runs.get_mut(index);
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
        let Some(record) = self
            .state
            .commands
            .get(*number)
            .filter(|record| record.is_over())
        else {
            return;
        };
        let ended = record.ended().unwrap_or(cutoff);
        let (status, details) = record.status();
        let status = match status {
            CommandStatus::Success => Status::Success,
            // A task that was cancelled at the cutoff has timed out (SSM model, CANCEL_TASK).
            CommandStatus::Cancelled if run_cancelled => Status::Cancelled,
            CommandStatus::Cancelled if ended >= cutoff => Status::TimedOut,
            CommandStatus::Cancelled => Status::Cancelled,
            CommandStatus::TimedOut => Status::TimedOut,
            _ => Status::Failed,
        };
        invocation.end = Some(End::new(status, ended).with_details(details));
    }

    /// Starts a task on one of its targets. Only Run Command tasks run here.
    fn invoke(&mut self, index: usize, task: usize, at: usize, now: Timestamp) {
        let run = self.state.windows.runs.get(index).map(|run| run.id.clone());
        let Some((invocation, run)) = self.invocation_at(index, task, at).zip(run) else {
            return;
        };
        let mut request = invocation.request.clone();
        for value in request.parameters.values_mut().flatten() {
            if value == "{{WINDOW_EXECUTION_ID}}" {
                run.as_str().clone_into(value);
            }
        }
        invocation.started = Some(now);
        let refused = document::check(
            Operation::SendCommand,
            &self.state.documents,
            &request.document_name,
            request.document_version.as_deref(),
            &request.parameters,
        );
        if let Err(error) = refused {
            if let Some(invocation) = self.invocation_at(index, task, at) {
                let end = End::new(Status::Failed, now).with_details(short(&error.to_string()));
                invocation.end = Some(end);
            }
            return;
        }
        let nodes = self.state.fleet.resolve(&request.targets);
        let known = nodes.clone();
        let number = if nodes.is_empty() {
            None
        } else {
            let number = self.send(request, nodes, None, now);
            let record = self.state.commands.get_mut(number);
            record.map(|record| {
                // All nodes of a run share one snapshot (User Guide, SnapshotId).
                let snapshot = || SnapshotId::new(run.as_str());
                record.parameters.snapshot.get_or_insert_with(snapshot);
                (number, record.id().clone())
            })
        };
        if let Some((number, _)) = &number {
            self.state.windows.waiting.insert(*number, index);
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
        let run = self.state.windows.runs.get_mut(index)?;
        run.tasks.get_mut(task)?.invocations.get_mut(at)
    }

    /// A run fails if one of its tasks failed; a window without tasks cannot fail.
    fn end_window_run(&mut self, index: usize, now: Timestamp) {
        if let Some(run) = self.state.windows.runs.get_mut(index) {
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

/// At most 250 characters (SSM model, `StatusDetails`).
fn short(text: &str) -> String {
    text.chars().take(250).collect()
}

impl WindowRun {
    /// The end of what has not started when nothing may start any more.
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
    /// Ends the invocations that have not started, from `at` on.
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

    /// Ends the task with the worst status of its invocations.
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

/// The worst status of several ends.
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
