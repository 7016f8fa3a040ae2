//! Texts that several forms of a report share.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{ComplianceReport, MissingPatch, ReportNode, ReportPart, ReportTotals};
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

/// At most this number of groups or systems, the worst first: those with critical patches, then by
/// their nodes that need attention, then by name.
pub(super) fn shown_sums(
    sums: &BTreeMap<String, ReportTotals>,
    most: usize,
) -> Vec<(&str, &ReportTotals)> {
    let mut rows: Vec<_> = sums
        .iter()
        .map(|(name, sum)| (name.as_str(), sum))
        .collect();
    rows.sort_by_key(|(_, sum)| Reverse(urgency(sum)));
    rows.truncate(most);
    rows
}

/// Larger totals are worse.
fn urgency(sum: &ReportTotals) -> (usize, usize, usize) {
    (sum.with_critical, sum.non_compliant, sum.unknown)
}

/// A source of a report, and why its nodes could not all be listed.
pub(super) struct SourceSums<'a> {
    pub(super) name: &'a str,
    pub(super) totals: ReportTotals,
    pub(super) error: Option<&'a str>,
}

/// The text that says how many rows a form leaves out, or `None` if it leaves out none.
pub(super) fn told_more(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| format!("{left_out} more are not shown; JSON has them all."))
}

impl ComplianceReport {
    /// Every node, the worst first: by its verdict, then by the severity of its patches, then by their
    /// number. The severity is the vendor's, or critical if the baseline's compliance level is.
    pub(super) fn worst_nodes(&self) -> Vec<&ReportNode> {
        let patches = self.missing_patches.iter();
        let gravities: HashMap<&str, usize> = patches
            .map(|patch| (patch.id.as_str(), gravity(&patch.severity)))
            .collect();
        let worst = |node: &ReportNode| {
            let ids = node.missing_ids.iter().chain(&node.failed_ids);
            let gravities = ids.filter_map(|id| gravities.get(id.as_str()));
            let critical = (node.critical > 0).then_some(0);
            gravities.copied().chain(critical).min()
        };
        let mut nodes: Vec<&ReportNode> = self.nodes.iter().collect();
        // The sort is stable: equal nodes stay by source and id.
        nodes.sort_by_cached_key(|node| {
            let verdict = match node.verdict.as_str() {
                verdict if verdict == Verdict::NonCompliant.to_string() => 0,
                verdict if verdict == Verdict::Compliant.to_string() => 2,
                _ => 1,
            };
            let counts = (node.critical, node.security, node.failed, node.missing);
            (verdict, worst(node).unwrap_or(usize::MAX), Reverse(counts))
        });
        nodes
    }

    /// At most this number of nodes, the worst first, and the number left out.
    pub(super) fn shown_nodes(&self, most: usize) -> (Vec<&ReportNode>, usize) {
        let mut nodes = self.worst_nodes();
        let left_out = nodes.len().saturating_sub(most);
        nodes.truncate(most);
        (nodes, left_out)
    }

    /// The sources, the worst first: those that could not be listed, then as groups are.
    pub(super) fn source_sums(&self) -> Vec<SourceSums<'_>> {
        let unlisted = self.failures.iter();
        let unlisted: BTreeMap<&str, &str> = unlisted
            .filter(|failure| failure.part == ReportPart::Listing && !failure.source.is_empty())
            .map(|failure| (failure.source.as_str(), failure.error.as_str()))
            .collect();
        let names = self.by_source.keys().map(String::as_str);
        let names: BTreeSet<&str> = names.chain(unlisted.keys().copied()).collect();
        let sums = names.into_iter().map(|name| SourceSums {
            name,
            totals: self.by_source.get(name).copied().unwrap_or_default(),
            error: unlisted.get(name).copied(),
        });
        let mut sums: Vec<SourceSums<'_>> = sums.collect();
        sums.sort_by_key(|source| (source.error.is_none(), Reverse(urgency(&source.totals))));
        sums
    }

    /// How many accounts answered, or sources if these are not named by accounts; `None` without
    /// sources. An account answered if every source of it was listed.
    pub(super) fn answered_sources(&self) -> Option<String> {
        let sources = self.source_sums();
        let account = |name: &str| {
            let account = name.split('/').next().unwrap_or_default();
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            is_account.then(|| account.to_owned())
        };
        let are_accounts = sources.iter().all(|source| account(source.name).is_some());
        let mut answered: BTreeMap<String, bool> = BTreeMap::new();
        for source in &sources {
            let named = account(source.name).filter(|_| are_accounts);
            let named = named.unwrap_or_else(|| source.name.to_owned());
            let all = answered.entry(named).or_insert(true);
            *all = *all && source.error.is_none();
        }
        let of = answered.len();
        let what = match (are_accounts, of) {
            (_, 0) => return None,
            (true, 1) => "account",
            (true, _) => "accounts",
            (false, 1) => "source",
            (false, _) => "sources",
        };
        let count = answered.values().filter(|all| **all).count();
        let others = match count == of {
            true => "",
            false => {
                "; nodes of the others that were not listed are unknown, and no figure counts them"
            }
        };
        Some(format!("{count} of {of} {what} answered{others}"))
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
        let (ids, more) = self.first_ids();
        let named = ids.join(", ");
        match more {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }

    /// The first of its advisories and CVEs, and how many more it has.
    pub(super) fn first_ids(&self) -> (Vec<&str>, usize) {
        let ids = self.advisory_ids.iter().chain(&self.cve_ids);
        let more = ids.clone().count().saturating_sub(MOST_IDS);
        (ids.take(MOST_IDS).map(String::as_str).collect(), more)
    }
}

impl ReportNode {
    /// The reason for the verdict, and what could not be read.
    pub(super) fn told_reason(&self) -> String {
        let parts = [self.reason.as_str(), &self.unread];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("; ")
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
