//! An export of a resource data sync: its layout, what counts, and that no node is lost silently.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_patch_manager::compliance::{
    InstancePatchState, NodeCompliance, PatchComplianceData, ReportDetail, ReportPart, Verdict,
};
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::ObjectStore;
use aws_patch_manager::data_sync::object_store::limit::LimitStore;
use aws_patch_manager::data_sync::object_store::local::LocalFileSystem;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::manager::{FleetAnswer, SweepFailure};
use aws_patch_manager::types::{NodeId, PatchOperation, RebootOption};
use aws_patch_manager::{ComplianceQuery, ErrorKind, ManualClock, PatchGroup};
use futures_util::{StreamExt, TryStreamExt};
use std::time::Duration;
use support::accounts::{hybrid_id, id, node_id};
use support::export::{
    ACCOUNT, REGION, association_row, information, key, patch_row, put, summary_of,
};
use support::failing_store::FailingStore;
use support::pace::StoppedClock;
use support::values::at;

const NODE: &str = "i-00000000000000001";
const OTHER: &str = "i-00000000000000002";

fn scanned(node: &str, missing: u32) -> InstancePatchState {
    let (start, end) = (at("2026-05-14T01:00:00Z"), at("2026-05-14T01:02:00Z"));
    let group = PatchGroup::from_service("web");
    let scan = PatchOperation::Scan;
    let mut state = InstancePatchState::new(node, group, "pb-0123456789abcdef0", scan, start, end);
    state.missing_count = missing;
    state
}

/// A node with both of its files.
async fn put_node(store: &dyn ObjectStore, account: &str, region: &str, node: &str, missing: u32) {
    let active = information(node, "Active");
    put(
        store,
        &key("AWS:InstanceInformation", account, region, node),
        &[active],
    )
    .await;
    let summary = summary_of(&scanned(node, missing));
    put(
        store,
        &key("AWS:PatchSummary", account, region, node),
        &[summary],
    )
    .await;
}

fn export_of(store: Arc<InMemory>) -> ResourceDataSync {
    let clock = ManualClock::new(at("2026-05-14T02:00:00Z"));
    ResourceDataSync::new(store).clock(Arc::new(clock))
}

/// Every answer, and every failure with its source.
async fn read(
    export: &ResourceDataSync,
    query: &ComplianceQuery,
) -> (Vec<NodeCompliance>, Vec<(String, SweepFailure)>) {
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    let mut sweep = export.sweep(query);
    while let Some(FleetAnswer { source, answer, .. }) = sweep.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(failure) => failures.push((source.to_string(), failure)),
        }
    }
    (answers, failures)
}

/// Each node and its verdict; nothing may have failed.
async fn stands(export: &ResourceDataSync, query: &ComplianceQuery) -> BTreeMap<String, String> {
    let (answers, failures) = read(export, query).await;
    assert!(failures.is_empty(), "{failures:?}");
    let said = |answer: &NodeCompliance| format!("{}: {}", answer.verdict, answer.reason());
    let rows = answers.iter();
    rows.map(|answer| (answer.node.to_string(), said(answer)))
        .collect()
}

#[tokio::test]
async fn every_member_of_a_summary_becomes_the_same_member_of_the_state() {
    let mut state = scanned(NODE, 3);
    state.installed_count = 40;
    state.installed_other_count = 5;
    state.installed_pending_reboot_count = Some(2);
    state.installed_rejected_count = Some(1);
    state.failed_count = 4;
    state.unreported_not_applicable_count = Some(-1);
    state.not_applicable_count = 6;
    state.available_security_update_count = Some(7);
    state.critical_non_compliant_count = Some(8);
    state.security_non_compliant_count = Some(9);
    state.other_non_compliant_count = Some(10);
    state.last_no_reboot_install_operation_time = Some(at("2026-05-01T00:00:00Z"));
    state.reboot_option = Some(RebootOption::NoReboot);
    state.snapshot_id = Some("5f1d6a3e-0c4e-41f7-9b77-b0a2d9000001".into());
    state.install_override_list = Some("https://example.com/list.yaml".to_owned());
    state.owner_information = Some("the owner".to_owned());
    let store = Arc::new(InMemory::new());
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &[summary_of(&state)]).await;
    let (answers, failures) = read(&export_of(store), &ComplianceQuery::all()).await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(answers, [NodeCompliance::from(state)]);
}

