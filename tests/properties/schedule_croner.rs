//! Firings agree with those of the crate `croner`, except for the differences listed here.
//!
//! croner is set to count the days of the week from 1 for Sunday and to read `5/10` as `5-59/10`,
//! as Systems Manager does. If both crates read an expression, they differ in this:
//!
//! - The year: ours go from 1970 to 2199, croner's from 1 to 5000.
//! - `L` alone as the day of week is Saturday here; in croner it never fires.
//! - Both day fields with a value, or both `?`, are refused here.
//! - Expressions that fire more often than every 5 minutes, and lists or ranges of special days,
//!   are refused here.
//! - When the clock of a zone changes: croner fires skipped times right after the skip if minute
//!   and hour are fixed, and not at all otherwise; the latter fires twice when the clock repeats an
//!   hour.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::Cell;

use aws_patch_manager::ScheduleExpression;
use aws_patch_manager::schedule::Recurrence;
use croner::Cron;
use croner::parser::CronParser;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

const EXPRESSIONS: u32 = 5_000;
const INSTANTS: usize = 20;

fn croner(fields: &str) -> Cron {
    let parser = CronParser::builder()
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build();
    let with_seconds = match fields.split_whitespace().count() {
        6 => format!("0 {fields}"),
        _ => fields.to_owned(),
    };
    parser.parse(&with_seconds).expect(fields)
}

/// In civil time, which is faster, for UTC.
fn croner_next(cron: &Cron, after: Timestamp) -> Option<Timestamp> {
    let after = theirs(after)
        .to_zoned(jiff_0_2::tz::TimeZone::UTC)
        .datetime();
    let next = cron.find_next_occurrence(&after, false).ok()?;
    let next = next.to_zoned(jiff_0_2::tz::TimeZone::UTC).unwrap();
    Some(ours(next.timestamp()))
}

fn theirs(instant: Timestamp) -> jiff_0_2::Timestamp {
    jiff_0_2::Timestamp::new(instant.as_second(), instant.subsec_nanosecond()).unwrap()
}

fn ours(instant: jiff_0_2::Timestamp) -> Timestamp {
    Timestamp::new(instant.as_second(), instant.subsec_nanosecond()).unwrap()
}

/// Values of one field, by number or by name, as single ones, ranges and steps.
fn values(min: u16, max: u16, names: &'static [&'static str]) -> BoxedStrategy<String> {
    let name = move |value: u16, named: bool| match names.get(usize::from(value - min)) {
        Some(name) if named => (*name).to_owned(),
        _ => value.to_string(),
    };
    let item = (
        min..=max,
        min..=max,
        1..=max - min + 1,
        0u8..5,
        any::<bool>(),
    )
        .prop_map(move |(one, other, step, shape, named)| {
            let (low, high) = (name(one.min(other), named), name(one.max(other), named));
            match shape {
                0 => format!("{low}-{high}"),
                1 => format!("{low}-{high}/{step}"),
                2 => format!("{low}/{step}"),
                3 => format!("*/{step}"),
                _ => low,
            }
        });
    let items = prop::collection::vec(item.clone(), 1..4).prop_map(|items| items.join(","));
    prop_oneof![2 => Just("*".to_owned()), 3 => item, 2 => items].boxed()
}

fn minutes() -> impl Strategy<Value = String> {
    let fives = select((0u16..60).step_by(5).collect::<Vec<_>>());
    prop_oneof![
        (0u16..60).prop_map(|minute| minute.to_string()),
        (0u16..60, 5u16..60).prop_map(|(from, step)| format!("{from}/{step}")),
        (0u16..30, 30u16..60, 5u16..60).prop_map(|(from, to, step)| format!("{from}-{to}/{step}")),
        prop::collection::vec(fives, 1..6).prop_map(|fives| {
            let fives: Vec<_> = fives.iter().map(u16::to_string).collect();
            fives.join(",")
        }),
    ]
}

/// The two day fields.
fn days() -> impl Strategy<Value = (String, String)> {
    const WEEKDAYS: &[&str] = &["SUN", "Mon", "tue", "WED", "thu", "Fri", "SAT"];
    let special = prop_oneof![
        Just("L".to_owned()),
        Just("LW".to_owned()),
        (1u16..=31).prop_map(|day| format!("{day}W")),
    ];
    let weekday = prop_oneof![
        select(WEEKDAYS).prop_map(str::to_owned),
        (1u16..=7).prop_map(|day| day.to_string()),
    ];
    let special_weekday = (weekday, 0u16..=5).prop_map(|(day, nth)| match nth {
        0 => format!("{day}L"),
        _ => format!("{day}#{nth}"),
    });
    let unset = || "?".to_owned();
    prop_oneof![
        prop_oneof![values(1, 31, &[]), special.boxed()].prop_map(move |day| (day, unset())),
        prop_oneof![values(1, 7, WEEKDAYS), special_weekday.boxed()]
            .prop_map(move |day| (unset(), day)),
    ]
}

