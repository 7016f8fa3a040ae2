//! Executions of runbooks in this account and Region: which step or target starts, and when.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{Engine, Event, document};
use crate::automation::{
    AutomationExecution, AutomationExecutionStatus as Status, AutomationType, ExecutionMode,
    StepExecution,
};
use crate::backend::Operation;
use crate::memory::store::automation::{Announced, ExecutionRecord, Work};
use crate::memory::store::later;
use crate::memory::store::runbook::{RunbookText, Values};
use crate::operation::{CommandStatus, SendCommand};
use crate::types::{AutomationExecutionId, Tag};

/// The action that sends a command, the only one that runs here.
const RUN_COMMAND: &str = "aws:runCommand";

/// How long a step may take if it does not say: an hour (User Guide, automation actions).
const STEP_TIMEOUT: i64 = 3_600;

/// An execution to start: what it has in common with others of its runbook.
#[derive(Debug, Clone)]
pub(crate) struct NewExecution {
    /// Its members that the caller gave.
    pub(crate) execution: AutomationExecution,
    pub(crate) automation_type: AutomationType,
    pub(crate) tags: Vec<Tag>,
    pub(crate) runbook: Arc<RunbookText>,
    pub(crate) values: Values,
    pub(crate) work: Work,
}

impl Engine {
    /// Starts an execution.
    pub(crate) fn start_execution(&mut self, new: NewExecution, now: Timestamp) -> usize {
        let number = self.add_execution(new, now);
        self.run_executions(now);
        number
    }

    /// Lets every execution go on whose step or children have ended.
    pub(crate) fn run_executions(&mut self, now: Timestamp) {
        loop {
            let active: Vec<usize> = self.state.automation.active.iter().copied().collect();
            let mut changed = false;
            for number in active {
                changed |= self.run_execution(number, now);
            }
            if !changed {
                return;
            }
        }
    }

    /// Lets an execution go on, and says whether it did.
    fn run_execution(&mut self, number: usize, now: Timestamp) -> bool {
        let Some(record) = self.state.automation.get(number) else {
            return false;
        };
        let changed = match &record.work {
            Work::Locations { .. } => false,
            Work::Targets { .. } => self.run_targets(number, now),
            Work::Steps {
                command: Some(command),
                ..
            } => {
                let command = *command;
                self.end_step(number, command, now)
            }
            Work::Steps { command: None, .. } => self.start_step(number, now),
        };
        self.record_execution(number, now);
        let automation = &mut self.state.automation;
        if automation.get(number).is_some_and(ExecutionRecord::is_over) {
            automation.active.remove(&number);
        }
        changed
    }

    /// Starts the next step, or ends the execution after the last one.
    fn start_step(&mut self, number: usize, now: Timestamp) -> bool {
        let Some(record) = self.state.automation.get_mut(number) else {
            return false;
        };
        match record.status() {
            Status::InProgress => {}
            // In interactive mode each step waits for a signal, which this backend does not have.
            Status::Waiting => return false,
            _ => {
                cancel_waiting(record);
                record.end(Status::Cancelled, None, now);
                return true;
            }
        }
        let next = record
            .steps
            .iter()
            .position(|step| step.step_status == Some(Status::Pending));
        let Some(index) = next else {
            let outputs = outputs(record);
            record.execution.outputs = Some(outputs);
            record.end(Status::Success, None, now);
            return true;
        };
        let runbook = Arc::clone(&record.runbook);
        let Some(text) = runbook.main_steps.get(index) else {
            return false;
        };
        record.execution.current_step_name = Some(text.name.clone());
        record.execution.current_action = Some(text.action.clone());
        let values = self.values(number);
        let inputs = runbook.render(&text.inputs, &values);
        let step_id = self.state.ids.uuid();
        if let Some(step) = self.step(number, index) {
            step.step_execution_id = Some(step_id);
            step.execution_start_time = Some(now);
            step.step_status = Some(Status::InProgress);
            step.inputs = Some(inputs_as_json(&inputs));
        }
        match self.send_of_step(&text.action, inputs, now) {
            Ok(sent) => {
                let timeout = text.timeout_seconds.unwrap_or(STEP_TIMEOUT);
                let timeout = later(now, SignedDuration::from_secs(timeout));
                self.queue.enter(
                    timeout,
                    Event::StepTimeout {
                        execution: number,
                        command: sent,
                    },
                );
                if let Some(record) = self.state.automation.get_mut(number) {
                    record.work = Work::Steps {
                        command: Some(sent),
                        timed_out: false,
                    };
                }
            }
            Err(message) => self.conclude_step(number, index, Status::Failed, Some(message), now),
        }
        true
    }

