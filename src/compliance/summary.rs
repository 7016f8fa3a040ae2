use std::fmt;

use serde::Serialize;

use super::{NodeCompliance, Verdict};

/// The compliance of a fleet in numbers.
///
/// ```
/// use aws_patch_manager::compliance::{ComplianceSummary, NodeCompliance};
///
/// let mut summary = ComplianceSummary::default();
/// summary.add(&NodeCompliance::unknown("i-0123456789abcdef0"));
/// assert_eq!((summary.nodes(), summary.unknown), (1, 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ComplianceSummary {
    /// Compliant nodes.
    pub compliant: usize,
    /// Non-compliant nodes.
    pub non_compliant: usize,
    /// Nodes with an unknown verdict.
    pub unknown: usize,
    /// Missing patches, over all nodes.
    pub missing_patches: u64,
    /// Failed patches, over all nodes.
    pub failed_patches: u64,
    /// Patches that wait for a reboot, over all nodes.
    pub pending_reboot_patches: u64,
    /// Nodes with non-compliant patches of the compliance level critical.
    pub with_critical: usize,
    /// Nodes with non-compliant security patches.
    pub with_security: usize,
    /// Nodes with non-compliant patches that are neither.
    pub with_other: usize,
    /// Windows nodes with security updates that are available but not approved.
    pub with_available_security_updates: usize,
}

impl ComplianceSummary {
    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.compliant + self.non_compliant + self.unknown
    }

    /// Adds a node.
    pub fn add(&mut self, node: &NodeCompliance) {
        match node.verdict {
            Verdict::Compliant => self.compliant += 1,
            Verdict::NonCompliant => self.non_compliant += 1,
            Verdict::Unknown => self.unknown += 1,
        }
        let Some(state) = &node.state else {
            return;
        };
        self.missing_patches += u64::from(state.missing_count);
        self.failed_patches += u64::from(state.failed_count);
        self.pending_reboot_patches +=
            u64::from(state.installed_pending_reboot_count.unwrap_or_default());
        self.with_critical += usize::from(state.critical_non_compliant_count > Some(0));
        self.with_security += usize::from(state.security_non_compliant_count > Some(0));
        self.with_other += usize::from(state.other_non_compliant_count > Some(0));
        self.with_available_security_updates +=
            usize::from(state.available_security_update_count > Some(0));
    }
}

impl<'a> FromIterator<&'a NodeCompliance> for ComplianceSummary {
    fn from_iter<I: IntoIterator<Item = &'a NodeCompliance>>(nodes: I) -> Self {
        let mut summary = Self::default();
        for node in nodes {
            summary.add(node);
        }
        summary
    }
}

impl fmt::Display for ComplianceSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} nodes: {} compliant, {} non-compliant, {} unknown; patches: {} missing, {} failed, {} pending reboot",
            self.nodes(),
            self.compliant,
            self.non_compliant,
            self.unknown,
            self.missing_patches,
            self.failed_patches,
            self.pending_reboot_patches,
        )
    }
}
