//! NodeInventory over the fleet.

use async_trait::async_trait;

use super::backend::MemoryBackend;
use super::check;
use super::fleet::Node;
use super::paging::Bounds;
use super::tags::{self, Keeper};
use crate::backend::{DescribeInstanceInformation, NodeInventory};
use crate::error::{Error, ErrorKind, Result};
use crate::page::{Page, PageRequest};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, QueryFilter, ServiceSetting, Tag};

/// How many values a filter of EC2 takes (EC2 API, Filter).
const FILTER_VALUES: usize = 200;

const FILTER_KEYS: [&str; 9] = [
    "InstanceIds",
    "AgentVersion",
    "PingStatus",
    "PlatformTypes",
    "ActivationIds",
    "IamRole",
    "ResourceType",
    "AssociationStatus",
    "tag-key",
];

/// Keys as [`FILTER_KEYS`], `PlatformType` as older callers spell it, and `tag:KEY`.
fn legal_filters(operation: &'static str, filters: &[QueryFilter]) -> Result<()> {
    for filter in filters {
        let key = filter.key.as_str();
        let known = FILTER_KEYS.contains(&key) || key == "PlatformType" || key.starts_with("tag:");
        if !known {
            return Err(
                Error::service(ErrorKind::InvalidInput, "InvalidFilterKey", "")
                    .with_operation(operation)
                    .with_resource(key),
            );
        }
        if filter.values.is_empty() {
            let message = format!("the filter {key} has no value");
            return Err(Error::service(
                ErrorKind::InvalidInput,
                "InvalidInstanceInformationFilterValue",
                message,
            )
            .with_operation(operation));
        }
    }
    Ok(())
}

fn passes(node: &Node, information: &InstanceInformation, filter: &QueryFilter) -> bool {
    let named = |value: &str| filter.values.iter().any(|wanted| wanted == value);
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
        const OPERATION: &str = "DescribeInstanceInformation";
        self.call(OPERATION, |state, now| {
            legal_filters(OPERATION, &request.filters)?;
            let listed = |node: &Node| {
                let mut information = node.information(now)?;
                state.add_associations(node, &mut information);
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

    async fn describe_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        const OPERATION: &str = "DescribeInstances";
        self.call(OPERATION, |state, _| {
            if ids.is_empty() {
                return Ok(state.fleet.iter().filter_map(Node::instance).collect());
            }
            ids.iter()
                .map(|id| {
                    let node = state.fleet.get(id).and_then(Node::instance);
                    node.ok_or_else(|| tags::no_such_instance(OPERATION, id))
                })
                .collect()
        })
        .await
    }

    async fn find_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        const OPERATION: &str = "DescribeInstances";
        self.call(OPERATION, |state, _| {
            if ids.len() > FILTER_VALUES {
                let told = format!("a filter takes at most {FILTER_VALUES} values");
                let error = Error::service(ErrorKind::InvalidInput, "FilterLimitExceeded", told);
                return Err(error.with_operation(OPERATION));
            }
            let known = ids.iter().filter_map(|id| state.fleet.get(id));
            Ok(known.filter_map(Node::instance).collect())
        })
        .await
    }

    async fn list_instances(&self, page: PageRequest) -> Result<Page<Ec2Instance>> {
        const OPERATION: &str = "DescribeInstances";
        self.call(OPERATION, |state, _| {
            let rows = |from: Option<&str>| {
                let from = from.map(NodeId::new);
                let nodes = state.fleet.iter_from(from.as_ref());
                nodes.filter_map(Node::instance)
            };
            let place = |instance: &Ec2Instance| instance.instance_id.to_string();
            let bounds = Bounds::new(5, 1000, 1000);
            state.page_from(rows, place, &page, OPERATION, bounds, "")
        })
        .await
    }

    async fn list_tags(&self, node: &NodeId) -> Result<Vec<Tag>> {
        let keeper = Keeper::of(node);
        self.call(keeper.list(), |state, _| match state.fleet.get(node) {
            Some(node) => Ok(node.facts.tags.clone()),
            // DescribeTags filters by resource, so that an unknown one simply has no tags.
            None if keeper == Keeper::Ec2 => Ok(Vec::new()),
            None => Err(keeper.unknown(keeper.list(), node)),
        })
        .await
    }

    async fn add_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<()> {
        let keeper = Keeper::of(node);
        self.call(keeper.add(), |state, _| {
            let known = state.fleet.get_mut(node);
            let known = known.ok_or_else(|| keeper.unknown(keeper.add(), node))?;
            tags::add(keeper, known, tags)
        })
        .await
    }

    async fn remove_tags(&self, node: &NodeId, keys: &[String]) -> Result<()> {
        let keeper = Keeper::of(node);
        self.call(keeper.remove(), |state, _| {
            let known = state.fleet.get_mut(node);
            let known = known.ok_or_else(|| keeper.unknown(keeper.remove(), node))?;
            known.facts.tags.retain(|tag| !keys.contains(&tag.key));
            Ok(())
        })
        .await
    }

    async fn get_service_setting(&self, setting_id: &str) -> Result<ServiceSetting> {
        self.call("GetServiceSetting", |state, _| {
            state.access.setting(setting_id).ok_or_else(|| {
                Error::service(ErrorKind::NotFound, "ServiceSettingNotFound", setting_id)
                    .with_resource(setting_id)
            })
        })
        .await
    }
}