#[tokio::test]
async fn numbers_and_names_are_read_in_any_form_that_json_has() {
    let store = Arc::new(InMemory::new());
    let row = r#"{"RESOURCEID":"i-00000000000000001","missingcount":2,"FailedCount":"0",
        "baselineid":"pb-0123456789abcdef0","OperationType":"Scan","InstalledCount":null,
        "OperationStartTime":"2026-05-14T01:00:00Z","OperationEndTime":"2026-05-14T01:02:00.000Z",
        "PatchGroup":"web","SnapshotId":"","Later":{"a":[1]}}"#;
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &[row.replace('\n', " ")]).await;
    let (answers, failures) = read(&export_of(store), &ComplianceQuery::all()).await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(answers, [NodeCompliance::from(scanned(NODE, 2))]);
}

const FOLDER: &str =
    "accountid=111122223333/region=eu-central-1/resourcetype=ManagedInstanceInventory";

/// Which keys are files of a node, below which prefix.
const LAYOUT: [(&str, &str, bool); 12] = [
    ("", "AWS:PatchSummary/FOLDER/NODE.json", true),
    ("a", "a/AWS:PatchSummary/FOLDER/NODE.json", true),
    ("a/b/", "a/b/AWS:PatchSummary/FOLDER/NODE.json", true),
    ("", "a/AWS:PatchSummary/FOLDER/NODE.json", false),
    ("a", "AWS:PatchSummary/FOLDER/NODE.json", false),
    ("", "AWS:PatchSummary/FOLDER/NODE.json.part", false),
    ("", "AWS:PatchSummary/FOLDER/old/NODE.json", false),
    ("", "AWS:PatchSummary/FOLDER/NODE.json/NODE.json", false),
    (
        "",
        "AWS:PatchSummary/account=111122223333/FOLDER/NODE.json",
        false,
    ),
    (
        "",
        "AWS:PatchSummary/accountid=111122223333/NODE.json",
        false,
    ),
    (
        "",
        "AWS:PatchSummary/accountid=111122223333/eu-central-1/NODE.json",
        false,
    ),
    ("", "AWS:Application/FOLDER/NODE.json", false),
];

#[tokio::test]
async fn a_node_is_found_where_the_layout_has_it_and_what_is_no_export_is_a_failure() {
    for (prefix, path, found) in LAYOUT {
        let store = Arc::new(InMemory::new());
        let summary = summary_of(&scanned(NODE, 0));
        let path = path.replace("FOLDER", FOLDER).replace("NODE", NODE);
        put(store.as_ref(), &path, &[summary]).await;
        let export = export_of(store).prefix(prefix);
        let (answers, failures) = read(&export, &ComplianceQuery::all()).await;
        // An empty result is reported, because an empty fleet would look patched.
        let expected = (usize::from(found), usize::from(!found));
        assert_eq!(
            (answers.len(), failures.len()),
            expected,
            "{prefix:?} {path}"
        );
        if prefix == "a" && !found {
            let said = failures[0].1.to_string();
            let expected = "not found: a/AWS:PatchSummary: there is no inventory under this prefix";
            assert!(said.ends_with(expected), "{said}");
        }
        let unnamed = failures.iter().all(|(_, failure)| failure.nodes.is_empty());
        assert!(unnamed, "{path} was taken for a node's");
    }
}

#[tokio::test]
async fn of_several_summaries_the_last_operation_counts() {
    let store = Arc::new(InMemory::new());
    let mut later = scanned(NODE, 5);
    later.operation_end_time = at("2026-05-14T01:30:00Z");
    let rows = [&scanned(NODE, 1), &later, &scanned(NODE, 2)].map(summary_of);
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &rows).await;
    let said = stands(&export_of(store), &ComplianceQuery::all()).await;
    assert_eq!(said[NODE], "non-compliant: 5 missing");
}

