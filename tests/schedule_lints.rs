//! What may surprise in a set of schedules, and the calendar that shows it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use aws_patch_manager::plan::{DesiredState, Plan, PlanOptions};
use aws_patch_manager::schedule::{
    PatchPolicy, PlannedRun, PolicyTargets, Recurrence, ScheduleLint, SchedulePreview, lint,
};
use aws_patch_manager::types::{OperatingSystem, PatchOperation, Tag};
use aws_patch_manager::{
    BaselineBuilder, MemoryBackend, PatchManager, PolicySchedule, RuleBuilder, ScheduleExpression,
};
use futures_util::TryStreamExt;
use jiff::SignedDuration;
use support::values::at;

/// A Thursday.
const AFTER: &str = "2026-01-01T00:00:00Z";

fn recurrence(schedule: &str) -> Recurrence {
    Recurrence::new(ScheduleExpression::parse(schedule).unwrap())
}

fn scan(schedule: &str) -> PlannedRun {
    PlannedRun::new("scan", PatchOperation::Scan, recurrence(schedule))
}

fn install(schedule: &str) -> PlannedRun {
    PlannedRun::new("install", PatchOperation::Install, recurrence(schedule))
}

fn open_for(mut run: PlannedRun, hours: i64) -> PlannedRun {
    run.duration = Some(SignedDuration::from_hours(hours));
    run
}

fn ended(mut run: PlannedRun) -> PlannedRun {
    run.recurrence = run.recurrence.ending(at("2020-06-01T00:00:00Z"));
    run
}

/// What was found, in short.
fn found(runs: &[PlannedRun]) -> Vec<String> {
    let told = |lint: &ScheduleLint| match lint {
        ScheduleLint::ScanMeetsInstall { first, .. } => format!("meet {first}"),
        ScheduleLint::InstallBeforeScan { first, scan, .. } => match scan {
            Some(scan) => format!("install {first} before scan {scan}"),
            None => format!("install {first} without scan"),
        },
        ScheduleLint::InstallsAtOnce { .. } => "at once".to_owned(),
        ScheduleLint::NothingStarts { .. } => "nothing starts".to_owned(),
        ScheduleLint::SkipsMonths { schedule, .. } => format!("skips {schedule}"),
        ScheduleLint::NeverFires { schedule, .. } => format!("never {schedule}"),
        ScheduleLint::FiresNoMore { schedule, .. } => format!("no more {schedule}"),
        ScheduleLint::Ended { end, .. } => format!("ended {end}"),
        ScheduleLint::LeapDay { schedule, next, .. } => format!("leap day {schedule}, next {next}"),
        ScheduleLint::RunsMeet { first, .. } => format!("both {first}"),
        ScheduleLint::EndsWithSunday { schedule, .. } => format!("to Sunday {schedule}"),
        other => other.to_string(),
    };
    lint(runs, at(AFTER)).iter().map(told).collect()
}

