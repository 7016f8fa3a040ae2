//! Step 5: what is the result?
//!
//! There are three questions: what a run did on each node, which nodes comply, and which patches
//! one node has and lacks.
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::compliance::{PatchState, Verdict};
//! use aws_patch_manager::types::MaxErrors;
//! use aws_patch_manager::{ComplianceQuery, PatchManager, PatchRequest};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let nodes = ["i-0c0ffee0000000001", "i-0c0ffee0000000004"];
//!
//! // The run: an outcome for each node, with the output of its step.
//! let scan = PatchRequest::scan().nodes(nodes).max_errors(MaxErrors::Percent(100));
//! let outcome = manager.run(&scan).await?.wait(Duration::from_secs(3600)).await?;
//! for node in outcome.failed() {
//!     println!("{}: {} {}", node.node, node.status_details, node.error_text());
//! }
//!
//! // The fleet: a verdict for each node, with the data behind it.
//! let mut answers = manager.compliance(&ComplianceQuery::all());
//! let mut behind = Vec::new();
//! while let Some(node) = answers.try_next().await? {
//!     println!("{node}");
//!     if node.verdict == Verdict::NonCompliant {
//!         behind.push(node.node);
//!     }
//! }
//!
//! // One node: its patches, by state.
//! for node in &behind {
//!     let missing: Vec<_> = manager.node_patches(node, &[PatchState::Missing]).try_collect().await?;
//!     println!("{node} lacks {} patches", missing.len());
//! }
//! assert_eq!(behind.len(), 2);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules to know
//!
//! - **After a successful run, nodes can still be non-compliant.** Success means that the step ran
//!   and reported. The node's patch state says what it found.
//! - **An exit code has a meaning.** [`explanation`](crate::operation::NodeOutcome::explanation) says it in
//!   words, with what to do; an outcome prints it below each failed node.
//! - **A run without nodes is not a success.** An outcome says that no node matched the targets.
//! - **An outcome does not need the patch states.** If the program may not read them, each node still has
//!   its status and output, and
//!   [`patch_state_error`](crate::operation::RunOutcome::patch_state_error) says what failed.
//! - **A node has one patch state, from its last operation.** Each scan or install replaces it,
//!   with the group and baseline of that run.
//! - **Unknown is a verdict.** A node that never reported is neither compliant nor non-compliant:
//!   [`UnknownReason`](crate::compliance::UnknownReason) says why. A query can also count these as
//!   unknown: scans that are [too old](crate::ComplianceQuery::max_age), agents that are
//!   [offline](crate::ComplianceQuery::offline_is_unknown), and states of a baseline that is [no
//!   longer the node's](crate::ComplianceQuery::other_baseline_is_unknown).
//! - **Installed is not always active.** `InstalledPendingReboot` waits for a reboot. A run without
//!   a reboot installed it, or somebody else did since the last boot.
//! - **`InstalledOther` is compliant**: the patch is installed, but not approved, or rejected with the
//!   action `ALLOW_AS_DEPENDENCY`. `InstalledRejected`, which is rejected with `BLOCK`, is not compliant.
//! - **Rows of associations are another kind of compliance.** They never count as patches here.
//! - **Listings cut off an output at 2,500 characters.**
//!   [`last_failed_run`](crate::PatchManager::last_failed_run) reads 24,000 of the output and 8,000 of the
//!   errors. The whole is only in the log group of the run, or in its
//!   [`output_bucket`](crate::PatchRequest::output_bucket): with the feature `data-sync`,
//!   `PatchRun::full_output` reads it from there.
//!
//! # For people
//!
//! [`compliance_report`](crate::PatchManager::compliance_report) collects all of this, compares it
//! with an earlier report, and writes JSON, CSV, Markdown, or one HTML file that needs no network. Every
//! night:
//!
//! ```
//! use aws_patch_manager::compliance::{ComplianceReport, ReportDetail};
//! use aws_patch_manager::{ComplianceQuery, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! # let folder = std::env::temp_dir().join(format!("nightly-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let manager = PatchManager::in_memory();
//! let all = ComplianceQuery::all();
//! let report = manager.compliance_report("Fleet", &all, ReportDetail::Patches).await?;
//! let stored = folder.join("report.json");
//! let report = match std::fs::read_to_string(&stored) {
//!     Ok(yesterday) => report.with_previous(&ComplianceReport::from_json(&yesterday)?),
//!     Err(_) => report, // the first night
//! };
//! std::fs::write(folder.join("report.html"), report.to_html())?;
//! std::fs::write(&stored, report.to_json()?)?;
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It lists what it could not read at its top, and in the rows of the affected nodes:
//! [`failures`](crate::compliance::ComplianceReport::failures) is empty if the report is complete.
//! [`nodes_missing`](crate::compliance::ComplianceReport::nodes_missing) lists the nodes that miss
//! a patch. For one report over several accounts, use
//! [`FleetSweep::compliance_report`](crate::manager::FleetSweep::compliance_report): it says how many accounts
//! answered, and the table of sources begins with those that did not.
//!
//! Every page and the Markdown put the worst first. A page begins with the verdict, and what changed since the
//! last report comes last. Tables fold after 20 rows, and can be sorted and filtered if scripts may run.
//! [`to_html_with_deadlines`](crate::compliance::ComplianceReport::to_html_with_deadlines) adds what is overdue.
//!
//! # What it costs
//!
//! Waiting for a run: one listing of its invocations at each poll; polls become rarer the longer
//! the run lasts. Compliance of N nodes by id: ⌈N/50⌉ calls. Patches of a node: one call per 100
//! patches. For numbers alone, [`compliance_counts`](crate::PatchManager::compliance_counts) is one
//! call. [`PatchRequest::explain`](crate::PatchRequest::explain) and
//! [`ComplianceQuery::explain`](crate::ComplianceQuery::explain) count the calls before the first. See [scale](super::scale) for many nodes.
