use aws_sdk_ec2::operation::describe_instances::builders::DescribeInstancesFluentBuilder;
use aws_sdk_ec2::types as sdk;

use super::convert;
use crate::aws::{AwsBackend, convert as shared, send};
use crate::error::Result;
use crate::page::{Page, PageRequest, PageToken};
use crate::types::{Ec2Instance, NodeId, Tag};

impl AwsBackend {
    pub(in crate::aws) async fn describe_ec2_instances(
        &self,
        ids: &[NodeId],
    ) -> Result<Vec<Ec2Instance>> {
        let call = self.ec2.describe_instances();
        self.every_ec2_instance(call.set_instance_ids((!ids.is_empty()).then(|| shared::ids(ids))))
            .await
    }

    pub(in crate::aws) async fn find_ec2_instances(
        &self,
        ids: &[NodeId],
    ) -> Result<Vec<Ec2Instance>> {
        // A filter without a value is none.
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let of_ids = sdk::Filter::builder().name("instance-id");
        let of_ids = of_ids.set_values(Some(shared::ids(ids))).build();
        self.every_ec2_instance(self.ec2.describe_instances().filters(of_ids))
            .await
    }

    async fn every_ec2_instance(
        &self,
        call: DescribeInstancesFluentBuilder,
    ) -> Result<Vec<Ec2Instance>> {
        let mut instances = Vec::new();
        let mut token = None;
        loop {
            let call = call.clone().set_next_token(token.clone());
            let output = send!(self, "ec2", "DescribeInstances", call)?;
            let reservations = output.reservations.unwrap_or_default().into_iter();
            let found = reservations.flat_map(|one| one.instances.unwrap_or_default());
            instances.extend(found.filter_map(convert::instance));
            let next = output.next_token.filter(|next| !next.is_empty());
            if next.is_none() || next == token {
                return Ok(instances);
            }
            token = next;
        }
    }

    pub(in crate::aws) async fn list_ec2_instances(
        &self,
        page: PageRequest,
    ) -> Result<Page<Ec2Instance>> {
        let call = self
            .ec2
            .describe_instances()
            .set_max_results(shared::limit(&page))
            .set_next_token(shared::token(&page));
        let output = send!(self, "ec2", "DescribeInstances", call)?;
        let reservations = output.reservations.unwrap_or_default().into_iter();
        let found = reservations.flat_map(|one| one.instances.unwrap_or_default());
        let items = found.filter_map(convert::instance).collect();
        Ok(Page::new(items, output.next_token.map(PageToken::new)))
    }

    pub(in crate::aws) async fn list_ec2_tags(&self, node: &NodeId) -> Result<Vec<Tag>> {
        let of_node = sdk::Filter::builder()
            .name("resource-id")
            .values(node.as_str())
            .build();
        let mut tags = Vec::new();
        let mut token = None;
        loop {
            let call = self
                .ec2
                .describe_tags()
                .filters(of_node.clone())
                .max_results(1000)
                .set_next_token(token.clone());
            let output = send!(self, "ec2", "DescribeTags", call)?;
            let page = output.tags.unwrap_or_default();
            tags.extend(page.into_iter().filter_map(convert::described_tag));
            let next = output.next_token.filter(|next| !next.is_empty());
            if next.is_none() || next == token {
                return Ok(tags);
            }
            token = next;
        }
    }

    pub(in crate::aws) async fn create_ec2_tags(&self, node: &NodeId, tags: &[Tag]) -> Result<()> {
        let tags = tags
            .iter()
            .map(|tag| sdk::Tag::builder().key(&tag.key).value(&tag.value).build())
            .collect();
        let call = self
            .ec2
            .create_tags()
            .resources(node.as_str())
            .set_tags(Some(tags));
        send!(self, "ec2", "CreateTags", call).map(drop)
    }

    pub(in crate::aws) async fn delete_ec2_tags(
        &self,
        node: &NodeId,
        keys: &[String],
    ) -> Result<()> {
        // Without any tag EC2 would delete them all.
        if keys.is_empty() {
            return Ok(());
        }
        let tags = keys
            .iter()
            .map(|key| sdk::Tag::builder().key(key).build())
            .collect();
        let call = self
            .ec2
            .delete_tags()
            .resources(node.as_str())
            .set_tags(Some(tags));
        send!(self, "ec2", "DeleteTags", call).map(drop)
    }
}
