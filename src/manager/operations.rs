use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::PatchManager;
use super::pages::{check, pages};
use crate::backend::{CancelCommand, GetCommandInvocation, ListCommandInvocations, ListCommands};
use crate::clock::Clock;
use crate::compliance::InstancePatchState;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::operation::{
    Command, CommandFilter, CommandInvocation, CommandInvocationDetail, FIRST_DELAY, NodeOutcome,
    PatchRequest, RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS, RunOutcome, next_delay,
};
use crate::progress::{self, Told};
use crate::telemetry::{progress, verb, verb_stream};
use crate::types::{CommandId, CompletedStep, NodeId, PatchOperation, StartedRun};

/// A started run: wait for it, read its status, or cancel it.
///
/// It is a manager and a [`StartedRun`], which is plain data. If it is dropped, the run goes on.
/// [`PatchManager::resume`] makes it again from the command ids.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct PatchRun {
    #[serde(skip)]
    pub(super) manager: PatchManager,
    pub(super) started: StartedRun,
}

/// Scan and Install now.
impl PatchManager {
    /// Starts a Scan or an Install.
    ///
    /// For more than 50 node ids it sends several commands. SendCommand has no client token: a
    /// repeated call is a second run. If nodes may already be patched after an error, the error
    /// [says so](Error::may_have_taken_effect) and is not retryable.
    ///
    /// Calls SendCommand with the document AWS-RunPatchBaseline.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let request = PatchRequest::scan().nodes(["i-0c0ffee0000000001", "i-0c0ffee0000000002"]);
    /// let run = manager.run(&request).await?;
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// assert!(outcome.is_success());
    /// println!("{outcome}");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`], before any call, with all violations of the request.
    /// [`ErrorKind::Incomplete`] if some commands were sent before one failed: [`Error::run`] has
    /// them, for [`resume`](Self::resume). [`ErrorKind::InvalidInput`] also for a node id that
    /// Systems Manager does not manage. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). After an error that [may have taken
    /// effect](crate::Error::may_have_taken_effect) the run may have begun: look for it in
    /// [`list_commands`](Self::list_commands) before running it again.
    pub async fn run(&self, request: &PatchRequest) -> Result<PatchRun> {
        verb!(run(operation = request.operation().as_str()), async {
            let mut sent = StartedRun::new(request.operation().clone(), Vec::new());
            for command in request.commands()? {
                match self.backends.commands.send_command(command).await {
                    Ok(command) => {
                        progress!("a command", command = command.command_id.as_str());
                        sent.command_ids.push(command.command_id);
                    }
                    Err(error) if sent.command_ids.is_empty() => return Err(error),
                    Err(error) => {
                        let step = |command_id| CompletedStep::CommandSent { command_id };
                        let done = sent.command_ids.iter().cloned().map(step).collect();
                        let stopped = Error::incomplete(done, error).with_unknown_effect();
                        return Err(stopped.with_run(sent));
                    }
                }
            }
            Ok(self.taken_up(sent))
        })
    }

    /// Resumes a run from its command ids, even in another process. Makes no call.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::types::{CommandId, PatchOperation};
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// let kept: Vec<String> = run.command_ids().iter().map(ToString::to_string).collect();
    ///
    /// // In another process, later:
    /// let ids = kept.into_iter().map(CommandId::new).collect();
    /// let run = manager.resume(PatchOperation::Scan, ids)?;
    /// assert!(run.wait(Duration::from_secs(2 * 3600)).await?.is_success());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] without an id, or for a malformed one.
    pub fn resume(&self, operation: PatchOperation, commands: Vec<CommandId>) -> Result<PatchRun> {
        let mut found = Violations::new();
        found.require(!commands.is_empty(), "CommandId", "", "at least one id");
        for id in &commands {
            found.identifier(id);
        }
        let started = StartedRun::new(operation, commands);
        found.or("ListCommands", self.taken_up(started))
    }

    fn taken_up(&self, started: StartedRun) -> PatchRun {
        let manager = self.clone();
        PatchRun { manager, started }
    }

