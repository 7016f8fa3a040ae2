//! The patch calendar: the runs of every mechanism and the approvals of every baseline, by day.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ops::Range;
use std::time::Duration;

use aws_patch_manager::backend::{MaintenanceWindowStore, Operation};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::plan::{MirrorPart, MirrorScope, PatchCalendar, ResourceKind};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::window::UpdateMaintenanceWindow;
use aws_patch_manager::types::{PatchOperation, Tag};
use aws_patch_manager::{BaselineBuilder, ErrorKind, MemoryBackend, PatchManager, PolicySchedule};
use jiff::Timestamp;
use support::accounts::{fleet, node_id};
use support::values::at;

const CATALOG: &str = r#"[
  {"KbNumber":"KB5000001","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-20T17:00:00Z","Title":"Old"},
  {"KbNumber":"KB5000002","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-28T17:00:00Z","Title":"<i>New</i>"},
  {"KbNumber":"KB5000003","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-29T17:00:00Z","Title":"Replaced"},
  {"KbNumber":"KB5000004","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Low","ReleaseDate":"2026-05-30T12:00:00Z","Title":"Unwanted","Supersedes":["KB5000003"]},
  {"Name":"openssl","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Critical","ReleaseDate":"2026-05-28T00:00:00Z","Title":"openssl"}
]"#;

fn june() -> Range<Timestamp> {
    at("2026-06-01T00:00:00Z")..at("2026-07-01T00:00:00Z")
}

/// An account on 31 May with a baseline whose delay is seven days, and no schedule.
async fn account() -> (MemoryBackend, PatchManager) {
    let account = MemoryBackend::builder()
        .start(at("2026-05-31T00:00:00Z"))
        .catalog_json(CATALOG)
        .unwrap()
        .fleet(fleet(vec![FleetNode::windows_server_2022(node_id(0))]))
        .build();
    let manager = PatchManager::from_memory(&account);
    let spec = BaselineBuilder::windows_critical_and_security("production", 7);
    manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    (account, manager)
}

fn policy(name: &str) -> PolicySchedule {
    PolicySchedule::new(name)
        .scan("cron(0 1 * * ? *)")
        .install("cron(0 2 ? * TUE#2 *)")
        .targets(PolicyTargets::Tag(Tag::new("Role", "web")))
}

/// An association that scans every hour.
async fn hourly(manager: &PatchManager, name: &str) {
    let associations = PolicySchedule::new(name)
        .scan("rate(1 hour)")
        .scan_at_once(true)
        .associations();
    for association in associations.unwrap() {
        manager.ensure_association(&association).await.unwrap();
    }
}

#[tokio::test]
async fn the_runs_of_every_mechanism_are_in_one_calendar_by_time() {
    let (_, manager) = account().await;
    let of_policy = policy("by-policy").patch_policy().unwrap();
    manager.ensure_policy(&of_policy).await.unwrap();
    for window in policy("by-window").maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
    for association in policy("by-association").associations().unwrap() {
        manager.ensure_association(&association).await.unwrap();
    }
    let calendar = manager.patch_calendar(june()).await.unwrap();
    let kinds = [
        ResourceKind::PatchPolicy,
        ResourceKind::MaintenanceWindow,
        ResourceKind::Association,
    ];
    for kind in kinds {
        for (operation, runs) in [(PatchOperation::Install, 1), (PatchOperation::Scan, 30)] {
            let mut schedules = calendar.schedules.iter();
            let found = schedules.find(|one| one.kind == kind && one.operation == operation);
            assert_eq!(found.unwrap().runs, runs, "{kind} {operation}: {calendar}");
        }
    }
    assert_eq!(calendar.runs.len(), 93);
    assert!(
        calendar
            .runs
            .windows(2)
            .all(|pair| pair[0].at <= pair[1].at)
    );
    let installs = calendar.runs.iter();
    let installs = installs
        .filter(|run| calendar.schedules[run.schedule].operation == PatchOperation::Install);
    let installs: Vec<Timestamp> = installs.map(|run| run.at).collect();
    assert_eq!(installs, [at("2026-06-09T02:00:00Z"); 3]);
    assert_eq!(
        calendar.schedules[0].operation,
        PatchOperation::Install,
        "first"
    );
    let text = calendar.to_string();
    let day = "\nTue 2026-06-09\n  01:00 Scan by patch policy by-policy\n";
    assert!(text.contains(day), "{text}");
}

