//! DescribeInstances.

use super::form::Form;
use super::network::group;
use super::xml::{Node, present};
use super::{listing, refused};
use crate::backend::NodeInventory;
use crate::error::Result;
use crate::memory::{Bounds, MemoryBackend, page};
use crate::types::{Ec2Instance, NodeId, QueryFilter, Tag};

const OPERATION: &str = "DescribeInstances";

/// The bounds of its pages, by the documentation of EC2's API.
const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);

/// Describes instances by id, or those that pass the filters, each in a reservation of its own.
pub(super) async fn describe(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Vec<(&'static str, Node)>> {
    let ids: Vec<NodeId> = form
        .list("InstanceId")
        .into_iter()
        .map(NodeId::from)
        .collect();
    let filters = form.filters();
    let asked = form.page()?;
    if !ids.is_empty() && asked.max_results.is_some() {
        return Err(refused(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    for id in &ids {
        if !id.is_well_formed() || id.is_hybrid() {
            let told = format!("Invalid id: \"{id}\"");
            return Err(refused("InvalidInstanceID.Malformed", told));
        }
    }
    for filter in &filters {
        known(filter)?;
    }
    let mut found = backend.describe_instances(&ids).await?;
    found.retain(|instance| filters.iter().all(|filter| passes(instance, filter)));
    let page = page(
        found,
        &asked,
        OPERATION,
        BOUNDS,
        &format!("{filters:?}"),
        None,
    )?;
    let reservations = page.items.iter().map(reservation).collect();
    let token = page.next_token.map(|token| token.to_string());
    Ok(listing("reservationSet", reservations, token))
}

fn known(filter: &QueryFilter) -> Result<()> {
    let key = filter.key.as_str();
    let plain = [
        "instance-id",
        "instance-state-name",
        "subnet-id",
        "tag-key",
        "vpc-id",
    ];
    if plain.contains(&key) || key.starts_with("tag:") {
        return Ok(());
    }
    let told = format!("The filter '{key}' is invalid");
    Err(refused("InvalidParameterValue", told))
}

fn passes(instance: &Ec2Instance, filter: &QueryFilter) -> bool {
    let named = |value: &str| filter.values.iter().any(|wanted| wanted == value);
    let has = |value: &Option<String>| value.as_deref().is_some_and(named);
    match filter.key.as_str() {
        "instance-id" => named(instance.instance_id.as_str()),
        "instance-state-name" => named(&instance.state.name),
        "subnet-id" => has(&instance.subnet_id),
        "vpc-id" => has(&instance.vpc_id),
        "tag-key" => instance.tags.iter().any(|tag| named(&tag.key)),
        key => instance
            .tags
            .iter()
            .any(|tag| key.strip_prefix("tag:") == Some(&*tag.key) && named(&tag.value)),
    }
}

fn reservation(instance: &Ec2Instance) -> Node {
    let id = instance.instance_id.as_str();
    Node::Members(vec![
        ("reservationId", Node::text(id.replacen("i-", "r-", 1))),
        ("groupSet", Node::Items(Vec::new())),
        ("instancesSet", Node::Items(vec![described(instance)])),
    ])
}

fn described(instance: &Ec2Instance) -> Node {
    let state = Node::Members(vec![
        ("code", Node::text(state_code(&instance.state.name))),
        ("name", Node::text(&instance.state.name)),
    ]);
    let mut members = vec![
        ("instanceId", Node::text(&instance.instance_id)),
        ("instanceState", state),
    ];
    if let Some(tags) = &instance.metadata_options.instance_metadata_tags {
        let options = Node::Members(vec![("instanceMetadataTags", Node::text(tags))]);
        members.push(("metadataOptions", options));
    }
    members.extend(present([
        ("subnetId", &instance.subnet_id),
        ("vpcId", &instance.vpc_id),
        ("privateIpAddress", &instance.private_ip_address),
        ("ipAddress", &instance.public_ip_address),
    ]));
    let zone = present([("availabilityZone", &instance.placement.availability_zone)]);
    members.push(("placement", Node::Members(zone.collect())));
    if let Some(profile) = &instance.iam_instance_profile {
        let profile = Node::Members(vec![("arn", Node::text(&profile.arn))]);
        members.push(("iamInstanceProfile", profile));
    }
    let groups = instance.security_groups.iter();
    members.push(("groupSet", Node::Items(groups.map(group).collect())));
    members.push((
        "tagSet",
        Node::Items(instance.tags.iter().map(tag).collect()),
    ));
    Node::Members(members)
}

fn tag(tag: &Tag) -> Node {
    Node::Members(vec![
        ("key", Node::text(&tag.key)),
        ("value", Node::text(&tag.value)),
    ])
}

/// The number that goes with a state's name (EC2 model, `InstanceState`).
fn state_code(name: &str) -> u8 {
    match name {
        "running" => 16,
        "shutting-down" => 32,
        "terminated" => 48,
        "stopping" => 64,
        "stopped" => 80,
        _ => 0,
    }
}