#[test]
fn what_surprises_is_found_and_what_does_not_is_left_alone() {
    const DAILY: &str = "cron(0 0 ? * * *)";
    const SUNDAY: &str = "cron(0 0 ? * SUN *)";
    let cases: Vec<(Vec<PlannedRun>, &[&str])> = vec![
        (
            vec![scan("cron(0 4 ? * mon-sun *)")],
            &["to Sunday cron(0 4 ? * MON-SUN *)"],
        ),
        (vec![scan("cron(0 4 ? * SUN-SAT *)")], &[]),
        (
            vec![scan(DAILY), install(SUNDAY)],
            &["meet 2026-01-04T00:00:00Z"],
        ),
        (vec![scan("cron(0 0 ? * MON-SAT *)"), install(SUNDAY)], &[]),
        (vec![scan("cron(0 1 ? * * *)"), install(SUNDAY)], &[]),
        // "Within 2 minutes of one another" (User Guide, patch-manager-troubleshooting).
        (
            vec![scan("cron(2 0 ? * * *)"), install(SUNDAY)],
            &["meet 2026-01-04T00:00:00Z"],
        ),
        (
            vec![scan("cron(58 23 ? * * *)"), install(SUNDAY)],
            &["meet 2026-01-04T00:00:00Z"],
        ),
        (vec![scan("cron(3 0 ? * * *)"), install(SUNDAY)], &[]),
        // The scan an hour later begins while the window of the install is open, and the other way.
        (
            vec![scan("cron(0 1 ? * * *)"), open_for(install(SUNDAY), 3)],
            &["meet 2026-01-04T00:00:00Z"],
        ),
        (
            vec![open_for(scan("cron(0 22 ? * * *)"), 3), install(SUNDAY)],
            &["meet 2026-01-04T00:00:00Z"],
        ),
        // A window that closes as the other opens does not overlap.
        (
            vec![open_for(scan("cron(0 22 ? * * *)"), 2), install(SUNDAY)],
            &[],
        ),
        // The 29th of February is a Sunday in 2032 for the first time.
        (
            vec![scan("cron(0 0 29 2 ? *)"), install(SUNDAY)],
            &[
                "leap day cron(0 0 29 2 ? *), next 2028-02-29T00:00:00Z",
                "install 2026-01-04T00:00:00Z before scan 2028-02-29T00:00:00Z",
                "meet 2032-02-29T00:00:00Z",
            ],
        ),
        (
            vec![scan("cron(0 0 ? * FRI *)"), install("cron(0 0 ? * THU *)")],
            &[],
        ),
        (
            vec![scan("cron(0 0 ? * THU *)"), install("cron(0 0 ? * FRI *)")],
            &["install 2026-01-02T00:00:00Z before scan 2026-01-08T00:00:00Z"],
        ),
        (
            vec![install(SUNDAY)],
            &["install 2026-01-04T00:00:00Z without scan"],
        ),
        (
            vec![scan("cron(0 0 29 2,3 ? *)")],
            &["skips cron(0 0 29 2,3 ? *)"],
        ),
        (vec![ended(scan(DAILY))], &["ended 2020-06-01T00:00:00Z"]),
        (
            vec![scan("at(2020-06-01T00:00:00)")],
            &["no more at(2020-06-01T00:00:00)"],
        ),
        (
            vec![scan(DAILY), scan("cron(1 0 ? * SUN *)")],
            &["both 2026-01-04T00:00:00Z"],
        ),
        (
            vec![
                scan(DAILY),
                install("cron(0 6 ? * FRI *)"),
                open_for(install("cron(0 5 ? * FRI *)"), 3),
            ],
            &["both 2026-01-02T06:00:00Z"],
        ),
        (
            vec![scan("cron(0 0 30 2 ? *)")],
            &["never cron(0 0 30 2 ? *)"],
        ),
        (
            vec![scan("cron(0 0 31 * ? *)")],
            &["skips cron(0 0 31 * ? *)"],
        ),
        (
            vec![scan("cron(0 0 30 * ? *)")],
            &["skips cron(0 0 30 * ? *)"],
        ),
        (
            vec![scan("cron(0 0 29W * ? *)")],
            &["skips cron(0 0 29W * ? *)"],
        ),
        (
            vec![scan("cron(0 0 ? * FRI#5 *)")],
            &["skips cron(0 0 ? * FRI#5 *)"],
        ),
        (vec![scan("cron(0 0 31 1,3,12 ? *)")], &[]),
        (vec![scan("cron(0 0 1,31 * ? *)")], &[]),
        (vec![scan("cron(0 0 L * ? *)")], &[]),
        (vec![scan("cron(0 0 ? * FRI#4 *)")], &[]),
    ];
    for (runs, expected) in cases {
        let schedules: Vec<_> = runs
            .iter()
            .map(|run| run.recurrence.expression().to_string())
            .collect();
        assert_eq!(found(&runs), expected, "{schedules:?}");
    }
}

#[test]
fn a_scan_at_once_comes_before_any_install_and_an_install_at_once_is_told() {
    let mut first = scan("cron(0 0 ? * WED *)");
    first.at_once = true;
    assert_eq!(
        found(&[first.clone(), install("cron(0 0 ? * FRI *)")]),
        [""; 0]
    );
    let mut now = install("cron(0 0 ? * FRI *)");
    now.at_once = true;
    assert_eq!(found(&[first, now]), ["at once"]);
}

#[test]
fn a_window_that_is_all_cutoff_lets_nothing_start() {
    let mut run = open_for(scan("cron(0 0 ? * * *)"), 2);
    run.cutoff = SignedDuration::from_hours(2);
    assert_eq!(found(std::slice::from_ref(&run)), ["nothing starts"]);
    run.cutoff = SignedDuration::from_hours(1);
    assert_eq!(found(&[run]), [""; 0]);
}

