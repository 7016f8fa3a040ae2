//! Schedules with their time zone, offset, start and end; their firings; and the way from local times
//! to instants.

use std::fmt;
use std::iter::FusedIterator;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;

use super::{ScheduleExpression, ScheduleKind};
use crate::error::{Result, Violations};

/// The operation in errors.
const OPERATION: &str = "Recurrence";

/// A schedule expression with everything else that decides when it fires: time zone, offset, start,
/// end and anchor.
///
/// - **Time zone**: `cron` and `at` are read in it, UTC unless set. A rate has no zone: its day has
///   24 hours.
/// - **Offset**: a cron fires this many calendar days after its date, at the same local time. Use
///   it for days after Patch Tuesday: the day after the second Tuesday is not always the second
///   Wednesday.
/// - **Start and end**: it fires from the start on, the start included, and before the end.
/// - **Anchor**: a rate counts from it; the anchor itself is not a firing. Without an anchor a rate
///   counts from the start, and without a start from the instant of the question. A cron with an
///   offset skips a date before its anchor: a window that is created between the cron date and the
///   firing first opens a period later (user guide).
///
/// AWS does not document what happens when the clock changes. This crate follows the rule of most
/// calendars. A local time that the clock skips is due later by the length of the skip: 02:30
/// becomes 03:30. A local time that comes twice is due the first time only. Two local times at one
/// instant are one firing. If an hour matters, compare with DescribeMaintenanceWindowSchedule, or
/// plan outside those hours.
///
/// Zones come from the machine's own database, or from the copy in this crate if the machine has
/// none.
///
/// ```
/// use aws_patch_manager::ScheduleExpression;
/// use aws_patch_manager::schedule::Recurrence;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let patch_tuesday = ScheduleExpression::parse("cron(0 2 ? * TUE#2 *)")?;
/// let saturday_after = Recurrence::new(patch_tuesday)
///     .in_time_zone("Europe/Berlin")?
///     .offset_days(4)?;
/// let after: Timestamp = "2026-03-01T00:00:00Z".parse()?;
/// let firings: Vec<_> = saturday_after.after(after).take(2).map(|at| at.to_string()).collect();
/// assert_eq!(firings, ["2026-03-14T01:00:00Z", "2026-04-18T00:00:00Z"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Recurrence {
    #[serde(rename = "Schedule")]
    expression: ScheduleExpression,
    #[serde(rename = "ScheduleTimezone", with = "jiff::fmt::serde::tz::required")]
    time_zone: TimeZone,
    #[serde(rename = "ScheduleOffset")]
    offset_days: u8,
    #[serde(rename = "StartDate", skip_serializing_if = "Option::is_none")]
    start: Option<Timestamp>,
    #[serde(rename = "EndDate", skip_serializing_if = "Option::is_none")]
    end: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<Timestamp>,
}

impl Recurrence {
    /// The expression alone: in UTC, without offset, start, end or anchor.
    pub fn new(expression: ScheduleExpression) -> Self {
        Self {
            expression,
            time_zone: TimeZone::UTC,
            offset_days: 0,
            start: None,
            end: None,
            anchor: None,
        }
    }

    /// Reads `cron` and `at` in this zone: its IANA name, such as `Europe/Berlin`, in any case.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) at `ScheduleTimezone` if the name is
    /// unknown. An offset such as `+02:00` is not a name.
    pub fn in_time_zone(mut self, name: impl AsRef<str>) -> Result<Self> {
        let mut found = Violations::new();
        self.time_zone = zone_named(name.as_ref(), "ScheduleTimezone", &mut found);
        found.or(OPERATION, self)
    }

    /// Fires this many days after each cron date, 1 to 6.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) at `ScheduleOffset` for other numbers,
    /// and for `rate` and `at`.
    pub fn offset_days(mut self, days: u8) -> Result<Self> {
        let mut found = Violations::new();
        let field = "ScheduleOffset";
        found.require((1..=6).contains(&days), field, days, "1 to 6 days");
        found.require(
            self.expression.kind() == ScheduleKind::Cron,
            field,
            days,
            format!(
                "an offset for `cron(…)` only, not for `{}`",
                self.expression
            ),
        );
        self.offset_days = days;
        found.or(OPERATION, self)
    }

