//! A patch policy that scans every day and installs on Sundays, and its runs in a week and a half.

use aws_patch_manager::types::{MaxConcurrency, MaxErrors, OperatingSystem, RebootOption};
use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchManager, PolicySchedule};
use futures_util::TryStreamExt;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    // A baseline for each operating system of the fleet: in memory, a node of any other fails with exit
    // code 163.
    let mut policy = PolicySchedule::quick_setup_default("production")
        .reboot(RebootOption::RebootIfNeeded)
        .max_concurrency(MaxConcurrency::Percent(50))
        .max_errors(MaxErrors::Percent(100));
    for os in [
        OperatingSystem::Windows,
        OperatingSystem::AmazonLinux2023,
        OperatingSystem::Ubuntu,
    ] {
        let spec = BaselineBuilder::security(format!("security-{os}"), os, 7).build()?;
        let baseline = manager.ensure_baseline(&spec).await?.id;
        policy = policy.baseline(spec.operating_system(), baseline, spec.name);
    }
    let policy = policy.patch_policy()?;
    let applied = manager.ensure_policy(&policy).await?;
    println!("{applied}\n");

    let within = Duration::from_secs(15 * 60);
    let deployment = manager
        .wait_for_policy_deployment(&applied.arn, within)
        .await?;
    println!("{deployment}\n");

    account.advance(Duration::from_hours(24 * 11 + 12));
    let mut runs: Vec<_> = manager.list_commands().try_collect().await?;
    runs.reverse();
    for run in runs {
        let sent = run.requested_date_time.unwrap_or_default();
        let (nodes, late) = (run.target_count, run.delivery_timed_out_count);
        println!(
            "{sent}  {:<32} {nodes} nodes, {late} not reached",
            run.comment
        );
    }
    Ok(())
}
