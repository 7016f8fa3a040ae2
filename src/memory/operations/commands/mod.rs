//! The commands sent, and CommandRunner over them. What they do happens in the engine.

mod filter;

use std::collections::HashSet;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backend::{
    CancelCommand, CommandRunner, GetCommandInvocation, ListCommandInvocations, ListCommands,
    Operation,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::{Engine, document};
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::paging::{Bounds, Row, hash, passing};
use crate::memory::store::State;
use crate::memory::store::commands::{CommandRecord, Invocation};
use crate::operation::{
    Command, CommandFilter, CommandInvocation, CommandInvocationDetail, DocumentHashType,
    SendCommand,
};
use crate::page::Page;
use crate::types::{CommandId, NodeId};

/// What tells one listing of commands or invocations from another.
fn listing_key(id: Option<&CommandId>, node: Option<&NodeId>, filters: &[CommandFilter]) -> String {
    format!("{id:?} {node:?} {filters:?}")
}

const SEND: Operation = Operation::SendCommand;

/// Checks a request as the service does, first by itself, then against the account.
fn check_send(request: &SendCommand, state: &State) -> Result<()> {
    send_bounds(request)?;
    document::check(
        SEND,
        &state.documents,
        &request.document_name,
        request.document_version.as_deref(),
        &request.parameters,
    )?;
    let mut seen = HashSet::new();
    for id in &request.instance_ids {
        if !seen.insert(id) {
            return Err(duplicate().with_resource(id.as_str()));
        }
        if !state.fleet.get(id).is_some_and(|node| node.is_managed()) {
            return Err(check::invalid_instance_id(SEND, id));
        }
    }
    Ok(())
}

fn duplicate() -> Error {
    Error::service(ErrorKind::InvalidInput, "DuplicateInstanceId", "")
}

/// The bounds of the SSM model; of node ids and targets exactly one is given.
fn send_bounds(request: &SendCommand) -> Result<()> {
    let mut validation = Validation::of(SEND);
    validation.count("instanceIds", &request.instance_ids, 0..=50);
    validation.count("targets", &request.targets, 0..=5);
    validation.require(
        request.instance_ids.is_empty() != request.targets.is_empty(),
        "instanceIds",
        "either node ids or targets must be given, not both",
    );
    for (number, target) in request.targets.iter().enumerate() {
        let at = format!("targets.{}", number + 1);
        validation.count(format!("{at}.values"), &target.values, 0..=50);
        validation.require(
            document::is_target_key(target),
            format!("{at}.key"),
            "Member must be InstanceIds, tag:KEY, tag-key or resource-groups:Name",
        );
    }
    if let Some(comment) = &request.comment {
        validation.length("comment", comment, 0..=100);
    }
    if let Some(seconds) = request.timeout_seconds {
        validation.require(
            (30..=2_592_000).contains(&seconds),
            "timeoutSeconds",
            "Member must have value between 30 and 2592000",
        );
    }
    if let Some(limit) = request.max_concurrency {
        validation.require(limit.is_well_formed(), "maxConcurrency", "wrong pattern");
    }
    if let Some(limit) = request.max_errors {
        validation.require(limit.is_well_formed(), "maxErrors", "wrong pattern");
    }
    check::output_place(
        &mut validation,
        request.output_s3_bucket_name.as_deref(),
        request.output_s3_key_prefix.as_deref(),
    );
    check::notifications(&mut validation, request.notification_config.as_ref());
    check::alarms(&mut validation, request.alarm_configuration.as_ref());
    document_hash(&mut validation, request);
    validation.finish()?;
    arns(request)
}

/// This backend has no text of documents, so a hash of its algorithm's form is taken for the document's.
fn document_hash(validation: &mut Validation, request: &SendCommand) {
    let kind = request.document_hash_type.as_ref();
    let kind_is_known = kind.is_none_or(DocumentHashType::is_known);
    validation.one_of("documentHashType", kind_is_known);
    if let Some(hash) = &request.document_hash {
        let kind = kind.unwrap_or(&DocumentHashType::Sha256);
        let rule = "Member must be the hash of the document in hexadecimal digits";
        validation.require(kind.has_form_of(hash), "documentHash", rule);
    }
}

/// The topic and the role are ARNs of their kinds (SSM model, InvalidNotificationConfig and
/// InvalidRole); whether they exist, this backend cannot know.
fn arns(request: &SendCommand) -> Result<()> {
    let notifications = request.notification_config.as_ref();
    let topic = notifications.map_or("", |config| &config.notification_arn);
    let role = request.service_role_arn.as_deref().unwrap_or_default();
    for (arn, service, code) in [
        (topic, ":sns:", "InvalidNotificationConfig"),
        (role, ":iam:", "InvalidRole"),
    ] {
        let is_legal = arn.starts_with("arn:aws") && arn.contains(service);
        if !arn.is_empty() && !is_legal {
            let error = Error::service(ErrorKind::InvalidInput, code, "not a valid ARN");
            return Err(error.with_operation(SEND).with_resource(arn));
        }
    }
    Ok(())
}

fn known_node(state: &State, operation: Operation, node: Option<&NodeId>) -> Result<()> {
    match node {
        Some(id) if state.fleet.get(id).is_none() => Err(check::invalid_instance_id(operation, id)),
        _ => Ok(()),
    }
}

fn cancel(engine: &mut Engine, id: &CommandId, nodes: &[NodeId], now: Timestamp) -> Result<()> {
    const OPERATION: Operation = Operation::CancelCommand;
    let mut validation = Validation::of(OPERATION);
    validation.count("instanceIds", nodes, 0..=50);
    validation.finish()?;
    let commands = &mut engine.state.commands;
    let number = commands.find(id)?;
    let mut seen = HashSet::new();
    if nodes.iter().any(|node| !seen.insert(node)) {
        return Err(duplicate());
    }
    let Some(record) = commands.get_mut(number) else {
        return Ok(());
    };
    if let Some(unknown) = nodes.iter().find(|node| record.invocation(node).is_none()) {
        return Err(check::invalid_instance_id(OPERATION, unknown));
    }
    record.cancel(nodes, now);
    engine.command_changed(number, now);
    Ok(())
}

/// A row of ListCommandInvocations. Only those of the page are described, with what they printed.
struct InvocationRow<'a> {
    record: &'a CommandRecord,
    invocation: &'a Invocation,
}

