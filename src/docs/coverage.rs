//! Who is patched by what, and who is not patched at all?
//!
//! A schedule finds its nodes by their tags. A node with another spelling of the tag is not patched,
//! and nothing says so: the schedule succeeds, and the node is in no report. [`coverage`] reads the
//! account, matches every target with the tags that nodes have now, and lists what is wrong.
//!
//! ```
//! use aws_patch_manager::plan::MirrorScope;
//! use aws_patch_manager::prerequisites::FindingKind;
//! use aws_patch_manager::schedule::PolicyTargets;
//! use aws_patch_manager::types::{NodeId, Tag};
//! use aws_patch_manager::{PatchManager, PolicySchedule};
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let node = NodeId::new("i-0c0ffee0000000001");
//! manager.ensure_node_tags(&node, &[Tag::new("Patch group", "web")]).await?;
//! let web = PolicySchedule::quick_setup_default("web")
//!     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")))
//!     .patch_policy()?;
//! manager.ensure_policy(&web).await?;
//!
//! let coverage = manager.coverage(&MirrorScope::new()).await?;
//! println!("{coverage}");
//! let mut findings = coverage.of_node(&node);
//! let misspelled = findings.find(|found| found.kind == FindingKind::TagKeyMisspelled);
//! let misspelled = misspelled.ok_or("not found")?;
//! assert_eq!(misspelled.message, "the tag key `Patch group` is not `Patch Group`, so the node is in no patch group");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it finds
//!
//! | kind | severity | what is wrong |
//! |---|---|---|
//! | `no-schedule` | error | no schedule scans the node or installs patches on it |
//! | `no-install-schedule` | error | schedules scan the node, and none installs: often a daily scan of every node hides a misspelled tag |
//! | `no-scan-schedule` | note | schedules install on the node, and none scans it in between |
//! | `not-managed` | error | the instance runs, and Systems Manager does not know it |
//! | `installed-twice` | warning | two policies, windows or associations install on the node |
//! | `several-baselines` | warning | schedules judge the node by different baselines |
//! | `policy-baseline-missing` | error | a policy selects no baseline for the system of the node |
//! | `group-not-bound` | warning, note | the group has no baseline for the system of the node |
//! | `tag-key-misspelled` | warning | a tag key is almost a patch group key |
//! | `tag-mismatch` | warning | a tag is almost the target of a schedule, or under the other patch group key |
//! | `target-unmatched` | warning, note | a target matches no node, or names nodes that are gone |
//! | `not-checked` | unknown | a part of the account could not be read, or the scope leaves it out |
//!
//! # Rules to know
//!
//! - **Unknown is not uncovered.** If maintenance windows cannot be read, a node without another
//!   schedule is unknown. So is a node that a resource group may contain, because its members are not
//!   read.
//! - **A schedule that does not run covers nothing**: a disabled window, one after its end, an
//!   association without a schedule. It is evidence of the finding.
//! - **A policy and its associations are one schedule.** The associations of an organization's policy,
//!   which its management account holds, count as associations.
//! - **Only patch documents count**: AWS-RunPatchBaseline, its variants with hooks and for
//!   associations. Runbooks and other documents that patch are not known.
//! - **It says nothing of whether a run succeeds.** For that there are the
//!   [prerequisites](super::prerequisites).
//!
//! [`exit_code`](crate::plan::Coverage::exit_code) is for a gate in a pipeline: 0 if nothing is an
//! error or unknown, 1 for an error, 2 for something unknown. [`Coverage::of`](crate::plan::Coverage::of)
//! judges a snapshot that was read before, without any call.
//!
//! # What it costs
//!
//! What [`mirror_snapshot`](crate::PatchManager::mirror_snapshot) costs:
//! [`MirrorScope::explain`](crate::plan::MirrorScope::explain) lists the calls and the IAM actions. No
//! call is for a single node, unless the node is hybrid: its tags take one.
//!
//! [`coverage`]: crate::PatchManager::coverage
