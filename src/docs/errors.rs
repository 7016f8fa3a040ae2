//! When something goes wrong: what an [`Error`] says, and what to do about each kind.
//!
//! There is one error type. Your program branches on [`kind`](crate::Error::kind). Write the
//! `Display` text or the JSON to a log, and show [`ErrorKind::advice`] to a person:
//!
//! ```
//! use aws_patch_manager::{BaselineBuilder, ErrorKind, PatchManager, RuleBuilder};
//! use aws_patch_manager::types::OperatingSystem;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let gone = "pb-0123456789abcdef0".into();
//! let error = manager.baseline(&gone).await.err().ok_or("there is such a baseline")?;
//! assert_eq!(error.kind(), ErrorKind::NotFound);
//! assert_eq!(error.operation(), Some("GetPatchBaseline"));
//! assert!(!error.is_retryable());
//! eprintln!("{error}\n  {}", error.kind().advice());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Refused before any call
//!
//! The crate checks your input before any call. One error lists all violations, each with the
//! field's path in the service's terms, the value, and what is legal:
//!
//! ```
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, ErrorKind, RuleBuilder};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mistaken = BaselineBuilder::new("p", OperatingSystem::AmazonLinux2023)
//!     .rule(RuleBuilder::new().msrc_severities(["Critical"]).approve_after_days(400))
//!     .build();
//! let error = mistaken.err().ok_or("it was built")?;
//! assert_eq!(error.kind(), ErrorKind::InvalidInput);
//! assert_eq!(error.violations().len(), 3);
//! let delay = error.violations().iter().find(|one| one.field.ends_with("ApproveAfterDays"));
//! assert_eq!(delay.ok_or("no word of the delay")?.value, "400");
//! # Ok(())
//! # }
//! ```
//!
//! If the service refuses the input, the list is empty and the message is the service's.
//!
//! # What each kind means, and what to do
//!
//! [`ErrorKind`] describes each kind. In short, by what to do next:
//!
//! | next | kinds |
//! |---|---|
//! | fix the call | [`InvalidInput`](crate::ErrorKind::InvalidInput), [`NotFound`](crate::ErrorKind::NotFound), [`Ambiguous`](crate::ErrorKind::Ambiguous), [`Stale`](crate::ErrorKind::Stale), [`IdempotentParameterMismatch`](crate::ErrorKind::IdempotentParameterMismatch), [`Unsupported`](crate::ErrorKind::Unsupported) |
//! | fix the account | [`AccessDenied`](crate::ErrorKind::AccessDenied), [`InvalidCredentials`](crate::ErrorKind::InvalidCredentials), [`LimitExceeded`](crate::ErrorKind::LimitExceeded), [`InUse`](crate::ErrorKind::InUse), [`AlreadyExists`](crate::ErrorKind::AlreadyExists) |
//! | try later | [`Throttled`](crate::ErrorKind::Throttled), [`Conflict`](crate::ErrorKind::Conflict), [`ServiceFailure`](crate::ErrorKind::ServiceFailure), [`NotYet`](crate::ErrorKind::NotYet) |
//! | look first, then try | [`Timeout`](crate::ErrorKind::Timeout), [`Connection`](crate::ErrorKind::Connection) |
//! | run the verb again | [`Incomplete`](crate::ErrorKind::Incomplete), after you fix its cause |
//! | report it | [`InvalidResponse`](crate::ErrorKind::InvalidResponse), [`Other`](crate::ErrorKind::Other) |
//!
//! [`is_retryable`](crate::Error::is_retryable) is true for "try later" and "look first", and for a
//! verb that such an error interrupted. It is false if the call [may have taken
//! effect](#it-may-have-taken-effect), because a second call would patch twice. The SDK has already
//! retried before you see any of these errors. This crate adds no second loop of retries.
//!
//! # Half-way
//!
//! If a verb of several steps fails in the middle,
//! [`completed_steps`](crate::Error::completed_steps) lists the steps that took effect, each as a
//! [`CompletedStep`](crate::types::CompletedStep) with the ids. Nothing is rolled back. Run the
//! verb again: it reads the current state and does the remaining steps.
//!
//! ```
//! use aws_patch_manager::backend::Operation;
//! use aws_patch_manager::types::CompletedStep;
//! use aws_patch_manager::{BaselineBuilder, ErrorKind, MemoryBackend, PatchGroup, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::sample();
//! let manager = PatchManager::from_memory(&account);
//! let web = PatchGroup::new("web")?;
//! let make = BaselineBuilder::windows_critical_and_security;
//! let old = manager.ensure_baseline(&make("old", 7).build()?).await?.id;
//! let new = manager.ensure_baseline(&make("new", 14).build()?).await?.id;
//! manager.bind_patch_group(&web, &old).await?;
//!
//! // To replace the baseline takes two steps; the second one fails.
//! account.faults().throttle(Operation::RegisterPatchBaselineForPatchGroup);
//! let error = manager.rebind_patch_group(&web, &new).await.err().ok_or("it was bound")?;
//! assert_eq!(error.kind(), ErrorKind::Incomplete);
//! let off = CompletedStep::PatchGroupDeregistered {
//!     baseline_id: old,
//!     patch_group: "web".to_owned(),
//! };
//! assert_eq!(error.completed_steps(), [off]);
//! assert!(error.is_throttled(), "it answers for its cause");
//!
//! manager.rebind_patch_group(&web, &new).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A run is the exception: a second call would patch twice. If only some of its commands could be
//! sent, the error has the started run. Pass it to [`resume`](crate::PatchManager::resume):
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::backend::Operation;
//! use aws_patch_manager::memory::FleetNode;
//! use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::new();
//! let nodes: Vec<String> = (0..60).map(|number| format!("i-{number:017x}")).collect();
//! for node in &nodes {
//!     account.add_node(FleetNode::amazon_linux_2023(node.as_str()));
//! }
//! let manager = PatchManager::from_memory(&account);
//!
//! // 60 nodes need two commands; the second is refused.
//! account.faults().throttle(Operation::SendCommand).on_call(2);
//! let install = PatchRequest::install().nodes(nodes);
//! let error = manager.run(&install).await.err().ok_or("both were sent")?;
//! let sent = error.run().cloned().ok_or("nothing was sent")?;
//! let run = manager.resume(sent.operation, sent.command_ids)?;
//! let outcome = run.wait(Duration::from_secs(4 * 3600)).await?;
//! assert_eq!(outcome.nodes.len(), 50);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In the JSON of the error it is the member `Run`, which reads back as a
//! [`StartedRun`](crate::types::StartedRun). If a wait runs out of time, its error also has the
//! run.
//!
//! Verbs over many nodes do not stop at the first failure. [`tag_nodes`] reports the result for
//! each node. [`sweep`] returns the nodes that it could read and names the others in its failures.
//! A run's outcome has a row for every node, and
//! [`patch_state_error`](crate::operation::RunOutcome::patch_state_error) says why patch states are
//! missing.
//!
//! # It may have taken effect
//!
//! If the reply to a write is lost, the write may have happened. If the operation has a client
//! token, the crate sends one and the SDK repeats the call safely. SendCommand and
//! CreateAssociation have no client token. The adapter for AWS sends them once, with a request
//! marker; before it sends them again, it looks for the marker. If the result is unclear, the call
//! fails, so that nodes are not patched twice. A run of several commands also fails this way if
//! only some of them were sent. For such an error,
//! [`may_have_taken_effect`](crate::Error::may_have_taken_effect) is true and `is_retryable` is
//! false: check [`list_commands`](crate::PatchManager::list_commands) or
//! [`list_associations`](crate::PatchManager::list_associations) first.
//!
//! ```
//! use aws_patch_manager::backend::Operation;
//! use aws_patch_manager::types::NodeId;
//! use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::sample();
//! let manager = PatchManager::from_memory(&account);
//! let nodes = manager.list_nodes();
//! let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
//!
//! account.faults().lose_reply(Operation::SendCommand);
//! let install = PatchRequest::install().nodes(nodes);
//! let error = manager.run(&install).await.err().ok_or("the reply came")?;
//! assert!(error.may_have_taken_effect() && !error.is_retryable());
//!
//! let sent = manager.list_commands().try_next().await?;
//! assert!(sent.is_some(), "so another call would patch twice");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # For a log
//!
//! `Display` prints the operation, the resource, the text, the service's code and the request id
//! that AWS support asks for. It never prints the parameters of a call, which may be secret. For
//! refused input it quotes the wrong fields. Your own code can make errors too: a mock fails with
//! [`Error::service`].
//!
//! [`Error`]: crate::Error
//! [`Error::service`]: crate::Error::service
//! [`ErrorKind`]: crate::ErrorKind
//! [`ErrorKind::advice`]: crate::ErrorKind::advice
//! [`tag_nodes`]: crate::PatchManager::tag_nodes
//! [`sweep`]: crate::PatchManager::sweep
