use async_trait::async_trait;

use super::convert;
use super::convert::member::{Convert, answer, listing, unless_empty};
use super::{AwsBackend, send};
use crate::backend::{
    DeregisterPatchBaselineForPatchGroup, DescribePatchGroups, GetPatchBaselineForPatchGroup,
    Operation, PatchGroupRegistry, RegisterPatchBaselineForPatchGroup,
};
use crate::error::Result;
use crate::group::{BaselineForPatchGroup, PatchGroupMapping};
use crate::page::Page;

#[async_trait]
impl PatchGroupRegistry for AwsBackend {
    async fn register_patch_baseline_for_patch_group(
        &self,
        request: RegisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::RegisterPatchBaselineForPatchGroup;
        let call = self
            .ssm
            .register_patch_baseline_for_patch_group()
            .baseline_id(baseline.as_str())
            .patch_group(group.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn deregister_patch_baseline_for_patch_group(
        &self,
        request: DeregisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::DeregisterPatchBaselineForPatchGroup;
        let call = self
            .ssm
            .deregister_patch_baseline_for_patch_group()
            .baseline_id(baseline.as_str())
            .patch_group(group.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn get_patch_baseline_for_patch_group(
        &self,
        request: GetPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::GetPatchBaselineForPatchGroup;
        let call = self
            .ssm
            .get_patch_baseline_for_patch_group()
            .patch_group(group.as_str())
            .set_operating_system(request.operating_system.convert()?);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn describe_patch_groups(
        &self,
        request: DescribePatchGroups,
    ) -> Result<Page<PatchGroupMapping>> {
        const OPERATION: Operation = Operation::DescribePatchGroups;
        let call = self
            .ssm
            .describe_patch_groups()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.mappings, output.next_token, OPERATION)
    }
}
