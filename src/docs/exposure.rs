//! Which patches are late, and which nodes a CVE can still hit.
//!
//! # Deadlines
//!
//! Rules such as “critical patches within 14 days” are [`Deadlines`](crate::compliance::Deadlines). They
//! judge a compliance report, without any call.
//!
//! ```
//! use aws_patch_manager::compliance::{DeadlineReport, Deadlines, ReportDetail};
//! use aws_patch_manager::{ComplianceQuery, PatchGroup, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let deadlines = Deadlines::new()
//!     .critical(14)
//!     .severity("Important", 30)
//!     .group(PatchGroup::new("development")?, 60)
//!     .otherwise(90);
//! let all = ComplianceQuery::all();
//! let report = manager.compliance_report("Fleet", &all, ReportDetail::Patches).await?;
//! let judged = report.deadlines(&deadlines)?;
//! for node in judged.overdue() {
//!     println!("{node}");
//! }
//! let evidence = judged.to_csv();
//!
//! // The next day.
//! let stored = DeadlineReport::from_json(&judged.to_json()?)?;
//! let report = manager.compliance_report("Fleet", &all, ReportDetail::Patches).await?;
//! let today = report.deadlines(&deadlines)?.with_previous(&stored);
//! println!("{}", today.trend_since(&stored));
//! # let _ = evidence;
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **Days count from the release.** The catalog of the service has the dates of Windows and Amazon
//!   Linux. Elsewhere a patch is unknown until it has been missing for the days of its deadline:
//!   [`with_previous`](crate::compliance::DeadlineReport::with_previous) carries over when it was first seen.
//! - **Only what the baseline approves is missing.** A critical patch that no rule approves is late on no
//!   node. The exposure below finds it.
//! - **Unknown is a state.** A node that was not scanned, or whose patches could not be read, is never met.
//! - **What will be late** takes the next install of each node:
//!   [`with_next_installs`](crate::compliance::DeadlineReport::with_next_installs).
//!
//! # Exposure to a CVE
//!
//! ```
//! use aws_patch_manager::exposure::{ExposureQuery, ExposureState};
//! use aws_patch_manager::{ComplianceQuery, PatchManager, Recurrence, ScheduleExpression};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let sundays = Recurrence::new(ScheduleExpression::parse("cron(0 2 ? * SUN *)")?);
//! let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all())
//!     .fixed_by("CVE-2026-90122", ["KB5090017"])
//!     .schedule(sundays);
//! println!("{}", query.explain(1_000, 2, 4));
//! let exposure = manager.exposure(&query).await?;
//! for node in exposure.in_state(ExposureState::Exposed) {
//!     for fix in &node.fixes {
//!         println!("{}: {fix}", node.node);
//!     }
//! }
//! if let Some(list) = exposure.override_list()? {
//!     println!("{}", list.to_json());
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the service has of CVEs depends on the system:
//!
//! | system | a node's missing patches | the catalog | so |
//! |---|---|---|---|
//! | Amazon Linux 1 and 2 | have CVE ids | has CVE ids | approved and unapproved fixes are found |
//! | other systems with rpm, SUSE | have CVE ids | does not cover them | approved fixes are found; otherwise the node is unknown |
//! | Ubuntu, Debian, macOS | have none | does not cover them | unknown |
//! | Windows | can have them | has none | name the updates: [`fixed_by`](crate::exposure::ExposureQuery::fixed_by) |
//!
//! - **The list closes a CVE today on Linux only.** Windows installs what the list names only if the
//!   baseline approves it: see [`not_closed_by_list`](crate::exposure::Exposure::not_closed_by_list).
//! - **A node is as it was at its last scan.** Scan first. A query with
//!   [`max_age`](crate::ComplianceQuery::max_age) makes old scans unknown.
//! - **Several CVEs in a row** take fewer calls from a snapshot:
//!   [`MirrorSnapshot::exposure`](crate::plan::MirrorSnapshot::exposure) makes none.
