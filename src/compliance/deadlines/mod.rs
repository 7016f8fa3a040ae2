//! Deadlines for missing patches: the rules, what is overdue by them, and the evidence.

mod evidence;
mod html;
mod judge;
mod trend;

use std::collections::BTreeSet;
use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::evidence::{
    DeadlineReport, DeadlineState, DeadlineTotals, NodeDeadline, PatchDeadline,
};
pub use self::trend::{DeadlineChange, DeadlineChangeKind, DeadlineTrend};
use crate::baseline::{OsRules, PatchFilterKey};
use crate::error::{Result, Violations};
use crate::group::PatchGroup;
use crate::types::{OperatingSystem, OsFamily};

/// Within how many days a missing patch must be installed.
///
/// A day has 24 hours. Days count from the release of the patch;
/// [`ComplianceReport::deadlines`](super::ComplianceReport::deadlines) judges by them.
///
/// Severities and classifications are the vendor's, as nodes report them, and not compliance levels.
/// On apt the severity of a patch is its priority.
///
/// If several rules match a patch on a node:
///
/// 1. rules of the node's patch group come before rules for all groups;
/// 2. then the shortest deadline counts;
/// 3. [`otherwise`](Self::otherwise) counts only if nothing else matches.
///
/// ```
/// use aws_patch_manager::PatchGroup;
/// use aws_patch_manager::compliance::{DeadlineRule, Deadlines};
///
/// let deadlines = Deadlines::new()
///     .critical(14)
///     .severity("Important", 30)
///     .rule(DeadlineRule::new(7).severity("Critical").group(PatchGroup::new("web")?))
///     .otherwise(90);
/// deadlines.check()?;
/// assert_eq!(deadlines.to_string(), "Critical: 14 days; Important: 30 days; Critical in group web: 7 days; otherwise: 90 days");
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
#[must_use]
pub struct Deadlines {
    /// The rules, in the order given.
    pub rules: Vec<DeadlineRule>,
    /// The operating systems of the fleet; empty for any. A severity or a classification that none of
    /// them has is refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operating_systems: Vec<OperatingSystem>,
}

/// A deadline, and the patches that it is for. A condition that is absent matches every patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
#[must_use]
pub struct DeadlineRule {
    /// The days from the release, 1 or more.
    pub days: u32,
    /// The vendor's severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// The patch group of the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<PatchGroup>,
}

impl DeadlineRule {
    /// A deadline for every patch.
    pub fn new(days: u32) -> Self {
        Self {
            days,
            severity: None,
            classification: None,
            group: None,
        }
    }

    /// Only patches of this severity, such as `Critical`.
    pub fn severity(mut self, severity: impl Into<String>) -> Self {
        self.severity = Some(severity.into());
        self
    }

    /// Only patches of this classification, such as `SecurityUpdates` or `Security`.
    pub fn classification(mut self, classification: impl Into<String>) -> Self {
        self.classification = Some(classification.into());
        self
    }

    /// Only nodes of this patch group.
    pub fn group(mut self, group: PatchGroup) -> Self {
        self.group = Some(group);
        self
    }

    /// The deadline as a length of time.
    pub(super) fn length(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.days))
    }

    /// Whether it has no condition.
    pub(super) fn is_fallback(&self) -> bool {
        self.conditions() == (None, None, None)
    }

    fn conditions(&self) -> (Option<&str>, Option<&str>, Option<&PatchGroup>) {
        (
            self.severity.as_deref(),
            self.classification.as_deref(),
            self.group.as_ref(),
        )
    }
}

impl Deadlines {
    /// No deadlines yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Patches of the severity `Critical`, within this number of days.
    pub fn critical(self, days: u32) -> Self {
        self.severity("Critical", days)
    }

    /// Patches of a severity, within this number of days.
    pub fn severity(self, severity: impl Into<String>, days: u32) -> Self {
        self.rule(DeadlineRule::new(days).severity(severity))
    }

    /// Patches of a classification, within this number of days.
    pub fn classification(self, classification: impl Into<String>, days: u32) -> Self {
        self.rule(DeadlineRule::new(days).classification(classification))
    }

