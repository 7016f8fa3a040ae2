//! The facade's report: why installs failed, how old missing patches are, and the effect of a
//! missing permission.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::compliance::{
    ComplianceReport, ReportDetail, ReportFailure, ReportNode, ReportPart, Verdict,
};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::types::{Patch, RebootOption};
use aws_patch_manager::{ComplianceQuery, ErrorKind, MemoryBackend, PatchManager, PatchRequest};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde_json::json;
use support::accounts::{account, fleet, id, instances, managed, run, sample};

/// The sample's node on which KB5090031 does not install.
const FAILS: &str = "i-0c0ffee0000000002";

const SAID: &str = "KB5090031 failed: Windows Update could not install it (0x80070643)";

/// The whole sample fleet scanned, and a failed install on the node that fails.
async fn patched_in_vain() -> (MemoryBackend, PatchManager) {
    let (backend, manager) = sample();
    let nodes = manager.list_nodes();
    let nodes: Vec<_> = nodes
        .map_ok(|node| node.instance_id)
        .try_collect()
        .await
        .unwrap();
    run(&manager, PatchRequest::scan().nodes(nodes)).await;
    run(&manager, PatchRequest::install().nodes([FAILS])).await;
    backend.clear_calls();
    (backend, manager)
}

async fn report(manager: &PatchManager) -> ComplianceReport {
    let all = ComplianceQuery::all();
    manager
        .compliance_report("Sample", &all, ReportDetail::Patches)
        .await
        .unwrap()
}

fn row<'a>(report: &'a ComplianceReport, node: &str) -> &'a ReportNode {
    report.nodes.iter().find(|row| row.node == node).unwrap()
}

fn parts(report: &ComplianceReport) -> Vec<ReportPart> {
    let parts = report.failures.iter().map(|failure| failure.part);
    parts.collect()
}

#[tokio::test]
async fn a_failed_install_has_what_the_run_said() {
    let (backend, manager) = patched_in_vain().await;
    let report = report(&manager).await;
    let failed = row(&report, FAILS);
    assert_eq!((failed.failed, failed.operation.as_str()), (1, "Install"));
    assert_eq!(failed.error, SAID);
    let others = report.nodes.iter().filter(|row| row.node != FAILS);
    assert!(others.clone().all(|row| row.error.is_empty()));
    assert!(others.count() > 3);
    assert_eq!(backend.call_count(Operation::ListCommandInvocations), 1);
    assert_eq!(backend.call_count(Operation::GetCommandInvocation), 0);
}

#[tokio::test]
async fn missing_patches_have_their_release_and_their_advisories() {
    let (backend, manager) = patched_in_vain().await;
    let report = report(&manager).await;
    let of = |id: &str| {
        let found = report.missing_patches.iter().find(|patch| patch.id == id);
        found.unwrap_or_else(|| panic!("{id}: {:?}", report.missing_patches))
    };
    let released = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    assert_eq!(of("KB5090031").failed, 1);
    assert_eq!(of("KB5090031").released, released("2026-04-21T17:00:00Z"));
    let kernel = of("kernel.x86_64");
    assert_eq!(kernel.advisory_ids, ["ALAS2023-2026-921"]);
    assert!(kernel.cve_ids.contains(&"CVE-2026-90121".to_owned()));
    assert_eq!(kernel.released, released("2026-05-06T20:00:00Z"));
    let oldest = report.oldest_missing().unwrap();
    assert_eq!(oldest.id, "systemd.x86_64");
    // Windows, Amazon Linux 2023 and Ubuntu.
    assert_eq!(backend.call_count(Operation::DescribeAvailablePatches), 3);
}

#[tokio::test]
async fn a_report_without_patches_asks_for_none_of_it() {
    let (backend, manager) = patched_in_vain().await;
    let all = ComplianceQuery::all();
    let report = manager
        .compliance_report("Bare", &all, ReportDetail::Verdicts)
        .await;
    assert_eq!(row(&report.unwrap(), FAILS).error, "");
    let mut calls = backend.calls();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(
        calls,
        ["DescribeInstanceProperties", "DescribeInstancePatchStates"]
    );
}

