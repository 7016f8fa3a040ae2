//! The executions of runbooks.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::account::ClientTokens;
use super::runbook::{RunbookText, Values};
use crate::automation::{
    AutomationExecution, AutomationExecutionMetadata, AutomationExecutionStatus, AutomationType,
    ProgressCounters, StartAutomationExecution, StepExecution,
};
use crate::types::{AutomationExecutionId, MaxConcurrency, MaxErrors, Tag};

/// How many parts of an execution run at the same time, and how many may fail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    concurrency: usize,
    errors: usize,
}

impl Rate {
    pub(crate) fn of(
        parts: usize,
        concurrency: Option<MaxConcurrency>,
        errors: Option<MaxErrors>,
        default_concurrency: u32,
    ) -> Self {
        let concurrency = concurrency.unwrap_or(MaxConcurrency::Count(default_concurrency));
        Self {
            concurrency: concurrency.of(parts).max(1),
            errors: errors.unwrap_or(MaxErrors::Count(0)).of(parts),
        }
    }

    /// Whether more parts failed than are tolerated: no other starts.
    pub(crate) fn is_exceeded(&self, failed: usize) -> bool {
        failed > self.errors
    }

    /// Whether one more part can start.
    pub(crate) fn admits(&self, running: usize, failed: usize) -> bool {
        running < self.concurrency && !self.is_exceeded(failed)
    }
}

/// What an execution does.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    /// The steps of its runbook, one after the other. The command is that of the running step.
    Steps {
        command: Option<usize>,
        timed_out: bool,
    },
    /// Its runbook once for each target: the targets that have not started, the executions that run, and
    /// how many have failed.
    Targets {
        waiting: VecDeque<(String, Values)>,
        running: Vec<usize>,
        failed: usize,
        rate: Rate,
    },
    /// Its runbook once in each of several accounts and Regions: the organization carries it out. A
    /// stop that completes lets the running ones end.
    Locations { completes: bool },
}

/// An execution.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionRecord {
    /// As it is described, without its steps.
    pub(crate) execution: AutomationExecution,
    pub(crate) steps: Vec<StepExecution>,
    pub(crate) automation_type: AutomationType,
    pub(crate) tags: Vec<Tag>,
    pub(crate) runbook: Arc<RunbookText>,
    /// The values of all parameters.
    pub(crate) values: Values,
    pub(crate) work: Work,
    /// The statuses that events told: its own, and those of its steps.
    pub(crate) announced: Announced,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Announced {
    pub(crate) execution: Option<AutomationExecutionStatus>,
    pub(crate) steps: Vec<Option<AutomationExecutionStatus>>,
}

impl ExecutionRecord {
    pub(crate) fn id(&self) -> Option<&AutomationExecutionId> {
        self.execution.automation_execution_id.as_ref()
    }

    pub(crate) fn status(&self) -> AutomationExecutionStatus {
        let status = self.execution.automation_execution_status.clone();
        status.unwrap_or(AutomationExecutionStatus::Pending)
    }

    pub(crate) fn set_status(&mut self, status: AutomationExecutionStatus) {
        self.execution.automation_execution_status = Some(status);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.execution.execution_end_time.is_some()
    }

    /// Ends it.
    pub(crate) fn end(
        &mut self,
        status: AutomationExecutionStatus,
        failure: Option<String>,
        now: Timestamp,
    ) {
        self.set_status(status);
        self.execution.failure_message = failure;
        self.execution.execution_end_time = Some(now);
        self.execution.current_step_name = None;
        self.execution.current_action = None;
    }

    /// The execution with the first of its steps.
    pub(crate) fn described(&self, most_steps: usize) -> AutomationExecution {
        let mut described = self.execution.clone();
        let steps = self.steps.iter().take(most_steps).cloned();
        described.step_executions = Some(steps.collect());
        described.step_executions_truncated = Some(self.steps.len() > most_steps);
        if matches!(self.work, Work::Locations { .. }) {
            described.progress_counters = Some(self.counters());
        }
        described
    }