#[tokio::test]
async fn rows_of_associations_never_count() {
    let store = Arc::new(InMemory::new());
    put_node(store.as_ref(), ACCOUNT, REGION, NODE, 1).await;
    let rows = [
        association_row(NODE),
        patch_row(NODE, "openssl.x86_64", "Missing", "Important"),
        association_row(NODE),
    ];
    put(
        store.as_ref(),
        &key("AWS:ComplianceItem", ACCOUNT, REGION, NODE),
        &rows,
    )
    .await;
    let export = export_of(store);
    let patches = export.node_patches("111122223333/eu-central-1", &NODE.into(), &[]);
    let patches: Vec<PatchComplianceData> = patches.try_collect().await.unwrap();
    let ids: Vec<_> = patches.iter().map(|patch| patch.kb_id.as_str()).collect();
    assert_eq!(ids, ["openssl.x86_64"]);
    let made = export
        .compliance_report("all", &ComplianceQuery::all(), ReportDetail::Patches)
        .await
        .unwrap();
    assert!(made.failures.is_empty(), "{:?}", made.failures);
    assert_eq!(made.totals.missing_patches, 1);
    assert_eq!(made.missing_patches.len(), 1);
    assert_eq!(made.nodes[0].baseline, "pb-0123456789abcdef0");
    assert_eq!(made.nodes[0].source, "111122223333/eu-central-1");
    assert_eq!(made.by_source["111122223333/eu-central-1"].nodes(), 1);
}

#[tokio::test]
async fn who_is_in_touch_is_said_where_it_is_asked_for() {
    let store = Arc::new(InMemory::new());
    let nodes = [
        "Active",
        "",
        "Stopped",
        "ConnectionLost",
        "Surprising",
        "Terminated",
    ];
    for (number, status) in nodes.into_iter().enumerate() {
        put_node(store.as_ref(), ACCOUNT, REGION, &id(number), 0).await;
        let path = key("AWS:InstanceInformation", ACCOUNT, REGION, &id(number));
        put(store.as_ref(), &path, &[information(&id(number), status)]).await;
    }
    // The node's inventory is gone; its last report is not.
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, &id(6));
    put(store.as_ref(), &path, &[summary_of(&scanned(&id(6), 0))]).await;
    let export = export_of(store);
    let fine = "compliant: nothing missing".to_owned();
    let plain = stands(&export, &ComplianceQuery::all()).await;
    let expected = [0, 1, 2, 3, 4, 6].map(|number| (id(number), fine.clone()));
    assert_eq!(plain, BTreeMap::from(expected));
    let doubted = stands(&export, &ComplianceQuery::all().offline_is_unknown()).await;
    let expected = [
        (0, fine.as_str()),
        (1, &fine),
        (2, "unknown: not running"),
        (3, "unknown: agent lost"),
        (4, "unknown: agent lost"),
        (6, "unknown: not listed by Systems Manager"),
    ];
    let expected = expected.map(|(number, said)| (id(number), said.to_owned()));
    assert_eq!(doubted, BTreeMap::from(expected));
    // A terminated node is not skipped if it is named.
    let named = stands(&export, &ComplianceQuery::nodes([id(5)])).await;
    assert_eq!(named[&id(5)], "unknown: not running");
}

#[tokio::test]
async fn what_nobody_refreshed_is_unknown_by_the_age_of_its_scans() {
    let store = Arc::new(InMemory::new());
    put_node(store.as_ref(), ACCOUNT, REGION, NODE, 0).await;
    let export = export_of(store);
    let hours = |hours| ComplianceQuery::all().max_age(Duration::from_hours(hours));
    let fresh = stands(&export, &hours(1)).await;
    assert_eq!(fresh[NODE], "compliant: nothing missing");
    let later = export.clock(Arc::new(ManualClock::new(at("2026-07-01T00:00:00Z"))));
    let stale = stands(&later, &hours(24)).await;
    assert_eq!(
        stale[NODE],
        "unknown: not scanned since 2026-05-14T01:02:00Z"
    );
}

