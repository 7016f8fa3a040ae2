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
        for number in active {
            let waiting: Vec<usize> = match self.commands.get(number) {
                Some(record) if record.is_visible(now) => record
                    .invocations
                    .iter()
                    .enumerate()
                    .filter(|(_, on)| on.phase == Phase::Waiting)
                    .map(|(index, _)| index)
                    .collect(),
                _ => continue,
            };
            for index in waiting {
                match self.step(number, index, now) {
                    Step::Start => self.start(number, index, now),
                    Step::Wait => {}
                    Step::End(phase) => self.end(number, index, phase, now),
                }
            }
            if self.commands.get(number).is_none_or(Record::is_over) {
                self.commands.active.remove(&number);
            }
        }
    }

    fn step(&self, number: usize, index: usize, now: Timestamp) -> Step {
        let Some(record) = self.commands.get(number) else {
            return Step::Wait;
        };
        let Some(on) = record.invocations.get(index) else {
            return Step::Wait;
        };
        if record.has_too_many_errors() {
            Step::End(Phase::Terminated)
        } else if !self.reaches(&on.node) {
            if now >= record.deadline() {
                Step::End(Phase::DeliveryTimedOut)
            } else {
                Step::Wait
            }
        } else if self.engine.is_busy(&on.node) || record.running() >= record.concurrency() {
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
