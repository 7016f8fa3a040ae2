//! Finds out what keeps nodes from being patched, and what to do about it.

use aws_patch_manager::PatchManager;
use aws_patch_manager::prerequisites::Severity;
use aws_patch_manager::types::NodeId;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = PatchManager::in_memory();
    let nodes: Vec<NodeId> = (1..=8)
        .map(|number| NodeId::new(format!("i-0c0ffee{number:010x}")))
        .collect();

    let report = manager.check_prerequisites(&nodes).await?;
    println!("{report}\n");

    let blocked = nodes.iter().filter(|node| {
        let mut findings = report.of(node);
        findings.any(|finding| finding.severity == Severity::Error)
    });
    for node in blocked {
        println!("{node} cannot be patched");
    }
    Ok(())
}