#[tokio::test]
async fn a_node_without_a_summary_was_never_scanned() {
    let store = Arc::new(InMemory::new());
    let path = key("AWS:InstanceInformation", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &[information(NODE, "Active")]).await;
    let export = export_of(store);
    let said = stands(&export, &ComplianceQuery::all()).await;
    assert_eq!(said[NODE], "unknown: never scanned");
    let of_group = ComplianceQuery::group(PatchGroup::new("web").unwrap());
    assert!(stands(&export, &of_group).await.is_empty());
}

/// What can be wrong with a node's summary, and the text of the error.
fn broken_summaries() -> Vec<(String, &'static str)> {
    let good = summary_of(&scanned(NODE, 0));
    let without = |member: &str| {
        let mut row: serde_json::Map<_, _> = serde_json::from_str(&good).unwrap();
        row.remove(member).unwrap();
        serde_json::Value::Object(row).to_string()
    };
    vec![
        (String::new(), "is empty"),
        ("{".to_owned(), "line 1: no JSON object"),
        ("[1]".to_owned(), "line 1: no JSON object"),
        (format!("{good}\n{{\"half"), "line 2: no JSON object"),
        (format!("\n\n{{}}\n{good}"), "line 3: no BaselineId"),
        (without("MissingCount"), "no MissingCount"),
        (without("FailedCount"), "no FailedCount"),
        (without("OperationEndTime"), "no OperationEndTime"),
        (
            good.replace("01:02:00Z", "yesterday"),
            "OperationEndTime is not an ISO 8601 timestamp",
        ),
        (
            good.replace("\"MissingCount\":\"0\"", "\"MissingCount\":\"-2\""),
            "MissingCount is not a whole number",
        ),
        (good.replace(NODE, OTHER), "another node's"),
    ]
}

#[tokio::test]
async fn a_file_that_cannot_be_read_names_its_node_and_the_rest_arrives() {
    for (text, expected) in broken_summaries() {
        let store = Arc::new(InMemory::new());
        put_node(store.as_ref(), ACCOUNT, REGION, NODE, 0).await;
        put_node(store.as_ref(), ACCOUNT, REGION, OTHER, 0).await;
        let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
        put(store.as_ref(), &path, std::slice::from_ref(&text)).await;
        let (answers, failures) = read(&export_of(store), &ComplianceQuery::all()).await;
        assert_eq!(answers.len(), 1, "{text}");
        assert_eq!(answers[0].node.as_str(), OTHER, "{text}");
        let [(source, failure)] = failures.as_slice() else {
            panic!("{text}: {failures:?}")
        };
        assert_eq!(source, "111122223333/eu-central-1");
        assert_eq!(failure.nodes, [NodeId::new(NODE)]);
        assert_eq!(failure.error.kind(), ErrorKind::InvalidResponse);
        let said = failure.error.to_string();
        assert!(
            said.contains(expected) && said.contains("AWS:PatchSummary/"),
            "{said}"
        );
    }
}

/// Its writing was cut short: the node lacks a patch, and no row says which.
#[tokio::test]
async fn an_empty_file_of_patches_is_unread_and_not_a_node_without_patches() {
    let store = Arc::new(InMemory::new());
    put_node(store.as_ref(), ACCOUNT, REGION, NODE, 1).await;
    let path = key("AWS:ComplianceItem", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &["\n \n".to_owned()]).await;
    let export = export_of(store);
    let made = export
        .compliance_report("all", &ComplianceQuery::all(), ReportDetail::Patches)
        .await
        .unwrap();
    assert_eq!(made.failures.len(), 1);
    assert!(made.failures[0].error.contains("is empty"));
    let patches = export.node_patches("111122223333/eu-central-1", &NODE.into(), &[]);
    let patches: Vec<_> = patches.collect().await;
    let error = patches[0].as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn what_stands_in_a_broken_line_is_not_told() {
    let store = Arc::new(InMemory::new());
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &["\"wJalrXUtnFEMI\"".to_owned()]).await;
    let (_, failures) = read(&export_of(store), &ComplianceQuery::all()).await;
    let told = format!("{:?} {}", failures, failures[0].1);
    assert!(!told.contains("wJalrXUtnFEMI"), "{told}");
}

