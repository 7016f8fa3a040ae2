//! What a report lacks, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many nodes of a failure are named where it is told in a line.
const MOST_NAMED: usize = 3;

/// How much of a report is meant to be gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportDetail {
    /// How each node stands: the calls of a sweep, and those for names and platforms.
    Verdicts,
    /// Also which patches each non-compliant node misses, why installs failed, and where a
    /// catalog is at hand when those patches were released: a call or more for each such node.
    Patches,
}

/// A part of a report that can be lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReportPart {
    /// Which nodes there are: the report has those that were listed before the failure.
    Listing,
    /// How these nodes stand; their rows say `not answered`.
    Verdicts,
    /// Which patches these nodes miss, or on which they failed; or not all of them.
    Patches,
    /// Why installs failed on these nodes.
    RunErrors,
    /// What these nodes are called and run on.
    Information,
    /// When missing patches were released, their advisories and CVEs; or not all of them.
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

/// Something that went wrong while a report was gathered, and what it lacks because of it.
///
/// `Display` says it in a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ReportFailure {
    /// The source, such as an account and Region; empty where the report is of a single one.
    #[serde(default)]
    pub source: String,
    /// What is lacking.
    pub part: ReportPart,
    /// The nodes that lack it, in the order of their ids; none where it is no matter of nodes, or
    /// where nobody knows which.
    #[serde(default)]
    pub nodes: Vec<String>,
    /// What went wrong, as the error's `Display` says it.
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