#[tokio::test]
async fn an_approval_is_on_the_day_on_which_the_delay_ends() {
    let (_, manager) = account().await;
    let calendar = manager.patch_calendar(june()).await.unwrap();
    let own = calendar.approvals.iter();
    let own = own.filter(|one| one.baseline_name == "production");
    let approved: Vec<_> = own.map(|one| (one.patch.as_str(), one.at)).collect();
    // KB5000001 was approved in May, KB5000003 is superseded before its day, no rule takes KB5000004,
    // and openssl is of another system.
    assert_eq!(approved, [("KB5000002", at("2026-06-04T17:00:00Z"))]);
    let line = "17:00 production approves KB5000002 (Critical): <i>New</i>";
    assert!(calendar.to_string().contains(line), "{calendar}");
}

#[tokio::test]
async fn a_schedule_without_a_run_comes_first_and_says_why() {
    let (account, manager) = account().await;
    let daily = policy("daily").patch_policy().unwrap();
    manager.ensure_policy(&daily).await.unwrap();
    let later = PolicySchedule::new("a-day-in-may")
        .scan("cron(0 1 20 5 ? *)")
        .patch_policy();
    manager.ensure_policy(&later.unwrap()).await.unwrap();
    for window in policy("off").maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
    let windows = account
        .describe_maintenance_windows(Default::default())
        .await
        .unwrap();
    for window in windows.items {
        let id = window.window_id.unwrap();
        let mut disable = UpdateMaintenanceWindow::new(id);
        disable.enabled = Some(false);
        account.update_maintenance_window(disable).await.unwrap();
    }
    let calendar = manager.patch_calendar(june()).await.unwrap();
    let notes = calendar.schedules.iter();
    let notes: Vec<_> = notes.map(|one| (one.runs > 0, one.note.as_str())).collect();
    assert_eq!(
        notes,
        [
            (false, "it is disabled"),
            (false, "it does not run before the end"),
            (false, "it is disabled"),
            (true, ""),
            (true, ""),
        ]
    );
}

