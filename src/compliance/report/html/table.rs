//! The tables of the page.

use std::fmt::{self, Write};

use super::{Escaped, Name};
use crate::compliance::report::words::{day, gravity, told_more};
use crate::compliance::{ComplianceReport, ReportNode};

/// The maximum number of missing patches shown.
const MOST_PATCHES: usize = 50;

/// The maximum number of nodes named for a missing patch; the table of nodes has the others.
const MOST_MISSING_ON: usize = 20;

/// The maximum number of nodes shown: as many as a browser sorts at once.
pub(crate) const MOST_NODES: usize = 5_000;

/// Columns of numbers, which are aligned right.
const NUMBERS: [&str; 2] = ["Nodes", "Failed"];

impl ComplianceReport {
    pub(super) fn write_missing(&self, page: &mut String) -> fmt::Result {
        if self.missing_patches.is_empty() {
            return Ok(());
        }
        let heads = [
            "Patch",
            "Title",
            "Severity",
            "Nodes",
            "Failed",
            "Released",
            "Advisories and CVEs",
            "Missing on",
        ];
        open(page, "Missing patches", &heads)?;
        for patch in self.missing_patches.iter().take(MOST_PATCHES) {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td><td data-sort=\"{}\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"long\">{}</td><td class=\"long\">{}</td></tr>",
                Name(&patch.id),
                Name(&patch.title),
                gravity(&patch.severity),
                Name(&patch.severity),
                patch.nodes,
                patch.failed,
                patch.released.map(day).unwrap_or_default(),
                Name(&patch.told_ids()),
                Name(&self.told_nodes(&patch.id)),
            )?;
        }
        close(page)?;
        self.write_missing_notes(page)
    }

    /// The nodes that miss a patch; the first ones by id.
    fn told_nodes(&self, patch: &str) -> String {
        let mut nodes = self.nodes_missing(patch).map(|node| node.node.as_str());
        let named: Vec<&str> = nodes.by_ref().take(MOST_MISSING_ON).collect();
        match nodes.count() {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    /// The age of the oldest, and the number of those not shown.
    fn write_missing_notes(&self, page: &mut String) -> fmt::Result {
        if let Some(oldest) = self.told_oldest() {
            writeln!(page, "<p class=\"note\">{}</p>", Name(&oldest))?;
        }
        match self.missing_patches.len().saturating_sub(MOST_PATCHES) {
            0 => Ok(()),
            more => writeln!(
                page,
                "<p class=\"note\">{more} more patches are missing on the same number of nodes or fewer.</p>"
            ),
        }
    }

    pub(super) fn write_failures(&self, page: &mut String) -> fmt::Result {
        let failed = self.nodes.iter().filter(|node| node.failed > 0);
        let left_out = failed.clone().count().saturating_sub(MOST_NODES);
        let mut failed = failed.take(MOST_NODES).peekable();
        if failed.peek().is_none() {
            return Ok(());
        }
        let heads = ["Node", "Name", "Failed", "Output of the run", "Source"];
        open(page, "Failed installs", &self.heads(&heads))?;
        for row in failed {
            node(page, &row.node, &row.name)?;
            write!(
                page,
                "<td class=\"number\">{}</td><td class=\"long\">",
                row.failed
            )?;
            write_error(page, row)?;
            page.write_str("</td>")?;
            self.write_source(page, &row.source)?;
            page.write_str("</tr>\n")?;
        }
        close(page)?;
        more(page, left_out)
    }

    /// The verdict is near the left, to be visible on a phone.
    pub(super) fn write_nodes(&self, page: &mut String) -> fmt::Result {
        let heads = [
            "Node",
            "Name",
            "Verdict",
            "Reason",
            "Patches",
            "Source",
            "Last operation",
            "Group",
            "System",
            "Baseline",
        ];
        open(page, "Nodes", &self.heads(&heads))?;
        let (nodes, left_out) = self.shown_nodes(MOST_NODES);
        for row in nodes {
            node(page, &row.node, &row.name)?;
            let verdict = Escaped(&row.verdict);
            let last = row.last_operation.map(|at| at.to_string());
            write!(
                page,
                "<td class=\"{verdict}\">{verdict}</td><td class=\"long\">{}</td>",
                Name(&row.told_reason())
            )?;
            write_patches(page, row)?;
            self.write_source(page, &row.source)?;
            writeln!(
                page,
                "<td data-sort=\"{}\">{}</td><td>{}</td><td class=\"long\">{}</td><td title=\"{}\">{}</td></tr>",
                last.unwrap_or_default(),
                Escaped(&row.told_operation()),
                Name(&row.group),
                Name(&row.operating_system),
                Escaped(&row.baseline),
                Escaped(row.baseline_id()),
            )?;
        }
        close(page)?;
        more(page, left_out)
    }

    /// The cell of a source, if nodes come from several.
    pub(super) fn write_source(&self, page: &mut String, source: &str) -> fmt::Result {
        if self.has_sources() {
            write!(page, "<td>{}</td>", Name(source))?;
        }
        Ok(())
    }

    /// These column heads, without the source if all nodes come from one.
    pub(super) fn heads<'a>(&self, heads: &[&'a str]) -> Vec<&'a str> {
        let shown = |head: &&&str| self.has_sources() || **head != "Source";
        heads.iter().filter(shown).copied().collect()
    }
}

