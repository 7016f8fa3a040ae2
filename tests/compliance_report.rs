//! A report has what was found, reads back as it was stored, and escapes markup.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::compliance::{
    ChangeKind, ComplianceReport, InstancePatchState, NodeCompliance, PatchComplianceData,
    PatchState, ReportDetail, ReportPart, UnknownReason,
};
use aws_patch_manager::types::{InstanceInformation, Patch, PatchOperation};
use aws_patch_manager::{ComplianceQuery, Error, ErrorKind, PatchGroup, PatchRequest};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use support::accounts::{id, sample};
use support::values::at;

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
    state.critical_non_compliant_count = Some(0);
    state.security_non_compliant_count = Some(0);
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
    let installed = PatchComplianceData::new("KB9", PatchState::Installed);
    let both = [
        missing("KB1", "Critical"),
        missing("KB2", "Important"),
        installed,
    ];
    report
        .patches(&NODES[0].into(), &both)
        .patches(&NODES[2].into(), &[missing("KB1", "Critical")]);
    let mut known = Patch::default();
    known.kb_number = Some("KB2".to_owned());
    known.release_date = Some(at("2026-03-10T17:00:00Z"));
    report.released(&known);
    report.build()
}

/// A page without the marks of ids, which do not break across lines.
fn without_code(page: &str) -> String {
    page.replace("<code>", "").replace("</code>", "")
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

/// A report is a file that people keep for years: a later version may have written more, and a person or a
/// disk something else.
#[test]
fn an_edited_report_is_refused_with_the_path_and_without_the_value() {
    let stored = serde_json::to_value(report()).unwrap();
    let mut later = stored.clone();
    later["Colour"] = json!("blue");
    later["Nodes"][0]["Colour"] = json!("blue");
    assert_eq!(
        ComplianceReport::from_json(&later.to_string()).unwrap(),
        report()
    );
    let mut edited = stored;
    edited["Totals"]["Compliant"] = json!("hunter2");
    edited["Nodes"][1]["Missing"] = json!(-1);
    let error = ComplianceReport::from_json(&edited.to_string()).unwrap_err();
    let fields: Vec<_> = error.violations().iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["Nodes[1].Missing", "Totals.Compliant"]);
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    let twice = r#"{"Title": "a", "Title": "b"}"#;
    let error = ComplianceReport::from_json(twice).unwrap_err();
    assert_eq!(error.violations()[0].field, "Title");
}

#[test]
fn a_trend_tells_who_changed_sides_who_came_and_who_went() {
    let before = report();
    let mut later = ComplianceReport::builder("Production", at("2026-05-22T00:00:00Z"));
    let doubted = scanned(NODES[1], "web", 0).with_unknown_reason(UnknownReason::AgentLost);
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
    assert_eq!(trend.since, before.made_at);
}

/// A week after [`report`]: the first node is fixed, the second lost, the third unchanged, the
/// fourth gone, and a fifth is new.
fn later() -> ComplianceReport {
    let mut later = ComplianceReport::builder("Production", at("2026-05-22T00:00:00Z"));
    let doubted = scanned(NODES[1], "web", 0).with_unknown_reason(UnknownReason::AgentLost);
    let mut named = InstanceInformation::new(NODES[1]);
    named.computer_name = Some("<web-2>".to_owned());
    later
        .information(&named)
        .node(&scanned(NODES[0], "web", 0))
        .node(&doubted)
        .node(&scanned(NODES[2], "db", 1))
        .node(&scanned("i-00000000000000009", "db", 3));
    later.build()
}

#[test]
fn a_report_set_against_an_earlier_one_names_each_change_the_worse_first() {
    let later = later().with_previous(&report());
    let changes: Vec<_> = later
        .changes
        .iter()
        .map(|one| {
            let (kind, before, now) = (one.kind.to_string(), &one.before, &one.now);
            (one.node.as_str(), kind, before.as_str(), now.as_str())
        })
        .collect();
    let kind = str::to_owned;
    assert_eq!(
        changes,
        [
            (NODES[1], kind("newly unknown"), "compliant", "unknown"),
            ("i-00000000000000009", kind("new"), "", "non-compliant"),
            (NODES[3], kind("gone"), "unknown", ""),
            (NODES[0], kind("mended"), "non-compliant", "compliant"),
        ]
    );
    assert_eq!(later.changes[0].reason, "agent lost");
    // In reverse, the fixed node became worse.
    let back = report().with_previous(&later);
    let first = &back.changes[0];
    assert_eq!(
        (first.node.as_str(), first.kind),
        (NODES[0], ChangeKind::NewlyNonCompliant)
    );
    assert_eq!(first.reason, "2 missing");
    assert!(report().with_previous(&report()).changes.is_empty());
}

