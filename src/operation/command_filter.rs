use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::string_enum;

string_enum! {
    /// The key of a [`CommandFilter`].
    pub enum CommandFilterKey {
        /// The command was sent at this time or later.
        InvokedAfter = "InvokedAfter",
        /// The command was sent before this time.
        InvokedBefore = "InvokedBefore",
        /// The status, or the detailed status.
        Status = "Status",
        /// Whether the command is still running; ListCommands only.
        ExecutionStage = "ExecutionStage",
        /// The document.
        DocumentName = "DocumentName",
    }
}

/// A filter for commands and their invocations, for ListCommands and ListCommandInvocations.
///
/// Several filters are ANDed.
///
/// ```
/// use aws_patch_manager::backend::ListCommands;
/// use aws_patch_manager::operation::{CommandFilter, RUN_PATCH_BASELINE};
///
/// let failed_scans_and_installs = ListCommands::default().with_filters(vec![
///     CommandFilter::document_name(RUN_PATCH_BASELINE),
///     CommandFilter::status("Failed"),
/// ]);
/// assert_eq!(failed_scans_and_installs.filters.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommandFilter {
    /// The key.
    pub key: CommandFilterKey,
    /// The value, 1 to 128 characters.
    pub value: String,
}

impl CommandFilter {
    /// A filter for this value of the key.
    pub fn new(key: impl Into<CommandFilterKey>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }

    /// Sent at this instant or later.
    pub fn invoked_after(instant: Timestamp) -> Self {
        Self::new(CommandFilterKey::InvokedAfter, instant.to_string())
    }

    /// Sent before this instant.
    pub fn invoked_before(instant: Timestamp) -> Self {
        Self::new(CommandFilterKey::InvokedBefore, instant.to_string())
    }

    /// With this status, such as `InProgress`, or this detailed status, such as `DeliveryTimedOut`.
    ///
    /// Do not combine `Pending` with a node id: the command has not reached a node yet.
    pub fn status(status: impl Into<String>) -> Self {
        Self::new(CommandFilterKey::Status, status)
    }

    /// With this document.
    pub fn document_name(name: impl Into<String>) -> Self {
        Self::new(CommandFilterKey::DocumentName, name)
    }

    /// Still running; ListCommands only.
    pub fn executing() -> Self {
        Self::new(CommandFilterKey::ExecutionStage, "Executing")
    }

    /// Ended; ListCommands only.
    pub fn complete() -> Self {
        Self::new(CommandFilterKey::ExecutionStage, "Complete")
    }
}
