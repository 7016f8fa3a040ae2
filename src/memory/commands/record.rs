use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::memory::engine::later;
use crate::operation::{Command, PatchOperation, RebootOption, SendCommand};
use crate::types::{
    CommandId, MaxConcurrency, MaxErrors, NodeId, PatchPolicyArn, PlatformType, SnapshotId,
};

/// How long an invocation stays unknown after its command was sent.
const INVISIBLE: SignedDuration = SignedDuration::from_secs(1);
/// The delivery timeout where none is given (SSM model, `TimeoutSeconds`).
const DELIVERY_SECONDS: u32 = 3600;
/// The execution timeout of the document's step where none is given.
const STEP_SECONDS: u32 = 7200;
/// How many nodes at the same time where nothing is given (SSM model, `MaxConcurrency`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Count(50);

/// The document's parameters, read.
#[derive(Debug, Clone)]
pub(in crate::memory) struct Parameters {
    pub(in crate::memory) operation: PatchOperation,
    pub(in crate::memory) reboot: RebootOption,
    pub(in crate::memory) snapshot: Option<SnapshotId>,
    pub(in crate::memory) baseline_override: Option<String>,
    pub(in crate::memory) install_override: Option<String>,
    pub(in crate::memory) step_timeout: SignedDuration,
}

impl Parameters {
    fn of(request: &SendCommand) -> Self {
        let given = |name| {
            let value = request.parameter(name).filter(|value| !value.is_empty());
            value.map(str::to_owned)
        };
        let seconds = given("StepTimeoutSeconds").and_then(|text| text.parse().ok());
        Self {
            operation: given("Operation").map_or(PatchOperation::Scan, Into::into),
            reboot: given("RebootOption").map_or(RebootOption::RebootIfNeeded, Into::into),
            snapshot: given("SnapshotId").map(SnapshotId::new),
            baseline_override: given("BaselineOverride"),
            install_override: given("InstallOverrideList"),
            step_timeout: SignedDuration::from_secs(i64::from(seconds.unwrap_or(STEP_SECONDS))),
        }
    }
}

/// That a patch policy sent the command.
#[derive(Debug, Clone)]
pub(in crate::memory) struct PolicyRun {
    pub(in crate::memory) policy: PatchPolicyArn,
    /// Its baselines by operating system; AWS's own where empty.
    pub(in crate::memory) baselines: BTreeMap<String, crate::schedule::SelectedBaseline>,
}

/// How far a command has come on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::memory) enum Phase {
    Waiting,
    Running,
    Success,
    Failed,
    Cancelled,
    /// Never started, since too many others had failed.
    Terminated,
    DeliveryTimedOut,
    ExecutionTimedOut,
}

impl Phase {
    pub(in crate::memory) fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }

    /// Whether it counts against MaxErrors.
    pub(in crate::memory) fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::ExecutionTimedOut)
    }
}

/// A command on one node.
#[derive(Debug)]
pub(in crate::memory) struct Invocation {
    pub(in crate::memory) node: NodeId,
    pub(in crate::memory) node_name: String,
    pub(in crate::memory) platform: PlatformType,
    pub(in crate::memory) phase: Phase,
    pub(in crate::memory) cancelling: bool,
    pub(in crate::memory) started: Option<Timestamp>,
    pub(in crate::memory) ended: Option<Timestamp>,
    pub(in crate::memory) exit_code: i32,
    pub(in crate::memory) stdout: String,
    pub(in crate::memory) stderr: String,
}

impl Invocation {
    pub(in crate::memory) fn waiting(node: NodeId, name: String, platform: PlatformType) -> Self {
        Self {
            node,
            node_name: name,
            platform,
            phase: Phase::Waiting,
            cancelling: false,
            started: None,
            ended: None,
            exit_code: -1,
            stdout: String::new(),
            stderr: String::new(),
        }
    }

    pub(in crate::memory) fn end(&mut self, phase: Phase, at: Timestamp) {
        self.phase = phase;
        self.ended = Some(at);
    }
}

/// A command and how far it has come.
#[derive(Debug)]
pub(in crate::memory) struct Record {
    pub(super) sent: SendCommand,
    pub(super) id: CommandId,
    pub(super) requested: Timestamp,
    pub(in crate::memory) parameters: Parameters,
    pub(in crate::memory) policy: Option<PolicyRun>,
    pub(in crate::memory) invocations: Vec<Invocation>,
}

