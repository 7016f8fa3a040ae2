//! Rules of resource data syncs.

use super::expect::{holds, same};
use super::{Failure, Result, Trial};
use crate::backend::{
    CreateResourceDataSync, DeleteResourceDataSync, ListResourceDataSync, UpdateResourceDataSync,
};
use crate::error::ErrorKind::{AlreadyExists, InvalidInput, LimitExceeded, NotFound};
use crate::resource_data_sync::{
    ResourceDataSyncDestinationDataSharing, ResourceDataSyncItem, ResourceDataSyncS3Destination,
    ResourceDataSyncSource, ResourceDataSyncSourceType, ResourceDataSyncType, SyncFromSource,
    SyncToDestination,
};

use ResourceDataSyncType::{SyncFromSource as From, SyncToDestination as To};

/// A sync to a bucket.
fn to_bucket(trial: &Trial<'_>) -> Result<CreateResourceDataSync> {
    let name = trial.unique_name();
    let sync = SyncToDestination::new(name, "amzn-s3-demo-bucket", "us-east-1");
    Ok(sync.prefix("inventory").build()?)
}

/// A sync from Regions of the account.
fn from_regions(trial: &Trial<'_>) -> Result<CreateResourceDataSync> {
    Ok(SyncFromSource::new(trial.unique_name(), ["us-east-1"]).build()?)
}

async fn listed(
    trial: &Trial<'_>,
    kind: Option<ResourceDataSyncType>,
) -> Result<Vec<ResourceDataSyncItem>> {
    trial
        .every(|page| ListResourceDataSync::new(kind.clone(), page.with_max_results(1)))
        .await
}

async fn found(trial: &Trial<'_>, name: &str) -> Result<ResourceDataSyncItem> {
    let mut items = listed(trial, None).await?.into_iter();
    let item = items.find(|item| item.sync_name.as_deref() == Some(name));
    item.ok_or_else(|| Failure::new(format!("{name} is not listed")))
}

/// A sync of either type reads back as it was made.
pub(super) async fn a_sync_reads_back_as_made(trial: &Trial<'_>) -> Result {
    for sync in [to_bucket(trial)?, from_regions(trial)?] {
        trial.create(sync.clone()).await?;
        let item = found(trial, &sync.sync_name).await?;
        same("differences", item.diff(&sync), vec![])?;
        holds(item.sync_created_time.is_some(), "no SyncCreatedTime")?;
        holds(item.last_status.is_some(), "no LastStatus")?;
    }
    Ok(())
}

/// Without a type, a sync is one to a bucket.
pub(super) async fn a_sync_without_a_type_goes_to_a_bucket(trial: &Trial<'_>) -> Result {
    let mut sync = to_bucket(trial)?;
    sync.sync_type = None;
    trial.create(sync.clone()).await?;
    let item = found(trial, &sync.sync_name).await?;
    same("SyncType", item.sync_type(), To)
}

/// A second sync of a name is refused.
pub(super) async fn a_second_sync_of_a_name_already_exists(trial: &Trial<'_>) -> Result {
    let sync = to_bucket(trial)?;
    trial.create(sync.clone()).await?;
    trial.refuses(sync, AlreadyExists).await
}

/// An account and Region has 5 syncs, and no sixth (AWS General Reference).
pub(super) async fn a_sixth_sync_exceeds_the_limit(trial: &Trial<'_>) -> Result {
    let before = listed(trial, None).await?.len();
    for _ in before..5 {
        trial.create(to_bucket(trial)?).await?;
    }
    trial.refuses_new(to_bucket(trial)?, LimitExceeded).await
}

/// A listing of a type has only syncs of it.
pub(super) async fn syncs_are_listed_by_type(trial: &Trial<'_>) -> Result {
    let (to, from) = (to_bucket(trial)?, from_regions(trial)?);
    trial.create(to.clone()).await?;
    trial.create(from.clone()).await?;
    for (kind, expected, other) in [(To, &to, &from), (From, &from, &to)] {
        let items = listed(trial, Some(kind)).await?;
        let mut names = items.iter().filter_map(|item| item.sync_name.as_deref());
        holds(
            names.clone().any(|name| name == expected.sync_name),
            "a sync of the type is not listed",
        )?;
        holds(
            names.all(|name| name != other.sync_name),
            "a sync of the other type is listed",
        )?;
    }
    let request = ListResourceDataSync::new(
        ResourceDataSyncType::from("Sideways"),
        crate::PageRequest::first(),
    );
    trial.refuses(request, InvalidInput).await
}

