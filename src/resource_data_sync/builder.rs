//! Builders of resource data syncs, which check everything before any call.

use super::{
    CreateResourceDataSync, ResourceDataSyncAwsOrganizationsSource,
    ResourceDataSyncDestinationDataSharing, ResourceDataSyncS3Destination, ResourceDataSyncSource,
    ResourceDataSyncSourceType, ResourceDataSyncType, is_organizational_unit, is_sync_name,
};
use crate::error::{Result, Violations};
use crate::types::{REGION, is_account, is_region, partition_of};

const OPERATION: &str = "CreateResourceDataSync";

/// Builds a sync of the type `SyncToDestination`: the inventory and the patch compliance of this
/// account and Region into an S3 bucket.
///
/// The bucket needs a [policy](super::bucket_policy) that admits Systems Manager. Each account and
/// Region has a sync of its own; they can share one bucket.
///
/// ```
/// use aws_patch_manager::resource_data_sync::SyncToDestination;
///
/// let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1")
///     .prefix("inventory")
///     .kms_key("arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")
///     .share_with_organization()
///     .build()?;
/// assert_eq!(sync.sync_name, "patching");
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SyncToDestination {
    name: String,
    destination: ResourceDataSyncS3Destination,
}

impl SyncToDestination {
    /// A sync of this name into a bucket of this Region.
    pub fn new(
        name: impl Into<String>,
        bucket: impl Into<String>,
        region: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            destination: ResourceDataSyncS3Destination::new(bucket, region),
        }
    }

    /// What the keys in the bucket begin with: parts with one `/` between them, such as
    /// `exports/inventory`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.destination.prefix = Some(prefix.into());
        self
    }

    /// The ARN of the KMS key that encrypts the files. It must be in the Region of the bucket.
    pub fn kms_key(mut self, arn: impl Into<String>) -> Self {
        self.destination.awskms_key_arn = Some(arn.into());
        self
    }

    /// Lets the accounts of the organization share the bucket, under one
    /// [policy](super::organization_bucket_policy) that does not name them.
    pub fn share_with_organization(mut self) -> Self {
        let sharing = ResourceDataSyncDestinationDataSharing::organization();
        self.destination.destination_data_sharing = Some(sharing);
        self
    }

    /// The checked specification.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a name of more than 64
    /// characters, a name that no bucket can have, a malformed prefix or Region, and a key that is not
    /// the ARN of a KMS key, or of an alias, in the Region of the bucket.
    pub fn build(self) -> Result<CreateResourceDataSync> {
        let mut found = Violations::new();
        check_name(&mut found, &self.name);
        check_destination(&mut found, &self.destination);
        let mut sync = CreateResourceDataSync::new(self.name);
        sync.sync_type = Some(ResourceDataSyncType::SyncToDestination);
        sync.s3_destination = Some(self.destination);
        found.or(OPERATION, sync)
    }
}

/// Builds a sync of the type `SyncFromSource`: what Explorer gathers from several Regions, or from the
/// accounts of an organization.
///
/// ```
/// use aws_patch_manager::resource_data_sync::SyncFromSource;
///
/// let sync = SyncFromSource::new("everywhere", ["eu-central-1", "us-east-1"])
///     .organizational_units(["ou-ab12-cd34ef56"])
///     .include_future_regions()
///     .build()?;
/// assert!(sync.s3_destination.is_none());
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct SyncFromSource {
    name: String,
    source: ResourceDataSyncSource,
}

impl SyncFromSource {
    /// A sync of this name from these Regions of this account.
    pub fn new<I>(name: impl Into<String>, regions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let kind = ResourceDataSyncSourceType::SingleAccountMultiRegions;
        Self {
            name: name.into(),
            source: ResourceDataSyncSource::new(kind, regions),
        }
    }

    /// From every account of the organization. Only its management account and a delegated
    /// administrator can do that.
    pub fn entire_organization(self) -> Self {
        self.organization(ResourceDataSyncAwsOrganizationsSource::entire_organization())
    }

    /// From the accounts of these organizational units, by id.
    pub fn organizational_units<I>(self, units: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.organization(ResourceDataSyncAwsOrganizationsSource::organizational_units(units))
    }

    fn organization(mut self, accounts: ResourceDataSyncAwsOrganizationsSource) -> Self {
        self.source.source_type = ResourceDataSyncSourceType::AwsOrganizations;
        self.source.aws_organizations_source = Some(accounts);
        self
    }

