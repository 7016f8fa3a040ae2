//! The answer: each node with its state, the fixes that it lacks, and when it gets them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ExposureQuery;
use crate::compliance::{ReportFailure, ReportPart};
use crate::error::Result;
use crate::lines::Lines;
use crate::operation::{InstallOverrideList, OverriddenPatch};
use crate::types::{BaselineId, NodeId, timestamp};

/// Which nodes CVEs can still hit, the worst first. `Display` prints a line for each node and fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Exposure {
    /// The CVEs.
    pub cves: Vec<String>,
    /// The instant of the judgement.
    #[serde(with = "timestamp")]
    pub made_at: Timestamp,
    /// Every node: the worst state first, then the longest open.
    pub nodes: Vec<NodeExposure>,
    /// What could not be read. The nodes that it is about are unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<ReportFailure>,
}

/// Whether CVEs can hit a node, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ExposureState {
    /// It lacks a fix.
    Exposed,
    /// It has the fixes, and one of them waits for a reboot.
    PendingReboot,
    /// It is not known: the reason says why.
    Unknown,
    /// No patch of the catalog fixes it, although the catalog covers the node's system.
    NoPatch,
    /// It has the fixes, or not the packages that need them.
    NotExposed,
}

/// Whether the CVEs can hit a node, and what fixes them there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeExposure {
    /// The name of its source, such as an account and Region; empty if the answer has a single source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The node.
    pub node: NodeId,
    /// Its name; empty if unknown.
    pub name: String,
    /// Its patch group when it last ran a patch operation.
    pub group: String,
    /// Its product, such as `AmazonLinux2023`; empty if unknown.
    pub product: String,
    /// The worst state of the CVEs.
    pub state: ExposureState,
    /// Why it is not known or has no patch, for each CVE; empty for other states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The baseline of its last operation; absent if it never ran one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineId>,
    /// When the operation ended that all this rests on.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_operation: Option<Timestamp>,
    /// The fixes that it lacks, and those that wait for a reboot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<ExposureFix>,
}

/// A patch that fixes CVEs on a node, and that the node lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ExposureFix {
    /// The CVE.
    pub cve: String,
    /// The patch: a KB number, or `name.arch`.
    pub patch: String,
    /// Its title, which on Linux has the version.
    pub title: String,
    /// How it gets to the node.
    pub route: FixRoute,
    /// Why the baseline does not approve it, in the words of
    /// [`approvals`](crate::baseline::approval::approvals); empty if it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// When the baseline approves it, if that is known.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub approved_at: Option<Timestamp>,
    /// When the first install after the approval runs, if that is known.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub installed_at: Option<Timestamp>,
    /// The days until then, rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_open: Option<i64>,
}

/// How a fix gets to a node: the fastest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FixRoute {
    /// It is installed and waits for a reboot.
    Reboot,
    /// The baseline approves it: the next install has it.
    Approved,
    /// The baseline approves it, and the last install failed.
    Failed,
    /// The baseline approves it later.
    ApprovedLater,
    /// The baseline does not approve it.
    NotApproved,
    /// The baseline rejects it.
    Rejected,
    /// The baseline could not be read.
    BaselineUnread,
}

