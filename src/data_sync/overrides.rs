use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::file::failed;
use crate::error::Result;
use crate::operation::{BaselineOverride, InstallOverrideList};

impl BaselineOverride {
    /// Puts the file into a store, such as `object_store`'s `AmazonS3`, at this path.
    ///
    /// A run then takes `s3://BUCKET/PATH`. The roles of its nodes need `s3:GetObject` on it.
    ///
    /// # Errors
    ///
    /// The store's own, with the path as the resource.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::data_sync::object_store::memory::InMemory;
    /// use aws_patch_manager::operation::BaselineOverride;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let linux = BaselineBuilder::amazon_linux_2023_security("linux", 7).build()?;
    /// let store = InMemory::new();
    /// BaselineOverride::new([linux])?.put(&store, "overrides/linux.json").await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn put(&self, store: &dyn ObjectStore, path: &str) -> Result<()> {
        put(store, path, self.to_json()).await
    }
}

impl InstallOverrideList {
    /// Puts the file into a store, such as `object_store`'s `AmazonS3`, at this path.
    ///
    /// A run then takes `s3://BUCKET/PATH`. The roles of its nodes need `s3:GetObject` on it.
    ///
    /// # Errors
    ///
    /// The store's own, with the path as the resource.
    ///
    /// ```
    /// use aws_patch_manager::data_sync::object_store::memory::InMemory;
    /// use aws_patch_manager::operation::{InstallOverrideList, OverriddenPatch};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let list = InstallOverrideList::new([OverriddenPatch::new("KB5037782")])?;
    /// list.put(&InMemory::new(), "overrides/list.json").await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn put(&self, store: &dyn ObjectStore, path: &str) -> Result<()> {
        put(store, path, self.to_json()).await
    }
}

async fn put(store: &dyn ObjectStore, path: &str, file: String) -> Result<()> {
    let path = Path::from(path);
    let put = store.put(&path, file.into()).await;
    put.map(drop)
        .map_err(|error| failed(error, &path, "written"))
}
