//! A state is planned, applied and destroyed over HTTP and the real SDKs, as in memory.

#![cfg(all(
    feature = "ec2",
    feature = "emulator",
    feature = "default-https-client"
))]
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::plan::{DesiredState, PlanOptions};
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PatchManager};
use futures_util::TryStreamExt;
use support::accounts::sample;
use support::plans::{applied, content, made, planned, refused};

const EXAMPLE: &str = include_str!("../examples/plan_fleet/fleet.json");

fn example() -> DesiredState {
    DesiredState::from_json(EXAMPLE).unwrap()
}

/// The sample account in memory, the emulator in front of it, and managers over both.
fn served() -> (MemoryBackend, PatchManager, Emulator, PatchManager) {
    let (account, direct) = sample();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let manager = PatchManager::from_backend(Arc::new(adapter));
    (account, direct, emulator, manager)
}

#[tokio::test]
async fn a_state_is_made_and_destroyed_over_http() {
    let (_account, direct, emulator, manager) = served();
    let mut desired = example();
    // Tags of nodes stay when a state is destroyed.
    desired.nodes.clear();
    let before = content(&direct).await;

    let plan = planned(&manager, &desired).await;
    assert!(plan.is_complete() && !plan.is_empty(), "{plan}");
    let in_memory = planned(&direct, &desired).await;
    assert_eq!(plan.to_string(), in_memory.to_string());
    let events = applied(&manager, &plan).await;
    assert_eq!(events.len(), 2 * plan.changes().count());
    for prune in [false, true] {
        let options = PlanOptions::new().prune(prune);
        let again = manager.plan(&desired, options).await.unwrap();
        assert!(again.is_empty() && again.is_complete(), "{again}");
    }

    let destroyed = manager.plan_destroy(&desired).await.unwrap();
    applied(&manager, &destroyed).await;
    assert!(manager.plan_destroy(&desired).await.unwrap().is_empty());
    assert_eq!(content(&direct).await, before);
    emulator.shutdown().await;
}

#[tokio::test]
async fn nodes_are_tagged_over_http() {
    let (_account, _direct, emulator, manager) = served();
    made(&manager, &example()).await;
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_plan_whose_replies_are_lost_is_finished_over_http() {
    let (account, direct, emulator, manager) = served();
    let plan = planned(&manager, &example()).await;
    for operation in [
        Operation::CreatePatchBaseline,
        Operation::CreateMaintenanceWindow,
        Operation::CreateAssociation,
    ] {
        account.faults().lose_reply(operation);
    }
    // The SDK repeats some of the calls itself; the plan is applied until it is done.
    for _ in 0..4 {
        let applied: Result<Vec<_>, Error> = manager.apply(&plan).try_collect().await;
        if applied.is_ok() {
            break;
        }
    }
    let again = planned(&manager, &example()).await;
    assert!(again.is_empty(), "{again}");
    let imported = direct.import("content").await.unwrap();
    assert!(imported.left_out.is_empty(), "{:?}", imported.left_out);
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_plan_that_was_overtaken_is_stale_over_http() {
    let (_account, direct, emulator, manager) = served();
    let plan = planned(&manager, &example()).await;
    let mut other = example();
    other.name = "other".to_owned();
    made(&direct, &other).await;
    let before = content(&direct).await;
    let refused = refused(&manager, &plan).await;
    assert_eq!(refused.kind(), ErrorKind::Stale, "{refused}");
    assert_eq!(content(&direct).await, before);
    emulator.shutdown().await;
}
