use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Finding, Severity};
use crate::types::NodeId;

/// What keeps nodes from being patched, the worst first.
///
/// `Display` prints it like compiler errors. It can be written as JSON and read again.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::prerequisites::Prerequisites;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let report = manager.check_prerequisites(&Prerequisites::account()).await?;
/// if !report.is_ready() {
///     println!("{report}");
/// }
/// let blocked = report.blocked().count();
/// assert!(blocked > 0 && blocked < report.nodes.len());
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct PrerequisiteReport {
    /// The nodes that were checked, in the order of the question.
    pub nodes: Vec<NodeId>,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
}

impl PrerequisiteReport {
    /// Whether every node can be patched; `false` if something is unknown.
    pub fn is_ready(&self) -> bool {
        let ready =
            |finding: &Finding| !matches!(finding.severity, Severity::Error | Severity::Unknown);
        self.findings.iter().all(ready)
    }

    /// The findings about one node.
    pub fn of<'a>(&'a self, node: &'a NodeId) -> impl Iterator<Item = &'a Finding> {
        let findings = self.findings.iter();
        findings.filter(move |finding| finding.nodes.contains(node))
    }

    /// The nodes that cannot be patched, in the order of the question.
    pub fn blocked(&self) -> impl Iterator<Item = &NodeId> {
        let blocked = self.with(Severity::Error);
        self.nodes.iter().filter(move |node| blocked.contains(node))
    }

    /// The nodes for which it is unknown whether they can be patched, in the order of the question.
    pub fn undecided(&self) -> impl Iterator<Item = &NodeId> {
        let (blocked, unknown) = (self.with(Severity::Error), self.with(Severity::Unknown));
        let nodes = self.nodes.iter();
        nodes.filter(move |node| unknown.contains(node) && !blocked.contains(node))
    }

    fn with(&self, severity: Severity) -> BTreeSet<&NodeId> {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .flat_map(|finding| &finding.nodes)
            .collect()
    }
}

/// The most nodes, lines of evidence and lines of a command that a finding shows; it counts the
/// rest.
const SHOWN: usize = 6;

impl fmt::Display for PrerequisiteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let (blocked, undecided) = (self.blocked().count(), self.undecided().count());
        let total = self.nodes.len();
        let ready = total - blocked - undecided;
        write!(f, "{ready} of {total} nodes can be patched")?;
        if undecided > 0 {
            write!(f, ", {undecided} may be")?;
        }
        for severity in [
            Severity::Error,
            Severity::Warning,
            Severity::Unknown,
            Severity::Note,
        ] {
            let count = self
                .findings
                .iter()
                .filter(|one| one.severity == severity)
                .count();
            if count > 0 {
                write!(
                    f,
                    "; {count} {severity}{}",
                    if count == 1 { "" } else { "s" }
                )?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}[{}]: {}", self.severity, self.kind, self.message)?;
        let mut shown: Vec<_> = self.nodes.iter().take(SHOWN).map(NodeId::as_str).collect();
        if shown.is_empty() {
            shown.push("the account");
        }
        write!(f, "  --> {}", shown.join(", "))?;
        writeln!(f, "{}", rest(self.nodes.len()))?;
        for evidence in self.evidence.iter().take(SHOWN) {
            writeln!(f, "   | {evidence}")?;
        }
        if self.evidence.len() > SHOWN {
            writeln!(f, "   |{}", rest(self.evidence.len()))?;
        }
        writeln!(f, "   = fix: {}", self.fix.advice)?;
        let lines: Vec<&str> = self
            .fix
            .command
            .iter()
            .flat_map(|all| all.lines())
            .collect();
        for line in lines.iter().take(SHOWN) {
            writeln!(f, "          {line}")?;
        }
        if lines.len() > SHOWN {
            writeln!(f, "         {} lines", rest(lines.len()))?;
        }
        Ok(())
    }
}

fn rest(all: usize) -> String {
    match all.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}
