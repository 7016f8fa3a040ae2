//! The forecast as a page of HTML, in the style of the compliance reports.

use std::fmt::{self, Write};

use super::forecast::{Forecast, ForecastInstall, UncoveredNode};
use super::forecast_text::named;
use super::month_html::{STYLE, write_months};
use crate::compliance::html::table::Table;
use crate::compliance::html::{Name, Page, WithIds, minute, write_figures};

/// The most bytes of the rows of a table.
const MOST_BYTES: usize = 600_000;

impl Forecast {
    /// The forecast as one page of HTML. It needs no network, and works as the page of a
    /// [compliance report](crate::compliance::ComplianceReport::to_html) does.
    ///
    /// What needs attention comes first: windows that are too short, nodes on which nothing installs, what
    /// is still missing at the end. Then come a calendar of the first month and of each month with an
    /// install, 36 at most, and the installs, those that fail first. A table has at most 5,000 rows, or
    /// fewer if their texts are long. The page says what it leaves out; the JSON and the text have
    /// everything.
    pub fn to_html(&self) -> String {
        let line = format!(
            "From {} until {} UTC",
            minute(self.from),
            minute(self.until)
        );
        let mut page = Page::new("Forecast of patching", &line, STYLE);
        // Writing into a String does not fail.
        let _ = self.write_parts(&mut page);
        page.finish()
    }

    fn write_parts(&self, page: &mut Page) -> fmt::Result {
        self.write_unread(page)?;
        self.write_figures(page)?;
        self.write_windows(page)?;
        self.write_uncovered(page)?;
        self.write_possible_policies(page)?;
        self.write_missing(page)?;
        self.write_non_compliant(page)?;
        self.write_calendar(page)?;
        self.write_installs(page)
    }

    fn write_unread(&self, page: &mut Page) -> fmt::Result {
        let unknown = match self.unknown.is_empty() {
            true => None,
            false => Some(format!(
                "Nodes that never reported, so that it is not known what they lack: {}",
                named(&self.unknown)
            )),
        };
        let lines: Vec<String> = self
            .unread
            .iter()
            .map(ToString::to_string)
            .chain(unknown)
            .collect();
        if lines.is_empty() {
            return Ok(());
        }
        page.heading("What the forecast does not know")?;
        page.write_str("<ul class=\"warning\">\n")?;
        for line in &lines {
            writeln!(page, "<li>{}</li>", WithIds(line))?;
        }
        page.write_str("</ul>\n")
    }

    fn write_figures(&self, page: &mut Page) -> fmt::Result {
        let reboots = self.installs.iter().filter(|install| install.reboots);
        let totals = &self.report.totals;
        let figures = [
            ("installs", "", self.installs.len()),
            ("reboots", "", reboots.count()),
            ("scans", "", self.scans),
            ("windows too short", "unknown", self.short_windows.len()),
            ("without installs", "unknown", self.uncovered.len()),
            ("compliant at the end", "compliant", totals.compliant),
            (
                "non-compliant at the end",
                "non-compliant",
                totals.non_compliant,
            ),
            ("unknown at the end", "unknown", totals.unknown),
        ];
        write_figures(page, "Figures", &figures)
    }

    /// A table for each month in which something is installed, with a row for each week of the forecast.
    fn write_calendar(&self, page: &mut Page) -> fmt::Result {
        let days = self.calendar().into_iter();
        let days = days
            .map(|(date, installs)| (date, day(&installs)))
            .collect();
        write_months(page, (self.from, self.until), &days, "installs")
    }

    /// The installs by time, those first that fail or do not reach their node.
    fn write_installs(&self, page: &mut Page) -> fmt::Result {
        let mut rows: Vec<&ForecastInstall> = self.installs.iter().collect();
        rows.sort_by_key(|install| !install.is_in_trouble());
        let installs = Table {
            heading: "Installs",
            heads: &["Start", "Node", "Schedule", "End", "What it does"],
            most_bytes: MOST_BYTES,
        };
        installs.write(page, &rows, |page, install| {
            let start = install.started.unwrap_or(install.requested);
            writeln!(
                page,
                "<tr><th scope=\"row\" data-sort=\"{start}\">{}</th><td>{}</td><td class=\"long\">{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                minute(start),
                Name(install.node.as_str()),
                Name(&install.schedule.to_string()),
                install.ended.map(minute).unwrap_or_default(),
                WithIds(&install.effect()),
            )
        })
    }

