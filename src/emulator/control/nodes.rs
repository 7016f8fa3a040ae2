//! Controls of one node.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Request, check_node, of_node};
use crate::emulator::reply::invalid;
use crate::error::{Result, Violations};
use crate::memory::{FleetNode, InstalledPackage, NodeCondition};
use crate::types::NodeId;

pub(super) fn list(request: &Request<'_>) -> Result<Value> {
    Ok(json!({ "Nodes": request.service.backend.fleet_nodes() }))
}

pub(super) fn add(request: &Request<'_>) -> Result<Value> {
    let node: FleetNode = request.input(&["InstanceInformation"])?;
    check_node("InstanceInformation.InstanceId", node.id())?;
    let answer = of_node(node.id());
    request.service.backend.add_node(node);
    Ok(answer)
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
    let legal = "Online, Stopped, Unreachable or Agentless";
    found.require(condition.is_known(), "Condition", &condition, legal);
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
