//! Months of a page, as tables with a row for each week.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::compliance::html::Page;

/// The style of the months.
pub(super) const STYLE: &str = include_str!("month.css");

/// The most months of a page.
const MOST_MONTHS: usize = 36;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Writes the month of the beginning and each month with an entry. A cell has the text of its day, which
/// is HTML; `what` is the word for entries.
pub(super) fn write_months(
    page: &mut Page,
    (from, until): (Timestamp, Timestamp),
    days: &BTreeMap<Date, String>,
    what: &str,
) -> fmt::Result {
    let date = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    let (first, last) = (date(from), date(until));
    let with_entries = days.keys().copied();
    let months: BTreeSet<Date> = std::iter::once(first)
        .chain(with_entries)
        .map(Date::first_of_month)
        .collect();
    for month in months.iter().take(MOST_MONTHS) {
        write_month(page, *month, (first, last), days)?;
    }
    match months.len().saturating_sub(MOST_MONTHS) {
        0 => Ok(()),
        more => writeln!(
            page,
            "<p class=\"note\">{more} later months with {what} are left out.</p>"
        ),
    }
}

fn write_month(
    page: &mut Page,
    month: Date,
    (first, last): (Date, Date),
    days: &BTreeMap<Date, String>,
) -> fmt::Result {
    let name = month.strftime("%B %Y");
    page.heading(&name.to_string())?;
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
    let has_entries = begin <= end && days.range(begin..=end).next().is_some();
    while day <= end {
        page.write_str("<tr>")?;
        for weekday in DAYS {
            if (begin..=end).contains(&day) {
                let entries = days.get(&day);
                let class = match entries.is_none() && has_entries {
                    true => " class=\"free\"",
                    false => "",
                };
                let number = day.day();
                write!(
                    page,
                    "<td{class}><span class=\"day\" data-weekday=\"{weekday}\">{number}</span>"
                )?;
                let entries = entries.map_or("", String::as_str);
                write!(page, "{entries}</td>")?;
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
