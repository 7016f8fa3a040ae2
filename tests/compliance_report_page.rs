//! The report's page in a browser: it sorts, fits a phone, follows the reader's colour scheme, and
//! makes no request.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::PatchGroup;
use aws_patch_manager::compliance::{
    ComplianceReport, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
};
use aws_patch_manager::types::{InstanceInformation, PatchOperation};
use jiff::{SignedDuration, Timestamp};
use support::accounts::id;
use support::browser::Browser;

/// Clicks the second heading of the nodes twice, opens folded parts, and records the result and
/// what assistive technology would find.
const PROBE: &str = r#"<script>
  const errors = [];
  addEventListener("error", (event) => errors.push(event.message));
  addEventListener("securitypolicyviolation", (event) => errors.push(event.violatedDirective));
  const table = document.querySelector("table[aria-labelledby=nodes]");
  const names = () => [...table.tBodies[0].rows].map((row) => row.cells[1].textContent.split(".")[0]).join(" ");
  const head = table.tHead.rows[0].cells[1];
  const button = head.querySelector("button");
  button.focus();
  const focused = document.activeElement === button;
  button.click();
  const up = [names(), head.getAttribute("aria-sort")];
  button.click();
  const down = [names(), head.getAttribute("aria-sort")];
  const headed = (heading) => all("thead th").find((head) => head.textContent === heading);
  const sorted = (heading) => {
    const { parentElement, cellIndex } = headed(heading);
    parentElement.cells[cellIndex].querySelector("button").click();
    const { rows } = parentElement.closest("table").tBodies[0];
    return [...rows].map((row) => row.cells[cellIndex].textContent);
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const folded = all("summary").map((summary) => {
    summary.focus();
    const reached = document.activeElement === summary && !summary.parentElement.open;
    summary.click();
    return reached && summary.parentElement.open;
  });
  const named = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    const labels = ids.map((id) => document.getElementById(id)?.textContent ?? "");
    return element.ariaLabel || labels.join("");
  };
  const nameless = all("svg:not([aria-hidden=true]), [role=region], table").filter((element) => !named(element));
  const ids = all("[id]").map((element) => element.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  const light = (colour) => {
    const parts = colour.match(/[\d.]+/g).map((part) => part / 255);
    const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const [red, green, blue] = parts.map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    return /, 0\)$/.test(backgroundColor) ? behind(element.parentElement) : backgroundColor;
  };
  const contrasts = all("h1, h2, p, dt, dd, th, td, summary, pre, a, li, label, code").map((element) => {
    const two = [light(getComputedStyle(element).color), light(behind(element))];
    return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
  });
  const severities = sorted("Severity");
  const operations = sorted("Last operation");
  const root = document.documentElement;
  const needed = root.scrollWidth;
  // Chromium has no window as narrow as a phone.
  root.style.width = "390px";
  const right = (element) => element.getBoundingClientRect().right;
  const wide = all("main > *, main > details > *, .rows > *").filter((element) => right(element) > 390);
  const verdict = right(table.tBodies[0].rows[0].cells[2]);
  const rows = all("table.sortable tbody tr");
  const headless = rows.filter((row) => !row.cells[0].matches("th[scope=row]"));
  const told = { severities, operations, verdict, headless: headless.length, up, down, focused, folded, errors, width: innerWidth, needed,
    wide: wide.map((element) => element.outerHTML),
    nameless: nameless.map((element) => element.outerHTML), twice,
    contrast: Math.min(...contrasts),
    changes: all("[aria-labelledby=changed-nodes] tbody td:nth-child(3)").map((cell) => cell.textContent),
    colour: getComputedStyle(document.body).backgroundColor,
    requests: performance.getEntriesByType("resource").length };
  root.dataset.told = JSON.stringify(told);
</script>"#;

fn node(number: usize, missing: u32, failed: u32) -> NodeCompliance {
    let group = PatchGroup::from_service("web");
    let id = id(number);
    let (operation, hour) = match number {
        0 => (PatchOperation::Scan, 0),
        1 => (PatchOperation::Install, 1),
        _ => (PatchOperation::Install, 2),
    };
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
    let baseline = "arn:aws:ssm:eu-central-1:111122223333:patchbaseline/pb-0123456789abcdef0";
    let mut state = InstancePatchState::new(id, group, baseline, operation, at, at);
    state.missing_count = missing;
    state.failed_count = failed;
    state.into()
}

/// A day and the two before it, with data in every part of the page.
fn page() -> String {
    let mut earlier: Option<ComplianceReport> = None;
    for day in 0..3 {
        let made_at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day);
        let mut report = ComplianceReport::builder("Production", made_at);
        for (number, name) in ["node10", "node2", "node1"].into_iter().enumerate() {
            let mut information = InstanceInformation::new(id(number));
            information.computer_name = Some(format!("{name}.eu-central-1.compute.internal"));
            information.platform_name = Some("Microsoft Windows Server 2022".to_owned());
            report.information(&information);
        }
        let last = u32::from(day == 2);
        report
            .node(&node(0, last, last))
            .node(&node(1, 1 - last, 0))
            .node(&node(2, 1, 0));
        let error = format!("a first line\n{}", "0123456789abcdef".repeat(40));
        report.failed_install(&"i-00000000000000000".into(), error);
        let mut patch = PatchComplianceData::new("KB5034770", PatchState::Missing);
        patch.severity = "Critical".to_owned();
        patch.cve_ids = Some("CVE-2026-90101,CVE-2026-90102,CVE-2026-90103".to_owned());
        let mut low = PatchComplianceData::new("KB5034771", PatchState::Missing);
        low.severity = "Low".to_owned();
        let mut important = PatchComplianceData::new("KB5034772", PatchState::Missing);
        important.severity = "Important".to_owned();
        report.patches(&"i-00000000000000000".into(), &[low, important, patch]);
        let report = report.build();
        earlier = Some(match &earlier {
            Some(earlier) => report.with_previous(earlier),
            None => report,
        });
    }
    earlier.unwrap().to_html()
}

