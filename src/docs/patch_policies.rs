//! Step 4: when are nodes scanned and patched, and by what?
//!
//! Describe the schedule once. [`PolicySchedule`](crate::PolicySchedule) turns it into a patch
//! policy, into maintenance windows, or into State Manager associations. Before any call, it
//! refuses what the chosen mechanism cannot do.
//!
//! ```
//! use aws_patch_manager::schedule::SchedulePreview;
//! use aws_patch_manager::types::RebootOption;
//! use aws_patch_manager::{BaselineBuilder, PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! // Scan every day at 00:00, install on Sundays at 00:00, reboot if needed.
//! let mut policy = PolicySchedule::daily_scan_weekly_install("production")
//!     .reboot(RebootOption::RebootIfNeeded);
//! // A baseline for each operating system of the fleet.
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
//! | for | a whole account, Region or organization | a set of nodes with a fixed maintenance time | nodes that must stay as described |
//! | time zone | UTC | any | UTC |
//! | baselines | its own, one for each system | the group's, else the default | the group's, else the default |
//! | stops starting new work | no | yes, at its cutoff | after a duration |
//! | hooks before and after | no | yes | yes |
//! | applied with | [`ensure_policy`](crate::PatchManager::ensure_policy) | [`ensure_maintenance_window`](crate::PatchManager::ensure_maintenance_window) | [`ensure_association`](crate::PatchManager::ensure_association) |
//!
//! The table at [`PolicySchedule`](crate::PolicySchedule) has every setting. If a mechanism does
//! not support a setting, the error names those that do.
//!
//! # Rules to know
//!
//! - **`cron` has six fields here**, the year last, and either the day of the month or the day of
//!   the week is `?`. Unix cron has five fields: the error puts a caret under what is wrong.
//! - **`rate` and `at`** are not legal for every mechanism:
//!   [`ScheduleExpression`](crate::ScheduleExpression) checks them.
//! - **Midnight in UTC is not midnight at your site.** Patch policies and associations have no
//!   other time zone. The preview shows the local time, and [`lint`](crate::schedule::lint) warns
//!   of surprises.
//! - **Daylight saving time skips an hour and repeats another.** If a window is due in the skipped
//!   hour, it opens after it. If it is due in the repeated hour, it opens once, the first time. AWS
//!   does not document this: it is this crate's assumption.
//! - **A policy that names baselines skips nodes of any other operating system**, without an error.
//!   Name a baseline for each system of the fleet, or none: then AWS's defaults apply to all.
//!   [`lints`](crate::schedule::PatchPolicy::lints) warns if a policy names only one.
//! - **An install starts with its own scan**, so a scan at the same time is left out.
//! - **The default limits of a policy are low**: it patches 10% of the nodes at a time, and stops
//!   after more than 2% have failed.
//!
//! # What it costs
//!
//! `patch_policy`, `planned_runs`, `lint` and the preview make no call. The `ensure_` verbs look
//! for the name, a page at a time, and write what differs. If nothing differs, they write nothing.
