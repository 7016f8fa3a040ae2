//! The patch groups: their baselines for each operating system, their hybrid nodes, and whether the
//! baselines that nodes get exist.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;

use super::nodes::FILTER_VALUES;
use super::{hidden, hidden_or_missing};
use crate::backend::{DescribePatchGroups, GetDefaultPatchBaseline, GetPatchBaseline};
use crate::error::Result;
use crate::group::PatchGroupTagKey;
use crate::manager::PatchManager;
use crate::manager::pages::pages;
use crate::prerequisites::{
    BaselineChoice, Baselines, Bindings, Facts, HybridGroups, Read, operating_system,
};
use crate::types::{InstanceInformation, NodeFilter, NodeId, OperatingSystem};

impl PatchManager {
    pub(super) async fn bindings(&self) -> Result<Read<Bindings>> {
        let mappings = pages(&self.backends.groups, 100, |groups, page| async move {
            let request = DescribePatchGroups::new(Vec::new(), page);
            groups.describe_patch_groups(request).await
        })
        .try_fold(Bindings::default(), |mut bindings, mapping| {
            // A baseline without an operating system is for Windows (SSM API, CreatePatchBaseline).
            let os = mapping.baseline_identity.operating_system;
            bindings.add(
                mapping.patch_group.as_str(),
                os.unwrap_or(OperatingSystem::Windows),
                mapping.baseline_identity.baseline_id,
            );
            std::future::ready(Ok(bindings))
        });
        hidden(mappings.await)
    }

    /// The hybrid nodes that are in a group. Listings by tag find them, because their tags can only
    /// be read node by node.
    pub(super) async fn hybrid_groups(
        &self,
        managed: &Read<BTreeMap<NodeId, InstanceInformation>>,
        bindings: &Read<Bindings>,
    ) -> Result<Read<HybridGroups>> {
        let Ok(managed) = managed else {
            return Ok(Ok(HybridGroups::default()));
        };
        let hybrid = managed.values().filter(|node| node.instance_id.is_hybrid());
        let mut systems: Vec<OperatingSystem> =
            hybrid.clone().filter_map(operating_system).collect();
        systems.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        systems.dedup();
        if hybrid.count() == 0 {
            return Ok(Ok(HybridGroups::default()));
        }
        let read = async {
            let mut found = HybridGroups {
                spaced: self
                    .hybrids("tag-key", [PatchGroupTagKey::Spaced.as_str()])
                    .await?,
                joined: self
                    .hybrids("tag-key", [PatchGroupTagKey::Joined.as_str()])
                    .await?,
                ..HybridGroups::default()
            };
            for os in systems {
                let groups = bindings.as_ref().map(|bindings| bindings.of(&os));
                let groups: Vec<&str> = groups.into_iter().flatten().collect();
                let in_bound = self.hybrids_in(&groups).await?;
                let of_system = in_bound
                    .into_iter()
                    .filter(|id| managed.get(id).and_then(operating_system).as_ref() == Some(&os));
                found.bound.extend(of_system);
            }
            Ok(found)
        };
        hidden(read.await)
    }

    /// The baselines that these nodes get: one read for each, and one for each default.
    pub(super) async fn baselines(&self, nodes: &[NodeId], facts: &Facts) -> Result<Baselines> {
        let store = &self.backends.baselines;
        let mut known = Baselines::default();
        for choice in BaselineChoice::of_nodes(nodes, facts) {
            let id = match choice {
                BaselineChoice::Group(_, id) => id.clone(),
                BaselineChoice::Default(os) if known.defaults.contains_key(&os) => continue,
                BaselineChoice::Default(os) => {
                    let request = GetDefaultPatchBaseline::new(Some(os.clone()));
                    let read = store.get_default_patch_baseline(request).await;
                    let read = hidden_or_missing(read.map(|default| default.baseline_id))?;
                    let id = read.as_ref().ok().cloned();
                    known.defaults.insert(os, read);
                    let Some(id) = id else { continue };
                    id
                }
            };
            if let Entry::Vacant(unread) = known.readable.entry(id) {
                let request = GetPatchBaseline::new(unread.key().clone());
                let read = store.get_patch_baseline(request).await;
                unread.insert(hidden_or_missing(read.map(drop))?);
            }
        }
        Ok(known)
    }

    /// The hybrid nodes that are in one of these groups, under either key.
    async fn hybrids_in(&self, groups: &[&str]) -> Result<BTreeSet<NodeId>> {
        let mut nodes = BTreeSet::new();
        for key in [PatchGroupTagKey::Spaced, PatchGroupTagKey::Joined] {
            let key = format!("tag:{}", key.as_str());
            for batch in groups.chunks(FILTER_VALUES) {
                nodes.extend(self.hybrids(&key, batch.iter().copied()).await?);
            }
        }
        Ok(nodes)
    }

    async fn hybrids<'a>(
        &self,
        key: &str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeSet<NodeId>> {
        // The service takes no other filter beside a tag.
        let nodes = self.list_nodes_with([NodeFilter::key(key, values)]);
        let ids = nodes.map_ok(|node| node.instance_id);
        ids.try_filter(|id| std::future::ready(id.is_hybrid()))
            .try_collect()
            .await
    }
}
