use std::collections::HashMap;

use jiff::Timestamp;

use super::run::WindowRun;
use super::unknown;
use crate::error::Result;
use crate::memory::store::tokens::ClientTokens;
use crate::schedule::Recurrence;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowTarget,
    MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow,
};
use crate::types::{WindowExecutionId, WindowId, WindowTargetId, WindowTaskId};

/// The windows in the order in which they were made, and every run so far.
#[derive(Debug, Default)]
pub(crate) struct WindowBook {
    pub(super) windows: Vec<Window>,
    pub(crate) runs: Vec<WindowRun>,
    /// Which run waits for a command, by the command's number.
    pub(crate) waiting: HashMap<usize, usize>,
    pub(super) revisions: u64,
    pub(super) created: ClientTokens<CreateMaintenanceWindow, WindowId>,
    pub(super) targets: ClientTokens<RegisterTargetWithMaintenanceWindow, WindowTargetId>,
    pub(super) tasks: ClientTokens<RegisterTaskWithMaintenanceWindow, WindowTaskId>,
}

/// A window, when it opens next, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Window {
    pub(super) facts: MaintenanceWindow,
    pub(super) recurrence: Recurrence,
    pub(crate) next: Option<Timestamp>,
    /// Tells the openings of what it says now from those of what it said before.
    pub(crate) revision: u64,
    pub(crate) targets: Vec<MaintenanceWindowTarget>,
    pub(crate) tasks: Vec<MaintenanceWindowTaskDetail>,
}

impl Window {
    pub(crate) fn is_enabled(&self) -> bool {
        self.facts.enabled.unwrap_or(true)
    }

    pub(crate) fn duration_hours(&self) -> i64 {
        i64::from(self.facts.duration.unwrap_or_default())
    }

    pub(crate) fn cutoff_hours(&self) -> i64 {
        i64::from(self.facts.cutoff.unwrap_or_default())
    }

    /// Looks up the opening after an instant.
    pub(crate) fn plan_after(&mut self, instant: Timestamp) {
        let next = self.recurrence.next_after(instant);
        self.next = next.filter(|_| self.is_enabled());
    }

    /// The window as GetMaintenanceWindow describes it.
    pub(super) fn described(&self) -> MaintenanceWindow {
        MaintenanceWindow {
            next_execution_time: self.next,
            ..self.facts.clone()
        }
    }
}

impl WindowBook {
    pub(crate) fn find(&self, id: &WindowId) -> Option<&Window> {
        let same = |window: &&Window| window.facts.window_id.as_ref() == Some(id);
        self.windows.iter().find(same)
    }

    pub(crate) fn find_mut(&mut self, id: &WindowId) -> Option<&mut Window> {
        let same = |window: &&mut Window| window.facts.window_id.as_ref() == Some(id);
        self.windows.iter_mut().find(same)
    }

    pub(crate) fn get(&self, operation: &'static str, id: &WindowId) -> Result<&Window> {
        self.find(id)
            .ok_or_else(|| unknown(operation, "Maintenance window", id.as_str()))
    }

    pub(super) fn get_mut(
        &mut self,
        operation: &'static str,
        id: &WindowId,
    ) -> Result<&mut Window> {
        self.find_mut(id)
            .ok_or_else(|| unknown(operation, "Maintenance window", id.as_str()))
    }

    pub(super) fn run(
        &self,
        operation: &'static str,
        id: &WindowExecutionId,
    ) -> Result<(usize, &WindowRun)> {
        self.runs
            .iter()
            .enumerate()
            .find(|(_, run)| run.id == *id)
            .ok_or_else(|| unknown(operation, "Maintenance window execution", id.as_str()))
    }
}
