//! What an event says of each change, if events are recorded (User Guide of Systems Manager, event examples).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Engine;
use crate::automation::AutomationExecutionStatus as Automation;
use crate::event::EventKind;
use crate::memory::store::State;
use crate::memory::store::automation::ExecutionRecord;
use crate::memory::store::commands::{CommandRecord, Phase};
use crate::memory::store::report::Report;
use crate::memory::store::windows::{Announced, End, WindowRun};
use crate::operation::CommandStatus;
use crate::schedule::window::MaintenanceWindowExecutionStatus as Status;
use crate::types::{ComplianceStatus, NodeId, WindowTargetId};

/// The statuses of commands that events have, as the event reference spells them.
fn spelled(status: &CommandStatus) -> Option<&'static str> {
    match status {
        CommandStatus::InProgress => Some("InProgress"),
        CommandStatus::Success => Some("Success"),
        CommandStatus::TimedOut => Some("TimedOut"),
        CommandStatus::Cancelled => Some("Canceled"),
        CommandStatus::Failed => Some("Failed"),
        _ => None,
    }
}

fn of_phase(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::Waiting => None,
        Phase::Running => Some("InProgress"),
        Phase::Success => Some("Success"),
        Phase::Failed => Some("Failed"),
        Phase::Cancelled | Phase::Terminated => Some("Canceled"),
        Phase::DeliveryTimedOut | Phase::ExecutionTimedOut => Some("TimedOut"),
    }
}

impl Engine {
    /// Records what has changed of a command since the last time: on its nodes, then as a whole.
    pub(super) fn record_command(&mut self, number: usize, now: Timestamp) {
        let State {
            commands,
            events,
            account,
            ..
        } = &mut self.state;
        let Some(record) = commands.get_mut(number).filter(|_| events.is_on()) else {
            return;
        };
        for (index, phase, at) in record.take_changes() {
            let on = record.invocations().get(index);
            let Some((on, status)) = on.zip(of_phase(phase)) else {
                continue;
            };
            let detail = json!({
                "command-id": record.id(),
                "document-name": record.sent.document_name,
                "instance-id": on.node,
                "requested-date-time": record.requested,
                "status": status,
            });
            let resources = vec![account.node_arn(&on.node)];
            let kind = EventKind::CommandInvocationStatusChange;
            events.record(account, &kind, at, resources, detail);
        }
        let (status, _) = record.status();
        if let Some(spelled) = spelled(&status)
            && record.announce(status)
        {
            let resources = record.sent.instance_ids.iter();
            let resources = resources.map(|node| account.node_arn(node)).collect();
            let detail = command_detail(record, spelled);
            let kind = EventKind::CommandStatusChange;
            events.record(account, &kind, now, resources, detail);
        }
    }

    /// Records what has changed of an execution of a runbook, and of its steps, since the last time.
    pub(crate) fn record_execution(&mut self, number: usize, now: Timestamp) {
        let State {
            automation,
            events,
            account,
            ..
        } = &mut self.state;
        let Some(record) = automation.get_mut(number).filter(|_| events.is_on()) else {
            return;
        };
        let id = record.id().map(ToString::to_string).unwrap_or_default();
        let resources = vec![account.ssm_arn(&format!("automation-execution/{id}"))];
        for (kind, at, detail) in execution_changes(record, now) {
            events.record(account, &kind, at, resources.clone(), detail);
        }
    }

