//! When windows will open, and which windows a node belongs to.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::book::Window;
use super::filter;
use crate::backend::DescribeMaintenanceWindowSchedule;
use crate::error::Result;
use crate::memory::engine::later;
use crate::memory::operations::check;
use crate::memory::state::State;
use crate::schedule::window::{MaintenanceWindowTarget, ScheduledWindowExecution};
use crate::types::{NodeId, Target};

/// How far DescribeMaintenanceWindowSchedule looks ahead where no filter says, and for how many
/// openings of a window. The service names no bounds; these are ours, so that a listing ends.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 366);
const MOST_OPENINGS: usize = 1_000;

impl State {
    /// The windows that have a registered target in common with these: the same target, or nodes
    /// that both mean.
    pub(super) fn windows_for(&self, targets: &[Target]) -> Vec<&Window> {
        let nodes: HashSet<NodeId> = self.resolve(targets).into_iter().collect();
        let meets = |registered: &MaintenanceWindowTarget| {
            let registered = registered.targets.as_deref().unwrap_or_default();
            registered == targets || self.resolve(registered).iter().any(|id| nodes.contains(id))
        };
        let windows = self.windows.windows.iter();
        windows
            .filter(|window| window.targets.iter().any(meets))
            .collect()
    }

    pub(super) fn schedule(
        &self,
        request: &DescribeMaintenanceWindowSchedule,
        now: Timestamp,
    ) -> Result<Vec<ScheduledWindowExecution>> {
        const OPERATION: &str = "DescribeMaintenanceWindowSchedule";
        let (after, before) = ("ScheduledAfter", "ScheduledBefore");
        check::filters(OPERATION, &request.filters, &[after, before])?;
        let (earliest, latest) = filter::bounds(OPERATION, &request.filters, after, before)?;
        let from = earliest.map_or(now, |earliest| earliest.max(now));
        let until = latest.unwrap_or_else(|| later(from, AHEAD));
        let windows = match &request.window_id {
            Some(id) => vec![self.windows.get(OPERATION, id)?],
            None if request.targets.is_empty() => self.windows.windows.iter().collect(),
            None => self.windows_for(&request.targets),
        };
        let mut openings: Vec<_> = windows
            .into_iter()
            .filter(|window| window.is_enabled())
            .flat_map(|window| {
                let openings = window.recurrence.between(from, until);
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
}
