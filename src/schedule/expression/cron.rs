//! Cron expressions: their grammar, their firings, and the part of them that State Manager accepts.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::day::{DayOfMonth, DayOfWeek, Month};
use super::field::{
    DAY_OF_MONTH, DAY_OF_WEEK, Field, HOURS, MINUTES, MONTH, SECONDS, ValueSet, YEAR,
};
use super::refused;
use crate::error::{Error, Result, Violation, Violations};

/// The fewest minutes between two firings; the service supports no shorter interval.
pub(super) const LEAST_MINUTES: u16 = 5;

/// The fewest days that each month has.
const SHORTEST: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The legal steps in hours of an association.
const HOURLY: [usize; 5] = [1, 2, 4, 8, 12];

/// A cron expression: its text and its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Cron {
    /// The fields as written, in upper case, one space apart.
    text: String,
    second: u16,
    minutes: ValueSet,
    hours: ValueSet,
    day_of_month: DayOfMonth,
    months: ValueSet,
    day_of_week: DayOfWeek,
    years: ValueSet,
}

impl Cron {
    /// Reads the text between the parentheses: six fields, or seven with seconds in front.
    pub(super) fn parse(inner: &str) -> Result<Self> {
        let fields: Vec<&str> = inner.split_ascii_whitespace().collect();
        let (second, rest) = match fields.as_slice() {
            [second, rest @ ..] if rest.len() == 6 => (*second, rest),
            rest => ("0", rest),
        };
        let [minute, hour, day, month, weekday, year] = *rest else {
            return Err(wrong_count(inner, fields.len()));
        };
        let mut text = fields.join(" ");
        text.make_ascii_uppercase();
        let mut found = Violations::new();
        let value = SECONDS
            .value(second)
            .ok_or_else(|| SECONDS.legal.to_owned());
        let cron = Self {
            text,
            second: accept(value, &SECONDS, inner, &mut found),
            minutes: accept(MINUTES.set(minute), &MINUTES, inner, &mut found),
            hours: accept(HOURS.set(hour), &HOURS, inner, &mut found),
            day_of_month: accept(DayOfMonth::parse(day), &DAY_OF_MONTH, inner, &mut found),
            months: accept(MONTH.set(month), &MONTH, inner, &mut found),
            day_of_week: accept(DayOfWeek::parse(weekday), &DAY_OF_WEEK, inner, &mut found),
            years: accept(YEAR.set(year), &YEAR, inner, &mut found),
        };
        // The guide forbids a value in both day fields and leaves `* … *` and `? … ?` open; all
        // of its examples have exactly one `?`.
        if (day == "?") == (weekday == "?") {
            let legal = format!("`?` in exactly one of day of month (`{day}`) and day of week");
            found.add(DAY_OF_WEEK.violation(inner, legal));
        }
        if cron.least_gap_in_minutes() < LEAST_MINUTES {
            let legal = format!(
                "firings at least {LEAST_MINUTES} minutes apart; the service supports no shorter interval"
            );
            found.add(MINUTES.violation(inner, legal));
        }
        found.or("ScheduleExpression", cron)
    }

    /// The fewest minutes between two firings, of one day or of two days in a row.
    fn least_gap_in_minutes(&self) -> u16 {
        let within = self
            .minutes
            .iter()
            .zip(self.minutes.iter().skip(1))
            .map(|(earlier, later)| later - earlier)
            .min();
        let days_meet = self.day_of_month.has_neighbours() || self.day_of_week.has_neighbours();
        let hours_meet = self.hours.iter().any(|hour| match hour {
            23 => days_meet && self.hours.contains(0),
            _ => self.hours.contains(hour + 1),
        });
        let across = match (self.minutes.iter().next(), self.minutes.iter().last()) {
            (Some(first), Some(last)) if hours_meet => Some(60 + first - last),
            _ => None,
        };
        within.into_iter().chain(across).min().unwrap_or(u16::MAX)
    }

