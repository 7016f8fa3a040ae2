use async_trait::async_trait;

use super::convert;
use super::convert::member::{Convert, listing};
use super::{AwsBackend, send};
use crate::backend::{
    CreateResourceDataSync, DeleteResourceDataSync, ListResourceDataSync, Operation,
    ResourceDataSyncStore, UpdateResourceDataSync,
};
use crate::error::Result;
use crate::page::Page;
use crate::resource_data_sync::ResourceDataSyncItem;

#[async_trait]
impl ResourceDataSyncStore for AwsBackend {
    async fn create_resource_data_sync(&self, request: CreateResourceDataSync) -> Result<()> {
        const OPERATION: Operation = Operation::CreateResourceDataSync;
        let call = self
            .ssm
            .create_resource_data_sync()
            .sync_name(request.sync_name)
            .set_s3_destination(request.s3_destination.convert()?)
            .set_sync_type(request.sync_type.convert()?)
            .set_sync_source(request.sync_source.convert()?);
        send!(self, OPERATION, call).map(drop)
    }

    async fn update_resource_data_sync(&self, request: UpdateResourceDataSync) -> Result<()> {
        const OPERATION: Operation = Operation::UpdateResourceDataSync;
        let call = self
            .ssm
            .update_resource_data_sync()
            .sync_name(request.sync_name)
            .sync_type(request.sync_type.as_str())
            .set_sync_source(Some(request.sync_source.convert()?));
        send!(self, OPERATION, call).map(drop)
    }

    async fn delete_resource_data_sync(&self, request: DeleteResourceDataSync) -> Result<()> {
        const OPERATION: Operation = Operation::DeleteResourceDataSync;
        let call = self
            .ssm
            .delete_resource_data_sync()
            .sync_name(request.sync_name)
            .set_sync_type(request.sync_type.convert()?);
        send!(self, OPERATION, call).map(drop)
    }

    async fn list_resource_data_sync(
        &self,
        request: ListResourceDataSync,
    ) -> Result<Page<ResourceDataSyncItem>> {
        const OPERATION: Operation = Operation::ListResourceDataSync;
        let call = self
            .ssm
            .list_resource_data_sync()
            .set_sync_type(request.sync_type.convert()?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.resource_data_sync_items,
            output.next_token,
            OPERATION,
        )
    }
}
