//! The grammar of schedules, and when they fire.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use aws_patch_manager::schedule::ScheduleKind;
use aws_patch_manager::{ErrorKind, Excerpt, ScheduleExpression};
use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use std::time::Duration;
use support::values::at;

fn schedule(text: &str) -> ScheduleExpression {
    text.parse().expect(text)
}

/// Each case: an expression, an instant, and the firings that follow it, from a calendar.
const FIRINGS: &[(&str, &str, &[&str])] = &[
    // 2026-01-04 is a Sunday.
    (
        "cron(0 0 ? * SUN *)",
        "2026-01-01",
        &["2026-01-04", "2026-01-11"],
    ),
    ("cron(0 0 ? * 1 *)", "2026-01-04", &["2026-01-11"]),
    // Ranges that end with Sunday, as people write them.
    (
        "cron(0 0 ? * MON-SUN *)",
        "2026-01-02",
        &["2026-01-03", "2026-01-04", "2026-01-05"],
    ),
    (
        "cron(0 0 ? * FRI-sun *)",
        "2026-01-01",
        &["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-09"],
    ),
    (
        "cron(0 0 ? * SUN-SUN *)",
        "2026-01-01",
        &["2026-01-04", "2026-01-11"],
    ),
    (
        "cron(0 0 * * ? *)",
        "2026-02-27T23:59",
        &["2026-02-28", "2026-03-01"],
    ),
    (
        "cron(15 10 ? * * *)",
        "2026-12-31T10:15",
        &["2027-01-01T10:15"],
    ),
    (
        "cron(0/15 * * * ? *)",
        "2026-01-01T22:50",
        &[
            "2026-01-01T23:00",
            "2026-01-01T23:15",
            "2026-01-01T23:30",
            "2026-01-01T23:45",
            "2026-01-02",
        ],
    ),
    (
        "cron(*/30 8-10/2 ? * MON-FRI *)",
        "2026-01-02T10:30",
        &[
            "2026-01-05T08:00",
            "2026-01-05T08:30",
            "2026-01-05T10:00",
            "2026-01-05T10:30",
            "2026-01-06T08:00",
        ],
    ),
    (
        "cron(0 9 ? * mon,Wed,fRi *)",
        "2026-01-05T09:00",
        &["2026-01-07T09:00", "2026-01-09T09:00", "2026-01-12T09:00"],
    ),
    (
        "cron(0 0 ? * 2/2 *)",
        "2026-01-04",
        &["2026-01-05", "2026-01-07", "2026-01-09", "2026-01-12"],
    ),
    // Second Tuesdays of 2026: 13 January, 10 February, 10 March.
    (
        "cron(30 23 ? * TUE#2 *)",
        "2026-01-01",
        &["2026-01-13T23:30", "2026-02-10T23:30", "2026-03-10T23:30"],
    ),
    (
        "cron(30 23 ? * 3#2 *)",
        "2026-01-13T23:30",
        &["2026-02-10T23:30"],
    ),
    // Fifth Saturdays of 2026: 31 January, 30 May, 29 August, 31 October.
    (
        "cron(0 0 ? * SAT#5 *)",
        "2026-01-01",
        &["2026-01-31", "2026-05-30", "2026-08-29", "2026-10-31"],
    ),
    (
        "cron(0 0 ? * SUN#1 *)",
        "2026-02-01",
        &["2026-03-01", "2026-04-05"],
    ),
    // Last Fridays: 30 January, 27 February, 27 March.
    (
        "cron(0 0 ? * 6L *)",
        "2026-01-01",
        &["2026-01-30", "2026-02-27", "2026-03-27"],
    ),
    (
        "cron(0 0 ? * 3L *)",
        "2026-03-01",
        &["2026-03-31", "2026-04-28"],
    ),
    (
        "cron(0 0 ? * FRIL 2028)",
        "2026-01-01",
        &["2028-01-28", "2028-02-25"],
    ),
    (
        "cron(0 0 ? * L *)",
        "2026-01-01",
        &["2026-01-03", "2026-01-10"],
    ),
    (
        "cron(0 0 31 * ? *)",
        "2026-01-31",
        &[
            "2026-03-31",
            "2026-05-31",
            "2026-07-31",
            "2026-08-31",
            "2026-10-31",
        ],
    ),
    (
        "cron(0 0 29 FEB ? *)",
        "2026-01-01",
        &["2028-02-29", "2032-02-29"],
    ),
    // 2100 is no leap year.
    ("cron(0 0 29 2 ? *)", "2096-03-01", &["2104-02-29"]),
    (
        "cron(0 0 L * ? *)",
        "2028-01-31",
        &["2028-02-29", "2028-03-31", "2028-04-30"],
    ),
    // 31 January 2026 is a Saturday, 28 February too, 31 May a Sunday.
    (
        "cron(0 0 LW * ? *)",
        "2026-01-01",
        &[
            "2026-01-30",
            "2026-02-27",
            "2026-03-31",
            "2026-04-30",
            "2026-05-29",
        ],
    ),
    // 15 February 2026 is a Sunday, 15 August a Saturday.
    (
        "cron(0 0 15W 2,8 ? *)",
        "2026-01-01",
        &["2026-02-16", "2026-08-14"],
    ),
    // 1 August 2026 is a Saturday; the nearest weekday before it lies in another month.
    ("cron(0 0 1W 8 ? *)", "2026-01-01", &["2026-08-03"]),
    // 31 May 2026 is a Sunday; April and June have no 31st.
    ("cron(0 0 31W 4-6 ? *)", "2026-01-01", &["2026-05-29"]),
    (
        "cron(0 0 1/10 6 ? *)",
        "2026-01-01",
        &["2026-06-01", "2026-06-11", "2026-06-21", "2027-06-01"],
    ),
    (
        "cron(0 0 1 1 ? 2027/2)",
        "2026-01-01",
        &["2027-01-01", "2029-01-01"],
    ),
    (
        "cron(24 30 09 ? * * *)",
        "2026-01-01T09:30:23",
        &["2026-01-01T09:30:24", "2026-01-02T09:30:24"],
    ),
    (
        "cron(24 30 09 ? * * *)",
        "2026-01-01T09:30:24",
        &["2026-01-02T09:30:24"],
    ),
    (
        "cron(0 0 0/4 1/1 * ? *)",
        "2026-01-01T20:00",
        &["2026-01-02", "2026-01-02T04:00"],
    ),
    (
        "cron(0 00 12 ? * SUN *)",
        "2026-01-04T12:00",
        &["2026-01-11T12:00"],
    ),
    (
        "rate(30 minutes)",
        "2026-01-01T23:45",
        &["2026-01-02T00:15", "2026-01-02T00:45"],
    ),
    ("rate(1 day)", "2026-02-28T06:00", &["2026-03-01T06:00"]),
    (
        "at(2026-07-07T15:55:00)",
        "2026-07-07T15:54:59",
        &["2026-07-07T15:55:00"],
    ),
];

