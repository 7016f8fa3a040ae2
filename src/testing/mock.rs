//! Mocks of every backend trait, made by [mockall].
//!
//! [`docs::testing`](crate::docs::testing#with-mocks) shows one at work.
//!
//! Exempt from semver: what they look like is mockall's affair, and follows its releases.
//! Name the mockall version that this crate uses in your own `[dev-dependencies]` for its
//! predicates and sequences.
//!
//! [mockall]: https://docs.rs/mockall

use async_trait::async_trait;

pub use crate::backend::mocks::{
    MockAssociationStore, MockBaselineStore, MockComplianceSource, MockMaintenanceWindowHistory,
    MockMaintenanceWindowStore, MockNetworkInventory, MockNodeInventory, MockPatchCatalog,
    MockPatchGroupRegistry, MockRoleInventory, MockScheduleStore,
};
use crate::backend::{CommandRunner, ListCommandInvocations, ListCommands};
use crate::error::Result;
use crate::operation::{Command, CommandInvocation, CommandInvocationDetail, SendCommand};
use crate::page::Page;
use crate::types::{CommandId, NodeId};

// automock cannot name the lifetime of an `Option<&str>` without changing how the trait is implemented.
mockall::mock! {
    /// A mock of [`CommandRunner`]. Its `get_command_invocation` sees the plugin as an owned `Option<String>`.
    #[derive(Debug)]
    pub CommandRunner {
        /// See [`CommandRunner::send_command`].
        pub fn send_command(&self, request: SendCommand) -> Result<Command>;

        /// See [`CommandRunner::get_command_invocation`].
        pub fn get_command_invocation(
            &self,
            command: &CommandId,
            node: &NodeId,
            plugin: Option<String>,
        ) -> Result<CommandInvocationDetail>;

        /// See [`CommandRunner::list_command_invocations`].
        pub fn list_command_invocations(
            &self,
            request: ListCommandInvocations,
        ) -> Result<Page<CommandInvocation>>;

        /// See [`CommandRunner::list_commands`].
        pub fn list_commands(&self, request: ListCommands) -> Result<Page<Command>>;

        /// See [`CommandRunner::cancel_command`].
        pub fn cancel_command(&self, command: &CommandId, nodes: &[NodeId]) -> Result<()>;
    }
}

#[async_trait]
impl CommandRunner for MockCommandRunner {
    async fn send_command(&self, request: SendCommand) -> Result<Command> {
        Self::send_command(self, request)
    }

    async fn get_command_invocation(
        &self,
        command: &CommandId,
        node: &NodeId,
        plugin: Option<&str>,
    ) -> Result<CommandInvocationDetail> {
        Self::get_command_invocation(self, command, node, plugin.map(str::to_owned))
    }

    async fn list_command_invocations(
        &self,
        request: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        Self::list_command_invocations(self, request)
    }

    async fn list_commands(&self, request: ListCommands) -> Result<Page<Command>> {
        Self::list_commands(self, request)
    }

    async fn cancel_command(&self, command: &CommandId, nodes: &[NodeId]) -> Result<()> {
        Self::cancel_command(self, command, nodes)
    }
}