#[tokio::test]
async fn what_a_missing_permission_hides_is_said_and_keeps_nothing_else_back() {
    let (backend, manager) = patched_in_vain().await;
    let whole = report(&manager).await;
    for operation in [
        Operation::ListCommandInvocations,
        Operation::DescribeAvailablePatches,
    ] {
        let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
        let denied = backend.faults().fail(operation, kind, code, "no");
        denied.always();
    }
    let report = report(&manager).await;
    let told = &row(&report, FAILS).unread;
    assert!(told.starts_with("errors of runs not read: "), "{told}");
    assert!(told.contains("ListCommandInvocations"), "{told}");
    assert_eq!(parts(&report), [ReportPart::RunErrors, ReportPart::Catalog]);
    assert_eq!(report.failures[0].nodes, [FAILS]);
    assert_eq!(report.oldest_missing(), None);
    assert_eq!(report.missing_patches.len(), whole.missing_patches.len());
    assert_eq!(report.totals, whole.totals);
}

#[tokio::test]
async fn an_older_run_that_failed_does_not_explain_a_later_install() {
    let (before, _) = patched_in_vain().await;
    let (later, manager) = patched_in_vain().await;
    later.advance(Duration::from_hours(24));
    run(&manager, PatchRequest::install().nodes([FAILS])).await;
    let mixed = PatchManager::builder()
        .backend(Arc::new(later))
        .commands(Arc::new(before))
        .build();
    let report = report(&mixed).await;
    let failed = row(&report, FAILS);
    assert_eq!((failed.failed, failed.error.as_str()), (1, ""));
    assert!(report.to_html().contains("not known"));
}

#[tokio::test]
async fn errors_that_a_listing_cuts_off_are_looked_up() {
    let updates = (0..40).map(|number| {
        json!({
            "KbNumber": format!("KB51{number:05}"), "Product": "WindowsServer2022",
            "Title": format!("An update with a title of some length, number {number}"),
            "Classification": "SecurityUpdates", "MsrcSeverity": "Critical",
            "ProductFamily": "Windows", "ReleaseDate": "2026-04-01T17:00:00Z"
        })
    });
    let updates: Vec<Patch> = updates
        .map(|update| serde_json::from_value(update).unwrap())
        .collect();
    let mut node = FleetNode::windows_server_2022(FAILS);
    for update in &updates {
        node = node.with_failing_patch(update.kb_id());
    }
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    let account = MemoryBackend::builder().catalog(updates).fleet(fleet);
    let backend = account.build();
    let manager = PatchManager::from_memory(&backend);
    run(&manager, PatchRequest::install().nodes([FAILS])).await;
    let report = report(&manager).await;
    let failed = row(&report, FAILS);
    assert_eq!(failed.failed, 40);
    let lines: Vec<_> = failed.error.lines().collect();
    assert_eq!(lines.len(), 40, "{}", failed.error);
    assert!(lines.iter().all(|line| line.contains(" failed: ")));
    assert_eq!(backend.call_count(Operation::GetCommandInvocation), 1);
    assert_eq!(backend.call_count(Operation::DescribeAvailablePatches), 2);
}

#[tokio::test]
async fn a_failed_call_names_its_nodes_in_the_report_and_the_rest_arrives() {
    let (backend, manager) = account(instances(120));
    let states = Operation::DescribeInstancePatchStates;
    let query = ComplianceQuery::all().concurrency(1);
    backend.faults().throttle(states).on_call(2);
    let report = manager
        .compliance_report("Batches", &query, ReportDetail::Verdicts)
        .await
        .unwrap();
    assert_eq!(report.totals.unknown, 120);
    let unread = |row: &&ReportNode| row.reason.starts_with("not answered: ");
    let unread: Vec<_> = report.nodes.iter().filter(unread).collect();
    let [failure] = &report.failures[..] else {
        panic!("{:?}", report.failures);
    };
    assert_eq!(failure.part, ReportPart::Verdicts);
    assert!(unread.len() == 50 && failure.error.contains(states.as_str()));
    assert!(unread.iter().all(|row| failure.nodes.contains(&row.node)));
    assert!(
        unread.iter().all(|row| !row.operating_system.is_empty()),
        "still named"
    );
    // At the top of the readable forms, and in the stored form.
    let told = "not answered of i-00000000000000032, i-00000000000000033";
    let page = report
        .to_html()
        .replace("<code>", "")
        .replace("</code>", "");
    for text in [report.to_markdown(), page] {
        let (first, figures) = (text.find(told), text.find("nodes comply"));
        assert!(first.is_some() && first < figures, "{text}");
    }
    let stored = ComplianceReport::from_json(&report.to_json().unwrap()).unwrap();
    assert_eq!(stored.failures, report.failures);
}

