use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::control::Request;
use super::{
    GateResult, HaltReason, HealthCheck, RolloutControl, RolloutEvent, RolloutEventKind,
    RolloutOutcome, RolloutState, RolloutStatus, RolloutStore, Wave, WavePhase, WaveState,
};
use crate::error::{Error, Result, Violation};
use crate::manager::PatchManager;
use crate::progress::{Teller, Told};
use crate::telemetry::{verb, verb_stream};
use crate::types::CommandId;

/// How often a call that fails with a retryable error is repeated, and how long the first pause is.
/// Each pause is twice as long as the one before: 15 minutes in total.
const ATTEMPTS: u32 = 9;
/// The same for a run that does not stay: 6 seconds in total. Its caller comes again.
const ATTEMPTS_OF_ADVANCE: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// Repeats a call while it fails with a retryable error.
macro_rules! repeat {
    ($driver:expr, $call:expr) => {{
        let mut attempt = 1;
        loop {
            match $call.await {
                Err(error)
                    if $crate::error::Error::is_retryable(&error)
                        && attempt < $driver.attempts() =>
                {
                    $driver.pause(attempt).await;
                    attempt += 1;
                }
                answer => break answer,
            }
        }
    }};
}

pub(super) use repeat;

/// Carries out a rollout from its state, and saves each new state before and after a write.
///
/// A run can end at any time: paused, at a failed gate, by an error, or because its process died.
/// Make another one from the last saved state, in any process. It looks for a command that may have
/// been sent, by the command's comment, before it sends it: so no node is patched twice in a wave, not even
/// from an older state than the last one.
/// Only one run at a time may carry out a rollout.
///
/// A run of a paused or halted state ends at once, without an event: call
/// [`RolloutState::resume`] or [`RolloutState::accept_gate`] first.
///
/// An error that is [retryable](Error::is_retryable) is repeated for 15 minutes. Any other ends the
/// run, and the state says how far it came.
#[must_use = "a run does nothing until it is read"]
pub struct RolloutRun {
    pub(super) driver: Driver,
}

impl fmt::Debug for RolloutRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RolloutRun")
            .field("state", &self.driver.state)
            .finish_non_exhaustive()
    }
}

impl RolloutRun {
    /// A run from this state, which [`Rollout::begin`](super::Rollout::begin) made or a store had. It
    /// does nothing until it is read.
    pub fn new(manager: &PatchManager, state: RolloutState, store: impl RolloutStore) -> Self {
        Self {
            driver: Driver {
                manager: manager.clone(),
                store: Arc::new(store),
                health: None,
                control: RolloutControl::default(),
                state,
                events: VecDeque::new(),
                announced: None,
                checked: false,
                sent_before: None,
                stays: true,
                only: None,
                next: None,
            },
        }
    }

    /// Sets what decides whether a wave is healthy, if a [gate demands it](super::Gate::healthy).
    pub fn health_check(mut self, check: impl HealthCheck) -> Self {
        self.driver.health = Some(Arc::new(check));
        self
    }

    /// A handle to pause or abort the run.
    pub fn control(&self) -> RolloutControl {
        self.driver.control.clone()
    }