    /// Sends the command of a step; the error says why it cannot be sent.
    fn send_of_step(
        &mut self,
        action: &str,
        inputs: Value,
        now: Timestamp,
    ) -> Result<usize, String> {
        if action != RUN_COMMAND {
            return Err(format!(
                "this backend runs {RUN_COMMAND} only, not {action}"
            ));
        }
        let request = command(inputs)?;
        let check = document::check(
            Operation::SendCommand,
            &self.state.documents,
            &request.document_name,
            request.document_version.as_deref(),
            &request.parameters,
        );
        check.map_err(|error| error.to_string())?;
        let nodes = match request.instance_ids.as_slice() {
            [] => self.state.fleet.resolve(&request.targets),
            ids => ids.to_vec(),
        };
        let is_managed = |id| {
            self.state
                .fleet
                .get(id)
                .is_some_and(|node| node.is_managed())
        };
        match nodes.iter().find(|id| !is_managed(id)) {
            Some(unknown) => Err(format!(
                "InvalidInstanceId: {unknown} is not a managed node"
            )),
            None => Ok(self.send(request, nodes, None, now)),
        }
    }

    /// Ends the step whose command has ended.
    fn end_step(&mut self, number: usize, command: usize, now: Timestamp) -> bool {
        let Some(sent) = self.state.commands.get(command) else {
            return false;
        };
        if !sent.is_over() {
            return false;
        }
        let (status, details) = sent.status();
        let (id, at) = (sent.id().to_string(), sent.ended().unwrap_or(now));
        let code = match status {
            CommandStatus::Success => "0",
            _ => "1",
        };
        let Some(record) = self.state.automation.get_mut(number) else {
            return false;
        };
        let timed_out = matches!(
            record.work,
            Work::Steps {
                timed_out: true,
                ..
            }
        );
        let running = |step: &StepExecution| step.step_status == Some(Status::InProgress);
        let Some(index) = record.steps.iter().position(running) else {
            return false;
        };
        record.work = Work::Steps {
            command: None,
            timed_out: false,
        };
        if let Some(step) = record.steps.get_mut(index) {
            step.response_code = Some(code.to_owned());
            step.outputs = Some(Values::from([
                ("CommandId".to_owned(), vec![id.clone()]),
                ("Status".to_owned(), vec![status.to_string()]),
                ("ResponseCode".to_owned(), vec![code.to_owned()]),
            ]));
        }
        let failure = format!("the command {id} ended with the status {details}");
        let (status, failure) = match status {
            _ if timed_out => (
                Status::TimedOut,
                Some("the step ran out of time".to_owned()),
            ),
            CommandStatus::Success => (Status::Success, None),
            CommandStatus::TimedOut => (Status::TimedOut, Some(failure)),
            CommandStatus::Cancelled => (Status::Cancelled, Some(failure)),
            _ => (Status::Failed, Some(failure)),
        };
        self.conclude_step(number, index, status, failure, at);
        true
    }

    /// Writes down how a step ended. One that did not succeed ends the execution, unless its
    /// `onFailure` is `Continue`.
    fn conclude_step(
        &mut self,
        number: usize,
        index: usize,
        status: Status,
        failure: Option<String>,
        now: Timestamp,
    ) {
        let Some(record) = self.state.automation.get_mut(number) else {
            return;
        };
        let Some(step) = record.steps.get_mut(index) else {
            return;
        };
        step.step_status = Some(status.clone());
        step.failure_message.clone_from(&failure);
        step.execution_end_time = Some(now);
        let goes_on = status == Status::Success || step.on_failure.as_deref() == Some("Continue");
        if !goes_on || record.status() == Status::Cancelling {
            let status = match record.status() {
                Status::Cancelling => Status::Cancelled,
                _ => status,
            };
            let name = record
                .steps
                .get(index)
                .and_then(|step| step.step_name.clone());
            let name = name.unwrap_or_default();
            let failure = failure.map(|why| format!("step {name} failed: {why}"));
            cancel_waiting(record);
            let outputs = outputs(record);
            record.execution.outputs = Some(outputs);
            record.end(status, failure, now);
        }
    }

