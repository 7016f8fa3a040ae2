//! What will happen in an account until a day, read off a mirror whose clock is turned.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{MirrorScope, MirrorSnapshot, Unread};
use crate::compliance::{ComplianceQuery, ComplianceReport, ReportDetail};
use crate::error::{Result, Violations};
use crate::manager::PatchManager;
use crate::memory::{MemoryBackend, OpenPatch, PastOpening, PastOperation, Trigger};
use crate::operation::InvocationStatus;
use crate::strict;
use crate::telemetry::verb;
use crate::types::{NodeId, PatchOperation, WindowId, timestamp};

/// What will happen in an account until an instant, if nobody changes anything and nothing new is released.
///
/// It is what happened on a mirror whose clock was turned: the same engine that answers in tests, and no
/// second one. [`MemoryBackend::from_snapshot`] says what a mirror infers and what it lacks. `Display`
/// prints a calendar, [`to_json`](Self::to_json) writes everything, and [`to_html`](Self::to_html) a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Forecast {
    /// When the account was read.
    #[serde(with = "timestamp")]
    pub from: Timestamp,
    /// The end of the forecast.
    #[serde(with = "timestamp")]
    pub until: Timestamp,
    /// The installs, in the order of their starts. Scans are not listed.
    pub installs: Vec<ForecastInstall>,
    /// The number of scans that will run.
    pub scans: usize,
    /// The openings of windows that are too short for their work.
    pub short_windows: Vec<ShortWindow>,
    /// The nodes on which no schedule installs, but for [`possible_policies`](Self::possible_policies).
    pub uncovered: Vec<UncoveredNode>,
    /// The patch policies for organizational units of which it is not known whether this account is in
    /// one. The forecast is without them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible_policies: Vec<String>,
    /// What each node will still lack at the end, and why. Nodes that lack nothing are left out.
    pub missing: Vec<NodeForecast>,
    /// The nodes that never reported their patches: what will happen on them is not known.
    pub unknown: Vec<NodeId>,
    /// What could not be read, so that the forecast is without it.
    pub unread: Vec<Unread>,
    /// The compliance of that day.
    pub report: ComplianceReport,
}

/// An install on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ForecastInstall {
    /// The node.
    pub node: NodeId,
    /// What starts it.
    pub schedule: ForecastSchedule,
    /// When it is requested.
    #[serde(with = "timestamp")]
    pub requested: Timestamp,
    /// When it starts on the node; absent if the node is not reached, or not reached yet.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ends; absent if it goes on beyond the forecast.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How it ends.
    pub status: InvocationStatus,
    /// The patches that it installs: KB numbers, or `name.arch-version` on Linux.
    pub installs: Vec<String>,
    /// The patches that fail, because they failed before.
    pub fails: Vec<String>,
    /// Whether the node reboots.
    pub reboots: bool,
    /// Whether the node never reported its patches: then what the install does is not known, and the
    /// three members above are empty.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_unknown: bool,
    /// Why it does nothing, such as an operating system that is not supported; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

/// What starts an operation, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum ForecastSchedule {
    /// A patch policy.
    PatchPolicy(String),
    /// A State Manager association.
    Association(String),
    /// A maintenance window.
    MaintenanceWindow(String),
}

/// An opening of a window that is too short for its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ShortWindow {
    /// The window.
    pub window: WindowId,
    /// Its name.
    pub name: String,
    /// When it opens.
    #[serde(with = "timestamp")]
    pub opens: Timestamp,
    /// When it closes.
    #[serde(with = "timestamp")]
    pub closes: Timestamp,
    /// It does not open, because its last run still goes on.
    pub is_skipped: bool,
    /// Tasks that do not start before the cutoff.
    pub not_started: Vec<String>,
    /// Nodes whose run is cancelled at the cutoff.
    pub cancelled: Vec<NodeId>,
    /// Nodes whose run ends after the window has closed.
    pub late: Vec<NodeId>,
}

