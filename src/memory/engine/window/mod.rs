//! Maintenance windows that open, and what runs in them.

mod end;
mod sends;
mod step;

use jiff::{SignedDuration, Timestamp};

use self::sends::{Sends, sends_of};
use super::Engine;
use super::queue::Event;
use crate::memory::store::later;
use crate::memory::store::windows::{End, InvocationRun, TaskRun, WindowRun};
use crate::schedule::window::MaintenanceWindowExecutionStatus as Status;
use crate::schedule::window::MaintenanceWindowTaskCutoffBehavior;
use crate::types::{WindowExecutionId, WindowId};

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
        let overlaps = self
            .state
            .windows
            .runs
            .iter()
            .any(|run| run.window == *id && run.end.is_none());
        let Some(window) = self.state.windows.find_mut(id) else {
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
            id: WindowExecutionId::new(self.state.ids.uuid()),
            window: id.clone(),
            cutoff,
            started: now,
            cancelled: false,
            end,
            tasks,
        };
        self.state.windows.runs.push(run);
        let index = self.state.windows.runs.len() - 1;
        self.queue.enter(cutoff, Event::WindowCutoff(index));
        self.plan_window(id);
        self.step_window(index, now);
    }

    /// The tasks of a window as they stand, in the order of their priorities.
    fn tasks_of(&mut self, id: &WindowId) -> Vec<TaskRun> {
        let Some(window) = self.state.windows.find(id) else {
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
                id: self.state.ids.uuid(),
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
            id: self.state.ids.uuid(),
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
        if let Some(index) = self.state.windows.waiting.remove(&command) {
            self.step_window(index, now);
        }
    }

    /// Nothing starts any more; what is to be cancelled at the cutoff, is.
    pub(super) fn cut_window_off(&mut self, index: usize, now: Timestamp) {
        let Some(run) = self
            .state
            .windows
            .runs
            .get(index)
            .filter(|run| run.end.is_none())
        else {
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
    pub(crate) fn cancel_window_run(&mut self, index: usize, now: Timestamp) {
        let running = self.state.windows.runs.get_mut(index);
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
}
