use async_trait::async_trait;

use super::convert;
use super::convert::member::{always, answer, listing, unless_empty};
use super::{AwsBackend, send};
use crate::backend::{
    ComplianceSource, DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup,
    DescribeInstancePatches, DescribePatchGroupState, ListComplianceItems, ListComplianceSummaries,
    ListResourceComplianceSummaries, Operation,
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
        const OPERATION: Operation = Operation::DescribeInstancePatchStates;
        let call = self
            .ssm
            .describe_instance_patch_states()
            .set_instance_ids(always(request.instance_ids)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.instance_patch_states, output.next_token, OPERATION)
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        const OPERATION: Operation = Operation::DescribeInstancePatchStatesForPatchGroup;
        let call = self
            .ssm
            .describe_instance_patch_states_for_patch_group()
            .patch_group(request.patch_group.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.instance_patch_states, output.next_token, OPERATION)
    }

    async fn describe_instance_patches(
        &self,
        request: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>> {
        const OPERATION: Operation = Operation::DescribeInstancePatches;
        let call = self
            .ssm
            .describe_instance_patches()
            .instance_id(request.instance_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.patches, output.next_token, OPERATION)
    }

    async fn describe_patch_group_state(
        &self,
        request: DescribePatchGroupState,
    ) -> Result<PatchGroupState> {
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::DescribePatchGroupState;
        let call = self
            .ssm
            .describe_patch_group_state()
            .patch_group(group.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn list_compliance_items(
        &self,
        request: ListComplianceItems,
    ) -> Result<Page<ComplianceItem>> {
        const OPERATION: Operation = Operation::ListComplianceItems;
        let call = self
            .ssm
            .list_compliance_items()
            .set_resource_ids(always(request.resource_ids)?)
            .resource_types("ManagedInstance")
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.compliance_items, output.next_token, OPERATION)
    }

    async fn list_compliance_summaries(
        &self,
        request: ListComplianceSummaries,
    ) -> Result<Page<ComplianceSummaryItem>> {
        const OPERATION: Operation = Operation::ListComplianceSummaries;
        let call = self
            .ssm
            .list_compliance_summaries()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.compliance_summary_items,
            output.next_token,
            OPERATION,
        )
    }

    async fn list_resource_compliance_summaries(
        &self,
        request: ListResourceComplianceSummaries,
    ) -> Result<Page<ResourceComplianceSummaryItem>> {
        const OPERATION: Operation = Operation::ListResourceComplianceSummaries;
        let call = self
            .ssm
            .list_resource_compliance_summaries()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.resource_compliance_summary_items,
            output.next_token,
            OPERATION,
        )
    }
}
