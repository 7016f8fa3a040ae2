//! Three weeks of the sample fleet, and a report that compares the last week with those before: as
//! JSON, CSV, Markdown and HTML, in a folder.
//!
//! `cargo run --example compliance_report -- FOLDER`; without one it prints the Markdown.

use std::path::Path;
use std::time::Duration;

use aws_patch_manager::compliance::{ComplianceReport, ReportDetail};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::{MaxErrors, NodeId, RebootOption};
use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchGroup, PatchManager, PatchRequest};
use futures_util::TryStreamExt;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let (web, others) = nodes.split_at(2);
    manager.tag_nodes(&PatchGroup::new("web")?, web).await?;
    manager
        .tag_nodes(&PatchGroup::new("backend")?, others)
        .await?;

    let first = week(&manager, &nodes, &[]).await?;
    account.advance(Duration::from_hours(24 * 7));
    // An earlier report can also come from a file: ComplianceReport::from_json reads it.
    let second = week(&manager, &nodes, others).await?.with_previous(&first);
    account.advance(Duration::from_hours(24 * 7));
    account.set_condition(&nodes[5], NodeCondition::Unreachable)?;
    account.add_node(FleetNode::amazon_linux_2023("i-0c0ffee0000000010"));
    let report = week(&manager, &nodes, &nodes[..3]).await?;
    let report = report.with_previous(&second);

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

/// Scans every node, patches some of them, and reports.
async fn week(
    manager: &PatchManager,
    nodes: &[NodeId],
    patched: &[NodeId],
) -> Result<ComplianceReport> {
    let mut requests = vec![PatchRequest::scan().nodes(nodes)];
    if let [others @ .., last] = patched {
        requests.push(PatchRequest::install().nodes(others));
        let install = PatchRequest::install().nodes([last]);
        requests.push(install.reboot(RebootOption::NoReboot));
    }
    for request in requests {
        let request = request.max_errors(MaxErrors::Percent(100));
        let run = manager.run(&request).await?;
        run.wait(Duration::from_secs(3 * 3600)).await?;
    }
    let query = ComplianceQuery::all().offline_is_unknown();
    Ok(manager
        .compliance_report("Sample fleet", &query, ReportDetail::Patches)
        .await?)
}
