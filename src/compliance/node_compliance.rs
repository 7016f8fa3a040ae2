use std::fmt;

use super::InstancePatchState;
use crate::types::{ComplianceStatus, NodeId};

/// Whether a node is patched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is missing, failed, rejected or waiting for a reboot.
    Compliant,
    /// Something is.
    NonCompliant,
    /// Nobody knows: the node never ran a patch operation.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compliant => "compliant",
            Self::NonCompliant => "non-compliant",
            Self::Unknown => "unknown",
        })
    }
}

/// How one node stands, and the patch operation that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeCompliance {
    /// The node.
    pub node: NodeId,
    /// Whether it is patched.
    pub verdict: Verdict,
    /// What its last patch operation found; absent where it never ran one.
    pub state: Option<InstancePatchState>,
}

impl NodeCompliance {
    /// A node that never ran a patch operation.
    pub fn unknown(node: impl Into<NodeId>) -> Self {
        Self {
            node: node.into(),
            verdict: Verdict::Unknown,
            state: None,
        }
    }

    /// Why the verdict is what it is, in a few words.
    pub fn reason(&self) -> String {
        let Some(state) = &self.state else {
            return "never scanned".to_owned();
        };
        let reasons: Vec<String> = state
            .non_compliant_counts()
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match (self.verdict, reasons.is_empty()) {
            (Verdict::NonCompliant, true) => "available security updates".to_owned(),
            (_, true) => "nothing missing".to_owned(),
            _ => reasons.join(", "),
        }
    }
}

impl From<InstancePatchState> for NodeCompliance {
    fn from(state: InstancePatchState) -> Self {
        let verdict = match state.compliance_status() {
            ComplianceStatus::Compliant => Verdict::Compliant,
            _ => Verdict::NonCompliant,
        };
        Self {
            node: state.instance_id.clone(),
            verdict,
            state: Some(state),
        }
    }
}

impl InstancePatchState {
    /// How many patches make the node non-compliant, by what is wrong with them.
    fn non_compliant_counts(&self) -> [(u32, &'static str); 4] {
        [
            (self.missing_count, "missing"),
            (self.failed_count, "failed"),
            (
                self.installed_pending_reboot_count.unwrap_or_default(),
                "pending reboot",
            ),
            (
                self.installed_rejected_count.unwrap_or_default(),
                "rejected but installed",
            ),
        ]
    }

    /// Whether the node complied after the operation.
    ///
    /// It does not where a patch is missing, failed, installed though rejected, or waiting for a
    /// reboot; nor where the run itself counted something non-compliant, which is how available
    /// security updates weigh in on Windows if the baseline says so.
    pub fn compliance_status(&self) -> ComplianceStatus {
        let counted = [
            self.critical_non_compliant_count,
            self.security_non_compliant_count,
            self.other_non_compliant_count,
        ];
        let wrong = self
            .non_compliant_counts()
            .iter()
            .any(|(count, _)| *count > 0)
            || counted.into_iter().flatten().any(|count| count > 0);
        if wrong {
            ComplianceStatus::NonCompliant
        } else {
            ComplianceStatus::Compliant
        }
    }
}