    /// Also from Regions that AWS opens later.
    pub fn include_future_regions(mut self) -> Self {
        self.source.include_future_regions = true;
        self
    }

    /// Turns on every source of operational data in these accounts and Regions.
    pub fn enable_all_ops_data_sources(mut self) -> Self {
        self.source.enable_all_ops_data_sources = true;
        self
    }

    /// The checked specification.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations: a name of more than 64
    /// characters, no Region or a malformed one, and none or more than 1,000 organizational units, or
    /// a malformed id of one.
    pub fn build(self) -> Result<CreateResourceDataSync> {
        let mut found = Violations::new();
        check_name(&mut found, &self.name);
        let regions = &self.source.source_regions;
        let at = "SyncSource.SourceRegions";
        found.require(!regions.is_empty(), at, "", "at least one Region");
        for (index, region) in regions.iter().enumerate() {
            found.require(is_region(region), format!("{at}[{index}]"), region, REGION);
        }
        let accounts = self.source.aws_organizations_source.as_ref();
        let units = accounts.and_then(|accounts| accounts.organizational_units.as_ref());
        if let Some(units) = units {
            let at = "SyncSource.AwsOrganizationsSource.OrganizationalUnits";
            let legal = "1 to 1,000 organizational units";
            let fits = (1..=1000).contains(&units.len());
            found.require(fits, at, units.len(), legal);
            for (index, unit) in units.iter().enumerate() {
                let id = unit.organizational_unit_id.as_deref().unwrap_or_default();
                let at = format!("{at}[{index}].OrganizationalUnitId");
                let legal = "an id such as ou-ab12-cd34ef56";
                found.require(is_organizational_unit(id), at, id, legal);
            }
        }
        let mut sync = CreateResourceDataSync::new(self.name);
        sync.sync_type = Some(ResourceDataSyncType::SyncFromSource);
        sync.sync_source = Some(self.source);
        found.or(OPERATION, sync)
    }
}

fn check_name(found: &mut Violations, name: &str) {
    let legal = "1 to 64 characters";
    found.require(is_sync_name(name), "SyncName", name, legal);
}

/// Records what is malformed in a bucket with its prefix, Region and key.
pub(crate) fn check_destination(
    found: &mut Violations,
    destination: &ResourceDataSyncS3Destination,
) {
    let at = |member: &str| format!("S3Destination.{member}");
    let bucket = &destination.bucket_name;
    let legal = "3 to 63 lower-case letters, digits, dots and hyphens: the name of a bucket";
    found.require(is_bucket(bucket), at("BucketName"), bucket, legal);
    let region = &destination.region;
    found.require(is_region(region), at("Region"), region, REGION);
    if let Some(prefix) = &destination.prefix {
        let legal = "1 to 256 characters: parts with one `/` between them";
        found.require(is_prefix(prefix), at("Prefix"), prefix, legal);
    }
    if let Some(key) = &destination.awskms_key_arn {
        let legal = format!("the ARN of a KMS key in {region}");
        let is_key = is_key_in(key, region);
        found.require(is_key, at("AWSKMSKeyARN"), key, legal);
    }
}

/// Whether a bucket can have this name (S3 User Guide, bucket naming rules).
fn is_bucket(name: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| is_word(*b) || b"-.".contains(b))
        && ends.into_iter().flatten().all(|b| is_word(*b))
        && !name.contains("..")
}

/// Whether it is a prefix of keys without empty parts.
fn is_prefix(prefix: &str) -> bool {
    (1..=256).contains(&prefix.chars().count())
        && prefix.split('/').all(|part| !part.is_empty())
        && !prefix.chars().any(char::is_control)
}

/// Whether it is the ARN of a KMS key, or of an alias, in this Region (KMS API, `KeyId` and
/// `AliasName`).
fn is_key_in(arn: &str, region: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [prefix, partition, service, of, account, resource] = parts.as_slice() else {
        return false;
    };
    let is_name = |name: &str, others: &[u8]| {
        let is_legal = |b: u8| b.is_ascii_alphanumeric() || others.contains(&b);
        !name.is_empty() && name.bytes().all(is_legal)
    };
    let is_named = match (
        resource.strip_prefix("key/"),
        resource.strip_prefix("alias/"),
    ) {
        (Some(id), _) => is_name(id, b"-"),
        (_, Some(name)) => is_name(name, b"-_/"),
        (None, None) => false,
    };
    arn.len() <= 512
        && (*prefix, *service) == ("arn", "kms")
        && *partition == partition_of(region)
        && *of == region
        && is_account(account)
        && is_named
}
