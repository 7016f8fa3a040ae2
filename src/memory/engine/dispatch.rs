//! Decides which command starts on which node, and when.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{Engine, Event};
use crate::memory::store::commands::{CommandRecord, CommandStore, Invocation, Phase, PolicyRun};
use crate::operation::SendCommand;
use crate::types::{CommandId, NodeId};

/// The queue of a command that has not ended: which of its invocations can start.
///
/// Most invocations of a large command wait for others to end. Each is checked once, and again only
/// after its node has changed.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadyQueue {
    /// Invocations whose node may have changed since the last check.
    dirty: Vec<usize>,
    /// Invocations that only waited for others at the last check.
    ready: BTreeSet<usize>,
    /// Whether every node was checked after the delivery timeout.
    overdue: bool,
}

impl ReadyQueue {
    fn of(record: &CommandRecord) -> Self {
        Self {
            dirty: (0..record.invocations().len()).collect(),
            ..Self::default()
        }
    }

    /// Marks the node of an invocation for another check: its connection or load may have changed.
    fn mark_dirty(&mut self, index: Option<usize>) {
        self.dirty.extend(index);
    }

    /// Takes the waiting invocations whose node needs a check: each once, again after a change, and
    /// all of them when the delivery timeout is over.
    fn take_dirty(&mut self, record: &CommandRecord, now: Timestamp) -> Vec<usize> {
        let dirty = std::mem::take(&mut self.dirty);
        if record.is_overdue(now) && !self.overdue {
            self.overdue = true;
            return record.waiting();
        }
        let waits = |index: &usize| record.phase(*index) == Some(Phase::Waiting);
        dirty.into_iter().filter(waits).collect()
    }

    /// Queues one for its turn, or removes it from the queue until its node has changed.
    fn mark_ready(&mut self, index: usize, ready: bool) {
        if ready {
            self.ready.insert(index);
        } else {
            self.ready.remove(&index);
        }
    }

    /// The next one that can start.
    fn pop_ready(&mut self, record: &CommandRecord) -> Option<usize> {
        loop {
            let index = self.ready.pop_first()?;
            if record.phase(index) == Some(Phase::Waiting) {
                return Some(index);
            }
        }
    }
}

/// The commands that have not ended, in the order in which they were sent.
///
/// An event concerns few of them: those that are on its node, and one whose time has come. Only these are
/// looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Active {
    queues: BTreeMap<usize, ReadyQueue>,
    by_node: HashMap<NodeId, Vec<usize>>,
    /// Those to look at.
    due: BTreeSet<usize>,
}

impl Active {
    fn add(&mut self, number: usize, record: &CommandRecord) {
        self.queues.insert(number, ReadyQueue::of(record));
        for on in record.invocations() {
            match self.by_node.get_mut(&on.node) {
                Some(commands) => commands.push(number),
                None => drop(self.by_node.insert(on.node.clone(), vec![number])),
            }
        }
    }

    fn remove(&mut self, number: usize, record: Option<&CommandRecord>) {
        self.queues.remove(&number);
        for on in record.into_iter().flat_map(CommandRecord::invocations) {
            if let Some(commands) = self.by_node.get_mut(&on.node) {
                commands.retain(|other| *other != number);
                if commands.is_empty() {
                    self.by_node.remove(&on.node);
                }
            }
        }
    }

    /// A command is to be looked at.
    pub(super) fn look_at(&mut self, number: usize) {
        if self.queues.contains_key(&number) {
            self.due.insert(number);
        }
    }

    /// The connection or load of a node may have changed.
    fn node_changed(&mut self, node: &NodeId, commands: &CommandStore) {
        for number in self.by_node.get(node).into_iter().flatten() {
            if let Some((queue, record)) = self.queues.get_mut(number).zip(commands.get(*number)) {
                queue.mark_dirty(record.index_of(node));
                self.due.insert(*number);
            }
        }
    }

