use jiff::Timestamp;
use std::time::Duration;

use super::{InstancePatchState, NodeCompliance, UnknownReason};

/// Whether a node is online, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nothing yet.
    Unknown,
    /// Managed and online.
    Online,
    /// Managed and offline.
    Lost,
    /// The instance does not run.
    Stopped,
}

/// What makes the verdict unknown although the node was scanned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    pub(crate) older_than: Option<Duration>,
    pub(crate) offline: bool,
    pub(crate) other_baseline: bool,
}

impl Doubts {
    /// The reason why the query counts the node as unknown; the most severe one of several.
    ///
    /// `other_baseline` returns the reason if the state is of another baseline.
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
