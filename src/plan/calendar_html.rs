//! The calendar as a page of HTML, in the style of the compliance reports.

use std::fmt::{self, Write};

use super::calendar::{Day, PatchCalendar};
use super::calendar_text::daily;
use super::month_html::{STYLE, write_months};
use crate::compliance::html::table::Table;
use crate::compliance::html::{Name, Page, WithIds, minute, write_figures};
use crate::types::PatchOperation;

/// The most bytes of the rows of a table.
const MOST_BYTES: usize = 800_000;

/// The most lines of a day's cell.
const MOST_LINES: usize = 4;

impl PatchCalendar {
    /// The calendar as one page of HTML. It needs no network, and works as the page of a
    /// [compliance report](crate::compliance::ComplianceReport::to_html) does.
    ///
    /// It has the schedules, first those without a run; the first month and each month in which
    /// something is planned; the approvals and the runs by time. A table has at most 5,000 rows, or fewer
    /// if their texts are long. The page says what it leaves out; the JSON and the text have everything.
    pub fn to_html(&self) -> String {
        let line = format!(
            "From {} until {} UTC",
            minute(self.from),
            minute(self.until)
        );
        let mut page = Page::new("Patch calendar", &line, STYLE);
        // Writing into a String does not fail.
        let _ = self.write_parts(&mut page);
        page.finish()
    }

    fn write_parts(&self, page: &mut Page) -> fmt::Result {
        if !self.unread.is_empty() {
            page.heading("Not everything could be read")?;
            page.write_str("<ul class=\"warning\">\n")?;
            for unread in &self.unread {
                writeln!(page, "<li>{}</li>", WithIds(&unread.to_string()))?;
            }
            page.write_str("</ul>\n")?;
        }
        self.write_figures(page)?;
        self.write_schedules(page)?;
        let days = self.days().into_iter();
        let days = days.map(|(date, planned)| (date, cell(&planned))).collect();
        write_months(page, (self.from, self.until), &days, "entries")?;
        self.write_approvals(page)?;
        self.write_runs(page)
    }

    fn write_figures(&self, page: &mut Page) -> fmt::Result {
        let runs = |operation: &PatchOperation| {
            let schedules = self.schedules.iter();
            let own = schedules.filter(|schedule| schedule.operation == *operation);
            own.map(|schedule| schedule.runs)
                .fold(0, usize::saturating_add)
        };
        let idle = self.schedules.iter().filter(|one| one.runs == 0).count();
        let figures = [
            ("schedules without a run", "unknown", idle),
            ("installs begin", "", runs(&PatchOperation::Install)),
            ("scans begin", "", runs(&PatchOperation::Scan)),
            ("approvals", "", self.approvals.len()),
        ];
        write_figures(page, "Figures", &figures)
    }

    fn write_schedules(&self, page: &mut Page) -> fmt::Result {
        let schedules = Table {
            heading: "Schedules",
            heads: &["Name", "Kind", "Operation", "Schedule", "Runs", "Note"],
            most_bytes: MOST_BYTES,
        };
        schedules.write(page, &self.schedules, |page, schedule| {
            let class = if schedule.runs == 0 { " unknown" } else { "" };
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"number{class}\">{}</td><td class=\"long\">{}</td></tr>",
                Name(schedule.name.as_ref().unwrap_or(&schedule.id)),
                schedule.kind,
                Name(schedule.operation.as_str()),
                Name(&schedule.schedule),
                schedule.runs,
                Name(&schedule.note),
            )
        })
    }

    fn write_approvals(&self, page: &mut Page) -> fmt::Result {
        let approvals = Table {
            heading: "Approvals",
            heads: &["Approved after", "Patch", "Severity", "Baseline", "Title"],
            most_bytes: MOST_BYTES,
        };
        approvals.write(page, &self.approvals, |page, approval| {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"name\">{}</td><td class=\"long\">{}</td></tr>",
                minute(approval.at),
                Name(&approval.patch),
                Name(&approval.severity),
                Name(&approval.baseline_name),
                Name(&approval.title),
            )
        })
    }

    fn write_runs(&self, page: &mut Page) -> fmt::Result {
        let runs = self.runs.iter();
        let runs = runs.filter_map(|run| Some((run.at, self.schedules.get(run.schedule)?)));
        let runs: Vec<_> = runs.collect();
        let all = Table {
            heading: "Runs",
            heads: &["Begins", "Operation", "Schedule"],
            most_bytes: MOST_BYTES,
        };
        all.write(page, &runs, |page, (at, schedule)| {
            writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"long\">{}</td></tr>",
                minute(*at),
                Name(schedule.operation.as_str()),
                Name(&schedule.label()),
            )
        })
    }
}

/// What a day's cell says, as HTML: the installs, then the scans, then the approvals.
fn cell(day: &Day<'_>) -> String {
    let mut lines = daily(&day.runs);
    lines.sort_by_key(|(_, schedule, _)| schedule.operation != PatchOperation::Install);
    let more = lines.len().saturating_sub(MOST_LINES);
    // Installs stay if not all fit.
    lines.truncate(MOST_LINES);
    lines.sort_by_key(|(at, ..)| *at);
    let mut parts: Vec<String> = lines
        .iter()
        .map(|(at, schedule, times)| {
            let name = schedule.name.as_ref().unwrap_or(&schedule.id);
            let (at, operation) = (at.strftime("%H:%M"), Name(schedule.operation.as_str()));
            let times = match times {
                1 => String::new(),
                times => format!(", {times} times"),
            };
            format!("{at} {operation}: {}{times}", Name(name))
        })
        .collect();
    if more > 0 {
        parts.push(format!("{more} more schedules"));
    }
    match day.approvals.len() {
        0 => {}
        count => parts.push(format!("<span class=\"approved\">{count} approvals</span>")),
    }
    parts.join("<br>")
}
