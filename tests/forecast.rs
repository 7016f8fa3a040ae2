//! A forecast: what happens on a mirror whose clock is turned.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::backend::{AssociationStore, MaintenanceWindowStore, Operation};
use aws_patch_manager::memory::{FleetNode, InstalledPackage, NodeCondition};
use aws_patch_manager::operation::InvocationStatus;
use aws_patch_manager::plan::{
    Forecast, ForecastSchedule, MirrorScope, ShortWindow, UncoveredNode,
};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::schedule::association::{CreateAssociation, UpdateAssociation};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowTaskCutoffBehavior, MaintenanceWindowTaskType,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, NodeId, RebootOption, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, MemoryBackend, PatchManager, PatchRequest, PolicySchedule,
};
use jiff::Timestamp;
use serde_json::json;

use support::accounts::{fleet, node_id};

const START: &str = "2026-05-20T00:00:00Z";
const CATALOG: &str = r#"[
  {"KbNumber":"KB5000001","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-01T17:00:00Z","Title":"Old"},
  {"KbNumber":"KB5000002","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-05-19T17:00:00Z","Title":"New"},
  {"KbNumber":"KB5000003","Product":"WindowsServer2022","ProductFamily":"Windows","Classification":"SecurityUpdates","MsrcSeverity":"Low","ReleaseDate":"2026-05-01T17:00:00Z","Title":"Minor"}
]"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Windows nodes with the tag of their role, all scanned by a baseline with a delay of seven days.
async fn account(roles: &[&str]) -> (MemoryBackend, PatchManager) {
    let nodes = roles.iter().enumerate().map(|(number, role)| {
        FleetNode::windows_server_2022(node_id(number)).with_tag("Role", *role)
    });
    let account = MemoryBackend::builder()
        .start(at(START))
        .catalog_json(CATALOG)
        .unwrap()
        .fleet(fleet(nodes.collect()))
        .build();
    let manager = PatchManager::from_memory(&account);
    let spec = BaselineBuilder::windows_critical_and_security("windows", 7)
        .build()
        .unwrap();
    let baseline = manager.create_baseline(&spec).await.unwrap();
    manager.set_default_baseline(&baseline).await.unwrap();
    let nodes: Vec<NodeId> = (0..roles.len()).map(node_id).collect();
    let run = manager
        .run(&PatchRequest::scan().nodes(nodes))
        .await
        .unwrap();
    run.wait(Duration::from_secs(3600)).await.unwrap();
    (account, manager)
}

/// A window on the nodes of a role, with an install that runs on one node at a time.
async fn window(account: &MemoryBackend, role: &str, schedule: &str, cancels: bool) {
    let create = CreateMaintenanceWindow::new("nightly", schedule, 1, 0);
    let window = account.create_maintenance_window(create).await.unwrap();
    let targets = vec![Target::tag("Role", [role])];
    let target = RegisterTargetWithMaintenanceWindow::nodes(&window, targets);
    let target = account
        .register_target_with_maintenance_window(target)
        .await
        .unwrap();
    let kind = MaintenanceWindowTaskType::RunCommand;
    let mut task = RegisterTaskWithMaintenanceWindow::new(&window, kind, "AWS-RunPatchBaseline");
    task.targets = Some(vec![Target::new("WindowTargetIds", [target.as_str()])]);
    task.max_concurrency = Some(MaxConcurrency::Count(1));
    task.max_errors = Some(MaxErrors::Count(1));
    task.cutoff_behavior = cancels.then_some(MaintenanceWindowTaskCutoffBehavior::CancelTask);
    let run = json!({"RunCommand": {"Parameters": {"Operation": ["Install"]}}});
    task.task_invocation_parameters = serde_json::from_value(run).unwrap();
    account
        .register_task_with_maintenance_window(task)
        .await
        .unwrap();
}

fn policy(name: &str, role: &str) -> PolicySchedule {
    PolicySchedule::new(name)
        .scan("cron(0 1 * * ? *)")
        .targets(PolicyTargets::Tag(Tag::new("Role", role)))
        .reboot(RebootOption::RebootIfNeeded)
}

