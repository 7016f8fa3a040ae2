//! The month ahead of the sample fleet: what is installed when, what reboots, which window is too short, and
//! what will be missing at the end.
//!
//! `cargo run --example forecast` prints it as text; `-- --html FILE` writes it as a page. With a number, it
//! forecasts for that many nodes instead, and says how long each part took:
//! `cargo run --release --example forecast 10000`.

use std::time::{Duration, Instant};

use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::plan::{Forecast, MirrorScope};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{MaxConcurrency, NodeId, RebootOption, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, MemoryBackend, PatchGroup, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::TryStreamExt;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let nodes = std::env::args().nth(1).and_then(|text| text.parse().ok());
    if let Some(nodes) = nodes {
        return measure(nodes).await;
    }
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    prepare(&manager).await?;

    // With an account of AWS, this is the whole program: it reads, and writes nothing.
    let until = "2026-06-14T00:00:00Z".parse()?;
    let forecast = manager.forecast(until).await?;
    show(&forecast)
}

/// Baselines, a group, a policy for it, and a first scan: a node that was never scanned has no forecast.
async fn prepare(manager: &PatchManager) -> Result<()> {
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let group = PatchGroup::new("web")?;
    let (web, _) = nodes.split_at(3);
    manager.tag_nodes(&group, web).await?;
    let mut policy = PolicySchedule::quick_setup_default("web")
        .reboot(RebootOption::RebootIfNeeded)
        .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")));
    for spec in [
        BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?,
        BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7).build()?,
    ] {
        let baseline = manager.ensure_baseline(&spec).await?.id;
        manager.bind_patch_group(&group, &baseline).await?;
        policy = policy.baseline(spec.operating_system(), baseline, spec.name);
    }
    manager.ensure_policy(&policy.patch_policy()?).await?;
    let run = manager.run(&PatchRequest::scan().nodes(nodes)).await?;
    run.wait(Duration::from_secs(2 * 3600)).await?;
    Ok(())
}

fn show(forecast: &Forecast) -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [option, file] if option == "--html" => {
            std::fs::write(file, forecast.to_html())?;
            println!("wrote {file}");
        }
        [] => println!("{forecast}"),
        _ => return Err("usage: forecast [--html FILE]".into()),
    }
    Ok(())
}

/// A month over this many nodes, which a policy scans every day and patches every week.
async fn measure(nodes: usize) -> Result<()> {
    let account = MemoryBackend::new();
    for number in 0..nodes {
        let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"));
        let openssl = InstalledPackage::rpm("openssl", 1, "3.0.8", "1.amzn2023.0.1", "x86_64");
        account.add_node(node.with_tag("Role", "web").with_installed(openssl));
    }
    let manager = PatchManager::from_memory(&account);
    let scan = PatchRequest::scan().target(Target::tag("Role", ["web"]));
    let scan = scan.max_concurrency(MaxConcurrency::Percent(100));
    let run = manager.run(&scan).await?;
    run.wait(Duration::from_hours(48)).await?;
    let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    manager.ensure_policy(&policy).await?;
    let started = Instant::now();
    let scope = MirrorScope::new().patches().catalog();
    let snapshot = manager.mirror_snapshot(&scope).await?;
    let read = started.elapsed();
    drop((manager, account));
    let until = snapshot.taken_at + Duration::from_hours(30 * 24);
    let started = Instant::now();
    let forecast = Forecast::of(&snapshot, until).await?;
    println!(
        "{} nodes read in {read:?}, forecast in {:?}: {} installs, {} scans",
        snapshot.nodes.len(),
        started.elapsed(),
        forecast.installs.len(),
        forecast.scans
    );
    Ok(())
}
