//! One schedule, run as maintenance windows and as associations, and its results after a week.

use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{MaxErrors, NodeFilter, RebootOption};
use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
use futures_util::TryStreamExt;
use jiff::civil::Weekday;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let nodes = manager.list_nodes_with([NodeFilter::ping_status(["Online"])]);
    let nodes: Vec<_> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    let production = PolicySchedule::new("production")
        .scan_daily_at(1, 0)
        .install_weekly_on(Weekday::Sunday, 2, 0)
        .reboot(RebootOption::RebootIfNeeded)
        .max_errors(MaxErrors::Percent(50))
        .targets(PolicyTargets::InstanceIds(nodes));

    // A window has a time zone and a cutoff: nothing starts in the last of its three hours.
    let in_berlin = production.clone().time_zone("Europe/Berlin");
    for window in in_berlin.maintenance_windows()? {
        let applied = manager.ensure_maintenance_window(&window).await?;
        for change in applied.changes {
            println!("{change}");
        }
    }
    // Associations run in UTC, and have their own compliance type.
    for association in production.associations()? {
        let applied = manager.ensure_association(&association).await?;
        println!("association {applied}");
    }
    // If a mechanism does not support a setting, the error names those that do.
    if let Err(refused) = in_berlin.associations() {
        println!("\n{refused}\n");
    }

    account.advance(Duration::from_hours(24 * 7));
    let windows: Vec<_> = manager.list_maintenance_windows().try_collect().await?;
    for window in windows {
        let (Some(id), Some(name)) = (window.window_id, window.name) else {
            continue;
        };
        let runs: Vec<_> = manager.maintenance_window_runs(&id).try_collect().await?;
        for run in runs.iter().rev() {
            let status = run.status.as_ref().map_or("-", |status| status.as_str());
            let started = run.start_time.unwrap_or_default();
            let details = run.status_details.as_deref().unwrap_or_default();
            println!("{name:<20} {started}  {status:<8} {details}");
        }
    }
    Ok(())
}
