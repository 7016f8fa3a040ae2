//! Coverage in words.

use std::fmt;

use super::{Coverage, CoveringSchedule, NodeCoverage};
use crate::plan::render::{code, fence};
use crate::prerequisites::{Finding, write_counts};
use crate::visible::visible_line;

/// The most nodes of a table, for a comment has at most 65,536 characters on GitHub.
const MOST_NODES: usize = 100;

impl Coverage {
    /// The coverage as Markdown, for a comment or the summary of a job: the numbers, the findings, the nodes
    /// that nothing installs on with what scans them, and what could not be read.
    ///
    /// The table has at most 100 nodes, and says how many it leaves out; the JSON has all.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::plan::MirrorScope;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let comment = manager.coverage(&MirrorScope::new()).await?.to_markdown();
    /// assert!(comment.starts_with("### Patching coverage"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_markdown(&self) -> String {
        let mut text = format!("### Patching coverage\n\n**{}**\n", self.summary());
        if !self.findings.is_empty() {
            let findings: Vec<String> = self.findings.iter().map(Finding::to_string).collect();
            let findings = findings.join("\n\n");
            let fence = fence(&findings);
            text += &format!("\n{fence}text\n{findings}\n{fence}\n");
        }
        self.push_uncovered(&mut text);
        if !self.unread.is_empty() {
            let unread = self.unread.iter();
            let unread = unread.map(|unread| format!("- {}\n", code(&unread.to_string())));
            text += &format!("\n**Not read**\n\n{}", unread.collect::<String>());
        }
        text
    }

    /// How many nodes are installed on and scanned, in one line.
    fn summary(&self) -> String {
        if self.nodes.is_empty() {
            return "the account has no node".to_owned();
        }
        let count = |covers: fn(&NodeCoverage) -> bool| {
            let nodes = self.nodes.iter();
            nodes.filter(|node| covers(node)).count()
        };
        let installed = count(|node| node.installs().next().is_some());
        let scanned = count(|node| node.scans().next().is_some());
        let total = self.nodes.len();
        format!("schedules install on {installed} of {total} nodes, and scan {scanned}")
    }

    fn push_uncovered(&self, text: &mut String) {
        let nodes = self.without_install();
        let rows: Vec<String> = nodes
            .map(|node| {
                let scans: Vec<String> = node.scans().map(|one| cell(&one.to_string())).collect();
                let scans = match scans.is_empty() {
                    true => "nothing".to_owned(),
                    false => scans.join("<br>"),
                };
                format!("| {} | {scans} |\n", cell(node.node.as_str()))
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        *text += "\n**Nothing installs on**\n\n| node | scanned by |\n|---|---|\n";
        *text += &rows.iter().take(MOST_NODES).cloned().collect::<String>();
        match rows.len().saturating_sub(MOST_NODES) {
            0 => {}
            more => *text += &format!("\nand {more} more nodes\n"),
        }
    }
}

/// Text as inline code in a table, in which a bar ends a cell even in code (GitHub Flavored Markdown,
/// tables).
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// The findings, and a line of numbers.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}\n")?;
        }
        f.write_str(&self.summary())?;
        write_counts(f, &self.findings)
    }
}

/// A line for the node, and one for each schedule.
impl fmt::Display for NodeCoverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.node)?;
        if let Some(os) = &self.operating_system {
            write!(f, " {os}")?;
        }
        if let Some(group) = &self.patch_group {
            write!(f, ", group {}", visible_line(group.as_str()))?;
        }
        if let Some(baseline) = &self.baseline {
            write!(f, ", baseline {baseline}")?;
        }
        for schedule in &self.schedules {
            write!(f, "\n  {schedule}")?;
        }
        for schedule in &self.possible_schedules {
            write!(f, "\n  perhaps {schedule}")?;
        }
        Ok(())
    }
}

impl fmt::Display for CoveringSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or(&self.id);
        let (name, schedule) = (visible_line(name), visible_line(&self.schedule));
        let (operation, kind) = (&self.operation, self.kind);
        write!(f, "{operation} by {kind} {name}, {schedule}")?;
        match &self.baseline {
            Some(baseline) => write!(f, ", baseline {baseline}"),
            None => Ok(()),
        }
    }
}
