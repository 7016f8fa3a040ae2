use std::collections::BTreeMap;

use async_trait::async_trait;

use super::convert::{self, patch as to};
use super::{AwsBackend, send};
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    PatchCatalog,
};
use crate::error::Result;
use crate::page::Page;
use crate::types::{EffectivePatch, Patch};

#[async_trait]
impl PatchCatalog for AwsBackend {
    async fn describe_available_patches(
        &self,
        request: DescribeAvailablePatches,
    ) -> Result<Page<Patch>> {
        let call = self
            .ssm
            .describe_available_patches()
            .set_filters(convert::filter::orchestrator(&request.filters))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "DescribeAvailablePatches", call)?;
        Ok(convert::page(output.patches, output.next_token, to::patch))
    }

    async fn describe_patch_properties(
        &self,
        request: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>> {
        let call = self
            .ssm
            .describe_patch_properties()
            .operating_system(request.operating_system.as_str().into())
            .property(request.property.as_str().into())
            .set_patch_set(request.patch_set.map(|set| set.as_str().into()))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, "ssm", "DescribePatchProperties", call)?;
        Ok(convert::page(
            output.properties,
            output.next_token,
            BTreeMap::from_iter,
        ))
    }

    async fn describe_effective_patches_for_patch_baseline(
        &self,
        request: DescribeEffectivePatchesForPatchBaseline,
    ) -> Result<Page<EffectivePatch>> {
        let baseline = &request.baseline_id;
        let page = request.page;

        let call = self
            .ssm
            .describe_effective_patches_for_patch_baseline()
            .baseline_id(baseline.as_str())
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(
            self,
            "ssm",
            "DescribeEffectivePatchesForPatchBaseline",
            call
        )?;
        Ok(convert::page(
            output.effective_patches,
            output.next_token,
            to::effective,
        ))
    }
}