    /// Carries the rollout out, and returns what happens as it happens.
    ///
    /// The stream ends when the rollout is completed, paused, halted or aborted. If it is dropped,
    /// the rollout stops as if its process had died.
    ///
    /// Calls SendCommand, ListCommands, ListCommandInvocations and DescribeInstancePatchStates; for
    /// gates DescribeInstanceInformation and what [`PatchManager::compliance`] calls; for stopped
    /// instances DescribeInstances, StartInstances and StopInstances (EC2); CancelCommand at a time
    /// limit and for an abort.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::rollout::{InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, Wave};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    /// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
    /// let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
    /// let mut events = run.events();
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{event}");
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any call, if a gate demands
    /// a health check and the run has none, or if [`RolloutState::check`] refuses the state, as after
    /// an edit by hand. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet), and with an error of the store or of the health
    /// check. An error is the last item.
    pub fn events(self) -> BoxStream<'static, Result<RolloutEvent>> {
        verb_stream!(
            rollout_events(
                rollout = self.driver.state.rollout.name.as_str(),
                id = self.driver.state.id.as_str()
            ),
            stream::unfold(Some(self.driver), |driver| async move {
                let mut driver = driver?;
                match driver.next_event().await {
                    Ok(Some(event)) => Some((Ok(event), Some(driver))),
                    Ok(None) => None,
                    Err(error) => Some((Err(error), None)),
                }
            })
            .boxed()
        )
    }

    /// Carries the rollout out to its end, or until it is paused, halted or aborted.
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    pub async fn finish(self) -> Result<RolloutOutcome> {
        let mut driver = self.driver;
        verb!(
            rollout_finish(
                rollout = driver.state.rollout.name.as_str(),
                id = driver.state.id.as_str()
            ),
            async {
                while driver.next_event().await?.is_some() {}
                Ok(driver.state.outcome())
            }
        )
    }
}

/// A rollout in progress.
///
/// The state in memory is at most one write ahead of the stored one: it changes, is saved, and only
/// then is the service called.
pub(super) struct Driver {
    pub(super) manager: PatchManager,
    store: Arc<dyn RolloutStore>,
    pub(super) health: Option<Arc<dyn HealthCheck>>,
    control: RolloutControl,
    pub(super) state: RolloutState,
    /// Whether it waits. A run that advances ends where it would wait.
    pub(super) stays: bool,
    /// The command that an event is about: of those that run, only this one is read.
    pub(super) only: Option<CommandId>,
    /// When there is something to do again, once a run that does not stay has come to a wait.
    pub(super) next: Option<Timestamp>,
    events: VecDeque<RolloutEvent>,
    /// The start of a window that was announced.
    announced: Option<Timestamp>,
    /// Whether the state was found fit to go on: a person may have edited it.
    checked: bool,
    /// The commands that earlier runs sent, by their comments, once they were asked for.
    pub(super) sent_before: Option<BTreeMap<String, CommandId>>,
}

