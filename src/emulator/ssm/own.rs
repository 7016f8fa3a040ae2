//! Operations of Systems Manager that only the emulator has.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{compliance, documents, inventory, limits};
use crate::emulator::reply::invalid;
use crate::emulator::request::Body;
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::types::NodeId;
use crate::visible::Quoted;

/// One operation.
struct Own {
    name: &'static str,
    required: &'static [&'static str],
    answer: fn(&Service, &Body) -> Result<Value>,
}

const OPERATIONS: [Own; 5] = [
    Own {
        name: "DeleteDocument",
        required: &["Name"],
        answer: delete_document,
    },
    Own {
        name: "GetDeployablePatchSnapshotForInstance",
        required: &["InstanceId", "SnapshotId"],
        answer: patch_snapshot,
    },
    Own {
        name: "GetInventory",
        required: &[],
        answer: inventory::get,
    },
    Own {
        name: "ListInventoryEntries",
        required: &["InstanceId", "TypeName"],
        answer: inventory::entries,
    },
    Own {
        name: "PutComplianceItems",
        required: &[
            "ResourceId",
            "ResourceType",
            "ComplianceType",
            "ExecutionSummary",
            "Items",
        ],
        answer: compliance::put,
    },
];

/// The names of the operations.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|own| own.name)
}

/// Runs an operation, if it is one of these.
pub(super) fn answer(service: &Service, operation: &str, body: &[u8]) -> Option<Result<Value>> {
    let own = OPERATIONS.iter().find(|own| own.name == operation)?;
    let answer = || {
        let body = Body::read(body)?;
        body.require(own.required)?;
        limits::check(own.name, body.members())?;
        (own.answer)(service, &body)
    };
    Some(answer())
}

/// The answer to GetDocument or DescribeDocument for a document of AWS, of which the backend has no text.
pub(super) fn document(operation: &str, body: &Body) -> Option<Value> {
    let document = documents::named(body.text("Name")?)?;
    let has_version = matches!(
        body.text("DocumentVersion"),
        None | Some("$DEFAULT" | "$LATEST" | "1")
    );
    let is_json = matches!(body.text("DocumentFormat"), None | Some("JSON"));
    match operation {
        _ if !has_version || body.text("VersionName").is_some() => None,
        "GetDocument" if is_json => Some(document.text()),
        "DescribeDocument" => Some(json!({ "Document": document.description() })),
        _ => None,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteDocument {
    name: String,
    /// For types that need it, none of which runs here.
    #[serde(default)]
    force: bool,
}

/// DeleteDocument, of all versions at once.
fn delete_document(service: &Service, body: &Body) -> Result<Value> {
    let request: DeleteDocument = body.input(&[])?;
    service.backend.delete_document(&request.name)?;
    Ok(json!({}))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetPatchSnapshot {
    instance_id: NodeId,
    snapshot_id: String,
    #[serde(default)]
    use_s3_dual_stack_endpoint: bool,
}

/// Where an agent would get the patches of a node. There is nothing behind the address: the nodes here need
/// no file.
fn patch_snapshot(service: &Service, body: &Body) -> Result<Value> {
    let request: GetPatchSnapshot = body.input(&[])?;
    let (id, snapshot) = (&request.instance_id, &request.snapshot_id);
    if !crate::types::is_uuid(snapshot) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{}' at 'snapshotId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-fA-F]{{8}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{4}}-[0-9a-fA-F]{{12}}$",
            Quoted(snapshot)
        )));
    }
    let node = service
        .backend
        .fleet_node(id)
        .ok_or_else(|| unknown_node(id))?;
    let (region, account) = service.backend.place();
    let stack = match request.use_s3_dual_stack_endpoint {
        true => "s3.dualstack",
        false => "s3",
    };
    let os = &node.operating_system;
    Ok(json!({
        "InstanceId": id,
        "SnapshotId": snapshot,
        "Product": node.product,
        "SnapshotDownloadUrl": format!(
            "https://patch-baseline-snapshot-{region}.{stack}.{region}.amazonaws.com/{account}/{os}-{snapshot}"
        ),
    }))
}

/// The error for a node that the account does not have.
pub(super) fn unknown_node(id: &NodeId) -> Error {
    let message = format!("the account has no node {}", Quoted(id.as_str()));
    Error::service(ErrorKind::NotFound, "InvalidInstanceId", message)
}