    /// Every command of the last 30 days, newest first, a page at a time.
    ///
    /// Calls ListCommands.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// let commands: Vec<_> = manager.list_commands().try_collect().await?;
    /// assert_eq!(commands[0].document_name, "AWS-RunPatchBaseline");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_commands(&self) -> BoxStream<'static, Result<Command>> {
        verb_stream!(
            list_commands(),
            pages(&self.backends.commands, 50, |runner, page| async move {
                runner.list_commands(ListCommands::all(page)).await
            })
        )
    }

    fn command(&self, id: &CommandId) -> BoxStream<'static, Result<Command>> {
        let id = id.clone();
        pages(&self.backends.commands, 50, move |runner, page| {
            let mut request = ListCommands::of(id.clone());
            request.page = page;
            async move { runner.list_commands(request).await }
        })
    }

    /// One step of a command on one node, with up to 24,000 characters of its output.
    ///
    /// Calls GetCommandInvocation.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// let node = outcome.nodes.first().ok_or("no node")?;
    /// let step = node.step.as_deref();
    /// let detail = manager.invocation(&node.command_id, &node.node, step).await?;
    /// assert_eq!(detail.response_code, 0);
    /// println!("{}", detail.standard_output_content);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such command. [`ErrorKind::NotYet`] if it has not reached this node yet, as
    /// right after it was sent. [`ErrorKind::InvalidInput`] for a step that the document does not
    /// have. It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn invocation(
        &self,
        command: &CommandId,
        node: &NodeId,
        step: Option<&str>,
    ) -> Result<CommandInvocationDetail> {
        verb!(
            invocation(command = command.as_str(), node = node.as_str()),
            async {
                let mut found = Violations::new();
                found.identifier(command);
                found.identifier(node);
                found.or("GetCommandInvocation", ())?;
                let mut request = GetCommandInvocation::new(command, node);
                request.plugin_name = step.map(str::to_owned);
                self.backends.commands.get_command_invocation(request).await
            }
        )
    }

    /// The last failed run of a patch document on a node, in the 30 days that the service stores.
    /// Its output says why a patch could not be installed.
    ///
    /// Calls ListCommandInvocations, a page at a time until there is one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = NodeId::new("i-0123456789abcdef0");
    /// account.add_node(FleetNode::windows_server_2022(node.clone()));
    /// account.fail_patch(&node, "KB5090017")?;
    /// account.advance(Duration::from_hours(7 * 24));
    /// let run = manager.run(&PatchRequest::install().nodes([node.clone()])).await?;
    /// run.wait(Duration::from_secs(4 * 3600)).await?;
    /// let failed = manager.last_failed_run(&node).await?.ok_or("no run failed")?;
    /// println!("{node}: {}", failed.error_text());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call, and for a node that Systems
    /// Manager does not manage. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn last_failed_run(&self, node: &NodeId) -> Result<Option<NodeOutcome>> {
        verb!(last_failed_run(node = node.as_str()), async {
            check(node, "ListCommandInvocations")?;
            let node = node.clone();
            let failed = CommandFilter::status("Failed");
            let mut runs = pages(&self.backends.commands, 50, move |runner, page| {
                let request = ListCommandInvocations {
                    command_id: None,
                    instance_id: Some(node.clone()),
                    details: true,
                    filters: vec![failed.clone()],
                    page,
                };
                async move { runner.list_command_invocations(request).await }
            });
            while let Some(run) = runs.try_next().await? {
                let document = run.document_name.as_str();
                if [RUN_PATCH_BASELINE, RUN_PATCH_BASELINE_WITH_HOOKS].contains(&document) {
                    return Ok(Some(NodeOutcome::new(run)));
                }
            }
            Ok(None)
        })
    }

    async fn invocations(&self, command: &CommandId) -> Result<Vec<CommandInvocation>> {
        let command = command.clone();
        pages(&self.backends.commands, 50, move |runner, page| {
            let request = ListCommandInvocations::of(command.clone()).with_page(page);
            async move { runner.list_command_invocations(request).await }
        })
        .try_collect()
        .await
    }
}

