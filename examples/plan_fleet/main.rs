//! A file says what the account has: plan it, apply it, and find what somebody changed by hand.
//!
//! `cargo run --example plan_fleet`, on the sample fleet in memory. With a number, it plans over
//! that many nodes instead, and says how long it took: `cargo run --release --example plan_fleet 10000`.

use std::error::Error;
use std::time::Instant;

use aws_patch_manager::baseline::BaselineChanges;
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::plan::{DesiredNodes, DesiredState, MirrorScope, Plan, PlanOptions};
use aws_patch_manager::types::{BaselineFilter, Target};
use aws_patch_manager::{MemoryBackend, PatchGroup, PatchManager};
use futures_util::TryStreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let desired = DesiredState::from_json(include_str!("fleet.json"))?;
    match std::env::args().nth(1) {
        Some(nodes) => measure(desired, nodes.parse()?).await,
        None => walk(&desired).await,
    }
}

async fn walk(desired: &DesiredState) -> Result<(), Box<dyn Error>> {
    let manager = PatchManager::in_memory();
    let plan = manager.plan(desired, PlanOptions::new()).await?;
    println!("{plan}\n");

    let mut events = manager.apply(&plan);
    while let Some(event) = events.try_next().await? {
        println!("{event}");
    }
    println!("{}\n", manager.plan(desired, PlanOptions::new()).await?);

    // Somebody changes a baseline by hand.
    let mut own = manager.list_baselines_with([BaselineFilter::name_prefix(["prod-windows"])]);
    let found = own.try_next().await?.and_then(|own| own.baseline_id);
    let mut changes = BaselineChanges::default();
    changes.rejected_patches = Some(vec!["KB5034439".to_owned()]);
    manager
        .update_baseline(&found.ok_or("it was applied")?, changes)
        .await?;

    // A nightly job prints one line a difference, and fails if there is one.
    let drift = manager
        .drift(desired, PlanOptions::new().prune(true))
        .await?;
    println!("{drift}");
    assert_eq!(drift.lines.len(), 1);
    Ok(())
}

/// Plans the file over this many nodes: when each needs its group and a tag, and when each has them.
async fn measure(mut desired: DesiredState, nodes: usize) -> Result<(), Box<dyn Error>> {
    let web = DesiredNodes::new(Target::tag("Role", ["web"])).patch_group(PatchGroup::new("web")?);
    desired.nodes = vec![web.tag("Maintenance", "sunday")];
    for tagged in [false, true] {
        let account = MemoryBackend::new();
        for number in 0..nodes {
            let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"));
            let mut node = node.with_tag("Role", "web");
            if tagged {
                node = node
                    .with_tag("Patch Group", "web")
                    .with_tag("Maintenance", "sunday");
            }
            account.add_node(node);
        }
        let manager = PatchManager::from_memory(&account);
        let started = Instant::now();
        let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await?;
        let read = started.elapsed();
        let started = Instant::now();
        let plan = Plan::make(&snapshot, &desired, PlanOptions::new()).await?;
        let changes: usize = plan.changes().map(|step| step.calls.len()).sum();
        println!(
            "{} nodes read in {read:?}, planned in {:?}: {changes} calls",
            snapshot.nodes.len(),
            started.elapsed()
        );
    }
    Ok(())
}