#[test]
fn every_lint_explains_itself() {
    let mut closed = open_for(install("cron(0 0 31 * ? *)"), 1);
    closed.cutoff = SignedDuration::from_hours(1);
    closed.at_once = true;
    let runs = [
        closed,
        scan("cron(0 0 30 2 ? *)"),
        scan("cron(0 0 31 * ? *)"),
    ];
    let told: Vec<_> = lint(&runs, at(AFTER))
        .iter()
        .map(ToString::to_string)
        .collect();
    for part in [
        "patched now",
        "cut off 1 h before its end",
        "so it skips some months",
        "never fires",
        "first at 2026-01-31T00:00:00Z",
    ] {
        assert!(
            told.iter().any(|told| told.contains(part)),
            "{part} of {told:?}"
        );
    }
}

#[test]
fn a_policy_is_linted_and_an_unreadable_one_too() {
    let policy = PolicySchedule::daily_scan_weekly_install("fleet")
        .patch_policy()
        .unwrap();
    let lints = policy.lints(at(AFTER));
    assert!(
        matches!(&lints[..], [ScheduleLint::ScanMeetsInstall { scan, install, .. }]
        if scan == "fleet (Scan)" && install == "fleet (Install)")
    );
    let unreadable = PatchPolicy::new("p", "every day").lints(at(AFTER));
    let schedule = "every day".to_owned();
    assert_eq!(unreadable, [ScheduleLint::Unreadable { schedule }]);
}

#[test]
fn windows_and_associations_plan_runs_with_their_bounds() {
    let schedule = PolicySchedule::daily_scan_weekly_install("web")
        .duration_hours(4)
        .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")));
    let windows = schedule.clone().cutoff_hours(2).time_zone("Asia/Tokyo");
    let windows = windows.maintenance_windows().unwrap();
    let run = windows[1].planned_runs().unwrap().remove(0);
    assert_eq!(run.operation, PatchOperation::Install);
    assert_eq!(run.duration, Some(SignedDuration::from_hours(4)));
    assert_eq!(run.cutoff, SignedDuration::from_hours(2));
    // Midnight in Tokyo is 15:00 UTC of the day before.
    assert_eq!(
        run.recurrence.next_after(at(AFTER)),
        Some(at("2026-01-03T15:00:00Z"))
    );
    let associations = schedule.associations().unwrap();
    let run = associations[1].planned_run().unwrap().unwrap();
    assert_eq!((run.name.as_str(), run.at_once), ("web-install", false));
    assert_eq!(run.duration, Some(SignedDuration::from_hours(4)));
}

#[test]
fn a_preview_shows_weeks_in_the_zone_that_is_asked_for() {
    let runs = [
        open_for(scan("cron(0 1 ? * * *)"), 1),
        install("cron(30 2 ? * SUN *)"),
    ];
    let from = at("2026-03-25T12:00:00Z");
    let preview = SchedulePreview::new(&runs, from, "Europe/Berlin")
        .unwrap()
        .weeks(2);
    // The clock changes on Sunday the 29th.
    let expected = "\
Europe/Berlin
  a  scan: Scan by cron(0 1 ? * * *)
  b  install: Install by cron(30 2 ? * SUN *)
            Mon         Tue         Wed         Thu         Fri         Sat         Sun
2026-03-23  23 Mar      24 Mar      25 Mar      26 Mar      27 Mar      28 Mar      29 Mar
                                                a 02:00     a 02:00     a 02:00     a 03:00
                                                                                    b 04:30
2026-03-30  30 Mar      31 Mar      1 Apr       2 Apr       3 Apr       4 Apr       5 Apr
            a 03:00     a 03:00     a 03:00     a 03:00     a 03:00     a 03:00     a 03:00
                                                                                    b 04:30
";
    assert_eq!(preview.to_string(), expected.trim_end());
    // The zone without a name has a name.
    for zone in ["Mars/Olympus", "Etc/Unknown"] {
        let error = SchedulePreview::new(&runs, from, zone).unwrap_err();
        assert_eq!(error.violations()[0].field, "zone");
        assert_eq!(error.violations()[0].value, zone);
    }
}

#[test]
fn a_run_of_any_duration_is_looked_at() {
    for duration in [SignedDuration::MIN, SignedDuration::MAX] {
        let mut runs = [scan("rate(1 day)"), install("rate(2 days)")];
        for run in &mut runs {
            run.duration = Some(duration);
        }
        let surprises = !found(&runs).is_empty();
        assert!(surprises, "{duration:?}");
    }
}

#[test]
fn a_crowded_day_says_how_many_more_there_are() {
    let runs = [scan("cron(0 * ? * * *)")];
    let preview = SchedulePreview::new(&runs, at("2026-03-23T00:00:00Z"), "UTC").unwrap();
    let text = preview.weeks(1).to_string();
    let lines: Vec<_> = text
        .lines()
        .skip(4)
        .map(|line| line[12..22].trim())
        .collect();
    assert_eq!(lines, ["a 00:00", "a 01:00", "a 02:00", "+21 more"]);
}

