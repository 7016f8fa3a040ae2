//! Windows: the updates that fix a CVE, which the query names.

use super::judge::{Found, Subject, is_missing};
use crate::compliance::PatchState;
use crate::types::Patch;

pub(super) fn look_for(subject: &Subject<'_>, cve: &str, found: &mut Found) {
    if !found.fixes.is_empty() {
        return;
    }
    let updates: Vec<&str> = subject.query.updates(cve).collect();
    if updates.is_empty() {
        let reason = "the catalog has no CVE ids for Windows: name the updates with fixed_by";
        found.unknown = Some(reason.to_owned());
        return;
    }
    let rows = subject.rows().iter();
    let rows: Vec<_> = rows
        .filter(|row| updates.contains(&row.kb_id.as_str()))
        .collect();
    let installed = rows.iter().any(|row| {
        matches!(
            row.state,
            PatchState::Installed | PatchState::InstalledOther | PatchState::InstalledRejected
        )
    });
    if installed {
        return;
    }
    for row in &rows {
        match row.state {
            PatchState::InstalledPendingReboot => found.fixes.push(subject.rebooting(cve, row)),
            PatchState::AvailableSecurityUpdate => {
                let fix = subject.unapproved(cve, &available(subject, &row.kb_id));
                found.fixes.push(fix);
            }
            _ if is_missing(row) => found.fixes.push(subject.missing(cve, row)),
            _ => {}
        }
    }
    if found.fixes.is_empty() {
        let reason = format!(
            "the node has not installed {}, and does not report that it needs it: it may not apply, a later update may have replaced it, or the baseline may not approve it",
            updates.join(" or ")
        );
        found.unknown = Some(reason);
    }
}

/// An update as the catalog has it, or else by its number alone. The same number can be for several
/// products.
fn available(subject: &Subject<'_>, kb: &str) -> Patch {
    let updates = subject.all.fixes.updates.iter();
    let mut updates = updates.filter(|patch| patch.kb_number.as_deref() == Some(kb));
    let of_product = updates
        .clone()
        .find(|patch| patch.product.as_deref() == Some(subject.product));
    let known = of_product.or_else(|| updates.next()).cloned();
    known.unwrap_or_else(|| Patch {
        kb_number: Some(kb.to_owned()),
        product: Some(subject.product.to_owned()),
        ..Patch::default()
    })
}