    /// Whether it may skip a month that it names, because the month does not have the day.
    pub(super) fn may_skip_a_month(&self) -> bool {
        // No month has five of every weekday.
        if let DayOfWeek::Nth(_, nth) = &self.day_of_week {
            return *nth == 5;
        }
        let first_day = self.first_day_of_month();
        let shortest = |month: u16| SHORTEST.get(usize::from(month).saturating_sub(1));
        let lacks = |month| shortest(month).is_some_and(|days| Some(u16::from(*days)) < first_day);
        self.months.iter().any(lacks)
    }

    /// Whether it fires on 29 February only.
    pub(super) fn is_leap_day(&self) -> bool {
        self.first_day_of_month() == Some(29) && self.months.iter().eq([2])
    }

    fn first_day_of_month(&self) -> Option<u16> {
        match &self.day_of_month {
            DayOfMonth::Days(days) => days.first_from(1),
            DayOfMonth::NearestWeekday(day) => Some(u16::from(*day)),
            _ => None,
        }
    }

    /// The first date and time that the fields admit, from `earliest` on.
    ///
    /// Steps field by field, from the year down, through at most 230 years of 12 months.
    pub(super) fn next_from(&self, earliest: DateTime) -> Option<DateTime> {
        let earliest = whole_second_from(earliest)?;
        let start = earliest.date();
        let today = self.time_from(earliest.time());
        let date = match today {
            Some(_) => self.date_from(start)?,
            None => self.date_from(start.tomorrow().ok()?)?,
        };
        let time = today.filter(|_| date == start);
        Some(date.to_datetime(time.or_else(|| self.time_from(Time::midnight()))?))
    }

    fn date_from(&self, start: Date) -> Option<Date> {
        let mut first_month = start.month() as u16;
        let mut first_day = start.day() as u8;
        let mut year = self.years.first_from(start.year().max(0) as u16)?;
        if i32::from(year) != i32::from(start.year()) {
            (first_month, first_day) = (1, 1);
        }
        loop {
            let mut month = self.months.first_from(first_month);
            while let Some(at) = month {
                if at != first_month {
                    first_day = 1;
                }
                let day = Month::new(year, at)?.first_day_from(
                    first_day,
                    &self.day_of_month,
                    &self.day_of_week,
                );
                if let Some(day) = day {
                    return Date::new(year as i16, at as i8, day as i8).ok();
                }
                first_day = 1;
                month = self.months.first_from(at + 1);
            }
            (first_month, first_day) = (1, 1);
            year = self.years.first_from(year + 1)?;
        }
    }

    fn time_from(&self, start: Time) -> Option<Time> {
        let (hour, minute) = (start.hour() as u16, start.minute() as u16);
        let passed = self.second < start.second() as u16;
        let same_hour = self
            .hours
            .contains(hour)
            .then(|| self.minutes.first_from(minute + u16::from(passed)))
            .flatten();
        let (hour, minute) = match same_hour {
            Some(minute) => (hour, minute),
            None => (
                self.hours.first_from(hour + 1)?,
                self.minutes.first_from(0)?,
            ),
        };
        Time::new(hour as i8, minute as i8, self.second as i8, 0).ok()
    }

    /// Records what is not legal in an association.
    pub(super) fn check_for_association(&self, found: &mut Violations) {
        for (field, legal) in self.refused_by_association() {
            found.add(field.violation(&self.text, in_association(legal)));
        }
    }

    /// The same in words, one phrase for each field.
    pub(super) fn association_refusals(&self) -> Vec<String> {
        let refused = self.refused_by_association().into_iter();
        let refused = refused.map(|(field, legal)| field.described(&self.text, legal));
        refused.collect()
    }

