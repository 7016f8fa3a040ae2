//! The requests for nodes, their tags, and the settings of the account.

use super::member::request;
use crate::page::PageRequest;
use crate::types::{
    InstancePropertyStringFilter, ListNodesFilter, NodeAggregator, NodeId, QueryFilter, Tag,
    string_enum,
};

request! {
    /// The input of DescribeInstanceInformation.
    ///
    /// Filter keys: `InstanceIds`, `AgentVersion`, `PingStatus`, `PlatformTypes`, `ActivationIds`,
    /// `IamRole`, `ResourceType`, `AssociationStatus`, `tag-key`, `tag:KEY`. Pages of 5 to 50, 10 by default.
    #[derive(Default)]
    pub struct DescribeInstanceInformation {
        /// The filters; ANDed, their values ORed.
        optional "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}

request! {
    /// The input of DescribeInstanceProperties.
    ///
    /// Filter keys: `InstanceIds`, `AgentVersion`, `PingStatus`, `PlatformTypes`, `DocumentName`,
    /// `ActivationIds`, `IamRole`, `ResourceType`, `AssociationStatus` (SSM model,
    /// `InstancePropertyFilterKey`). Pages of 5 to 1000; AWS documents no default.
    #[derive(Default)]
    pub struct DescribeInstanceProperties {
        /// The filters, at most 40; ANDed, their values ORed.
        optional "FiltersWithOperator" => filters_with_operator: Vec<InstancePropertyStringFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters_with_operator: Vec<InstancePropertyStringFilter>, page: PageRequest);
}

/// The resource data sync with which ListNodes lists the nodes of all accounts and Regions of an organization
/// (SSM model, `ListNodesRequest`).
pub(crate) const MANAGED_NODE_SYNC: &str = "AWS-QuickSetup-ManagedNode";

request! {
    /// The input of ListNodes. Pages of 1 to 50; AWS documents no default.
    #[derive(Default)]
    pub struct ListNodes {
        /// The resource data sync that AWS manages: `AWS-QuickSetup-ManagedNode` for the nodes of all accounts
        /// and Regions of an organization; absent for those of this account and Region.
        optional "SyncName" => sync_name: Option<String>,
        /// The filters, at most 5; ANDed, their values ORed.
        optional "Filters" => filters: Vec<ListNodesFilter>,
        ..page
    }

    /// A request with these filters for this page, of this sync if one is named.
    pub fn new(sync_name: Option<String>, filters: Vec<ListNodesFilter>, page: PageRequest);
}

impl ListNodes {
    /// A request for the nodes of all accounts and Regions of an organization.
    pub fn organization(page: PageRequest) -> Self {
        Self::new(Some(MANAGED_NODE_SYNC.to_owned()), Vec::new(), page)
    }
}

request! {
    /// The input of ListNodesSummary. Pages of 1 to 50; AWS documents no default.
    pub struct ListNodesSummary {
        /// As that of [`ListNodes`].
        optional "SyncName" => sync_name: Option<String>,
        /// The filters, at most 5; ANDed, their values ORed.
        optional "Filters" => filters: Vec<ListNodesFilter>,
        /// What to group the nodes by, 1 or 2.
        required "Aggregators" => aggregators: Vec<NodeAggregator>,
        ..page
    }

    /// A request for these groupings of the nodes that pass the filters, of this sync if one is named.
    pub fn new(
        sync_name: Option<String>,
        filters: Vec<ListNodesFilter>,
        aggregators: Vec<NodeAggregator>,
        page: PageRequest,
    );
}

request! {
    /// The input of DescribeInstances (EC2).
    ///
    /// Filter keys: `instance-id`, `instance-state-name`, `subnet-id`, `tag-key`, `tag:KEY`, `vpc-id`; at
    /// most 200 values per filter. Pages of 5 to 1000; without a page size everything is on one page.
    #[derive(Default)]
    pub struct DescribeInstances {
        /// Only these instances, at most 1000; not together with a page size.
        optional "InstanceIds" => instance_ids: Vec<NodeId>,
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }
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

request! {
    /// The input of DescribeTags (EC2).
    ///
    /// Filter keys: `key`, `resource-id`, `resource-type`, `value`. Pages of 5 to 1000.
    #[derive(Default)]
    pub struct DescribeTags {
        /// The filters; ANDed, their values ORed.
        ec2_filters "Filters" => filters: Vec<QueryFilter>,
        ..page
    }

    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest);
}

impl DescribeTags {
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

request! {
    /// The input of CreateTags (EC2): sets tags of instances, at most 1000.
    pub struct CreateTags {
        /// The instances.
        required "Resources" => resources: Vec<NodeId>,
        /// The tags, at most 50.
        required "Tags" => tags: Vec<Tag>,
    }

    /// A request to set these tags on these instances.
    pub fn of(resources: Vec<NodeId>, tags: impl Into<Vec<Tag>>);
}

impl CreateTags {
    /// A request to set these tags on this instance.
    pub fn new(node: impl Into<NodeId>, tags: impl Into<Vec<Tag>>) -> Self {
        Self::of(vec![node.into()], tags)
    }
}

request! {
    /// The input of DeleteTags (EC2): removes tags of instances, at most 1000.
    pub struct DeleteTags {
        /// The instances.
        required "Resources" => resources: Vec<NodeId>,
        /// The tags to remove; all tags if empty.
        optional "Tags" => tags: Vec<DeletedTag>,
    }

    /// A request to remove these tags from these instances; all their tags if none is named.
    pub fn of(resources: Vec<NodeId>, tags: Vec<DeletedTag>);
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
}

request! {
    /// A tag that [`DeleteTags`] removes.
    pub struct DeletedTag {
        /// The key.
        required "Key" => key: String,
        /// Removes the tag only if it has this value; any value if absent.
        optional "Value" => value: Option<String>,
    }

    /// The tag with this key, with any value or only with this one.
    pub fn new(key: impl Into<String>, value: Option<String>);
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

request! {
    /// The input of ListTagsForResource.
    pub struct ListTagsForResource {
        /// The type of the resource.
        required "ResourceType" => resource_type: ResourceTypeForTagging,
        /// The resource's id.
        required "ResourceId" => resource_id: String,
    }

    /// A request for the tags of this resource.
    pub fn new(resource_type: ResourceTypeForTagging, resource_id: impl Into<String>);
}

request! {
    /// The input of AddTagsToResource. At most 50 tags per resource.
    pub struct AddTagsToResource {
        /// The type of the resource.
        required "ResourceType" => resource_type: ResourceTypeForTagging,
        /// The resource's id.
        required "ResourceId" => resource_id: String,
        /// The tags.
        required "Tags" => tags: Vec<Tag>,
    }

    /// A request to set these tags on this resource.
    pub fn new(
        resource_type: ResourceTypeForTagging,
        resource_id: impl Into<String>,
        tags: impl Into<Vec<Tag>>,
    );
}

request! {
    /// The input of RemoveTagsFromResource.
    pub struct RemoveTagsFromResource {
        /// The type of the resource.
        required "ResourceType" => resource_type: ResourceTypeForTagging,
        /// The resource's id.
        required "ResourceId" => resource_id: String,
        /// The keys of the tags.
        required "TagKeys" => tag_keys: Vec<String>,
    }

    /// A request to remove the tags with these keys from this resource.
    pub fn new(
        resource_type: ResourceTypeForTagging,
        resource_id: impl Into<String>,
        tag_keys: impl Into<Vec<String>>,
    );
}

request! {
    /// The input of GetServiceSetting.
    pub struct GetServiceSetting {
        /// The setting, such as `/ssm/managed-instance/default-ec2-instance-management-role`.
        required "SettingId" => setting_id: String,
    }

    /// A request for this setting, by its path.
    pub fn new(setting_id: impl Into<String>);
}
