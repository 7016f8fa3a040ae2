use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::gate::listed;
use super::{GateResult, RolloutStatus};
use crate::types::{CommandId, NodeId};

/// Something that happened in a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RolloutEvent {
    /// When.
    pub at: Timestamp,
    /// In which wave, if it is of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
    /// What.
    pub kind: RolloutEventKind,
}

/// What happened in a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum RolloutEventKind {
    /// The wave waits for its window.
    Waiting {
        /// Until when.
        until: Timestamp,
    },
    /// The wave started.
    WaveStarted {
        /// The number of its nodes.
        nodes: usize,
    },
    /// Stopped instances were started.
    InstancesStarted {
        /// The instances.
        nodes: Vec<NodeId>,
    },
    /// A command was sent.
    CommandSent {
        /// The command.
        command_id: CommandId,
        /// The number of its nodes.
        nodes: usize,
    },
    /// A command that may have been sent before was found, and not sent again.
    CommandFound {
        /// The command.
        command_id: CommandId,
        /// The number of its nodes.
        nodes: usize,
    },
    /// A command ended.
    CommandEnded {
        /// The number of its nodes on which the operation succeeded.
        succeeded: usize,
        /// The number of its nodes.
        nodes: usize,
    },
    /// Nodes get no command: Systems Manager does not manage them.
    NotManaged {
        /// The nodes.
        nodes: Vec<NodeId>,
    },
    /// The gate was decided.
    GateDecided {
        /// The result.
        result: GateResult,
    },
    /// The bake time began.
    Baking {
        /// When it ends.
        until: Timestamp,
    },
    /// Instances that the rollout started were stopped.
    InstancesStopped {
        /// The instances.
        nodes: Vec<NodeId>,
    },
    /// Instances that were stopped before the wave are not stopped again: a command has not ended
    /// there, EC2 does not know them any more, or no answer says that the rollout started them.
    InstancesLeft {
        /// The instances.
        nodes: Vec<NodeId>,
    },
    /// The wave is done.
    WaveDone,
    /// The status of the rollout changed.
    Status {
        /// The new status.
        status: RolloutStatus,
    },
}

/// Such as `2026-06-07T02:00:00Z canary: started with 3 nodes`.
impl fmt::Display for RolloutEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.at)?;
        if let Some(wave) = &self.wave {
            write!(f, "{wave}: ")?;
        }
        self.kind.fmt(f)
    }
}

impl fmt::Display for RolloutEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { until } => write!(f, "waits until {until}"),
            Self::WaveStarted { nodes } => write!(f, "started with {}", counted(*nodes)),
            Self::InstancesStarted { nodes } => write!(f, "started {}", listed(nodes)),
            Self::CommandSent { command_id, nodes } => {
                write!(f, "sent command {command_id} to {}", counted(*nodes))
            }
            Self::CommandFound { command_id, nodes } => {
                write!(
                    f,
                    "found command {command_id}, sent before to {}",
                    counted(*nodes)
                )
            }
            Self::CommandEnded { succeeded, nodes } => {
                write!(f, "{succeeded} of {nodes} nodes succeeded")
            }
            Self::NotManaged { nodes } => {
                write!(f, "not managed by Systems Manager: {}", listed(nodes))
            }
            Self::GateDecided { result } => write!(f, "gate {result}"),
            Self::Baking { until } => write!(f, "bakes until {until}"),
            Self::InstancesStopped { nodes } => write!(f, "stopped {}", listed(nodes)),
            Self::InstancesLeft { nodes } => write!(f, "left as they are: {}", listed(nodes)),
            Self::WaveDone => f.write_str("done"),
            Self::Status { status } => status.fmt(f),
        }
    }
}

pub(super) fn counted(nodes: usize) -> String {
    let noun = if nodes == 1 { "node" } else { "nodes" };
    format!("{nodes} {noun}")
}
