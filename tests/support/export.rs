//! Writes what a resource data sync would write.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::compliance::InstancePatchState;
use aws_patch_manager::data_sync::object_store::path::Path;
use aws_patch_manager::data_sync::object_store::{ObjectStore, ObjectStoreExt};
use aws_patch_manager::resource_data_sync::SyncToDestination;
use aws_patch_manager::types::InstanceInformation;
use aws_patch_manager::{MemoryBackend, PatchManager};
use futures_util::TryStreamExt;
use serde_json::{Map, Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";

/// The path of a node's file of a type.
pub(crate) fn key(kind: &str, account: &str, region: &str, node: &str) -> String {
    format!(
        "{kind}/accountid={account}/region={region}/resourcetype=ManagedInstanceInventory/{node}.json"
    )
}

/// Writes a file of these lines.
pub(crate) async fn put(store: &dyn ObjectStore, key: &str, lines: &[String]) {
    let text = lines.join("\n") + "\n";
    let path = Path::parse(key).unwrap();
    store.put(&path, text.into()).await.unwrap();
}

/// A row as a data sync writes it: every member a text, and the three that each row has.
fn row(node: &str, members: Map<String, Value>) -> String {
    let mut row = Map::new();
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        row.insert(name, Value::String(text));
    }
    row.insert("resourceId".to_owned(), json!(node));
    row.insert("captureTime".to_owned(), json!("2026-05-14T01:00:00Z"));
    row.insert("schemaVersion".to_owned(), json!("1.0"));
    Value::Object(row).to_string()
}

fn members(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else {
        panic!("{value} is no object")
    };
    members
}

/// The row of `AWS:InstanceInformation`, with this `InstanceStatus`.
pub(crate) fn information(node: &str, status: &str) -> String {
    let said = json!({
        "AgentType": "amazon-ssm-agent", "AgentVersion": "3.3.1611.0", "InstanceId": node,
        "ComputerName": format!("{node}.example"), "IpAddress": "192.0.2.1",
        "PlatformName": "Amazon Linux", "PlatformType": "Linux", "PlatformVersion": "2023",
        "ResourceType": "EC2Instance", "InstanceStatus": status,
    });
    row(node, members(said))
}

/// Writes what a resource data sync of an account has in its bucket into `store`, with a row of an
/// association among the patches of each node.
pub(crate) async fn write(
    backend: &MemoryBackend,
    manager: &PatchManager,
    store: &dyn ObjectStore,
) {
    let sync = SyncToDestination::new("export", "amzn-s3-demo-bucket", REGION);
    let sync = sync.build().unwrap();
    manager.ensure_resource_data_sync(&sync).await.unwrap();
    backend.advance(Duration::from_mins(1));
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in backend.data_sync_files() {
        let lines = file.text.lines().map(str::to_owned);
        files.entry(file.key).or_default().extend(lines);
    }
    let nodes: Vec<InstanceInformation> = manager.list_nodes().try_collect().await.unwrap();
    for node in &nodes {
        let id = node.instance_id.as_str();
        let rows = files.entry(key("AWS:ComplianceItem", ACCOUNT, REGION, id));
        let rows = rows.or_default();
        rows.insert(rows.len() / 2, association_row(id));
    }
    for (key, lines) in &files {
        put(store, key, lines).await;
    }
}

/// The row of `AWS:PatchSummary` of a state.
pub(crate) fn summary_of(state: &InstancePatchState) -> String {
    let mut said = members(serde_json::to_value(state).unwrap());
    said.remove("InstanceId");
    let operation = said.remove("Operation").unwrap();
    said.insert("OperationType".to_owned(), operation);
    row(state.instance_id.as_str(), said)
}

/// The row of an association that scanned by another baseline and found everything missing.
pub(crate) fn association_row(node: &str) -> String {
    let counts = json!({"MissingCount": "99", "FailedCount": "99", "OperationType": "Scan"});
    let said = json!({
        "ComplianceType": "Association", "Id": "5f1d6a3e-0c4e-41f7-9b77-b0a2d9000001",
        "Title": "another baseline", "Status": "NON_COMPLIANT", "Severity": "CRITICAL",
        "PatchState": "Missing", "PatchBaselineId": "pb-00000000000000bad",
        "DocumentName": "AWS-RunPatchBaselineAssociation", "DetailedText": counts.to_string(),
    });
    row(node, members(said))
}

/// The row of a patch.
pub(crate) fn patch_row(node: &str, id: &str, state: &str, severity: &str) -> String {
    let said = json!({
        "ComplianceType": "Patch", "Id": id, "Title": format!("the update {id}"),
        "Status": "NON_COMPLIANT", "PatchState": state, "PatchSeverity": severity,
        "Classification": "Security", "InstalledTime": "",
    });
    row(node, members(said))
}
