//! Reads what the answer depends on, with as few calls as it takes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_core::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::ExposureQuery;
use super::catalog::Catalog;
use super::judge::{Facts, Fixes, NodeFacts, Read};
use super::query::FILTERED_BY;
use crate::backend::DescribeInstancePatches;
use crate::baseline::PatchBaseline;
use crate::compliance::{
    BATCH, ComplianceScope, InstancePatchState, NodeCompliance, PatchComplianceData, PatchState,
    ReportFailure, ReportPart,
};
use crate::error::{Error, Result};
use crate::manager::{PatchManager, SweepFailure, Swept, pages, unread};
use crate::plan::product_of;
use crate::types::{
    BaselineId, InstanceInformation, NodeId, OperatingSystem, OsFamily, Patch, QueryFilter,
};

/// What one source knows, as it is read: nodes come in while those before them are still looked up.
struct Reader {
    manager: PatchManager,
    query: ExposureQuery,
    catalog: Catalog,
    failures: Mutex<Vec<ReportFailure>>,
}

/// A look-up. A node is boxed, because the others are small.
enum Work {
    /// The systems of these nodes.
    Systems(Vec<NodeCompliance>),
    /// What this node reports.
    Patches(Box<NodeFacts>),
}

impl Work {
    fn patches(node: NodeCompliance) -> Self {
        Self::Patches(Box::new(NodeFacts::of(node)))
    }
}

/// What comes next while nodes are read. A node is boxed, as in [`Work`].
enum Step {
    Swept(Vec<Result<NodeCompliance, SweepFailure>>),
    Described(Vec<NodeCompliance>),
    Done(Box<NodeFacts>),
    Over,
}

/// Reads the facts for a query.
pub(super) async fn read(manager: &PatchManager, query: &ExposureQuery) -> Result<Facts> {
    let now = manager.clock().now();
    let at_a_time = query.nodes().calls_at_a_time();
    let reader = Arc::new(Reader {
        catalog: Catalog::new(manager, query),
        query: query.clone(),
        manager: manager.clone(),
        failures: Mutex::default(),
    });
    let nodes = reader.nodes().await?;
    let mut facts = Facts {
        now,
        nodes,
        fixes: reader.fixes().await,
        baselines: BTreeMap::new(),
        failures: std::mem::take(&mut *lock(&reader.failures)),
    };
    let needed = facts.baselines_needed(query);
    facts.baselines = baselines(manager, needed, at_a_time).await;
    Ok(facts)
}

impl Reader {
    fn lack(&self, part: ReportPart, nodes: &[NodeId], error: &Error) {
        lock(&self.failures).push(unread(part, nodes, error));
    }

    /// The nodes of the query with their last operations, their systems, and what they report.
    ///
    /// The sweep goes on while nodes before are looked up. Both are polled whenever either can go on: a
    /// call that is not polled would hold a permit of the backend's limit for ever. Fails if the listing
    /// fails and no node was listed.
    async fn nodes(self: &Arc<Self>) -> Result<Vec<NodeFacts>> {
        let at_a_time = self.query.nodes().calls_at_a_time();
        let of_sweep = at_a_time.div_ceil(4);
        let mut described = self.described().await;
        let swept = self.query.nodes().clone().concurrency(of_sweep);
        let mut sweep = self.manager.sweep(&swept).chunks(BATCH);
        let (mut is_swept, mut unlisted) = (false, None);
        let mut waiting = VecDeque::new();
        let mut calls: FuturesUnordered<BoxFuture<'static, Step>> = FuturesUnordered::new();
        let mut nodes = Vec::new();
        loop {
            // The sweep has its look-ups and the next page of its listing in flight.
            let most = match is_swept {
                true => at_a_time,
                false => at_a_time.saturating_sub(of_sweep + 1),
            };
            while calls.len() < most {
                let Some(next) = waiting.pop_front() else {
                    break;
                };
                calls.push(Arc::clone(self).look_up(next));
            }
            let step = poll_fn(|cx| {
                if let Poll::Ready(Some(step)) = calls.poll_next_unpin(cx) {
                    return Poll::Ready(step);
                }
                match sweep.poll_next_unpin(cx) {
                    Poll::Ready(Some(answers)) => Poll::Ready(Step::Swept(answers)),
                    Poll::Ready(None) if !is_swept => Poll::Ready(Step::Over),
                    Poll::Ready(None) if calls.is_empty() => Poll::Ready(Step::Over),
                    _ => Poll::Pending,
                }
            });
            match step.await {
                Step::Swept(answers) => {
                    let mut swept = Swept::default();
                    swept.extend(answers);
                    lock(&self.failures).append(&mut swept.failures);
                    unlisted = unlisted.or(swept.unlisted);
                    let mut found = swept.nodes;
                    if let Some(described) = &mut described {
                        for node in found.iter_mut().filter(|node| node.information.is_none()) {
                            node.information = described.remove(&node.node).map(Box::new);
                        }
                        waiting.extend(found.into_iter().map(Work::patches));
                        continue;
                    }
                    match found.iter().all(|node| node.information.is_some()) {
                        true => waiting.extend(found.into_iter().map(Work::patches)),
                        false => waiting.push_front(Work::Systems(found)),
                    }
                }
                Step::Described(found) => waiting.extend(found.into_iter().map(Work::patches)),
                Step::Done(node) => nodes.push(*node),
                Step::Over if !is_swept => is_swept = true,
                Step::Over => {
                    return match unlisted.filter(|_| nodes.is_empty()) {
                        Some(error) => Err(error),
                        None => Ok(nodes),
                    };
                }
            }
        }
    }

