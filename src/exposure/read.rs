//! Reads what the answer depends on, with as few calls as it takes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::ExposureQuery;
use super::judge::{Facts, Fixes, NodeFacts, Read};
use super::query::FILTERED_BY;
use crate::backend::DescribeInstancePatches;
use crate::baseline::PatchBaseline;
use crate::compliance::{
    NodeCompliance, PatchComplianceData, PatchState, ReportFailure, ReportPart,
};
use crate::error::Result;
use crate::manager::{PatchManager, pages, unread};
use crate::plan::product_of;
use crate::types::{AvailablePatchFilter, BaselineId, NodeId, OsFamily, Patch, QueryFilter};

pub(super) struct Reader<'a> {
    manager: &'a PatchManager,
    query: &'a ExposureQuery,
    failures: Vec<ReportFailure>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(manager: &'a PatchManager, query: &'a ExposureQuery) -> Self {
        Self {
            manager,
            query,
            failures: Vec::new(),
        }
    }

    pub(super) async fn read(mut self) -> Result<Facts> {
        let now = self.manager.clock().now();
        let (nodes, failures) = self.manager.described_nodes(self.query.nodes()).await?;
        self.failures = failures;
        let mut nodes: Vec<NodeFacts> = nodes.into_iter().map(NodeFacts::of).collect();
        let fixes = self.fixes(&nodes).await;
        self.patches(&mut nodes, &fixes).await;
        let mut facts = Facts {
            now,
            nodes,
            fixes,
            baselines: BTreeMap::new(),
            failures: self.failures,
        };
        let needed = facts.baselines_needed(self.query);
        let at_a_time = self.query.nodes().calls_at_a_time();
        facts.baselines = baselines(self.manager, needed, at_a_time).await;
        Ok(facts)
    }

    /// The patches of the catalog that fix the CVEs, for the products of the nodes.
    async fn fixes(&mut self, nodes: &[NodeFacts]) -> Fixes {
        let known = nodes
            .iter()
            .filter_map(|node| product_of(node.information.as_ref()?));
        let (mut products, mut has_windows) = (BTreeSet::new(), false);
        for (os, product) in known {
            match os.family() {
                OsFamily::Windows => has_windows = true,
                _ => {
                    products.insert(product);
                }
            }
        }
        let cves = self.query.cves().chunks(FILTERED_BY);
        let of_linux = products.iter().flat_map(|product| {
            cves.clone().map(move |cves| {
                let product_filter = AvailablePatchFilter::product([product.as_str()]);
                let cves = AvailablePatchFilter::cve_id(cves.iter().map(String::as_str));
                (Some(product.clone()), vec![product_filter, cves])
            })
        });
        let updates: Vec<&str> = self.query.all_updates().into_iter().collect();
        let of_windows = updates.chunks(FILTERED_BY).filter(|_| has_windows);
        let of_windows = of_windows.map(|ids| {
            (
                None,
                vec![AvailablePatchFilter::patch_id(ids.iter().copied())],
            )
        });
        let wanted: Vec<_> = of_linux.chain(of_windows).collect();
        let manager = self.manager.clone();
        let mut listings = stream::iter(wanted)
            .map(|(product, filters)| {
                let listing = manager.available_patches_with(filters);
                async move { (product, listing.try_collect::<Vec<Patch>>().await) }
            })
            .buffer_unordered(self.query.nodes().calls_at_a_time());
        let mut fixes = Fixes::default();
        while let Some((product, found)) = listings.next().await {
            if let Err(error) = &found {
                self.failures.push(unread(ReportPart::Catalog, &[], error));
            }
            fixes.add(product, found.map_err(|error| error.to_string()));
        }
        fixes
    }

    /// What nodes report: of the fixes if they are known, else all that is missing.
    async fn patches(&mut self, nodes: &mut [NodeFacts], fixes: &Fixes) {
        let wanted = nodes.iter().enumerate().filter_map(|(index, node)| {
            let filters = filters(self.query, node, fixes)?;
            Some((index, node.node.clone(), filters))
        });
        let wanted: Vec<_> = wanted.collect();
        let manager = self.manager.clone();
        let mut listings = stream::iter(wanted)
            .map(|(index, node, filters)| {
                let manager = manager.clone();
                async move { (index, of_node(&manager, &node, filters).await) }
            })
            .buffer_unordered(self.query.nodes().calls_at_a_time());
        while let Some((index, found)) = listings.next().await {
            let Some(node) = nodes.get_mut(index) else {
                continue;
            };
            if let Err(error) = &found {
                let nodes = std::slice::from_ref(&node.node);
                self.failures
                    .push(unread(ReportPart::Patches, nodes, error));
            }
            node.patches = found.map_err(|error| format!("its patches were not read: {error}"));
        }
    }
}

