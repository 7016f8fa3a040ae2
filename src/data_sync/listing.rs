//! Lists the accounts, Regions and nodes of an export.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use object_store::path::Path;

use super::ResourceDataSync;
use super::file::store_error;
use super::layout::{Folders, InventoryType, Layout, Place, node_of, value_of};
use crate::error::{Error, ErrorKind, Result};
use crate::in_flight::InFlight;
use crate::types::NodeId;

/// The types of inventory that show which nodes exist.
const OF_NODES: [InventoryType; 2] = [
    InventoryType::InstanceInformation,
    InventoryType::PatchSummary,
];

/// How many places are listed ahead of the one whose nodes are being read; each holds its ids in
/// memory.
const AHEAD: usize = 4;

/// Which files a node has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files {
    pub(super) information: bool,
    pub(super) summary: bool,
}

/// An item of a listing.
#[derive(Debug)]
pub(super) enum Listed {
    /// A node, in the order of places and ids.
    Node(Arc<Folders>, NodeId, Files),
    /// A node of the question that is nowhere in the export.
    Absent(NodeId),
    /// What could not be listed, with the nodes of the question that may be there.
    Failed(String, Vec<NodeId>, Error),
}

/// Reads the folders of an export.
#[derive(Debug, Clone)]
pub(super) struct Lister {
    pub(super) export: ResourceDataSync,
    pub(super) layout: Layout,
    /// How many calls at the same time while accounts are listed.
    pub(super) calls: usize,
}

impl Lister {
    /// Every node, place after place.
    pub(super) async fn nodes(self, in_flight: InFlight) -> BoxStream<'static, Listed> {
        let (places, failed) = self.places().await;
        let listed = stream::iter(places)
            .map(move |place| {
                let lister = self.clone();
                in_flight.start(async move {
                    let nodes = lister.nodes_of(&place).await;
                    (Arc::new(lister.layout.folders(&place)), nodes)
                })
            })
            .buffered(AHEAD)
            .flat_map(|(folders, nodes)| match nodes {
                Ok(nodes) => stream::iter(nodes)
                    .map(move |(node, files)| Listed::Node(Arc::clone(&folders), node, files))
                    .boxed(),
                Err(error) => stream::iter([not_listed(folders.source.to_string(), error)]).boxed(),
            });
        stream::iter(failed).chain(listed).boxed()
    }

    /// The selected accounts and Regions, in order, and why others were not found.
    async fn places(&self) -> (Vec<Place>, Vec<Listed>) {
        let accounts = OF_NODES.map(|kind| self.layout.accounts(kind));
        let mut accounts = match self.values(accounts, "accountid").await {
            Ok(accounts) => accounts,
            Err(error) => return (Vec::new(), vec![not_listed(String::new(), error)]),
        };
        if accounts.is_empty() {
            let looked = self.layout.accounts(InventoryType::PatchSummary);
            let error = absent(looked.as_ref(), "there is no inventory under this prefix");
            return (Vec::new(), vec![not_listed(String::new(), error)]);
        }
        let mut failed = Vec::new();
        for account in &self.export.accounts {
            if !accounts.contains(account) {
                let error = absent(account, "the export has no such account");
                failed.push(not_listed(account.clone(), error));
            }
        }
        accounts.retain(|account| wanted(&self.export.accounts, account));
        let mut places = self.regions_of(accounts, &mut failed).await;
        for region in &self.export.regions {
            if !places.iter().any(|place| place.region == *region) {
                let error = absent(region, "the export has no such Region");
                failed.push(not_listed(region.clone(), error));
            }
        }
        places.retain(|place| wanted(&self.export.regions, &place.region));
        (places, failed)
    }

    /// The places of these accounts.
    async fn regions_of(&self, accounts: BTreeSet<String>, failed: &mut Vec<Listed>) -> Vec<Place> {
        let mut regions = stream::iter(accounts)
            .map(|account| async move {
                let folders = OF_NODES.map(|kind| self.layout.regions(kind, &account));
                let regions = self.values(folders, "region").await;
                (account, regions)
            })
            .buffered(self.calls);
        let mut places = Vec::new();
        while let Some((account, regions)) = regions.next().await {
            match regions {
                Ok(regions) if regions.is_empty() => {
                    let error = absent(&account, "the account has no Region");
                    failed.push(not_listed(account, error));
                }
                Ok(regions) => places.extend(regions.into_iter().map(|region| Place {
                    account: account.clone(),
                    region,
                })),
                Err(error) => failed.push(not_listed(account, error)),
            }
        }
        places
    }

    /// The values after `key=` in the folders below these two.
    async fn values(&self, folders: [Path; 2], key: &str) -> Result<BTreeSet<String>> {
        let listings = folders.iter().map(|folder| async move {
            let listed = self.export.store.list_with_delimiter(Some(folder)).await;
            listed.map_err(|error| store_error(error, folder))
        });
        let listings = future::try_join_all(listings).await?;
        let below = listings.iter().flat_map(|listed| &listed.common_prefixes);
        Ok(below.filter_map(|folder| value_of(folder, key)).collect())
    }

    /// The nodes of a place, in the order of their ids.
    async fn nodes_of(&self, place: &Place) -> Result<Vec<(NodeId, Files)>> {
        let listings = OF_NODES.map(|kind| self.files_of(kind, place));
        let listings = future::try_join_all(listings).await?;
        let mut nodes: Vec<(NodeId, Files)> = listings.into_iter().flatten().collect();
        nodes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        nodes.dedup_by(|(node, files), (first, all)| {
            let same = node == first;
            if same {
                all.information |= files.information;
                all.summary |= files.summary;
            }
            same
        });
        if nodes.is_empty() {
            return Err(absent(&place.to_string(), "there is no file of a node"));
        }
        Ok(nodes)
    }

    async fn files_of(&self, kind: InventoryType, place: &Place) -> Result<Vec<(NodeId, Files)>> {
        let files = Files {
            information: kind == InventoryType::InstanceInformation,
            summary: kind == InventoryType::PatchSummary,
        };
        let folder = self.layout.nodes(kind, place);
        if let Some(local) = &self.export.folder {
            let nodes = local.nodes(&folder).await?.into_iter();
            return Ok(nodes.map(|node| (node, files)).collect());
        }
        let objects = self.export.store.list(Some(&folder));
        let nodes = objects.try_filter_map(|object| {
            let node = node_of(&object, &folder);
            future::ok(node.map(|node| (node, files)))
        });
        let nodes: object_store::Result<_> = nodes.try_collect().await;
        nodes.map_err(|error| store_error(error, &folder))
    }
}

