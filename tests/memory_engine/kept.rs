//! What the account forgets, and when.

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::plan::Forecast;
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager, PatchRequest, PolicySchedule};
use futures_util::TryStreamExt;

const DAY: Duration = Duration::from_hours(24);

/// User Guide, run-command: the command history is available for 30 days.
#[tokio::test]
async fn a_command_is_forgotten_thirty_days_after_it_was_sent() {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let scan = PatchRequest::scan().nodes(["i-0c0ffee0000000001"]);
    let first = manager.run(&scan).await.unwrap();
    first.wait(DAY).await.unwrap();
    let commands = async || {
        manager
            .list_commands()
            .try_collect::<Vec<_>>()
            .await
            .unwrap()
    };
    for (days, kept) in [(29, 2), (2, 2)] {
        account.advance(DAY * days);
        manager.run(&scan).await.unwrap().wait(DAY).await.unwrap();
        assert_eq!(commands().await.len(), kept, "after {days} more days");
    }
    let forgotten = first.outcome().await.unwrap_err();
    assert_eq!(forgotten.kind(), ErrorKind::NotFound);
    // What it did is still there.
    let states = manager.node_patches(&"i-0c0ffee0000000001".into(), &[]);
    assert!(!states.try_collect::<Vec<_>>().await.unwrap().is_empty());
}

/// A forecast tells of months.
#[tokio::test]
async fn a_forecast_forgets_nothing() {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let policy = PolicySchedule::new("all")
        .scan_daily_at(1, 0)
        .patch_policy()
        .unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let from = account.clock().now();
    let forecast = Forecast::on(&account, from + DAY * 90).await.unwrap();
    assert!(forecast.scans > 6 * 85, "{} scans", forecast.scans);
}

#[tokio::test]
async fn the_record_of_calls_ends_and_their_number_does_not() {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    for _ in 0..100_050 {
        manager
            .default_baseline(OperatingSystem::Windows)
            .await
            .unwrap();
    }
    let operation = Operation::GetDefaultPatchBaseline;
    assert_eq!(account.call_count(operation), 100_050);
    assert_eq!(account.faults().calls().len(), 100_000);
    account.faults().clear_calls();
    assert_eq!(account.call_count(operation), 0);
}
