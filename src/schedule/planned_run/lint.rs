use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::PlannedRun;
use crate::schedule::PatchPolicy;
use crate::schedule::association::CreateAssociation;
use crate::schedule::policy::OTHER_PARAMETERS;
use crate::schedule::window::PatchWindow;
use crate::types::{OperatingSystem, PatchOperation};

/// How many times of a run are checked for an overlap with another: 19 years of weekly ones.
const RUNS_LOOKED_AT: usize = 1_000;

/// How far apart two runs on a node have to begin: within 2 minutes of one another "they can conflict
/// with one another, causing patching tasks to fail" (User Guide, patch-manager-troubleshooting).
const CONFLICT: SignedDuration = SignedDuration::from_mins(2);

/// Something in a set of schedules that is legal but probably not intended. `Display` explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum ScheduleLint {
    /// A scan and an install of the same nodes overlap, or begin within 2 minutes of one another.
    ScanMeetsInstall {
        /// The scan.
        scan: String,
        /// The install.
        install: String,
        /// The first install that overlaps with a scan.
        first: Timestamp,
    },
    /// Two scans, or two installs, of the same nodes overlap, or begin within 2 minutes of one another.
    RunsMeet {
        /// One run.
        run: String,
        /// The other.
        other: String,
        /// The first time of `run` that meets one of `other`.
        first: Timestamp,
    },
    /// The first install comes before the first scan.
    InstallBeforeScan {
        /// The install.
        install: String,
        /// The first one.
        first: Timestamp,
        /// The first scan after it; `None` if none is planned.
        #[serde(skip_serializing_if = "Option::is_none")]
        scan: Option<Timestamp>,
    },
    /// It installs as soon as it is deployed, in addition to its schedule.
    InstallsAtOnce {
        /// The install.
        install: String,
    },
    /// The cutoff is as long as the window: nothing can start in it.
    NothingStarts {
        /// The run.
        run: String,
        /// How long the window is open.
        duration: SignedDuration,
        /// How long before its end nothing new starts.
        cutoff: SignedDuration,
    },
    /// It fires on a day that not every month has.
    SkipsMonths {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
    },
    /// It fires on 29 February only, which three years of four do not have.
    LeapDay {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
        /// When it fires next.
        next: Timestamp,
    },
    /// A range of week days ends with Sunday, the first of them.
    EndsWithSunday {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
    },
    /// The last day of a schedule is over.
    Ended {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
        /// Its end.
        end: Timestamp,
    },
    /// A schedule has fired before, and does not fire again.
    FiresNoMore {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
    },
    /// A schedule never fires, because no such date exists between its start and its end.
    NeverFires {
        /// The run.
        run: String,
        /// The schedule.
        schedule: String,
    },
    /// A policy selects baselines for some operating systems, and none for others that its nodes can
    /// have.
    SystemsWithoutBaseline {
        /// The policy.
        policy: String,
        /// The operating systems without one.
        systems: Vec<String>,
    },
    /// A patch policy runs by State Manager associations, and State Manager does not list this form
    /// of cron.
    NotForAssociations {
        /// The policy and the operation.
        run: String,
        /// The schedule.
        schedule: String,
        /// The fields of the cron that are not listed, and what is legal in each.
        legal: String,
    },
    /// A policy has a parameter that is not documented for it.
    UnknownParameter {
        /// The policy.
        policy: String,
        /// The name of the parameter.
        parameter: String,
    },
    /// A schedule cannot be read.
    Unreadable {
        /// The schedule.
        schedule: String,
    },
}

