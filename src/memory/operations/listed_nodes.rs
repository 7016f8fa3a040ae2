//! What ListNodes and ListNodesSummary answer: the nodes of one account and Region, or of all members of an
//! organization.
//!
//! The service documents the shapes and few of the rules. Here nodes without an agent are listed only if a
//! filter names `ManagedStatus`, for the operation lists managed nodes (SSM model, `ListNodes`). Groupings next
//! to each other are counted separately, and those inside one another together.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::check::Validation;
use super::exports::{AGENT_TYPE, instance_status};
use super::paging::{Bounds, page_from};
use crate::backend::{ListNodes, ListNodesSummary, MANAGED_NODE_SYNC, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::{Listed, MemoryBackend};
use crate::memory::operations::data_syncs;
use crate::memory::store::State;
use crate::memory::store::fleet::Node as Stored;
use crate::page::Page;
use crate::types::{
    InstanceInfo, ListNodesFilter, ManagedStatus, Node, NodeAggregator, NodeAttributeName,
    NodeFilterKey, NodeFilterOperatorType, NodeId, NodeOwnerInfo, NodeSummary, NodeType,
};

/// SSM model, `MaxResults`.
const LARGEST_PAGE: usize = 50;

/// The attributes of a group of nodes, with their values.
type Group<'a> = Vec<(&'a NodeAttributeName, String)>;

impl Listed {
    /// Where its nodes stand in the listing: `ACCOUNT/REGION/`.
    fn prefix(&self) -> String {
        let account = self.owner.account_id.as_deref().unwrap_or_default();
        format!("{account}/{}/", self.region)
    }

    /// Its nodes that pass the filters, in the order of their ids, from this one on, and at most this many.
    fn nodes(
        &self,
        from: Option<&NodeId>,
        most: usize,
        filters: &[ListNodesFilter],
        now: Timestamp,
    ) -> Vec<Node> {
        self.member.raw(|engine| {
            engine.settle(now);
            let nodes = engine.state.fleet.iter_from(from);
            let nodes = nodes.map(|node| self.node(node, now));
            let nodes = nodes.filter(|node| passes_all(node, filters));
            nodes.take(most).collect()
        })
    }

    fn node(&self, node: &Stored, now: Timestamp) -> Node {
        Node {
            capture_time: Some(now),
            id: Some(node.facts.id().clone()),
            owner: Some(self.owner.clone()),
            region: Some(self.region.clone()),
            node_type: Some(NodeType {
                instance: Some(instance_info(node)),
            }),
        }
    }
}

/// A node without an agent is what EC2 knows of it.
fn instance_info(node: &Stored) -> InstanceInfo {
    let instance = node.instance();
    let known = &node.facts.instance_information;
    let name = match &instance {
        Some(_) => node.tag("Name").map(str::to_owned),
        None => known.name.clone(),
    };
    let of_ec2 = InstanceInfo {
        name,
        managed_status: Some(ManagedStatus::Unmanaged),
        resource_type: known.resource_type.clone(),
        availability_zone: instance.and_then(|one| one.placement.availability_zone),
        ..InstanceInfo::default()
    };
    if !node.is_managed() {
        return of_ec2;
    }
    InstanceInfo {
        agent_type: Some(AGENT_TYPE.to_owned()),
        agent_version: known.agent_version.clone(),
        computer_name: known.computer_name.clone(),
        instance_status: Some(instance_status(&node.facts.condition).to_owned()),
        ip_address: known.ip_address.clone(),
        managed_status: Some(ManagedStatus::Managed),
        platform_type: known.platform_type.clone(),
        platform_name: known.platform_name.clone(),
        platform_version: known.platform_version.clone(),
        source_type: known.source_type.clone(),
        source_id: known.source_id.clone(),
        source_location: known.source_location.clone(),
        ..of_ec2
    }
}

fn text<'n>(node: &'n Node, key: &NodeFilterKey) -> Option<&'n str> {
    let (instance, owner) = (node.instance()?, node.owner.as_ref()?);
    match key {
        NodeFilterKey::AgentType => instance.agent_type.as_deref(),
        NodeFilterKey::AgentVersion => instance.agent_version.as_deref(),
        NodeFilterKey::ComputerName => instance.computer_name.as_deref(),
        NodeFilterKey::InstanceId => node.id.as_ref().map(NodeId::as_str),
        NodeFilterKey::InstanceStatus => instance.instance_status.as_deref(),
        NodeFilterKey::IpAddress => instance.ip_address.as_deref(),
        NodeFilterKey::ManagedStatus => instance.managed_status.as_ref().map(|one| one.as_str()),
        NodeFilterKey::PlatformName => instance.platform_name.as_deref(),
        NodeFilterKey::PlatformType => instance.platform_type.as_ref().map(|one| one.as_str()),
        NodeFilterKey::PlatformVersion => instance.platform_version.as_deref(),
        NodeFilterKey::ResourceType => instance.resource_type.as_ref().map(|one| one.as_str()),
        NodeFilterKey::OrganizationalUnitId => owner.organizational_unit_id.as_deref(),
        NodeFilterKey::OrganizationalUnitPath => owner.organizational_unit_path.as_deref(),
        NodeFilterKey::Region => node.region.as_deref(),
        NodeFilterKey::AccountId => owner.account_id.as_deref(),
        NodeFilterKey::SourceType => instance.source_type.as_deref(),
        NodeFilterKey::SourceId => instance.source_id.as_deref(),
        NodeFilterKey::SourceLocation => instance.source_location.as_deref(),
        NodeFilterKey::AvailabilityZone => instance.availability_zone.as_deref(),
        NodeFilterKey::AvailabilityZoneId => instance.availability_zone_id.as_deref(),
        NodeFilterKey::Other(_) => None,
    }
}