impl Record {
    pub(in crate::memory) fn new(
        id: CommandId,
        sent: SendCommand,
        policy: Option<PolicyRun>,
        invocations: Vec<Invocation>,
        requested: Timestamp,
    ) -> Self {
        Self {
            id,
            parameters: Parameters::of(&sent),
            sent,
            requested,
            policy,
            invocations,
        }
    }

    pub(in crate::memory) fn id(&self) -> &CommandId {
        &self.id
    }

    pub(in crate::memory) fn invocation(&self, node: &NodeId) -> Option<&Invocation> {
        self.invocations.iter().find(|on| on.node == *node)
    }

    /// When its invocations can be seen, and start.
    pub(in crate::memory) fn visible_from(&self) -> Timestamp {
        later(self.requested, INVISIBLE)
    }

    pub(in crate::memory) fn is_visible(&self, now: Timestamp) -> bool {
        now >= self.visible_from()
    }

    /// How long delivery may take, in seconds.
    pub(super) fn delivery_seconds(&self) -> u32 {
        self.sent.timeout_seconds.unwrap_or(DELIVERY_SECONDS)
    }

    /// When a node that still cannot be reached is given up.
    pub(in crate::memory) fn deadline(&self) -> Timestamp {
        let delivery = SignedDuration::from_secs(i64::from(self.delivery_seconds()));
        later(self.requested, delivery)
    }

    pub(super) fn expires(&self) -> Timestamp {
        later(self.deadline(), self.parameters.step_timeout)
    }

    /// How many nodes may run at the same time; never fewer than one.
    pub(in crate::memory) fn concurrency(&self) -> usize {
        let limit = self.sent.max_concurrency.unwrap_or(CONCURRENCY);
        limit.of(self.invocations.len()).max(1)
    }

    pub(in crate::memory) fn running(&self) -> usize {
        self.count(|phase| phase == Phase::Running)
    }

    pub(in crate::memory) fn count(&self, which: impl Fn(Phase) -> bool) -> usize {
        let mut phases = self.invocations.iter().map(|on| on.phase);
        phases.by_ref().filter(|phase| which(*phase)).count()
    }

    /// Whether one more node has failed than is tolerated.
    pub(in crate::memory) fn has_too_many_errors(&self) -> bool {
        let limit = self.sent.max_errors.unwrap_or(MaxErrors::Count(0));
        self.count(Phase::is_error) > limit.of(self.invocations.len())
    }

    pub(in crate::memory) fn is_over(&self) -> bool {
        self.invocations.iter().all(|on| on.phase.is_over())
    }

    /// When the last of its nodes was done.
    pub(in crate::memory) fn ended(&self) -> Option<Timestamp> {
        self.invocations.iter().filter_map(|on| on.ended).max()
    }

    /// Cancels it on these nodes, or on all: what waits never starts, what runs is marked.
    pub(in crate::memory) fn cancel(&mut self, nodes: &[NodeId], now: Timestamp) {
        for on in &mut self.invocations {
            if !nodes.is_empty() && !nodes.contains(&on.node) {
                continue;
            }
            match on.phase {
                Phase::Waiting => on.end(Phase::Cancelled, now),
                Phase::Running => on.cancelling = true,
                _ => {}
            }
        }
    }

    /// The command without anything that changes.
    pub(super) fn blank(&self) -> Command {
        let status = crate::operation::CommandStatus::Pending;
        let mut command = Command::new(self.id.clone(), &self.sent.document_name, status);
        command.document_version = self.sent.document_version.clone().unwrap_or_default();
        command.comment = self.sent.comment.clone().unwrap_or_default();
        command.parameters.clone_from(&self.sent.parameters);
        command.instance_ids.clone_from(&self.sent.instance_ids);
        command.targets.clone_from(&self.sent.targets);
        command.requested_date_time = Some(self.requested);
        command.expires_after = Some(self.expires());
        command.max_concurrency = Some(self.sent.max_concurrency.unwrap_or(CONCURRENCY));
        command.max_errors = Some(self.sent.max_errors.unwrap_or(MaxErrors::Count(0)));
        command.timeout_seconds = Some(self.delivery_seconds());
        command.output_s3_bucket_name = self.sent.output_s3_bucket_name.clone().unwrap_or_default();
        command.output_s3_key_prefix = self.sent.output_s3_key_prefix.clone().unwrap_or_default();
        command
    }
}
