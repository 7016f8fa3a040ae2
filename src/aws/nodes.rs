use async_trait::async_trait;

use super::convert;
use super::convert::member::{always, answer, listing, unless_empty};
use super::{AwsBackend, send};
use crate::backend::{
    AddTagsToResource, DescribeInstanceInformation, DescribeInstanceProperties, GetServiceSetting,
    ListNodes, ListNodesSummary, ListTagsForResource, NodeInventory, Operation,
    RemoveTagsFromResource,
};
#[cfg(feature = "ec2")]
use crate::backend::{CreateTags, DeleteTags, DescribeInstances, DescribeTags};
use crate::error::Result;
use crate::page::Page;
#[cfg(feature = "ec2")]
use crate::types::{Ec2Instance, TagDescription};
use crate::types::{InstanceInformation, InstanceProperty, Node, NodeSummary, ServiceSetting, Tag};

#[async_trait]
impl NodeInventory for AwsBackend {
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        const OPERATION: Operation = Operation::DescribeInstanceInformation;
        let call = self
            .ssm
            .describe_instance_information()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.instance_information_list,
            output.next_token,
            OPERATION,
        )
    }

    async fn describe_instance_properties(
        &self,
        request: DescribeInstanceProperties,
    ) -> Result<Page<InstanceProperty>> {
        const OPERATION: Operation = Operation::DescribeInstanceProperties;
        let call = self
            .ssm
            .describe_instance_properties()
            .set_filters_with_operator(unless_empty(request.filters_with_operator)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.instance_properties, output.next_token, OPERATION)
    }

    async fn list_nodes(&self, request: ListNodes) -> Result<Page<Node>> {
        const OPERATION: Operation = Operation::ListNodes;
        let call = self
            .ssm
            .list_nodes()
            .set_sync_name(request.sync_name)
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.nodes, output.next_token, OPERATION)
    }

    async fn list_nodes_summary(&self, request: ListNodesSummary) -> Result<Page<NodeSummary>> {
        const OPERATION: Operation = Operation::ListNodesSummary;
        let call = self
            .ssm
            .list_nodes_summary()
            .set_sync_name(request.sync_name)
            .set_filters(unless_empty(request.filters)?)
            .set_aggregators(always(request.aggregators)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.summary, output.next_token, OPERATION)
    }

    async fn get_service_setting(&self, request: GetServiceSetting) -> Result<ServiceSetting> {
        let setting_id = &request.setting_id;

        const OPERATION: Operation = Operation::GetServiceSetting;
        let call = self.ssm.get_service_setting().setting_id(setting_id);
        let output = send!(self, OPERATION, call)?;
        let setting = convert::required(output.service_setting, OPERATION, "ServiceSetting")?;
        answer(setting, OPERATION)
    }

    #[cfg(feature = "ec2")]
    async fn describe_instances(&self, request: DescribeInstances) -> Result<Page<Ec2Instance>> {
        self.ec2_describe_instances(request).await
    }

    #[cfg(feature = "ec2")]
    async fn describe_tags(&self, request: DescribeTags) -> Result<Page<TagDescription>> {
        self.ec2_describe_tags(request).await
    }

    #[cfg(feature = "ec2")]
    async fn create_tags(&self, request: CreateTags) -> Result<()> {
        self.ec2_create_tags(request).await
    }

    #[cfg(feature = "ec2")]
    async fn delete_tags(&self, request: DeleteTags) -> Result<()> {
        self.ec2_delete_tags(request).await
    }

    async fn list_tags_for_resource(&self, request: ListTagsForResource) -> Result<Vec<Tag>> {
        const OPERATION: Operation = Operation::ListTagsForResource;
        let call = self
            .ssm
            .list_tags_for_resource()
            .resource_type(request.resource_type.as_str().into())
            .resource_id(request.resource_id);
        let output = send!(self, OPERATION, call)?;
        answer(output.tag_list.unwrap_or_default(), OPERATION)
    }

    async fn add_tags_to_resource(&self, request: AddTagsToResource) -> Result<()> {
        let call = self
            .ssm
            .add_tags_to_resource()
            .resource_type(request.resource_type.as_str().into())
            .resource_id(request.resource_id)
            .set_tags(always(request.tags)?);
        send!(self, Operation::AddTagsToResource, call).map(drop)
    }

    async fn remove_tags_from_resource(&self, request: RemoveTagsFromResource) -> Result<()> {
        let call = self
            .ssm
            .remove_tags_from_resource()
            .resource_type(request.resource_type.as_str().into())
            .resource_id(request.resource_id)
            .set_tag_keys(Some(request.tag_keys));
        send!(self, Operation::RemoveTagsFromResource, call).map(drop)
    }
}
