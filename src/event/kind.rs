use super::{WindowRegistration, WindowState};
use crate::automation::AutomationExecutionStatus;
use crate::operation::{CommandStatus, InvocationStatus};
use crate::schedule::association::AssociationStatusName;
use crate::schedule::window::MaintenanceWindowExecutionStatus;
use crate::types::string_enum;

string_enum! {
    /// What an event is about: its `detail-type`.
    ///
    /// ```
    /// use aws_patch_manager::event::EventKind;
    ///
    /// let kind = EventKind::from("EC2 Command Status-change Notification");
    /// assert_eq!(kind, EventKind::CommandStatusChange);
    /// assert_eq!(kind.source(), Some("aws.ssm"));
    /// ```
    pub enum EventKind {
        /// The status of a command as a whole changed.
        CommandStatusChange = "EC2 Command Status-change Notification",
        /// The status of a command on one node changed.
        CommandInvocationStatusChange = "EC2 Command Invocation Status-change Notification",
        /// A maintenance window was enabled or disabled. The event reference also calls it
        /// `Maintenance Window Status-change Notification`; both are read.
        WindowStateChange = "Maintenance Window State-change Notification"
            | "Maintenance Window Status-change Notification",
        /// A target of a maintenance window was registered, changed or deregistered.
        WindowTargetRegistration = "Maintenance Window Target Registration Notification",
        /// A task of a maintenance window was registered, changed or deregistered.
        WindowTaskRegistration = "Maintenance Window Task Registration Notification",
        /// The status of a run of a maintenance window changed.
        WindowExecutionStateChange = "Maintenance Window Execution State-change Notification",
        /// The status of a task in a run of a maintenance window changed.
        WindowTaskExecutionStateChange =
            "Maintenance Window Task Execution State-change Notification",
        /// The status of such a task on one of its targets changed.
        WindowTaskTargetInvocationStateChange =
            "Maintenance Window Task Target Invocation State-change Notification",
        /// A node became compliant or noncompliant, by its patches or its associations.
        ComplianceStateChange = "Configuration Compliance State Change",
        /// The status of an association as a whole changed.
        AssociationStateChange = "EC2 State Manager Association State Change",
        /// The status of an association on one node changed.
        InstanceAssociationStateChange = "EC2 State Manager Instance Association State Change",
        /// The status of a step of an Automation runbook changed.
        AutomationStepStatusChange = "EC2 Automation Step Status-change Notification",
        /// The status of a run of an Automation runbook changed.
        AutomationExecutionStatusChange = "EC2 Automation Execution Status-change Notification",
        /// A change calendar opened or closed.
        CalendarStateChange = "Calendar State Change",
        /// The state of an EC2 instance changed.
        Ec2StateChange = "EC2 Instance State-change Notification",
        /// A rule of EventBridge fired by its time, or a schedule of EventBridge Scheduler did, which calls
        /// its target without a rule.
        Scheduled = "Scheduled Event",
    }
}

/// What is known of the events of one kind: where they come from, in which members of `detail` they name
/// what they are about, and which of their statuses are final.
pub(super) struct Members {
    pub(super) source: &'static str,
    pub(super) command: Option<&'static str>,
    pub(super) node: Option<&'static str>,
    pub(super) window: Option<&'static str>,
    pub(super) execution: Option<&'static str>,
    pub(super) document: Option<&'static str>,
    pub(super) status: Option<&'static str>,
    pub(super) ended: &'static [&'static str],
}

const NONE: Members = Members {
    source: "aws.ssm",
    command: None,
    node: None,
    window: None,
    execution: None,
    document: None,
    status: Some("status"),
    ended: &[],
};

/// The event reference writes `Canceled`, the API `Cancelled`.
const RUN_ENDED: &[&str] = &["Success", "Failed", "TimedOut", "Canceled", "Cancelled"];

const WINDOW_ENDED: &[&str] = &[
    "SUCCESS",
    "FAILED",
    "TIMED_OUT",
    "CANCELLED",
    "SKIPPED_OVERLAPPING",
];

/// COMPLETE is the only final status of tasks that are not Run Command's (event reference).
const INVOCATION_ENDED: &[&str] = &["SUCCESS", "FAILED", "TIMED_OUT", "CANCELLED", "COMPLETE"];

fn with_canceled(statuses: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    statuses.chain(["Canceled"]).collect()
}

