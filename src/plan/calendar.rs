//! What is planned in an account between two instants: the runs of its schedules, and the patches that
//! its baselines approve.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::coverage::{Source, lacking};
use super::{MirrorPart, MirrorScope, MirrorSnapshot, ResourceKind, Unread};
use crate::baseline::approval::approvals;
use crate::baseline::system_of;
use crate::error::{Result, Violations};
use crate::manager::PatchManager;
use crate::strict;
use crate::telemetry::verb;
use crate::types::{BaselineId, OperatingSystem, Patch, PatchOperation, timestamp};

/// The most days of a calendar: two years.
const MOST_DAYS: i64 = 731;

/// The most runs, and the most approvals.
const MOST_ENTRIES: usize = 100_000;

/// The runs of an account's schedules between two instants, and the patches that its baselines approve.
///
/// It says what is planned, for people who agree on dates. It does not know what a run will do: a
/// [`Forecast`](super::Forecast) does, node by node, and takes longer. `Display` prints it day by day,
/// [`to_html`](Self::to_html) makes a page, and [`to_json`](Self::to_json) stores it.
///
/// ```
/// use aws_patch_manager::plan::{MirrorScope, PatchCalendar};
/// use aws_patch_manager::{PatchManager, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
/// manager.ensure_policy(&policy).await?;
/// let snapshot = manager.mirror_snapshot(&MirrorScope::new().catalog()).await?;
/// let june = "2026-06-01T00:00:00Z".parse()?.."2026-07-01T00:00:00Z".parse()?;
/// let calendar = PatchCalendar::of(&snapshot, june)?;
/// assert_eq!(calendar.schedules.len(), 2, "a scan and an install");
/// println!("{calendar}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchCalendar {
    /// The beginning.
    #[serde(with = "timestamp")]
    pub from: Timestamp,
    /// The end, which is no longer in it.
    #[serde(with = "timestamp")]
    pub until: Timestamp,
    /// The schedules that scan or install: first those without a run, then installs, then scans.
    pub schedules: Vec<CalendarSchedule>,
    /// The runs, by time.
    pub runs: Vec<CalendarRun>,
    /// The patches that become approved, by time. Those that a newer patch supersedes before are left
    /// out, because they never install.
    pub approvals: Vec<CalendarApproval>,
    /// What could not be read, so that the calendar is without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A schedule that scans or installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CalendarSchedule {
    /// A patch policy, a maintenance window or an association.
    pub kind: ResourceKind,
    /// Its id, or its ARN.
    pub id: String,
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Scan or Install.
    pub operation: PatchOperation,
    /// When it runs, with its offset and its time zone.
    pub schedule: String,
    /// How many runs begin within the calendar.
    pub runs: usize,
    /// Why it has no run, or why its runs are not certain; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The begin of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CalendarRun {
    /// When it begins; of a maintenance window, when the window opens.
    #[serde(with = "timestamp")]
    pub at: Timestamp,
    /// The place of its schedule in [`PatchCalendar::schedules`].
    pub schedule: usize,
}

/// A patch that a baseline approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CalendarApproval {
    /// After when it is approved: the end of the rule's delay.
    #[serde(with = "timestamp")]
    pub at: Timestamp,
    /// The baseline.
    pub baseline: BaselineId,
    /// The name of the baseline.
    pub baseline_name: String,
    /// The KB number, or `name.arch`.
    pub patch: String,
    /// The title; may be empty.
    pub title: String,
    /// The vendor's severity; may be empty.
    pub severity: String,
}

/// What happens on one day.
#[derive(Debug, Clone, Default)]
pub(super) struct Day<'a> {
    pub(super) runs: Vec<(Timestamp, &'a CalendarSchedule)>,
    pub(super) approvals: Vec<&'a CalendarApproval>,
}

