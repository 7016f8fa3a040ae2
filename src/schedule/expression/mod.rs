mod cron;
mod day;
mod field;
mod rate;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::cron::Cron;
pub(super) use self::rate::Rate;
use self::rate::Unit;
use super::recurrence::first_after;
use super::{Firings, Recurrence};
use crate::error::{Error, Result, Violation, Violations};
use crate::visible::Excerpt;

/// A schedule of Systems Manager: `cron(…)`, `rate(…)` or `at(…)`.
///
/// `cron` has six fields — minutes, hours, day of month, month, day of week, year — or seven with
/// one number of seconds in front. Exactly one of the two day fields is `?`. Days of the week
/// count from 1 for Sunday; names are read in either case. `L`, `LW`, `15W`, `6L` and `TUE#2`
/// stand alone in their field. `rate` takes a value and a unit, `at` a date and a time.
///
/// Nothing that fires more often than every 5 minutes is accepted, for the service does not
/// support it. (Source: the user guide's page on cron and rate expressions. Where it is silent,
/// this type refuses: ranges that run downward, `?` in both day fields, special days in a list. Ranges
/// that end with `SUN`, as `MON-SUN`, are read, and [`lint`](super::lint) tells of them.)
///
/// It prints as it was written, with names in upper case and single spaces. Two expressions are
/// equal if they print the same.
///
/// Its firings are in UTC. A [`Recurrence`] adds the time zone, offset, start and end of a
/// maintenance window or an association.
///
/// ```
/// use aws_patch_manager::ScheduleExpression;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let patch_tuesday = ScheduleExpression::parse("cron(0 18 ? * TUE#2 *)")?;
/// let after: Timestamp = "2026-01-14T00:00:00Z".parse()?;
/// assert_eq!(patch_tuesday.next_after(after), Some("2026-02-10T18:00:00Z".parse()?));
///
/// let refused = ScheduleExpression::parse("cron(60 25 ? * TUE *)").err();
/// assert_eq!(refused.map(|error| error.violations().len()), Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScheduleExpression(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    Cron(Box<Cron>),
    Rate(Rate),
    At(DateTime),
}

/// The form of a schedule; not every mechanism accepts each form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScheduleKind {
    /// `cron(…)`: by the calendar.
    Cron,
    /// `rate(…)`: at equal intervals.
    Rate,
    /// `at(…)`: once.
    At,
}

