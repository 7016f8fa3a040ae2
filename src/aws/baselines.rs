use async_trait::async_trait;

use super::convert::member::{Convert, answer, listing, or_default, unless_empty};
use super::convert::{self, baseline};
use super::{AwsBackend, send};
use crate::backend::{
    BaselineStore, CreatePatchBaseline, DeletePatchBaseline, DescribePatchBaselines,
    GetDefaultPatchBaseline, GetPatchBaseline, Operation, RegisterDefaultPatchBaseline,
    UpdatePatchBaseline,
};
use crate::baseline::{DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
use crate::error::Result;
use crate::page::Page;
use crate::types::BaselineId;

#[async_trait]
impl BaselineStore for AwsBackend {
    async fn create_patch_baseline(&self, request: CreatePatchBaseline) -> Result<BaselineId> {
        const OPERATION: Operation = Operation::CreatePatchBaseline;
        let call = baseline::create(self.ssm.create_patch_baseline(), request.spec)?
            .set_client_token(request.client_token);
        let output = send!(self, OPERATION, call)?;
        convert::required(output.baseline_id, OPERATION, "BaselineId").map(BaselineId::from)
    }

    async fn update_patch_baseline(&self, request: UpdatePatchBaseline) -> Result<PatchBaseline> {
        const OPERATION: Operation = Operation::UpdatePatchBaseline;
        let call = baseline::update(self.ssm.update_patch_baseline(), request.changes)?
            .baseline_id(request.baseline_id.as_str())
            .replace(request.replace);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn get_patch_baseline(&self, request: GetPatchBaseline) -> Result<PatchBaseline> {
        let id = &request.baseline_id;

        const OPERATION: Operation = Operation::GetPatchBaseline;
        let call = self.ssm.get_patch_baseline().baseline_id(id.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn delete_patch_baseline(&self, request: DeletePatchBaseline) -> Result<()> {
        let id = &request.baseline_id;

        let call = self.ssm.delete_patch_baseline().baseline_id(id.as_str());
        send!(self, Operation::DeletePatchBaseline, call).map(drop)
    }

    async fn describe_patch_baselines(
        &self,
        request: DescribePatchBaselines,
    ) -> Result<Page<PatchBaselineIdentity>> {
        const OPERATION: Operation = Operation::DescribePatchBaselines;
        let call = self
            .ssm
            .describe_patch_baselines()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.baseline_identities, output.next_token, OPERATION)
    }

    async fn get_default_patch_baseline(
        &self,
        request: GetDefaultPatchBaseline,
    ) -> Result<DefaultPatchBaseline> {
        const OPERATION: Operation = Operation::GetDefaultPatchBaseline;
        let call = self
            .ssm
            .get_default_patch_baseline()
            .set_operating_system(request.operating_system.convert()?);
        let output = send!(self, OPERATION, call)?;
        let id = convert::required(output.baseline_id, OPERATION, "BaselineId")?;
        Ok(DefaultPatchBaseline::new(
            id,
            or_default(output.operating_system)?,
        ))
    }

    async fn register_default_patch_baseline(
        &self,
        request: RegisterDefaultPatchBaseline,
    ) -> Result<BaselineId> {
        let id = &request.baseline_id;

        const OPERATION: Operation = Operation::RegisterDefaultPatchBaseline;
        let call = self
            .ssm
            .register_default_patch_baseline()
            .baseline_id(id.as_str());
        let output = send!(self, OPERATION, call)?;
        convert::required(output.baseline_id, OPERATION, "BaselineId").map(BaselineId::from)
    }
}