    /// Records that a node became compliant or noncompliant by its report.
    pub(super) fn record_compliance(&mut self, node: &NodeId, before: Option<&Report>) {
        let State {
            fleet,
            events,
            account,
            ..
        } = &mut self.state;
        let node = fleet.get(node).filter(|_| events.is_on());
        let Some(report) = node.and_then(|node| node.report.as_ref()) else {
            return;
        };
        let status = report.status();
        if before.map(Report::status).as_ref() == Some(&status) {
            return;
        }
        let offends = |status| status == ComplianceStatus::NonCompliant;
        let findings = report.findings.iter();
        let levels = findings.filter(|finding| offends(report.status_of(finding)));
        let worst = levels
            .map(|finding| &finding.level)
            .max_by_key(|level| level.rank());
        let severity = worst.map_or("unspecified", |level| level.as_str());
        let id = &report.state.instance_id;
        let detail = json!({
            "resource-type": "managed-instance",
            "resource-id": id,
            "compliance-status": status.as_str().to_ascii_lowercase(),
            "compliance-type": "Patch",
            "patch-baseline-id": report.state.baseline_id,
            "severity": severity.to_ascii_lowercase(),
        });
        let resources = vec![account.ssm_arn(&format!("managed-instance/{id}"))];
        let at = report.state.operation_end_time;
        let kind = EventKind::ComplianceStateChange;
        events.record(account, &kind, at, resources, detail);
    }

    /// Records the state of an instance. EC2 does not know hybrid nodes.
    pub(super) fn record_power(&mut self, node: &NodeId, state: &str, at: Timestamp) {
        let State {
            events, account, ..
        } = &mut self.state;
        if !node.is_hybrid() {
            let detail = json!({ "instance-id": node, "state": state });
            let resources = vec![account.node_arn(node)];
            events.record(account, &EventKind::Ec2StateChange, at, resources, detail);
        }
    }

    /// Records what has begun and ended in a run of a window since the last time: what begins from the run
    /// to its invocations, what ends the other way round.
    pub(super) fn record_window_run(&mut self, index: usize) {
        let State {
            windows,
            events,
            account,
            ..
        } = &mut self.state;
        let Some(run) = windows.runs.get_mut(index).filter(|_| events.is_on()) else {
            return;
        };
        let resources = vec![account.ssm_arn(&format!("maintenancewindow/{}", run.window))];
        for (kind, at, detail) in changes(run) {
            events.record(account, &kind, at, resources.clone(), detail);
        }
    }

    /// Records that a run of a window is being cancelled.
    pub(super) fn record_window_cancelling(&mut self, index: usize, now: Timestamp) {
        let State {
            windows,
            events,
            account,
            ..
        } = &mut self.state;
        if let Some(run) = windows.runs.get(index) {
            let resources = vec![account.ssm_arn(&format!("maintenancewindow/{}", run.window))];
            let members = json!({ "window-id": run.window, "window-execution-id": run.id });
            let detail = timed(&members, Some(run.started), None, &Status::Cancelling);
            let kind = EventKind::WindowExecutionStateChange;
            events.record(account, &kind, now, resources, detail);
        }
    }
}

fn command_detail(record: &CommandRecord, status: &str) -> Value {
    json!({
        "command-id": record.id(),
        "document-name": record.sent.document_name,
        "expire-after": record.expires(),
        "parameters": record.sent.parameters,
        "requested-date-time": record.requested,
        "status": status,
    })
}

/// What has changed of an execution and was not announced: it begins before its steps, and ends after them.
fn execution_changes(record: &mut ExecutionRecord, now: Timestamp) -> Vec<Change> {
    let execution = &record.execution;
    let of_all = json!({
        "ExecutionId": execution.automation_execution_id,
        "Definition": execution.document_name,
        "DefinitionVersion": execution.document_version.as_deref().map(|text| text.parse::<f64>().ok()),
    });
    let mut changes = Vec::new();
    let announced = &mut record.announced;
    announced.steps.resize(record.steps.len(), None);
    for (step, told) in record.steps.iter().zip(&mut announced.steps) {
        let status = step.step_status.as_ref();
        if let Some(status) = status.filter(|status| **status != Automation::Pending)
            && told.as_ref() != Some(status)
        {
            let of_step = with(&of_all, "StepName", step.step_name.as_deref());
            let of_step = with(&of_step, "Action", step.action.as_deref());
            let times = (step.execution_start_time, step.execution_end_time);
            let kind = EventKind::AutomationStepStatusChange;
            changes.push(execution_change(kind, &of_step, status, times, now));
            *told = Some(status.clone());
        }
    }
    let status = execution.automation_execution_status.as_ref();
    if let Some(status) = status.filter(|status| announced.execution.as_ref() != Some(*status)) {
        let of_all = with(&of_all, "ExecutedBy", execution.executed_by.as_deref());
        let times = (execution.execution_start_time, execution.execution_end_time);
        let kind = EventKind::AutomationExecutionStatusChange;
        let change = execution_change(kind, &of_all, status, times, now);
        match announced.execution {
            None => changes.insert(0, change),
            Some(_) => changes.push(change),
        }
        announced.execution = Some(status.clone());
    }
    changes
}

