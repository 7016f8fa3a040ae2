//! Thousands of nodes and several accounts: how long a query takes, and how many calls.
//!
//! A query can tell you its number of calls before it makes one:
//!
//! ```
//! use aws_patch_manager::ComplianceQuery;
//!
//! let plan = ComplianceQuery::all().explain(10_000);
//! println!("{plan}");
//! assert_eq!(plan.calls(), 10 + 200);
//! let plan = ComplianceQuery::fleet().explain(10_000);
//! assert!(plan.calls() < 220);
//! ```
//!
//! | question | calls for N nodes |
//! |---|---|
//! | [`all`](crate::ComplianceQuery::all): what Systems Manager manages | ⌈N/1000⌉ listings, ⌈N/50⌉ look-ups in parallel |
//! | [`fleet`](crate::ComplianceQuery::fleet): the instances of EC2, and hybrid nodes | ⌈N/1000⌉ listings, one more for each 1,000 hybrid nodes, ⌈N/50⌉ look-ups in parallel |
//! | [`nodes`](crate::ComplianceQuery::nodes) | ⌈N/50⌉ look-ups in parallel |
//! | [`group`](crate::ComplianceQuery::group) | ⌈N/100⌉ pages of its states, filtered by the service if it can |
//! | [`tagged`](crate::ComplianceQuery::tagged): the members of a group by their tags | ⌈N/50⌉ + 1 listings of Systems Manager, ⌈N/1000⌉ + 1 of EC2, then ⌈N/50⌉ look-ups in parallel |
//! | [`node_summaries`](crate::PatchManager::node_summaries): only nodes that do not comply | ⌈N/50⌉ pages of those, filtered by the service |
//! | [`compliance_counts`](crate::PatchManager::compliance_counts) | 1 |
//! | [`group_state`](crate::PatchManager::group_state) | 1 |
//!
//! # Systems Manager alone
//!
//! DescribeInstanceProperties lists managed nodes 1,000 a page, with names and with the power state of
//! instances. So a sweep of [`all`](crate::ComplianceQuery::all) tells a stopped node from one whose agent
//! is lost, and needs no permission for EC2. Only [`fleet`](crate::ComplianceQuery::fleet) has the instances
//! that Systems Manager does not know.
//!
//! If its first page is denied, or the backend does not know the operation, DescribeInstanceInformation
//! takes its place: ⌈N/50⌉ listings, and a stopped node is either lost or not listed.
//! [`without_properties`](crate::compliance::CompliancePlan::without_properties) counts the calls before,
//! and [`listed_by_information`](crate::Progress::listed_by_information) says that it
//! happened. A throttled page is an error of the sweep, as is any error of a later page. A checkpoint
//! contains which operation lists the nodes, so a resumed sweep goes on with it.
//!
//! Nodes by tag are still listed by DescribeInstanceInformation: AWS does not document that
//! DescribeInstanceProperties filters by tags. Named nodes are looked up by it too, 50 ids a call: the other
//! operation takes 40. DescribeInstanceProperties has not been compared with a real account yet.
//!
//! # Sweeps
//!
//! [`sweep`](crate::PatchManager::sweep) returns a stream. It holds only the calls in progress in
//! memory, not the fleet. It also holds the page tokens, to detect one that repeats: 100 tokens
//! for 100,000 managed nodes. If a look-up fails, the error names its nodes and the other nodes are
//! still returned. If a listing fails, the sweep ends, and the checkpoint says where to resume.
//! [`into_unknown`](crate::manager::SweepFailure::into_unknown) turns a failure into answers.
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
//! account.faults().throttle(Operation::DescribeInstanceProperties).on_call(2);
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
//! assert_eq!(nodes, 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`watch`](crate::manager::ComplianceSweep::watch) gives a handle for a progress bar: nodes known,
//! nodes done, calls, throttled attempts, the time that is left. The package in `examples/progress`
//! draws one. [`ProgressWatch::during`](crate::ProgressWatch::during) gives the same of every other long
//! verb: a run's wait, a mirror, an apply, a rollout.
//!
//! # Long verbs
//!
//! Each tells its progress to [`ProgressWatch::during`](crate::ProgressWatch::during), counts its calls before
//! it makes one, and can be taken up again by another process, or says why not:
//!
//! | verb | its calls before | after its process has ended |
//! |---|---|---|
//! | [`sweep`](crate::PatchManager::sweep), [`compliance`](crate::PatchManager::compliance), [`compliance_report`](crate::PatchManager::compliance_report) | [`ComplianceQuery::explain`](crate::ComplianceQuery::explain) | [`resume_sweep`](crate::PatchManager::resume_sweep) from its checkpoint |
//! | [`run`](crate::PatchManager::run) and its wait | [`PatchRequest::explain`](crate::PatchRequest::explain) | [`resume`](crate::PatchManager::resume) from the command ids |
//! | [`run_organization`](crate::PatchManager::run_organization) and its wait | [`OrganizationRequest::explain`](crate::automation::OrganizationRequest::explain) | [`resume_organization`](crate::PatchManager::resume_organization) from the execution's id |
//! | a rollout | [`RolloutState::explain`](crate::rollout::RolloutState::explain) | another [run](crate::rollout::RolloutRun) from the stored state |
//! | [`apply`](crate::PatchManager::apply) of a plan | the plan: each step has its calls | the same call again finishes it |
//! | [`mirror_snapshot`](crate::PatchManager::mirror_snapshot) | [`MirrorScope::explain`](crate::plan::MirrorScope::explain) | again from the start: a mirror is of one time |
//! | exposure, promotion | [`ExposureQuery::explain`](crate::exposure::ExposureQuery::explain), [`PromotionQuery::explain`](crate::promotion::PromotionQuery::explain) | again from the start: they only read |
//! | [`check_prerequisites`](crate::PatchManager::check_prerequisites) | no: what it reads depends on what it finds | again from the start: it only reads |
//! | [`wait_for_policy_deployment`](crate::PatchManager::wait_for_policy_deployment) | one call a poll | wait again for the policy's ARN |
//!
//! # How fast
//!
//! [`concurrency`](crate::ComplianceQuery::concurrency) is the number of calls that one sweep makes
//! at the same time. The adapter for AWS also has a [limit](crate::backend::layer::Limit), which
//! all its clones share, because the service throttles by account and Region: give another backend of the
//! same account and Region the same one. The limit bounds the calls in
//! flight of all verbs, and the calls per second of each operation. Only the SDK retries.
//!
//! A sweep's calls go on only while it is read, and keep their permits of the limit meanwhile. So await
//! other calls of the same manager between two answers with
//! [`alongside`](crate::manager::ComplianceSweep::alongside).
//!
//! These are the times of `examples/sweep_load` on a machine with two cores, for 10,000 nodes and a
//! server on the same machine that takes 20 ms for each call:
//!
//! | | calls | time | processor time per call | peak, 1,000 to 100,000 nodes |
//! |---|---|---|---|---|
//! | [`all`](crate::ComplianceQuery::all), 25 calls at a time, with the limit raised to 25 | 210 | 0.39 s | 0.39 ms | 21 to 23 MiB |
//! | the same if DescribeInstanceProperties is denied | 400 | 4.4 s | 0.46 ms | 19 to 20 MiB |
//! | a loop over the SDK's paginator of DescribeInstanceProperties, one call after the other | 210 | 4.5 s | 0.67 ms | 14 to 20 MiB |
//! | the same with DescribeInstanceInformation | 400 | 8.5 s | 0.51 ms | 13 to 19 MiB |
//! | a loop over boto3's paginator | 400 | 9.5 s | 3.1 ms | 47 to 56 MiB |
//!
//! The peaks are those of glibc's allocator, told to give freed memory back at once. As it is by default, it keeps
//! a megabyte more of what lies between two pages.
//!
//! DescribeInstanceInformation takes 200 pages one after the other, because each page needs the token of the
//! one before. DescribeInstanceProperties takes 10 of them, as EC2 does for
//! [`fleet`](crate::ComplianceQuery::fleet).
//!
//! # Several accounts and Regions
//!
//! A [`PatchManager`](crate::PatchManager) is one account in one Region.
//! [`FleetSweep`](crate::manager::FleetSweep) merges many into one stream, each with its own limit.
//! If one account fails, the others go on.
//! [`checkpoints`](crate::manager::FleetAnswers::checkpoints) returns where to resume each of them. Which nodes of
//! an organization a report did not reach, [`NodeReach`](crate::organization::NodeReach) says.
//!
//! With the feature `aws`, `manager::Accounts` builds the managers: it assumes a role of the same name in
//! each account, once for all Regions, and renews the session before it expires. An account that refuses
//! is one failure with its name, in `connect`'s answer and in each report. The example `accounts` does this
//! against an organization in memory.
//!
//! ```no_run
//! # #[cfg(feature = "aws")]
//! # async fn example(config: aws_patch_manager::aws::SdkConfig) -> Result<(), Box<dyn std::error::Error>> {
//! use aws_patch_manager::ComplianceQuery;
//! use aws_patch_manager::compliance::ReportDetail;
//! use aws_patch_manager::manager::Accounts;
//!
//! let connected = Accounts::new(&config, "PatchReader")
//!     .accounts(["111111111111", "222222222222"])
//!     .own_account("999999999999")
//!     .regions(["eu-central-1", "us-east-1"])
//!     .external_id("patching-7f3a")
//!     .connect()
//!     .await?;
//! let query = ComplianceQuery::all();
//! let report = connected.fleet_sweep().compliance_report("All accounts", &query, ReportDetail::Verdicts).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The caller's policy, in the account where the program runs:
//!
//! ```json
//! {
//!   "Version": "2012-10-17",
//!   "Statement": [{
//!     "Effect": "Allow",
//!     "Action": "sts:AssumeRole",
//!     "Resource": "arn:aws:iam::*:role/PatchReader"
//!   }]
//! }
//! ```
//!
//! The trust policy of the role in each account. Without the condition, everybody whom the caller's
//! account lets assume roles can use it; for an account of somebody else, the external id is a must. What
//! the role may do is in [`permissions`](crate::docs::permissions).
//!
//! ```json
//! {
//!   "Version": "2012-10-17",
//!   "Statement": [{
//!     "Effect": "Allow",
//!     "Principal": { "AWS": "arn:aws:iam::999999999999:role/patching" },
//!     "Action": "sts:AssumeRole",
//!     "Condition": { "StringEquals": { "sts:ExternalId": "patching-7f3a" } }
//!   }]
//! }
//! ```
//!
//! # Fleets too large to poll
//!
//! A resource data sync writes each node's patch summary into an S3 bucket when it changes. The
//! feature `data-sync` reads such an export, from S3 or a copy on disk, and returns the types of a
//! sweep.
//!
