use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::matching::members;
use crate::baseline::{PatchAction, PatchBaseline, PatchFilter};
use crate::types::{Patch, PatchComplianceLevel};

/// The verdict of a baseline on a patch at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum ApprovalVerdict {
    /// Approved.
    Approved {
        /// The highest compliance level among everything that approves it.
        level: PatchComplianceLevel,
        /// The end of the earliest delay, or the release for a cut-off date; absent if no date is involved.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// What approves it.
        by: Vec<ApprovedBy>,
    },
    /// A rule matches, but its waiting period is not over.
    Pending {
        /// The index of the rule that approves it first; the lowest of several.
        rule: usize,
        /// The end of the delay: the patch is approved after this instant, not at it.
        until: Timestamp,
        /// The compliance level it will have then: the highest among the rules that approve it.
        level: PatchComplianceLevel,
    },
    /// The rejected list names it. Rejection wins over approval.
    Rejected {
        /// The list entry that names it.
        entry: String,
        /// What the baseline does with rejected patches.
        action: PatchAction,
    },
    /// Nothing approves it.
    NotApproved {
        /// The reasons: one for the global filters, or one for each rule.
        reasons: Vec<NotApprovedReason>,
    },
}

/// An [`ApprovalVerdict`] without its reason: what [`CompiledBaseline::decide`] answers.
///
/// [`CompiledBaseline::decide`]: super::CompiledBaseline::decide
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum ApprovalDecision {
    /// Approved.
    Approved {
        /// As in [`ApprovalVerdict::Approved`].
        level: PatchComplianceLevel,
        /// As in [`ApprovalVerdict::Approved`].
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// A rule matches, but its waiting period is not over.
    Pending {
        /// As in [`ApprovalVerdict::Pending`].
        rule: usize,
        /// As in [`ApprovalVerdict::Pending`].
        until: Timestamp,
        /// As in [`ApprovalVerdict::Pending`].
        level: PatchComplianceLevel,
    },
    /// The rejected list names it.
    Rejected {
        /// What the baseline does with rejected patches.
        action: PatchAction,
    },
    /// Nothing approves it.
    NotApproved,
}

impl ApprovalDecision {
    /// Whether the patch is approved now.
    pub fn is_approved(&self) -> bool {
        matches!(self, ApprovalDecision::Approved { .. })
    }
}

impl ApprovalVerdict {
    /// Whether the patch is approved now.
    pub fn is_approved(&self) -> bool {
        matches!(self, ApprovalVerdict::Approved { .. })
    }
}

/// What approves a patch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum ApprovedBy {
    /// The rule with this index.
    Rule(usize),
    /// This entry of the approved list.
    ListEntry(String),
}

/// Why a patch is not approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum NotApprovedReason {
    /// The baseline has neither rules nor an approved list.
    NothingApproves,
    /// A global filter excludes it: the filter's index.
    GlobalFilter(usize),
    /// A filter of a rule does not pass it.
    RuleFilter {
        /// The rule's index.
        rule: usize,
        /// The filter's index within the rule.
        filter: usize,
    },
    /// The rule has no PATCH_SET filter, so it covers Windows itself only, and the patch belongs to
    /// an application.
    NotOperatingSystem {
        /// The rule's index.
        rule: usize,
    },
    /// The rule admits security patches only, and this is not one.
    NotSecurity {
        /// The rule's index.
        rule: usize,
    },
    /// It was released after the rule's cut-off date.
    AfterCutoff {
        /// The rule's index.
        rule: usize,
    },
    /// This entry of the approved list names it, but admits security patches only.
    ListedButNotSecurity(String),
}

impl fmt::Display for ApprovedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => write!(f, "rule {rule}"),
            Self::ListEntry(entry) => write!(f, "approved list entry `{entry}`"),
        }
    }
}

impl fmt::Display for NotApprovedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingApproves => {
                f.write_str("the baseline has no rules and no approved list entry for it")
            }
            Self::GlobalFilter(filter) => write!(f, "global filter {filter} drops it"),
            Self::RuleFilter { rule, filter } => {
                write!(f, "rule {rule}: filter {filter} does not pass it")
            }
            Self::NotOperatingSystem { rule } => write!(
                f,
                "rule {rule}: takes patches of Windows only, since it has no PATCH_SET filter"
            ),
            Self::NotSecurity { rule } => write!(f, "rule {rule}: admits security patches only"),
            Self::AfterCutoff { rule } => write!(f, "rule {rule}: released after the cut-off date"),
            Self::ListedButNotSecurity(entry) => {
                write!(
                    f,
                    "approved list entry `{entry}`: admits security patches only"
                )
            }
        }
    }
}

impl fmt::Display for ApprovalDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved {
                since: Some(since), ..
            } => write!(f, "approved since {since}"),
            Self::Approved { .. } => f.write_str("approved"),
            Self::Pending { rule, until, .. } => write!(f, "pending until {until} by rule {rule}"),
            Self::Rejected { .. } => f.write_str("rejected"),
            Self::NotApproved => f.write_str("not approved"),
        }
    }
}

impl fmt::Display for ApprovalVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved { since, by, .. } => {
                f.write_str("approved by ")?;
                join(f, by, " and ")?;
                match since {
                    Some(since) => write!(f, " since {since}"),
                    None => Ok(()),
                }
            }
            Self::Pending { rule, until, .. } => {
                write!(f, "pending until {until} by rule {rule}")
            }
            Self::Rejected { entry, .. } => write!(f, "rejected by list entry `{entry}`"),
            Self::NotApproved { reasons } => {
                f.write_str("not approved: ")?;
                join(f, reasons, "; ")
            }
        }
    }
}

pub(super) fn join(
    f: &mut fmt::Formatter<'_>,
    items: &[impl fmt::Display],
    separator: &str,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

/// The reasons of a verdict, each with the key, what the patch has under it and what is wanted.
pub(super) fn reasons_in_words(
    verdict: &ApprovalVerdict,
    baseline: &PatchBaseline,
    patch: &Patch,
) -> Vec<String> {
    let ApprovalVerdict::NotApproved { reasons } = verdict else {
        return Vec::new();
    };
    let reasons = reasons.iter();
    reasons
        .map(|reason| in_words(reason, baseline, patch))
        .collect()
}

fn in_words(reason: &NotApprovedReason, baseline: &PatchBaseline, patch: &Patch) -> String {
    let rules = &baseline.approval_rules.patch_rules;
    match reason {
        NotApprovedReason::GlobalFilter(index) => {
            let filter = baseline.global_filters.patch_filters.get(*index);
            match filter {
                Some(filter) => format!("global filters: {}", mismatch(filter, patch)),
                None => reason.to_string(),
            }
        }
        NotApprovedReason::RuleFilter { rule, filter } => {
            let filters = rules.get(*rule).map(|rule| &rule.filters.patch_filters);
            match filters.and_then(|filters| filters.get(*filter)) {
                Some(filter) => format!("rule {rule}: {}", mismatch(filter, patch)),
                None => reason.to_string(),
            }
        }
        _ => reason.to_string(),
    }
}

fn mismatch(filter: &PatchFilter, patch: &Patch) -> String {
    let has = members(&filter.key, patch);
    let has = if has.is_empty() {
        "absent".to_owned()
    } else {
        has.join(", ")
    };
    format!(
        "{} is {has}, not {}",
        filter.key,
        filter.values.join(" or ")
    )
}