impl Driver {
    pub(super) async fn next_event(&mut self) -> Result<Option<RolloutEvent>> {
        // Its commands tell nothing meanwhile: they are a part of it.
        let teller = Teller::of_current();
        if !self.checked {
            self.state.check()?;
            self.check_health_check()?;
            self.checked = true;
        }
        if self.state.revision == 0 {
            self.save().await?;
        }
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            if self.state.status.is_at_rest() || self.next.is_some() {
                return Ok(None);
            }
            verb!(
                rollout_step(
                    wave = self
                        .state
                        .current_wave()
                        .and_then(|at| self.state.waves.get(at))
                        .map_or("", |wave| wave.name.as_str())
                ),
                self.step()
            )?;
            teller.tell(self.told(), self.now());
        }
    }

    /// How many nodes of all waves have a result.
    fn told(&self) -> Told {
        let waves = self.state.waves.iter();
        let results = waves.clone().flat_map(|wave| wave.results.values());
        Told {
            done: results.clone().count(),
            known: waves.map(|wave| wave.nodes.len()).sum(),
            failed: results.filter(|result| !result.is_success()).count(),
            is_all: true,
            ..Told::default()
        }
    }

    /// A gate that a resumed run cannot decide would be no gate.
    fn check_health_check(&self) -> Result<()> {
        let mut waves = self.state.rollout.waves.iter();
        let Some(at) = waves.position(|wave| wave.gate.healthy) else {
            return Ok(());
        };
        if self.health.is_some() {
            return Ok(());
        }
        let field = format!("Waves[{at}].Gate.Healthy");
        let legal = "a run with a health check: see `RolloutRun::health_check`";
        let violation = Violation::new(field, "true", legal);
        Err(Error::invalid_input(vec![violation]).with_operation("Rollout"))
    }

    /// Does one thing, and saves what it changed.
    async fn step(&mut self) -> Result<()> {
        match (&self.state.status, self.control.requested()) {
            (RolloutStatus::Aborting, _) => return self.abort().await,
            (_, Some(Request::Abort)) => return self.enter(RolloutStatus::Aborting).await,
            (_, Some(Request::Pause)) => return self.enter(RolloutStatus::Paused).await,
            _ => {}
        }
        let Some(at) = self.state.current_wave() else {
            self.state.ended = Some(self.now());
            return self.enter(RolloutStatus::Completed).await;
        };
        match self.wave(at)?.phase {
            WavePhase::Pending => self.start_wave(at).await,
            WavePhase::Starting => self.start_instances(at).await,
            WavePhase::Installing => self.install(at).await,
            WavePhase::Gating => self.decide_gate(at).await,
            WavePhase::Baking => self.bake(at).await,
            WavePhase::Stopping => {
                self.stop_instances(at).await?;
                self.end_wave(at).await
            }
            WavePhase::Done => Ok(()),
        }
    }

    /// Starts a wave in its window, or halts.
    async fn start_wave(&mut self, at: usize) -> Result<()> {
        let (now, spec) = (self.now(), self.spec(at)?.clone());
        if let Some(opens) = spec.window.not_before.filter(|opens| *opens > now) {
            if self.announced != Some(opens) {
                self.announced = Some(opens);
                return self.tell_of(at, RolloutEventKind::Waiting { until: opens });
            }
            self.sleep_until(opens).await;
            return Ok(());
        }
        if spec.window.last_start().is_some_and(|last| now >= last) {
            return self.halt(HaltReason::WindowClosed).await;
        }
        if self.is_snapshot_expired() {
            return self.halt(HaltReason::SnapshotExpired).await;
        }
        let starts = match spec.start_stopped {
            true => self.stopped_instances(at).await?,
            false => Vec::new(),
        };
        let wave = self.wave_mut(at)?;
        wave.started = Some(now);
        wave.phase = match starts.is_empty() {
            true => WavePhase::Installing,
            false => WavePhase::Starting,
        };
        wave.nodes_to_start = starts;
        let nodes = wave.nodes.len();
        self.save().await?;
        self.tell_of(at, RolloutEventKind::WaveStarted { nodes })
    }

    /// Records a gate's result: the bake time begins, or the rollout halts.
    pub(super) async fn record_gate(&mut self, at: usize, result: GateResult) -> Result<()> {
        let (passed, now) = (result.is_passed(), self.now());
        let bake = self.spec(at)?.bake;
        let until = now.saturating_add(bake).unwrap_or(Timestamp::MAX);
        let wave = self.wave_mut(at)?;
        wave.gate = Some(result.clone());
        if !passed {
            self.tell_of(at, RolloutEventKind::GateDecided { result })?;
            return self.halt(HaltReason::GateFailed).await;
        }
        wave.phase = WavePhase::Baking;
        wave.bakes_until = Some(until);
        self.save().await?;
        self.tell_of(at, RolloutEventKind::GateDecided { result })?;
        if bake > SignedDuration::ZERO {
            self.tell_of(at, RolloutEventKind::Baking { until })?;
        }
        Ok(())
    }

    /// Waits for the end of the bake time, and asks for the wave's health once more.
    async fn bake(&mut self, at: usize) -> Result<()> {
        let until = self.wave(at)?.bakes_until.unwrap_or(Timestamp::MIN);
        if until > self.now() {
            self.sleep_until(until).await;
            return Ok(());
        }
        if self.spec(at)?.bake > SignedDuration::ZERO
            && let Some(harmful) = self.check_harm(at).await?
        {
            return self.record_gate(at, harmful).await;
        }
        let now = self.now();
        let wave = self.wave_mut(at)?;
        // The health check has found the wave healthy after it had halted the rollout.
        if wave.gate.as_ref().is_some_and(|gate| !gate.is_passed()) {
            wave.gate = wave.gate.take().map(|gate| gate.without_harm(now));
        }
        wave.phase = WavePhase::Stopping;
        self.save().await
    }

    async fn end_wave(&mut self, at: usize) -> Result<()> {
        let now = self.now();
        let wave = self.wave_mut(at)?;
        wave.phase = WavePhase::Done;
        wave.ended = Some(now);
        self.save().await?;
        self.tell_of(at, RolloutEventKind::WaveDone)
    }

    /// Ends what runs, stops what was started, and is aborted.
    async fn abort(&mut self) -> Result<()> {
        if let Some(at) = self.state.current_wave() {
            // An instance that is stopped during an install may not start again.
            if self.wave(at)?.phase == WavePhase::Installing {
                return self.install(at).await;
            }
            self.stop_instances(at).await?;
        }
        self.state.ended = Some(self.now());
        self.enter(RolloutStatus::Aborted).await
    }

    pub(super) async fn halt(&mut self, reason: HaltReason) -> Result<()> {
        self.enter(RolloutStatus::Halted { reason }).await
    }

    async fn enter(&mut self, status: RolloutStatus) -> Result<()> {
        self.state.status = status.clone();
        self.save().await?;
        self.tell(None, RolloutEventKind::Status { status });
        Ok(())
    }

    /// Saves the state under its next revision.
    pub(super) async fn save(&mut self) -> Result<()> {
        let next = self.state.revision.checked_add(1);
        self.state.revision = next.ok_or_else(|| {
            let (last, legal) = (u64::MAX.to_string(), "a number that has a next one");
            let violation = Violation::new("Revision", last, legal);
            Error::invalid_input(vec![violation]).with_operation("RolloutState")
        })?;
        repeat!(self, self.store.save(&self.state))
    }

    pub(super) fn tell(&mut self, wave: Option<String>, kind: RolloutEventKind) {
        let at = self.now();
        self.events.push_back(RolloutEvent { at, wave, kind });
    }

    pub(super) fn tell_of(&mut self, at: usize, kind: RolloutEventKind) -> Result<()> {
        let wave = self.spec(at)?.name.clone();
        self.tell(Some(wave), kind);
        Ok(())
    }

    /// Whether a pause or an abort was requested and has not begun.
    pub(super) fn is_interrupted(&self) -> bool {
        !self.is_aborting() && self.control.requested().is_some()
    }

    pub(super) fn is_aborting(&self) -> bool {
        self.state.status == RolloutStatus::Aborting
    }

    pub(super) fn now(&self) -> Timestamp {
        self.manager.clock().now()
    }

    /// Waits before a call is repeated.
    pub(super) async fn pause(&self, attempt: u32) {
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(attempt - 1);
        self.manager.clock().sleep(pause).await;
    }

    /// How often a call is made that fails with a retryable error.
    pub(super) fn attempts(&self) -> u32 {
        match self.stays {
            true => ATTEMPTS,
            false => ATTEMPTS_OF_ADVANCE,
        }
    }

    /// Waits for an instant, or until a pause or an abort is requested. A run that does not stay ends
    /// there instead.
    pub(super) async fn sleep_until(&mut self, instant: Timestamp) {
        if !self.stays {
            self.next = Some(instant);
            return;
        }
        let left = self.now().duration_until(instant);
        if left <= SignedDuration::ZERO {
            return;
        }
        let sleep = self.manager.clock().sleep(left.unsigned_abs());
        if self.is_aborting() {
            return sleep.await;
        }
        let requested = self.control.wait();
        match select(std::pin::pin!(requested), sleep).await {
            Either::Left(_) | Either::Right(_) => {}
        }
    }

    pub(super) fn spec(&self, at: usize) -> Result<&Wave> {
        self.state.rollout.waves.get(at).ok_or_else(inconsistent)
    }

    pub(super) fn wave(&self, at: usize) -> Result<&WaveState> {
        self.state.waves.get(at).ok_or_else(inconsistent)
    }

    pub(super) fn wave_mut(&mut self, at: usize) -> Result<&mut WaveState> {
        self.state.waves.get_mut(at).ok_or_else(inconsistent)
    }
}

/// A state that was written by hand, and has not one state for each wave.
fn inconsistent() -> Error {
    let violation = Violation::new("Waves", "", "a state for each wave of the rollout");
    Error::invalid_input(vec![violation]).with_operation("RolloutState")
}
