//! An account read into memory: to look at it, to try a change, and to see what will happen.
//!
//! # The mirror
//!
//! [`mirror_snapshot`](crate::PatchManager::mirror_snapshot) reads an account as plain data, with its
//! baselines, groups, policies, windows, associations, nodes and tags. The scope says whether it also reads
//! the patches of nodes and the catalog, and counts the calls before any is made:
//!
//! ```
//! use aws_patch_manager::plan::{AccountSize, MirrorScope};
//!
//! let everything = MirrorScope::new().patches().catalog();
//! println!("{}", everything.explain(&AccountSize::of_nodes(10_000)));
//! ```
//!
//! Without patches, 10,000 nodes take 20 calls: 1,000 a page, once of Systems Manager and once of EC2. With
//! them, each node that was ever scanned takes a call or more. What the caller may not read is named in
//! [`unread`](crate::plan::MirrorSnapshot::unread), and everything else is read.
//!
//! [`MemoryBackend::from_snapshot`](crate::MemoryBackend::from_snapshot) continues from a snapshot in
//! memory, with the same ids, on a clock that you turn. Its documentation says what is inferred, and what a
//! mirror does not have. The snapshot is JSON: read it in one job, and use it in another that has no
//! permission at all.
//!
//! # The dry run
//!
//! [`dry_run`](crate::PatchManager::dry_run) gives a manager over a mirror. Every verb answers as it would,
//! errors included, and [`recorded`](crate::plan::DryRun::recorded) has the writes:
//!
//! ```
//! use aws_patch_manager::{BaselineBuilder, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let dry = manager.dry_run().await?;
//! let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
//! dry.manager().ensure_baseline(&spec).await?;
//! assert_eq!(dry.recorded()[0].operation, "CreatePatchBaseline");
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The forecast
//!
//! [`forecast`](crate::PatchManager::forecast) reads the account with patches and catalog, turns the
//! mirror's clock, and reads off what happened: each install with its patches and its reboot, windows that
//! are too short, nodes on which no schedule installs, what will still be missing and why, and the
//! compliance of that day. It prints as a calendar; [`to_html`](crate::plan::Forecast::to_html) makes a
//! page, whose calendar has only the months with installs, 36 at most, and
//! [`to_json`](crate::plan::Forecast::to_json) everything. `examples/forecast.rs` does so for
//! the sample fleet, or for as many nodes as you say.
//!
//! To see what a change would do, make it in a dry run first:
//!
//! ```
//! use aws_patch_manager::plan::{Forecast, MirrorScope};
//! use aws_patch_manager::{PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let dry = manager.dry_run_with(&MirrorScope::new().patches().catalog()).await?;
//! let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
//! dry.manager().ensure_policy(&policy).await?;
//! let forecast = Forecast::on(dry.mirror(), "2026-06-14T00:00:00Z".parse()?).await?;
//! assert_eq!(forecast.uncovered, []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Scan first: what an install does on a node that never reported its patches is not known, and such a node
//! stays unknown until the end.
//!
//! Documents that do not patch, such as `AWS-RunShellScript`, run in a mirror without effect and are not in
//! a forecast. A forecast knows no patch that is released later. The times are memory's: a scan takes a minute, an
//! install a minute more for each patch, and two for a reboot. So a window that is too short in a forecast
//! is too short; one that fits may still be too short for slower machines.
//!
//! # The calendar
//!
//! [`patch_calendar`](crate::PatchManager::patch_calendar) says what is planned, for people who agree on
//! dates: when each patch policy, maintenance window and association runs, which of them never does, and which
//! patches each baseline approves on which day. It turns no clock and judges no node, so it is quick, and it
//! needs no scan. It reads neither the patches of nodes nor what a run will do; that is the forecast.
//! [`PatchCalendar::of`](crate::plan::PatchCalendar::of) makes it from a snapshot, without a call:
//!
//! ```
//! use aws_patch_manager::plan::{MirrorScope, PatchCalendar};
//! use aws_patch_manager::{PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
//! manager.ensure_policy(&policy).await?;
//! let snapshot = manager.mirror_snapshot(&MirrorScope::new().catalog()).await?;
//! let june = "2026-06-01T00:00:00Z".parse()?.."2026-07-01T00:00:00Z".parse()?;
//! let calendar = PatchCalendar::of(&snapshot, june)?;
//! println!("{calendar}");
//! let page = calendar.to_html();
//! # assert!(page.contains("June 2026"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It spans two years and 100,000 runs at most.
