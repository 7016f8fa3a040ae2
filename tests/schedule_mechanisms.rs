//! The part of the grammar that each mechanism accepts, and which one accepts the rest.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use aws_patch_manager::schedule::{Recurrence, ScheduleMechanism};
use aws_patch_manager::{ErrorKind, ScheduleExpression};
use jiff::Timestamp;

const ALL: [ScheduleMechanism; 3] = [
    ScheduleMechanism::MaintenanceWindow,
    ScheduleMechanism::Association,
    ScheduleMechanism::PatchPolicy,
];

fn schedule(text: &str) -> ScheduleExpression {
    text.parse().expect(text)
}

/// The fields that a mechanism refuses.
fn refused(text: &str, mechanism: ScheduleMechanism) -> Vec<String> {
    match schedule(text).check_for(mechanism) {
        Ok(()) => Vec::new(),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let found = error.violations().iter();
            found
                .inspect(|v| assert!(v.legal.contains("a maintenance window"), "{v}"))
                .map(|v| v.field.replace("Schedule: ", ""))
                .collect()
        }
    }
}

#[test]
fn every_mechanism_takes_the_shapes_of_an_association() {
    for text in [
        "cron(0/30 * * * ? *)",
        "cron(0 */30 * * * ? *)",
        "cron(15,45 * ? * * *)",
        "cron(0 0/1 * * ? *)",
        "cron(0 * * * ? *)",
        "cron(0 0/2 * * ? *)",
        "cron(30 1/4 * * ? *)",
        "cron(0 0/8 ? * SUN-SAT *)",
        "cron(0 0,12 1-31 1-12 ? 1970-2199)",
        "cron(15 13 ? * * *)",
        "cron(0 0 * * ? *)",
        "cron(15 13 ? * MON *)",
        "cron(15 13 ? * 7 *)",
        "cron(30 23 ? * TUE#3 *)",
        "cron(0 0 ? * 3L *)",
    ] {
        for mechanism in ALL {
            assert!(refused(text, mechanism).is_empty(), "{text} in {mechanism}");
        }
    }
}

#[test]
fn an_association_refuses_other_shapes_of_cron() {
    for (text, fields) in [
        ("cron(5 0 0 ? * * *)", &["seconds"][..]),
        ("cron(0/15 * * * ? *)", &["minutes"]),
        ("cron(0/30 0/2 * * ? *)", &["minutes"]),
        ("cron(0,20 * * * ? *)", &["minutes"]),
        ("cron(0 0/3 * * ? *)", &["hours"]),
        ("cron(0 9-17 * * ? *)", &["hours"]),
        ("cron(0 0,13 * * ? *)", &["hours"]),
        ("cron(0 0 1 * ? *)", &["day of month"]),
        ("cron(0 0 L * ? *)", &["day of month"]),
        ("cron(0 0 LW * ? *)", &["day of month"]),
        ("cron(0 0 15W * ? *)", &["day of month"]),
        ("cron(0 0 ? JAN * *)", &["month"]),
        ("cron(0 0 ? * MON-FRI *)", &["day of week"]),
        ("cron(0 0 ? * MON,WED *)", &["day of week"]),
        ("cron(0 0/2 ? * MON *)", &["day of week"]),
        ("cron(0 0/2 ? * MON#1 *)", &["day of week"]),
        ("cron(0/30 * ? * 2L *)", &["day of week"]),
        ("cron(0 0 ? * * 2026)", &["year"]),
        (
            "cron(1 0/10 0 1 2-3 ? 2026/2)",
            &["seconds", "minutes", "day of month", "month", "year"],
        ),
    ] {
        assert_eq!(
            refused(text, ScheduleMechanism::Association),
            fields,
            "{text}"
        );
        assert!(
            refused(text, ScheduleMechanism::MaintenanceWindow).is_empty(),
            "{text}"
        );
        assert!(
            refused(text, ScheduleMechanism::PatchPolicy).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn an_association_has_bounds_for_rates() {
    for (text, taken) in [
        ("rate(29 minutes)", false),
        ("rate(30 minutes)", true),
        ("rate(1 hour)", true),
        ("rate(30 days)", true),
        ("rate(743 hours)", true),
        ("rate(744 hours)", false),
        ("rate(31 days)", false),
        ("at(2026-07-07T15:55:00)", true),
    ] {
        let found = refused(text, ScheduleMechanism::Association);
        assert_eq!(found.is_empty(), taken, "{text}: {found:?}");
        assert!(
            refused(text, ScheduleMechanism::MaintenanceWindow).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn a_patch_policy_takes_cron_only() {
    for text in ["rate(1 day)", "at(2026-07-07T15:55:00)"] {
        assert_eq!(refused(text, ScheduleMechanism::PatchPolicy), ["Schedule"]);
    }
}

#[test]
fn what_an_association_refuses_is_pointed_at() {
    let error = schedule("cron(0 0/3 ? * MON-FRI *)")
        .check_for(ScheduleMechanism::Association)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "\
ScheduleExpression: invalid input
  Schedule: hours: `0/3`: one hour, or every 1, 2, 4, 8 or 12 hours in an association; a maintenance window takes it
      cron(0 0/3 ? * MON-FRI *)
             ^^^
  Schedule: day of week: `MON-FRI`: `*` or `?`, or where it fires once a day, one day, a day and `L`, or a day, `#` and 1 to 5 in an association; a maintenance window takes it
      cron(0 0/3 ? * MON-FRI *)
                     ^^^^^^^"
    );
}

#[test]
fn only_a_window_has_zone_and_dates_and_a_policy_no_offset() {
    let date = Timestamp::UNIX_EPOCH;
    let full = Recurrence::new(schedule("cron(0 0 ? * TUE#2 *)"))
        .in_time_zone("Europe/Berlin")
        .and_then(|recurrence| recurrence.offset_days(3))
        .unwrap()
        .starting(date)
        .ending(date);
    let refused = |mechanism| match full.check_for(mechanism) {
        Ok(()) => Vec::new(),
        Err(error) => error.violations().iter().map(|v| v.field.clone()).collect(),
    };
    assert!(refused(ScheduleMechanism::MaintenanceWindow).is_empty());
    let zone_and_dates = ["ScheduleTimezone", "StartDate", "EndDate"];
    assert_eq!(refused(ScheduleMechanism::Association), zone_and_dates);
    let all = ["ScheduleTimezone", "StartDate", "EndDate", "ScheduleOffset"];
    assert_eq!(refused(ScheduleMechanism::PatchPolicy), all);

    let plain = Recurrence::new(schedule("cron(0 0 1 * ? *)"));
    assert!(plain.check_for(ScheduleMechanism::PatchPolicy).is_ok());
    let error = plain.check_for(ScheduleMechanism::Association).unwrap_err();
    assert_eq!(error.violations()[0].field, "Schedule: day of month");
}
