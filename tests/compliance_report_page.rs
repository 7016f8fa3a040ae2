//! The report's page in a browser: it sorts, fits a phone, follows the reader's colour scheme, and
//! makes no request.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::path::PathBuf;
use std::process::Command;

use aws_patch_manager::PatchGroup;
use aws_patch_manager::compliance::{
    ComplianceReport, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
};
use aws_patch_manager::types::{InstanceInformation, PatchOperation};
use jiff::{SignedDuration, Timestamp};
use support::accounts::id;
use support::environment;

/// Clicks the second heading of the nodes twice, opens folded parts, and records the result and
/// what assistive technology would find.
const PROBE: &str = r#"<script>
  const errors = [];
  addEventListener("error", (event) => errors.push(event.message));
  addEventListener("securitypolicyviolation", (event) => errors.push(event.violatedDirective));
  const table = [...document.querySelectorAll("table.sortable")].at(-1);
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
  const contrasts = all("h1, h2, p, dt, dd, th, td, summary, pre").map((element) => {
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
  const wide = all("main > *, main > details > *").filter((element) => right(element) > 390);
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

/// The browser, by `CHROMIUM` or by its usual names.
fn browser() -> Option<String> {
    let named = std::env::var("CHROMIUM").ok();
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
    let found = named.into_iter().chain(usual).find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|answer| answer.status.success())
    });
    if found.is_none() {
        environment::cannot_check("the page: there is no Chromium, or CHROMIUM does not name it");
    }
    found
}

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

/// Opens the page with these options, and returns what the probe recorded.
fn opened(browser: &str, name: &str, options: &[&str]) -> serde_json::Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{name}.html"));
    std::fs::write(&file, page().replace("</body>", &format!("{PROBE}</body>"))).unwrap();
    let profile = folder.join(format!("{name}-profile"));
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args(["--disable-sync", "--disable-quic", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(options)
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    let told = page
        .split("data-told=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let told = told.unwrap_or_else(|| panic!("the probe wrote nothing: {page}"));
    serde_json::from_str(&told.replace("&quot;", "\"")).unwrap()
}

#[test]
fn the_page_sorts_fits_a_phone_and_asks_nobody() {
    let Some(browser) = browser() else { return };
    let told = opened(&browser, "phone", &["--window-size=390,844"]);
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
        "the numbers of the course, the error and the patches open by keyboard"
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
    let Some(browser) = browser() else { return };
    let colour = |name, scheme| {
        let option = format!("--blink-settings=preferredColorScheme={scheme}");
        let told = opened(&browser, name, &[&option]);
        // The contrast that WCAG 2 requires of text at level AA.
        let contrast = told["contrast"].as_f64().unwrap();
        assert!(contrast >= 4.5, "{name}: {contrast}");
        told["colour"].clone()
    };
    // Chromium's numbers of the two schemes.
    assert_eq!(colour("dark", 0), "rgb(13, 17, 23)");
    assert_eq!(colour("light", 1), "rgb(255, 255, 255)");
}
