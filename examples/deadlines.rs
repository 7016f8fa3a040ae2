//! Deadlines for missing patches on the sample fleet: what is overdue and since when, what will be before
//! the next install, and what changed after an install; and the evidence as JSON, CSV and HTML.
//!
//! `cargo run --example deadlines -- FOLDER`; without one it prints the text.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws_patch_manager::compliance::{DeadlineReport, Deadlines, ReportDetail};
use aws_patch_manager::types::{MaxErrors, NodeId};
use aws_patch_manager::{
    ComplianceQuery, MemoryBackend, PatchManager, PatchRequest, Recurrence, ScheduleExpression,
};
use futures_util::TryStreamExt;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;

    run(&manager, PatchRequest::scan().nodes(&nodes)).await?;
    let first = judge(&manager, &nodes).await?;
    println!("{first}");

    account.advance(Duration::from_hours(24 * 7));
    run(&manager, PatchRequest::install().nodes(&nodes[..1])).await?;
    run(&manager, PatchRequest::scan().nodes(&nodes[1..])).await?;
    // An earlier report can also come from a file: DeadlineReport::from_json reads it.
    let second = judge(&manager, &nodes).await?.with_previous(&first);
    println!("{}", second.trend_since(&first));

    let Some(folder) = std::env::args().nth(1) else {
        return Ok(());
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("deadlines.json"), second.to_json()?)?;
    std::fs::write(folder.join("deadlines.csv"), second.to_csv())?;
    std::fs::write(folder.join("deadlines.html"), second.to_html())?;
    println!(
        "wrote deadlines.json, .csv and .html to {}",
        folder.display()
    );
    Ok(())
}

async fn run(manager: &PatchManager, request: PatchRequest) -> Result<()> {
    let request = request.max_errors(MaxErrors::Percent(100));
    let run = manager.run(&request).await?;
    run.wait(Duration::from_secs(3 * 3600)).await?;
    Ok(())
}

/// The fleet by its deadlines, with the names of its baselines and the next install on a Sunday.
async fn judge(manager: &PatchManager, nodes: &[NodeId]) -> Result<DeadlineReport> {
    let query = ComplianceQuery::all();
    let report = manager
        .compliance_report("Sample fleet", &query, ReportDetail::Patches)
        .await?;
    let deadlines = Deadlines::new()
        .critical(7)
        .severity("Important", 14)
        .otherwise(90);
    let sundays = Recurrence::new(ScheduleExpression::parse("cron(0 2 ? * SUN *)")?);
    let next = sundays.next_after(report.made_at);
    let installs: BTreeMap<NodeId, _> = nodes
        .iter()
        .filter_map(|node| Some((node.clone(), next?)))
        .collect();
    let baselines: Vec<_> = manager.list_baselines().try_collect().await?;
    let names = baselines.iter().filter_map(|baseline| {
        let name = baseline.baseline_name.as_deref();
        Some((baseline.baseline_id.as_ref()?, name?))
    });
    Ok(report
        .deadlines(&deadlines)?
        .with_next_installs(&installs)
        .with_baseline_names(names))
}
