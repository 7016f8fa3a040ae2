//! The commands of a wave: sent once, found again, waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future};
use jiff::{SignedDuration, Timestamp};

use super::run::{Driver, repeat};
use super::{CommandProgress, HaltReason, NodeResult, RolloutEventKind, WaveCommand, WavePhase};
use crate::error::{Error, ErrorKind, Result};
use crate::manager::PatchRun;
use crate::operation::{Command, PatchRequest, RunOutcome};
use crate::types::{CommandId, MaxConcurrency, MaxErrors, NodeId, PatchOperation, PingStatus};

/// How often commands that run are asked for.
pub(super) const POLL: SignedDuration = SignedDuration::from_secs(30);

/// The same when events say that they have ended: one may be lost.
const FALLBACK: SignedDuration = SignedDuration::from_mins(5);

/// When to look for a command again: the service lists commands late.
const LOOK_AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// By how much the clocks of this machine and of the service may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// How long a command that may have been sent is only looked for: another run may be sending it.
const TAKE_OVER_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// How long a run that was asked to stop may still take before its nodes count as not ended: the
/// execution timeout of the document's step (AWS-RunPatchBaseline, `StepTimeoutSeconds`).
const STEP_LIMIT: SignedDuration = SignedDuration::from_hours(2);

impl Driver {
    /// Does the next thing of an install: takes up, sends or ends a command, or waits.
    pub(super) async fn install(&mut self, at: usize) -> Result<()> {
        if self.next_to_send(at)?.is_some() || self.is_over_time(at)? || self.is_gate_lost(at)? {
            self.take_over_sent(at).await?;
        }
        if self.is_over_time(at)? {
            self.withhold(at).await?;
            self.cancel(at).await?;
        } else if self.is_gate_lost(at)? {
            self.withhold(at).await?;
        }
        if let Some(number) = self.next_to_send(at)? {
            return self.send(at, number).await;
        }
        let mut waits = false;
        for number in 0..self.wave(at)?.commands.len() {
            let progress = self.command(at, number)?.progress.clone();
            if let CommandProgress::Sent { command_id } = progress {
                waits = true;
                if self.only.as_ref().is_some_and(|only| *only != command_id) {
                    continue;
                }
                if let Some(outcome) = self.ended(at, &command_id).await? {
                    return self.end_command(at, number, &outcome).await;
                }
            }
        }
        if waits {
            let pause = if self.stays { POLL } else { FALLBACK };
            let next = self.now().saturating_add(pause).unwrap_or(Timestamp::MAX);
            self.sleep_until(next).await;
            return Ok(());
        }
        self.wave_mut(at)?.phase = WavePhase::Gating;
        self.save().await
    }

    /// Whether nothing may be sent or go on: the time limit has ended, or the rollout is aborted.
    fn is_over_time(&self, at: usize) -> Result<bool> {
        let (wave, spec) = (self.wave(at)?, self.spec(at)?);
        let started = wave.started.unwrap_or(self.state.begun);
        let limit = started.saturating_add(spec.time_limit);
        Ok(self.is_aborting() || limit.is_ok_and(|limit| self.now() >= limit))
    }

    /// Whether so many nodes have failed that the gate cannot hold. MaxErrors stops one command only,
    /// so what follows it is withheld here.
    fn is_gate_lost(&self, at: usize) -> Result<bool> {
        let (wave, gate) = (self.wave(at)?, &self.spec(at)?.gate);
        let mut results = wave.results.values();
        let has_failed = results.any(|result| matches!(result, NodeResult::Failed { .. }));
        Ok(has_failed && wave.not_succeeded() > gate.tolerated(wave.nodes.len()))
    }

    /// The next command of a lane in which none runs. One that may have been sent comes first.
    fn next_to_send(&mut self, at: usize) -> Result<Option<usize>> {
        let mut busy = BTreeSet::new();
        let commands = &self.wave(at)?.commands;
        for (number, command) in commands.iter().enumerate() {
            match command.progress {
                CommandProgress::Sending { .. } => return Ok(Some(number)),
                CommandProgress::Sent { .. } => drop(busy.insert(command.lane)),
                CommandProgress::Planned | CommandProgress::Ended => {}
            }
        }
        let mut commands = commands.iter();
        Ok(commands.position(|command| {
            command.progress == CommandProgress::Planned && !busy.contains(&command.lane)
        }))
    }

