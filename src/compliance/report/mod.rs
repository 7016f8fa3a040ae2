//! A report of how a fleet stands, to store and to show.

mod build;
mod csv;
mod html;
mod markdown;
mod trend;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::build::ComplianceReportBuilder;
pub use self::trend::Trend;

use crate::types::timestamp;

/// How a fleet stands at a moment, as plain data: to store, to compare with a later one, and to
/// show as JSON, CSV, Markdown or a page of HTML.
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
    /// Over all nodes.
    pub totals: ReportTotals,
    /// The same for each patch group, by name; nodes without one stand under an empty name.
    pub by_group: BTreeMap<String, ReportTotals>,
    /// The same for each platform, by name; unknown ones stand under an empty name.
    pub by_operating_system: BTreeMap<String, ReportTotals>,
    /// How many missing and failed patches there are of each vendor severity, over all nodes, where
    /// the patches of the nodes were given.
    pub by_severity: BTreeMap<String, usize>,
    /// The missing patches, those of most nodes first, where the patches of the nodes were given.
    pub missing_patches: Vec<MissingPatch>,
    /// The nodes, in the order of their ids.
    pub nodes: Vec<ReportNode>,
}

/// Nodes and patches, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ReportTotals {
    /// Nodes with nothing wrong.
    pub compliant: usize,
    /// Nodes with something wrong.
    pub non_compliant: usize,
    /// Nodes of which nobody knows.
    pub unknown: usize,
    /// Nodes that wait for a reboot.
    pub pending_reboot: usize,
    /// Nodes on which a patch failed.
    pub with_failed: usize,
    /// Nodes with non-compliant patches of the compliance level critical.
    pub with_critical: usize,
    /// Nodes with non-compliant security patches.
    pub with_security: usize,
    /// Missing patches, over all nodes.
    pub missing_patches: u64,
}

impl ReportTotals {
    /// How many nodes were counted.
    pub fn nodes(&self) -> usize {
        self.compliant + self.non_compliant + self.unknown
    }

    /// The share of compliant nodes in percent, rounded down; 0 where there is no node.
    pub fn percent_compliant(&self) -> usize {
        (self.compliant * 100)
            .checked_div(self.nodes())
            .unwrap_or(0)
    }
}

/// A patch that nodes miss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MissingPatch {
    /// Its id, such as a KB number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The vendor's severity; may be empty.
    pub severity: String,
    /// How many nodes miss it.
    pub nodes: usize,
    /// When it was released, where the catalogue was given and knows it.
    #[serde(default, with = "timestamp::option")]
    pub released: Option<Timestamp>,
}

/// A node of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReportNode {
    /// The node.
    pub node: String,
    /// What it is called; empty where nobody knows.
    pub name: String,
    /// Its patch group when it last ran a patch operation.
    pub group: String,
    /// Its platform; empty where nobody knows.
    pub operating_system: String,
    /// `compliant`, `non-compliant` or `unknown`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Missing patches.
    pub missing: u32,
    /// Failed patches.
    pub failed: u32,
    /// Patches that wait for a reboot.
    pub pending_reboot: u32,
    /// When its last patch operation ended.
    #[serde(default, with = "timestamp::option")]
    pub last_operation: Option<Timestamp>,
    /// The baseline that the verdict rests on; empty where there is none.
    pub baseline: String,
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
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where the text is none.
    pub fn from_json(text: &str) -> crate::Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            crate::Error::new(crate::ErrorKind::InvalidInput, "it is no stored report")
                .with_source(error)
        })
    }
}
