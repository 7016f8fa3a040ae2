use futures_core::stream::BoxStream;

use super::PatchManager;
use super::pages::{check, listed, pages};
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    PatchProperty,
};
use crate::error::Result;
use crate::telemetry::verb_stream;
use crate::types::{
    AvailablePatchFilter, BaselineId, EffectivePatch, OperatingSystem, Patch, QueryFilter,
};
use futures_util::StreamExt;

/// The patch catalog.
impl PatchManager {
    /// The available patches for Windows, which DescribeAvailablePatches lists without a filter.
    ///
    /// Calls DescribeAvailablePatches, a page at a time. [`available_patches_with`](Self::available_patches_with) takes filters.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let listed: Vec<_> = manager.available_patches().try_collect().await?;
    /// println!("{}", listed.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn available_patches(&self) -> BoxStream<'static, Result<Patch>> {
        verb_stream!(available_patches(), self.available_patches_with([]))
    }

    /// The patches that match the filters; see [`DescribeAvailablePatches`] for the keys. Linux
    /// needs `PRODUCT`.
    ///
    /// Calls DescribeAvailablePatches, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::types::AvailablePatchFilter;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let critical = manager.available_patches_with([
    ///     AvailablePatchFilter::product( ["WindowsServer2022"]),
    ///     AvailablePatchFilter::msrc_severity( ["Critical"]),
    /// ]);
    /// let critical: Vec<_> = critical.try_collect().await?;
    /// assert!(!critical.is_empty());
    /// assert!(critical.iter().all(|patch| patch.msrc_severity.as_deref() == Some("Critical")));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a filter that the service
    /// does not know, and for more than 5 filters. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn available_patches_with(
        &self,
        filters: impl IntoIterator<Item = AvailablePatchFilter>,
    ) -> BoxStream<'static, Result<Patch>> {
        let filters: Vec<QueryFilter> = filters.into_iter().map(QueryFilter::from).collect();
        verb_stream!(
            available_patches_with(),
            pages(&self.backends.catalog, 100, move |catalog, page| {
                let request = DescribeAvailablePatches::new(filters.clone(), page);
                async move { catalog.describe_available_patches(request).await }
            })
        )
    }

    /// The approval state of each patch under a Windows baseline: approved, pending, or in a list.
    ///
    /// Calls DescribeEffectivePatchesForPatchBaseline, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, PatchManager};
    /// use aws_patch_manager::types::PatchDeploymentStatus;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let id = manager.create_baseline(&spec).await?;
    /// let mut patches = manager.effective_patches(&id);
    /// let mut pending = 0;
    /// while let Some(patch) = patches.try_next().await? {
    ///     let status = patch.patch_status.and_then(|status| status.deployment_status);
    ///     pending += usize::from(status == Some(PatchDeploymentStatus::PendingApproval));
    /// }
    /// assert!(pending > 0, "the sample has patches of this week");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such baseline.
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the baseline is not for
    /// Windows. It can also fail as [every call can](PatchManager#what-every-call-can-meet). An
    /// error is the last item of the stream.
    pub fn effective_patches(&self, id: &BaselineId) -> BoxStream<'static, Result<EffectivePatch>> {
        verb_stream!(effective_patches(baseline = id.as_str()), {
            let checked = check(id, "DescribeEffectivePatchesForPatchBaseline");
            let id = id.clone();
            listed(checked, || {
                pages(&self.backends.catalog, 100, move |catalog, page| {
                    let id = id.clone();
                    async move {
                        catalog
                            .describe_effective_patches_for_patch_baseline(
                                DescribeEffectivePatchesForPatchBaseline::new(&id, page),
                            )
                            .await
                    }
                })
            })
        })
    }

    /// The legal filter values of a property for an operating system, such as its products.
    ///
    /// Calls DescribePatchProperties, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::backend::PatchProperty;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let products = manager.patch_properties(OperatingSystem::Windows, PatchProperty::Product);
    /// let products: Vec<String> = products.try_collect().await?;
    /// assert!(products.iter().any(|product| product == "WindowsServer2022"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an operating system that the
    /// service does not know, and for a property that it does not have. It can also fail as [every
    /// call can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn patch_properties(
        &self,
        os: OperatingSystem,
        property: PatchProperty,
    ) -> BoxStream<'static, Result<String>> {
        verb_stream!(
            patch_properties(os = os.as_str(), property = property.as_str()),
            {
                let request = DescribePatchProperties::new(os, property);
                pages(&self.backends.catalog, 50, move |catalog, page| {
                    let request = request.clone().with_page(page);
                    async move { catalog.describe_patch_properties(request).await }
                })
                .map(|entry| entry.map(|entry| entry.into_values().next().unwrap_or_default()))
                .boxed()
            }
        )
    }
}
