//! Compliance in numbers: the items and summaries of the service, and the summary of a query.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{NodeCompliance, Verdict};
use crate::counted::Counted;
use crate::gate;
use crate::types::{ComplianceSeverity, ComplianceStatus, timestamp};

/// The run behind a compliance item or summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ComplianceExecutionSummary {
    /// When the run reported.
    #[serde(with = "timestamp")]
    pub execution_time: Timestamp,
    /// The run's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    /// What ran, such as `Command` or `PatchPolicy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_type: Option<String>,
}

impl ComplianceExecutionSummary {
    /// A run that reported at this instant.
    pub fn new(execution_time: Timestamp) -> Self {
        Self {
            execution_time,
            execution_id: None,
            execution_type: None,
        }
    }
}

/// A compliance item of one resource, as ListComplianceItems returns it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ComplianceItem {
    /// `Patch`, `Association` or `Custom:…`.
    pub compliance_type: String,
    /// `ManagedInstance`.
    pub resource_type: String,
    /// The node.
    pub resource_id: String,
    /// For patches the KB number or `name.arch`.
    pub id: String,
    /// The title.
    pub title: String,
    /// Whether it complies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ComplianceStatus>,
    /// For patches the compliance level of the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<ComplianceSeverity>,
    /// The run that reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_summary: Option<ComplianceExecutionSummary>,
    /// For patches `PatchState`, `PatchSeverity`, `Classification`, `PatchBaselineId`, `PatchGroup`, `InstalledTime` and others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// The number of items of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct SeveritySummary {
    /// Critical ones.
    pub critical_count: u32,
    /// High ones.
    pub high_count: u32,
    /// Medium ones.
    pub medium_count: u32,
    /// Low ones.
    pub low_count: u32,
    /// Informational ones.
    pub informational_count: u32,
    /// Unspecified ones.
    pub unspecified_count: u32,
}

impl SeveritySummary {
    /// Counts one more of this severity.
    pub fn add(&mut self, severity: &ComplianceSeverity) {
        let count = match severity {
            ComplianceSeverity::Critical => &mut self.critical_count,
            ComplianceSeverity::High => &mut self.high_count,
            ComplianceSeverity::Medium => &mut self.medium_count,
            ComplianceSeverity::Low => &mut self.low_count,
            ComplianceSeverity::Informational => &mut self.informational_count,
            _ => &mut self.unspecified_count,
        };
        *count += 1;
    }
}

/// The number of compliant items, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct CompliantSummary {
    /// How many.
    pub compliant_count: u32,
    /// Of which severity.
    pub severity_summary: SeveritySummary,
}

/// The number of non-compliant items, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct NonCompliantSummary {
    /// How many.
    pub non_compliant_count: u32,
    /// Of which severity.
    pub severity_summary: SeveritySummary,
}

/// The number of resources that comply with one compliance type, as ListComplianceSummaries returns
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ComplianceSummaryItem {
    /// `Patch`, `Association` or `Custom:…`.
    pub compliance_type: String,
    /// Those that comply.
    pub compliant_summary: CompliantSummary,
    /// Those that do not.
    pub non_compliant_summary: NonCompliantSummary,
}

/// The compliance of one resource with one compliance type, as ListResourceComplianceSummaries
/// returns it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ResourceComplianceSummaryItem {
    /// `Patch`, `Association` or `Custom:…`.
    pub compliance_type: String,
    /// `ManagedInstance`.
    pub resource_type: String,
    /// The node.
    pub resource_id: String,
    /// Whether it complies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ComplianceStatus>,
    /// The highest severity of the non-compliant items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overall_severity: Option<ComplianceSeverity>,
    /// The run that reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_summary: Option<ComplianceExecutionSummary>,
    /// Items that comply.
    pub compliant_summary: CompliantSummary,
    /// Items that do not.
    pub non_compliant_summary: NonCompliantSummary,
}

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
    /// Patches that are installed although the baseline rejects them, over all nodes.
    pub rejected_patches: u64,
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

    /// Whether every node is compliant, and there is at least one. An unknown node is not.
    ///
    /// ```
    /// use aws_patch_manager::compliance::ComplianceSummary;
    ///
    /// assert!(!ComplianceSummary::default().is_compliant());
    /// ```
    pub fn is_compliant(&self) -> bool {
        self.exit_code() == 0
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if every node is
    /// compliant, 1 if one is not, 2 if none is non-compliant but one is unknown, or if there is no
    /// node.
    ///
    /// ```
    /// use std::process::ExitCode;
    /// use aws_patch_manager::{ComplianceQuery, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let misspelled = ComplianceQuery::tagged(PatchGroup::new("wbe")?);
    /// let summary = manager.compliance_summary(&misspelled).await?;
    /// assert_eq!(summary.exit_code(), 2);
    /// println!("{summary}");
    /// let _at_the_end_of_main = ExitCode::from(summary.exit_code());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exit_code(&self) -> u8 {
        let is_unknown = self.unknown > 0 || self.compliant == 0;
        gate::exit_code(self.non_compliant > 0, is_unknown)
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
        self.rejected_patches += u64::from(state.installed_rejected_count.unwrap_or_default());
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
        if self.nodes() == 0 {
            return f.write_str("no node matched the query");
        }
        write!(
            f,
            "{}: {} compliant, {} non-compliant, {} unknown; patches: {} missing, {} failed, {} pending reboot",
            Counted(self.nodes(), "node"),
            self.compliant,
            self.non_compliant,
            self.unknown,
            self.missing_patches,
            self.failed_patches,
            self.pending_reboot_patches,
        )?;
        if self.rejected_patches > 0 {
            write!(f, ", {} rejected but installed", self.rejected_patches)?;
        }
        match self.with_available_security_updates {
            0 => Ok(()),
            nodes => write!(
                f,
                "; {} with available security updates",
                Counted(nodes, "node")
            ),
        }
    }
}
