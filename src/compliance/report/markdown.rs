use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::figures::Figure;
use super::words::{by_gravity, day, named, shown_sums, told_more};
use super::{ComplianceReport, NodeChange, ReportNode, ReportTotals};
use crate::visible::visible;

/// The maximum number of bytes of the text: an issue on GitHub holds 65,536 characters.
const MOST: usize = 65_000;

/// The maximum number of bytes of a table's rows. The last table, of the nodes, uses the rest,
/// which is at least about 15,000.
const MOST_OF_TABLE: usize = 6_000;

/// The maximum number of missing patches shown.
const MOST_PATCHES: usize = 20;

/// The maximum number of nodes shown, if they fit.
const MOST_NODES: usize = 250;

/// The maximum number of groups, systems or sources shown.
const MOST_SUMS: usize = 50;

/// The maximum number of characters of a text.
const MOST_OF_TEXT: usize = 300;

impl ComplianceReport {
    /// The report as Markdown, for a chat, an issue or a wiki. If there is a [previous
    /// report](Self::with_previous), it shows the trend.
    ///
    /// It has at most 65,000 bytes, so it fits in an issue on GitHub. It shows at most 250 nodes,
    /// those that need attention most, and each table says how many rows it leaves out. Names are
    /// plain text: they cannot be markup, link anywhere or notify anybody.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = self.write_markdown(&mut text);
        text
    }

    fn write_markdown(&self, text: &mut String) -> fmt::Result {
        let totals = &self.totals;
        writeln!(text, "# {}\n\n{}\n", cell(&self.title), self.made_at)?;
        if !self.question.is_empty() {
            writeln!(text, "Query: {}\n", cell(&self.question))?;
        }
        self.list_lacking(text)?;
        writeln!(
            text,
            "**{}**: {} compliant, {} non-compliant, {} unknown. Nodes that wait for a reboot: {}; with \
             failed patches: {}; with patches of compliance level CRITICAL: {}; with open security \
             patches: {}.\n",
            self.told_share(),
            totals.compliant,
            totals.non_compliant,
            totals.unknown,
            totals.pending_reboot,
            totals.with_failed,
            Figure::CRITICAL.told(totals),
            Figure::SECURITY.told(totals),
        )?;
        self.list_trend(text)?;
        if self.has_sources() {
            self.list_sources(text)?;
        }
        sums(text, "Patch group", &self.by_group)?;
        sums(text, "Operating system", &self.by_operating_system)?;
        self.list_severities(text)?;
        self.list_missing(text)?;
        self.list_failures(text)?;
        self.list_nodes(text)
    }

    /// The failures, if there are any.
    fn list_lacking(&self, text: &mut String) -> fmt::Result {
        if self.failures.is_empty() {
            return Ok(());
        }
        text.write_str("## Not everything could be read\n\n")?;
        let lines = self.failures.iter();
        let lines = lines.map(|failure| format!("- {}\n", cell(&failure.to_string())));
        let shown = fitting(text, lines, MOST_OF_TABLE);
        more(text, self.failures.len() - shown)?;
        text.write_str("\n")
    }

    fn list_trend(&self, text: &mut String) -> fmt::Result {
        let Some(earlier) = self.history.last() else {
            return Ok(());
        };
        writeln!(text, "## Since {}\n", day(earlier.made_at))?;
        if let Some(told) = self.told_other_question() {
            writeln!(text, "{}\n", cell(&told))?;
        }
        text.write_str("| | then | now | change |\n|---|---:|---:|---|\n")?;
        for figure in Figure::ALL {
            let (then, now) = (figure.told(&earlier.totals), figure.told(&self.totals));
            let change = figure.change(&earlier.totals, &self.totals);
            writeln!(text, "| {} | {then} | {now} | {change} |", figure.name)?;
        }
        text.write_str("\n")?;
        if self.changes.is_empty() {
            return text.write_str("No node was added, was removed or changed its verdict.\n\n");
        }
        text.write_str("| node | name | change | before | now | why |\n")?;
        text.write_str("|---|---|---|---|---|---|\n")?;
        let rows = self.changes.iter().take(MOST_NODES).map(changed);
        let shown = fitting(text, rows, MOST_OF_TABLE);
        more(text, self.changes.len() - shown)?;
        text.write_str("\n")
    }

    /// The sources, after how many answered.
    fn list_sources(&self, text: &mut String) -> fmt::Result {
        text.write_str("## Sources\n\n")?;
        if let Some(answered) = self.answered_sources() {
            writeln!(text, "{answered}.\n")?;
        }
        text.write_str("| Source | answer | nodes | compliant | non-compliant | unknown |\n")?;
        text.write_str("|---|---|---:|---:|---:|---:|\n")?;
        let sources = self.source_sums();
        let rows = sources.iter().take(MOST_SUMS).map(|source| {
            let answer = match source.error {
                Some(error) => format!("not all nodes were listed: {error}"),
                None => "answered".to_owned(),
            };
            let totals = &source.totals;
            let [nodes, compliant, non_compliant, unknown] = [
                totals.nodes(),
                totals.compliant,
                totals.non_compliant,
                totals.unknown,
            ]
            .map(|count| count.to_string());
            row([
                source.name,
                &answer,
                &nodes,
                &compliant,
                &non_compliant,
                &unknown,
            ])
        });
        let shown = fitting(text, rows, MOST_OF_TABLE);
        more(text, sources.len() - shown)?;
        text.write_str("\n")
    }

    fn list_severities(&self, text: &mut String) -> fmt::Result {
        if self.by_severity.is_empty() {
            return Ok(());
        }
        text.write_str("## Severities\n\n| vendor's severity | missing or failed patches |\n")?;
        text.write_str("|---|---:|\n")?;
        let severities = by_gravity(&self.by_severity);
        let rows = severities.iter();
        let rows = rows.map(|(name, count)| row([named(name), &count.to_string()]));
        let shown = fitting(text, rows, MOST_OF_TABLE);
        more(text, severities.len() - shown)?;
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
        let rows = self.missing_patches.iter().take(MOST_PATCHES).map(|patch| {
            let (nodes, failed) = (patch.nodes.to_string(), patch.failed.to_string());
            let released = patch.released.map(day).unwrap_or_default();
            let ids = patch.told_ids();
            row([&patch.id, &patch.severity, &nodes, &failed, &released, &ids])
        });
        let shown = fitting(text, rows, MOST_OF_TABLE);
        more(text, self.missing_patches.len() - shown)?;
        text.write_str("\n")
    }

    fn list_failures(&self, text: &mut String) -> fmt::Result {
        let failed = self.nodes.iter().filter(|node| node.failed > 0);
        let count = failed.clone().count();
        if count == 0 {
            return Ok(());
        }
        text.write_str("## Failed installs\n\n| node | name | failed | output of the run |\n")?;
        text.write_str("|---|---|---:|---|\n")?;
        let rows = failed.take(MOST_NODES).map(|node| {
            let error = end_of(&node.error);
            let failed = node.failed.to_string();
            row([
                &told_node(&node.source, &node.node),
                &node.name,
                &failed,
                &error,
            ])
        });
        let shown = fitting(text, rows, MOST_OF_TABLE);
        more(text, count - shown)?;
        text.write_str("\n")
    }

    fn list_nodes(&self, text: &mut String) -> fmt::Result {
        text.write_str("## Nodes\n\n| node | name | group | verdict | reason | by |\n")?;
        text.write_str("|---|---|---|---|---|---|\n")?;
        // The rest, less the line about the rows left out.
        let room = MOST.saturating_sub(text.len() + 100);
        let mut most = MOST_NODES;
        loop {
            let (nodes, left_out) = self.shown_nodes(most);
            let rows: String = nodes.into_iter().map(listed).collect();
            if rows.len() <= room || most == 0 {
                text.write_str(&rows)?;
                return more(text, left_out);
            }
            most -= most.div_ceil(8);
        }
    }
}