impl fmt::Display for ScheduleLint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScanMeetsInstall {
                scan,
                install,
                first,
            } => write!(
                f,
                "{scan} and {install} overlap or begin within 2 minutes of one another, first at \
                 {first}: two runs on one node may both fail. Move one by an hour, such as the scan \
                 to 01:00 and the install to 02:00, or leave out the scan on that day: an install \
                 ends with a scan of its own"
            ),
            Self::RunsMeet { run, other, first } => write!(
                f,
                "{run} and {other} overlap or begin within 2 minutes of one another, first at {first}: \
                 two runs on one node may both fail. Move one by an hour, or leave one out"
            ),
            Self::InstallBeforeScan {
                install,
                first,
                scan,
            } => {
                write!(f, "{install} first installs at {first}, ")?;
                match scan {
                    Some(scan) => write!(f, "before the first scan at {scan}")?,
                    None => f.write_str("and no scan is planned")?,
                }
                f.write_str(": nobody has seen what it will install. Scan once before")
            }
            Self::InstallsAtOnce { install } => write!(
                f,
                "{install} installs as soon as it is deployed, not only by schedule: nodes are \
                 patched now"
            ),
            Self::NothingStarts {
                run,
                duration,
                cutoff,
            } => write!(
                f,
                "{run}: nothing can start in a window of {} h that is cut off {} h before its end",
                duration.as_hours(),
                cutoff.as_hours()
            ),
            Self::SkipsMonths { run, schedule } => write!(
                f,
                "{run}: {schedule} names a day that not every month has, so it skips some \
                 months; `L` is the last day of each month, `6L` the last Friday"
            ),
            Self::LeapDay {
                run,
                schedule,
                next,
            } => write!(
                f,
                "{run}: {schedule} fires on 29 February, which only leap years have; the next is {next}"
            ),
            Self::EndsWithSunday { run, schedule } => write!(
                f,
                "{run}: {schedule} has a range that ends with SUN, the first day of the week, and \
                 it is unknown whether Systems Manager accepts it; write `*` or `SUN-SAT` for every day"
            ),
            Self::Ended { run, schedule, end } => {
                write!(
                    f,
                    "{run}: {schedule} ended at {end}, so it does not fire again"
                )
            }
            Self::FiresNoMore { run, schedule } => {
                write!(f, "{run}: {schedule} does not fire again")
            }
            Self::NeverFires { run, schedule } => write!(
                f,
                "{run}: {schedule} never fires: it names no date that exists"
            ),
            Self::SystemsWithoutBaseline { policy, systems } => write!(
                f,
                "{policy} selects no baseline for {}. Each run fails on nodes of such a system with \
                 exit code 163, and MaxErrors counts them. The adapter for AWS adds AWS's default \
                 for each when it writes the policy; memory and other tools do not. Select a baseline \
                 for each, or for no system at all, which means AWS's defaults",
                systems.join(", ")
            ),
            Self::NotForAssociations {
                run,
                schedule,
                legal,
            } => write!(
                f,
                "{run}: State Manager runs a policy, and the User Guide does not list {schedule} for \
                 it: {legal}. The policy may fail to deploy"
            ),
            Self::UnknownParameter { policy, parameter } => write!(
                f,
                "{policy}: {parameter} is no documented parameter of a patch policy"
            ),
            Self::Unreadable { schedule } => write!(f, "{schedule} is not a schedule"),
        }
    }
}

/// Checks runs that patch the same nodes, from an instant on; empty if nothing is found.
///
/// A run without a bound overlaps with what begins within 2 minutes of it. Runs that meet are looked for among
/// the next 1,000 of each.
///
/// ```
/// use aws_patch_manager::PolicySchedule;
/// use aws_patch_manager::schedule::lint;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let after: Timestamp = "2026-01-01T00:00:00Z".parse()?;
/// let policy = PolicySchedule::daily_scan_weekly_install("all").patch_policy()?;
/// let lints = lint(&policy.planned_runs()?, after);
/// assert!(lints[0].to_string().contains("first at 2026-01-04T00:00:00Z"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint(runs: &[PlannedRun], after: Timestamp) -> Vec<ScheduleLint> {
    let mut lints = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        lint_alone(run, after, &mut lints);
        let others = runs.iter().take(place);
        let alike = others.filter(|other| other.operation == run.operation);
        lints.extend(alike.filter_map(|other| {
            Some(ScheduleLint::RunsMeet {
                run: other.name.clone(),
                other: run.name.clone(),
                first: first_meeting(run, other, after)?,
            })
        }));
    }
    let of = |operation: PatchOperation| runs.iter().filter(move |run| run.operation == operation);
    for install in of(PatchOperation::Install) {
        lints.extend(before_any_scan(install, of(PatchOperation::Scan), after));
        for scan in of(PatchOperation::Scan) {
            if let Some(first) = first_meeting(scan, install, after) {
                lints.push(ScheduleLint::ScanMeetsInstall {
                    scan: scan.name.clone(),
                    install: install.name.clone(),
                    first,
                });
            }
        }
    }
    lints
}

