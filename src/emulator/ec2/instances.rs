//! Describing, starting, stopping and rebooting instances.

use jiff::Timestamp;

use super::form::Form;
use super::network::{group, page_of};
use super::refused;
use crate::backend::{
    DescribeInstances, NodeInventory, NodePower, RebootInstances, StartInstances, StopInstances,
};
use crate::emulator::xml::{Node, present};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::{
    Ec2Instance, InstanceState, InstanceStateChange, MetadataOptions, NodeId, QueryFilter, Tag,
    fnv1a,
};

type Members = Vec<(&'static str, Node)>;

/// Describes instances by id, or those that pass the filters, each in a reservation of its own.
pub(super) async fn describe(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Vec<(&'static str, Node)>> {
    let ids = form.list("InstanceId");
    check_ids(&ids)?;
    let mut request = DescribeInstances::all(form.page()?);
    request.instance_ids = ids.into_iter().map(NodeId::from).collect();
    let (derived, stored) = form
        .filters()?
        .into_iter()
        .partition::<Vec<_>, _>(|filter| Derived::FILTERS.contains(&filter.key.as_str()));
    request.filters = stored;
    let mut page = backend.describe_instances(request).await?;
    let of = |instance: &Ec2Instance| Derived::of(backend, instance);
    page.items
        .retain(|instance| derived.is_empty() || of(instance).passes(&derived));
    Ok(page_of("reservationSet", page, |instance| {
        reservation(instance, &of(instance))
    }))
}

/// Refuses ids that no instance can have.
pub(super) fn check_ids(ids: &[String]) -> Result<()> {
    let is_instance = |id: &String| {
        let id = NodeId::new(id);
        id.is_well_formed() && !id.is_hybrid()
    };
    match ids.iter().find(|id| !is_instance(id)) {
        None => Ok(()),
        Some(id) => {
            let message = format!("Invalid id: \"{id}\"");
            Err(refused("InvalidInstanceID.Malformed", message))
        }
    }
}

/// The type of every instance: a fleet has none, and tools print one.
const INSTANCE_TYPE: &str = "m5.large";

/// When instances were launched that have no date of registration.
const LAUNCHED: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// What DescribeInstances answers and a fleet does not have: it follows from the rest, or is invented.
struct Derived {
    image_id: String,
    launched: Timestamp,
    private_dns_name: String,
    is_windows: bool,
}

impl Derived {
    const FILTERS: [&str; 4] = ["image-id", "instance-type", "platform", "private-dns-name"];

    fn of(backend: &MemoryBackend, instance: &Ec2Instance) -> Self {
        let (region, _) = backend.place();
        let facts = backend.instance_facts(&instance.instance_id);
        let product = facts.product.bytes();
        let address = instance.private_ip_address.as_deref();
        Self {
            image_id: format!("ami-0{:016x}", fnv1a(product)),
            launched: facts.registered.unwrap_or(LAUNCHED),
            private_dns_name: address.map_or_else(String::new, |address| {
                let host = address.replace('.', "-");
                match region.as_str() {
                    "us-east-1" => format!("ip-{host}.ec2.internal"),
                    region => format!("ip-{host}.{region}.compute.internal"),
                }
            }),
            is_windows: facts.is_windows,
        }
    }

    fn passes(&self, filters: &[QueryFilter]) -> bool {
        filters.iter().all(|filter| match filter.key.as_str() {
            "image-id" => filter.matches(&self.image_id),
            "instance-type" => filter.matches(INSTANCE_TYPE),
            "platform" => self.is_windows && filter.matches("windows"),
            _ => filter.matches(&self.private_dns_name),
        })
    }

    fn members(&self) -> Members {
        let details = if self.is_windows {
            "Windows"
        } else {
            "Linux/UNIX"
        };
        let mut members = vec![
            ("imageId", Node::text(&self.image_id)),
            ("instanceType", Node::text(INSTANCE_TYPE)),
            ("launchTime", Node::text(self.launched)),
            ("privateDnsName", Node::text(&self.private_dns_name)),
            ("platformDetails", Node::text(details)),
        ];
        if self.is_windows {
            members.push(("platform", Node::text("windows")));
        }
        members
    }
}

fn reservation(instance: &Ec2Instance, derived: &Derived) -> Node {
    let id = instance.instance_id.as_str();
    Node::Members(vec![
        ("reservationId", Node::text(id.replacen("i-", "r-", 1))),
        ("groupSet", Node::Items(Vec::new())),
        (
            "instancesSet",
            Node::Items(vec![described(instance, derived)]),
        ),
    ])
}

fn described(instance: &Ec2Instance, derived: &Derived) -> Node {
    let mut members = vec![
        ("instanceId", Node::text(&instance.instance_id)),
        ("instanceState", state(&instance.state)),
    ];
    members.extend(derived.members());
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