#[tokio::test]
async fn a_node_whose_patches_cannot_be_read_says_so_in_its_row() {
    let (backend, manager) = patched_in_vain().await;
    let whole = report(&manager).await;
    let denied = (ErrorKind::AccessDenied, "AccessDeniedException");
    let fault = backend
        .faults()
        .fail(Operation::DescribeInstancePatches, denied.0, denied.1, "no");
    fault.on_call(1);
    let report = report(&manager).await;
    assert_eq!(report.totals, whole.totals);
    let [ReportFailure { part, nodes, .. }] = &report.failures[..] else {
        panic!("{:?}", report.failures);
    };
    assert_eq!((*part, nodes.len()), (ReportPart::Patches, 1));
    let unread = row(&report, &nodes[0]);
    let told = "patches not read: DescribeInstancePatches";
    assert!(unread.unread.starts_with(told), "{}", unread.unread);
    assert!(unread.missing_ids.is_empty() && unread.missing + unread.failed > 0);
    for text in [report.to_csv(), report.to_html(), report.to_markdown()] {
        let rows = text.lines().filter(|line| line.contains(told));
        assert!(rows.count() >= 1, "{text}");
    }
}

#[tokio::test]
async fn a_listing_that_fails_at_once_is_an_error_and_later_a_failure_of_the_report() {
    let builder = MemoryBackend::builder().fleet(fleet(instances(120)));
    let (backend, manager) = managed(builder.page_size_cap(50).build());
    let query = ComplianceQuery::all().concurrency(1);
    let listing = Operation::DescribeInstanceProperties;
    let of = || manager.compliance_report("Listing", &query, ReportDetail::Verdicts);
    backend.faults().throttle(listing).on_call(1);
    assert!(of().await.unwrap_err().is_throttled());
    backend.faults().clear();
    let whole = of().await.unwrap();

    backend.clear_calls();
    backend.faults().throttle(listing).on_call(2);
    let part = of().await.unwrap();
    assert_eq!(parts(&part), [ReportPart::Listing]);
    assert_eq!(part.nodes.len(), 50);
    let trend = part.trend_since(&whole);
    assert_eq!((trend.gone.len(), trend.changes.len()), (0, 70));
    let text = part.with_previous(&whole).to_markdown();
    assert!(text.contains("| not listed |"), "{text}");
}