/// A node on which no schedule installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UncoveredNode {
    /// The node.
    pub node: NodeId,
    /// The schedules that scan it.
    pub scanned_by: Vec<ForecastSchedule>,
}

/// What a node will still lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeForecast {
    /// The node.
    pub node: NodeId,
    /// The patches, by id.
    pub patches: Vec<StillMissing>,
}

/// A patch that a node will still lack, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StillMissing {
    /// The KB number, or `name.arch`.
    pub patch: String,
    /// The title; may be empty.
    pub title: String,
    /// Whether the baseline approves it at the end: then the node does not comply.
    pub is_approved: bool,
    /// Why the node lacks it: what the baseline makes of it, and what happens to approved ones.
    pub why: String,
}

/// Forecasts.
impl PatchManager {
    /// What will happen in the account until an instant: it reads the account with patches and catalog,
    /// and turns the clock of a mirror.
    ///
    /// The reading takes a call or more for each node; see [`MirrorScope::explain`]. To forecast often, or
    /// after changes that a [dry run](super::DryRun) made, use [`Forecast::of`] and
    /// [`Forecast::on`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) as [`Forecast::on`], for an end before
    /// now without any call. Those of [`mirror_snapshot`](Self::mirror_snapshot).
    ///
    /// ```
    /// use aws_patch_manager::types::RebootOption;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// manager.ensure_policy(&policy).await?;
    /// let forecast = manager.forecast("2026-06-14T00:00:00Z".parse()?).await?;
    /// println!("{forecast}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn forecast(&self, until: Timestamp) -> Result<Forecast> {
        verb!(forecast(), async {
            check_end(self.clock().now(), until)?;
            let scope = MirrorScope::new().patches().catalog();
            let snapshot = self.mirror_snapshot(&scope).await?;
            Forecast::of(&snapshot, until).await
        })
    }
}

impl Forecast {
    /// The forecast for the account of a snapshot, which should have patches and catalog.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    pub async fn of(snapshot: &MirrorSnapshot, until: Timestamp) -> Result<Self> {
        let mirror = MemoryBackend::from_snapshot(snapshot);
        let mut forecast = Self::on(&mirror, until).await?;
        forecast.unread.clone_from(&snapshot.unread);
        Ok(forecast)
    }

    /// The forecast for a mirror as it is now, such as one that a dry run has changed. It turns the
    /// mirror's clock.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an end before the mirror's now, and
    /// for one so far away that too much happens before it: more than 200,000 events and 2,000 for each
    /// node. An operation on a node is about three events, so that is some two years of daily scans. The
    /// mirror's clock then stands where it stopped.
    pub async fn on(mirror: &MemoryBackend, until: Timestamp) -> Result<Self> {
        let from = mirror.clock().now();
        mirror.keep_commands();
        let manager = PatchManager::from_memory(mirror);
        let unknown = mirror.nodes_without_report();
        run(mirror, from, until)?;
        let past = mirror.past_operations().into_iter();
        let past: Vec<PastOperation> = past.filter(|one| one.requested >= from).collect();
        let openings = mirror.past_openings().into_iter();
        let openings = openings.filter(|opening| opening.opened >= from);
        let open = mirror.open_patches(&(from..until)).into_iter();
        let (by_opening, last_installs) = (by_opening(&past), last_installs(&past));
        let query = ComplianceQuery::all();
        let title = "Forecast";
        let report = manager.compliance_report(title, &query, ReportDetail::Patches);
        Ok(Self {
            from,
            until,
            scans: past.iter().filter(|one| is_scan(one)).count(),
            short_windows: openings
                .filter_map(|one| {
                    let work = by_opening.get(&one.number);
                    short(one, work.map_or(&[], Vec::as_slice))
                })
                .collect(),
            uncovered: uncovered(mirror, &past),
            possible_policies: mirror.possible_policies(),
            missing: open
                .filter(|(node, _)| !unknown.contains(node))
                .filter_map(|(node, open)| {
                    let last = last_installs.get(&node).copied();
                    still_missing(node, &open, last)
                })
                .collect(),
            installs: installs(past, &unknown),
            unknown: unknown.into_iter().collect(),
            unread: Vec::new(),
            report: report.await?,
        })
    }

    /// The forecast as JSON.
    ///
    /// # Errors
    ///
    /// None in practice: every forecast can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "Forecast")
    }

    /// The installs by the UTC day on which they start, or are requested if they never start.
    pub fn calendar(&self) -> BTreeMap<Date, Vec<&ForecastInstall>> {
        let mut days: BTreeMap<Date, Vec<&ForecastInstall>> = BTreeMap::new();
        for install in &self.installs {
            let at = install.started.unwrap_or(install.requested);
            let day = at.to_zoned_datetime(TimeZone::UTC).date();
            days.entry(day).or_default().push(install);
        }
        days
    }
}

