//! The maintenance windows and their runs.

use std::collections::HashMap;

use jiff::Timestamp;

use super::account::ClientTokens;
use super::errors::does_not_exist;
use crate::backend::Operation;
use crate::error::{Error, Result};

use crate::operation::SendCommand;
use crate::schedule::Recurrence;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowExecution,
    MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowTarget, MaintenanceWindowTaskDetail,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use crate::types::{
    CommandId, NodeId, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId, moved,
};

/// The key by which a task names registered targets.
pub(crate) const REGISTERED: &str = "WindowTargetIds";

/// One opening of a window.
#[derive(Debug, Clone)]
pub(crate) struct WindowRun {
    pub(crate) id: WindowExecutionId,
    pub(crate) window: WindowId,
    /// The instant from which no new task starts.
    pub(crate) cutoff: Timestamp,
    pub(crate) started: Timestamp,
    pub(crate) cancelled: bool,
    pub(crate) end: Option<End>,
    pub(crate) announced: Announced,
    /// In the order of their priorities.
    pub(crate) tasks: Vec<TaskRun>,
}

/// A task in one opening.
#[derive(Debug, Clone)]
pub(crate) struct TaskRun {
    pub(crate) id: String,
    pub(crate) task: MaintenanceWindowTaskDetail,
    pub(crate) started: Option<Timestamp>,
    pub(crate) end: Option<End>,
    pub(crate) announced: Announced,
    /// One for each of its targets, which run one after the other.
    pub(crate) invocations: Vec<InvocationRun>,
}

/// A task on one target.
#[derive(Debug, Clone)]
pub(crate) struct InvocationRun {
    pub(crate) id: String,
    pub(crate) target: Option<WindowTargetId>,
    pub(crate) owner_information: Option<String>,
    pub(crate) request: SendCommand,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) command: Option<(usize, CommandId)>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) end: Option<End>,
    pub(crate) announced: Announced,
}

/// Which changes events were recorded for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Announced {
    pub(crate) begun: bool,
    pub(crate) ended: bool,
}

/// How and when something ended.
#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) status: MaintenanceWindowExecutionStatus,
    pub(crate) details: Option<String>,
    pub(crate) at: Timestamp,
}

impl End {
    pub(crate) fn new(status: MaintenanceWindowExecutionStatus, at: Timestamp) -> Self {
        let details = None;
        Self {
            status,
            details,
            at,
        }
    }

    pub(crate) fn with_details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }
}

/// The visible status of something that may have begun or ended.
fn status(
    started: bool,
    end: Option<&End>,
    cancelled: bool,
) -> (MaintenanceWindowExecutionStatus, Option<String>) {
    match end {
        Some(end) => (end.status.clone(), end.details.clone()),
        None if cancelled => (MaintenanceWindowExecutionStatus::Cancelling, None),
        None if started => (MaintenanceWindowExecutionStatus::InProgress, None),
        None => (MaintenanceWindowExecutionStatus::Pending, None),
    }
}

impl WindowRun {
    pub(crate) fn listed(&self) -> MaintenanceWindowExecution {
        let (status, status_details) = status(true, self.end.as_ref(), self.cancelled);
        MaintenanceWindowExecution {
            window_id: Some(self.window.clone()),
            window_execution_id: Some(self.id.clone()),
            status: Some(status),
            status_details,
            start_time: Some(self.started),
            end_time: self.end.as_ref().map(|end| end.at),
        }
    }

    pub(crate) fn detail(&self) -> MaintenanceWindowExecutionDetail {
        let listed = self.listed();
        moved!(listed => MaintenanceWindowExecutionDetail {
            window_execution_id, status, status_details, start_time, end_time;
            task_ids: Some(self.tasks.iter().map(|task| task.id.clone()).collect())
        })
    }
}

impl TaskRun {
    pub(crate) fn identity(&self, run: &WindowRun) -> MaintenanceWindowExecutionTaskIdentity {
        let (status, status_details) =
            status(self.started.is_some(), self.end.as_ref(), run.cancelled);
        MaintenanceWindowExecutionTaskIdentity {
            window_execution_id: Some(run.id.clone()),
            task_execution_id: Some(self.id.clone()),
            status: Some(status),
            status_details,
            start_time: self.started,
            end_time: self.end.as_ref().map(|end| end.at),
            task_arn: self.task.task_arn.clone(),
            task_type: self.task.task_type.clone(),
            alarm_configuration: self.task.alarm_configuration.clone(),
            triggered_alarms: None,
        }
    }

    pub(crate) fn detail(&self, run: &WindowRun) -> MaintenanceWindowExecutionTask {
        let identity = self.identity(run);
        moved!(identity => MaintenanceWindowExecutionTask {
            window_execution_id, task_execution_id, task_arn, task_type, status, status_details,
            start_time, end_time, alarm_configuration, triggered_alarms;
            service_role: self.task.service_role_arn.clone(),
            task_parameters: None,
            priority: self.task.priority,
            max_concurrency: self.task.max_concurrency,
            max_errors: self.task.max_errors
        })
    }
}

