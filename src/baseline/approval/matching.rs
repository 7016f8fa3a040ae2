//! Whether a patch passes a filter.

use crate::baseline::catalog::is_product_of_windows;
use crate::baseline::{PatchFilter, PatchFilterKey};
use crate::types::{OperatingSystem, OsFamily, Patch};

/// The index of the first filter that the patch does not pass.
pub(super) fn first_failing(
    filters: &[PatchFilter],
    patch: &Patch,
    os: &OperatingSystem,
) -> Option<usize> {
    filters.iter().position(|filter| !passes(filter, patch, os))
}

fn passes(filter: &PatchFilter, patch: &Patch, os: &OperatingSystem) -> bool {
    if filter.values.iter().any(|value| value == "*") {
        return true;
    }
    let actual = members(&filter.key, patch);
    filter.values.iter().any(|wanted| {
        actual
            .iter()
            .any(|actual| equal(&filter.key, wanted, actual, os, patch))
    })
}

/// Whether a rule says nothing of patch sets, and the patch is one of Microsoft's applications.
///
/// Such a rule is about the operating system: AWS-DefaultPatchBaseline has no PATCH_SET, and the
/// User Guide calls it identical to the one with PATCH_SET=OS (predefined baselines).
pub(super) fn is_application_without_patch_set(
    filters: &[PatchFilter],
    patch: &Patch,
    os: &OperatingSystem,
) -> bool {
    os.family() == OsFamily::Windows
        && !filters
            .iter()
            .any(|filter| filter.key == PatchFilterKey::PatchSet)
        && patch_set(patch) != "OS"
}

/// What a patch has under a filter key.
pub(crate) fn members(key: &PatchFilterKey, patch: &Patch) -> Vec<String> {
    let one = |member: &Option<String>| member.iter().cloned().collect::<Vec<_>>();
    let many = |member: &Option<Vec<String>>| member.clone().unwrap_or_default();
    match key {
        PatchFilterKey::Product => one(&patch.product),
        PatchFilterKey::ProductFamily => one(&patch.product_family),
        PatchFilterKey::Classification => one(&patch.classification),
        PatchFilterKey::MsrcSeverity => one(&patch.msrc_severity),
        PatchFilterKey::Severity => one(&patch.severity),
        PatchFilterKey::Priority => one(&patch.priority),
        PatchFilterKey::Section => one(&patch.section),
        PatchFilterKey::PatchSet => vec![patch_set(patch).to_owned()],
        PatchFilterKey::PatchId => patch.kb_number.iter().chain(&patch.id).cloned().collect(),
        PatchFilterKey::Name => one(&patch.name),
        PatchFilterKey::Arch => one(&patch.arch),
        PatchFilterKey::Version => one(&patch.version),
        PatchFilterKey::Release => one(&patch.release),
        PatchFilterKey::Repository => one(&patch.repository),
        PatchFilterKey::Epoch => patch.epoch.iter().map(i32::to_string).collect(),
        PatchFilterKey::AdvisoryId => many(&patch.advisory_ids),
        PatchFilterKey::BugzillaId => many(&patch.bugzilla_ids),
        PatchFilterKey::CveId => many(&patch.cve_ids),
        PatchFilterKey::Security | PatchFilterKey::Other(_) => Vec::new(),
    }
}

/// Microsoft files operating-system patches under the family `Windows`. If a patch names no family,
/// its product decides; one without either is the system's.
fn patch_set(patch: &Patch) -> &'static str {
    let of_system = match patch.product_family.as_deref() {
        Some("Windows") => true,
        None | Some("") => match patch.product.as_deref() {
            None | Some("") => true,
            Some(product) => is_product_of_windows(product),
        },
        Some(_) => false,
    };
    if of_system { "OS" } else { "APPLICATION" }
}

/// Classification and severity are taken in any letter case, except by yum, which writes those of a
/// notice in title case and compares them exactly: `security` matches nothing there (node code).
fn equal(
    key: &PatchFilterKey,
    wanted: &str,
    actual: &str,
    os: &OperatingSystem,
    patch: &Patch,
) -> bool {
    match key {
        PatchFilterKey::Classification | PatchFilterKey::Severity
            if os.uses_yum(patch.product.as_deref()) =>
        {
            wanted == title_case(actual)
        }
        PatchFilterKey::Classification
        | PatchFilterKey::MsrcSeverity
        | PatchFilterKey::Priority
        | PatchFilterKey::Section => wanted.eq_ignore_ascii_case(actual),
        PatchFilterKey::Severity => same_severity(wanted, actual, os),
        PatchFilterKey::Product if os.family() == OsFamily::Apt => {
            wanted.eq_ignore_ascii_case(actual)
        }
        _ => wanted == actual,
    }
}

fn title_case(text: &str) -> String {
    let mut after_letter = false;
    let cased = text.chars().map(|c| {
        let cased = if after_letter {
            c.to_ascii_lowercase()
        } else {
            c.to_ascii_uppercase()
        };
        after_letter = c.is_ascii_alphabetic();
        cased
    });
    cased.collect()
}

/// On Amazon Linux 2023 `Medium` and `Moderate` are one severity (User Guide, rules for Linux).
/// Nodes of 2021 knew that of no system, and no text says it of another, so elsewhere they differ.
fn same_severity(wanted: &str, actual: &str, os: &OperatingSystem) -> bool {
    let middle = |severity: &str| {
        severity.eq_ignore_ascii_case("Medium") || severity.eq_ignore_ascii_case("Moderate")
    };
    wanted.eq_ignore_ascii_case(actual)
        || *os == OperatingSystem::AmazonLinux2023 && middle(wanted) && middle(actual)
}
