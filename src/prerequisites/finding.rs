use std::fmt;

use crate::types::NodeId;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing; patching works.
    Note,
    /// Could not be found out, for want of a permission or a capability.
    Unknown,
    /// Patching works, and probably not as meant.
    Warning,
    /// The node cannot be patched.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The instance is not running.
    NotRunning,
    /// Systems Manager does not know the node.
    NotManaged,
    /// The agent lost touch.
    ConnectionLost,
    /// The agent is older than AWS-RunPatchBaseline needs.
    AgentTooOld,
    /// The node carries no patch group tag.
    NoPatchGroup,
    /// The node carries both patch group keys.
    BothTagKeys,
    /// The group has no baseline for the node's operating system, so the default applies.
    GroupNotBound,
    /// A private subnet lacks an endpoint.
    EndpointMissing,
    /// A question could not be answered.
    NotChecked,
}

/// One thing that stands between a node and its patches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The node.
    pub node: NodeId,
    /// How much it matters.
    pub severity: Severity,
    /// What was found.
    pub kind: FindingKind,
    /// What was seen, with ids.
    pub evidence: String,
    /// What to do about it, with a command line where there is one.
    pub fix: String,
}

impl Finding {
    pub(crate) fn new(
        node: &NodeId,
        severity: Severity,
        kind: FindingKind,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            node: node.clone(),
            severity,
            kind,
            evidence: evidence.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<20} {:<8} {}",
            self.node, self.severity, self.evidence
        )?;
        if !self.fix.is_empty() {
            write!(f, "\n{:<29} fix: {}", "", self.fix)?;
        }
        Ok(())
    }
}

/// What stands between nodes and their patches, in the order of the nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrerequisiteReport {
    /// How many nodes were checked.
    pub nodes: usize,
    /// The findings.
    pub findings: Vec<Finding>,
}

impl PrerequisiteReport {
    /// Whether every node can be patched; not so where something could not be found out.
    pub fn is_ready(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| !matches!(finding.severity, Severity::Error | Severity::Unknown))
    }

    /// What was found about one node.
    pub fn of<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.node == *node)
    }
}

impl fmt::Display for PrerequisiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let blocked: std::collections::BTreeSet<_> = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| &finding.node)
            .collect();
        write!(
            f,
            "{} of {} nodes can be patched",
            self.nodes - blocked.len().min(self.nodes),
            self.nodes
        )
    }
}
