//! ResourceDataSyncStore over the resource data syncs. What they write is computed when somebody asks.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::check::Validation;
use super::paging::Bounds;
use crate::backend::{
    CreateResourceDataSync, DeleteResourceDataSync, ListResourceDataSync, Operation,
    ResourceDataSyncStore, UpdateResourceDataSync,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::{State, later};
use crate::page::Page;
use crate::resource_data_sync::{
    ResourceDataSyncItem, ResourceDataSyncS3Destination, ResourceDataSyncSource,
    ResourceDataSyncSourceType, ResourceDataSyncSourceWithState, ResourceDataSyncType,
    is_organizational_unit,
};

/// How long the first run of a sync takes.
const FIRST_RUN: SignedDuration = SignedDuration::from_mins(1);

/// The bounds of most texts here (SSM model).
const SHORT: std::ops::RangeInclusive<usize> = 1..=64;

fn create(state: &mut State, sync: CreateResourceDataSync, now: Timestamp) -> Result<()> {
    let mut validation = Validation::of(Operation::CreateResourceDataSync);
    validation.length("syncName", &sync.sync_name, SHORT);
    if let Some(kind) = &sync.sync_type {
        validation.length("syncType", kind.as_str(), SHORT);
    }
    if let Some(destination) = &sync.s3_destination {
        validate_destination(&mut validation, destination);
    }
    if let Some(source) = &sync.sync_source {
        validate_source(&mut validation, source);
    }
    validation.finish()?;
    check_configuration(&sync)?;
    let syncs = &mut state.data_syncs;
    if syncs.get_mut(&sync.sync_name).is_some() {
        let code = "ResourceDataSyncAlreadyExistsException";
        let error = Error::service(ErrorKind::AlreadyExists, code, "");
        return Err(error.with_resource(sync.sync_name));
    }
    if syncs.len() >= state.limits.resource_data_syncs {
        let code = "ResourceDataSyncCountExceededException";
        let message = "You have exceeded the allowed maximum sync configurations.";
        return Err(Error::service(ErrorKind::LimitExceeded, code, message));
    }
    let kind = sync.sync_type();
    let mut item = ResourceDataSyncItem {
        sync_name: Some(sync.sync_name),
        ..ResourceDataSyncItem::default()
    };
    match kind {
        ResourceDataSyncType::SyncFromSource => {
            item.sync_source = sync.sync_source.map(ResourceDataSyncSourceWithState::from);
        }
        _ => item.s3_destination = sync.s3_destination,
    }
    item.sync_type = Some(kind);
    item.sync_created_time = Some(now);
    item.sync_last_modified_time = Some(now);
    item.last_sync_time = Some(now);
    syncs.add(item, later(now, FIRST_RUN));
    Ok(())
}

fn update(state: &mut State, request: UpdateResourceDataSync, now: Timestamp) -> Result<()> {
    let mut validation = Validation::of(Operation::UpdateResourceDataSync);
    validation.length("syncName", &request.sync_name, SHORT);
    validation.length("syncType", request.sync_type.as_str(), SHORT);
    validate_source(&mut validation, &request.sync_source);
    validation.finish()?;
    // SSM API, UpdateResourceDataSync: only this type.
    if request.sync_type != ResourceDataSyncType::SyncFromSource {
        return Err(invalid(
            "only a sync of the type SyncFromSource can be updated",
        ));
    }
    check_source(&request.sync_source)?;
    let found = state.data_syncs.get_mut(&request.sync_name);
    let found = found.filter(|record| record.item.sync_type() == request.sync_type);
    let record = found.ok_or_else(|| gone(&request.sync_name))?;
    let before = record.item.sync_source.as_ref();
    let before = before.and_then(|source| source.source_type.clone());
    // "After you create a resource data sync for a Region, you can't change the account options for
    // that sync" (SSM API, UpdateResourceDataSync).
    if before.is_some_and(|before| before != request.sync_source.source_type) {
        return Err(invalid("the account options of a sync cannot be changed"));
    }
    record.item.sync_source = Some(request.sync_source.into());
    record.item.sync_last_modified_time = Some(now);
    record.item.last_sync_time = Some(now);
    record.synced = later(now, FIRST_RUN);
    Ok(())
}

fn delete(state: &mut State, request: &DeleteResourceDataSync) -> Result<()> {
    let mut validation = Validation::of(Operation::DeleteResourceDataSync);
    validation.length("syncName", &request.sync_name, SHORT);
    if let Some(kind) = &request.sync_type {
        validation.length("syncType", kind.as_str(), SHORT);
    }
    validation.finish()?;
    check_type(request.sync_type.as_ref())?;
    let (name, kind) = (&request.sync_name, request.sync_type.as_ref());
    let removed = state.data_syncs.remove(name, kind);
    removed.then_some(()).ok_or_else(|| gone(name))
}

/// Lengths, patterns and enumerations (SSM model, `ResourceDataSyncS3Destination`).
fn validate_destination(validation: &mut Validation, destination: &ResourceDataSyncS3Destination) {
    let at = |member: &str| format!("s3Destination.{member}");
    validation.length(at("bucketName"), &destination.bucket_name, 1..=2048);
    if let Some(prefix) = &destination.prefix {
        validation.length(at("prefix"), prefix, 1..=256);
    }
    validation.one_of(at("syncFormat"), destination.sync_format.is_known());
    validation.length(at("region"), &destination.region, SHORT);
    if let Some(key) = &destination.awskms_key_arn {
        validation.length(at("aWSKMSKeyARN"), key, 1..=512);
        let rule = "Member must satisfy regular expression pattern: arn:.*";
        validation.require(key.starts_with("arn:"), at("aWSKMSKeyARN"), rule);
    }
    let sharing = destination.destination_data_sharing.as_ref();
    let sharing = sharing.and_then(|to| to.destination_data_sharing_type.as_deref());
    if let Some(kind) = sharing {
        let at = at("destinationDataSharing.destinationDataSharingType");
        validation.length(at, kind, SHORT);
    }
}

/// Lengths and patterns (SSM model, `ResourceDataSyncSource`).
fn validate_source(validation: &mut Validation, source: &ResourceDataSyncSource) {
    let at = |member: &str| format!("syncSource.{member}");
    validation.length(at("sourceType"), source.source_type.as_str(), SHORT);
    for region in &source.source_regions {
        validation.length(at("sourceRegions"), region, SHORT);
    }
    let Some(accounts) = &source.aws_organizations_source else {
        return;
    };
    let at = |member: &str| format!("syncSource.awsOrganizationsSource.{member}");
    let kind = accounts.organization_source_type.as_str();
    validation.length(at("organizationSourceType"), kind, SHORT);
    let Some(units) = &accounts.organizational_units else {
        return;
    };
    validation.count(at("organizationalUnits"), units, 1..=1000);
    for id in units
        .iter()
        .filter_map(|unit| unit.organizational_unit_id.as_deref())
    {
        let at = at("organizationalUnits.organizationalUnitId");
        let rule = "Member must satisfy regular expression pattern: \
                    ^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$";
        validation.require(is_organizational_unit(id), at, rule);
    }
}

/// What the texts of the model demand, beyond lengths.
fn check_configuration(sync: &CreateResourceDataSync) -> Result<()> {
    check_type(sync.sync_type.as_ref())?;
    match (sync.sync_type(), &sync.s3_destination, &sync.sync_source) {
        (ResourceDataSyncType::SyncFromSource, _, None) => Err(invalid(
            "a sync of the type SyncFromSource needs a SyncSource",
        )),
        (ResourceDataSyncType::SyncFromSource, _, Some(source)) => check_source(source),
        (_, None, _) => Err(invalid(
            "a sync of the type SyncToDestination needs an S3Destination",
        )),
        (_, Some(destination), _) => check_sharing(destination),
    }
}

fn check_type(kind: Option<&ResourceDataSyncType>) -> Result<()> {
    match kind {
        Some(kind) if !kind.is_known() => Err(invalid(
            "SyncType is neither SyncToDestination nor SyncFromSource",
        )),
        _ => Ok(()),
    }
}

/// "Only `Organization` is supported" (SSM model).
fn check_sharing(destination: &ResourceDataSyncS3Destination) -> Result<()> {
    let sharing = destination.destination_data_sharing.as_ref();
    let kind = sharing.and_then(|to| to.destination_data_sharing_type.as_deref());
    match kind {
        None | Some("Organization") => Ok(()),
        Some(_) => Err(invalid("DestinationDataSharingType is not Organization")),
    }
}

fn check_source(source: &ResourceDataSyncSource) -> Result<()> {
    let accounts = source.aws_organizations_source.as_ref();
    let kind = accounts.map(|accounts| &accounts.organization_source_type);
    match (&source.source_type, kind) {
        (ResourceDataSyncSourceType::Other(_), _) => Err(invalid(
            "SourceType is neither AwsOrganizations nor SingleAccountMultiRegions",
        )),
        (_, Some(kind)) if !kind.is_known() => Err(invalid(
            "OrganizationSourceType is neither EntireOrganization nor OrganizationalUnits",
        )),
        _ => Ok(()),
    }
}

fn invalid(message: &str) -> Error {
    let code = "ResourceDataSyncInvalidConfigurationException";
    Error::service(ErrorKind::InvalidInput, code, message)
}

/// A name that no sync has.
pub(super) fn gone(name: &str) -> Error {
    let code = "ResourceDataSyncNotFoundException";
    let message = "The specified sync name wasn't found.";
    Error::service(ErrorKind::NotFound, code, message).with_resource(name)
}

#[async_trait]
impl ResourceDataSyncStore for MemoryBackend {
    async fn create_resource_data_sync(&self, request: CreateResourceDataSync) -> Result<()> {
        self.call(Operation::CreateResourceDataSync, |state, now| {
            create(state, request, now)
        })
        .await
    }

    async fn update_resource_data_sync(&self, request: UpdateResourceDataSync) -> Result<()> {
        self.call(Operation::UpdateResourceDataSync, |state, now| {
            update(state, request, now)
        })
        .await
    }

    async fn delete_resource_data_sync(&self, request: DeleteResourceDataSync) -> Result<()> {
        self.call(Operation::DeleteResourceDataSync, |state, _| {
            delete(state, &request)
        })
        .await
    }

    async fn list_resource_data_sync(
        &self,
        request: ListResourceDataSync,
    ) -> Result<Page<ResourceDataSyncItem>> {
        const OPERATION: Operation = Operation::ListResourceDataSync;
        self.call(OPERATION, |state, now| {
            let kind = request.sync_type.as_ref();
            check_type(kind)?;
            let items = state.data_syncs.described(kind, now);
            let key = kind.map_or("", ResourceDataSyncType::as_str);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, key)
        })
        .await
    }
}
