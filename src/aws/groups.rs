use async_trait::async_trait;

use super::convert::{self, baseline as to, required};
use super::{AwsBackend, send};
use crate::backend::{
    DeregisterPatchBaselineForPatchGroup, DescribePatchGroups, GetPatchBaselineForPatchGroup,
    PatchGroupRegistry, RegisterPatchBaselineForPatchGroup,
};
use crate::error::Result;
use crate::group::{BaselineForPatchGroup, PatchGroup, PatchGroupMapping};
use crate::page::Page;
use crate::types::OperatingSystem;

#[async_trait]
impl PatchGroupRegistry for AwsBackend {
    async fn register_patch_baseline_for_patch_group(
        &self,
        request: RegisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: &str = "RegisterPatchBaselineForPatchGroup";
        let call = self
            .ssm
            .register_patch_baseline_for_patch_group()
            .baseline_id(baseline.as_str())
            .patch_group(group.as_str());
        let output = send!(self, "ssm", OPERATION, call)?;
        binding(OPERATION, output.baseline_id, output.patch_group, None)
    }

    async fn deregister_patch_baseline_for_patch_group(
        &self,
        request: DeregisterPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let baseline = &request.baseline_id;
        let group = &request.patch_group;

        const OPERATION: &str = "DeregisterPatchBaselineForPatchGroup";
        let call = self
            .ssm
            .deregister_patch_baseline_for_patch_group()
            .baseline_id(baseline.as_str())
            .patch_group(group.as_str());
        let output = send!(self, "ssm", OPERATION, call)?;
        binding(OPERATION, output.baseline_id, output.patch_group, None)
    }

    async fn get_patch_baseline_for_patch_group(
        &self,
        request: GetPatchBaselineForPatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        let group = &request.patch_group;
        let os = request.operating_system;

        const OPERATION: &str = "GetPatchBaselineForPatchGroup";
        let call = self
            .ssm
            .get_patch_baseline_for_patch_group()
            .patch_group(group.as_str())
            .set_operating_system(os.map(|os| os.as_str().into()));
        let output = send!(self, "ssm", OPERATION, call)?;
        let os = output.operating_system.map(|os| os.as_str().into());
        binding(OPERATION, output.baseline_id, output.patch_group, os)
    }

    async fn describe_patch_groups(
        &self,
        request: DescribePatchGroups,
    ) -> Result<Page<PatchGroupMapping>> {
        const OPERATION: &str = "DescribePatchGroups";
        let call = self
            .ssm
            .describe_patch_groups()
            .set_filters(convert::filter::orchestrator(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", OPERATION, call)?;
        convert::try_page(output.mappings, output.next_token, |mapping| {
            let group = required(mapping.patch_group, OPERATION, "PatchGroup")?;
            let identity = mapping
                .baseline_identity
                .map(to::identity)
                .unwrap_or_default();
            Ok(PatchGroupMapping::new(
                PatchGroup::from_service(group),
                identity,
            ))
        })
    }
}

fn binding(
    operation: &'static str,
    baseline: Option<String>,
    group: Option<String>,
    os: Option<OperatingSystem>,
) -> Result<BaselineForPatchGroup> {
    let baseline = required(baseline, operation, "BaselineId")?;
    let group = required(group, operation, "PatchGroup")?;
    Ok(BaselineForPatchGroup::new(
        baseline,
        PatchGroup::from_service(group),
        os,
    ))
}