/// What a sync gathers is replaced by an update.
pub(super) async fn an_update_replaces_the_source_of_a_sync(trial: &Trial<'_>) -> Result {
    let sync = from_regions(trial)?;
    trial.create(sync.clone()).await?;
    let kind = ResourceDataSyncSourceType::SingleAccountMultiRegions;
    let source = ResourceDataSyncSource::new(kind, ["us-east-1", "eu-central-1"]);
    let update = UpdateResourceDataSync::new(&sync.sync_name, source.clone());
    trial.call(update).await?;
    let mut expected = sync;
    expected.sync_source = Some(source);
    let item = found(trial, &expected.sync_name).await?;
    same("differences", item.diff(&expected), vec![])
}

/// The account options of a sync cannot be changed.
pub(super) async fn an_update_changes_no_account_options(trial: &Trial<'_>) -> Result {
    let sync = from_regions(trial)?;
    trial.create(sync.clone()).await?;
    let organization = SyncFromSource::new(&sync.sync_name, ["us-east-1"]).entire_organization();
    let source = organization.build()?.sync_source;
    let source = source.ok_or_else(|| Failure::new("no source was built"))?;
    let update = UpdateResourceDataSync::new(&sync.sync_name, source);
    trial.refuses(update, InvalidInput).await
}

/// A sync to a bucket cannot be updated, and neither can an unknown one.
pub(super) async fn only_a_known_sync_from_a_source_is_updated(trial: &Trial<'_>) -> Result {
    let sync = to_bucket(trial)?;
    trial.create(sync.clone()).await?;
    let kind = ResourceDataSyncSourceType::SingleAccountMultiRegions;
    let source = ResourceDataSyncSource::new(kind, ["us-east-1"]);
    let mut update = UpdateResourceDataSync::new(&sync.sync_name, source.clone());
    update.sync_type = To;
    trial.refuses(update, InvalidInput).await?;
    let update = UpdateResourceDataSync::new(trial.unique_name(), source);
    trial.refuses(update, NotFound).await
}

/// A deleted sync is gone, and cannot be deleted again.
pub(super) async fn a_deleted_sync_is_gone(trial: &Trial<'_>) -> Result {
    let sync = to_bucket(trial)?;
    trial.create(sync.clone()).await?;
    let delete = DeleteResourceDataSync::new(&sync.sync_name, To);
    trial.call(delete.clone()).await?;
    trial.refuses(delete, NotFound).await?;
    let items = listed(trial, None).await?;
    let mut names = items.iter().map(|item| item.sync_name.as_deref());
    let is_gone = names.all(|name| name != Some(&*sync.sync_name));
    holds(is_gone, "a deleted sync is listed")
}

/// What a type needs is required, and what the service does not support is refused.
pub(super) async fn a_sync_that_makes_no_sense_is_refused(trial: &Trial<'_>) -> Result {
    let mut without_bucket = to_bucket(trial)?;
    without_bucket.s3_destination = None;
    let mut without_source = from_regions(trial)?;
    without_source.sync_source = None;
    let mut sideways = to_bucket(trial)?;
    sideways.sync_type = Some("Sideways".into());
    let mut shared = to_bucket(trial)?;
    let mut destination = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "us-east-1");
    let mut sharing = ResourceDataSyncDestinationDataSharing::organization();
    sharing.destination_data_sharing_type = Some("Everybody".to_owned());
    destination.destination_data_sharing = Some(sharing);
    shared.s3_destination = Some(destination);
    for sync in [without_bucket, without_source, sideways, shared] {
        trial.refuses_new(sync, InvalidInput).await?;
    }
    Ok(())
}

/// Lengths and patterns are those of the model.
pub(super) async fn the_members_of_a_sync_are_bounded(trial: &Trial<'_>) -> Result {
    let mut long = to_bucket(trial)?;
    long.sync_name = "n".repeat(65);
    let mut keyed = to_bucket(trial)?;
    let mut destination = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "us-east-1");
    destination.awskms_key_arn = Some("1234abcd".to_owned());
    keyed.s3_destination = Some(destination.clone());
    let mut prefixed = to_bucket(trial)?;
    destination.awskms_key_arn = None;
    destination.prefix = Some("p".repeat(257));
    prefixed.s3_destination = Some(destination);
    for sync in [long, keyed, prefixed] {
        trial.refuses_new(sync, InvalidInput).await?;
    }
    Ok(())
}

/// A page has 1 to 50 syncs.
pub(super) async fn the_page_size_of_syncs_is_bounded(trial: &Trial<'_>) -> Result {
    trial
        .refuses_page_sizes([0, 51], |page| ListResourceDataSync::new(None, page))
        .await
}
