//! The same answer from a snapshot, without any call.

use std::collections::BTreeMap;

use super::judge::{Facts, Fixes, NodeFacts, Read};
use super::linux::fixes_cve;
use super::{Exposure, ExposureQuery};
use crate::compliance::UnknownReason;
use crate::error::Result;
use crate::plan::{MirrorPart, MirrorSnapshot, MirroredNode, product_of};
use crate::types::{OsFamily, Patch};

impl MirrorSnapshot {
    /// The answer of [`PatchManager::exposure`](crate::PatchManager::exposure) at the instant of the snapshot,
    /// without any call. All managed nodes of the snapshot are judged, whatever nodes the query names.
    ///
    /// The scope of the snapshot needs [patches](crate::plan::MirrorScope::patches) and the
    /// [catalog](crate::plan::MirrorScope::catalog): without them nodes are unknown.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), as [`ExposureQuery::check`].
    ///
    /// ```
    /// use aws_patch_manager::exposure::ExposureQuery;
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let snapshot = manager.mirror_snapshot(&MirrorScope::new().patches().catalog()).await?;
    /// for cve in ["CVE-2026-90122", "CVE-2026-90132"] {
    ///     let query = ExposureQuery::new([cve], ComplianceQuery::all());
    ///     println!("{}", snapshot.exposure(&query)?);
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exposure(&self, query: &ExposureQuery) -> Result<Exposure> {
        query.check()?;
        let own = self.baselines.iter().map(|own| &own.baseline);
        let baselines = own.chain(&self.predefined_baselines);
        let managed = self.nodes.iter().filter(|node| node.information.is_some());
        let facts = Facts {
            now: self.taken_at,
            nodes: managed.map(NodeFacts::of_snapshot).collect(),
            fixes: Fixes::of_snapshot(self, query),
            baselines: baselines
                .map(|one| (one.baseline_id.clone(), Ok(one.clone())))
                .collect(),
            failures: Vec::new(),
        };
        Ok(facts.judge(query))
    }
}

impl NodeFacts {
    fn of_snapshot(node: &MirroredNode) -> Self {
        Self {
            node: node.id.clone(),
            information: node.information.clone().map(Box::new),
            state: node.patch_state.clone(),
            unknown: node
                .patch_state
                .is_none()
                .then(|| UnknownReason::NotAnswered {
                    error: "the snapshot has no scan or install of it".to_owned(),
                }),
            patches: node
                .patches
                .clone()
                .ok_or_else(|| "the snapshot does not have its patches".to_owned()),
        }
    }
}

impl Fixes {
    fn of_snapshot(snapshot: &MirrorSnapshot, query: &ExposureQuery) -> Self {
        let Some(catalog) = &snapshot.catalog else {
            return Self::default();
        };
        let nodes = snapshot.nodes.iter();
        let known = nodes.filter_map(|node| product_of(node.information.as_ref()?));
        let linux = known.filter(|(os, _)| os.family() != OsFamily::Windows);
        let mut fixes = Self::of_catalog(linux.map(|(_, product)| product), catalog, query);
        let unread = snapshot.unread.iter();
        for unread in unread.filter(|unread| unread.part == MirrorPart::Catalog) {
            let product = unread.resource.as_deref().unwrap_or_default();
            if let Some(fixes) = fixes.of_products.get_mut(product) {
                *fixes = Err(unread.message.clone());
            }
        }
        fixes
    }

    /// The patches of a catalog that fix the CVEs, for products whose patches it has all.
    pub(super) fn of_catalog(
        products: impl Iterator<Item = String>,
        catalog: &[Patch],
        query: &ExposureQuery,
    ) -> Self {
        let mut of_products: BTreeMap<String, Read<Vec<Patch>>> =
            products.map(|product| (product, Ok(Vec::new()))).collect();
        let is_fix = |patch: &&Patch| query.cves().iter().any(|cve| fixes_cve(patch, cve));
        for patch in catalog.iter().filter(is_fix) {
            let product = patch.product.as_deref().unwrap_or_default();
            if let Some(Ok(fixes)) = of_products.get_mut(product) {
                fixes.push(patch.clone());
            }
        }
        let named = query.all_updates();
        let updates = catalog.iter().filter(|patch| {
            let kb = patch.kb_number.as_deref();
            kb.is_some_and(|kb| named.contains(kb))
        });
        Self {
            of_products,
            updates: updates.cloned().collect(),
        }
    }
}
