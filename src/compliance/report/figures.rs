//! The figures of a report, and how they change between two reports.

use std::fmt;

use super::ReportTotals;

/// A figure of the totals.
pub(super) struct Figure {
    pub(super) name: &'static str,
    /// The unit after the number, if it is a share of the nodes.
    unit: &'static str,
    of: fn(&ReportTotals) -> u64,
    more_is: More,
    /// Whether it counts patches by level, which some patch states do not.
    by_level: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Better,
    Worse,
    Neither,
}

/// A count of type `usize` as `u64`.
fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl Figure {
    const fn new(name: &'static str, more_is: More, of: fn(&ReportTotals) -> u64) -> Self {
        let unit = "";
        Self {
            name,
            unit,
            of,
            more_is,
            by_level: false,
        }
    }

    const fn by_level(name: &'static str, of: fn(&ReportTotals) -> u64) -> Self {
        Self {
            by_level: true,
            ..Self::new(name, More::Worse, of)
        }
    }

    /// Nodes with patches of the level CRITICAL.
    pub(super) const CRITICAL: Self =
        Self::by_level("with patches of compliance level CRITICAL", |totals| {
            count(totals.with_critical)
        });

    /// Nodes with open security patches.
    pub(super) const SECURITY: Self = Self::by_level("with open security patches", |totals| {
        count(totals.with_security)
    });

    /// The share of nodes that comply.
    pub(super) const SHARE: Self = Self {
        name: "nodes comply",
        unit: " %",
        of: |totals| count(totals.percent_compliant()),
        more_is: More::Better,
        by_level: false,
    };

    /// Every figure, the most important first.
    pub(super) const ALL: [Self; 11] = [
        Self::SHARE,
        Self::new("nodes", More::Neither, |totals| count(totals.nodes())),
        Self::new("compliant", More::Better, |totals| count(totals.compliant)),
        Self::new("non-compliant", More::Worse, |totals| {
            count(totals.non_compliant)
        }),
        Self::new("unknown", More::Worse, |totals| count(totals.unknown)),
        Self::new("waiting for a reboot", More::Worse, |totals| {
            count(totals.pending_reboot)
        }),
        Self::new("with failed patches", More::Worse, |totals| {
            count(totals.with_failed)
        }),
        Self::CRITICAL,
        Self::SECURITY,
        Self::new("with available security updates", More::Worse, |totals| {
            count(totals.with_available_security_updates)
        }),
        Self::new("missing patches", More::Worse, |totals| {
            totals.missing_patches
        }),
    ];

    /// Its value.
    fn of(&self, totals: &ReportTotals) -> u64 {
        (self.of)(totals)
    }

    /// Its value with its unit; none for a share of no nodes.
    pub(super) fn told(&self, totals: &ReportTotals) -> String {
        if !self.unit.is_empty() && totals.nodes() == 0 {
            return "no nodes".to_owned();
        }
        let number = self.of(totals);
        if self.by_level && totals.without_counts > 0 {
            return match number {
                0 => "unknown".to_owned(),
                number => format!("at least {number}"),
            };
        }
        format!("{number}{}", self.unit)
    }

    /// How it changed.
    pub(super) fn change(&self, before: &ReportTotals, now: &ReportTotals) -> Change {
        let (before, now) = (self.of(before), self.of(now));
        let judged = match (now > before, self.more_is) {
            _ if now == before => "",
            (_, More::Neither) => "",
            (true, More::Better) | (false, More::Worse) => "better",
            _ => "worse",
        };
        Change {
            before,
            now,
            judged,
        }
    }
}

/// The change of a figure. `Display` prints the difference, and whether it is better or worse.
pub(super) struct Change {
    before: u64,
    now: u64,
    /// `better`, `worse`, or empty if it is neither.
    pub(super) judged: &'static str,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.now.abs_diff(self.before);
        match self.now.cmp(&self.before) {
            std::cmp::Ordering::Equal => return f.write_str("unchanged"),
            std::cmp::Ordering::Greater => write!(f, "+{by}")?,
            std::cmp::Ordering::Less => write!(f, "\u{2212}{by}")?,
        }
        match self.judged {
            "" => Ok(()),
            judged => write!(f, ", {judged}"),
        }
    }
}