#[test]
fn firings_follow_the_calendar() {
    for (text, after, expected) in FIRINGS {
        let schedule = schedule(text);
        let expected: Vec<_> = expected.iter().map(|text| at(text)).collect();
        let firings: Vec<_> = schedule.after(at(after)).take(expected.len()).collect();
        assert_eq!(firings, expected, "{text} after {after}");
    }
}

#[test]
fn a_firing_is_strictly_after_the_instant() {
    let daily = schedule("cron(0 0 * * ? *)");
    let midnight = at("2026-01-02");
    for (after, expected) in [
        ("2026-01-01T23:59:59.999999999Z", midnight),
        ("2026-01-02T00:00:00Z", at("2026-01-03")),
        ("2026-01-02T00:00:00.000000001Z", at("2026-01-03")),
        ("1969-12-31T23:59:59.5Z", at("1970-01-01")),
        ("1812-06-01T00:00:00Z", at("1970-01-01")),
    ] {
        let next = daily.next_after(after.parse().unwrap());
        assert_eq!(next, Some(expected), "after {after}");
    }
}

#[test]
fn what_never_fires_again_says_so() {
    for (text, after) in [
        ("cron(0 0 30 2 ? *)", "1970-01-01"),
        ("cron(0 0 31 4,6,9,11 ? *)", "1970-01-01"),
        ("cron(0 0 31W 2 ? *)", "1970-01-01"),
        ("cron(0 0 1 1 ? 2020)", "2020-01-01"),
        ("cron(0 0 * * ? *)", "2199-12-31"),
        ("at(2026-07-07T15:55:00)", "2026-07-07T15:55:00"),
    ] {
        assert_eq!(schedule(text).next_after(at(after)), None, "{text}");
        assert_eq!(schedule(text).after(at(after)).count(), 0, "{text}");
    }
    assert_eq!(
        schedule("cron(0 0 * * ? *)").next_after(Timestamp::MAX),
        None
    );
    assert_eq!(
        schedule("rate(4294967295 days)").next_after(Timestamp::MAX),
        None
    );
}

