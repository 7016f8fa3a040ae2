use jiff::Timestamp;
use serde::Deserialize;

use super::read;
use crate::types::NodeId;

/// A step of an Automation runbook whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AutomationStepStatusChange {
    /// The run of the runbook.
    pub execution_id: String,
    /// The runbook.
    #[serde(default)]
    pub definition: String,
    /// The new status, with `Cancelled` for `Canceled`.
    #[serde(deserialize_with = "read::status")]
    pub status: String,
    /// The name of the step.
    #[serde(default)]
    pub step_name: String,
    /// Its action, such as `aws:runCommand`.
    #[serde(default)]
    pub action: String,
}

/// A run of an Automation runbook whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AutomationExecutionStatusChange {
    /// The run.
    pub execution_id: String,
    /// The runbook.
    #[serde(default)]
    pub definition: String,
    /// The new status, with `Cancelled` for `Canceled`.
    #[serde(deserialize_with = "read::status")]
    pub status: String,
    /// The ARN of who started it.
    #[serde(default)]
    pub executed_by: Option<String>,
}

/// A change calendar that opened or closed. The event comes up to 15 minutes late.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CalendarStateChange {
    /// `OPEN` or `CLOSED`.
    pub state: String,
    /// Since when.
    #[serde(default, deserialize_with = "read::instant")]
    pub at_time: Option<Timestamp>,
    /// Until when.
    #[serde(default, deserialize_with = "read::instant")]
    pub next_transition_time: Option<Timestamp>,
}

/// An EC2 instance whose state changed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Ec2StateChange {
    /// The instance.
    pub instance_id: NodeId,
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down` or `terminated`. A running instance is
    /// online in Systems Manager only when its agent has started.
    pub state: String,
}
