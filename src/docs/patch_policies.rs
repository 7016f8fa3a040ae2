//! Step 4: when are nodes scanned and patched, and by what?
//!
//! Describe it once. [`PolicySchedule`](crate::PolicySchedule) turns it into a patch policy, into maintenance windows, or into
//! State Manager associations, and says before any call what one of them cannot do.
//!
//! ```
//! use aws_patch_manager::schedule::SchedulePreview;
//! use aws_patch_manager::types::RebootOption;
//! use aws_patch_manager::{BaselineBuilder, PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! // Scan every day at 00:00, install on Sundays at 00:00, reboot where that is needed.
//! let mut policy = PolicySchedule::daily_scan_weekly_install("production")
//!     .reboot(RebootOption::RebootIfNeeded);
//! // A baseline for each system of the fleet.
//! for spec in [
//!     BaselineBuilder::windows_critical_and_security("production-windows", 7).build()?,
//!     BaselineBuilder::amazon_linux_2023_security("production-al2023", 7).build()?,
//!     BaselineBuilder::ubuntu_security("production-ubuntu").build()?,
//! ] {
//!     let baseline = manager.ensure_baseline(&spec).await?.id;
//!     policy = policy.baseline(spec.operating_system(), baseline, spec.name);
//! }
//! let policy = policy.patch_policy()?;
//!
//! let runs = policy.planned_runs()?;
//! let preview = SchedulePreview::new(&runs, "2026-05-20T12:00:00Z".parse()?, "Asia/Tokyo")?;
//! println!("{}", preview.weeks(2));
//!
//! let applied = manager.ensure_policy(&policy).await?;
//! println!("{applied}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which of the three
//!
//! | | patch policy | maintenance window | association |
//! |---|---|---|---|
//! | for | a whole account, Region or organization | a set of nodes with a fixed time to work in | nodes that shall stay as described |
//! | time zone | UTC | any | UTC |
//! | baselines | its own, by system | by group, else the default | by group, else the default |
//! | ends in the middle | no | yes, at its cutoff | by a duration |
//! | hooks before and after | no | yes | yes |
//! | applied with | [`ensure_policy`](crate::PatchManager::ensure_policy) | [`ensure_maintenance_window`](crate::PatchManager::ensure_maintenance_window) | [`ensure_association`](crate::PatchManager::ensure_association) |
//!
//! The table at [`PolicySchedule`](crate::PolicySchedule) has every setting. Asking one of them for what it cannot do is
//! refused, and the refusal names who can.
//!
//! # Rules to know
//!
//! - **`cron` has six fields here**, the year last, and either the day of the month or the day of the
//!   week is `?`. Five fields, as Unix has them, are refused with a caret under what is wrong.
//! - **`rate` and `at`** are for windows and associations as the guide of each says;
//!   [`ScheduleExpression`](crate::ScheduleExpression) knows which.
//! - **Midnight in UTC is not midnight.** Patch policies and associations know no other zone. The
//!   preview shows what that is in yours, and [`lint`](crate::schedule::lint) says what may surprise.
//! - **A clock that is put forward skips an hour, one put back has it twice.** A window due in the gap
//!   opens after it; one due in the hour that comes twice opens once, the first time. AWS does not
//!   document it: that is this crate's reading.
//! - **A policy that selects a baseline patches only the systems it selects one for.** Nodes of every
//!   other are left alone, without an error anywhere. Select one for each system of the fleet, or none
//!   at all: then AWS's defaults apply to all. [`lints`](crate::schedule::PatchPolicy::lints) tells of
//!   a policy with one only.
//! - **An install begins with a scan of its own**, so a scan that is due with it is left out.
//! - **The default limits of a policy stop early**: 10% of the nodes at a time, and no more once over 2% failed.
//!
//! # What it costs
//!
//! `build`, `planned_runs`, `lint` and the preview make no call. The `apply_` verbs list what is there
//! by name, a page at a time, and write what differs: applying the same again writes nothing.
