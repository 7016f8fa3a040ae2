//! The commands sent, and CommandRunner over them. What they do happens in the engine.

mod describe;
mod filter;
mod record;

use std::collections::{BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use jiff::Timestamp;

pub(crate) use self::record::{Invocation, Parameters, Phase, PolicyRun, Record};
use crate::backend::{
    CancelCommand, CommandRunner, GetCommandInvocation, ListCommandInvocations, ListCommands,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::document as command_check;
use crate::memory::operations::check;
use crate::memory::operations::paging::Bounds;
use crate::memory::state::State;
use crate::operation::{
    Command, CommandFilter, CommandInvocation, CommandInvocationDetail, SendCommand,
};
use crate::page::Page;
use crate::types::{CommandId, NodeId};

/// Every command since the account began. The service forgets them after 30 days; this one does not.
#[derive(Debug, Default)]
pub(crate) struct CommandLedger {
    records: Vec<Record>,
    by_id: HashMap<CommandId, usize>,
    /// Those that have not ended, in the order in which they were sent.
    pub(crate) active: BTreeSet<usize>,
}

impl CommandLedger {
    /// Enters a command and returns its number.
    pub(crate) fn enter(&mut self, record: Record) -> usize {
        let number = self.records.len();
        self.by_id.insert(record.id().clone(), number);
        self.active.insert(number);
        self.records.push(record);
        number
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Record> {
        self.records.get(number)
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Record> {
        self.records.get_mut(number)
    }

    /// Has every command that has not ended look again at a node.
    pub(crate) fn look_again(&mut self, node: &NodeId) {
        for number in &self.active {
            if let Some(record) = self.records.get_mut(*number) {
                record.look_again(node);
            }
        }
    }

    fn find(&self, operation: &'static str, id: &CommandId) -> Result<usize> {
        self.by_id
            .get(id)
            .copied()
            .ok_or_else(|| no_such_command(operation, id))
    }

    /// The commands that a listing is about, the newest first.
    fn listed(
        &self,
        operation: &'static str,
        id: Option<&CommandId>,
        node: Option<&NodeId>,
    ) -> Result<Vec<&Record>> {
        let only = id.map(|id| self.find(operation, id)).transpose()?;
        Ok(self
            .records
            .iter()
            .enumerate()
            .rev()
            .filter(|(number, _)| only.is_none_or(|only| only == *number))
            .map(|(_, record)| record)
            .filter(|record| node.is_none_or(|node| record.invocation(node).is_some()))
            .collect())
    }
}

fn no_such_command(operation: &'static str, id: &CommandId) -> Error {
    Error::service(ErrorKind::NotFound, "InvalidCommandId", "")
        .with_operation(operation)
        .with_resource(id.as_str())
}

/// What tells one listing of commands or invocations from another.
fn listing_key(id: Option<&CommandId>, node: Option<&NodeId>, filters: &[CommandFilter]) -> String {
    format!("{id:?} {node:?} {filters:?}")
}

impl State {
    fn known_node(&self, operation: &'static str, node: Option<&NodeId>) -> Result<()> {
        match node {
            Some(id) if self.fleet.get(id).is_none() => {
                Err(check::invalid_instance_id(operation, id))
            }
            _ => Ok(()),
        }
    }

    fn cancel(&mut self, id: &CommandId, nodes: &[NodeId], now: Timestamp) -> Result<()> {
        const OPERATION: &str = "CancelCommand";
        let number = self.commands.find(OPERATION, id)?;
        let mut seen = HashSet::new();
        if nodes.iter().any(|node| !seen.insert(node)) {
            return Err(
                Error::service(ErrorKind::InvalidInput, "DuplicateInstanceId", "")
                    .with_operation(OPERATION),
            );
        }
        let Some(record) = self.commands.get_mut(number) else {
            return Ok(());
        };
        if let Some(stranger) = nodes.iter().find(|node| record.invocation(node).is_none()) {
            return Err(check::invalid_instance_id(OPERATION, stranger));
        }
        record.cancel(nodes, now);
        self.pump(now);
        Ok(())
    }
}

#[async_trait]
impl CommandRunner for MemoryBackend {
    async fn send_command(&self, request: SendCommand) -> Result<Command> {
        self.call("SendCommand", |state, now| {
            command_check::request(&request, state)?;
            let nodes = if request.targets.is_empty() {
                request.instance_ids.clone()
            } else {
                state.resolve(&request.targets)
            };
            let number = state.send(request, nodes, None, now);
            let sent = state.commands.get(number);
            sent.map(|record| record.command(now))
                .ok_or_else(|| Error::new(ErrorKind::ServiceFailure, "the command was lost"))
        })
        .await
    }

    async fn get_command_invocation(
        &self,
        request: GetCommandInvocation,
    ) -> Result<CommandInvocationDetail> {
        let command = &request.command_id;
        let node = &request.instance_id;
        let plugin = request.plugin_name.as_deref();

        const OPERATION: &str = "GetCommandInvocation";
        self.call(OPERATION, |state, now| {
            let number = state.commands.find(OPERATION, command)?;
            state.known_node(OPERATION, Some(node))?;
            let record = state.commands.get(number);
            let visible = record.filter(|record| record.is_visible(now));
            let found = visible.and_then(|record| Some((record, record.invocation(node)?)));
            let Some((record, invocation)) = found else {
                return Err(
                    Error::service(ErrorKind::NotYet, "InvocationDoesNotExist", "")
                        .with_resource(format!("{command} on {node}")),
                );
            };
            let busy = state.engine.is_busy(node);
            let reachable = state.fleet.reaches(node);
            record.detail(invocation, plugin, reachable && !busy)
        })
        .await
    }

    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        const OPERATION: &str = "ListCommandInvocations";
        self.call(OPERATION, |state, now| {
            let (id, node) = (request.command_id.as_ref(), request.instance_id.as_ref());
            let filters = request.filters.as_slice();
            filter::INVOCATIONS.check(filters, node)?;
            state.known_node(OPERATION, node)?;
            let mut items = Vec::new();
            for record in state.commands.listed(OPERATION, id, node)? {
                if !record.is_visible(now) {
                    continue;
                }
                for invocation in record.invocations() {
                    if node.is_none_or(|node| *node == invocation.node) {
                        let free = state.fleet.reaches(&invocation.node)
                            && !state.engine.is_busy(&invocation.node);
                        items.push(record.listed(invocation, request.details, free));
                    }
                }
            }
            items.retain(|on| filter::passes_invocation(on, filters));
            let key = listing_key(id, node, filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>> {
        const OPERATION: &str = "ListCommands";
        self.call(OPERATION, |state, now| {
            let (id, node) = (request.command_id.as_ref(), request.instance_id.as_ref());
            let filters = request.filters.as_slice();
            filter::COMMANDS.check(filters, node)?;
            state.known_node(OPERATION, node)?;
            let records = state.commands.listed(OPERATION, id, node)?;
            let items = records
                .iter()
                .map(|record| record.command(now))
                .filter(|command| filter::passes(command, filters))
                .collect();
            let key = listing_key(id, node, filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn cancel_command(&self, request: CancelCommand) -> Result<()> {
        let command = &request.command_id;
        let nodes = &request.instance_ids;

        self.call("CancelCommand", |state, now| {
            let mut validation = check::Validation::of("CancelCommand");
            validation.count("instanceIds", nodes, 0..=50);
            validation.finish()?;
            state.cancel(command, nodes, now)
        })
        .await
    }
}
