//! Linux and macOS: the versions of packages that fix a CVE.

use std::collections::BTreeMap;

use super::answer::ExposureFix;
use super::judge::{Found, Read, Subject, is_missing, names};
use crate::compliance::{PatchComplianceData, PatchState};
use crate::memory::version_order;
use crate::plan::reported_version;
use crate::types::{OperatingSystem, OsFamily, Patch};

pub(super) fn look_for(subject: &Subject<'_>, cve: &str, found: &mut Found) {
    let fixes = match subject.all.fixes.of_products.get(subject.product) {
        Some(Ok(fixes)) => fixes,
        Some(Err(error)) => {
            found.unknown = Some(format!("the catalog was not read: {error}"));
            return;
        }
        None => {
            found.unknown = Some("the catalog was not read".to_owned());
            return;
        }
    };
    let mut packages: BTreeMap<String, Vec<&Patch>> = BTreeMap::new();
    for patch in fixes.iter().filter(|patch| fixes_cve(patch, cve)) {
        packages.entry(patch.kb_id()).or_default().push(patch);
    }
    if packages.is_empty() && found.fixes.is_empty() {
        without_fixes(subject, found);
    }
    for (kb, versions) in packages {
        match newest(subject, &kb) {
            Ok(Some((row, reported))) => {
                of_package(subject, cve, (row, &reported), &versions, found)
            }
            Ok(None) => {}
            Err(reason) => found.unknown = Some(reason),
        }
    }
}

/// The row of a package with its newest version, which for a missing one is the version that is missing.
/// Kernels are installed side by side.
fn newest<'a>(subject: &Subject<'a>, kb: &str) -> Read<Option<(&'a PatchComplianceData, Patch)>> {
    let family = subject.os.family();
    let mut newest: Option<(&PatchComplianceData, Patch)> = None;
    // On Linux such a row is about a package that is not installed in any version.
    let rows = subject.rows().iter();
    let rows = rows.filter(|row| row.state != PatchState::NotApplicable && row.kb_id == kb);
    for row in rows {
        let Some(version) = reported_version(family, row) else {
            return Err(format!("the version of {kb} is not known: {}", row.title));
        };
        let newer = newest
            .as_ref()
            .is_none_or(|(_, known)| version_order(family, &version, known).is_gt());
        if newer {
            newest = Some((row, version));
        }
    }
    Ok(newest)
}

/// What it means that the catalog has no fix.
fn without_fixes(subject: &Subject<'_>, found: &mut Found) {
    let os = subject.os;
    match os {
        OperatingSystem::AmazonLinux | OperatingSystem::AmazonLinux2 => {
            found.no_patch = Some("no patch of the catalog fixes it".to_owned());
        }
        _ if matches!(os.family(), OsFamily::Apt | OsFamily::Macos) => {
            let reason = format!("neither nodes nor the catalog have CVE ids for {os}");
            found.unknown = Some(reason);
        }
        _ => {
            let reason = format!(
                "the catalog has no fix for {os}, which it may not cover: only approved fixes are seen"
            );
            found.unknown = Some(reason);
        }
    }
}

/// What a node reports of a package, and its version, beside those that fix a CVE.
fn of_package(
    subject: &Subject<'_>,
    cve: &str,
    (row, reported): (&PatchComplianceData, &Patch),
    versions: &[&Patch],
    found: &mut Found,
) {
    let family = subject.os.family();
    if is_missing(row) && names(row, cve) {
        return;
    }
    let first = versions
        .iter()
        .min_by(|one, other| version_order(family, one, other));
    let Some(first) = first else { return };
    let order = version_order(family, reported, first);
    if order.is_lt() {
        found.fixes.extend(fastest(subject, cve, versions));
    } else if row.state == PatchState::InstalledPendingReboot {
        found.fixes.push(subject.rebooting(cve, row));
    } else if is_missing(row) && row.cve_ids.is_none() {
        // The row has the version that is missing. Nodes leave CVE ids out on apt, and if their report
        // would be too long.
        match order.is_eq() {
            true => found.fixes.push(subject.missing(cve, row)),
            false => {
                let reason = format!("{} is missing, without its CVE ids", row.title);
                found.unknown = Some(reason);
            }
        }
    }
}

/// The version that the baseline approves first.
fn fastest(subject: &Subject<'_>, cve: &str, versions: &[&Patch]) -> Option<ExposureFix> {
    let fixes = versions.iter().map(|patch| subject.unapproved(cve, patch));
    fixes.min_by_key(|fix| (fix.route, fix.approved_at))
}

/// Whether a patch fixes a CVE.
pub(super) fn fixes_cve(patch: &Patch, cve: &str) -> bool {
    let mut ids = patch.cve_ids.iter().flatten();
    ids.any(|id| id.eq_ignore_ascii_case(cve))
}
