//! The runs that schedules plan, by any mechanism, and their calendar.

mod lint;
mod sources;

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Serialize, Serializer};

pub use self::lint::{ScheduleLint, lint};
use super::Recurrence;
use super::recurrence::zone_named;
use crate::error::{Result, Violations};
use crate::lines::Lines;
use crate::types::PatchOperation;

/// A scan or an install that a schedule plans, with its limits.
///
/// [`PatchPolicy::planned_runs`](super::PatchPolicy::planned_runs),
/// [`PatchWindow::planned_runs`](super::window::PatchWindow::planned_runs) and
/// [`CreateAssociation::planned_run`](super::association::CreateAssociation::planned_run) create
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PlannedRun {
    /// Its name, such as the window's name.
    pub name: String,
    /// The operation: Scan or Install.
    pub operation: PatchOperation,
    /// When it runs.
    pub recurrence: Recurrence,
    /// How long it may last, if the mechanism limits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<SignedDuration>,
    /// How long before that end nothing new starts.
    pub cutoff: SignedDuration,
    /// Whether it also runs as soon as it is deployed.
    pub at_once: bool,
}

impl PlannedRun {
    /// A run by this schedule, without limits, that waits for its first scheduled time.
    pub fn new(name: impl Into<String>, operation: PatchOperation, recurrence: Recurrence) -> Self {
        Self {
            name: name.into(),
            operation,
            recurrence,
            duration: None,
            cutoff: SignedDuration::ZERO,
            at_once: false,
        }
    }
}

/// The name, the operation and the schedule, such as `web: Scan by cron(0 1 ? * * *)`.
impl fmt::Display for PlannedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} by {}",
            self.name, self.operation, self.recurrence
        )
    }
}

/// The most entries of a day; it shows how many more there are.
const MOST_OF_A_DAY: usize = 4;
/// The width of a day.
const WIDTH: usize = 10;

/// The next weeks of several runs as a text calendar in one time zone. `Display` prints it; its
/// JSON has each run with the instants at which it begins.
///
/// Weeks begin on Monday. Each run has a letter, and each day the letters and times of what begins
/// on it; a day with more than four entries shows how many more there are.
///
/// ```
/// use aws_patch_manager::PolicySchedule;
/// use aws_patch_manager::schedule::SchedulePreview;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let policy = PolicySchedule::daily_scan_weekly_install("all").patch_policy()?;
/// let runs = policy.planned_runs()?;
/// let from: Timestamp = "2026-05-20T12:00:00Z".parse()?;
/// let preview = SchedulePreview::new(&runs, from, "America/New_York")?.weeks(2);
/// // Midnight in UTC is the evening before in New York.
/// assert!(preview.to_string().contains("a 20:00"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct SchedulePreview<'a> {
    runs: &'a [PlannedRun],
    from: Timestamp,
    zone: TimeZone,
    weeks: u32,
}

impl<'a> SchedulePreview<'a> {
    /// Six weeks from an instant on, in the zone of this IANA name.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no such zone.
    pub fn new(runs: &'a [PlannedRun], from: Timestamp, zone: &str) -> Result<Self> {
        let mut found = Violations::new();
        let preview = Self {
            runs,
            from,
            zone: zone_named(zone, "zone", &mut found),
            weeks: 6,
        };
        found.or("SchedulePreview", preview)
    }

    /// This many weeks, at most 106; the first is the week of the instant.
    pub fn weeks(mut self, weeks: u32) -> Self {
        self.weeks = weeks.min(106);
        self
    }

    fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn monday(&self) -> Date {
        let today = self.zone.to_datetime(self.from).date();
        let days = i64::from(today.weekday().to_monday_zero_offset());
        today.checked_sub(days.days()).unwrap_or(today)
    }

