use async_trait::async_trait;

use super::convert::{self, compliance as to, filter};
use super::{AwsBackend, send};
use crate::backend::{
    ComplianceSource, DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup,
    DescribeInstancePatches, DescribePatchGroupState, ListComplianceItems, ListComplianceSummaries,
    ListResourceComplianceSummaries,
};
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::page::Page;

#[async_trait]
impl ComplianceSource for AwsBackend {
    async fn describe_instance_patch_states(
        &self,
        request: DescribeInstancePatchStates,
    ) -> Result<Page<InstancePatchState>> {
        let nodes = &request.instance_ids;
        let page = request.page;

        let call = self
            .ssm
            .describe_instance_patch_states()
            .set_instance_ids(Some(convert::ids(nodes)))
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(self, "ssm", "DescribeInstancePatchStates", call)?;
        convert::try_page(
            output.instance_patch_states,
            output.next_token,
            to::patch_state,
        )
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        let call = self
            .ssm
            .describe_instance_patch_states_for_patch_group()
            .patch_group(request.patch_group.as_str())
            .set_filters(filter::patch_state(&request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(
            self,
            "ssm",
            "DescribeInstancePatchStatesForPatchGroup",
            call
        )?;
        convert::try_page(
            output.instance_patch_states,
            output.next_token,
            to::patch_state,
        )
    }

    async fn describe_instance_patches(
        &self,
        request: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>> {
        let call = self
            .ssm
            .describe_instance_patches()
            .instance_id(request.instance_id.as_str())
            .set_filters(filter::orchestrator(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "DescribeInstancePatches", call)?;
        Ok(convert::page(
            output.patches,
            output.next_token,
            to::node_patch,
        ))
    }

    async fn describe_patch_group_state(
        &self,
        request: DescribePatchGroupState,
    ) -> Result<PatchGroupState> {
        let group = &request.patch_group;

        let call = self
            .ssm
            .describe_patch_group_state()
            .patch_group(group.as_str());
        send!(self, "ssm", "DescribePatchGroupState", call).map(to::group_state)
    }

    async fn list_compliance_items(
        &self,
        request: ListComplianceItems,
    ) -> Result<Page<ComplianceItem>> {
        let call = self
            .ssm
            .list_compliance_items()
            .set_resource_ids(Some(convert::ids(&request.resource_ids)))
            .resource_types("ManagedInstance")
            .set_filters(filter::compliance(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "ListComplianceItems", call)?;
        Ok(convert::page(
            output.compliance_items,
            output.next_token,
            to::item,
        ))
    }

    async fn list_compliance_summaries(
        &self,
        request: ListComplianceSummaries,
    ) -> Result<Page<ComplianceSummaryItem>> {
        let call = self
            .ssm
            .list_compliance_summaries()
            .set_filters(filter::compliance(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "ListComplianceSummaries", call)?;
        Ok(convert::page(
            output.compliance_summary_items,
            output.next_token,
            to::summary,
        ))
    }

    async fn list_resource_compliance_summaries(
        &self,
        request: ListResourceComplianceSummaries,
    ) -> Result<Page<ResourceComplianceSummaryItem>> {
        let call = self
            .ssm
            .list_resource_compliance_summaries()
            .set_filters(filter::compliance(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "ListResourceComplianceSummaries", call)?;
        let items = output.resource_compliance_summary_items;
        Ok(convert::page(
            items,
            output.next_token,
            to::resource_summary,
        ))
    }
}
