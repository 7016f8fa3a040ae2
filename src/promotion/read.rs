//! Reads what the answer depends on.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::query::{PromotionBaseline, PromotionQuery};
use crate::baseline::PatchBaseline;
use crate::compliance::{NodeCompliance, PatchComplianceData, ReportFailure, ReportPart};
use crate::error::{Error, Result, Violation};
use crate::manager::{PatchManager, unread};
use crate::plan::product_of;
use crate::types::{AvailablePatchFilter, OperatingSystem, Patch};

/// All that the answer depends on.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) earlier: PatchBaseline,
    pub(super) later: PatchBaseline,
    pub(super) nodes: Vec<NodeFacts>,
    pub(super) unknown_nodes: usize,
    pub(super) catalog: Vec<Patch>,
    pub(super) failures: Vec<ReportFailure>,
}

/// A node of the earlier environment, and what it reported.
#[derive(Debug)]
pub(super) struct NodeFacts {
    pub(super) product: String,
    /// When its last operation ended.
    pub(super) looked_at: Timestamp,
    pub(super) patches: Vec<PatchComplianceData>,
}

pub(super) async fn read(manager: &PatchManager, query: &PromotionQuery) -> Result<Facts> {
    let now = manager.clock().now();
    let earlier = baseline(manager, query.earlier()).await?;
    let later = baseline(manager, query.later()).await?;
    if earlier.operating_system != later.operating_system {
        let legal = format!(
            "{}, the operating system of the earlier baseline",
            earlier.operating_system
        );
        let violation = Violation::new("OperatingSystem", later.operating_system.as_str(), legal);
        return Err(Error::invalid_input(vec![violation]).with_operation("PromotionQuery"));
    }
    let (nodes, mut failures) = manager.described_nodes(query.nodes()).await?;
    let (nodes, unknown_nodes) = of_system(nodes, &earlier.operating_system);
    let products: BTreeSet<String> = nodes.iter().map(|(_, product)| product.clone()).collect();
    let at_a_time = query.nodes().calls_at_a_time();
    let catalog = match query.given_catalog() {
        Some(patches) => patches.to_vec(),
        None => catalog(manager, products, at_a_time, &mut failures).await,
    };
    let mut facts = Facts {
        now,
        earlier,
        later,
        nodes: Vec::new(),
        unknown_nodes,
        catalog,
        failures,
    };
    facts.read_patches(manager, nodes, at_a_time).await;
    Ok(facts)
}

async fn baseline(manager: &PatchManager, side: &PromotionBaseline) -> Result<PatchBaseline> {
    match side {
        PromotionBaseline::Stored(id) => manager.baseline(id).await,
        PromotionBaseline::Given(baseline) => Ok((**baseline).clone()),
    }
}

/// The nodes of an operating system that have reported, with their products; and the number of nodes
/// that are or may be of it, and have not.
fn of_system(
    nodes: Vec<NodeCompliance>,
    os: &OperatingSystem,
) -> (Vec<(NodeCompliance, String)>, usize) {
    let (mut known, mut unknown) = (Vec::new(), 0);
    for node in nodes {
        match node.information.as_deref().and_then(product_of) {
            Some((of, _)) if of != *os => {}
            Some((_, product)) if node.state.is_some() => known.push((node, product)),
            _ => unknown += 1,
        }
    }
    (known, unknown)
}

/// The patches of the products.
async fn catalog(
    manager: &PatchManager,
    products: BTreeSet<String>,
    at_a_time: usize,
    failures: &mut Vec<ReportFailure>,
) -> Vec<Patch> {
    let mut listings = stream::iter(products)
        .map(|product| {
            let product = AvailablePatchFilter::product([product]);
            let listing = manager.available_patches_with([product]);
            listing.try_collect::<Vec<Patch>>()
        })
        .buffer_unordered(at_a_time);
    let mut patches = Vec::new();
    while let Some(found) = listings.next().await {
        match found {
            Ok(found) => patches.extend(found),
            Err(error) => failures.push(unread(ReportPart::Catalog, &[], &error)),
        }
    }
    patches
}

impl Facts {
    async fn read_patches(
        &mut self,
        manager: &PatchManager,
        nodes: Vec<(NodeCompliance, String)>,
        at_a_time: usize,
    ) {
        let mut listings = stream::iter(nodes)
            .map(|(node, product)| async move {
                let listing = manager.node_patches(&node.node, &[]);
                let patches = listing.try_collect::<Vec<_>>().await;
                (node, product, patches)
            })
            .buffer_unordered(at_a_time);
        while let Some((node, product, patches)) = listings.next().await {
            match (node.state, patches) {
                (Some(state), Ok(patches)) => self.nodes.push(NodeFacts {
                    product,
                    looked_at: state.operation_end_time,
                    patches,
                }),
                (_, Err(error)) => {
                    let node = std::slice::from_ref(&node.node);
                    self.failures
                        .push(unread(ReportPart::Patches, node, &error));
                }
                (None, Ok(_)) => {}
            }
        }
    }
}