/// The start of a node's row.
pub(crate) fn node(page: &mut String, id: &str, name: &str) -> fmt::Result {
    let (id, name) = (Escaped(id), Name(name));
    write!(
        page,
        "<tr><th scope=\"row\">{id}</th><td class=\"name\">{name}</td>"
    )
}

/// The number of missing or failed patches of a node, with their ids in an expandable part.
fn write_patches(page: &mut String, row: &ReportNode) -> fmt::Result {
    let count = row.missing_ids.len() + row.failed_ids.len();
    if count == 0 {
        return page.write_str("<td data-sort=\"0\"></td>");
    }
    let ids = row.told_patches();
    write!(
        page,
        "<td class=\"long\" data-sort=\"{count}\"><details><summary>{count}</summary>{}</details></td>",
        Name(&ids)
    )
}

/// The last line of an error, which says most, with the whole text in an expandable part.
fn write_error(page: &mut String, node: &ReportNode) -> fmt::Result {
    let mut lines = node.error.lines().filter(|line| !line.trim().is_empty());
    let last = lines.next_back().unwrap_or("not known");
    if lines.next().is_none() {
        return write!(page, "{}", Name(last));
    }
    let (last, all) = (Name(last), Name(&node.error));
    write!(
        page,
        "<details><summary>{last}</summary><pre>{all}</pre></details>"
    )
}

/// A table that scrolls sideways itself, so that the page does not.
pub(crate) fn open(page: &mut String, heading: &str, heads: &[&str]) -> fmt::Result {
    let id = heading.to_lowercase().replace(' ', "-");
    writeln!(page, "<h2 id=\"{id}\">{heading}</h2>")?;
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}\">\n<table class=\"sortable\" aria-labelledby=\"{id}\">\n<thead><tr>"
    )?;
    for head in heads {
        let class = if NUMBERS.contains(head) {
            " class=\"number\""
        } else {
            ""
        };
        write!(page, "<th scope=\"col\"{class}>{head}</th>")?;
    }
    page.write_str("</tr></thead>\n<tbody>\n")
}

/// The line below a table that says how many rows it leaves out.
pub(crate) fn more(page: &mut String, left_out: usize) -> fmt::Result {
    match told_more(left_out) {
        Some(told) => writeln!(page, "<p class=\"note\">{told}</p>"),
        None => Ok(()),
    }
}

pub(crate) fn close(page: &mut String) -> fmt::Result {
    page.write_str("</tbody>\n</table>\n</div>\n")
}
