//! An execution in several accounts and Regions: which of them starts, and when.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::{EXECUTION_ROLE, Group, Home, Organization};
use crate::automation::{
    AutomationExecution, AutomationExecutionStatus as Status, AutomationType,
    StartAutomationExecution, StepExecution, TargetLocation,
};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::Engine;
use crate::memory::engine::automation::NewExecution;
use crate::memory::operations::automation::{resolve_targets, work_of_targets};
use crate::memory::store::automation::{ExecutionRecord, Work};
use crate::memory::store::runbook::{RunbookText, Values};

/// The action of the steps that start a runbook elsewhere (User Guide, aws:executeAutomation).
const EXECUTE: &str = "aws:executeAutomation";

/// An execution in several accounts and Regions.
#[derive(Debug, Clone)]
pub(super) struct ParentRun {
    home: Home,
    number: usize,
    groups: Vec<Group>,
    places: Vec<Place>,
    /// How far each target location is.
    progress: Vec<Progress>,
    /// The accounts and Regions in which it runs.
    running: BTreeSet<usize>,
    started: Timestamp,
    is_listed: bool,
    /// Nothing more starts.
    is_stopped: bool,
    /// What ran was cancelled.
    is_cancelled: bool,
}

/// How far a target location is.
#[derive(Debug, Clone)]
struct Progress {
    /// The accounts and Regions that have not started.
    waiting: VecDeque<usize>,
    running: usize,
    failed: usize,
}

/// An account and Region in which it runs.
#[derive(Debug, Clone)]
struct Place {
    account: String,
    region: String,
    group: usize,
    state: PlaceState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlaceState {
    Waiting,
    /// The number of the execution there.
    Running(usize),
    Succeeded,
    Failed,
}

/// How an execution in an account and Region ended.
struct End {
    status: Status,
    failure: Option<String>,
    at: Timestamp,
}

impl ParentRun {
    pub(super) fn new(home: Home, number: usize, groups: Vec<Group>, started: Timestamp) -> Self {
        let mut places = Vec::new();
        let mut progress = Vec::new();
        for (group, of) in groups.iter().enumerate() {
            let first = places.len();
            places.extend(of.places.iter().map(|(account, region)| Place {
                account: account.clone(),
                region: region.clone(),
                group,
                state: PlaceState::Waiting,
            }));
            progress.push(Progress {
                waiting: (first..places.len()).collect(),
                running: 0,
                failed: 0,
            });
        }
        Self {
            home,
            number,
            groups,
            places,
            progress,
            running: BTreeSet::new(),
            started,
            is_listed: false,
            is_stopped: false,
            is_cancelled: false,
        }
    }

    /// Lets it go on as far as it gets by `now`, in the order of time, and says whether it has ended.
    pub(super) fn settle(&mut self, organization: &Organization, now: Timestamp) -> bool {
        let Ok(home) = organization.member(&self.home.0, &self.home.1) else {
            return true;
        };
        let mut ended = BTreeSet::new();
        if !self.is_listed {
            self.is_listed = true;
            self.list_steps(home);
            let started = self.started;
            for group in 0..self.groups.len() {
                self.start_places(organization, home, group, started, now, &mut ended);
            }
        }
        for index in &self.running {
            self.note_end(organization, *index, now, &mut ended);
        }
        let stop = self.in_parent(home, |record| {
            let is_stopped = record.status() == Status::Cancelling;
            let completes = matches!(record.work, Work::Locations { completes: true });
            is_stopped.then_some(completes)
        });
        if let Some(completes) = stop.flatten() {
            self.is_stopped = true;
            // A stop that cancels can follow one that lets the running ones end.
            if !completes && !self.is_cancelled {
                self.is_cancelled = true;
                self.stop_places(organization, now, &mut ended);
            }
        }
        while let Some((at, index)) = ended.pop_first() {
            self.conclude(organization, home, index, at);
            if let Some(place) = self.places.get(index) {
                let group = place.group;
                self.start_places(organization, home, group, at, now, &mut ended);
            }
        }
        self.finish(home, now)
    }

