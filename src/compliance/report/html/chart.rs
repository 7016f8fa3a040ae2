use std::fmt::{self, Display};

use super::Name;
use crate::compliance::report::rows::scaled;
use crate::compliance::report::words::day;
use crate::compliance::report::{PastTotals, ReportTotals};

/// The verdicts of nodes, as text and as a bar of three parts.
pub(super) struct Bar<'a> {
    name: &'a str,
    totals: &'a ReportTotals,
}

/// The length of a whole bar.
const LENGTH: usize = 1000;

impl<'a> Bar<'a> {
    pub(super) fn of(name: &'a str, totals: &'a ReportTotals) -> Self {
        Self { name, totals }
    }
}

impl Display for Bar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.totals;
        let parts = [
            ("compliant", totals.compliant),
            ("non-compliant", totals.non_compliant),
            ("unknown", totals.unknown),
        ];
        let told: Vec<String> = parts
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        let (name, told) = (Name(self.name), told.join(", "));
        writeln!(f, "<p class=\"bar\">{name}: {told}</p>")?;
        writeln!(
            f,
            "<svg viewBox=\"0 0 {LENGTH} 24\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        )?;
        let (mut from, mut counted) = (0, 0_usize);
        for (class, count) in parts {
            counted = counted.saturating_add(count);
            let until = scaled(counted, totals.nodes(), LENGTH);
            let width = until.saturating_sub(from);
            writeln!(
                f,
                "<rect class=\"{class}\" x=\"{from}\" y=\"0\" width=\"{width}\" height=\"24\"></rect>"
            )?;
            from = until;
        }
        writeln!(f, "</svg>")
    }
}

/// A count relative to the largest of its kind, as text and as a bar.
pub(super) struct Share<'a> {
    name: &'a str,
    count: usize,
    most: usize,
}

impl<'a> Share<'a> {
    pub(super) fn of(name: &'a str, count: usize, most: usize) -> Self {
        Self { name, count, most }
    }
}

impl Display for Share<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, count) = (Name(self.name), self.count);
        let width = scaled(count, self.most, LENGTH);
        writeln!(f, "<p class=\"bar\">{name}: {count}</p>")?;
        writeln!(
            f,
            "<svg viewBox=\"0 0 {LENGTH} 24\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\n<rect class=\"share\" x=\"0\" y=\"0\" width=\"{width}\" height=\"24\"></rect>\n</svg>"
        )
    }
}

/// The share of compliant nodes from report to report: its first and last value as text, and a
/// line. Reports without nodes have no share.
pub(super) struct Course {
    reports: Vec<PastTotals>,
}

/// The height of the chart: one unit per percent.
const HEIGHT: usize = 100;

impl Course {
    pub(super) fn of(reports: &[PastTotals]) -> Self {
        let some = reports.iter().filter(|report| report.totals.nodes() > 0);
        Self {
            reports: some.copied().collect(),
        }
    }

    /// The line; the position of each report is its time.
    fn points(&self) -> String {
        let seconds = |report: &PastTotals| report.made_at.as_second();
        let begin = self.reports.first().map_or(0, seconds);
        let end = self.reports.last().map_or(0, seconds);
        let length = i64::try_from(LENGTH).unwrap_or(i64::MAX);
        let points = self.reports.iter().map(|report| {
            let along = seconds(report).saturating_sub(begin).saturating_mul(length);
            let x = along.checked_div(end.saturating_sub(begin)).unwrap_or(0);
            let y = HEIGHT - report.totals.percent_compliant().min(HEIGHT);
            format!("{},{y}", x.clamp(0, length))
        });
        points.collect::<Vec<_>>().join(" ")
    }
}

impl Display for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(first), Some(last)) = (self.reports.first(), self.reports.last()) else {
            return Ok(());
        };
        let told = |report: &PastTotals| {
            let percent = report.totals.percent_compliant();
            format!("{percent} % on {}", day(report.made_at))
        };
        let (first, last, points) = (told(first), told(last), self.points());
        writeln!(
            f,
            "<p class=\"bar\">Nodes that comply: from {first} to {last}; lines at 0, 50 and 100 %</p>"
        )?;
        writeln!(
            f,
            "<svg class=\"course\" viewBox=\"0 0 {LENGTH} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        )?;
        writeln!(
            f,
            "<path d=\"M0 0H{LENGTH}M0 50H{LENGTH}M0 {HEIGHT}H{LENGTH}\"></path>"
        )?;
        writeln!(
            f,
            "<polygon points=\"0,{HEIGHT} {points} {LENGTH},{HEIGHT}\"></polygon>"
        )?;
        writeln!(f, "<polyline points=\"{points}\"></polyline>\n</svg>")
    }
}
