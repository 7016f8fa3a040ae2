//! What holds for every text that is read as a schedule.
//!
//! A run reads 2,000 texts of each kind; `PROPTEST_CASES=1000000` changes that to a million.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use aws_patch_manager::ScheduleExpression;
use aws_patch_manager::schedule::{Recurrence, ScheduleMechanism};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The longest time of a search, in a build without optimisation on a busy machine.
const QUICK: Duration = Duration::from_secs(1);

const SEEDS: &[&str] = &[
    "cron(0 0 ? * SUN *)",
    "cron(24 30 09 ? * * *)",
    "cron(0/15 8-18/2 ? JAN-JUN,DEC MON-FRI 2026-2030)",
    "cron(0 0 LW 2 ? *)",
    "cron(0 0 31W * ? 1970/7)",
    "cron(30 23 ? * TUE#3 *)",
    "cron(0 0 ? 2 6L 2199)",
    "cron(0 0 30,31 2 ? *)",
    "rate(30 minutes)",
    "rate(1 day)",
    "at(2026-07-07T15:55:00)",
];

fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig::with_cases(asked.and_then(|cases| cases.parse().ok()).unwrap_or(2_000))
}

/// A word that is legal in some field, or nearly.
fn word() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        (0u16..70).prop_map(|n| n.to_string()),
        (1960u16..2210).prop_map(|n| n.to_string()),
        select(vec![
            "*", "?", "L", "W", "LW", "JAN", "dec", "SUN", "Fri", "day", "minutes", ""
        ])
        .prop_map(str::to_owned),
        "[0-9A-Za-z*?,#/LW-]{0,6}",
    ];
    let joint = select(vec!["", ",", "-", "/", "#", "L", "W"]);
    prop::collection::vec((atom, joint), 1..4).prop_map(|parts| {
        let parts = parts
            .iter()
            .flat_map(|(atom, joint)| [atom.as_str(), joint]);
        parts.collect()
    })
}

/// Words in the place of fields.
fn near_the_grammar() -> impl Strategy<Value = String> {
    let form = select(vec!["cron", "cron", "rate", "at", "", "cron("]);
    let fields = prop::collection::vec(word(), 0..9);
    (form, fields).prop_map(|(form, fields)| format!("{form}({})", fields.join(" ")))
}

/// A schedule with some characters replaced, taken out or put in.
fn mistyped() -> impl Strategy<Value = String> {
    let edit = (
        any::<Index>(),
        0u8..3,
        any::<char>(),
        select("0123456789*?/,-#LW ()".chars().collect::<Vec<_>>()),
    );
    (select(SEEDS), prop::collection::vec(edit, 1..4)).prop_map(|(seed, edits)| {
        let mut text: Vec<char> = seed.chars().collect();
        for (at, edit, any, near) in edits {
            let at = at.index(text.len() + 1);
            let with = if edit == 0 { any } else { near };
            match edit {
                0 | 1 => text.insert(at, with),
                _ if at == text.len() => {}
                _ if with == ' ' => drop(text.remove(at)),
                _ => text[at] = with,
            }
        }
        text.into_iter().collect()
    })
}

/// Valid cron expressions; many never or rarely fire.
fn rare() -> impl Strategy<Value = String> {
    let day = select(vec![
        "29", "30", "31", "30W", "31W", "29W", "L", "LW", "30-31",
    ]);
    let weekday = select(vec!["SUN#5", "7L", "2#1", "L"]);
    let days = prop_oneof![
        day.prop_map(|day| (day, "?")),
        weekday.prop_map(|weekday| ("?", weekday)),
    ];
    let year = prop_oneof![
        Just("*".to_owned()),
        (1970u16..2200).prop_map(|year| year.to_string()),
        (1970u16..2200, 1u16..230).prop_map(|(year, step)| format!("{year}/{step}")),
    ];
    (days, select(vec!["2", "FEB,APR", "4/7", "*"]), year).prop_map(
        |((day, weekday), month, year)| format!("cron(0 0 {day} {month} {weekday} {year})"),
    )
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (Timestamp::MIN.as_second()..=Timestamp::MAX.as_second())
            .prop_map(|second| Timestamp::from_second(second).unwrap()),
        (0i64..7_289_654_400_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap()),
        select(vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH]),
    ]
}

fn check(text: &str, at: Timestamp, zone: &str, days: u8) -> Result<(), TestCaseError> {
    let begun = Instant::now();
    let schedule = match text.parse::<ScheduleExpression>() {
        Ok(schedule) => schedule,
        Err(refused) => {
            prop_assert!(!refused.violations().is_empty());
            prop_assert!(!refused.to_string().is_empty());
            return Ok(());
        }
    };
    let printed = schedule.to_string();
    prop_assert_eq!(&printed.parse::<ScheduleExpression>().unwrap(), &schedule);
    let _ = schedule.check_for(ScheduleMechanism::Association);
    let recurrence = Recurrence::new(schedule).in_time_zone(zone).unwrap();
    let shifted = recurrence.clone().offset_days(days).ok();
    for recurrence in [Some(recurrence), shifted].into_iter().flatten() {
        let mut last = at;
        for firing in recurrence.after(at).take(3) {
            prop_assert!(firing > last, "{printed} fires at {firing} after {last}");
            last = firing;
        }
    }
    prop_assert!(
        begun.elapsed() < QUICK,
        "{printed} after {at}: {:?}",
        begun.elapsed()
    );
    Ok(())
}

fn zone() -> impl Strategy<Value = &'static str> {
    select(vec![
        "UTC",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ])
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), at in instant()) {
        check(&text, at, "UTC", 1)?;
        check(&format!("cron({text})"), at, "UTC", 1)?;
        check(&format!("rate({text})"), at, "UTC", 1)?;
        check(&format!("at({text})"), at, "UTC", 1)?;
    }

    #[test]
    fn words_where_fields_belong_are_read_or_refused(
        text in near_the_grammar(), at in instant(), zone in zone(), days in 1u8..=6,
    ) {
        check(&text, at, zone, days)?;
    }

    #[test]
    fn a_mistyped_schedule_is_read_or_refused(
        text in mistyped(), at in instant(), zone in zone(), days in 1u8..=6,
    ) {
        check(&text, at, zone, days)?;
    }

    #[test]
    fn a_rare_schedule_fires_or_ends_at_once(
        text in rare(), at in instant(), zone in zone(), days in 1u8..=6,
    ) {
        prop_assert!(text.parse::<ScheduleExpression>().is_ok(), "{text}");
        check(&text, at, zone, days)?;
    }
}
