//! Writes a report of the sample fleet as JSON, CSV, Markdown and a page of HTML into a folder.
//!
//! `cargo run --example compliance_report -- FOLDER`; without one it prints the Markdown.

use std::path::Path;
use std::time::Duration;

use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager, PatchRequest};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::from_memory(&MemoryBackend::sample());
    let nodes = manager.list_nodes(Vec::new());
    let nodes: Vec<_> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let hours = Duration::from_secs(3 * 3600);
    let scan = PatchRequest::scan().nodes(&nodes);
    manager.run(&scan).await?.wait(hours).await?;
    // Every other node is patched, so that there is something to tell apart.
    let install = PatchRequest::install().nodes(nodes.iter().step_by(2));
    manager.run(&install).await?.wait(hours).await?;

    let query = ComplianceQuery::all().offline_is_unknown();
    let report = manager
        .compliance_report("Sample fleet", &query, true)
        .await?;
    let Some(folder) = std::env::args().nth(1) else {
        println!("{}", report.to_markdown());
        return Ok(());
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("report.json"), report.to_json()?)?;
    std::fs::write(folder.join("report.csv"), report.to_csv())?;
    std::fs::write(folder.join("report.md"), report.to_markdown())?;
    std::fs::write(folder.join("report.html"), report.to_html())?;
    println!(
        "wrote report.json, .csv, .md and .html to {}",
        folder.display()
    );
    Ok(())
}
