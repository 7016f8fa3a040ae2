//! Rules of nodes and their tags.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;

use super::expect::{holds, one, refused, same};
use super::{Result, Trial};
use crate::backend::{
    AssumeRole, DescribeInstanceInformation, DescribeInstanceProperties, DescribeInstances,
    GetServiceSetting, ListNodes, ListNodesSummary, NodeInventoryExt,
};
use crate::error::ErrorKind::{AccessDenied, InvalidInput, NotFound};
use crate::page::{Page, PageRequest, paginate};
use crate::types::{
    Ec2Instance, InstanceInformation, InstanceProperty, InstancePropertyFilterOperator,
    InstancePropertyStringFilter, ListNodesFilter, Node, NodeAggregator, NodeAttributeName,
    NodeFilterKey, NodeFilterOperatorType, NodeId, NodeSummary, PingStatus, PlatformType,
    QueryFilter, Tag,
};

/// A well-formed id of no node.
const NOBODYS: &str = "i-0fedcba9876543210";

async fn listed(trial: &Trial<'_>, filters: Vec<QueryFilter>) -> Result<Vec<InstanceInformation>> {
    trial
        .every(|page| DescribeInstanceInformation::new(filters.clone(), page.with_max_results(5)))
        .await
}

fn ids(nodes: &[InstanceInformation]) -> BTreeSet<&NodeId> {
    nodes.iter().map(|node| &node.instance_id).collect()
}

/// Nodes that are online are listed as such.
pub(super) async fn online_nodes_are_listed(trial: &Trial<'_>) -> Result {
    let nodes = listed(trial, Vec::new()).await?;
    for id in [trial.windows_node(), trial.linux_node()] {
        let found = nodes.iter().find(|node| node.instance_id == id);
        let status = found.and_then(|node| node.ping_status.clone());
        same(id.as_str(), status, Some(PingStatus::Online))?;
    }
    Ok(())
}

/// A walk visits each node once.
pub(super) async fn a_walk_visits_each_node_once(trial: &Trial<'_>) -> Result {
    let nodes = listed(trial, Vec::new()).await?;
    same("different nodes", ids(&nodes).len(), nodes.len())
}

/// InstanceIds lists those nodes only.
pub(super) async fn nodes_are_filtered_by_id(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let filters = vec![QueryFilter::new("InstanceIds", [id.as_str()])];
    let found = listed(trial, filters).await?;
    same("nodes", ids(&found), BTreeSet::from([&id]))
}

/// tag:KEY lists the nodes with that tag only.
pub(super) async fn nodes_are_filtered_by_tag(trial: &Trial<'_>) -> Result {
    let (id, key) = (trial.linux_node(), trial.unique_name());
    trial.tag(&id, &Tag::new(&key, "yes")).await?;
    let by = |value: &str| vec![QueryFilter::new(format!("tag:{key}"), [value])];
    let found = listed(trial, by("yes")).await?;
    same("nodes", ids(&found), BTreeSet::from([&id]))?;
    let others = listed(trial, by("no")).await?;
    same("nodes of another value", others.len(), 0)
}

/// A page of nodes has 5 to 50.
pub(super) async fn the_page_size_of_nodes_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| DescribeInstanceInformation::new(Vec::new(), page);
    trial.refuses_page_sizes([4, 51], listing).await
}

/// A filter of nodes has 1 to 100 values.
pub(super) async fn the_number_of_values_of_a_filter_of_nodes_is_bounded(
    trial: &Trial<'_>,
) -> Result {
    let of = |values: usize| {
        let ids = (0..values).map(|number| format!("i-{number:017x}"));
        let filters = vec![QueryFilter::new("InstanceIds", ids)];
        DescribeInstanceInformation::new(filters, PageRequest::first())
    };
    trial.call(of(100)).await?;
    for values in [0, 101] {
        trial.refuses(of(values), InvalidInput).await?;
    }
    Ok(())
}

