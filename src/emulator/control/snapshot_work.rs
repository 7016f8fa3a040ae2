//! The work of restoring a snapshot, counted before it is done.
//!
//! Restoring compares parts of a snapshot with each other, so a body within the limit can ask for far more
//! work and memory than its length. A test of a fleet is far below these bounds: 1,000 nodes with
//! 3,000 patches and a baseline of two rules count 9 million.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::baseline::PatchBaseline;
use crate::compliance::{InstancePatchState, PatchComplianceData};
use crate::error::{Result, Violations};
use crate::plan::{MirrorSnapshot, MirroredNode};
use crate::schedule::association::AssociationDescription;
use crate::types::BaselineId;

/// The most that each pair of lists may count.
const MOST: usize = 10_000_000;

/// How many bytes of a baseline count as one when it is copied.
const COPIED_BYTES: usize = 64;

/// Refuses a snapshot that takes too much work or memory to restore: all lists at once.
pub(super) fn check(snapshot: &MirrorSnapshot) -> Result<()> {
    let mut found = Violations::new();
    let work = Work::of(snapshot);
    let counts = [
        (
            "Nodes",
            work.of_reports(snapshot),
            "nodes with patches, for each the patches of the catalog and of all nodes and the rules of its baseline, the copied baseline, and the targets of associations",
        ),
        (
            "Nodes.Patches",
            work.of_rows(),
            "for each patch of a node, the catalog's patches of that name and their CVEs",
        ),
        (
            "BaselineListing",
            work.of_listing(snapshot),
            "listed baselines, for each the predefined baselines and the largest of them",
        ),
        (
            "Policies",
            work.of_policies(snapshot),
            "policies, for each the baselines that it selects",
        ),
        (
            "Baselines",
            work.of_ids(snapshot),
            "the square of the number of baselines, policies, windows and associations",
        ),
    ];
    for (field, count, counted) in counts {
        let legal = format!("at most {MOST}: {counted}");
        found.require(count <= MOST, field, count, legal);
    }
    found.or("the snapshot", ())
}

/// What the pairs have in common.
struct Work<'s> {
    reports: Vec<(
        &'s MirroredNode,
        &'s InstancePatchState,
        &'s [PatchComplianceData],
    )>,
    /// The patches that the catalog will have, by what nodes call them: how many, and their CVEs.
    called: HashMap<String, usize>,
    patches: usize,
    /// How much it is to copy a baseline, and how many rules and patterns it has.
    baselines: HashMap<&'s BaselineId, Size>,
    largest: Size,
}

#[derive(Clone, Copy, Default)]
struct Size {
    copy: usize,
    rules: usize,
}

impl<'s> Work<'s> {
    fn of(snapshot: &'s MirrorSnapshot) -> Self {
        let reported = |node: &'s MirroredNode| {
            Some((node, node.patch_state.as_ref()?, node.patches.as_deref()?))
        };
        let reports: Vec<_> = snapshot.nodes.iter().filter_map(reported).collect();
        let (mut called, mut patches) = (HashMap::<String, usize>::new(), 0);
        for patch in snapshot.catalog.iter().flatten() {
            let cves = patch.cve_ids.as_ref().map_or(0, Vec::len);
            *called.entry(patch.kb_id()).or_default() += 1 + cves;
            patches += 1;
        }
        let mut distinct = HashSet::new();
        for (node, _, rows) in &reports {
            let platform = node.information.as_ref();
            let platform = platform.map(|one| (&one.platform_name, &one.platform_version));
            for row in *rows {
                if distinct.insert((platform, &row.kb_id, &row.title)) {
                    let cves = row.cve_ids.as_ref();
                    let cves = cves.map_or(0, |cves| cves.split(',').count());
                    *called.entry(row.kb_id.clone()).or_default() += 1 + cves;
                    patches += 1;
                }
            }
        }
        let own = snapshot.baselines.iter().map(|own| &own.baseline);
        let known = own.chain(&snapshot.predefined_baselines);
        let mut largest = Size::default();
        let mut baselines = HashMap::<&BaselineId, Size>::new();
        for baseline in known {
            let size = Size::of(baseline);
            largest = largest.max(size);
            let known = baselines.entry(&baseline.baseline_id).or_default();
            *known = known.max(size);
        }
        Self {
            reports,
            called,
            patches,
            baselines,
            largest,
        }
    }

    /// A report is restored with a baseline: if not with the one that it names, then with any.
    fn of_reports(&self, snapshot: &MirrorSnapshot) -> usize {
        let associations = snapshot.associations.iter();
        let values: usize = associations.map(|one| values(&one.association)).sum();
        let known = snapshot.baselines.len() + snapshot.predefined_baselines.len();
        let of_all = values.saturating_add(known);
        let each = self.reports.iter().map(|(_, state, _)| {
            let baseline = self.baselines.get(&state.baseline_id);
            let Size { copy, rules } = baseline.copied().unwrap_or(self.largest);
            let compared = self.patches.saturating_mul(1 + rules);
            compared.saturating_add(copy).saturating_add(of_all)
        });
        each.fold(0, usize::saturating_add)
    }

    fn of_rows(&self) -> usize {
        let rows = self.reports.iter().flat_map(|(_, _, rows)| *rows);
        let each = rows.map(|row| self.called.get(&row.kb_id).copied().unwrap_or_default());
        each.fold(0, usize::saturating_add)
    }

    fn of_listing(&self, snapshot: &MirrorSnapshot) -> usize {
        let each = snapshot.predefined_baselines.len() + self.largest.copy;
        snapshot.baseline_listing.len().saturating_mul(each)
    }

    fn of_policies(&self, snapshot: &MirrorSnapshot) -> usize {
        let policies = snapshot.policies.iter();
        let copied = policies.map(|state| state.policy.baselines.len());
        copied.sum::<usize>().saturating_mul(self.largest.copy)
    }

    fn of_ids(&self, snapshot: &MirrorSnapshot) -> usize {
        let count = snapshot.baselines.len()
            + snapshot.policies.len()
            + snapshot.windows.len()
            + snapshot.associations.len();
        count.saturating_mul(count)
    }
}

impl Size {
    fn of(baseline: &PatchBaseline) -> Self {
        let lists = [&baseline.approved_patches, &baseline.rejected_patches];
        let entries = lists.into_iter().flatten();
        let patterns = entries.filter(|entry| entry.contains(['*', '?', '[']));
        Self {
            copy: length(baseline) / COPIED_BYTES + 1,
            rules: baseline.approval_rules.patch_rules.len() + patterns.count(),
        }
    }

    fn max(self, other: Self) -> Self {
        Self {
            copy: self.copy.max(other.copy),
            rules: self.rules.max(other.rules),
        }
    }
}

/// The length of a value as JSON.
fn length(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |text| text.len())
}

fn values(association: &AssociationDescription) -> usize {
    let targets = association.targets.iter().flatten();
    1 + targets.map(|target| 1 + target.values.len()).sum::<usize>()
}
