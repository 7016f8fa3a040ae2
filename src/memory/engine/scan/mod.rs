//! What a scan finds: each patch's state on a node, from what is installed and what is approved.

mod linux;
mod version;
mod windows;

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::baseline::PatchBaseline;
use crate::baseline::approval::{ApprovalDecision, CompiledBaseline};
use crate::memory::store::catalog::CatalogStore;
use crate::memory::store::fleet::{Node, SinceBoot};
use crate::memory::store::fleet_file::{FleetNode, InstalledPackage};
use crate::memory::store::report::Finding;
use crate::types::{BaselineId, OperatingSystem, OsFamily, Patch};

use self::linux::Packages;
pub(super) use self::linux::newer_versions;
pub(crate) use self::linux::title as node_title;
use self::version::Evr;

/// Which of two versions of a package is the newer one, as the package tool decides it.
pub(crate) fn version_order(family: OsFamily, one: &Patch, other: &Patch) -> Ordering {
    let evr = |patch: &Patch| {
        let (version, release) = (patch.version.as_deref(), patch.release.as_deref());
        Evr::new(family, patch.epoch, version, release)
    };
    evr(one).cmp(&evr(other))
}

/// What there is to know of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) os: &'a OperatingSystem,
    pub(super) family: OsFamily,
    pub(super) product: &'a str,
    pub(super) installed: &'a [InstalledPackage],
    pub(super) since_boot: &'a SinceBoot,
}

impl<'a> Facts<'a> {
    pub(super) fn of(node: &'a Node) -> Self {
        Self {
            os: &node.facts.operating_system,
            family: node.facts.operating_system.family(),
            product: &node.facts.product,
            installed: &node.facts.installed,
            since_boot: &node.since_boot,
        }
    }
}

/// A released patch of the node's product, and what the baseline says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) patch: &'a Patch,
    pub(super) decision: &'a ApprovalDecision,
}

/// What a scan finds.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanned {
    /// The patches that the node reports, by id.
    pub(super) findings: Vec<Finding>,
    /// How many patches do not apply, in addition to the findings. A node with a package tool reports only
    /// their number, and they are most of the catalog.
    pub(super) not_applicable: usize,
}

/// Sorts every patch that concerns the node into its state.
pub(super) fn scan(facts: Facts<'_>, applicable: Applicable<'_>) -> Scanned {
    let mut scanned = match facts.family {
        OsFamily::Windows => Scanned {
            findings: windows::scan(facts, applicable),
            not_applicable: 0,
        },
        _ => linux::scan(facts, applicable),
    };
    scanned
        .findings
        .sort_by(|a, b| a.data.kb_id.cmp(&b.data.kb_id));
    scanned
}

/// What a baseline says of every released patch of a node's products, from one instant until a patch is
/// released or a delay ends.
#[derive(Debug, Clone)]
pub(super) struct Approval {
    pub(super) baseline: Arc<PatchBaseline>,
    compiled: CompiledBaseline,
    from: Timestamp,
    until: Timestamp,
    decisions: Vec<(usize, ApprovalDecision)>,
    packages: Packages,
}

impl Approval {
    fn judge(
        baseline: Arc<PatchBaseline>,
        (family, products): (OsFamily, &[String]),
        catalog: &CatalogStore,
        at: Timestamp,
    ) -> Self {
        let compiled = CompiledBaseline::new(&baseline);
        let concerns = |product: &String| products.contains(product);
        let mut until = Timestamp::MAX;
        let mut decisions = Vec::new();
        for (number, patch) in catalog.patches().iter().enumerate() {
            if !patch.product.as_ref().is_some_and(concerns) {
                continue;
            }
            if let Some(later) = patch.release_date.filter(|date| *date > at) {
                let before = later.saturating_sub(SignedDuration::from_nanos(1));
                until = until.min(before.unwrap_or(later));
                continue;
            }
            until = until.min(compiled.holds_until(patch, at));
            decisions.push((number, compiled.decide(patch, at)));
        }
        let packages = match family {
            OsFamily::Windows => Packages::default(),
            _ => Packages::of(family, &decisions, catalog),
        };
        Self {
            baseline,
            compiled,
            from: at,
            until,
            decisions,
            packages,
        }
    }

    /// The patches that apply to a node, with their verdicts.
    pub(super) fn for_node<'a>(
        &'a self,
        node: &'a Node,
        catalog: &'a CatalogStore,
    ) -> Applicable<'a> {
        Applicable {
            approval: self,
            catalog,
            left_out: &node.inapplicable,
        }
    }
}

/// The patches that apply to a node, with what a baseline says of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applicable<'a> {
    approval: &'a Approval,
    catalog: &'a CatalogStore,
    left_out: &'a BTreeSet<String>,
}

impl<'a> Applicable<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = Judged<'a>> {
        (0..self.approval.decisions.len()).filter_map(move |place| self.get(place))
    }

    /// The patch at a place among the decisions, if it applies.
    fn get(self, place: usize) -> Option<Judged<'a>> {
        let (number, decision) = self.approval.decisions.get(place)?;
        let patch = self.catalog.patches().get(*number)?;
        let applies = self.left_out.is_empty() || !self.left_out.contains(&patch.kb_id());
        applies.then_some(Judged { patch, decision })
    }

    /// The same question of a patch that the catalog does not hold.
    fn of_unknown(self, patch: &Patch) -> ApprovalDecision {
        self.approval.compiled.decide(patch, self.approval.from)
    }
}

/// The latest approval of each baseline and set of products, which the nodes share that start while it holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Approvals {
    latest: HashMap<(BaselineId, Vec<String>), Arc<Approval>>,
}

impl Approvals {
    pub(super) fn at(
        &mut self,
        baseline: Arc<PatchBaseline>,
        node: &FleetNode,
        catalog: &CatalogStore,
        at: Timestamp,
    ) -> Arc<Approval> {
        let products = [std::slice::from_ref(&node.product), &node.applications].concat();
        let key = (baseline.baseline_id.clone(), products);
        if let Some(known) = self.latest.get(&key)
            && (known.from..=known.until).contains(&at)
            && known.baseline == baseline
        {
            return Arc::clone(known);
        }
        let family = node.operating_system.family();
        let approval = Arc::new(Approval::judge(baseline, (family, &key.1), catalog, at));
        self.latest.insert(key, Arc::clone(&approval));
        approval
    }
}
