//! When a schedule fires in its time zone, with its offset, start, end and anchor.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use aws_patch_manager::schedule::Recurrence;
use aws_patch_manager::{ErrorKind, ScheduleExpression};
use jiff::Timestamp;
use support::values::at;

fn recurrence(text: &str) -> Recurrence {
    Recurrence::new(text.parse().expect(text))
}

fn within(text: &str, zone: &str) -> Recurrence {
    recurrence(text).in_time_zone(zone).expect(zone)
}

fn assert_fires(recurrence: &Recurrence, after: &str, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|text| at(text)).collect();
    let firings: Vec<_> = recurrence.after(at(after)).take(expected.len()).collect();
    assert_eq!(firings, expected, "{recurrence:?} after {after}");
}

/// Each case: an expression, its zone, an instant, and the firings that follow it.
///
/// Changes of the clock, in UTC. Berlin: forward 2026-03-29T01:00, back 2026-10-25T01:00. New
/// York: forward 2026-03-08T07:00, back 2026-11-01T06:00. Lord Howe, by half an hour: back
/// 2026-04-04T15:00, forward 2026-10-03T15:30. Apia: forward a whole day 2011-12-30T10:00.
const ACROSS_CHANGES: &[(&str, &str, &str, &[&str])] = &[
    // The same local time, another instant.
    (
        "cron(0 12 * * ? *)",
        "Europe/Berlin",
        "2026-03-28",
        &["2026-03-28T11:00", "2026-03-29T10:00", "2026-03-30T10:00"],
    ),
    // 02:30 does not exist on 29 March: it becomes 03:30 summer time.
    (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
        "2026-03-28",
        &["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"],
    ),
    (
        "at(2026-03-29T02:30:00)",
        "Europe/Berlin",
        "2026-03-28",
        &["2026-03-29T01:30"],
    ),
    // 02:30 comes twice on 25 October: the first counts, in summer time.
    (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
        "2026-10-24T12:00",
        &["2026-10-25T00:30", "2026-10-26T01:30"],
    ),
    (
        "cron(30 2 * * ? *)",
        "Europe/Berlin",
        "2026-10-25T00:30",
        &["2026-10-26T01:30"],
    ),
    (
        "at(2026-10-25T02:30:00)",
        "Europe/Berlin",
        "2026-10-24",
        &["2026-10-25T00:30"],
    ),
    // The skipped times fall on those of the next hour, or between them, and stay in order.
    (
        "cron(0/30 * * * ? *)",
        "Europe/Berlin",
        "2026-03-29T00:15",
        &[
            "2026-03-29T00:30",
            "2026-03-29T01:00",
            "2026-03-29T01:30",
            "2026-03-29T02:00",
        ],
    ),
    (
        "cron(10,50 2,3 * * ? *)",
        "Europe/Berlin",
        "2026-03-29",
        &["2026-03-29T01:10", "2026-03-29T01:50", "2026-03-30T00:10"],
    ),
    (
        "cron(0/20 2 * * ? *)",
        "Europe/Berlin",
        "2026-03-29T01:10",
        &["2026-03-29T01:20", "2026-03-29T01:40", "2026-03-30"],
    ),
    (
        "cron(45 2-3 * * ? *)",
        "Europe/Berlin",
        "2026-03-29",
        &["2026-03-29T01:45", "2026-03-30T00:45"],
    ),
    // The repeated hour fires once, and the pause is two hours less a step.
    (
        "cron(0/30 * * * ? *)",
        "Europe/Berlin",
        "2026-10-25T00:15",
        &["2026-10-25T00:30", "2026-10-25T02:00", "2026-10-25T02:30"],
    ),
    (
        "cron(0/30 * * * ? *)",
        "Europe/Berlin",
        "2026-10-25T01:15",
        &["2026-10-25T02:00"],
    ),
    (
        "cron(15 2 * * ? *)",
        "America/New_York",
        "2026-03-08",
        &["2026-03-08T07:15", "2026-03-09T06:15"],
    ),
    (
        "cron(15 1 * * ? *)",
        "america/new_york",
        "2026-11-01",
        &["2026-11-01T05:15", "2026-11-02T06:15"],
    ),
    (
        "cron(15 2 * * ? *)",
        "Australia/Lord_Howe",
        "2026-10-03",
        &["2026-10-03T15:45", "2026-10-04T15:15"],
    ),
    (
        "cron(40 1 * * ? *)",
        "Australia/Lord_Howe",
        "2026-04-04",
        &["2026-04-04T14:40", "2026-04-05T15:10"],
    ),
    // Half an hour later than 02:20 is after 02:35.
    (
        "cron(20,35 2 * * ? *)",
        "Australia/Lord_Howe",
        "2026-10-03",
        &["2026-10-03T15:35", "2026-10-03T15:50", "2026-10-04T15:20"],
    ),
    // 30 December 2011 is missing in Apia; its firing falls on that of the 31st.
    (
        "cron(0 12 * * ? *)",
        "Pacific/Apia",
        "2011-12-29",
        &["2011-12-29T22:00", "2011-12-30T22:00", "2011-12-31T22:00"],
    ),
    (
        "cron(0 12 30 12 ? *)",
        "Pacific/Apia",
        "2011-01-01",
        &["2011-12-30T22:00", "2012-12-29T22:00"],
    ),
    // A rate's day has 24 hours wherever it is.
    (
        "rate(1 day)",
        "Europe/Berlin",
        "2026-03-28T12:00",
        &["2026-03-29T12:00", "2026-03-30T12:00"],
    ),
];

