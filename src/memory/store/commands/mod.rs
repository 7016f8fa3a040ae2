mod describe;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::fleet_file::InstalledPackage;
use super::policies::BaselineCopies;
use super::{documents, later};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{
    CloudWatchOutputConfig, Command, CommandStatus, NotificationConfig, SendCommand,
};
use crate::types::{
    CommandId, MaxConcurrency, MaxErrors, NodeId, PatchOperation, PatchPolicyArn, PlatformType,
    RebootOption, SnapshotId,
};

/// How long an invocation stays unknown after its command was sent.
const INVISIBLE: SignedDuration = SignedDuration::from_secs(1);
/// The delivery timeout if none is given (SSM model, `TimeoutSeconds`).
const DELIVERY_SECONDS: u32 = 3600;
/// The execution timeout of the document's step if none is given.
const STEP_SECONDS: u32 = 7200;
/// How many nodes at the same time if nothing is given (SSM model, `MaxConcurrency`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Count(50);

/// The document's parameters, read.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    pub(crate) operation: PatchOperation,
    pub(crate) reboot: RebootOption,
    pub(crate) snapshot: Option<SnapshotId>,
    pub(crate) baseline_override: Option<String>,
    pub(crate) install_override: Option<String>,
    /// Whether it is said to be the run of an association.
    pub(crate) of_association: bool,
    pub(crate) step_timeout: SignedDuration,
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
            of_association: given("AssociationId").is_some(),
            step_timeout: SignedDuration::from_secs(i64::from(seconds.unwrap_or(STEP_SECONDS))),
        }
    }
}

/// That a patch policy sent the command.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRun {
    pub(crate) policy: PatchPolicyArn,
    /// The baselines that it selects by operating system.
    pub(crate) baselines: BTreeMap<String, crate::schedule::SelectedBaseline>,
    /// Those of them that its override file has.
    pub(crate) copies: Arc<BaselineCopies>,
}

/// How far a command has come on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
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
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }

    /// Whether it counts against MaxErrors.
    pub(crate) fn is_error(self) -> bool {
        matches!(self, Self::Failed | Self::ExecutionTimedOut)
    }
}

/// A command on one node.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) node: NodeId,
    pub(crate) node_name: String,
    pub(crate) platform: PlatformType,
    pub(crate) phase: Phase,
    pub(crate) cancelling: bool,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) exit_code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What it did to the node, if it ended there.
    pub(crate) done: Option<Done>,
}

/// What an operation did to a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) installed: Vec<InstalledPackage>,
    pub(crate) failed: Vec<String>,
    pub(crate) rebooted: bool,
}

impl Done {
    /// What it installed: KB numbers, or `name.arch-version` on Linux.
    pub(crate) fn installed_names(&self) -> Vec<String> {
        let names = self.installed.iter().map(|package| {
            let version = [package.version.as_deref(), package.release.as_deref()];
            let version: Vec<&str> = version.into_iter().flatten().collect();
            match version.is_empty() {
                true => package.kb_id(),
                false => format!("{}-{}", package.kb_id(), version.join("-")),
            }
        });
        names.collect()
    }
}

impl Invocation {
    pub(crate) fn waiting(node: NodeId, name: String, platform: PlatformType) -> Self {
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
            done: None,
        }
    }
}

/// How many nodes of a command are in the phases on which it depends what starts next.
#[derive(Debug, Clone, Default)]
struct Tally {
    waiting: usize,
    running: usize,
    errors: usize,
}

impl Tally {
    /// The number that counts a phase, if one does.
    fn of(&mut self, phase: Phase) -> Option<&mut usize> {
        match phase {
            Phase::Waiting => Some(&mut self.waiting),
            Phase::Running => Some(&mut self.running),
            phase => phase.is_error().then_some(&mut self.errors),
        }
    }
}

