//! What holds for every schedule in every time zone, above all when the clock changes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use aws_patch_manager::ScheduleExpression;
use aws_patch_manager::schedule::Recurrence;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;

/// Times of a day, on every day or on one of the week.
#[derive(Debug, Clone)]
struct Times {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    weekday: Option<i8>,
}

impl Times {
    fn expression(&self) -> ScheduleExpression {
        let list = |values: &BTreeSet<i8>| {
            let values: Vec<_> = values.iter().map(i8::to_string).collect();
            values.join(",")
        };
        let weekday = self.weekday.map_or("*".to_owned(), |day| day.to_string());
        let (minutes, hours) = (list(&self.minutes), list(&self.hours));
        format!("cron({minutes} {hours} ? * {weekday} *)")
            .parse()
            .unwrap()
    }

    /// All firings in some days, from the zone's instant of each local time.
    fn firings(
        &self,
        zone: &TimeZone,
        offset: u8,
        from: Timestamp,
        until: Timestamp,
    ) -> BTreeSet<Timestamp> {
        let first = zone.to_datetime(from).date() - 9.days();
        let last = zone.to_datetime(until).date() + 2.days();
        let dates = first
            .series(1.day())
            .take_while(|date| *date <= last)
            .filter(|date| {
                let weekday = date.weekday().to_sunday_one_offset();
                self.weekday.is_none_or(|asked| asked == weekday)
            });
        dates
            .flat_map(|date| {
                let date = date + i64::from(offset).days();
                let times = self
                    .hours
                    .iter()
                    .flat_map(|hour| self.minutes.iter().map(|minute| (*hour, *minute)));
                times.map(move |(hour, minute)| date.at(hour, minute, 0, 0))
            })
            .map(|local| zone.to_timestamp(local).unwrap())
            .filter(|at| (from..until).contains(at))
            .collect()
    }
}

fn times() -> impl Strategy<Value = Times> {
    let minutes = btree_set(select((0i8..60).step_by(5).collect::<Vec<_>>()), 1..5);
    (
        minutes,
        btree_set(0i8..24, 1..24),
        prop::option::of(1i8..=7),
    )
        .prop_map(|(minutes, hours, weekday)| Times {
            minutes,
            hours,
            weekday,
        })
}

/// Any zone, or one whose clock does not change by a whole hour.
fn zone() -> impl Strategy<Value = String> {
    let any: Vec<_> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    assert!(any.len() > 400);
    let odd = ["Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia"].map(str::to_owned);
    prop_oneof![3 => select(any), 1 => select(odd.to_vec())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn firings_are_the_instants_of_their_local_times(
        times in times(),
        zone in zone(),
        // An expression has no day before 1970, so nothing fires in its first days with an offset.
        second in 864_000i64..4_102_444_800,
        offset in 0u8..=6,
        into in -40i64..40,
    ) {
        let mut recurrence = Recurrence::new(times.expression()).in_time_zone(&zone).unwrap();
        if offset > 0 {
            recurrence = recurrence.offset_days(offset).unwrap();
        }
        let name = zone;
        let zone = recurrence.time_zone().clone();
        let moment = Timestamp::from_second(second).unwrap();
        let change = zone.following(moment).next().map_or(moment, |change| change.timestamp());
        let from = change + SignedDuration::from_mins(into * 37);
        let until = from + SignedDuration::from_hours(72);
        let expected = times.firings(&zone, offset, from, until);
        let firings: Vec<_> = recurrence.between(from, until).collect();
        prop_assert_eq!(&firings, &expected.iter().copied().collect::<Vec<_>>(), "{} in {}", recurrence.expression(), name);
        for firing in firings {
            let before = firing - SignedDuration::from_mins(7);
            let next = expected.range(before..).find(|at| **at > before).filter(|_| before >= from);
            prop_assert!(next.is_none_or(|next| recurrence.next_after(before) == Some(*next)));
        }
    }
}
