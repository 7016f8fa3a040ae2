use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::figures::Figure;
use super::words::{by_gravity, day, named, told_more};
use super::{ComplianceReport, ReportTotals};

/// How many missing patches are shown.
const MOST_PATCHES: usize = 20;

/// How many nodes are shown: about what an issue on GitHub holds.
const MOST_NODES: usize = 250;

/// How many characters of an error are shown, of its end: what went wrong stands last.
const MOST_OF_ERROR: usize = 300;

impl ComplianceReport {
    /// The report as Markdown, for a chat, an issue or a wiki; with the trend, where it was
    /// [set against](Self::with_previous) an earlier one. Of a large fleet it shows the 250 nodes
    /// that need attention most.
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
             reboot, {} have failed patches, {} open critical and {} open security patches.\n",
            totals.percent_compliant(),
            totals.nodes(),
            totals.compliant,
            totals.non_compliant,
            totals.unknown,
            totals.pending_reboot,
            totals.with_failed,
            totals.with_critical,
            totals.with_security,
        )?;
        self.list_trend(text)?;
        sums(text, "Patch group", &self.by_group)?;
        sums(text, "Operating system", &self.by_operating_system)?;
        self.list_severities(text)?;
        self.list_missing(text)?;
        self.list_failures(text)?;
        self.list_nodes(text)
    }

    fn list_trend(&self, text: &mut String) -> fmt::Result {
        let Some(earlier) = self.history.last() else {
            return Ok(());
        };
        let since = day(earlier.made_at);
        writeln!(text, "## Since {since}\n\n| | then | now | change |")?;
        text.write_str("|---|---:|---:|---|\n")?;
        for figure in Figure::ALL {
            let (name, unit) = (figure.name, figure.unit);
            let (then, now) = (figure.of(&earlier.totals), figure.of(&self.totals));
            let change = figure.change(&earlier.totals, &self.totals);
            writeln!(text, "| {name} | {then}{unit} | {now}{unit} | {change} |")?;
        }
        text.write_str("\n")?;
        if self.changes.is_empty() {
            return text.write_str("No node came, went or changed its verdict.\n\n");
        }
        text.write_str("| node | name | change | before | now | why |\n")?;
        text.write_str("|---|---|---|---|---|---|\n")?;
        for change in self.changes.iter().take(MOST_NODES) {
            let kind = change.kind.to_string();
            let shown = [
                &change.node,
                &change.name,
                &kind,
                &change.before,
                &change.now,
                &change.reason,
            ];
            row(text, shown)?;
        }
        more(text, self.changes.len().saturating_sub(MOST_NODES))?;
        text.write_str("\n")
    }

    fn list_severities(&self, text: &mut String) -> fmt::Result {
        if self.by_severity.is_empty() {
            return Ok(());
        }
        text.write_str("## Severities\n\n| severity | missing or failed patches |\n|---|---:|\n")?;
        for (severity, count) in by_gravity(&self.by_severity) {
            writeln!(text, "| {} | {count} |", cell(named(severity)))?;
        }
        text.write_str("\n")
    }

    fn list_missing(&self, text: &mut String) -> fmt::Result {
        if self.missing_patches.is_empty() {
            return Ok(());
        }
        text.write_str("## Missing patches\n\n")?;
        if let Some(told) = self.told_oldest() {
            writeln!(text, "{}\n", cell(&told))?;
        }
        text.write_str("| patch | severity | nodes | failed | released | advisories and CVEs |\n")?;
        text.write_str("|---|---|---:|---:|---|---|\n")?;
        for patch in self.missing_patches.iter().take(MOST_PATCHES) {
            let (nodes, failed) = (patch.nodes.to_string(), patch.failed.to_string());
            let released = patch.released.map(day).unwrap_or_default();
            let ids = patch.told_ids();
            let shown = [&patch.id, &patch.severity, &nodes, &failed, &released, &ids];
            row(text, shown)?;
        }
        match self.missing_patches.len().saturating_sub(MOST_PATCHES) {
            0 => text.write_str("\n"),
            more => writeln!(text, "\nand {more} more.\n"),
        }
    }

    fn list_failures(&self, text: &mut String) -> fmt::Result {
        let failed = self.nodes.iter().filter(|node| node.failed > 0);
        let left_out = failed.clone().count().saturating_sub(MOST_NODES);
        let mut failed = failed.take(MOST_NODES).peekable();
        if failed.peek().is_none() {
            return Ok(());
        }
        text.write_str("## Failed installs\n\n| node | name | failed | what the run said |\n")?;
        text.write_str("|---|---|---:|---|\n")?;
        for node in failed {
            let count = node.failed.to_string();
            let error = end_of(&node.error);
            row(text, [&node.node, &node.name, &count, &error])?;
        }
        more(text, left_out)?;
        text.write_str("\n")
    }

    fn list_nodes(&self, text: &mut String) -> fmt::Result {
        text.write_str("## Nodes\n\n| node | name | group | verdict | reason | by |\n")?;
        text.write_str("|---|---|---|---|---|---|\n")?;
        let (nodes, left_out) = self.shown_nodes(MOST_NODES);
        for node in nodes {
            let by = node.told_operation();
            let shown = [
                &node.node,
                &node.name,
                &node.group,
                &node.verdict,
                &node.reason,
                &by,
            ];
            row(text, shown)?;
        }
        more(text, left_out)
    }
}

fn more(text: &mut String, left_out: usize) -> fmt::Result {
    match told_more(left_out) {
        Some(told) => writeln!(text, "\n{told}"),
        None => Ok(()),
    }
}

fn row<const N: usize>(text: &mut String, cells: [&String; N]) -> fmt::Result {
    let cells = cells.map(|text| cell(text));
    writeln!(text, "| {} |", cells.join(" | "))
}

fn end_of(error: &str) -> String {
    let too_many = error.chars().count().saturating_sub(MOST_OF_ERROR);
    let end: String = error.chars().skip(too_many).collect();
    if too_many > 0 {
        format!("\u{2026}{end}")
    } else {
        end
    }
}

fn sums(text: &mut String, what: &str, rows: &BTreeMap<String, ReportTotals>) -> fmt::Result {
    writeln!(
        text,
        "## {what}s\n\n| {what} | nodes | compliant | non-compliant | unknown |"
    )?;
    text.write_str("|---|---:|---:|---:|---:|\n")?;
    for (name, totals) in rows {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            cell(named(name)),
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