#[test]
fn firings_follow_the_clock_of_the_zone() {
    for (text, zone, after, expected) in ACROSS_CHANGES {
        assert_fires(&within(text, zone), after, expected);
    }
}

#[test]
fn every_firing_near_a_change_is_found_from_any_instant_before_it() {
    for (text, zone, from, until) in [
        (
            "cron(0/5 * * * ? *)",
            "Europe/Berlin",
            "2026-03-28T23:00",
            "2026-03-29T03:00",
        ),
        (
            "cron(0/5 * * * ? *)",
            "Europe/Berlin",
            "2026-10-24T23:00",
            "2026-10-25T03:00",
        ),
        (
            "cron(10,50 2,3 * * ? *)",
            "Europe/Berlin",
            "2026-03-28T23:00",
            "2026-03-29T03:00",
        ),
        (
            "cron(7 0/3 * * ? *)",
            "Pacific/Apia",
            "2011-12-29T00:00",
            "2012-01-01T00:00",
        ),
    ] {
        let recurrence = within(text, zone);
        let firings: Vec<_> = recurrence.between(at(from), at(until)).collect();
        assert!(firings.len() >= 2 && firings.is_sorted(), "{text} {zone}");
        let (mut now, until) = (at(from), at(until));
        while now < until {
            let expected = firings.iter().copied().find(|firing| *firing > now);
            let next = recurrence.next_after(now).filter(|next| *next < until);
            assert_eq!(next, expected, "{text} {zone} after {now}");
            now += jiff::SignedDuration::from_secs(60);
        }
    }
}

#[test]
fn an_offset_counts_days_from_the_cron_date() {
    let tuesday = recurrence("cron(30 23 ? * TUE#3 *)")
        .offset_days(2)
        .unwrap();
    // The third Tuesdays are 20 January and 17 February.
    assert_fires(
        &tuesday,
        "2026-01-01",
        &["2026-01-22T23:30", "2026-02-19T23:30"],
    );
    // Between a date and its firing, the firing is still to come.
    assert_fires(&tuesday, "2026-01-21", &["2026-01-22T23:30"]);
    // Into the next month and year, and not the same as another weekday.
    let end = recurrence("cron(0 0 L 12 ? *)").offset_days(6).unwrap();
    assert_fires(&end, "2026-01-01", &["2026-01-06", "2027-01-06"]);
    let sunday = recurrence("cron(0 0 ? * THU#2 *)").offset_days(3).unwrap();
    assert_fires(&sunday, "2026-01-01", &["2026-01-11", "2026-02-15"]);
}

#[test]
fn an_offset_keeps_the_local_time() {
    let patch_tuesday = within("cron(30 2 ? MAR SAT#4 *)", "Europe/Berlin");
    // The fourth Saturday is 28 March; the day after, the clock skips 02:30.
    let shifted = patch_tuesday.offset_days(1).unwrap();
    assert_fires(
        &shifted,
        "2026-01-01",
        &["2026-03-29T01:30", "2027-03-28T01:30"],
    );
}

#[test]
fn a_date_before_the_anchor_has_no_later_firing() {
    let tuesday = recurrence("cron(30 23 ? * TUE#3 *)")
        .offset_days(2)
        .unwrap();
    let late = tuesday.clone().anchored_at(at("2026-01-21"));
    assert_fires(&late, "2026-01-21", &["2026-02-19T23:30"]);
    let by_a_blink = tuesday
        .clone()
        .anchored_at("2026-01-20T23:30:00.001Z".parse().unwrap());
    assert_fires(&by_a_blink, "2026-01-21", &["2026-02-19T23:30"]);
    let in_time = tuesday.anchored_at(at("2026-01-20T23:30"));
    assert_fires(&in_time, "2026-01-21", &["2026-01-22T23:30"]);
}

#[test]
fn it_fires_from_its_start_and_before_its_end() {
    let daily = recurrence("cron(0 3 * * ? *)")
        .starting(at("2026-01-02T03:00"))
        .ending(at("2026-01-05T03:00"));
    let expected = ["2026-01-02T03:00", "2026-01-03T03:00", "2026-01-04T03:00"].map(at);
    assert_eq!(daily.after(Timestamp::MIN).collect::<Vec<_>>(), expected);
    assert_eq!(daily.after(expected[0]).collect::<Vec<_>>(), expected[1..]);
    assert_eq!(daily.next_after(expected[2]), None);
    let once = recurrence("at(2026-01-05T03:00:00)");
    assert_eq!(
        once.clone()
            .starting(at("2026-01-05T03:01"))
            .next_after(Timestamp::MIN),
        None
    );
    assert_eq!(
        once.ending(at("2026-01-05T03:00"))
            .next_after(Timestamp::MIN),
        None
    );
}

