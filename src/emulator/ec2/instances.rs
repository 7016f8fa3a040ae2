//! Describing, starting, stopping and rebooting instances.

use super::form::Form;
use super::network::{group, page_of};
use super::refused;
use crate::backend::{
    DescribeInstances, NodeInventory, NodePower, RebootInstances, StartInstances, StopInstances,
};
use crate::emulator::xml::{Node, present};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::{Ec2Instance, InstanceState, InstanceStateChange, MetadataOptions, NodeId, Tag};

type Members = Vec<(&'static str, Node)>;

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
    for id in &ids {
        if !id.is_well_formed() || id.is_hybrid() {
            let message = format!("Invalid id: \"{id}\"");
            return Err(refused("InvalidInstanceID.Malformed", message));
        }
    }
    let mut request = DescribeInstances::all(form.page()?);
    request.instance_ids = ids;
    request.filters = form.filters();
    let page = backend.describe_instances(request).await?;
    Ok(page_of("reservationSet", page, reservation))
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
    let mut members = vec![
        ("instanceId", Node::text(&instance.instance_id)),
        ("instanceState", state(&instance.state)),
    ];
    let options = metadata_options(&instance.metadata_options);
    if !options.is_empty() {
        members.push(("metadataOptions", Node::Members(options)));
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

fn metadata_options(options: &MetadataOptions) -> Vec<(&'static str, Node)> {
    let tokens = options.http_tokens.as_ref().map(Node::text);
    let endpoint = options.http_endpoint.as_ref().map(Node::text);
    let tags = options.instance_metadata_tags.as_ref().map(Node::text);
    [
        ("httpTokens", tokens),
        ("httpEndpoint", endpoint),
        ("instanceMetadataTags", tags),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn tag(tag: &Tag) -> Node {
    Node::Members(vec![
        ("key", Node::text(&tag.key)),
        ("value", Node::text(&tag.value)),
    ])
}

/// A state, by code and name.
pub(super) fn state(state: &InstanceState) -> Node {
    Node::Members(vec![
        ("code", Node::text(state_code(&state.name))),
        ("name", Node::text(&state.name)),
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

/// StartInstances.
pub(super) async fn start(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = StartInstances::new(form.list("InstanceId"));
    Ok(changes(&backend.start_instances(request).await?))
}

/// StopInstances.
pub(super) async fn stop(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = StopInstances::new(form.list("InstanceId"));
    Ok(changes(&backend.stop_instances(request).await?))
}

/// RebootInstances.
pub(super) async fn reboot(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = RebootInstances::new(form.list("InstanceId"));
    backend.reboot_instances(request).await?;
    Ok(vec![("return", Node::text(true))])
}

fn changes(changes: &[InstanceStateChange]) -> Members {
    let change = |change: &InstanceStateChange| {
        Node::Members(vec![
            ("instanceId", Node::text(&change.instance_id)),
            ("currentState", state(&change.current_state)),
            ("previousState", state(&change.previous_state)),
        ])
    };
    let items = changes.iter().map(change).collect();
    vec![("instancesSet", Node::Items(items))]
}
