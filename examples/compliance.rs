//! Prints the compliance of the fleet: in numbers, by node, and by patch.

use std::time::Duration;

use aws_patch_manager::compliance::{PatchState, Verdict};
use aws_patch_manager::types::{MaxErrors, NodeId};
use aws_patch_manager::{ComplianceQuery, PatchManager, PatchRequest};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let scan = PatchRequest::scan()
        .nodes(nodes)
        .max_errors(MaxErrors::Percent(100));
    let run = manager.run(&scan).await?;
    run.wait(Duration::from_secs(2 * 60 * 60)).await?;

    println!(
        "{}\n",
        manager.compliance_summary(&ComplianceQuery::all()).await?
    );

    let wrong = ComplianceQuery::all().verdict(Verdict::NonCompliant);
    let mut nodes = manager.compliance(&wrong);
    while let Some(node) = nodes.try_next().await? {
        println!("{} {}", node.node, node.reason());
        let mut missing = manager.node_patches(&node.node, &[PatchState::Missing]);
        while let Some(patch) = missing.try_next().await? {
            println!(
                "    {:<20} {:<10} {}",
                patch.kb_id, patch.severity, patch.title
            );
        }
    }
    Ok(())
}