    /// Starts the runbook on more targets, or ends the execution after the last one.
    fn run_targets(&mut self, number: usize, now: Timestamp) -> bool {
        let mut changed = self.note_ended_targets(number);
        while self.start_target(number, now) {
            changed = true;
        }
        let Some(record) = self.state.automation.get_mut(number) else {
            return false;
        };
        let is_stopped = record.status() != Status::InProgress;
        let Work::Targets {
            waiting,
            running,
            failed,
            rate,
        } = &record.work
        else {
            return false;
        };
        let is_exceeded = rate.is_exceeded(*failed);
        if !running.is_empty() || (!is_stopped && !waiting.is_empty() && !is_exceeded) {
            return changed;
        }
        let (status, failure) = match is_exceeded {
            _ if is_stopped => (Status::Cancelled, None),
            true => (
                Status::Failed,
                Some(format!(
                    "{failed} targets failed, more than MaxErrors allows"
                )),
            ),
            false => (Status::Success, None),
        };
        record.end(status, failure, now);
        true
    }

    /// Notes which executions of targets have ended, and says whether one has.
    fn note_ended_targets(&mut self, number: usize) -> bool {
        let automation = &mut self.state.automation;
        let Some(Work::Targets { running, .. }) =
            automation.get_mut(number).map(|record| &mut record.work)
        else {
            return false;
        };
        let mut children = std::mem::take(running);
        let (before, mut more_failed) = (children.len(), 0);
        children.retain(|child| match automation.get(*child) {
            Some(child) if child.is_over() => {
                more_failed += usize::from(!child.status().is_success());
                false
            }
            child => child.is_some(),
        });
        let has_ended = children.len() < before;
        if let Some(record) = automation.get_mut(number)
            && let Work::Targets {
                running, failed, ..
            } = &mut record.work
        {
            *running = children;
            *failed += more_failed;
        }
        has_ended
    }

    /// Starts the runbook on the next target, if the limits admit one more.
    fn start_target(&mut self, number: usize, now: Timestamp) -> bool {
        let Some(record) = self.state.automation.get_mut(number) else {
            return false;
        };
        let is_stopped = record.status() != Status::InProgress;
        let Work::Targets {
            waiting,
            running,
            failed,
            rate,
        } = &mut record.work
        else {
            return false;
        };
        if is_stopped || !rate.admits(running.len(), *failed) {
            return false;
        }
        let Some((target, given)) = waiting.pop_front() else {
            return false;
        };
        let mut values = record.values.clone();
        values.extend(given);
        let mut execution = AutomationExecution::default();
        execution
            .document_name
            .clone_from(&record.execution.document_name);
        execution
            .document_version
            .clone_from(&record.execution.document_version);
        execution
            .executed_by
            .clone_from(&record.execution.executed_by);
        execution.mode.clone_from(&record.execution.mode);
        execution
            .target_parameter_name
            .clone_from(&record.execution.target_parameter_name);
        execution.parent_automation_execution_id = record.id().cloned();
        execution.parameters = Some(values.clone());
        execution.target = Some(target);
        let new = NewExecution {
            execution,
            automation_type: AutomationType::Local,
            tags: Vec::new(),
            runbook: Arc::clone(&record.runbook),
            values,
            work: Work::Steps {
                command: None,
                timed_out: false,
            },
        };
        let child = self.add_execution(new, now);
        if let Some(record) = self.state.automation.get_mut(number)
            && let Work::Targets { running, .. } = &mut record.work
        {
            running.push(child);
        }
        true
    }

    /// Adds an execution, which has not done anything yet.
    fn add_execution(&mut self, new: NewExecution, now: Timestamp) -> usize {
        let mut execution = new.execution;
        execution.automation_execution_id = Some(AutomationExecutionId::new(self.state.ids.uuid()));
        execution.execution_start_time = Some(now);
        execution.outputs = Some(BTreeMap::new());
        let waits = execution.mode == Some(ExecutionMode::Interactive);
        execution.automation_execution_status = Some(match waits {
            true => Status::Waiting,
            false => Status::InProgress,
        });
        let steps = match &new.work {
            Work::Steps { .. } => new.runbook.main_steps.iter().map(step).collect(),
            _ => Vec::new(),
        };
        let number = self.state.automation.add(ExecutionRecord {
            execution,
            steps,
            automation_type: new.automation_type,
            tags: new.tags,
            runbook: new.runbook,
            values: new.values,
            work: new.work,
            announced: Announced::default(),
        });
        self.record_execution(number, now);
        number
    }

