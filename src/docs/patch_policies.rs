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
//! // Scan every day at 01:00, install on Sundays at 02:00, reboot if needed.
//! let mut policy = PolicySchedule::quick_setup_default("production")
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
//! To make two of them from one description, add the settings of each to a clone. Baselines are a policy's
//! own, and a window needs nodes that it can name:
//!
//! ```
//! use aws_patch_manager::schedule::PolicyTargets;
//! use aws_patch_manager::types::{OperatingSystem, Tag};
//! use aws_patch_manager::{BaselineBuilder, PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let web = PolicySchedule::quick_setup_default("web")
//!     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")));
//!
//! for window in web.clone().time_zone("Europe/Berlin").maintenance_windows()? {
//!     println!("{}", manager.ensure_maintenance_window(&window).await?);
//! }
//!
//! let spec = BaselineBuilder::windows_critical_and_security("web-windows", 7).build()?;
//! let baseline = manager.ensure_baseline(&spec).await?.id;
//! let policy = web.baseline(OperatingSystem::Windows, baseline, spec.name).patch_policy()?;
//! println!("{}", manager.ensure_policy(&policy).await?);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Use one of them for a node: two that are due together run twice on it.
//!
//! # For an organization, and for several Regions
//!
//! In the management account a policy can be deployed to organizational units, or to all accounts by the
//! id of the root; in any account, to several Regions. Quick Setup takes no policy for units from a
//! delegated administrator. Without units it is for its own account, without Regions for the Region where
//! it is made. In each account and Region it covers the nodes of
//! [`targets`](crate::PolicySchedule::targets): all, or those with a tag.
//!
//! ```
//! use aws_patch_manager::schedule::PolicyTargets;
//! use aws_patch_manager::types::Tag;
//! use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
//! use std::time::Duration;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let memory = MemoryBackend::sample();
//! memory.set_unit_accounts("ou-abcd-12345678", ["111122223333", "444455556666"]);
//! memory.fail_policy_deployment("444455556666", "eu-west-1", "the role cannot be assumed");
//! let manager = PatchManager::from_memory(&memory);
//! let policy = PolicySchedule::quick_setup_default("production")
//!     .organizational_units(["ou-abcd-12345678"])
//!     .regions(["us-east-1", "eu-west-1"])
//!     .targets(PolicyTargets::Tag(Tag::new("Environment", "production")))
//!     .patch_policy()?;
//! let arn = manager.ensure_policy(&policy).await?.arn;
//! let deployment = manager
//!     .wait_for_policy_deployment(&arn, Duration::from_secs(30 * 60))
//!     .await?;
//! assert!(!deployment.is_deployed());
//! for failed in deployment.failures() {
//!     println!("{failed}");
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`policy_deployment`](crate::PatchManager::policy_deployment) reports the state in each account and
//! Region that Quick Setup lists. A Region for which it lists nothing is named, and not taken for deployed.
//! Quick Setup deploys when it is written to: `ensure_policy` of an unchanged policy writes nothing, so it
//! repairs no failed deployment. Remove the cause, then write a change of the policy.
//!
//! Whether an account is in a unit is not known from within it. So
//! [`coverage`](crate::PatchManager::coverage) counts such a policy only if the account has its
//! associations, and calls it possible otherwise; a [forecast](crate::plan::Forecast) names it.
//!
//! # Read, changed and written back
//!
//! A policy that was read remembers its parameters. Writing it back changes only the parameters of the
//! fields that were changed: unknown parameters stay, texts keep their form, `PatchBaselineUseDefault` keeps
//! its word, and no parameter is added. An update of a policy made by the console or by Terraform does not
//! show up there as a change of anything else.
//!
//! # Rules to know
//!
//! - **`cron` has six fields here**, the year last, or seven with seconds in front, and either the day of the month or the day of the
//!   week is `?`. Five fields, as Unix has them, are refused with a caret under what is wrong.
//! - **`rate` and `at`** are for windows and associations as the guide of each says;
//!   [`ScheduleExpression`](crate::ScheduleExpression) knows which.
//! - **Midnight in UTC is not midnight.** Patch policies and associations know no other zone. The
//!   preview shows what that is in yours, and [`lint`](crate::schedule::lint) says what may surprise.
//! - **A clock that is put forward skips an hour, one put back has it twice.** A window due in the gap
//!   opens after it; one due in the hour that comes twice opens once, the first time. AWS does not
//!   document it: that is this crate's reading.
//! - **A node whose system has no baseline in a policy fails**, with exit code 163, counts as an error
//!   and may stop the run for the others. So the adapter for AWS selects AWS's default for every system
//!   that a policy does not name, as the console does. The memory backend takes a policy as it stands:
//!   one that names some systems fails on the others, one that names none uses AWS's defaults.
//! - **Two runs on a node within 2 minutes may both fail**, sometimes without a word in the log. Keep
//!   scan and install apart, as [`quick_setup_default`](crate::PolicySchedule::quick_setup_default)
//!   does; what [`ensure_policy`](crate::PatchManager::ensure_policy) answers has a warning of those that
//!   meet, and so has a plan. An install ends with a scan of its own, so the scan of that day can be left out. In memory both run, one after the other.
//! - **A policy is two associations of State Manager**, `AWS-QuickSetup-PatchPolicy-…-LA-ID`, with its
//!   rules: UTC, no offset, and no months by its list of forms, of which a warning tells.
//! - **A policy leaves traces.** EC2 targets get the tag `QSConfigName-ID`; leave it out where you compare
//!   tags. Reports name random baselines that GetPatchBaseline does not know. A baseline of your own
//!   is copied once an hour, so a change of it acts up to an hour later.
//! - **Nodes with an instance profile of their own** may not read the policy's baselines (exit code 160 on
//!   Linux, 4294967295 on Windows)
//!   until Quick Setup may add its policies
//!   ([`policy_attach_allowed`](crate::PolicySchedule::policy_attach_allowed)), or their role allows
//!   `s3:GetObject` on `aws-quicksetup-patchpolicy-*` and has the tag `QSConfigId-ID` = `ID`.
//! - **Quick Setup's roles** are those that its console makes. An account that never used it lacks them;
//!   [`local_roles`](crate::PolicySchedule::local_roles) names others.
//! - **Policies exist in 16 Regions**, reach EC2 instances only if they are named by id, and go to either
//!   accounts or organizational units.
//! - **The default limits of a policy stop early**: 10% of the nodes at a time, and no more once over 2% failed.
//!
//! # What it costs
//!
//! `patch_policy`, `planned_runs`, `lint` and the preview make no call. The `ensure_` verbs look
//! for the name, a page at a time, and write what differs. If nothing differs, they write nothing.