    /// What Systems Manager knows of the instances of a fleet, which EC2 lists without their systems.
    /// `None` for other nodes, and if they have to be asked for by their ids.
    async fn described(&self) -> Option<BTreeMap<NodeId, InstanceInformation>> {
        if *self.query.nodes().scope() != ComplianceScope::Fleet {
            return None;
        }
        match self.manager.managed_instances().await {
            Ok(described) => described,
            Err(error) => {
                self.lack(ReportPart::Information, &[], &error);
                Some(BTreeMap::new())
            }
        }
    }

    fn look_up(self: Arc<Self>, work: Work) -> BoxFuture<'static, Step> {
        async move {
            match work {
                Work::Systems(mut nodes) => {
                    // A failure of the sweep can name more nodes than a call takes.
                    let failures = self.manager.describe(&mut nodes, None, 1).await;
                    lock(&self.failures).extend(failures);
                    Step::Described(nodes)
                }
                Work::Patches(node) => Step::Done(Box::new(self.with_patches(*node).await)),
            }
        }
        .boxed()
    }

    /// The node with what it reports: of the fixes if they are known, else all that is missing.
    async fn with_patches(&self, mut node: NodeFacts) -> NodeFacts {
        let system = node.information.as_deref().and_then(product_of);
        let (Some((os, product)), Some(state)) = (system, &node.state) else {
            return node;
        };
        let fixes = self.catalog.of(&os, product).await;
        let fixes = fixes.as_deref().unwrap_or_default();
        let Some(filters) = filters(&self.query, &os, state, fixes) else {
            return node;
        };
        let found = of_node(&self.manager, &node.node, filters).await;
        if let Err(error) = &found {
            self.lack(ReportPart::Patches, std::slice::from_ref(&node.node), error);
        }
        node.patches = found.map_err(|error| format!("its patches were not read: {error}"));
        node
    }

    /// The patches of the catalog that fix the CVEs, for the products of the nodes.
    async fn fixes(&self) -> Fixes {
        let mut fixes = Fixes::default();
        for (product, found) in self.catalog.read().await {
            if let Err(error) = &*found {
                self.lack(ReportPart::Catalog, &[], error);
            }
            let found = found.as_ref().as_ref();
            let found = found.cloned().map_err(Error::to_string);
            match product {
                Some(product) => {
                    fixes.of_products.insert(product, found);
                }
                None => fixes.updates.extend(found.unwrap_or_default()),
            }
        }
        fixes
    }
}

impl NodeFacts {
    pub(super) fn of(node: NodeCompliance) -> Self {
        Self {
            node: node.node,
            information: node.information,
            state: node.state,
            unknown: node.unknown,
            patches: Ok(Vec::new()),
        }
    }
}

/// The filters that find what a node reports of the fixes, a listing for each; `None` if it reported
/// nothing that can say something.
fn filters(
    query: &ExposureQuery,
    os: &OperatingSystem,
    state: &InstancePatchState,
    fixes: &[Patch],
) -> Option<Vec<Vec<QueryFilter>>> {
    let ids: BTreeSet<String> = match os.family() {
        OsFamily::Windows => query.all_updates().into_iter().map(str::to_owned).collect(),
        _ => fixes.iter().map(Patch::kb_id).collect(),
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