    /// The instants at which a run begins in the weeks shown, with their local times.
    fn firings(&self, run: &PlannedRun) -> impl Iterator<Item = (Timestamp, DateTime)> {
        let span = SignedDuration::from_hours(24 * 7 * i64::from(self.weeks) + 24);
        let until = self.from.saturating_add(span).unwrap_or(Timestamp::MAX);
        let weeks = i64::from(self.weeks).weeks();
        let end = self.monday().checked_add(weeks).unwrap_or(Date::MAX);
        let firings = run.recurrence.between(self.from, until);
        let local = firings.map(|at| (at, self.zone.to_datetime(at)));
        local.take_while(move |(_, local)| local.date() < end)
    }

    /// What begins on each day, in order. It holds every firing, because a day shows the number of
    /// entries that it leaves out; that is at most one a minute over the weeks shown.
    fn entries(&self) -> BTreeMap<Date, Vec<(Timestamp, String)>> {
        let mut days: BTreeMap<Date, Vec<(Timestamp, String)>> = BTreeMap::new();
        for (run, letter) in self.runs.iter().zip(letters()) {
            for (at, local) in self.firings(run) {
                let entry = format!("{letter} {}", local.strftime("%H:%M"));
                days.entry(local.date()).or_default().push((at, entry));
            }
        }
        for entries in days.values_mut() {
            entries.sort();
        }
        days
    }
}

/// A preview as JSON.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    from: Timestamp,
    time_zone: &'a str,
    weeks: u32,
    runs: Vec<WrittenRun<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WrittenRun<'a> {
    run: &'a PlannedRun,
    begins: Vec<Timestamp>,
}

impl Serialize for SchedulePreview<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let runs = self.runs.iter().map(|run| WrittenRun {
            run,
            begins: self.firings(run).map(|(at, _)| at).collect(),
        });
        let written = Written {
            from: self.from,
            time_zone: self.zone_name(),
            weeks: self.weeks,
            runs: runs.collect(),
        };
        written.serialize(serializer)
    }
}

/// The letters of the runs; after `z` a run is a `+`.
fn letters() -> impl Iterator<Item = char> {
    ('a'..='z').chain(std::iter::repeat('+'))
}

/// The lines of one day; all days of a week have the same number.
fn line(entries: Option<&Vec<(Timestamp, String)>>, number: usize) -> String {
    let Some(entries) = entries else {
        return String::new();
    };
    let more = entries.len().saturating_sub(MOST_OF_A_DAY - 1);
    if number == MOST_OF_A_DAY - 1 && more > 1 {
        return format!("+{more} more");
    }
    let entry = entries.get(number);
    entry.map(|(_, text)| text.clone()).unwrap_or_default()
}

impl fmt::Display for SchedulePreview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "{}", self.zone_name())?;
        for (run, letter) in self.runs.iter().zip(letters()) {
            writeln!(f, "  {letter}  {run}")?;
        }
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        write_line(f, "", days.into_iter().map(str::to_owned))?;
        let mut monday = self.monday();
        let entries = self.entries();
        for _ in 0..self.weeks {
            let days: Vec<Date> = monday.series(1.day()).take(7).collect();
            let dates = days.iter().map(|day| day.strftime("%-d %b").to_string());
            write_line(f, &monday.to_string(), dates)?;
            let most = days.iter().filter_map(|day| entries.get(day)).map(Vec::len);
            for number in 0..most.max().unwrap_or_default().min(MOST_OF_A_DAY) {
                let lines = days.iter().map(|day| line(entries.get(day), number));
                write_line(f, "", lines)?;
            }
            let Ok(next) = monday.checked_add(1.week()) else {
                break;
            };
            monday = next;
        }
        Ok(())
    }
}

/// One line of a week, without spaces at its end.
fn write_line(f: &mut impl Write, label: &str, cells: impl Iterator<Item = String>) -> fmt::Result {
    let mut text = format!("{label:<WIDTH$}");
    for cell in cells {
        text.push_str("  ");
        text.push_str(&format!("{cell:<WIDTH$}"));
    }
    writeln!(f, "{}", text.trim_end())
}