#[tokio::test]
async fn it_says_what_is_installed_when_and_what_reboots() {
    let (account, manager) = account(&["web"]).await;
    window(&account, "web", "cron(0 2 * * ? *)", false).await;
    account.clear_calls();
    let forecast = manager.forecast(at("2026-05-29T00:00:00Z")).await.unwrap();
    let installs: Vec<_> = forecast
        .installs
        .iter()
        .filter(|install| !install.installs.is_empty())
        .map(|install| {
            (
                install.started.unwrap().to_string(),
                install.installs.join(","),
            )
        })
        .collect();
    // The newer one is approved on 26 May at 17:00, after seven days; no rule approves the minor one.
    let expected = [
        ("2026-05-20T02:00:01Z", "KB5000001"),
        ("2026-05-27T02:00:01Z", "KB5000002"),
    ];
    assert_eq!(
        installs,
        expected.map(|(at, kb)| (at.to_owned(), kb.to_owned()))
    );
    assert_eq!(
        forecast.installs.iter().filter(|one| one.reboots).count(),
        2
    );
    assert_eq!(forecast.installs.len(), 9);
    assert_eq!(forecast.calendar().len(), 9);
    assert_eq!(
        forecast.report.totals.compliant + forecast.report.totals.non_compliant,
        1
    );
    assert!(forecast.uncovered.is_empty() && forecast.short_windows.is_empty());
    // The account itself was only read.
    let written = account.calls().into_iter();
    assert_eq!(
        written
            .filter(|call| *call == Operation::SendCommand)
            .count(),
        0
    );
}

#[tokio::test]
async fn a_window_is_too_short_if_its_work_is_cut_off_or_goes_on() {
    // An install of one patch takes four minutes: 20 nodes, one by one, do not fit into an hour.
    for cancels in [true, false] {
        let roles = vec!["web"; 20];
        let (account, manager) = account(&roles).await;
        window(&account, "web", "cron(0 2 ? * THU *)", cancels).await;
        let forecast = manager.forecast(at("2026-05-22T00:00:00Z")).await.unwrap();
        let [short] = forecast.short_windows.as_slice() else {
            panic!("{forecast}")
        };
        let ShortWindow {
            opens,
            closes,
            cancelled,
            late,
            ..
        } = short;
        assert_eq!(
            (*opens, *closes),
            (at("2026-05-21T02:00:00Z"), at("2026-05-21T03:00:00Z"))
        );
        let (behind, other) = if cancels {
            (cancelled, late)
        } else {
            (late, cancelled)
        };
        assert!((5..=6).contains(&behind.len()), "{short}");
        assert!(other.len() <= 1, "{short}");
        assert!(forecast.to_string().contains("Windows that are too short"));
    }
}

#[tokio::test]
async fn a_policy_for_units_is_named_if_nothing_shows_that_it_is_deployed_here() {
    let (account, manager) = account(&["web"]).await;
    let unit = "ou-abcd-12345678";
    let everywhere = policy("everywhere", "web").organizational_units([unit]);
    let everywhere = everywhere.patch_policy().unwrap();
    manager.ensure_policy(&everywhere).await.unwrap();
    account.advance(Duration::from_secs(600));
    let forecast = manager.forecast(at("2026-05-23T00:00:00Z")).await.unwrap();
    assert_eq!(forecast.possible_policies, ["everywhere"]);
    assert_eq!(forecast.uncovered.len(), 1);
    for text in [forecast.to_string(), forecast.to_html()] {
        assert!(
            text.contains("Without the patch policy everywhere"),
            "{text}"
        );
    }

    let (account, manager) = self::account(&["web"]).await;
    account.set_unit_accounts(unit, ["123456789012"]);
    manager.ensure_policy(&everywhere).await.unwrap();
    account.advance(Duration::from_secs(600));
    let forecast = manager.forecast(at("2026-05-23T00:00:00Z")).await.unwrap();
    assert!(forecast.possible_policies.is_empty());
    let by = vec![ForecastSchedule::PatchPolicy("everywhere".to_owned())];
    assert_eq!(forecast.uncovered[0].scanned_by, by);
}

