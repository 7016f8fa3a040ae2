//! What changed since an earlier report.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ComplianceReport, ReportNode, ReportPart, ReportTotals};
use crate::compliance::Verdict;
use crate::types::timestamp;

/// How many earlier reports a report remembers: a quarter of a year of daily ones.
const MOST_HISTORY: usize = 100;

/// What changed between two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Trend {
    /// When the earlier report was made.
    pub since: Timestamp,
    /// What the earlier report answers, where that is another question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_question: Option<String>,
    /// The totals of the earlier report.
    pub before: ReportTotals,
    /// The totals of the later one.
    pub now: ReportTotals,
    /// Nodes that comply now, and did not, or nobody knew.
    pub became_compliant: Vec<String>,
    /// Nodes that no longer comply, or of which nobody knows any more.
    pub no_longer_compliant: Vec<String>,
    /// Nodes that only the later report has.
    pub new: Vec<String>,
    /// Nodes that only the earlier report has; without those of sources that could not be listed.
    pub gone: Vec<String>,
    /// Every node that came, went or changed its verdict, what became worse first.
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
    /// Over all its nodes.
    pub totals: ReportTotals,
}

/// A node that came, went or changed its verdict between two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeChange {
    /// The source of the node; empty where the report is of a single one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: String,
    /// What it is called; empty where nobody knows.
    pub name: String,
    /// What changed.
    pub kind: ChangeKind,
    /// The verdict of the earlier report; empty where it has no such node.
    pub before: String,
    /// The verdict of the later one; empty where it has no such node.
    pub now: String,
    /// Why it is the later one; empty where there is none.
    pub reason: String,
}

/// What became of a node between two reports, what is worse first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It does not comply now, and did, or nobody knew.
    NewlyNonCompliant,
    /// Nobody knows any more.
    NewlyUnknown,
    /// Only the later report has it.
    New,
    /// Only the earlier report has it, and of the later one not all nodes were listed.
    NotListed,
    /// Only the earlier report has it.
    Gone,
    /// It complies now, and did not, or nobody knew.
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

/// The node, what changed, and why if anything is known, such as `i-0123456789abcdef0 newly
/// non-compliant: 2 missing`.
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

/// How many nodes changed since when, and a line for each.
impl fmt::Display for Trend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    /// The same report, set against an earlier one: its forms then show the trend.
    ///
    /// It remembers the totals of the earlier report and of those that one was set against, so that
    /// a report made each day against the one before shows the course of many days. That the
    /// earlier report is earlier is for the caller to see to; where it answers another question,
    /// every form says so. A node that is not in this report, and whose source could not be
    /// [listed](crate::compliance::ReportPart::Listing), is [not listed](ChangeKind::NotListed) and not gone.
    ///
    /// ```
    /// use aws_patch_manager::compliance::{ComplianceReport, NodeCompliance};
    /// use jiff::Timestamp;
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

    /// What changed since an earlier report.
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
            let kind = if self.lists(&row.source) {
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

    /// Whether every node of a source was listed. A failure without a source, as of a whole
    /// export, is about each.
    fn lists(&self, source: &str) -> bool {
        let mut failures = self.failures.iter();
        !failures.any(|failure| {
            // An account that could not be listed stands for each of its Regions.
            let within = source.strip_prefix(failure.source.as_str());
            failure.part == ReportPart::Listing
                && (failure.source.is_empty()
                    || within.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        })
    }
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
