use std::fmt::{self, Display};

use super::Escaped;
use crate::compliance::report::ReportTotals;

/// How nodes stand, as a bar of three parts that says in words what it shows.
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
        let (name, told) = (Escaped(self.name), told.join(", "));
        writeln!(f, "<p class=\"bar\">{name}: {told}</p>")?;
        writeln!(
            f,
            "<svg viewBox=\"0 0 {LENGTH} 24\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{name}: {told}\">"
        )?;
        let mut from = 0;
        let mut counted = 0;
        for (class, count) in parts {
            counted += count;
            let until = (counted * LENGTH).checked_div(totals.nodes()).unwrap_or(0);
            let width = until - from;
            writeln!(
                f,
                "<rect class=\"{class}\" x=\"{from}\" y=\"0\" width=\"{width}\" height=\"24\"></rect>"
            )?;
            from = until;
        }
        writeln!(f, "</svg>")
    }
}
