//! What happens as time passes: commands that run, policies that fire.

use jiff::Timestamp;

use super::state::State;

impl State {
    /// Lets everything happen that is due by `now`.
    pub(super) fn settle(&mut self, _now: Timestamp) {}
}
