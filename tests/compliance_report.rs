//! A report holds what was found, comes back as it was stored, and shows nothing as markup.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use aws_patch_manager::compliance::{
    ComplianceReport, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
    UnknownReason,
};
use aws_patch_manager::operation::PatchOperation;
use aws_patch_manager::types::{InstanceInformation, Patch};
use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchGroup, PatchManager, PatchRequest};
use futures_util::TryStreamExt;
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn scanned(node: &str, group: &str, missing: u32) -> NodeCompliance {
    let time = at("2026-05-14T01:00:00Z");
    let group = PatchGroup::from_service(group);
    let mut state = InstancePatchState::new(
        node,
        group,
        "pb-0123456789abcdef0",
        PatchOperation::Scan,
        time,
        time,
    );
    state.missing_count = missing;
    state.into()
}

fn missing(id: &str, severity: &str) -> PatchComplianceData {
    let mut patch = PatchComplianceData::new(id, PatchState::Missing);
    patch.title = format!("the update {id}");
    patch.severity = severity.to_owned();
    patch
}

const NODES: [&str; 4] = [
    "i-00000000000000001",
    "i-00000000000000002",
    "i-00000000000000003",
    "mi-0000000000000004",
];

fn report() -> ComplianceReport {
    let mut report = ComplianceReport::builder("Production", at("2026-05-15T00:00:00Z"));
    let mut windows = InstanceInformation::new(NODES[0]);
    windows.computer_name = Some("win-web-1".to_owned());
    windows.platform_name = Some("Microsoft Windows Server 2022".to_owned());
    report.information(&windows);
    report
        .node(&scanned(NODES[0], "web", 2))
        .node(&scanned(NODES[1], "web", 0))
        .node(&scanned(NODES[2], "db", 1))
        .node(&NodeCompliance::unknown(NODES[3]));
    for patch in [
        missing("KB1", "Critical"),
        missing("KB2", "Important"),
        missing("KB1", "Critical"),
        PatchComplianceData::new("KB9", PatchState::Installed),
    ] {
        report.patch(&patch);
    }
    let mut known = Patch::default();
    known.kb_number = Some("KB2".to_owned());
    known.release_date = Some(at("2026-03-10T17:00:00Z"));
    report.released(&known);
    report.build()
}

#[test]
fn a_report_sums_up_by_group_system_severity_and_patch() {
    let report = report();
    let totals = report.totals;
    assert_eq!(
        (totals.compliant, totals.non_compliant, totals.unknown),
        (1, 2, 1)
    );
    assert_eq!((totals.nodes(), totals.percent_compliant()), (4, 25));
    assert_eq!(totals.missing_patches, 3);
    let groups: Vec<_> = report
        .by_group
        .iter()
        .map(|(name, t)| (name.as_str(), t.nodes()))
        .collect();
    assert_eq!(groups, [("", 1), ("db", 1), ("web", 2)]);
    assert_eq!(
        report.by_operating_system["Microsoft Windows Server 2022"].non_compliant,
        1
    );
    assert_eq!(report.by_severity["Critical"], 2);
    let patches: Vec<_> = report
        .missing_patches
        .iter()
        .map(|p| (p.id.as_str(), p.nodes))
        .collect();
    assert_eq!(patches, [("KB1", 2), ("KB2", 1)]);
    assert_eq!(report.oldest_missing().unwrap().id, "KB2");
    let ids: Vec<_> = report.nodes.iter().map(|node| node.node.as_str()).collect();
    assert_eq!(ids, NODES);
    assert_eq!(report.nodes[0].name, "win-web-1");
    assert_eq!(report.nodes[3].reason, "never scanned");
}

#[test]
fn a_node_that_is_given_again_is_replaced() {
    let mut report = ComplianceReport::builder("Twice", Timestamp::UNIX_EPOCH);
    report
        .node(&scanned(NODES[0], "web", 2))
        .node(&scanned(NODES[0], "web", 0));
    let report = report.build();
    assert_eq!((report.totals.nodes(), report.totals.compliant), (1, 1));
    assert_eq!(report.nodes.len(), 1);
}

#[test]
fn a_stored_report_comes_back_as_it_was() {
    let report = report();
    let stored = report.to_json().unwrap();
    assert_eq!(ComplianceReport::from_json(&stored).unwrap(), report);
    assert!(ComplianceReport::from_json("{}").is_err());
}