    /// Sends a command, unless it was sent before or its window has closed.
    async fn send(&mut self, at: usize, number: usize) -> Result<()> {
        if let CommandProgress::Sending { since } = self.command(at, number)?.progress {
            if let Some(found) = self.find(at, number, since).await? {
                return self.was_sent(at, number, found, true).await;
            }
            if let Some(later) = self.take_over_at(at, number, since).await? {
                self.sleep_until(later).await;
                return Ok(());
            }
            if self.is_over_time(at)? || self.is_gate_lost(at)? {
                self.command_mut(at, number)?.progress = CommandProgress::Planned;
                return self.withhold(at).await;
            }
        }
        let now = self.now();
        let last = self.spec(at)?.window.last_start();
        if last.is_some_and(|last| now >= last) {
            self.command_mut(at, number)?.progress = CommandProgress::Planned;
            return self.withhold(at).await;
        }
        if self.is_snapshot_expired() {
            self.command_mut(at, number)?.progress = CommandProgress::Planned;
            return self.halt(HaltReason::SnapshotExpired).await;
        }
        if self.state.snapshot_id.is_some() {
            self.state.snapshot_since.get_or_insert(now);
        }
        self.command_mut(at, number)?.progress = CommandProgress::Sending { since: now };
        self.save().await?;
        self.send_marked(at, number, now).await
    }

    /// When a command that another run may be sending can be sent; `None` for now.
    async fn take_over_at(
        &mut self,
        at: usize,
        number: usize,
        since: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let now = self.now();
        // A clock that was ahead may have written it. It would be waited for until then.
        if since > now {
            self.command_mut(at, number)?.progress = CommandProgress::Sending { since: now };
            self.save().await?;
        }
        let later = since.min(now).saturating_add(TAKE_OVER_AFTER);
        Ok(later.ok().filter(|later| *later > now))
    }

    /// Sends a command whose state says that it may have been sent. After an error that leaves this
    /// open it is looked for, and sent again only if it is not there.
    async fn send_marked(&mut self, at: usize, number: usize, since: Timestamp) -> Result<()> {
        for attempt in 1.. {
            if attempt > 1 {
                // Another run may have taken the rollout over in the meantime: then the store refuses.
                let since = self.now();
                self.command_mut(at, number)?.progress = CommandProgress::Sending { since };
                self.save().await?;
            }
            let request = self.request(at, number)?;
            let error = match self.manager.run(&request).await {
                Ok(run) => {
                    let id = run.command_ids().first().cloned().ok_or_else(unsent)?;
                    return self.was_sent(at, number, id, false).await;
                }
                Err(error) => error,
            };
            if may_be_sent(&error) {
                if let Some(found) = self.find(at, number, since).await? {
                    return self.was_sent(at, number, found, true).await;
                }
            } else if error.kind() == ErrorKind::InvalidInput {
                if !self.leave_out_refused(at, number).await? {
                    return Err(error);
                }
                if self.command(at, number)?.progress == CommandProgress::Ended {
                    return Ok(());
                }
                continue;
            } else if !error.is_retryable() {
                return Err(error);
            }
            if attempt >= self.attempts() {
                return Err(error);
            }
            self.pause(attempt).await;
        }
        Ok(())
    }

    fn request(&self, at: usize, number: usize) -> Result<PatchRequest> {
        let (rollout, command) = (&self.state.rollout, self.command(at, number)?);
        let snapshot = self.state.snapshot_id.as_ref().map(ToString::to_string);
        let wave = self.wave(at)?;
        let tolerated = self.spec(at)?.gate.tolerated(wave.nodes.len());
        let tolerated = tolerated.saturating_sub(wave.not_succeeded());
        let request = PatchRequest::with_parameters(rollout.parameters(snapshot))
            .nodes(&command.nodes)
            .comment(&command.comment)
            .max_errors(MaxErrors::Count(
                u32::try_from(tolerated).unwrap_or(u32::MAX),
            ));
        Ok(match &rollout.limit {
            Some(limit) => request.max_concurrency(MaxConcurrency::Count(limit.nodes)),
            None => request,
        })
    }

    async fn was_sent(
        &mut self,
        at: usize,
        number: usize,
        command_id: CommandId,
        was_found: bool,
    ) -> Result<()> {
        let command = self.command_mut(at, number)?;
        let nodes = command.nodes.len();
        command.progress = CommandProgress::Sent {
            command_id: command_id.clone(),
        };
        self.save().await?;
        self.tell_of(
            at,
            match was_found {
                true => RolloutEventKind::CommandFound { command_id, nodes },
                false => RolloutEventKind::CommandSent { command_id, nodes },
            },
        )
    }

    /// The command with this comment, if the service lists it. Commands are listed newest first.
    async fn find(
        &mut self,
        at: usize,
        number: usize,
        since: Timestamp,
    ) -> Result<Option<CommandId>> {
        let comment = self.command(at, number)?.comment.clone();
        // Another machine, whose clock was ahead, may have written `since`.
        let from = earliest(since.min(self.now()));
        for pause in LOOK_AGAIN_AFTER.into_iter().map(Some).chain([None]) {
            if let Some(found) = repeat!(self, self.listed(&comment, from))? {
                return Ok(Some(found));
            }
            if let Some(pause) = pause {
                self.manager.clock().sleep(pause).await;
            }
        }
        Ok(None)
    }

