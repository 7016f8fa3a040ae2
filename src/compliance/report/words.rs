//! Texts that several forms of a report share.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ComplianceReport, MissingPatch, ReportNode, ReportTotals};
use crate::compliance::Verdict;

/// The maximum number of advisories and CVEs named for a patch.
const MOST_IDS: usize = 4;

/// Severities of Microsoft and the distributions, highest first.
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
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The text for a group, system or severity without a name.
pub(super) fn named(name: &str) -> &str {
    if name.is_empty() { "(none)" } else { name }
}

/// The rank of a severity: highest first, unknown ones last.
pub(super) fn gravity(severity: &str) -> usize {
    let severity = severity.to_lowercase();
    let place = GRAVITY.iter().position(|known| *known == severity);
    place.unwrap_or(GRAVITY.len())
}

/// Severities and their counts, highest first, unknown ones last.
pub(super) fn by_gravity(severities: &BTreeMap<String, usize>) -> Vec<(&str, usize)> {
    let severities = severities.iter();
    let mut rows: Vec<_> = severities
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    rows.sort_by_key(|(name, _)| gravity(name));
    rows
}

/// At most this number of groups, systems or sources, by name: all of them, or those with most
/// non-compliant nodes.
pub(super) fn shown_sums(
    sums: &BTreeMap<String, ReportTotals>,
    most: usize,
) -> Vec<(&str, &ReportTotals)> {
    let mut rows: Vec<_> = sums
        .iter()
        .map(|(name, sum)| (name.as_str(), sum))
        .collect();
    if rows.len() > most {
        let ease = |sum: &ReportTotals| Reverse(sum.non_compliant.saturating_add(sum.unknown));
        rows.sort_by_key(|(_, sum)| ease(sum));
        rows.truncate(most);
        rows.sort_by_key(|(name, _)| *name);
    }
    rows
}

/// The text that says how many rows a form leaves out, or `None` if it leaves out none.
pub(super) fn told_more(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("{left_out} more are not shown; JSON has them all."))
}

impl ComplianceReport {
    /// At most this number of nodes, by id: all of them, or those that need attention most; and the
    /// number left out.
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
            nodes.sort_by_key(|node| (&node.source, &node.node));
        }
        (nodes, left_out)
    }

    /// Whether nodes come from sources that have names.
    pub(super) fn has_sources(&self) -> bool {
        !self.by_source.is_empty()
    }

    /// The number of compliant nodes, in a few words.
    pub(super) fn told_share(&self) -> String {
        match self.totals.nodes() {
            0 => "no nodes".to_owned(),
            nodes => format!(
                "{} % of {nodes} nodes comply",
                self.totals.percent_compliant()
            ),
        }
    }

    /// The warning that the earlier report has another query, if it does.
    pub(super) fn told_other_question(&self) -> Option<String> {
        let earlier = self.earlier_question.as_ref()?;
        let named = |question: &str| match question {
            "" => "not recorded".to_owned(),
            question => format!("\u{201c}{question}\u{201d}"),
        };
        Some(format!(
            "The earlier report has another query: {}. The query of this report: {}.",
            named(earlier),
            named(&self.question)
        ))
    }

    /// The oldest missing patch, if a release date is known.
    pub(super) fn told_oldest(&self) -> Option<String> {
        let oldest = self.oldest_missing()?;
        let released = oldest.released?;
        let days = self.made_at.duration_since(released).as_hours() / 24;
        let (id, on) = (&oldest.id, day(released));
        // A report of an old export can be older than the catalog.
        let before = match days {
            0.. => format!(", {days} days before this report"),
            _ => String::new(),
        };
        Some(format!(
            "The oldest missing patch is {id}, released on {on}{before}."
        ))
    }
}

impl MissingPatch {
    /// Its advisories and CVEs; the first ones by name.
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
    /// The reason for the verdict, and what could not be read.
    pub(super) fn told_reason(&self) -> String {
        let parts = [self.reason.as_str(), &self.unread];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
    }

    /// The missing patches, then the failed ones.
    pub(super) fn told_patches(&self) -> String {
        let ids = self.missing_ids.iter().chain(&self.failed_ids);
        ids.map(String::as_str).collect::<Vec<_>>().join(", ")
    }

    /// The id of its baseline, without the rest of an ARN.
    pub(super) fn baseline_id(&self) -> &str {
        self.baseline.rsplit('/').next().unwrap_or_default()
    }

    /// The operation behind the verdict, and when it ended; empty if there is none.
    pub(super) fn told_operation(&self) -> String {
        match self.last_operation {
            Some(at) => format!("{} {}", self.operation, minute(at))
                .trim()
                .to_owned(),
            None => String::new(),
        }
    }
}
