//! The tables of the page.

use std::fmt::{self, Write};

use super::Escaped;
use crate::compliance::report::words::{day, told_more};
use crate::compliance::{ComplianceReport, ReportNode};

/// How many missing patches are shown.
const MOST_PATCHES: usize = 50;

/// How many nodes are shown: as many as a browser sorts at once.
pub(super) const MOST_NODES: usize = 5_000;

/// Columns of numbers, which stand on the right.
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
        ];
        open(page, "Missing patches", &heads)?;
        for patch in self.missing_patches.iter().take(MOST_PATCHES) {
            writeln!(
                page,
                "<tr><td>{}</td><td class=\"long\">{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                Escaped(&patch.id),
                Escaped(&patch.title),
                Escaped(&patch.severity),
                patch.nodes,
                patch.failed,
                patch.released.map(day).unwrap_or_default(),
                Escaped(&patch.told_ids()),
            )?;
        }
        close(page)?;
        self.write_missing_notes(page)
    }

    /// How old they are, and whether there are more than are shown.
    fn write_missing_notes(&self, page: &mut String) -> fmt::Result {
        if let Some(oldest) = self.told_oldest() {
            writeln!(page, "<p class=\"note\">{}</p>", Escaped(&oldest))?;
        }
        match self.missing_patches.len().saturating_sub(MOST_PATCHES) {
            0 => Ok(()),
            more => writeln!(
                page,
                "<p class=\"note\">{more} more are missing on as few nodes or fewer.</p>"
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
        let heads = ["Node", "Name", "Failed", "What the run said"];
        open(page, "Failed installs", &heads)?;
        for node in failed {
            let (id, name) = (Escaped(&node.node), Escaped(&node.name));
            write!(
                page,
                "<tr><td>{id}</td><td>{name}</td><td class=\"number\">{}</td><td class=\"long\">",
                node.failed
            )?;
            write_error(page, node)?;
            page.write_str("</td></tr>\n")?;
        }
        close(page)?;
        more(page, left_out)
    }

    pub(super) fn write_nodes(&self, page: &mut String) -> fmt::Result {
        let heads = [
            "Node",
            "Name",
            "Group",
            "System",
            "Verdict",
            "Reason",
            "Last operation",
            "Baseline",
        ];
        open(page, "Nodes", &heads)?;
        let (nodes, left_out) = self.shown_nodes(MOST_NODES);
        for node in nodes {
            let verdict = Escaped(&node.verdict);
            writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"long\">{}</td><td class=\"{verdict}\">{verdict}</td><td class=\"long\">{}</td><td>{}</td><td>{}</td></tr>",
                Escaped(&node.node),
                Escaped(&node.name),
                Escaped(&node.group),
                Escaped(&node.operating_system),
                Escaped(&node.reason),
                Escaped(&node.told_operation()),
                Escaped(&node.baseline),
            )?;
        }
        close(page)?;
        more(page, left_out)
    }
}

/// The last line of an error, which tells most, and all of it where it is asked for.
fn write_error(page: &mut String, node: &ReportNode) -> fmt::Result {
    let mut lines = node.error.lines().filter(|line| !line.trim().is_empty());
    let last = lines.next_back().unwrap_or("not known");
    if lines.next().is_none() {
        return write!(page, "{}", Escaped(last));
    }
    let (last, all) = (Escaped(last), Escaped(&node.error));
    write!(
        page,
        "<details><summary>{last}</summary><pre>{all}</pre></details>"
    )
}

/// A table that scrolls by itself, so that the page never does sideways.
pub(super) fn open(page: &mut String, heading: &str, heads: &[&str]) -> fmt::Result {
    let id = heading.to_lowercase().replace(' ', "-");
    writeln!(page, "<h2 id=\"{id}\">{heading}</h2>")?;
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}\">\n<table class=\"sortable\">\n<thead><tr>"
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

/// That a table leaves so many out, below it.
pub(super) fn more(page: &mut String, left_out: usize) -> fmt::Result {
    match told_more(left_out) {
        Some(told) => writeln!(page, "<p class=\"note\">{told}</p>"),
        None => Ok(()),
    }
}

pub(super) fn close(page: &mut String) -> fmt::Result {
    page.write_str("</tbody>\n</table>\n</div>\n")
}