    /// Takes over the commands of a wave that were sent although the state does not know of them: it may be
    /// an older one, as from a backup.
    async fn take_over_sent(&mut self, at: usize) -> Result<()> {
        let is_planned = |command: &WaveCommand| command.progress == CommandProgress::Planned;
        if !self.wave(at)?.commands.iter().any(is_planned) {
            return Ok(());
        }
        let sent_before = match self.sent_before.take() {
            Some(known) => known,
            None => repeat!(self, self.all_listed(at))?,
        };
        let mut found = Vec::new();
        for command in &mut self.wave_mut(at)?.commands {
            if let Some(id) = sent_before
                .get(&command.comment)
                .filter(|_| is_planned(command))
            {
                let (command_id, nodes) = (id.clone(), command.nodes.len());
                command.progress = CommandProgress::Sent {
                    command_id: command_id.clone(),
                };
                found.push(RolloutEventKind::CommandFound { command_id, nodes });
            }
        }
        self.sent_before = Some(sent_before);
        if !found.is_empty() {
            self.save().await?;
        }
        for event in found {
            self.tell_of(at, event)?;
        }
        Ok(())
    }

    /// The commands of this wave and of those after it that the service lists, by their comments.
    async fn all_listed(&self, at: usize) -> Result<BTreeMap<String, CommandId>> {
        let waves = self.state.waves.iter();
        let own: BTreeSet<&str> = waves
            .flat_map(|wave| wave.commands.iter().map(|command| command.comment.as_str()))
            .collect();
        // A state that has a command of a wave has when the wave was started before it. One that has none may
        // be so old that the wave is started again.
        let wave = self.wave(at)?;
        let has_sent = |command: &WaveCommand| command.progress != CommandProgress::Planned;
        let started = wave.started.filter(|_| wave.commands.iter().any(has_sent));
        let from = earliest(started.unwrap_or(self.state.begun).min(self.now()));
        let mut listed = BTreeMap::new();
        let mut commands = self.listed_since(from);
        while let Some(command) = commands.try_next().await? {
            if own.contains(command.comment.as_str()) {
                listed.insert(command.comment, command.command_id);
            }
        }
        Ok(listed)
    }

    async fn listed(&self, comment: &str, from: Timestamp) -> Result<Option<CommandId>> {
        let mut commands = self.listed_since(from);
        while let Some(command) = commands.try_next().await? {
            if command.comment == comment {
                return Ok(Some(command.command_id));
            }
        }
        Ok(None)
    }

