//! Controls of one node.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Request, of_node};
use crate::emulator::reply::invalid;
use crate::error::{Result, Violations};
use crate::memory::{FleetNode, InstalledPackage, NodeCondition};
use crate::types::{NodeId, OperatingSystem, PingStatus, PlatformType, ResourceType};

pub(super) fn list(request: &Request<'_>) -> Result<Value> {
    Ok(json!({ "Nodes": request.service.backend.fleet_nodes() }))
}

pub(super) fn add(request: &Request<'_>) -> Result<Value> {
    let node: FleetNode = request.input(&["InstanceInformation"])?;
    check(&node)?;
    let answer = of_node(node.id());
    request.service.backend.add_node(node);
    Ok(answer)
}

/// Refuses a node that no account could have: its id, and what is not in an enumeration.
fn check(node: &FleetNode) -> Result<()> {
    let mut found = Violations::new();
    let information = &node.instance_information;
    let id = node.id();
    let legal = NodeId::LEGAL;
    found.require(
        id.is_well_formed(),
        "InstanceInformation.InstanceId",
        id,
        legal,
    );
    let known = OperatingSystem::KNOWN.iter().map(OperatingSystem::as_str);
    let os = Some(node.operating_system.as_str());
    one_of(&mut found, "OperatingSystem", os, known);
    condition_is_known(&mut found, &node.condition);
    let known = PlatformType::KNOWN.iter().map(PlatformType::as_str);
    let platform = information.platform_type.as_ref().map(PlatformType::as_str);
    one_of(
        &mut found,
        "InstanceInformation.PlatformType",
        platform,
        known,
    );
    let known = ResourceType::KNOWN.iter().map(ResourceType::as_str);
    let kind = information.resource_type.as_ref().map(ResourceType::as_str);
    one_of(&mut found, "InstanceInformation.ResourceType", kind, known);
    let known = PingStatus::KNOWN.iter().map(PingStatus::as_str);
    let ping = information.ping_status.as_ref().map(PingStatus::as_str);
    one_of(&mut found, "InstanceInformation.PingStatus", ping, known);
    found.or("the node", ())
}

fn condition_is_known(found: &mut Violations, condition: &NodeCondition) {
    let known = NodeCondition::KNOWN.iter().map(NodeCondition::as_str);
    one_of(found, "Condition", Some(condition.as_str()), known);
}

/// Refuses a value that is not in its enumeration.
fn one_of<'k>(
    found: &mut Violations,
    field: &str,
    value: Option<&str>,
    known: impl Iterator<Item = &'k str>,
) {
    let known: Vec<_> = known.collect();
    if let Some(value) = value.filter(|value| !known.contains(value)) {
        // An empty value is printed like an absent one.
        let empty = if value.is_empty() { "is empty: " } else { "" };
        found.push(field, value, format!("{empty}one of {}", known.join(", ")));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NamedNode {
    instance_id: NodeId,
}

pub(super) fn remove(request: &Request<'_>) -> Result<Value> {
    let NamedNode { instance_id } = request.input(&["InstanceId"])?;
    request.service.backend.remove_node(&instance_id)?;
    Ok(of_node(&instance_id))
}

pub(super) fn reboot(request: &Request<'_>) -> Result<Value> {
    let NamedNode { instance_id } = request.input(&["InstanceId"])?;
    request.service.backend.reboot(&instance_id)?;
    Ok(of_node(&instance_id))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetCondition {
    instance_id: NodeId,
    condition: NodeCondition,
}

pub(super) fn set_condition(request: &Request<'_>) -> Result<Value> {
    let SetCondition {
        instance_id,
        condition,
    } = request.input(&["InstanceId", "Condition"])?;
    let mut found = Violations::new();
    condition_is_known(&mut found, &condition);
    found.or("the node", ())?;
    let backend = &request.service.backend;
    backend.set_condition(&instance_id, condition)?;
    Ok(of_node(&instance_id))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Install {
    instance_id: NodeId,
    package: InstalledPackage,
}

pub(super) fn install(request: &Request<'_>) -> Result<Value> {
    let Install {
        instance_id,
        package,
    } = request.input(&["InstanceId", "Package"])?;
    if package.kb_id().is_empty() {
        return Err(invalid(
            "Package: needs KbNumber, or Name and Arch, by which reports call it",
        ));
    }
    let backend = &request.service.backend;
    backend.install_package(&instance_id, package)?;
    Ok(of_node(&instance_id))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FailPatch {
    instance_id: NodeId,
    patch: String,
}

pub(super) fn fail_patch(request: &Request<'_>) -> Result<Value> {
    let FailPatch { instance_id, patch } = request.input(&["InstanceId", "Patch"])?;
    request.service.backend.fail_patch(&instance_id, patch)?;
    Ok(of_node(&instance_id))
}

pub(super) fn repair_patches(request: &Request<'_>) -> Result<Value> {
    let NamedNode { instance_id } = request.input(&["InstanceId"])?;
    request.service.backend.repair_patches(&instance_id)?;
    Ok(of_node(&instance_id))
}
