use std::collections::{HashMap, HashSet};

use super::{Applicable, Facts, Judged};
use crate::baseline::PatchAction;
use crate::baseline::approval::ApprovalDecision;
use crate::compliance::PatchState;
use crate::memory::store::fleet_file::InstalledPackage;
use crate::memory::store::report::Finding;
use crate::types::Patch;

pub(super) fn scan(facts: Facts<'_>, applicable: Applicable<'_>) -> Vec<Finding> {
    let updates = Updates::of(applicable);
    let installed: HashMap<&str, &InstalledPackage> = facts
        .installed
        .iter()
        .filter_map(|package| Some((package.kb_number.as_deref()?, package)))
        .collect();
    let mut findings: Vec<Finding> = installed
        .iter()
        .map(|(kb, package)| match updates.by_kb.get(kb) {
            Some(update) => present(facts, package, update.patch, update.decision),
            None => {
                let patch = stand_in(facts, kb);
                present(facts, package, &patch, &applicable.of_unknown(&patch))
            }
        })
        .collect();
    let replaced = updates.replaced();
    findings.extend(
        updates
            .by_kb
            .iter()
            .filter(|(kb, _)| !installed.contains_key(*kb))
            .filter_map(|(kb, update)| absent(kb, *update, &replaced)),
    );
    findings
}

/// The updates of the node's products by KB number.
struct Updates<'a> {
    by_kb: HashMap<&'a str, Judged<'a>>,
}

impl<'a> Updates<'a> {
    fn of(applicable: Applicable<'a>) -> Self {
        let by_kb = applicable
            .iter()
            .filter_map(|update| Some((update.patch.kb_number.as_deref()?, update)))
            .collect();
        Self { by_kb }
    }

    /// Everything that another update replaces.
    ///
    /// It leaves the service's catalog as soon as the other is out, approved or not. Hence the
    /// trap of long delays: the newest is never old enough, the older ones are gone, nothing is
    /// installed, and the node complies (User Guide, baseline rules).
    fn replaced(&self) -> HashSet<&'a str> {
        let updates = self.by_kb.values();
        let older = updates.flat_map(|update| &update.patch.supersedes);
        older.map(String::as_str).collect()
    }
}

/// An installed update of which the catalog knows nothing.
fn stand_in(facts: Facts<'_>, kb: &str) -> Patch {
    Patch {
        kb_number: Some(kb.to_owned()),
        product: Some(facts.product.to_owned()),
        ..Patch::default()
    }
}

fn present(
    facts: Facts<'_>,
    package: &InstalledPackage,
    patch: &Patch,
    decision: &ApprovalDecision,
) -> Finding {
    let kb = patch.kb_id();
    let approved = match decision {
        ApprovalDecision::Approved { level, .. } => Some(level),
        _ => None,
    };
    let finding = match decision {
        _ if facts.since_boot.is_pending(&kb, approved.is_some()) => {
            Finding::of(patch, PatchState::InstalledPendingReboot)
        }
        ApprovalDecision::Rejected {
            action: PatchAction::Block,
            ..
        } => Finding::of(patch, PatchState::InstalledRejected),
        ApprovalDecision::Approved { .. } => Finding::of(patch, PatchState::Installed),
        // The service leaves title, classification and severity of these empty.
        _ => Finding::unknown(kb, PatchState::InstalledOther),
    };
    finding
        .installed_at(package.installed_time)
        .at_level(approved.cloned().unwrap_or_default())
}

/// What is not installed and concerns the node: approved updates, and security updates that are not.
fn absent(kb: &str, update: Judged<'_>, replaced: &HashSet<&str>) -> Option<Finding> {
    let Judged { patch, decision } = update;
    match decision {
        ApprovalDecision::Approved { level, .. } => {
            let finding = if replaced.contains(kb) {
                Finding::unknown(kb, PatchState::NotApplicable)
            } else {
                Finding::of(patch, PatchState::Missing).cured_by(InstalledPackage::kb(kb))
            };
            Some(finding.at_level(level.clone()))
        }
        ApprovalDecision::Rejected { .. } => None,
        _ => {
            let security = patch.classification.as_deref() == Some("SecurityUpdates");
            (security && !replaced.contains(kb))
                .then(|| Finding::of(patch, PatchState::AvailableSecurityUpdate))
        }
    }
}
