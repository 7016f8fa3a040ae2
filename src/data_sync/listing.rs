//! Which accounts, Regions and nodes an export has.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use object_store::path::Path;

use super::ResourceDataSync;
use super::file::store_error;
use super::layout::{InventoryType, Layout, Place, node_of, value_of};
use crate::error::{Error, ErrorKind, Result};
use crate::types::NodeId;

/// The types of inventory that a node stands in, by which it is known.
const OF_NODES: [InventoryType; 2] = [
    InventoryType::InstanceInformation,
    InventoryType::PatchSummary,
];

/// How many places are listed ahead of the one whose nodes are being read; so many hold their ids.
const AHEAD: usize = 4;

/// Which files a node has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Files {
    pub(super) information: bool,
    pub(super) summary: bool,
}

/// What a listing found.
#[derive(Debug)]
pub(super) enum Listed {
    /// A node, in the order of places and ids.
    Node(Arc<Place>, NodeId, Files),
    /// A node that was asked about and is nowhere in the export.
    Absent(NodeId),
    /// What could not be listed. With the nodes that for all one knows may be there, where those
    /// were asked about.
    Failed(String, Vec<NodeId>, Error),
}

/// Reads the folders of an export.
#[derive(Debug, Clone)]
pub(super) struct Lister {
    pub(super) export: ResourceDataSync,
    pub(super) layout: Layout,
    /// How many calls at the same time, while accounts are listed.
    pub(super) calls: usize,
}

impl Lister {
    /// Every node, place after place.
    pub(super) async fn nodes(self) -> BoxStream<'static, Listed> {
        let (places, failed) = self.places().await;
        let listed = stream::iter(places)
            .map(move |place| {
                let lister = self.clone();
                async move { lister.nodes_of(place).await }
            })
            .buffered(AHEAD)
            .flat_map(stream::iter);
        stream::iter(failed).chain(listed).boxed()
    }

    /// The accounts and Regions that are wanted, in order, and what kept others from being found.
    async fn places(&self) -> (Vec<Place>, Vec<Listed>) {
        let mut failed = Vec::new();
        let accounts = OF_NODES.map(|kind| self.layout.accounts(kind));
        let mut accounts = match self.values(accounts, "accountid").await {
            Ok(accounts) => accounts,
            Err(error) => return (Vec::new(), vec![not_listed(String::new(), error)]),
        };
        if accounts.is_empty() {
            failed.push(absent(
                String::new(),
                "there is no inventory under this prefix",
            ));
            return (Vec::new(), failed);
        }
        for account in &self.export.accounts {
            if !accounts.contains(account) {
                failed.push(absent(account.clone(), "the export has no such account"));
            }
        }
        accounts.retain(|account| wanted(&self.export.accounts, account));
        let regions: Vec<_> = stream::iter(accounts)
            .map(|account| async move {
                let folders = OF_NODES.map(|kind| self.layout.regions(kind, &account));
                let regions = self.values(folders, "region").await;
                (account, regions)
            })
            .buffered(self.calls)
            .collect()
            .await;
        let mut places = Vec::new();
        for (account, regions) in regions {
            match regions {
                Ok(regions) => places.extend(regions.into_iter().map(|region| Place {
                    account: account.clone(),
                    region,
                })),
                Err(error) => failed.push(not_listed(account, error)),
            }
        }
        for region in &self.export.regions {
            if !places.iter().any(|place| place.region == *region) {
                failed.push(absent(region.clone(), "the export has no such Region"));
            }
        }
        places.retain(|place| wanted(&self.export.regions, &place.region));
        (places, failed)
    }

    /// What stands behind `key=` in the folders below these two.
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
    async fn nodes_of(&self, place: Place) -> Vec<Listed> {
        let [information, summary] = OF_NODES.map(|kind| self.ids_of(kind, &place));
        let (information, summary) = match future::try_join(information, summary).await {
            Ok(listed) => listed,
            Err(error) => return vec![not_listed(place.to_string(), error)],
        };
        let mut nodes: BTreeMap<NodeId, Files> = BTreeMap::new();
        for node in information {
            nodes.entry(node).or_default().information = true;
        }
        for node in summary {
            nodes.entry(node).or_default().summary = true;
        }
        let place = Arc::new(place);
        let nodes = nodes.into_iter();
        nodes
            .map(|(node, files)| Listed::Node(Arc::clone(&place), node, files))
            .collect()
    }

    async fn ids_of(&self, kind: InventoryType, place: &Place) -> Result<Vec<NodeId>> {
        let folder = self.layout.nodes(kind, place);
        let objects = self.export.store.list(Some(&folder));
        let ids = objects.try_filter_map(|object| future::ok(node_of(&object, &folder)));
        let ids: object_store::Result<_> = ids.try_collect().await;
        ids.map_err(|error| store_error(error, &folder))
    }
}

fn wanted(filter: &[String], value: &String) -> bool {
    filter.is_empty() || filter.contains(value)
}

fn not_listed(source: String, error: Error) -> Listed {
    Listed::Failed(source, Vec::new(), error)
}

fn absent(source: String, message: &str) -> Listed {
    let error = Error::new(ErrorKind::NotFound, message).with_resource(source.clone());
    not_listed(source, error)
}

/// Only these nodes, each once, and in the end those that did not come.
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

/// Nodes that were asked about.
struct Asked {
    listed: BoxStream<'static, Listed>,
    /// Those that were not listed yet.
    open: HashSet<NodeId>,
    /// Whether all that could be listed was.
    complete: bool,
}

impl Asked {
    /// What is to be said of the nodes that were not listed.
    fn rest(self) -> Vec<Listed> {
        let mut open: Vec<NodeId> = self.open.into_iter().collect();
        open.sort();
        if self.complete || open.is_empty() {
            return open.into_iter().map(Listed::Absent).collect();
        }
        let message = "not among what could be listed of the export";
        let error = Error::new(ErrorKind::NotFound, message);
        vec![Listed::Failed(String::new(), open, error)]
    }
}
