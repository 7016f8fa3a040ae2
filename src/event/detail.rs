use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    AssociationStateChange, AutomationExecutionStatusChange, AutomationStepStatusChange,
    CalendarStateChange, CommandInvocationStatusChange, CommandStatusChange, ComplianceStateChange,
    Ec2StateChange, EventKind, InstanceAssociationStateChange, WindowExecutionStateChange,
    WindowStateChange, WindowTargetRegistration, WindowTaskExecutionStateChange,
    WindowTaskRegistration, WindowTaskTargetInvocationStateChange, read,
};
use crate::error::Result;
use crate::types::{CommandId, NodeId, WindowId};

/// What an event says, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventDetail {
    /// The status of a command changed.
    CommandStatusChange(CommandStatusChange),
    /// The status of a command on one node changed.
    CommandInvocationStatusChange(CommandInvocationStatusChange),
    /// A maintenance window was enabled or disabled.
    WindowStateChange(WindowStateChange),
    /// A target of a maintenance window was registered, changed or deregistered.
    WindowTargetRegistration(WindowTargetRegistration),
    /// A task of a maintenance window was registered, changed or deregistered.
    WindowTaskRegistration(WindowTaskRegistration),
    /// The status of a run of a maintenance window changed.
    WindowExecutionStateChange(WindowExecutionStateChange),
    /// The status of a task in such a run changed.
    WindowTaskExecutionStateChange(WindowTaskExecutionStateChange),
    /// The status of such a task on one target changed.
    WindowTaskTargetInvocationStateChange(WindowTaskTargetInvocationStateChange),
    /// A node became compliant or noncompliant.
    ComplianceStateChange(ComplianceStateChange),
    /// The status of an association changed.
    AssociationStateChange(AssociationStateChange),
    /// The status of an association on one node changed.
    InstanceAssociationStateChange(InstanceAssociationStateChange),
    /// The status of a step of an Automation runbook changed.
    AutomationStepStatusChange(AutomationStepStatusChange),
    /// The status of a run of an Automation runbook changed.
    AutomationExecutionStatusChange(AutomationExecutionStatusChange),
    /// A change calendar opened or closed.
    CalendarStateChange(CalendarStateChange),
    /// The state of an EC2 instance changed.
    Ec2StateChange(Ec2StateChange),
    /// A rule or a schedule fired by its time.
    Scheduled,
    /// Another kind of event, or one from another source: [`Event::json`](super::Event::json) has its
    /// members.
    Other,
}

impl EventDetail {
    /// Reads the detail of an event of this kind.
    pub(super) fn read(kind: &EventKind, event: &Map<String, Value>) -> Result<Self> {
        Ok(match kind {
            EventKind::CommandStatusChange => Self::CommandStatusChange(typed(event)?),
            EventKind::CommandInvocationStatusChange => {
                Self::CommandInvocationStatusChange(typed(event)?)
            }
            EventKind::WindowStateChange => Self::WindowStateChange(typed(event)?),
            EventKind::WindowTargetRegistration => Self::WindowTargetRegistration(typed(event)?),
            EventKind::WindowTaskRegistration => Self::WindowTaskRegistration(typed(event)?),
            EventKind::WindowExecutionStateChange => {
                Self::WindowExecutionStateChange(typed(event)?)
            }
            EventKind::WindowTaskExecutionStateChange => {
                Self::WindowTaskExecutionStateChange(typed(event)?)
            }
            EventKind::WindowTaskTargetInvocationStateChange => {
                Self::WindowTaskTargetInvocationStateChange(typed(event)?)
            }
            EventKind::ComplianceStateChange => Self::ComplianceStateChange(typed(event)?),
            EventKind::AssociationStateChange => Self::AssociationStateChange(typed(event)?),
            EventKind::InstanceAssociationStateChange => {
                Self::InstanceAssociationStateChange(typed(event)?)
            }
            EventKind::AutomationStepStatusChange => {
                Self::AutomationStepStatusChange(typed(event)?)
            }
            EventKind::AutomationExecutionStatusChange => {
                Self::AutomationExecutionStatusChange(typed(event)?)
            }
            EventKind::CalendarStateChange => Self::CalendarStateChange(typed(event)?),
            EventKind::Ec2StateChange => Self::Ec2StateChange(typed(event)?),
            EventKind::Scheduled => Self::Scheduled,
            EventKind::Other(_) => Self::Other,
        })
    }

    pub(super) fn command_id(&self) -> Option<&CommandId> {
        match self {
            Self::CommandStatusChange(change) => Some(&change.command_id),
            Self::CommandInvocationStatusChange(change) => Some(&change.command_id),
            _ => None,
        }
    }

    pub(super) fn node(&self) -> Option<&NodeId> {
        match self {
            Self::CommandInvocationStatusChange(change) => Some(&change.instance_id),
            Self::ComplianceStateChange(change) => Some(&change.resource_id),
            Self::InstanceAssociationStateChange(change) => Some(&change.instance_id),
            Self::Ec2StateChange(change) => Some(&change.instance_id),
            _ => None,
        }
    }

    pub(super) fn window_id(&self) -> Option<&WindowId> {
        match self {
            Self::WindowStateChange(change) => Some(&change.window_id),
            Self::WindowTargetRegistration(change) => Some(&change.window_id),
            Self::WindowTaskRegistration(change) => change.window_id.as_ref(),
            Self::WindowExecutionStateChange(change) => Some(&change.window_id),
            Self::WindowTaskExecutionStateChange(change) => Some(&change.window_id),
            Self::WindowTaskTargetInvocationStateChange(change) => Some(&change.window_id),
            _ => None,
        }
    }
}

/// The detail as this type.
fn typed<T: DeserializeOwned>(event: &Map<String, Value>) -> Result<T> {
    #[derive(Deserialize)]
    struct Typed<T> {
        detail: T,
    }
    let typed: Typed<T> = read::event(event, "Typed")?;
    Ok(typed.detail)
}
