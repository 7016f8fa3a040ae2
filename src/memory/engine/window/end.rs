//! How runs of windows and their tasks end.

use jiff::Timestamp;

use crate::memory::store::windows::{End, TaskRun, WindowRun};
use crate::schedule::window::MaintenanceWindowExecutionStatus as Status;
use crate::schedule::window::MaintenanceWindowTaskType;

impl WindowRun {
    /// How what has not started ends, once nothing starts any more.
    pub(super) fn closed(&self, now: Timestamp) -> Option<End> {
        if self.cancelled {
            Some(End::new(Status::Cancelled, now))
        } else if now >= self.cutoff {
            let end = End::new(Status::TimedOut, now);
            Some(end.with_details("The window was cut off before it started."))
        } else {
            None
        }
    }
}

impl TaskRun {
    /// Ends what has not started: the invocations from `at` on never were.
    pub(super) fn close(&mut self, at: usize, end: End) {
        if at == 0 {
            self.end = Some(end.clone());
        }
        self.invocations.truncate(at);
        if at > 0
            && let Some(last) = self.invocations.last_mut()
        {
            self.end = worst([&end].into_iter().chain(last.end.as_ref()))
                .map(|status| End::new(status, end.at));
        }
    }

    /// Ends the task as its worst invocation did.
    pub(super) fn conclude(&mut self, closed: Option<End>, now: Timestamp) {
        if self.end.is_some() {
            return;
        }
        let ends = || self.invocations.iter().filter_map(|done| done.end.as_ref());
        let unsupported = self.task.task_type != Some(MaintenanceWindowTaskType::RunCommand);
        let end = match (worst(ends()), closed) {
            (Some(status), _) => {
                let at = ends().map(|end| end.at).max().unwrap_or(now);
                let same = ends().find(|end| end.status == status);
                let details = same.and_then(|end| end.details.clone());
                End {
                    status,
                    details,
                    at,
                }
            }
            (None, Some(closed)) if self.started.is_none() => closed,
            (None, _) if unsupported => End::new(Status::Failed, now)
                .with_details("This backend runs Run Command tasks only."),
            (None, _) => End::new(Status::Success, now),
        };
        self.started = self.started.or(Some(now));
        self.end = Some(end);
    }
}

/// The status that tells most of several ends.
pub(super) fn worst<'a>(ends: impl IntoIterator<Item = &'a End>) -> Option<Status> {
    let rank = |status: &Status| match status {
        Status::Failed => 3,
        Status::TimedOut => 2,
        Status::Cancelled => 1,
        _ => 0,
    };
    ends.into_iter()
        .map(|end| &end.status)
        .max_by_key(|status| rank(status))
        .cloned()
}
