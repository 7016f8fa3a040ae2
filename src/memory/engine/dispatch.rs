//! Which command starts on which node, and when.

use jiff::Timestamp;

use super::queue::Event;
use crate::memory::operations::commands::{Invocation, Phase, PolicyRun, Record};
use crate::memory::state::State;
use crate::operation::SendCommand;
use crate::types::{CommandId, NodeId};

impl State {
    /// Enters a command for these nodes. It starts a moment later.
    pub(crate) fn send(
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

    /// Starts what can start and gives up what must be given up.
    ///
    /// A command starts on a node that is in touch and idle, while fewer nodes run it than
    /// MaxConcurrency allows; earlier commands come first. After one error more than MaxErrors
    /// nothing of it starts. A node that cannot be reached holds nobody up; once the delivery
    /// timeout is over it is given up.
    ///
    /// This happens at each end of an operation, so nodes that have not changed are left alone.
    pub(crate) fn pump(&mut self, now: Timestamp) {
        let active: Vec<usize> = self.commands.active.iter().copied().collect();
        let mut over = Vec::new();
        for number in active {
            let record = self.commands.get_mut(number);
            let Some(record) = record.filter(|record| record.is_visible(now)) else {
                continue;
            };
            if record.has_too_many_errors() {
                for index in record.waiting() {
                    record.end(index, Phase::Terminated, now);
                }
            } else {
                self.line_up(number, now);
                self.start_ready(number, now);
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

    /// The same, once a node may have come to be in or out of touch, or idle.
    pub(crate) fn pump_for(&mut self, node: &NodeId, now: Timestamp) {
        self.commands.look_again(node);
        self.pump(now);
    }

    /// Looks at the nodes that may have changed: which of them can start, and which are given up.
    fn line_up(&mut self, number: usize, now: Timestamp) {
        let Some(record) = self.commands.get_mut(number) else {
            return;
        };
        for index in record.take_unseen(now) {
            let Some(on) = record.invocations().get(index) else {
                continue;
            };
            let reached = self.fleet.reaches(&on.node);
            let idle = !self.engine.is_busy(&on.node);
            if !reached && record.is_overdue(now) {
                record.end(index, Phase::DeliveryTimedOut, now);
            } else {
                record.line_up(index, reached && idle);
            }
        }
    }

    /// Starts a command on as many nodes as may run it. Another command may have been faster.
    fn start_ready(&mut self, number: usize, now: Timestamp) {
        while let Some(record) = self.commands.get_mut(number)
            && record.free() > 0
            && let Some(index) = record.next_ready()
        {
            let on = record.invocations().get(index);
            if on.is_some_and(|on| !self.engine.is_busy(&on.node)) {
                self.start(number, index, now);
            }
        }
    }
}
