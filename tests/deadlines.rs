//! Deadlines say what is overdue and since when, never call unknown met, and are evidence for each node.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use aws_patch_manager::compliance::{
    ComplianceReport, ComplianceReportBuilder, DeadlineChangeKind, DeadlineReport, DeadlineRule,
    DeadlineState, Deadlines, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
    ReportDetail, ReportPart, UnknownReason,
};
use aws_patch_manager::types::{BaselineId, NodeId, OperatingSystem, Patch, PatchOperation};
use aws_patch_manager::{ComplianceQuery, Error, ErrorKind, PatchGroup, PatchRequest};
use support::accounts::{run, sample};
use support::values::at;

const BASELINE: &str = "pb-0123456789abcdef0";
const ONE: &str = "i-00000000000000001";
const TWO: &str = "i-00000000000000002";
const SCANNED: &str = "2026-05-14T01:00:00Z";
const NOW: &str = "2026-05-15T00:00:00Z";

fn group(name: &str) -> PatchGroup {
    PatchGroup::from_service(name)
}

fn scanned(node: &str, name: &str, missing: u32) -> NodeCompliance {
    let time = at(SCANNED);
    let scan = PatchOperation::Scan;
    let mut state = InstancePatchState::new(node, group(name), BASELINE, scan, time, time);
    state.missing_count = missing;
    state.into()
}

fn missing(id: &str, severity: &str, classification: &str) -> PatchComplianceData {
    let mut patch = PatchComplianceData::new(id, PatchState::Missing);
    patch.title = format!("the update {id}");
    patch.severity = severity.to_owned();
    patch.classification = classification.to_owned();
    patch
}

fn released(kb: &str, date: &str) -> Patch {
    Patch::kb(kb).with_release_date(at(date))
}

/// A report at [`NOW`] of one node in a group, with these patches: id, severity, classification and
/// release date, empty if unknown.
fn report(name: &str, patches: &[(&str, &str, &str, &str)]) -> ComplianceReportBuilder {
    let mut report = ComplianceReport::builder("Production", at(NOW));
    let rows: Vec<_> = patches
        .iter()
        .map(|(id, severity, class, _)| missing(id, severity, class))
        .collect();
    let count = u32::try_from(rows.len()).unwrap();
    report
        .node(&scanned(ONE, name, count))
        .patches(&ONE.into(), &rows);
    for (id, _, _, date) in patches {
        if !date.is_empty() {
            report.released(&released(id, date));
        }
    }
    report
}

fn days(judged: &DeadlineReport) -> Vec<(&str, Option<u32>)> {
    let patches = &judged.nodes[0].patches;
    let mut days: Vec<_> = patches.iter().map(|p| (p.id.as_str(), p.days)).collect();
    days.sort_unstable();
    days
}

