//! The full output of a run, read from its bucket.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use aws_patch_manager::data_sync::object_store::local::LocalFileSystem;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::data_sync::object_store::path::Path;
use aws_patch_manager::data_sync::object_store::{ObjectStore, ObjectStoreExt};
use aws_patch_manager::manager::PatchRun;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchGroup, PatchManager, PatchRequest};
use support::accounts::{account, id, node_id};

/// A Linux, a Windows and a macOS node.
fn fleet() -> (MemoryBackend, PatchManager) {
    account(vec![
        FleetNode::amazon_linux_2023(id(1)),
        FleetNode::windows_server_2022(id(2)),
        FleetNode::new(id(3), OperatingSystem::Macos, "macOS"),
    ])
}

fn scan() -> PatchRequest {
    PatchRequest::scan().nodes((1..=3).map(id))
}

async fn ended(manager: &PatchManager, request: &PatchRequest) -> PatchRun {
    let run = manager.run(request).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    run
}

async fn put(store: &dyn ObjectStore, key: &str, text: &str) {
    let text = text.to_owned();
    store.put(&Path::from(key), text.into()).await.unwrap();
}

async fn refused(run: &PatchRun, store: &dyn ObjectStore, node: &NodeId) -> (ErrorKind, String) {
    let error = run.full_output(store, node).await.unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn the_output_of_each_platform_has_its_key_below_the_prefix() {
    let (_, manager) = fleet();
    let request = scan().output_bucket("logs");
    for (prefix, below) in [("", ""), ("a/b", "a/b/"), ("/a/b/", "a/b/")] {
        let request = match prefix {
            "" => request.clone(),
            prefix => request.clone().output_prefix(prefix),
        };
        let run = ended(&manager, &request).await;
        let command = &run.command_ids()[0];
        let store = InMemory::new();
        for (number, step, folder) in [
            (1, "PatchLinux", "awsrunShellScript/PatchLinux"),
            (2, "PatchWindows", "awsrunPowerShellScript/PatchWindows"),
            (3, "PatchMacOS", "awsrunShellScript/PatchMacOS"),
        ] {
            let key = format!("{below}{command}/{}/{folder}/stdout", id(number));
            put(&store, &key, step).await;
            let full = run.full_output(&store, &node_id(number)).await.unwrap();
            assert_eq!((full.output.as_str(), full.step.as_str()), (step, step));
            assert_eq!(full.key, key);
            assert_eq!(full.command_id, *command);
            assert_eq!(full.errors, "");
        }
    }
}

#[tokio::test]
async fn output_longer_than_an_answer_is_whole_and_comes_with_the_errors() {
    let (_, manager) = fleet();
    let run = ended(&manager, &scan().output_bucket("logs")).await;
    let folder = std::env::temp_dir().join(format!("run-output-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store = LocalFileSystem::new_with_prefix(&folder).unwrap();
    let step = format!(
        "{}/{}/awsrunShellScript/PatchLinux",
        run.command_ids()[0],
        id(1)
    );
    let long = "0123456789".repeat(10_000);
    put(&store, &format!("{step}/stdout"), &long).await;
    put(&store, &format!("{step}/stderr"), "no mirror").await;
    let full = run.full_output(&store, &node_id(1)).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(full.output, long);
    assert_eq!(full.errors, "no mirror");
}

#[tokio::test]
async fn each_reason_why_there_is_no_output_has_its_kind_and_says_what_to_do() {
    let (backend, manager) = fleet();
    let store = InMemory::new();
    let without = ended(&manager, &scan()).await;
    let (kind, text) = refused(&without, &store, &node_id(1)).await;
    assert_eq!(kind, ErrorKind::InvalidInput);
    assert!(text.contains("output_bucket"), "{text}");

    let run = manager.run(&scan().output_bucket("logs")).await.unwrap();
    backend.advance(Duration::from_secs(5));
    let (kind, text) = refused(&run, &store, &node_id(1)).await;
    assert_eq!(kind, ErrorKind::NotYet);
    assert!(text.contains("has not ended"), "{text}");
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
    let (kind, text) = refused(&run, &store, &node_id(1)).await;
    assert_eq!(kind, ErrorKind::NotYet);
    assert!(
        text.contains("PatchLinux/stdout is not in the bucket yet"),
        "{text}"
    );
    assert!(text.contains("objects into logs"), "{text}");

    let (kind, text) = refused(&run, &store, &NodeId::new("web-1")).await;
    assert_eq!(kind, ErrorKind::InvalidInput);
    assert!(text.contains("web-1"), "{text}");
    let one = ended(
        &manager,
        &PatchRequest::scan().nodes([id(1)]).output_bucket("logs"),
    )
    .await;
    let (kind, text) = refused(&one, &store, &node_id(2)).await;
    assert_eq!(kind, ErrorKind::NotFound, "{text}");
    assert!(text.contains("no such node"), "{text}");

    let unreachable = NodeCondition::Unreachable;
    backend.set_condition(&node_id(1), unreachable).unwrap();
    let never = ended(
        &manager,
        &PatchRequest::scan().nodes([id(1)]).output_bucket("logs"),
    )
    .await;
    let (kind, text) = refused(&never, &store, &node_id(1)).await;
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(
        text.contains("never started on it: DeliveryTimedOut"),
        "{text}"
    );
}

#[tokio::test]
async fn an_output_that_is_too_large_is_not_read() {
    let (_, manager) = fleet();
    let run = ended(&manager, &scan().output_bucket("logs")).await;
    let key = format!(
        "{}/{}/awsrunShellScript/PatchLinux/stdout",
        run.command_ids()[0],
        id(1)
    );
    let store = InMemory::new();
    let text = vec![b'x'; (64 << 20) + 1];
    store.put(&Path::from(key), text.into()).await.unwrap();
    let (kind, text) = refused(&run, &store, &node_id(1)).await;
    assert_eq!(kind, ErrorKind::InvalidResponse);
    assert!(text.contains("67108865 bytes; at most 67108864"), "{text}");
}

#[tokio::test]
async fn of_the_two_commands_of_a_group_the_one_of_the_outcome_is_read() {
    let node = FleetNode::amazon_linux_2023(id(1));
    let node = node
        .with_tag("Patch Group", "web")
        .with_tag("PatchGroup", "web");
    let (_, manager) = account(vec![node]);
    let web = PatchGroup::new("web").unwrap();
    let request = PatchRequest::scan().patch_group(&web).output_bucket("logs");
    let run = ended(&manager, &request).await;
    let outcome = run.outcome().await.unwrap();
    let command = &outcome.nodes[0].command_id;
    let key = format!("{command}/{}/awsrunShellScript/PatchLinux/stdout", id(1));
    let store = InMemory::new();
    put(&store, &key, "all").await;
    let full = run.full_output(&store, &node_id(1)).await.unwrap();
    assert_eq!(full.command_id, *command);
}