impl PatchRun {
    /// The commands of the run: one, one for each 50 node ids, or one for each key of a patch group.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// assert_eq!(run.command_ids().len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn command_ids(&self) -> &[CommandId] {
        &self.started.command_ids
    }

    /// The commands with their current status and counters.
    ///
    /// Calls ListCommands for each.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// for command in run.status().await? {
    ///     println!("{}: {} of {}", command.status, command.completed_count, command.target_count);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotYet`] if a command was just sent and is not listed yet.
    /// [`ErrorKind::NotFound`] for a command id that the account does not have. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet).
    pub async fn status(&self) -> Result<Vec<Command>> {
        verb!(
            run_status(operation = self.started.operation.as_str()),
            async {
                let mut commands = Vec::with_capacity(self.command_ids().len());
                for id in self.command_ids() {
                    let command = self.manager.command(id).try_next().await?.ok_or_else(|| {
                        Error::new(ErrorKind::NotYet, "the command is not listed yet")
                            .with_resource(id.as_str())
                    })?;
                    commands.push(command);
                }
                Ok(commands)
            }
        )
    }

    /// Waits until the run has ended on every node, and returns the outcome of each.
    ///
    /// It polls ListCommands, first after 2 seconds and then more rarely, up to every 30 seconds.
    /// At the end it calls ListCommandInvocations and DescribeInstancePatchStates. It repeats a
    /// call that has no answer yet or fails with a retryable error. If the patch states still
    /// cannot be read, the outcome has the data of the invocations and [the
    /// error](RunOutcome::patch_state_error).
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// let early = run.wait(Duration::from_secs(1)).await.err().ok_or("it has ended")?;
    /// assert_eq!(early.kind(), ErrorKind::Timeout);
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// assert_eq!(outcome.failed().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Timeout`] if it has not ended within the time limit. The run goes on: wait
    /// again, or resume it from [`Error::run`]. Only the wait is [retryable](Error::is_retryable),
    /// not the run. Failed nodes are not an error: the outcome has them. [`ErrorKind::NotFound`]
    /// for a command id that the account does not have. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet), but it retries until the time limit if the
    /// error is retryable.
    pub async fn wait(&self, within: Duration) -> Result<RunOutcome> {
        verb!(
            run_wait(operation = self.started.operation.as_str()),
            async {
                let mut poll = Poll::new(&*self.manager.clock, within);
                let mut last = None;
                loop {
                    match self.ended().await? {
                        Some(outcome) if !outcome.may_be_read_later() => return Ok(outcome),
                        so_far => last = so_far.or(last),
                    }
                    if !poll.wait().await {
                        return last.ok_or_else(|| self.timed_out());
                    }
                }
            }
        )
    }

    /// The outcome, if the run has ended. A retryable error counts as not ended.
    pub(super) async fn ended(&self) -> Result<Option<RunOutcome>> {
        match self.read_once().await {
            Err(error) if Error::is_retryable(&error) => Ok(None),
            answer => answer,
        }
    }

    /// The outcome, if every command has ended and every node is listed. The service lists
    /// invocations late.
    pub(super) async fn read_once(&self) -> Result<Option<RunOutcome>> {
        let commands = self.status().await?;
        let targets = total(&commands, |command| command.target_count);
        let completed = total(&commands, |command| command.completed_count);
        let failed = total(&commands, |command| command.error_count);
        progress!(
            "a run",
            nodes = targets,
            completed = completed,
            failed = failed
        );
        let told = Told {
            done: completed,
            known: targets,
            failed,
            is_all: true,
            ..Told::default()
        };
        progress::tell(told, self.manager.clock.now());
        let now = self.manager.clock.now();
        let may_go_on = |one: &Command| !one.status.is_terminal() || one.may_get_targets(now);
        if commands.iter().any(may_go_on) {
            return Ok(None);
        }
        let invocations = self.invocations().await?;
        if invocations.len() < targets {
            return Ok(None);
        }
        self.outcome_of(invocations).await.map(Some)
    }

    async fn invocations(&self) -> Result<Vec<CommandInvocation>> {
        let mut invocations = Vec::new();
        for id in self.command_ids() {
            invocations.extend(self.manager.invocations(id).await?);
        }
        Ok(invocations)
    }

    /// What the run did on one node, without its patch state; `None` if the run does not have it yet.
    #[cfg(feature = "data-sync")]
    pub(crate) async fn on_node(&self, node: &NodeId) -> Result<Option<NodeOutcome>> {
        let mut outcomes = Vec::new();
        for id in self.command_ids() {
            let (id, node) = (id.clone(), node.clone());
            let mut listed = pages(&self.manager.backends.commands, 50, move |runner, page| {
                let mut request = ListCommandInvocations::of(id.clone()).with_page(page);
                request.instance_id = Some(node.clone());
                async move { runner.list_command_invocations(request).await }
            });
            while let Some(invocation) = listed.try_next().await? {
                outcomes.push(NodeOutcome::new(invocation));
            }
        }
        let outcome = RunOutcome::new(self.started.operation.clone(), outcomes);
        Ok(outcome.nodes.into_iter().next())
    }

    async fn outcome_of(&self, invocations: Vec<CommandInvocation>) -> Result<RunOutcome> {
        let nodes = invocations.into_iter().map(NodeOutcome::new).collect();
        let mut outcome = RunOutcome::new(self.started.operation.clone(), nodes);
        let ids = outcome.nodes.iter().map(|node| node.node.clone());
        let mut states = self.manager.states_of(ids.collect());
        let mut read = BTreeMap::new();
        while let Some(state) = states.next().await {
            match state {
                Ok(state) => drop(read.insert(state.instance_id.clone(), state)),
                Err(error) => {
                    outcome.patch_state_error = Some(Arc::new(error));
                    break;
                }
            }
        }
        for node in &mut outcome.nodes {
            let state = read.get(&node.node);
            node.patch_state = state.filter(|state| is_of(state, node)).cloned();
        }
        Ok(outcome)
    }

    pub(super) fn timed_out(&self) -> Error {
        let ids: Vec<_> = self.command_ids().iter().map(CommandId::as_str).collect();
        let message = "the run has not ended within the time limit; it goes on";
        Error::new(ErrorKind::Timeout, message)
            .with_resource(ids.join(", "))
            .with_run(self.started.clone())
    }

    /// The outcome of each node so far, without waiting.
    ///
    /// Calls ListCommandInvocations and DescribeInstancePatchStates. If the second fails, the
    /// outcome has the data of the invocations and [the error](RunOutcome::patch_state_error).
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// for node in run.outcome().await?.nodes {
    ///     println!("{} {}", node.node, node.status);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for a command id that the account does not have. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet).
    pub async fn outcome(&self) -> Result<RunOutcome> {
        verb!(
            run_outcome(operation = self.started.operation.as_str()),
            async {
                let invocations = self.invocations().await?;
                self.outcome_of(invocations).await
            }
        )
    }

    /// Cancels the run on nodes where it has not ended. Best effort: a running step may go on.
    ///
    /// Calls CancelCommand for each command.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::operation::InvocationStatus;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// run.cancel().await?;
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// assert!(outcome.nodes.iter().all(|node| node.status == InvocationStatus::Cancelled));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for a command id that the account does not have. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet). If one command cannot be cancelled,
    /// the later ones are not cancelled either; cancel again to try all of them.
    /// [`ErrorKind::Incomplete`] if some were asked before it.
    pub async fn cancel(&self) -> Result<()> {
        verb!(
            run_cancel(operation = self.started.operation.as_str()),
            async {
                let mut done = Vec::new();
                for id in self.command_ids() {
                    let runner = &self.manager.backends.commands;
                    if let Err(error) = runner.cancel_command(CancelCommand::new(id)).await {
                        return Err(Error::incomplete(done, error));
                    }
                    let command_id = id.clone();
                    done.push(CompletedStep::CommandCancelled { command_id });
                }
                Ok(())
            }
        )
    }
}

