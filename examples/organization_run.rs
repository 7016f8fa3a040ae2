//! Scans the nodes of an organization in memory: by default 100 accounts in 5 Regions with 200 nodes
//! each. One account has no execution role, and one Region of another account is denied. A second run
//! is stopped.
//!
//! Arguments: accounts, Regions, nodes.

use std::future::ready;
use std::time::{Duration, Instant};

use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::{FleetFile, FleetNode, MemoryOrganization};
use aws_patch_manager::types::Target;
use aws_patch_manager::{MemoryBackend, PatchManager};

const UNIT: &str = "ou-ab12-production";
const CENTRAL: &str = "111111111111";
const DAY: Duration = Duration::from_hours(24);

/// The peak of the memory that the process has used, in MiB, where Linux tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

fn organization(
    accounts: &[String],
    regions: &[String],
    nodes: usize,
) -> aws_patch_manager::Result<MemoryOrganization> {
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes)
        .map(|number| {
            let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"));
            node.with_tag("Environment", "production")
        })
        .collect();
    let builder = MemoryOrganization::builder()
        .management(CENTRAL)
        .unit(UNIT, None);
    let builder = accounts
        .iter()
        .fold(builder, |builder, account| builder.account(account, UNIT));
    let template = MemoryBackend::builder().fleet(fleet);
    builder.regions(regions).template(template).build()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut sizes = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut size = |default: usize| sizes.next().unwrap_or(Ok(default));
    let (accounts, regions, nodes) = (size(100)?, size(5)?, size(200)?);
    let accounts: Vec<_> = (0..accounts)
        .map(|number| format!("2{number:011}"))
        .collect();
    let regions: Vec<_> = (1..=regions)
        .map(|number| format!("eu-test-{number}"))
        .collect();

    let begun = Instant::now();
    let organization = organization(&accounts, &regions, nodes)?;
    println!("built in {:.1?}", begun.elapsed());
    organization.delete_execution_role(&accounts[0])?;
    organization.deny_region(&accounts[1 % accounts.len()], &regions[0])?;

    let central = organization.member(CENTRAL, &regions[0])?;
    let manager = PatchManager::from_memory(&central);
    let runbook = PatchRunbook::new("Patch-Nodes").share_with(&accounts);
    let version = manager.ensure_patch_runbook(&runbook).await?.version;
    println!("the runbook Patch-Nodes has version {version}");
    let request = |limit: &str| -> Result<_, Box<dyn std::error::Error>> {
        Ok(OrganizationRequest::scan("Patch-Nodes")
            .target(Target::tag("Environment", ["production"]))
            .organizational_units([UNIT], &regions)
            .location_max_concurrency(limit.parse()?)
            .location_max_errors("100%".parse()?))
    };

    central.clear_calls();
    let begun = Instant::now();
    let run = manager.run_organization(&request("25%")?).await?;
    run.wait(DAY).await?;
    println!("followed to its end in {:.1?}", begun.elapsed());
    let polls = central.call_count(Operation::GetAutomationExecution);
    let pages = central.call_count(Operation::DescribeAutomationStepExecutions);
    println!(
        "{polls} polls, {pages} pages, {} calls in all",
        central.calls().len()
    );

    let managers = |account: String, region: String| {
        let member = organization.member(&account, &region);
        ready(member.map(|member| PatchManager::from_memory(&member)))
    };
    let begun = Instant::now();
    let outcome = run.wait_with_nodes(DAY, managers).await?;
    println!(
        "{} nodes read in {:.1?}",
        outcome.nodes().count(),
        begun.elapsed()
    );
    println!("{outcome}");

    let stopped = manager.run_organization(&request("10%")?).await?;
    organization.advance(Duration::from_secs(20));
    stopped.stop().await?;
    let status = stopped.wait(DAY).await?.status;
    println!("the second run, {}, was stopped: {status}", stopped.id());
    if let Some(peak) = peak_memory() {
        println!("{peak} MiB at most");
    }
    Ok(())
}
