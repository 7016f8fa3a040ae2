use std::collections::BTreeMap;

use super::{ComplianceReport, ReportTotals};
use crate::compliance::Verdict;

/// What changed between two reports.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trend {
    /// The totals of the earlier report.
    pub before: ReportTotals,
    /// The totals of the later one.
    pub now: ReportTotals,
    /// Nodes that comply now, and did not, or nobody knew.
    pub became_compliant: Vec<String>,
    /// Nodes that no longer comply, or of which nobody knows any more.
    pub no_longer_compliant: Vec<String>,
    /// Nodes that only the later report has.
    pub new: Vec<String>,
    /// Nodes that only the earlier report has.
    pub gone: Vec<String>,
}

impl ComplianceReport {
    /// What changed since an earlier report.
    pub fn trend_since(&self, earlier: &Self) -> Trend {
        let complied = |report: &Self| -> BTreeMap<String, bool> {
            let compliant = Verdict::Compliant.to_string();
            let rows = report.nodes.iter();
            rows.map(|row| (row.node.clone(), row.verdict == compliant))
                .collect()
        };
        let (before, now) = (complied(earlier), complied(self));
        let moved = |to: bool| -> Vec<String> {
            let moved = now
                .iter()
                .filter(|(node, complies)| **complies == to && before.get(*node) == Some(&!to));
            moved.map(|(node, _)| node.clone()).collect()
        };
        let only = |in_one: &BTreeMap<String, bool>, other: &BTreeMap<String, bool>| {
            let only = in_one.keys().filter(|node| !other.contains_key(*node));
            only.cloned().collect()
        };
        Trend {
            before: earlier.totals,
            now: self.totals,
            became_compliant: moved(true),
            no_longer_compliant: moved(false),
            new: only(&now, &before),
            gone: only(&before, &now),
        }
    }
}
