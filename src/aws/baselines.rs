use async_trait::async_trait;

use super::convert::{self, baseline as to};
use super::{AwsBackend, send};
use crate::backend::{
    BaselineStore, CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines,
    GetDefaultPatchBaseline, GetPatchBaseline, RegisterDefaultPatchBaseline, UpdatePatchBaseline,
};
use crate::baseline::{DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
use crate::error::Result;
use crate::page::Page;
use crate::types::BaselineId;

#[async_trait]
impl BaselineStore for AwsBackend {
    async fn create_patch_baseline(&self, request: CreatePatchBaseline) -> Result<BaselineId> {
        const OPERATION: &str = "CreatePatchBaseline";
        let spec = request.spec;
        let call = self
            .ssm
            .create_patch_baseline()
            .name(spec.name)
            .set_operating_system(spec.operating_system.map(|os| os.as_str().into()))
            .global_filters(to::filter_group(&spec.global_filters)?)
            .approval_rules(to::rules(&spec.approval_rules)?)
            .set_approved_patches(Some(spec.approved_patches))
            .set_approved_patches_compliance_level(
                spec.approved_patches_compliance_level
                    .map(|level| level.as_str().into()),
            )
            .set_approved_patches_enable_non_security(spec.approved_patches_enable_non_security)
            .set_rejected_patches(Some(spec.rejected_patches))
            .set_rejected_patches_action(spec.rejected_patches_action.map(|a| a.as_str().into()))
            .set_description(spec.description)
            .set_sources(Some(to::sources(&spec.sources)?))
            .set_available_security_updates_compliance_status(
                spec.available_security_updates_compliance_status
                    .map(|s| s.as_str().into()),
            )
            .set_tags(Some(to::tags(&spec.tags)?))
            .set_client_token(request.client_token);
        let output = send!(self, "ssm", OPERATION, call)?;
        convert::required(output.baseline_id, OPERATION, "BaselineId").map(BaselineId::from)
    }

    async fn update_patch_baseline(&self, request: UpdatePatchBaseline) -> Result<PatchBaseline> {
        let changes = request.changes;
        let call = self
            .ssm
            .update_patch_baseline()
            .baseline_id(request.baseline_id.as_str())
            .set_name(changes.name)
            .set_global_filters(
                changes
                    .global_filters
                    .as_ref()
                    .map(to::filter_group)
                    .transpose()?,
            )
            .set_approval_rules(changes.approval_rules.as_ref().map(to::rules).transpose()?)
            .set_approved_patches(changes.approved_patches)
            .set_approved_patches_compliance_level(
                changes
                    .approved_patches_compliance_level
                    .map(|level| level.as_str().into()),
            )
            .set_approved_patches_enable_non_security(changes.approved_patches_enable_non_security)
            .set_rejected_patches(changes.rejected_patches)
            .set_rejected_patches_action(changes.rejected_patches_action.map(|a| a.as_str().into()))
            .set_description(changes.description)
            .set_sources(changes.sources.as_deref().map(to::sources).transpose()?)
            .set_available_security_updates_compliance_status(
                changes
                    .available_security_updates_compliance_status
                    .map(|s| s.as_str().into()),
            )
            .replace(request.replace);
        send!(self, "ssm", "UpdatePatchBaseline", call).and_then(to::from_update)
    }

    async fn get_patch_baseline(&self, request: GetPatchBaseline) -> Result<PatchBaseline> {
        let id = &request.baseline_id;

        let call = self.ssm.get_patch_baseline().baseline_id(id.as_str());
        send!(self, "ssm", "GetPatchBaseline", call).and_then(to::from_get)
    }

    async fn delete_patch_baseline(&self, request: DeletePatchBaseline) -> Result<()> {
        let id = &request.baseline_id;

        let call = self.ssm.delete_patch_baseline().baseline_id(id.as_str());
        send!(self, "ssm", "DeletePatchBaseline", call).map(drop)
    }

    async fn describe_patch_baselines(
        &self,
        request: DescribePatchBaselines,
    ) -> Result<Page<PatchBaselineIdentity>> {
        let call = self
            .ssm
            .describe_patch_baselines()
            .set_filters(convert::filter::orchestrator(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "DescribePatchBaselines", call)?;
        Ok(convert::page(
            output.baseline_identities,
            output.next_token,
            to::identity,
        ))
    }

    async fn get_default_patch_baseline(
        &self,
        request: GetDefaultPatchBaseline,
    ) -> Result<DefaultPatchBaseline> {
        let os = request.operating_system;

        const OPERATION: &str = "GetDefaultPatchBaseline";
        let call = self
            .ssm
            .get_default_patch_baseline()
            .set_operating_system(os.map(|os| os.as_str().into()));
        let output = send!(self, "ssm", OPERATION, call)?;
        let id = convert::required(output.baseline_id, OPERATION, "BaselineId")?;
        let os = output
            .operating_system
            .map(|os| os.as_str().into())
            .unwrap_or_default();
        Ok(DefaultPatchBaseline::new(id, os))
    }

    async fn register_default_patch_baseline(
        &self,
        request: RegisterDefaultPatchBaseline,
    ) -> Result<BaselineId> {
        let id = &request.baseline_id;

        const OPERATION: &str = "RegisterDefaultPatchBaseline";
        let call = self
            .ssm
            .register_default_patch_baseline()
            .baseline_id(id.as_str());
        let output = send!(self, "ssm", OPERATION, call)?;
        convert::required(output.baseline_id, OPERATION, "BaselineId").map(BaselineId::from)
    }
}
