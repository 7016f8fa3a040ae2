use jiff::Timestamp;
use std::time::Duration;

use super::{InstancePatchState, NodeCompliance, UnknownReason};

/// What is known of whether a node is in touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nothing yet.
    Unknown,
    /// Managed, and in touch.
    Online,
    /// Managed, and out of touch.
    Lost,
    /// The instance does not run.
    Stopped,
}

/// What makes the answer about a node unknown, though it was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    pub(crate) older_than: Option<Duration>,
    pub(crate) offline: bool,
    pub(crate) other_baseline: bool,
}

impl Doubts {
    /// Doubts what the question wants doubted; of several doubts the gravest.
    ///
    /// `other_baseline` says why a state does not count that went by another baseline.
    pub(crate) fn judge(
        &self,
        stands: NodeCompliance,
        presence: Presence,
        other_baseline: impl FnOnce(&InstancePatchState) -> Option<UnknownReason>,
        now: Timestamp,
    ) -> NodeCompliance {
        let absent = match presence {
            Presence::Online => None,
            Presence::Lost => Some(UnknownReason::AgentLost),
            Presence::Stopped => Some(UnknownReason::Stopped),
            Presence::Unknown => Some(UnknownReason::NotManaged),
        };
        let absent = absent.filter(|_| self.offline);
        let reason = match &stands.state {
            Some(state) => absent
                .or_else(|| other_baseline(state))
                .or_else(|| self.too_old(state, now)),
            None => absent,
        };
        match reason {
            Some(reason) => stands.with_unknown_reason(reason),
            None => stands,
        }
    }

    fn too_old(&self, state: &InstancePatchState, now: Timestamp) -> Option<UnknownReason> {
        let age = self.older_than?;
        let since = state.operation_end_time;
        let ago = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        (ago > age).then_some(UnknownReason::ScanTooOld { since })
    }
}