#[test]
fn a_policy_says_which_systems_it_selects_no_baseline_for() {
    for selected in 0..=OperatingSystem::KNOWN.len() {
        let mut policy = PolicySchedule::new("all").scan_daily_at(0, 0);
        for system in &OperatingSystem::KNOWN[..selected] {
            policy = policy.baseline(system.clone(), "pb-0123456789abcdef0", system.as_str());
        }
        let lints = policy.patch_policy().unwrap().lints(at(AFTER));
        let without: Vec<_> = match selected {
            // AWS's defaults.
            0 => Vec::new(),
            _ => OperatingSystem::KNOWN[selected..].to_vec(),
        };
        let without: Vec<_> = without.iter().map(ToString::to_string).collect();
        let named = lints.iter().find_map(|lint| match lint {
            ScheduleLint::SystemsWithoutBaseline { systems, .. } => Some((systems, lint)),
            _ => None,
        });
        let Some((systems, lint)) = named else {
            assert!(without.is_empty(), "{selected}: {lints:?}");
            continue;
        };
        assert_eq!(*systems, without);
        let text = lint.to_string();
        for part in [
            "all selects no baseline for",
            "exit code 163",
            &without.join(", "),
        ] {
            assert!(text.contains(part), "{part} of {text}");
        }
    }
}

// User Guide, reference-cron-and-rate-expressions: what State Manager lists for associations, which a
// policy is deployed as.
#[test]
fn a_policy_with_a_cron_that_state_manager_does_not_list_is_named() {
    let named = |scan: &str| {
        let policy = PolicySchedule::new("fleet")
            .scan(scan)
            .patch_policy()
            .unwrap();
        let lints = policy.lints(at(AFTER));
        let mut lints = lints.iter();
        lints.any(|lint| matches!(lint, ScheduleLint::NotForAssociations { schedule, .. } if schedule == scan))
    };
    for scan in [
        "cron(0 2 ? JAN SAT#1 *)",
        "cron(0 2 1 * ? *)",
        "cron(0 2 L * ? *)",
        "cron(0 2 ? * MON-FRI *)",
        "cron(0/15 * ? * * *)",
        "cron(0 2 ? * SUN 2027)",
    ] {
        assert!(named(scan), "{scan}");
    }
    for scan in [
        "cron(0 1 * * ? *)",
        "cron(0 2 ? * SUN *)",
        "cron(0 2 ? * SAT#1 *)",
    ] {
        assert!(!named(scan), "{scan}");
    }
}

// Quick Setup's console proposes 01:00 and 02:00 (User Guide, quick-setup-patch-manager).
#[test]
fn the_default_of_quick_setup_keeps_scan_and_install_apart() {
    let of = |schedule: PolicySchedule| schedule.patch_policy().unwrap().lints(at(AFTER));
    assert_eq!(of(PolicySchedule::quick_setup_default("fleet")), []);
    let midnight = of(PolicySchedule::daily_scan_weekly_install("fleet"));
    let told = midnight[0].to_string();
    assert!(
        told.contains("may both fail") && told.contains("01:00"),
        "{told}"
    );
}

/// A schedule whose scan and install begin at the same minute each Sunday, by each mechanism.
fn at_one_minute() -> PolicySchedule {
    PolicySchedule::daily_scan_weekly_install("all")
        .targets(PolicyTargets::Tag(Tag::new("Role", "web")))
}

#[tokio::test]
async fn what_a_verb_made_comes_with_its_warnings() {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let policy = at_one_minute().patch_policy().unwrap();
    for _ in 0..2 {
        let ensured = manager.ensure_policy(&policy).await.unwrap();
        assert_eq!(ensured.warnings, policy.lints(account.clock().now()));
        let warned = ensured.to_string();
        assert!(
            warned.contains("\nwarning: all (Scan) and all (Install) overlap"),
            "{warned}"
        );
    }

    let over = at_one_minute().ending(at("2020-06-01T00:00:00Z"));
    for window in over.maintenance_windows().unwrap() {
        let ensured = manager.ensure_maintenance_window(&window).await.unwrap();
        assert!(
            matches!(ensured.warnings[..], [ScheduleLint::Ended { .. }]),
            "{ensured}"
        );
    }

    let past = PolicySchedule::new("past").scan("at(2020-06-01T00:00:00)");
    for association in past.scan_only().associations().unwrap() {
        let ensured = manager.ensure_association(&association).await.unwrap();
        assert!(
            matches!(ensured.warnings[..], [ScheduleLint::FiresNoMore { .. }]),
            "{ensured}"
        );
    }

    let spec = BaselineBuilder::new("windows-2031", OperatingSystem::Windows)
        .rule(
            RuleBuilder::new()
                .products(["WindowsServer2031"])
                .approve_after_days(7),
        )
        .build()
        .unwrap();
    let ensured = manager.ensure_baseline(&spec).await.unwrap();
    assert_eq!(ensured.warnings, spec.warnings());
    assert_eq!(ensured.warnings.len(), 1);
}