impl ScheduleExpression {
    /// The most characters of an expression (SSM model).
    pub const MAX_LENGTH: usize = 256;

    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with one violation for each field that is
    /// wrong, such as `Schedule: minutes`. What it prints points at each:
    ///
    /// ```text
    /// Schedule: hours: `25`: numbers from 0 to 23, with `,` `-` `*` `/`
    ///     cron(0 25 ? * TUE *)
    ///            ^^
    /// ```
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > Self::MAX_LENGTH {
            let legal = format!("at most {} characters", Self::MAX_LENGTH);
            return Err(refused([Violation::new("Schedule", text, legal)]));
        }
        let inner = |name| {
            let inner = text.strip_prefix(name)?.strip_prefix('(')?;
            inner.strip_suffix(')')
        };
        if let Some(fields) = inner("cron") {
            Cron::parse(fields).map(|cron| Self(Form::Cron(Box::new(cron))))
        } else if let Some(words) = inner("rate") {
            Rate::parse(words).map(Form::Rate).map(Self)
        } else if let Some(moment) = inner("at") {
            parse_moment(moment).map(Form::At).map(Self)
        } else {
            let legal = format!(
                "`cron(…)`, `rate(…)` or `at(…)`, such as `cron(0 2 ? * SUN *)`{}",
                cron::unix_hint(text)
            );
            Err(refused([Violation::new("Schedule", text, legal)]))
        }
    }

    /// Every day at this time, UTC.
    ///
    /// # Errors
    ///
    /// If the hour is above 23 or the minute above 59.
    pub fn daily_at(hour: u8, minute: u8) -> Result<Self> {
        Self::parse(&format!("cron({minute} {hour} ? * * *)"))
    }

    /// Every week on this day at this time, UTC.
    ///
    /// # Errors
    ///
    /// If the hour is above 23 or the minute above 59.
    pub fn weekly_on(weekday: Weekday, hour: u8, minute: u8) -> Result<Self> {
        let weekday = weekday_name(weekday);
        Self::parse(&format!("cron({minute} {hour} ? * {weekday} *)"))
    }

    /// Every month on the first to fifth day of this name, at this time, UTC.
    ///
    /// A month without a fifth does not fire.
    ///
    /// # Errors
    ///
    /// Where `nth` is not 1 to 5, the hour is above 23 or the minute above 59.
    ///
    /// ```
    /// use aws_patch_manager::ScheduleExpression;
    /// use aws_patch_manager::jiff::civil::Weekday;
    ///
    /// let patch_tuesday = ScheduleExpression::nth_weekday(Weekday::Tuesday, 2, 18, 0)?;
    /// assert_eq!(patch_tuesday.to_string(), "cron(0 18 ? * TUE#2 *)");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn nth_weekday(weekday: Weekday, nth: u8, hour: u8, minute: u8) -> Result<Self> {
        let weekday = weekday_name(weekday);
        Self::parse(&format!("cron({minute} {hour} ? * {weekday}#{nth} *)"))
    }

    /// Every month on the last day of this name, at this time, UTC.
    ///
    /// # Errors
    ///
    /// If the hour is above 23 or the minute above 59.
    pub fn last_weekday(weekday: Weekday, hour: u8, minute: u8) -> Result<Self> {
        let weekday = weekday.to_sunday_one_offset();
        Self::parse(&format!("cron({minute} {hour} ? * {weekday}L *)"))
    }

    /// Every month on its last day, at this time, UTC. Not legal in an association.
    ///
    /// # Errors
    ///
    /// If the hour is above 23 or the minute above 59.
    pub fn last_day_of_month(hour: u8, minute: u8) -> Result<Self> {
        Self::parse(&format!("cron({minute} {hour} L * ? *)"))
    }

    /// At equal intervals of whole minutes, at least 5, written in the largest unit that fits: 36
    /// hours are `rate(36 hours)`, 48 are `rate(2 days)`.
    ///
    /// [`every_minutes`](Self::every_minutes), [`every_hours`](Self::every_hours) and
    /// [`every_days`](Self::every_days) keep the unit in their name.
    ///
    /// # Errors
    ///
    /// If the interval is below 5 minutes, not in whole minutes, or above 4,294,967,295 of the
    /// unit.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use aws_patch_manager::ScheduleExpression;
    /// use aws_patch_manager::jiff::SignedDuration;
    ///
    /// let every = ScheduleExpression::every(Duration::from_hours(12))?;
    /// assert_eq!(every.to_string(), "rate(12 hours)");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn every(period: Duration) -> Result<Self> {
        Rate::every(period).map(Form::Rate).map(Self)
    }

    /// Every `value` minutes, at least 5.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for fewer than 5.
    pub fn every_minutes(value: u32) -> Result<Self> {
        Rate::new(value, Unit::Minute).map(Form::Rate).map(Self)
    }

    /// Every `value` hours, at least 1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for 0.
    pub fn every_hours(value: u32) -> Result<Self> {
        Rate::new(value, Unit::Hour).map(Form::Rate).map(Self)
    }

    /// Every `value` days, at least 1.
    ///
    /// ```
    /// use aws_patch_manager::ScheduleExpression;
    ///
    /// assert_eq!(ScheduleExpression::every_days(7)?.to_string(), "rate(7 days)");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for 0.
    pub fn every_days(value: u32) -> Result<Self> {
        Rate::new(value, Unit::Day).map(Form::Rate).map(Self)
    }

    /// Once, at this date and time, UTC.
    ///
    /// # Errors
    ///
    /// If the time is not a whole second, or the year is not of four digits.
    pub fn once(moment: DateTime) -> Result<Self> {
        Self::parse(&format!("at({moment})"))
    }

    /// Whether it may skip a month that it names, because it names a day that not every month has:
    /// the 31st, or a fifth Friday.
    pub fn may_skip_a_month(&self) -> bool {
        matches!(&self.0, Form::Cron(cron) if cron.may_skip_a_month())
    }

    /// Whether it fires on 29 February only, so in leap years only.
    pub fn is_leap_day(&self) -> bool {
        matches!(&self.0, Form::Cron(cron) if cron.is_leap_day())
    }

    /// Which form it has.
    pub fn kind(&self) -> ScheduleKind {
        match self.0 {
            Form::Cron(_) => ScheduleKind::Cron,
            Form::Rate(_) => ScheduleKind::Rate,
            Form::At(_) => ScheduleKind::At,
        }
    }

    /// The first firing strictly after an instant, in UTC; `None` if it does not fire again.
    ///
    /// A rate counts from the instant; [`next_after_from`](Self::next_after_from) takes the real
    /// anchor. The search of a cron expression ends with the year 2199, the last legal year, and
    /// visits each month at most once.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.next_after_from(instant, instant)
    }

    /// The same for a rate that counts from `anchor`, such as the moment it was created.
    ///
    /// The anchor itself is not a firing. The other forms ignore it.
    pub fn next_after_from(&self, anchor: Timestamp, instant: Timestamp) -> Option<Timestamp> {
        match self.rate() {
            Some(rate) => rate.next_after_from(anchor, instant),
            None => first_after(&TimeZone::UTC, instant, |from| self.local_from(from)),
        }
    }

    /// All firings strictly after an instant, in order, in UTC. A rate counts from the instant.
    pub fn after(&self, instant: Timestamp) -> Firings {
        Recurrence::new(self.clone()).after(instant)
    }

    /// All firings from an instant on and before another, in order, in UTC. A rate counts from the
    /// first instant.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> Firings {
        Recurrence::new(self.clone()).between(from, until)
    }

    /// Records what is not legal in an association.
    pub(super) fn check_for_association(&self, found: &mut Violations) {
        match &self.0 {
            Form::Cron(cron) => cron.check_for_association(found),
            Form::Rate(rate) => rate.check_for_association(found),
            Form::At(_) => {}
        }
    }

    /// What of a cron is not legal in an association, in words; empty for the other forms.
    pub(super) fn association_refusals(&self) -> Vec<String> {
        match &self.0 {
            Form::Cron(cron) => cron.association_refusals(),
            Form::Rate(_) | Form::At(_) => Vec::new(),
        }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        match self.0 {
            Form::Rate(rate) => Some(rate),
            Form::Cron(_) | Form::At(_) => None,
        }
    }

    /// The first date and time of a `cron` or an `at`, from `earliest` on; a rate has none.
    pub(super) fn local_from(&self, earliest: DateTime) -> Option<DateTime> {
        match &self.0 {
            Form::Cron(cron) => cron.next_from(earliest),
            Form::At(moment) => Some(*moment).filter(|moment| *moment >= earliest),
            Form::Rate(_) => None,
        }
    }
}

