//! What changed since an earlier report.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ComplianceReport, ReportFailure, ReportNode, ReportPart, ReportTotals};
use crate::compliance::Verdict;
use crate::lines::Lines;
use crate::types::timestamp;

/// The maximum number of earlier reports in the history: about three months of daily reports.
const MOST_HISTORY: usize = 100;

/// The changes between two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Trend {
    /// When the earlier report was made.
    pub since: Timestamp,
    /// The query of the earlier report, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_question: Option<String>,
    /// The totals of the earlier report.
    pub before: ReportTotals,
    /// The totals of the later one.
    pub now: ReportTotals,
    /// Nodes that comply now, and before did not or were unknown.
    pub became_compliant: Vec<String>,
    /// Nodes that no longer comply, or are unknown now.
    pub no_longer_compliant: Vec<String>,
    /// Nodes that only the later report has.
    pub new: Vec<String>,
    /// Nodes that only the earlier report has, except those of sources that could not be listed.
    pub gone: Vec<String>,
    /// Every node that was added, was removed or changed its verdict, the worst changes first.
    pub changes: Vec<NodeChange>,
}

/// The totals of an earlier report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PastTotals {
    /// When the report was made.
    #[serde(with = "timestamp")]
    pub made_at: Timestamp,
    /// The totals of all its nodes.
    pub totals: ReportTotals,
}

/// A node that was added, was removed or changed its verdict between two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeChange {
    /// The source of the node; empty if the report has a single one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: String,
    /// Its name; empty if unknown.
    pub name: String,
    /// What changed.
    pub kind: ChangeKind,
    /// The verdict of the earlier report; empty if it does not have the node.
    pub before: String,
    /// The verdict of the later report; empty if it does not have the node.
    pub now: String,
    /// The reason for the later verdict; empty if there is none.
    pub reason: String,
}

/// The change of a node between two reports, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It does not comply now, and before it did or was unknown.
    NewlyNonCompliant,
    /// It is unknown now.
    NewlyUnknown,
    /// Only the later report has it.
    New,
    /// Only the earlier report has it, and the later one could not list all nodes.
    NotListed,
    /// Only the earlier report has it.
    Gone,
    /// It complies now, and before it did not or was unknown.
    Mended,
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NewlyNonCompliant => "newly non-compliant",
            Self::NewlyUnknown => "newly unknown",
            Self::New => "new",
            Self::NotListed => "not listed",
            Self::Gone => "gone",
            Self::Mended => "mended",
        })
    }
}

/// The node, the change, and the reason if known, such as `i-0123456789abcdef0 newly non-compliant:
/// 2 missing`.
impl fmt::Display for NodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        write!(f, "{} {}", self.node, self.kind)?;
        if self.reason.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.reason)
    }
}

/// The number of changed nodes and the time of the earlier report, and a line for each node.
impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        let (before, now) = (&self.before, &self.now);
        writeln!(
            f,
            "since {}: {} of {} nodes compliant, now {} of {}; {} changed",
            self.since,
            before.compliant,
            before.nodes(),
            now.compliant,
            now.nodes(),
            self.changes.len(),
        )?;
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        Ok(())
    }
}

