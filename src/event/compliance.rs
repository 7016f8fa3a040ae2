use jiff::Timestamp;
use serde::Deserialize;

use super::read;
use crate::types::{BaselineId, ComplianceSeverity, ComplianceStatus, NodeId};

/// A node that became compliant or noncompliant. It names no patch and has no counts: read the state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ComplianceStateChange {
    /// The node.
    pub resource_id: NodeId,
    /// The type of the resource: `managed-instance`.
    #[serde(default)]
    pub resource_type: String,
    /// Whether it complies now. Events write it in lower case.
    #[serde(deserialize_with = "read::upper")]
    pub compliance_status: ComplianceStatus,
    /// By what: `Patch` or `Association`.
    pub compliance_type: String,
    /// For `Patch`, the baseline. Under a patch policy the service makes up an id for each operation.
    #[serde(default)]
    pub patch_baseline_id: Option<BaselineId>,
    /// For `Patch`, the severity. Events write it in lower case.
    #[serde(default, deserialize_with = "read::upper_option")]
    pub severity: Option<ComplianceSeverity>,
    /// For `Association`, when it last ran.
    #[serde(default, deserialize_with = "read::instant")]
    pub last_runtime: Option<Timestamp>,
}

impl ComplianceStateChange {
    /// Whether it is about patches.
    pub fn is_patch(&self) -> bool {
        self.compliance_type == "Patch"
    }
}
