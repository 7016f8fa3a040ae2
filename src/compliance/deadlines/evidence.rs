//! What is overdue: the evidence for each node, as plain data.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Deadlines;
use crate::compliance::ReportFailure;
use crate::compliance::report::words::minute;
use crate::error::Result;
use crate::gate;
use crate::lines::Lines;
use crate::strict;
use crate::types::{BaselineId, NodeId, timestamp};

/// Every node of a compliance report, judged by [`Deadlines`]. Store it, compare it with a later one,
/// and show it as text, JSON, CSV or a page of HTML.
///
/// [`ComplianceReport::deadlines`](crate::compliance::ComplianceReport::deadlines) makes it.
///
/// ```
/// use aws_patch_manager::compliance::{ComplianceReport, DeadlineReport, Deadlines, NodeCompliance};
/// use aws_patch_manager::jiff::Timestamp;
///
/// let mut report = ComplianceReport::builder("Production", Timestamp::UNIX_EPOCH);
/// report.node(&NodeCompliance::unknown("i-0123456789abcdef0"));
/// let judged = report.build().deadlines(&Deadlines::new().critical(14).otherwise(30))?;
/// assert_eq!(judged.totals.unknown, 1);
/// let stored = judged.to_json()?;
/// assert_eq!(DeadlineReport::from_json(&stored)?, judged);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeadlineReport {
    /// The title of the compliance report.
    pub title: String,
    /// When the compliance report was made: the instant of the judgement.
    #[serde(with = "timestamp")]
    pub made_at: Timestamp,
    /// The deadlines.
    pub deadlines: Deadlines,
    /// What the compliance report could not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ReportFailure>,
    /// The totals.
    pub totals: DeadlineTotals,
    /// Every node, the worst first.
    pub nodes: Vec<NodeDeadline>,
}

/// The state of a patch on a node, or of a node, by its deadlines: the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeadlineState {
    /// The deadline has passed.
    Overdue,
    /// The deadline passes before the node's next install.
    OverdueBeforeInstall,
    /// It is not known: the reason says why.
    Unknown,
    /// The deadline has not passed.
    Open,
    /// No deadline is for it.
    NoDeadline,
    /// Nothing is missing.
    Met,
}

/// The number of nodes in each state, and of overdue patches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct DeadlineTotals {
    /// Nodes with an overdue patch.
    pub overdue: usize,
    /// Nodes with a patch that will be overdue before their next install.
    pub overdue_before_install: usize,
    /// Nodes whose state is not known.
    pub unknown: usize,
    /// Nodes whose missing patches are all within their deadlines.
    pub open: usize,
    /// Nodes with missing patches, none of which has a deadline.
    pub no_deadline: usize,
    /// Nodes that miss nothing.
    pub met: usize,
    /// Overdue patches, over all nodes.
    pub overdue_patches: usize,
}

/// A node, its missing patches and their deadlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeDeadline {
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
    /// The worst state of its patches.
    pub state: DeadlineState,
    /// Why, in a few words.
    pub reason: String,
    /// The earliest deadline of its patches that are in this state.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub due: Option<Timestamp>,
    /// Its verdict in the compliance report.
    pub verdict: String,
    /// The reason for the verdict.
    pub verdict_reason: String,
    /// The baseline behind the verdict; empty if there is none.
    pub baseline: String,
    /// The name of the baseline; empty unless [`with_baseline_names`](DeadlineReport::with_baseline_names)
    /// had it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub baseline_name: String,
    /// The patch operation that all this rests on, `Scan` or `Install`; empty if there is none.
    pub operation: String,
    /// When that operation ended.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_operation: Option<Timestamp>,
    /// The next install, if [`with_next_installs`](DeadlineReport::with_next_installs) had it.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_install: Option<Timestamp>,
    /// Why its state is not known, whatever its patches say; empty if it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unknown: String,
    /// Its missing and failed patches, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<PatchDeadline>,
}

/// A missing patch of a node, and its deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchDeadline {
    /// Its id, such as a KB number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The vendor's severity; may be empty.
    pub severity: String,
    /// The classification; may be empty.
    pub classification: String,
    /// Whether the last install tried it and failed.
    pub failed: bool,
    /// When it was released, if the compliance report has it.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub released: Option<Timestamp>,
    /// When it was first found missing: the node's last operation, or that of an earlier report.
    #[serde(with = "timestamp")]
    pub first_seen: Timestamp,
    /// The days of its deadline; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The end of the deadline. Without a release date it counts from
    /// [`first_seen`](Self::first_seen), and the true end is not later.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub due: Option<Timestamp>,
    /// The state.
    pub state: DeadlineState,
    /// Why it has no deadline, or is unknown; empty for other states.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl DeadlineTotals {
    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        let states = [
            self.overdue,
            self.overdue_before_install,
            self.unknown,
            self.open,
            self.no_deadline,
            self.met,
        ];
        // A stored report can have any number.
        states.into_iter().fold(0, usize::saturating_add)
    }

    pub(super) fn count(nodes: &[NodeDeadline]) -> Self {
        let mut totals = Self::default();
        for node in nodes {
            let of_state = match node.state {
                DeadlineState::Overdue => &mut totals.overdue,
                DeadlineState::OverdueBeforeInstall => &mut totals.overdue_before_install,
                DeadlineState::Unknown => &mut totals.unknown,
                DeadlineState::Open => &mut totals.open,
                DeadlineState::NoDeadline => &mut totals.no_deadline,
                DeadlineState::Met => &mut totals.met,
            };
            *of_state += 1;
            totals.overdue_patches += node.overdue().count();
        }
        totals
    }
}