impl NodeFacts {
    fn of(node: NodeCompliance) -> Self {
        Self {
            node: node.node,
            information: node.information,
            state: node.state,
            unknown: node.unknown,
            patches: Ok(Vec::new()),
        }
    }
}

impl Fixes {
    fn add(&mut self, product: Option<String>, found: Read<Vec<Patch>>) {
        let Some(product) = product else {
            self.updates.extend(found.unwrap_or_default());
            return;
        };
        let known = self
            .of_products
            .entry(product)
            .or_insert_with(|| Ok(Vec::new()));
        match (known, found) {
            (Ok(known), Ok(found)) => known.extend(found),
            (known, Err(error)) => *known = Err(error),
            (Err(_), Ok(_)) => {}
        }
    }
}

/// The filters that find what a node reports of the fixes, a listing for each; `None` if it reported
/// nothing that can say something.
fn filters(
    query: &ExposureQuery,
    node: &NodeFacts,
    fixes: &Fixes,
) -> Option<Vec<Vec<QueryFilter>>> {
    let state = node.state.as_ref()?;
    let (os, product) = product_of(node.information.as_ref()?)?;
    let ids: BTreeSet<String> = match os.family() {
        OsFamily::Windows => query.all_updates().into_iter().map(str::to_owned).collect(),
        _ => {
            let known = fixes.of_products.get(&product)?.as_deref();
            known.unwrap_or_default().iter().map(Patch::kb_id).collect()
        }
    };
    if ids.is_empty() {
        let states = [PatchState::Missing, PatchState::Failed];
        let missing = state.missing_count > 0 || state.failed_count > 0;
        let names = states.iter().map(PatchState::as_str);
        return missing.then(|| vec![vec![QueryFilter::new("State", names)]]);
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let chunks = ids.chunks(FILTERED_BY);
    Some(
        chunks
            .map(|ids| vec![QueryFilter::new("KBId", ids.iter())])
            .collect(),
    )
}

async fn of_node(
    manager: &PatchManager,
    node: &NodeId,
    filters: Vec<Vec<QueryFilter>>,
) -> Result<Vec<PatchComplianceData>> {
    let mut all = Vec::new();
    for filters in filters {
        let of = node.clone();
        let listing = pages(&manager.backends().compliance, 100, move |source, page| {
            let request = DescribeInstancePatches::new(of.clone(), filters.clone(), page);
            async move { source.describe_instance_patches(request).await }
        });
        all.extend(listing.try_collect::<Vec<_>>().await?);
    }
    Ok(all)
}

async fn baselines(
    manager: &PatchManager,
    ids: BTreeSet<BaselineId>,
    at_a_time: usize,
) -> BTreeMap<BaselineId, Read<PatchBaseline>> {
    let reads = stream::iter(ids).map(|id| {
        let manager = manager.clone();
        async move {
            let read = manager.baseline(&id).await;
            (id, read.map_err(|error| error.to_string()))
        }
    });
    reads.buffer_unordered(at_a_time).collect().await
}

impl Facts {
    /// The baselines of nodes that lack a fix which they do not report as missing.
    fn baselines_needed(&self, query: &ExposureQuery) -> BTreeSet<BaselineId> {
        let nodes = self.nodes.iter();
        let needing = nodes.filter(|node| self.needs_baseline(query, node));
        let states = needing.filter_map(|node| node.state.as_ref());
        states.map(|state| state.baseline_id.clone()).collect()
    }
}
