use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};

use super::PatchManager;
use super::ids::{check, listed};
use super::pages::pages;
use crate::backend::{DescribeInstanceInformation, DescribeInstancePatches, ListCompliance};
use crate::compliance::{
    BATCH, ComplianceQuery, ComplianceSummary, ComplianceSummaryItem, InstancePatchState,
    NodeCompliance, PatchComplianceData, PatchGroupState, PatchState,
    ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::telemetry::{verb, verb_stream};
use crate::types::{ComplianceFilter, ComplianceStatus, InstanceInformation, NodeId, QueryFilter};

/// The compliance type of patches.
const PATCH: &str = "Patch";

fn of_patches(status: Option<&ComplianceStatus>) -> Vec<ComplianceFilter> {
    let patches = ComplianceFilter::equal("ComplianceType", [PATCH]);
    let status = status.map(|status| ComplianceFilter::equal("Status", [status.as_str()]));
    std::iter::once(patches).chain(status).collect()
}

/// Compliance.
impl PatchManager {
    /// How each node of a query stands, as the answers come in.
    ///
    /// A node that never ran a patch operation is [`Unknown`](crate::compliance::Verdict::Unknown).
    /// It is [`sweep`](Self::sweep) with errors that do not name their nodes, for `try_collect`
    /// and `?`.
    ///
    /// Calls what a sweep calls.
    pub fn compliance(
        &self,
        query: &ComplianceQuery,
    ) -> BoxStream<'static, Result<NodeCompliance>> {
        verb_stream!(
            compliance(),
            self.sweep(query).map_err(|failure| failure.error).boxed()
        )
    }

    /// Counts how the nodes of a query stand. Where only severities of what does not comply are
    /// asked for, [`compliance_counts`](Self::compliance_counts) takes one call instead, and
    /// [`group_state`](Self::group_state) for a group.
    ///
    /// Calls what [`compliance`](Self::compliance) calls.
    pub async fn compliance_summary(&self, query: &ComplianceQuery) -> Result<ComplianceSummary> {
        verb!(compliance_summary(), async {
            self.compliance(query)
                .try_fold(ComplianceSummary::default(), |mut summary, node| {
                    summary.add(&node);
                    future::ready(Ok(summary))
                })
                .await
        })
    }

    /// How many nodes comply with their patches and how many do not, by severity: in one call,
    /// however large the fleet.
    ///
    /// Only rows of patches count; associations have rows of their own. Nodes that never reported
    /// are not among them. [`compliance_summary`](Self::compliance_summary) counts those too, at
    /// two calls for each 50 nodes.
    ///
    /// Calls ListComplianceSummaries.
    pub async fn compliance_counts(&self) -> Result<ComplianceSummaryItem> {
        verb!(compliance_counts(), async {
            let rows = pages(&self.compliance, 50, |source, page| async move {
                let request = ListCompliance::new(of_patches(None), page);
                source.list_compliance_summaries(request).await
            });
            let rows: Vec<ComplianceSummaryItem> = rows.try_collect().await?;
            let patches = rows.into_iter().find(|row| row.compliance_type == PATCH);
            Ok(patches.unwrap_or_default())
        })
    }

    /// How each node that ever reported complies with its patches, by severity, of this status
    /// only where one is named: one call for each 50 nodes, and no ids are needed.
    ///
    /// Only rows of patches come; associations have rows of their own.
    ///
    /// Calls ListResourceComplianceSummaries, a page at a time.
    pub fn node_summaries(
        &self,
        status: Option<ComplianceStatus>,
    ) -> BoxStream<'static, Result<ResourceComplianceSummaryItem>> {
        verb_stream!(
            node_summaries(status = status.as_ref().map(ComplianceStatus::as_str)),
            pages(&self.compliance, 50, move |source, page| {
                let request = ListCompliance::new(of_patches(status.as_ref()), page);
                async move { source.list_resource_compliance_summaries(request).await }
            })
            .try_filter(|row| future::ready(row.compliance_type == PATCH))
            .boxed()
        )
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

    /// The patches on a node, of these states only, or of every state where none is named.
    ///
    /// Calls DescribeInstancePatches, a page at a time.
    pub fn node_patches(
        &self,
        node: &NodeId,
        states: &[PatchState],
    ) -> BoxStream<'static, Result<PatchComplianceData>> {
        verb_stream!(node_patches(node = node.as_str()), {
            let checked = check(node, "DescribeInstancePatches");
            let node = node.clone();
            let filters = match states {
                [] => Vec::new(),
                states => vec![QueryFilter::new(
                    "State",
                    states.iter().map(PatchState::as_str),
                )],
            };
            listed(checked, || {
                pages(&self.compliance, 100, move |source, page| {
                    let request = DescribeInstancePatches::new(node.clone(), filters.clone(), page);
                    async move { source.describe_instance_patches(request).await }
                })
            })
        })
    }

    /// How many nodes of a group have patches in each state, in one call.
    ///
    /// Calls DescribePatchGroupState.
    pub async fn group_state(&self, group: &PatchGroup) -> Result<PatchGroupState> {
        verb!(group_state(group = group.as_str()), async {
            check(group, "DescribePatchGroupState")?;
            self.compliance.describe_patch_group_state(group).await
        })
    }

    /// The managed nodes that pass the filters; see [`DescribeInstanceInformation`] for the keys.
    ///
    /// Calls DescribeInstanceInformation, a page at a time.
    pub fn list_nodes(
        &self,
        filters: Vec<QueryFilter>,
    ) -> BoxStream<'static, Result<InstanceInformation>> {
        verb_stream!(
            list_nodes(),
            pages(&self.nodes, 50, move |inventory, page| {
                let request = DescribeInstanceInformation::new(filters.clone(), page);
                async move { inventory.describe_instance_information(request).await }
            })
        )
    }
}
