//! Judges nodes one after the other, by a catalog and baselines that were read before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::judge::{Facts, Fixes, NodeFacts, Read};
use super::{Exposure, ExposureQuery, ExposureReference, NodeExposure};
use crate::compliance::{NodeCompliance, PatchComplianceData};
use crate::types::Patch;

/// Judges nodes by a reference.
pub(crate) struct OfflineJudge<'a> {
    query: &'a ExposureQuery,
    facts: Facts,
}

impl<'a> OfflineJudge<'a> {
    pub(crate) fn new(
        query: &'a ExposureQuery,
        reference: &ExposureReference,
        now: Timestamp,
    ) -> Self {
        let products = reference.patches.iter();
        let products: BTreeSet<&str> = products.filter_map(|one| one.product.as_deref()).collect();
        let products = products.into_iter().map(str::to_owned);
        let baselines = reference.baselines.iter();
        let baselines: BTreeMap<_, _> = baselines
            .map(|one| (one.baseline_id.clone(), Ok(one.clone())))
            .collect();
        let facts = Facts {
            now,
            nodes: Vec::new(),
            fixes: Fixes::of_catalog(products, &reference.patches, query),
            baselines,
            failures: Vec::new(),
        };
        Self { query, facts }
    }

    /// The ids of CVEs and patches that a node's row must have to count.
    pub(crate) fn ids(&self) -> Vec<String> {
        let cves = self.query.cves().iter().cloned();
        let updates = self.query.all_updates().into_iter().map(str::to_owned);
        let fixes = self.facts.fixes.of_products.values().flatten().flatten();
        let ids: BTreeSet<String> = cves.chain(updates).chain(fixes.map(Patch::kb_id)).collect();
        ids.into_iter().collect()
    }

    /// An answer without nodes.
    pub(crate) fn no_answer(&self) -> Exposure {
        Exposure::new(self.query, self.facts.now)
    }

    /// Whether the CVEs can hit a node that reports these patches.
    pub(crate) fn judge(
        &self,
        node: NodeCompliance,
        patches: Read<Vec<PatchComplianceData>>,
    ) -> NodeExposure {
        let mut node = NodeFacts::of(node);
        node.patches = patches;
        self.facts.judge_node(self.query, &node)
    }
}