#[test]
fn a_rate_counts_from_its_anchor_or_else_its_start() {
    let anchored = recurrence("rate(7 days)").anchored_at(at("2026-01-01T06:30"));
    assert_fires(
        &anchored,
        "2026-02-01",
        &["2026-02-05T06:30", "2026-02-12T06:30"],
    );
    assert_fires(&anchored, "2025-01-01", &["2026-01-08T06:30"]);
    let started = recurrence("rate(7 days)").starting(at("2026-01-01T06:30"));
    assert_fires(
        &started,
        "2025-01-01",
        &["2026-01-08T06:30", "2026-01-15T06:30"],
    );
    let both = anchored.starting(at("2026-03-01"));
    assert_fires(&both, "2025-01-01", &["2026-03-05T06:30"]);
    assert_fires(
        &recurrence("rate(1 hour)"),
        "2026-01-01",
        &["2026-01-01T01:00", "2026-01-01T02:00"],
    );
}

#[test]
fn between_takes_its_first_instant_and_leaves_its_last() {
    let daily = recurrence("cron(0 0 * * ? *)");
    let (from, until) = (at("2026-01-01"), at("2026-01-03"));
    let expected = ["2026-01-01", "2026-01-02"].map(at);
    assert_eq!(daily.between(from, until).collect::<Vec<_>>(), expected);
    let expression: ScheduleExpression = "cron(0 0 * * ? *)".parse().unwrap();
    assert_eq!(
        expression.between(from, until).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(daily.between(until, from).count(), 0);
    assert_eq!(daily.between(Timestamp::MIN, Timestamp::MIN).count(), 0);
    let hourly = recurrence("rate(12 hours)");
    let expected = ["2026-01-01T12:00", "2026-01-02", "2026-01-02T12:00"].map(at);
    assert_eq!(hourly.between(from, until).collect::<Vec<_>>(), expected);
}

#[test]
fn what_never_fires_again_says_so_in_every_zone() {
    for zone in ["UTC", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"] {
        for text in [
            "cron(0 0 30 2 ? *)",
            "cron(0 0 31W 2 ? *)",
            "cron(0 0 1 1 ? 1970-1980)",
        ] {
            assert_eq!(
                within(text, zone).next_after(at("1981-01-02")),
                None,
                "{text} {zone}"
            );
            let offset = within(text, zone).offset_days(6).unwrap();
            assert_eq!(offset.after(at("1981-01-08")).count(), 0, "{text} {zone}");
        }
        let daily = within("cron(0 0 * * ? *)", zone);
        for after in [at("2200-01-02"), Timestamp::MAX] {
            assert_eq!(daily.next_after(after), None, "{zone}");
        }
        let first = daily.next_after(Timestamp::MIN).unwrap();
        assert_eq!(
            daily.time_zone().to_datetime(first).to_string(),
            "1970-01-01T00:00:00",
            "{zone}"
        );
    }
}

#[test]
fn its_parts_read_back() {
    let expression: ScheduleExpression = "cron(0 3 * * ? *)".parse().unwrap();
    let (start, end, anchor) = (at("2026-01-02"), at("2026-02-02"), at("2026-01-01"));
    let plain = Recurrence::from(expression.clone());
    assert_eq!(plain.time_zone().iana_name(), Some("UTC"));
    assert_eq!(plain.schedule_offset(), 0);
    assert_eq!(
        (plain.start(), plain.end(), plain.anchor()),
        (None, None, None)
    );
    let full = plain
        .in_time_zone("europe/berlin")
        .and_then(|recurrence| recurrence.offset_days(6))
        .unwrap()
        .starting(start)
        .ending(end)
        .anchored_at(anchor);
    assert_eq!(full.expression(), &expression);
    assert_eq!(full.time_zone().iana_name(), Some("Europe/Berlin"));
    assert_eq!(full.schedule_offset(), 6);
    assert_eq!(
        (full.start(), full.end(), full.anchor()),
        (Some(start), Some(end), Some(anchor))
    );
}

#[test]
fn what_is_no_zone_or_no_offset_is_refused() {
    for zone in [
        "",
        "Europe/Bonn",
        "+02:00",
        "CET-1CEST",
        "Etc/Unknown",
        "../localtime",
    ] {
        let error = recurrence("cron(0 3 * * ? *)")
            .in_time_zone(zone)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.violations().len(), 1);
        assert_eq!(error.violations()[0].field, "ScheduleTimezone");
        assert_eq!(error.violations()[0].value, zone);
    }
    for (text, days, violations) in [
        ("cron(0 3 * * ? *)", 0, 1),
        ("cron(0 3 * * ? *)", 7, 1),
        ("rate(1 day)", 1, 1),
        ("at(2026-01-05T03:00:00)", 9, 2),
    ] {
        let error = recurrence(text).offset_days(days).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.violations().len(), violations, "{text} {days}");
        assert!(
            error
                .violations()
                .iter()
                .all(|v| v.field == "ScheduleOffset")
        );
    }
}
