//! A report from the files of a resource data sync, without any call to Systems Manager.
//!
//! `cargo run --example report_from_export --features data-sync -- FOLDER` reads a copy of a
//! bucket, made by `aws s3 sync s3://BUCKET/PREFIX FOLDER`. Without FOLDER, it writes an invented
//! export of two accounts into a temporary folder. One of its files is broken.

use std::path::{Path, PathBuf};

use aws_patch_manager::ComplianceQuery;
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::data_sync::ResourceDataSync;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let given = std::env::args().nth(1).map(PathBuf::from);
    let folder = match &given {
        Some(folder) => folder.clone(),
        None => invented()?,
    };

    let export = ResourceDataSync::local(&folder)?;
    let query = ComplianceQuery::all().offline_is_unknown();
    let report = export
        .compliance_report("Exported fleet", &query, ReportDetail::Patches)
        .await?;
    // The report starts with its failures.
    println!("{}", report.to_markdown());

    if given.is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// Writes an export of four nodes, and returns its folder.
fn invented() -> std::io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("invented-export-{}", std::process::id()));
    let frankfurt = "accountid=111122223333/region=eu-central-1";
    let virginia = "accountid=444455556666/region=us-east-1";
    node(&folder, frankfurt, "i-0c0ffee0000000001", "Active", Some(0))?;
    node(&folder, frankfurt, "i-0c0ffee0000000002", "Active", Some(1))?;
    node(&folder, virginia, "i-0c0ffee0000000003", "Stopped", Some(0))?;
    node(&folder, virginia, "i-0c0ffee0000000004", "Active", None)?;
    let broken = "{\"resourceId\":\"i-0c0ffee0000000004\",\"Missing";
    put(
        &folder,
        "AWS:PatchSummary",
        virginia,
        "i-0c0ffee0000000004",
        broken,
    )?;
    Ok(folder)
}

/// Writes a node's files, with a summary and items if it was scanned.
fn node(
    folder: &Path,
    place: &str,
    id: &str,
    status: &str,
    missing: Option<u32>,
) -> std::io::Result<()> {
    let information = json!({
        "ComputerName": format!("host-{}", &id[id.len() - 1..]), "InstanceStatus": status,
        "PlatformName": "Amazon Linux", "PlatformVersion": "2023",
    });
    put(
        folder,
        "AWS:InstanceInformation",
        place,
        id,
        &row(id, information),
    )?;
    let Some(missing) = missing else {
        return Ok(());
    };
    let summary = json!({
        "BaselineId": "pb-0c0ffee0000000001", "PatchGroup": "web", "OperationType": "Scan",
        "OperationStartTime": "2026-05-14T01:00:00Z", "OperationEndTime": "2026-05-14T01:02:00Z",
        "InstalledCount": "210", "MissingCount": missing.to_string(), "FailedCount": "0",
    });
    put(folder, "AWS:PatchSummary", place, id, &row(id, summary))?;
    let items: Vec<String> = (0..missing)
        .map(|_| {
            let item = json!({
                "ComplianceType": "Patch", "Id": "openssl.x86_64", "PatchState": "Missing",
                "Title": "openssl.x86_64:1:3.2.2-1.amzn2023.0.3", "PatchSeverity": "Important",
            });
            row(id, item)
        })
        .collect();
    put(folder, "AWS:ComplianceItem", place, id, &items.join("\n"))
}

/// The members that every row has, with its node.
fn row(id: &str, mut members: Value) -> String {
    members["resourceId"] = json!(id);
    members["captureTime"] = json!("2026-05-14T01:02:00Z");
    members.to_string()
}

fn put(folder: &Path, kind: &str, place: &str, id: &str, text: &str) -> std::io::Result<()> {
    let folder = folder
        .join(kind)
        .join(place)
        .join("resourcetype=ManagedInstanceInventory");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("{id}.json")), text)
}
