//! A run that is driven by events.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use jiff::{SignedDuration, Timestamp};

use super::operations::{PatchRun, deadline};
use crate::clock::Clock;
use crate::error::Result;
use crate::event::{Event, EventDetail, EventKind, EventPattern};
use crate::operation::{FIRST_DELAY, LONGEST_DELAY, RunOutcome};
use crate::telemetry::verb;
use crate::types::CommandId;

/// How often a run is read without an event: events are best effort (EventBridge, Systems Manager events).
const FALLBACK: Duration = Duration::from_mins(5);

/// Waiting for events instead of polling.
impl PatchRun {
    /// Waits until the run has ended on every node, as [`wait`](Self::wait) does, and reads it when events
    /// say that its commands have ended, instead of every 30 seconds.
    ///
    /// It reads the run at the start, at the event that the last command has ended, and every 5 minutes,
    /// because an event may be lost. An event of another run, one that comes twice and one of a single
    /// node cause no call. When the stream ends, it polls as `wait` does.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::event::Event;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    /// use futures_util::stream;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// // From a queue that is the target of a rule with `run.event_pattern()`.
    /// let events = stream::empty::<Event>();
    /// let outcome = run.wait_with_events(Duration::from_hours(2), events).await?;
    /// assert!(outcome.is_success());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn wait_with_events(
        &self,
        within: Duration,
        events: impl Stream<Item = Event>,
    ) -> Result<RunOutcome> {
        verb!(
            run_wait_with_events(operation = self.started.operation.as_str()),
            async {
                let mut open: BTreeSet<&CommandId> = self.command_ids().iter().collect();
                let events = pin!(events);
                let mut watch = Watch::new(&*self.manager.clock, within, events);
                let mut last = None;
                loop {
                    if watch.is_due() {
                        match self.ended().await? {
                            Some(outcome) if !outcome.may_be_read_later() => return Ok(outcome),
                            so_far => last = so_far.or(last),
                        }
                        if watch.is_over() {
                            return last.ok_or_else(|| self.timed_out());
                        }
                        watch.later();
                    }
                    if let Some(event) = watch.next().await {
                        let ended = self.ended_command(&event);
                        let is_new = ended.is_some_and(|command| open.remove(command));
                        if is_new && open.is_empty() {
                            watch.read_now();
                        }
                    }
                }
            }
        )
    }

    /// The outcome, if the event says that a command of this run has ended, and all have. Otherwise `None`.
    ///
    /// For a function that gets events and does not stay. An event that does not
    /// [concern](Self::is_concerned_by) the run causes no call, any other event one read. Events are best effort, so
    /// read the run by a schedule as well: `run.wait(Duration::ZERO)` reads it once.
    ///
    /// Calls ListCommands for each command; when all have ended, ListCommandInvocations and
    /// DescribeInstancePatchStates.
    ///
    /// ```
    /// use aws_patch_manager::event::Event;
    /// use aws_patch_manager::types::{CommandId, PatchOperation};
    /// use aws_patch_manager::{Error, PatchManager};
    ///
    /// async fn handle(
    ///     manager: &PatchManager,
    ///     ids: Vec<CommandId>,
    ///     event: &Event,
    /// ) -> Result<(), Error> {
    ///     let run = manager.resume(PatchOperation::Install, ids)?;
    ///     if let Some(outcome) = run.on_event(event).await? {
    ///         println!("{outcome}");
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](super::PatchManager#what-every-call-can-meet). After a retryable
    /// error, handle the event again.
    pub async fn on_event(&self, event: &Event) -> Result<Option<RunOutcome>> {
        verb!(
            run_on_event(operation = self.started.operation.as_str()),
            async {
                match self.is_concerned_by(event) {
                    true => self.read_once().await,
                    false => Ok(None),
                }
            }
        )
    }

    /// Whether the event says that a command of this run has ended. Makes no call.
    pub fn is_concerned_by(&self, event: &Event) -> bool {
        self.ended_command(event).is_some()
    }

    /// The pattern of the events that [`on_event`](Self::on_event) and
    /// [`wait_with_events`](Self::wait_with_events) act on.
    ///
    /// Make a rule with it after the run has started, or one for all runs:
    /// `EventPattern::of(EventKind::CommandStatusChange).patch_documents().ended()`.
    pub fn event_pattern(&self) -> EventPattern {
        EventPattern::of(EventKind::CommandStatusChange)
            .command_ids(self.command_ids())
            .ended()
    }

    /// The command of this run that the event says has ended.
    fn ended_command<'e>(&self, event: &'e Event) -> Option<&'e CommandId> {
        let EventDetail::CommandStatusChange(change) = event.detail() else {
            return None;
        };
        let is_ours =
            change.status.is_terminal() && self.command_ids().contains(&change.command_id);
        is_ours.then_some(&change.command_id)
    }
}

/// A wait in which events say when to read what takes its time.
pub(super) struct Watch<'c, S> {
    clock: &'c dyn Clock,
    deadline: Timestamp,
    /// The next read.
    at: Timestamp,
    delay: Duration,
    longest: Duration,
    /// `None` if no event comes any more.
    events: Option<S>,
}

impl<'c, S: Stream<Item = Event> + Unpin> Watch<'c, S> {
    /// The first read is at once, and later ones are rare.
    pub(super) fn new(clock: &'c dyn Clock, within: Duration, events: S) -> Self {
        let now = clock.now();
        Self {
            clock,
            deadline: deadline(now, within),
            at: now,
            delay: FALLBACK,
            longest: FALLBACK,
            events: Some(events),
        }
    }

    /// Whether to read now.
    pub(super) fn is_due(&self) -> bool {
        self.clock.now() >= self.at || self.is_over()
    }

    /// Whether the time limit has passed.
    pub(super) fn is_over(&self) -> bool {
        self.clock.now() >= self.deadline
    }

    /// It was read, and has not ended.
    pub(super) fn later(&mut self) {
        self.at = deadline(self.clock.now(), self.delay);
        self.delay = (self.delay * 2).min(self.longest);
    }

    /// It has ended: read at once, and then soon, because the service lists a change late.
    pub(super) fn read_now(&mut self) {
        (self.at, self.delay) = (self.clock.now(), FIRST_DELAY);
    }

    /// The next event, or `None` when it is time to read.
    pub(super) async fn next(&mut self) -> Option<Event> {
        let now = self.clock.now();
        let left = now.duration_until(self.at.min(self.deadline));
        let sleep = self
            .clock
            .sleep(left.max(SignedDuration::ZERO).unsigned_abs());
        let Some(events) = &mut self.events else {
            sleep.await;
            return None;
        };
        match select(events.next(), sleep).await {
            Either::Left((Some(event), _)) => Some(event),
            Either::Left((None, _)) => {
                self.events = None;
                (self.delay, self.longest) = (FIRST_DELAY, LONGEST_DELAY);
                self.at = self.at.min(deadline(self.clock.now(), FIRST_DELAY));
                None
            }
            Either::Right(_) => None,
        }
    }
}
