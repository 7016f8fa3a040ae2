//! EventBridge in place of polling: rules, a Lambda function, and tests.
//!
//! Systems Manager sends an event when a command, a window, an association or the compliance of a node
//! changes; EC2 when an instance does. A rule of EventBridge selects events by a pattern and hands each to its
//! target, such as a Lambda function or an SQS queue.
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::event::{Event, EventDetail, EventPattern};
//! use aws_patch_manager::rollout::{InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, Wave};
//! use aws_patch_manager::{MemoryBackend, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::builder().sample_fleet().record_events().build();
//! let manager = PatchManager::from_memory(&account);
//!
//! // The rule: what the function wants. Give the text to PutRule, CloudFormation or Terraform.
//! let pattern = RolloutRun::event_pattern().or(EventPattern::patch_compliance());
//! println!("{}", pattern.to_json()?);
//!
//! // The rollout begins: its first command is sent.
//! let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
//! let state = Rollout::new("june").wave(wave).begin(&manager).await?;
//! let store = InMemoryRolloutStore::new();
//! RolloutRun::new(&manager, state, store.clone()).advance().await?;
//!
//! // Later, for each event that the rule delivers:
//! account.advance(Duration::from_hours(1));
//! for input in account.take_events() {
//!     let event = Event::from_value(input)?;
//!     if let EventDetail::ComplianceStateChange(change) = event.detail() {
//!         println!("{} is {}", change.resource_id, change.compliance_status);
//!     }
//!     let state = store.last().ok_or("nothing was saved")?;
//!     let run = RolloutRun::new(&manager, state, store.clone());
//!     if let Some(progress) = run.advance_on(&event).await? {
//!         println!("{progress}");
//!     }
//! }
//! assert!(store.last().is_some_and(|state| state.outcome().is_completed()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The body of a message of SQS is text: [`Event::from_json`] reads it. `Display` of an event says what changed
//! and names the command, node and window.
//!
//! `cargo run --example event_handler` has the function of a Lambda, from JSON to JSON.
//!
//! # An event only says: look now
//!
//! Systems Manager sends its events with best effort. One can be lost, come twice, come late, or come before an
//! earlier one; and anybody who may call PutEvents on the bus can send one that looks alike. So nothing here
//! believes a status in an event:
//!
//! - **An event of something else causes no call**: another command, a node, a status that is not final.
//! - **An event of its own causes one read** of the state. What it finds decides.
//! - **A rare read finds what an event missed.** [`wait_with_events`] reads every 5 minutes by itself. For
//!   [`on_event`] and [`advance_on`], add a rule with a schedule, such as `rate(5 minutes)`, or a schedule of EventBridge
//!   Scheduler without an input of its own: its `Scheduled Event` goes to the same function, and [`advance_on`] reads all for it.
//!
//! | program | use |
//! |---|---|
//! | waits for a run, and reads events from a queue | [`wait_with_events`] |
//! | the same for a run in an organization | [`OrganizationRun::wait_with_events`], with the events of the account in which it was started |
//! | is called for each event: a run | [`on_event`]; the command ids come from your own store |
//! | is called for each event: a rollout | [`advance_on`], and a store that refuses a revision that is not the next one |
//! | shows or forwards events | [`Event`], [`EventDetail`] |
//!
//! # What an event does not say
//!
//! - A command that succeeded has run and reported. It does not mean that its nodes are compliant.
//! - A change of compliance names no patch and has no count, and there is none while a node stays
//!   noncompliant.
//! - The event of a command as a whole names no node: [`EventPattern::nodes`] refuses it.
//! - `running` of an instance does not mean that its agent is online. No event of this module does.
//!
//! # Two spellings
//!
//! The event reference writes `Canceled`, the API `Cancelled`; and the change of a window's state has two
//! names. Types and patterns take both. No event of an account was at hand when this was written: the members
//! are those of the examples in the User Guide. So an unknown member is kept, a date that cannot be read
//! counts as absent, and [`Event::json`] has all of it.
//!
//! # Permissions
//!
//! To get events your program needs no permission of Systems Manager; for what it does after one, those of its
//! verbs ([`permissions`](super::permissions)). The rule needs:
//!
//! - for a Lambda function: a statement in the function's policy that allows `events.amazonaws.com` to call
//!   `lambda:InvokeFunction`, with the rule's ARN as `aws:SourceArn`;
//! - for an SQS queue: one in the queue's policy that allows it `sqs:SendMessage`;
//! - for a bus of another account or Region: a role with `events:PutEvents` on that bus.
//!
//! Give a function that carries out a rollout a reserved concurrency of 1 or a queue in FIFO order, and a
//! dead-letter queue. Who makes the rule needs `events:PutRule` and `events:PutTargets`.
//!
//! # In a test
//!
//! [`record_events`] has the account in memory record the events that it would send, and [`take_events`]
//! returns them as JSON. Leave some out, repeat some, mix in others: the outcome must not change.
//!
//! # What it costs
//!
//! A run takes a ListCommands for each command at the start, at the end, and every 5 minutes, instead of
//! every 30 seconds. A rollout takes one for each command that ends, and one for each command that runs at
//! each tick of the schedule.
//!
//! [`Event`]: crate::event::Event
//! [`Event::from_json`]: crate::event::Event::from_json
//! [`Event::json`]: crate::event::Event::json
//! [`EventDetail`]: crate::event::EventDetail
//! [`EventPattern::nodes`]: crate::event::EventPattern::nodes
//! [`OrganizationRun::wait_with_events`]: crate::manager::OrganizationRun::wait_with_events
//! [`advance_on`]: crate::rollout::RolloutRun::advance_on
//! [`on_event`]: crate::manager::PatchRun::on_event
//! [`record_events`]: crate::memory::MemoryBackendBuilder::record_events
//! [`take_events`]: crate::MemoryBackend::take_events
//! [`wait_with_events`]: crate::manager::PatchRun::wait_with_events
