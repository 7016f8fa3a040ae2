//! The status checks and the instance profiles of instances.

use super::Members;
use super::form::Form;
use super::instances::{check_ids, state};
use super::listing::{Listed, Row};
use crate::emulator::xml::Node;
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::{Ec2Instance, IamInstanceProfile};

const STATUSES: Listed = Listed {
    items: "instanceStatusSet",
    ids: "InstanceId",
    unknown: "InvalidInstanceID.NotFound",
    filters: &[
        "availability-zone",
        "instance-state-name",
        "instance-status.status",
        "system-status.status",
    ],
};

/// DescribeInstanceStatus: running instances, or all if the request says so. A node that is running passes
/// its checks, whether its agent is in touch or not.
pub(super) async fn describe_instance_status(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Members> {
    check_ids(&form.list("InstanceId"))?;
    let all = form.flag("IncludeAllInstances", "includeAllInstances")?;
    let instances = backend.instances().into_iter();
    let listed = instances.filter(|one| all || one.state.name == "running");
    STATUSES.answer(form, listed.map(|one| status(&one)).collect())
}

fn status(instance: &Ec2Instance) -> Row {
    let is_running = instance.state.name == "running";
    let status = if is_running { "ok" } else { "not-applicable" };
    let check = || {
        let detail = Node::Members(vec![
            ("name", Node::text("reachability")),
            ("status", Node::text("passed")),
        ]);
        let details = if is_running { vec![detail] } else { Vec::new() };
        Node::Members(vec![
            ("status", Node::text(status)),
            ("details", Node::Items(details)),
        ])
    };
    let zone = instance.placement.availability_zone.clone();
    let zone = zone.unwrap_or_default();
    let node = Node::Members(vec![
        ("instanceId", Node::text(&instance.instance_id)),
        ("availabilityZone", Node::text(&zone)),
        ("instanceState", state(&instance.state)),
        ("systemStatus", check()),
        ("instanceStatus", check()),
    ]);
    Row {
        id: instance.instance_id.to_string(),
        facts: vec![
            ("availability-zone", zone),
            ("instance-state-name", instance.state.name.clone()),
            ("instance-status.status", status.to_owned()),
            ("system-status.status", status.to_owned()),
        ],
        node,
    }
}

const PROFILES: Listed = Listed {
    items: "iamInstanceProfileAssociationSet",
    ids: "AssociationId",
    unknown: "InvalidAssociationID.NotFound",
    filters: &["instance-id", "state"],
};

/// DescribeIamInstanceProfileAssociations.
pub(super) async fn describe_profile_associations(
    backend: &MemoryBackend,
    form: &Form,
) -> Result<Members> {
    let instances = backend.instances();
    let rows = instances.iter().filter_map(|instance| {
        let profile = instance.iam_instance_profile.as_ref()?;
        Some(association(instance, profile))
    });
    PROFILES.answer(form, rows.collect())
}

fn association(instance: &Ec2Instance, profile: &IamInstanceProfile) -> Row {
    let instance = instance.instance_id.as_str();
    let id = instance.replacen("i-", "iip-assoc-", 1);
    let profile = Node::Members(vec![("arn", Node::text(&profile.arn))]);
    let facts = vec![
        ("instanceId", "instance-id", instance.to_owned()),
        ("state", "state", "associated".to_owned()),
    ];
    let more = vec![
        ("associationId", Node::text(&id)),
        ("iamInstanceProfile", profile),
    ];
    Row::of(id, facts, more)
}
