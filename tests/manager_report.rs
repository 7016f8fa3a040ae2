//! The facade's report: why installs failed, how old missing patches are, and what a missing
//! permission hides.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::compliance::{ComplianceReport, ReportNode};
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::types::{MaxErrors, Patch};
use aws_patch_manager::{ComplianceQuery, ErrorKind, MemoryBackend, PatchManager, PatchRequest};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// The sample's node on which KB5090031 does not install.
const FAILS: &str = "i-0c0ffee0000000002";

const SAID: &str = "KB5090031 failed: Windows Update could not install it (0x80070643)";

async fn run(manager: &PatchManager, request: PatchRequest) {
    let request = request.max_errors(MaxErrors::Percent(100));
    let run = manager.run(&request).await.unwrap();
    run.wait(Duration::from_secs(24 * 3600)).await.unwrap();
}

/// The sample fleet, all of it scanned, and the node that fails patched in vain.
async fn patched_in_vain() -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&backend);
    let nodes = manager.list_nodes(Vec::new());
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
        .compliance_report("Sample", &all, true)
        .await
        .unwrap()
}

fn row<'a>(report: &'a ComplianceReport, node: &str) -> &'a ReportNode {
    report.nodes.iter().find(|row| row.node == node).unwrap()
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
    assert_eq!(backend.call_count("ListCommandInvocations"), 1);
    assert_eq!(backend.call_count("GetCommandInvocation"), 0);
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
    assert_eq!(backend.call_count("DescribeAvailablePatches"), 3);
}

#[tokio::test]
async fn a_report_without_patches_asks_for_none_of_it() {
    let (backend, manager) = patched_in_vain().await;
    let all = ComplianceQuery::all();
    let report = manager.compliance_report("Bare", &all, false).await;
    assert_eq!(row(&report.unwrap(), FAILS).error, "");
    let mut calls = backend.calls();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(
        calls,
        ["DescribeInstanceInformation", "DescribeInstancePatchStates"]
    );
}

#[tokio::test]
async fn what_a_missing_permission_hides_is_said_and_keeps_nothing_else_back() {
    let (backend, manager) = patched_in_vain().await;
    let whole = report(&manager).await;
    for operation in ["ListCommandInvocations", "DescribeAvailablePatches"] {
        let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
        let denied = backend.faults().fail(operation, kind, code, "no");
        denied.always();
    }
    let report = report(&manager).await;
    let told = &row(&report, FAILS).error;
    assert!(told.starts_with("not known: "), "{told}");
    assert!(told.contains("ListCommandInvocations"), "{told}");
    assert_eq!(report.oldest_missing(), None);
    assert_eq!(report.missing_patches.len(), whole.missing_patches.len());
    assert_eq!(report.totals, whole.totals);

    backend.faults().clear();
    backend.faults().throttle("DescribeAvailablePatches");
    let all = ComplianceQuery::all();
    let error = manager.compliance_report("Throttled", &all, true).await;
    assert!(error.unwrap_err().is_throttled());
}

#[tokio::test]
async fn an_older_run_that_failed_does_not_explain_a_later_install() {
    let (before, _) = patched_in_vain().await;
    let (later, manager) = patched_in_vain().await;
    later.advance(SignedDuration::from_hours(24));
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
    assert_eq!(backend.call_count("GetCommandInvocation"), 1);
    assert_eq!(backend.call_count("DescribeAvailablePatches"), 2);
}