    /// The next command on a node, by number, that waits there.
    fn next_waiting(
        &self,
        node: &NodeId,
        after: Option<usize>,
        commands: &CommandStore,
    ) -> Option<(usize, usize)> {
        let on_node = self.by_node.get(node)?;
        let start = on_node.partition_point(|number| Some(*number) <= after);
        on_node.get(start..)?.iter().find_map(|number| {
            let record = commands.get(*number)?;
            let index = record.index_of(node)?;
            (record.phase(index) == Some(Phase::Waiting)).then_some((*number, index))
        })
    }
}

impl Engine {
    /// Adds a command for these nodes. It starts a moment later.
    pub(crate) fn send(
        &mut self,
        request: SendCommand,
        nodes: Vec<NodeId>,
        policy: Option<PolicyRun>,
        now: Timestamp,
    ) -> usize {
        let id = CommandId::new(self.state.ids.uuid());
        let invocations = nodes
            .into_iter()
            .filter_map(|id| self.invocation(id))
            .collect();
        let mut record = CommandRecord::new(id, request, policy, invocations, now);
        if self.state.events.is_on() {
            record.log_changes();
        }
        let (visible, deadline) = (record.visible_from(), record.deadline());
        if self.state.commands.is_cleared_at(now) {
            let last = self.state.associations.iter();
            let last = last.filter_map(|one| Some(one.runs.last()?.command));
            let last = last.collect();
            self.state.commands.forget_until(now, &last);
        }
        let number = self.state.commands.add(record);
        self.queue.enter(visible, Event::Dispatch(number));
        self.queue.enter(deadline, Event::Dispatch(number));
        if let Some(record) = self.state.commands.get(number) {
            self.active.add(number, record);
        }
        number
    }

    fn invocation(&self, id: NodeId) -> Option<Invocation> {
        let node = self.state.fleet.get(&id)?;
        let computer = node.facts.instance_information.computer_name.as_deref();
        let name = node.tag("Name").or(computer).unwrap_or_default().to_owned();
        let platform = node.facts.operating_system.platform_type();
        Some(Invocation::waiting(id, name, platform))
    }

    /// Starts what can start, and gives up undeliverable invocations.
    ///
    /// A command starts on a node that is online and idle, while fewer nodes run it than
    /// MaxConcurrency allows; earlier commands come first. After one error more than MaxErrors
    /// nothing of it starts. An unreachable node does not block others; it is given up when the
    /// delivery timeout is over.
    ///
    /// This runs at each end of an operation, so it skips commands and nodes that have not changed.
    pub(crate) fn dispatch_ready(&mut self, now: Timestamp) {
        let mut over = Vec::new();
        for number in std::mem::take(&mut self.active.due) {
            let record = self.state.commands.get_mut(number);
            let Some(record) = record.filter(|record| record.is_visible(now)) else {
                continue;
            };
            if record.has_too_many_errors() {
                for index in record.waiting() {
                    record.end(index, Phase::Terminated, now);
                }
            } else {
                self.find_ready(number, now);
                self.start_ready(number, now);
            }
            self.record_command(number, now);
            let record = self.state.commands.get(number);
            if record.is_none_or(CommandRecord::is_over) {
                self.active.remove(number, record);
                over.push(number);
            }
        }
        for number in over {
            self.command_over_in_window(number, now);
        }
    }

    /// The same, after a node's connection or load may have changed.
    pub(crate) fn node_changed(&mut self, node: &NodeId, now: Timestamp) {
        self.active.node_changed(node, &self.state.commands);
        self.dispatch_ready(now);
    }

    /// The same, after a command has ended on a node. Those that wait there are asked in turn until one takes
    /// the node: the others find it busy, as before.
    pub(super) fn node_freed(&mut self, node: &NodeId, by: usize, now: Timestamp) {
        self.active.look_at(by);
        self.dispatch_ready(now);
        let mut last = None;
        while self.is_free(node)
            && let Some((number, index)) =
                self.active.next_waiting(node, last, &self.state.commands)
        {
            last = Some(number);
            if let Some(queue) = self.active.queues.get_mut(&number) {
                queue.mark_dirty(Some(index));
            }
            self.active.look_at(number);
            self.dispatch_ready(now);
        }
    }