/// Calendars.
impl PatchManager {
    /// The runs of the account's schedules from an instant until another, and the patches that its
    /// baselines approve.
    ///
    /// It reads the account with the catalog, so [`MirrorScope::explain`] says with which calls. What the
    /// caller may not read is in [`unread`](PatchCalendar::unread). For a change that is only tried, take
    /// the manager of a [dry run](super::DryRun).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) as [`PatchCalendar::of`], for the
    /// instants without any call. Those of [`mirror_snapshot`](Self::mirror_snapshot).
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// manager.ensure_policy(&policy).await?;
    /// let june = "2026-06-01T00:00:00Z".parse()?.."2026-07-01T00:00:00Z".parse()?;
    /// let page = manager.patch_calendar(june).await?.to_html();
    /// assert!(page.contains("June 2026"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn patch_calendar(&self, period: Range<Timestamp>) -> Result<PatchCalendar> {
        verb!(patch_calendar(), async {
            check(&period)?;
            let scope = MirrorScope::new().catalog();
            let snapshot = self.mirror_snapshot(&scope).await?;
            PatchCalendar::of(&snapshot, period)
        })
    }
}

impl PatchCalendar {
    /// The calendar of an account that was read, which should have the catalog. Makes no call.
    ///
    /// A rate counts from the creation of its window or association, or from the beginning of the calendar
    /// if that is not known. The run that a policy or an association makes when it is created is not
    /// planned. Approvals are those of the baselines that the snapshot has in full; release dates are in
    /// the catalog, which on AWS covers Windows and Amazon Linux 1 and 2.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the end is before the beginning or
    /// more than 731 days after it, or if more than 100,000 runs or approvals are in between.
    pub fn of(snapshot: &MirrorSnapshot, period: Range<Timestamp>) -> Result<Self> {
        check(&period)?;
        let mut sources = Source::all(snapshot);
        sources.sort_by_cached_key(|source| {
            let runs = firings(source, &period).next().is_some();
            (runs, source.operation != PatchOperation::Install)
        });
        let mut found = Violations::new();
        let runs = runs(&sources, &period, &mut found);
        let approvals = approved(snapshot, &period, &mut found);
        let mut schedules: Vec<CalendarSchedule> = sources.iter().map(schedule).collect();
        for run in &runs {
            if let Some(schedule) = schedules.get_mut(run.schedule) {
                schedule.runs += 1;
            }
        }
        for schedule in &mut schedules {
            if schedule.runs == 0 && schedule.note.is_empty() {
                schedule.note = "it does not run before the end".to_owned();
            }
        }
        let mut unread = snapshot.unread.clone();
        if snapshot.catalog.is_none() && !unread.iter().any(|one| one.part == MirrorPart::Catalog) {
            unread.push(lacking(MirrorPart::Catalog));
        }
        let calendar = Self {
            from: period.start,
            until: period.end,
            schedules,
            runs,
            approvals,
            unread,
        };
        found.or("PatchCalendar", calendar)
    }

    /// The calendar as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every calendar can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "PatchCalendar")
    }

    /// A calendar from its JSON form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is not JSON of that form, with one
    /// [`Violation`](crate::Violation) for each unknown member, each member that is there twice and each
    /// value that cannot be read, with its path.
    pub fn from_json(json: &str) -> Result<Self> {
        strict::read(json, "PatchCalendar", &[])
    }

    /// What happens on each UTC day.
    pub(super) fn days(&self) -> BTreeMap<Date, Day<'_>> {
        let mut days: BTreeMap<Date, Day<'_>> = BTreeMap::new();
        let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
        for run in &self.runs {
            // A calendar that was read back can name a schedule that it does not have.
            if let Some(schedule) = self.schedules.get(run.schedule) {
                days.entry(day(run.at))
                    .or_default()
                    .runs
                    .push((run.at, schedule));
            }
        }
        for approval in &self.approvals {
            days.entry(day(approval.at))
                .or_default()
                .approvals
                .push(approval);
        }
        days
    }
}

/// Refuses a period that ends before it begins, or is too long.
fn check(period: &Range<Timestamp>) -> Result<()> {
    let (from, until) = (period.start, period.end);
    let mut found = Violations::new();
    let legal = format!("an end that is not before {from}");
    found.require(until >= from, "Until", until, legal);
    let most = SignedDuration::from_hours(24 * MOST_DAYS);
    let legal = format!("at most {MOST_DAYS} days after {from}");
    found.require(until.duration_since(from) <= most, "Until", until, legal);
    found.or("PatchCalendar", ())
}

