//! Resource data syncs: what Systems Manager exports to a bucket, and what Explorer gathers.
//!
//! A sync of the type `SyncToDestination` writes the inventory and the patch compliance of an account
//! and Region into an S3 bucket. `data_sync` (feature `data-sync`) reads that export from files, and
//! [`athena`](crate::athena) by SQL. A sync of the type `SyncFromSource` gathers the data of several
//! Regions, or of the accounts of an organization, for Explorer.
//!
//! ```
//! use aws_patch_manager::resource_data_sync::{SyncToDestination, bucket_policy};
//! use aws_patch_manager::PatchManager;
//!
//! # futures_util::FutureExt::now_or_never(async {
//! let sync = SyncToDestination::new("patching", "amzn-s3-demo-bucket", "eu-central-1")
//!     .prefix("inventory")
//!     .build()?;
//! // The bucket has to admit Systems Manager first.
//! println!("{:#}", bucket_policy(&sync, ["111122223333"])?);
//! let manager = PatchManager::in_memory();
//! println!("{}", manager.ensure_resource_data_sync(&sync).await?);
//! # Ok::<(), aws_patch_manager::Error>(())
//! # }).ok_or("pending")??;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bucket_policy;
mod builder;
pub(crate) mod inventory;
mod spec;
mod stored;

pub use self::bucket_policy::{bucket_policy, organization_bucket_policy};
pub(crate) use self::builder::check_destination;
pub use self::builder::{SyncFromSource, SyncToDestination};
pub use self::spec::{
    CreateResourceDataSync, ResourceDataSyncAwsOrganizationsSource,
    ResourceDataSyncDestinationDataSharing, ResourceDataSyncOrganizationSourceType,
    ResourceDataSyncOrganizationalUnit, ResourceDataSyncS3Destination, ResourceDataSyncS3Format,
    ResourceDataSyncSource, ResourceDataSyncSourceType, ResourceDataSyncType,
};
pub(crate) use self::spec::{is_organizational_unit, is_sync_name};
pub use self::stored::{
    LastResourceDataSyncStatus, ResourceDataSyncItem, ResourceDataSyncSourceWithState,
};