fn changed(change: &NodeChange) -> String {
    row([
        &told_node(&change.source, &change.node),
        &change.name,
        &change.kind.to_string(),
        &change.before,
        &change.now,
        &change.reason,
    ])
}

fn listed(node: &ReportNode) -> String {
    row([
        &told_node(&node.source, &node.node),
        &node.name,
        &node.group,
        &node.verdict,
        &node.told_reason(),
        &node.told_operation(),
    ])
}

/// A node, after its source if it has one.
fn told_node(source: &str, node: &str) -> String {
    match source {
        "" => node.to_owned(),
        source => format!("{source} {node}"),
    }
}

/// Writes lines up to the first that does not fit this number of bytes, and returns how many.
fn fitting(text: &mut String, lines: impl Iterator<Item = String>, most: usize) -> usize {
    let end = text.len() + most;
    let mut shown = 0;
    for line in lines {
        if text.len() + line.len() > end {
            break;
        }
        text.push_str(&line);
        shown += 1;
    }
    shown
}

fn more(text: &mut String, left_out: usize) -> fmt::Result {
    match told_more(left_out) {
        Some(told) => writeln!(text, "\n{told}"),
        None => Ok(()),
    }
}

fn row<const N: usize>(cells: [&str; N]) -> String {
    let cells = cells.map(cell);
    format!("| {} |\n", cells.join(" | "))
}

/// The end of an error text, which has the cause.
fn end_of(error: &str) -> String {
    let too_many = error.chars().count().saturating_sub(MOST_OF_TEXT - 1);
    let end: String = error.chars().skip(too_many).collect();
    if too_many > 0 {
        format!("\u{2026}{end}")
    } else {
        end
    }
}

fn sums(text: &mut String, what: &str, sums: &BTreeMap<String, ReportTotals>) -> fmt::Result {
    writeln!(
        text,
        "## {what}s\n\n| {what} | nodes | compliant | non-compliant | unknown |"
    )?;
    text.write_str("|---|---:|---:|---:|---:|\n")?;
    let rows = shown_sums(sums, MOST_SUMS)
        .into_iter()
        .map(|(name, totals)| {
            let counts = [
                totals.nodes(),
                totals.compliant,
                totals.non_compliant,
                totals.unknown,
            ];
            let [nodes, compliant, non_compliant, unknown] = counts.map(|count| count.to_string());
            row([named(name), &nodes, &compliant, &non_compliant, &unknown])
        });
    let shown = fitting(text, rows, MOST_OF_TABLE);
    more(text, sums.len() - shown)?;
    text.write_str("\n")
}

/// Text escaped for a table cell: it makes no column, line, markup, link or mention. A zero-width
/// space breaks what GitHub links in plain text.
pub(crate) fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut chars = visible(text);
    for c in chars.by_ref().take(MOST_OF_TEXT) {
        match c {
            '\n' | '\r' | '\t' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '$' => escaped.push_str("&#36;"),
            '@' => escaped.push_str("@&#8203;"),
            '/' if escaped.ends_with(':') => escaped.push_str("&#8203;/"),
            '.' if ends_with_www(&escaped) => escaped.push_str("&#8203;."),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    if chars.next().is_some() {
        escaped.push('\u{2026}');
    }
    escaped
}

fn ends_with_www(text: &str) -> bool {
    let end = text
        .len()
        .checked_sub(3)
        .and_then(|place| text.get(place..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}
