//! The tables of the compliance report.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::{self, Write};

use super::table::{self, Table};
use super::{Escaped, Id, Name, Page, WithIds};
use crate::compliance::report::words::{SourceSums, day, gravity};
use crate::compliance::{ComplianceReport, MissingPatch, ReportNode};

/// The maximum number of missing patches shown.
const MOST_PATCHES: usize = 500;

/// The maximum number of nodes named for a missing patch; the table of nodes has the others.
const MOST_MISSING_ON: usize = 20;

/// The first nodes that miss a patch, and how many more do.
#[derive(Default)]
struct MissingOn<'a> {
    first: Vec<&'a str>,
    more: usize,
}

impl ComplianceReport {
    /// The missing patches, by severity and then by their number of nodes.
    pub(super) fn write_missing(&self, page: &mut Page) -> fmt::Result {
        let mut patches: Vec<&MissingPatch> = self.missing_patches.iter().collect();
        patches.sort_by_cached_key(|patch| (gravity(&patch.severity), Reverse(patch.nodes)));
        let left_out = patches.len().saturating_sub(MOST_PATCHES);
        patches.truncate(MOST_PATCHES);
        let nodes = self.missing_on(&patches);
        let missing = Table {
            heading: "Missing patches",
            heads: &[
                "Patch",
                "Title",
                "Severity",
                "Nodes",
                "Failed",
                "Released",
                "Advisories and CVEs",
                "Missing on",
            ],
            most_bytes: 250_000,
        };
        missing.write(page, &patches, |page, patch| {
            write!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td><td data-sort=\"{}\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"long\">",
                Name(&patch.id),
                Name(&patch.title),
                gravity(&patch.severity),
                Name(&patch.severity),
                patch.nodes,
                patch.failed,
                patch.released.map(day).unwrap_or_default(),
            )?;
            let (ids, more) = patch.first_ids();
            write_ids(page, ids.iter().copied(), more)?;
            page.write_str("</td><td class=\"long\">")?;
            if let Some(on) = nodes.get(patch.id.as_str()) {
                write_ids(page, on.first.iter().copied(), on.more)?;
            }
            page.write_str("</td></tr>\n")
        })?;
        table::more(page, left_out)?;
        match self.told_oldest() {
            Some(oldest) => writeln!(page, "<p class=\"note\">{}</p>", WithIds(&oldest)),
            None => Ok(()),
        }
    }

    /// The nodes that miss each of these patches, the first ones by id. One pass: asking each patch for
    /// its nodes would take a pass for each.
    fn missing_on<'a>(&'a self, patches: &[&'a MissingPatch]) -> HashMap<&'a str, MissingOn<'a>> {
        let patches = patches.iter();
        let mut nodes: HashMap<&str, MissingOn<'_>> = patches
            .map(|patch| (patch.id.as_str(), MissingOn::default()))
            .collect();
        for node in &self.nodes {
            let failed = node.failed_ids.iter();
            // A node can miss one version of a patch, and another can have failed.
            let failed = failed.filter(|id| !node.missing_ids.contains(id));
            for id in node.missing_ids.iter().chain(failed) {
                match nodes.get_mut(id.as_str()) {
                    Some(on) if on.first.len() < MOST_MISSING_ON => on.first.push(&node.node),
                    Some(on) => on.more += 1,
                    None => {}
                }
            }
        }
        nodes
    }

    pub(super) fn write_failed(&self, page: &mut Page, nodes: &[&ReportNode]) -> fmt::Result {
        let nodes = nodes.iter().filter(|node| node.failed > 0);
        let mut failed: Vec<&ReportNode> = nodes.copied().collect();
        failed.sort_by_key(|node| Reverse(node.failed));
        let installs = Table {
            heading: "Failed installs",
            heads: &self.heads(&["Node", "Name", "Failed", "Output of the run", "Source"]),
            most_bytes: 250_000,
        };
        installs.write(page, &failed, |page, row| {
            table::node(page, &row.node, &row.name)?;
            write!(
                page,
                "<td class=\"number\">{}</td><td class=\"long\">",
                row.failed
            )?;
            write_error(page, row)?;
            page.write_str("</td>")?;
            self.write_source(page, &row.source)?;
            page.write_str("</tr>\n")
        })
    }

    /// The sources: those that did not answer, then by the nodes that need attention.
    pub(super) fn write_sources(&self, page: &mut Page) -> fmt::Result {
        let sources = Table {
            heading: "Sources",
            heads: &[
                "Source",
                "Answer",
                "Non-compliant",
                "Unknown",
                "Compliant",
                "Nodes",
                "Comply",
            ],
            most_bytes: 100_000,
        };
        sources.write(page, &self.source_sums(), write_source_sums)?;
        match self.answered_sources() {
            Some(answered) => writeln!(page, "<p class=\"note\">{answered}.</p>"),
            None => Ok(()),
        }
    }

    /// The verdict is near the left, to be visible on a phone.
    pub(super) fn write_nodes(&self, page: &mut Page, nodes: &[&ReportNode]) -> fmt::Result {
        let all = Table {
            heading: "Nodes",
            heads: &self.heads(&[
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
            ]),
            most_bytes: 1_650_000,
        };
        all.write(page, nodes, |page, row| {
            table::node(page, &row.node, &row.name)?;
            let verdict = Escaped(&row.verdict);
            let last = row.last_operation.map(|at| at.to_string());
            write!(
                page,
                "<td class=\"{verdict}\">{verdict}</td><td class=\"long\">{}</td>",
                WithIds(&row.told_reason())
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
            )
        })
    }

    /// The cell of a source, if nodes come from several.
    pub(super) fn write_source(&self, page: &mut Page, source: &str) -> fmt::Result {
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

fn write_source_sums(page: &mut Page, source: &SourceSums<'_>) -> fmt::Result {
    let totals = &source.totals;
    write!(page, "<tr><th scope=\"row\">{}</th>", Name(source.name))?;
    match source.error {
        Some(error) => write!(
            page,
            "<td class=\"long non-compliant\">not all nodes were listed: {}</td>",
            WithIds(error)
        )?,
        None => page.write_str("<td>answered</td>")?,
    }
    for count in [
        totals.non_compliant,
        totals.unknown,
        totals.compliant,
        totals.nodes(),
    ] {
        write!(page, "<td class=\"number\">{count}</td>")?;
    }
    match totals.nodes() {
        0 => page.write_str("<td class=\"number\"></td></tr>\n"),
        _ => writeln!(
            page,
            "<td class=\"number\">{} %</td></tr>",
            totals.percent_compliant()
        ),
    }
}

/// Ids, none of which breaks across lines, and how many more there are.
fn write_ids<'a>(page: &mut Page, ids: impl Iterator<Item = &'a str>, more: usize) -> fmt::Result {
    for (place, id) in ids.enumerate() {
        let before = if place == 0 { "" } else { ", " };
        write!(page, "{before}{}", Id(id))?;
    }
    match more {
        0 => Ok(()),
        more => write!(page, " and {more} more"),
    }
}

/// The number of missing or failed patches of a node, with their ids in an expandable part.
fn write_patches(page: &mut Page, row: &ReportNode) -> fmt::Result {
    let count = row.missing_ids.len() + row.failed_ids.len();
    if count == 0 {
        return page.write_str("<td data-sort=\"0\"></td>");
    }
    write!(
        page,
        "<td class=\"long\" data-sort=\"{count}\"><details><summary>{count}</summary>"
    )?;
    let ids = row.missing_ids.iter().chain(&row.failed_ids);
    write_ids(page, ids.map(String::as_str), 0)?;
    page.write_str("</details></td>")
}

/// The last line of an error, which says most, with the whole text in an expandable part.
fn write_error(page: &mut Page, node: &ReportNode) -> fmt::Result {
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