/// A filter key that the listing does not know is refused.
pub(super) async fn an_unknown_filter_of_nodes_is_refused(trial: &Trial<'_>) -> Result {
    let filters = vec![QueryFilter::new("Colour", ["blue"])];
    let request = DescribeInstanceInformation::new(filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

async fn a_tag_comes_changes_and_goes(trial: &Trial<'_>, id: &NodeId) -> Result {
    trial.will_retag(id).await?;
    let (inventory, key) = (trial.nodes(), trial.unique_name());
    let before = inventory.list_tags(id).await?;
    for value in ["first", "second"] {
        inventory.add_tags(id, &[Tag::new(&key, value)]).await?;
        let tags = inventory.list_tags(id).await?;
        let found: Vec<_> = tags.iter().filter(|tag| tag.key == key).collect();
        same("tags of the key", found, [&Tag::new(&key, value)])?;
        same("tags", tags.len(), before.len() + 1)?;
    }
    let keys = [key];
    inventory.remove_tags(id, &keys).await?;
    let tags = inventory.list_tags(id).await?;
    let gone = !tags.iter().any(|tag| keys.contains(&tag.key));
    holds(gone, "the tag is still there")?;
    same("tags", tags.len(), before.len())
}

/// A tag of an instance is added, replaced by one of the same key, and removed; other tags stay.
pub(super) async fn tags_of_an_instance_come_change_and_go(trial: &Trial<'_>) -> Result {
    a_tag_comes_changes_and_goes(trial, &trial.linux_node()).await
}

/// The same of a hybrid node.
pub(super) async fn tags_of_a_hybrid_node_come_change_and_go(trial: &Trial<'_>) -> Result {
    a_tag_comes_changes_and_goes(trial, &trial.hybrid_node()).await
}

/// Removing an absent key succeeds.
pub(super) async fn removing_an_absent_tag_succeeds(trial: &Trial<'_>) -> Result {
    let (node, keys) = (trial.linux_node(), [trial.unique_name()]);
    Ok(trial.nodes().remove_tags(&node, &keys).await?)
}

/// Keys that begin with `aws:` are refused.
pub(super) async fn a_reserved_tag_key_is_refused(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let answer = trial.tag(&id, &Tag::new("aws:mine", "no")).await;
    refused("aws:mine", answer, InvalidInput)
}

/// EC2 describes the instances of the request.
pub(super) async fn instances_are_described_with_their_tags(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let tag = Tag::new(trial.unique_name(), "yes");
    trial.tag(&id, &tag).await?;
    let found = trial
        .nodes()
        .named_instances(std::slice::from_ref(&id))
        .await?;
    same("instances", found.len(), 1)?;
    let tagged = found
        .iter()
        .all(|one| one.instance_id == id && one.tags.contains(&tag));
    holds(tagged, "the instance comes without its tag")
}

/// An instance that EC2 does not know is NotFound.
pub(super) async fn an_unknown_instance_is_not_found(trial: &Trial<'_>) -> Result {
    let (inventory, id) = (trial.nodes(), NodeId::new(NOBODYS));
    let described = inventory.named_instances(std::slice::from_ref(&id)).await;
    refused("DescribeInstances", described, NotFound)?;
    let tagged = inventory.add_tags(&id, &[Tag::new("key", "value")]).await;
    refused("CreateTags", tagged, NotFound)
}

/// Without an id EC2 describes every instance, and nothing else.
pub(super) async fn without_an_id_every_instance_is_described(trial: &Trial<'_>) -> Result {
    let request = DescribeInstances::all(PageRequest::first());
    let found = trial.call(request).await?;
    let ids: BTreeSet<_> = found.items.into_iter().map(|one| one.instance_id).collect();
    for id in [trial.windows_node(), trial.linux_node()] {
        holds(ids.contains(&id), format!("{id} is not described"))?;
    }
    let hybrid = ids.iter().any(NodeId::is_hybrid);
    holds(!hybrid, "a hybrid node is described")
}

/// PingStatus lists the nodes of that status only.
pub(super) async fn nodes_are_filtered_by_ping_status(trial: &Trial<'_>) -> Result {
    use PingStatus::{ConnectionLost, Online};
    let id = trial.linux_node();
    for (status, expected) in [(Online, true), (ConnectionLost, false)] {
        let filters = vec![QueryFilter::new("PingStatus", [status.as_str()])];
        let found = listed(trial, filters).await?;
        same(status.as_str(), ids(&found).contains(&id), expected)?;
        for node in &found {
            let id = node.instance_id.as_str();
            same(id, node.ping_status.as_ref(), Some(&status))?;
        }
    }
    Ok(())
}

/// PlatformTypes lists the nodes of those platforms only.
pub(super) async fn nodes_are_filtered_by_platform(trial: &Trial<'_>) -> Result {
    let (linux, windows) = (trial.linux_node(), trial.windows_node());
    for (platform, has, lacks) in [
        (PlatformType::Linux, &linux, &windows),
        (PlatformType::Windows, &windows, &linux),
    ] {
        let filters = vec![QueryFilter::new("PlatformTypes", [platform.as_str()])];
        let found = listed(trial, filters).await?;
        holds(ids(&found).contains(has), format!("{has} is not listed"))?;
        holds(!ids(&found).contains(lacks), format!("{lacks} is listed"))?;
    }
    Ok(())
}

/// tag-key lists the nodes with that key, whatever its value.
pub(super) async fn nodes_are_filtered_by_tag_key(trial: &Trial<'_>) -> Result {
    let (linux, windows) = (trial.linux_node(), trial.windows_node());
    let key = trial.tag_apart("one", "other").await?;
    let found = listed(trial, vec![QueryFilter::new("tag-key", [key])]).await?;
    same("nodes", ids(&found), BTreeSet::from([&linux, &windows]))
}

/// Every instance, by the smallest pages of the listing; no page exceeds its limit.
async fn listed_instances(trial: &Trial<'_>) -> Result<Vec<Ec2Instance>> {
    let pages: Vec<Vec<_>> = paginate(|token| async move {
        let page = PageRequest::first().with_max_results(5);
        let request = DescribeInstances::all(page.with_next_token(token));
        let page = trial.call(request).await?;
        Ok(Page::new(vec![page.items], page.next_token))
    })
    .try_collect()
    .await?;
    let mut instances = Vec::new();
    for page in pages {
        let size = page.len();
        holds(size <= 5, format!("{size} instances on a page of 5"))?;
        instances.extend(page);
    }
    instances.sort_by(|one, other| one.instance_id.cmp(&other.instance_id));
    Ok(instances)
}

/// The instances that EC2 describes if none is named.
async fn described_instances(trial: &Trial<'_>) -> Result<Vec<Ec2Instance>> {
    let request = DescribeInstances::all(PageRequest::first());
    let mut described = trial.call(request).await?.items;
    described.sort_by(|one, other| one.instance_id.cmp(&other.instance_id));
    Ok(described)
}

/// A walk by small pages visits each instance once, and nothing else.
pub(super) async fn a_walk_visits_each_instance_once(trial: &Trial<'_>) -> Result {
    let listed = listed_instances(trial).await?;
    let listed: Vec<NodeId> = listed.into_iter().map(|one| one.instance_id).collect();
    let described = described_instances(trial).await?;
    let described: Vec<NodeId> = described.into_iter().map(|one| one.instance_id).collect();
    same("instances", &listed, &described)?;
    for id in [trial.windows_node(), trial.linux_node()] {
        holds(listed.contains(&id), format!("{id} is not listed"))?;
    }
    let hybrid = listed.iter().any(NodeId::is_hybrid);
    holds(!hybrid, "a hybrid node is listed")
}

/// An instance reads the same in the listing and by id, tags included.
pub(super) async fn a_listed_instance_reads_as_described(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let tag = Tag::new(trial.unique_name(), "yes");
    trial.tag(&id, &tag).await?;
    let listed = listed_instances(trial).await?;
    same("instances", &listed, &described_instances(trial).await?)?;
    let tagged = listed.iter().find(|one| one.instance_id == id);
    let has_it = tagged.is_some_and(|one| one.tags.contains(&tag));
    holds(has_it, "the instance is listed without its tag")
}

/// A filter finds instances among unknown ids; describing by id refuses those.
pub(super) async fn unknown_ids_do_not_hide_known_instances(trial: &Trial<'_>) -> Result {
    let inventory = trial.nodes();
    let ids = [NodeId::from(NOBODYS), trial.linux_node()];
    let described = inventory.named_instances(&ids).await;
    refused("DescribeInstances", described, NotFound)?;
    let found = inventory.find_instances(&ids).await?;
    let found: Vec<_> = found.iter().map(|one| &one.instance_id).collect();
    same("instances", found, [&ids[1]])
}

/// A page of instances has 5 to 1000.
pub(super) async fn the_page_size_of_instances_is_bounded(trial: &Trial<'_>) -> Result {
    let sizes = [4, 1001];
    trial
        .refuses_page_sizes(sizes, DescribeInstances::all)
        .await?;
    let page = PageRequest::first().with_max_results(1000);
    Ok(trial.call(DescribeInstances::all(page)).await.map(drop)?)
}

/// The setting of the role for instances without a profile can be read, whether it was set or not.
pub(super) async fn the_role_of_default_host_management_is_a_setting(trial: &Trial<'_>) -> Result {
    let id = "/ssm/managed-instance/default-ec2-instance-management-role";
    let setting = trial.call(GetServiceSetting::new(id)).await?;
    same("SettingId", setting.setting_id.as_str(), id)?;
    let told = !setting.setting_value.is_empty();
    holds(told, "the setting has no value")
}

/// A setting that the service does not have is not found.
pub(super) async fn an_unknown_setting_is_not_found(trial: &Trial<'_>) -> Result {
    let request = GetServiceSetting::new("/ssm/no/such-setting");
    trial.refuses(request, NotFound).await
}

/// The properties of the managed nodes, by the smallest pages of the listing.
async fn properties(
    trial: &Trial<'_>,
    filters: Vec<InstancePropertyStringFilter>,
) -> Result<Vec<InstanceProperty>> {
    trial
        .every(|page| DescribeInstanceProperties::new(filters.clone(), page.with_max_results(5)))
        .await
}

/// The properties of a managed node say of it what its information says.
pub(super) async fn properties_agree_with_information(trial: &Trial<'_>) -> Result {
    let nodes = listed(trial, Vec::new()).await?;
    let properties = properties(trial, Vec::new()).await?;
    for id in [trial.windows_node(), trial.linux_node()] {
        let node = one(id.as_str(), &nodes, |node| node.instance_id == id)?;
        let found = one(id.as_str(), &properties, |found| {
            found.instance_id.as_ref() == Some(&id)
        })?;
        same("PingStatus", &found.ping_status, &node.ping_status)?;
        same("PlatformType", &found.platform_type, &node.platform_type)?;
        same("PlatformName", &found.platform_name, &node.platform_name)?;
        let version = &node.platform_version;
        same("PlatformVersion", &found.platform_version, version)?;
        same("AgentVersion", &found.agent_version, &node.agent_version)?;
    }
    Ok(())
}

/// A walk through the properties visits each node once.
pub(super) async fn a_walk_through_nodes_visits_each_once(trial: &Trial<'_>) -> Result {
    let listed = properties(trial, Vec::new()).await?;
    let ids: BTreeSet<_> = listed.iter().map(|node| &node.instance_id).collect();
    same("different nodes", ids.len(), listed.len())
}

/// A filter of properties passes its values, or all others.
pub(super) async fn properties_are_filtered_by_id(trial: &Trial<'_>) -> Result {
    use InstancePropertyFilterOperator::{Equal, NotEqual};
    let id = trial.linux_node();
    let by_id = InstancePropertyStringFilter::new("InstanceIds", [id.as_str()]);
    for (operator, expected) in [(Equal, true), (NotEqual, false)] {
        let filter = by_id.clone().with_operator(operator.clone());
        let found = properties(trial, vec![filter]).await?;
        let mut ids = found.iter().flat_map(|node| &node.instance_id);
        let is_listed = ids.any(|found| *found == id);
        same(operator.as_str(), is_listed, expected)?;
        let alone = found.len() == 1;
        holds(alone || !expected, "other nodes are listed too")?;
    }
    Ok(())
}

/// A page of properties has 5 to 1000.
pub(super) async fn the_page_size_of_properties_of_nodes_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| DescribeInstanceProperties::new(Vec::new(), page);
    trial.refuses_page_sizes([4, 1001], listing).await?;
    let largest = PageRequest::first().with_max_results(1000);
    Ok(trial.call(listing(largest)).await.map(drop)?)
}

/// A filter key of properties that the model does not name is refused.
pub(super) async fn an_unknown_filter_of_properties_is_refused(trial: &Trial<'_>) -> Result {
    let filters = vec![InstancePropertyStringFilter::new("Colour", ["blue"])];
    let request = DescribeInstanceProperties::new(filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// The nodes with their account and Region, by small pages.
async fn listed_nodes(trial: &Trial<'_>, filters: Vec<ListNodesFilter>) -> Result<Vec<Node>> {
    trial
        .every(|page| ListNodes::new(None, filters.clone(), page.with_max_results(2)))
        .await
}

/// A node that is online is listed with the platform that its information has, and with a Region.
pub(super) async fn listed_nodes_agree_with_information(trial: &Trial<'_>) -> Result {
    let nodes = listed(trial, Vec::new()).await?;
    let listed = listed_nodes(trial, Vec::new()).await?;
    for id in [trial.windows_node(), trial.linux_node()] {
        let node = one(id.as_str(), &nodes, |node| node.instance_id == id)?;
        let found = one(id.as_str(), &listed, |found| found.id.as_ref() == Some(&id))?;
        holds(
            found.region.is_some(),
            format!("{id} is listed without a Region"),
        )?;
        holds(
            found.account_id().is_some(),
            format!("{id} is listed without an account"),
        )?;
        let instance = found.instance().cloned().unwrap_or_default();
        same("PlatformType", &instance.platform_type, &node.platform_type)?;
        same("PlatformName", &instance.platform_name, &node.platform_name)?;
        let version = &node.platform_version;
        same("PlatformVersion", &instance.platform_version, version)?;
        same("AgentVersion", &instance.agent_version, &node.agent_version)?;
    }
    Ok(())
}

/// A walk through the listing visits each node once.
pub(super) async fn a_walk_through_listed_nodes_visits_each_once(trial: &Trial<'_>) -> Result {
    let listed = listed_nodes(trial, Vec::new()).await?;
    let ids: BTreeSet<_> = listed.iter().map(|node| &node.id).collect();
    same("different nodes", ids.len(), listed.len())
}

/// A filter of the listing passes its values, all others, or what begins with them.
pub(super) async fn listed_nodes_are_filtered_by_id(trial: &Trial<'_>) -> Result {
    use NodeFilterOperatorType::{BeginWith, Equal, NotEqual};
    let id = trial.linux_node();
    let by_id = ListNodesFilter::new(NodeFilterKey::InstanceId, [id.as_str()]);
    for (operator, expected) in [(Equal, true), (BeginWith, true), (NotEqual, false)] {
        let filter = by_id.clone().with_operator(operator.clone());
        let found = listed_nodes(trial, vec![filter]).await?;
        let is_listed = found.iter().any(|node| node.id.as_ref() == Some(&id));
        same(operator.as_str(), is_listed, expected)?;
        let alone = found.len() == 1;
        holds(alone || !expected, "other nodes are listed too")?;
    }
    Ok(())
}

/// A page of the listing has 1 to 50, and so has a page of its summary.
pub(super) async fn the_page_size_of_listed_nodes_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| ListNodes::new(None, Vec::new(), page);
    trial.refuses_page_sizes([0, 51], listing).await?;
    let summary = |page| {
        let regions = vec![NodeAggregator::count(NodeAttributeName::Region)];
        ListNodesSummary::new(None, Vec::new(), regions, page)
    };
    trial.refuses_page_sizes([0, 51], summary).await
}

/// A filter key of the listing that the model does not name is refused.
pub(super) async fn an_unknown_filter_of_listed_nodes_is_refused(trial: &Trial<'_>) -> Result {
    let key = NodeFilterKey::from("Colour");
    let filters = vec![ListNodesFilter::new(key, ["blue"])];
    let request = ListNodes::new(None, filters, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// The nodes of a sync that does not exist are not found.
pub(super) async fn nodes_of_an_unknown_sync_are_not_found(trial: &Trial<'_>) -> Result {
    let name = Some(trial.unique_name());
    let request = ListNodes::new(name, Vec::new(), PageRequest::first());
    trial.refuses(request, NotFound).await
}

async fn summary(trial: &Trial<'_>, by: NodeAggregator) -> Result<Vec<NodeSummary>> {
    trial
        .every(|page| {
            let aggregators = vec![by.clone()];
            ListNodesSummary::new(None, Vec::new(), aggregators, page.with_max_results(1))
        })
        .await
}

fn total(rows: &[NodeSummary]) -> u64 {
    rows.iter().filter_map(NodeSummary::count).sum()
}

/// A summary has a row for each value, whose counts are those of the listing together.
pub(super) async fn a_summary_counts_the_listed_nodes(trial: &Trial<'_>) -> Result {
    let listed = listed_nodes(trial, Vec::new()).await?;
    let by_platform = NodeAggregator::count(NodeAttributeName::PlatformType);
    let rows = summary(trial, by_platform).await?;
    same("nodes", total(&rows), listed.len() as u64)?;
    for platform in [PlatformType::Linux, PlatformType::Windows] {
        let has = |node: &&Node| {
            let instance = node.instance();
            instance.and_then(|one| one.platform_type.as_ref()) == Some(&platform)
        };
        let expected = listed.iter().filter(has).count() as u64;
        let row = one(platform.as_str(), &rows, |row| {
            row.value(&NodeAttributeName::PlatformType) == Some(platform.as_str())
        })?;
        same(platform.as_str(), row.count(), Some(expected))?;
    }
    Ok(())
}

/// An aggregator inside another one divides its groups; a third attribute is refused.
pub(super) async fn a_summary_groups_by_one_or_two_attributes(trial: &Trial<'_>) -> Result {
    let count = NodeAggregator::count;
    let platforms = count(NodeAttributeName::PlatformType);
    let by_two = count(NodeAttributeName::Region).refined_by(platforms.clone());
    let rows = summary(trial, by_two).await?;
    same(
        "nodes",
        total(&rows),
        total(&summary(trial, platforms).await?),
    )?;
    for row in &rows {
        let has = |attribute| row.value(&attribute).is_some();
        let both = has(NodeAttributeName::Region) && has(NodeAttributeName::PlatformType);
        holds(both, format!("{row} lacks an attribute"))?;
    }
    let names =
        count(NodeAttributeName::PlatformName).refined_by(count(NodeAttributeName::AgentVersion));
    let by_three = count(NodeAttributeName::Region).refined_by(names);
    let request = ListNodesSummary::new(None, Vec::new(), vec![by_three], PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// A role that no account has is refused, as one that does not trust the caller is.
pub(super) async fn an_unknown_role_is_not_assumed(trial: &Trial<'_>) -> Result {
    let role = "arn:aws:iam::000000000000:role/no-such-role";
    let request = AssumeRole::new(role, "conformance", None);
    trial.refuses(request, AccessDenied).await
}
