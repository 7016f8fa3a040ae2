//! What several forms of a report say in the same words.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ComplianceReport, MissingPatch, ReportNode};
use crate::compliance::Verdict;

/// How many advisories and CVEs of a patch are named.
const MOST_IDS: usize = 4;

/// Severities of Microsoft and the distributions, the gravest first.
const GRAVITY: [&str; 8] = [
    "critical",
    "important",
    "high",
    "moderate",
    "medium",
    "low",
    "optional",
    "unspecified",
];

/// A day, such as `2026-05-14`.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// A minute, such as `2026-05-14 02:00`, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// What a group, system or severity is called that has no name.
pub(super) fn named(name: &str) -> &str {
    if name.is_empty() { "(none)" } else { name }
}

/// Severities and their counts, the gravest first, unknown ones last.
pub(super) fn by_gravity(severities: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    let gravity = |name: &str| {
        let name = name.to_lowercase();
        let place = GRAVITY.iter().position(|known| *known == name);
        place.unwrap_or(GRAVITY.len())
    };
    let severities = severities.iter();
    let mut rows: Vec<_> = severities
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    rows.sort_by_key(|(name, _)| gravity(name));
    rows
}

/// That a form leaves so many out; nothing where it does not.
pub(super) fn told_more(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("{left_out} more are not shown; JSON and CSV have all nodes."))
}

impl ComplianceReport {
    /// At most so many nodes, by id: all of them, or those that need attention most; and how many
    /// that leaves out.
    pub(super) fn shown_nodes(&self, most: usize) -> (Vec<&ReportNode>, usize) {
        let mut nodes: Vec<&ReportNode> = self.nodes.iter().collect();
        let left_out = nodes.len().saturating_sub(most);
        if left_out > 0 {
            let ease = |node: &ReportNode| match node.verdict.as_str() {
                verdict if verdict == Verdict::NonCompliant.to_string() => 0,
                verdict if verdict == Verdict::Compliant.to_string() => 2,
                _ => 1,
            };
            nodes.sort_by_cached_key(|node| ease(node));
            nodes.truncate(most);
            nodes.sort_by(|one, other| one.node.cmp(&other.node));
        }
        (nodes, left_out)
    }

    /// Which missing patch is the oldest, where a release date is known.
    pub(super) fn told_oldest(&self) -> Option<String> {
        let oldest = self.oldest_missing()?;
        let released = oldest.released?;
        let days = self.made_at.duration_since(released).as_hours() / 24;
        let (id, on) = (&oldest.id, day(released));
        Some(format!(
            "The oldest missing patch is {id}, released on {on}, {days} days before this report."
        ))
    }
}

impl MissingPatch {
    /// Its advisories and CVEs, the first of them by name.
    pub(super) fn told_ids(&self) -> String {
        let ids: Vec<&str> = (self.advisory_ids.iter().chain(&self.cve_ids))
            .map(String::as_str)
            .collect();
        let named: Vec<&str> = ids.iter().take(MOST_IDS).copied().collect();
        let named = named.join(", ");
        match ids.len().saturating_sub(MOST_IDS) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }
}

impl ReportNode {
    /// The operation that the verdict rests on, and when it ended; empty where there is none.
    pub(super) fn told_operation(&self) -> String {
        match self.last_operation {
            Some(at) => format!("{} {}", self.operation, minute(at))
                .trim()
                .to_owned(),
            None => String::new(),
        }
    }
}
