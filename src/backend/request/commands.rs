//! The requests of Run Command.

use super::member::request;
use crate::operation::CommandFilter;
use crate::page::PageRequest;
use crate::types::{CommandId, NodeId};

request! {
    /// The input of GetCommandInvocation.
    pub struct GetCommandInvocation {
        /// The command.
        required "CommandId" => command_id: CommandId,
        /// The node.
        required "InstanceId" => instance_id: NodeId,
        /// The step whose output is shown: `PatchWindows`, `PatchLinux` or `PatchMacOS`.
        optional "PluginName" => plugin_name: Option<String>,
    }
}

impl GetCommandInvocation {
    /// A request for this command's invocation on this node.
    pub fn new(command_id: impl Into<CommandId>, instance_id: impl Into<NodeId>) -> Self {
        Self {
            command_id: command_id.into(),
            instance_id: instance_id.into(),
            plugin_name: None,
        }
    }

    /// Shows the output of this step.
    #[must_use]
    pub fn with_plugin_name(mut self, name: impl Into<String>) -> Self {
        self.plugin_name = Some(name.into());
        self
    }
}

request! {
    /// The input of ListCommands. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListCommands {
        /// Only this command.
        optional "CommandId" => command_id: Option<CommandId>,
        /// Only commands that ran on this node.
        optional "InstanceId" => instance_id: Option<NodeId>,
        /// Only commands that match all of these filters, at most 5.
        optional "Filters" => filters: Vec<CommandFilter>,
        ..page
    }
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

    /// The same request with these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<CommandFilter>) -> Self {
        self.filters = filters;
        self
    }
}

request! {
    /// The input of ListCommandInvocations. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListCommandInvocations {
        /// Only invocations of this command.
        optional "CommandId" => command_id: Option<CommandId>,
        /// Only invocations on this node.
        optional "InstanceId" => instance_id: Option<NodeId>,
        /// Only invocations that match all of these filters, at most 5.
        optional "Filters" => filters: Vec<CommandFilter>,
        /// Whether to include each step, with up to 2,500 characters of its output.
        defaulted "Details" => details: bool,
        ..page
    }
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

    /// The same request with these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<CommandFilter>) -> Self {
        self.filters = filters;
        self
    }

    /// The same request for another page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

request! {
    /// The input of CancelCommand.
    pub struct CancelCommand {
        /// The command.
        required "CommandId" => command_id: CommandId,
        /// The nodes, at most 50; all of the command if empty.
        optional "InstanceIds" => instance_ids: Vec<NodeId>,
    }
}

impl CancelCommand {
    /// A request to cancel this command on all its nodes.
    pub fn new(command_id: impl Into<CommandId>) -> Self {
        Self {
            command_id: command_id.into(),
            instance_ids: Vec::new(),
        }
    }

    /// The same request for these nodes only.
    #[must_use]
    pub fn on<I>(mut self, nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        self.instance_ids = nodes.into_iter().map(Into::into).collect();
        self
    }
}
