//! What a scan finds: each patch's state on a node, from what is installed and what is approved.

mod linux;
mod version;
mod windows;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::baseline::PatchBaseline;
use crate::baseline::approval::{ApprovalDecision, CompiledBaseline};
use crate::memory::store::catalog::CatalogStore;
use crate::memory::store::fleet::{Node, SinceBoot};
use crate::memory::store::fleet_file::{FleetNode, InstalledPackage};
use crate::memory::store::report::Finding;
use crate::types::{BaselineId, OperatingSystem, OsFamily, Patch};

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

/// Sorts every patch that concerns the node into its state, ordered by id.
///
/// `judge` is asked about installed packages that the catalog does not hold.
pub(super) fn scan(
    facts: Facts<'_>,
    judged: &[Judged<'_>],
    judge: &dyn Fn(&Patch) -> ApprovalDecision,
) -> Vec<Finding> {
    let mut findings = match facts.family {
        OsFamily::Windows => windows::scan(facts, judged, judge),
        _ => linux::scan(facts, judged, judge),
    };
    findings.sort_by(|a, b| a.data.kb_id.cmp(&b.data.kb_id));
    findings
}

/// What a baseline says, at one instant, of every released patch of a node's products.
#[derive(Debug)]
pub(super) struct Approval {
    pub(super) baseline: Arc<PatchBaseline>,
    compiled: CompiledBaseline,
    pub(super) at: Timestamp,
    decisions: Vec<(usize, ApprovalDecision)>,
}

impl Approval {
    fn judge(
        baseline: Arc<PatchBaseline>,
        products: &[String],
        catalog: &CatalogStore,
        at: Timestamp,
    ) -> Self {
        let compiled = CompiledBaseline::new(&baseline);
        let concerns = |product: &String| products.contains(product);
        let decisions = catalog
            .patches()
            .iter()
            .enumerate()
            .filter(|(_, patch)| patch.product.as_ref().is_some_and(concerns))
            .filter(|(_, patch)| patch.release_date.is_none_or(|date| date <= at))
            .map(|(number, patch)| (number, compiled.decide(patch, at)))
            .collect();
        Self {
            baseline,
            compiled,
            at,
            decisions,
        }
    }

    /// The verdicts on the patches that apply to a node.
    pub(super) fn judged_for<'a>(
        &'a self,
        node: &Node,
        catalog: &'a CatalogStore,
    ) -> Vec<Judged<'a>> {
        let applies = |judged: &Judged<'_>| {
            node.inapplicable.is_empty() || !node.inapplicable.contains(&judged.patch.kb_id())
        };
        self.decisions
            .iter()
            .filter_map(|(number, decision)| {
                let patch = catalog.patches().get(*number)?;
                Some(Judged { patch, decision })
            })
            .filter(applies)
            .collect()
    }

    /// The same question of a patch that the catalog does not hold.
    pub(super) fn of_unknown(&self, patch: &Patch) -> ApprovalDecision {
        self.compiled.decide(patch, self.at)
    }
}

/// The latest approval of each baseline and set of products: the nodes that start together share it.
#[derive(Debug, Default)]
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
            && known.at == at
            && known.baseline == baseline
        {
            return Arc::clone(known);
        }
        let approval = Arc::new(Approval::judge(baseline, &key.1, catalog, at));
        self.latest.insert(key, Arc::clone(&approval));
        approval
    }
}
