//! A report of how a fleet stands, to store and to show.

mod build;
mod csv;
mod failure;
mod figures;
mod html;
mod markdown;
mod missing;
mod rows;
mod trend;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::build::ComplianceReportBuilder;
pub use self::failure::{ReportDetail, ReportFailure, ReportPart};
pub use self::rows::{MissingPatch, ReportNode, ReportTotals};
pub use self::trend::{ChangeKind, NodeChange, PastTotals, Trend};

use crate::types::timestamp;

/// How a fleet stands at a moment, as plain data: to store, to compare with a later one, and to
/// show as JSON, CSV, Markdown or a page of HTML.
///
/// [`with_previous`](Self::with_previous) sets it against an earlier one; every form then shows
/// what became better and what worse.
///
/// ```
/// use aws_patch_manager::compliance::{ComplianceReport, NodeCompliance};
/// use jiff::Timestamp;
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
    /// What it is called.
    pub title: String,
    /// When it was made.
    #[serde(with = "timestamp")]
    pub made_at: Timestamp,
    /// What was asked, in words; empty where nobody said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// What the earlier report answers that this one was [set against](Self::with_previous), where
    /// that is another question and the changes may be those of the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_question: Option<String>,
    /// What could not be read, and what is lacking because of it. Where it is empty, the report is
    /// whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ReportFailure>,
    /// Over all nodes.
    pub totals: ReportTotals,
    /// The same for each source, by name; empty where the report is of a single one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_source: BTreeMap<String, ReportTotals>,
    /// The same for each patch group, by name; nodes without one stand under an empty name.
    pub by_group: BTreeMap<String, ReportTotals>,
    /// The same for each platform, by name; unknown ones stand under an empty name.
    pub by_operating_system: BTreeMap<String, ReportTotals>,
    /// How many missing and failed patches there are of each vendor severity, over all nodes, where
    /// the patches of the nodes were given.
    pub by_severity: BTreeMap<String, usize>,
    /// The missing patches, those of most nodes first, where the patches of the nodes were given.
    pub missing_patches: Vec<MissingPatch>,
    /// The nodes, in the order of their sources and ids.
    pub nodes: Vec<ReportNode>,
    /// The totals of earlier reports, the oldest first, at most 100 of them. The last is the one
    /// that the changes are against. Filled by [`with_previous`](Self::with_previous).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastTotals>,
    /// Nodes that came, went or changed their verdict since the last report of the history, what
    /// became worse first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<NodeChange>,
}

impl ComplianceReport {
    /// Starts a report of this title, made at this instant.
    pub fn builder(title: impl Into<String>, made_at: Timestamp) -> ComplianceReportBuilder {
        ComplianceReportBuilder::new(title.into(), made_at)
    }

    /// The missing patch that was released first, where release dates are known.
    pub fn oldest_missing(&self) -> Option<&MissingPatch> {
        self.missing_patches
            .iter()
            .filter(|patch| patch.released.is_some())
            .min_by_key(|patch| patch.released)
    }

    /// The nodes that miss this patch, or on which it failed, where the patches of the nodes were
    /// given. The id is that of [`MissingPatch`], such as a KB number.
    pub fn nodes_missing(&self, id: &str) -> impl Iterator<Item = &ReportNode> {
        self.nodes.iter().filter(move |node| {
            let mut ids = node.missing_ids.iter().chain(&node.failed_ids);
            ids.any(|one| one == id)
        })
    }

    /// The report as JSON, to be read back by [`from_json`](Self::from_json).
    ///
    /// # Errors
    ///
    /// None in practice: every report can be written.
    pub fn to_json(&self) -> crate::Result<String> {
        serde_json::to_string_pretty(self).map_err(|error| {
            crate::Error::new(crate::ErrorKind::Other, "the report was not written")
                .with_source(error)
        })
    }

    /// A report that was stored as JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is none.
    pub fn from_json(text: &str) -> crate::Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            crate::Error::new(crate::ErrorKind::InvalidInput, "it is no stored report")
                .with_source(error)
        })
    }
}