    /// The fields that are not legal in an association, each with what is (User Guide, cron and rate
    /// expressions for associations).
    fn refused_by_association(&self) -> Vec<(&'static Field, &'static str)> {
        let mut refused = Vec::new();
        let mut require = |holds: bool, field: &'static Field, legal: &'static str| {
            if !holds {
                refused.push((field, legal));
            }
        };
        let (one_minute, one_hour) = (is_one(&self.minutes), is_one(&self.hours));
        let half_hourly = fires_every(&self.minutes, 30, 60) && fires_every(&self.hours, 1, 24);
        let hourly = HOURLY
            .iter()
            .any(|step| fires_every(&self.hours, *step, 24));
        require(self.second == 0, &SECONDS, "0");
        require(
            one_minute || half_hourly,
            &MINUTES,
            "one minute, or every 30 minutes of every hour",
        );
        require(
            one_hour || hourly || !one_minute,
            &HOURS,
            "one hour, or every 1, 2, 4, 8 or 12 hours",
        );
        require(admits_each(&self.day_of_month), &DAY_OF_MONTH, "`*` or `?`");
        require(fires_every(&self.months, 1, 12), &MONTH, "`*`");
        require(
            match &self.day_of_week {
                DayOfWeek::Unset => true,
                DayOfWeek::Days(days) if fires_every(days, 1, 7) => true,
                DayOfWeek::Days(days) => one_minute && one_hour && is_one(days),
                DayOfWeek::LastOf(_) | DayOfWeek::Nth(..) => one_minute && one_hour,
            },
            &DAY_OF_WEEK,
            "`*` or `?`, or where it fires once a day, one day, a day and `L`, or a day, `#` and 1 to 5",
        );
        require(fires_every(&self.years, 1, 230), &YEAR, "`*`");
        refused
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cron({})", self.text)
    }
}

fn whole_second_from(time: DateTime) -> Option<DateTime> {
    match time.subsec_nanosecond() {
        0 => Some(time),
        past => {
            let left = SignedDuration::from_nanos(1_000_000_000 - i64::from(past));
            time.checked_add(left).ok()
        }
    }
}

/// The value that was read; or a placeholder, after recording a violation.
fn accept<T: Default>(
    parsed: Result<T, String>,
    field: &Field,
    inner: &str,
    found: &mut Violations,
) -> T {
    parsed.unwrap_or_else(|legal| {
        found.add(field.violation(inner, legal));
        T::default()
    })
}

fn wrong_count(inner: &str, count: usize) -> Error {
    refused([Violation::new(
        "Schedule",
        format!("cron({inner})"),
        format!(
            "six fields, `cron(minutes hours day-of-month month day-of-week year)`, or seven with seconds in front; {count} are given{}",
            unix_hint(inner)
        ),
    )])
}

/// What to write instead, if these are the five fields of Unix cron. Numbers of weekdays are left alone: Unix
/// counts them from 0, AWS from 1.
pub(super) fn unix_hint(fields: &str) -> String {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else {
        return String::new();
    };
    let days = match (day, weekday) {
        (day, "*") => Some((day, "?")),
        ("*", weekday) if !weekday.contains(|c: char| c.is_ascii_digit()) => Some(("?", weekday)),
        _ => None,
    };
    let fields = days.map(|(day, weekday)| format!("{minute} {hour} {day} {month} {weekday} *"));
    match fields.filter(|fields| Cron::parse(fields).is_ok()) {
        Some(fields) => format!("; five fields are Unix cron, which AWS writes `cron({fields})`"),
        None => "; five fields are Unix cron: add a year, such as `*`, and put `?` in one of the day fields".to_owned(),
    }
}

fn admits_each(days: &DayOfMonth) -> bool {
    match days {
        DayOfMonth::Unset => true,
        DayOfMonth::Days(days) => fires_every(days, 1, 31),
        DayOfMonth::Last | DayOfMonth::LastWeekday | DayOfMonth::NearestWeekday(_) => false,
    }
}

fn is_one(values: &ValueSet) -> bool {
    values.iter().count() == 1
}

/// Whether the values are evenly `step` apart, all around a cycle of `cycle` values.
fn fires_every(values: &ValueSet, step: usize, cycle: usize) -> bool {
    let mut steps = values.iter().zip(values.iter().skip(1));
    values.iter().count() == cycle / step
        && steps.all(|(earlier, later)| usize::from(later - earlier) == step)
}

pub(super) fn in_association(legal: &str) -> String {
    format!("{legal} in an association; a maintenance window takes it")
}