#[tokio::test]
async fn a_node_without_installs_is_named_with_what_scans_it() {
    let (account, manager) = account(&["web", "desk", "none"]).await;
    window(&account, "web", "cron(0 2 * * ? *)", false).await;
    let scans = policy("scans", "desk").patch_policy().unwrap();
    manager.ensure_policy(&scans).await.unwrap();
    account.advance(Duration::from_secs(600));
    let forecast = manager.forecast(at("2026-05-23T00:00:00Z")).await.unwrap();
    let named = |node: &UncoveredNode| (node.node.clone(), node.scanned_by.clone());
    let uncovered: Vec<_> = forecast.uncovered.iter().map(named).collect();
    let by = vec![ForecastSchedule::PatchPolicy("scans".to_owned())];
    assert_eq!(uncovered, [(node_id(1), by), (node_id(2), vec![])]);
}

#[tokio::test]
async fn it_says_what_is_missing_at_the_end_and_why() {
    let (account, manager) = account(&["web", "none", "lost"]).await;
    for role in ["web", "lost"] {
        window(&account, role, "cron(0 2 ? * THU *)", false).await;
    }
    account
        .set_condition(&node_id(2), NodeCondition::Unreachable)
        .unwrap();
    let until = at("2026-05-27T00:00:00Z");
    let forecast = manager.forecast(until).await.unwrap();
    let why = |node: usize, kb: &str| {
        let of_node = forecast
            .missing
            .iter()
            .find(|one| one.node == node_id(node));
        let patches = of_node
            .map(|one| one.patches.as_slice())
            .unwrap_or_default();
        let patch = patches.iter().find(|one| one.patch == kb);
        patch.map(|one| (one.is_approved, one.why.clone()))
    };
    let cases = [
        (0, "KB5000001", None),
        (
            0,
            "KB5000002",
            Some((
                true,
                "the last install, of 2026-05-21T02:00:01Z, is before that",
            )),
        ),
        (0, "KB5000003", Some((false, "MSRC_SEVERITY"))),
        (
            1,
            "KB5000001",
            Some((true, "no schedule installs on this node")),
        ),
        (
            2,
            "KB5000001",
            Some((
                true,
                "the node is not reached by the install of 2026-05-21T02:00:00Z",
            )),
        ),
    ];
    for (node, kb, expected) in cases {
        let found = why(node, kb);
        match expected {
            None => assert_eq!(found, None, "{node} {kb}"),
            Some((approved, words)) => {
                let (is_approved, why) = found.unwrap_or_else(|| panic!("{node} {kb}: {forecast}"));
                assert_eq!(is_approved, approved, "{node} {kb}: {why}");
                assert!(why.contains(words), "{node} {kb}: {why}");
            }
        }
    }
    let lost = forecast
        .installs
        .iter()
        .find(|install| install.node == node_id(2))
        .unwrap();
    assert_eq!(
        (lost.started, lost.status.clone()),
        (None, InvocationStatus::TimedOut)
    );
}

/// Nothing is known of the packages of a node that never reported: it does not turn compliant.
#[tokio::test]
async fn a_node_that_never_reported_stays_unknown() {
    let (account, manager) = account(&["web"]).await;
    account.add_node(FleetNode::windows_server_2022(node_id(7)).with_tag("Role", "web"));
    window(&account, "web", "cron(0 2 * * ? *)", false).await;
    let forecast = manager.forecast(at("2026-05-23T00:00:00Z")).await.unwrap();
    assert_eq!(forecast.unknown, [node_id(7)]);
    assert_eq!(forecast.report.totals.unknown, 1);
    let text = forecast.to_string();
    assert!(text.contains("Nodes that never reported"));
    let mut of_node = forecast
        .installs
        .iter()
        .filter(|one| one.node == node_id(7));
    assert!(of_node.clone().count() > 0);
    assert!(of_node.all(|one| one.is_unknown && one.installs.is_empty()));
    assert!(!text.contains(&format!(
        "{} by the maintenance window nightly: installs nothing",
        node_id(7)
    )));
    assert!(text.contains("the node never reported what it lacks"));
}

