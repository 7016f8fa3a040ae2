//! The report as one self-contained HTML page.

mod chart;
mod page;
mod report_tables;
pub(crate) mod table;
mod trend;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

use self::chart::{Bar, Share};
pub(crate) use self::page::Page;
use super::figures::Figure;
pub(crate) use super::words::minute;
use super::words::{by_gravity, named, shown_sums};
use super::{ComplianceReport, ReportFailure, ReportTotals};
use crate::compliance::{DeadlineReport, ReportNode};
use crate::visible::visible;

/// The maximum number of groups or systems with a bar.
const MOST_BARS: usize = 50;

/// The number of bars before the folded ones.
const FIRST_BARS: usize = 10;

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

/// An id, which does not break across lines.
pub(crate) struct Id<'a>(pub(crate) &'a str);

impl Display for Id<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<code>{}</code>", Name(self.0))
    }
}

/// The architectures at the end of the id of a Linux package, `name.arch`.
const ARCHITECTURES: [&str; 8] = [
    "x86_64", "noarch", "aarch64", "i686", "i386", "amd64", "arm64", "all",
];

/// Text with the ids of nodes and patches in it, which do not break across lines.
pub(crate) struct WithIds<'a>(pub(crate) &'a str);

impl Display for WithIds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let isolated = !self.0.is_ascii();
        if isolated {
            f.write_str("<bdi>")?;
        }
        for word in self.0.split_inclusive(' ') {
            let id = word.trim_end_matches([' ', ',', ';', ':', '.', ')']);
            let rest = word.strip_prefix(id).unwrap_or_default();
            match is_id(id) {
                true => write!(f, "{}{}", Id(id), Escaped(rest))?,
                false => Escaped(word).fmt(f)?,
            }
        }
        if isolated {
            f.write_str("</bdi>")?;
        }
        Ok(())
    }
}

/// Whether a word is the id of a node, a KB number or `name.arch`.
fn is_id(word: &str) -> bool {
    let node = word.strip_prefix("i-").or_else(|| word.strip_prefix("mi-"));
    let is_node = node
        .is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let kb = word.strip_prefix("KB");
    let is_kb =
        kb.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let package = word.rsplit_once('.');
    is_node || is_kb || package.is_some_and(|(_, arch)| ARCHITECTURES.contains(&arch))
}

/// A heading and figures: the name of each, the class of its colour, and its number. A 0 has no colour.
pub(crate) fn write_figures(
    page: &mut Page,
    heading: &str,
    figures: &[(&str, &str, usize)],
) -> fmt::Result {
    page.heading(heading)?;
    page.write_str("<dl>\n")?;
    for (name, class, number) in figures {
        let class = if *number == 0 { "" } else { class };
        writeln!(
            page,
            "<div><dt>{name}</dt><dd class=\"{class}\">{number}</dd></div>"
        )?;
    }
    page.write_str("</dl>\n")
}

/// The failures of a report, if there are any.
pub(crate) fn write_failures(page: &mut Page, failures: &[ReportFailure]) -> fmt::Result {
    if failures.is_empty() {
        return Ok(());
    }
    page.heading("Not everything could be read")?;
    page.write_str("<ul class=\"warning\">\n")?;
    for failure in failures.iter().take(MOST_FAILURES) {
        writeln!(page, "<li>{}</li>", WithIds(&failure.to_string()))?;
    }
    page.write_str("</ul>\n")?;
    table::more(page, failures.len().saturating_sub(MOST_FAILURES))
}

impl ComplianceReport {
    /// The report as one page of HTML: the verdict, the missing patches, the failed installs, the
    /// sources, groups and systems, the nodes, and last the trend if there is a
    /// [previous report](Self::with_previous). In each part the worst comes first.
    ///
    /// It needs no network, follows the reader's light or dark mode, and works on a phone, with a
    /// keyboard and with a screen reader. The rows of a table after the 20th are folded. If scripts may
    /// run, tables can be sorted and filtered. For a large fleet a table has the 5,000 worst rows, or
    /// fewer if their texts are long: 100,000 nodes are a page of at most 3 MB. It says how many rows it
    /// leaves out.
    pub fn to_html(&self) -> String {
        self.page(None)
    }