#[tokio::test]
async fn an_invalid_question_is_refused_before_any_call() {
    let (backend, manager) = account(instances(1));
    let none = ComplianceQuery::nodes(["no node"]);
    let error = manager.compliance_report("Invalid", &none, ReportDetail::Patches);
    assert_eq!(error.await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let everywhere = FleetSweep::new().source("a", manager.clone());
    let error = everywhere.compliance_report("Invalid", &none, ReportDetail::Patches);
    assert_eq!(error.await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let alike = everywhere.source("a", manager);
    let all = ComplianceQuery::all();
    let error = alike.compliance_report("Alike", &all, ReportDetail::Patches);
    assert_eq!(error.await.unwrap_err().violations()[0].value, "a");
    assert_eq!(backend.calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn names_take_no_call_that_the_answers_make_needless() {
    let (backend, manager) = account(instances(1_000));
    let calls = async |query: &ComplianceQuery| {
        backend.clear_calls();
        let report = manager.compliance_report("Calls", query, ReportDetail::Verdicts);
        let report = report.await.unwrap();
        assert!(
            report
                .nodes
                .iter()
                .all(|row| !row.operating_system.is_empty())
        );
        backend.call_count(Operation::DescribeInstanceInformation)
    };
    let first = |count| (0..count).map(id);
    assert_eq!(calls(&ComplianceQuery::all()).await, 0, "the listing");
    assert_eq!(calls(&ComplianceQuery::nodes(first(1))).await, 1);
    assert_eq!(calls(&ComplianceQuery::nodes(first(120))).await, 3);
    let known = ComplianceQuery::nodes(first(120)).offline_is_unknown();
    assert_eq!(calls(&known).await, 3, "the question asked already");
}

#[tokio::test]
async fn a_node_that_only_waits_for_a_reboot_is_not_asked_what_it_misses() {
    let node = "i-0c0ffee0000000001";
    let (backend, manager) = sample();
    let install = PatchRequest::install().nodes([node]);
    run(&manager, install.reboot(RebootOption::NoReboot)).await;
    backend.clear_calls();
    let query = ComplianceQuery::nodes([node]);
    let report = manager.compliance_report("Reboot", &query, ReportDetail::Patches);
    let report = report.await.unwrap();
    let waits = row(&report, node);
    assert_eq!(waits.verdict, Verdict::NonCompliant.to_string());
    assert!(waits.pending_reboot > 0 && waits.missing + waits.failed == 0);
    assert_eq!(backend.call_count(Operation::DescribeInstancePatches), 0);
}

#[tokio::test]
async fn a_report_tells_who_misses_a_patch_and_what_a_node_misses() {
    let (_, manager) = patched_in_vain().await;
    let report = report(&manager).await;
    for patch in &report.missing_patches {
        assert_eq!(report.nodes_missing(&patch.id).count(), patch.nodes);
    }
    let fails = row(&report, FAILS);
    assert_eq!(fails.failed_ids, ["KB5090031"]);
    assert_eq!(fails.missing_ids.len(), fails.missing as usize);
    assert!(report.nodes_missing("KB5090031").any(|row| row == fails));
}

#[tokio::test]
async fn several_accounts_are_one_report_and_what_fails_in_one_is_said() {
    let (failing, one) = account(instances(3));
    let (_, other) = account(instances(2));
    let sources = ["production/eu-central-1", "production/us-east-1"];
    let everywhere = FleetSweep::new()
        .source(sources[0], one)
        .source(sources[1], other);
    let all = ComplianceQuery::all();
    let of = || everywhere.compliance_report("Everywhere", &all, ReportDetail::Patches);
    let whole = of().await.unwrap();
    let counts = sources.map(|source| whole.by_source[source].nodes());
    assert_eq!((counts, whole.nodes.len()), ([3, 2], 5), "ids may be alike");

    let throttled = failing
        .faults()
        .throttle(Operation::DescribeInstanceProperties);
    throttled.always();
    let part = of().await.unwrap();
    assert_eq!(part.nodes.len(), 2);
    assert!(part.nodes.iter().all(|row| row.source == sources[1]));
    assert_eq!(part.failures[0].source, sources[0]);
    assert_eq!(part.failures[0].part, ReportPart::Listing);
    assert!(part.trend_since(&whole).gone.is_empty());
    let csv = part.to_csv();
    assert!(csv.lines().skip(1).all(|line| line.contains(sources[1])));
    for text in [part.to_html(), part.to_markdown()] {
        let told = format!("{}: not all nodes were listed", sources[0]);
        assert!(text.contains(&told), "{text}");
    }
}

#[tokio::test]
async fn names_that_cannot_be_read_are_a_failure_and_the_verdicts_stay() {
    let (backend, manager) = account(instances(120));
    let nodes = (0..120).map(id);
    let query = ComplianceQuery::nodes(nodes).concurrency(1);
    let fault = backend
        .faults()
        .throttle(Operation::DescribeInstanceInformation);
    fault.on_call(3);
    let report = manager.compliance_report("Names", &query, ReportDetail::Verdicts);
    let report = report.await.unwrap();
    assert_eq!(parts(&report), [ReportPart::Information]);
    assert_eq!(report.failures[0].nodes.len(), 20);
    assert_eq!(report.by_operating_system[""].nodes(), 20);
    assert!(report.nodes.iter().all(|row| row.reason == "never scanned"));
}