#[tokio::test]
async fn a_report_says_whose_patches_it_lacks() {
    let store = Arc::new(InMemory::new());
    for node in [NODE, OTHER] {
        put_node(store.as_ref(), ACCOUNT, REGION, node, 2).await;
    }
    // No patch of a compliant node is read.
    put_node(store.as_ref(), ACCOUNT, REGION, "i-00000000000000003", 0).await;
    let rows = [
        patch_row(NODE, "openssl.x86_64", "Missing", "Important"),
        "{".to_owned(),
        patch_row(NODE, "kernel.x86_64", "Missing", "Critical"),
        patch_row(NODE, "bash.x86_64", "Installed", "Critical"),
    ];
    put(
        store.as_ref(),
        &key("AWS:ComplianceItem", ACCOUNT, REGION, NODE),
        &rows,
    )
    .await;
    let export = export_of(store);
    let made = export
        .compliance_report("all", &ComplianceQuery::all(), ReportDetail::Patches)
        .await
        .unwrap();
    assert_eq!(made.totals.non_compliant, 2);
    let ids: BTreeSet<_> = made
        .missing_patches
        .iter()
        .map(|patch| patch.id.as_str())
        .collect();
    assert_eq!(ids, BTreeSet::from(["kernel.x86_64", "openssl.x86_64"]));
    let named: BTreeSet<_> = made
        .failures
        .iter()
        .map(|failure| (failure.part, failure.nodes[0].as_str()))
        .collect();
    let lacking = |node| (ReportPart::Patches, node);
    assert_eq!(named, BTreeSet::from([lacking(NODE), lacking(OTHER)]));
    assert!(made.nodes[1].unread.starts_with("patches not read: "));
    assert_eq!(made.nodes[2].unread, "");
    assert_eq!(
        made.nodes[0].missing_ids,
        ["kernel.x86_64", "openssl.x86_64"]
    );
    assert_eq!(made.nodes[0].name, "i-00000000000000001.example");
    assert_eq!(made.nodes[0].operating_system, "Amazon Linux 2023");
}

#[tokio::test]
async fn a_report_has_each_node_that_cannot_be_read_and_says_what_was_not_listed() {
    let store = Arc::new(InMemory::new());
    for node in [NODE, OTHER] {
        put_node(store.as_ref(), ACCOUNT, REGION, node, 0).await;
    }
    let summary = key("AWS:PatchSummary", ACCOUNT, REGION, OTHER);
    put(store.as_ref(), &summary, &["{".to_owned()]).await;
    let all = ComplianceQuery::all();
    let absent = export_of(store.clone()).account("444455556666");
    let report = absent.compliance_report("absent", &all, ReportDetail::Verdicts);
    assert_eq!(report.await.unwrap_err().kind(), ErrorKind::NotFound);

    let export = export_of(store).account(ACCOUNT).account("444455556666");
    let report = export.compliance_report("both", &all, ReportDetail::Verdicts);
    let report = report.await.unwrap();
    let rows: Vec<_> = report
        .nodes
        .iter()
        .map(|row| (row.node.as_str(), row.verdict.as_str()))
        .collect();
    assert_eq!(rows, [(NODE, "compliant"), (OTHER, "unknown")]);
    assert!(report.nodes[1].reason.starts_with("not answered: "));
    // Its other file says what it is called and what it runs.
    for row in &report.nodes {
        assert_eq!(row.name, format!("{}.example", row.node));
        assert_eq!(row.operating_system, "Amazon Linux 2023");
    }
    let failures: Vec<_> = report
        .failures
        .iter()
        .map(|one| (one.source.as_str(), one.part, one.nodes.len()))
        .collect();
    let here = "111122223333/eu-central-1";
    let expected = [
        (here, ReportPart::Verdicts, 1),
        ("444455556666", ReportPart::Listing, 0),
    ];
    assert_eq!(failures, expected);
}

