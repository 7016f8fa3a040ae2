//! What changed since an earlier report, on the page.

use std::fmt::{self, Write};

use super::chart::Course;
use super::table::{self, Table};
use super::{Escaped, Page, WithIds};
use crate::compliance::report::PastTotals;
use crate::compliance::report::figures::Figure;
use crate::compliance::report::words::minute;
use crate::compliance::{ChangeKind, ComplianceReport};

impl ComplianceReport {
    pub(super) fn write_trend(&self, page: &mut Page) -> fmt::Result {
        let Some(earlier) = self.history.last() else {
            return Ok(());
        };
        let since = minute(earlier.made_at);
        page.heading_with_id("since", &format!("Since {since} UTC"))?;
        if let Some(told) = self.told_other_question() {
            writeln!(page, "<p class=\"warning\">{}</p>", Escaped(&told))?;
        }
        let now = PastTotals {
            made_at: self.made_at,
            totals: self.totals,
        };
        let reports: Vec<PastTotals> = self.history.iter().copied().chain([now]).collect();
        write!(page, "{}", Course::of(&reports))?;
        write_then_and_now(page, earlier, &now)?;
        if reports.len() > 2 {
            write_history(page, &reports)?;
        }
        self.write_changes(page)
    }

    fn write_changes(&self, page: &mut Page) -> fmt::Result {
        if self.changes.is_empty() {
            let told = "No node was added, was removed or changed its verdict.";
            return writeln!(page, "<p class=\"note\">{told}</p>");
        }
        let changes = Table {
            heading: "Changed nodes",
            heads: &self.heads(&["Node", "Name", "Change", "Before", "Now", "Why", "Source"]),
            most_bytes: 300_000,
        };
        changes.write(page, &self.changes, |page, change| {
            table::node(page, &change.node, &change.name)?;
            let (before, now) = (Escaped(&change.before), Escaped(&change.now));
            write!(
                page,
                "<td class=\"{}\">{}</td><td class=\"{before}\">{before}</td><td class=\"{now}\">{now}</td><td class=\"long\">{}</td>",
                judged(change.kind),
                change.kind,
                WithIds(&change.reason),
            )?;
            self.write_source(page, &change.source)?;
            page.write_str("</tr>\n")
        })
    }
}

fn judged(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::NewlyNonCompliant | ChangeKind::NewlyUnknown => "worse",
        ChangeKind::Mended => "better",
        ChangeKind::New | ChangeKind::NotListed | ChangeKind::Gone => "",
    }
}

fn write_then_and_now(page: &mut Page, earlier: &PastTotals, now: &PastTotals) -> fmt::Result {
    page.write_str(
        "<table class=\"figures\" aria-labelledby=\"since\">\n<thead><tr><td></td><th scope=\"col\">then</th><th scope=\"col\">now</th><th scope=\"col\">change</th></tr></thead>\n<tbody>\n",
    )?;
    for figure in Figure::ALL {
        let name = figure.name;
        let change = figure.change(&earlier.totals, &now.totals);
        writeln!(
            page,
            "<tr><th scope=\"row\">{name}</th><td>{}</td><td>{}</td><td class=\"{}\">{change}</td></tr>",
            figure.told(&earlier.totals),
            figure.told(&now.totals),
            change.judged,
        )?;
    }
    page.write_str("</tbody>\n</table>\n")
}

/// The numbers of the chart.
fn write_history(page: &mut Page, reports: &[PastTotals]) -> fmt::Result {
    let count = reports.len();
    writeln!(
        page,
        "<details>\n<summary>The last {count} reports in numbers</summary>\n<table class=\"figures\" aria-label=\"The last {count} reports\">\n<thead><tr><th scope=\"col\">report</th><th scope=\"col\">comply</th><th scope=\"col\">nodes</th><th scope=\"col\">missing patches</th></tr></thead>\n<tbody>"
    )?;
    for report in reports.iter().rev() {
        let (at, totals) = (minute(report.made_at), &report.totals);
        writeln!(
            page,
            "<tr><th scope=\"row\">{at}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            Figure::SHARE.told(totals),
            totals.nodes(),
            totals.missing_patches,
        )?;
    }
    page.write_str("</tbody>\n</table>\n</details>\n")
}
