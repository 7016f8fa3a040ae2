//! Compliance through the facade.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::time::Duration;

use aws_patch_manager::compliance::{NodeCompliance, NonCompliantKind, PatchState, Verdict};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::RebootOption;
use aws_patch_manager::types::{OperatingSystem, Patch};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchGroup, PatchGroupTagKey,
    PatchManager, PatchRequest, RuleBuilder,
};
use futures_util::TryStreamExt;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

fn node(index: usize) -> String {
    format!("i-{index:017x}")
}

fn catalogue() -> Vec<Patch> {
    let patch = |name: &str, classification: &str, severity: &str, released: &str| {
        json!({
            "Name": name, "Epoch": 0, "Version": "2.0", "Release": "1.amzn2023", "Arch": "x86_64",
            "Product": "AmazonLinux2023", "Classification": classification, "Severity": severity,
            "ReleaseDate": released
        })
    };
    serde_json::from_value(json!([
        patch("openssl", "Security", "Critical", "2026-04-01T00:00:00Z"),
        patch("bash", "Bugfix", "Low", "2026-04-01T00:00:00Z"),
        patch("curl", "Security", "Important", "2026-05-13T00:00:00Z"),
    ]))
    .unwrap()
}

fn linux(index: usize) -> FleetNode {
    ["openssl", "bash", "curl"].into_iter().fold(
        FleetNode::amazon_linux_2023(node(index)),
        |node, name| {
            let package = json!({
                "Name": name, "Epoch": 0, "Version": "1.0", "Release": "1.amzn2023", "Arch": "x86_64"
            });
            node.with_installed(serde_json::from_value(package).unwrap())
        },
    )
}

/// Nodes that miss a security and a bugfix patch, and one patch inside the delay, under the group's baseline.
async fn account(nodes: usize) -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::builder().catalogue(catalogue()).build();
    for index in 0..nodes {
        backend.add_node(linux(index).with_tag("Patch Group", "web"));
    }
    let manager = PatchManager::from_memory(&backend);
    let spec = BaselineBuilder::new("week", OperatingSystem::AmazonLinux2023)
        .rule(
            RuleBuilder::new()
                .approve_after_days(7)
                .compliance_level("CRITICAL".into()),
        )
        .build()
        .unwrap();
    let baseline = manager.ensure_baseline(&spec).await.unwrap();
    manager
        .bind_patch_group(&web(), &baseline.id)
        .await
        .unwrap();
    (backend, manager)
}

fn web() -> PatchGroup {
    PatchGroup::new("web").unwrap()
}

async fn ask(manager: &PatchManager, query: ComplianceQuery) -> Vec<NodeCompliance> {
    manager.compliance(&query).try_collect().await.unwrap()
}

async fn run(manager: &PatchManager, request: PatchRequest) {
    let outcome = manager
        .run(&request)
        .await
        .unwrap()
        .wait(24 * HOUR)
        .await
        .unwrap();
    assert!(outcome.is_success(), "{outcome}");
}

#[tokio::test]
async fn a_node_is_unknown_until_it_was_scanned_and_then_patches_inside_the_delay_do_not_count() {
    let (_, manager) = account(1).await;
    let before = ask(&manager, ComplianceQuery::nodes([node(0)])).await;
    assert_eq!(before[0].verdict, Verdict::Unknown);
    assert_eq!(before[0].reason(), "never scanned");

    run(&manager, PatchRequest::scan().nodes([node(0)])).await;
    let scanned = ask(&manager, ComplianceQuery::all()).await;
    assert_eq!(scanned[0].verdict, Verdict::NonCompliant);
    assert_eq!(scanned[0].reason(), "2 missing");

    run(
        &manager,
        PatchRequest::install().group(&web(), PatchGroupTagKey::Spaced),
    )
    .await;
    let patched = ask(&manager, ComplianceQuery::group(web())).await;
    assert_eq!(patched[0].verdict, Verdict::Compliant);
    assert_eq!(patched[0].reason(), "nothing missing");
    let missing: Vec<_> = manager
        .node_patches(&node(0).into(), &[PatchState::Missing, PatchState::Failed])
        .try_collect()
        .await
        .unwrap();
    assert_eq!(missing, []);
}

#[tokio::test]
async fn a_query_keeps_the_nodes_it_asks_for() {
    let (backend, manager) = account(3).await;
    run(&manager, PatchRequest::scan().nodes([node(0), node(1)])).await;
    run(
        &manager,
        PatchRequest::install()
            .nodes([node(1)])
            .reboot(RebootOption::NoReboot),
    )
    .await;
    let ids = async |query| {
        ask(&manager, query)
            .await
            .into_iter()
            .map(|node| node.node.to_string())
            .collect::<Vec<_>>()
    };
    let all = ComplianceQuery::all;
    assert_eq!(ids(all()).await, [node(0), node(1), node(2)]);
    assert_eq!(ids(all().verdict(Verdict::Unknown)).await, [node(2)]);
    assert_eq!(
        ids(all().verdict(Verdict::NonCompliant)).await,
        [node(0), node(1)]
    );
    assert_eq!(ids(all().missing_only()).await, [node(0)]);
    assert_eq!(
        ids(ComplianceQuery::group(web()).missing_only()).await,
        [node(0)]
    );
    assert_eq!(
        ids(all().kind(NonCompliantKind::Critical)).await,
        [node(0), node(1)]
    );
    assert_eq!(
        ids(all().kind(NonCompliantKind::Other)).await,
        Vec::<String>::new()
    );

    let summary = manager.compliance_summary(&all()).await.unwrap();
    assert_eq!(
        summary.to_string(),
        "3 nodes: 0 compliant, 2 non-compliant, 1 unknown; patches: 2 missing, 0 failed, 2 pending reboot"
    );
    assert_eq!((summary.with_critical, summary.with_security), (2, 2));

    backend.reboot(&node(1).into()).unwrap();
    run(&manager, PatchRequest::scan().nodes([node(1)])).await;
    assert_eq!(ids(all().verdict(Verdict::Compliant)).await, [node(1)]);
}

#[tokio::test]
async fn a_node_asked_about_twice_is_answered_once() {
    let (_, manager) = account(1).await;
    run(&manager, PatchRequest::scan().nodes([node(0)])).await;
    let answers = ask(&manager, ComplianceQuery::nodes([node(0), node(0)])).await;
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn the_states_of_many_nodes_take_one_call_for_each_fifty() {
    let (backend, manager) = account(120).await;
    backend.clear_calls();
    assert_eq!(ask(&manager, ComplianceQuery::all()).await.len(), 120);
    assert_eq!(backend.call_count("DescribeInstanceInformation"), 3);
    assert_eq!(backend.call_count("DescribeInstancePatchStates"), 3);
}

#[tokio::test]
async fn a_malformed_query_makes_no_call() {
    let (backend, manager) = account(1).await;
    backend.clear_calls();
    let query = ComplianceQuery::nodes(["i-1", "web"]);
    let error = manager.compliance(&query).try_next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.violations().len()),
        (ErrorKind::InvalidInput, 2)
    );
    let nameless = ComplianceQuery::group(PatchGroup::from_service(""));
    assert!(manager.compliance(&nameless).try_next().await.is_err());
    assert!(backend.calls().is_empty());
}