#[tokio::test]
async fn a_period_that_is_reversed_or_too_long_is_refused_before_any_call() {
    let (account, manager) = account().await;
    account.clear_calls();
    let start = at("2026-06-01T00:00:00Z");
    for end in ["2026-05-31T23:59:59Z", "2028-06-02T00:00:00Z"] {
        let error = manager.patch_calendar(start..at(end)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let violation = &error.violations()[0];
        assert_eq!(
            (violation.field.as_str(), violation.value.as_str()),
            ("Until", end)
        );
    }
    assert_eq!(account.calls(), [] as [Operation; 0]);
    let two_years = start..at("2028-06-01T00:00:00Z");
    assert!(manager.patch_calendar(two_years).await.is_ok());
    assert!(
        manager
            .patch_calendar(start..start)
            .await
            .unwrap()
            .runs
            .is_empty()
    );
}

#[tokio::test]
async fn a_calendar_of_too_many_runs_says_where_it_would_stop() {
    let (_, manager) = account().await;
    for number in 0..6 {
        hourly(&manager, &format!("hourly-{number}")).await;
    }
    let from = at("2026-06-01T00:00:00Z");
    let error = manager
        .patch_calendar(from..at("2028-06-01T00:00:00Z"))
        .await
        .unwrap_err();
    let legal = &error.violations()[0].legal;
    assert!(legal.contains("100000 runs"), "{legal}");
    let stop: Timestamp = legal
        .split_whitespace()
        .find_map(|word| word.trim_end_matches(':').parse().ok())
        .unwrap();
    let calendar = manager.patch_calendar(from..stop).await.unwrap();
    assert!(calendar.runs.len() <= 100_000 && calendar.runs.len() > 99_000);
    assert!(calendar.to_html().len() < 3_000_000);
}

#[tokio::test]
async fn what_was_not_read_is_in_every_form() {
    let (account, manager) = account().await;
    let whole = manager
        .mirror_snapshot(&MirrorScope::new().catalog())
        .await
        .unwrap();
    assert!(PatchCalendar::of(&whole, june()).unwrap().unread.is_empty());
    let part = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    let calendar = PatchCalendar::of(&part, june()).unwrap();
    assert_eq!(calendar.unread[0].part, MirrorPart::Catalog);
    let code = "AccessDeniedException";
    let faults = account.faults();
    faults.fail(
        Operation::DescribeMaintenanceWindows,
        ErrorKind::AccessDenied,
        code,
        "no",
    );
    let denied = manager.patch_calendar(june()).await.unwrap();
    assert_eq!(denied.unread[0].part, MirrorPart::Windows);
    for text in [
        denied.to_string(),
        denied.to_html(),
        denied.to_json().unwrap(),
    ] {
        assert!(text.contains("DescribeMaintenanceWindows"), "{text}");
    }
}

#[tokio::test]
async fn the_page_has_the_month_and_no_name_is_markup() {
    let (_, manager) = account().await;
    hourly(&manager, "all-day").await;
    let installs = policy("web").patch_policy().unwrap();
    manager.ensure_policy(&installs).await.unwrap();
    let mut calendar = manager.patch_calendar(june()).await.unwrap();
    let evil = "<i>evil</i>";
    for schedule in &mut calendar.schedules {
        schedule.note = evil.to_owned();
    }
    calendar.schedules[0].name = Some(evil.to_owned());
    calendar.approvals[0].baseline_name = evil.to_owned();
    let page = calendar.to_html();
    let headings: Vec<&str> = page
        .split("<h2 id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(
        headings,
        ["figures", "schedules", "june-2026", "approvals", "runs"]
    );
    let ninth = "data-weekday=\"Tue\">9</span>00:00 Scan: all-day-scan, 24 times<br>01:00 Scan: web\
                 <br>02:00 Install: &lt;i&gt;evil&lt;/i&gt;</td>";
    assert!(page.contains(ninth), "{page}");
    // By the account's own baseline, and by the default one of AWS.
    let fourth = "data-weekday=\"Thu\">4</span>00:00 Scan: all-day-scan, 24 times<br>01:00 Scan: web\
                  <br><span class=\"approved\">2 approvals</span></td>";
    assert!(page.contains(fourth), "{page}");
    assert!(page.contains("&lt;i&gt;New") && !page.contains("<i>"));
}

#[tokio::test]
async fn a_calendar_is_read_back_as_it_was_written() {
    let (account, manager) = account().await;
    let installs = policy("web").patch_policy().unwrap();
    manager.ensure_policy(&installs).await.unwrap();
    account.advance(Duration::from_secs(3600));
    let calendar = manager.patch_calendar(june()).await.unwrap();
    let json = calendar.to_json().unwrap();
    assert_eq!(PatchCalendar::from_json(&json).unwrap(), calendar);
    // One that names a schedule that it does not have is shown without that run.
    let mut short: serde_json::Value = serde_json::from_str(&json).unwrap();
    short["Runs"][0]["Schedule"] = 99.into();
    let short = short.to_string();
    let short = PatchCalendar::from_json(&short).unwrap();
    assert_ne!(short, calendar);
    assert!(!short.to_html().is_empty() && !short.to_string().is_empty());
    let error = PatchCalendar::from_json(r#"{"From": 0}"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
