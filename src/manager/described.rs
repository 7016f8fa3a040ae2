use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{PatchManager, SweepFailure};
use crate::compliance::{
    BATCH, ComplianceQuery, ComplianceScope, NODE_PAGE, NodeCompliance, ReportFailure, ReportPart,
};
use crate::error::{Error, Result};
use crate::progress::ProgressWatch;
use crate::types::{InstanceInformation, NodeFilter, NodeId};

/// Answers of a sweep: nodes, and what could not be read of them.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    pub(crate) nodes: Vec<NodeCompliance>,
    pub(crate) failures: Vec<ReportFailure>,
    /// Why nodes could not be listed.
    pub(crate) unlisted: Option<Error>,
}

impl Extend<Result<NodeCompliance, SweepFailure>> for Swept {
    fn extend<I>(&mut self, answers: I)
    where
        I: IntoIterator<Item = Result<NodeCompliance, SweepFailure>>,
    {
        for answer in answers {
            match answer {
                Ok(node) => self.nodes.push(node),
                Err(SweepFailure { nodes, error }) if nodes.is_empty() => {
                    self.failures.push(unread(ReportPart::Listing, &[], &error));
                    self.unlisted.get_or_insert(error);
                }
                Err(failure) => {
                    let part = ReportPart::Verdicts;
                    self.failures
                        .push(unread(part, &failure.nodes, &failure.error));
                    self.nodes.extend(failure.into_unknown());
                }
            }
        }
    }
}

impl PatchManager {
    /// The nodes of a query with their last operations and their systems, and what could not be read.
    ///
    /// Calls the operations of a sweep, and those of [`information_of`](Self::information_of) for the nodes
    /// that the sweep did not describe. Fails if the listing fails and no node was listed.
    pub(crate) async fn described_nodes(
        &self,
        query: &ComplianceQuery,
    ) -> Result<(Vec<NodeCompliance>, Vec<ReportFailure>)> {
        let sweep = self.sweep(query);
        let watch = sweep.watch();
        let swept: Swept = sweep.collect().await;
        let (mut nodes, mut failures) = (swept.nodes, swept.failures);
        if let Some(error) = swept.unlisted.filter(|_| nodes.is_empty()) {
            return Err(error);
        }
        let fleet = fleet_size(query, &watch);
        let at_a_time = query.calls_at_a_time();
        failures.extend(self.describe(&mut nodes, fleet, at_a_time).await);
        Ok((nodes, failures))
    }

    /// Describes the nodes that their sweep did not describe, and returns what could not be read.
    pub(crate) async fn describe(
        &self,
        nodes: &mut [NodeCompliance],
        fleet: Option<usize>,
        at_a_time: usize,
    ) -> Vec<ReportFailure> {
        let unnamed = nodes.iter().filter(|node| node.information.is_none());
        let unnamed: Vec<NodeId> = unnamed.map(|node| node.node.clone()).collect();
        let (mut known, unread_nodes) = self.information_of(&unnamed, fleet, at_a_time).await;
        for node in nodes.iter_mut().filter(|node| node.information.is_none()) {
            node.information = known.remove(&node.node).map(Box::new);
        }
        let unread_nodes = unread_nodes.iter();
        unread_nodes
            .map(|(nodes, error)| unread(ReportPart::Information, nodes, error))
            .collect()
    }

    /// What Systems Manager knows of these nodes, and of which it could not be read.
    ///
    /// Calls DescribeInstanceInformation, 50 ids a call. For a fleet of this many nodes
    /// DescribeInstanceProperties, 1,000 instances a call, if that takes fewer calls and is not withheld:
    /// by ids it takes only 40 a call.
    pub(crate) async fn information_of(
        &self,
        nodes: &[NodeId],
        fleet: Option<usize>,
        at_a_time: usize,
    ) -> (
        BTreeMap<NodeId, InstanceInformation>,
        Vec<(Vec<NodeId>, Error)>,
    ) {
        let batches = nodes.chunks(BATCH);
        if fleet.is_some_and(|fleet| fleet.div_ceil(NODE_PAGE) < batches.len()) {
            match self.managed_instances().await {
                Ok(Some(known)) => return (known, Vec::new()),
                Ok(None) => {}
                Err(error) => return (BTreeMap::new(), vec![(nodes.to_vec(), error)]),
            }
        }
        let batches: Vec<Vec<NodeId>> = batches.map(<[_]>::to_vec).collect();
        let mut listings = stream::iter(batches)
            .map(|nodes| async move {
                let ids = NodeFilter::ids(nodes.iter().map(NodeId::as_str));
                let found = self.list_nodes_with([ids]).try_collect::<Vec<_>>().await;
                (nodes, found)
            })
            .buffer_unordered(at_a_time);
        let (mut known, mut unread) = (BTreeMap::new(), Vec::new());
        while let Some((nodes, found)) = listings.next().await {
            match found {
                Ok(found) => {
                    known.extend(found.into_iter().map(|one| (one.instance_id.clone(), one)));
                }
                Err(error) => unread.push((nodes, error)),
            }
        }
        (known, unread)
    }
}

/// The number of nodes that a sweep has listed, if it is one of the fleet.
pub(super) fn fleet_size(query: &ComplianceQuery, watch: &ProgressWatch) -> Option<usize> {
    let is_fleet = *query.scope() == ComplianceScope::Fleet;
    is_fleet.then(|| watch.progress().known)
}

/// That a part of these nodes could not be read.
pub(crate) fn unread(part: ReportPart, nodes: &[NodeId], error: &Error) -> ReportFailure {
    ReportFailure {
        source: String::new(),
        part,
        nodes: nodes.iter().map(NodeId::to_string).collect(),
        error: error.to_string(),
    }
}
