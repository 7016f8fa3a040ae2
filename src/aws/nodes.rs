use async_trait::async_trait;
use aws_sdk_ssm::types::ResourceTypeForTagging;

use super::convert::{self, baseline, filter, node as to};
use super::{AwsBackend, send};
use crate::backend::{DescribeInstanceInformation, NodeInventory};
use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::types::{Ec2Instance, InstanceInformation, NodeId, ServiceSetting, Tag};

#[async_trait]
impl NodeInventory for AwsBackend {
    async fn describe_instance_information(
        &self,
        request: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        let call = self
            .ssm
            .describe_instance_information()
            .set_filters(filter::instance_information(&request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "DescribeInstanceInformation", call)?;
        convert::try_page(
            output.instance_information_list,
            output.next_token,
            to::instance_information,
        )
    }

    async fn list_instances(&self, page: PageRequest) -> Result<Page<Ec2Instance>> {
        self.list_ec2_instances(page).await
    }

    async fn get_service_setting(&self, setting_id: &str) -> Result<ServiceSetting> {
        const OPERATION: &str = "GetServiceSetting";
        let call = self.ssm.get_service_setting().setting_id(setting_id);
        let output = send!(self, "ssm", OPERATION, call)?;
        let setting = convert::required(output.service_setting, OPERATION, "ServiceSetting")?;
        Ok(to::service_setting(setting))
    }

    async fn describe_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        self.describe_ec2_instances(ids).await
    }

    async fn find_instances(&self, ids: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        self.find_ec2_instances(ids).await
    }

    async fn list_tags(&self, node: &NodeId) -> Result<Vec<Tag>> {
        if !node.is_hybrid() {
            return self.list_ec2_tags(node).await;
        }
        self.list_ssm_tags(ResourceTypeForTagging::ManagedInstance, node.as_str())
            .await
    }

    async fn add_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<()> {
        if !node.is_hybrid() {
            return self.create_ec2_tags(node, tags).await;
        }
        let call = self
            .ssm
            .add_tags_to_resource()
            .resource_type(ResourceTypeForTagging::ManagedInstance)
            .resource_id(node.as_str())
            .set_tags(Some(baseline::tags(tags)?));
        send!(self, "ssm", "AddTagsToResource", call).map(drop)
    }

    async fn remove_tags(&self, node: &NodeId, keys: &[String]) -> Result<()> {
        if !node.is_hybrid() {
            return self.delete_ec2_tags(node, keys).await;
        }
        let call = self
            .ssm
            .remove_tags_from_resource()
            .resource_type(ResourceTypeForTagging::ManagedInstance)
            .resource_id(node.as_str())
            .set_tag_keys(Some(keys.to_vec()));
        send!(self, "ssm", "RemoveTagsFromResource", call).map(drop)
    }
}

impl AwsBackend {
    pub(super) async fn list_ssm_tags(
        &self,
        kind: ResourceTypeForTagging,
        id: &str,
    ) -> Result<Vec<Tag>> {
        let call = self
            .ssm
            .list_tags_for_resource()
            .resource_type(kind)
            .resource_id(id);
        let output = send!(self, "ssm", "ListTagsForResource", call)?;
        let tags = output.tag_list.unwrap_or_default();
        Ok(tags
            .into_iter()
            .map(|tag| Tag::new(tag.key, tag.value))
            .collect())
    }
}