#[test]
fn a_trend_tells_who_changed_sides_who_came_and_who_went() {
    let before = report();
    let mut later = ComplianceReport::builder("Production", at("2026-05-22T00:00:00Z"));
    let doubted = scanned(NODES[1], "web", 0).doubted(UnknownReason::AgentLost);
    later
        .node(&scanned(NODES[0], "web", 0))
        .node(&doubted)
        .node(&scanned(NODES[2], "db", 1))
        .node(&scanned("i-00000000000000009", "db", 0));
    let trend = later.build().trend_since(&before);
    assert_eq!(trend.became_compliant, [NODES[0]]);
    assert_eq!(trend.no_longer_compliant, [NODES[1]]);
    assert_eq!(trend.new, ["i-00000000000000009"]);
    assert_eq!(trend.gone, [NODES[3]]);
    assert_eq!((trend.before.compliant, trend.now.compliant), (1, 2));
}

#[test]
fn csv_quotes_what_it_must_and_starts_no_formula() {
    let mut report = ComplianceReport::builder("Odd", Timestamp::UNIX_EPOCH);
    let mut odd = InstanceInformation::new(NODES[0]);
    odd.computer_name = Some("=HYPERLINK(\"x\",1)".to_owned());
    report.information(&odd);
    report.node(&scanned(NODES[0], "a,b", 1));
    let csv = report.build().to_csv();
    let lines: Vec<_> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("Node,Name,Group,OperatingSystem,Verdict,Reason"));
    assert!(lines[1].starts_with(
        "i-00000000000000001,\"'=HYPERLINK(\"\"x\"\",1)\",\"a,b\",,non-compliant,1 missing,1,0,0,"
    ), "{}", lines[1]);
    assert_eq!(lines.len(), 3, "each line ends");
}

#[test]
fn markdown_and_html_show_odd_names_as_text() {
    let odd = "<script>alert(1)</script>|*x*";
    let mut report = ComplianceReport::builder(odd, Timestamp::UNIX_EPOCH);
    let mut node = InstanceInformation::new(NODES[0]);
    node.computer_name = Some(odd.to_owned());
    report.information(&node);
    report
        .node(&scanned(NODES[0], "a\"b'c&d", 1))
        .patch(&missing(odd, odd));
    let report = report.build();
    let markdown = report.to_markdown();
    assert!(!markdown.contains("<script"), "{markdown}");
    assert!(markdown.contains("\\|\\*x\\*"), "{markdown}");
    let html = report.to_html();
    assert_eq!(html.matches("<script").count(), 1, "the page's own alone");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;|*x*"));
    assert!(html.contains("a&quot;b&#39;c&amp;d"));
    for foreign in ["http://", "https://", "@import", "url("] {
        assert!(
            !html.contains(foreign),
            "{foreign}: the page must need no network"
        );
    }
}

#[tokio::test]
async fn the_facade_reports_on_the_sample_fleet() {
    let backend = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&backend);
    let nodes: Vec<_> = manager.list_nodes(vec![]).try_collect().await.unwrap();
    let ids: Vec<_> = nodes.into_iter().map(|node| node.instance_id).collect();
    let scan = PatchRequest::scan().nodes(ids.iter());
    let hours = std::time::Duration::from_secs(3 * 3600);
    manager.run(&scan).await.unwrap().wait(hours).await.unwrap();
    backend.clear_calls();
    let all = ComplianceQuery::all();
    let bare = manager
        .compliance_report("Sample", &all, false)
        .await
        .unwrap();
    assert_eq!(backend.call_count("DescribeInstancePatches"), 0);
    assert!(bare.missing_patches.is_empty());
    let full = manager
        .compliance_report("Sample", &all, true)
        .await
        .unwrap();
    assert_eq!(full.totals, bare.totals);
    assert_eq!(
        backend.call_count("DescribeInstancePatches"),
        full.totals.non_compliant
    );
    let missed: usize = full.missing_patches.iter().map(|patch| patch.nodes).sum();
    assert_eq!(missed as u64, full.totals.missing_patches);
    assert!(
        full.by_operating_system
            .keys()
            .any(|name| name.contains("Windows"))
    );
}
