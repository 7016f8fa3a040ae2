use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;

use super::read;
use crate::operation::{CommandStatus, InvocationStatus};
use crate::types::{CommandId, NodeId, Redacted};

/// A command whose status changed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CommandStatusChange {
    /// The command.
    pub command_id: CommandId,
    /// Its document.
    #[serde(default)]
    pub document_name: String,
    /// Its new status. `Canceled`, as the event reference spells it, is
    /// [`Cancelled`](CommandStatus::Cancelled).
    #[serde(deserialize_with = "read::status")]
    pub status: CommandStatus,
    /// The parameters of the document. `Debug` does not show them.
    #[serde(default)]
    pub parameters: BTreeMap<String, Vec<String>>,
    /// When it was sent.
    #[serde(default, deserialize_with = "read::instant")]
    pub requested_date_time: Option<Timestamp>,
    /// When it is given up.
    #[serde(default, deserialize_with = "read::instant")]
    pub expire_after: Option<Timestamp>,
}

impl fmt::Debug for CommandStatusChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandStatusChange")
            .field("command_id", &self.command_id)
            .field("document_name", &self.document_name)
            .field("status", &self.status)
            .field("parameters", &Redacted)
            .field("requested_date_time", &self.requested_date_time)
            .field("expire_after", &self.expire_after)
            .finish()
    }
}

/// A command whose status on one node changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct CommandInvocationStatusChange {
    /// The command.
    pub command_id: CommandId,
    /// The node.
    pub instance_id: NodeId,
    /// The command's document.
    #[serde(default)]
    pub document_name: String,
    /// Its new status there, spelled as in [`CommandStatusChange::status`].
    #[serde(deserialize_with = "read::status")]
    pub status: InvocationStatus,
    /// When it was sent.
    #[serde(default, deserialize_with = "read::instant")]
    pub requested_date_time: Option<Timestamp>,
}
