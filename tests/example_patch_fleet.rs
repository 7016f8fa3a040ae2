//! The tour is a real program: other input gives other, correct answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;
use support::accounts::id;

#[path = "../examples/patch_fleet/app/mod.rs"]
mod app;

use std::fs;
use std::path::Path;

use app::options::{HELP, Request, parse};
use serde_json::{Value, json};

fn read(args: &[&str]) -> Result<Request, String> {
    parse(args.iter().map(|arg| (*arg).to_owned()))
}

/// The program's output for these arguments.
async fn told(args: &[&str]) -> String {
    let Ok(Request::Run(scenario)) = read(args) else {
        panic!("{args:?} is no scenario");
    };
    let mut out = Vec::new();
    app::run(*scenario, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// The lines from one that begins with `from` to the first that begins with `to`.
fn section<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(from));
    lines
        .skip(1)
        .take_while(|line| !line.starts_with(to))
        .collect()
}

/// A node's row of the compliance report: verdict, installed, missing, failed, reboot, delay.
fn row<'t>(text: &'t str, node: &str) -> Vec<&'t str> {
    let report = section(text, "6. ", "7. ");
    let row = report
        .iter()
        .find(|line| line.split_whitespace().next() == Some(node));
    row.unwrap().split_whitespace().skip(1).take(6).collect()
}

/// The report about a node of a run that began then.
fn news<'t>(text: &'t str, run: &str, node: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| !line.contains(run)).skip(1);
    lines
        .take_while(|line| line.starts_with("      "))
        .filter(|line| line.split_whitespace().next() == Some(node))
        .map(|line| line.trim_start().trim_start_matches(node).trim_start())
        .collect()
}

#[tokio::test]
async fn what_is_past_the_delay_is_installed_and_what_is_inside_is_not_missed() {
    let text = told(&[]).await;
    let installed = news(&text, "Sun 2026-05-24 02:00  Install", "win-web-1");
    assert_eq!(installed, ["installed  KB5090017, KB5090023, KB5090032"]);
    let scanned = news(&text, "Sun 2026-05-24 01:00  Scan", "win-web-1");
    assert!(scanned.is_empty(), "{scanned:?}");
    assert_eq!(
        row(&text, "win-web-1"),
        ["compliant", "6", "0", "0", "0", "1"]
    );
    // expat's notice has no severity, so a rule without EnableNonSecurity leaves it out.
    assert_eq!(
        row(&text, "al-app-1"),
        ["compliant", "7", "0", "0", "0", "1"]
    );
    let waiting = section(&text, "  Released, but not counted", "end");
    let released = waiting.iter().find(|line| line.contains("KB5090033"));
    assert!(released.unwrap().contains("Tue 2026-05-19  Tue 2026-05-26"));
}

#[tokio::test]
async fn every_node_that_is_not_patched_is_told_with_the_reason() {
    let text = told(&[]).await;
    let why = |node: &str| {
        let report = section(&text, "6. ", "7. ");
        let found = report.iter().find(|line| line.contains(node));
        (*found.unwrap()).to_owned()
    };
    assert!(
        why("win-web-2").ends_with(
            "1 failed; KB5090031 failed: Windows Update could not install it (0x80070643)"
        )
    );
    assert!(why("win-db-1").ends_with("never scanned; its agent did not answer in time"));
    assert!(why("al-batch-1").ends_with("never scanned; its agent did not answer in time"));
    assert!(why("al-legacy-1").ends_with("never scanned; no run covers it"));
    let prerequisites = section(&text, "1. ", "2. ").join("\n");
    for finding in [
        "the instance is stopped",
        "has no endpoint for ssmmessages",
        "does not know the node",
        "6 of 9 nodes can be patched",
    ] {
        assert!(prerequisites.contains(finding), "{finding}");
    }
}

#[tokio::test]
async fn a_node_that_shows_its_tags_gets_the_key_without_a_space() {
    let text = told(&["--days", "1"]).await;
    let tagging = section(&text, "3. ", "4. ").join("\n");
    assert!(tagging.contains("al-app-1     PatchGroup = production   tagged"));
    assert!(tagging.contains("al-app-2     Patch Group = production  tagged"));
}

#[tokio::test]
async fn a_clock_that_ends_earlier_leaves_patches_inside_the_delay() {
    let text = told(&["--start", "2026-05-07"]).await;
    let installed = news(&text, "Sun 2026-05-17 02:00  Install", "win-web-1");
    assert!(installed.is_empty(), "{installed:?}");
    assert_eq!(
        row(&text, "win-web-1"),
        ["compliant", "5", "0", "0", "0", "3"]
    );
    let waiting = section(&text, "  Released, but not counted", "end").join("\n");
    assert!(
        waiting.contains("KB5090017  Tue 2026-05-12  Tue 2026-05-19"),
        "{waiting}"
    );
}

#[tokio::test]
async fn a_clock_that_ends_before_sunday_only_finds_what_is_missing() {
    let text = told(&["--days=2"]).await;
    assert!(!text.contains("02:00  Install"));
    assert_eq!(
        row(&text, "win-web-1"),
        ["non-compliant", "2", "1", "0", "0", "2"]
    );
}