/// A command and how far it has come.
#[derive(Debug, Clone)]
pub(crate) struct CommandRecord {
    pub(crate) sent: SendCommand,
    pub(crate) id: CommandId,
    pub(crate) requested: Timestamp,
    pub(crate) parameters: Parameters,
    pub(crate) policy: Option<PolicyRun>,
    invocations: Vec<Invocation>,
    by_node: HashMap<NodeId, usize>,
    tally: Tally,
    /// The changes of phase since they were last taken, if they are logged.
    changes: Option<Vec<(usize, Phase, Timestamp)>>,
    /// The last status that an event was recorded for.
    announced: Option<CommandStatus>,
}

impl CommandRecord {
    pub(crate) fn new(
        id: CommandId,
        sent: SendCommand,
        policy: Option<PolicyRun>,
        invocations: Vec<Invocation>,
        requested: Timestamp,
    ) -> Self {
        let nodes = invocations.iter().map(|on| on.node.clone());
        Self {
            id,
            parameters: Parameters::of(&sent),
            sent,
            requested,
            policy,
            by_node: nodes.zip(0..).collect(),
            tally: Tally {
                waiting: invocations.len(),
                ..Tally::default()
            },
            changes: None,
            announced: None,
            invocations,
        }
    }

    /// Logs the changes of phase from now on.
    pub(crate) fn log_changes(&mut self) {
        self.changes = Some(Vec::new());
    }

    /// The changes of phase since the last time: the invocation, its new phase, and when.
    pub(crate) fn take_changes(&mut self) -> Vec<(usize, Phase, Timestamp)> {
        self.changes
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Notes that an event is recorded for a status; whether it is another one than the last.
    pub(crate) fn announce(&mut self, status: CommandStatus) -> bool {
        let is_new = self.announced.as_ref() != Some(&status);
        self.announced = Some(status);
        is_new
    }

    pub(crate) fn id(&self) -> &CommandId {
        &self.id
    }

    /// Whether it patches: any other document leaves patches alone.
    pub(crate) fn patches(&self) -> bool {
        documents::patches(&self.sent.document_name)
    }

    pub(crate) fn invocation(&self, node: &NodeId) -> Option<&Invocation> {
        self.invocations.get(self.index_of(node)?)
    }

    /// Which of its invocations is that on a node.
    pub(crate) fn index_of(&self, node: &NodeId) -> Option<usize> {
        self.by_node.get(node).copied()
    }

    /// What it does on each of its nodes, in the order in which they have their turn.
    pub(crate) fn invocations(&self) -> &[Invocation] {
        &self.invocations
    }

    /// When its invocations can be seen, and start.
    pub(crate) fn visible_from(&self) -> Timestamp {
        later(self.requested, INVISIBLE)
    }

    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        now >= self.visible_from()
    }

    /// How long delivery may take, in seconds.
    pub(crate) fn delivery_seconds(&self) -> u32 {
        self.sent.timeout_seconds.unwrap_or(DELIVERY_SECONDS)
    }

