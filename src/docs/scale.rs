//! Thousands of nodes, several accounts: how to ask without waiting, and what it costs.
//!
//! Ask the question what it will cost before you ask it:
//!
//! ```
//! use aws_patch_manager::ComplianceQuery;
//!
//! let plan = ComplianceQuery::all().explain(10_000);
//! println!("{plan}");
//! assert_eq!(plan.calls(), 200 + 200);
//! let plan = ComplianceQuery::fleet().explain(10_000);
//! assert!(plan.calls() < 220);
//! ```
//!
//! | question | calls for N nodes |
//! |---|---|
//! | [`all`](crate::ComplianceQuery::all): what Systems Manager manages | ⌈N/50⌉ listings, ⌈N/50⌉ look-ups, overlapping |
//! | [`fleet`](crate::ComplianceQuery::fleet): the instances of EC2, and hybrid nodes | ⌈N/1000⌉ listings, beside them one for each 50 hybrid nodes, ⌈N/50⌉ look-ups side by side |
//! | [`nodes`](crate::ComplianceQuery::nodes) | ⌈N/50⌉ look-ups side by side |
//! | [`group`](crate::ComplianceQuery::group) | ⌈N/100⌉ pages of its states, filtered by the service where it can |
//! | [`node_summaries`](crate::PatchManager::node_summaries): only who does not comply | ⌈N/50⌉ pages of those, filtered by the service |
//! | [`compliance_counts`](crate::PatchManager::compliance_counts) | 1 |
//! | [`group_state`](crate::PatchManager::group_state) | 1 |
//!
//! # Sweeps
//!
//! [`sweep`](crate::PatchManager::sweep) answers as a stream. Memory holds what is under way, not the
//! fleet; of the fleet it holds only the page tokens that came, so that one that comes again does not
//! lead in a circle: 2,000 of them for 100,000 managed nodes. A call that fails names the nodes it
//! was about, and the rest still comes; a listing that fails ends there, and the checkpoint is where
//! to go on. [`into_unknown`](crate::manager::SweepFailure::into_unknown) makes answers of a failure.
//!
//! ```
//! use aws_patch_manager::backend::Operation;
//! use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager};
//! use futures_util::StreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let account = MemoryBackend::builder().sample_fleet().page_size_cap(5).build();
//! let manager = PatchManager::from_memory(&account);
//! let query = ComplianceQuery::all();
//!
//! account.faults().throttle(Operation::DescribeInstanceInformation).on_call(2);
//! let mut sweep = manager.sweep(&query);
//! let (mut nodes, mut failed) = (0, 0);
//! while let Some(answer) = sweep.next().await {
//!     match answer {
//!         Ok(_) => nodes += 1,
//!         Err(failure) => {
//!             eprintln!("{failure}");
//!             failed += 1;
//!         }
//!     }
//! }
//! assert_eq!((nodes, failed), (5, 1));
//!
//! // Later, or in another process: the checkpoint is text.
//! let stored = serde_json::to_string(&sweep.checkpoint())?;
//! let mut rest = manager.resume_sweep(&query, serde_json::from_str(&stored)?);
//! while let Some(answer) = rest.next().await {
//!     nodes += usize::from(answer.is_ok());
//! }
//! assert_eq!(nodes, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`watch`](crate::manager::ComplianceSweep::watch) gives a handle for a progress bar: nodes known,
//! nodes done, calls, throttled. The package in `examples/sweep_progress` draws one.
//!
//! # How fast
//!
//! [`concurrency`](crate::ComplianceQuery::concurrency) is how many calls of one sweep go out at once. The
//! adapter for AWS has a [limit](crate::backend::layer::Limit) besides, shared by every clone of it: it
//! bounds the calls in flight over all verbs, and the calls a second of each operation, since the
//! service throttles by account. Retries are the SDK's; no second loop of
//! retries runs around it.
//!
//! What that comes to, by `examples/sweep_load` on a machine of two cores: 10,000 nodes, a server on
//! the same machine that takes 20 ms for each call.
//!
//! | | calls | time | processor time a call |
//! |---|---|---|---|
//! | [`all`](crate::ComplianceQuery::all) | 400 | 4.2 s | 0.27 ms |
//! | [`fleet`](crate::ComplianceQuery::fleet), 25 calls at a time, the limit opened as far | 211 | 0.4 s | 0.46 ms |
//! | a loop over the SDK's own paginator, one call after the other | 400 | 8.3 s | 0.28 ms |
//! | the same with DescribeInstances | 210 | 4.5 s | 0.56 ms |
//! | a loop over boto3's paginator | 400 | 9.0 s | 2.0 ms |
//!
//! [`all`](crate::ComplianceQuery::all) can be no faster than its 200 pages, each of which needs the
//! token of the one before.
//!
//! # Several accounts and Regions
//!
//! A [`PatchManager`](crate::PatchManager) is one account in one Region.
//! [`FleetSweep`](crate::manager::FleetSweep) merges many into one stream, each with its own limit;
//! an account that fails keeps its failure to itself, and
//! [`checkpoints`](crate::manager::FleetAnswers::checkpoints) tells where each of them goes on.
//!
//! # Fleets too large to poll
//!
//! A resource data sync writes each node's patch summary into an S3 bucket as it changes. The feature
//! `data-sync` reads such an export, from S3 or a copy on disk, and answers in the types of a sweep.
//!
