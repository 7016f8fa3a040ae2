//! The requests for nodes, their tags, and the settings of the account.

use serde::{Deserialize, Serialize};

use super::ec2_filter;
use crate::page::PageRequest;
use crate::types::{InstancePropertyStringFilter, NodeId, QueryFilter, Tag, string_enum};

/// The input of DescribeInstanceInformation.
///
/// Filter keys: `InstanceIds`, `AgentVersion`, `PingStatus`, `PlatformTypes`, `ActivationIds`,
/// `IamRole`, `ResourceType`, `AssociationStatus`, `tag-key`, `tag:KEY`. Pages of 5 to 50, 10 by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstanceInformation {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstanceInformation {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of DescribeInstanceProperties.
///
/// Filter keys: `InstanceIds`, `AgentVersion`, `PingStatus`, `PlatformTypes`, `DocumentName`,
/// `ActivationIds`, `IamRole`, `ResourceType`, `AssociationStatus` (SSM model,
/// `InstancePropertyFilterKey`). Pages of 5 to 1000; AWS documents no default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstanceProperties {
    /// The filters, at most 40; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters_with_operator: Vec<InstancePropertyStringFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstanceProperties {
    /// A request with these filters for this page.
    pub fn new(
        filters_with_operator: Vec<InstancePropertyStringFilter>,
        page: PageRequest,
    ) -> Self {
        Self {
            filters_with_operator,
            page,
        }
    }
}

/// The input of DescribeInstances (EC2).
///
/// Filter keys: `instance-id`, `instance-state-name`, `subnet-id`, `tag-key`, `tag:KEY`, `vpc-id`; at
/// most 200 values per filter. Pages of 5 to 1000; without a page size everything is on one page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeInstances {
    /// Only these instances, at most 1000; not together with a page size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_ids: Vec<NodeId>,
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeInstances {
    /// A request for every instance in any state.
    pub fn all(page: PageRequest) -> Self {
        Self {
            page,
            ..Self::default()
        }
    }

    /// A request for these instances. It fails if EC2 does not know one of them.
    pub fn of<I>(ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self {
            instance_ids: ids.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// A request for the instances that EC2 knows, by these ids.
    pub fn known<I>(ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            filters: vec![QueryFilter::new("instance-id", ids)],
            ..Self::default()
        }
    }

    /// The same request for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

/// The input of DescribeTags (EC2).
///
/// Filter keys: `key`, `resource-id`, `resource-type`, `value`. Pages of 5 to 1000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribeTags {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "ec2_filter")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribeTags {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }

    /// A request for the tags of this instance.
    pub fn of(node: &NodeId) -> Self {
        Self {
            filters: vec![QueryFilter::new("resource-id", [node.as_str()])],
            page: PageRequest::first().with_max_results(1000),
        }
    }

    /// The same request for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

/// The input of CreateTags (EC2): sets tags of instances, at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CreateTags {
    /// The instances.
    pub resources: Vec<NodeId>,
    /// The tags, at most 50.
    pub tags: Vec<Tag>,
}

impl CreateTags {
    /// A request to set these tags on this instance.
    pub fn new(node: impl Into<NodeId>, tags: impl Into<Vec<Tag>>) -> Self {
        Self::of(vec![node.into()], tags)
    }

    /// A request to set these tags on these instances.
    pub fn of(resources: Vec<NodeId>, tags: impl Into<Vec<Tag>>) -> Self {
        Self {
            resources,
            tags: tags.into(),
        }
    }
}

/// The input of DeleteTags (EC2): removes tags of instances, at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeleteTags {
    /// The instances.
    pub resources: Vec<NodeId>,
    /// The tags to remove; all tags if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<DeletedTag>,
}

impl DeleteTags {
    /// A request to remove the tags with these keys from this instance.
    pub fn new<I>(node: impl Into<NodeId>, keys: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let tags = keys.into_iter().map(|key| DeletedTag::new(key, None));
        Self::of(vec![node.into()], tags.collect())
    }

    /// A request to remove these tags from these instances; all their tags if none is named.
    pub fn of(resources: Vec<NodeId>, tags: Vec<DeletedTag>) -> Self {
        Self { resources, tags }
    }
}

/// A tag that [`DeleteTags`] removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeletedTag {
    /// The key.
    pub key: String,
    /// Removes the tag only if it has this value; any value if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl DeletedTag {
    /// The tag with this key, with any value or only with this one.
    pub fn new(key: impl Into<String>, value: Option<String>) -> Self {
        Self {
            key: key.into(),
            value,
        }
    }
}

string_enum! {
    /// A type of resource that Systems Manager tags.
    pub enum ResourceTypeForTagging {
        /// A hybrid node, `mi-…`. Instances have their tags in EC2.
        ManagedInstance = "ManagedInstance",
        /// A patch baseline.
        PatchBaseline = "PatchBaseline",
        /// A maintenance window.
        MaintenanceWindow = "MaintenanceWindow",
        /// An association.
        Association = "Association",
    }
}

/// The input of ListTagsForResource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListTagsForResource {
    /// The type of the resource.
    pub resource_type: ResourceTypeForTagging,
    /// The resource's id.
    pub resource_id: String,
}

impl ListTagsForResource {
    /// A request for the tags of this resource.
    pub fn new(resource_type: ResourceTypeForTagging, resource_id: impl Into<String>) -> Self {
        Self {
            resource_type,
            resource_id: resource_id.into(),
        }
    }
}

/// The input of AddTagsToResource. At most 50 tags per resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AddTagsToResource {
    /// The type of the resource.
    pub resource_type: ResourceTypeForTagging,
    /// The resource's id.
    pub resource_id: String,
    /// The tags.
    pub tags: Vec<Tag>,
}

impl AddTagsToResource {
    /// A request to set these tags on this resource.
    pub fn new(
        resource_type: ResourceTypeForTagging,
        resource_id: impl Into<String>,
        tags: impl Into<Vec<Tag>>,
    ) -> Self {
        Self {
            resource_type,
            resource_id: resource_id.into(),
            tags: tags.into(),
        }
    }
}

/// The input of RemoveTagsFromResource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RemoveTagsFromResource {
    /// The type of the resource.
    pub resource_type: ResourceTypeForTagging,
    /// The resource's id.
    pub resource_id: String,
    /// The keys of the tags.
    pub tag_keys: Vec<String>,
}

impl RemoveTagsFromResource {
    /// A request to remove the tags with these keys from this resource.
    pub fn new(
        resource_type: ResourceTypeForTagging,
        resource_id: impl Into<String>,
        tag_keys: impl Into<Vec<String>>,
    ) -> Self {
        Self {
            resource_type,
            resource_id: resource_id.into(),
            tag_keys: tag_keys.into(),
        }
    }
}

/// The input of GetServiceSetting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetServiceSetting {
    /// The setting, such as `/ssm/managed-instance/default-ec2-instance-management-role`.
    pub setting_id: String,
}

impl GetServiceSetting {
    /// A request for this setting, by its path.
    pub fn new(setting_id: impl Into<String>) -> Self {
        Self {
            setting_id: setting_id.into(),
        }
    }
}
