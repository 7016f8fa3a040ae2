//! Development first, and the very same patches in production a week later.
//!
//! A delay does not do that: with `ApproveAfterDays` 0 in development and 7 in production, production gets
//! what is seven days old when it installs, whether development ran it or not. A frozen baseline approves
//! one set of patches, on any day.
//!
//! # Freeze, check, promote
//!
//! ```
//! use aws_patch_manager::promotion::{Promotion, PromotionQuery};
//! use aws_patch_manager::{BaselineBuilder, ComplianceQuery, PatchGroup, PatchManager};
//! use aws_patch_manager::jiff::civil::date;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let spec = BaselineBuilder::windows_critical_and_security("dev-windows", 0).build()?;
//! let id = manager.ensure_baseline(&spec).await?.id;
//! let development = manager.baseline(&id).await?;
//!
//! // On the day that development installs.
//! let frozen = Promotion::new(&development, "prod-windows").freeze(date(2026, 5, 18))?;
//! println!("{frozen}");
//!
//! // A week later, before production installs.
//! let nodes = ComplianceQuery::group(PatchGroup::new("dev")?);
//! let query = PromotionQuery::new(&development, &frozen.spec, nodes).min_days(7);
//! println!("{}", query.explain(200, 1_500));
//! let check = manager.check_promotion(&query).await?;
//! println!("{check}");
//! if check.is_ready() {
//!     manager.ensure_baseline(&frozen.spec).await?;
//! }
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a frozen baseline is
//!
//! | system | the frozen baseline |
//! |---|---|
//! | all with release dates | each rule with the `ApproveUntilDate` that approves the same patches |
//! | Ubuntu, Debian, Raspberry Pi OS | the approved versions of the catalog by name, at most 50 |
//!
//! - **Days begin in UTC.** A delay of D days approves what was released before the instant less D days; a
//!   cut-off date approves its whole day in UTC. [`freeze`](crate::promotion::Promotion::freeze) takes the
//!   beginning of a day, which a date says exactly.
//!   [`freeze_at`](crate::promotion::Promotion::freeze_at) takes any instant. It rounds to the day before,
//!   and reports what that leaves out.
//! - **Lists have no dates.** An entry of the approved list that names a package in any version approves
//!   later ones too: an [`OpenEntry`](crate::promotion::FreezeDeviation::OpenEntry). Name a version or an
//!   advisory.
//! - **The frozen baseline approves; it does not keep patches available.** Windows drops an update from the
//!   catalog when a newer one supersedes it, so production has to install before the next second Tuesday
//!   plus the time it takes. On Linux a repository can drop a version, and an update of a notice moves its
//!   date behind the cut-off. Freeze the repository as well if that matters.
//! - **A patch without a release date passes every date.** On Linux that is a package that no notice
//!   names: leave `EnableNonSecurity` off if production must not get it.
//! - **apt without dates**: give the patches of the day to
//!   [`catalog`](crate::promotion::Promotion::catalog), since the service does not list them. A list has
//!   one compliance level, the highest of the approved patches. More than 50 patches are refused: filter
//!   by product, section or priority, or freeze a baseline for each product.
//!
//! # Every month
//!
//! [`advance_cutoff`](crate::promotion::advance_cutoff) moves the cut-off dates of a frozen baseline, and
//! keeps the distance between rules. It refuses to move back, which
//! [`move_cutoff`](crate::promotion::move_cutoff) does.
//!
//! ```
//! use aws_patch_manager::promotion::{Promotion, advance_cutoff, latest_patch_tuesday};
//! use aws_patch_manager::{BaselineBuilder, PatchManager};
//! use aws_patch_manager::jiff::civil::date;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let spec = BaselineBuilder::windows_critical_and_security("dev-windows", 0).build()?;
//! let development = manager.baseline(&manager.create_baseline(&spec).await?).await?;
//! let frozen = Promotion::new(&development, "prod-windows").freeze(date(2026, 4, 15))?;
//! let id = manager.ensure_baseline(&frozen.spec).await?.id;
//!
//! // In May: all that was released until the second Tuesday.
//! let cutoff = latest_patch_tuesday(date(2026, 5, 20), 0)?;
//! let moved = advance_cutoff(&manager.baseline(&id).await?, cutoff)?;
//! println!("{moved}");
//! manager.ensure_baseline(&moved.spec).await?;
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the check finds
//!
//! | finding | what it means |
//! |---|---|
//! | `InstallFailed`, `NotInstalled`, `PendingReboot` | development approves it, and does not run it yet |
//! | `NotApproved` | development will not run it: its baseline says why |
//! | `TooRecent`, `InstalledWithoutDate` | development runs it, not long enough or not known since when |
//! | `NewerInstalled` | development has gone past this version |
//! | `NotApplicable` | no node of development needs it, so no waiting helps; it does not block |
//! | `NotPromoted` | development has run it, and production would not get it |
//!
//! - **What has run is what nodes report**: scan first. A node that was never scanned is counted as unknown.
//! - **Another account**: give its baseline, as read there, in place of an id.
//! - **Systems that the service does not list** need a
//!   [`catalog`](crate::promotion::PromotionQuery::catalog). Without one there is nothing to judge, and what
//!   has run is [`unjudged`](crate::promotion::PromotionCheck::unjudged).
