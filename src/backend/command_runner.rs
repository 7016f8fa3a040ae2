use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::operation::{
    Command, CommandFilter, CommandInvocation, CommandInvocationDetail, SendCommand,
};
use crate::page::{Page, PageRequest};
use crate::types::{CommandId, NodeId};

/// The input of ListCommands. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCommands {
    /// Only this command.
    pub command_id: Option<CommandId>,
    /// Only commands that ran on this node.
    pub instance_id: Option<NodeId>,
    /// Only commands that pass all of these, at most 5.
    pub filters: Vec<CommandFilter>,
    /// The page.
    pub page: PageRequest,
}

impl ListCommands {
    /// A request for all commands.
    pub fn all(page: PageRequest) -> Self {
        Self {
            page,
            ..Self::default()
        }
    }

    /// A request for one command.
    pub fn of(command_id: impl Into<CommandId>) -> Self {
        Self {
            command_id: Some(command_id.into()),
            ..Self::default()
        }
    }

    /// The same for what passes these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<CommandFilter>) -> Self {
        self.filters = filters;
        self
    }
}

/// The input of ListCommandInvocations. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListCommandInvocations {
    /// Only invocations of this command.
    pub command_id: Option<CommandId>,
    /// Only invocations on this node.
    pub instance_id: Option<NodeId>,
    /// Only invocations that pass all of these, at most 5.
    pub filters: Vec<CommandFilter>,
    /// Whether each step is described, with up to 2,500 characters of its output.
    pub details: bool,
    /// The page.
    pub page: PageRequest,
}

impl ListCommandInvocations {
    /// A request for the invocations of one command, with details.
    pub fn of(command_id: impl Into<CommandId>) -> Self {
        Self {
            command_id: Some(command_id.into()),
            details: true,
            ..Self::default()
        }
    }

    /// The same for what passes these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<CommandFilter>) -> Self {
        self.filters = filters;
        self
    }

    /// The same for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

/// Runs documents on nodes: Run Command.
///
/// ```
/// use aws_patch_manager::backend::CommandRunner;
/// use aws_patch_manager::{MemoryBackend, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let runner = MemoryBackend::sample();
/// for command in PatchRequest::scan().nodes(["i-0c0ffee0000000001"]).commands()? {
///     let sent = runner.send_command(command).await?;
///     runner.cancel_command(&sent.command_id, &[]).await?;
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait CommandRunner: fmt::Debug + Send + Sync + 'static {
    /// SendCommand. Not idempotent: a repeated call is a second run, so that an error after which
    /// there may be one is [marked](crate::Error::with_unknown_effect).
    async fn send_command(&self, request: SendCommand) -> Result<Command>;

    /// GetCommandInvocation: fails with [`NotYet`](crate::ErrorKind::NotYet) right after sending.
    /// Name the plugin (`PatchWindows`, `PatchLinux`, `PatchMacOS`) to see a step's output.
    async fn get_command_invocation(
        &self,
        command: &CommandId,
        node: &NodeId,
        plugin: Option<&str>,
    ) -> Result<CommandInvocationDetail>;

    /// ListCommandInvocations.
    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>>;

    /// ListCommands.
    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>>;

    /// CancelCommand on these nodes, at most 50, or on all where none is named. Best effort.
    async fn cancel_command(&self, command: &CommandId, nodes: &[NodeId]) -> Result<()>;
}
