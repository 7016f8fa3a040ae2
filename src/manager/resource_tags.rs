use super::pages::check;
use super::{Change, PatchManager};
use crate::backend::{
    AddTagsToResource, ListTagsForResource, NodeInventoryExt, ResourceTypeForTagging,
};
use crate::error::{Result, Violations};
use crate::telemetry::verb;
use crate::types::{Difference, NodeId, Tag, shown_text};

/// Tags of resources.
impl PatchManager {
    /// Sets tags of a baseline, a maintenance window, an association or a hybrid node, if they are not
    /// as given. Other tags stay.
    ///
    /// Calls ListTagsForResource, and AddTagsToResource if a tag differs.
    ///
    /// ```
    /// use aws_patch_manager::backend::ResourceTypeForTagging;
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    /// let id = manager.ensure_baseline(&spec).await?.id;
    /// let tags = [Tag::new("Team", "platform")];
    /// let kind = ResourceTypeForTagging::PatchBaseline;
    /// manager.ensure_resource_tags(kind.clone(), id.as_str(), &tags).await?;
    /// let again = manager.ensure_resource_tags(kind, id.as_str(), &tags).await?;
    /// assert_eq!(again, Change::Unchanged);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty id, before any call,
    /// and if there is no such resource or a tag is malformed.
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) at the resource's 51st tag. It
    /// can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_resource_tags(
        &self,
        kind: ResourceTypeForTagging,
        id: &str,
        tags: &[Tag],
    ) -> Result<Change> {
        verb!(ensure_resource_tags(resource = id), async {
            let mut found = Violations::new();
            found.require(!id.is_empty(), "ResourceId", "", "the id of the resource");
            found.or("AddTagsToResource", ())?;
            let request = ListTagsForResource::new(kind.clone(), id);
            let current = self.backends.nodes.list_tags_for_resource(request).await?;
            let (missing, change) = missing(&current, tags);
            if !missing.is_empty() {
                let request = AddTagsToResource::new(kind, id, missing);
                self.backends.nodes.add_tags_to_resource(request).await?;
            }
            Ok(change)
        })
    }

    /// Sets tags of a node if they are not as given. Other tags stay.
    ///
    /// For the tag of a patch group use [`tag_nodes`](Self::tag_nodes), which chooses its key.
    ///
    /// Calls DescribeTags and CreateTags (EC2), or for hybrid nodes ListTagsForResource and
    /// AddTagsToResource (SSM). It writes only if a tag differs.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::{NodeId, Tag};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// let sunday = Tag::new("Maintenance", "sunday");
    /// manager.ensure_node_tags(&node, std::slice::from_ref(&sunday)).await?;
    /// assert!(manager.node_tags(&node).await?.contains(&sunday));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call, for a malformed tag, and for a hybrid node that is not there.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an instance that EC2 does not know.
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) at the node's 51st tag. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_node_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<Change> {
        verb!(ensure_node_tags(node = node.as_str()), async {
            check(node, "CreateTags")?;
            let current = self.backends.nodes.list_tags(node).await?;
            let (missing, change) = missing(&current, tags);
            if !missing.is_empty() {
                self.backends.nodes.add_tags(node, &missing).await?;
            }
            Ok(change)
        })
    }
}

/// The tags that are not among the current ones, and what setting them changes.
fn missing(current: &[Tag], desired: &[Tag]) -> (Vec<Tag>, Change) {
    let missing = desired.iter().filter(|tag| !current.contains(tag));
    let missing: Vec<Tag> = missing.cloned().collect();
    let differences = missing.iter().map(|tag| {
        let before = current.iter().find(|known| known.key == tag.key);
        Difference {
            field: format!("Tags.{}", tag.key),
            before: before.map_or_else(String::new, |tag| shown_text(&tag.value)),
            after: shown_text(&tag.value),
        }
    });
    let change = match missing.is_empty() {
        true => Change::Unchanged,
        false => Change::Updated(differences.collect()),
    };
    (missing, change)
}