    /// Stops an execution: what waits does not start, and unless `complete` what runs is cancelled.
    /// Says whether it was running.
    pub(crate) fn stop_execution(&mut self, number: usize, complete: bool, now: Timestamp) -> bool {
        let Some(record) = self.state.automation.get_mut(number) else {
            return false;
        };
        if record.is_over() {
            return false;
        }
        record.set_status(Status::Cancelling);
        let (command, children) = match &mut record.work {
            Work::Steps { command, .. } => (*command, Vec::new()),
            Work::Targets { running, .. } => (None, running.clone()),
            Work::Locations { completes } => {
                *completes = complete;
                (None, Vec::new())
            }
        };
        self.record_execution(number, now);
        if !complete {
            self.cancel_commands(command.as_slice(), now);
            for child in children {
                self.stop_execution(child, false, now);
            }
        }
        self.run_executions(now);
        true
    }

    /// The time limit of a step is over.
    pub(super) fn time_step_out(&mut self, execution: usize, command: usize, now: Timestamp) {
        let Some(record) = self.state.automation.get_mut(execution) else {
            return;
        };
        match &mut record.work {
            Work::Steps {
                command: Some(running),
                timed_out,
            } if *running == command => {
                *timed_out = true;
            }
            _ => return,
        }
        self.cancel_commands(&[command], now);
    }

    /// What the placeholders of an execution stand for: parameters, outputs of steps, and the account.
    fn values(&self, number: usize) -> Values {
        let Some(record) = self.state.automation.get(number) else {
            return Values::new();
        };
        let mut values = record.values.clone();
        let account = &self.state.account;
        values.insert("global:ACCOUNT_ID".to_owned(), vec![account.id.clone()]);
        values.insert("global:REGION".to_owned(), vec![account.region.clone()]);
        let id = record.id().map(ToString::to_string);
        values.insert(
            "automation:EXECUTION_ID".to_owned(),
            id.into_iter().collect(),
        );
        values.extend(step_outputs(record));
        values
    }

    fn step(&mut self, number: usize, index: usize) -> Option<&mut StepExecution> {
        self.state.automation.get_mut(number)?.steps.get_mut(index)
    }
}

/// A step that has not started.
fn step(text: &crate::memory::store::runbook::Step) -> StepExecution {
    StepExecution {
        step_name: Some(text.name.clone()),
        action: Some(text.action.clone()),
        timeout_seconds: text.timeout_seconds,
        on_failure: text.on_failure.clone(),
        max_attempts: text.max_attempts,
        is_end: text.is_end,
        step_status: Some(Status::Pending),
        overridden_parameters: Some(Values::new()),
        ..StepExecution::default()
    }
}

/// The steps that have not started never will.
fn cancel_waiting(record: &mut ExecutionRecord) {
    let waiting = record.steps.iter_mut();
    for step in waiting.filter(|step| step.step_status == Some(Status::Pending)) {
        step.step_status = Some(Status::Cancelled);
    }
}

/// The outputs of all steps, as `STEP.OUTPUT`.
fn step_outputs(record: &ExecutionRecord) -> Values {
    let mut values = Values::new();
    for step in &record.steps {
        let name = step.step_name.as_deref().unwrap_or_default();
        for (output, value) in step.outputs.iter().flatten() {
            values.insert(format!("{name}.{output}"), value.clone());
        }
    }
    values
}

/// The outputs that the runbook names.
fn outputs(record: &ExecutionRecord) -> Values {
    let all = step_outputs(record);
    let names = record.runbook.outputs.iter().filter_map(Value::as_str);
    names
        .filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())))
        .collect()
}

/// The inputs of a step, each as JSON.
fn inputs_as_json(inputs: &Value) -> BTreeMap<String, String> {
    let members = inputs.as_object().into_iter().flatten();
    members
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect()
}

/// The inputs of `aws:runCommand` as a command. A parameter of the document may be one text.
fn command(mut inputs: Value) -> Result<SendCommand, String> {
    if let Some(Value::Object(parameters)) = inputs.get_mut("Parameters") {
        let given = std::mem::take(parameters);
        let lists = given.into_iter().map(|(name, value)| match value {
            Value::Array(_) => (name, value),
            Value::String(_) => (name, Value::Array(vec![value])),
            other => (name, Value::Array(vec![Value::String(other.to_string())])),
        });
        *parameters = Map::from_iter(lists);
    }
    serde_json::from_value(inputs).map_err(|error| format!("the inputs of {RUN_COMMAND}: {error}"))
}
