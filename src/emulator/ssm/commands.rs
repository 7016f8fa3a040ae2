//! The operations of CommandRunner.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::backend::{CommandRunner, ListCommandInvocations, ListCommands};
use crate::emulator::error::invalid;
use crate::emulator::request::{Request, listing, member, output};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::operation::{CommandFilter, SendCommand};
use crate::types::{CommandId, NodeId};

/// Answers an operation on commands, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "SendCommand" => send(backend, request).await,
        "GetCommandInvocation" => get_invocation(backend, request).await,
        "ListCommandInvocations" => list_invocations(backend, request).await,
        "ListCommands" => list(backend, request).await,
        "CancelCommand" => cancel(backend, request).await,
        _ => return None,
    })
}

async fn send(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let send: SendCommand = request.input(&["DocumentName"])?;
    member("Command", &backend.send_command(send).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneInvocation {
    command_id: CommandId,
    instance_id: NodeId,
    plugin_name: Option<String>,
}

async fn get_invocation(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let asked: OneInvocation = request.input(&["CommandId", "InstanceId"])?;
    output(
        &backend
            .get_command_invocation(
                &asked.command_id,
                &asked.instance_id,
                asked.plugin_name.as_deref(),
            )
            .await?,
    )
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Which {
    command_id: Option<CommandId>,
    instance_id: Option<NodeId>,
    filters: Option<Vec<CommandFilter>>,
    details: bool,
}

impl Which {
    /// The filters; where the member is there, it is not empty.
    fn filters(&mut self) -> Result<Vec<CommandFilter>> {
        let filters = self.filters.take();
        if filters.as_ref().is_some_and(Vec::is_empty) {
            return Err(invalid(
                "1 validation error detected: Value at 'filters' failed to satisfy constraint: Member must have between 1 and 5 members",
            ));
        }
        Ok(filters.unwrap_or_default())
    }
}

async fn list_invocations(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let mut which: Which = request.input(&[])?;
    let list = ListCommandInvocations {
        filters: which.filters()?,
        command_id: which.command_id,
        instance_id: which.instance_id,
        details: which.details,
        page: request.page("MaxResults", "NextToken")?,
    };
    listing(
        "CommandInvocations",
        &backend.list_command_invocations(list).await?,
    )
}

async fn list(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let mut which: Which = request.input(&[])?;
    let list = ListCommands {
        filters: which.filters()?,
        command_id: which.command_id,
        instance_id: which.instance_id,
        page: request.page("MaxResults", "NextToken")?,
    };
    listing("Commands", &backend.list_commands(list).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cancelled {
    command_id: CommandId,
    #[serde(default)]
    instance_ids: Vec<NodeId>,
}

async fn cancel(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let cancelled: Cancelled = request.input(&["CommandId"])?;
    backend
        .cancel_command(&cancelled.command_id, &cancelled.instance_ids)
        .await?;
    Ok(json!({}))
}
