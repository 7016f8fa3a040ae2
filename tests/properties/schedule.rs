//! What holds for every schedule: it prints as it was read, and fires by its fields.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use aws_patch_manager::ScheduleExpression;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Which days fire, in the terms of the grammar and of the calendar.
#[derive(Debug, Clone)]
enum Days {
    Every,
    OfMonth(BTreeSet<i8>),
    Stepped(i8, i8),
    Last,
    LastWeekday,
    Nearest(i8),
    OfWeek(BTreeSet<i8>),
    LastOf(i8),
    Nth(i8, i8),
}

impl Days {
    /// The day-of-month and day-of-week fields.
    fn fields(&self) -> (String, String) {
        let unset = || "?".to_owned();
        let list = |days: &BTreeSet<i8>| {
            let days: Vec<_> = days.iter().map(i8::to_string).collect();
            days.join(",")
        };
        match self {
            Self::Every => ("*".to_owned(), unset()),
            Self::OfMonth(days) => (list(days), unset()),
            Self::Stepped(from, step) => (format!("{from}/{step}"), unset()),
            Self::Last => ("L".to_owned(), unset()),
            Self::LastWeekday => ("LW".to_owned(), unset()),
            Self::Nearest(day) => (format!("{day}W"), unset()),
            Self::OfWeek(days) => (unset(), list(days)),
            Self::LastOf(day) => (unset(), format!("{day}L")),
            Self::Nth(day, nth) => (unset(), format!("{}#{nth}", NAMES[*day as usize - 1])),
        }
    }

    fn admits(&self, date: Date) -> bool {
        let weekday = |day: i8| Weekday::from_sunday_one_offset(day).unwrap();
        match self {
            Self::Every => true,
            Self::OfMonth(days) => days.contains(&date.day()),
            Self::Stepped(from, step) => date.day() >= *from && (date.day() - from) % step == 0,
            Self::Last => date == date.last_of_month(),
            Self::LastWeekday => date == nearest_weekday(date.last_of_month()),
            Self::Nearest(day) => date
                .with()
                .day(*day)
                .build()
                .is_ok_and(|near| date == nearest_weekday(near)),
            Self::OfWeek(days) => days.contains(&date.weekday().to_sunday_one_offset()),
            Self::LastOf(day) => date
                .nth_weekday_of_month(-1, weekday(*day))
                .is_ok_and(|found| found == date),
            Self::Nth(day, nth) => date
                .nth_weekday_of_month(*nth, weekday(*day))
                .is_ok_and(|found| found == date),
        }
    }
}

/// The closest weekday of the month, by comparing all.
fn nearest_weekday(to: Date) -> Date {
    (1..=to.days_in_month())
        .map(|day| to.with().day(day).build().unwrap())
        .filter(|date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday))
        .min_by_key(|date| (to.day() - date.day()).abs())
        .unwrap()
}

#[derive(Debug, Clone)]
struct Plan {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: Days,
    months: BTreeSet<i8>,
    years: Option<(i16, i16)>,
}

impl Plan {
    fn text(&self) -> String {
        let list = |values: &BTreeSet<i8>| {
            let values: Vec<_> = values.iter().map(i8::to_string).collect();
            values.join(",")
        };
        let (of_month, of_week) = self.days.fields();
        let years = match self.years {
            Some((first, last)) => format!("{first}-{last}"),
            None => "*".to_owned(),
        };
        let months = match self.months.len() {
            12 => "*".to_owned(),
            _ => list(&self.months),
        };
        format!(
            "cron({} {} {of_month} {months} {of_week} {years})",
            list(&self.minutes),
            list(&self.hours),
        )
    }

    /// The first firing after an instant, found by testing every day of four years.
    fn search(&self, after: Timestamp) -> Option<Timestamp> {
        let start = TimeZone::UTC.to_datetime(after).date();
        start
            .series(1.day())
            .take(4 * 366)
            .filter(|date| self.months.contains(&date.month()) && self.days.admits(*date))
            .filter(|date| {
                self.years
                    .is_none_or(|(first, last)| (first..=last).contains(&date.year()))
            })
            .flat_map(|date| {
                self.hours.iter().flat_map(move |hour| {
                    self.minutes
                        .iter()
                        .map(move |minute| date.at(*hour, *minute, 0, 0))
                })
            })
            .map(|firing| TimeZone::UTC.to_timestamp(firing).unwrap())
            .find(|firing| *firing > after)
    }
}

fn days() -> impl Strategy<Value = Days> {
    prop_oneof![
        Just(Days::Every),
        btree_set(1i8..=31, 1..4).prop_map(Days::OfMonth),
        (1i8..=31, 1i8..=31).prop_map(|(from, step)| Days::Stepped(from, step)),
        Just(Days::Last),
        Just(Days::LastWeekday),
        (1i8..=31).prop_map(Days::Nearest),
        btree_set(1i8..=7, 1..4).prop_map(Days::OfWeek),
        (1i8..=7).prop_map(Days::LastOf),
        (1i8..=7, 1i8..=5).prop_map(|(day, nth)| Days::Nth(day, nth)),
    ]
}

fn plan() -> impl Strategy<Value = Plan> {
    // Minutes that lie at least 5 apart, also across the hour.
    let minutes = btree_set(select((0i8..60).step_by(5).collect::<Vec<_>>()), 1..4);
    let months = prop_oneof![
        Just((1i8..=12).collect::<BTreeSet<_>>()),
        btree_set(1i8..=12, 1..4),
    ];
    let years = prop::option::of((1990i16..2100, 0i16..5).prop_map(|(y, n)| (y, y + n)));
    (minutes, btree_set(0i8..24, 1..4), days(), months, years).prop_map(
        |(minutes, hours, days, months, years)| Plan {
            minutes,
            hours,
            days,
            months,
            years,
        },
    )
}

/// From 1990 to 2100, to the millisecond.
fn instant() -> impl Strategy<Value = Timestamp> {
    (631_152_000_000i64..4_102_444_800_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn next_after_is_the_first_day_and_time_that_the_fields_admit(
        plan in plan(),
        after in instant(),
    ) {
        let schedule: ScheduleExpression = plan.text().parse().unwrap();
        let next = schedule.next_after(after);
        match plan.search(after) {
            Some(expected) => prop_assert_eq!(next, Some(expected), "{}", schedule),
            None => {
                let searched = TimeZone::UTC.to_datetime(after).date() + (4 * 366 - 1).days();
                let later = next.is_none_or(|at| TimeZone::UTC.to_datetime(at).date() > searched);
                prop_assert!(later, "{} fires at {:?}", schedule, next);
            }
        }
    }

    #[test]
    fn what_is_printed_reads_as_the_same(plan in plan()) {
        let schedule: ScheduleExpression = plan.text().parse().unwrap();
        prop_assert_eq!(schedule.to_string(), plan.text());
        prop_assert_eq!(schedule.to_string().parse::<ScheduleExpression>().unwrap(), schedule);
    }
}
