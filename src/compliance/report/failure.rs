//! The failures of a report.

use std::fmt;

use serde::{Deserialize, Serialize};

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
