//! A resource data sync as the service lists it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CreateResourceDataSync, ResourceDataSyncAwsOrganizationsSource, ResourceDataSyncS3Destination,
    ResourceDataSyncSource, ResourceDataSyncType,
};
use crate::types::{Difference, shape, string_enum, timestamp};

string_enum! {
    /// How the last run of a resource data sync ended.
    pub enum LastResourceDataSyncStatus {
        /// It succeeded.
        Successful = "Successful",
        /// It failed; the message says why.
        Failed = "Failed",
        /// It has not ended.
        InProgress = "InProgress",
    }
}

/// A resource data sync, and how its last run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ResourceDataSyncItem {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_name: Option<String>,
    /// The type; older syncs to a bucket have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_type: Option<ResourceDataSyncType>,
    /// The source, of `SyncFromSource`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_source: Option<ResourceDataSyncSourceWithState>,
    /// The bucket, of `SyncToDestination`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_destination: Option<ResourceDataSyncS3Destination>,
    /// When the last run began.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Timestamp>,
    /// When the last run that succeeded ended.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub last_successful_sync_time: Option<Timestamp>,
    /// When the sync was last changed.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub sync_last_modified_time: Option<Timestamp>,
    /// How the last run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<LastResourceDataSyncStatus>,
    /// When the sync was created.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub sync_created_time: Option<Timestamp>,
    /// The last status in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sync_status_message: Option<String>,
}

impl ResourceDataSyncItem {
    /// The type. A sync that says none is older than the other type, and writes to a bucket.
    pub fn sync_type(&self) -> ResourceDataSyncType {
        let default = ResourceDataSyncType::SyncToDestination;
        self.sync_type.clone().unwrap_or(default)
    }

    /// The members of a specification that differ from this sync, by path. The state of a source is
    /// no part of a specification.
    pub fn diff(&self, desired: &CreateResourceDataSync) -> Vec<Difference> {
        let stored = CreateResourceDataSync {
            sync_name: self.sync_name.clone().unwrap_or_default(),
            s3_destination: self.s3_destination.clone(),
            sync_type: Some(self.sync_type()),
            sync_source: self
                .sync_source
                .clone()
                .map(ResourceDataSyncSourceWithState::into_source),
        };
        let desired = CreateResourceDataSync {
            sync_type: Some(desired.sync_type()),
            ..desired.clone()
        };
        let json = |sync: &CreateResourceDataSync| serde_json::to_value(sync).unwrap_or_default();
        let shown = |_: &str, value: &serde_json::Value| value.to_string();
        Difference::between(&json(&stored), &json(&desired), shown)
    }
}

/// Such as `patching to s3://amzn-s3-demo-bucket/inventory (eu-central-1): Successful`, or
/// `everywhere from eu-central-1, us-east-1: Failed: …`.
impl fmt::Display for ResourceDataSyncItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sync_name.as_deref().unwrap_or_default())?;
        if let Some(to) = &self.s3_destination {
            write!(f, " to s3://{}", to.bucket_name)?;
            if let Some(prefix) = &to.prefix {
                write!(f, "/{prefix}")?;
            }
            write!(f, " ({})", to.region)?;
        }
        if let Some(from) = &self.sync_source {
            let regions = from.source_regions.as_deref().unwrap_or_default();
            write!(f, " from {}", regions.join(", "))?;
        }
        match &self.last_status {
            Some(status) => write!(f, ": {status}")?,
            None => f.write_str(": not run yet")?,
        }
        match &self.last_sync_status_message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

shape! {
    /// The source of a resource data sync, and whether it can be read.
    pub struct ResourceDataSyncSourceWithState {
        /// One account, or an organization.
        pub source_type: Option<super::ResourceDataSyncSourceType>,
        /// The accounts, if it is an organization.
        pub aws_organizations_source: Option<ResourceDataSyncAwsOrganizationsSource>,
        /// The Regions.
        pub source_regions: Option<Vec<String>>,
        /// Whether Regions that AWS opens later are included.
        pub include_future_regions: Option<bool>,
        /// Why data cannot be gathered: `OrganizationNotExists`, `NoPermissions`,
        /// `InvalidOrganizationalUnit` or `TrustedAccessDisabled`.
        pub state: Option<String>,
        /// Whether every source of operational data is turned on.
        pub enable_all_ops_data_sources: Option<bool>,
    }
}

impl ResourceDataSyncSourceWithState {
    /// The source without its state.
    pub(crate) fn into_source(self) -> ResourceDataSyncSource {
        ResourceDataSyncSource {
            source_type: self.source_type.unwrap_or_else(|| "".into()),
            aws_organizations_source: self.aws_organizations_source,
            source_regions: self.source_regions.unwrap_or_default(),
            include_future_regions: self.include_future_regions.unwrap_or_default(),
            enable_all_ops_data_sources: self.enable_all_ops_data_sources.unwrap_or_default(),
        }
    }
}

impl From<ResourceDataSyncSource> for ResourceDataSyncSourceWithState {
    fn from(source: ResourceDataSyncSource) -> Self {
        Self {
            source_type: Some(source.source_type),
            aws_organizations_source: source.aws_organizations_source,
            source_regions: Some(source.source_regions),
            include_future_regions: Some(source.include_future_regions),
            state: None,
            enable_all_ops_data_sources: Some(source.enable_all_ops_data_sources),
        }
    }
}
