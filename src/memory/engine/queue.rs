use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;

use crate::types::{AssociationId, NodeId, PatchPolicyArn, WindowId};

/// Something that happens at its time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// Commands may have to start or to be given up.
    Dispatch,
    /// The operation on a node ends.
    Finish(NodeId),
    /// The operation on a node has run out of time.
    GiveUp(NodeId),
    /// A patch policy has a firing, unless it was changed since.
    Policy { arn: PatchPolicyArn, revision: u64 },
    /// An association has a firing, unless it was changed since.
    Association { id: AssociationId, version: usize },
    /// A command has run for as long as it may.
    CutOff(usize),
    /// A maintenance window opens, unless it was changed since.
    Window { id: WindowId, revision: u64 },
    /// In this run of a window nothing starts any more.
    WindowCutoff(usize),
}

/// Events in the order of time, then of entry.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    entered: u64,
}

impl Queue {
    pub(super) fn enter(&mut self, at: Timestamp, event: Event) {
        self.entered += 1;
        self.heap.push(Reverse((at, self.entered, event)));
    }

    /// Takes out the next event that is due by `now`.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        let Reverse((at, _, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        let Reverse((at, _, event)) = self.heap.pop()?;
        Some((at, event))
    }
}