#[test]
fn the_page_sorts_fits_a_phone_and_asks_nobody() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let told = browser.opened("phone", &page(), PROBE, &["--window-size=390,844"]);
    assert_eq!(
        told["up"],
        serde_json::json!(["node1 node2 node10", "ascending"])
    );
    assert_eq!(
        told["down"],
        serde_json::json!(["node10 node2 node1", "descending"])
    );
    assert_eq!(told["focused"], true, "headings can be reached by keyboard");
    assert_eq!(told["errors"], serde_json::json!([]));
    assert_eq!(told["requests"], 0);
    assert_eq!(
        told["folded"],
        serde_json::json!([true, true, true]),
        "the error, the patches and the numbers of the course open by keyboard"
    );
    assert_eq!(
        told["severities"],
        serde_json::json!(["Critical", "Important", "Low"])
    );
    let operations = ["Scan", "Install", "Install"];
    let operations = operations.iter().enumerate();
    let operations: Vec<_> = operations
        .map(|(hour, operation)| format!("{operation} 1970-01-01 0{hour}:00"))
        .collect();
    assert_eq!(told["operations"], serde_json::json!(operations), "by time");
    assert!(told["verdict"].as_f64() <= Some(390.0), "in view: {told}");
    assert_eq!(told["headless"], 0, "the first cell is that of the row");
    assert_eq!(
        told["changes"],
        serde_json::json!(["newly non-compliant", "mended"])
    );
    assert_eq!(
        told["nameless"],
        serde_json::json!([]),
        "for screen readers"
    );
    assert_eq!(told["twice"], serde_json::json!([]), "ids");
    assert_eq!(told["wide"], serde_json::json!([]), "wider than a phone");
    assert!(told["width"].as_i64() <= Some(500), "{told}");
    assert!(told["needed"].as_i64() <= told["width"].as_i64(), "{told}");
}

#[test]
fn the_page_is_light_or_dark_as_the_reader_has_it() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let colour = |name, scheme| {
        let option = format!("--blink-settings=preferredColorScheme={scheme}");
        let told = browser.opened(name, &page(), PROBE, &[&option]);
        // The contrast that WCAG 2 requires of text at level AA.
        let contrast = told["contrast"].as_f64().unwrap();
        assert!(contrast >= 4.5, "{name}: {contrast}");
        told["colour"].clone()
    };
    // Chromium's numbers of the two schemes.
    assert_eq!(colour("dark", 0), "rgb(13, 17, 23)");
    assert_eq!(colour("light", 1), "rgb(255, 255, 255)");
}

/// Types into the filter of the nodes, sorts them, and records what is in view after each step.
const FILTER: &str = r#"<script>
  const group = document.getElementById("nodes").nextElementSibling;
  const [table, folded] = group.querySelectorAll("table");
  const filter = group.querySelector(".filter");
  const input = filter.querySelector("input");
  const state = () => ({
    first: [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => row.cells[0].textContent),
    rest: group.querySelector("details.rest").hidden ? 0 : folded.tBodies[0].rows.length,
    told: filter.querySelector("output").value });
  const typed = (text) => {
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return state();
  };
  const told = { shown: !filter.hidden, label: input.labels[0].textContent, before: state(),
    one: typed("NODE44."), none: typed("no such text"), after: typed("") };
  table.tHead.rows[0].cells[1].querySelector("button").click();
  folded.tHead.rows[0].cells[1].querySelector("button").click();
  told.down = state();
  told.sorted = folded.tHead.rows[0].cells[1].getAttribute("aria-sort");
  document.documentElement.dataset.told = JSON.stringify(told);
</script>"#;

#[test]
fn the_filter_and_the_order_reach_the_folded_rows() {
    let Some(browser) = Browser::find() else {
        return;
    };
    let told = browser.opened("filter", &many(45), FILTER, &[]);
    assert_eq!(told["shown"], true);
    assert_eq!(told["label"], "Filter: Nodes");
    let first = |state: &str| -> Vec<String> {
        serde_json::from_value(told[state]["first"].clone()).unwrap()
    };
    assert_eq!(first("before").len(), 20);
    assert_eq!(told["before"]["rest"], 25);
    assert_eq!(first("one"), [id(44)], "from the folded rows into view");
    assert_eq!(told["one"]["told"], "1 of 45 rows");
    assert_eq!((first("none").len(), &told["none"]["rest"]), (0, &0.into()));
    assert_eq!(told["after"], told["before"]);
    assert_eq!(first("down")[0], id(44), "of all rows");
    assert_eq!(told["sorted"], "descending");
}

/// Non-compliant nodes, as many as a test needs.
fn many(nodes: usize) -> String {
    let mut report = ComplianceReport::builder("Many", Timestamp::UNIX_EPOCH);
    for number in 0..nodes {
        let mut information = InstanceInformation::new(id(number));
        information.computer_name = Some(format!("node{number}.eu-central-1.compute.internal"));
        report.information(&information).node(&node(number, 1, 0));
    }
    report.build().to_html()
}