#[test]
fn a_report_remembers_the_course_of_those_before_it_and_not_without_end() {
    let mut last = report();
    for _ in 0..120 {
        let made_at = last.made_at + SignedDuration::from_hours(24);
        let next = ComplianceReport::builder("Production", made_at).build();
        last = next.with_previous(&last);
    }
    assert_eq!(last.history.len(), 100);
    let pairs = last.history.windows(2);
    assert!(
        pairs
            .into_iter()
            .all(|pair| pair[0].made_at < pair[1].made_at)
    );
    let newest = last.history.last().unwrap().made_at;
    assert_eq!(last.made_at.duration_since(newest).as_hours(), 24);
    let again = last.clone().with_previous(&report());
    assert_eq!(again.history.len(), 1, "another one to be set against");
    assert_eq!(again.history[0].totals, report().totals);
}

#[test]
fn every_form_shows_the_trend_and_none_without_an_earlier_report() {
    let (alone, set) = (later(), later().with_previous(&report()));
    assert!(!alone.to_markdown().contains("Since "));
    assert!(!alone.to_html().contains("Since "));
    assert!(!alone.to_json().unwrap().contains("History"));

    let markdown = set.to_markdown();
    for line in [
        "## Since 2026-05-15",
        "| nodes comply | 25 % | 25 % | unchanged |",
        "| nodes | 4 | 4 | unchanged |",
        "| missing patches | 3 | 4 | +1, worse |",
        "| i-00000000000000001 |  | mended | non-compliant | compliant | nothing missing |",
        "| i-00000000000000002 | &lt;web-2> | newly unknown | compliant | unknown | agent lost |",
    ] {
        assert!(
            markdown.lines().any(|one| one == line),
            "{line}: {markdown}"
        );
    }
    let html = set.to_html();
    for part in [
        "<h2 id=\"since\">Since 2026-05-15 00:00 UTC</h2>",
        "<p class=\"bar\">Nodes that comply: from 25 % on 2026-05-15 to 25 % on 2026-05-22;",
        "<th scope=\"row\">missing patches</th><td>3</td><td>4</td><td class=\"worse\">+1, worse</td>",
        "<td class=\"better\">mended</td>",
        "&lt;web-2&gt;",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let csv = set.to_csv();
    let changes: Vec<_> = csv
        .lines()
        .filter_map(|line| line.rsplit(',').nth(4))
        .map(|cell| cell.trim_matches('"'))
        .collect();
    assert_eq!(changes, ["Change", "mended", "newly unknown", "", "new"]);
    let stored = ComplianceReport::from_json(&set.to_json().unwrap()).unwrap();
    assert_eq!(stored, set);
}

#[test]
fn what_is_better_and_what_is_worse_depends_on_the_figure() {
    let of = |missing: &[u32]| {
        let mut report = ComplianceReport::builder("Figures", at("2026-05-15T00:00:00Z"));
        for (node, missing) in NODES.iter().zip(missing) {
            report.node(&scanned(node, "web", *missing));
        }
        report.build()
    };
    let (few, many) = (of(&[0, 2]), of(&[0, 0, 0, 5]));
    let (grown, shrunk) = (
        many.clone().with_previous(&few).to_markdown(),
        few.with_previous(&many).to_markdown(),
    );
    for (text, lines) in [
        (
            grown,
            [
                "| nodes comply | 50 % | 75 % | +25, better |",
                "| nodes | 2 | 4 | +2 |",
                "| missing patches | 2 | 5 | +3, worse |",
                "| non-compliant | 1 | 1 | unchanged |",
            ],
        ),
        (
            shrunk,
            [
                "| nodes comply | 75 % | 50 % | \u{2212}25, worse |",
                "| nodes | 4 | 2 | \u{2212}2 |",
                "| missing patches | 5 | 2 | \u{2212}3, better |",
                "| compliant | 3 | 1 | \u{2212}2, worse |",
            ],
        ),
    ] {
        for line in lines {
            assert!(text.lines().any(|one| one == line), "{line}: {text}");
        }
    }
}

#[test]
fn of_a_large_fleet_the_nodes_are_shown_that_need_attention() {
    let of = |missing: u32| {
        let mut report = ComplianceReport::builder("Large", at("2026-05-15T00:00:00Z"));
        for number in 0..20_000 {
            let id = id(number);
            let node = match number % 100 {
                0 => scanned(&id, "web", missing),
                1 => NodeCompliance::unknown(id),
                _ => scanned(&id, "web", 0),
            };
            report.node(&node);
        }
        report.build()
    };
    let report = of(1).with_previous(&of(0));
    let (html, markdown) = (report.to_html(), report.to_markdown());
    let html = html.split("<h2 id=\"since\">").next().unwrap();
    let first = |text: &str| text.find("Nodes</h2>").or(text.find("## Nodes")).unwrap();
    for (text, most, left_out) in [(html, 5_000, 15_000), (&markdown, 250, 19_750)] {
        let nodes = &text[first(text)..];
        assert_eq!(nodes.matches("i-0000").count(), most);
        let told = format!("{left_out} more are not shown; JSON has them all.");
        assert!(nodes.contains(&told), "{told}");
        let missing = nodes.match_indices("1 missing");
        let last = missing.map(|(place, _)| place).max().unwrap();
        assert!(last < nodes.find("never scanned").unwrap(), "worst first");
    }
    let nodes = &html[first(html)..];
    assert_eq!(nodes.matches("1 missing").count(), 200, "each of them");
    assert_eq!(nodes.matches("never scanned").count(), 200);
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    assert_eq!(report.to_csv().lines().count(), 20_001);
}

#[test]
fn the_course_is_drawn_in_time_and_told_in_numbers() {
    let day = |days: i64, compliant: usize| {
        let made_at = at("2026-05-01T00:00:00Z") + SignedDuration::from_hours(24 * days);
        let mut report = ComplianceReport::builder("Course", made_at);
        for (number, node) in NODES.iter().enumerate() {
            report.node(&scanned(node, "web", u32::from(number >= compliant)));
        }
        report.build()
    };
    let report = day(10, 3).with_previous(&day(1, 4).with_previous(&day(0, 2)));
    let html = report.to_html();
    assert!(
        html.contains("<polyline points=\"0,50 100,0 1000,25\">"),
        "{html}"
    );
    assert!(html.contains("The last 3 reports in numbers"), "{html}");
    let row = "<th scope=\"row\">2026-05-02 00:00</th><td>100 %</td><td>4</td>";
    assert!(html.contains(row), "{html}");
}

#[test]
fn a_report_stored_before_there_were_trends_is_read() {
    let stored = json!({
        "Title": "Old", "MadeAt": "2026-05-15T00:00:00Z",
        "Totals": {"Compliant": 1}, "ByGroup": {}, "ByOperatingSystem": {}, "BySeverity": {},
        "MissingPatches": [
            {"Id": "KB1", "Title": "one", "Severity": "Critical", "Nodes": 1, "Released": null}
        ],
        "Nodes": [{
            "Node": NODES[0], "Name": "", "Group": "web", "OperatingSystem": "",
            "Verdict": "compliant", "Reason": "nothing missing", "Missing": 0, "Failed": 0,
            "PendingReboot": 0, "LastOperation": null, "Baseline": "pb-1"
        }]
    });
    let old = ComplianceReport::from_json(&stored.to_string()).unwrap();
    assert_eq!(
        (old.nodes[0].operation.as_str(), old.changes.len()),
        ("", 0)
    );
    let set = later().with_previous(&old);
    assert_eq!(set.history.len(), 1);
}

#[test]
fn a_missing_patch_has_its_advisories_its_cves_and_the_release_of_its_version() {
    let package = |version: &str, released: &str, advisory: &str, cve: &str| -> Patch {
        serde_json::from_value(json!({
            "Name": "openssl", "Epoch": 1, "Version": version, "Release": "1.amzn2023",
            "Arch": "x86_64", "ReleaseDate": released, "AdvisoryIds": [advisory], "CVEIds": [cve],
            "Title": format!("openssl.x86_64:1:{version}-1.amzn2023")
        }))
        .unwrap()
    };
    let mut report = ComplianceReport::builder("CVEs", at("2026-05-15T00:00:00Z"));
    let mut row = PatchComplianceData::new("openssl.x86_64", PatchState::Missing);
    row.title = "openssl.x86_64:1:3.2.2-1.amzn2023".to_owned();
    row.cve_ids = Some("CVE-2026-2, CVE-2026-1,".to_owned());
    report
        .node(&scanned(NODES[0], "web", 1))
        .node(&scanned(NODES[1], "web", 1))
        .patches(&NODES[0].into(), &[row.clone()]);
    row.state = PatchState::Failed;
    row.cve_ids = Some("CVE-2026-3".to_owned());
    report.patches(&NODES[1].into(), &[row]);
    report
        .released(&package(
            "3.2.1",
            "2026-01-01T00:00:00Z",
            "ALAS-0",
            "CVE-2026-0",
        ))
        .released(&package(
            "3.2.2",
            "2026-03-01T00:00:00Z",
            "ALAS-1",
            "CVE-2026-4",
        ));
    let report = report.build();
    let [patch] = &report.missing_patches[..] else {
        panic!("{:?}", report.missing_patches);
    };
    assert_eq!((patch.nodes, patch.failed), (2, 1));
    assert_eq!(
        patch.cve_ids,
        ["CVE-2026-1", "CVE-2026-2", "CVE-2026-3", "CVE-2026-4"]
    );
    assert_eq!(patch.advisory_ids, ["ALAS-1"]);
    assert_eq!(patch.released, Some(at("2026-03-01T00:00:00Z")));
    let told = "openssl.x86_64, released on 2026-03-01, 75 days before this report.";
    assert!(without_code(&report.to_html()).contains(told));
    let ids = "ALAS-1, CVE-2026-1, CVE-2026-2, CVE-2026-3 and 1 more";
    for text in [without_code(&report.to_html()), report.to_markdown()] {
        assert!(text.contains(ids), "{text}");
    }
}

#[test]
fn severities_are_shown_with_the_gravest_first() {
    let mut report = ComplianceReport::builder("Severities", at("2026-05-15T00:00:00Z"));
    let severities = ["Low", "", "Moderate", "Critical", "Important", "Critical"];
    let patches = severities.map(|severity| missing("KB1", severity));
    report
        .node(&scanned(NODES[0], "web", 6))
        .patches(&NODES[0].into(), &patches);
    let report = report.build();
    let markdown = report.to_markdown();
    let table =
        "| Critical | 2 |\n| Important | 1 |\n| Moderate | 1 |\n| Low | 1 |\n| (none) | 1 |";
    assert!(markdown.contains(table), "{markdown}");
    let html = report.to_html();
    assert!(html.contains("<p class=\"bar\">Critical: 2</p>"), "{html}");
    assert!(html.contains("width=\"500\""), "half of the most: {html}");
}

// Rows of AWS:PatchSummary over a real bucket (aelivingstone/patch-compliance) lack these counts.
#[test]
fn what_no_state_counts_is_unknown_and_not_zero() {
    let without = |node| {
        let mut node = scanned(node, "web", 2);
        let state = node.state.as_mut().unwrap();
        state.critical_non_compliant_count = None;
        state.security_non_compliant_count = None;
        node
    };
    let mut report = ComplianceReport::builder("Old", at("2026-05-15T00:00:00Z"));
    report.node(&without(NODES[0]));
    let report = report.build();
    assert_eq!(report.totals.without_counts, 1);
    let markdown = report.to_markdown();
    let sentence =
        "with patches of compliance level CRITICAL: unknown; with open security patches: unknown.";
    assert!(markdown.contains(sentence), "{markdown}");
    assert!(report.to_html().contains("<dd class=\"\">unknown</dd>"));

    let mut counted = scanned(NODES[1], "web", 2);
    counted.state.as_mut().unwrap().critical_non_compliant_count = Some(1);
    let mut report = ComplianceReport::builder("Mixed", at("2026-05-15T00:00:00Z"));
    report.node(&without(NODES[0])).node(&counted);
    let markdown = report.build().to_markdown();
    assert!(
        markdown.contains("with patches of compliance level CRITICAL: at least 1;"),
        "{markdown}"
    );
}

#[test]
fn a_node_has_its_operation_its_breakdown_and_what_the_failed_run_said() {
    let mut report = ComplianceReport::builder("Failed", at("2026-05-15T00:00:00Z"));
    let mut node = scanned(NODES[0], "web", 0);
    let state = node.state.as_mut().unwrap();
    state.operation = PatchOperation::Install;
    state.failed_count = 2;
    state.installed_pending_reboot_count = Some(3);
    state.installed_rejected_count = Some(4);
    state.critical_non_compliant_count = Some(5);
    state.security_non_compliant_count = Some(6);
    state.other_non_compliant_count = Some(7);
    state.available_security_update_count = Some(8);
    let node = NodeCompliance::from(node.state.unwrap());
    let error = "Traceback:\n  <lines> | of *it*\nError: no space left on device";
    report
        .node(&node)
        .failed_install(&NODES[0].into(), error)
        .failed_install(&NODES[3].into(), "of a node that is not in the report");
    let report = report.build();
    let row = &report.nodes[0];
    assert_eq!(row.operation, "Install");
    let counts = [
        row.failed,
        row.pending_reboot,
        row.rejected,
        row.critical,
        row.security,
        row.other,
        row.available_security_updates,
    ];
    assert_eq!(counts, [2, 3, 4, 5, 6, 7, 8]);
    let totals = report.totals;
    let with = [
        totals.with_failed,
        totals.pending_reboot,
        totals.with_critical,
        totals.with_security,
        totals.with_available_security_updates,
    ];
    assert_eq!((with, totals.failed_patches), ([1; 5], 2));
    assert_eq!(row.error, error);
    let html = report.to_html();
    assert!(html.contains("<summary>Error: no space left on device</summary>"));
    assert!(html.contains("&lt;lines&gt; | of *it*"));
    assert!(html.contains("<td data-sort=\"2026-05-14T01:00:00Z\">Install 2026-05-14 01:00</td>"));
    let markdown = report.to_markdown();
    assert!(markdown.contains("&lt;lines> \\| of \\*it\\* Error: no space left on device |"));
    let csv = report.to_csv();
    assert!(csv.contains(",\"Install\",4,5,6,7,8,\"Traceback:"), "{csv}");
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
        "\"i-00000000000000001\",\"'=HYPERLINK(\"\"x\"\",1)\",\"a,b\",\"\",\"non-compliant\",\"1 missing\",1,0,0,"
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
        .patches(&NODES[0].into(), &[missing(odd, odd)]);
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
    let (backend, manager) = sample();
    let nodes: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    let ids: Vec<_> = nodes.into_iter().map(|node| node.instance_id).collect();
    let scan = PatchRequest::scan().nodes(ids.iter());
    let hours = std::time::Duration::from_secs(3 * 3600);
    manager.run(&scan).await.unwrap().wait(hours).await.unwrap();
    backend.clear_calls();
    let all = ComplianceQuery::all();
    let bare = manager
        .compliance_report("Sample", &all, ReportDetail::Verdicts)
        .await
        .unwrap();
    assert_eq!(backend.call_count(Operation::DescribeInstancePatches), 0);
    assert!(bare.missing_patches.is_empty());
    let full = manager
        .compliance_report("Sample", &all, ReportDetail::Patches)
        .await
        .unwrap();
    assert_eq!(full.totals, bare.totals);
    assert_eq!(
        backend.call_count(Operation::DescribeInstancePatches),
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

#[test]
fn patches_of_a_node_that_are_given_again_replace_those_before() {
    let mut report = ComplianceReport::builder("Twice", Timestamp::UNIX_EPOCH);
    let mut failed = missing("KB1", "Critical");
    failed.state = PatchState::Failed;
    let mut newer = missing("KB1", "Critical");
    newer.title = "another version".to_owned();
    report
        .node(&scanned(NODES[0], "web", 2))
        .patches(&NODES[0].into(), &[missing("KB7", "Low")])
        .patches(
            &NODES[0].into(),
            &[missing("KB1", "Critical"), newer, failed],
        )
        .patches(&NODES[1].into(), &[missing("KB1", "Critical")]);
    let report = report.build();
    let [patch] = &report.missing_patches[..] else {
        panic!("{:?}", report.missing_patches);
    };
    let counted = (patch.id.as_str(), patch.nodes, patch.failed);
    assert_eq!(counted, ("KB1", 1, 1), "a node counts once");
    assert_eq!(report.nodes[0].missing_ids, ["KB1"]);
    assert_eq!(report.nodes[0].failed_ids, ["KB1"]);
    assert_eq!(report.by_severity.keys().collect::<Vec<_>>(), ["Critical"]);
}

#[test]
fn nodes_of_two_sources_are_two_even_with_one_id() {
    let of = |missing: u32| {
        let mut report = ComplianceReport::builder("Sources", at("2026-05-15T00:00:00Z"));
        report
            .source("a/eu-central-1")
            .node(&scanned(NODES[0], "web", 1))
            .source("b/us-east-1")
            .node(&scanned(NODES[0], "web", missing));
        report.build()
    };
    let report = of(1).with_previous(&of(0));
    assert_eq!(report.totals.nodes(), 2);
    assert_eq!(report.by_source["b/us-east-1"].non_compliant, 1);
    let changes: Vec<_> = report.changes.iter().map(|one| &one.source).collect();
    assert_eq!(changes, ["b/us-east-1"]);
    assert!(report.to_html().contains("<h2 id=\"sources\">Sources</h2>"));
    assert!(report.to_markdown().contains("## Sources"));
    let alone = self::report();
    assert!(!alone.to_html().contains("Source") && !alone.to_json().unwrap().contains("Source"));
}

#[test]
fn a_node_of_a_source_that_could_not_be_listed_is_not_gone() {
    let of = |listed: bool| {
        let mut report = ComplianceReport::builder("Gone", at("2026-05-15T00:00:00Z"));
        for source in ["111122223333/eu-central-1", "444455556666/us-east-1"] {
            report.source(source);
            if listed {
                report.node(&scanned(NODES[0], "web", 0));
            }
        }
        if !listed {
            report.source("111122223333").failure(
                ReportPart::Listing,
                [],
                &Error::new(ErrorKind::AccessDenied, "no"),
            );
        }
        report.build()
    };
    let report = of(false).with_previous(&of(true));
    let kinds: Vec<_> = report.changes.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [ChangeKind::NotListed, ChangeKind::Gone]);
    assert_eq!(report.changes[0].source, "111122223333/eu-central-1");
}

#[test]
fn a_trend_over_another_question_says_so() {
    let of = |query: &ComplianceQuery| {
        let mut report = ComplianceReport::builder("Asked", at("2026-05-15T00:00:00Z"));
        report.question(query);
        report.build()
    };
    let all = ComplianceQuery::all();
    let doubting = ComplianceQuery::all().offline_is_unknown();
    let same = of(&all).with_previous(&of(&all));
    let other = of(&doubting).with_previous(&of(&all));
    assert_eq!(same.earlier_question, None);
    let told = "another query";
    for (report, says) in [(same, false), (other, true)] {
        assert_eq!(report.to_markdown().contains(told), says);
        assert_eq!(report.to_html().contains(told), says);
        let asked = "Query: every managed node";
        assert!(report.to_html().contains(asked) && report.to_markdown().contains(asked));
    }
    let question = of(&doubting).question;
    assert_eq!(question, "every managed node; unknown if offline");
}

#[test]
fn names_turn_no_direction_and_notify_nobody() {
    let odd = "\u{202e}evil\u{2066}\u{7} @team https://a.example WWW.b.example ~x~ $y$ R&D";
    let mut report = ComplianceReport::builder(odd, Timestamp::UNIX_EPOCH);
    report.node(&scanned(NODES[0], "\u{5e9}\u{5dc}", 1));
    report.failure(ReportPart::Catalog, [], &Error::new(ErrorKind::Other, odd));
    let report = report.build();
    let (markdown, html) = (report.to_markdown(), report.to_html());
    for text in [&markdown, &html, &report.to_csv()] {
        let hidden = |c: char| ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{7}';
        assert!(
            !text.contains(hidden) && !text.contains('\u{2066}'),
            "{text}"
        );
    }
    let told = "# evil @&#8203;team https:&#8203;//a.example WWW&#8203;.b.example \\~x\\~ \
                &#36;y&#36; R&amp;D\n";
    assert!(markdown.starts_with(told), "{markdown}");
    assert!(html.contains("<bdi>\u{5e9}\u{5dc}</bdi>: 0 compliant, 1 non-compliant"));
}

#[test]
fn no_cell_of_the_csv_is_a_formula_or_has_what_nobody_sees() {
    let cells = [
        ("=1+1", "\"'=1+1\""),
        ("\u{feff}=1+1", "\"'=1+1\""),
        ("\u{61c}@SUM(A1)", "\"'@SUM(A1)\""),
        ("\u{ff1d}1+1", "\"'\u{ff1d}1+1\""),
        ("\u{ff0b}1", "\"'\u{ff0b}1\""),
        ("a\u{2028}b\u{2029}c", "\"a b c\""),
        ("a=b", "\"a=b\""),
    ];
    for (group, cell) in cells {
        let mut report = ComplianceReport::builder("r", Timestamp::UNIX_EPOCH);
        report.node(&scanned(NODES[0], group, 1));
        let csv = report.build().to_csv();
        assert!(csv.contains(&format!(",{cell},")), "{group:?}: {csv}");
    }
}

#[test]
fn markdown_fits_an_issue_whatever_is_in_it() {
    let long = "@".repeat(5_000);
    let of = |verdict: u32| {
        let mut report = ComplianceReport::builder(long.clone(), at("2026-05-15T00:00:00Z"));
        for number in 0..400 {
            let id = id(number);
            let group = format!("{number} of a group with a name of some length {number}");
            let mut node = scanned(&id, &group, verdict);
            if let Some(state) = node.state.as_mut() {
                state.failed_count = 1;
            }
            let name = format!("node {number} {}", "x".repeat(120));
            let mut information = InstanceInformation::new(id.as_str());
            information.computer_name = Some(name.clone());
            information.platform_name = Some(name);
            let node_id = id.as_str().into();
            let error = format!("{number} {long}");
            report
                .information(&information)
                .node(&node)
                .patches(&node_id, &[missing(&format!("{long}{number}"), &id)])
                .failed_install(&node_id, long.clone())
                .failure(
                    ReportPart::Patches,
                    [node_id],
                    &Error::new(ErrorKind::Other, error),
                );
        }
        report.build()
    };
    let text = of(1).with_previous(&of(0)).to_markdown();
    assert!(text.len() <= 65_000, "{}", text.len());
    assert!(text.matches("more are not shown").count() >= 6, "{text}");
    assert!(text.contains("## Nodes\n\n| node"), "{text}");
    assert!(text.trim_end().ends_with("JSON has them all."), "{text}");
}

#[test]
fn a_stored_report_of_any_numbers_is_shown() {
    let mut stored: serde_json::Value = serde_json::from_str(&report().to_json().unwrap()).unwrap();
    for count in ["Compliant", "NonCompliant", "Unknown", "MissingPatches"] {
        stored["Totals"][count] = json!(u64::MAX);
        stored["ByGroup"]["web"][count] = json!(u64::MAX);
    }
    stored["BySeverity"]["Critical"] = json!(u64::MAX);
    let huge = ComplianceReport::from_json(&stored.to_string()).unwrap();
    let huge = report().with_previous(&huge).with_previous(&huge);
    assert!(huge.to_html().contains("Since ") && huge.to_markdown().contains("Since "));
    let alone = ComplianceReport::from_json(&stored.to_string()).unwrap();
    assert_eq!(alone.totals.percent_compliant(), 100);
    assert!(!alone.to_html().is_empty());
}

#[test]
fn an_empty_fleet_has_no_share_and_no_place_in_the_course() {
    let empty = |day: &str| ComplianceReport::builder("Empty", at(day)).build();
    let report = self::report().with_previous(&empty("2026-05-14T00:00:00Z"));
    let html = report.to_html();
    assert!(html.contains("from 25 % on 2026-05-15 to 25 %"), "{html}");
    assert!(html.contains("<td>no nodes</td><td>25 %</td>"), "{html}");
    let empty = empty("2026-05-14T00:00:00Z");
    assert!(empty.to_markdown().contains("**no nodes**"));
    assert!(!empty.to_html().contains("0 %<"));
}

#[test]
fn a_patch_that_is_younger_than_the_report_has_no_age() {
    let mut report = ComplianceReport::builder("Old", at("1970-01-02T00:00:00Z"));
    let mut known = Patch::default();
    known.kb_number = Some("KB1".to_owned());
    known.release_date = Some(at("2026-03-10T17:00:00Z"));
    report
        .node(&scanned(NODES[0], "web", 1))
        .patches(&NODES[0].into(), &[missing("KB1", "Low")])
        .released(&known);
    let text = report.build().to_markdown();
    assert!(text.contains("KB1, released on 2026-03-10.\n"), "{text}");
}

#[test]
fn many_groups_have_no_bar_each() {
    let mut report = ComplianceReport::builder("Groups", Timestamp::UNIX_EPOCH);
    for number in 0..200 {
        let (group, missing) = (format!("group-{number:03}"), u32::from(number == 199));
        report.node(&scanned(&id(number), &group, missing));
    }
    let html = report.build().to_html();
    assert_eq!(html.matches("<p class=\"bar\">group-").count(), 50);
    assert!(html.contains("<p class=\"bar\">group-199: "), "the worst");
    assert!(html.contains("150 more are not shown"), "{html}");
}

#[test]
fn a_formula_behind_blanks_is_none_and_no_cell_splits() {
    for odd in ["\n=1+1", "  @SUM(1)", "\t-1", "\r+1"] {
        let mut report = ComplianceReport::builder("Odd", Timestamp::UNIX_EPOCH);
        let mut information = InstanceInformation::new(NODES[0]);
        information.computer_name = Some(odd.to_owned());
        report
            .information(&information)
            .node(&scanned(NODES[0], "a;=1", 1));
        let csv = report.build().to_csv();
        assert!(csv.contains(&format!("\"'{odd}\"")), "{csv}");
        assert!(csv.contains(",\"a;=1\","), "{csv}");
    }
}

#[test]
fn the_two_kinds_of_critical_are_told_apart() {
    let (html, markdown) = (report().to_html(), report().to_markdown());
    for text in [html, markdown] {
        assert!(text.contains("patches of compliance level CRITICAL"));
        assert!(text.contains("vendor"), "{text}");
        assert!(!text.contains("open critical"), "{text}");
    }
}

#[test]
fn an_error_that_befalls_many_nodes_is_one_failure() {
    let mut report = ComplianceReport::builder("Denied", Timestamp::UNIX_EPOCH);
    for (number, node) in NODES.into_iter().enumerate() {
        let error = Error::service(ErrorKind::AccessDenied, "AccessDeniedException", "no")
            .with_operation("DescribeInstancePatches")
            .with_request_id(format!("request-{number}"));
        report
            .node(&scanned(node, "web", 1))
            .failure(ReportPart::Patches, [node.into()], &error);
    }
    let report = report.build();
    let [failure] = &report.failures[..] else {
        panic!("{:?}", report.failures);
    };
    assert_eq!(failure.nodes, NODES);
    assert!(failure.error.ends_with("request request-0)"), "{failure}");
    let mut rows = report.nodes.iter();
    assert!(rows.all(|row| row.unread.ends_with("(AccessDeniedException)")));
}

/// 0 is for a gate that is passed, 1 for one that is not, and 2 for one of which nobody knows.
#[test]
fn the_exit_code_of_a_report_is_that_of_what_is_known() {
    let compliant = || scanned(NODES[0], "web", 0);
    let non_compliant = || scanned(NODES[1], "web", 1);
    let unknown = || NodeCompliance::unknown(NODES[2]);
    for (nodes, is_complete, code) in [
        (vec![compliant()], true, 0),
        (vec![compliant()], false, 2),
        (vec![compliant(), unknown()], true, 2),
        (vec![compliant(), unknown(), non_compliant()], true, 1),
        (vec![non_compliant()], false, 1),
        (Vec::new(), true, 2),
    ] {
        let mut report = ComplianceReport::builder("gate", Timestamp::UNIX_EPOCH);
        for node in &nodes {
            report.node(node);
        }
        if !is_complete {
            let error = Error::new(ErrorKind::AccessDenied, "not allowed");
            report.failure(ReportPart::Listing, [], &error);
        }
        let report = report.build();
        assert_eq!(report.exit_code(), code, "{report}");
    }
}

#[test]
fn as_text_a_report_names_what_does_not_comply_the_worst_first() {
    let lines = [
        "Production, 2026-05-15T00:00:00Z: 25 % of 4 nodes comply; 1 compliant, 2 non-compliant, 1 unknown",
        "  i-00000000000000001 (win-web-1) non-compliant: 2 missing",
        "  i-00000000000000003 non-compliant: 1 missing",
        "  mi-0000000000000004 unknown: never scanned",
    ];
    assert_eq!(report().to_string(), lines.join("\n"));
    let patch = missing("KB1", "Critical").to_string();
    assert_eq!(patch, "Missing KB1 (Critical): the update KB1");
}