    /// Fires at this instant at the earliest.
    #[must_use]
    pub fn starting(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Fires before this instant only.
    #[must_use]
    pub fn ending(mut self, end: Timestamp) -> Self {
        self.end = Some(end);
        self
    }

    /// Counts from this instant: the creation of the window or association.
    #[must_use]
    pub fn anchored_at(mut self, anchor: Timestamp) -> Self {
        self.anchor = Some(anchor);
        self
    }

    /// The expression.
    pub fn expression(&self) -> &ScheduleExpression {
        &self.expression
    }

    /// The zone that `cron` and `at` are read in.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// How many days after each cron date it fires; 0 if no offset is set.
    pub fn schedule_offset(&self) -> u8 {
        self.offset_days
    }

    /// The first instant at which it may fire.
    pub fn start(&self) -> Option<Timestamp> {
        self.start
    }

    /// The end, exclusive.
    pub fn end(&self) -> Option<Timestamp> {
        self.end
    }

    /// The instant that it counts from.
    pub fn anchor(&self) -> Option<Timestamp> {
        self.anchor
    }

    /// The first firing strictly after an instant; `None` if it does not fire again.
    ///
    /// The search is short even for `None`: it ends with the year 2199, the last legal year, and
    /// visits each month at most three times.
    pub fn next_after(&self, instant: Timestamp) -> Option<Timestamp> {
        self.next_counted_from(instant, instant)
    }

    /// All firings strictly after an instant, in order.
    pub fn after(&self, instant: Timestamp) -> Firings {
        Firings::after(self.clone(), instant)
    }

    /// All firings from an instant on and before another, in order.
    ///
    /// A rate that has neither anchor nor start counts from the first instant.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> Firings {
        Firings::between(self.clone(), from, until)
    }

    /// The first firing after an instant; this is the anchor of a rate without anchor and start.
    pub(super) fn next_counted_from(
        &self,
        anchor: Timestamp,
        instant: Timestamp,
    ) -> Option<Timestamp> {
        let moment = SignedDuration::from_nanos(1);
        let before_start = self.start.and_then(|start| start.checked_sub(moment).ok());
        let after = before_start.map_or(instant, |before| before.max(instant));
        let anchor = self.anchor.or(self.start).unwrap_or(anchor);
        let next = match self.expression.rate() {
            Some(rate) => rate.next_after_from(anchor, after),
            None => first_after(&self.time_zone, after, |earliest| self.local_from(earliest)),
        };
        next.filter(|next| self.end.is_none_or(|end| *next < end))
    }

    /// The first local time of a firing, from `earliest` on.
    fn local_from(&self, earliest: DateTime) -> Option<DateTime> {
        if self.offset_days == 0 {
            return self.expression.local_from(earliest);
        }
        let offset = i64::from(self.offset_days).days();
        let date = earliest.checked_sub(offset).ok()?;
        let anchor = self.anchor.map(|anchor| self.time_zone.to_datetime(anchor));
        let date = self
            .expression
            .local_from(anchor.map_or(date, |anchor| anchor.max(date)))?;
        date.checked_add(offset).ok()
    }
}

impl From<ScheduleExpression> for Recurrence {
    fn from(expression: ScheduleExpression) -> Self {
        Self::new(expression)
    }
}

/// The expression, the offset if there is one, and the time zone unless it is UTC, such as `cron(0
/// 2 ? * TUE#2 *) and 4 days in Europe/Berlin`.
impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.expression)?;
        match self.offset_days {
            0 => {}
            1 => f.write_str(" and 1 day")?,
            days => write!(f, " and {days} days")?,
        }
        match self.time_zone.iana_name() {
            None | Some("UTC") => Ok(()),
            Some(zone) => write!(f, " in {zone}"),
        }
    }
}