/// How many events a forecast may have, and how many more for each node.
const EVENTS: (usize, usize) = (200_000, 2_000);

/// Refuses a forecast of the past.
fn check_end(from: Timestamp, until: Timestamp) -> Result<()> {
    let mut found = Violations::new();
    let legal = format!("an end that is not before {from}");
    found.require(until >= from, "Until", until, legal);
    found.or("Forecast", ())
}

/// Turns the mirror's clock, unless too much happens.
fn run(mirror: &MemoryBackend, from: Timestamp, until: Timestamp) -> Result<()> {
    check_end(from, until)?;
    let (few, for_each) = EVENTS;
    let most = few + for_each * mirror.managed_ids().len();
    let Err(stopped) = mirror.run_until(until, most) else {
        return Ok(());
    };
    let mut found = Violations::new();
    let legal =
        format!("before {stopped}: until then {most} events happen, and no more are carried out");
    found.push("Until", until.to_string(), legal);
    found.or("Forecast", ())
}

fn is_scan(past: &PastOperation) -> bool {
    past.operation != PatchOperation::Install && past.started.is_some()
}

fn schedule(trigger: &Trigger) -> Option<ForecastSchedule> {
    match trigger {
        Trigger::Policy(name) => Some(ForecastSchedule::PatchPolicy(name.clone())),
        Trigger::Association(name) => Some(ForecastSchedule::Association(name.clone())),
        Trigger::Window(_, name) => Some(ForecastSchedule::MaintenanceWindow(name.clone())),
        Trigger::Command => None,
    }
}

/// Refuses an end that is over already: nothing would be installed until then.
/// The installs. The mirror has no packages of a node that never reported, so what it did there says
/// nothing.
fn installs(past: Vec<PastOperation>, unknown: &BTreeSet<NodeId>) -> Vec<ForecastInstall> {
    let installs = past.into_iter();
    let installs = installs.filter(|past| past.operation == PatchOperation::Install);
    let mut installs: Vec<ForecastInstall> = installs
        .filter_map(|past| {
            let is_unknown = unknown.contains(&past.node);
            let done = past.done.filter(|_| !is_unknown).unwrap_or_default();
            let failed = past.status == InvocationStatus::Failed && done.failed.is_empty();
            Some(ForecastInstall {
                schedule: schedule(&past.trigger)?,
                installs: done.installed_names(),
                fails: done.failed,
                reboots: done.rebooted,
                is_unknown,
                error: if failed { past.errors } else { String::new() },
                node: past.node,
                requested: past.requested,
                started: past.started,
                ended: past.ended,
                status: past.status,
            })
        })
        .collect();
    installs.sort_by_key(|one| (one.started.unwrap_or(one.requested), one.node.clone()));
    installs
}

/// What each opening of a window started, by the number of the opening.
fn by_opening(past: &[PastOperation]) -> HashMap<usize, Vec<&PastOperation>> {
    let mut openings: HashMap<usize, Vec<&PastOperation>> = HashMap::new();
    for one in past {
        if let Trigger::Window(number, _) = one.trigger {
            openings.entry(number).or_default().push(one);
        }
    }
    openings
}

