//! The evidence as one self-contained HTML page.

use std::fmt::{self, Write};

use super::evidence::{DeadlineReport, DeadlineState, NodeDeadline, PatchDeadline};
use crate::compliance::html::table::{self, Table};
use crate::compliance::html::{
    Escaped, Name, Page, WithIds, minute, write_failures, write_figures,
};

impl DeadlineReport {
    /// The evidence as one page of HTML, in the style of
    /// [`ComplianceReport::to_html`](crate::compliance::ComplianceReport::to_html): the figures, the
    /// patches that are or will be overdue, every node with its baseline and the operation that its
    /// state rests on, and the deadlines. The worst come first. For a large fleet a table has the 5,000
    /// worst rows, or fewer if their texts are long, and the page at most 3 MB.
    pub fn to_html(&self) -> String {
        let made = format!("Patch deadlines, {} UTC", minute(self.made_at));
        let mut page = Page::new(&self.title, &made, "");
        // Writing into a String does not fail.
        let _ = self.write_parts(&mut page);
        page.finish()
    }

    fn write_parts(&self, page: &mut Page) -> fmt::Result {
        write_failures(page, &self.failures)?;
        self.write_figures(page)?;
        self.write_overdue(page)?;
        self.write_all(page)?;
        page.heading("Deadlines")?;
        page.write_str("<ul>\n")?;
        for rule in &self.deadlines.rules {
            writeln!(page, "<li>{}</li>", Name(&rule.to_string()))?;
        }
        page.write_str("</ul>\n")
    }

    fn write_figures(&self, page: &mut Page) -> fmt::Result {
        let totals = &self.totals;
        let figures = [
            ("overdue", "non-compliant", totals.overdue),
            (
                "overdue before the next install",
                "unknown",
                totals.overdue_before_install,
            ),
            ("unknown", "unknown", totals.unknown),
            ("open", "", totals.open),
            ("no deadline", "", totals.no_deadline),
            ("met", "compliant", totals.met),
            ("overdue patches", "", totals.overdue_patches),
        ];
        write_figures(page, "Verdict", &figures)
    }

    /// The patches that are overdue, or will be before the next install, the longest overdue first.
    pub(crate) fn write_overdue(&self, page: &mut Page) -> fmt::Result {
        let late = self.nodes.iter().flat_map(|node| {
            let patches = node.patches.iter().map(move |patch| (node, patch));
            patches.filter(|(_, patch)| patch.state < DeadlineState::Unknown)
        });
        let mut late: Vec<(&NodeDeadline, &PatchDeadline)> = late.collect();
        late.sort_by_key(|(_, patch)| (patch.state, patch.due));
        let overdue = Table {
            heading: "Overdue patches",
            heads: &[
                "Node", "Name", "Patch", "Severity", "State", "Due", "Released", "Title", "Source",
            ],
            most_bytes: 300_000,
        };
        overdue.write(page, &late, |page, (node, patch)| {
            table::node(page, &node.node, &node.name)?;
            writeln!(
                page,
                "<td>{}</td><td>{}</td><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td class=\"long\">{}</td><td>{}</td></tr>",
                Name(&patch.id),
                Name(&patch.severity),
                class(patch.state),
                patch.state,
                patch.due.map(minute).unwrap_or_default(),
                patch.released.map(minute).unwrap_or_default(),
                Name(&patch.title),
                Name(&node.source),
            )
        })
    }

    fn write_all(&self, page: &mut Page) -> fmt::Result {
        let all = Table {
            heading: "Nodes",
            heads: &[
                "Node",
                "Name",
                "State",
                "Reason",
                "Due",
                "Group",
                "System",
                "Baseline",
                "Rests on",
                "Next install",
                "Source",
            ],
            most_bytes: 2_000_000,
        };
        all.write(page, &self.nodes, write_node)
    }
}

fn write_node(page: &mut Page, node: &NodeDeadline) -> fmt::Result {
    table::node(page, &node.node, &node.name)?;
    let rests_on = match node.last_operation {
        Some(at) => format!("{} {}", node.operation, minute(at)),
        None => String::new(),
    };
    let baseline = match node.baseline_name.as_str() {
        "" => node.baseline.rsplit('/').next().unwrap_or_default(),
        name => name,
    };
    writeln!(
        page,
        "<td class=\"{}\">{}</td><td class=\"long\">{}</td><td>{}</td><td>{}</td><td>{}</td><td title=\"{}\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        class(node.state),
        node.state,
        WithIds(&node.reason),
        node.due.map(minute).unwrap_or_default(),
        Name(&node.group),
        Name(&node.operating_system),
        Escaped(&node.baseline),
        Name(baseline),
        Escaped(rests_on.trim()),
        node.next_install.map(minute).unwrap_or_default(),
        Name(&node.source),
    )
}

/// The colour of a state.
fn class(state: DeadlineState) -> &'static str {
    match state {
        DeadlineState::Overdue => "non-compliant",
        DeadlineState::OverdueBeforeInstall | DeadlineState::Unknown => "unknown",
        DeadlineState::Open | DeadlineState::NoDeadline => "",
        DeadlineState::Met => "compliant",
    }
}