#[tokio::test]
async fn a_clock_that_ends_right_after_an_install_says_failed_rather_than_missing() {
    let text = told(&["--start", "2026-05-13", "--days", "5"]).await;
    assert_eq!(
        row(&text, "win-web-2"),
        ["non-compliant", "2", "0", "1", "0", "3"]
    );
}

fn windows_node(number: usize, failing: &[&str]) -> Value {
    json!({
        "InstanceInformation": {
            "InstanceId": id(number),
            "PingStatus": "Online",
            "AgentVersion": "3.3.3050.0",
            "PlatformType": "Windows",
            "PlatformName": "Microsoft Windows Server 2022 Datacenter",
            "ComputerName": format!("node-{number}"),
        },
        "OperatingSystem": "WINDOWS",
        "Product": "WindowsServer2022",
        "Instance": { "InstanceId": id(number) },
        "FailingPatches": failing,
    })
}

fn update(kb: &str, released: &str) -> Value {
    json!({
        "Id": kb,
        "KbNumber": kb,
        "ReleaseDate": released,
        "Product": "WindowsServer2022",
        "Classification": "SecurityUpdates",
        "MsrcSeverity": "Critical",
    })
}

fn fleet_file(name: &str, fleet: &Value) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, fleet.to_string()).unwrap();
    file.into_os_string().into_string().unwrap()
}

#[tokio::test]
async fn a_fleet_of_ones_own_is_patched_by_its_own_catalog() {
    let fleet = json!({
        "Nodes": [windows_node(1, &[]), windows_node(2, &["KB1"])],
        "Patches": [
            update("KB1", "2026-05-16T23:00:00Z"),
            update("KB2", "2026-05-17T23:00:00Z"),
            update("KB3", "2026-05-19T00:00:00Z"),
        ],
    });
    let file = fleet_file("own-catalog.json", &fleet);
    let text = told(&["--fleet", &file, "--days", "12"]).await;

    // Seven days to the instant: KB1 is approved hours before the install, KB2 late on Sunday, KB3 on Tuesday.
    let sunday = "Sun 2026-05-24 02:00  Install";
    assert_eq!(news(&text, sunday, "node-1"), ["installed  KB1"]);
    assert_eq!(
        row(&text, "node-1"),
        ["non-compliant", "1", "1", "0", "0", "1"]
    );
    let failed = news(&text, sunday, "node-2");
    assert!(
        failed.len() == 1 && failed[0].starts_with("failed     KB1 failed"),
        "{failed:?}"
    );
    assert_eq!(
        row(&text, "node-2"),
        ["non-compliant", "0", "2", "0", "0", "1"]
    );
}

#[tokio::test]
async fn a_fleet_without_nodes_is_told_as_such() {
    let file = fleet_file("no-nodes.json", &json!({ "Nodes": [] }));
    let text = told(&["--fleet", &file]).await;
    assert!(text.starts_with("0 nodes from "));
    assert!(text.ends_with("no node has reported yet\n"), "{text}");
}

#[test]
fn bad_arguments_are_refused_with_what_is_legal() {
    for (args, complaint) in [
        (
            &["--days", "0"][..],
            "--days takes a whole number from 1 to 366, not `0`",
        ),
        (
            &["--days=367"],
            "--days takes a whole number from 1 to 366, not `367`",
        ),
        (
            &["--days", "soon"],
            "--days takes a whole number from 1 to 366, not `soon`",
        ),
        (
            &["--start", "2026-02-30"],
            "--start takes a date such as 2026-05-14, not `2026-02-30`",
        ),
        (&["--start"], "--start needs a value; --help shows which"),
        (
            &["--begin", "now"],
            "unknown argument `--begin`; --help lists the options",
        ),
        (
            &["today"],
            "unknown argument `today`; --help lists the options",
        ),
        (
            &["--fleet", "/no/such/file"],
            "/no/such/file: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(read(args).unwrap_err(), complaint);
    }
    let broken = fleet_file("broken.json", &json!({ "Nodes": [{}] }));
    let complaint = read(&["--fleet", &broken]).unwrap_err();
    assert!(
        complaint.contains("missing field `InstanceInformation`"),
        "{complaint}"
    );
    assert!(complaint.contains("line 1"), "{complaint}");
}

#[test]
fn help_names_every_option() {
    assert!(matches!(
        read(&["--days", "3", "--help"]),
        Ok(Request::Help)
    ));
    for option in ["--start DATE", "--days N", "--fleet FILE", "--help"] {
        assert!(HELP.contains(option), "{option}");
    }
}

/// A reader that stops after this many lines.
struct Head(usize);

impl std::io::Write for Head {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        self.0 = self
            .0
            .checked_sub(lines)
            .ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_who_leaves_stops_the_program_wherever_it_is() {
    for lines in [1, 20, 60] {
        let Ok(Request::Run(scenario)) = read(&[]) else {
            panic!("no scenario");
        };
        let stopped = app::run(*scenario, &mut Head(lines)).await.unwrap_err();
        assert!(app::is_closed_pipe(&*stopped), "{stopped}");
    }
}
