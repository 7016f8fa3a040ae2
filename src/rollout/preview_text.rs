//! The preview of a rollout as text and as Markdown.

use std::fmt::{self, Write};

use jiff::Timestamp;

use super::event::counted;
use super::gate::listed;
use super::{NodePreview, RolloutPreview, WavePreview};
use crate::compliance::markdown_cell;
use crate::lines::Lines;

impl WavePreview {
    /// What the gate says, in words.
    fn gate_text(&self) -> String {
        let health = match self.asks_health_check {
            true => ", if the health check finds it healthy",
            false => "",
        };
        match &self.gate {
            Some(gate) if gate.failures.is_empty() => format!("passed{health}"),
            Some(gate) => gate.to_string(),
            None => "not reached".to_owned(),
        }
    }
}

impl WavePreview {
    fn write(&self, f: &mut impl Write, indent: &str) -> fmt::Result {
        write!(f, "{indent}{}: {}", self.name, counted(self.nodes.len()))?;
        match (self.starts, self.install_time()) {
            (Some(starts), Some(time)) => writeln!(
                f,
                ", patches to install: {}, nodes to reboot: {}, from {starts} for about {time:#}",
                self.installations(),
                self.rebooting().count(),
            )?,
            (Some(starts), None) => writeln!(f, ", none patched, from {starts}")?,
            (None, _) => writeln!(f, ", not reached")?,
        }
        if !self.starts_instances.is_empty() {
            writeln!(f, "{indent}  starts {}", listed(&self.starts_instances))?;
        }
        for node in &self.nodes {
            writeln!(f, "{indent}  {} {node}", node.node)?;
        }
        writeln!(f, "{indent}  gate {}", self.gate_text())
    }
}

/// Such as `installs openssl.x86_64-3.2.2-1.amzn2023.0.3; reboots`.
impl fmt::Display for NodePreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.installs.is_empty() {
            parts.push(format!("installs {}", self.installs.join(", ")));
        }
        if !self.fails.is_empty() {
            parts.push(format!("fails to install {}", self.fails.join(", ")));
        }
        if self.reboots {
            parts.push("reboots".to_owned());
        }
        parts.extend(self.problem.clone());
        if parts.is_empty() {
            let nothing = if self.ends.is_some() {
                "installs nothing"
            } else {
                "not reached"
            };
            parts.push(nothing.to_owned());
        }
        f.write_str(&parts.join("; "))
    }
}

/// A line for the wave, one for each of its nodes, and one for its gate.
impl fmt::Display for WavePreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(&mut Lines::to(f), "")
    }
}

/// A line for the rollout, and for each wave one, one for its gate, and one for each of its nodes.
impl fmt::Display for RolloutPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(
            f,
            "preview of rollout {} from {} until {}: {}",
            self.name,
            self.from,
            self.until,
            self.verdict()
        )?;
        for unread in &self.unread {
            writeln!(f, "  without: {unread}")?;
        }
        if !self.unknown.is_empty() {
            writeln!(f, "  patches not known: {}", listed(&self.unknown))?;
        }
        for wave in &self.waves {
            wave.write(f, "  ")?;
        }
        Ok(())
    }
}

impl RolloutPreview {
    /// The preview as Markdown: a table of the waves, one of the patches of each wave, and one of
    /// the nodes that reboot or do not succeed, at most 100 rows each.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        self.write_markdown(&mut text).unwrap_or_default();
        text
    }

    /// How it ends, in words.
    fn verdict(&self) -> String {
        let failed: Vec<&str> = self.failed_gates().map(|(wave, _)| wave).collect();
        match failed.is_empty() {
            true => self.status.to_string(),
            false => format!("gates fail: {}", failed.join(", ")),
        }
    }

    fn write_markdown(&self, text: &mut String) -> fmt::Result {
        let (name, verdict) = (markdown_cell(&self.name), self.verdict());
        writeln!(
            text,
            "# Preview of rollout {name}: {}\n",
            markdown_cell(&verdict)
        )?;
        for unread in &self.unread {
            writeln!(text, "Without: {}\n", markdown_cell(&unread.to_string()))?;
        }
        if !self.unknown.is_empty() {
            writeln!(text, "Patches not known: {}\n", listed(&self.unknown))?;
        }
        writeln!(
            text,
            "| wave | nodes | patches | reboots | starts | patched | ends | gate |"
        )?;
        writeln!(text, "|---|--:|--:|--:|---|---|---|---|")?;
        for wave in &self.waves {
            let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
            writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                markdown_cell(&wave.name),
                wave.nodes.len(),
                wave.installations(),
                wave.rebooting().count(),
                instant(wave.starts),
                instant(wave.installed),
                instant(wave.ends),
                markdown_cell(&wave.gate_text()),
            )?;
        }
        let patches = self.waves.iter().flat_map(|wave| {
            let patches = wave.nodes_by_patch().into_iter();
            patches.map(move |(patch, nodes)| {
                let (wave, patch) = (markdown_cell(&wave.name), markdown_cell(patch));
                format!("| {wave} | {patch} | {} |", nodes.len())
            })
        });
        rows(
            text,
            "| wave | patch | nodes |\n|---|---|--:|",
            patches.collect(),
        )?;
        let nodes = self.waves.iter().flat_map(|wave| {
            let nodes = wave.nodes.iter();
            let nodes = nodes.filter(|one| one.reboots || one.problem.is_some());
            nodes.map(move |node| {
                let (wave, effect) = (markdown_cell(&wave.name), node.to_string());
                format!("| {wave} | {} | {} |", node.node, markdown_cell(&effect))
            })
        });
        rows(
            text,
            "| wave | node | effect |\n|---|---|---|",
            nodes.collect(),
        )
    }
}

/// A table of the first rows, if there are any.
fn rows(text: &mut String, head: &str, rows: Vec<String>) -> fmt::Result {
    const SHOWN: usize = 100;
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{head}")?;
    for row in rows.iter().take(SHOWN) {
        writeln!(text, "{row}")?;
    }
    match rows.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(text, "\n{more} more rows are not shown."),
    }
}
