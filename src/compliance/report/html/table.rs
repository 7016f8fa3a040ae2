//! Tables that fold, sort and filter.

use std::fmt::{self, Write};

use super::{Escaped, Name, Page};
use crate::compliance::report::words::told_more;

/// The maximum number of rows of a table: as many as a browser sorts at once.
pub(crate) const MOST_ROWS: usize = 5_000;

/// The number of rows before the folded ones, about two screens.
const FIRST_ROWS: usize = 20;

/// Columns of numbers, which are aligned right.
const NUMBERS: [&str; 7] = [
    "Nodes",
    "Failed",
    "Comply",
    "Compliant",
    "Non-compliant",
    "Unknown",
    "Runs",
];

/// A table of a page.
pub(crate) struct Table<'a> {
    /// The heading, in our own words.
    pub(crate) heading: &'a str,
    /// The heads of its columns, in our own words.
    pub(crate) heads: &'a [&'a str],
    /// How many bytes its rows may have, so that the page stays small whatever they contain.
    pub(crate) most_bytes: usize,
}

impl Table<'_> {
    /// Writes the heading and the rows, and how many are left out: those over 5,000 rows or the bytes.
    ///
    /// The first 20 rows are in view. The others are in a folded part with a table of its own, because
    /// rows of one table cannot be folded without a script. Nothing is written without rows.
    pub(crate) fn write<T>(
        &self,
        page: &mut Page,
        rows: &[T],
        row: impl FnMut(&mut Page, &T) -> fmt::Result,
    ) -> fmt::Result {
        if rows.is_empty() {
            return Ok(());
        }
        let id = page.heading(self.heading)?;
        self.write_rows(page, &id, rows, row)
    }

    fn write_rows<T>(
        &self,
        page: &mut Page,
        id: &str,
        rows: &[T],
        mut row: impl FnMut(&mut Page, &T) -> fmt::Result,
    ) -> fmt::Result {
        page.write_str("<div class=\"rows\">\n")?;
        if rows.len() > FIRST_ROWS {
            self.write_filter(page, id)?;
        }
        self.open(page, id)?;
        let (start, mut shown, mut rest) = (page.len(), 0, None);
        for one in rows.iter().take(MOST_ROWS) {
            if page.len().saturating_sub(start) > self.most_bytes {
                break;
            }
            if shown == FIRST_ROWS {
                rest = Some(self.fold(page, id)?);
            }
            row(page, one)?;
            shown += 1;
        }
        page.write_str("</tbody>\n</table>\n</div>\n")?;
        if let Some(summary) = rest {
            page.write_str("</details>\n")?;
            let folded = shown.saturating_sub(FIRST_ROWS);
            page.insert(summary, &format!("{}: {folded} more rows", self.heading));
        }
        page.write_str("</div>\n")?;
        more(page, rows.len().saturating_sub(shown))
    }

    /// A box that the script shows.
    fn write_filter(&self, page: &mut Page, id: &str) -> fmt::Result {
        let heading = self.heading;
        writeln!(
            page,
            "<p class=\"filter\" hidden><label for=\"{id}-filter\">Filter: {heading}</label> <input type=\"search\" id=\"{id}-filter\" autocomplete=\"off\"> <output for=\"{id}-filter\"></output></p>"
        )
    }

    /// Ends the table, and begins the folded one. Returns where its summary goes.
    fn fold(&self, page: &mut Page, id: &str) -> Result<usize, fmt::Error> {
        let rest = format!("{id}-rest");
        page.write_str("</tbody>\n</table>\n</div>\n<details class=\"rest\">\n")?;
        write!(page, "<summary id=\"{rest}\">")?;
        let summary = page.len();
        page.write_str("</summary>\n")?;
        self.open(page, &rest)?;
        Ok(summary)
    }

    /// The table scrolls sideways itself, so that the page does not.
    fn open(&self, page: &mut Page, label: &str) -> fmt::Result {
        writeln!(
            page,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{label}\">\n<table class=\"sortable\" aria-labelledby=\"{label}\">\n<thead><tr>"
        )?;
        for head in self.heads {
            let class = match NUMBERS.contains(head) {
                true => " class=\"number\"",
                false => "",
            };
            write!(page, "<th scope=\"col\"{class}>{head}</th>")?;
        }
        page.write_str("</tr></thead>\n<tbody>\n")
    }
}

/// The start of a node's row.
pub(crate) fn node(page: &mut Page, id: &str, name: &str) -> fmt::Result {
    let (id, name) = (Escaped(id), Name(name));
    write!(
        page,
        "<tr><th scope=\"row\">{id}</th><td class=\"name\">{name}</td>"
    )
}

/// The line below a table that says how many rows it leaves out.
pub(crate) fn more(page: &mut Page, left_out: usize) -> fmt::Result {
    match told_more(left_out) {
        Some(told) => writeln!(page, "<p class=\"note\">{told}</p>"),
        None => Ok(()),
    }
}