    /// When a node that still cannot be reached is given up.
    pub(crate) fn deadline(&self) -> Timestamp {
        let delivery = SignedDuration::from_secs(i64::from(self.delivery_seconds()));
        later(self.requested, delivery)
    }

    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        now >= self.deadline()
    }

    pub(crate) fn expires(&self) -> Timestamp {
        later(self.deadline(), self.parameters.step_timeout)
    }

    /// How many nodes may run at the same time; never fewer than one.
    fn concurrency(&self) -> usize {
        let limit = self.sent.max_concurrency.unwrap_or(CONCURRENCY);
        limit.of(self.invocations.len()).max(1)
    }

    /// How many more nodes may run it now.
    pub(crate) fn free(&self) -> usize {
        self.concurrency().saturating_sub(self.tally.running)
    }

    pub(crate) fn count(&self, which: impl Fn(Phase) -> bool) -> usize {
        let mut phases = self.invocations.iter().map(|on| on.phase);
        phases.by_ref().filter(|phase| which(*phase)).count()
    }

    /// Whether one more node has failed than is tolerated.
    pub(crate) fn has_too_many_errors(&self) -> bool {
        let limit = self.sent.max_errors.unwrap_or(MaxErrors::Count(0));
        self.tally.errors > limit.of(self.invocations.len())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.tally.waiting + self.tally.running == 0
    }

    /// When the last of its nodes was done.
    pub(crate) fn ended(&self) -> Option<Timestamp> {
        self.invocations.iter().filter_map(|on| on.ended).max()
    }

    /// Cancels it on these nodes, or on all: what waits never starts, what runs is marked.
    pub(crate) fn cancel(&mut self, nodes: &[NodeId], now: Timestamp) {
        let named: Vec<usize> = if nodes.is_empty() {
            (0..self.invocations.len()).collect()
        } else {
            let named = nodes.iter().filter_map(|node| self.by_node.get(node));
            named.copied().collect()
        };
        for index in named {
            let Some(on) = self.invocations.get_mut(index) else {
                continue;
            };
            match on.phase {
                Phase::Waiting => self.end(index, Phase::Cancelled, now),
                Phase::Running => on.cancelling = true,
                _ => {}
            }
        }
    }

    /// All that wait.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        let mut all = Vec::with_capacity(self.tally.waiting);
        if self.tally.waiting > 0 {
            let indices = 0..self.invocations.len();
            all.extend(indices.filter(|index| self.phase(*index) == Some(Phase::Waiting)));
        }
        all
    }

    pub(crate) fn phase(&self, index: usize) -> Option<Phase> {
        self.invocations.get(index).map(|on| on.phase)
    }

    /// Begins it on a node, and says on which.
    pub(crate) fn begin(&mut self, index: usize, now: Timestamp) -> Option<NodeId> {
        let on = self.enter(index, Phase::Running, now)?;
        on.started = Some(now);
        Some(on.node.clone())
    }

    /// Ends it on a node.
    pub(crate) fn end(&mut self, index: usize, phase: Phase, now: Timestamp) {
        if let Some(on) = self.enter(index, phase, now) {
            on.ended = Some(now);
        }
    }

    /// Ends it on a node where it ran, with its exit code, output and errors.
    pub(crate) fn conclude(
        &mut self,
        index: usize,
        exit_code: i32,
        texts: (String, String),
        now: Timestamp,
    ) {
        let Some(on) = self.invocations.get_mut(index) else {
            return;
        };
        on.exit_code = exit_code;
        (on.stdout, on.stderr) = texts;
        let phase = match exit_code {
            _ if on.cancelling => Phase::Cancelled,
            0 => Phase::Success,
            _ => Phase::Failed,
        };
        self.end(index, phase, now);
    }

    /// Notes what an operation did to its node.
    pub(crate) fn note_done(&mut self, index: usize, done: Done) {
        if let Some(on) = self.invocations.get_mut(index) {
            on.done = Some(done);
        }
    }

    /// The one place where a phase changes, so that the tally is right.
    fn enter(&mut self, index: usize, phase: Phase, now: Timestamp) -> Option<&mut Invocation> {
        let on = self.invocations.get_mut(index)?;
        if let Some(count) = self.tally.of(on.phase) {
            *count = count.saturating_sub(1);
        }
        if let Some(count) = self.tally.of(phase) {
            *count += 1;
        }
        on.phase = phase;
        if let Some(changes) = &mut self.changes {
            changes.push((index, phase, now));
        }
        Some(on)
    }

    /// The command without anything that changes.
    pub(crate) fn blank(&self) -> Command {
        let status = CommandStatus::Pending;
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
        command.service_role = self.service_role();
        command.notification_config = self.notifications();
        command.cloud_watch_output_config = self.log_group();
        command
            .alarm_configuration
            .clone_from(&self.sent.alarm_configuration);
        command
    }

    /// The role, and the two members after it, are in every answer, empty if not given (aws-cli#3707).
    fn service_role(&self) -> String {
        self.sent.service_role_arn.clone().unwrap_or_default()
    }

    fn notifications(&self) -> Option<NotificationConfig> {
        Some(self.sent.notification_config.clone().unwrap_or_default())
    }

    fn log_group(&self) -> Option<CloudWatchOutputConfig> {
        let config = self.sent.cloud_watch_output_config.clone();
        Some(config.unwrap_or_default())
    }
}

