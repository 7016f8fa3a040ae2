//! The nodes of an organization, by the listing of the unified console.

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};

use super::PatchManager;
use super::pages::{listed, pages};
use crate::backend::{ListNodes, ListNodesSummary, MANAGED_NODE_SYNC};
use crate::error::{Error, Result, Violations};
use crate::organization::NodeQuery;
use crate::telemetry::{verb, verb_stream};
use crate::types::{Node, NodeAggregator, NodeAttributeName, NodeSummary};

/// Nodes of an organization.
impl PatchManager {
    /// Finds the nodes of all accounts and Regions of an organization, or of this account and Region, each with
    /// its account and Region.
    ///
    /// The service keeps the nodes of an organization in the unified console of Systems Manager. Where that is
    /// not set up, sweep each account and Region by itself ([`FleetSweep`](super::FleetSweep)). What it returns
    /// was [captured](Node::capture_time) some time ago.
    ///
    /// Calls ListNodes, one page for each 50 nodes.
    ///
    /// ```
    /// use aws_patch_manager::organization::NodeQuery;
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut lost = manager.find_nodes(&NodeQuery::region().instance_statuses(["ConnectionLost"]));
    /// while let Some(node) = lost.try_next().await? {
    ///     println!("{node}");
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, as [`NodeQuery::check`].
    /// [`Unsupported`](crate::ErrorKind::Unsupported) if the account does not have the integrated experience
    /// of Systems Manager, and [`NotFound`](crate::ErrorKind::NotFound) for the nodes of an organization if
    /// the account does not administer it, or its home Region is another one; both messages say what to do.
    /// It can also fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last item
    /// of the stream.
    pub fn find_nodes(&self, query: &NodeQuery) -> BoxStream<'static, Result<Node>> {
        let query = query.clone();
        verb_stream!(
            find_nodes(),
            listed(query.checked("ListNodes"), || {
                let nodes = pages(&self.backends.nodes, 50, move |inventory, page| {
                    let filters = query.filters().to_vec();
                    let request = ListNodes::new(query.sync_name(), filters, page);
                    async move { inventory.list_nodes(request).await }
                });
                nodes.map_err(explained).boxed()
            })
        )
    }

    /// Counts these nodes by one attribute, or by two: a row for each value that nodes have, with its count.
    ///
    /// Calls ListNodesSummary, one page for each 50 rows.
    ///
    /// ```
    /// use aws_patch_manager::organization::NodeQuery;
    /// use aws_patch_manager::types::NodeAttributeName;
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let by = [NodeAttributeName::Region, NodeAttributeName::PlatformType];
    /// for row in manager.summarize_nodes(&NodeQuery::region(), by).await? {
    ///     println!("{row}"); // 3 nodes: PlatformType Linux, Region us-east-1
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`find_nodes`](Self::find_nodes); [`InvalidInput`](crate::ErrorKind::InvalidInput) also for no attribute, for more than
    /// two, and for the same one twice.
    pub async fn summarize_nodes(
        &self,
        query: &NodeQuery,
        attributes: impl IntoIterator<Item = NodeAttributeName>,
    ) -> Result<Vec<NodeSummary>> {
        let attributes: Vec<NodeAttributeName> = attributes.into_iter().collect();
        verb!(summarize_nodes(), self.summaries(query, attributes))
    }

    async fn summaries(
        &self,
        query: &NodeQuery,
        attributes: Vec<NodeAttributeName>,
    ) -> Result<Vec<NodeSummary>> {
        const OPERATION: &str = "ListNodesSummary";
        query.checked(OPERATION)?;
        let aggregators = grouping(attributes, OPERATION)?;
        let query = query.clone();
        let rows = pages(&self.backends.nodes, 50, move |inventory, page| {
            let filters = query.filters().to_vec();
            let aggregators = aggregators.clone();
            let request = ListNodesSummary::new(query.sync_name(), filters, aggregators, page);
            async move { inventory.list_nodes_summary(request).await }
        });
        rows.map_err(explained).try_collect().await
    }
}

/// The grouping by the attributes, the second one inside the first.
fn grouping(
    attributes: Vec<NodeAttributeName>,
    operation: &'static str,
) -> Result<Vec<NodeAggregator>> {
    let mut found = Violations::new();
    let count = attributes.len();
    let legal = "1 or 2 attributes";
    found.require((1..=2).contains(&count), "Attributes", count, legal);
    for (number, attribute) in attributes.iter().enumerate() {
        let at = format!("Attributes[{number}]");
        let legal = "an attribute of ListNodesSummary, named once";
        let is_new = !attributes.iter().take(number).any(|one| one == attribute);
        let is_legal = attribute.is_known() && is_new;
        found.require(is_legal, at, attribute.as_str(), legal);
    }
    let inner_first = attributes.into_iter().rev().map(NodeAggregator::count);
    let whole = inner_first.reduce(|inner, outer| outer.refined_by(inner));
    found.or(operation, whole.into_iter().collect())
}

/// Says what to do about the errors that only these listings have. A backend without the operation has
/// another code.
fn explained(error: Error) -> Error {
    let advice = match error.code() {
        Some("UnsupportedOperationException") => {
            "the account does not have the integrated experience of Systems Manager, which ListNodes needs: \
             set up the unified console of Systems Manager, or sweep each account and Region by itself"
                .to_owned()
        }
        Some("ResourceDataSyncNotFoundException") => format!(
            "the account has no sync {MANAGED_NODE_SYNC} in this Region: ask for the nodes of an organization \
             in the account that administers Systems Manager for it, in the home Region of the unified console"
        ),
        _ => return error,
    };
    let (kind, message) = (error.kind(), format!("{advice} ({})", error.message()));
    error.with_kind(kind, message)
}
