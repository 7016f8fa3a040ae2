//! A fleet under three mechanisms for a year of the clock, with calls that fail and a report each week. It
//! prints the memory that the process takes after each month: only what is kept on purpose may grow.
//!
//! `cargo run --release --example soak 2000 365`: the number of nodes, and of days. Without numbers it is a
//! small fleet for ten weeks.

use std::error::Error;
use std::time::{Duration, Instant};

use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::Tag;
use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager, PolicySchedule};

const DAY: Duration = Duration::from_hours(24);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse());
    let nodes = arguments.next().transpose()?.unwrap_or(30);
    let days = arguments.next().transpose()?.unwrap_or(70);
    let account = fleet(nodes);
    let manager = PatchManager::from_memory(&account);
    schedule(&manager).await?;
    account.faults().throttle_randomly(0.05);

    let (began, mut failed) = (Instant::now(), 0);
    for day in 1..=days {
        account.advance(DAY);
        if day % 7 == 0 {
            failed += report(&manager).await?;
        }
        if day % 30 == 0 || day == days {
            let (resident, seconds) = (resident_mib(), began.elapsed().as_secs());
            println!("day {day}: {resident} MiB after {seconds} s, {failed} look-ups failed");
        }
    }
    Ok(())
}

/// The number of look-ups of a report that failed. If the listing is throttled, it is made again.
async fn report(manager: &PatchManager) -> aws_patch_manager::Result<usize> {
    let query = ComplianceQuery::all();
    loop {
        let report = manager.compliance_report("fleet", &query, ReportDetail::Verdicts);
        match report.await {
            Err(error) if error.is_throttled() => {}
            report => return report.map(|report| report.failures.len()),
        }
    }
}

/// Nodes with Amazon Linux 2023, a third of them for each mechanism.
fn fleet(nodes: usize) -> MemoryBackend {
    let old = InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64");
    let node = |number: usize| {
        let by = ["policy", "windows", "associations"][number % 3];
        FleetNode::amazon_linux_2023(format!("i-{number:017x}"))
            .with_tag("By", by)
            .with_installed(old.clone())
    };
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes).map(node).collect();
    MemoryBackend::builder().fleet(fleet).build()
}

/// A scan each day and an install each week, by a policy, by windows and by associations.
async fn schedule(manager: &PatchManager) -> Result<(), Box<dyn Error>> {
    let of = |by: &str| {
        PolicySchedule::quick_setup_default(by).targets(PolicyTargets::Tag(Tag::new("By", by)))
    };
    manager.ensure_policy(&of("policy").patch_policy()?).await?;
    for window in of("windows").maintenance_windows()? {
        manager.ensure_maintenance_window(&window).await?;
    }
    for association in of("associations").associations()? {
        manager.ensure_association(&association).await?;
    }
    Ok(())
}

/// The memory of this process, as Linux tells it; 0 elsewhere.
fn resident_mib() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or_default() / 1024
}