    /// The same page with the [deadlines](Self::deadlines) of this report: what is overdue comes
    /// before the missing patches.
    ///
    /// ```
    /// use aws_patch_manager::compliance::{ComplianceReport, Deadlines, NodeCompliance};
    /// use aws_patch_manager::jiff::Timestamp;
    ///
    /// let mut report = ComplianceReport::builder("Production", Timestamp::UNIX_EPOCH);
    /// report.node(&NodeCompliance::unknown("i-0123456789abcdef0"));
    /// let report = report.build();
    /// let judged = report.deadlines(&Deadlines::new().critical(14))?;
    /// assert!(report.to_html_with_deadlines(&judged).contains("nodes overdue"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn to_html_with_deadlines(&self, deadlines: &DeadlineReport) -> String {
        self.page(Some(deadlines))
    }

    fn page(&self, deadlines: Option<&DeadlineReport>) -> String {
        let made = format!("Patch compliance, {} UTC", minute(self.made_at));
        let mut page = Page::new(&self.title, &made, "");
        if !self.question.is_empty() {
            page.line(&format!("Query: {}", self.question));
        }
        // Writing into a String does not fail.
        let _ = self.write_parts(&mut page, deadlines);
        page.finish()
    }

    fn write_parts(&self, page: &mut Page, deadlines: Option<&DeadlineReport>) -> fmt::Result {
        let nodes: Vec<&ReportNode> = self.worst_nodes();
        write_failures(page, &self.failures)?;
        self.write_verdict(page, deadlines)?;
        if let Some(deadlines) = deadlines {
            deadlines.write_overdue(page)?;
        }
        self.write_missing(page)?;
        self.write_severities(page)?;
        self.write_failed(page, &nodes)?;
        if self.has_sources() {
            self.write_sources(page)?;
        }
        write_sums(page, "Patch groups", &self.by_group)?;
        write_sums(page, "Operating systems", &self.by_operating_system)?;
        self.write_nodes(page, &nodes)?;
        self.write_trend(page)
    }

    fn write_verdict(&self, page: &mut Page, deadlines: Option<&DeadlineReport>) -> fmt::Result {
        page.heading("Verdict")?;
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
        if let Some(deadlines) = deadlines {
            let overdue = deadlines.totals.overdue;
            writeln!(
                page,
                "<div><dt>nodes overdue</dt><dd class=\"non-compliant\">{overdue}</dd></div>"
            )?;
        }
        page.write_str("</dl>\n")?;
        if let Some(answered) = self.answered_sources() {
            let class = match self.failures.is_empty() {
                true => "note",
                false => "warning",
            };
            writeln!(page, "<p class=\"{class}\">{answered}.</p>")?;
        }
        write!(page, "{}", Bar::of("All nodes", &self.totals))
    }

    /// A heading and a bar for each severity of the missing and failed patches.
    fn write_severities(&self, page: &mut Page) -> fmt::Result {
        if self.by_severity.is_empty() {
            return Ok(());
        }
        let heading = "Patches by the vendor&#39;s severity";
        page.heading_with_id("severities", heading)?;
        let most = self.by_severity.values().copied().max().unwrap_or_default();
        for (severity, count) in by_gravity(&self.by_severity) {
            write!(page, "{}", Share::of(named(severity), count, most))?;
        }
        Ok(())
    }
}

/// A heading and a bar for each group or system, the worst first.
fn write_sums(
    page: &mut Page,
    heading: &str,
    rows: &BTreeMap<String, ReportTotals>,
) -> fmt::Result {
    page.heading(heading)?;
    let sums = shown_sums(rows, MOST_BARS);
    for (place, (name, totals)) in sums.iter().enumerate() {
        if place == FIRST_BARS {
            let folded = sums.len().saturating_sub(FIRST_BARS);
            let summary = format!("<summary>{heading}: {folded} more</summary>");
            writeln!(page, "<details class=\"rest\">\n{summary}")?;
        }
        write!(page, "{}", Bar::of(named(name), totals))?;
    }
    if sums.len() > FIRST_BARS {
        page.write_str("</details>\n")?;
    }
    table::more(page, rows.len().saturating_sub(MOST_BARS))
}