/// A node on which everything was installed may still wait for a reboot.
#[tokio::test]
async fn a_node_that_does_not_comply_at_the_end_has_its_reason() {
    let (account, manager) = account(&["web"]).await;
    let policy = PolicySchedule::quick_setup_default("weekly").reboot(RebootOption::NoReboot);
    manager
        .ensure_policy(&policy.patch_policy().unwrap())
        .await
        .unwrap();
    drop(account);
    let forecast = manager.forecast(at("2026-05-29T00:00:00Z")).await.unwrap();
    let text = forecast.to_string();
    let line = format!("{} non-compliant: 1 missing, 1 pending reboot", node_id(0));
    assert!(text.contains(&line), "{text}");
    let page = forecast.to_html();
    assert!(page.contains("Not compliant at the end") && page.contains("1 pending reboot"));
}

#[tokio::test]
async fn a_forecast_until_an_instant_that_is_over_is_refused_before_any_call() {
    let (account, manager) = account(&["web"]).await;
    account.clear_calls();
    let until = at("2026-05-19T00:00:00Z");
    let error = manager.forecast(until).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "Until");
    assert_eq!(error.violations()[0].value, "2026-05-19T00:00:00Z");
    assert_eq!(account.calls(), [""; 0]);
    let error = Forecast::on(&account, until).await.unwrap_err();
    assert_eq!(error.violations()[0].field, "Until");
}

/// A change that a dry run makes is in the forecast for its mirror.
#[tokio::test]
async fn a_change_is_tried_before_it_is_made() {
    let (account, manager) = account(&["web"]).await;
    let until = at("2026-05-23T00:00:00Z");
    assert!(manager.forecast(until).await.unwrap().installs.is_empty());
    let scope = MirrorScope::new().patches().catalog();
    let dry = manager.dry_run_with(&scope).await.unwrap();
    let policy = policy("installs", "web")
        .install("cron(0 3 * * ? *)")
        .patch_policy()
        .unwrap();
    dry.manager().ensure_policy(&policy).await.unwrap();
    let forecast = Forecast::on(dry.mirror(), until).await.unwrap();
    assert_eq!(forecast.uncovered, []);
    assert!(!forecast.installs.is_empty());
    assert!(manager.forecast(until).await.unwrap().installs.is_empty());
    drop(account);
}

#[tokio::test]
async fn the_page_has_a_calendar_of_each_month_and_escapes_names() {
    let (account, manager) = account(&["web"]).await;
    let named = InstalledPackage::kb("KB5000009");
    account.add_node(FleetNode::windows_server_2022(node_id(3)).with_installed(named));
    window(&account, "web", "cron(0 2 * * ? *)", false).await;
    let policy = policy("installs", "web").patch_policy().unwrap();
    manager.ensure_policy(&policy).await.unwrap();
    let mut forecast = manager.forecast(at("2026-07-02T00:00:00Z")).await.unwrap();
    forecast.installs[0].schedule = ForecastSchedule::Association("<b>bold</b>".to_owned());
    let page = forecast.to_html();
    for month in ["May 2026", "June 2026", "July 2026"] {
        assert!(page.contains(&format!(">{month}</h2>")), "{month}");
    }
    assert!(page.contains("1 installs, 1 patches<br><span class=\"reboots\">1 reboots</span>"));
    assert!(page.contains("&lt;b&gt;bold&lt;/b&gt;") && !page.contains("<b>bold"));
    // From Wednesday the 20th to Thursday the 2nd: two weeks of May, five of June, one of July.
    let calendars = page.split("class=\"calendar\"").skip(1);
    let weeks = calendars.map(|month| month.split("</table>").next().unwrap());
    let weeks = weeks.map(|month| month.matches("<tr>").count() - 1);
    assert_eq!(weeks.collect::<Vec<_>>(), [2, 5, 1]);
    assert_eq!(
        page.matches("<table").count(),
        page.matches("</table>").count()
    );
    let json = serde_json::to_value(&forecast).unwrap();
    assert_eq!(json["Until"], "2026-07-02T00:00:00Z");
    assert!(json["Installs"][0]["Installs"].is_array());
}