/// Three accounts in two Regions, a node in each place but one.
async fn organization() -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    let places = [
        ("111122223333", "eu-central-1"),
        ("111122223333", "us-east-1"),
        ("222233334444", "eu-central-1"),
        ("222233334444", "us-east-1"),
        ("333344445555", "us-east-1"),
    ];
    for (number, (account, region)) in places.into_iter().enumerate() {
        let node = id(number);
        put_node(store.as_ref(), account, region, &node, 0).await;
    }
    store
}

#[tokio::test]
async fn accounts_and_regions_come_in_order_and_can_be_chosen() {
    let all = ComplianceQuery::all();
    let sources = |export: ResourceDataSync| async move {
        let answers: Vec<_> = export.sweep(&ComplianceQuery::all()).collect().await;
        answers
            .iter()
            .map(|answer| answer.source.to_string())
            .collect::<Vec<_>>()
    };
    let export = export_of(organization().await);
    let everything = [
        "111122223333/eu-central-1",
        "111122223333/us-east-1",
        "222233334444/eu-central-1",
        "222233334444/us-east-1",
        "333344445555/us-east-1",
    ];
    assert_eq!(sources(export.clone()).await, everything);
    for seed in 0..20 {
        let slow = FailingStore::slow(organization().await, seed);
        assert_eq!(
            sources(ResourceDataSync::new(Arc::new(slow))).await,
            everything
        );
    }
    let one = export.clone().account("222233334444");
    assert_eq!(sources(one.clone()).await, everything[2..4]);
    let two = one.account("111122223333").region("us-east-1");
    assert_eq!(sources(two).await, [everything[1], everything[3]]);
    let absent = export
        .account("444455556666")
        .account("111122223333")
        .region("sa-east-1");
    let (answers, failures) = read(&absent, &all).await;
    assert!(answers.is_empty());
    let named: Vec<_> = failures.iter().map(|(source, _)| source.as_str()).collect();
    assert_eq!(named, ["444455556666", "sa-east-1"]);
}

#[tokio::test]
async fn nodes_that_are_named_come_once_wherever_they_are() {
    let export = export_of(organization().await);
    let named = [
        "i-00000000000000003",
        "i-00000000000000001",
        "i-0000000000000000f",
    ];
    let query = ComplianceQuery::nodes(named.into_iter().chain(named));
    let said = stands(&export, &query).await;
    let expected = [
        (named[1], "compliant: nothing missing"),
        (named[0], "compliant: nothing missing"),
        (named[2], "unknown: never scanned"),
    ];
    let expected = expected.map(|(node, said)| (node.to_owned(), said.to_owned()));
    assert_eq!(said, BTreeMap::from(expected));
    let said = stands(&export, &query.offline_is_unknown()).await;
    assert_eq!(said[named[2]], "unknown: not listed by Systems Manager");
}

