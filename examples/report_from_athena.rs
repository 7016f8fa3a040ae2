//! A report over the export of an organization, by Athena.
//!
//! ```sh
//! cargo run --example report_from_athena --features athena,default-https-client
//! ```
//!
//! Without a database in `ATHENA_DATABASE` it only prints the statements and the queries.

use std::sync::Arc;

use aws_patch_manager::ComplianceQuery;
use aws_patch_manager::athena::{AthenaClient, AthenaExport, ExportQuestions, ExportTables};
use aws_patch_manager::compliance::{ReportDetail, Verdict};
use aws_patch_manager::resource_data_sync::{SyncToDestination, organization_bucket_policy};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let query = ComplianceQuery::all().verdict(Verdict::NonCompliant);
    let Ok(database) = std::env::var("ATHENA_DATABASE") else {
        return print_statements(&query);
    };
    let mut client = AthenaClient::from_env().await;
    if let Ok(workgroup) = std::env::var("ATHENA_WORKGROUP") {
        client = client.workgroup(workgroup);
    }
    let export = AthenaExport::new(Arc::new(client), ExportTables::new(database));
    let report = export.compliance_report("Not compliant", &query, ReportDetail::Patches);
    println!("{}", report.await?.to_markdown());
    Ok(())
}

/// What a bucket and its tables need, and what is asked of them.
fn print_statements(query: &ComplianceQuery) -> Result<(), Box<dyn std::error::Error>> {
    let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1")
        .prefix("inventory")
        .share_with_organization()
        .build()?;
    println!("{:#}\n", organization_bucket_policy(&sync, "o-a1b2c3d4e5")?);
    let tables = ExportTables::new("patching");
    if let Some(bucket) = &sync.s3_destination {
        let create = tables.create_statements(bucket)?;
        for statement in create.into_iter().chain(tables.repair_statements()?) {
            println!("{statement};\n");
        }
    }
    for query in ExportQuestions::new(tables).nodes(query)? {
        println!("{};", query.sql);
    }
    Ok(())
}
