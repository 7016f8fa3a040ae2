//! One operation on one node, from its start to its end.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::install::{Outcome, Task, perform};
use super::overrides::{Overrides, SnapshotKey};
use super::scan::{Approval, Facts, Scanned, scan};
use super::{Engine, Event, output};
use crate::baseline::PatchBaseline;
use crate::compliance::ComplianceExecutionSummary;
use crate::group::PatchGroup;
use crate::memory::store::commands::{Parameters, Phase, PolicyRun};
use crate::memory::store::fleet::Node;
use crate::memory::store::fleet_file::FleetNode;
use crate::memory::store::report::{Finding, Report, Summary};
use crate::memory::store::{State, later};
use crate::types::{BaselineId, NodeId, PatchOperation, SnapshotId};

/// How long it takes to find out that a run cannot be done.
const REFUSAL: SignedDuration = SignedDuration::from_secs(1);

/// How long a document runs that does not patch.
const OTHER: SignedDuration = SignedDuration::from_secs(60);

/// An operation that runs on a node.
#[derive(Debug, Clone)]
pub(super) struct Run {
    command: usize,
    invocation: usize,
    started: Timestamp,
    gives_up: Timestamp,
    work: Work,
}

#[derive(Debug, Clone)]
enum Work {
    /// Cannot be done: it ends with this code and text.
    Refused(Refusal),
    Patching(Patching),
    /// Runs a document that does not patch. It ends well.
    Other,
}

/// Why an operation cannot be done.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    exit_code: i32,
    message: String,
}

/// What was settled when the operation began.
#[derive(Debug, Clone)]
struct Patching {
    task: Task,
    approval: Arc<Approval>,
    /// The id of the baseline, as the report has it.
    baseline_id: BaselineId,
    group: PatchGroup,
    snapshot: SnapshotId,
    /// The URL of the list in the task.
    install_override: Option<String>,
    /// Whether the result becomes the node's report.
    reports: bool,
    execution_type: &'static str,
}

impl Refusal {
    pub(super) fn new(exit_code: i32, message: impl Into<String>) -> Self {
        Self {
            exit_code,
            message: message.into(),
        }
    }

    /// The service gives no snapshot to a version of a system that it does not know
    /// (aws/amazon-ssm-agent#592). It may still know some that the guide no longer lists: nothing
    /// says which, so none is patched here.
    fn of_version(node: &FleetNode) -> Option<Self> {
        let os = &node.operating_system;
        let version = node.instance_information.platform_version.as_deref()?;
        let message = || format!("UnsupportedOperatingSystem: {os} {version} is not patched");
        (os.supports(version) == Some(false)).then(|| Self::new(146, message()))
    }
}

impl Engine {
    /// Begins a command on a node: approval, group and baseline are those of this instant.
    pub(super) fn start(&mut self, command: usize, invocation: usize, now: Timestamp) {
        let Some(record) = self.state.commands.get_mut(command) else {
            return;
        };
        let (parameters, policy) = (record.parameters.clone(), record.policy.clone());
        let patches = record.patches();
        let Some(id) = record.begin(invocation, now) else {
            return;
        };
        let work = match patches {
            true => match self.prepare(&id, &parameters, policy.as_ref(), now) {
                Ok(patching) => Work::Patching(patching),
                Err(refusal) => Work::Refused(refusal),
            },
            false => Work::Other,
        };
        let lasts = match (&work, self.state.fleet.get(&id)) {
            (Work::Patching(patching), Some(node)) => {
                patching.task.duration(|| self.outcome(node, patching, now))
            }
            (Work::Other, _) => OTHER,
            _ => REFUSAL,
        };
        let gives_up = later(now, parameters.step_timeout);
        let ends = later(now, lasts);
        if ends <= gives_up {
            self.queue.enter(ends, Event::Finish(id.clone()));
        } else {
            self.queue.enter(gives_up, Event::GiveUp(id.clone()));
        }
        let run = Run {
            command,
            invocation,
            started: now,
            gives_up,
            work,
        };
        self.running.insert(id, run);
    }

    fn prepare(
        &mut self,
        id: &NodeId,
        parameters: &Parameters,
        policy: Option<&PolicyRun>,
        now: Timestamp,
    ) -> Result<Patching, Refusal> {
        let overrides = Overrides::of(parameters, policy)?;
        let Some(node) = self.state.fleet.get(id) else {
            return Err(Refusal::new(1, "the node is gone"));
        };
        let os = &node.facts.operating_system;
        let list = overrides.install_list(&self.state.objects, os)?;
        if let Some(refusal) = Refusal::of_version(&node.facts) {
            return Err(refusal);
        }
        let group = PatchGroup::from_service(node.group());
        let snapshot = match &parameters.snapshot {
            Some(given) => given.clone(),
            None => SnapshotId::new(self.state.ids.uuid()),
        };
        let key = SnapshotKey {
            id: snapshot.clone(),
            group: node.group().to_owned(),
            os: node.facts.operating_system.clone(),
        };
        let known = self.snapshots.get(&key, now);
        // A node downloads and checks its override file first; then what the id has frozen wins over it
        // (User Guide, BaselineOverride).
        let overridden = overrides.baseline(&self.state.objects, os)?;
        let (baseline, at) = match (&known, overridden) {
            (Some(known), _) => (Arc::clone(&known.baseline), known.judges_at(now)),
            (None, Some(overridden)) => (Arc::new(overridden), now),
            (None, None) => (self.baseline_for(node, policy)?, now),
        };
        let approvals = &mut self.approvals;
        let approval = approvals.at(baseline, &node.facts, &self.state.catalog, at);
        if known.is_none() {
            self.snapshots.add(key, Arc::clone(&approval.baseline), now);
        }
        // "Random patch baseline IDs": each operation of a policy reports an id of its own that
        // GetPatchBaseline does not know (User Guide, patch-manager-policies).
        let baseline_id = match policy.is_some() || overrides.baseline.is_some() {
            true => BaselineId::new(format!("pb-{}", self.state.ids.hex(17))),
            false => approval.baseline.baseline_id.clone(),
        };
        Ok(Patching {
            baseline_id,
            task: Task {
                operation: parameters.operation.clone(),
                reboot: parameters.reboot.clone(),
                list,
            },
            install_override: overrides.install.map(str::to_owned),
            // Without an association the result of a baseline override is printed only (User Guide).
            reports: overrides.baseline.is_none() || parameters.of_association,
            approval,
            group,
            snapshot,
            execution_type: if policy.is_some() {
                "PatchPolicy"
            } else {
                "Command"
            },
        })
    }