impl InvocationRun {
    pub(crate) fn described(
        &self,
        run: &WindowRun,
        task: &TaskRun,
    ) -> MaintenanceWindowExecutionTaskInvocation {
        let (status, status_details) =
            status(self.started.is_some(), self.end.as_ref(), run.cancelled);
        let parameters = serde_json::json!({
            "documentName": self.request.document_name,
            "parameters": self.request.parameters,
            "maxConcurrency": self.request.max_concurrency,
            "maxErrors": self.request.max_errors,
            "instanceIds": self.nodes,
        });
        MaintenanceWindowExecutionTaskInvocation {
            window_execution_id: Some(run.id.clone()),
            task_execution_id: Some(task.id.clone()),
            invocation_id: Some(self.id.clone()),
            execution_id: self.command.as_ref().map(|(_, id)| id.as_str().to_owned()),
            task_type: task.task.task_type.clone(),
            parameters: Some(parameters.to_string()),
            status: Some(status),
            status_details,
            start_time: self.started,
            end_time: self.end.as_ref().map(|end| end.at),
            owner_information: self.owner_information.clone(),
            window_target_id: self.target.clone(),
        }
    }
}

/// The windows in the order of their creation, and every run so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct WindowStore {
    windows: Vec<Window>,
    by_id: HashMap<WindowId, usize>,
    pub(crate) runs: Vec<WindowRun>,
    /// The last run of each window that was not skipped.
    pub(crate) opened: HashMap<WindowId, usize>,
    /// The run that waits for a command, by the command's number.
    pub(crate) waiting: HashMap<usize, usize>,
    revisions: u64,
    pub(crate) created: ClientTokens<CreateMaintenanceWindow, WindowId>,
    pub(crate) targets: ClientTokens<RegisterTargetWithMaintenanceWindow, WindowTargetId>,
    pub(crate) tasks: ClientTokens<RegisterTaskWithMaintenanceWindow, WindowTaskId>,
}

/// A window, its next opening, and its targets and tasks.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(crate) facts: MaintenanceWindow,
    /// When it opens; `None` for a window of a mirror whose schedule cannot be read.
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) next: Option<Timestamp>,
    /// Distinguishes openings of the current settings from those of earlier settings.
    pub(crate) revision: u64,
    pub(crate) targets: Vec<MaintenanceWindowTarget>,
    pub(crate) tasks: Vec<MaintenanceWindowTaskDetail>,
}

impl Window {
    pub(crate) fn is_enabled(&self) -> bool {
        self.facts.enabled.unwrap_or(true)
    }

    pub(crate) fn duration_hours(&self) -> i64 {
        i64::from(self.facts.duration.unwrap_or_default())
    }

    pub(crate) fn cutoff_hours(&self) -> i64 {
        i64::from(self.facts.cutoff.unwrap_or_default())
    }

    /// The registered target of this id.
    pub(crate) fn target(&self, id: &str) -> Option<&MaintenanceWindowTarget> {
        let id = Some(WindowTargetId::new(id));
        let mut targets = self.targets.iter();
        targets.find(|target| target.window_target_id == id)
    }

    /// Computes the opening after an instant.
    pub(crate) fn plan_after(&mut self, instant: Timestamp) {
        let recurrence = self.recurrence.as_ref();
        let next = recurrence.and_then(|recurrence| recurrence.next_after(instant));
        self.next = next.filter(|_| self.is_enabled());
    }

    /// The window as GetMaintenanceWindow describes it.
    pub(crate) fn described(&self) -> MaintenanceWindow {
        MaintenanceWindow {
            next_execution_time: self.next,
            ..self.facts.clone()
        }
    }
}

impl WindowStore {
    pub(crate) fn next_revision(&mut self) -> u64 {
        self.revisions += 1;
        self.revisions
    }

    pub(crate) fn find(&self, id: &WindowId) -> Option<&Window> {
        self.windows.get(*self.by_id.get(id)?)
    }

    pub(crate) fn find_mut(&mut self, id: &WindowId) -> Option<&mut Window> {
        self.windows.get_mut(*self.by_id.get(id)?)
    }

    pub(crate) fn len(&self) -> usize {
        self.windows.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Window> {
        self.windows.iter()
    }

    pub(crate) fn add(&mut self, window: Window) {
        if let Some(id) = &window.facts.window_id {
            self.by_id.insert(id.clone(), self.windows.len());
        }
        self.windows.push(window);
    }

    pub(crate) fn remove(&mut self, id: &WindowId) {
        if self.by_id.contains_key(id) {
            let same = |window: &Window| window.facts.window_id.as_ref() == Some(id);
            self.windows.retain(|window| !same(window));
            let ids = self
                .windows
                .iter()
                .map(|window| window.facts.window_id.clone());
            self.by_id = ids
                .zip(0..)
                .filter_map(|(id, at)| Some((id?, at)))
                .collect();
        }
    }

    pub(crate) fn get(&self, operation: Operation, id: &WindowId) -> Result<&Window> {
        self.find(id)
            .ok_or_else(|| unknown(operation, "Maintenance window", id.as_str()))
    }

    pub(crate) fn get_mut(&mut self, operation: Operation, id: &WindowId) -> Result<&mut Window> {
        self.find_mut(id)
            .ok_or_else(|| unknown(operation, "Maintenance window", id.as_str()))
    }

    pub(crate) fn run(
        &self,
        operation: Operation,
        id: &WindowExecutionId,
    ) -> Result<(usize, &WindowRun)> {
        self.runs
            .iter()
            .enumerate()
            .find(|(_, run)| run.id == *id)
            .ok_or_else(|| unknown(operation, "Maintenance window execution", id.as_str()))
    }
}

/// The error of an unknown window, target, task or run.
pub(crate) fn unknown(operation: Operation, what: &str, id: &str) -> Error {
    let message = format!("{what} {id} doesn't exist");
    does_not_exist(operation, id, &message)
}
