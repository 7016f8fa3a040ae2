//! Warnings about custom repositories that nodes cannot read, or that no rule may approve anything
//! from.

use super::Found;
use super::notices::needing_notices;
use crate::baseline::BaselineSpec;
use crate::types::{OperatingSystem, OsFamily};

pub(super) fn check(spec: &BaselineSpec, os: &OperatingSystem, found: &mut Found) {
    if os.family() == OsFamily::Rpm && !spec.sources.is_empty() {
        rules_needing_notices(spec, found);
    }
    first_lines(spec, os, found);
}

/// The repository's owner decides whether it has notices, so this is one warning for all rules.
fn rules_needing_notices(spec: &BaselineSpec, found: &mut Found) {
    let global = &spec.global_filters.patch_filters;
    let open = spec.approval_rules.patch_rules.iter().any(|rule| {
        let filters = &rule.filters.patch_filters;
        rule.enable_non_security == Some(true)
            && needing_notices(filters)
                .chain(needing_notices(global))
                .next()
                .is_none()
    });
    if !open && !spec.approval_rules.is_empty() {
        let advice = "if these repositories have no update notices, no rule approves anything: \
                      set EnableNonSecurity, and filter CLASSIFICATION and SEVERITY by `*` only";
        found.add("Sources", format!("{} sources", spec.sources.len()), advice);
    }
}

/// yum and dnf read a repository from its `[section]`, which AWS's own example once lacked
/// (aws-systems-manager-user-guide#43). The text is not shown, because it may hold credentials.
fn first_lines(spec: &BaselineSpec, os: &OperatingSystem, found: &mut Found) {
    let (begins, advice) = match os.family() {
        OsFamily::Rpm => (
            "[",
            "yum and dnf need the `[section]` of the repository as the first line",
        ),
        OsFamily::Apt => ("deb ", "apt needs one line that begins with `deb `"),
        _ => return,
    };
    for (index, source) in spec.sources.iter().enumerate() {
        let lines = source.configuration.lines().map(str::trim_start);
        let mut stated = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        if !stated.next().is_some_and(|line| line.starts_with(begins)) {
            let characters = source.configuration.chars().count();
            let value = format!("<{characters} characters>");
            found.add(format!("Sources[{index}].Configuration"), value, advice);
        }
    }
}
