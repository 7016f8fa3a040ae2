//! An export of a fleet answers as a sweep over the same fleet does, on every node.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::compliance::{
    NodeCompliance, NonCompliantKind, PatchComplianceData, PatchState, ReportDetail, Verdict,
};
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::memory::{FleetFile, FleetNode, NodeCondition};
use aws_patch_manager::types::{NodeId, RebootOption};
use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchGroup, PatchManager, PatchRequest};
use futures_util::{StreamExt, TryStreamExt};
use support::accounts::{managed, old_openssl, run};
use support::export::{ACCOUNT, REGION, write};
use support::values::Draw;

const NODES: u64 = 90;

fn fleet(draw: &mut Draw) -> FleetFile {
    let mut fleet = FleetFile::default();
    for number in 0..NODES {
        let prefix = ["i", "i", "mi"][draw.below(3) as usize];
        let id = format!("{prefix}-{number:017x}");
        let node = match draw.below(4) {
            0 => FleetNode::windows_server_2022(id),
            1 => FleetNode::ubuntu_22_04(id),
            _ => FleetNode::amazon_linux_2023(id).with_installed(old_openssl()),
        };
        let condition = match draw.below(8) {
            0 => NodeCondition::Unreachable,
            _ => NodeCondition::Online,
        };
        let node = node.with_condition(condition);
        fleet.nodes.push(match draw.below(3) {
            0 => node.with_tag("Patch Group", "web"),
            _ => node,
        });
    }
    fleet
}

fn account(draw: &mut Draw) -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(draw));
    managed(builder.account(ACCOUNT).region(REGION).build())
}

/// Scans half of the fleet, waits two days, and patches a part, some without their reboot.
async fn live(backend: &MemoryBackend, manager: &PatchManager, draw: &mut Draw) -> Vec<NodeId> {
    let nodes = manager.list_nodes();
    let nodes: Vec<NodeId> = nodes
        .map_ok(|node| node.instance_id)
        .try_collect()
        .await
        .unwrap();
    let mut some = |one_in: u64| -> Vec<NodeId> {
        let nodes = nodes.iter().filter(|_| draw.below(one_in) == 0);
        nodes.cloned().collect()
    };
    let (scanned, patched, unrebooted) = (some(2), some(5), some(5));
    run(manager, PatchRequest::scan().nodes(scanned)).await;
    backend.advance(Duration::from_hours(48));
    run(manager, PatchRequest::install().nodes(patched)).await;
    let no_reboot = PatchRequest::install().reboot(RebootOption::NoReboot);
    run(manager, no_reboot.nodes(unrebooted)).await;
    nodes
}

fn questions(nodes: &[NodeId]) -> Vec<ComplianceQuery> {
    let all = ComplianceQuery::all;
    let some = nodes.iter().step_by(3).cloned();
    let unknown = NodeId::new("i-0000000000000beef");
    let named = ComplianceQuery::nodes(some.chain([unknown]));
    let day = Duration::from_hours(24);
    let group = || ComplianceQuery::group(PatchGroup::new("web").unwrap());
    vec![
        all(),
        all().offline_is_unknown(),
        all().max_age(day),
        all()
            .max_age(day)
            .offline_is_unknown()
            .verdict(Verdict::Unknown),
        all().verdict(Verdict::Compliant),
        all().verdict(Verdict::NonCompliant).concurrency(1),
        all().kind(NonCompliantKind::Security),
        all().missing_only(),
        named.clone(),
        named.offline_is_unknown().max_age(day),
        group(),
        group().missing_only(),
        group().offline_is_unknown().max_age(day),
    ]
}

fn in_order(mut answers: Vec<NodeCompliance>) -> Vec<NodeCompliance> {
    answers.sort_by(|one, other| one.node.cmp(&other.node));
    answers
}

fn texts(patches: Vec<PatchComplianceData>) -> BTreeSet<String> {
    let rows = patches.iter();
    rows.map(|patch| serde_json::to_string(patch).unwrap())
        .collect()
}

#[tokio::test]
async fn an_export_answers_every_question_as_a_sweep_does() {
    let mut seen = BTreeSet::new();
    for seed in 1..=8 {
        let mut draw = Draw(0x9e37_79b9_7f4a_7c15 >> seed);
        let (backend, manager) = account(&mut draw);
        let nodes = live(&backend, &manager, &mut draw).await;
        let bucket = Arc::new(InMemory::new());
        write(&backend, &manager, bucket.as_ref()).await;
        let export = ResourceDataSync::new(bucket).clock(backend.clock());
        for query in questions(&nodes) {
            let sweep = manager.sweep(&query).map(Result::unwrap);
            let answers = export.sweep(&query).map(|answer| answer.answer.unwrap());
            // Name and platform of a node differ between the two, and a sweep has them only if it
            // asked.
            let bare = |mut node: NodeCompliance| {
                node.information = None;
                node
            };
            let expected = in_order(sweep.map(bare).collect().await);
            assert_eq!(
                in_order(answers.map(bare).collect().await),
                expected,
                "seed {seed}: {query:?}"
            );
            seen.extend(
                expected
                    .iter()
                    .map(|answer| (answer.verdict, answer.unknown.is_some())),
            );
        }
        same_patches(&manager, &export, &nodes).await;
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

async fn same_patches(manager: &PatchManager, export: &ResourceDataSync, nodes: &[NodeId]) {
    let source = format!("{ACCOUNT}/{REGION}");
    let mut missing = 0;
    for node in nodes {
        for states in [&[][..], &[PatchState::Missing, PatchState::Failed]] {
            let patches = manager.node_patches(node, states);
            let mut expected: Vec<_> = patches.try_collect().await.unwrap();
            // Memory lists what does not apply among a Windows node's patches, not among its items.
            expected.retain(|patch| patch.state != PatchState::NotApplicable);
            missing += expected.len();
            let patches = export.node_patches(&source, node, states);
            let patches: Vec<_> = patches.try_collect().await.unwrap();
            assert_eq!(patches.len(), expected.len(), "{node}");
            assert_eq!(texts(patches), texts(expected), "{node}");
        }
    }
    assert!(missing > 0);
}

#[tokio::test]
async fn a_report_over_an_export_is_that_over_the_fleet() {
    let mut draw = Draw(77);
    let (backend, manager) = account(&mut draw);
    live(&backend, &manager, &mut draw).await;
    let bucket = Arc::new(InMemory::new());
    write(&backend, &manager, bucket.as_ref()).await;
    let query = ComplianceQuery::all();
    let export = ResourceDataSync::new(bucket).clock(backend.clock());
    let made = export.compliance_report("Fleet", &query, ReportDetail::Patches);
    let made = made.await.unwrap();
    assert!(made.failures.is_empty(), "{:?}", made.failures);
    let expected = manager
        .compliance_report("Fleet", &query, ReportDetail::Patches)
        .await
        .unwrap();
    assert_eq!(made.totals, expected.totals);
    assert_eq!(made.by_group, expected.by_group);
    assert_eq!(made.by_severity, expected.by_severity);
    assert!(!made.missing_patches.is_empty());
}
