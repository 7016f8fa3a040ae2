use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, ErrorKind, Result};
use crate::page::{Page, PageRequest};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, QueryFilter, ServiceSetting, Tag};

/// The input of DescribeInstanceInformation.
///
/// Filter keys: `InstanceIds`, `AgentVersion`, `PingStatus`, `PlatformType`, `ActivationIds`,
/// `IamRole`, `ResourceType`, `AssociationStatus`, `tag-key`, `tag:KEY`. Pages of 5 to 50, 10 by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribeInstanceInformation {
    /// The filters.
    pub filters: Vec<QueryFilter>,
    /// The page.
    pub page: PageRequest,
}

impl DescribeInstanceInformation {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// Knows the managed nodes and their tags.
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::backend::NodeInventory;
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
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NodeInventory: fmt::Debug + Send + Sync + 'static {
    /// DescribeInstanceInformation (SSM): the managed nodes. Stopped ones drop out after a while.
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>>;

    /// DescribeInstances (EC2) of these ids, at most 1000, or of every instance where none is
    /// named; all on one page.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where EC2 does not know one of them.
    async fn describe_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>>;

    /// DescribeInstances (EC2) with the filter `instance-id`: those of these ids, at most 200, that EC2
    /// knows; all on one page.
    ///
    /// Where nobody implements it, it asks by id, and again by halves where one is unknown.
    async fn find_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        let mut known = Vec::new();
        let mut waiting = vec![ids];
        while let Some(batch) = waiting.pop().filter(|batch| !batch.is_empty()) {
            match self.describe_instances(batch).await {
                Ok(found) => known.extend(found),
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                // One unknown id spoils the batch, so it is cut in two until only that id is left.
                Err(_) if batch.len() == 1 => {}
                Err(_) => waiting.extend(<[_; 2]>::from(batch.split_at(batch.len() / 2))),
            }
        }
        Ok(known)
    }

    /// DescribeInstances (EC2) of every instance, whatever its state. Pages of 5 to 1000.
    ///
    /// Where nobody implements it, it answers that it is unsupported.
    async fn list_instances(&self, page: PageRequest) -> Result<Page<Ec2Instance>> {
        let _ = page;
        Err(Error::unsupported("DescribeInstances"))
    }

    /// The tags of a node: EC2's for `i-…`, ListTagsForResource (SSM) for `mi-…`.
    async fn list_tags(&self, node: &NodeId) -> Result<Vec<Tag>>;

    /// Sets tags of a node: CreateTags (EC2) for `i-…`, AddTagsToResource (SSM) for `mi-…`.
    async fn add_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<()>;

    /// Removes tags of a node: DeleteTags (EC2) for `i-…`, RemoveTagsFromResource (SSM) for `mi-…`.
    /// Removing an absent key succeeds.
    async fn remove_tags(&self, node: &NodeId, keys: &[String]) -> Result<()>;

    /// GetServiceSetting (SSM): a setting of the account and Region.
    ///
    /// Where nobody implements it, it answers that it is unsupported.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the service knows no such setting.
    async fn get_service_setting(&self, setting_id: &str) -> Result<ServiceSetting> {
        let _ = setting_id;
        Err(Error::unsupported("GetServiceSetting"))
    }
}
