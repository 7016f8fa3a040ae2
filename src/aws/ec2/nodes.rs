//! The EC2 operations of NodeInventory.

use aws_sdk_ec2::types as sdk;

use super::convert;
use crate::aws::convert::member::{always, unless_empty};
use crate::aws::{AwsBackend, convert as shared, send};
use crate::backend::{CreateTags, DeleteTags, DescribeInstances, DescribeTags, Operation};
use crate::error::Result;
use crate::page::{Page, PageToken};
use crate::types::{Ec2Instance, TagDescription};

impl AwsBackend {
    pub(in crate::aws) async fn ec2_describe_instances(
        &self,
        request: DescribeInstances,
    ) -> Result<Page<Ec2Instance>> {
        let call = self
            .ec2
            .describe_instances()
            .set_instance_ids(unless_empty(request.instance_ids)?)
            .set_filters(convert::filters(&request.filters))
            .set_max_results(shared::limit(&request.page))
            .set_next_token(shared::token(&request.page));
        let output = send!(self, Operation::DescribeInstances, call)?;
        let reservations = output.reservations.unwrap_or_default().into_iter();
        let found = reservations.flat_map(|one| one.instances.unwrap_or_default());
        let items = found.filter_map(convert::instance).collect();
        Ok(Page::new(items, output.next_token.map(PageToken::new)))
    }

    pub(in crate::aws) async fn ec2_describe_tags(
        &self,
        request: DescribeTags,
    ) -> Result<Page<TagDescription>> {
        let call = self
            .ec2
            .describe_tags()
            .set_filters(convert::filters(&request.filters))
            .set_max_results(shared::limit(&request.page))
            .set_next_token(shared::token(&request.page));
        let output = send!(self, Operation::DescribeTags, call)?;
        let tags = output.tags.unwrap_or_default().into_iter();
        let items = tags.filter_map(convert::described_tag).collect();
        Ok(Page::new(items, output.next_token.map(PageToken::new)))
    }

    pub(in crate::aws) async fn ec2_create_tags(&self, request: CreateTags) -> Result<()> {
        let tags = request.tags.iter();
        let tags = tags.map(|tag| sdk::Tag::builder().key(&tag.key).value(&tag.value).build());
        let call = self
            .ec2
            .create_tags()
            .set_resources(always(request.resources)?)
            .set_tags(Some(tags.collect()));
        send!(self, Operation::CreateTags, call).map(drop)
    }

    pub(in crate::aws) async fn ec2_delete_tags(&self, request: DeleteTags) -> Result<()> {
        let tags = request.tags.into_iter().map(|tag| {
            let deleted = sdk::Tag::builder().key(tag.key);
            deleted.set_value(tag.value).build()
        });
        let tags: Vec<_> = tags.collect();
        let call = self
            .ec2
            .delete_tags()
            .set_resources(always(request.resources)?)
            .set_tags((!tags.is_empty()).then_some(tags));
        send!(self, Operation::DeleteTags, call).map(drop)
    }
}
