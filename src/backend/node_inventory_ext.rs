//! Short forms over the operations of a [`NodeInventory`].

use async_trait::async_trait;

use super::{
    AddTagsToResource, CreateTags, DeleteTags, DescribeInstances, DescribeTags,
    ListTagsForResource, NodeInventory, RemoveTagsFromResource, ResourceTypeForTagging,
};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::page::SeenTokens;
use crate::types::{Ec2Instance, NodeId, Tag};

/// The most values of an EC2 filter (EC2 API, Filter).
pub(crate) const EC2_FILTER_VALUES: usize = 200;

/// Short forms over several operations, for every [`NodeInventory`].
///
/// EC2 stores the tags of instances, `i-…`; Systems Manager stores those of hybrid nodes, `mi-…`.
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::backend::NodeInventoryExt;
/// use aws_patch_manager::types::{NodeId, Tag};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let inventory = MemoryBackend::sample();
/// let node = NodeId::new("i-0c0ffee0000000001");
/// let tag = Tag::new("Role", "web");
/// inventory.add_tags(&node, std::slice::from_ref(&tag)).await?;
/// assert!(inventory.list_tags(&node).await?.contains(&tag));
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait NodeInventoryExt: NodeInventory {
    /// All tags of a node: DescribeTags (EC2) or ListTagsForResource (SSM).
    async fn list_tags(&self, node: &NodeId) -> Result<Vec<Tag>> {
        if node.is_hybrid() {
            let kind = ResourceTypeForTagging::ManagedInstance;
            let request = ListTagsForResource::new(kind, node.as_str());
            return self.list_tags_for_resource(request).await;
        }
        let mut tags = Vec::new();
        let mut seen = SeenTokens::default();
        let mut request = DescribeTags::of(node);
        loop {
            let page = self.describe_tags(request.clone()).await?;
            tags.extend(page.items.into_iter().map(Tag::from));
            let Some(token) = page.next_token else {
                return Ok(tags);
            };
            seen.note(&token)?;
            request.page.next_token = Some(token);
        }
    }

    /// Sets tags of a node: CreateTags (EC2) or AddTagsToResource (SSM).
    async fn add_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<()> {
        if node.is_hybrid() {
            let kind = ResourceTypeForTagging::ManagedInstance;
            let request = AddTagsToResource::new(kind, node.as_str(), tags);
            self.add_tags_to_resource(request).await
        } else {
            self.create_tags(CreateTags::new(node, tags)).await
        }
    }

    /// Removes the tags with these keys from a node: DeleteTags (EC2) or RemoveTagsFromResource
    /// (SSM). If the node does not have a key, this succeeds. Without keys there is no call.
    async fn remove_tags(&self, node: &NodeId, keys: &[String]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        if node.is_hybrid() {
            let kind = ResourceTypeForTagging::ManagedInstance;
            let request = RemoveTagsFromResource::new(kind, node.as_str(), keys);
            self.remove_tags_from_resource(request).await
        } else {
            self.delete_tags(DeleteTags::new(node, keys)).await
        }
    }

    /// These instances, at most 1000: DescribeInstances (EC2).
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) if EC2 does not know one of them.
    async fn named_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        every_instance(self, DescribeInstances::of(ids)).await
    }

    /// The instances that EC2 knows, of at most 200 ids: DescribeInstances (EC2) with the filter
    /// `instance-id`.
    async fn find_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let known = DescribeInstances::known(ids.iter().map(NodeId::as_str));
        every_instance(self, known).await
    }
}

/// All pages of a listing: EC2 can return several even without a page size.
async fn every_instance<I: NodeInventory + ?Sized>(
    inventory: &I,
    mut request: DescribeInstances,
) -> Result<Vec<Ec2Instance>> {
    let mut found = Vec::new();
    let mut seen = SeenTokens::default();
    loop {
        let page = inventory.describe_instances(request.clone()).await?;
        found.extend(page.items);
        let Some(token) = page.next_token else {
            return Ok(found);
        };
        seen.note(&token)?;
        request.page.next_token = Some(token);
    }
}

impl<T: NodeInventory + ?Sized> NodeInventoryExt for T {}
