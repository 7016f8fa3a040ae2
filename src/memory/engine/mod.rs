//! What happens as time passes: commands that run, policies and associations that fire, windows
//! that open.
//!
//! Everything due lies in one queue and happens in the order of time, no later than the next call.
//! What is computed is pure ([`scan`], [`install`]); the other modules only say when, and write it
//! down. An operation that starts work does so through [`Engine`].

pub(super) mod automation;
mod dispatch;
pub(super) mod document;
mod events;
mod install;
mod output;
mod overrides;
pub(super) mod policy;
mod power;
mod run;
mod scan;
mod windows;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::Timestamp;

use self::dispatch::Active;
use self::overrides::Snapshots;
use self::run::Run;
use self::scan::Approvals;
pub(crate) use self::scan::{node_title, version_order};
use super::store::State;
#[cfg(feature = "emulator")]
use crate::types::Patch;
use crate::types::{AssociationId, NodeId, PatchPolicyArn, WindowId};

/// The account, what is due in it, and what runs where.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    pub(crate) state: State,
    queue: Queue,
    active: Active,
    running: HashMap<NodeId, Run>,
    approvals: Approvals,
    snapshots: Snapshots,
}

impl Engine {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state,
            queue: Queue::default(),
            active: Active::default(),
            running: HashMap::new(),
            approvals: Approvals::default(),
            snapshots: Snapshots::default(),
        }
    }

    /// Adds patches to the catalog, and decides on approvals anew.
    #[cfg(feature = "emulator")]
    pub(crate) fn add_patches(&mut self, patches: Vec<Patch>) {
        self.state.catalog.add(patches);
        self.approvals = Approvals::default();
    }

    /// Whether an operation runs on a node: it runs one at a time.
    pub(crate) fn is_busy(&self, node: &NodeId) -> bool {
        self.running.contains_key(node)
    }

    /// Whether a node is in touch and idle.
    pub(crate) fn is_free(&self, node: &NodeId) -> bool {
        self.state.fleet.reaches(node) && !self.is_busy(node)
    }

    /// Lets everything happen that is due by `now`.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while self.settle_next(now).is_some() {}
    }

    /// The same, but at most this many events; returns the instant of the last one if there are more.
    pub(crate) fn settle_some(&mut self, now: Timestamp, most: usize) -> Option<Timestamp> {
        let mut last = None;
        for _ in 0..most {
            last = Some(self.settle_next(now)?);
        }
        last
    }

    /// Lets the next event happen that is due by `now`; returns its instant.
    fn settle_next(&mut self, now: Timestamp) -> Option<Timestamp> {
        let (at, event) = self.queue.due(now)?;
        match event {
            Event::Dispatch(command) => {
                self.active.look_at(command);
                self.dispatch_ready(at);
            }
            Event::Finish(node) => self.finish(&node, at),
            Event::GiveUp(node) => self.give_up(&node, at),
            Event::Policy { arn, revision } => self.deploy(&arn, revision, at),
            Event::Association { id, version } if self.is_policy_install(&id) => {
                self.queue.enter(at, Event::PolicyInstall { id, version });
            }
            Event::Association { id, version } | Event::PolicyInstall { id, version } => {
                self.fire_association(&id, version, at);
            }
            Event::CutOff(command) => self.cancel_commands(&[command], at),
            Event::PowerChanged(node) => self.power_changed(&node, at),
            Event::Window { id, revision } => self.open_window(&id, revision, at),
            Event::WindowCutoff(run) => self.cut_window_off(run, at),
            Event::StepTimeout { execution, command } => {
                self.time_step_out(execution, command, at);
            }
        }
        self.run_executions(at);
        Some(at)
    }
}

/// Something that happens at its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A command may have to start, or to be given up.
    Dispatch(usize),
    /// The operation on a node ends.
    Finish(NodeId),
    /// The operation on a node has run out of time.
    GiveUp(NodeId),
    /// A patch policy is deployed, or copies its baselines, unless it was changed since.
    Policy { arn: PatchPolicyArn, revision: u64 },
    /// An association has a firing, unless it was changed since.
    Association { id: AssociationId, version: usize },
    /// The install of a patch policy, after a scan that is due with it.
    PolicyInstall { id: AssociationId, version: usize },
    /// A command has run for as long as it may.
    CutOff(usize),
    /// A node has started or stopped, unless something else happened to it since.
    PowerChanged(NodeId),
    /// A maintenance window opens, unless it was changed since.
    Window { id: WindowId, revision: u64 },
    /// In this run of a window nothing starts any more.
    WindowCutoff(usize),
    /// The command of a step of an execution has run for as long as the step may take.
    StepTimeout { execution: usize, command: usize },
}

/// Events in the order of time, then of entry.
#[derive(Debug, Clone, Default)]
struct Queue {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    entered: u64,
}

impl Queue {
    fn enter(&mut self, at: Timestamp, event: Event) {
        self.entered += 1;
        self.heap.push(Reverse((at, self.entered, event)));
    }

    /// Takes out the next event that is due by `now`.
    fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        let Reverse((at, _, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        let Reverse((at, _, event)) = self.heap.pop()?;
        Some((at, event))
    }
}
