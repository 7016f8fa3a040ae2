use serde::{Deserialize, Serialize};

use crate::group::PatchGroup;
use crate::types::{NodeId, Tag, Target};

/// Nodes, and the patch group and tags that they shall have. Other tags of the nodes stay as they
/// are.
///
/// ```
/// use aws_patch_manager::PatchGroup;
/// use aws_patch_manager::plan::DesiredNodes;
/// use aws_patch_manager::types::{Tag, Target};
///
/// let web = DesiredNodes::new(Target::tag("Role", ["web", "proxy"]))
///     .patch_group(PatchGroup::new("web")?)
///     .tag("Maintenance", "sunday");
/// assert_eq!(web.tags, [Tag::new("Maintenance", "sunday")]);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct DesiredNodes {
    /// Which nodes: by `InstanceIds`, `tag:KEY` or `tag-key`. Several targets are ANDed, the values
    /// of one are ORed.
    pub targets: Vec<Target>,
    /// The patch group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_group: Option<PatchGroup>,
    /// Further tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl DesiredNodes {
    /// The nodes of this target.
    pub fn new(target: Target) -> Self {
        Self {
            targets: vec![target],
            ..Self::default()
        }
    }

    /// The nodes with these ids.
    pub fn ids<I>(ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self::new(Target::instance_ids(ids))
    }

    /// Puts them in this patch group.
    #[must_use]
    pub fn patch_group(mut self, group: PatchGroup) -> Self {
        self.patch_group = Some(group);
        self
    }

    /// Gives them this tag as well.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push(Tag::new(key, value));
        self
    }
}