impl NodeDeadline {
    /// The overdue patches.
    pub fn overdue(&self) -> impl Iterator<Item = &PatchDeadline> {
        let patches = self.patches.iter();
        patches.filter(|patch| patch.state == DeadlineState::Overdue)
    }
}

impl DeadlineReport {
    /// The nodes with an overdue patch, the longest overdue first.
    pub fn overdue(&self) -> impl Iterator<Item = &NodeDeadline> {
        let nodes = self.nodes.iter();
        nodes.filter(|node| node.state == DeadlineState::Overdue)
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if no node is overdue, 1 if
    /// one is, 2 if none is overdue but one is unknown, if something could not be read, or if there is no node.
    pub fn exit_code(&self) -> u8 {
        let has = |state| self.nodes.iter().any(|node| node.state == state);
        let is_unread = !self.failures.is_empty() || self.nodes.is_empty();
        gate::exit_code(
            has(DeadlineState::Overdue),
            has(DeadlineState::Unknown) || is_unread,
        )
    }

    /// The same report, judged with the next install of each node. A patch whose deadline passes
    /// before it is [`OverdueBeforeInstall`](DeadlineState::OverdueBeforeInstall).
    ///
    /// A node that the map lacks has no known next install, and its open patches stay open.
    #[must_use]
    pub fn with_next_installs(mut self, installs: &BTreeMap<NodeId, Timestamp>) -> Self {
        for node in &mut self.nodes {
            node.next_install = installs.get(&NodeId::from(node.node.as_str())).copied();
        }
        self.judge();
        self
    }

    /// The same report, judged with an earlier one: a patch that already was missing there, in the same
    /// version, was [first seen](PatchDeadline::first_seen) then.
    ///
    /// So a patch without a release date becomes overdue once it has been missing for the days of its
    /// deadline. Compare each report with the one before.
    #[must_use]
    pub fn with_previous(mut self, earlier: &Self) -> Self {
        let mut seen = BTreeMap::new();
        for node in &earlier.nodes {
            for patch in &node.patches {
                let key = (node.source.as_str(), node.node.as_str(), patch.key());
                seen.insert(key, patch.first_seen);
            }
        }
        for node in &mut self.nodes {
            for patch in &mut node.patches {
                let key = (node.source.as_str(), node.node.as_str(), patch.key());
                if let Some(first) = seen.get(&key) {
                    patch.first_seen = patch.first_seen.min(*first);
                }
            }
        }
        self.judge();
        self
    }

    /// The same report with the names of baselines.
    #[must_use]
    pub fn with_baseline_names<'a>(
        mut self,
        names: impl IntoIterator<Item = (&'a BaselineId, &'a str)>,
    ) -> Self {
        let names: BTreeMap<&str, &str> = names
            .into_iter()
            .map(|(id, name)| (id.short(), name))
            .collect();
        for node in &mut self.nodes {
            if let Some(name) = names.get(BaselineId::from(node.baseline.as_str()).short()) {
                node.baseline_name = (*name).to_owned();
            }
        }
        self
    }

    /// The report as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every report can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "DeadlineReport")
    }

    /// Reads a report from JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not a report, with one
    /// [`Violation`](crate::Violation) for each value that cannot be read and each member that is there
    /// twice, with its path. Unknown members are ignored: a later version may have written them.
    pub fn from_json(text: &str) -> Result<Self> {
        let name = "DeadlineReport";
        strict::read(text, name, &[name])
    }
}

impl PatchDeadline {
    /// What is the same patch in two reports: on Linux the title has the version, and the id has not.
    fn key(&self) -> (String, String) {
        (self.id.clone(), self.title.clone())
    }
}

impl fmt::Display for DeadlineState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Overdue => "overdue",
            Self::OverdueBeforeInstall => "overdue before the next install",
            Self::Unknown => "unknown",
            Self::Open => "open",
            Self::NoDeadline => "no deadline",
            Self::Met => "met",
        })
    }
}

/// One line, such as `KB5034770 overdue since 2026-05-14 00:00`, in UTC.
impl fmt::Display for PatchDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, self.state)?;
        match (self.state, self.due) {
            (DeadlineState::Overdue, Some(due)) => write!(f, " since {}", minute(due)),
            (DeadlineState::NoDeadline | DeadlineState::Unknown, _) => {
                write!(f, ": {}", self.reason)
            }
            (_, Some(due)) => write!(f, ", due {}", minute(due)),
            (_, None) => Ok(()),
        }
    }
}

/// One line, such as `i-0123456789abcdef0 overdue: KB5034770 overdue since 2026-05-14 00:00`, in UTC.
impl fmt::Display for NodeDeadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        write!(f, "{} {}: {}", self.node, self.state, self.reason)
    }
}

impl fmt::Display for DeadlineTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} nodes overdue, with {} patches; {} overdue before the next install, {} unknown, {} open, {} without a deadline, {} met",
            self.overdue,
            self.nodes(),
            self.overdue_patches,
            self.overdue_before_install,
            self.unknown,
            self.open,
            self.no_deadline,
            self.met,
        )
    }
}

/// The totals, the deadlines, and a line for each node, the worst first.
impl fmt::Display for DeadlineReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "{}, {} UTC", self.title, minute(self.made_at))?;
        writeln!(f, "{}", self.totals)?;
        writeln!(f, "deadlines: {}", self.deadlines)?;
        for failure in &self.failures {
            writeln!(f, "  not read: {failure}")?;
        }
        for node in &self.nodes {
            writeln!(f, "  {node}")?;
        }
        Ok(())
    }
}
