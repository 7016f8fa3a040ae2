//! The report as one page that needs nothing else.

mod chart;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use self::chart::Bar;
use super::{ComplianceReport, ReportTotals};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// How many missing patches are shown.
const MOST_PATCHES: usize = 50;

/// Text as it stands in a page: nothing of it is markup.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl ComplianceReport {
    /// The report as one page of HTML: no network, light or dark as the reader has it, readable on
    /// a phone, with keyboard and screen reader. Tables sort where scripts may run, and read as
    /// well where they may not.
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        // Writing into a String does not fail.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        let title = Escaped(&self.title);
        page.write_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
        page.write_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n")?;
        page.write_str(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
        )?;
        writeln!(
            page,
            "<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>"
        )?;
        let made = self.made_at.strftime("%Y-%m-%d %H:%M UTC");
        writeln!(
            page,
            "<body>\n<main>\n<h1>{title}</h1>\n<p>Patch compliance, {made}</p>"
        )?;
        self.write_figures(page)?;
        write_sums(page, "Patch groups", &self.by_group)?;
        write_sums(page, "Operating systems", &self.by_operating_system)?;
        self.write_missing(page)?;
        self.write_nodes(page)?;
        writeln!(
            page,
            "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
        )
    }

    fn write_figures(&self, page: &mut String) -> fmt::Result {
        let totals = &self.totals;
        page.write_str("<dl>\n")?;
        let compliant = format!("{} %", totals.percent_compliant());
        for (name, figure) in [
            ("nodes comply", compliant.as_str()),
            ("compliant", &totals.compliant.to_string()),
            ("non-compliant", &totals.non_compliant.to_string()),
            ("unknown", &totals.unknown.to_string()),
            ("wait for a reboot", &totals.pending_reboot.to_string()),
            ("with failed patches", &totals.with_failed.to_string()),
        ] {
            writeln!(
                page,
                "<div><dt>{name}</dt><dd class=\"{name}\">{figure}</dd></div>"
            )?;
        }
        page.write_str("</dl>\n")?;
        write!(page, "{}", Bar::of("All nodes", totals))?;
        if let Some(oldest) = self.oldest_missing()
            && let Some(released) = oldest.released
        {
            let (id, released) = (Escaped(&oldest.id), released.strftime("%Y-%m-%d"));
            writeln!(
                page,
                "<p>The oldest missing patch is {id}, released on {released}.</p>"
            )?;
        }
        Ok(())
    }

    fn write_missing(&self, page: &mut String) -> fmt::Result {
        if self.missing_patches.is_empty() {
            return Ok(());
        }
        let heads = ["Patch", "Title", "Severity", "Nodes", "Released"];
        open_table(page, "Missing patches", &heads)?;
        for patch in self.missing_patches.iter().take(MOST_PATCHES) {
            let released = patch.released.map(|at| at.strftime("%Y-%m-%d").to_string());
            writeln!(
                page,
                "<tr><td>{}</td><td class=\"long\">{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>",
                Escaped(&patch.id),
                Escaped(&patch.title),
                Escaped(&patch.severity),
                patch.nodes,
                released.unwrap_or_default(),
            )?;
        }
        close_table(page)
    }

    fn write_nodes(&self, page: &mut String) -> fmt::Result {
        let heads = [
            "Node",
            "Name",
            "Group",
            "System",
            "Verdict",
            "Reason",
            "Last operation",
        ];
        open_table(page, "Nodes", &heads)?;
        for node in &self.nodes {
            let last = node
                .last_operation
                .map(|at| at.strftime("%Y-%m-%d %H:%M").to_string());
            let verdict = Escaped(&node.verdict);
            writeln!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"long\">{}</td><td class=\"{verdict}\">{verdict}</td><td class=\"long\">{}</td><td>{}</td></tr>",
                Escaped(&node.node),
                Escaped(&node.name),
                Escaped(&node.group),
                Escaped(&node.operating_system),
                Escaped(&node.reason),
                last.unwrap_or_default(),
            )?;
        }
        close_table(page)
    }
}

/// A bar for each group or system, under one heading.
fn write_sums(
    page: &mut String,
    heading: &str,
    rows: &BTreeMap<String, ReportTotals>,
) -> fmt::Result {
    writeln!(page, "<h2>{heading}</h2>")?;
    for (name, totals) in rows {
        let name = if name.is_empty() { "(none)" } else { name };
        write!(page, "{}", Bar::of(name, totals))?;
    }
    Ok(())
}

/// A table that scrolls by itself, so that the page never does sideways.
fn open_table(page: &mut String, heading: &str, heads: &[&str]) -> fmt::Result {
    let id = heading.to_lowercase().replace(' ', "-");
    writeln!(page, "<h2 id=\"{id}\">{heading}</h2>")?;
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}\">\n<table class=\"sortable\">\n<thead><tr>"
    )?;
    for head in heads {
        let class = if *head == "Nodes" {
            " class=\"number\""
        } else {
            ""
        };
        write!(page, "<th scope=\"col\"{class}>{head}</th>")?;
    }
    page.write_str("</tr></thead>\n<tbody>\n")
}

fn close_table(page: &mut String) -> fmt::Result {
    page.write_str("</tbody>\n</table>\n</div>\n")
}