fn lint_alone(run: &PlannedRun, after: Timestamp, lints: &mut Vec<ScheduleLint>) {
    let name = || run.name.clone();
    let schedule = || run.recurrence.expression().to_string();
    let expression = run.recurrence.expression();
    let ended = run.recurrence.end().filter(|end| *end <= after);
    let has_fired = || run.recurrence.next_after(Timestamp::MIN).is_some();
    match (run.recurrence.next_after(after), ended) {
        (None, _) if !has_fired() => lints.push(ScheduleLint::NeverFires {
            run: name(),
            schedule: schedule(),
        }),
        (None, Some(end)) => lints.push(ScheduleLint::Ended {
            run: name(),
            schedule: schedule(),
            end,
        }),
        (None, None) => lints.push(ScheduleLint::FiresNoMore {
            run: name(),
            schedule: schedule(),
        }),
        (Some(next), _) if expression.is_leap_day() => lints.push(ScheduleLint::LeapDay {
            run: name(),
            schedule: schedule(),
            next,
        }),
        (Some(_), _) if expression.may_skip_a_month() => lints.push(ScheduleLint::SkipsMonths {
            run: name(),
            schedule: schedule(),
        }),
        _ => {}
    }
    if schedule().to_ascii_uppercase().contains("-SUN") {
        lints.push(ScheduleLint::EndsWithSunday {
            run: name(),
            schedule: schedule(),
        });
    }
    if run.at_once && run.operation == PatchOperation::Install {
        lints.push(ScheduleLint::InstallsAtOnce { install: name() });
    }
    if let Some(duration) = run.duration.filter(|duration| *duration <= run.cutoff) {
        lints.push(ScheduleLint::NothingStarts {
            run: name(),
            duration,
            cutoff: run.cutoff,
        });
    }
}

/// An install that certainly comes before any scan. One at the same moment is an overlap.
fn before_any_scan<'a>(
    install: &PlannedRun,
    scans: impl Iterator<Item = &'a PlannedRun> + Clone,
    after: Timestamp,
) -> Option<ScheduleLint> {
    let first = install.recurrence.next_after(after)?;
    if scans.clone().any(|scan| scan.at_once) {
        return None;
    }
    let scan = scans
        .filter_map(|scan| scan.recurrence.next_after(after))
        .min();
    let before = scan.is_none_or(|scan| first < scan);
    before.then(|| ScheduleLint::InstallBeforeScan {
        install: install.name.clone(),
        first,
        scan,
    })
}

/// The first time of a run during which another begins, or that begins during the other.
fn first_meeting(other: &PlannedRun, run: &PlannedRun, after: Timestamp) -> Option<Timestamp> {
    let moment = SignedDuration::from_nanos(1);
    let at_least = |run: &PlannedRun| run.duration.unwrap_or(moment).max(CONFLICT + moment);
    let (others_for, runs_for) = (at_least(other), at_least(run));
    run.recurrence.after(after).take(RUNS_LOOKED_AT).find(|at| {
        let from = at
            .saturating_sub(others_for.saturating_sub(moment))
            .unwrap_or(*at)
            .max(after);
        let until = at.saturating_add(runs_for).unwrap_or(Timestamp::MAX);
        other.recurrence.between(from, until).next().is_some()
    })
}

