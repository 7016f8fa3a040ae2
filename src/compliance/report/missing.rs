//! The missing patches of a report, and what a catalogue knows of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::MissingPatch;
use crate::compliance::{PatchComplianceData, PatchState};
use crate::types::Patch;

/// The missing patches of all nodes, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct MissingPatches {
    rows: BTreeMap<String, Row>,
    known: HashMap<String, Known>,
}

#[derive(Debug, Clone)]
struct Row {
    patch: MissingPatch,
    /// One for each version that a node misses.
    titles: BTreeSet<String>,
    cves: BTreeSet<String>,
}

/// What the catalogue says of a patch.
#[derive(Debug, Clone, Default)]
struct Known {
    released: Option<Timestamp>,
    cves: BTreeSet<String>,
    advisories: BTreeSet<String>,
}

impl MissingPatches {
    /// Counts a missing or failed patch of a node.
    pub(super) fn add(&mut self, patch: &PatchComplianceData) {
        let row = self.rows.entry(patch.kb_id.clone());
        let row = row.or_insert_with(|| Row {
            patch: MissingPatch {
                id: patch.kb_id.clone(),
                title: patch.title.clone(),
                severity: patch.severity.clone(),
                classification: patch.classification.clone(),
                nodes: 0,
                failed: 0,
                cve_ids: Vec::new(),
                advisory_ids: Vec::new(),
                released: None,
            },
            titles: BTreeSet::new(),
            cves: BTreeSet::new(),
        });
        row.patch.nodes += 1;
        row.patch.failed += usize::from(patch.state == PatchState::Failed);
        row.titles.insert(patch.title.clone());
        let cves = patch.cve_ids.iter().flat_map(|ids| ids.split(','));
        row.cves.extend(
            cves.map(str::trim)
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
        );
    }

    /// Learns of a patch of the catalogue.
    pub(super) fn learn(&mut self, patch: &Patch) {
        for key in keys(patch) {
            let known = self.known.entry(key).or_default();
            let dates = known.released.into_iter().chain(patch.release_date);
            known.released = dates.min();
            known.cves.extend(patch.cve_ids.iter().flatten().cloned());
            let bulletin = patch.msrc_number.iter().filter(|id| !id.is_empty());
            let advisories = patch.advisory_ids.iter().flatten().chain(bulletin);
            known.advisories.extend(advisories.cloned());
        }
    }

    /// Those of most nodes first.
    pub(super) fn rows(&self) -> Vec<MissingPatch> {
        let mut patches: Vec<_> = self.rows.values().map(|row| self.completed(row)).collect();
        patches.sort_by(|one, other| (other.nodes, &one.id).cmp(&(one.nodes, &other.id)));
        patches
    }

    fn completed(&self, row: &Row) -> MissingPatch {
        let (mut patch, mut cves) = (row.patch.clone(), row.cves.clone());
        let mut advisories = BTreeSet::new();
        let names = std::iter::once(&patch.id).chain(&row.titles);
        let known: Vec<&Known> = names.filter_map(|name| self.known.get(name)).collect();
        for known in &known {
            cves.extend(known.cves.iter().cloned());
            advisories.extend(known.advisories.iter().cloned());
        }
        patch.released = known.iter().filter_map(|known| known.released).min();
        patch.cve_ids = cves.into_iter().collect();
        patch.advisory_ids = advisories.into_iter().collect();
        patch
    }
}

/// What a report of a node may call the patch: its KB number, or its title, which on Linux has the
/// version. The id that nodes use on Linux, `name.arch`, stands for every version.
fn keys(patch: &Patch) -> BTreeSet<String> {
    if let Some(kb) = patch.kb_number.iter().find(|kb| !kb.is_empty()) {
        return BTreeSet::from([kb.clone()]);
    }
    let full = || {
        let (name, arch) = (patch.name.as_ref()?, patch.arch.as_ref()?);
        let (version, release) = (patch.version.as_ref()?, patch.release.as_ref()?);
        let epoch = patch.epoch.unwrap_or_default();
        Some(format!("{name}.{arch}:{epoch}:{version}-{release}"))
    };
    let title = patch.title.iter().filter(|title| !title.is_empty());
    title.cloned().chain(full()).collect()
}