/// The runs of one source; none if it is idle or its schedule cannot be read.
fn firings(source: &Source<'_>, period: &Range<Timestamp>) -> impl Iterator<Item = Timestamp> {
    let recurrence = source.recurrence.as_ref().filter(|_| source.idle.is_none());
    let firings = recurrence.map(|recurrence| recurrence.between(period.start, period.end));
    firings.into_iter().flatten()
}

/// The runs by time. With too many, it stops at the first that is too many.
fn runs(
    sources: &[Source<'_>],
    period: &Range<Timestamp>,
    found: &mut Violations,
) -> Vec<CalendarRun> {
    let of_sources = sources.iter().map(|source| firings(source, period));
    let mut of_sources: Vec<_> = of_sources.collect();
    let mut next = BinaryHeap::new();
    for (place, of_source) in of_sources.iter_mut().enumerate() {
        next.extend(of_source.next().map(|at| Reverse((at, place))));
    }
    let mut runs = Vec::new();
    while let Some(Reverse((at, schedule))) = next.pop() {
        if runs.len() == MOST_ENTRIES {
            refuse(at, "runs", period, found);
            break;
        }
        runs.push(CalendarRun { at, schedule });
        let of_source = of_sources.get_mut(schedule).and_then(Iterator::next);
        next.extend(of_source.map(|at| Reverse((at, schedule))));
    }
    runs
}

/// The approvals by time, then by baseline and patch.
fn approved(
    snapshot: &MirrorSnapshot,
    period: &Range<Timestamp>,
    found: &mut Violations,
) -> Vec<CalendarApproval> {
    let mut catalog: HashMap<OperatingSystem, Vec<Patch>> = HashMap::new();
    for patch in snapshot.catalog.iter().flatten() {
        catalog
            .entry(system_of(patch))
            .or_default()
            .push(patch.clone());
    }
    let own = snapshot.baselines.iter().map(|mirrored| &mirrored.baseline);
    let mut approved = Vec::new();
    for baseline in own.chain(&snapshot.predefined_baselines) {
        let Some(patches) = catalog.get(&baseline.operating_system) else {
            continue;
        };
        let previews = approvals(baseline, patches, period.clone()).patches;
        for (preview, patch) in previews.into_iter().zip(patches) {
            let within = preview.approved_at.filter(|at| period.contains(at));
            let Some(at) = within.filter(|_| !preview.is_superseded_first()) else {
                continue;
            };
            approved.push(CalendarApproval {
                at,
                baseline: baseline.baseline_id.clone(),
                baseline_name: baseline.name.clone(),
                patch: preview.patch,
                title: patch.title.clone().unwrap_or_default(),
                severity: patch.vendor_severity().to_owned(),
            });
        }
    }
    approved.sort_by(|one, other| {
        let by_time = one.at.cmp(&other.at);
        by_time
            .then_with(|| one.baseline_name.cmp(&other.baseline_name))
            .then_with(|| one.patch.cmp(&other.patch))
    });
    if let Some(first) = approved.get(MOST_ENTRIES) {
        refuse(first.at, "approvals", period, found);
    }
    approved
}

fn refuse(at: Timestamp, what: &str, period: &Range<Timestamp>, found: &mut Violations) {
    let legal =
        format!("an end that is not after {at}: until then there are {MOST_ENTRIES} {what}");
    found.push("Until", period.end.to_string(), legal);
}

fn schedule(source: &Source<'_>) -> CalendarSchedule {
    let unreadable = source
        .recurrence
        .is_none()
        .then_some("its schedule cannot be read");
    let note = source.idle.or(unreadable).or(source.doubt);
    let recurrence = source.recurrence.as_ref().map(ToString::to_string);
    CalendarSchedule {
        kind: source.kind,
        id: source.id.to_owned(),
        name: source.name.map(str::to_owned),
        operation: source.operation.clone(),
        schedule: recurrence.unwrap_or_else(|| source.schedule.to_owned()),
        runs: 0,
        note: note.unwrap_or_default().to_owned(),
    }
}
