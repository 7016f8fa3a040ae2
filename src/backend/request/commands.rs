//! The requests of Run Command.

use serde::{Deserialize, Serialize};

use crate::operation::CommandFilter;
use crate::page::PageRequest;
use crate::types::{CommandId, NodeId};

/// The input of GetCommandInvocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetCommandInvocation {
    /// The command.
    pub command_id: CommandId,
    /// The node.
    pub instance_id: NodeId,
    /// The step whose output is shown: `PatchWindows`, `PatchLinux` or `PatchMacOS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin_name: Option<String>,
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

/// The input of ListCommands. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListCommands {
    /// Only this command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<CommandId>,
    /// Only commands that ran on this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<NodeId>,
    /// Only commands that match all of these filters, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<CommandFilter>,
    /// The page.
    #[serde(flatten)]
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

    /// The same request with these filters.
    #[must_use]
    pub fn with_filters(mut self, filters: Vec<CommandFilter>) -> Self {
        self.filters = filters;
        self
    }
}

/// The input of ListCommandInvocations. Pages of 1 to 50.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ListCommandInvocations {
    /// Only invocations of this command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<CommandId>,
    /// Only invocations on this node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<NodeId>,
    /// Only invocations that match all of these filters, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<CommandFilter>,
    /// Whether to include each step, with up to 2,500 characters of its output.
    #[serde(default)]
    pub details: bool,
    /// The page.
    #[serde(flatten)]
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

/// The input of CancelCommand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CancelCommand {
    /// The command.
    pub command_id: CommandId,
    /// The nodes, at most 50; all of the command if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instance_ids: Vec<NodeId>,
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