impl ComplianceReport {
    /// The same report, compared with an earlier one. Then its forms show the trend.
    ///
    /// It copies the totals of the earlier report and of its history, so a daily report that is
    /// compared with the one before shows the trend of many days. The caller must pass a report
    /// that is earlier. If it has another query, every form says so. If a node is not in this
    /// report and its source could not be [listed](crate::compliance::ReportPart::Listing), the
    /// node is [not listed](ChangeKind::NotListed) and not gone.
    ///
    /// ```
    /// use aws_patch_manager::compliance::{ComplianceReport, NodeCompliance};
    /// use aws_patch_manager::jiff::Timestamp;
    ///
    /// let yesterday = ComplianceReport::builder("Production", Timestamp::UNIX_EPOCH).build();
    /// let stored = yesterday.to_json()?;
    ///
    /// let now = "2026-05-14T00:00:00Z".parse()?;
    /// let mut today = ComplianceReport::builder("Production", now);
    /// today.node(&NodeCompliance::unknown("i-0123456789abcdef0"));
    /// let today = today.build().with_previous(&ComplianceReport::from_json(&stored)?);
    /// assert_eq!(today.changes[0].kind.to_string(), "new");
    /// assert!(today.to_html().contains("Since 1970-01-01"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_previous(mut self, earlier: &Self) -> Self {
        self.history.clone_from(&earlier.history);
        self.history.push(PastTotals {
            made_at: earlier.made_at,
            totals: earlier.totals,
        });
        let too_many = self.history.len().saturating_sub(MOST_HISTORY);
        self.history.drain(..too_many);
        self.changes = self.changes_since(earlier);
        self.earlier_question = self.other_question(earlier);
        self
    }

    /// The changes since an earlier report.
    pub fn trend_since(&self, earlier: &Self) -> Trend {
        let changes = self.changes_since(earlier);
        let of = |wanted: &dyn Fn(&NodeChange) -> bool| -> Vec<String> {
            let mut nodes: Vec<_> = changes.iter().filter(|change| wanted(change)).collect();
            nodes.sort_by(|one, other| one.node.cmp(&other.node));
            nodes.into_iter().map(|one| one.node.clone()).collect()
        };
        let compliant = Verdict::Compliant.to_string();
        let stayed = |change: &NodeChange| !change.now.is_empty() && !change.before.is_empty();
        Trend {
            since: earlier.made_at,
            earlier_question: self.other_question(earlier),
            before: earlier.totals,
            now: self.totals,
            became_compliant: of(&|change| change.kind == ChangeKind::Mended),
            no_longer_compliant: of(&|change| stayed(change) && change.before == compliant),
            new: of(&|change| change.kind == ChangeKind::New),
            gone: of(&|change| change.kind == ChangeKind::Gone),
            changes,
        }
    }

    fn other_question(&self, earlier: &Self) -> Option<String> {
        (self.question != earlier.question).then(|| earlier.question.clone())
    }

    fn changes_since(&self, earlier: &Self) -> Vec<NodeChange> {
        let mut before: BTreeMap<(&str, &str), &ReportNode> = BTreeMap::new();
        before.extend(earlier.nodes.iter().map(|row| (key(row), row)));
        let mut changes = Vec::new();
        for row in &self.nodes {
            let known = before.remove(&key(row));
            let known = known.map_or("", |earlier| earlier.verdict.as_str());
            if known != row.verdict {
                let kind = kind_of(known, &row.verdict);
                let mut change = change(row, kind);
                (change.before, change.now) = (known.to_owned(), row.verdict.clone());
                change.reason.clone_from(&row.reason);
                changes.push(change);
            }
        }
        changes.extend(before.into_values().map(|row| {
            let kind = if is_listed(&self.failures, &row.source) {
                ChangeKind::Gone
            } else {
                ChangeKind::NotListed
            };
            let mut change = change(row, kind);
            change.before.clone_from(&row.verdict);
            change
        }));
        changes.sort_by(|one, other| {
            let (one_key, other_key) = ((&one.source, &one.node), (&other.source, &other.node));
            (one.kind, one_key).cmp(&(other.kind, other_key))
        });
        changes
    }
}

/// Whether every node of a source was listed. A failure without a source, such as of a whole export,
/// counts for each.
pub(crate) fn is_listed(failures: &[ReportFailure], source: &str) -> bool {
    !failures.iter().any(|failure| {
        // If an account could not be listed, this counts for each of its Regions.
        let within = source.strip_prefix(failure.source.as_str());
        failure.part == ReportPart::Listing
            && (failure.source.is_empty()
                || within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    })
}

fn key(row: &ReportNode) -> (&str, &str) {
    (&row.source, &row.node)
}

fn change(row: &ReportNode, kind: ChangeKind) -> NodeChange {
    NodeChange {
        source: row.source.clone(),
        node: row.node.clone(),
        name: row.name.clone(),
        kind,
        before: String::new(),
        now: String::new(),
        reason: String::new(),
    }
}

fn kind_of(before: &str, now: &str) -> ChangeKind {
    if before.is_empty() {
        ChangeKind::New
    } else if now == Verdict::Compliant.to_string() {
        ChangeKind::Mended
    } else if now == Verdict::NonCompliant.to_string() {
        ChangeKind::NewlyNonCompliant
    } else {
        ChangeKind::NewlyUnknown
    }
}
