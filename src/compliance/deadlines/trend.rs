//! What changed between two judgements.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::evidence::{DeadlineReport, DeadlineState, DeadlineTotals, NodeDeadline};
use crate::compliance::report::is_listed;
use crate::lines::Lines;
use crate::types::timestamp;

/// The changes between two judgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeadlineTrend {
    /// When the earlier one was made.
    #[serde(with = "timestamp")]
    pub since: Timestamp,
    /// Whether the two have other deadlines, so that changes can come from them.
    pub other_deadlines: bool,
    /// The totals of the earlier one.
    pub before: DeadlineTotals,
    /// The totals of the later one.
    pub now: DeadlineTotals,
    /// Every node that changed, the worst changes first.
    pub changes: Vec<DeadlineChange>,
}

/// A node whose state or overdue patches changed between two judgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeadlineChange {
    /// The source of the node; empty if the report has a single one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: String,
    /// Its name; empty if unknown.
    pub name: String,
    /// What changed.
    pub kind: DeadlineChangeKind,
    /// Its state in the earlier report; absent if that does not have the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<DeadlineState>,
    /// Its state in the later report; absent if that does not have the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<DeadlineState>,
    /// The patches that became overdue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub became_overdue: Vec<String>,
    /// The patches that were overdue and are not any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_longer_overdue: Vec<String>,
}

/// The change of a node between two judgements, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeadlineChangeKind {
    /// Its state is worse, or as before and more patches are overdue.
    Worse,
    /// Only the later report has it.
    New,
    /// Only the earlier report has it, and the later one could not list all nodes.
    NotListed,
    /// Only the earlier report has it.
    Gone,
    /// Its state is better, or as before and patches are no longer overdue.
    Better,
}

impl DeadlineReport {
    /// The changes since an earlier report.
    ///
    /// ```
    /// use aws_patch_manager::compliance::{ComplianceReport, Deadlines, NodeCompliance};
    ///
    /// let deadlines = Deadlines::new().critical(14);
    /// let before = ComplianceReport::builder("Production", "2026-05-14T00:00:00Z".parse()?);
    /// let before = before.build().deadlines(&deadlines)?;
    /// let mut now = ComplianceReport::builder("Production", "2026-05-15T00:00:00Z".parse()?);
    /// now.node(&NodeCompliance::unknown("i-0123456789abcdef0"));
    /// let trend = now.build().deadlines(&deadlines)?.trend_since(&before);
    /// assert_eq!(trend.changes[0].to_string(), "i-0123456789abcdef0 new: unknown");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trend_since(&self, earlier: &Self) -> DeadlineTrend {
        let mut before: BTreeMap<(&str, &str), &NodeDeadline> = BTreeMap::new();
        before.extend(earlier.nodes.iter().map(|node| (key(node), node)));
        let mut changes = Vec::new();
        for node in &self.nodes {
            let known = before.remove(&key(node));
            changes.extend(change(known, node));
        }
        changes.extend(before.into_values().map(|node| DeadlineChange {
            kind: match is_listed(&self.failures, &node.source) {
                true => DeadlineChangeKind::Gone,
                false => DeadlineChangeKind::NotListed,
            },
            before: Some(node.state),
            ..of(node)
        }));
        changes.sort_by(|one, other| {
            let key = |change: &DeadlineChange| (change.kind, change.now);
            let id = |change: &DeadlineChange| (change.source.clone(), change.node.clone());
            key(one)
                .cmp(&key(other))
                .then_with(|| id(one).cmp(&id(other)))
        });
        DeadlineTrend {
            since: earlier.made_at,
            other_deadlines: self.deadlines != earlier.deadlines,
            before: earlier.totals,
            now: self.totals,
            changes,
        }
    }
}

fn key(node: &NodeDeadline) -> (&str, &str) {
    (&node.source, &node.node)
}

fn of(node: &NodeDeadline) -> DeadlineChange {
    DeadlineChange {
        source: node.source.clone(),
        node: node.node.clone(),
        name: node.name.clone(),
        kind: DeadlineChangeKind::New,
        before: None,
        now: None,
        became_overdue: Vec::new(),
        no_longer_overdue: Vec::new(),
    }
}

/// The change of a node of the later report, if it changed.
fn change(before: Option<&NodeDeadline>, now: &NodeDeadline) -> Option<DeadlineChange> {
    let ids = |node: Option<&NodeDeadline>| -> BTreeSet<String> {
        let overdue = node.into_iter().flat_map(NodeDeadline::overdue);
        overdue.map(|patch| patch.id.clone()).collect()
    };
    let (was, is) = (ids(before), ids(Some(now)));
    let mut change = DeadlineChange {
        before: before.map(|node| node.state),
        now: Some(now.state),
        became_overdue: is.difference(&was).cloned().collect(),
        no_longer_overdue: was.difference(&is).cloned().collect(),
        ..of(now)
    };
    let Some(before) = before else {
        return Some(change);
    };
    change.kind = match now.state.cmp(&before.state) {
        std::cmp::Ordering::Less => DeadlineChangeKind::Worse,
        std::cmp::Ordering::Greater => DeadlineChangeKind::Better,
        _ if !change.became_overdue.is_empty() => DeadlineChangeKind::Worse,
        _ if !change.no_longer_overdue.is_empty() => DeadlineChangeKind::Better,
        _ => return None,
    };
    Some(change)
}

impl fmt::Display for DeadlineChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Worse => "worse",
            Self::New => "new",
            Self::NotListed => "not listed",
            Self::Gone => "gone",
            Self::Better => "better",
        })
    }
}

/// One line, such as `i-0123456789abcdef0 worse: open, now overdue: KB5034770 became overdue`.
impl fmt::Display for DeadlineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        write!(f, "{} {}", self.node, self.kind)?;
        match (self.before, self.now) {
            (Some(before), Some(now)) if before == now => write!(f, ": still {now}")?,
            (Some(before), Some(now)) => write!(f, ": {before}, now {now}")?,
            (None, Some(state)) => write!(f, ": {state}")?,
            (Some(state), None) => write!(f, ": was {state}")?,
            (None, None) => {}
        }
        for (ids, what) in [
            (&self.became_overdue, "became overdue"),
            (&self.no_longer_overdue, "no longer overdue"),
        ] {
            if !ids.is_empty() {
                write!(f, "; {what}: {}", ids.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The totals then and now, and a line for each node that changed.
impl fmt::Display for DeadlineTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(
            f,
            "since {}: {} of {} nodes overdue, now {} of {}; {} changed",
            self.since,
            self.before.overdue,
            self.before.nodes(),
            self.now.overdue,
            self.now.nodes(),
            self.changes.len(),
        )?;
        if self.other_deadlines {
            writeln!(f, "  the earlier report has other deadlines")?;
        }
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        Ok(())
    }
}