#[test]
fn a_rate_counts_from_its_anchor() {
    let every = schedule("rate(7 days)");
    let anchor = at("2026-01-01T06:30");
    for (after, expected) in [
        ("2025-06-01", "2026-01-08T06:30"),
        ("2026-01-01T06:30", "2026-01-08T06:30"),
        ("2026-01-08T06:29:59", "2026-01-08T06:30"),
        ("2026-01-08T06:30", "2026-01-15T06:30"),
        ("2026-03-01", "2026-03-05T06:30"),
    ] {
        let next = every.next_after_from(anchor, at(after));
        assert_eq!(next, Some(at(expected)), "after {after}");
    }
    let weekly = schedule("cron(0 0 ? * SUN *)");
    let after = at("2026-01-01");
    assert_eq!(
        weekly.next_after_from(anchor, after),
        weekly.next_after(after)
    );
}

/// Each case: an expression, and the field and value of each of its violations.
const REFUSED: &[(&str, &[(&str, &str)])] = &[
    (
        "cron(60 24 ? * SUN *)",
        &[("minutes", "60"), ("hours", "24")],
    ),
    (
        "cron(0 0 32 13 ? 2200)",
        &[("day of month", "32"), ("month", "13"), ("year", "2200")],
    ),
    (
        "cron(0 0 0 * ? 1969)",
        &[("day of month", "0"), ("year", "1969")],
    ),
    ("cron(0 0 ? * SUNDAY *)", &[("day of week", "SUNDAY")]),
    ("cron(0 0 ? * 0 *)", &[("day of week", "0")]),
    ("cron(0 0 ? * 8 *)", &[("day of week", "8")]),
    ("cron(0 0 ? * TUE#6 *)", &[("day of week", "TUE#6")]),
    ("cron(0 0 ? * TUE#0 *)", &[("day of week", "TUE#0")]),
    (
        "cron(0 0 ? * MON#1,TUE#2 *)",
        &[("day of week", "MON#1,TUE#2")],
    ),
    ("cron(0 0 ? * FRI-MON *)", &[("day of week", "FRI-MON")]),
    ("cron(0 0 32W * ? *)", &[("day of month", "32W")]),
    ("cron(0 0 W * ? *)", &[("day of month", "W")]),
    ("cron(0 0 1,L * ? *)", &[("day of month", "1,L")]),
    ("cron(0 0 L-3 * ? *)", &[("day of month", "L-3")]),
    ("cron(0 0 ? SUN * *)", &[("month", "SUN")]),
    ("cron(? ? ? * * *)", &[("minutes", "?"), ("hours", "?")]),
    ("cron(0/0 0 ? * * *)", &[("minutes", "0/0")]),
    ("cron(/15 0 ? * * *)", &[("minutes", "/15")]),
    ("cron(0/15/2 0 ? * * *)", &[("minutes", "0/15/2")]),
    ("cron(0, 0 ? * * *)", &[("minutes", "0,")]),
    ("cron(+1 -1 ? * * *)", &[("minutes", "+1"), ("hours", "-1")]),
    // One of the day fields is `?`, and only one.
    ("cron(0 0 * * * *)", &[("day of week", "*")]),
    ("cron(0 0 1 * SUN *)", &[("day of week", "SUN")]),
    ("cron(0 0 ? * ? *)", &[("day of week", "?")]),
    // More often than every 5 minutes.
    ("cron(* 0 ? * * *)", &[("minutes", "*")]),
    ("cron(0/4 0 ? * * *)", &[("minutes", "0/4")]),
    ("cron(0,3 0 ? * * *)", &[("minutes", "0,3")]),
    ("cron(1,58 2,3 ? * * *)", &[("minutes", "1,58")]),
    ("cron(1,58 0,23 ? * * *)", &[("minutes", "1,58")]),
    ("cron(1,58 0,23 1,30 * ? *)", &[("minutes", "1,58")]),
    ("cron(1,58 0,23 ? * SAT,SUN *)", &[("minutes", "1,58")]),
    ("cron(* 5 0 ? * * *)", &[("seconds", "*")]),
    ("cron(60 5 0 ? * * *)", &[("seconds", "60")]),
    ("rate(4 minutes)", &[("value", "4")]),
    ("rate(0 hours)", &[("value", "0")]),
    ("rate(-1 hours)", &[("value", "-1")]),
    ("rate(1 hours)", &[("unit", "hours")]),
    ("rate(2 hour)", &[("unit", "hour")]),
    ("rate(1.5 weeks)", &[("value", "1.5"), ("unit", "weeks")]),
    ("at(2026-07-07)", &[("at", "2026-07-07")]),
    ("at(2026-07-07T15:55)", &[("at", "2026-07-07T15:55")]),
    (
        "at(2026-07-07T15:55:00Z)",
        &[("at", "2026-07-07T15:55:00Z")],
    ),
    ("at(2026-02-29T00:00:00)", &[("at", "2026-02-29T00:00:00")]),
    (
        "at(2026-07-07T15:55:00.5)",
        &[("at", "2026-07-07T15:55:00.5")],
    ),
];