    /// Lists a step for each account and Region, which has not started.
    fn list_steps(&self, home: &MemoryBackend) {
        let steps = self.places.iter().map(|place| {
            let mut step = StepExecution {
                step_name: Some(format!("{}_{}", place.account, place.region)),
                action: Some(EXECUTE.to_owned()),
                step_status: Some(Status::Pending),
                ..StepExecution::default()
            };
            let location = TargetLocation {
                accounts: Some(vec![place.account.clone()]),
                regions: Some(vec![place.region.clone()]),
                ..TargetLocation::default()
            };
            step.target_location = Some(location);
            step
        });
        let steps: Vec<_> = steps.collect();
        self.in_parent(home, |record| record.steps = steps);
    }

    /// Starts the next ones of a target location, as many as its limits admit.
    fn start_places(
        &mut self,
        organization: &Organization,
        home: &MemoryBackend,
        group: usize,
        at: Timestamp,
        now: Timestamp,
        ended: &mut BTreeSet<(Timestamp, usize)>,
    ) {
        while !self.is_stopped && self.admits(group) {
            let progress = self.progress.get_mut(group);
            let Some(index) = progress.and_then(|of| of.waiting.pop_front()) else {
                return;
            };
            match self.start_place(organization, home, index, at) {
                Ok(child) => {
                    self.set(index, PlaceState::Running(child));
                    self.note_end(organization, index, now, ended);
                }
                Err(failure) => {
                    self.set(index, PlaceState::Failed);
                    let end = End {
                        status: Status::Failed,
                        failure: Some(failure),
                        at,
                    };
                    self.end_step(home, index, &end, None);
                }
            }
        }
    }

    fn admits(&self, group: usize) -> bool {
        let of = self.groups.get(group).zip(self.progress.get(group));
        of.is_some_and(|(group, of)| group.rate.admits(of.running, of.failed))
    }

    /// Sets the state of an account and Region, and counts it.
    fn set(&mut self, index: usize, state: PlaceState) {
        let Some(place) = self.places.get_mut(index) else {
            return;
        };
        let before = std::mem::replace(&mut place.state, state);
        let Some(progress) = self.progress.get_mut(place.group) else {
            return;
        };
        if let PlaceState::Running(_) = before {
            progress.running -= 1;
            self.running.remove(&index);
        }
        match state {
            PlaceState::Running(_) => {
                progress.running += 1;
                self.running.insert(index);
            }
            PlaceState::Failed => progress.failed += 1,
            PlaceState::Waiting | PlaceState::Succeeded => {}
        }
    }

    /// Starts the runbook in an account and Region; the error says why it cannot start.
    fn start_place(
        &self,
        organization: &Organization,
        home: &MemoryBackend,
        index: usize,
        at: Timestamp,
    ) -> Result<usize, String> {
        let lost = || "the execution was lost".to_owned();
        let place = self.places.get(index).ok_or_else(lost)?;
        let group = self.groups.get(place.group).ok_or_else(lost)?;
        let (account, region) = (place.account.as_str(), place.region.as_str());
        let step_id = home.raw(|engine| engine.state.ids.uuid());
        self.in_step(home, index, |step| {
            step.step_execution_id = Some(step_id);
            step.step_status = Some(Status::InProgress);
            step.execution_start_time = Some(at);
        });
        let role = group
            .location
            .execution_role_name
            .as_deref()
            .unwrap_or(EXECUTION_ROLE);
        let member = organization.enter(account, region, role)?;
        let parent = home
            .raw(|engine| Parent::read(engine, self.number, account))
            .ok_or_else(lost)?;
        if account != self.home.0 && !parent.is_shared {
            let name = parent
                .execution
                .document_name
                .as_deref()
                .unwrap_or_default();
            return Err(format!(
                "the runbook {name} is not shared with account {account}"
            ));
        }
        let child = member.raw(|engine| {
            engine.settle(at);
            let new = parent.child(engine, &group.location, account, role)?;
            let number = engine.start_execution(new, at);
            let record = engine
                .state
                .automation
                .get(number)
                .and_then(ExecutionRecord::id);
            Ok::<_, String>((number, record.map(ToString::to_string).unwrap_or_default()))
        });
        let (child, id) = child?;
        self.in_step(home, index, |step| {
            step.outputs = Some(Values::from([("ExecutionId".to_owned(), vec![id])]));
        });
        Ok(child)
    }

