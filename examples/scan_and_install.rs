//! Scans now, installs now, and prints the outcome of each node.

use std::time::Duration;

use aws_patch_manager::types::{MaxConcurrency, MaxErrors, NodeId, RebootOption};
use aws_patch_manager::{PatchManager, PatchRequest};

const NODES: [&str; 3] = [
    "i-0c0ffee0000000001",
    "i-0c0ffee0000000002",
    "mi-0c0ffee0000000009",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    let within = Duration::from_secs(4 * 60 * 60);

    let scan = manager.run(&PatchRequest::scan().nodes(NODES)).await?;
    println!("Scan\n{}", scan.wait(within).await?);

    let install = PatchRequest::install()
        .nodes(NODES)
        .reboot(RebootOption::RebootIfNeeded)
        .max_concurrency(MaxConcurrency::Count(2))
        .max_errors(MaxErrors::Count(1));
    let run = manager.run(&install).await?;
    let outcome = run.wait(within).await?;
    println!("Install\n{outcome}");

    for failed in outcome.failed() {
        println!("{}", failed.output);
    }
    let patched: Vec<&NodeId> = outcome
        .nodes
        .iter()
        .filter(|node| node.is_success())
        .map(|node| &node.node)
        .collect();
    println!("{} of {} patched", patched.len(), outcome.nodes.len());
    Ok(())
}
