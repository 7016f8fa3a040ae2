//! Compliance through the facade.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    AssociationStore, ComplianceSource, ListComplianceItems, Operation,
};
use aws_patch_manager::compliance::{
    ComplianceSummary, InstancePatchState, NodeCompliance, NonCompliantKind, PatchComplianceData,
    PatchState, Verdict,
};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::types::{
    ComplianceFilter, ComplianceStatus, OperatingSystem, Patch, PatchOperation, RebootOption,
    Target,
};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PageRequest, PatchGroup,
    PatchGroupTagKey, PatchManager, PatchRequest, RuleBuilder,
};
use futures_util::TryStreamExt;
use serde_json::json;
use std::time::Duration;
use support::accounts::{self, association, id, node_id, web};

fn catalog() -> Vec<Patch> {
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
        FleetNode::amazon_linux_2023(id(index)),
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
    let backend = MemoryBackend::builder().catalog(catalog()).build();
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

async fn run(manager: &PatchManager, request: PatchRequest) {
    let outcome = accounts::run(manager, request).await;
    assert!(outcome.is_success(), "{outcome}");
}

async fn ask(manager: &PatchManager, query: ComplianceQuery) -> Vec<NodeCompliance> {
    manager.compliance(&query).try_collect().await.unwrap()
}

#[tokio::test]
async fn a_node_is_unknown_until_it_was_scanned_and_then_patches_inside_the_delay_do_not_count() {
    let (_, manager) = account(1).await;
    let before = ask(&manager, ComplianceQuery::nodes([id(0)])).await;
    assert_eq!(before[0].verdict, Verdict::Unknown);
    assert_eq!(before[0].reason(), "never scanned");

    run(&manager, PatchRequest::scan().nodes([id(0)])).await;
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
        .node_patches(&node_id(0), &[PatchState::Missing, PatchState::Failed])
        .try_collect()
        .await
        .unwrap();
    assert_eq!(missing, []);
}

#[tokio::test]
async fn a_query_keeps_the_nodes_it_asks_for() {
    let (backend, manager) = account(3).await;
    run(&manager, PatchRequest::scan().nodes([id(0), id(1)])).await;
    run(
        &manager,
        PatchRequest::install()
            .nodes([id(1)])
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
    assert_eq!(ids(all()).await, [id(0), id(1), id(2)]);
    assert_eq!(ids(all().verdict(Verdict::Unknown)).await, [id(2)]);
    assert_eq!(
        ids(all().verdict(Verdict::NonCompliant)).await,
        [id(0), id(1)]
    );
    assert_eq!(ids(all().missing_only()).await, [id(0)]);
    assert_eq!(
        ids(ComplianceQuery::group(web()).missing_only()).await,
        [id(0)]
    );
    assert_eq!(
        ids(all().kind(NonCompliantKind::Critical)).await,
        [id(0), id(1)]
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

    backend.reboot(&node_id(1)).unwrap();
    run(&manager, PatchRequest::scan().nodes([id(1)])).await;
    assert_eq!(ids(all().verdict(Verdict::Compliant)).await, [id(1)]);
}

#[tokio::test]
async fn a_verdict_carries_baseline_operation_time_and_breakdown() {
    let (backend, manager) = account(1).await;
    let (group, os) = (web(), OperatingSystem::AmazonLinux2023);
    let baseline = manager.baseline_for_group(&group, os);
    let baseline = baseline.await.unwrap().baseline_id;
    let bash = json!({
        "Name": "bash", "Epoch": 0, "Version": "1.0", "Release": "1.amzn2023", "Arch": "x86_64"
    });
    let other = FleetNode::amazon_linux_2023(id(1)).with_tag("Patch Group", "web");
    backend.add_node(other.with_installed(serde_json::from_value(bash).unwrap()));
    let before = backend.clock().now();
    run(&manager, PatchRequest::scan().nodes([id(0), id(1)])).await;
    let scanned = ask(&manager, ComplianceQuery::all()).await;
    let state = scanned[0].state.as_ref().unwrap();
    assert_eq!(state.baseline_id, baseline);
    assert_eq!(state.operation, PatchOperation::Scan);
    assert!(before <= state.operation_start_time);
    assert!(state.operation_start_time < state.operation_end_time);
    assert!(state.operation_end_time <= backend.clock().now());
    let counts = |state: &InstancePatchState| {
        [
            state.critical_non_compliant_count,
            state.security_non_compliant_count,
            state.other_non_compliant_count,
            state.installed_pending_reboot_count,
        ]
    };
    // Both at the baseline's level, one of them a security patch.
    assert_eq!(counts(state), [Some(2), Some(1), Some(0), Some(0)]);
    let bugfix = scanned[1].state.as_ref().unwrap();
    assert_eq!(counts(bugfix), [Some(1), Some(0), Some(0), Some(0)]);

    let install = PatchRequest::install().nodes([id(0)]);
    run(&manager, install.reboot(RebootOption::NoReboot)).await;
    let installed = ask(&manager, ComplianceQuery::nodes([id(0)])).await;
    let later = installed[0].state.as_ref().unwrap();
    assert_eq!(later.operation, PatchOperation::Install);
    assert!(later.operation_start_time >= state.operation_end_time);
    assert_eq!(counts(later), [Some(2), Some(1), Some(0), Some(2)]);
    assert_eq!(installed[0].reason(), "2 pending reboot");
}

#[tokio::test]
async fn a_summary_breaks_down_what_is_open() {
    let state = async |index: usize| {
        let (_, manager) = account(1).await;
        run(&manager, PatchRequest::scan().nodes([id(0)])).await;
        let nodes = ask(&manager, ComplianceQuery::all()).await;
        let mut state = nodes[0].state.clone().unwrap();
        let some = |yes: bool| Some(u32::from(yes));
        state.critical_non_compliant_count = some(index == 0);
        state.security_non_compliant_count = some(index <= 1);
        state.other_non_compliant_count = some(index <= 2);
        state.available_security_update_count = some(index <= 3);
        NodeCompliance::from(state)
    };
    let mut summary = ComplianceSummary::default();
    for index in 0..5 {
        summary.add(&state(index).await);
    }
    let with = [
        summary.with_critical,
        summary.with_security,
        summary.with_other,
        summary.with_available_security_updates,
    ];
    assert_eq!(with, [1, 2, 3, 4]);
}

/// An exit code of 1 beside nothing but zeros would contradict itself.
#[tokio::test]
async fn a_summary_names_whatever_makes_a_node_non_compliant() {
    let (_backend, manager) = account(1).await;
    run(&manager, PatchRequest::scan().nodes([id(0)])).await;
    let nodes = ask(&manager, ComplianceQuery::all()).await;
    let mut state = nodes[0].state.clone().unwrap();
    (state.missing_count, state.failed_count) = (0, 0);
    state.installed_pending_reboot_count = None;
    state.installed_rejected_count = Some(2);
    state.available_security_update_count = Some(3);
    let summary: ComplianceSummary = [&NodeCompliance::from(state)].into_iter().collect();
    assert_eq!(
        summary.to_string(),
        "1 node: 0 compliant, 1 non-compliant, 0 unknown; patches: 0 missing, 0 failed, 0 pending reboot, \
         2 rejected but installed; 1 node with available security updates"
    );
}

/// The status of each association of a node, from its compliance items.
async fn of_associations(backend: &MemoryBackend) -> Vec<ComplianceStatus> {
    let filters = vec![ComplianceFilter::equal("ComplianceType", ["Association"])];
    let request = ListComplianceItems::new(node_id(0), filters, PageRequest::first());
    let items = backend.list_compliance_items(request);
    let items = items.await.unwrap().items;
    items.into_iter().filter_map(|item| item.status).collect()
}

/// Runs a patch document by an association, which succeeds or fails.
async fn associate(backend: &MemoryBackend, operation: &str) {
    let request = association(operation, vec![Target::instance_ids([id(0)])]);
    backend.create_association(request).await.unwrap();
    backend.advance(Duration::from_hours(3));
}

#[tokio::test]
async fn rows_of_associations_never_stand_for_patches() {
    let backend = MemoryBackend::builder().catalog(catalog()).build();
    backend.add_node(linux(0).with_failing_patch("openssl.x86_64"));
    let manager = PatchManager::from_memory(&backend);
    let baseline = async |days| {
        let rule = RuleBuilder::new().approve_after_days(days);
        let spec = BaselineBuilder::new("own", OperatingSystem::AmazonLinux2023).rule(rule);
        let baseline = manager.ensure_baseline(&spec.build().unwrap()).await;
        let id = baseline.unwrap().id;
        manager.set_default_baseline(&id).await.unwrap();
    };
    let stands = async || {
        let nodes = ask(&manager, ComplianceQuery::all()).await;
        let counts = manager.compliance_counts().await.unwrap();
        let rows = manager.node_summaries(None);
        let rows: Vec<_> = rows.try_collect().await.unwrap();
        assert!(rows.iter().all(|row| row.compliance_type == "Patch"));
        let status: Vec<_> = rows.into_iter().filter_map(|row| row.status).collect();
        (
            nodes[0].verdict,
            counts.compliant_summary.compliant_count,
            counts.non_compliant_summary.non_compliant_count,
            status,
        )
    };
    let (good, bad) = (ComplianceStatus::Compliant, ComplianceStatus::NonCompliant);

    baseline(7).await;
    associate(&backend, "Scan").await;
    assert_eq!(of_associations(&backend).await, vec![good.clone()]);
    let expected = (Verdict::NonCompliant, 0, 1, vec![bad.clone()]);
    assert_eq!(stands().await, expected);

    associate(&backend, "Install").await;
    baseline(360).await;
    run(&manager, PatchRequest::scan().nodes([id(0)])).await;
    let mut both = of_associations(&backend).await;
    both.sort_by_key(|status| *status == bad);
    assert_eq!(both, [good.clone(), bad]);
    assert_eq!(stands().await, (Verdict::Compliant, 1, 0, vec![good]));
}

#[tokio::test]
async fn a_node_asked_about_twice_is_answered_once() {
    let (_, manager) = account(1).await;
    run(&manager, PatchRequest::scan().nodes([id(0)])).await;
    let answers = ask(&manager, ComplianceQuery::nodes([id(0), id(0)])).await;
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn the_states_of_many_nodes_take_one_call_for_each_fifty() {
    let (backend, manager) = account(120).await;
    backend.clear_calls();
    assert_eq!(ask(&manager, ComplianceQuery::all()).await.len(), 120);
    assert_eq!(backend.call_count(Operation::DescribeInstanceProperties), 1);
    assert_eq!(
        backend.call_count(Operation::DescribeInstancePatchStates),
        3
    );
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

// boto3#2069, #3642: what AWS answers for an update of Windows without a date.
#[test]
fn an_installed_time_of_the_year_1_is_no_date() {
    let row = serde_json::json!({
        "Title": "", "KBId": "KB1", "Classification": "", "Severity": "",
        "State": "InstalledOther", "InstalledTime": -62_135_596_800.0,
    });
    let row: PatchComplianceData = serde_json::from_value(row).unwrap();
    assert_eq!(row.installed_time, jiff::Timestamp::UNIX_EPOCH);
}
