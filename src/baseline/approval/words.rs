//! Why nothing approves a patch, in words that name the values.

use super::matching::members;
use super::{ApprovalVerdict, NotApprovedReason};
use crate::baseline::{PatchBaseline, PatchFilter};
use crate::types::Patch;

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