#[tokio::test]
async fn a_plan_has_the_warnings_of_what_it_ensures_whether_or_not_it_changes() {
    let manager = PatchManager::in_memory();
    let policy = at_one_minute().patch_policy().unwrap();
    let desired = DesiredState::builder("web")
        .patch_policy(policy)
        .build()
        .unwrap();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    let of_policy = |plan: &Plan| {
        let warnings = plan.warnings.clone();
        assert_eq!(plan.notes, <[&str; 0]>::default());
        assert!(
            warnings[0].starts_with("patch policy all: all (Scan) and all (Install) overlap"),
            "{plan}"
        );
        assert!(plan.to_string().contains("\nWarning: patch policy all: "));
        warnings
    };
    let warnings = of_policy(&plan);
    manager.apply(&plan).try_collect::<Vec<_>>().await.unwrap();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    assert!(plan.is_empty());
    assert_eq!(of_policy(&plan), warnings);
}

#[tokio::test]
async fn a_plan_does_not_get_stale_because_a_warning_changes_with_time() {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    let desired = DesiredState::builder("web")
        .patch_policy(at_one_minute().patch_policy().unwrap())
        .build()
        .unwrap();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    account.advance(Duration::from_secs(30 * 24 * 3600));
    let later = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    assert_ne!(plan.warnings, later.warnings, "they name the first meeting");
    manager.apply(&plan).try_collect::<Vec<_>>().await.unwrap();
}

#[test]
fn a_form_that_state_manager_does_not_list_is_named_by_field_value_and_what_is_legal() {
    for (scan, legal) in [
        (
            "cron(0 2 1 * ? *)",
            "its day of month is `1`, and legal is `*` or `?`",
        ),
        (
            "cron(0 2 1 JAN ? *)",
            "its day of month is `1`, and legal is `*` or `?`; its month is `JAN`, and legal is `*`",
        ),
        (
            "cron(0 2 ? * SUN 2027)",
            "its year is `2027`, and legal is `*`",
        ),
    ] {
        let policy = PolicySchedule::new("fleet").scan(scan).patch_policy();
        let lints = policy.unwrap().lints(at(AFTER));
        let expected = format!(
            "fleet (Scan): State Manager runs a policy, and the User Guide does not list {scan} for \
             it: {legal}. The policy may fail to deploy"
        );
        let texts: Vec<_> = lints.iter().map(ToString::to_string).collect();
        assert!(texts.contains(&expected), "{expected}\nof {texts:#?}");
    }
}

#[test]
fn a_schedule_that_never_fires_is_not_said_to_have_fired() {
    let recurrence = |text: &str| Recurrence::new(ScheduleExpression::parse(text).unwrap());
    let over = at("2020-06-01T00:00:00Z");
    for (recurrence, said) in [
        (recurrence("cron(0 0 31 2 ? *)"), "never fires"),
        (recurrence("cron(0 0 31 2 ? *)").ending(over), "never fires"),
        (recurrence("cron(0 0 29 2 ? 2027)"), "never fires"),
        (
            recurrence("cron(0 0 1 1 ? *)")
                .starting(at(AFTER))
                .ending(over),
            "never fires",
        ),
        (recurrence("cron(0 0 1 1 ? 2020)"), "does not fire again"),
        (recurrence("at(2020-06-01T00:00:00)"), "does not fire again"),
        (recurrence("cron(0 0 1 * ? *)").ending(over), "ended at"),
        (recurrence("rate(1 day)").ending(over), "ended at"),
    ] {
        let run = PlannedRun::new("night", PatchOperation::Scan, recurrence);
        let texts: Vec<_> = lint(&[run], at(AFTER))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].contains(said), "{said}: {texts:?}");
        assert_eq!(
            texts[0].contains("again"),
            said != "never fires",
            "{texts:?}"
        );
    }
}
