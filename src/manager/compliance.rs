use std::collections::BTreeMap;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};

use super::PatchManager;
use super::pages::pages;
use super::tagging::check_nodes;
use crate::backend::{
    DescribeInstanceInformation, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
};
use crate::compliance::{
    ComplianceQuery, ComplianceScope, ComplianceSummary, InstancePatchState, NodeCompliance,
    PatchComplianceData, PatchGroupState, PatchState,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::types::{InstanceInformation, NodeId, QueryFilter};

/// How many node ids DescribeInstancePatchStates takes.
const BATCH: usize = 50;

/// Compliance.
impl PatchManager {
    /// How each node of a query stands, as the answers come in.
    ///
    /// A node that never ran a patch operation is [`Unknown`](crate::compliance::Verdict::Unknown).
    ///
    /// Calls DescribeInstancePatchStates for each 50 nodes, or for a group
    /// DescribeInstancePatchStatesForPatchGroup; for all nodes also DescribeInstanceInformation.
    pub fn compliance(
        &self,
        query: &ComplianceQuery,
    ) -> BoxStream<'static, Result<NodeCompliance>> {
        if let Err(error) = query.check() {
            return stream::once(future::ready(Err(error))).boxed();
        }
        let manager = self.clone();
        let all: BoxStream<'static, _> = match query.scope() {
            ComplianceScope::Nodes(nodes) => {
                manager.stand(stream::iter(nodes.clone()).map(Ok).boxed())
            }
            ComplianceScope::All => {
                let ids = self.list_nodes(Vec::new()).map_ok(|node| node.instance_id);
                manager.stand(ids.boxed())
            }
            ComplianceScope::Group(group) => self
                .group_states(group.clone(), query)
                .map_ok(NodeCompliance::from)
                .boxed(),
        };
        let query = query.clone();
        all.try_filter(move |node| future::ready(query.admits(node)))
            .boxed()
    }

    /// Counts how the nodes of a query stand.
    ///
    /// Calls what [`compliance`](Self::compliance) calls.
    pub async fn compliance_summary(&self, query: &ComplianceQuery) -> Result<ComplianceSummary> {
        self.compliance(query)
            .try_fold(ComplianceSummary::default(), |mut summary, node| {
                summary.add(&node);
                future::ready(Ok(summary))
            })
            .await
    }

    /// Looks up the states of nodes in batches, keeping the order; nodes without one are unknown.
    fn stand(
        self,
        ids: BoxStream<'static, Result<NodeId>>,
    ) -> BoxStream<'static, Result<NodeCompliance>> {
        ids.try_chunks(BATCH)
            .map_err(|error| error.1)
            .and_then(move |batch| self.clone().stand_batch(batch))
            .map_ok(|nodes| stream::iter(nodes).map(Ok))
            .try_flatten()
            .boxed()
    }

    async fn stand_batch(self, batch: Vec<NodeId>) -> Result<Vec<NodeCompliance>> {
        let states: BTreeMap<NodeId, InstancePatchState> = self
            .states_of(batch.clone())
            .map_ok(|state| (state.instance_id.clone(), state))
            .try_collect()
            .await?;
        Ok(batch
            .into_iter()
            .map(|node| match states.get(&node) {
                Some(state) => NodeCompliance::from(state.clone()),
                None => NodeCompliance::unknown(node),
            })
            .collect())
    }

    pub(super) fn states_of(
        &self,
        nodes: Vec<NodeId>,
    ) -> BoxStream<'static, Result<InstancePatchState>> {
        let source = self.compliance.clone();
        let batches: Vec<Vec<NodeId>> = nodes.chunks(BATCH).map(<[NodeId]>::to_vec).collect();
        stream::iter(batches)
            .map(move |batch| {
                pages(&source, 100, move |source, page| {
                    let batch = batch.clone();
                    async move { source.describe_instance_patch_states(&batch, page).await }
                })
            })
            .flatten()
            .boxed()
    }

    fn group_states(
        &self,
        group: PatchGroup,
        query: &ComplianceQuery,
    ) -> BoxStream<'static, Result<InstancePatchState>> {
        let filters = query.state_filters();
        pages(&self.compliance, 100, move |source, page| {
            let (group, filters) = (group.clone(), filters.clone());
            let request = DescribeInstancePatchStatesForPatchGroup::new(group, filters, page);
            async move {
                source
                    .describe_instance_patch_states_for_patch_group(request)
                    .await
            }
        })
    }

    /// The patches on a node, of these states only, or of every state where none is named.
    ///
    /// Calls DescribeInstancePatches, a page at a time.
    pub fn node_patches(
        &self,
        node: &NodeId,
        states: &[PatchState],
    ) -> BoxStream<'static, Result<PatchComplianceData>> {
        if let Err(error) = check_nodes(std::slice::from_ref(node), "DescribeInstancePatches") {
            return stream::once(future::ready(Err(error))).boxed();
        }
        let node = node.clone();
        let filters = match states {
            [] => Vec::new(),
            states => vec![QueryFilter::new(
                "State",
                states.iter().map(PatchState::as_str),
            )],
        };
        pages(&self.compliance, 100, move |source, page| {
            let request = DescribeInstancePatches::new(node.clone(), filters.clone(), page);
            async move { source.describe_instance_patches(request).await }
        })
    }

    /// How many nodes of a group have patches in each state, in one call.
    ///
    /// Calls DescribePatchGroupState.
    pub async fn group_state(&self, group: &PatchGroup) -> Result<PatchGroupState> {
        self.compliance.describe_patch_group_state(group).await
    }

    /// The managed nodes that pass the filters; see [`DescribeInstanceInformation`] for the keys.
    ///
    /// Calls DescribeInstanceInformation, a page at a time.
    pub fn list_nodes(
        &self,
        filters: Vec<QueryFilter>,
    ) -> BoxStream<'static, Result<InstanceInformation>> {
        pages(&self.nodes, 50, move |inventory, page| {
            let request = DescribeInstanceInformation::new(filters.clone(), page);
            async move { inventory.describe_instance_information(request).await }
        })
    }
}