/// A narrow screen shows the days one below the other, each with its weekday, and hides those without
/// an install.
#[tokio::test]
async fn the_calendar_has_what_a_narrow_screen_shows_of_each_day() {
    let (account, _) = account(&["web"]).await;
    window(&account, "web", "cron(0 2 ? * THU *)", false).await;
    let manager = PatchManager::from_memory(&account);
    let forecast = manager.forecast(at("2026-05-31T00:00:00Z")).await.unwrap();
    let page = forecast.to_html();
    let cells = page
        .split("<td")
        .filter_map(|cell| cell.split("</td>").next());
    let days = cells.filter(|day| day.contains("class=\"day\""));
    let (free, used): (Vec<_>, Vec<_>) = days.partition(|day| day.starts_with(" class=\"free\""));
    assert_eq!((free.len(), used.len()), (10, 2), "{page}");
    for (day, number) in used.iter().zip([21, 28]) {
        let shown = format!("data-weekday=\"Thu\">{number}</span>1 installs");
        assert!(day.contains(&shown), "{day}");
    }
    assert!(free.iter().all(|day| !day.contains("installs")));
    assert!(page.contains("table.calendar td.free { display: none; }"));
}

/// The names that AWS lets users choose come from people: none of them is markup in the page.
#[tokio::test]
async fn no_name_is_markup_in_the_page() {
    let mut roles = vec!["web"; 20];
    roles.push("bare");
    let (account, manager) = account(&roles).await;
    window(&account, "web", "cron(0 2 ? * THU *)", true).await;
    let mut forecast = manager.forecast(at("2026-05-22T00:00:00Z")).await.unwrap();
    let hostile = |place: &str| format!("<i>{place}</i>\"'&");
    let mut installs = forecast.installs.iter_mut();
    let install = installs.find(|install| install.started.is_some() && install.ended.is_some());
    let install = install.unwrap();
    install.node = hostile("node").into();
    install.schedule = ForecastSchedule::MaintenanceWindow(hostile("schedule"));
    install.installs = vec![hostile("patch")];
    install.fails = vec![hostile("fails")];
    install.error = hostile("error");
    let mut short = forecast.short_windows[0].clone();
    short.name = hostile("window");
    short.not_started = vec![hostile("task")];
    short.cancelled = vec![hostile("cancelled").into()];
    forecast.short_windows = vec![short];
    forecast.uncovered[0].node = hostile("uncovered").into();
    forecast.uncovered[0].scanned_by = vec![ForecastSchedule::Association(hostile("scan"))];
    let missing = &mut forecast.missing[0];
    missing.node = hostile("lacks").into();
    missing.patches[0].patch = hostile("lacked");
    missing.patches[0].title = hostile("title");
    missing.patches[0].why = hostile("why");
    forecast.unknown = vec![hostile("unknown").into()];
    let page = forecast.to_html();
    for place in [
        "node",
        "schedule",
        "patch",
        "fails",
        "error",
        "window",
        "task",
        "cancelled",
        "uncovered",
        "scan",
        "lacks",
        "lacked",
        "title",
        "why",
        "unknown",
    ] {
        assert!(
            page.contains(&format!("&lt;i&gt;{place}&lt;/i&gt;")),
            "{place}"
        );
    }
    assert!(!page.contains("<i>"));
}

/// The calendar has the months in which something happens, however far the end is.
#[tokio::test]
async fn the_page_of_a_distant_day_has_only_the_months_with_installs() {
    let (account, manager) = account(&["web"]).await;
    window(&account, "web", "at(2031-08-02T03:00:00)", false).await;
    let forecast = manager.forecast(at("9999-12-30T00:00:00Z")).await.unwrap();
    let page = forecast.to_html();
    let months = page.matches("class=\"calendar\"").count();
    assert_eq!((forecast.installs.len(), months), (1, 2));
    assert!(page.contains(">May 2026</h2>") && page.contains(">August 2031</h2>"));

    let mut forecast = forecast;
    let mut install = forecast.installs.remove(0);
    for month in 0..40 {
        install.started = Some(at(&format!(
            "{}-{:02}-02T00:00:00Z",
            2040 + month / 12,
            month % 12 + 1
        )));
        forecast.installs.push(install.clone());
    }
    let page = forecast.to_html();
    assert_eq!(page.matches("class=\"calendar\"").count(), 36);
    assert!(page.contains("5 later months with installs are left out."));
}

