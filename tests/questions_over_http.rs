//! Exposure, deadlines, coverage and what a rollout reads are the same over HTTP and the real SDKs as in
//! memory.

#![cfg(all(
    feature = "ec2",
    feature = "emulator",
    feature = "default-https-client"
))]
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::compliance::{Deadlines, ReportDetail};
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::exposure::{ExposureQuery, ExposureState};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::plan::{Coverage, MirrorScope};
use aws_patch_manager::rollout::{NodeSet, Rollout, Wave};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{NodeId, Tag};
use aws_patch_manager::{
    ComplianceQuery, MemoryBackend, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::Value;
use support::accounts::{run, sample};

/// The update of openssl that nodes of the sample lack.
const OPENSSL: &str = "CVE-2026-90122";

/// The scanned sample account in memory, the emulator in front of it, and managers over both. Both read
/// the account's clock.
async fn served() -> (MemoryBackend, PatchManager, Emulator, PatchManager) {
    let (account, direct) = sample();
    let nodes = direct.list_nodes();
    let nodes: Vec<NodeId> = nodes
        .map_ok(|node| node.instance_id)
        .try_collect()
        .await
        .unwrap();
    for (number, node) in nodes.iter().enumerate() {
        let role = if number % 2 == 0 { "web" } else { "app" };
        let tags = [Tag::new("Role", role)];
        direct.ensure_node_tags(node, &tags).await.unwrap();
    }
    // One node is never scanned.
    run(&direct, PatchRequest::scan().nodes(&nodes[1..])).await;
    schedules(&direct).await;
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::aws::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let manager = PatchManager::builder()
        .backend(Arc::new(adapter))
        .clock(account.clock())
        .build();
    (account, direct, emulator, manager)
}

/// A policy for one role, and windows whose tag no node has.
async fn schedules(manager: &PatchManager) {
    let tagged = |role: &str| PolicyTargets::Tag(Tag::new("Role", role));
    let policy = PolicySchedule::quick_setup_default("web").targets(tagged("web"));
    let policy = policy.patch_policy().unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let windows = PolicySchedule::quick_setup_default("bacth").targets(tagged("bacth"));
    for window in windows.maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
}

fn json(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap()
}

async fn coverage(manager: &PatchManager) -> Coverage {
    manager.coverage(&MirrorScope::new()).await.unwrap()
}

#[tokio::test]
async fn an_exposure_is_the_same_over_http() {
    let (_account, direct, emulator, manager) = served().await;
    let scopes = [
        ComplianceQuery::all(),
        ComplianceQuery::fleet(),
        ComplianceQuery::nodes(["i-0c0ffee0000000001", "i-0c0ffee0000000004"]),
    ];
    for scope in scopes {
        let query = ExposureQuery::new([OPENSSL], scope)
            .fixed_by(OPENSSL, ["KB5090031"])
            .schedules_of(&coverage(&direct).await);
        let expected = direct.exposure(&query).await.unwrap();
        let found = manager.exposure(&query).await.unwrap();
        assert_eq!(json(&found), json(&expected));
        assert!(
            found.in_state(ExposureState::Exposed).count() > 0,
            "{found}"
        );
        let lists = [&found, &expected].map(|one| one.override_list().unwrap());
        assert_eq!(lists[0], lists[1]);

        let of_all = |manager: &PatchManager| FleetSweep::new().source("here", manager.clone());
        let expected = of_all(&direct).exposure(&query).await.unwrap();
        let found = of_all(&manager).exposure(&query).await.unwrap();
        assert_eq!(json(&found), json(&expected));
    }
    emulator.shutdown().await;
}

#[tokio::test]
async fn a_snapshot_over_http_answers_as_one_in_memory() {
    let (_account, direct, emulator, manager) = served().await;
    let scope = MirrorScope::new().patches().catalog();
    let expected = direct.mirror_snapshot(&scope).await.unwrap();
    let found = manager.mirror_snapshot(&scope).await.unwrap();
    let query = ExposureQuery::new([OPENSSL], ComplianceQuery::all());
    let answers = [&expected, &found].map(|one| json(&one.exposure(&query).unwrap()));
    assert_eq!(answers[0], answers[1]);
    emulator.shutdown().await;
}

#[tokio::test]
async fn coverage_is_the_same_over_http() {
    let (_account, direct, emulator, manager) = served().await;
    let (expected, found) = (coverage(&direct).await, coverage(&manager).await);
    assert_eq!(json(&found.nodes), json(&expected.nodes));
    assert_eq!(found.next_installs(), expected.next_installs());
    assert!(!found.next_installs().is_empty());
    let kinds = |coverage: &Coverage| -> Vec<(String, Vec<NodeId>)> {
        let findings = coverage.findings.iter();
        findings
            .map(|one| (one.kind.to_string(), one.nodes.clone()))
            .collect()
    };
    // The commands of fixes name the Region, which only the adapter knows.
    assert_eq!(kinds(&found), kinds(&expected));
    assert!(!found.findings.is_empty());
    emulator.shutdown().await;
}

#[tokio::test]
async fn deadlines_are_the_same_over_http() {
    let (_account, direct, emulator, manager) = served().await;
    let deadlines = Deadlines::new().critical(1).otherwise(3650);
    let mut judged = Vec::new();
    for manager in [&direct, &manager] {
        let (all, detail) = (ComplianceQuery::all(), ReportDetail::Patches);
        let report = manager.compliance_report("Sample", &all, detail);
        let report = report.await.unwrap().deadlines(&deadlines).unwrap();
        let installs = coverage(manager).await.next_installs();
        judged.push(report.with_next_installs(&installs));
    }
    let [expected, found] = &judged[..] else {
        panic!("two reports")
    };
    assert_eq!(json(found), json(expected));
    assert_eq!(found.to_csv(), expected.to_csv());
    assert!(
        found.totals.overdue > 0 && found.totals.unknown > 0,
        "{found}"
    );
    emulator.shutdown().await;
}

/// A preview reads all that a promotion through waves decides by, and starts nothing.
#[tokio::test]
async fn the_preview_of_a_rollout_is_the_same_over_http() {
    let (_account, direct, emulator, manager) = served().await;
    let nodes = NodeSet::tag("Role", ["web"]);
    let rollout = Rollout::new("sample").wave(Wave::of("first", nodes));
    let expected = rollout.preview(&direct).await.unwrap();
    let found = rollout.preview(&manager).await.unwrap();
    assert_eq!(json(&found), json(&expected));
    emulator.shutdown().await;
}
