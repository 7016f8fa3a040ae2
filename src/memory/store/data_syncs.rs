//! The resource data syncs.

use jiff::{SignedDuration, Timestamp};

use crate::resource_data_sync::{
    LastResourceDataSyncStatus, ResourceDataSyncItem, ResourceDataSyncS3Destination,
    ResourceDataSyncType,
};

/// The syncs, in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataSyncStore {
    records: Vec<DataSyncRecord>,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A sync, and when its first run after its last change ends.
#[derive(Debug, Clone)]
pub(crate) struct DataSyncRecord {
    pub(crate) item: ResourceDataSyncItem,
    pub(crate) synced: Timestamp,
}

/// Where a sync writes its files.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) sync: String,
    pub(crate) created: Timestamp,
    pub(crate) place: ResourceDataSyncS3Destination,
}

impl DataSyncRecord {
    /// The sync as the service lists it at this instant.
    fn described(&self, now: Timestamp) -> ResourceDataSyncItem {
        let mut item = self.item.clone();
        if now < self.synced {
            item.last_status = Some(LastResourceDataSyncStatus::InProgress);
        } else {
            let last = self.last_run(now);
            item.last_status = Some(LastResourceDataSyncStatus::Successful);
            item.last_sync_time = Some(last);
            item.last_successful_sync_time = Some(last);
            // AWS CLI, list-resource-data-sync.
            let message = "The sync was successfully completed";
            item.last_sync_status_message = Some(message.to_owned());
        }
        item
    }

    /// The end of its last run. Invented: that it runs once a day.
    fn last_run(&self, now: Timestamp) -> Timestamp {
        let days = now.duration_since(self.synced).as_secs() / DAY.as_secs();
        let days = i32::try_from(days).unwrap_or_default();
        self.synced
            .saturating_add(DAY * days)
            .unwrap_or(self.synced)
    }
}

impl DataSyncStore {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn add(&mut self, item: ResourceDataSyncItem, synced: Timestamp) {
        self.records.push(DataSyncRecord { item, synced });
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut DataSyncRecord> {
        let mut records = self.records.iter_mut();
        records.find(|record| record.item.sync_name.as_deref() == Some(name))
    }

    /// Takes a sync of this name and type out, and says whether it was there.
    pub(crate) fn remove(&mut self, name: &str, kind: Option<&ResourceDataSyncType>) -> bool {
        let before = self.records.len();
        self.records.retain(|record| {
            let is_named = record.item.sync_name.as_deref() == Some(name);
            !(is_named && kind.is_none_or(|kind| *kind == record.item.sync_type()))
        });
        self.records.len() < before
    }

    /// The syncs that write files, and have ended their first run.
    pub(crate) fn destinations(&self, now: Timestamp) -> Vec<Destination> {
        let ended = self.records.iter().filter(|record| record.synced <= now);
        let destinations = ended.filter_map(|record| {
            Some(Destination {
                sync: record.item.sync_name.clone()?,
                created: record.item.sync_created_time?,
                place: record.item.s3_destination.clone()?,
            })
        });
        destinations.collect()
    }

    /// The syncs of a type, or of both.
    pub(crate) fn described(
        &self,
        kind: Option<&ResourceDataSyncType>,
        now: Timestamp,
    ) -> Vec<ResourceDataSyncItem> {
        let records = self.records.iter();
        records
            .filter(|record| kind.is_none_or(|kind| *kind == record.item.sync_type()))
            .map(|record| record.described(now))
            .collect()
    }
}