impl fmt::Display for ScheduleExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Cron(cron) => cron.fmt(f),
            Form::Rate(rate) => rate.fmt(f),
            Form::At(moment) => write!(f, "at({moment})"),
        }
    }
}

impl FromStr for ScheduleExpression {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ScheduleExpression {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<ScheduleExpression> for String {
    fn from(expression: ScheduleExpression) -> Self {
        expression.to_string()
    }
}

/// How the service names a day of the week.
pub(super) fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Sunday => "SUN",
        Weekday::Monday => "MON",
        Weekday::Tuesday => "TUE",
        Weekday::Wednesday => "WED",
        Weekday::Thursday => "THU",
        Weekday::Friday => "FRI",
        Weekday::Saturday => "SAT",
    }
}

fn parse_moment(text: &str) -> Result<DateTime> {
    // jiff reads more forms than the service documents; only this one prints as it was written.
    let parsed: Option<DateTime> = text.parse().ok();
    parsed
        .filter(|moment| moment.year() >= 0 && moment.to_string() == text)
        .filter(|moment| moment.subsec_nanosecond() == 0)
        .ok_or_else(|| {
            let legal =
                "a date and a time of whole seconds without a zone: `at(2026-07-07T15:55:00)`";
            let excerpt = Excerpt::new(format!("at({text})"), 3..3 + text.len());
            refused([Violation::new("Schedule: at", text, legal).with_excerpt(excerpt)])
        })
}

fn refused(violations: impl IntoIterator<Item = Violation>) -> Error {
    Error::invalid_input(violations.into_iter().collect()).with_operation("ScheduleExpression")
}