    /// The execution that runs in an account and Region, and the backend there.
    fn running<'o>(
        &self,
        organization: &'o Organization,
        index: usize,
    ) -> Option<(usize, &'o MemoryBackend)> {
        let place = self.places.get(index)?;
        let PlaceState::Running(child) = place.state else {
            return None;
        };
        let member = organization.member(&place.account, &place.region);
        Some((child, member.ok()?))
    }

    /// Notes the end of a running one, if it has ended by `now`.
    fn note_end(
        &self,
        organization: &Organization,
        index: usize,
        now: Timestamp,
        ended: &mut BTreeSet<(Timestamp, usize)>,
    ) {
        let Some((child, member)) = self.running(organization, index) else {
            return;
        };
        let at = member.raw(|engine| {
            engine.settle(now);
            engine
                .state
                .automation
                .get(child)?
                .execution
                .execution_end_time
        });
        ended.extend(at.map(|at| (at, index)));
    }

    /// Stops the running ones.
    fn stop_places(
        &self,
        organization: &Organization,
        now: Timestamp,
        ended: &mut BTreeSet<(Timestamp, usize)>,
    ) {
        for index in &self.running {
            if let Some((child, member)) = self.running(organization, *index) {
                member.raw(|engine| engine.stop_execution(child, false, now));
                self.note_end(organization, *index, now, ended);
            }
        }
    }

    /// Writes down how a running one ended.
    fn conclude(
        &mut self,
        organization: &Organization,
        home: &MemoryBackend,
        index: usize,
        at: Timestamp,
    ) {
        let Some((child, member)) = self.running(organization, index) else {
            return;
        };
        let read = member.raw(|engine| {
            let record = engine.state.automation.get(child)?;
            let id = record.id()?.to_string();
            Some((
                id,
                record.status(),
                record.execution.failure_message.clone(),
            ))
        });
        let Some((id, status, failure)) = read else {
            return;
        };
        self.set(
            index,
            match status.is_success() {
                true => PlaceState::Succeeded,
                false => PlaceState::Failed,
            },
        );
        let end = End {
            status,
            failure,
            at,
        };
        self.end_step(home, index, &end, Some(id));
    }

    fn end_step(&self, home: &MemoryBackend, index: usize, end: &End, child: Option<String>) {
        self.in_step(home, index, |step| {
            let mut outputs = Values::from([("Status".to_owned(), vec![end.status.to_string()])]);
            outputs.extend(child.map(|id| ("ExecutionId".to_owned(), vec![id])));
            step.outputs = Some(outputs);
            step.step_status = Some(end.status.clone());
            step.failure_message.clone_from(&end.failure);
            step.execution_end_time = Some(end.at);
        });
    }

    /// Ends it when nothing runs and nothing more starts, and says whether it has ended.
    fn finish(&self, home: &MemoryBackend, now: Timestamp) -> bool {
        if !self.running.is_empty() {
            return false;
        }
        let groups = self.groups.iter().zip(&self.progress);
        let exceeded: usize = groups
            .filter(|(group, of)| group.rate.is_exceeded(of.failed))
            .map(|(_, of)| of.failed)
            .sum();
        let (status, failure) = match (self.is_stopped, exceeded) {
            (true, _) => (Status::Cancelled, None),
            (false, 0) => (Status::Success, None),
            (false, failed) => {
                let all = self.places.len();
                let message = format!(
                    "{failed} of {all} accounts and Regions failed, more than TargetLocationMaxErrors allows"
                );
                (Status::Failed, Some(message))
            }
        };
        self.in_parent(home, |record| {
            let last = record
                .steps
                .iter()
                .filter_map(|step| step.execution_end_time)
                .max();
            for step in &mut record.steps {
                if step.step_status == Some(Status::Pending) {
                    step.step_status = Some(Status::Cancelled);
                    let why = "not started: the execution ended before";
                    step.failure_message = Some(why.to_owned());
                }
            }
            record.end(
                status,
                failure,
                last.filter(|_| !self.is_cancelled).unwrap_or(now),
            );
        });
        true
    }