impl Exposure {
    pub(super) fn new(query: &ExposureQuery, made_at: Timestamp) -> Self {
        Self {
            cves: query.cves().to_vec(),
            made_at,
            nodes: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The answers of several sources, or the first error if none has a node.
    pub(super) fn merged<'a>(
        query: &ExposureQuery,
        made_at: Timestamp,
        answers: impl Iterator<Item = (&'a str, Result<Self>)>,
    ) -> Result<Self> {
        let mut all = Self::new(query, made_at);
        let mut unlisted = None;
        for (source, answer) in answers {
            match answer {
                Ok(answer) => {
                    all.nodes.extend(answer.nodes);
                    all.failures.extend(answer.failures);
                }
                Err(error) => {
                    all.failures.push(ReportFailure {
                        source: source.to_owned(),
                        part: ReportPart::Listing,
                        nodes: Vec::new(),
                        error: error.to_string(),
                    });
                    unlisted.get_or_insert(error);
                }
            }
        }
        match unlisted.filter(|_| all.nodes.is_empty()) {
            Some(error) => Err(error),
            None => Ok(all.worst_first()),
        }
    }

    /// The answer of a source, with its name.
    pub(super) fn with_source(mut self, name: &str) -> Self {
        self.nodes
            .iter_mut()
            .for_each(|node| node.source = name.to_owned());
        self.failures
            .iter_mut()
            .for_each(|failure| failure.source = name.to_owned());
        self
    }

    /// The answer in its order: the worst state first, then the longest open.
    pub(crate) fn worst_first(mut self) -> Self {
        let open = |node: &NodeExposure| {
            let fixes = node.fixes.iter();
            fixes.map(|fix| fix.days_open.unwrap_or(i64::MAX)).max()
        };
        self.nodes.sort_by(|one, other| {
            let place = |node: &NodeExposure| (node.state, Reverse(open(node)));
            let by_place = place(one).cmp(&place(other));
            let by_source = || one.source.cmp(&other.source);
            by_place
                .then_with(by_source)
                .then_with(|| one.node.cmp(&other.node))
        });
        self
    }

    /// The nodes in a state.
    pub fn in_state(&self, state: ExposureState) -> impl Iterator<Item = &NodeExposure> {
        self.nodes.iter().filter(move |node| node.state == state)
    }

    /// The list of just the missing fixes, each in its version: an install with it closes the CVEs today,
    /// whatever baselines say. `None` if no node lacks a fix.
    ///
    /// Linux and macOS install what the list names even if the baseline does not approve it. Windows does
    /// not, so the list has only approved updates of Windows: see [`not_closed_by_list`](Self::not_closed_by_list).
    /// The list is for all nodes; a node ignores what it has not installed.
    ///
    /// # Errors
    ///
    /// None in practice: every fix has an id.
    pub fn override_list(&self) -> Result<Option<InstallOverrideList>> {
        let mut seen = BTreeSet::new();
        let fixes = self.fixes().map(|(_, fix)| fix);
        let entries: Vec<OverriddenPatch> = fixes
            .filter(|fix| fix.is_closed_by_list())
            .filter(|fix| seen.insert((&fix.patch, &fix.title)))
            .map(ExposureFix::entry)
            .collect();
        if entries.is_empty() {
            return Ok(None);
        }
        InstallOverrideList::new(entries).map(Some)
    }

    /// The nodes that an install with [`override_list`](Self::override_list) leaves exposed: those of Windows
    /// whose baseline does not approve the update.
    pub fn not_closed_by_list(&self) -> impl Iterator<Item = &NodeExposure> {
        self.nodes.iter().filter(|node| {
            let lacking = node
                .fixes
                .iter()
                .filter(|fix| fix.route != FixRoute::Reboot);
            lacking.clone().any(|fix| !fix.is_closed_by_list())
        })
    }

    /// The fixes that nodes lack.
    fn fixes(&self) -> impl Iterator<Item = (&NodeExposure, &ExposureFix)> {
        let nodes = self.nodes.iter();
        let fixes = nodes.flat_map(|node| node.fixes.iter().map(move |fix| (node, fix)));
        fixes.filter(|(_, fix)| fix.route != FixRoute::Reboot)
    }
}

impl ExposureFix {
    /// Windows installs only what its baseline also approves.
    fn is_closed_by_list(&self) -> bool {
        !self.patch.starts_with("KB") || matches!(self.route, FixRoute::Approved | FixRoute::Failed)
    }

    fn entry(&self) -> OverriddenPatch {
        let entry = OverriddenPatch::new(&self.patch);
        match self.title.strip_prefix(self.patch.as_str()) {
            Some(version) if version.starts_with(':') => entry.with_title(&self.title),
            _ => entry,
        }
    }
}

impl fmt::Display for ExposureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exposed => "exposed",
            Self::PendingReboot => "pending reboot",
            Self::Unknown => "unknown",
            Self::NoPatch => "no patch",
            Self::NotExposed => "not exposed",
        })
    }
}

impl fmt::Display for FixRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reboot => "installed, waits for a reboot",
            Self::Approved => "approved",
            Self::Failed => "approved, and the last install failed",
            Self::ApprovedLater => "approved later",
            Self::NotApproved => "not approved",
            Self::Rejected => "rejected",
            Self::BaselineUnread => "baseline not read",
        })
    }
}

/// One line, such as `CVE-2026-1234: openssl.x86_64: not approved: rule 0: SEVERITY is Low, not Critical`.
impl fmt::Display for ExposureFix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.title.starts_with(self.patch.as_str()) {
            true => &self.title,
            false => &self.patch,
        };
        write!(f, "{}: {name}: {}", self.cve, self.route)?;
        if !self.reasons.is_empty() {
            write!(f, ": {}", self.reasons.join("; "))?;
        }
        match (self.route, self.approved_at) {
            (FixRoute::ApprovedLater, Some(at)) => write!(f, ", after {at}")?,
            (_, Some(at)) => write!(f, " since {at}")?,
            (_, None) => {}
        }
        match (self.installed_at, self.days_open) {
            (Some(at), Some(1)) => write!(f, "; installed by {at}: open for 1 day"),
            (Some(at), Some(days)) => write!(f, "; installed by {at}: open for {days} days"),
            _ => Ok(()),
        }
    }
}

/// The node and its state, and the reasons if there are any.
impl fmt::Display for NodeExposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{} ", self.source)?;
        }
        write!(f, "{} {}", self.node, self.state)?;
        if !self.reasons.is_empty() {
            write!(f, ": {}", self.reasons.join("; "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        let count = |state| self.in_state(state).count();
        writeln!(
            f,
            "{}, {}: {} of {} nodes exposed, {} pending reboot, {} unknown, {} without a patch, {} not exposed",
            self.cves.join(", "),
            self.made_at,
            count(ExposureState::Exposed),
            self.nodes.len(),
            count(ExposureState::PendingReboot),
            count(ExposureState::Unknown),
            count(ExposureState::NoPatch),
            count(ExposureState::NotExposed),
        )?;
        for failure in &self.failures {
            writeln!(f, "  not read: {failure}")?;
        }
        for node in &self.nodes {
            writeln!(f, "  {node}")?;
            for fix in &node.fixes {
                writeln!(f, "    {fix}")?;
            }
        }
        Ok(())
    }
}
