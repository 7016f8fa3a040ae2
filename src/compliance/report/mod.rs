//! Compliance reports, to store and to show.

mod build;
mod figures;
pub(crate) mod html;
mod markdown;
mod missing;
mod rows;
mod text;
mod trend;
pub(crate) mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::build::ComplianceReportBuilder;
pub(crate) use self::markdown::cell as markdown_cell;
pub use self::rows::{
    MissingPatch, ReportDetail, ReportFailure, ReportNode, ReportPart, ReportTotals,
};
pub(crate) use self::trend::is_listed;
pub use self::trend::{ChangeKind, NodeChange, PastTotals, Trend};

use crate::gate;
use crate::types::timestamp;

/// A compliance report: the compliance of a fleet at one moment, as plain data. Store it, compare
/// it with a later one, and show it as JSON, CSV, Markdown or a page of HTML.
///
/// [`with_previous`](Self::with_previous) compares it with an earlier report. Then every form shows
/// what became better and what became worse.
///
/// ```
/// use aws_patch_manager::compliance::{ComplianceReport, NodeCompliance};
/// use aws_patch_manager::jiff::Timestamp;
///
/// let mut report = ComplianceReport::builder("Production", Timestamp::UNIX_EPOCH);
/// report.node(&NodeCompliance::unknown("i-0123456789abcdef0"));
/// let report = report.build();
/// assert_eq!(report.totals.unknown, 1);
/// assert!(report.to_markdown().contains("never scanned"));
/// let stored = report.to_json()?;
/// assert_eq!(ComplianceReport::from_json(&stored)?, report);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ComplianceReport {
    /// The title.
    pub title: String,
    /// When it was made.
    #[serde(with = "timestamp")]
    pub made_at: Timestamp,
    /// The query in words; empty if it was not set.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// The query of the [previous report](Self::with_previous), if it is another one. Then changes
    /// can come from the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_question: Option<String>,
    /// The errors, and what is missing because of them. If it is empty, the report is complete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ReportFailure>,
    /// The totals of all nodes.
    pub totals: ReportTotals,
    /// The totals of each source, by name, also of those without nodes; empty if the report has a single
    /// source.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_source: BTreeMap<String, ReportTotals>,
    /// The totals of each patch group, by name; the empty name is for nodes without a group.
    pub by_group: BTreeMap<String, ReportTotals>,
    /// The totals of each platform, by name; the empty name is for unknown platforms.
    pub by_operating_system: BTreeMap<String, ReportTotals>,
    /// The number of missing and failed patches of all nodes, by vendor severity, if the report has
    /// patches.
    pub by_severity: BTreeMap<String, usize>,
    /// The missing patches, those with most nodes first, if the report has patches.
    pub missing_patches: Vec<MissingPatch>,
    /// The nodes, sorted by source and id.
    pub nodes: Vec<ReportNode>,
    /// The totals of earlier reports, oldest first, at most 100. The changes are relative to the
    /// last one. [`with_previous`](Self::with_previous) sets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastTotals>,
    /// Nodes that were added, were removed or changed their verdict since the last report of the
    /// history, the worst changes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<NodeChange>,
}

impl ComplianceReport {
    /// A builder for a report with this title, made at this instant.
    pub fn builder(title: impl Into<String>, made_at: Timestamp) -> ComplianceReportBuilder {
        ComplianceReportBuilder::new(title.into(), made_at)
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if every node is compliant,
    /// 1 if one is not, 2 if none is non-compliant but one is unknown, if something could not be read, or if
    /// there is no node.
    pub fn exit_code(&self) -> u8 {
        let totals = &self.totals;
        let is_unknown = totals.unknown > 0 || totals.compliant == 0 || !self.failures.is_empty();
        gate::exit_code(totals.non_compliant > 0, is_unknown)
    }

    /// The missing patch with the earliest release date, if release dates are known.
    pub fn oldest_missing(&self) -> Option<&MissingPatch> {
        self.missing_patches
            .iter()
            .filter(|patch| patch.released.is_some())
            .min_by_key(|patch| patch.released)
    }

    /// The nodes that miss this patch, or on which it failed, if the report has patches. The id is
    /// that of [`MissingPatch`], such as a KB number.
    pub fn nodes_missing(&self, id: &str) -> impl Iterator<Item = &ReportNode> {
        self.nodes.iter().filter(move |node| {
            let mut ids = node.missing_ids.iter().chain(&node.failed_ids);
            ids.any(|one| one == id)
        })
    }

    /// The report as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every report can be written.
    pub fn to_json(&self) -> crate::Result<String> {
        crate::strict::write(self, "ComplianceReport")
    }

    /// Reads a report from JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a report, with one
    /// [`Violation`](crate::Violation) for each value that cannot be read and each member that is there
    /// twice, with its path. Unknown members are ignored: a later version may have written them.
    pub fn from_json(text: &str) -> crate::Result<Self> {
        let name = "ComplianceReport";
        crate::strict::read(text, name, &[name])
    }
}
