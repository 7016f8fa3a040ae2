//! The answer in words, and as Markdown.

use std::fmt::{self, Write};

use super::answer::{PromotionCheck, PromotionFinding, PromotionFindingKind};
use crate::compliance::markdown_cell;
use crate::counted::Counted;
use crate::lines::Lines;

/// The number of rows of the Markdown table.
const SHOWN: usize = 100;

impl PromotionCheck {
    /// The answer as Markdown, for a change request: the counts, and a table of at most 100 findings.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        self.write_markdown(&mut text).unwrap_or_default();
        text
    }

    fn write_markdown(&self, text: &mut String) -> fmt::Result {
        let (earlier, later) = (markdown_cell(&self.earlier), markdown_cell(&self.later));
        writeln!(text, "# Promotion of {earlier} to {later}\n")?;
        let mut summary = self.summary();
        if let Some(first) = summary.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        writeln!(text, "{}\n", markdown_cell(&summary))?;
        for failure in &self.failures {
            writeln!(text, "- not read: {}", markdown_cell(&failure.to_string()))?;
        }
        if !self.failures.is_empty() {
            writeln!(text)?;
        }
        if !self.findings.is_empty() {
            writeln!(text, "| patch | finding | nodes | since | reasons |")?;
            writeln!(text, "|---|---|--:|---|---|")?;
        }
        for finding in self.findings.iter().take(SHOWN) {
            let since = finding.since.map(|since| since.to_string());
            writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                markdown_cell(finding.name()),
                finding.kind,
                finding.nodes,
                since.unwrap_or_default(),
                markdown_cell(&finding.reasons.join("; ")),
            )?;
        }
        match self.findings.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(text, "\n{more} more findings are not shown."),
        }
    }

    /// Whether production can install, and the counts that say why.
    fn summary(&self) -> String {
        let unproven = self.findings.iter().filter(|one| one.kind.is_unproven());
        let ready = match self.is_ready() {
            true => "ready",
            false => "not ready",
        };
        let run = match self.min_days {
            0 => "run".to_owned(),
            1 => "run for 1 day or more".to_owned(),
            days => format!("run for {days} days or more"),
        };
        let mut text = format!(
            "{ready} at {}. Patches that production would get: {} {run}, {} not. Patches run and not \
             promoted: {}.",
            self.at,
            self.proven,
            unproven.count(),
            self.of_kind(PromotionFindingKind::NotPromoted).count(),
        );
        if !self.unjudged.is_empty() {
            text += &format!(
                " Patches run and not in the catalog: {}.",
                self.unjudged.len()
            );
        }
        text += &format!(" Nodes: {} reported", self.nodes);
        match self.unknown_nodes {
            0 => text + ".",
            unknown => text + &format!(", {unknown} did not."),
        }
    }
}

impl PromotionFinding {
    /// The title if it names the patch, as it does on Linux; else the KB number.
    fn name(&self) -> &str {
        match self.title.starts_with(self.patch.as_str()) {
            true => &self.title,
            false => &self.patch,
        }
    }
}

impl fmt::Display for PromotionFindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InstallFailed => "its install failed",
            Self::NotApproved => "not approved in the earlier environment",
            Self::NotInstalled => "not installed yet",
            Self::PendingReboot => "waits for a reboot",
            Self::NewerInstalled => "a newer version is installed",
            Self::InstalledWithoutDate => "installed, not known since when",
            Self::TooRecent => "not run long enough",
            Self::NotApplicable => "needed by no node",
            Self::NotPromoted => "run, and production would not get it",
        })
    }
}

/// One line, such as `KB5034770: not run long enough: 2 nodes, since 2026-05-18T03:00:00Z`.
impl fmt::Display for PromotionFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.kind)?;
        match (self.nodes, self.since) {
            (0, _) => {}
            (nodes, Some(since)) => write!(f, ": {}, since {since}", Counted(nodes, "node"))?,
            (nodes, None) => write!(f, ": {}", Counted(nodes, "node"))?,
        }
        match self.reasons.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.reasons.join("; ")),
        }
    }
}

impl fmt::Display for PromotionCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(
            f,
            "Promotion of {} to {}: {}",
            self.earlier,
            self.later,
            self.summary()
        )?;
        for failure in &self.failures {
            writeln!(f, "  not read: {failure}")?;
        }
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        Ok(())
    }
}
