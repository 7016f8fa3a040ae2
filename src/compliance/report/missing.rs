//! The missing patches of a report, with their catalog data.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::MissingPatch;
use crate::compliance::{PatchComplianceData, PatchState};
use crate::types::Patch;

/// A missing or failed patch of a node. Nodes with the same patch share one value.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Offence {
    pub(super) id: String,
    pub(super) failed: bool,
    pub(super) severity: String,
    title: String,
    classification: String,
    cves: String,
}

impl Offence {
    /// `None` if the patch is neither missing nor failed.
    fn of(patch: &PatchComplianceData) -> Option<Self> {
        let failed = match patch.state {
            PatchState::Missing => false,
            PatchState::Failed => true,
            _ => return None,
        };
        Some(Self {
            id: patch.kb_id.clone(),
            failed,
            severity: patch.severity.clone(),
            title: patch.title.clone(),
            classification: patch.classification.clone(),
            cves: patch.cve_ids.clone().unwrap_or_default(),
        })
    }
}

/// The missing patches, each once, and their catalog data.
#[derive(Debug, Clone, Default)]
pub(super) struct MissingPatches {
    seen: HashSet<Arc<Offence>>,
    known: HashMap<String, Known>,
}

/// The catalog data of a patch.
#[derive(Debug, Clone, Default)]
struct Known {
    released: Option<Timestamp>,
    cves: BTreeSet<String>,
    advisories: BTreeSet<String>,
}

impl MissingPatches {
    /// The missing and failed patches of a node.
    pub(super) fn among(&mut self, patches: &[PatchComplianceData]) -> Vec<Arc<Offence>> {
        let offences = patches.iter().filter_map(Offence::of);
        offences.map(|offence| self.shared(offence)).collect()
    }

    fn shared(&mut self, offence: Offence) -> Arc<Offence> {
        if let Some(known) = self.seen.get(&offence) {
            return Arc::clone(known);
        }
        let offence = Arc::new(offence);
        self.seen.insert(Arc::clone(&offence));
        offence
    }

    /// Adds a patch of the catalog.
    pub(super) fn learn(&mut self, patch: &Patch) {
        let bulletin = patch.msrc_number.iter().filter(|id| !id.is_empty());
        let advisories = patch.advisory_ids.iter().flatten().chain(bulletin);
        let known = Known {
            released: patch.release_date,
            cves: patch.cve_ids.iter().flatten().cloned().collect(),
            advisories: advisories.cloned().collect(),
        };
        for key in keys(patch) {
            self.known.entry(key).or_default().add(known.clone());
        }
    }

    /// Adds the data of another one.
    pub(super) fn absorb(&mut self, other: Self) {
        self.seen.extend(other.seen);
        for (key, known) in other.known {
            self.known.entry(key).or_default().add(known);
        }
    }

    /// The patches, those with most nodes first.
    pub(super) fn rows<'a>(
        &self,
        nodes: impl Iterator<Item = &'a [Arc<Offence>]>,
    ) -> Vec<MissingPatch> {
        let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
        for offences in nodes {
            for offence in offences {
                rows.entry(&offence.id).or_default().add(offence);
            }
            // A node counts once, whatever versions of a patch it misses.
            for offence in offences {
                if let Some(row) = rows.get_mut(offence.id.as_str()) {
                    row.count_node();
                }
            }
        }
        let mut patches: Vec<_> = rows.values().map(|row| self.completed(row)).collect();
        patches.sort_by(|one, other| (other.nodes, &one.id).cmp(&(one.nodes, &other.id)));
        patches
    }

    fn completed(&self, row: &Row<'_>) -> MissingPatch {
        let first = row.offences.first();
        let text =
            |of: fn(&Offence) -> &String| first.map_or_else(String::new, |one| of(one).clone());
        let cves = row.offences.iter().flat_map(|one| one.cves.split(','));
        let cves = cves.map(str::trim).filter(|id| !id.is_empty());
        let mut all = Known {
            cves: cves.map(str::to_owned).collect(),
            ..Known::default()
        };
        // One title for each version that a node misses.
        let names: BTreeSet<&String> = row
            .offences
            .iter()
            .flat_map(|o| [&o.id, &o.title])
            .collect();
        for known in names.into_iter().filter_map(|name| self.known.get(name)) {
            all.add(known.clone());
        }
        MissingPatch {
            id: text(|one| &one.id),
            title: text(|one| &one.title),
            severity: text(|one| &one.severity),
            classification: text(|one| &one.classification),
            nodes: row.nodes,
            failed: row.failed,
            cve_ids: all.cves.into_iter().collect(),
            advisory_ids: all.advisories.into_iter().collect(),
            released: all.released,
        }
    }
}

impl Known {
    fn add(&mut self, other: Self) {
        self.released = self.released.into_iter().chain(other.released).min();
        self.cves.extend(other.cves);
        self.advisories.extend(other.advisories);
    }
}

/// A patch and its number of nodes.
#[derive(Default)]
struct Row<'a> {
    offences: Vec<&'a Offence>,
    seen: HashSet<&'a Offence>,
    nodes: usize,
    failed: usize,
    /// Whether the current node misses it, and whether it failed there.
    here: Option<bool>,
}

impl<'a> Row<'a> {
    fn add(&mut self, offence: &'a Offence) {
        if self.seen.insert(offence) {
            self.offences.push(offence);
        }
        self.here = Some(self.here.unwrap_or_default() || offence.failed);
    }

    fn count_node(&mut self) {
        if let Some(failed) = self.here.take() {
            self.nodes += 1;
            self.failed += usize::from(failed);
        }
    }
}

/// The names of the patch in a node's report: its KB number, or its title, which on Linux has the
/// version. The id on Linux nodes, `name.arch`, is the same for every version.
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
