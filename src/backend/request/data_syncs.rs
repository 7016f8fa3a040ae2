//! The requests for resource data syncs.

use super::member::request;
use crate::page::PageRequest;
use crate::resource_data_sync::{ResourceDataSyncSource, ResourceDataSyncType};

request! {
    /// The input of UpdateResourceDataSync.
    pub struct UpdateResourceDataSync {
        /// The name.
        required "SyncName" => sync_name: String,
        /// The type; the service updates only `SyncFromSource`.
        required "SyncType" => sync_type: ResourceDataSyncType,
        /// The new source.
        required "SyncSource" => sync_source: ResourceDataSyncSource,
    }
}

impl UpdateResourceDataSync {
    /// A request to replace the source of this sync of the type `SyncFromSource`.
    pub fn new(name: impl Into<String>, source: ResourceDataSyncSource) -> Self {
        Self {
            sync_name: name.into(),
            sync_type: ResourceDataSyncType::SyncFromSource,
            sync_source: source,
        }
    }
}

request! {
    /// The input of DeleteResourceDataSync.
    pub struct DeleteResourceDataSync {
        /// The name.
        required "SyncName" => sync_name: String,
        /// The type; any if absent.
        optional "SyncType" => sync_type: Option<ResourceDataSyncType>,
    }

    /// A request to delete the sync of this name and type.
    pub fn new(sync_name: impl Into<String>, sync_type: impl Into<Option<ResourceDataSyncType>>);
}

request! {
    /// The input of ListResourceDataSync. Pages of 1 to 50.
    #[derive(Default)]
    pub struct ListResourceDataSync {
        /// Only syncs of this type.
        optional "SyncType" => sync_type: Option<ResourceDataSyncType>,
        ..page
    }

    /// A request for the syncs of this type, or of both.
    pub fn new(sync_type: impl Into<Option<ResourceDataSyncType>>, page: PageRequest);
}
