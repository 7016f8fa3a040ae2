use std::collections::BTreeMap;

use async_trait::async_trait;

use super::convert;
use super::convert::member::{listing, unless_empty};
use super::{AwsBackend, send};
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    Operation, PatchCatalog,
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
        const OPERATION: Operation = Operation::DescribeAvailablePatches;
        let call = self
            .ssm
            .describe_available_patches()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.patches, output.next_token, OPERATION)
    }

    async fn describe_patch_properties(
        &self,
        request: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>> {
        const OPERATION: Operation = Operation::DescribePatchProperties;
        let call = self
            .ssm
            .describe_patch_properties()
            .operating_system(request.operating_system.as_str().into())
            .property(request.property.as_str().into())
            .set_patch_set(request.patch_set.map(|set| set.as_str().into()))
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.properties, output.next_token, OPERATION)
    }

    async fn describe_effective_patches_for_patch_baseline(
        &self,
        request: DescribeEffectivePatchesForPatchBaseline,
    ) -> Result<Page<EffectivePatch>> {
        let baseline = &request.baseline_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeEffectivePatchesForPatchBaseline;
        let call = self
            .ssm
            .describe_effective_patches_for_patch_baseline()
            .baseline_id(baseline.as_str())
            .set_max_results(convert::limit(&page))
            .set_next_token(convert::token(&page));
        let output = send!(self, OPERATION, call)?;
        listing(output.effective_patches, output.next_token, OPERATION)
    }
}
