//! A CVE on the sample fleet: which nodes lack the fix, when their baselines approve it, when the next
//! install has it, and the list that closes it today.
//!
//! `cargo run --example exposure`

use std::time::Duration;

use aws_patch_manager::exposure::{ExposureQuery, ExposureState};
use aws_patch_manager::types::{MaxErrors, NodeId};
use aws_patch_manager::{
    ComplianceQuery, PatchManager, PatchRequest, Recurrence, ScheduleExpression,
};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let scan = PatchRequest::scan()
        .nodes(&nodes)
        .max_errors(MaxErrors::Percent(100));
    manager
        .run(&scan)
        .await?
        .wait(Duration::from_secs(3 * 3600))
        .await?;

    let sundays = Recurrence::new(ScheduleExpression::parse("cron(0 2 ? * SUN *)")?);
    let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all())
        .fixed_by("CVE-2026-90122", ["KB5090017"])
        .schedule(sundays);
    println!("{}", query.explain(nodes.len(), 2, 1));
    let exposure = manager.exposure(&query).await?;
    println!("{exposure}");

    let unknown = exposure.in_state(ExposureState::Unknown).count();
    println!("{unknown} nodes are unknown: scan them, or look at the reasons");
    if let Some(list) = exposure.override_list()? {
        println!(
            "to close it today, install with this list:\n{}",
            list.to_json()
        );
    }
    Ok(())
}
