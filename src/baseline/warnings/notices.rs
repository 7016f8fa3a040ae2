//! Warnings about rules, list entries and custom repositories that approve nothing, most of them
//! because the repositories have no update notices.
//!
//! A package without a notice has neither classification nor severity. Only `*` passes it in a
//! filter over them, and only EnableNonSecurity admits it (User Guide, prerequisites and rules for
//! Linux).

use super::{Found, GLOBAL_FILTERS, filters_path, rule_path};
use crate::baseline::approval::is_notice_id;
use crate::baseline::{BaselineSpec, PatchFilter, PatchFilterKey as Key};
use crate::types::{OperatingSystem as Os, OsFamily};

/// Warns of rules and filters that need update notices.
pub(super) fn check_rules(spec: &BaselineSpec, os: &Os, found: &mut Found) {
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
fn lacks_notices(spec: &BaselineSpec, os: &Os) -> bool {
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
fn needing_notices(filters: &[PatchFilter]) -> impl Iterator<Item = (usize, &PatchFilter)> {
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

/// Warns of entries of the two lists that match nothing, or may not.
pub(super) fn check_lists(spec: &BaselineSpec, os: &Os, found: &mut Found) {
    let notices = !lacks_notices(spec, os);
    for (list, entries) in [
        ("ApprovedPatches", &spec.approved_patches),
        ("RejectedPatches", &spec.rejected_patches),
    ] {
        for (index, entry) in entries.iter().enumerate() {
            if let Some(advice) = about(list, entry, os, notices) {
                found.add(format!("{list}[{index}]"), entry.as_str(), advice);
            }
        }
    }
}

/// The warning about an entry that is the id of a notice.
///
/// The User Guide's tables of notice attributes allow such ids in both lists, its page of package
/// name formats in the approved list only. Nodes of 2021 compared rejected entries with packages
/// only, and approved ids as they are: whole, and in capital letters.
fn about(list: &str, entry: &str, os: &Os, notices: bool) -> Option<&'static str> {
    let prefixed = is_notice_id(entry);
    let digits = !entry.is_empty() && entry.bytes().all(|b| b.is_ascii_digit());
    let capitals = !entry.bytes().any(|b| b.is_ascii_lowercase());
    match (os.family(), list) {
        (OsFamily::Rpm, "RejectedPatches") if prefixed || digits => Some(
            "the documentation allows it, but nodes of 2021 compare rejected entries with package \
             names only: reject the packages by name too",
        ),
        (OsFamily::Rpm, _) if !notices && (prefixed || digits) => {
            Some("approves nothing: CentOS repositories have no update notices")
        }
        (OsFamily::Rpm, _) if prefixed && entry.contains(['*', '?', '[']) => Some(
            "approves nothing: wildcards match package names, not notice ids; write the whole id",
        ),
        (OsFamily::Rpm, _) if prefixed && !capitals => {
            Some("approves nothing: notice ids are case-sensitive; write it in capital letters")
        }
        (OsFamily::Windows | OsFamily::Apt | OsFamily::Zypper | OsFamily::Macos, _)
            if entry.to_ascii_uppercase().starts_with("CVE-") =>
        {
            Some("matches nothing: CVE ids match on rpm systems only")
        }
        _ => None,
    }
}

/// Warns of custom repositories that nodes cannot read, or from which no rule may approve anything.
pub(super) fn check_sources(spec: &BaselineSpec, os: &Os, found: &mut Found) {
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
        let names: Vec<_> = spec
            .sources
            .iter()
            .map(|source| source.name.as_str())
            .collect();
        found.add("Sources", names.join(", "), advice);
    }
}

/// yum and dnf read a repository from its `[section]`, which AWS's own example once lacked
/// (aws-systems-manager-user-guide#43). The text is not shown, because it may hold credentials.
fn first_lines(spec: &BaselineSpec, os: &Os, found: &mut Found) {
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
