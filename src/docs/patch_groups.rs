//! Step 2: which baseline does a node get?
//!
//! A patch group is a name. Bound to a baseline, it is the group's baseline for that baseline's
//! operating system; as the value of a tag on a node, it is the node's group. The two halves meet when
//! a run starts, and either can be there without the other.
//!
//! ```
//! use aws_patch_manager::types::OperatingSystem;
//! use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let web = PatchGroup::new("web")?;
//!
//! // One group for the whole of a service, a baseline for each of its systems.
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
//! - **One baseline per group and system.** Binding a second one is
//!   [`AlreadyExists`](crate::ErrorKind::AlreadyExists), naming the first.
//!   [`rebind_patch_group`](crate::PatchManager::rebind_patch_group) puts another in its place; the
//!   service has no single step for that, so for a moment the default applies.
//! - **No binding is no error.** A node whose group has no baseline for its system gets the account's
//!   default, and that is AWS's own until you [set one](crate::PatchManager::set_default_baseline).
//!   [`check_prerequisites`](crate::PatchManager::check_prerequisites) says so in a note.
//! - **A baseline has at most 25 groups**, and cannot be deleted while it has one or is a default.
//! - **A node is in one group.** Two tags, under the two keys, are a mistake: see
//!   [tagging](super::tagging).
//! - **Patch policies pass by groups.** They bring baselines of their own; windows, associations and
//!   runs by hand go by groups.
//!
//! # What it costs
//!
//! [`bind_patch_group`](crate::PatchManager::bind_patch_group): GetPatchBaseline, one
//! DescribePatchGroups for each page of bindings whose group begins with that name, and at most one
//! write. Binding what is bound already writes nothing.
