use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;

use super::PatchManager;
use super::pages::pages;
use crate::backend::{
    CreateResourceDataSync, DeleteResourceDataSync, ListResourceDataSync, UpdateResourceDataSync,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::resource_data_sync::{ResourceDataSyncItem, ResourceDataSyncType, is_sync_name};
use crate::telemetry::{verb, verb_stream};
use crate::types::Change;

/// Resource data syncs.
impl PatchManager {
    /// Creates a resource data sync, or updates the one of its name.
    ///
    /// The service can update only what a sync of the type `SyncFromSource` gathers. To change the
    /// bucket of a `SyncToDestination`, delete it and create it again: what it wrote stays.
    ///
    /// Calls ListResourceDataSync, and CreateResourceDataSync or UpdateResourceDataSync.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::resource_data_sync::SyncToDestination;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1");
    /// let sync = sync.prefix("inventory").build()?;
    /// assert_eq!(manager.ensure_resource_data_sync(&sync).await?, Change::Created);
    /// assert_eq!(manager.ensure_resource_data_sync(&sync).await?, Change::Unchanged);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] if the sync of the name differs in a way that the service cannot
    /// update; the message says how. [`ErrorKind::LimitExceeded`] at the sixth sync of an account and
    /// Region. [`ErrorKind::InvalidInput`] if the service refuses the configuration, such as a bucket
    /// whose policy does not admit it. [`ErrorKind::Conflict`] while another update is in progress. It
    /// can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_resource_data_sync(&self, sync: &CreateResourceDataSync) -> Result<Change> {
        let name = sync.sync_name.as_str();
        verb!(ensure_resource_data_sync(sync = name), async {
            check_name(name, "CreateResourceDataSync")?;
            let syncs = &self.backends.data_syncs;
            let stored = match self.stored_sync(name).await? {
                Some(stored) => stored,
                None => match syncs.create_resource_data_sync(sync.clone()).await {
                    // Another caller created it since.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        self.stored_sync(name).await?.ok_or(error)?
                    }
                    created => return created.map(|()| Change::Created),
                },
            };
            let differences = stored.diff(sync);
            if differences.is_empty() {
                return Ok(Change::Unchanged);
            }
            let gathers = |kind| kind == ResourceDataSyncType::SyncFromSource;
            let source = sync.sync_source.clone();
            let (Some(source), true, true) = (
                source,
                gathers(stored.sync_type()),
                gathers(sync.sync_type()),
            ) else {
                let differences: Vec<String> =
                    differences.iter().map(ToString::to_string).collect();
                let message = format!(
                    "the sync differs and cannot be updated, delete it first: {}",
                    differences.join("; ")
                );
                return Err(Error::new(ErrorKind::AlreadyExists, message)
                    .with_operation("CreateResourceDataSync")
                    .with_resource(name));
            };
            let request = UpdateResourceDataSync::new(name, source);
            syncs.update_resource_data_sync(request).await?;
            Ok(Change::Updated(differences))
        })
    }

    /// Lists the resource data syncs of both types, with the status of the last run of each.
    ///
    /// Calls ListResourceDataSync.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut syncs = manager.list_resource_data_syncs();
    /// while let Some(sync) = syncs.try_next().await? {
    ///     println!("{sync}");
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet).
    pub fn list_resource_data_syncs(&self) -> BoxStream<'static, Result<ResourceDataSyncItem>> {
        verb_stream!(list_resource_data_syncs(), self.data_syncs())
    }

    /// Reads the resource data sync of a name.
    ///
    /// Calls ListResourceDataSync.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::resource_data_sync::SyncToDestination;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1");
    /// manager.ensure_resource_data_sync(&sync.build()?).await?;
    /// let stored = manager.resource_data_sync("patching").await?;
    /// assert!(stored.last_sync_time.is_some());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed name, before any call. [`ErrorKind::NotFound`] if
    /// there is no such sync. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn resource_data_sync(&self, name: &str) -> Result<ResourceDataSyncItem> {
        verb!(resource_data_sync(sync = name), async {
            const OPERATION: &str = "ListResourceDataSync";
            check_name(name, OPERATION)?;
            let found = self.stored_sync(name).await?;
            found.ok_or_else(|| {
                let error = Error::new(ErrorKind::NotFound, "no resource data sync has this name");
                error.with_operation(OPERATION).with_resource(name)
            })
        })
    }

    /// Deletes the resource data sync of a name. What it wrote stays in the bucket.
    ///
    /// Calls DeleteResourceDataSync. If no type is given, it deletes the sync of either type.
    ///
    /// ```
    /// use aws_patch_manager::resource_data_sync::SyncToDestination;
    /// use aws_patch_manager::{ErrorKind, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1");
    /// manager.ensure_resource_data_sync(&sync.build()?).await?;
    /// manager.delete_resource_data_sync("patching", None).await?;
    /// let again = manager.delete_resource_data_sync("patching", None).await;
    /// assert_eq!(again.map_err(|error| error.kind()), Err(ErrorKind::NotFound));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed name, before any call. [`ErrorKind::NotFound`] if
    /// there is no such sync. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn delete_resource_data_sync(
        &self,
        name: &str,
        sync_type: Option<ResourceDataSyncType>,
    ) -> Result<()> {
        verb!(delete_resource_data_sync(sync = name), async {
            check_name(name, "DeleteResourceDataSync")?;
            let request = DeleteResourceDataSync::new(name, sync_type);
            let syncs = &self.backends.data_syncs;
            syncs.delete_resource_data_sync(request).await
        })
    }

    fn data_syncs(&self) -> BoxStream<'static, Result<ResourceDataSyncItem>> {
        pages(&self.backends.data_syncs, 50, |syncs, page| async move {
            let request = ListResourceDataSync::new(None, page);
            syncs.list_resource_data_sync(request).await
        })
    }

    async fn stored_sync(&self, name: &str) -> Result<Option<ResourceDataSyncItem>> {
        let mut syncs = self.data_syncs();
        while let Some(sync) = syncs.try_next().await? {
            if sync.sync_name.as_deref() == Some(name) {
                return Ok(Some(sync));
            }
        }
        Ok(None)
    }
}

fn check_name(name: &str, operation: &'static str) -> Result<()> {
    let mut found = Violations::new();
    found.require(is_sync_name(name), "SyncName", name, "1 to 64 characters");
    found.or(operation, ())
}