#[test]
fn each_wrong_field_is_named_with_its_value() {
    for (text, expected) in REFUSED {
        let error = ScheduleExpression::parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        let found: Vec<_> = error
            .violations()
            .iter()
            .map(|v| (v.field.as_str(), v.value.as_str()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(field, value)| (format!("Schedule: {field}"), *value))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(f, v)| (f.as_str(), *v)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn each_wrong_field_is_pointed_at() {
    for (text, expected) in [
        (
            "cron(60  25 ? * tue *)",
            "\
ScheduleExpression: invalid input
  Schedule: minutes: `60`: numbers from 0 to 59, with `,` `-` `*` `/`
      cron(60  25 ? * tue *)
           ^^
  Schedule: hours: `25`: numbers from 0 to 23, with `,` `-` `*` `/`
      cron(60  25 ? * tue *)
               ^^",
        ),
        (
            "cron(* 0 0 L * Süd *)",
            "\
ScheduleExpression: invalid input
  Schedule: seconds: `*`: one number from 0 to 59: a schedule cannot fire several times a minute
      cron(* 0 0 L * Süd *)
           ^
  Schedule: day of week: `Süd`: numbers from 1 (Sunday) to 7 or SUN to SAT, with `,` `-` `*` `/`, or alone `?`, `L`, a day and `L`, or a day, `#` and 1 to 5
      cron(* 0 0 L * Süd *)
                     ^^^
  Schedule: day of week: `Süd`: `?` in exactly one of day of month (`L`) and day of week
      cron(* 0 0 L * Süd *)
                     ^^^",
        ),
        (
            "cron(0/4\t0 ? * * *)",
            "\
ScheduleExpression: invalid input
  Schedule: minutes: `0/4`: firings at least 5 minutes apart; the service supports no shorter interval
      cron(0/4 0 ? * * *)
           ^^^",
        ),
        (
            "rate(7 Days)",
            "\
ScheduleExpression: invalid input
  Schedule: unit: `Days`: a whole number from 1 and minute, hour or day, singular exactly for 1: `rate(1 hour)`, `rate(30 minutes)`, `rate(7 days)`
      rate(7 Days)
             ^^^^",
        ),
        (
            "rate(4 minutes)",
            "\
ScheduleExpression: invalid input
  Schedule: value: `4`: at least 5 minutes; the service supports no shorter interval
      rate(4 minutes)
           ^",
        ),
        (
            "at(2026-07-07)",
            "\
ScheduleExpression: invalid input
  Schedule: at: `2026-07-07`: a date and a time of whole seconds without a zone: `at(2026-07-07T15:55:00)`
      at(2026-07-07)
         ^^^^^^^^^^",
        ),
    ] {
        let error = ScheduleExpression::parse(text).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn an_excerpt_is_cut_to_its_text() {
    for (range, shown) in [
        (0..1, "aüb\n^"),
        (1..2, "aüb\n ^"),
        (2..3, "aüb\n ^"),
        (3..9, "aüb\n  ^"),
        (7..9, "aüb\n   ^"),
        (2..2, "aüb\n ^"),
    ] {
        let excerpt = Excerpt::new("aüb", range.clone());
        assert!(excerpt.text().get(excerpt.range()).is_some(), "{range:?}");
        assert_eq!(excerpt.to_string(), shown, "{range:?}");
    }
}

#[test]
fn an_excerpt_of_a_long_text_shows_the_thousand_characters_around_what_is_wrong() {
    let text = "x".repeat(70_000);
    for (range, before, shown, after, carets) in [
        (0..1, "", 1_000, "…", 1),
        (69_999..70_000, "…", 501, "", 1),
        (30_000..30_002, "…", 1_000, "…", 2),
        (30_000..60_000, "…", 1_000, "…", 500),
    ] {
        let excerpt = Excerpt::new(&text, range.clone()).to_string();
        let column = range.start.min(500) + before.chars().count();
        let line = format!("{before}{}{after}", "x".repeat(shown));
        let marks = " ".repeat(column) + &"^".repeat(carets);
        assert_eq!(excerpt, format!("{line}\n{marks}"), "{range:?}");
    }
}

#[test]
fn what_is_no_schedule_at_all_is_refused() {
    let long = format!("cron(0 0 ? * SUN {})", "2026,".repeat(60));
    for text in [
        "",
        "0 0 * * *",
        "cron",
        "cron(",
        "cron()",
        "CRON(0 0 ? * SUN *)",
        "cron(0 0 ? * SUN *",
        " cron(0 0 ? * SUN *)",
        "cron(0 0 * * *)",
        "cron(0 0 0 ? * SUN * *)",
        "rate(5minutes)",
        "rate()",
        &long,
    ] {
        let error = ScheduleExpression::parse(text).expect_err(text);
        assert_eq!(error.violations().len(), 1, "{text}");
        assert_eq!(error.violations()[0].field, "Schedule", "{text}");
    }
    let unix = ScheduleExpression::parse("cron(0 0 * * *)").unwrap_err();
    assert!(unix.to_string().contains("Unix cron"), "{unix}");
    for (unix, of_aws) in [
        ("0 1 * * *", "`cron(0 1 * * ? *)`"),
        ("cron(0 1 * * *)", "`cron(0 1 * * ? *)`"),
        ("30 2 * * sun", "`cron(30 2 ? * sun *)`"),
        ("0 1 * * 0", "put `?` in one of the day fields"),
        ("0 25 * * *", "put `?` in one of the day fields"),
    ] {
        let refused = ScheduleExpression::parse(unix).unwrap_err().to_string();
        assert!(refused.contains(of_aws), "{refused}");
    }
}

#[test]
fn five_minutes_apart_is_often_enough() {
    for text in [
        "cron(0/5 * ? * * *)",
        "cron(0,5,10 0 ? * * *)",
        "cron(1,58 2,4 ? * * *)",
        "cron(1,56 2,3 ? * * *)",
        "cron(1,58 0,23 ? * SUN,TUE *)",
        "cron(1,58 0,23 1,15 * ? *)",
        "cron(1,58 0,23 L * ? *)",
        "rate(5 minutes)",
    ] {
        schedule(text);
    }
}

#[test]
fn constructors_write_what_the_guide_writes() {
    let moment: DateTime = "2026-07-07T15:55:00".parse().unwrap();
    for (made, expected, kind) in [
        (
            ScheduleExpression::daily_at(13, 15),
            "cron(15 13 ? * * *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::weekly_on(Weekday::Sunday, 0, 0),
            "cron(0 0 ? * SUN *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::weekly_on(Weekday::Saturday, 23, 59),
            "cron(59 23 ? * SAT *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::nth_weekday(Weekday::Tuesday, 2, 18, 30),
            "cron(30 18 ? * TUE#2 *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::last_weekday(Weekday::Friday, 0, 0),
            "cron(0 0 ? * 6L *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::last_day_of_month(5, 0),
            "cron(0 5 L * ? *)",
            ScheduleKind::Cron,
        ),
        (
            ScheduleExpression::every(Duration::from_mins(90)),
            "rate(90 minutes)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::every(Duration::from_hours(36)),
            "rate(36 hours)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::every(Duration::from_hours(24)),
            "rate(1 day)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::every_minutes(30),
            "rate(30 minutes)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::every_hours(1),
            "rate(1 hour)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::every_days(7),
            "rate(7 days)",
            ScheduleKind::Rate,
        ),
        (
            ScheduleExpression::once(moment),
            "at(2026-07-07T15:55:00)",
            ScheduleKind::At,
        ),
    ] {
        let made = made.expect(expected);
        assert_eq!(made.to_string(), expected);
        assert_eq!(made.kind(), kind);
        assert_eq!(made, schedule(expected));
    }
    for refused in [
        ScheduleExpression::daily_at(24, 0),
        ScheduleExpression::weekly_on(Weekday::Monday, 0, 60),
        ScheduleExpression::nth_weekday(Weekday::Monday, 0, 0, 0),
        ScheduleExpression::nth_weekday(Weekday::Monday, 6, 0, 0),
        ScheduleExpression::last_weekday(Weekday::Monday, 24, 0),
        ScheduleExpression::last_day_of_month(0, 60),
        ScheduleExpression::every_minutes(4),
        ScheduleExpression::every_hours(0),
        ScheduleExpression::every(Duration::from_mins(4)),
        ScheduleExpression::every(Duration::from_secs(330)),
        ScheduleExpression::every(Duration::new(600, 1)),
        ScheduleExpression::every(Duration::ZERO),
        ScheduleExpression::every(Duration::MAX),
        ScheduleExpression::once("2026-07-07T15:55:00.5".parse().unwrap()),
        ScheduleExpression::once("-000001-07-07T15:55:00".parse().unwrap()),
    ] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn it_prints_as_written_but_for_case_and_spaces() {
    for (text, printed) in [
        ("cron(0  00 12 ?  * sun  *)", "cron(0 00 12 ? * SUN *)"),
        ("cron(0 0 lw jan ? *)", "cron(0 0 LW JAN ? *)"),
        ("rate(1  hour)", "rate(1 hour)"),
    ] {
        assert_eq!(schedule(text).to_string(), printed);
    }
}

#[test]
fn serde_reads_and_writes_a_string() {
    let text = "\"cron(0 0 ? * SUN *)\"";
    let read: ScheduleExpression = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    let refused = serde_json::from_str::<ScheduleExpression>("\"cron(0 0 * * *)\"");
    assert!(refused.unwrap_err().to_string().contains("Unix cron"));
}