impl InvocationRow<'_> {
    fn listed(&self, engine: &Engine, details: bool) -> CommandInvocation {
        let free = engine.is_free(&self.invocation.node);
        self.record.listed(self.invocation, details, free)
    }
}

/// The invocations of commands, from a number on.
fn invocation_rows<'a>(
    records: &'a [&'a CommandRecord],
    from: usize,
) -> impl Iterator<Item = InvocationRow<'a>> {
    let mut skipped = from;
    records.iter().copied().flat_map(move |record| {
        let invocations = record.invocations();
        let before = skipped.min(invocations.len());
        skipped -= before;
        let invocations = invocations.iter().skip(before);
        invocations.map(move |invocation| InvocationRow { record, invocation })
    })
}

impl Row for InvocationRow<'_> {
    fn identity(&self) -> u64 {
        hash((self.record.id(), &self.invocation.node))
    }
}

#[async_trait]
impl CommandRunner for MemoryBackend {
    async fn send_command(&self, request: SendCommand) -> Result<Command> {
        self.call_engine(Operation::SendCommand, |engine, now| {
            check_send(&request, &engine.state)?;
            let nodes = if request.targets.is_empty() {
                request.instance_ids.clone()
            } else {
                engine.state.fleet.resolve(&request.targets)
            };
            let number = engine.send(request, nodes, None, now);
            let sent = engine.state.commands.get(number);
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

        const OPERATION: Operation = Operation::GetCommandInvocation;
        self.call_engine(OPERATION, |engine, now| {
            let state = &engine.state;
            known_node(state, OPERATION, Some(node))?;
            // For an id that never was, no answer of AWS is recorded; a read path that does not see
            // the command yet can hardly tell the two apart (SSM model, InvocationDoesNotExist).
            let number = state.commands.find(command).ok();
            let record = number.and_then(|number| state.commands.get(number));
            let visible = record.filter(|record| record.is_visible(now));
            let found = visible.and_then(|record| Some((record, record.invocation(node)?)));
            let Some((record, invocation)) = found else {
                return Err(
                    Error::service(ErrorKind::NotYet, "InvocationDoesNotExist", "")
                        .with_resource(format!("{command} on {node}")),
                );
            };
            record.detail(invocation, plugin, engine.is_free(node))
        })
        .await
    }

    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        const OPERATION: Operation = Operation::ListCommandInvocations;
        self.call_engine(OPERATION, |engine, now| {
            let state = &engine.state;
            let (id, node) = (request.command_id.as_ref(), request.instance_id.as_ref());
            let filters = request.filters.as_slice();
            filter::INVOCATIONS.check(filters, node)?;
            known_node(state, OPERATION, node)?;
            let records = state.commands.listed(id, node)?;
            let records = records.into_iter().filter(|record| record.is_visible(now));
            let records: Vec<_> = records.collect();
            let passes = |row: &InvocationRow<'_>| {
                node.is_none_or(|node| *node == row.invocation.node)
                    && (filters.is_empty()
                        || filter::passes_invocation(&row.listed(engine, false), filters))
            };
            let all_pass = node.is_none() && filters.is_empty();
            let all = |from| invocation_rows(&records, from);
            let rows = |from| passing(all, all_pass, passes, from);
            let key = listing_key(id, node, filters);
            let page = state.page_of_rows(rows, &request.page, OPERATION, Bounds::TO_50, &key)?;
            let items = page.items.iter();
            let items = items.map(|row| row.listed(engine, request.details));
            Ok(Page::new(items.collect(), page.next_token))
        })
        .await
    }

    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>> {
        const OPERATION: Operation = Operation::ListCommands;
        self.call(OPERATION, |state, now| {
            let (id, node) = (request.command_id.as_ref(), request.instance_id.as_ref());
            let filters = request.filters.as_slice();
            filter::COMMANDS.check(filters, node)?;
            known_node(state, OPERATION, node)?;
            let records = state.commands.listed(id, node)?;
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

        self.call_engine(Operation::CancelCommand, |engine, now| {
            let mut validation = check::Validation::of(Operation::CancelCommand);
            validation.count("instanceIds", nodes, 0..=50);
            validation.finish()?;
            cancel(engine, command, nodes, now)
        })
        .await
    }
}
