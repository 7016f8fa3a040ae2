//! Which command starts on which node, and when.

use jiff::Timestamp;

use super::queue::Event;
use crate::memory::commands::{Invocation, Phase, PolicyRun, Record};
use crate::memory::state::State;
use crate::operation::SendCommand;
use crate::types::{CommandId, NodeId};

/// What becomes of an invocation that waits.
enum Step {
    Start,
    Wait,
    End(Phase),
}

/// How a command stands when something may have to start.
struct Look {
    /// Too many errors: nothing of it starts any more.
    stopped: bool,
    /// Its delivery timeout is over.
    overdue: bool,
    /// How many more nodes may run it.
    free: usize,
    waiting: Vec<(usize, NodeId)>,
}

impl State {
    /// Enters a command for these nodes. It starts a moment later.
    pub(in crate::memory) fn send(
        &mut self,
        request: SendCommand,
        nodes: Vec<NodeId>,
        policy: Option<PolicyRun>,
        now: Timestamp,
    ) -> usize {
        let id = CommandId::new(self.ids.uuid());
        let invocations = nodes
            .into_iter()
            .filter_map(|id| self.invocation(id))
            .collect();
        let record = Record::new(id, request, policy, invocations, now);
        let queue = &mut self.engine.queue;
        queue.enter(record.visible_from(), Event::Pump);
        queue.enter(record.deadline(), Event::Pump);
        self.commands.enter(record)
    }

    fn invocation(&self, id: NodeId) -> Option<Invocation> {
        let node = self.fleet.get(&id)?;
        let computer = node.facts.instance_information.computer_name.as_deref();
        let name = node.tag("Name").or(computer).unwrap_or_default().to_owned();
        let platform = node.facts.operating_system.platform_type();
        Some(Invocation::waiting(id, name, platform))
    }

    /// Whether a command gets through to a node.
    pub(in crate::memory) fn reaches(&self, node: &NodeId) -> bool {
        self.fleet.get(node).is_some_and(|node| node.is_online())
    }

    /// Starts what can start and gives up what must be given up.
    ///
    /// A command starts on a node that is in touch and idle, while fewer nodes run it than
    /// MaxConcurrency allows; earlier commands come first. After one error more than MaxErrors
    /// nothing of it starts. A node that cannot be reached holds nobody up; once the delivery
    /// timeout is over it is given up.
    pub(in crate::memory) fn pump(&mut self, now: Timestamp) {
        let active: Vec<usize> = self.commands.active.iter().copied().collect();
        let mut over = Vec::new();
        for number in active {
            let Some(mut look) = self.look(number, now) else {
                continue;
            };
            for (index, node) in std::mem::take(&mut look.waiting) {
                match self.step(&look, &node) {
                    Step::Start => {
                        look.free -= 1;
                        self.start(number, index, now);
                    }
                    Step::Wait => {}
                    Step::End(phase) => self.end(number, index, phase, now),
                }
            }
            if self.commands.get(number).is_none_or(Record::is_over) {
                self.commands.active.remove(&number);
                over.push(number);
            }
        }
        for number in over {
            self.command_over(number, now);
        }
    }

    /// A command whose nodes have become known.
    fn look(&self, number: usize, now: Timestamp) -> Option<Look> {
        let record = self.commands.get(number)?;
        if !record.is_visible(now) {
            return None;
        }
        let waiting = record
            .invocations
            .iter()
            .enumerate()
            .filter(|(_, on)| on.phase == Phase::Waiting)
            .map(|(index, on)| (index, on.node.clone()))
            .collect();
        Some(Look {
            stopped: record.has_too_many_errors(),
            overdue: now >= record.deadline(),
            free: record.concurrency().saturating_sub(record.running()),
            waiting,
        })
    }

    fn step(&self, look: &Look, node: &NodeId) -> Step {
        if look.stopped {
            Step::End(Phase::Terminated)
        } else if !self.reaches(node) {
            if look.overdue {
                Step::End(Phase::DeliveryTimedOut)
            } else {
                Step::Wait
            }
        } else if look.free == 0 || self.engine.is_busy(node) {
            Step::Wait
        } else {
            Step::Start
        }
    }

    fn end(&mut self, number: usize, index: usize, phase: Phase, now: Timestamp) {
        let record = self.commands.get_mut(number);
        if let Some(on) = record.and_then(|record| record.invocations.get_mut(index)) {
            on.end(phase, now);
        }
    }
}
