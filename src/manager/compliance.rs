use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};

use super::PatchManager;
use super::pages::{check, listed, pages};
use crate::backend::{
    DescribeInstanceInformation, DescribeInstancePatchStates, DescribeInstancePatches,
    DescribePatchGroupState, ListComplianceSummaries, ListResourceComplianceSummaries,
};
use crate::compliance::{
    BATCH, ComplianceQuery, ComplianceSummary, ComplianceSummaryItem, InstancePatchState,
    NodeCompliance, PatchComplianceData, PatchGroupState, PatchState,
    ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::telemetry::{verb, verb_stream};
use crate::types::{
    ComplianceFilter, ComplianceStatus, InstanceInformation, NodeFilter, NodeId, QueryFilter,
};

/// The compliance type of patches.
const PATCH: &str = "Patch";

fn of_patches(status: Option<&ComplianceStatus>) -> Vec<ComplianceFilter> {
    let patches = ComplianceFilter::equal("ComplianceType", [PATCH]);
    let status = status.map(|status| ComplianceFilter::equal("Status", [status.as_str()]));
    std::iter::once(patches).chain(status).collect()
}

/// Compliance.
impl PatchManager {
    /// The compliance of each node of a query, as the answers come in.
    ///
    /// A node that never ran a patch operation is [`Unknown`](crate::compliance::Verdict::Unknown).
    /// This is [`sweep`](Self::sweep) with a plain error type, for `try_collect` and `?`.
    ///
    /// Calls the same operations as a sweep.
    ///
    /// ```
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut nodes = manager.compliance(&ComplianceQuery::all());
    /// let mut seen = 0;
    /// while let Some(node) = nodes.try_next().await? {
    ///     println!("{} {}: {}", node.node, node.verdict, node.reason());
    ///     seen += 1;
    /// }
    /// assert_eq!(seen, 8);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id among the
    /// query's nodes, or a malformed group, before any call. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). Unlike in a sweep, an error does not name the
    /// nodes without an answer. The stream goes on after an error, unless the listing of nodes
    /// failed.
    pub fn compliance(
        &self,
        query: &ComplianceQuery,
    ) -> BoxStream<'static, Result<NodeCompliance>> {
        verb_stream!(
            compliance(),
            self.sweep(query).map_err(|failure| failure.error).boxed()
        )
    }

    /// Counts the nodes of a query by verdict. If you only need counts by severity, use
    /// [`compliance_counts`](Self::compliance_counts), or [`group_state`](Self::group_state) for a
    /// group: they take one call.
    ///
    /// Calls the same operations as [`compliance`](Self::compliance).
    ///
    /// ```
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let summary = manager.compliance_summary(&ComplianceQuery::all()).await?;
    /// println!("{} of {} nodes comply", summary.compliant, summary.nodes());
    /// assert_eq!(summary.nodes(), 8);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of [`compliance`](Self::compliance). Then there is no count.
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

    /// The number of nodes that comply with their patches, and of those that do not, by severity.
    /// This is one call for a fleet of any size.
    ///
    /// Only rows of patches count; associations have other rows. Nodes that never reported are not
    /// counted. [`compliance_summary`](Self::compliance_summary) counts them too, with two calls
    /// for each 50 nodes.
    ///
    /// Calls ListComplianceSummaries.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let nodes = ["i-0c0ffee0000000001", "i-0c0ffee0000000002"];
    /// let run = manager.run(&PatchRequest::scan().nodes(nodes)).await?;
    /// run.wait(Duration::from_secs(2 * 3600)).await?;
    /// let counts = manager.compliance_counts().await?;
    /// let (good, bad) = (counts.compliant_summary, counts.non_compliant_summary);
    /// assert!(good.compliant_count + bad.non_compliant_count >= 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn compliance_counts(&self) -> Result<ComplianceSummaryItem> {
        verb!(compliance_counts(), async {
            let rows = pages(&self.backends.compliance, 50, |source, page| async move {
                let request = ListComplianceSummaries::new(of_patches(None), page);
                source.list_compliance_summaries(request).await
            });
            let rows: Vec<ComplianceSummaryItem> = rows.try_collect().await?;
            let patches = rows.into_iter().find(|row| row.compliance_type == PATCH);
            Ok(patches.unwrap_or_default())
        })
    }

    /// The patch compliance of each node that has reported, by severity. A status, if given,
    /// selects the nodes. This is one call for each 50 nodes, and needs no node ids.
    ///
    /// Only rows of patches are returned; associations have other rows.
    ///
    /// Calls ListResourceComplianceSummaries, a page at a time.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::types::ComplianceStatus;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// run.wait(Duration::from_secs(2 * 3600)).await?;
    /// let mut bad = manager.node_summaries(Some(ComplianceStatus::NonCompliant));
    /// while let Some(node) = bad.try_next().await? {
    ///     println!("{}: {:?}", node.resource_id, node.overall_severity);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn node_summaries(
        &self,
        status: Option<ComplianceStatus>,
    ) -> BoxStream<'static, Result<ResourceComplianceSummaryItem>> {
        verb_stream!(
            node_summaries(status = status.as_ref().map(ComplianceStatus::as_str)),
            pages(&self.backends.compliance, 50, move |source, page| {
                let request =
                    ListResourceComplianceSummaries::new(of_patches(status.as_ref()), page);
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
        let source = self.backends.compliance.clone();
        let batches: Vec<Vec<NodeId>> = nodes.chunks(BATCH).map(<[NodeId]>::to_vec).collect();
        stream::iter(batches)
            .map(move |batch| {
                pages(&source, 100, move |source, page| {
                    let batch = batch.clone();
                    async move {
                        source
                            .describe_instance_patch_states(DescribeInstancePatchStates::new(
                                &batch, page,
                            ))
                            .await
                    }
                })
            })
            .flatten()
            .boxed()
    }

    /// The patches on a node in these states, or in every state if none is given.
    ///
    /// Calls DescribeInstancePatches, a page at a time.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::compliance::PatchState;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// let run = manager.run(&PatchRequest::scan().nodes([node.clone()])).await?;
    /// run.wait(Duration::from_secs(2 * 3600)).await?;
    /// let missing = manager.node_patches(&node, &[PatchState::Missing]);
    /// let missing: Vec<_> = missing.try_collect().await?;
    /// assert!(missing.iter().all(|patch| patch.state == PatchState::Missing));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call, and for a node that Systems Manager does not manage. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
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
                pages(&self.backends.compliance, 100, move |source, page| {
                    let request = DescribeInstancePatches::new(node.clone(), filters.clone(), page);
                    async move { source.describe_instance_patches(request).await }
                })
            })
        })
    }

    /// The number of nodes of a group with patches in each state, in one call.
    ///
    /// Calls DescribePatchGroupState.
    ///
    /// ```
    /// use aws_patch_manager::{PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let state = manager.group_state(&PatchGroup::new("web")?).await?;
    /// println!("{} of {} miss patches", state.instances_with_missing_patches, state.instances);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed group, before
    /// any call. It can also fail as [every call can](PatchManager#what-every-call-can-meet). If a
    /// group has no nodes, all counters are 0.
    pub async fn group_state(&self, group: &PatchGroup) -> Result<PatchGroupState> {
        verb!(group_state(group = group.as_str()), async {
            check(group, "DescribePatchGroupState")?;
            self.backends
                .compliance
                .describe_patch_group_state(DescribePatchGroupState::new(group))
                .await
        })
    }

    /// The managed nodes that the service lists, with ping status and agent.
    ///
    /// An instance that is stopped can be absent: [`ComplianceQuery::all`](crate::ComplianceQuery::all) has it
    /// too.
    ///
    /// Calls DescribeInstanceInformation, a page at a time. [`list_nodes_with`](Self::list_nodes_with) takes filters.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let listed: Vec<_> = manager.list_nodes().try_collect().await?;
    /// println!("{}", listed.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_nodes(&self) -> BoxStream<'static, Result<InstanceInformation>> {
        verb_stream!(list_nodes(), self.list_nodes_with([]))
    }

    /// The managed nodes that match the filters; see [`DescribeInstanceInformation`] for the keys.
    ///
    /// Calls DescribeInstanceInformation, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::NodeFilter;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let online = manager.list_nodes_with([NodeFilter::ping_status( ["Online"])]);
    /// let online: Vec<_> = online.try_collect().await?;
    /// assert!(online.iter().all(|node| node.computer_name.is_some()));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a filter that the service
    /// does not know, or without a value. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn list_nodes_with(
        &self,
        filters: impl IntoIterator<Item = NodeFilter>,
    ) -> BoxStream<'static, Result<InstanceInformation>> {
        let filters: Vec<QueryFilter> = filters.into_iter().map(QueryFilter::from).collect();
        verb_stream!(
            list_nodes_with(),
            pages(&self.backends.nodes, 50, move |inventory, page| {
                let request = DescribeInstanceInformation::new(filters.clone(), page);
                async move { inventory.describe_instance_information(request).await }
            })
        )
    }
}