fn execution_change(
    kind: EventKind,
    members: &Value,
    status: &Automation,
    (started, ended): (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Change {
    let at = ended.unwrap_or(now);
    let members = with(members, "Status", Some(status));
    let members = with(&members, "StartTime", started.map(of_automation));
    let members = with(&members, "EndTime", ended.map(of_automation));
    let detail = with(&members, "Time", Some(at.as_second()));
    (kind, at, detail)
}

/// An instant as the events of Automation have it, such as `Nov 29, 2016 7:43:20 PM`.
fn of_automation(at: Timestamp) -> String {
    at.strftime("%b %-d, %Y %-I:%M:%S %p").to_string()
}

/// What has begun or ended and was not announced.
fn changes(run: &mut WindowRun) -> Vec<Change> {
    let mut noted = Noted::default();
    let of_run = json!({ "window-id": run.window, "window-execution-id": run.id });
    noted.note(
        EventKind::WindowExecutionStateChange,
        &of_run,
        &mut run.announced,
        (Some(run.started), run.end.as_ref()),
    );
    for task in &mut run.tasks {
        let of_task = with(&of_run, "task-execution-id", Some(&task.id));
        noted.note(
            EventKind::WindowTaskExecutionStateChange,
            &of_task,
            &mut task.announced,
            (task.started, task.end.as_ref()),
        );
        for on in &mut task.invocations {
            let target = on.target.as_ref().map(WindowTargetId::as_str);
            let of_target = with(&of_task, "window-target-id", target);
            let owner = on.owner_information.as_deref();
            noted.note(
                EventKind::WindowTaskTargetInvocationStateChange,
                &with(&of_target, "owner-information", owner),
                &mut on.announced,
                (on.started, on.end.as_ref()),
            );
        }
    }
    noted.ended.reverse();
    noted.begun.append(&mut noted.ended);
    noted.begun
}

type Change = (EventKind, Timestamp, Value);

#[derive(Default)]
struct Noted {
    begun: Vec<Change>,
    ended: Vec<Change>,
}

impl Noted {
    fn note(
        &mut self,
        kind: EventKind,
        members: &Value,
        announced: &mut Announced,
        (started, end): (Option<Timestamp>, Option<&End>),
    ) {
        // A run that was skipped and a task that was cut off end without having begun.
        let begun = started.filter(|at| end.is_none_or(|end| *at < end.at));
        if let Some(at) = begun.filter(|_| !announced.begun) {
            announced.begun = true;
            let detail = timed(members, started, None, &Status::InProgress);
            self.begun.push((kind.clone(), at, detail));
        }
        if let Some(end) = end.filter(|_| !announced.ended) {
            announced.ended = true;
            let detail = timed(members, started, Some(end.at), &end.status);
            self.ended.push((kind, end.at, detail));
        }
    }
}

fn with(members: &Value, name: &str, value: Option<impl serde::Serialize>) -> Value {
    let mut members = members.clone();
    if let Some((members, value)) = members.as_object_mut().zip(value) {
        members.insert(name.to_owned(), json!(value));
    }
    members
}

fn timed(
    members: &Value,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    status: &Status,
) -> Value {
    let members = with(members, "start-time", started);
    let members = with(&members, "end-time", ended);
    with(&members, "status", Some(status))
}
