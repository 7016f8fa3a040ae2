use futures_core::stream::BoxStream;

use super::PatchManager;
use super::baselines::check;
use crate::backend::{DescribeAvailablePatches, DescribePatchProperties, PatchProperty};
use crate::error::Result;
use crate::page::{PageRequest, paginate};
use crate::types::{BaselineId, EffectivePatch, OperatingSystem, Patch, QueryFilter};
use futures_util::{StreamExt, future, stream};

/// The patches there are.
impl PatchManager {
    /// The patches that pass the filters; see [`DescribeAvailablePatches`] for the keys. Linux needs `PRODUCT`.
    ///
    /// Calls DescribeAvailablePatches, a page at a time.
    pub fn available_patches(
        &self,
        filters: Vec<QueryFilter>,
    ) -> BoxStream<'static, Result<Patch>> {
        let catalog = self.catalog.clone();
        paginate(move |token| {
            let (catalog, filters) = (catalog.clone(), filters.clone());
            async move {
                let page = PageRequest::first()
                    .with_max_results(100)
                    .with_next_token(token);
                catalog
                    .describe_available_patches(DescribeAvailablePatches::new(filters, page))
                    .await
            }
        })
    }

    /// What a Windows baseline makes of each patch: approved, pending, or named in a list.
    ///
    /// Calls DescribeEffectivePatchesForPatchBaseline, a page at a time.
    pub fn effective_patches(&self, id: &BaselineId) -> BoxStream<'static, Result<EffectivePatch>> {
        if let Err(error) = check(id, "DescribeEffectivePatchesForPatchBaseline") {
            return stream::once(future::ready(Err(error))).boxed();
        }
        let (catalog, id) = (self.catalog.clone(), id.clone());
        paginate(move |token| {
            let (catalog, id) = (catalog.clone(), id.clone());
            async move {
                let page = PageRequest::first()
                    .with_max_results(100)
                    .with_next_token(token);
                catalog
                    .describe_effective_patches_for_patch_baseline(&id, page)
                    .await
            }
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
        let catalog = self.catalog.clone();
        let request = DescribePatchProperties::new(os, property);
        paginate(move |token| {
            let (catalog, request) = (catalog.clone(), request.clone());
            async move {
                let page = PageRequest::first()
                    .with_max_results(50)
                    .with_next_token(token);
                catalog
                    .describe_patch_properties(request.with_page(page))
                    .await
            }
        })
        .map(|entry| entry.map(|entry| entry.into_values().next().unwrap_or_default()))
        .boxed()
    }
}
