//! Step 3: how does a node join its group?
//!
//! A node joins a group by a tag whose value is the group's name. The key is `Patch Group`. If the
//! instance shows its tags in instance metadata, keys cannot have spaces, and the key is
//! `PatchGroup`. One fleet often needs both, so [`tag_nodes`] finds the key for each instance.
//!
//! ```
//! use aws_patch_manager::types::NodeId;
//! use aws_patch_manager::{PatchGroup, PatchGroupTagKey, PatchManager};
//! use futures_util::TryStreamExt;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let manager = PatchManager::in_memory();
//! let nodes = manager.list_nodes();
//! let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
//!
//! let web = PatchGroup::new("web")?;
//! let report = manager.tag_nodes(&web, &nodes).await?;
//! for (node, error) in report.failed() {
//!     eprintln!("{node}: {error}");
//! }
//! assert!(report.is_complete());
//! let joined = report.nodes.iter().filter(|node| node.key == PatchGroupTagKey::Joined);
//! assert_eq!(joined.count(), 1, "one node of the sample shows its tags in metadata");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules to know
//!
//! - **The node reads its group when a run starts.** A later tag counts from the next run on. Until
//!   then, the node's patch state has the earlier group.
//! - **The two keys are two targets.** [`PatchRequest::patch_group`](crate::PatchRequest::patch_group)
//!   runs on both, with two commands and one outcome. A window or an association that targets one key
//!   misses the nodes with the other: [coverage](super::coverage) finds them.
//! - **EC2 instances are tagged through EC2** (feature `ec2`), **hybrid nodes through Systems Manager**.
//!   `tag_nodes` does both.
//! - **`tag_nodes` removes a tag under the other key.** A node with both keys is in one group only,
//!   and targets by the other key miss it.
//! - **EC2 cannot turn metadata tags on** while an instance has a key with a space. Remove the tag,
//!   turn them on, and tag again.
//!
//! # What it costs
//!
//! One DescribeInstances for each 1,000 instances, or 6 if EC2 does not know one of them; for each node one
//! read of its tags, and at most two writes. If a node already has the right tag, nothing is written. If one
//! node fails, such as an instance that is gone, the others go on. Run it again to do the rest.
//!
//! [`tag_nodes`]: crate::PatchManager::tag_nodes
