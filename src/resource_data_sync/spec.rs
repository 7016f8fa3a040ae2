//! A resource data sync as it is created.

use serde::{Deserialize, Serialize};

use crate::types::{shape, string_enum};

string_enum! {
    /// Which way a resource data sync goes.
    pub enum ResourceDataSyncType {
        /// Inventory and compliance of this account and Region into an S3 bucket.
        SyncToDestination = "SyncToDestination",
        /// Operational data of several Regions or accounts to Explorer.
        SyncFromSource = "SyncFromSource",
    }
}

string_enum! {
    /// The form of the files in the bucket.
    pub enum ResourceDataSyncS3Format {
        /// JSON objects, one on each line.
        JsonSerDe = "JsonSerDe",
    }
}

string_enum! {
    /// Where Explorer gathers data.
    pub enum ResourceDataSyncSourceType {
        /// The accounts of an organization.
        AwsOrganizations = "AwsOrganizations",
        /// This account, in several Regions.
        SingleAccountMultiRegions = "SingleAccountMultiRegions",
    }
}

string_enum! {
    /// Which accounts of an organization.
    pub enum ResourceDataSyncOrganizationSourceType {
        /// All of them.
        EntireOrganization = "EntireOrganization",
        /// Those of some organizational units.
        OrganizationalUnits = "OrganizationalUnits",
    }
}

/// The input of CreateResourceDataSync: a resource data sync as it is to be.
///
/// [`SyncToDestination`](super::SyncToDestination) and [`SyncFromSource`](super::SyncFromSource)
/// build it and check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CreateResourceDataSync {
    /// The name, 1 to 64 characters.
    pub sync_name: String,
    /// The bucket; required for `SyncToDestination`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_destination: Option<ResourceDataSyncS3Destination>,
    /// The type; `SyncToDestination` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_type: Option<ResourceDataSyncType>,
    /// The source; required for `SyncFromSource`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_source: Option<ResourceDataSyncSource>,
}

impl CreateResourceDataSync {
    /// A sync with this name, and nothing else.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            sync_name: name.into(),
            s3_destination: None,
            sync_type: None,
            sync_source: None,
        }
    }

    /// The type: the service's default if it is absent.
    pub fn sync_type(&self) -> ResourceDataSyncType {
        let default = ResourceDataSyncType::SyncToDestination;
        self.sync_type.clone().unwrap_or(default)
    }
}

/// The bucket of a resource data sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResourceDataSyncS3Destination {
    /// The bucket.
    pub bucket_name: String,
    /// What the keys begin with, 1 to 256 characters; nothing if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The form of the files.
    pub sync_format: ResourceDataSyncS3Format,
    /// The Region of the bucket.
    pub region: String,
    /// The ARN of the KMS key that encrypts the files, in the bucket's Region.
    #[serde(
        default,
        rename = "AWSKMSKeyARN",
        skip_serializing_if = "Option::is_none"
    )]
    pub awskms_key_arn: Option<String>,
    /// Whether the accounts of an organization share the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_data_sharing: Option<ResourceDataSyncDestinationDataSharing>,
}

impl ResourceDataSyncS3Destination {
    /// A bucket in this Region.
    pub fn new(bucket: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            bucket_name: bucket.into(),
            prefix: None,
            sync_format: ResourceDataSyncS3Format::JsonSerDe,
            region: region.into(),
            awskms_key_arn: None,
            destination_data_sharing: None,
        }
    }
}

shape! {
    /// Who shares the bucket of a resource data sync.
    pub struct ResourceDataSyncDestinationDataSharing {
        /// `Organization`, the only one that the service supports.
        pub destination_data_sharing_type: Option<String>,
    }
}

impl ResourceDataSyncDestinationDataSharing {
    /// The accounts of the organization share the bucket.
    pub fn organization() -> Self {
        Self {
            destination_data_sharing_type: Some("Organization".to_owned()),
        }
    }
}

/// Where a resource data sync gathers data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResourceDataSyncSource {
    /// One account, or an organization.
    pub source_type: ResourceDataSyncSourceType,
    /// The accounts, if it is an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_organizations_source: Option<ResourceDataSyncAwsOrganizationsSource>,
    /// The Regions.
    pub source_regions: Vec<String>,
    /// Whether Regions that AWS opens later are included.
    #[serde(default)]
    pub include_future_regions: bool,
    /// Whether every source of operational data is turned on in these accounts and Regions.
    #[serde(default)]
    pub enable_all_ops_data_sources: bool,
}

impl ResourceDataSyncSource {
    /// These Regions of a source.
    pub fn new<I>(source_type: ResourceDataSyncSourceType, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            source_type,
            aws_organizations_source: None,
            source_regions: regions.into_iter().map(Into::into).collect(),
            include_future_regions: false,
            enable_all_ops_data_sources: false,
        }
    }
}

/// The accounts of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ResourceDataSyncAwsOrganizationsSource {
    /// All of them, or those of some organizational units.
    pub organization_source_type: ResourceDataSyncOrganizationSourceType,
    /// The organizational units, 1 to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizational_units: Option<Vec<ResourceDataSyncOrganizationalUnit>>,
}

impl ResourceDataSyncAwsOrganizationsSource {
    /// Every account of the organization.
    pub fn entire_organization() -> Self {
        Self {
            organization_source_type: ResourceDataSyncOrganizationSourceType::EntireOrganization,
            organizational_units: None,
        }
    }

    /// The accounts of these organizational units, by id.
    pub fn organizational_units<I>(units: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let unit = |id: I::Item| ResourceDataSyncOrganizationalUnit {
            organizational_unit_id: Some(id.into()),
        };
        Self {
            organization_source_type: ResourceDataSyncOrganizationSourceType::OrganizationalUnits,
            organizational_units: Some(units.into_iter().map(unit).collect()),
        }
    }
}

shape! {
    /// An organizational unit.
    pub struct ResourceDataSyncOrganizationalUnit {
        /// Its id, such as `ou-ab12-cd34ef56`.
        pub organizational_unit_id: Option<String>,
    }
}

/// Whether a name has the length that the service allows.
pub(crate) fn is_sync_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count())
}

/// Whether it is the id of an organizational unit (SSM model,
/// `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`).
pub(crate) fn is_organizational_unit(id: &str) -> bool {
    let is_part = |part: &str, shortest: usize| {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        (shortest..=32).contains(&part.len()) && part.bytes().all(legal)
    };
    let parts = id
        .strip_prefix("ou-")
        .and_then(|parts| parts.split_once('-'));
    parts.is_some_and(|(root, unit)| is_part(root, 4) && is_part(unit, 8))
}
