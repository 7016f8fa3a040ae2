//! The evidence as one self-contained HTML page.

use std::fmt::{self, Write};

use super::evidence::{DeadlineReport, DeadlineState, NodeDeadline, PatchDeadline};
use crate::compliance::html::{self, Escaped, Name, minute, table};

/// The maximum number of overdue patches shown; the rows of their nodes name them as well.
const MOST_PATCHES: usize = 5_000;

impl DeadlineReport {
    /// The evidence as one page of HTML, in the style of
    /// [`ComplianceReport::to_html`](crate::compliance::ComplianceReport::to_html): the figures, the
    /// deadlines, the patches that are or will be overdue, and every node with its baseline and the
    /// operation that its state rests on. For a large fleet it shows the 5,000 worst.
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        // Writing into a String does not fail.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        let made = format!("Patch deadlines, {} UTC", minute(self.made_at));
        html::begin(page, &self.title, &made, "")?;
        html::write_failures(page, &self.failures)?;
        self.write_figures(page)?;
        page.write_str("<h2>Deadlines</h2>\n<ul>\n")?;
        for rule in &self.deadlines.rules {
            writeln!(page, "<li>{}</li>", Name(&rule.to_string()))?;
        }
        page.write_str("</ul>\n")?;
        self.write_late(page)?;
        self.write_all(page)?;
        html::end(page)
    }

    fn write_figures(&self, page: &mut String) -> fmt::Result {
        let totals = &self.totals;
        page.write_str("<dl>\n")?;
        for (name, count, class) in [
            ("overdue", totals.overdue, "non-compliant"),
            (
                "overdue before the next install",
                totals.overdue_before_install,
                "unknown",
            ),
            ("unknown", totals.unknown, "unknown"),
            ("open", totals.open, ""),
            ("no deadline", totals.no_deadline, ""),
            ("met", totals.met, "compliant"),
            ("overdue patches", totals.overdue_patches, ""),
        ] {
            writeln!(
                page,
                "<div><dt>{name}</dt><dd class=\"{class}\">{count}</dd></div>"
            )?;
        }
        page.write_str("</dl>\n")
    }

    /// The patches that are overdue, or will be before the next install.
    fn write_late(&self, page: &mut String) -> fmt::Result {
        let late = self.nodes.iter().flat_map(|node| {
            let patches = node.patches.iter().map(move |patch| (node, patch));
            patches.filter(|(_, patch)| patch.state < DeadlineState::Unknown)
        });
        let mut late: Vec<(&NodeDeadline, &PatchDeadline)> = late.collect();
        if late.is_empty() {
            return Ok(());
        }
        late.sort_by_key(|(_, patch)| (patch.state, patch.due));
        let heads = [
            "Node", "Name", "Patch", "Severity", "State", "Due", "Released", "Title", "Source",
        ];
        table::open(page, "Overdue patches", &heads)?;
        for (node, patch) in late.iter().take(MOST_PATCHES) {
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
            )?;
        }
        table::close(page)?;
        table::more(page, late.len().saturating_sub(MOST_PATCHES))
    }

    fn write_all(&self, page: &mut String) -> fmt::Result {
        let heads = [
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
        ];
        table::open(page, "Nodes", &heads)?;
        for node in self.nodes.iter().take(table::MOST_NODES) {
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
                Name(&node.reason),
                node.due.map(minute).unwrap_or_default(),
                Name(&node.group),
                Name(&node.operating_system),
                Escaped(&node.baseline),
                Name(baseline),
                Escaped(rests_on.trim()),
                node.next_install.map(minute).unwrap_or_default(),
                Name(&node.source),
            )?;
        }
        table::close(page)?;
        table::more(page, self.nodes.len().saturating_sub(table::MOST_NODES))
    }
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