    fn in_parent<T>(
        &self,
        home: &MemoryBackend,
        act: impl FnOnce(&mut ExecutionRecord) -> T,
    ) -> Option<T> {
        let now = home.clock().now();
        home.raw(|engine| {
            let answer = engine.state.automation.get_mut(self.number).map(act);
            engine.record_execution(self.number, now);
            answer
        })
    }

    fn in_step(&self, home: &MemoryBackend, index: usize, act: impl FnOnce(&mut StepExecution)) {
        self.in_parent(home, |record| {
            if let Some(step) = record.steps.get_mut(index) {
                act(step);
            }
        });
    }
}

/// What the executions elsewhere take from their parent.
struct Parent {
    execution: AutomationExecution,
    id: String,
    account: String,
    runbook: Arc<RunbookText>,
    values: Values,
    /// Whether its runbook is shared with the account.
    is_shared: bool,
}

impl Parent {
    fn read(engine: &Engine, number: usize, account: &str) -> Option<Self> {
        let record = engine.state.automation.get(number)?;
        let execution = record.execution.clone();
        let name = execution.document_name.as_deref().unwrap_or_default();
        let document = engine.state.documents.get(name)?;
        Some(Self {
            id: record.id()?.to_string(),
            account: engine.state.account.id.clone(),
            runbook: Arc::clone(&record.runbook),
            values: record.values.clone(),
            is_shared: [account, "all"]
                .iter()
                .any(|shared| document.shares.contains_key(*shared)),
            execution,
        })
    }

    /// The execution in an account and Region, with the targets there.
    fn child(
        &self,
        engine: &Engine,
        location: &TargetLocation,
        account: &str,
        role: &str,
    ) -> Result<NewExecution, String> {
        let parent = &self.execution;
        let mut execution = AutomationExecution {
            document_name: parent.document_name.clone(),
            document_version: parent.document_version.clone(),
            mode: parent.mode.clone(),
            parameters: Some(self.values.clone()),
            parent_automation_execution_id: Some(self.id.as_str().into()),
            executed_by: Some(format!(
                "arn:aws:sts::{account}:assumed-role/{role}/{}",
                self.account
            )),
            ..AutomationExecution::default()
        };
        let targets = location.targets.as_ref().or(parent.targets.as_ref());
        let targets = targets.filter(|targets| !targets.is_empty());
        let maps = parent.target_maps.as_deref().unwrap_or_default();
        let work = match targets {
            None if maps.is_empty() => Work::Steps {
                command: None,
                timed_out: false,
            },
            _ => {
                let targets = targets.map(Vec::as_slice).unwrap_or_default();
                let targeted = parent.target_parameter_name.as_deref();
                let waiting = resolve_targets(&engine.state, targets, targeted, maps);
                let waiting = waiting.map_err(|error| error.to_string())?;
                let limits = StartAutomationExecution {
                    max_concurrency: location.targets_max_concurrency.or(parent.max_concurrency),
                    max_errors: location.targets_max_errors.or(parent.max_errors),
                    ..StartAutomationExecution::default()
                };
                let (resolved, work) = work_of_targets(waiting, &limits);
                execution.resolved_targets = Some(resolved);
                execution.targets = Some(targets.to_vec());
                execution
                    .target_parameter_name
                    .clone_from(&parent.target_parameter_name);
                work
            }
        };
        Ok(NewExecution {
            execution,
            automation_type: AutomationType::Local,
            tags: Vec::new(),
            runbook: Arc::clone(&self.runbook),
            values: self.values.clone(),
            work,
        })
    }
}
