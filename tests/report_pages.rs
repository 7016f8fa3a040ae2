//! The pages of reports: the worst first, what can be acted on before what changed, and small
//! however large the fleet is.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::compliance::{
    ComplianceReport, ComplianceReportBuilder, Deadlines, InstancePatchState, NodeCompliance,
    PatchComplianceData, PatchState, ReportPart,
};
use aws_patch_manager::types::{InstanceInformation, NodeId, Patch, PatchOperation};
use aws_patch_manager::{Error, ErrorKind, PatchGroup, PatchManager, PolicySchedule};
use jiff::Timestamp;
use support::accounts::id;
use support::browser::Browser;
use support::environment;
use support::values::at;

const NOW: &str = "2026-05-15T00:00:00Z";

fn builder() -> ComplianceReportBuilder {
    ComplianceReport::builder("Production", at(NOW))
}

/// The compliance of a node of a group, with missing, failed and critical patches.
fn node(id: &str, group: &str, [missing, failed, critical]: [u32; 3]) -> NodeCompliance {
    let (group, time) = (PatchGroup::from_service(group), at("2026-05-14T01:00:00Z"));
    let baseline = "arn:aws:ssm:eu-central-1:111122223333:patchbaseline/pb-0123456789abcdef0";
    let operation = PatchOperation::Install;
    let mut state = InstancePatchState::new(id, group, baseline, operation, time, time);
    (state.missing_count, state.failed_count) = (missing, failed);
    state.critical_non_compliant_count = Some(critical);
    state.security_non_compliant_count = Some(0);
    state.into()
}

fn missing(id: &str, severity: &str) -> PatchComplianceData {
    let mut patch = PatchComplianceData::new(id, PatchState::Missing);
    patch.title = format!("2026-04 Cumulative Update for Windows Server 2022 ({id})");
    patch.severity = severity.to_owned();
    patch
}

fn released(id: &str, day: &str) -> Patch {
    Patch::kb(id).with_release_date(at(day))
}

/// The part of a page from the heading with this id to the next one.
fn part<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = format!("<h2 id=\"{id}\">");
    let (_, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{id}: {page}"));
    rest.split("<h2 ").next().unwrap()
}

/// The first cells of the rows of a part.
fn rows<'a>(page: &'a str, id: &str) -> Vec<&'a str> {
    let rows = part(page, id).split("<tr><th scope=\"row\">").skip(1);
    rows.map(|row| row.split("</th>").next().unwrap()).collect()
}

/// The names of the bars of a part.
fn bars<'a>(page: &'a str, id: &str) -> Vec<&'a str> {
    let bars = part(page, id).split("<p class=\"bar\">").skip(1);
    bars.map(|bar| bar.split(": ").next().unwrap()).collect()
}

/// A fleet in which every part of the page has something, and the worst has no low number anywhere.
fn fleet() -> ComplianceReport {
    let mut report = builder();
    report.source("111122223333/eu-central-1");
    for number in 0..30 {
        report.node(&node(&id(number), "a-healthy", [0, 0, 0]));
    }
    let of = |number: usize| NodeId::from(id(number));
    report
        .node(&NodeCompliance::unknown(of(31)))
        .node(&node(&id(32), "b-low", [5, 0, 0]))
        .patches(&of(32), &[missing("KB1", "Low"), missing("KB2", "Low")])
        .node(&node(&id(33), "b-low", [1, 0, 0]))
        .patches(&of(33), &[missing("KB1", "Low")])
        .node(&node(&id(34), "c-important", [1, 1, 0]))
        .patches(&of(34), &[missing("KB8", "Important")])
        .failed_install(&of(34), "no space left on device")
        .node(&node(&id(35), "d-critical", [1, 3, 2]))
        .patches(&of(35), &[missing("KB9", "Critical")])
        .released(&released("KB9", "2026-04-01T00:00:00Z"))
        .released(&released("KB8", "2026-04-10T00:00:00Z"))
        .source("444455556666/us-east-1")
        .node(&node(&id(40), "a-healthy", [0, 0, 0]))
        .source("777788889999/us-east-1")
        .failure(
            ReportPart::Listing,
            [],
            &Error::new(ErrorKind::AccessDenied, "no"),
        );
    report.build()
}