    fn write_windows(&self, page: &mut Page) -> fmt::Result {
        let windows = Table {
            heading: "Windows that are too short",
            heads: &["Window", "Opens", "Closes", "What does not fit"],
            most_bytes: MOST_BYTES,
        };
        windows.write(page, &self.short_windows, |page, window| {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                Name(&window.name),
                minute(window.opens),
                minute(window.closes),
                WithIds(&window.effect()),
            )
        })
    }

    fn write_uncovered(&self, page: &mut Page) -> fmt::Result {
        let mut rows: Vec<&UncoveredNode> = self.uncovered.iter().collect();
        rows.sort_by_key(|node| !node.scanned_by.is_empty());
        let uncovered = Table {
            heading: "Nodes on which no schedule installs",
            heads: &["Node", "Scanned by"],
            most_bytes: MOST_BYTES,
        };
        uncovered.write(page, &rows, |page, node| {
            let scanned = match node.scanned_by.is_empty() {
                true => "nothing".to_owned(),
                false => named(&node.scanned_by),
            };
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td></tr>",
                Name(node.node.as_str()),
                Name(&scanned),
            )
        })
    }

    fn write_possible_policies(&self, page: &mut Page) -> fmt::Result {
        for policy in &self.possible_policies {
            writeln!(
                page,
                "<p>Without the patch policy {}: whether this account is in its organizational units is \
                 not known.</p>",
                Name(policy)
            )?;
        }
        Ok(())
    }

    fn write_non_compliant(&self, page: &mut Page) -> fmt::Result {
        let nodes: Vec<_> = self.non_compliant().collect();
        let non_compliant = Table {
            heading: "Not compliant at the end",
            heads: &["Node", "Why"],
            most_bytes: MOST_BYTES,
        };
        non_compliant.write(page, &nodes, |page, node| {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td></tr>",
                Name(node.node.as_str()),
                WithIds(&node.reason),
            )
        })
    }

    /// What is missing, the approved patches first: they make a node non-compliant.
    fn write_missing(&self, page: &mut Page) -> fmt::Result {
        let rows = self.missing.iter();
        let rows = rows.flat_map(|node| node.patches.iter().map(move |patch| (&node.node, patch)));
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(_, patch)| !patch.is_approved);
        let missing = Table {
            heading: "Still missing at the end",
            heads: &["Node", "Patch", "Title", "Approved", "Why it is missing"],
            most_bytes: MOST_BYTES,
        };
        missing.write(page, &rows, |page, (node, patch)| {
            let (class, approved) = match patch.is_approved {
                true => ("non-compliant", "yes"),
                false => ("", "no"),
            };
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"long\">{}</td><td class=\"{class}\">{approved}</td><td class=\"long\">{}</td></tr>",
                Name(node.as_str()),
                Name(&patch.patch),
                Name(&patch.title),
                WithIds(&patch.why),
            )
        })
    }
}

/// What a day's cell says, as HTML.
fn day(installs: &[&ForecastInstall]) -> String {
    let patches: usize = installs.iter().map(|install| install.installs.len()).sum();
    let reboots = installs.iter().filter(|install| install.reboots).count();
    let fails = installs
        .iter()
        .filter(|one| !one.fails.is_empty() || !one.error.is_empty());
    let mut cell = format!("{} installs, {patches} patches", installs.len());
    if reboots > 0 {
        cell += &format!("<br><span class=\"reboots\">{reboots} reboots</span>");
    }
    match fails.count() {
        0 => cell,
        count => format!("{cell}<br><span class=\"fails\">{count} fail</span>"),
    }
}
