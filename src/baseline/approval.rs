//! The one judge of what a baseline approves: a pure function of baseline, patch and instant.

use jiff::Timestamp;

use super::{PatchAction, PatchBaseline};
use crate::types::{Patch, PatchComplianceLevel};

/// How `ApproveAfterDays` is counted; the sources differ by hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DelayRule {
    /// By UTC calendar day: released on the 7th with 7 days is approved from the 14th at 00:00. The
    /// current User Guide's rule, and the default.
    #[default]
    UtcDay,
    /// By elapsed hours: strictly older than days times 24 hours, as nodes did in 2021.
    Elapsed,
}

/// What a baseline says of a patch at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Approved.
    Approved {
        /// The highest compliance level among everything that approves it.
        level: PatchComplianceLevel,
        /// Since when, by the earliest approval; absent where no date is involved.
        since: Option<Timestamp>,
        /// What approves it.
        by: Vec<ApprovedBy>,
    },
    /// A rule matches, but its waiting period is not over.
    Pending {
        /// The index of the rule that approves it first.
        rule: usize,
        /// When.
        until: Timestamp,
        /// The compliance level it will have.
        level: PatchComplianceLevel,
    },
    /// It is in the rejected list, which wins over everything.
    Rejected {
        /// The list entry that names it.
        entry: String,
        /// What the baseline does with rejected patches.
        action: PatchAction,
    },
    /// Nothing approves it.
    NotApproved {
        /// Why not, for the global filters or for each rule in turn.
        reasons: Vec<NotApprovedReason>,
    },
}

impl Verdict {
    /// Whether the patch is approved now.
    pub fn is_approved(&self) -> bool {
        matches!(self, Verdict::Approved { .. })
    }
}

/// What approves a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApprovedBy {
    /// The rule with this index.
    Rule(usize),
    /// This entry of the approved list.
    ListEntry(String),
}

/// Why a patch is not approved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotApprovedReason {
    /// The baseline has neither rules nor an approved list.
    NothingApproves,
    /// A global filter drops it: the filter's index.
    GlobalFilter(usize),
    /// A filter of a rule does not pass it.
    RuleFilter {
        /// The rule's index.
        rule: usize,
        /// The filter's index within the rule.
        filter: usize,
    },
    /// The rule admits security patches only, and this is none.
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

/// Judges a patch by a baseline at an instant, and says why.
///
/// The order is the service's: the rejected list wins; the approved list bypasses the global
/// filters; else any rule, all of whose filters pass, approves it once its date has come.
pub fn evaluate(baseline: &PatchBaseline, patch: &Patch, at: Timestamp) -> Verdict {
    evaluate_with(baseline, patch, at, DelayRule::default())
}

/// The same, counting delays by another rule.
pub fn evaluate_with(
    _baseline: &PatchBaseline,
    _patch: &Patch,
    _at: Timestamp,
    _delay: DelayRule,
) -> Verdict {
    Verdict::NotApproved {
        reasons: vec![NotApprovedReason::NothingApproves],
    }
}