#[test]
fn the_page_begins_with_the_verdict_and_ends_with_what_changed() {
    let report = fleet().with_previous(&builder().build());
    let deadlines = Deadlines::new().critical(14).otherwise(30);
    let judged = report.deadlines(&deadlines).unwrap();
    let page = report.to_html_with_deadlines(&judged);
    let ids = |tag: &str| -> Vec<String> {
        let parts = page.split(tag).skip(1);
        parts
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let headings = ids("<h2 id=\"");
    assert_eq!(
        headings,
        [
            "not-everything-could-be-read",
            "verdict",
            "overdue-patches",
            "missing-patches",
            "severities",
            "failed-installs",
            "sources",
            "patch-groups",
            "operating-systems",
            "nodes",
            "since",
            "changed-nodes",
        ]
    );
    assert_eq!(ids("<a href=\"#"), headings, "the contents link to each");
    let contents = page.find("<nav aria-label=\"Contents\">").unwrap();
    assert!(contents < page.find("<h2").unwrap(), "at the top");
    assert!(part(&page, "verdict").contains("<dt>nodes overdue</dt>"));
    assert!(!report.to_html().contains("overdue"), "without deadlines");
}

#[test]
fn the_first_row_of_every_part_is_the_worst() {
    let page = fleet().to_html();
    let worst = [35, 34, 32, 33, 31, 0].map(id);
    assert_eq!(rows(&page, "nodes")[..6], worst, "severity, then number");
    assert_eq!(rows(&page, "missing-patches"), ["KB9", "KB8", "KB1", "KB2"]);
    assert_eq!(rows(&page, "failed-installs"), [id(35), id(34)]);
    assert_eq!(rows(&page, "sources")[0], "777788889999/us-east-1");
    let groups = ["d-critical", "b-low", "c-important", "(none)", "a-healthy"];
    assert_eq!(bars(&page, "patch-groups"), groups);
    let markdown = fleet().to_markdown();
    let place = |number| {
        let nodes = markdown.find("## Nodes").unwrap();
        markdown[nodes..].find(&id(number))
    };
    assert!(place(35) < place(32) && place(32) < place(0), "{markdown}");
}

#[test]
fn an_account_that_did_not_answer_is_a_row_and_no_account_is_left_out() {
    let report = fleet();
    let told = "2 of 3 accounts answered; nodes of the others that were not listed are unknown, and \
                no figure counts them.";
    let row = "<th scope=\"row\">777788889999/us-east-1</th><td class=\"long non-compliant\">not all \
               nodes were listed: ";
    let page = report.to_html();
    assert!(part(&page, "sources").contains(row), "{page}");
    for text in [
        part(&page, "verdict"),
        part(&page, "sources"),
        &report.to_markdown(),
    ] {
        assert!(text.contains(told), "{text}");
    }
    // One that answered, without a node, counts too.
    let mut all = builder();
    all.source("111122223333/eu-central-1");
    all.source("111122223333/us-east-1");
    all.source("444455556666/us-east-1");
    let all = all.build();
    assert_eq!(all.by_source.len(), 3);
    assert!(all.to_html().contains("2 of 2 accounts answered."));
    let mut named = builder();
    named.source("production").source("staging");
    assert!(named.build().to_html().contains("2 of 2 sources answered."));
    assert!(!builder().build().to_html().contains("answered"));
}

#[test]
fn the_rows_after_the_20th_are_folded_and_can_be_filtered() {
    let fleet = |nodes: usize| {
        let mut report = builder();
        for number in 0..nodes {
            report.node(&node(&id(number), &format!("g{number}"), [1, 0, 0]));
        }
        report.build().to_html()
    };
    let page = fleet(45);
    let (first, rest) = part(&page, "nodes")
        .split_once("<details class=\"rest\">")
        .unwrap();
    let count = |text: &str| text.matches("<tr><th scope=\"row\">").count();
    assert_eq!((count(first), count(rest)), (20, 25));
    assert!(rest.contains("<summary id=\"nodes-rest\">Nodes: 25 more rows</summary>"));
    assert!(rest.contains("<table class=\"sortable\" aria-labelledby=\"nodes-rest\">"));
    // Without a script the box would do nothing, so the script is what shows it.
    let filter = "<p class=\"filter\" hidden><label for=\"nodes-filter\">Filter: Nodes</label> \
                  <input type=\"search\" id=\"nodes-filter\"";
    assert!(first.contains(filter), "{first}");
    let folded = part(&page, "patch-groups").split_once("<summary>Patch groups: 35 more</summary>");
    assert_eq!(folded.unwrap().0.matches("<svg").count(), 10);
    let small = fleet(20);
    let (small, _) = part(&small, "nodes").split_once("<script>").unwrap();
    assert!(!small.contains("filter") && !small.contains("<details"));
}

#[test]
fn the_ids_of_nodes_and_patches_do_not_break_across_lines() {
    let mut report = builder();
    let (one, other) = (NodeId::from(id(1)), NodeId::from("mi-0123456789abcdef0"));
    let openssl = PatchComplianceData::new("openssl-libs.x86_64", PatchState::Missing);
    report
        .node(&node(one.as_str(), "web", [2, 0, 0]))
        .node(&node(other.as_str(), "web", [1, 0, 0]))
        .patches(&one, &[missing("KB1", "Low"), openssl])
        .patches(&other, &[missing("KB1", "Low")])
        .failure(
            ReportPart::Patches,
            [one.clone(), other],
            &Error::new(ErrorKind::Other, "busy"),
        );
    let page = report.build().to_html();
    for ids in [
        format!("<code>{one}</code>, <code>mi-0123456789abcdef0</code></td>"),
        format!("patches not read of <code>{one}</code>, <code>mi-0123456789abcdef0</code>: "),
        "<summary>2</summary><code>KB1</code>, <code>openssl-libs.x86_64</code>".to_owned(),
    ] {
        assert!(page.contains(&ids), "{ids}: {page}");
    }
    assert!(page.contains("code { font: inherit; white-space: nowrap;"));
}

/// What users and vendors name, in every part of the page.
#[test]
fn no_name_is_markup_in_any_part() {
    let evil = "<i>x</i>\"'&";
    let mut report = ComplianceReport::builder(evil, at(NOW));
    let of = NodeId::from(id(1));
    let mut information = InstanceInformation::new(of.clone());
    information.computer_name = Some(evil.to_owned());
    information.platform_name = Some(evil.to_owned());
    let mut patch = missing(evil, evil);
    patch.cve_ids = Some(evil.to_owned());
    report
        .source(evil)
        .information(&information)
        .node(&node(of.as_str(), evil, [1, 1, 0]))
        .patches(&of, &[patch])
        .failed_install(&of, format!("{evil}\n{evil}"))
        .failure(ReportPart::Listing, [], &Error::new(ErrorKind::Other, evil));
    let report = report.build().with_previous(&builder().build());
    let judged = report.deadlines(&Deadlines::new().otherwise(1)).unwrap();
    for page in [report.to_html_with_deadlines(&judged), judged.to_html()] {
        assert!(page.contains("&lt;i&gt;x&lt;/i&gt;"));
        assert!(!page.contains("<i>") && !page.contains("x</i>"), "{page}");
    }
}

/// 100,000 nodes in 20 accounts, of which one in ten lacks patches.
fn large() -> ComplianceReport {
    let patches: Vec<PatchComplianceData> = (0..400)
        .map(|number| {
            let severities = ["Critical", "Important", "Moderate", "Low"];
            missing(&format!("KB50{number:05}"), severities[number % 4])
        })
        .collect();
    let mut report = builder();
    for number in 0..100_000 {
        if number % 5_000 == 0 {
            report.source(format!("{:012}/eu-central-1", number / 5_000));
        }
        let (id, group) = (id(number), format!("group-{}", number % 300));
        if number % 10 != 0 {
            report.node(&node(&id, &group, [0, 0, 0]));
            continue;
        }
        let mut information = InstanceInformation::new(id.as_str());
        information.computer_name =
            Some(format!("ip-10-0-0-{number}.eu-central-1.compute.internal"));
        information.platform_name = Some("Microsoft Windows Server 2022 Datacenter".to_owned());
        let first = number % 390;
        report
            .information(&information)
            .node(&node(&id, &group, [8, 1, 1]))
            .patches(&id.as_str().into(), &patches[first..first + 8])
            .failed_install(&id.as_str().into(), "line of output\n".repeat(60));
    }
    report.build()
}

#[test]
fn a_hundred_thousand_nodes_are_a_page_of_at_most_three_megabytes() {
    let nothing = builder().build();
    let report = large().with_previous(&nothing);
    let judged = report
        .deadlines(&Deadlines::new().critical(14).otherwise(30))
        .unwrap();
    for (name, page) in [
        ("compliance", report.to_html_with_deadlines(&judged)),
        ("deadlines", judged.to_html()),
    ] {
        assert!(page.len() <= 3_000_000, "{name}: {} bytes", page.len());
        assert!(page.contains("more are not shown; JSON has them all."));
        let first = rows(&page, "nodes")[0];
        assert!(
            report
                .nodes_missing("KB5000000")
                .any(|one| one.node == first)
                || name == "deadlines"
        );
        if let Some(folder) = std::env::var_os("PAGES") {
            std::fs::write(
                std::path::Path::new(&folder).join(format!("{name}.html")),
                page,
            )
            .unwrap();
        }
    }
}

#[test]
fn a_page_without_a_node_is_a_page() {
    let page = ComplianceReport::builder("Empty", Timestamp::UNIX_EPOCH)
        .build()
        .to_html();
    assert!(
        page.contains("no nodes") && !page.contains("<table"),
        "{page}"
    );
}

/// Runs axe over the page with every folded part open, and records what it finds.
const AUDIT: &str = r#"
  for (const part of document.querySelectorAll("details")) part.open = true;
  axe.run(document, { resultTypes: ["violations"] }).then((results) => {
    const found = results.violations.map((one) => `${one.id}: ${one.nodes[0].html}`);
    const told = { found, passed: results.passes.length };
    document.documentElement.dataset.told = JSON.stringify(told);
  });
"#;

/// The rules of axe-core, WCAG 2 at level AA and its best practices.
#[tokio::test]
async fn axe_finds_nothing_in_any_page() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let Some(axe) = environment::path("AXE") else {
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    let scripts = format!("<script>{axe}</script><script>{AUDIT}</script>");
    let report = fleet().with_previous(&builder().build());
    let judged = report.deadlines(&Deadlines::new().otherwise(14)).unwrap();
    let manager = PatchManager::in_memory();
    let policy = PolicySchedule::daily_scan_weekly_install("web");
    let policy = policy.patch_policy().unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let (from, until) = (at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z"));
    let forecast = manager.forecast(until).await.unwrap();
    let calendar = manager.patch_calendar(from..until).await.unwrap();
    // Axe takes its time, so the dark page stands for all.
    for (name, scheme, page) in [
        ("axe-compliance", 1, report.to_html_with_deadlines(&judged)),
        ("axe-dark", 0, report.to_html_with_deadlines(&judged)),
        ("axe-deadlines", 1, judged.to_html()),
        ("axe-forecast", 1, forecast.to_html()),
        ("axe-calendar", 1, calendar.to_html()),
    ] {
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        let options = ["--virtual-time-budget=20000", scheme.as_str()];
        let told = browser.opened(name, &page, &scripts, &options);
        assert_eq!(told["found"], serde_json::json!([]), "{name}");
        assert!(told["passed"].as_u64() > Some(20), "{name}: {told}");
    }
}