/// A policy copies its own baselines every hour: after the end of time there is no hour.
#[test]
fn a_forecast_until_the_end_of_time_ends() {
    let (ended, end) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let text = runtime.enable_all().build().unwrap().block_on(async {
            let start = Timestamp::MAX - jiff::SignedDuration::from_mins(150);
            let node = FleetNode::windows_server_2022(node_id(1));
            let account = MemoryBackend::builder()
                .start(start)
                .fleet(fleet(vec![node]))
                .build();
            let manager = PatchManager::from_memory(&account);
            let spec = BaselineBuilder::windows_critical_and_security("windows", 7);
            let spec = spec.build().unwrap();
            let baseline = manager.create_baseline(&spec).await.unwrap();
            let policy =
                policy("own", "web").baseline(spec.operating_system(), baseline, "windows");
            manager
                .ensure_policy(&policy.patch_policy().unwrap())
                .await
                .unwrap();
            let forecast = manager.forecast(Timestamp::MAX).await.unwrap();
            account.advance_to(Timestamp::MAX);
            manager.forecast(Timestamp::MAX).await.unwrap();
            forecast.to_string()
        });
        ended.send(text).unwrap();
    });
    let text = end.recv_timeout(Duration::from_secs(60));
    assert!(
        text.expect("it goes on for ever")
            .contains("Nothing is installed.")
    );
}

#[tokio::test]
async fn a_forecast_of_the_past_is_refused_before_any_call() {
    let (account, manager) = account(&["web"]).await;
    account.clear_calls();
    for until in [
        Timestamp::MIN,
        account.clock().now() - Duration::from_nanos(1),
    ] {
        let refused = manager.forecast(until).await.unwrap_err();
        assert_eq!(refused.violations()[0].field, "Until");
        let refused = Forecast::on(&account, until).await.unwrap_err();
        assert_eq!(refused.violations()[0].field, "Until");
    }
    assert!(account.calls().is_empty());
    let now = account.clock().now();
    let nothing = Forecast::on(&account, now).await.unwrap();
    assert!(nothing.installs.is_empty() && nothing.scans == 0);
}

/// It would go on for hours, and need the memory of all of them.
#[tokio::test]
async fn a_forecast_in_which_too_much_happens_is_refused() {
    let (account, manager) = account(&["web"]).await;
    for name in ["often", "as-often"] {
        let create = CreateMaintenanceWindow::new(name, "rate(5 minutes)", 1, 0);
        account.create_maintenance_window(create).await.unwrap();
    }
    let before = account.clock().now();
    let month = manager.forecast(at("2026-06-20T00:00:00Z")).await;
    assert!(month.is_ok());
    let refused = manager.forecast(Timestamp::MAX).await.unwrap_err();
    let violation = &refused.violations()[0];
    assert_eq!(violation.field, "Until");
    assert!(violation.legal.contains("202000 events"), "{refused}");
    // The account itself has not changed.
    assert_eq!(account.clock().now(), before);
}

#[tokio::test]
async fn a_document_that_does_not_patch_is_no_scan_and_covers_nothing() {
    let (account, manager) = account(&["web"]).await;
    account.add_document("Drain-Node");
    for document in ["AWS-UpdateSSMAgent", "Drain-Node"] {
        let targets = vec![Target::tag("Role", ["web"])];
        let mut create = CreateAssociation::new(document, targets);
        create.schedule_expression = Some("rate(1 day)".to_owned());
        account.create_association(create).await.unwrap();
    }
    let scope = MirrorScope::new().patches().catalog();
    let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
    let forecast = Forecast::of(&snapshot, at("2026-05-27T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!((forecast.scans, forecast.installs.len()), (0, 0));
    assert_eq!(forecast.uncovered[0].scanned_by, []);

    // A mirror knows the documents that the account uses, so a change of what runs them can be tried.
    let mirror = MemoryBackend::from_snapshot(&snapshot);
    for kept in &snapshot.associations {
        let mut change = UpdateAssociation::new(kept.association.association_id.clone().unwrap());
        change.name.clone_from(&kept.association.name);
        mirror.update_association(change).await.unwrap();
    }
}
