use futures_core::stream::BoxStream;

use super::PatchManager;
use super::ids::{check, listed};
use super::pages::pages;
use crate::backend::{DescribeAvailablePatches, DescribePatchProperties, PatchProperty};
use crate::error::Result;
use crate::telemetry::verb_stream;
use crate::types::{BaselineId, EffectivePatch, OperatingSystem, Patch, QueryFilter};
use futures_util::StreamExt;

/// The patches there are.
impl PatchManager {
    /// The patches that pass the filters; see [`DescribeAvailablePatches`] for the keys. Linux needs `PRODUCT`.
    ///
    /// Calls DescribeAvailablePatches, a page at a time.
    pub fn available_patches(
        &self,
        filters: Vec<QueryFilter>,
    ) -> BoxStream<'static, Result<Patch>> {
        verb_stream!(
            available_patches(),
            pages(&self.catalog, 100, move |catalog, page| {
                let request = DescribeAvailablePatches::new(filters.clone(), page);
                async move { catalog.describe_available_patches(request).await }
            })
        )
    }

    /// What a Windows baseline makes of each patch: approved, pending, or named in a list.
    ///
    /// Calls DescribeEffectivePatchesForPatchBaseline, a page at a time.
    pub fn effective_patches(&self, id: &BaselineId) -> BoxStream<'static, Result<EffectivePatch>> {
        verb_stream!(effective_patches(baseline = id.as_str()), {
            let checked = check(id, "DescribeEffectivePatchesForPatchBaseline");
            let id = id.clone();
            listed(checked, || {
                pages(&self.catalog, 100, move |catalog, page| {
                    let id = id.clone();
                    async move {
                        catalog
                            .describe_effective_patches_for_patch_baseline(&id, page)
                            .await
                    }
                })
            })
        })
    }

    /// The values that filters of an operating system can take for a property, such as its products.
    ///
    /// Calls DescribePatchProperties, a page at a time.
    pub fn patch_properties(
        &self,
        os: OperatingSystem,
        property: PatchProperty,
    ) -> BoxStream<'static, Result<String>> {
        verb_stream!(
            patch_properties(os = os.as_str(), property = property.as_str()),
            {
                let request = DescribePatchProperties::new(os, property);
                pages(&self.catalog, 50, move |catalog, page| {
                    let request = request.clone().with_page(page);
                    async move { catalog.describe_patch_properties(request).await }
                })
                .map(|entry| entry.map(|entry| entry.into_values().next().unwrap_or_default()))
                .boxed()
            }
        )
    }
}