fn wanted(filter: &[String], value: &String) -> bool {
    filter.is_empty() || filter.contains(value)
}

fn not_listed(source: String, error: Error) -> Listed {
    Listed::Failed(source, Vec::new(), error)
}

fn absent(what: &str, message: &str) -> Error {
    Error::new(ErrorKind::NotFound, message).with_resource(what)
}

/// Only these nodes, each once, and at the end those that were not found.
pub(super) fn named(
    listed: BoxStream<'static, Listed>,
    nodes: HashSet<NodeId>,
) -> BoxStream<'static, Listed> {
    let asked = Asked {
        listed,
        open: nodes,
        complete: true,
    };
    stream::unfold(Some(asked), |asked| async move {
        let mut asked = asked?;
        while let Some(found) = asked.listed.next().await {
            match found {
                Listed::Node(_, ref node, _) if !asked.open.remove(node) => {}
                Listed::Failed(..) => {
                    asked.complete = false;
                    return Some((vec![found], Some(asked)));
                }
                found => return Some((vec![found], Some(asked))),
            }
        }
        Some((asked.rest(), None))
    })
    .flat_map(stream::iter)
    .boxed()
}

/// The nodes of a question.
struct Asked {
    listed: BoxStream<'static, Listed>,
    /// The nodes that were not listed yet.
    open: HashSet<NodeId>,
    /// Whether every listing succeeded.
    complete: bool,
}

impl Asked {
    /// The result for the nodes that were not listed.
    fn rest(self) -> Vec<Listed> {
        let mut open: Vec<NodeId> = self.open.into_iter().collect();
        open.sort();
        if self.complete || open.is_empty() {
            return open.into_iter().map(Listed::Absent).collect();
        }
        let message = "a listing failed, so the export may still have the node";
        let error = Error::new(ErrorKind::NotFound, message);
        vec![Listed::Failed(String::new(), open, error)]
    }
}
