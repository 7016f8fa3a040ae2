//! The report as one self-contained HTML page.

mod chart;
pub(crate) mod table;
mod trend;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use self::chart::{Bar, Share};
use super::figures::Figure;
pub(crate) use super::words::minute;
use super::words::{by_gravity, named, shown_sums};
use super::{ComplianceReport, ReportFailure, ReportTotals};
use crate::visible::visible;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The maximum number of groups, systems or sources with a bar.
const MOST_BARS: usize = 50;

/// The maximum number of listed failures.
const MOST_FAILURES: usize = 100;

/// The figures in the colour of a verdict.
const VERDICTS: [&str; 3] = ["compliant", "non-compliant", "unknown"];

/// Text escaped for the page: no markup, and no characters that change the text direction.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in visible(self.0) {
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

/// A user's name, isolated so that its text direction does not change the text around it.
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_ascii() {
            return Escaped(self.0).fmt(f);
        }
        write!(f, "<bdi>{}</bdi>", Escaped(self.0))
    }
}

/// The beginning of a self-contained page in the style of the reports, up to the line below its title.
/// `style` comes after the common rules.
pub(crate) fn begin(page: &mut String, title: &str, line: &str, style: &str) -> fmt::Result {
    page.write_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    page.write_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n")?;
    page.write_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
    writeln!(
        page,
        "<title>{}</title>\n<style>\n{STYLE}{style}</style>\n</head>",
        Escaped(title)
    )?;
    writeln!(
        page,
        "<body>\n<main>\n<h1>{}</h1>\n<p>{}</p>",
        Name(title),
        Name(line)
    )
}

/// The end of a page, with the script that sorts its tables.
pub(crate) fn end(page: &mut String) -> fmt::Result {
    writeln!(
        page,
        "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
    )
}

/// The failures of a report, if there are any.
pub(crate) fn write_failures(page: &mut String, failures: &[ReportFailure]) -> fmt::Result {
    if failures.is_empty() {
        return Ok(());
    }
    page.write_str("<h2>Not everything could be read</h2>\n<ul class=\"warning\">\n")?;
    for failure in failures.iter().take(MOST_FAILURES) {
        writeln!(page, "<li>{}</li>", Name(&failure.to_string()))?;
    }
    page.write_str("</ul>\n")?;
    table::more(page, failures.len().saturating_sub(MOST_FAILURES))
}

impl ComplianceReport {
    /// The report as one page of HTML. It needs no network, follows the reader's light or dark
    /// mode, and works on a phone, with a keyboard and with a screen reader. Tables can be sorted
    /// if scripts may run. If there is a [previous report](Self::with_previous), the page shows the
    /// trend. For a large fleet it shows the 5,000 nodes that need attention most.
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        // Writing into a String does not fail.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        let made = format!("Patch compliance, {} UTC", minute(self.made_at));
        begin(page, &self.title, &made, "")?;
        if !self.question.is_empty() {
            writeln!(page, "<p>Query: {}</p>", Name(&self.question))?;
        }
        write_failures(page, &self.failures)?;
        self.write_figures(page)?;
        self.write_trend(page)?;
        if self.has_sources() {
            write_sums(page, "Sources", &self.by_source)?;
        }
        write_sums(page, "Patch groups", &self.by_group)?;
        write_sums(page, "Operating systems", &self.by_operating_system)?;
        self.write_severities(page)?;
        self.write_missing(page)?;
        self.write_failures(page)?;
        self.write_nodes(page)?;
        end(page)
    }

    fn write_figures(&self, page: &mut String) -> fmt::Result {
        page.write_str("<dl>\n")?;
        for figure in Figure::ALL.iter().filter(|figure| figure.name != "nodes") {
            let (name, number) = (figure.name, figure.told(&self.totals));
            let class = if VERDICTS.contains(&name) { name } else { "" };
            write!(
                page,
                "<div><dt>{name}</dt><dd class=\"{class}\">{number}</dd>"
            )?;
            if let Some(earlier) = self.history.last() {
                let change = figure.change(&earlier.totals, &self.totals);
                write!(page, "<dd class=\"change {}\">{change}</dd>", change.judged)?;
            }
            page.write_str("</div>\n")?;
        }
        page.write_str("</dl>\n")?;
        write!(page, "{}", Bar::of("All nodes", &self.totals))
    }

    /// A heading and a bar for each severity.
    fn write_severities(&self, page: &mut String) -> fmt::Result {
        if self.by_severity.is_empty() {
            return Ok(());
        }
        page.write_str("<h2>Missing and failed patches by the vendor&#39;s severity</h2>\n")?;
        let most = self.by_severity.values().copied().max().unwrap_or_default();
        for (severity, count) in by_gravity(&self.by_severity) {
            write!(page, "{}", Share::of(named(severity), count, most))?;
        }
        Ok(())
    }
}

/// A heading and a bar for each group or system.
fn write_sums(
    page: &mut String,
    heading: &str,
    rows: &BTreeMap<String, ReportTotals>,
) -> fmt::Result {
    writeln!(page, "<h2>{heading}</h2>")?;
    for (name, totals) in shown_sums(rows, MOST_BARS) {
        write!(page, "{}", Bar::of(named(name), totals))?;
    }
    table::more(page, rows.len().saturating_sub(MOST_BARS))
}
