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
//! # A group as people mean it
//!
//! "The group web" means every node with the tag, whichever of the two keys it has, scanned or not.
//! The service has three other meanings: a target is one key; the states of a group are those of nodes
//! that were in it when they were last scanned; and a misspelled group is a group without nodes, which
//! nothing contradicts. These methods take the first meaning:
//!
//! ```
//! use std::time::Duration;
//!
//! use aws_patch_manager::types::NodeId;
//! use aws_patch_manager::{ComplianceQuery, PatchGroup, PatchManager, PatchRequest};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let edge = PatchGroup::new("edge")?;
//! manager.tag_nodes(&edge, &[NodeId::new("i-0c0ffee0000000001")]).await?;
//!
//! let before = manager.compliance_summary(&ComplianceQuery::tagged(edge.clone())).await?;
//! assert_eq!((before.unknown, before.exit_code()), (1, 2), "never scanned is not compliant");
//!
//! let run = manager.run(&PatchRequest::scan().patch_group(&edge)).await?;
//! let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
//! assert!(outcome.is_success());
//!
//! let misspelled = PatchRequest::scan().patch_group(&PatchGroup::new("edgee")?);
//! let outcome = manager.run(&misspelled).await?.wait(Duration::from_secs(3600)).await?;
//! assert_eq!((outcome.to_string().as_str(), outcome.exit_code()), ("no node matched the targets", 2));
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`RunOutcome::exit_code`](crate::operation::RunOutcome::exit_code) and
//! [`ComplianceSummary::exit_code`](crate::compliance::ComplianceSummary::exit_code) are for a gate in
//! a pipeline: 0 passes, 1 found something, 2 does not know or found no node.
//!
//! # What it costs
//!
//! [`bind_patch_group`](crate::PatchManager::bind_patch_group): GetPatchBaseline, one
//! DescribePatchGroups for each page of bindings whose group begins with that name, and at most one
//! write. If the group is already bound to the baseline, it writes nothing.