    /// The same, after a command was cancelled on some of its nodes.
    pub(crate) fn command_changed(&mut self, number: usize, now: Timestamp) {
        self.active.look_at(number);
        self.dispatch_ready(now);
    }

    /// Cancels commands on all their nodes.
    pub(super) fn cancel_commands(&mut self, commands: &[usize], now: Timestamp) {
        for number in commands {
            if let Some(record) = self.state.commands.get_mut(*number) {
                record.cancel(&[], now);
            }
            self.active.look_at(*number);
        }
        self.dispatch_ready(now);
    }

    /// Checks the nodes that may have changed: which can start, and which are given up.
    fn find_ready(&mut self, number: usize, now: Timestamp) {
        let record = self.state.commands.get(number);
        let Some((record, queue)) = record.zip(self.active.queues.get_mut(&number)) else {
            return;
        };
        let mut checked = queue.take_dirty(record, now);
        let twins = match checked.is_empty() {
            true => Vec::new(),
            false => self.earlier_twins(number, now),
        };
        checked.retain(|index| !self.waits_for(&twins, number, *index));
        let record = self.state.commands.get_mut(number);
        let Some((record, queue)) = record.zip(self.active.queues.get_mut(&number)) else {
            return;
        };
        for index in checked {
            let Some(on) = record.invocations().get(index) else {
                continue;
            };
            let reached = self.state.fleet.reaches(&on.node);
            let idle = !self.running.contains_key(&on.node);
            if !reached && record.is_overdue(now) {
                record.end(index, Phase::DeliveryTimedOut, now);
            } else {
                queue.mark_ready(index, reached && idle);
            }
        }
    }

    /// Whether one of these commands waits on the node of an invocation.
    fn waits_for(&self, commands: &[usize], number: usize, index: usize) -> bool {
        let commands = commands.iter();
        let mut commands = commands.filter_map(|number| self.state.commands.get(*number));
        let record = self.state.commands.get(number);
        let on = record.and_then(|record| record.invocations().get(index));
        on.is_some_and(|on| {
            commands.any(|other| {
                let there = other.invocation(&on.node);
                there.is_some_and(|there| there.phase == Phase::Waiting)
            })
        })
    }

    /// The earlier commands of the same policy, sent at the same instant: its install comes after its scan
    /// on each node. A command that is overdue waits for none.
    fn earlier_twins(&self, number: usize, now: Timestamp) -> Vec<usize> {
        let command = self.state.commands.get(number);
        let command = command.filter(|command| !command.is_overdue(now));
        let Some((policy, command)) = command.and_then(|one| one.policy.as_ref().zip(Some(one)))
        else {
            return Vec::new();
        };
        let earlier = self.active.queues.range(..number).map(|(other, _)| *other);
        let is_twin = |other: &usize| {
            let other = self.state.commands.get(*other);
            other.is_some_and(|other| {
                let of_policy = other.policy.as_ref().map(|run| &run.policy);
                of_policy == Some(&policy.policy) && other.requested == command.requested
            })
        };
        earlier.filter(is_twin).collect()
    }

    /// Starts a command on as many nodes as may run it. Another command may have started there
    /// first.
    fn start_ready(&mut self, number: usize, now: Timestamp) {
        while let Some(record) = self.state.commands.get(number)
            && record.free() > 0
            && let Some(queue) = self.active.queues.get_mut(&number)
            && let Some(index) = queue.pop_ready(record)
        {
            let on = record.invocations().get(index);
            if on.is_some_and(|on| !self.running.contains_key(&on.node)) {
                self.start(number, index, now);
            }
        }
    }
}