    /// The commands that the service dates to this instant or later, newest first.
    fn listed_since(&self, from: Timestamp) -> BoxStream<'static, Result<Command>> {
        let is_older =
            move |command: &Command| command.requested_date_time.is_some_and(|sent| sent < from);
        let commands = self.manager.list_commands();
        commands
            .try_take_while(move |command| future::ok(!is_older(command)))
            .boxed()
    }

    /// Takes the nodes out of a command to which Systems Manager sends none: those that it does not
    /// list, else those that are not online, such as instances that were stopped a moment ago. Returns
    /// whether there were any.
    async fn leave_out_refused(&mut self, at: usize, number: usize) -> Result<bool> {
        let nodes = self.command(at, number)?.nodes.clone();
        let mut gone = Vec::new();
        for status in [None, Some(PingStatus::Online)] {
            let listed = repeat!(self, self.managed(&nodes, status.clone()))?;
            gone = nodes
                .iter()
                .filter(|node| !listed.contains(*node))
                .cloned()
                .collect();
            if !gone.is_empty() {
                break;
            }
        }
        if gone.is_empty() {
            return Ok(false);
        }
        let kept: Vec<NodeId> = nodes
            .into_iter()
            .filter(|node| !gone.contains(node))
            .collect();
        let command = self.command_mut(at, number)?;
        if kept.is_empty() {
            command.progress = CommandProgress::Ended;
        } else {
            command.nodes = kept;
        }
        let results = gone
            .iter()
            .map(|node| (node.clone(), NodeResult::NotManaged));
        self.wave_mut(at)?.results.extend(results);
        self.save().await?;
        self.tell_of(at, RolloutEventKind::NotManaged { nodes: gone })?;
        Ok(true)
    }

    /// The outcome of a command that has ended, or that had the time to.
    async fn ended(&self, at: usize, id: &CommandId) -> Result<Option<RunOutcome>> {
        let run = self.run(id)?;
        match run.wait(Duration::ZERO).await {
            Ok(outcome) => return Ok(Some(outcome)),
            // The wait has ended, and the run goes on.
            Err(error) if error.run().is_some() => {}
            Err(error) => return Err(error),
        }
        let (wave, spec) = (self.wave(at)?, self.spec(at)?);
        let started = wave.started.unwrap_or(self.state.begun);
        let limit = spec.time_limit.saturating_add(STEP_LIMIT);
        let limit = started.saturating_add(limit).unwrap_or(Timestamp::MAX);
        if self.now() < limit {
            return Ok(None);
        }
        repeat!(self, run.outcome()).map(Some)
    }

    fn run(&self, id: &CommandId) -> Result<PatchRun> {
        self.manager
            .resume(PatchOperation::Install, vec![id.clone()])
    }

    /// Records the result of each node of a command.
    async fn end_command(&mut self, at: usize, number: usize, outcome: &RunOutcome) -> Result<()> {
        let command = self.command(at, number)?.clone();
        let CommandProgress::Sent { command_id } = command.progress else {
            return Ok(());
        };
        let result = |node: &NodeId| {
            let command_id = command_id.clone();
            let found = outcome.nodes.iter().find(|found| found.node == *node);
            match found {
                Some(found) if found.is_success() => NodeResult::Succeeded { command_id },
                Some(found) if found.status.is_terminal() => NodeResult::Failed {
                    command_id,
                    status: found.status_details.clone(),
                },
                _ => NodeResult::NotEnded { command_id },
            }
        };
        let results: Vec<_> = command
            .nodes
            .iter()
            .map(|node| (node.clone(), result(node)))
            .collect();
        let succeeded = results
            .iter()
            .filter(|(_, result)| result.is_success())
            .count();
        let nodes = results.len();
        self.wave_mut(at)?.results.extend(results);
        self.command_mut(at, number)?.progress = CommandProgress::Ended;
        self.save().await?;
        self.tell_of(at, RolloutEventKind::CommandEnded { succeeded, nodes })
    }

    /// Sends no further command of a wave.
    async fn withhold(&mut self, at: usize) -> Result<()> {
        let wave = self.wave_mut(at)?;
        let mut is_changed = false;
        for command in &mut wave.commands {
            if command.progress == CommandProgress::Planned {
                command.progress = CommandProgress::Ended;
                let nodes = command.nodes.iter().cloned();
                let results = nodes.map(|node| (node, NodeResult::NotSent));
                wave.results.extend(results);
                is_changed = true;
            }
        }
        match is_changed {
            true => self.save().await,
            false => Ok(()),
        }
    }

    /// Asks the commands of a wave to stop, once.
    async fn cancel(&mut self, at: usize) -> Result<()> {
        let wave = self.wave(at)?;
        if wave.cancelled {
            return Ok(());
        }
        let is_sent = |command: &WaveCommand| match &command.progress {
            CommandProgress::Sent { command_id } => Some(command_id.clone()),
            _ => None,
        };
        // One that may have been sent is found first.
        let is_unclear =
            |command: &WaveCommand| matches!(command.progress, CommandProgress::Sending { .. });
        if wave.commands.iter().any(is_unclear) {
            return Ok(());
        }
        let sent: Vec<CommandId> = wave.commands.iter().filter_map(is_sent).collect();
        for id in &sent {
            repeat!(self, self.run(id)?.cancel())?;
        }
        self.wave_mut(at)?.cancelled = true;
        self.save().await
    }

    /// Whether the service would make another snapshot under the rollout's id.
    pub(super) fn is_snapshot_expired(&self) -> bool {
        let since = self.state.snapshot_since;
        let ends = since.and_then(|since| since.checked_add(super::state::SNAPSHOT_LIFE).ok());
        ends.is_some_and(|ends| self.now() >= ends)
    }

    fn command(&self, at: usize, number: usize) -> Result<&WaveCommand> {
        self.wave(at)?.commands.get(number).ok_or_else(unsent)
    }

    fn command_mut(&mut self, at: usize, number: usize) -> Result<&mut WaveCommand> {
        let commands = &mut self.wave_mut(at)?.commands;
        commands.get_mut(number).ok_or_else(unsent)
    }
}

/// When the service can have dated what a machine dates to this instant.
fn earliest(instant: Timestamp) -> Timestamp {
    instant.saturating_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN)
}

fn unsent() -> Error {
    Error::new(ErrorKind::InvalidResponse, "a run without a command")
}

/// Whether the command may have been sent although there is no answer.
fn may_be_sent(error: &Error) -> bool {
    error.may_have_taken_effect()
        || matches!(
            error.kind(),
            ErrorKind::Timeout
                | ErrorKind::Connection
                | ErrorKind::ServiceFailure
                | ErrorKind::InvalidResponse
        )
}
