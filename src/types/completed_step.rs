use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    AssociationId, BaselineId, Change, CommandId, NodeId, PatchOperation, PatchPolicyArn, Tag,
    WindowChange, WindowId,
};

/// A step that took effect before a verb of several steps stopped.
///
/// ```
/// use aws_patch_manager::types::{CommandId, CompletedStep};
///
/// let command_id = CommandId::new("0c0ffee0-0000-4000-8000-000000000001");
/// let step = CompletedStep::CommandSent { command_id };
/// assert_eq!(step.to_string(), "sent command 0c0ffee0-0000-4000-8000-000000000001");
/// let written = serde_json::to_string(&step)?;
/// assert_eq!(written, r#"{"CommandSent":{"CommandId":"0c0ffee0-0000-4000-8000-000000000001"}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum CompletedStep {
    /// A command was sent: its nodes are scanned or patched.
    CommandSent {
        /// The command.
        command_id: CommandId,
    },
    /// A command was asked to stop.
    CommandCancelled {
        /// The command.
        command_id: CommandId,
    },
    /// A baseline was created.
    BaselineCreated {
        /// The baseline.
        baseline_id: BaselineId,
    },
    /// A maintenance window was created.
    MaintenanceWindowCreated {
        /// The window.
        window_id: WindowId,
    },
    /// An association was created.
    AssociationCreated {
        /// The association.
        association_id: AssociationId,
    },
    /// A patch policy was created.
    PatchPolicyCreated {
        /// Its configuration manager.
        arn: PatchPolicyArn,
    },
    /// A patch group was taken off a baseline.
    PatchGroupDeregistered {
        /// The baseline.
        baseline_id: BaselineId,
        /// The group.
        patch_group: String,
    },
    /// A node got a tag.
    NodeTagged {
        /// The node.
        node: NodeId,
        /// The tag.
        tag: Tag,
    },
    /// A node lost the tags that put it in a patch group, if it had any.
    NodeUntagged {
        /// The node.
        node: NodeId,
    },
    /// A maintenance window, or a part of it, was changed.
    MaintenanceWindowChanged {
        /// The window.
        window_id: WindowId,
        /// The part, and what was done to it.
        change: WindowChange,
    },
    /// A document was created or got a new version, or another version became its default.
    DocumentChanged {
        /// The document.
        name: String,
        /// The version.
        version: String,
    },
    /// A document was shared.
    DocumentShared {
        /// The document.
        name: String,
        /// The accounts.
        accounts: Vec<String>,
    },
    /// A step of a plan was applied.
    PlanStepApplied {
        /// The resource, such as `baseline prod-windows (WINDOWS)`.
        resource: String,
        /// What changed.
        change: Change,
    },
}

/// Such as `sent command 0c0ffee0-0000-4000-8000-000000000001`.
impl fmt::Display for CompletedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandSent { command_id } => write!(f, "sent command {command_id}"),
            Self::CommandCancelled { command_id } => write!(f, "cancelled command {command_id}"),
            Self::BaselineCreated { baseline_id } => write!(f, "created baseline {baseline_id}"),
            Self::MaintenanceWindowCreated { window_id } => {
                write!(f, "created maintenance window {window_id}")
            }
            Self::AssociationCreated { association_id } => {
                write!(f, "created association {association_id}")
            }
            Self::PatchPolicyCreated { arn } => write!(f, "created patch policy {arn}"),
            Self::PatchGroupDeregistered {
                baseline_id,
                patch_group,
            } => write!(f, "deregistered {baseline_id} from {patch_group}"),
            Self::NodeTagged { node, tag } => {
                write!(f, "tagged {node} with {} = {}", tag.key, tag.value)
            }
            Self::NodeUntagged { node } => write!(f, "untagged {node}"),
            Self::MaintenanceWindowChanged { change, .. } => change.fmt(f),
            Self::DocumentChanged { name, version } => {
                write!(f, "changed document {name} to version {version}")
            }
            Self::DocumentShared { name, accounts } => {
                write!(f, "shared document {name} with {}", accounts.join(", "))
            }
            Self::PlanStepApplied { resource, change } => write!(f, "{resource}: {change}"),
        }
    }
}

/// A run by its commands: what it takes to [resume](crate::PatchManager::resume) it.
///
/// A [`PatchRun`](crate::manager::PatchRun) is written in this form, and read as this:
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::types::StartedRun;
/// use aws_patch_manager::{PatchManager, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
/// let kept = serde_json::to_string(&run)?;
///
/// // In another process, later:
/// let started: StartedRun = serde_json::from_str(&kept)?;
/// let run = manager.resume(started.operation, started.command_ids)?;
/// assert!(run.wait(Duration::from_secs(2 * 3600)).await?.is_success());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct StartedRun {
    /// Scan or Install.
    pub operation: PatchOperation,
    /// Its commands, in the order in which they were sent.
    pub command_ids: Vec<CommandId>,
}

impl StartedRun {
    /// The run of these commands.
    pub fn new(operation: PatchOperation, command_ids: Vec<CommandId>) -> Self {
        Self {
            operation,
            command_ids,
        }
    }
}

/// Such as `Install by the commands 0c0ffee0-0000-4000-8000-000000000001`.
impl fmt::Display for StartedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.command_ids.iter().map(CommandId::as_str).collect();
        write!(f, "{} by the commands {}", self.operation, ids.join(", "))
    }
}
