//! NodeInventory and RoleInventory: the fleet, and what gives its nodes their permissions.

use async_trait::async_trait;

use super::associations::describe::add_associations;
use crate::backend::{
    AddTagsToResource, CreateTags, DeleteTags, DescribeInstanceInformation,
    DescribeInstanceProperties, DescribeInstances, DescribeTags, GetInstanceProfile,
    GetServiceSetting, ListNodes, ListNodesSummary, ListTagsForResource, NodeInventory, Operation,
    RemoveTagsFromResource, RoleInventory,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check::Validation;
use crate::memory::operations::paging::Bounds;
use crate::memory::operations::tags::{self, Keeper};
use crate::memory::operations::{check, properties};
use crate::memory::store::fleet::Node;
use crate::page::Page;
use crate::types::{
    Ec2Instance, InstanceInformation, InstanceProfile, InstanceProperty, Node as ListedNode,
    NodeId, NodeSummary, QueryFilter, ServiceSetting, Tag, TagDescription,
};

const FILTER_KEYS: [&str; 11] = [
    "InstanceIds",
    "AgentVersion",
    "PingStatus",
    "PlatformTypes",
    "ActivationIds",
    "IamRole",
    "ResourceType",
    "AssociationStatus",
    "SourceIds",
    "SourceTypes",
    "tag-key",
];

/// Keys as [`FILTER_KEYS`], `PlatformType` as older callers spell it, and `tag:KEY`. Tags are not
/// mixed with other keys, and a resource type is one (danmx/sigil#61 and boto3#3027 have AWS's texts).
fn legal_filters(filters: &[QueryFilter]) -> Result<()> {
    let of_tags = |filter: &QueryFilter| filter.key.starts_with("tag");
    if filters.iter().any(of_tags) && !filters.iter().all(of_tags) {
        let message = "Cannot mix tag or inventory filter with any other filter.";
        return Err(check::refused(
            Operation::DescribeInstanceInformation,
            message,
        ));
    }
    for filter in filters {
        let key = filter.key.as_str();
        let known = FILTER_KEYS.contains(&key) || key == "PlatformType" || key.starts_with("tag:");
        if !known {
            return Err(
                Error::service(ErrorKind::InvalidInput, "InvalidFilterKey", "").with_resource(key),
            );
        }
        let message = match (key, filter.values.len()) {
            (_, 0) => format!("the filter {key} has no value"),
            ("ResourceType", 2..) => format!("{key} filter may contain only one value."),
            _ => continue,
        };
        let code = "InvalidInstanceInformationFilterValue";
        return Err(Error::service(ErrorKind::InvalidInput, code, message));
    }
    // SSM model, `InstanceInformationFilterValueSet`.
    let mut validation = Validation::of(Operation::DescribeInstanceInformation);
    for (number, filter) in filters.iter().enumerate() {
        let at = format!("filters.{}.values", number + 1);
        validation.count(at, &filter.values, 1..=100);
    }
    validation.finish()
}

fn passes(node: &Node, information: &InstanceInformation, filter: &QueryFilter) -> bool {
    let named = |value: &str| filter.values.iter().any(|accepted| accepted == value);
    let text = |member: &Option<String>| member.as_deref().is_some_and(named);
    match filter.key.as_str() {
        "InstanceIds" => named(information.instance_id.as_str()),
        "AgentVersion" => text(&information.agent_version),
        "PingStatus" => information
            .ping_status
            .as_ref()
            .is_some_and(|status| named(status.as_str())),
        "PlatformTypes" | "PlatformType" => information
            .platform_type
            .as_ref()
            .is_some_and(|platform| named(platform.as_str())),
        "ActivationIds" => text(&information.activation_id),
        "IamRole" => text(&information.iam_role),
        "ResourceType" => information
            .resource_type
            .as_ref()
            .is_some_and(|kind| named(kind.as_str())),
        "AssociationStatus" => text(&information.association_status),
        "SourceIds" => text(&information.source_id),
        "SourceTypes" => text(&information.source_type),
        "tag-key" => node.facts.tags.iter().any(|tag| named(&tag.key)),
        key => key
            .strip_prefix("tag:")
            .and_then(|key| node.tag(key))
            .is_some_and(named),
    }
}

#[async_trait]
impl NodeInventory for MemoryBackend {
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        const OPERATION: Operation = Operation::DescribeInstanceInformation;
        self.call(OPERATION, |state, now| {
            legal_filters(&request.filters)?;
            let listed = |node: &Node| {
                let mut information = node.information(now)?;
                add_associations(state, node, &mut information);
                let mut filters = request.filters.iter();
                let passes = filters.all(|filter| passes(node, &information, filter));
                passes.then_some(information)
            };
            let rows = |from: Option<&str>| {
                let from = from.map(NodeId::new);
                state.fleet.managed_from(from.as_ref()).filter_map(listed)
            };
            let place = |information: &InstanceInformation| information.instance_id.to_string();
            let key = check::listing_key(&request.filters);
            let bounds = Bounds::new(5, 50, 10);
            state.page_from(rows, place, &request.page, OPERATION, bounds, &key)
        })
        .await
    }

    async fn describe_instance_properties(
        &self,
        request: DescribeInstanceProperties,
    ) -> Result<Page<InstanceProperty>> {
        const OPERATION: Operation = Operation::DescribeInstanceProperties;
        self.call(OPERATION, |state, now| {
            properties::check(&request)?;
            let filters = &request.filters_with_operator;
            let rows = |from: Option<&str>| {
                let from = from.map(NodeId::new);
                let nodes = state.fleet.managed_from(from.as_ref());
                nodes.filter_map(|node| properties::listed(state, node, filters, now))
            };
            let place = |property: &InstanceProperty| {
                let id = property.instance_id.as_ref();
                id.map(NodeId::to_string).unwrap_or_default()
            };
            let bounds = Bounds::new(5, 1000, 50);
            let key = format!("{filters:?}");
            state.page_from(rows, place, &request.page, OPERATION, bounds, &key)
        })
        .await
    }

    async fn list_nodes(&self, request: ListNodes) -> Result<Page<ListedNode>> {
        self.call_members(Operation::ListNodes, |backend| backend.nodes_page(&request))
            .await
    }

    async fn list_nodes_summary(&self, request: ListNodesSummary) -> Result<Page<NodeSummary>> {
        self.call_members(Operation::ListNodesSummary, |backend| {
            backend.nodes_summary_page(&request)
        })
        .await
    }

    async fn describe_instances(&self, request: DescribeInstances) -> Result<Page<Ec2Instance>> {
        const OPERATION: Operation = Operation::DescribeInstances;
        self.call(OPERATION, |state, _| {
            check_instances(&request)?;
            let passes = |instance: &Ec2Instance| instance_passes(instance, &request.filters);
            if !request.instance_ids.is_empty() {
                let named = request.instance_ids.iter().map(|id| {
                    let node = state.fleet.get(id).and_then(Node::instance);
                    node.ok_or_else(|| tags::no_such_instance(id))
                });
                let found = named.collect::<Result<Vec<_>>>()?;
                return Ok(Page::last(found.into_iter().filter(passes).collect()));
            }
            let rows = |from: Option<&str>| {
                let from = from.map(NodeId::new);
                let nodes = state.fleet.iter_from(from.as_ref());
                nodes.filter_map(Node::instance).filter(passes)
            };
            let page = &request.page;
            // Without a size and a token EC2 answers everything at once (EC2 API, DescribeInstances).
            if page.max_results.is_none() && page.next_token.is_none() {
                return Ok(Page::last(rows(None).collect()));
            }
            let place = |instance: &Ec2Instance| instance.instance_id.to_string();
            let bounds = Bounds::new(5, 1000, 1000);
            let key = check::listing_key(&request.filters);
            state.page_from(rows, place, page, OPERATION, bounds, &key)
        })
        .await
    }

    async fn describe_tags(&self, request: DescribeTags) -> Result<Page<TagDescription>> {
        const OPERATION: Operation = Operation::DescribeTags;
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            tags::check_described(filters)?;
            let rows = |from: Option<&str>| {
                let (node, key) = from.and_then(|from| from.split_once(' ')).unzip();
                let (node, key) = (node.map(NodeId::new), key.map(str::to_owned));
                let tags = tags::described(&state.fleet, filters, node.as_ref());
                let is_before = move |tag: &TagDescription| {
                    let same_node = node
                        .as_ref()
                        .is_some_and(|node| node.as_str() == tag.resource_id);
                    same_node && key.as_ref().is_some_and(|key| tag.key < *key)
                };
                tags.skip_while(is_before)
            };
            let place = |tag: &TagDescription| format!("{} {}", tag.resource_id, tag.key);
            let bounds = Bounds::new(5, 1000, 1000);
            let key = check::listing_key(filters);
            state.page_from(rows, place, &request.page, OPERATION, bounds, &key)
        })
        .await
    }

    async fn create_tags(&self, request: CreateTags) -> Result<()> {
        const OPERATION: Operation = Operation::CreateTags;
        self.call(OPERATION, |state, _| {
            tags::known_instances(&state.fleet, &request.resources)?;
            let added = tags::by_key(&request.tags);
            for id in &request.resources {
                if let Some(node) = state.fleet.get_mut(id) {
                    tags::add_to_instance(node, &added)?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn delete_tags(&self, request: DeleteTags) -> Result<()> {
        const OPERATION: Operation = Operation::DeleteTags;
        self.call(OPERATION, |state, _| {
            tags::known_instances(&state.fleet, &request.resources)?;
            let deleted = tags::Deleted::of(&request.tags);
            for id in &request.resources {
                if let Some(node) = state.fleet.get_mut(id) {
                    node.facts.tags.retain(|tag| !deleted.has(tag));
                }
            }
            Ok(())
        })
        .await
    }

    async fn list_tags_for_resource(&self, request: ListTagsForResource) -> Result<Vec<Tag>> {
        const OPERATION: Operation = Operation::ListTagsForResource;
        self.call(OPERATION, |state, _| {
            let tags =
                state.resource_tags(OPERATION, &request.resource_type, &request.resource_id)?;
            Ok(tags.clone())
        })
        .await
    }

    async fn add_tags_to_resource(&self, request: AddTagsToResource) -> Result<()> {
        const OPERATION: Operation = Operation::AddTagsToResource;
        self.call(OPERATION, |state, _| {
            let (kind, id) = (&request.resource_type, request.resource_id.as_str());
            let current = state.resource_tags(OPERATION, kind, id)?;
            tags::add(Keeper::Ssm, current, id, &request.tags, false)
        })
        .await
    }

    async fn remove_tags_from_resource(&self, request: RemoveTagsFromResource) -> Result<()> {
        const OPERATION: Operation = Operation::RemoveTagsFromResource;
        self.call(OPERATION, |state, _| {
            let (kind, id) = (&request.resource_type, request.resource_id.as_str());
            let current = state.resource_tags(OPERATION, kind, id)?;
            current.retain(|tag| !request.tag_keys.contains(&tag.key));
            Ok(())
        })
        .await
    }

    async fn get_service_setting(&self, request: GetServiceSetting) -> Result<ServiceSetting> {
        let setting_id = &request.setting_id;

        self.call(Operation::GetServiceSetting, |state, _| {
            state.access.setting(setting_id).ok_or_else(|| {
                Error::service(ErrorKind::NotFound, "ServiceSettingNotFound", setting_id)
                    .with_resource(setting_id)
            })
        })
        .await
    }
}

#[async_trait]
impl RoleInventory for MemoryBackend {
    async fn get_instance_profile(&self, request: GetInstanceProfile) -> Result<InstanceProfile> {
        let name = &request.instance_profile_name;

        self.call(Operation::GetInstanceProfile, |state, _| {
            state.access.profiles.get(name).cloned().ok_or_else(|| {
                let message = format!("Instance Profile {name} cannot be found.");
                Error::service(ErrorKind::NotFound, "NoSuchEntity", message).with_resource(name)
            })
        })
        .await
    }
}

/// How many values a filter of EC2 takes (EC2 API, Filter).
const FILTER_VALUES: usize = 200;

const INSTANCE_FILTER_KEYS: [&str; 10] = [
    "availability-zone",
    "iam-instance-profile.arn",
    "instance-id",
    "instance-state-name",
    "instance.group-id",
    "ip-address",
    "private-ip-address",
    "subnet-id",
    "tag-key",
    "vpc-id",
];

fn refused(code: &str, message: impl Into<String>) -> Error {
    Error::service(ErrorKind::InvalidInput, code, message)
}

/// Refuses what EC2 refuses: ids with a page size, malformed ids, unknown filters, too many values.
fn check_instances(request: &DescribeInstances) -> Result<()> {
    if !request.instance_ids.is_empty() && request.page.max_results.is_some() {
        return Err(refused(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    for filter in &request.filters {
        let key = filter.key.as_str();
        if !INSTANCE_FILTER_KEYS.contains(&key) && !key.starts_with("tag:") {
            let message = format!("The filter '{key}' is invalid");
            return Err(refused("InvalidParameterValue", message));
        }
        if filter.values.len() > FILTER_VALUES {
            let message = format!("a filter takes at most {FILTER_VALUES} values");
            return Err(refused("FilterLimitExceeded", message));
        }
    }
    Ok(())
}

/// Whether an instance passes all filters.
fn instance_passes(instance: &Ec2Instance, filters: &[QueryFilter]) -> bool {
    filters
        .iter()
        .all(|filter| instance_passes_one(instance, filter))
}

fn instance_passes_one(instance: &Ec2Instance, filter: &QueryFilter) -> bool {
    let named = |value: &str| filter.matches(value);
    let has = |value: &Option<String>| value.as_deref().is_some_and(named);
    match filter.key.as_str() {
        "instance-id" => named(instance.instance_id.as_str()),
        "instance-state-name" => named(&instance.state.name),
        "availability-zone" => has(&instance.placement.availability_zone),
        "iam-instance-profile.arn" => {
            let mut profile = instance.iam_instance_profile.iter();
            profile.any(|profile| named(&profile.arn))
        }
        "instance.group-id" => {
            let mut groups = instance.security_groups.iter();
            groups.any(|group| named(&group.group_id))
        }
        "ip-address" => has(&instance.public_ip_address),
        "private-ip-address" => has(&instance.private_ip_address),
        "subnet-id" => has(&instance.subnet_id),
        "vpc-id" => has(&instance.vpc_id),
        "tag-key" => instance.tags.iter().any(|tag| named(&tag.key)),
        key => instance
            .tags
            .iter()
            .any(|tag| key.strip_prefix("tag:") == Some(&*tag.key) && named(&tag.value)),
    }
}
