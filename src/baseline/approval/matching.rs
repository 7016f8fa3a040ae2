//! Whether a patch passes a filter.

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
    if lacks_severity_only(filter, patch, os) {
        return true;
    }
    let actual = members(&filter.key, patch);
    filter.values.iter().any(|wanted| {
        actual
            .iter()
            .any(|actual| equal(&filter.key, wanted, actual, os))
    })
}

/// On rpm a package whose notice has a classification but no severity is matched on its
/// classification alone (User Guide, rules for Linux; nodes in 2021 never approved such packages).
fn lacks_severity_only(filter: &PatchFilter, patch: &Patch, os: &OperatingSystem) -> bool {
    filter.key == PatchFilterKey::Severity
        && os.family() == OsFamily::Rpm
        && is_empty(&patch.severity)
        && !is_empty(&patch.classification)
}

pub(super) fn is_empty(member: &Option<String>) -> bool {
    member.as_deref().is_none_or(str::is_empty)
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

/// Microsoft files operating-system patches under the product family `Windows`.
fn patch_set(patch: &Patch) -> &'static str {
    match patch.product_family.as_deref() {
        None | Some("" | "Windows") => "OS",
        Some(_) => "APPLICATION",
    }
}

fn equal(key: &PatchFilterKey, wanted: &str, actual: &str, os: &OperatingSystem) -> bool {
    match key {
        PatchFilterKey::Classification
        | PatchFilterKey::MsrcSeverity
        | PatchFilterKey::Priority
        | PatchFilterKey::Section => wanted.eq_ignore_ascii_case(actual),
        PatchFilterKey::Severity => same_severity(wanted, actual),
        PatchFilterKey::Product if os.family() == OsFamily::Apt => {
            wanted.eq_ignore_ascii_case(actual)
        }
        _ => wanted == actual,
    }
}

/// Advisories say `Moderate` where the service's own list says `Medium`; both mean the same.
fn same_severity(wanted: &str, actual: &str) -> bool {
    let canonical = |severity: &str| {
        let severity = severity.to_ascii_lowercase();
        if severity == "moderate" {
            "medium".to_owned()
        } else {
            severity
        }
    };
    canonical(wanted) == canonical(actual)
}
