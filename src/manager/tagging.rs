use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use super::PatchManager;
use super::pages::check;
use crate::backend::NodeInventoryExt;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::lines::Lines;
use crate::telemetry::verb;
use crate::types::{CompletedStep, Ec2Instance, NodeId, Tag};

/// The number of ids in one DescribeInstances.
const INSTANCES: usize = 1000;

/// The result of tagging a node.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub enum TagChange {
    /// The node was in no group, or in another one.
    Tagged,
    /// The node was already in the group, under this key only.
    Unchanged,
    /// The node is not in the group, or has both keys. Tagging it again may help.
    Failed(Error),
}

impl fmt::Display for TagChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tagged => f.write_str("tagged"),
            Self::Unchanged => f.write_str("already so"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

/// A node and the result of tagging it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeTagging {
    /// The node.
    pub node: NodeId,
    /// The key that the node needs.
    pub key: PatchGroupTagKey,
    /// The result.
    pub change: TagChange,
}

impl fmt::Display for NodeTagging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.node, self.key, self.change)
    }
}

/// The result for each node, in the given order. To finish failed nodes, tag again.
///
/// ```
/// use aws_patch_manager::types::NodeId;
/// use aws_patch_manager::{PatchGroup, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let nodes: Vec<NodeId> = vec!["i-0c0ffee0000000001".into(), "mi-00000000000000000".into()];
/// let report = manager.tag_nodes(&PatchGroup::new("web")?, &nodes).await?;
/// assert!(!report.is_complete());
/// for (node, error) in report.failed() {
///     println!("{node}: {error}");
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TagReport {
    /// The group.
    pub group: PatchGroup,
    /// The nodes.
    pub nodes: Vec<NodeTagging>,
}

impl TagReport {
    /// The nodes that failed, with their errors.
    pub fn failed(&self) -> impl Iterator<Item = (&NodeId, &Error)> {
        self.nodes
            .iter()
            .filter_map(|tagging| match &tagging.change {
                TagChange::Failed(error) => Some((&tagging.node, error)),
                _ => None,
            })
    }

    /// Whether every node is in the group now.
    pub fn is_complete(&self) -> bool {
        self.failed().next().is_none()
    }
}

impl fmt::Display for TagReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        for NodeTagging { node, key, change } in &self.nodes {
            writeln!(f, "{node:<20} {key:<11} = {:<16} {change}", self.group)?;
        }
        Ok(())
    }
}

/// Tags.
impl PatchManager {
    /// Puts nodes in a patch group by their tag.
    ///
    /// The key is `PatchGroup` for EC2 instances that show their tags in instance metadata, and
    /// `Patch Group` for all others. A tag under the other key is removed, because a node is in at
    /// most one group.
    ///
    /// Calls DescribeInstances (EC2) for each 1,000 instances, or again for each 200 if EC2 does not know
    /// one of them; for each node DescribeTags, and if needed CreateTags and DeleteTags (EC2), or for
    /// hybrid nodes ListTagsForResource, AddTagsToResource and RemoveTagsFromResource (SSM).
    ///
    /// ```
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let nodes: Vec<NodeId> = vec!["i-0c0ffee0000000001".into(), "mi-0c0ffee0000000009".into()];
    /// let report = manager.tag_nodes(&PatchGroup::new("web")?, &nodes).await?;
    /// assert!(report.is_complete());
    /// println!("{report}");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an id or the group is malformed, or the instances cannot be described, nothing is
    /// changed. If one node fails, the report has its error, and the others go on. The kinds are
    /// [`ErrorKind::Incomplete`] for a node that is tagged but still has the other key,
    /// [`ErrorKind::InvalidInput`] for a malformed id, [`ErrorKind::NotFound`] for an instance that EC2
    /// does not know, and those of [every call](PatchManager#what-every-call-can-meet).
    pub async fn tag_nodes(&self, group: &PatchGroup, nodes: &[NodeId]) -> Result<TagReport> {
        verb!(
            tag_nodes(group = group.as_str(), nodes = nodes.len()),
            async {
                let mut found = Violations::new();
                found.identifier(group);
                found.node_ids(nodes);
                found.or("CreateTags", ())?;
                let keys = self.tag_keys(nodes).await?;
                let mut report = TagReport {
                    group: group.clone(),
                    nodes: Vec::with_capacity(nodes.len()),
                };
                for node in nodes {
                    // No key is guessed for an instance: one that shows its tags needs another.
                    let known = node.is_hybrid() || keys.contains_key(node);
                    let key = keys.get(node).copied().unwrap_or(PatchGroupTagKey::Spaced);
                    let change = match known {
                        true => self.tag_node(group, node, key).await,
                        false => Err(unknown_instance(node)),
                    };
                    let change = change.unwrap_or_else(TagChange::Failed);
                    report.nodes.push(NodeTagging {
                        node: node.clone(),
                        key,
                        change,
                    });
                }
                Ok(report)
            }
        )
    }