impl PatchWindow {
    /// Checks the schedule and the patch tasks of this window from an instant on, with [`lint`]. Empty if
    /// nothing is found.
    pub fn lints(&self, after: Timestamp) -> Vec<ScheduleLint> {
        let unread = |_| Vec::from_iter(self.window.schedule.clone().map(unreadable));
        self.planned_runs()
            .map_or_else(unread, |runs| lint_lone(&runs, after))
    }
}

impl CreateAssociation {
    /// Checks the schedule of this association from an instant on, with [`lint`]. Empty if nothing is found,
    /// or if it runs no patch document.
    pub fn lints(&self, after: Timestamp) -> Vec<ScheduleLint> {
        let unread = |_| Vec::from_iter(self.schedule_expression.clone().map(unreadable));
        let linted = |run: Option<PlannedRun>| lint_lone(run.as_slice(), after);
        self.planned_run().map_or_else(unread, linted)
    }
}

/// Checks what one of several mechanisms plans: whether another one scans before is not known here.
fn lint_lone(runs: &[PlannedRun], after: Timestamp) -> Vec<ScheduleLint> {
    let mut lints = lint(runs, after);
    lints.retain(|lint| !matches!(lint, ScheduleLint::InstallBeforeScan { .. }));
    lints
}

fn unreadable(schedule: String) -> ScheduleLint {
    ScheduleLint::Unreadable { schedule }
}

impl PatchPolicy {
    /// Checks this policy from an instant on: its schedules with [`lint`], and the baselines that
    /// it selects. Empty if nothing is found.
    pub fn lints(&self, after: Timestamp) -> Vec<ScheduleLint> {
        let mut lints = self.schedule_lints(after);
        // Targets are ids, tags or every node, so a node can have any system. Also if the policy asks
        // for the defaults by its word: what `default` adds to a selection is documented nowhere (Quick
        // Setup model, PatchBaselineUseDefault).
        let systems = OperatingSystem::KNOWN.iter();
        let without = systems.filter(|os| self.baseline_for(os).is_none());
        let without: Vec<_> = without.map(ToString::to_string).collect();
        if !self.baselines.is_empty() && !without.is_empty() {
            lints.push(ScheduleLint::SystemsWithoutBaseline {
                policy: self.name.clone(),
                systems: without,
            });
        }
        let documented = |name: &&str| OTHER_PARAMETERS.contains(name);
        for parameter in self.other_parameters.keys() {
            if !documented(&parameter.as_str()) {
                lints.push(ScheduleLint::UnknownParameter {
                    policy: self.name.clone(),
                    parameter: parameter.clone(),
                });
            }
        }
        lints
    }

    fn schedule_lints(&self, after: Timestamp) -> Vec<ScheduleLint> {
        match self.planned_runs() {
            Ok(runs) => {
                let mut lints = lint(&runs, after);
                lints.extend(association_lints(&runs));
                lints
            }
            Err(_) => {
                let schedules = std::iter::once(&self.scan_schedule).chain(&self.install_schedule);
                schedules
                    .filter(|text| crate::ScheduleExpression::parse(text).is_err())
                    .cloned()
                    .map(unreadable)
                    .collect()
            }
        }
    }
}

/// The forms of cron that State Manager takes for associations of one's own. Whether Quick Setup
/// refuses the others is not known, so they are legal here.
fn association_lints(runs: &[PlannedRun]) -> Vec<ScheduleLint> {
    let refused = |run: &PlannedRun| {
        let expression = run.recurrence.expression();
        let reasons = expression.association_refusals();
        (!reasons.is_empty()).then(|| ScheduleLint::NotForAssociations {
            run: run.name.clone(),
            schedule: expression.to_string(),
            legal: reasons.join("; "),
        })
    };
    runs.iter().filter_map(refused).collect()
}