/// The last install on each node.
fn last_installs(past: &[PastOperation]) -> HashMap<&NodeId, &PastOperation> {
    let installs = past.iter();
    let installs = installs.filter(|one| one.operation == PatchOperation::Install);
    installs.map(|one| (&one.node, one)).collect()
}

/// The opening, if it is too short for the work that it started.
fn short(opening: PastOpening, work: &[&PastOperation]) -> Option<ShortWindow> {
    let nodes = |which: &dyn Fn(&PastOperation) -> bool| {
        let found = work.iter().filter(|one| which(one));
        let found: BTreeSet<NodeId> = found.map(|one| one.node.clone()).collect();
        found.into_iter().collect::<Vec<_>>()
    };
    let is_late = |one: &PastOperation| {
        one.started.is_some() && one.ended.is_some_and(|ended| ended > opening.closes)
    };
    let short = ShortWindow {
        cancelled: nodes(&|one| one.status == InvocationStatus::Cancelled),
        late: nodes(&is_late),
        window: opening.window,
        name: opening.name,
        opens: opening.opened,
        closes: opening.closes,
        is_skipped: opening.is_skipped,
        not_started: opening.not_started,
    };
    let fits = !short.is_skipped
        && short.not_started.is_empty()
        && short.cancelled.is_empty()
        && short.late.is_empty();
    (!fits).then_some(short)
}

fn uncovered(mirror: &MemoryBackend, past: &[PastOperation]) -> Vec<UncoveredNode> {
    let mut scanned: BTreeMap<&NodeId, BTreeSet<ForecastSchedule>> = BTreeMap::new();
    let mut covered: BTreeSet<&NodeId> = BTreeSet::new();
    for one in past {
        let Some(schedule) = schedule(&one.trigger) else {
            continue;
        };
        if one.operation == PatchOperation::Install {
            covered.insert(&one.node);
        } else {
            scanned.entry(&one.node).or_default().insert(schedule);
        }
    }
    let nodes = mirror.managed_ids().into_iter();
    let nodes = nodes.filter(|node| !covered.contains(node));
    nodes
        .map(|node| UncoveredNode {
            scanned_by: scanned.remove(&node).into_iter().flatten().collect(),
            node,
        })
        .collect()
}

fn still_missing(
    node: NodeId,
    open: &[OpenPatch],
    last_install: Option<&PastOperation>,
) -> Option<NodeForecast> {
    let patches: Vec<StillMissing> = open
        .iter()
        .map(|open| {
            let is_approved = open.preview.last_verdict().is_approved();
            let mut why = open.preview.to_string();
            if let Some((_, words)) = why.split_once(": ") {
                why = words.to_owned();
            }
            if is_approved {
                why = format!("{why}; {}", why_not_installed(open, last_install));
            }
            StillMissing {
                patch: open.preview.patch.clone(),
                title: open.title.clone(),
                is_approved,
                why,
            }
        })
        .collect();
    (!patches.is_empty()).then_some(NodeForecast { node, patches })
}

fn why_not_installed(open: &OpenPatch, last_install: Option<&PastOperation>) -> String {
    let Some(last) = last_install else {
        return "no schedule installs on this node".to_owned();
    };
    let approved = open.preview.approved_at;
    match (last.started, &last.done) {
        (None, _) => format!(
            "the node is not reached by the install of {}",
            last.requested
        ),
        (Some(at), Some(done)) if done.failed.contains(&open.preview.patch) => {
            format!("the install of {at} fails, as the last one did")
        }
        (Some(at), _) if approved.is_some_and(|approved| approved >= at) => {
            format!("the last install, of {at}, is before that")
        }
        (Some(at), None) if last.ended.is_none() => format!("the install of {at} goes on"),
        (Some(at), _) => format!("the install of {at} does not install it"),
    }
}