    fn outcome(&self, node: &Node, patching: &Patching, at: Timestamp) -> Outcome {
        let approval = &patching.approval;
        perform(
            &patching.task,
            Facts::of(node),
            &node.facts.failing_patches,
            approval.for_node(node, &self.state.catalog),
            at,
        )
    }

    /// What a scan of a node by this baseline finds, as if it ran at this instant. Nothing is written.
    pub(crate) fn findings_as_of(
        &mut self,
        id: &NodeId,
        baseline: &PatchBaseline,
        at: Timestamp,
    ) -> Vec<Finding> {
        let State { fleet, catalog, .. } = &self.state;
        let Some(node) = fleet.get(id) else {
            return Vec::new();
        };
        let baseline = Arc::new(baseline.clone());
        let approval = self.approvals.at(baseline, &node.facts, catalog, at);
        scan(Facts::of(node), approval.for_node(node, catalog)).findings
    }

    /// Ends the operation on a node and writes down what it did. An operation that lost touch with
    /// its node stays open until its execution timeout.
    pub(super) fn finish(&mut self, id: &NodeId, now: Timestamp) {
        let Some(run) = self.running.remove(id) else {
            return;
        };
        if !self.state.fleet.reaches(id) {
            self.queue.enter(run.gives_up, Event::GiveUp(id.clone()));
            self.running.insert(id.clone(), run);
            return;
        }
        match &run.work {
            Work::Refused(refusal) => {
                let text = format!("{}\n", refusal.message);
                self.conclude(&run, refusal.exit_code, (String::new(), text), now);
            }
            Work::Other => self.conclude(&run, 0, <(String, String)>::default(), now),
            Work::Patching(patching) => {
                let Some(node) = self.state.fleet.get(id) else {
                    return;
                };
                let mut outcome = self.outcome(node, patching, now);
                let done = outcome.done();
                let scanned = std::mem::take(&mut outcome.scanned);
                let report = self.report(node, &run, patching, scanned, now);
                let exit_code = i32::from(!done.failed.is_empty());
                let texts = output::of(node, &report, &outcome);
                if let Some(record) = self.state.commands.get_mut(run.command) {
                    record.note_done(run.invocation, done);
                }
                let reports = patching.reports;
                self.write_down(id, outcome, report, reports);
                self.conclude(&run, exit_code, texts, now);
            }
        }
        self.node_freed(id, run.command, now);
    }

    fn report(
        &self,
        node: &Node,
        run: &Run,
        patching: &Patching,
        scanned: Scanned,
        now: Timestamp,
    ) -> Report {
        let no_reboot = patching.task.operation == PatchOperation::Install
            && patching.task.reboot == crate::types::RebootOption::NoReboot;
        let mut execution = ComplianceExecutionSummary::new(now);
        execution.execution_type = Some(patching.execution_type.to_owned());
        let command = self.state.commands.get(run.command);
        execution.execution_id = command.map(|record| record.id().as_str().to_owned());
        Report::new(
            Summary {
                node: node.facts.id(),
                group: &patching.group,
                baseline_id: &patching.baseline_id,
                snapshot: &patching.snapshot,
                install_override: patching.install_override.as_deref(),
                operation: &patching.task.operation,
                reboot: &patching.task.reboot,
                started: run.started,
                ended: now,
                last_no_reboot: if no_reboot {
                    Some(now)
                } else {
                    node.last_no_reboot_install
                },
            },
            Arc::clone(&patching.approval.baseline),
            scanned.findings,
            scanned.not_applicable,
            execution,
        )
    }

    fn write_down(&mut self, id: &NodeId, outcome: Outcome, report: Report, reports: bool) {
        let mut before = None;
        let node = self.state.fleet.get_mut(id);
        if let Some(node) = node.filter(|node| !node.is_opaque) {
            if let Some(installed) = outcome.installed {
                node.facts.installed = installed;
            }
            node.since_boot = outcome.since_boot;
            node.last_no_reboot_install = report.state.last_no_reboot_install_operation_time;
            if reports {
                before = node.report.replace(Arc::new(report));
            }
        }
        if reports {
            self.record_compliance(id, before.as_deref());
        }
    }

    fn conclude(&mut self, run: &Run, exit_code: i32, texts: (String, String), now: Timestamp) {
        if let Some(record) = self.state.commands.get_mut(run.command) {
            record.conclude(run.invocation, exit_code, texts, now);
        }
    }

    /// Ends an operation that never came back. What it did on the node is unknown: nothing here.
    pub(super) fn give_up(&mut self, id: &NodeId, now: Timestamp) {
        if let Some(run) = self.running.remove(id)
            && let Some(record) = self.state.commands.get_mut(run.command)
        {
            record.end(run.invocation, Phase::ExecutionTimedOut, now);
        }
        self.node_changed(id, now);
    }
}
