//! The forecast as a page of HTML, in the style of the compliance reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use jiff::ToSpan;
use jiff::civil::Date;

use super::forecast::{Forecast, ForecastInstall};
use super::forecast_text::named;
use crate::compliance::html::{Name, begin, end, minute, table};

const STYLE: &str = include_str!("forecast.css");

/// The most months of the calendar.
const MOST_MONTHS: usize = 36;

/// The most rows of a table.
const MOST_ROWS: usize = 5_000;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Forecast {
    /// The forecast as one page of HTML. It needs no network, and works as the page of a
    /// [compliance report](crate::compliance::ComplianceReport::to_html) does.
    ///
    /// It has a calendar of the first month and of each month with an install, 36 at most; a table has at
    /// most 5,000 rows. The page says what it leaves out; the JSON and the text have everything.
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        // Writing into a String does not fail.
        let _ = self.write_page(&mut page);
        page
    }

    fn write_page(&self, page: &mut String) -> fmt::Result {
        let line = format!(
            "From {} until {} UTC",
            minute(self.from),
            minute(self.until)
        );
        begin(page, "Forecast of patching", &line, STYLE)?;
        self.write_unread(page)?;
        self.write_figures(page)?;
        self.write_calendar(page)?;
        self.write_installs(page)?;
        self.write_windows(page)?;
        self.write_uncovered(page)?;
        self.write_possible_policies(page)?;
        self.write_missing(page)?;
        self.write_non_compliant(page)?;
        end(page)
    }

    fn write_unread(&self, page: &mut String) -> fmt::Result {
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
        page.write_str("<h2>What the forecast does not know</h2>\n<ul class=\"warning\">\n")?;
        for line in &lines {
            writeln!(page, "<li>{}</li>", Name(line))?;
        }
        page.write_str("</ul>\n")
    }

    fn write_figures(&self, page: &mut String) -> fmt::Result {
        let reboots = self.installs.iter().filter(|install| install.reboots);
        let totals = &self.report.totals;
        page.write_str("<dl>\n")?;
        for (name, class, number) in [
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
        ] {
            writeln!(
                page,
                "<div><dt>{name}</dt><dd class=\"{class}\">{number}</dd></div>"
            )?;
        }
        page.write_str("</dl>\n")
    }

    /// A table for each month in which something is installed, with a row for each week of the forecast.
    fn write_calendar(&self, page: &mut String) -> fmt::Result {
        let zone = jiff::tz::TimeZone::UTC;
        let first = self.from.to_zoned_datetime(zone.clone()).date();
        let last = self.until.to_zoned_datetime(zone).date();
        let days = self.calendar();
        let with_installs = days.keys().copied();
        let months: BTreeSet<Date> = std::iter::once(first)
            .chain(with_installs)
            .map(Date::first_of_month)
            .collect();
        for month in months.iter().take(MOST_MONTHS) {
            write_month(page, *month, (first, last), &days)?;
        }
        match months.len().saturating_sub(MOST_MONTHS) {
            0 => Ok(()),
            more => writeln!(
                page,
                "<p class=\"note\">{more} later months with installs are left out.</p>"
            ),
        }
    }

    fn write_installs(&self, page: &mut String) -> fmt::Result {
        if self.installs.is_empty() {
            return Ok(());
        }
        table::open(
            page,
            "Installs",
            &["Start", "Node", "Schedule", "End", "What it does"],
        )?;
        for install in self.installs.iter().take(MOST_ROWS) {
            let start = install.started.unwrap_or(install.requested);
            writeln!(
                page,
                "<tr><th scope=\"row\" data-sort=\"{start}\">{}</th><td>{}</td><td class=\"long\">{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                minute(start),
                Name(install.node.as_str()),
                Name(&install.schedule.to_string()),
                install.ended.map(minute).unwrap_or_default(),
                Name(&install.effect()),
            )?;
        }
        table::close(page)?;
        table::more(page, self.installs.len().saturating_sub(MOST_ROWS))
    }

    fn write_windows(&self, page: &mut String) -> fmt::Result {
        if self.short_windows.is_empty() {
            return Ok(());
        }
        let heads = ["Window", "Opens", "Closes", "What does not fit"];
        table::open(page, "Windows that are too short", &heads)?;
        for window in self.short_windows.iter().take(MOST_ROWS) {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"long\">{}</td></tr>",
                Name(&window.name),
                minute(window.opens),
                minute(window.closes),
                Name(&window.effect()),
            )?;
        }
        table::close(page)?;
        table::more(page, self.short_windows.len().saturating_sub(MOST_ROWS))
    }

    fn write_uncovered(&self, page: &mut String) -> fmt::Result {
        if self.uncovered.is_empty() {
            return Ok(());
        }
        table::open(
            page,
            "Nodes on which no schedule installs",
            &["Node", "Scanned by"],
        )?;
        for node in self.uncovered.iter().take(MOST_ROWS) {
            let scanned = match node.scanned_by.is_empty() {
                true => "nothing".to_owned(),
                false => named(&node.scanned_by),
            };
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td></tr>",
                Name(node.node.as_str()),
                Name(&scanned),
            )?;
        }
        table::close(page)?;
        table::more(page, self.uncovered.len().saturating_sub(MOST_ROWS))
    }

    fn write_possible_policies(&self, page: &mut String) -> fmt::Result {
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

    fn write_non_compliant(&self, page: &mut String) -> fmt::Result {
        let nodes: Vec<_> = self.non_compliant().collect();
        if nodes.is_empty() {
            return Ok(());
        }
        table::open(page, "Not compliant at the end", &["Node", "Why"])?;
        for node in nodes.iter().take(MOST_ROWS) {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"long\">{}</td></tr>",
                Name(node.node.as_str()),
                Name(&node.reason),
            )?;
        }
        table::close(page)?;
        table::more(page, nodes.len().saturating_sub(MOST_ROWS))
    }

    fn write_missing(&self, page: &mut String) -> fmt::Result {
        if self.missing.is_empty() {
            return Ok(());
        }
        let heads = ["Node", "Patch", "Title", "Approved", "Why it is missing"];
        table::open(page, "Still missing at the end", &heads)?;
        let rows = self.missing.iter();
        let rows = rows.flat_map(|node| node.patches.iter().map(move |patch| (&node.node, patch)));
        for (node, patch) in rows.clone().take(MOST_ROWS) {
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
                Name(&patch.why),
            )?;
        }
        table::close(page)?;
        table::more(page, rows.count().saturating_sub(MOST_ROWS))
    }
}