    /// All patches on the nodes of a patch group, within this number of days.
    pub fn group(self, group: PatchGroup, days: u32) -> Self {
        self.rule(DeadlineRule::new(days).group(group))
    }

    /// Every patch that no other rule matches, within this number of days.
    pub fn otherwise(self, days: u32) -> Self {
        self.rule(DeadlineRule::new(days))
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: DeadlineRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Says which operating systems the fleet has, so that severities and classifications of others
    /// are refused.
    pub fn operating_systems(mut self, systems: impl IntoIterator<Item = OperatingSystem>) -> Self {
        self.operating_systems.extend(systems);
        self
    }

    /// Checks the rules. Every verb that judges by them does so first.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: no rule, 0 days, a severity
    /// or a classification that no operating system of the fleet has, and two rules for the same patches.
    pub fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        found.require(!self.rules.is_empty(), "Rules", "", "at least one deadline");
        let severities = self.known(&[
            PatchFilterKey::MsrcSeverity,
            PatchFilterKey::Severity,
            PatchFilterKey::Priority,
        ]);
        let classifications = self.known(&[PatchFilterKey::Classification]);
        let mut seen = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let at = |member: &str| format!("Rules[{index}].{member}");
            found.require(rule.days > 0, at("Days"), rule.days, "1 day or more");
            let words = [
                ("Severity", &rule.severity, &severities),
                ("Classification", &rule.classification, &classifications),
            ];
            for (member, word, known) in words {
                if let Some(word) = word {
                    require_known(&mut found, at(member), word, known);
                }
            }
            let same = seen
                .iter()
                .position(|earlier| *earlier == rule.conditions());
            if let Some(same) = same {
                let legal = format!("one rule for the same patches: Rules[{same}] has them");
                found.push(format!("Rules[{index}]"), rule.to_string(), legal);
            }
            seen.push(rule.conditions());
        }
        found.or("ComplianceReport::deadlines", ())
    }

    /// The values that the operating systems of the fleet have under these keys; `None` if one of
    /// them can have any.
    fn known(&self, keys: &[PatchFilterKey]) -> Option<BTreeSet<&'static str>> {
        let systems = match self.operating_systems.as_slice() {
            [] => OperatingSystem::KNOWN,
            systems => systems,
        };
        let mut known = BTreeSet::new();
        for os in systems {
            if os.family() == OsFamily::Unknown {
                return None;
            }
            let rules = OsRules::of(os);
            known.extend(keys.iter().flat_map(|key| rules.known_values(key)).copied());
            // A rule of a baseline cannot name it, but nodes report it for a security archive.
            if os.family() == OsFamily::Apt && keys.contains(&PatchFilterKey::Classification) {
                known.insert("Security");
            }
        }
        Some(known)
    }
}

fn require_known(
    found: &mut Violations,
    field: String,
    word: &str,
    known: &Option<BTreeSet<&'static str>>,
) {
    let Some(known) = known else { return };
    if known.contains(word) {
        return;
    }
    let mut listed = known.iter();
    let cased = listed.find(|listed| listed.eq_ignore_ascii_case(word));
    let legal = match cased {
        Some(meant) => format!("write `{meant}`"),
        None if known.is_empty() => "nothing: the operating systems have no such values".to_owned(),
        None => {
            let known: Vec<&str> = known.iter().copied().collect();
            format!("one that the operating systems have: {}", known.join(", "))
        }
    };
    found.push(field, word, legal);
}

/// One line, such as `Critical in group web: 7 days`.
impl fmt::Display for DeadlineRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = [&self.severity, &self.classification]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        match (words.is_empty(), &self.group) {
            (true, None) => f.write_str("otherwise")?,
            (true, Some(group)) => write!(f, "group {group}")?,
            (false, None) => f.write_str(&words.join(" "))?,
            (false, Some(group)) => write!(f, "{} in group {group}", words.join(" "))?,
        }
        match self.days {
            1 => f.write_str(": 1 day"),
            days => write!(f, ": {days} days"),
        }
    }
}

/// The rules, separated by `; `.
impl fmt::Display for Deadlines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            let before = if index == 0 { "" } else { "; " };
            write!(f, "{before}{rule}")?;
        }
        Ok(())
    }
}