    fn counters(&self) -> ProgressCounters {
        let count = |which: AutomationExecutionStatus| {
            let steps = self.steps.iter();
            let count = steps
                .filter(|step| step.step_status.as_ref() == Some(&which))
                .count();
            Some(u32::try_from(count).unwrap_or(u32::MAX))
        };
        ProgressCounters {
            total_steps: Some(u32::try_from(self.steps.len()).unwrap_or(u32::MAX)),
            success_steps: count(AutomationExecutionStatus::Success),
            failed_steps: count(AutomationExecutionStatus::Failed),
            cancelled_steps: count(AutomationExecutionStatus::Cancelled),
            timed_out_steps: count(AutomationExecutionStatus::TimedOut),
        }
    }

    /// The execution as a listing shows it.
    pub(crate) fn listed(&self) -> AutomationExecutionMetadata {
        let execution = self.execution.clone();
        AutomationExecutionMetadata {
            automation_execution_id: execution.automation_execution_id,
            document_name: execution.document_name,
            document_version: execution.document_version,
            automation_execution_status: execution.automation_execution_status,
            execution_start_time: execution.execution_start_time,
            execution_end_time: execution.execution_end_time,
            executed_by: execution.executed_by,
            log_file: Some(String::new()),
            outputs: execution.outputs,
            mode: execution.mode,
            parent_automation_execution_id: execution.parent_automation_execution_id,
            current_step_name: execution.current_step_name,
            current_action: execution.current_action,
            failure_message: execution.failure_message,
            target_parameter_name: execution.target_parameter_name,
            targets: execution.targets,
            target_maps: execution.target_maps,
            resolved_targets: execution.resolved_targets,
            max_concurrency: execution.max_concurrency,
            max_errors: execution.max_errors,
            target: execution.target,
            automation_type: Some(self.automation_type.clone()),
            alarm_configuration: execution.alarm_configuration,
            ..AutomationExecutionMetadata::default()
        }
    }
}

/// The executions, in the order in which they started.
#[derive(Debug, Clone, Default)]
pub(crate) struct AutomationStore {
    executions: Vec<ExecutionRecord>,
    by_id: HashMap<AutomationExecutionId, usize>,
    children: BTreeMap<AutomationExecutionId, Vec<usize>>,
    /// Those that have not ended and that the account itself carries out.
    pub(crate) active: BTreeSet<usize>,
    pub(crate) tokens: ClientTokens<StartAutomationExecution, AutomationExecutionId>,
}

impl AutomationStore {
    pub(crate) fn add(&mut self, record: ExecutionRecord) -> usize {
        let number = self.executions.len();
        if let Some(id) = record.id() {
            self.by_id.insert(id.clone(), number);
        }
        if let Some(parent) = &record.execution.parent_automation_execution_id {
            self.children
                .entry(parent.clone())
                .or_default()
                .push(number);
        }
        if !record.is_over() && !matches!(record.work, Work::Locations { .. }) {
            self.active.insert(number);
        }
        self.executions.push(record);
        number
    }

    pub(crate) fn get(&self, number: usize) -> Option<&ExecutionRecord> {
        self.executions.get(number)
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut ExecutionRecord> {
        self.executions.get_mut(number)
    }

    pub(crate) fn find(&self, id: &AutomationExecutionId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Every execution, or those that one started, newest first.
    pub(crate) fn listed(
        &self,
        parents: Option<&[String]>,
    ) -> Box<dyn Iterator<Item = &ExecutionRecord> + '_> {
        match parents {
            None => Box::new(self.executions.iter().rev()),
            Some(parents) => {
                let parents = parents
                    .iter()
                    .map(|id| AutomationExecutionId::new(id.as_str()));
                let numbers: BTreeSet<usize> = parents
                    .filter_map(|id| self.children.get(&id))
                    .flatten()
                    .copied()
                    .collect();
                Box::new(
                    numbers
                        .into_iter()
                        .rev()
                        .filter_map(|number| self.get(number)),
                )
            }
        }
    }
}