impl EventKind {
    /// The service that sends events of this kind; `None` for a kind that this version does not name.
    pub fn source(&self) -> Option<&'static str> {
        self.members().map(|members| members.source)
    }

    /// Every text that names the kind in an event.
    pub(super) fn spellings(&self) -> Vec<&str> {
        match self {
            Self::WindowStateChange => vec![
                self.as_str(),
                "Maintenance Window Status-change Notification",
            ],
            _ => vec![self.as_str()],
        }
    }

    /// The statuses that are known of events of this kind, as they spell them.
    pub(super) fn statuses(&self) -> Vec<&'static str> {
        match self {
            Self::CommandStatusChange => {
                with_canceled(CommandStatus::KNOWN.iter().map(|one| one.as_str()))
            }
            Self::CommandInvocationStatusChange => {
                with_canceled(InvocationStatus::KNOWN.iter().map(|one| one.as_str()))
            }
            Self::AutomationStepStatusChange | Self::AutomationExecutionStatusChange => {
                with_canceled(
                    AutomationExecutionStatus::KNOWN
                        .iter()
                        .map(|one| one.as_str()),
                )
            }
            Self::WindowStateChange => WindowState::KNOWN.iter().map(|one| one.as_str()).collect(),
            Self::WindowTargetRegistration | Self::WindowTaskRegistration => {
                WindowRegistration::KNOWN
                    .iter()
                    .map(|one| one.as_str())
                    .collect()
            }
            Self::WindowExecutionStateChange
            | Self::WindowTaskExecutionStateChange
            | Self::WindowTaskTargetInvocationStateChange => {
                let known = MaintenanceWindowExecutionStatus::KNOWN.iter();
                known.map(|one| one.as_str()).chain(["COMPLETE"]).collect()
            }
            Self::AssociationStateChange | Self::InstanceAssociationStateChange => {
                AssociationStatusName::KNOWN
                    .iter()
                    .map(|one| one.as_str())
                    .collect()
            }
            Self::ComplianceStateChange => vec!["compliant", "non_compliant"],
            Self::Ec2StateChange => vec![
                "pending",
                "running",
                "shutting-down",
                "stopped",
                "stopping",
                "terminated",
            ],
            Self::CalendarStateChange | Self::Scheduled | Self::Other(_) => Vec::new(),
        }
    }

    pub(super) fn members(&self) -> Option<Members> {
        let command = Members {
            command: Some("command-id"),
            document: Some("document-name"),
            ended: RUN_ENDED,
            ..NONE
        };
        let window = Members {
            window: Some("window-id"),
            ..NONE
        };
        Some(match self {
            Self::CommandStatusChange => command,
            Self::CommandInvocationStatusChange => Members {
                node: Some("instance-id"),
                ..command
            },
            Self::WindowStateChange
            | Self::WindowTargetRegistration
            | Self::WindowTaskRegistration => window,
            Self::WindowExecutionStateChange | Self::WindowTaskExecutionStateChange => Members {
                ended: WINDOW_ENDED,
                ..window
            },
            Self::WindowTaskTargetInvocationStateChange => Members {
                ended: INVOCATION_ENDED,
                ..window
            },
            Self::ComplianceStateChange => Members {
                node: Some("resource-id"),
                status: Some("compliance-status"),
                ..NONE
            },
            Self::AssociationStateChange => Members {
                document: Some("document-name"),
                ended: &["Success", "Failed"],
                ..NONE
            },
            Self::InstanceAssociationStateChange => Members {
                node: Some("instance-id"),
                document: Some("document-name"),
                ended: &["Success", "Failed"],
                ..NONE
            },
            Self::AutomationStepStatusChange => Members {
                execution: Some("ExecutionId"),
                status: Some("Status"),
                document: Some("Definition"),
                ended: RUN_ENDED,
                ..NONE
            },
            Self::AutomationExecutionStatusChange => Members {
                execution: Some("ExecutionId"),
                status: Some("Status"),
                document: Some("Definition"),
                ended: &[
                    "Success",
                    "Failed",
                    "TimedOut",
                    "Canceled",
                    "Cancelled",
                    "Rejected",
                ],
                ..NONE
            },
            Self::CalendarStateChange => Members {
                status: Some("state"),
                ..NONE
            },
            Self::Ec2StateChange => Members {
                source: "aws.ec2",
                node: Some("instance-id"),
                status: Some("state"),
                ..NONE
            },
            Self::Scheduled => Members {
                source: "aws.events",
                status: None,
                ..NONE
            },
            Self::Other(_) => return None,
        })
    }
}