/// An expression that both crates read, without its parentheses.
fn fields() -> impl Strategy<Value = (String, ScheduleExpression)> {
    const MONTHS: &[&str] = &[
        "JAN", "feb", "Mar", "APR", "may", "JUN", "jul", "AUG", "Sep", "OCT", "nov", "DEC",
    ];
    let seconds = prop::option::weighted(0.2, 0u16..60);
    let years = prop_oneof![
        4 => Just("*".to_owned()),
        1 => (1970u16..2199).prop_map(|year| year.to_string()),
        1 => (1970u16..2150, 0u16..50).prop_map(|(year, more)| format!("{year}-{}", year + more)),
        1 => (1970u16..2199, 1u16..20).prop_map(|(year, step)| format!("{year}/{step}")),
    ];
    let fields = (
        seconds,
        minutes(),
        values(0, 23, &[]),
        days(),
        values(1, 12, MONTHS),
        years,
    );
    fields.prop_filter_map(
        "more often than every 5 minutes",
        |(seconds, minutes, hours, (day, weekday), months, years)| {
            let seconds = seconds.map_or(String::new(), |second| format!("{second} "));
            let fields = format!("{seconds}{minutes} {hours} {day} {months} {weekday} {years}");
            let schedule = format!("cron({fields})").parse();
            schedule.ok().map(|schedule| (fields, schedule))
        },
    )
}

/// From 1970 to 2200, most of them near today, to the millisecond.
fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        0i64..7_258_118_400_000,
        1_577_836_800_000i64..2_208_988_800_000,
    ]
    .prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

#[test]
fn next_firings_agree_with_croner() {
    let end: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    let compared = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(EXPRESSIONS));
    let pairs = (fields(), prop::collection::vec(instant(), INSTANTS));
    runner
        .run(&pairs, |((fields, schedule), instants)| {
            let cron = croner(&fields);
            for after in instants {
                let expected = croner_next(&cron, after).filter(|next| *next < end);
                prop_assert_eq!(
                    schedule.next_after(after),
                    expected,
                    "{} after {}",
                    fields,
                    after
                );
                compared.set(compared.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.get() >= 100_000, "{} pairs", compared.get());
}

/// The next firing of the same fields after an instant in a zone: ours, then croner's.
fn both(fields: &str, after: &str, zone: &str) -> (Option<String>, Option<String>) {
    let after: Timestamp = after.parse().unwrap();
    let schedule: ScheduleExpression = format!("cron({fields})").parse().unwrap();
    let recurrence = Recurrence::new(schedule).in_time_zone(zone).unwrap();
    let from = theirs(after).in_tz(zone).unwrap();
    let next = croner(fields).find_next_occurrence(&from, false);
    (
        recurrence.next_after(after).map(|at| at.to_string()),
        next.ok().map(|at| at.timestamp().to_string()),
    )
}

fn assert_differ(fields: &str, after: &str, zone: &str, own: Option<&str>, croners: Option<&str>) {
    let found = both(fields, after, zone);
    let expected = (own.map(str::to_owned), croners.map(str::to_owned));
    assert_eq!(found, expected, "{fields} after {after} in {zone}");
}

#[test]
fn years_end_elsewhere_and_step_from_elsewhere() {
    let (daily, after) = ("0 0 * * ? *", "2199-12-31T00:00:00Z");
    assert_differ(daily, after, "UTC", None, Some("2200-01-01T00:00:00Z"));
    let (daily, after) = ("0 0 * * ? *", "1960-01-01T00:00:00Z");
    assert_differ(
        daily,
        after,
        "UTC",
        Some("1970-01-01T00:00:00Z"),
        Some("1960-01-02T00:00:00Z"),
    );
    // Every second year from the first, which is even here and odd there.
    let (own, croners) = ("2028-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_differ(
        "0 0 1 1 ? */2",
        "2026-06-01T00:00:00Z",
        "UTC",
        Some(own),
        Some(croners),
    );
}

#[test]
fn the_last_day_of_the_week_is_saturday() {
    let saturday = Some("2026-01-03T00:00:00Z");
    assert_differ("0 0 ? * L *", "2026-01-01T00:00:00Z", "UTC", saturday, None);
}

#[test]
fn what_only_croner_reads() {
    for fields in [
        "0 0 1 * SUN *",
        "0 0 * * * *",
        "0 0 ? * ? *",
        "* 0 ? * * *",
        "0 0 ? * MON#1,TUE#2 *",
        "0 0 1,L * ? *",
        "0 0 1W,15W * ? *",
        "0 0 1 1 ? 2200",
    ] {
        assert!(
            format!("cron({fields})")
                .parse::<ScheduleExpression>()
                .is_err(),
            "{fields}"
        );
        croner(fields);
    }
}

#[test]
fn changes_of_the_clock_are_met_otherwise() {
    let zone = "Europe/Berlin";
    // 02:30 is skipped: an hour later here, right after the skip there.
    let (own, croners) = ("2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z");
    assert_differ(
        "30 2 * * ? *",
        "2026-03-29T00:00:00Z",
        zone,
        Some(own),
        Some(croners),
    );
    // With several hours, croner leaves out skipped times, unless another local time is as late.
    let (own, croners) = ("2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z");
    assert_differ(
        "30 2/2 * * ? *",
        "2026-03-29T00:45:00Z",
        zone,
        Some(own),
        Some(croners),
    );
    // 02:30 comes twice: both fire once if it is the only time of the day.
    let own = "2026-10-26T01:30:00Z";
    let (found, croners) = both("30 2 * * ? *", "2026-10-25T00:30:00Z", zone);
    assert_eq!(
        (found.as_deref(), croners.as_deref()),
        (Some(own), Some(own))
    );
    // With several hours, it fires both times there.
    let (own, croners) = ("2026-10-25T02:30:00Z", "2026-10-25T01:30:00Z");
    assert_differ(
        "30 * * * ? *",
        "2026-10-25T00:30:00Z",
        zone,
        Some(own),
        Some(croners),
    );
}