fn write_month(
    page: &mut String,
    month: Date,
    (first, last): (Date, Date),
    days: &BTreeMap<Date, Vec<&ForecastInstall>>,
) -> fmt::Result {
    let name = month.strftime("%B %Y");
    writeln!(page, "<h2>{name}</h2>")?;
    writeln!(
        page,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\">"
    )?;
    page.write_str("<table class=\"calendar\"><thead><tr>")?;
    for day in DAYS {
        write!(page, "<th scope=\"col\">{day}</th>")?;
    }
    page.write_str("</tr></thead>\n<tbody>\n")?;
    let (begin, end) = (first.max(month), last.min(month.last_of_month()));
    let before = i64::from(begin.weekday().to_monday_zero_offset());
    let mut day = begin.checked_sub(before.days()).unwrap_or(begin);
    let has_installs = begin <= end && days.range(begin..=end).next().is_some();
    while day <= end {
        page.write_str("<tr>")?;
        for weekday in DAYS {
            if (begin..=end).contains(&day) {
                let installs = days.get(&day).map_or(&[][..], Vec::as_slice);
                let class = match installs.is_empty() && has_installs {
                    true => " class=\"free\"",
                    false => "",
                };
                let number = day.day();
                write!(
                    page,
                    "<td{class}><span class=\"day\" data-weekday=\"{weekday}\">{number}</span>"
                )?;
                write_day(page, installs)?;
            } else {
                page.write_str("<td class=\"outside\"></td>")?;
            }
            day = match day.tomorrow() {
                Ok(next) => next,
                Err(_) => return page.write_str("</tr></tbody></table></div>\n"),
            };
        }
        page.write_str("</tr>\n")?;
    }
    page.write_str("</tbody></table></div>\n")
}

fn write_day(page: &mut String, installs: &[&ForecastInstall]) -> fmt::Result {
    let patches: usize = installs.iter().map(|install| install.installs.len()).sum();
    let reboots = installs.iter().filter(|install| install.reboots).count();
    let fails = installs
        .iter()
        .filter(|one| !one.fails.is_empty() || !one.error.is_empty());
    if !installs.is_empty() {
        write!(page, "{} installs, {patches} patches", installs.len())?;
    }
    if reboots > 0 {
        write!(page, "<br><span class=\"reboots\">{reboots} reboots</span>")?;
    }
    match fails.count() {
        0 => {}
        count => write!(page, "<br><span class=\"fails\">{count} fail</span>")?,
    }
    page.write_str("</td>")
}
