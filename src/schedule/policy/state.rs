use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PatchPolicy;
use crate::types::{PatchPolicyArn, string_enum, timestamp};

string_enum! {
    /// The state of a patch policy's deployment.
    pub enum PolicyStatus {
        /// About to start.
        Initializing = "INITIALIZING",
        /// Being deployed.
        Deploying = "DEPLOYING",
        /// Deployed.
        Succeeded = "SUCCEEDED",
        /// Being deleted.
        Deleting = "DELETING",
        /// Being stopped.
        Stopping = "STOPPING",
        /// The deployment failed.
        Failed = "FAILED",
        /// Stopped.
        Stopped = "STOPPED",
        /// Deleting failed.
        DeleteFailed = "DELETE_FAILED",
        /// Stopping failed.
        StopFailed = "STOP_FAILED",
        /// No deployment.
        None = "NONE",
    }
}

/// A patch policy as the service stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchPolicyState {
    /// The ARN of its configuration manager.
    pub arn: PatchPolicyArn,
    /// The policy.
    pub policy: PatchPolicy,
    /// The state of its deployment.
    pub status: PolicyStatus,
    /// When it was created.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_modified_at: Option<Timestamp>,
}

impl PatchPolicyState {
    /// A policy under this ARN in this state of deployment.
    pub fn new(arn: impl Into<PatchPolicyArn>, policy: PatchPolicy, status: PolicyStatus) -> Self {
        Self {
            arn: arn.into(),
            policy,
            status,
            created_at: None,
            last_modified_at: None,
        }
    }
}
