//! What happens as time passes: commands that run, policies and associations that fire, windows
//! that open.
//!
//! Everything due lies in one queue and happens in the order of time, no later than the next call.
//! What is computed is pure ([`scan`], [`install`]); this module and its neighbours only say when,
//! and write it down.

mod approvals;
mod association;
mod dispatch;
pub(super) mod document;
mod finding;
mod firing;
mod install;
mod output;
mod queue;
mod report;
mod run;
mod scan;
mod version;
mod window;

use std::collections::HashMap;

use jiff::Timestamp;

use self::approvals::Approvals;
pub(super) use self::finding::Finding;
pub(super) use self::install::replace;
pub(super) use self::queue::later;
use self::queue::{Event, Queue};
pub(super) use self::report::Report;
use self::run::Run;
use crate::memory::state::State;
use crate::types::NodeId;

/// What is due, and what runs where.
#[derive(Debug, Default)]
pub(super) struct Engine {
    pub(super) queue: Queue,
    running: HashMap<NodeId, Run>,
    approvals: Approvals,
}

impl Engine {
    /// Whether an operation runs on a node: it runs one at a time.
    pub(super) fn is_busy(&self, node: &NodeId) -> bool {
        self.running.contains_key(node)
    }
}

impl State {
    /// Lets everything happen that is due by `now`.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while let Some((at, event)) = self.engine.queue.due(now) {
            match event {
                Event::Pump => self.pump(at),
                Event::Finish(node) => self.finish(&node, at),
                Event::GiveUp(node) => self.give_up(&node, at),
                Event::Policy { arn, revision } => self.fire(&arn, revision, at),
                Event::Association { id, version } => self.fire_association(&id, version, at),
                Event::CutOff(command) => self.cut_off(command, at),
                Event::Window { id, revision } => self.open_window(&id, revision, at),
                Event::WindowCutoff(run) => self.cut_window_off(run, at),
            }
        }
    }

    /// Tells those that wait for a command that it is over.
    fn command_over(&mut self, number: usize, now: Timestamp) {
        self.command_over_in_window(number, now);
    }
}
