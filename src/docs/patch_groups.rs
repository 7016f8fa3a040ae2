//! Step 2: which baseline does a node get?
//!
//! A patch group is a name that links nodes to baselines. You bind the name to one baseline for
//! each operating system, and put it on nodes as the value of a tag. When a run starts, each node
//! uses the baseline of its group. Either half can exist without the other.
//!
//! ```
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let web = PatchGroup::new("web")?;
//!
//! // One group for the whole service, with a baseline for each of its operating systems.
//! let windows = BaselineBuilder::windows_critical_and_security("web-windows", 7).build()?;
//! let linux = BaselineBuilder::amazon_linux_2023_security("web-al2023", 3).build()?;
//! for spec in [windows, linux] {
//!     let baseline = manager.ensure_baseline(&spec).await?;
//!     manager.bind_patch_group(&web, &baseline.id).await?;
//! }
//!
//! let used = manager.baseline_for_group(&web, OperatingSystem::Windows).await?;
//! assert!(!used.baseline_id.is_aws_owned());
//! let used = manager.baseline_for_group(&web, OperatingSystem::Ubuntu).await?;
//! assert!(used.baseline_id.is_aws_owned(), "the default, for nothing is bound");
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules to know
//!
//! - **One baseline per group and system.** If you bind a second one, the call fails with
//!   [`AlreadyExists`](crate::ErrorKind::AlreadyExists) and names the first.
//!   [`rebind_patch_group`](crate::PatchManager::rebind_patch_group) replaces the baseline. The
//!   service has no single operation for that, so the default applies for a moment.
//! - **A missing binding is not an error.** If a node's group has no baseline for its system, the
//!   node uses the account's default. This is AWS's own until you [set
//!   one](crate::PatchManager::set_default_baseline).
//!   [`check_prerequisites`](crate::PatchManager::check_prerequisites) reports it as a note.
//! - **A baseline has at most 25 groups.** You cannot delete it while it has a group or is a
//!   default.
//! - **A node is in one group.** Two tags, under the two keys, are a mistake: see
//!   [tagging](super::tagging).
//! - **Patch policies ignore groups.** They name their own baselines. Windows, associations and
//!   runs by hand use groups.
//!
//! # What it costs
//!
//! [`bind_patch_group`](crate::PatchManager::bind_patch_group): GetPatchBaseline, one
//! DescribePatchGroups for each page of bindings whose group begins with that name, and at most one
//! write. If the group is already bound to the baseline, it writes nothing.