#[test]
fn the_deadline_of_a_patch_is_that_of_its_group_then_the_shortest_then_the_otherwise() {
    let deadlines = Deadlines::new()
        .critical(14)
        .classification("SecurityUpdates", 10)
        .severity("Important", 30)
        .group(group("dev"), 60)
        .rule(
            DeadlineRule::new(45)
                .severity("Critical")
                .group(group("dev")),
        )
        .otherwise(1);
    let patches = [
        ("KB1", "Critical", "Updates", ""),
        ("KB2", "Critical", "SecurityUpdates", ""),
        ("KB3", "Important", "Updates", ""),
        ("KB4", "Low", "Updates", ""),
        ("KB5", "", "", ""),
    ];
    let expected = [
        ("web", [Some(14), Some(10), Some(30), Some(1), Some(1)]),
        ("dev", [Some(45), Some(45), Some(60), Some(60), Some(60)]),
        ("", [Some(14), Some(10), Some(30), Some(1), Some(1)]),
    ];
    for (name, expected) in expected {
        let judged = report(name, &patches)
            .build()
            .deadlines(&deadlines)
            .unwrap();
        let found: Vec<_> = days(&judged).into_iter().map(|(_, days)| days).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_patch_is_overdue_after_its_last_instant_and_not_at_it() {
    let deadlines = Deadlines::new().critical(14);
    for (date, state) in [
        ("2026-05-01T00:00:00Z", DeadlineState::Open),
        ("2026-04-30T23:59:59Z", DeadlineState::Overdue),
    ] {
        let report = report("web", &[("KB1", "Critical", "", date)]).build();
        let judged = report.deadlines(&deadlines).unwrap();
        assert_eq!(judged.nodes[0].state, state, "{date}");
    }
}

#[test]
fn the_worst_node_and_the_longest_overdue_patch_come_first() {
    let mut report = report(
        "web",
        &[
            ("KB1", "Critical", "", "2026-04-20T00:00:00Z"),
            ("KB2", "Critical", "", "2026-04-01T00:00:00Z"),
            ("KB3", "Critical", "", "2026-05-10T00:00:00Z"),
        ],
    );
    report
        .node(&scanned(TWO, "web", 1))
        .patches(&TWO.into(), &[missing("KB3", "Critical", "")])
        .node(&scanned("i-00000000000000003", "web", 0))
        .node(&NodeCompliance::unknown("i-00000000000000004"));
    let judged = report
        .build()
        .deadlines(&Deadlines::new().critical(14))
        .unwrap();
    assert_eq!(judged.exit_code(), 1);
    let nodes: Vec<_> = judged
        .nodes
        .iter()
        .map(|node| (node.node.as_str(), node.state))
        .collect();
    assert_eq!(
        nodes,
        [
            (ONE, DeadlineState::Overdue),
            ("i-00000000000000004", DeadlineState::Unknown),
            (TWO, DeadlineState::Open),
            ("i-00000000000000003", DeadlineState::Met),
        ]
    );
    let worst = &judged.nodes[0];
    let ids: Vec<_> = worst
        .patches
        .iter()
        .map(|patch| patch.id.as_str())
        .collect();
    assert_eq!(ids, ["KB2", "KB1", "KB3"]);
    assert_eq!(worst.due, Some(at("2026-04-15T00:00:00Z")));
    assert_eq!(
        worst.to_string(),
        format!(
            "{ONE} overdue: KB2 overdue since 2026-04-15 00:00; KB1 overdue since 2026-05-04 00:00"
        )
    );
    assert_eq!(judged.overdue().count(), 1);
    assert_eq!(
        (judged.totals.nodes(), judged.totals.overdue_patches),
        (4, 2)
    );
    assert!(judged.to_string().starts_with(
        "Production, 2026-05-15 00:00 UTC\n1 of 4 nodes overdue, with 2 patches; 0 overdue before the next install, 1 unknown, 1 open, 0 without a deadline, 1 met\ndeadlines: Critical: 14 days\n"
    ));
}

#[test]
fn a_deadline_before_the_next_install_is_said_and_a_node_without_one_stays_open() {
    let report = report("web", &[("KB1", "Critical", "", "2026-05-10T00:00:00Z")]).build();
    let judged = report.deadlines(&Deadlines::new().critical(14)).unwrap();
    for (install, state) in [
        (Some("2026-05-24T00:00:00Z"), DeadlineState::Open),
        (
            Some("2026-05-24T00:00:01Z"),
            DeadlineState::OverdueBeforeInstall,
        ),
        (None, DeadlineState::Open),
    ] {
        let installs = install.map(|install| (NodeId::from(ONE), at(install)));
        let installs: BTreeMap<_, _> = installs.into_iter().collect();
        let judged = judged.clone().with_next_installs(&installs);
        assert_eq!(judged.nodes[0].state, state, "{install:?}");
        assert_eq!(judged.exit_code(), 0, "{install:?}: not overdue yet");
        assert_eq!(judged.nodes[0].next_install, install.map(at));
        let late = usize::from(state == DeadlineState::OverdueBeforeInstall);
        assert_eq!(judged.totals.overdue_before_install, late);
    }
}

/// Adds a node to a report.
type Fill<'a> =
    &'a dyn for<'r> Fn(&'r mut ComplianceReportBuilder) -> &'r mut ComplianceReportBuilder;

#[test]
fn what_is_not_known_is_unknown_with_its_reason_and_never_met() {
    let deadlines = Deadlines::new().critical(14);
    let waiting = {
        let mut node = scanned(ONE, "web", 0).state.unwrap();
        node.installed_pending_reboot_count = Some(1);
        NodeCompliance::from(node)
    };
    let lost = scanned(ONE, "web", 0).with_unknown_reason(UnknownReason::AgentLost);
    let denied = Error::new(ErrorKind::AccessDenied, "no");
    let cases: [(&str, Fill<'_>, &str); 6] = [
        (
            "never scanned",
            &|r| r.node(&NodeCompliance::unknown(ONE)),
            "never scanned",
        ),
        ("agent lost", &|r| r.node(&lost), "agent lost"),
        (
            "no patches read",
            &|r| r.node(&scanned(ONE, "web", 2)),
            "the report was made without patches",
        ),
        (
            "patches failed to read",
            &|r| {
                r.node(&scanned(ONE, "web", 1))
                    .failure(ReportPart::Patches, [ONE.into()], &denied)
            },
            "patches not read: access denied: no",
        ),
        (
            "waits for a reboot",
            &|r| r.node(&waiting),
            "1 pending reboot: the report has no date for it",
        ),
        (
            "no severity",
            &|r| {
                r.node(&scanned(ONE, "web", 1))
                    .patches(&ONE.into(), &[missing("KB1", "", "")])
            },
            "KB1 unknown: its severity is not known",
        ),
    ];
    for (case, fill, reason) in cases {
        let mut report = ComplianceReport::builder("Production", at(NOW));
        fill(&mut report);
        let judged = report.build().deadlines(&deadlines).unwrap();
        assert_eq!(judged.nodes[0].state, DeadlineState::Unknown, "{case}");
        assert_eq!(judged.nodes[0].reason, reason, "{case}");
        assert_eq!(judged.exit_code(), 2, "{case}");
        assert_eq!((judged.totals.unknown, judged.totals.met), (1, 0), "{case}");
    }
}

#[test]
fn a_patch_that_no_rule_is_for_has_no_deadline() {
    let report = report("web", &[("KB1", "Low", "Updates", "2020-01-01T00:00:00Z")]).build();
    let judged = report.deadlines(&Deadlines::new().critical(14)).unwrap();
    assert_eq!(judged.nodes[0].state, DeadlineState::NoDeadline);
    assert_eq!(judged.nodes[0].reason, "KB1 no deadline: no rule is for it");
    assert_eq!(judged.totals.no_deadline, 1);
}

#[test]
fn without_a_release_date_a_patch_is_overdue_once_it_has_been_missing_that_long() {
    let deadlines = Deadlines::new().critical(14);
    let first = report("web", &[("KB1", "Critical", "", "")]).build();
    let first = first.deadlines(&deadlines).unwrap();
    assert_eq!(first.nodes[0].state, DeadlineState::Unknown);
    assert_eq!(
        first.nodes[0].reason,
        "KB1 unknown: its release date is not known"
    );

    let later = |title: &str| {
        let mut report = ComplianceReport::builder("Production", at("2026-05-29T00:00:00Z"));
        let mut node = scanned(ONE, "web", 1).state.unwrap();
        node.operation_end_time = at("2026-05-28T01:00:00Z");
        let mut patch = missing("KB1", "Critical", "");
        patch.title = title.to_owned();
        report.node(&node.into()).patches(&ONE.into(), &[patch]);
        report.build().deadlines(&deadlines).unwrap()
    };
    let same = later("the update KB1");
    assert_eq!(same.nodes[0].state, DeadlineState::Unknown);
    let same = same.with_previous(&first);
    assert_eq!(same.nodes[0].state, DeadlineState::Overdue);
    assert_eq!(same.nodes[0].patches[0].first_seen, at(SCANNED));
    assert_eq!(same.nodes[0].due, Some(at("2026-05-28T01:00:00Z")));
    // On Linux the id is the same for every version, and the title is not.
    let newer = later("another version").with_previous(&first);
    assert_eq!(newer.nodes[0].state, DeadlineState::Unknown);
}

#[test]
fn a_trend_says_who_became_overdue_who_did_not_stay_so_who_came_and_who_went() {
    let deadlines = Deadlines::new().critical(14);
    let critical = |id| [missing(id, "Critical", "")];
    let mut before = report("web", &[("KB1", "Critical", "", "2026-05-01T00:00:00Z")]);
    before
        .node(&scanned(TWO, "web", 1))
        .patches(&TWO.into(), &critical("KB2"))
        .released(&released("KB2", "2026-01-01T00:00:00Z"))
        .node(&scanned("i-00000000000000003", "web", 0));
    let before = before.build().deadlines(&deadlines).unwrap();
    let mut now = ComplianceReport::builder("Production", at("2026-05-16T00:00:00Z"));
    now.node(&scanned(ONE, "web", 1))
        .patches(&ONE.into(), &critical("KB1"))
        .released(&released("KB1", "2026-05-01T00:00:00Z"))
        .node(&scanned(TWO, "web", 0))
        .node(&scanned("i-00000000000000009", "web", 0));
    let unlisted = {
        let error = Error::new(ErrorKind::Throttled, "later");
        let mut report = now.clone();
        report.failure(ReportPart::Listing, [], &error);
        report.build().deadlines(&deadlines).unwrap()
    };
    let now = now.build().deadlines(&deadlines).unwrap();

    let trend = now.trend_since(&before);
    let lines: Vec<String> = trend.changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            format!("{ONE} worse: open, now overdue; became overdue: KB1"),
            "i-00000000000000009 new: met".to_owned(),
            "i-00000000000000003 gone: was met".to_owned(),
            format!("{TWO} better: overdue, now met; no longer overdue: KB2"),
        ]
    );
    assert_eq!((trend.before.overdue, trend.now.overdue), (1, 1));
    assert!(!trend.other_deadlines);
    let trend = unlisted.trend_since(&before);
    let of_three = trend
        .changes
        .iter()
        .find(|change| change.node.ends_with('3'));
    assert_eq!(of_three.unwrap().kind, DeadlineChangeKind::NotListed);
    let stricter = before.deadlines.clone().otherwise(90);
    let other = report("web", &[]).build().deadlines(&stricter).unwrap();
    assert!(other.trend_since(&before).other_deadlines);
}

#[test]
fn bad_deadlines_are_refused_with_every_violation_before_anything_is_judged() {
    let windows = || Deadlines::new().operating_systems([OperatingSystem::Windows]);
    let cases: [(Deadlines, &[(&str, &str)]); 6] = [
        (Deadlines::new(), &[("Rules", "")]),
        (
            Deadlines::new()
                .critical(0)
                .severity("Severe", 0)
                .classification("Nonsense", 3),
            &[
                ("Rules[0].Days", "0"),
                ("Rules[1].Days", "0"),
                ("Rules[1].Severity", "Severe"),
                ("Rules[2].Classification", "Nonsense"),
            ],
        ),
        (
            Deadlines::new().severity("critical", 1),
            &[("Rules[0].Severity", "critical")],
        ),
        (
            windows()
                .severity("Moderate", 3)
                .severity("Medium", 3)
                .classification("Bugfix", 3),
            &[
                ("Rules[1].Severity", "Medium"),
                ("Rules[2].Classification", "Bugfix"),
            ],
        ),
        (
            Deadlines::new().critical(14).critical(7),
            &[("Rules[1]", "Critical: 7 days")],
        ),
        (
            Deadlines::new()
                .operating_systems([OperatingSystem::Macos])
                .critical(7),
            &[("Rules[0].Severity", "Critical")],
        ),
    ];
    let report = report("web", &[]).build();
    for (deadlines, expected) in cases {
        let error = report.deadlines(&deadlines).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let violations = error.violations().iter();
        let found: Vec<_> = violations
            .map(|v| (v.field.as_str(), v.value.as_str()))
            .collect();
        assert_eq!(found, expected, "{deadlines}");
    }
    let ubuntu = Deadlines::new().operating_systems([OperatingSystem::Ubuntu]);
    ubuntu
        .classification("Security", 7)
        .severity("Required", 14)
        .check()
        .unwrap();
}

/// Every node is in the evidence: with its baseline, the operation it rests on, and its state.
#[test]
fn the_evidence_names_every_node_its_baseline_and_the_operation_it_rests_on() {
    let mut report = report(
        "web",
        &[
            ("KB1", "Critical", "SecurityUpdates", "2026-04-01T00:00:00Z"),
            ("KB2", "Low", "", ""),
        ],
    );
    report.node(&NodeCompliance::unknown(TWO));
    let judged = report
        .build()
        .deadlines(&Deadlines::new().critical(14))
        .unwrap();
    let id = BaselineId::new(format!(
        "arn:aws:ssm:eu-west-1:111122223333:patchbaseline/{BASELINE}"
    ));
    let judged = judged.with_baseline_names([(&id, "production, windows")]);
    assert_eq!(judged.nodes[0].baseline_name, "production, windows");

    let stored = judged.to_json().unwrap();
    assert_eq!(DeadlineReport::from_json(&stored).unwrap(), judged);
    let error = DeadlineReport::from_json("{}").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.violations()[0].field, "Title");
    let edited = stored
        .replace("\"overdue\"", "\"hunter2\"")
        .replace("\"Overdue\"", "\"hunter2\"");
    let error = DeadlineReport::from_json(&edited).unwrap_err();
    assert!(error.violations()[0].field.starts_with("Nodes["), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");

    let csv = judged.to_csv();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[1],
        format!(
            "\"{ONE}\",\"\",\"\",\"web\",\"\",\"overdue\",\"non-compliant\",\"{BASELINE}\",\"production, windows\",\"Scan\",\"{SCANNED}\",\"\",\"KB1\",\"the update KB1\",\"Critical\",\"SecurityUpdates\",\"overdue\",\"2026-04-01T00:00:00Z\",\"{SCANNED}\",14,\"2026-04-15T00:00:00Z\",\"\""
        )
    );
    assert!(
        lines[2].ends_with(
            ",\"no deadline\",\"\",\"2026-05-14T01:00:00Z\",,\"\",\"no rule is for it\""
        )
    );
    assert!(
        lines[3].starts_with(&format!("\"{TWO}\""))
            && lines[3].ends_with(",,\"\",\"never scanned\"")
    );

    let page = judged.to_html();
    for part in [
        ONE,
        TWO,
        "production, windows",
        "Scan 2026-05-14 01:00",
        "never scanned",
        "<li>Critical: 14 days</li>",
        "2026-04-15 00:00",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_texts_of_vendors_and_users_are_neither_markup_nor_formulas() {
    let mut report = ComplianceReport::builder("<script>alert(1)</script>", at(NOW));
    let mut evil = missing("KB1", "Critical", "");
    evil.title = "=cmd()\"<img src=x>\u{202e}".to_owned();
    report
        .node(&scanned(ONE, "<b>", 1))
        .patches(&ONE.into(), &[evil])
        .released(&released("KB1", "2020-01-01T00:00:00Z"));
    let judged = report
        .build()
        .deadlines(&Deadlines::new().critical(14))
        .unwrap();
    let judged = judged.with_baseline_names([(&BASELINE.into(), "<i>name")]);
    let page = judged.to_html();
    for part in ["<script>alert", "<img", "<b>", "<i>", "\u{202e}"] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("&lt;img src=x&gt;") && page.contains("&lt;i&gt;name"));
    assert!(judged.to_csv().contains("\"'=cmd()\"\"<img src=x>\""));
}

#[tokio::test]
async fn a_fleet_is_judged_by_what_its_report_has() {
    let (_, manager) = sample();
    let nodes = ["i-0c0ffee0000000001", "i-0c0ffee0000000004"];
    run(&manager, PatchRequest::scan().nodes(nodes)).await;
    let query = ComplianceQuery::all();
    let detail = ReportDetail::Patches;
    let report = manager
        .compliance_report("Sample", &query, detail)
        .await
        .unwrap();
    let judged = report
        .deadlines(&Deadlines::new().critical(1).otherwise(3650))
        .unwrap();
    assert_eq!(judged.totals.nodes(), 8);
    assert_eq!(judged.totals.unknown, 6, "{judged}");
    for node in judged.overdue() {
        for patch in node.overdue() {
            let due = patch.released.unwrap() + jiff::SignedDuration::from_hours(24);
            assert_eq!(patch.due, Some(due));
            assert_eq!(patch.severity, "Critical");
        }
    }
    assert!(judged.totals.overdue > 0, "{judged}");
}