fn total(commands: &[Command], counter: impl Fn(&Command) -> u32) -> usize {
    commands
        .iter()
        .map(|command| counter(command) as usize)
        .sum()
}

/// Whether a patch state is from this run and not from an earlier one.
fn is_of(state: &InstancePatchState, node: &NodeOutcome) -> bool {
    node.started
        .is_some_and(|started| state.operation_end_time >= started)
}

/// The reads of something that takes its time: each later than the one before, until a deadline.
pub(super) struct Poll<'c> {
    clock: &'c dyn Clock,
    deadline: Timestamp,
    delay: Duration,
}

impl<'c> Poll<'c> {
    /// The first read is at once.
    pub(super) fn new(clock: &'c dyn Clock, within: Duration) -> Self {
        Self {
            clock,
            deadline: deadline(clock.now(), within),
            delay: FIRST_DELAY,
        }
    }

    /// Waits until the next read; false if the deadline has passed.
    pub(super) async fn wait(&mut self) -> bool {
        let left = self.clock.now().duration_until(self.deadline);
        if left <= SignedDuration::ZERO {
            return false;
        }
        self.clock.sleep(self.delay.min(left.unsigned_abs())).await;
        self.delay = next_delay(self.delay);
        true
    }
}

pub(super) fn deadline(now: Timestamp, within: Duration) -> Timestamp {
    SignedDuration::try_from(within)
        .ok()
        .and_then(|within| now.checked_add(within).ok())
        .unwrap_or(Timestamp::MAX)
}
