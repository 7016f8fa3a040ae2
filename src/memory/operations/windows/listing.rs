//! The listings of windows: filters (SSM model, `MaintenanceWindowFilter`), pages, next openings,
//! the windows of a node, and the rows of windows and tasks.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::backend::{DescribeMaintenanceWindowSchedule, Operation};
use crate::error::Result;
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::paging::Bounds;
use crate::memory::store::windows::Window;
use crate::memory::store::{State, later};
use crate::schedule::window::{
    MaintenanceWindowIdentity, MaintenanceWindowTarget, MaintenanceWindowTask,
    MaintenanceWindowTaskDetail, ScheduledWindowExecution,
};
use crate::types::{NodeId, QueryFilter, Target, moved};

/// Pages of 10 to 100 (SSM model, `MaintenanceWindowMaxResults`).
pub(super) const PAGE: Bounds = Bounds::new(10, 100, 50);

/// Pages of at least 1 (SSM model, `MaintenanceWindowSearchMaxResults`).
pub(super) const SEARCH_PAGE: Bounds = Bounds::new(1, u32::MAX, 50);

/// Whether a text equals one value of every filter of this key.
pub(super) fn passes(filters: &[QueryFilter], key: &str, text: &str) -> bool {
    filters
        .iter()
        .filter(|filter| filter.key == key)
        .all(|filter| filter.values.iter().any(|value| value == text))
}

/// The bounds that two keys name: the earliest and the latest instant.
pub(super) fn bounds(
    operation: Operation,
    filters: &[QueryFilter],
    after: &str,
    before: &str,
) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let mut validation = Validation::of(operation);
    let (mut earliest, mut latest) = (None, None);
    for filter in filters {
        let instant = match filter.values.as_slice() {
            [text] => text.parse::<Timestamp>().ok(),
            _ => None,
        };
        let rule = "Member must be one instant as ISO 8601, such as 2026-01-01T00:00:00Z";
        validation.require(instant.is_some(), &filter.key, rule);
        if filter.key == after {
            earliest = earliest.max(instant);
        } else if filter.key == before {
            latest = match (latest, instant) {
                (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
                (one, other) => one.or(other),
            };
        }
    }
    validation.finish()?;
    Ok((earliest, latest))
}

/// How far DescribeMaintenanceWindowSchedule looks ahead without a filter, and for how many
/// openings of a window. The service documents no bounds; these are ours, so that a listing ends.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 366);
const MOST_OPENINGS: usize = 1_000;

/// The windows that share a registered target with these: the same target, or common nodes.
pub(super) fn windows_for<'a>(state: &'a State, targets: &[Target]) -> Vec<&'a Window> {
    let nodes: HashSet<NodeId> = state.fleet.resolve(targets).into_iter().collect();
    let meets = |registered: &MaintenanceWindowTarget| {
        let registered = registered.targets.as_deref().unwrap_or_default();
        registered == targets
            || state
                .fleet
                .resolve(registered)
                .iter()
                .any(|id| nodes.contains(id))
    };
    let windows = state.windows.iter();
    windows
        .filter(|window| window.targets.iter().any(meets))
        .collect()
}

pub(super) fn schedule(
    state: &State,
    request: &DescribeMaintenanceWindowSchedule,
    now: Timestamp,
) -> Result<Vec<ScheduledWindowExecution>> {
    const OPERATION: Operation = Operation::DescribeMaintenanceWindowSchedule;
    let (after, before) = ("ScheduledAfter", "ScheduledBefore");
    check::filters(OPERATION, &request.filters, &[after, before])?;
    let (earliest, latest) = bounds(OPERATION, &request.filters, after, before)?;
    let from = earliest.map_or(now, |earliest| earliest.max(now));
    let until = latest.unwrap_or_else(|| later(from, AHEAD));
    let windows = match &request.window_id {
        Some(id) => vec![state.windows.get(OPERATION, id)?],
        None if request.targets.is_empty() => state.windows.iter().collect(),
        None => windows_for(state, &request.targets),
    };
    let mut openings: Vec<_> = windows
        .into_iter()
        .filter(|window| window.is_enabled())
        .flat_map(|window| {
            let recurrence = window.recurrence.iter();
            let openings = recurrence.flat_map(move |recurrence| recurrence.between(from, until));
            let openings = openings.filter(move |at| *at > now).take(MOST_OPENINGS);
            openings.map(move |at| ScheduledWindowExecution {
                window_id: window.facts.window_id.clone(),
                name: window.facts.name.clone(),
                execution_time: Some(at),
            })
        })
        .collect();
    openings.sort_by_key(|opening| opening.execution_time);
    Ok(openings)
}

pub(super) fn identity(window: &Window) -> MaintenanceWindowIdentity {
    let described = window.described();
    moved!(described => MaintenanceWindowIdentity {
        window_id, name, description, enabled, duration, cutoff, schedule, schedule_timezone,
        schedule_offset, end_date, start_date, next_execution_time
    })
}

/// A task as the listing shows it: without its invocation parameters.
pub(super) fn listed(task: &MaintenanceWindowTaskDetail) -> MaintenanceWindowTask {
    let task = task.clone();
    moved!(task => MaintenanceWindowTask {
        window_id, window_task_id, task_arn, task_type, targets, task_parameters, priority,
        logging_info, service_role_arn, max_concurrency, max_errors, name, description,
        cutoff_behavior, alarm_configuration
    })
}
