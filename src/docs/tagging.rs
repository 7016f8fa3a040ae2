//! Step 3: how does a node come into its group?
//!
//! By a tag whose value is the group's name. The key is `Patch Group`, unless the instance shows its
//! tags in instance metadata: such keys take no spaces, and then it is `PatchGroup`. One fleet often
//! needs both, so [`tag_nodes`] asks each instance.
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
//! - **The group is read when a run starts.** A tag that comes later counts from the next run on; the
//!   report of a node keeps the group it had.
//! - **A run that names a group names a key.** [`PatchRequest::group`](crate::PatchRequest::group)
//!   takes the key, since a target is one tag; a fleet with both keys takes two runs, or targets by
//!   another tag.
//! - **EC2 instances are tagged through EC2** (feature `ec2`), **hybrid nodes through Systems Manager**.
//!   `tag_nodes` does both.
//! - **A tag under the other key is taken away**, since a node under both keys is in one group only
//!   and targets by the other key miss it.
//! - **Turning metadata tags on** in EC2 fails while an instance has a key with a space. Take the tag
//!   off, turn them on, tag again.
//!
//! # What it costs
//!
//! One DescribeInstances for each 1,000 instances; for each node one read of its tags, and at most two
//! writes. A node that is in the group under its key is not written to. One node that fails stops no
//! other; running it again does what is left.
//!
//! [`tag_nodes`]: crate::PatchManager::tag_nodes
