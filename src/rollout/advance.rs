//! A rollout that is carried out by a function that does not stay: it advances at an event or by a schedule.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::run::RolloutRun;
use super::{CommandProgress, RolloutEvent, RolloutState};
use crate::error::Result;
use crate::event::{Event, EventDetail, EventKind, EventPattern};
use crate::telemetry::verb;
use crate::types::CommandId;

/// How far a rollout has come until it has to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RolloutProgress {
    /// What happened.
    pub events: Vec<RolloutEvent>,
    /// When to advance it again if no event comes before; `None` if it is at rest: completed, aborted,
    /// halted or paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// The state, as it was saved last.
    pub state: RolloutState,
}

/// Such as `running, again at 2026-06-07T02:05:00Z`.
impl fmt::Display for RolloutProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.status.fmt(f)?;
        match self.next {
            Some(next) => write!(f, ", again at {next}"),
            None => Ok(()),
        }
    }
}

/// Carrying a rollout out by events.
impl RolloutRun {
    /// Advances the rollout as far as it goes without a wait, and saves each new state.
    ///
    /// It never waits for a window, a command, a node or a bake time: it returns when to come again. Call
    /// it by a schedule, such as every 5 minutes, and for events [`advance_on`](Self::advance_on). A
    /// retryable error is repeated for 6 seconds.
    ///
    /// Calls what [`events`](Self::events) calls.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::rollout::{InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, Wave};
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    /// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
    /// let store = InMemoryRolloutStore::new();
    /// let mut progress = RolloutRun::new(&manager, state, store.clone()).advance().await?;
    /// while let Some(next) = progress.next {
    ///     account.advance_to(next);
    ///     let state = store.last().ok_or("nothing was saved")?;
    ///     progress = RolloutRun::new(&manager, state, store.clone()).advance().await?;
    /// }
    /// assert!(progress.state.outcome().is_completed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events). The store has how far it came.
    pub async fn advance(self) -> Result<RolloutProgress> {
        let mut driver = self.driver;
        driver.stays = false;
        verb!(
            rollout_advance(
                rollout = driver.state.rollout.name.as_str(),
                id = driver.state.id.as_str()
            ),
            async {
                let mut events = Vec::new();
                while let Some(event) = driver.next_event().await? {
                    events.push(event);
                }
                Ok(RolloutProgress {
                    events,
                    next: driver.next,
                    state: driver.state,
                })
            }
        )
    }

    /// Advances the rollout if the event [concerns](RolloutState::is_concerned_by) it. Otherwise it makes no
    /// call, saves nothing and returns `None`.
    ///
    /// Of the commands that run, it reads only the one that the event is about. A `Scheduled` event reads all,
    /// as [`advance`](Self::advance) does. Events are best effort, so have a schedule as well as a rule
    /// for [`event_pattern`](Self::event_pattern).
    ///
    /// Only one call at a time may carry out a rollout: give the function a concurrency of 1, or have the
    /// store refuse a [revision](RolloutState::revision) that is not the next one.
    ///
    /// # Errors
    ///
    /// As [`advance`](Self::advance).
    pub async fn advance_on(self, event: &Event) -> Result<Option<RolloutProgress>> {
        let mut run = self;
        verb!(
            rollout_advance_on(
                rollout = run.driver.state.rollout.name.as_str(),
                id = run.driver.state.id.as_str()
            ),
            async {
                if !run.driver.state.is_concerned_by(event) {
                    return Ok(None);
                }
                run.driver.only = event.command_id().cloned();
                run.advance().await.map(Some)
            }
        )
    }

    /// The pattern of the events that [`advance_on`](Self::advance_on) acts on, for one rule for all
    /// rollouts: commands that patch and have ended.
    pub fn event_pattern() -> EventPattern {
        EventPattern::of(EventKind::CommandStatusChange)
            .patch_documents()
            .ended()
    }
}

impl RolloutState {
    /// Whether the rollout may go on by what the event says: one of its commands has ended, or a schedule has
    /// fired. Makes no call.
    pub fn is_concerned_by(&self, event: &Event) -> bool {
        if self.status.is_at_rest() {
            return false;
        }
        match event.detail() {
            EventDetail::Scheduled => true,
            EventDetail::CommandStatusChange(change) => {
                change.status.is_terminal() && self.is_running(&change.command_id)
            }
            _ => false,
        }
    }

    fn is_running(&self, command: &CommandId) -> bool {
        let wave = self.current_wave().and_then(|at| self.waves.get(at));
        let mut commands = wave.into_iter().flat_map(|wave| &wave.commands);
        commands.any(|one| match &one.progress {
            CommandProgress::Sent { command_id } => command_id == command,
            _ => false,
        })
    }
}