#[tokio::test]
async fn what_cannot_be_read_or_answered_is_refused_with_every_reason() {
    let export = export_of(organization().await);
    let bad = export
        .clone()
        .prefix("a//b")
        .account("12")
        .region("Frankfurt");
    let (_, failures) = read(&bad, &ComplianceQuery::nodes(["web-1"])).await;
    let fields: Vec<_> = failures[0]
        .1
        .error
        .violations()
        .iter()
        .map(|v| v.field.clone())
        .collect();
    assert_eq!(fields, ["Prefix", "accountid", "region", "InstanceIds[0]"]);
    for not_exported in [
        ComplianceQuery::all().other_baseline_is_unknown(),
        ComplianceQuery::tagged(PatchGroup::new("web").unwrap()),
    ] {
        let (answers, failures) = read(&export, &not_exported).await;
        assert!(answers.is_empty());
        assert_eq!(failures[0].1.error.kind(), ErrorKind::Unsupported);
    }
    for (source, node) in [
        ("../x", NODE),
        ("111122223333/eu-central-1", "../../secret"),
    ] {
        let patches = export.node_patches(source, &node.into(), &[]);
        let refused = patches.try_collect::<Vec<_>>().await.unwrap_err();
        assert_eq!(refused.violations().len(), 1, "{source} {node}");
    }
    assert_eq!(
        ResourceDataSync::local("/no/such/folder")
            .unwrap_err()
            .kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn a_copy_in_a_folder_answers_as_the_bucket_does() {
    let folder = std::env::temp_dir().join(format!("data-sync-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let copy = LocalFileSystem::new_with_prefix(&folder).unwrap();
    let bucket = InMemory::new();
    for number in (0..40).rev() {
        let (node, missing) = (hybrid_id(number), number as u32 % 3);
        put_node(&copy, ACCOUNT, REGION, &node, missing).await;
        put_node(&bucket, ACCOUNT, REGION, &node, missing).await;
    }
    let here = read(
        &ResourceDataSync::local(&folder).unwrap(),
        &ComplianceQuery::all(),
    )
    .await
    .0;
    std::fs::remove_dir_all(&folder).unwrap();
    let there = read(&export_of(Arc::new(bucket)), &ComplianceQuery::all())
        .await
        .0;
    assert_eq!(here.len(), 40);
    assert_eq!(here, there);
}

#[tokio::test]
async fn a_copy_may_lack_a_type_of_inventory() {
    let folder = std::env::temp_dir().join(format!("data-sync-half-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let copy = LocalFileSystem::new_with_prefix(&folder).unwrap();
    put_node(&copy, ACCOUNT, REGION, NODE, 0).await;
    std::fs::remove_dir_all(folder.join("AWS:InstanceInformation")).unwrap();
    let export = ResourceDataSync::local(&folder).unwrap();
    let said = stands(&export, &ComplianceQuery::all()).await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(said[NODE], "compliant: nothing missing");
}

#[tokio::test]
async fn a_file_that_no_sync_would_write_is_not_taken_into_memory() {
    let store = Arc::new(InMemory::new());
    put_node(store.as_ref(), ACCOUNT, REGION, OTHER, 0).await;
    let path = key("AWS:PatchSummary", ACCOUNT, REGION, NODE);
    put(store.as_ref(), &path, &[" ".repeat(64 << 20)]).await;
    let (answers, failures) = read(&export_of(store), &ComplianceQuery::all()).await;
    assert_eq!(answers.len(), 1);
    let said = failures[0].1.error.to_string();
    assert!(said.contains("is too large: 67108865 bytes"), "{said}");
}

#[tokio::test]
async fn answers_keep_their_order_with_no_more_reads_at_once_than_allowed() {
    let fleet = Arc::new(InMemory::new());
    for number in 0..200 {
        let node = id(number);
        put_node(fleet.as_ref(), ACCOUNT, REGION, &node, 1).await;
        let rows = [patch_row(&node, "openssl.x86_64", "Missing", "Critical")];
        let path = key("AWS:ComplianceItem", ACCOUNT, REGION, &node);
        put(fleet.as_ref(), &path, &rows).await;
    }
    for allowed in [1, 2, 7, 40] {
        let store = Arc::new(FailingStore::slow(fleet.clone(), allowed as u64));
        let export = ResourceDataSync::new(store.clone());
        let query = ComplianceQuery::all().concurrency(allowed);
        let (answers, _) = read(&export, &query).await;
        assert!(answers.is_sorted_by_key(|answer| answer.node.clone()));
        assert_eq!((answers.len(), store.most_reads()), (200, allowed));
        let made = export.compliance_report("all", &query, ReportDetail::Patches);
        assert_eq!(made.await.unwrap().totals.missing_patches, 200);
        assert_eq!(store.most_reads(), allowed);
    }
}

#[tokio::test]
async fn every_node_comes_once_or_is_named_whatever_fails() {
    let fleet = Arc::new(InMemory::new());
    let accounts = [ACCOUNT, "222233334444", "333344445555"];
    let mut expected: BTreeSet<NodeId> = BTreeSet::new();
    let account_of = |node: &NodeId| {
        let number = usize::from_str_radix(&node.as_str()[2..], 16).unwrap();
        accounts[number % accounts.len()]
    };
    for number in 0..300 {
        let node = node_id(number);
        put_node(fleet.as_ref(), account_of(&node), REGION, node.as_str(), 0).await;
        expected.insert(node);
    }
    let all_named = ComplianceQuery::nodes(expected.iter().cloned());
    let (mut in_vain, mut unlisted) = (0, 0);
    for seed in 0..200 {
        let store = FailingStore::new(fleet.clone(), seed);
        let export = ResourceDataSync::new(Arc::new(store));
        let by_name = seed % 2 == 1;
        let query = if by_name {
            all_named.clone()
        } else {
            ComplianceQuery::all()
        };
        let (answers, failures) = read(&export, &query.concurrency(1 + seed as usize % 20)).await;
        let known = |answer: &NodeCompliance| answer.verdict == Verdict::Compliant;
        assert!(
            answers.iter().all(known),
            "seed {seed}: one that was not read has a verdict"
        );
        let mut came: Vec<NodeId> = answers.into_iter().map(|answer| answer.node).collect();
        let mut lost = BTreeSet::new();
        for (source, failure) in failures {
            in_vain += failure.nodes.len();
            if failure.nodes.is_empty() {
                unlisted += 1;
                let of_source = |account: &&str| source.is_empty() || source.starts_with(*account);
                lost.extend(accounts.into_iter().filter(of_source));
            }
            came.extend(failure.nodes);
        }
        let distinct: BTreeSet<NodeId> = came.iter().cloned().collect();
        assert_eq!(distinct.len(), came.len(), "seed {seed}: a node came twice");
        // Each named node is in the result; otherwise all but those of a failed listing.
        let mut due = expected.clone();
        due.retain(|node| by_name || !lost.contains(account_of(node)));
        assert_eq!(distinct, due, "seed {seed}");
    }
    assert!(in_vain > 1000 && unlisted > 50, "{in_vain} {unlisted}");
}

#[tokio::test]
async fn an_override_file_goes_into_a_store_as_runs_read_it() {
    use aws_patch_manager::data_sync::object_store::ObjectStoreExt;
    use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};

    let list = InstallOverrideList::new([OverriddenPatch::new("vim")]).unwrap();
    let store = InMemory::new();
    list.put(&store, "overrides/list.json").await.unwrap();
    let file = store.get(&"overrides/list.json".into()).await.unwrap();
    let text = String::from_utf8(file.bytes().await.unwrap().to_vec()).unwrap();
    assert_eq!(InstallOverrideList::from_json(&text).unwrap(), list);

    let read_only = std::env::temp_dir().join("a-file-in-the-way-of-a-folder");
    std::fs::write(&read_only, "").unwrap();
    let store = LocalFileSystem::new_with_prefix(std::env::temp_dir()).unwrap();
    let path = "a-file-in-the-way-of-a-folder/list.json";
    let error = list.put(&store, path).await.unwrap_err();
    assert!(error.to_string().contains(path), "{error}");
}

#[test]
fn listings_go_on_while_files_wait_for_a_permit_of_the_store() {
    let store = Arc::new(InMemory::new());
    let clock = StoppedClock::new(at("2026-05-14T02:00:00Z"));
    clock.drive(async {
        for account in 0..9 {
            for number in 0..20 {
                let account = format!("11112222333{account}");
                put_node(store.as_ref(), &account, REGION, &id(number), 0).await;
            }
        }
    });
    for permits in [1, 2, 5] {
        let slow = FailingStore::slow(Arc::clone(&store), 7);
        let limited = LimitStore::new(slow, permits);
        let export = ResourceDataSync::new(Arc::new(limited)).clock(clock.clone());
        let query = ComplianceQuery::all().concurrency(8);
        // The clock fails if the sweep waits for ever.
        let answers: Vec<FleetAnswer> = clock.drive(export.sweep(&query).collect());
        assert!(answers.iter().all(|answer| answer.answer.is_ok()));
        assert_eq!(answers.len(), 9 * 20);
    }
}
