//! Warnings about parts of a baseline that contradict each other, or that another part makes useless.

use std::collections::BTreeSet;

use super::{Found, rule_path};
use crate::baseline::approval::{covers, is_notice_id};
use crate::baseline::{Approval, ApprovalRule, BaselineSpec};
use crate::types::{OperatingSystem as Os, OsFamily};

/// Warns of list entries that another entry overrules or repeats.
pub(super) fn check_lists(spec: &BaselineSpec, os: &Os, found: &mut Found) {
    for (index, entry) in spec.approved_patches.iter().enumerate() {
        // Nodes of 2021 compare rejected entries with packages only, so a rejected id may reject nothing.
        if is_id(entry, os) {
            continue;
        }
        let mut rejected = spec.rejected_patches.iter().enumerate();
        if let Some((by, other)) = rejected.find(|(_, other)| includes(other, entry, os)) {
            // User Guide, how patches are selected: the rejected list comes last and always wins.
            let advice =
                format!("not approved: RejectedPatches[{by}] `{other}` rejects it, and wins");
            found.add(format!("ApprovedPatches[{index}]"), entry.as_str(), advice);
        }
    }
    for (list, entries) in [
        ("ApprovedPatches", &spec.approved_patches),
        ("RejectedPatches", &spec.rejected_patches),
    ] {
        for (index, entry) in entries.iter().enumerate() {
            let mut others = entries.iter().enumerate();
            let other = others.find(|(place, other)| match is_same(other, entry, os) {
                true => *place < index,
                false => includes(other, entry, os),
            });
            if let Some((by, other)) = other {
                let advice = format!("no effect: {list}[{by}] `{other}` already names it");
                found.add(format!("{list}[{index}]"), entry.as_str(), advice);
            }
        }
    }
}

/// Whether every patch that `entry` names is one that `other` names, as far as the texts show it.
fn includes(other: &str, entry: &str, os: &Os) -> bool {
    // Neither Windows nor macOS documents a wildcard (User Guide, package name formats).
    let has_patterns = matches!(
        os.family(),
        OsFamily::Rpm | OsFamily::Apt | OsFamily::Zypper
    );
    is_same(other, entry, os) || has_patterns && !is_id(entry, os) && covers(other, entry, os)
}

/// Letter case does not matter, except in ids of notices, and in the full names of zypper.
fn is_same(one: &str, other: &str, os: &Os) -> bool {
    match is_id(one, os) || os.family() == OsFamily::Zypper {
        true => one == other,
        false => one.eq_ignore_ascii_case(other),
    }
}

/// Whether an entry can be the id of a notice: of an advisory or a CVE, or the digits of Bugzilla's.
fn is_id(entry: &str, os: &Os) -> bool {
    let is_number = entry.bytes().all(|byte| byte.is_ascii_digit());
    os.family() == OsFamily::Rpm && (is_number || is_notice_id(entry))
}

/// Warns of a rule that decides nothing, because another one with the same filters approves all that it
/// approves, no later and at no lower level.
///
/// The level of a patch is the highest of all rules that match, so a later rule with a higher level
/// does decide something.
pub(super) fn check_rules(spec: &BaselineSpec, os: &Os, found: &mut Found) {
    let rules = &spec.approval_rules.patch_rules;
    for (index, rule) in rules.iter().enumerate() {
        let path = rule_path(index);
        let mut others = rules.iter().enumerate();
        // Of two rules that decide the same, the first one stays.
        let decides = others.find(|(place, other)| {
            *place != index
                && replaces(other, rule, os)
                && (*place < index || !replaces(rule, other, os))
        });
        if let Some((by, _)) = decides {
            let (member, value) = approval_text(rule.approval);
            let advice = format!(
                "the rule decides nothing: {} has the same filters, and approves each patch no later \
                 and at no lower level",
                rule_path(by)
            );
            found.add(format!("{path}.{member}"), value, advice);
        }
    }
    if rules.is_empty() && spec.approved_patches.is_empty() {
        let advice = "the baseline approves nothing: it has no rule and no approved patch";
        found.add("ApprovalRules.PatchRules", "0 rules", advice);
    }
}

fn replaces(rule: &ApprovalRule, other: &ApprovalRule, os: &Os) -> bool {
    let level = |rule: &ApprovalRule| rule.compliance_level.clone().unwrap_or_default();
    let admits_all = |rule: &ApprovalRule| rule.enable_non_security == Some(true);
    filters(rule) == filters(other)
        && is_no_later(rule.approval, other.approval, os)
        && level(rule) >= level(other)
        && (admits_all(rule) || !admits_all(other))
}

/// The filters and their values without their order, which means nothing.
fn filters(rule: &ApprovalRule) -> BTreeSet<(&str, BTreeSet<&str>)> {
    let filters = rule.filters.patch_filters.iter();
    let filters = filters.map(|filter| {
        let values = filter.values.iter().map(String::as_str).collect();
        (filter.key.as_str(), values)
    });
    filters.collect()
}

/// Whether a patch is approved by the first no later than by the second, whatever its date. A delay and
/// a cut-off date do not compare.
fn is_no_later(first: Option<Approval>, second: Option<Approval>, os: &Os) -> bool {
    // An absent delay is one of 0 days. apt has no dates, so it approves at once.
    let given = |approval: Option<Approval>| approval.unwrap_or(Approval::AfterDays(0));
    match (given(first), given(second)) {
        _ if os.family() == OsFamily::Apt => true,
        (Approval::AfterDays(first), Approval::AfterDays(second)) => first <= second,
        (Approval::UntilDate(first), Approval::UntilDate(second)) => first >= second,
        _ => false,
    }
}

fn approval_text(approval: Option<Approval>) -> (&'static str, String) {
    match approval {
        Some(Approval::UntilDate(date)) => ("ApproveUntilDate", date.to_string()),
        Some(Approval::AfterDays(days)) => ("ApproveAfterDays", days.to_string()),
        None => ("ApproveAfterDays", "0".to_owned()),
    }
}
