//! The report's page in a browser: it sorts, fits a phone, follows the reader's colours, and asks
//! nobody for anything.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::PathBuf;
use std::process::Command;

use aws_patch_manager::PatchGroup;
use aws_patch_manager::compliance::{
    ComplianceReport, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
};
use aws_patch_manager::operation::PatchOperation;
use aws_patch_manager::types::InstanceInformation;
use jiff::Timestamp;

/// Clicks the second heading of the nodes twice, and writes down what came of it.
const PROBE: &str = r#"<script>
  const errors = [];
  addEventListener("error", (event) => errors.push(event.message));
  addEventListener("securitypolicyviolation", (event) => errors.push(event.violatedDirective));
  const table = [...document.querySelectorAll("table.sortable")].at(-1);
  const names = () => [...table.tBodies[0].rows].map((row) => row.cells[1].textContent).join(" ");
  const head = table.tHead.rows[0].cells[1];
  const button = head.querySelector("button");
  button.focus();
  const focused = document.activeElement === button;
  button.click();
  const up = [names(), head.getAttribute("aria-sort")];
  button.click();
  const down = [names(), head.getAttribute("aria-sort")];
  const root = document.documentElement;
  const told = { up, down, focused, errors, width: innerWidth, needed: root.scrollWidth,
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
        assert!(
            std::env::var("CI").is_err(),
            "CI needs a Chromium: name it in CHROMIUM"
        );
        eprintln!("there is no Chromium here: the page is not opened");
    }
    found
}

fn page() -> String {
    let mut report = ComplianceReport::builder("Production", Timestamp::UNIX_EPOCH);
    for (number, name) in ["node10", "node2", "node1"].into_iter().enumerate() {
        let id = format!("i-{number:017x}");
        let mut node = InstanceInformation::new(id.as_str());
        node.computer_name = Some(name.to_owned());
        node.platform_name = Some("Microsoft Windows Server 2022 Datacenter".to_owned());
        report.information(&node);
        let (group, at) = (PatchGroup::from_service("web"), Timestamp::UNIX_EPOCH);
        let mut state =
            InstancePatchState::new(id.as_str(), group, "pb-1", PatchOperation::Scan, at, at);
        state.missing_count = 1;
        report.node(&NodeCompliance::from(state));
    }
    report.patch(&PatchComplianceData::new("KB5034770", PatchState::Missing));
    report.build().to_html()
}

/// Opens the page with these options, and says what the probe wrote down.
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
    assert!(told["width"].as_i64() <= Some(500), "{told}");
    assert!(told["needed"].as_i64() <= told["width"].as_i64(), "{told}");
}

#[test]
fn the_page_is_light_or_dark_as_the_reader_has_it() {
    let Some(browser) = browser() else { return };
    let colour = |name, scheme| {
        let option = format!("--blink-settings=preferredColorScheme={scheme}");
        opened(&browser, name, &[&option])["colour"].clone()
    };
    // Chromium's numbers of the two schemes.
    assert_eq!(colour("dark", 0), "rgb(13, 17, 23)");
    assert_eq!(colour("light", 1), "rgb(255, 255, 255)");
}
