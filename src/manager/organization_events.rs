//! A run in an organization that is driven by events.

use std::pin::pin;
use std::time::Duration;

use futures_core::Stream;

use super::organization::OrganizationRun;
use super::run_events::Watch;
use crate::automation::{AutomationExecutionStatus, OrganizationOutcome};
use crate::error::Result;
use crate::event::{Event, EventDetail, EventKind, EventPattern};
use crate::telemetry::verb;

/// Waiting for events instead of polling.
impl OrganizationRun {
    /// Waits until the run has ended, as [`wait`](Self::wait) does, and reads it when an event says so,
    /// instead of every 30 seconds.
    ///
    /// It reads the run at the start, at the event that the execution has ended, and every 5 minutes,
    /// because an event may be lost. The events are those of the account and Region in which the run was
    /// started. An event of another execution, and one that comes twice, causes no call. When the stream ends, it polls as `wait` does.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::event::Event;
    /// use aws_patch_manager::types::{AutomationExecutionId, PatchOperation};
    /// use aws_patch_manager::{Error, PatchManager};
    /// use futures_util::Stream;
    ///
    /// async fn follow(
    ///     manager: &PatchManager,
    ///     execution: AutomationExecutionId,
    ///     events: impl Stream<Item = Event>,
    /// ) -> Result<(), Error> {
    ///     let run = manager.resume_organization(PatchOperation::Install, execution)?;
    ///     println!("{}", run.wait_with_events(Duration::from_hours(6), events).await?);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn wait_with_events(
        &self,
        within: Duration,
        events: impl Stream<Item = Event>,
    ) -> Result<OrganizationOutcome> {
        verb!(
            organization_run_wait_with_events(execution = self.id().as_str()),
            async {
                let events = pin!(events);
                let mut watch = Watch::new(self.clock(), within, events);
                let mut is_announced = false;
                loop {
                    if watch.is_due() {
                        match self.ended().await {
                            Ok(Some(outcome)) => return Ok(outcome),
                            Err(error) if !error.is_retryable() => return Err(error),
                            _ => {}
                        }
                        if watch.is_over() {
                            return Err(self.timed_out());
                        }
                        watch.later();
                    }
                    // An event can come twice; the second one says nothing new.
                    if let Some(event) = watch.next().await
                        && self.is_concerned_by(&event)
                        && !std::mem::replace(&mut is_announced, true)
                    {
                        watch.read_now();
                    }
                }
            }
        )
    }

    /// The outcome, if the event says that the run has ended, and it has. Otherwise `None`.
    ///
    /// For a function that gets events and does not stay. An event that does not
    /// [concern](Self::is_concerned_by) the run causes no call. Events are best effort, so read the run by a
    /// schedule as well: `run.wait(Duration::ZERO)` reads it once.
    ///
    /// Calls GetAutomationExecution, and when the run has ended DescribeAutomationStepExecutions.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status). After a retryable error, handle the event again.
    pub async fn on_event(&self, event: &Event) -> Result<Option<OrganizationOutcome>> {
        verb!(
            organization_run_on_event(execution = self.id().as_str()),
            async {
                match self.is_concerned_by(event) {
                    true => self.ended().await,
                    false => Ok(None),
                }
            }
        )
    }

    /// Whether the event says that this run has ended. Makes no call.
    pub fn is_concerned_by(&self, event: &Event) -> bool {
        let EventDetail::AutomationExecutionStatusChange(change) = event.detail() else {
            return false;
        };
        let status = AutomationExecutionStatus::from(change.status.as_str());
        change.execution_id == self.id().as_str() && status.is_terminal()
    }

    /// The pattern of the events that [`on_event`](Self::on_event) and
    /// [`wait_with_events`](Self::wait_with_events) act on.
    pub fn event_pattern(&self) -> EventPattern {
        EventPattern::of(EventKind::AutomationExecutionStatusChange)
            .execution_ids([self.id().clone()])
            .ended()
    }
}