/// The firings of a schedule, in order and each once; made by [`Recurrence::after`] and
/// [`Recurrence::between`].
///
/// A rate and most cron expressions have no last firing: take as many as you need.
#[derive(Debug, Clone)]
pub struct Firings {
    recurrence: Recurrence,
    /// The instant that a rate without an anchor counts from.
    anchor: Timestamp,
    last: Option<Timestamp>,
    /// The end of the span, exclusive.
    until: Option<Timestamp>,
}

impl Firings {
    pub(super) fn after(recurrence: Recurrence, instant: Timestamp) -> Self {
        Self {
            recurrence,
            anchor: instant,
            last: Some(instant),
            until: None,
        }
    }

    pub(super) fn between(recurrence: Recurrence, from: Timestamp, until: Timestamp) -> Self {
        let before = from.checked_sub(SignedDuration::from_nanos(1));
        Self {
            recurrence,
            anchor: from,
            last: Some(before.unwrap_or(from)),
            until: Some(until),
        }
    }
}

impl Iterator for Firings {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let next = self.recurrence.next_counted_from(self.anchor, self.last?);
        self.last = next.filter(|next| self.until.is_none_or(|until| *next < until));
        self.last
    }
}

impl FusedIterator for Firings {}

const ZONE: &str = "the IANA name of a time zone, such as `Europe/Berlin` or `UTC`";

/// The zone of this IANA name, in any case. An unknown name, such as `Etc/Unknown`, records a
/// violation and counts as UTC.
pub(super) fn zone_named(name: &str, field: &str, found: &mut Violations) -> TimeZone {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    found.require(zone.is_some(), field, name, ZONE);
    zone.unwrap_or(TimeZone::UTC)
}

/// The first instant after `after` of one of some local times in this zone.
///
/// `next` returns the first of the local times from a given one on, in whole seconds. A local time
/// that the clock skips is later by the length of the skip; one that comes twice counts the first
/// time. So the order of instants is not always the order of local times.
pub(super) fn first_after(
    zone: &TimeZone,
    after: Timestamp,
    next: impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let after = second_after(after)?;
    let offset = zone.to_offset(after);
    let shown = offset.to_datetime(after);
    let Some((change, old)) = last_change(zone, after) else {
        return first_from(zone, shown, &next);
    };
    // After the clock went back, its times have come before, until it reaches the old time.
    let regular = first_from(zone, shown.max(old.to_datetime(change)), &next);
    // After it went forward, the skipped local times are due by the old offset.
    let skip_ends = offset.to_datetime(change);
    let from = old.to_datetime(after);
    let skipped = (from < skip_ends)
        .then(|| next(from))
        .flatten()
        .filter(|local| *local < skip_ends)
        .and_then(|local| old.to_timestamp(local).ok());
    regular.into_iter().chain(skipped).min()
}

/// The first instant of the local times from `from` on.
fn first_from(
    zone: &TimeZone,
    from: DateTime,
    next: &impl Fn(DateTime) -> Option<DateTime>,
) -> Option<Timestamp> {
    let due = zone.to_ambiguous_timestamp(next(from)?);
    let AmbiguousOffset::Gap { after, .. } = due.offset() else {
        return due.compatible().ok();
    };
    let first = due.compatible().ok()?;
    // A local time right after the skip comes before one late in it.
    let (change, _) = last_change(zone, first)?;
    let regular = next(after.to_datetime(change));
    let regular = regular.and_then(|local| zone.to_timestamp(local).ok());
    regular.into_iter().chain([first]).min()
}

/// The last change of the zone's offset up to a whole second, and the offset before it.
fn last_change(zone: &TimeZone, second: Timestamp) -> Option<(Timestamp, Offset)> {
    let change = zone.preceding(second_after(second)?).next()?.timestamp();
    let before = Timestamp::from_second(change.as_second() - 1).ok()?;
    Some((change, zone.to_offset(before)))
}

/// The first whole second after an instant.
fn second_after(instant: Timestamp) -> Option<Timestamp> {
    // Before 1970, truncation rounds a second up.
    let next = i64::from(instant.subsec_nanosecond() >= 0);
    Timestamp::from_second(instant.as_second() + next).ok()
}
