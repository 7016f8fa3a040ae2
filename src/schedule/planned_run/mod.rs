//! The runs that schedules plan, by any mechanism, for lints and previews.

mod lint;
mod preview;
mod sources;

use std::fmt;

use jiff::SignedDuration;
use serde::Serialize;

pub use self::lint::{ScheduleLint, lint};
pub use self::preview::SchedulePreview;
use super::Recurrence;
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
