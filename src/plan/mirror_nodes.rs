//! Reads the nodes of an account, their patches and the catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, TryStreamExt, future, stream};

use super::mirror_read::Reader;
use super::{MirrorPart, MirroredNode, products};
use crate::backend::{
    DescribeAvailablePatches, DescribeInstancePatchStates, DescribeInstancePatches,
    DescribeInstances, ResourceTypeForTagging,
};
use crate::compliance::{BATCH, InstancePatchState, PatchComplianceData};
use crate::error::Result;
use crate::manager::pages;
use crate::progress::{self, Told};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, OperatingSystem, Patch, QueryFilter};

/// How many patches one call looks up in the catalog, as many as a rule's filter takes values.
pub(super) const LOOKED_UP: usize = 20;

impl Reader<'_> {
    /// The managed nodes, and the instances that EC2 has not terminated.
    pub(super) async fn nodes(&self) -> Result<Vec<MirroredNode>> {
        if !self.scope.has_nodes() {
            return Ok(Vec::new());
        }
        let listings = future::try_join(self.managed(), self.instances());
        let (managed, instances) = listings.await?;
        let mut nodes: BTreeMap<NodeId, MirroredNode> = BTreeMap::new();
        for instance in instances.into_iter().filter(|one| !one.is_gone()) {
            let node = MirroredNode::new(&instance.instance_id);
            nodes.insert(
                instance.instance_id.clone(),
                MirroredNode {
                    tags: instance.tags.clone(),
                    instance: Some(instance),
                    ..node
                },
            );
        }
        for mut information in managed {
            let id = information.instance_id.clone();
            let node = nodes.entry(id.clone());
            let node = node.or_insert_with(|| MirroredNode::new(id));
            let address = node.instance.as_ref();
            let address = address.and_then(|instance| instance.private_ip_address.clone());
            information.ip_address = information.ip_address.or(address);
            node.information = Some(information);
        }
        let nodes = nodes.into_values().collect();
        let nodes = self.with_hybrid_tags(nodes).await?;
        match self.scope.has_patches() {
            true => self.with_patches(nodes).await,
            false => {
                let done = nodes.len();
                self.tell(done, done);
                Ok(nodes)
            }
        }
    }

    fn tell(&self, done: usize, known: usize) {
        let told = Told {
            done,
            known,
            is_all: true,
            ..Told::default()
        };
        progress::tell(told, self.manager.clock().now());
    }

    async fn managed(&self) -> Result<Vec<InstanceInformation>> {
        let listing = self.manager.managed_nodes();
        let listing = listing.map_ok(|node| node.information);
        self.listed(MirrorPart::ManagedNodes, listing.try_collect().await)
    }

    async fn instances(&self) -> Result<Vec<Ec2Instance>> {
        let inventory = &self.manager.backends().nodes;
        let listing = pages(inventory, 1000, |inventory, page| async move {
            let request = DescribeInstances::all(page);
            inventory.describe_instances(request).await
        });
        self.listed(MirrorPart::Instances, listing.try_collect().await)
    }

    async fn with_hybrid_tags(&self, nodes: Vec<MirroredNode>) -> Result<Vec<MirroredNode>> {
        self.each(nodes, |mut node| async move {
            if node.id.is_hybrid() {
                let kind = ResourceTypeForTagging::ManagedInstance;
                node.tags = self.tags(kind, node.id.as_str()).await?;
            }
            Ok(Some(node))
        })
        .await
    }

    /// Adds patch states, and the patches of each node that has one. A node whose patches cannot be read
    /// is noted; the others are read all the same.
    async fn with_patches(&self, nodes: Vec<MirroredNode>) -> Result<Vec<MirroredNode>> {
        let ids: Vec<NodeId> = nodes.iter().map(|node| node.id.clone()).collect();
        let batches: Vec<Vec<NodeId>> = ids.chunks(BATCH).map(<[_]>::to_vec).collect();
        let states = stream::iter(batches)
            .map(|ids| self.states(ids))
            .buffer_unordered(self.scope.calls_at_a_time());
        let states: Vec<Vec<InstancePatchState>> = states.try_collect().await?;
        let states = states.into_iter().flatten();
        let mut states: BTreeMap<NodeId, InstancePatchState> = states
            .map(|state| (state.instance_id.clone(), state))
            .collect();
        let nodes = nodes.into_iter();
        let nodes = nodes.map(|mut node| {
            node.patch_state = states.remove(&node.id);
            node
        });
        let (known, read) = (nodes.len(), AtomicUsize::new(0));
        let read = &read;
        self.each(nodes.collect(), |mut node| async move {
            if node.patch_state.is_some() {
                match self.patches(&node.id).await {
                    Ok(patches) => node.patches = Some(patches),
                    Err(error) => {
                        let id = Some(node.id.as_str());
                        self.note(MirrorPart::Patches, id, &error);
                    }
                }
            }
            self.tell(read.fetch_add(1, Ordering::Relaxed) + 1, known);
            Ok(Some(node))
        })
        .await
    }

    async fn states(&self, ids: Vec<NodeId>) -> Result<Vec<InstancePatchState>> {
        let source = &self.manager.backends().compliance;
        let listing = pages(source, 100, move |source, page| {
            let request = DescribeInstancePatchStates::new(&ids, page);
            async move { source.describe_instance_patch_states(request).await }
        });
        self.listed(MirrorPart::Patches, listing.try_collect().await)
    }

    async fn patches(&self, id: &NodeId) -> Result<Vec<PatchComplianceData>> {
        let source = &self.manager.backends().compliance;
        let id = id.clone();
        let listing = pages(source, 100, move |source, page| {
            let request = DescribeInstancePatches::new(&id, Vec::new(), page);
            async move { source.describe_instance_patches(request).await }
        });
        listing.try_collect().await
    }

    /// The patches of the fleet's products, and those of Microsoft's applications that nodes name.
    pub(super) async fn catalog(&self, nodes: &[MirroredNode]) -> Result<Option<Vec<Patch>>> {
        if !self.scope.has_catalog() {
            return Ok(None);
        }
        let products: Vec<String> = products::of_fleet(nodes).into_iter().collect();
        let of_products = self.each(products, |product| async move {
            let filters = vec![QueryFilter::new("PRODUCT", [product.as_str()])];
            let answer = self.available(filters).await;
            self.found(MirrorPart::Catalog, &product, answer)
        });
        let mut catalog: Vec<Patch> = of_products.await?.into_iter().flatten().collect();
        let unlisted = unlisted(nodes, &catalog);
        let batches = unlisted.chunks(LOOKED_UP).map(<[_]>::to_vec).collect();
        let of_applications = self.each(batches, |ids: Vec<String>| async move {
            let filters = vec![
                QueryFilter::new("PATCH_SET", ["APPLICATION"]),
                QueryFilter::new("PATCH_ID", ids.iter()),
            ];
            let answer = self.available(filters).await;
            self.found(MirrorPart::Catalog, &ids.join(", "), answer)
        });
        catalog.extend(of_applications.await?.into_iter().flatten());
        Ok(Some(catalog))
    }

    async fn available(&self, filters: Vec<QueryFilter>) -> Result<Vec<Patch>> {
        let catalog = &self.manager.backends().catalog;
        let listing = pages(catalog, 100, move |catalog, page| {
            let request = DescribeAvailablePatches::new(filters.clone(), page);
            async move { catalog.describe_available_patches(request).await }
        });
        listing.try_collect().await
    }
}

/// The KB numbers that Windows nodes name and the catalog of their products has not.
pub(super) fn unlisted<'a>(
    nodes: &[MirroredNode],
    catalog: impl IntoIterator<Item = &'a Patch>,
) -> Vec<String> {
    let catalog = catalog.into_iter();
    let listed: BTreeSet<&str> = catalog
        .filter_map(|patch| patch.kb_number.as_deref())
        .collect();
    let windows = nodes.iter().filter(|node| {
        let known = node.information.as_ref().and_then(products::of);
        known.is_some_and(|(os, _)| os == OperatingSystem::Windows)
    });
    let named: BTreeSet<&str> = windows
        .flat_map(|node| node.patches.iter().flatten())
        .map(|patch| patch.kb_id.as_str())
        .filter(|kb| !listed.contains(kb))
        .collect();
    named.into_iter().map(str::to_owned).collect()
}
