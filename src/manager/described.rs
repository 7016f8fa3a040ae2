use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::PatchManager;
use crate::compliance::{BATCH, ComplianceQuery, NodeCompliance, ReportFailure, ReportPart};
use crate::error::{Error, Result};
use crate::types::{NodeFilter, NodeId};

impl PatchManager {
    /// The nodes of a query with their last operations and their systems, and what could not be read.
    ///
    /// Calls the operations of a sweep, and DescribeInstanceInformation for the nodes that the sweep did not
    /// describe. Fails if the listing fails before the first node.
    pub(crate) async fn described_nodes(
        &self,
        query: &ComplianceQuery,
    ) -> Result<(Vec<NodeCompliance>, Vec<ReportFailure>)> {
        let mut sweep = self.sweep(query);
        let (mut nodes, mut failures) = (Vec::new(), Vec::new());
        while let Some(answer) = sweep.next().await {
            match answer {
                Ok(node) => nodes.push(node),
                Err(failure) if failure.nodes.is_empty() && nodes.is_empty() => {
                    return Err(failure.error);
                }
                Err(failure) => {
                    let part = match failure.nodes.is_empty() {
                        true => ReportPart::Listing,
                        false => ReportPart::Verdicts,
                    };
                    failures.push(unread(part, &failure.nodes, &failure.error));
                    nodes.extend(failure.into_unknown());
                }
            }
        }
        let at_a_time = query.calls_at_a_time();
        failures.extend(self.describe(&mut nodes, at_a_time).await);
        Ok((nodes, failures))
    }

    /// Describes the nodes that are not.
    async fn describe(&self, nodes: &mut [NodeCompliance], at_a_time: usize) -> Vec<ReportFailure> {
        let unnamed = nodes.iter().filter(|node| node.information.is_none());
        let unnamed: Vec<NodeId> = unnamed.map(|node| node.node.clone()).collect();
        let batches: Vec<Vec<NodeId>> = unnamed.chunks(BATCH).map(<[_]>::to_vec).collect();
        let mut listings = stream::iter(batches)
            .map(|nodes| {
                let manager = self.clone();
                async move {
                    let ids = NodeFilter::ids(nodes.iter().map(NodeId::as_str));
                    let found = manager.list_nodes_with([ids]).try_collect::<Vec<_>>().await;
                    (nodes, found)
                }
            })
            .buffer_unordered(at_a_time);
        let (mut known, mut failures) = (BTreeMap::new(), Vec::new());
        while let Some((nodes, found)) = listings.next().await {
            match found {
                Ok(found) => {
                    known.extend(found.into_iter().map(|one| (one.instance_id.clone(), one)));
                }
                Err(error) => failures.push(unread(ReportPart::Information, &nodes, &error)),
            }
        }
        for node in nodes.iter_mut().filter(|node| node.information.is_none()) {
            node.information = known.remove(&node.node);
        }
        failures
    }
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
