//! The rows of a report: totals, missing patches, nodes, and what could not be read.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::types::timestamp;

/// Counts of nodes and patches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ReportTotals {
    /// Compliant nodes.
    pub compliant: usize,
    /// Non-compliant nodes.
    pub non_compliant: usize,
    /// Nodes with an unknown verdict.
    pub unknown: usize,
    /// Nodes that wait for a reboot.
    pub pending_reboot: usize,
    /// Nodes on which a patch failed.
    pub with_failed: usize,
    /// Nodes with non-compliant patches of the compliance level critical.
    pub with_critical: usize,
    /// Nodes with non-compliant security patches.
    pub with_security: usize,
    /// Nodes whose patch state does not count patches by level, as in exports of before 2021: how
    /// many of them have critical or security patches is unknown.
    #[serde(default)]
    pub without_counts: usize,
    /// Windows nodes with security updates that are available but not approved.
    pub with_available_security_updates: usize,
    /// Missing patches, over all nodes.
    pub missing_patches: u64,
    /// Failed patches, over all nodes.
    pub failed_patches: u64,
}

impl ReportTotals {
    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        let known = self.compliant.saturating_add(self.non_compliant);
        known.saturating_add(self.unknown)
    }

    /// The share of compliant nodes in percent, rounded down; 0 without nodes.
    pub fn percent_compliant(&self) -> usize {
        scaled(self.compliant, self.nodes(), 100)
    }

    /// Adds other totals. A stored report can have any number, so the sums saturate.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.compliant, other.compliant),
            (&mut self.non_compliant, other.non_compliant),
            (&mut self.unknown, other.unknown),
            (&mut self.pending_reboot, other.pending_reboot),
            (&mut self.with_failed, other.with_failed),
            (&mut self.with_critical, other.with_critical),
            (&mut self.with_security, other.with_security),
            (&mut self.without_counts, other.without_counts),
            (
                &mut self.with_available_security_updates,
                other.with_available_security_updates,
            ),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (sum, more) in [
            (&mut self.missing_patches, other.missing_patches),
            (&mut self.failed_patches, other.failed_patches),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// The part of a length that a count has of a whole, rounded down; 0 if the whole is 0.
pub(super) fn scaled(count: usize, of: usize, length: usize) -> usize {
    let wide = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
    let part = wide(count).saturating_mul(wide(length));
    let part = part.checked_div(wide(of)).unwrap_or(0);
    usize::try_from(part).unwrap_or(length).min(length)
}

/// A patch that is missing or failed on nodes.
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
    /// The classification, such as `SecurityUpdates` or `Security`; may be empty.
    #[serde(default)]
    pub classification: String,
    /// The number of nodes on which it is missing or failed.
    pub nodes: usize,
    /// The number of these nodes on which it failed.
    #[serde(default)]
    pub failed: usize,
    /// The CVEs that it fixes, from the nodes or the catalog.
    #[serde(default)]
    pub cve_ids: Vec<String>,
    /// The advisories or bulletins with it, if the report has its catalog data.
    #[serde(default)]
    pub advisory_ids: Vec<String>,
    /// When it was released, if the report has its catalog data.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub released: Option<Timestamp>,
}

/// A node of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReportNode {
    /// The name of its source, such as an account and Region; empty if the report has a single
    /// source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: String,
    /// Its name; empty if unknown.
    pub name: String,
    /// Its patch group when it last ran a patch operation.
    pub group: String,
    /// Its platform; empty if unknown.
    pub operating_system: String,
    /// `compliant`, `non-compliant` or `unknown`.
    pub verdict: String,
    /// The reason for the verdict.
    pub reason: String,
    /// Missing patches.
    pub missing: u32,
    /// Failed patches.
    pub failed: u32,
    /// Patches that wait for a reboot.
    pub pending_reboot: u32,
    /// Installed patches that the baseline rejects with BLOCK.
    #[serde(default)]
    pub rejected: u32,
    /// Non-compliant patches whose compliance level is critical.
    #[serde(default)]
    pub critical: u32,
    /// Non-compliant security patches.
    #[serde(default)]
    pub security: u32,
    /// Non-compliant patches that are neither.
    #[serde(default)]
    pub other: u32,
    /// Security updates that are available but not approved. Windows only.
    #[serde(default)]
    pub available_security_updates: u32,
    /// The patch operation behind the verdict, `Scan` or `Install`; empty if there is none.
    #[serde(default)]
    pub operation: String,
    /// When its last patch operation ended.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_operation: Option<Timestamp>,
    /// The baseline behind the verdict; empty if there is none.
    pub baseline: String,
    /// The output of the run that failed to install a patch; empty if none failed or it was not
    /// read.
    #[serde(default)]
    pub error: String,
    /// The ids of its missing patches, if the report has patches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_ids: Vec<String>,
    /// The ids of its failed patches, if the report has patches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_ids: Vec<String>,
    /// What could not be read for it, and why; empty if nothing failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unread: String,
}

/// The number of nodes that the one-line text of a failure names.
const MOST_NAMED: usize = 3;

/// How much data a report reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportDetail {
    /// The compliance of each node: the calls of a sweep, and those for names and platforms.
    Verdicts,
    /// Also the missing patches of each non-compliant node, why installs failed, and the release
    /// dates of the patches that the catalog covers. This takes one call or more for each such
    /// node.
    Patches,
}

/// A part of a report that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReportPart {
    /// The listing of nodes: the report has the nodes listed before the failure.
    Listing,
    /// The compliance of these nodes; their rows say `not answered`.
    Verdicts,
    /// The missing and failed patches of these nodes, or some of them.
    Patches,
    /// Why installs failed on these nodes.
    RunErrors,
    /// The names and platforms of these nodes.
    Information,
    /// The release dates, advisories and CVEs of missing patches, or some of them.
    Catalog,
}

impl fmt::Display for ReportPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Listing => "not all nodes were listed",
            Self::Verdicts => "not answered",
            Self::Patches => "patches not read",
            Self::RunErrors => "errors of runs not read",
            Self::Information => "names and platforms not read",
            Self::Catalog => "release dates and advisories not read",
        })
    }
}

/// An error while a report read its data, and what is missing because of it.
///
/// `Display` prints it in one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReportFailure {
    /// The source, such as an account and Region; empty if the report has a single one.
    #[serde(default)]
    pub source: String,
    /// The missing part.
    pub part: ReportPart,
    /// The affected nodes, in the order of their ids. Empty if the part is not about single nodes,
    /// or if the nodes are not known.
    #[serde(default)]
    pub nodes: Vec<String>,
    /// The error, as its `Display` prints it.
    pub error: String,
}

impl fmt::Display for ReportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        write!(f, "{}", self.part)?;
        for (place, node) in self.nodes.iter().take(MOST_NAMED).enumerate() {
            let before = if place == 0 { " of " } else { ", " };
            write!(f, "{before}{node}")?;
        }
        match self.nodes.len().saturating_sub(MOST_NAMED) {
            0 => write!(f, ": {}", self.error),
            more => write!(f, " and {more} more nodes: {}", self.error),
        }
    }
}
