//! Warnings about rules and lists that need update notices when the repositories have none.
//!
//! A package without a notice has neither classification nor severity. Only `*` passes it in a
//! filter over them, and only EnableNonSecurity admits it (User Guide, prerequisites and rules for
//! Linux).

use super::{Found, GLOBAL_FILTERS, filters_path, rule_path};
use crate::baseline::{BaselineSpec, PatchFilter, PatchFilterKey as Key};
use crate::types::{OperatingSystem as Os, OsFamily};

pub(super) fn check(spec: &BaselineSpec, os: &Os, found: &mut Found) {
    let global = &spec.global_filters.patch_filters;
    for (index, rule) in spec.approval_rules.patch_rules.iter().enumerate() {
        severities(os, &filters_path(index), &rule.filters.patch_filters, found);
    }
    severities(os, GLOBAL_FILTERS, global, found);
    if lacks_notices(spec, os) {
        centos_rules(spec, found);
    }
}

/// Whether the repositories certainly have no notices: CentOS without custom repositories.
pub(super) fn lacks_notices(spec: &BaselineSpec, os: &Os) -> bool {
    *os == Os::Centos && spec.sources.is_empty()
}

/// The parts of the baseline that approve nothing on CentOS.
fn centos_rules(spec: &BaselineSpec, found: &mut Found) {
    const CLOSED: &str =
        "approves nothing: CentOS repositories have no update notices; set this to `true`";
    const FILTERED: &str =
        "nothing passes: CentOS repositories have no update notices; only `*` matches";
    let mut filters = |path: &str, filters: &[PatchFilter]| {
        for (index, filter) in needing_notices(filters) {
            let values = filter.values.join(", ");
            found.add(format!("{path}[{index}].Values"), values, FILTERED);
        }
    };
    filters(GLOBAL_FILTERS, &spec.global_filters.patch_filters);
    for (index, rule) in spec.approval_rules.patch_rules.iter().enumerate() {
        filters(&filters_path(index), &rule.filters.patch_filters);
    }
    for (index, rule) in spec.approval_rules.patch_rules.iter().enumerate() {
        if rule.enable_non_security != Some(true) {
            let field = format!("{}.EnableNonSecurity", rule_path(index));
            found.add(field, "false", CLOSED);
        }
    }
    if !spec.approved_patches.is_empty() && spec.approved_patches_enable_non_security != Some(true)
    {
        found.add("ApprovedPatchesEnableNonSecurity", "false", CLOSED);
    }
}

/// The filters that a package without a notice does not pass.
pub(super) fn needing_notices(
    filters: &[PatchFilter],
) -> impl Iterator<Item = (usize, &PatchFilter)> {
    filters.iter().enumerate().filter(|(_, filter)| {
        matches!(filter.key, Key::Classification | Key::Severity)
            && !filter.values.iter().any(|value| value == "*")
    })
}

/// Amazon says Medium, the other vendors say Moderate. The two are equal on Amazon Linux 2023 only
/// (User Guide, rules for Linux).
fn severities(os: &Os, path: &str, filters: &[PatchFilter], found: &mut Found) {
    let (given, vendors) = match os {
        Os::AmazonLinux2023 => return,
        Os::AmazonLinux | Os::AmazonLinux2 | Os::AmazonLinux2022 => ("Moderate", "Medium"),
        os if matches!(os.family(), OsFamily::Rpm | OsFamily::Zypper) => ("Medium", "Moderate"),
        _ => return,
    };
    for (index, filter) in filters.iter().enumerate() {
        let has = |wanted| {
            filter
                .values
                .iter()
                .any(|value| value == wanted || value == "*")
        };
        if filter.key == Key::Severity && has(given) && !has(vendors) {
            let advice = format!("the notices of {os} say `{vendors}` instead");
            found.add(format!("{path}[{index}].Values"), given, advice);
        }
    }
}