/// How long a command is kept (User Guide, run-command: the command history is available for 30 days).
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The commands of the last 30 days.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandStore {
    /// By number; those that are forgotten are empty.
    records: Vec<Option<Box<CommandRecord>>>,
    by_id: HashMap<CommandId, usize>,
    /// The number of the first that was never too old.
    oldest: usize,
    /// When old ones were forgotten last.
    cleared: Option<Timestamp>,
    /// Whether none is forgotten, as a forecast needs it.
    pub(crate) keeps_all: bool,
}

impl CommandStore {
    /// Adds a command and returns its number.
    pub(crate) fn add(&mut self, record: CommandRecord) -> usize {
        let number = self.records.len();
        self.by_id.insert(record.id().clone(), number);
        self.records.push(Some(Box::new(record)));
        number
    }

    /// Whether old commands are to be forgotten now: once a day.
    pub(crate) fn is_cleared_at(&self, now: Timestamp) -> bool {
        let since = self.cleared.map(|cleared| cleared.duration_until(now));
        !self.keeps_all && since.is_none_or(|since| since >= SignedDuration::from_hours(24))
    }

    /// Forgets what ended and is too old, but for the last runs of associations, which say how those fare.
    pub(crate) fn forget_until(&mut self, now: Timestamp, last_runs: &HashSet<usize>) {
        self.cleared = Some(now);
        while let Some(oldest) = self.records.get_mut(self.oldest) {
            let is_kept = |record: &CommandRecord| {
                !record.is_over() || record.requested.duration_until(now) <= KEPT_FOR
            };
            match oldest {
                Some(record) if is_kept(record) => return,
                Some(record) if !last_runs.contains(&self.oldest) => {
                    self.by_id.remove(record.id());
                    *oldest = None;
                }
                _ => {}
            }
            self.oldest += 1;
        }
    }

    /// Every command with its number, in the order in which they were sent.
    pub(crate) fn numbered(&self) -> impl DoubleEndedIterator<Item = (usize, &CommandRecord)> {
        let kept = self.records.iter().enumerate();
        kept.filter_map(|(number, record)| Some((number, record.as_deref()?)))
    }

    pub(crate) fn get(&self, number: usize) -> Option<&CommandRecord> {
        self.records.get(number)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut CommandRecord> {
        self.records.get_mut(number)?.as_deref_mut()
    }

    pub(crate) fn find(&self, id: &CommandId) -> Result<usize> {
        self.by_id
            .get(id)
            .copied()
            .ok_or_else(|| no_such_command(id))
    }

    /// The commands that a listing is about, the newest first.
    pub(crate) fn listed(
        &self,
        id: Option<&CommandId>,
        node: Option<&NodeId>,
    ) -> Result<Vec<&CommandRecord>> {
        let only = id.map(|id| self.find(id)).transpose()?;
        Ok(self
            .numbered()
            .rev()
            .filter(|(number, _)| only.is_none_or(|only| only == *number))
            .map(|(_, record)| record)
            .filter(|record| node.is_none_or(|node| record.invocation(node).is_some()))
            .collect())
    }
}

/// Every operation on commands declares this error (SSM API, Errors). Which of them answer it for an id
/// that never was, and not with an empty list, is recorded nowhere.
fn no_such_command(id: &CommandId) -> Error {
    Error::service(ErrorKind::NotFound, "InvalidCommandId", "").with_resource(id.as_str())
}