    async fn tag_keys(&self, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, PatchGroupTagKey>> {
        let mut keys = BTreeMap::new();
        for instance in self.ec2_instances(nodes).await? {
            keys.insert(
                instance.instance_id.clone(),
                PatchGroupTagKey::for_instance(&instance),
            );
        }
        Ok(keys)
    }

    /// The EC2 instances among the nodes, without hybrid nodes and what EC2 does not know.
    pub(super) async fn ec2_instances(&self, nodes: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        let ids = instances_of(nodes);
        let mut instances = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(INSTANCES) {
            let described = match self.backends.nodes.named_instances(chunk).await {
                // DescribeInstances fails for all of them if one id is unknown.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    self.known_instances(chunk).await?
                }
                described => described?,
            };
            instances.extend(described);
        }
        Ok(instances)
    }

    async fn tag_node(
        &self,
        group: &PatchGroup,
        node: &NodeId,
        key: PatchGroupTagKey,
    ) -> Result<TagChange> {
        let tags = self.backends.nodes.list_tags(node).await?;
        let wanted = group.tag(key);
        let other = match key {
            PatchGroupTagKey::Spaced => PatchGroupTagKey::Joined,
            PatchGroupTagKey::Joined => PatchGroupTagKey::Spaced,
        };
        let tagged = tags.contains(&wanted);
        let stale = tags.iter().any(|tag| tag.key == other.as_str());
        if tagged && !stale {
            return Ok(TagChange::Unchanged);
        }
        let mut done = Vec::new();
        if !tagged {
            let nodes = &self.backends.nodes;
            nodes.add_tags(node, std::slice::from_ref(&wanted)).await?;
            done.push(CompletedStep::NodeTagged {
                node: node.clone(),
                tag: wanted,
            });
        }
        if stale {
            let stale = [other.as_str().to_owned()];
            let removed = self.backends.nodes.remove_tags(node, &stale).await;
            removed.map_err(|error| Error::incomplete(done, error))?;
        }
        Ok(TagChange::Tagged)
    }

    /// Removes nodes from their patch group, by removing both keys.
    ///
    /// Calls DeleteTags (EC2), or for hybrid nodes RemoveTagsFromResource (SSM), for each node.
    ///
    /// ```
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// manager.tag_nodes(&PatchGroup::new("web")?, std::slice::from_ref(&node)).await?;
    /// manager.untag_nodes(std::slice::from_ref(&node)).await?;
    /// let tags = manager.node_tags(&node).await?;
    /// assert!(tags.iter().all(|tag| tag.key != "Patch Group" && tag.key != "PatchGroup"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Incomplete`] if some nodes were untagged before one failed; untag again to finish.
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. If the first node fails, the error
    /// of that call: for an unknown node [`ErrorKind::NotFound`] (EC2) or [`ErrorKind::InvalidInput`]
    /// (hybrid), or as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn untag_nodes(&self, nodes: &[NodeId]) -> Result<()> {
        verb!(untag_nodes(nodes = nodes.len()), async {
            check_nodes(nodes, "DeleteTags")?;
            let keys = PatchGroupTagKey::ALL.map(|key| key.as_str().to_owned());
            let mut done = Vec::new();
            for node in nodes {
                if let Err(error) = self.backends.nodes.remove_tags(node, &keys).await {
                    return Err(Error::incomplete(done, error));
                }
                done.push(CompletedStep::NodeUntagged { node: node.clone() });
            }
            Ok(())
        })
    }

    /// The tags of a node.
    ///
    /// Calls DescribeTags (EC2), or for hybrid nodes ListTagsForResource (SSM).
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::NodeId;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let tags = manager.node_tags(&NodeId::new("i-0c0ffee0000000001")).await?;
    /// assert!(tags.iter().any(|tag| tag.key == "Name"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call, and for a hybrid node that is not
    /// there. It can also fail as [every call can](PatchManager#what-every-call-can-meet). For an unknown
    /// instance, EC2 returns no tags.
    pub async fn node_tags(&self, node: &NodeId) -> Result<Vec<Tag>> {
        verb!(node_tags(node = node.as_str()), async {
            check(node, "ListTagsForResource")?;
            self.backends.nodes.list_tags(node).await
        })
    }
}

fn unknown_instance(node: &NodeId) -> Error {
    Error::new(ErrorKind::NotFound, "EC2 does not know the instance")
        .with_operation("DescribeInstances")
        .with_resource(node.as_str())
}

/// The nodes that EC2 knows; it does not know hybrid nodes.
pub(super) fn instances_of(nodes: &[NodeId]) -> Vec<NodeId> {
    let nodes = nodes.iter().filter(|node| !node.is_hybrid());
    nodes.cloned().collect()
}

pub(super) fn check_nodes(nodes: &[NodeId], operation: &'static str) -> Result<()> {
    let mut found = Violations::new();
    found.node_ids(nodes);
    found.or(operation, ())
}