fn passes_all(node: &Node, filters: &[ListNodesFilter]) -> bool {
    let is_status = |filter: &&ListNodesFilter| filter.key == NodeFilterKey::ManagedStatus;
    let status = text(node, &NodeFilterKey::ManagedStatus);
    let is_managed = status == Some(ManagedStatus::Managed.as_str());
    (is_managed || filters.iter().any(|filter| is_status(&filter)))
        && filters.iter().all(|filter| passes(node, filter))
}

/// What a node does not have equals none of the values.
fn passes(node: &Node, filter: &ListNodesFilter) -> bool {
    let text = text(node, &filter.key);
    let is_any = |value: &str| {
        filter.key == NodeFilterKey::ManagedStatus && value == ManagedStatus::All.as_str()
    };
    let equals = |value: &String| is_any(value) || text == Some(value);
    let begins = |value: &String| text.is_some_and(|text| text.starts_with(value));
    let mut values = filter.values.iter();
    match &filter.operator {
        Some(NodeFilterOperatorType::NotEqual) => !values.any(equals),
        Some(NodeFilterOperatorType::BeginWith) => values.any(begins),
        _ => values.any(equals),
    }
}

/// SSM model, `NodeFilterValue`.
fn is_value(value: &str) -> bool {
    let legal = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c);
    value.chars().all(legal)
}

fn check_common(validation: &mut Validation, sync_name: Option<&str>, filters: &[ListNodesFilter]) {
    if let Some(name) = sync_name {
        validation.length("syncName", name, 1..=64);
    }
    validation.count("filters", filters, 0..=5);
    for (number, filter) in filters.iter().enumerate() {
        let at = format!("filters.{}", number + 1);
        validation.one_of(format!("{at}.key"), filter.key.is_known());
        validation.count(format!("{at}.values"), &filter.values, 1..=5);
        for value in &filter.values {
            validation.length(format!("{at}.values"), value, 0..=512);
            let rule =
                r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
            validation.require(is_value(value), format!("{at}.values"), rule);
        }
        let operator = filter.operator.as_ref();
        let is_known = operator.is_none_or(NodeFilterOperatorType::is_known);
        validation.one_of(format!("{at}.type"), is_known);
    }
}

fn check_aggregators(validation: &mut Validation, at: &str, aggregators: &[NodeAggregator]) {
    validation.count(at, aggregators, 1..=2);
    for (number, aggregator) in aggregators.iter().enumerate() {
        let at = format!("{at}.{}", number + 1);
        let known = aggregator.aggregator_type.is_known();
        validation.one_of(format!("{at}.aggregatorType"), known);
        validation.one_of(format!("{at}.typeName"), aggregator.type_name.is_known());
        let known = aggregator.attribute_name.is_known();
        validation.one_of(format!("{at}.attributeName"), known);
        if !aggregator.aggregators.is_empty() {
            let at = format!("{at}.aggregators");
            check_aggregators(validation, &at, &aggregator.aggregators);
        }
    }
}

/// The attributes of each grouping, one for each innermost aggregator. A row has two attributes at most
/// (SSM model, `NodeSummary`).
fn groupings(aggregators: &[NodeAggregator]) -> Result<Vec<Vec<NodeAttributeName>>> {
    let mut found = Vec::new();
    for outer in aggregators {
        let outermost = outer.attribute_name.clone();
        if outer.aggregators.is_empty() {
            found.push(vec![outermost.clone()]);
        }
        for inner in &outer.aggregators {
            if !inner.aggregators.is_empty() || inner.attribute_name == outermost {
                let code = "InvalidAggregatorException";
                let message = "a group has one or two attributes, which differ";
                return Err(Error::service(ErrorKind::InvalidInput, code, message));
            }
            found.push(vec![outermost.clone(), inner.attribute_name.clone()]);
        }
    }
    Ok(found)
}

/// A node's value of an attribute; empty if it has none.
fn value(node: &Node, attribute: &NodeAttributeName) -> String {
    // Each attribute is also a filter's key of the same name (SSM model).
    let key = NodeFilterKey::from(attribute.as_str());
    text(node, &key).unwrap_or_default().to_owned()
}

