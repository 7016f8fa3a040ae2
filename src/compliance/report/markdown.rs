use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{ComplianceReport, ReportTotals};

/// How many missing patches are shown.
const MOST_PATCHES: usize = 20;

impl ComplianceReport {
    /// The report as Markdown, for a chat, an issue or a wiki.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = self.write_markdown(&mut text);
        text
    }

    fn write_markdown(&self, text: &mut String) -> fmt::Result {
        let totals = &self.totals;
        writeln!(text, "# {}\n\n{}\n", cell(&self.title), self.made_at)?;
        writeln!(
            text,
            "**{} % of {} nodes comply**: {} compliant, {} non-compliant, {} unknown; {} wait for a \
             reboot, {} have failed patches.\n",
            totals.percent_compliant(),
            totals.nodes(),
            totals.compliant,
            totals.non_compliant,
            totals.unknown,
            totals.pending_reboot,
            totals.with_failed,
        )?;
        sums(text, "Patch group", &self.by_group)?;
        sums(text, "Operating system", &self.by_operating_system)?;
        self.write_missing_list(text)?;
        text.write_str("## Nodes\n\n| node | name | group | verdict | reason |\n")?;
        text.write_str("|---|---|---|---|---|\n")?;
        for node in &self.nodes {
            let shown = [
                &node.node,
                &node.name,
                &node.group,
                &node.verdict,
                &node.reason,
            ];
            let shown: Vec<String> = shown.into_iter().map(|text| cell(text)).collect();
            writeln!(text, "| {} |", shown.join(" | "))?;
        }
        Ok(())
    }

    fn write_missing_list(&self, text: &mut String) -> fmt::Result {
        if self.missing_patches.is_empty() {
            return Ok(());
        }
        text.write_str("## Missing patches\n\n| patch | severity | nodes | released |\n")?;
        text.write_str("|---|---|---:|---|\n")?;
        for patch in self.missing_patches.iter().take(MOST_PATCHES) {
            let (id, severity) = (cell(&patch.id), cell(&patch.severity));
            let released = patch.released.map(|at| at.strftime("%Y-%m-%d").to_string());
            let released = released.unwrap_or_default();
            writeln!(text, "| {id} | {severity} | {} | {released} |", patch.nodes)?;
        }
        text.write_str("\n")
    }
}

fn sums(text: &mut String, what: &str, rows: &BTreeMap<String, ReportTotals>) -> fmt::Result {
    writeln!(
        text,
        "## {what}s\n\n| {what} | nodes | compliant | non-compliant | unknown |"
    )?;
    text.write_str("|---|---:|---:|---:|---:|\n")?;
    for (name, totals) in rows {
        let name = if name.is_empty() { "(none)" } else { name };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            cell(name),
            totals.nodes(),
            totals.compliant,
            totals.non_compliant,
            totals.unknown
        )?;
    }
    text.write_str("\n")
}

/// Text that stays text in a table: no column, no line, no markup of its own.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}