/// The account and Region with which a listing goes on, and the node there: `ACCOUNT/REGION/NODE`.
fn split(place: &str) -> (String, Option<NodeId>) {
    let end = place.rfind('/').map_or(0, |slash| slash + 1);
    let (prefix, id) = place.split_at(end);
    (prefix.to_owned(), Some(NodeId::new(id)))
}

impl MemoryBackend {
    /// The accounts and Regions whose nodes this account sees, by the sync that it names, and how large a page
    /// can be.
    fn listed(&self, sync_name: Option<&str>) -> Result<(Vec<Listed>, Option<u32>)> {
        let (account, is_enabled, cap) = self.act(|engine, _| {
            let State {
                account,
                integrated_experience,
                page_size_cap,
                ..
            } = &engine.state;
            (account.clone(), *integrated_experience, *page_size_cap)
        });
        if !is_enabled {
            let message = "This operation is not supported for the current account. You must first \
                           enable the Systems Manager integrated experience in your account.";
            let code = "UnsupportedOperationException";
            return Err(Error::service(ErrorKind::Unsupported, code, message));
        }
        let organization = self.organization();
        let listed = match sync_name {
            None => {
                let owner = organization.map(|organization| organization.owner(&account.id));
                vec![Listed {
                    member: self.clone(),
                    owner: owner.unwrap_or_else(|| NodeOwnerInfo {
                        account_id: Some(account.id),
                        ..NodeOwnerInfo::default()
                    }),
                    region: account.region,
                }]
            }
            Some(name) => {
                let organization = organization.filter(|_| name == MANAGED_NODE_SYNC);
                let listed = organization.and_then(|organization| organization.listed(&account));
                listed.ok_or_else(|| data_syncs::gone(name))?
            }
        };
        Ok((listed, cap))
    }

    pub(super) fn nodes_page(&self, request: &ListNodes) -> Result<Page<Node>> {
        const OPERATION: Operation = Operation::ListNodes;
        let ListNodes {
            sync_name, filters, ..
        } = request;
        let mut validation = Validation::of(OPERATION);
        check_common(&mut validation, sync_name.as_deref(), filters);
        validation.finish()?;
        let (listed, cap) = self.listed(sync_name.as_deref())?;
        let now = self.clock().now();
        // One account and Region is read at a time, from the first node of the page to the one after it.
        let rows = |from: Option<&str>| {
            let (first, id) = from.map_or_else(Default::default, split);
            let start = listed.iter().position(|one| one.prefix() == first);
            let rest = listed.iter().skip(start.unwrap_or_default());
            rest.enumerate().flat_map(move |(number, one)| {
                let from = id.as_ref().filter(|_| number == 0);
                one.nodes(from, LARGEST_PAGE + 1, filters, now)
            })
        };
        let place = |node: &Node| {
            let account = node.account_id().unwrap_or_default();
            let region = node.region.as_deref().unwrap_or_default();
            let id = node.id.as_ref().map_or("", NodeId::as_str);
            format!("{account}/{region}/{id}")
        };
        let key = format!("{sync_name:?} {filters:?}");
        page_from(
            rows,
            place,
            &request.page,
            OPERATION,
            Bounds::TO_50,
            &key,
            cap,
        )
    }

    pub(super) fn nodes_summary_page(
        &self,
        request: &ListNodesSummary,
    ) -> Result<Page<NodeSummary>> {
        const OPERATION: Operation = Operation::ListNodesSummary;
        let ListNodesSummary {
            sync_name,
            filters,
            aggregators,
            ..
        } = request;
        let mut validation = Validation::of(OPERATION);
        check_common(&mut validation, sync_name.as_deref(), filters);
        check_aggregators(&mut validation, "aggregators", aggregators);
        validation.finish()?;
        let groupings = groupings(aggregators)?;
        let (listed, cap) = self.listed(sync_name.as_deref())?;
        let now = self.clock().now();
        let mut groups: BTreeMap<String, (Group<'_>, u64)> = BTreeMap::new();
        for node in listed
            .iter()
            .flat_map(|one| one.nodes(None, usize::MAX, filters, now))
        {
            for (number, attributes) in groupings.iter().enumerate() {
                let values = attributes.iter().map(|one| (one, value(&node, one)));
                let values: Group<'_> = values.collect();
                let (_, count) = groups
                    .entry(format!("{number}{values:?}"))
                    .or_insert((values, 0));
                *count += 1;
            }
        }
        let rows = |from: Option<&str>| {
            let from = from.unwrap_or_default().to_owned();
            groups
                .into_iter()
                .skip_while(move |(place, _)| *place < from)
        };
        let place = |(place, _): &(String, _)| place.clone();
        let key = format!("{sync_name:?} {filters:?} {aggregators:?}");
        let page = page_from(
            rows,
            place,
            &request.page,
            OPERATION,
            Bounds::TO_50,
            &key,
            cap,
        )?;
        let items = page.items.into_iter().map(|(_, (values, count))| {
            let values = values.into_iter();
            NodeSummary::new(count, values.map(|(name, value)| (name.clone(), value)))
        });
        Ok(Page::new(items.collect(), page.next_token))
    }
}
