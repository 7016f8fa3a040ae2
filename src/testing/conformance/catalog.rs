//! Rules of the catalog and of a baseline's effective patches.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::expect::{all, holds, one, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    PatchProperty,
};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use crate::error::{ErrorKind, Result};
use crate::page::{PageRequest, paginate};
use crate::types::{
    BaselineId, EffectivePatch, OperatingSystem, Patch, PatchDeploymentStatus, QueryFilter,
};

async fn first_patches(trial: &Trial<'_>, filters: Vec<QueryFilter>) -> Result<Vec<Patch>> {
    let request = DescribeAvailablePatches::new(filters, PageRequest::first());
    let catalog = trial.harness().catalog();
    Ok(catalog.describe_available_patches(request).await?.items)
}

/// A Windows patch of the operating system, and its product.
async fn a_windows_patch(trial: &Trial<'_>) -> Result<(Patch, String), Failure> {
    let patches = first_patches(trial, Vec::new()).await?;
    let patch = one("a patch with product and KB number", &patches, |patch| {
        patch.product.is_some() && patch.kb_number.is_some()
    })?;
    let product = patch.product.clone().unwrap_or_default();
    Ok((patch.clone(), product))
}

async fn effective(trial: &Trial<'_>, id: &BaselineId) -> Result<Vec<EffectivePatch>, Failure> {
    let catalog = trial.harness().catalog();
    all(paginate(|token| {
        let catalog = catalog.clone();
        async move {
            let page = PageRequest::first().with_next_token(token);
            catalog
                .describe_effective_patches_for_patch_baseline(
                    DescribeEffectivePatchesForPatchBaseline::new(id, page),
                )
                .await
        }
    }))
    .await
}

/// A Windows baseline of one rule over one product.
fn over_product(name: String, product: &str, approval: Approval) -> BaselineSpec {
    let filter = PatchFilter::new(PatchFilterKey::Product, [product]);
    let group = PatchFilterGroup::new(vec![filter]);
    let mut spec = BaselineSpec::new(name, OperatingSystem::Windows);
    spec.approval_rules = ApprovalRules::new(vec![ApprovalRule::new(group, approval)]);
    spec
}

fn status(patch: &EffectivePatch) -> Option<&PatchDeploymentStatus> {
    patch.patch_status.as_ref()?.deployment_status.as_ref()
}

fn kb(patch: &EffectivePatch) -> Option<&String> {
    patch.patch.as_ref()?.kb_number.as_ref()
}

/// Linux patches are listed by product only.
pub(super) async fn linux_patches_need_a_product(trial: &Trial<'_>) -> Result<(), Failure> {
    let filters = vec![QueryFilter::new("NAME", ["openssl"])];
    let answer = first_patches(trial, filters).await;
    refused("NAME without PRODUCT", answer, ErrorKind::InvalidInput)
}

/// A product filter lists that product only.
pub(super) async fn patches_are_filtered_by_product(trial: &Trial<'_>) -> Result<(), Failure> {
    let (_, product) = a_windows_patch(trial).await?;
    let filters = vec![QueryFilter::new("PRODUCT", [product.as_str()])];
    let found = first_patches(trial, filters).await?;
    holds(!found.is_empty(), "no patch of the product")?;
    for patch in found {
        same("Product", patch.product.as_deref(), Some(product.as_str()))?;
    }
    Ok(())
}

/// Filters on two members list what passes both.
pub(super) async fn filters_of_patches_are_anded(trial: &Trial<'_>) -> Result<(), Failure> {
    let (patch, product) = a_windows_patch(trial).await?;
    let classification = patch.classification.unwrap_or_default();
    let filters = vec![
        QueryFilter::new("PRODUCT", [product.as_str()]),
        QueryFilter::new("CLASSIFICATION", [classification.as_str()]),
    ];
    let found = first_patches(trial, filters).await?;
    holds(!found.is_empty(), "the patch itself is not listed")?;
    for patch in found {
        same("Product", patch.product.as_deref(), Some(product.as_str()))?;
        let found = patch.classification.unwrap_or_default();
        same("Classification", &found, &classification)?;
    }
    Ok(())
}

/// Without a patch set, Windows patches are those of the operating system.
pub(super) async fn windows_patches_are_those_of_the_system(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for patch in first_patches(trial, Vec::new()).await? {
        let family = patch.product_family.unwrap_or_default();
        same("ProductFamily", family, "Windows")?;
    }
    Ok(())
}

/// A filter key that the catalog does not know is refused.
pub(super) async fn an_unknown_filter_of_patches_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let answer = first_patches(trial, vec![QueryFilter::new("COLOUR", ["blue"])]).await;
    refused("COLOUR", answer, ErrorKind::InvalidInput)
}

/// Effective patches are known for Windows baselines only.
pub(super) async fn effective_patches_are_for_windows_only(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = trial
        .empty_baseline(OperatingSystem::AmazonLinux2023)
        .await?;
    let catalog = trial.harness().catalog();
    let answer = catalog
        .describe_effective_patches_for_patch_baseline(
            DescribeEffectivePatchesForPatchBaseline::new(&id, PageRequest::first()),
        )
        .await;
    refused("a Linux baseline", answer, ErrorKind::Unsupported)
}

/// The effective patches of a baseline that is not there are NotFound.
pub(super) async fn effective_patches_of_an_unknown_baseline_are_not_found(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = BaselineId::new("pb-0fedcba9876543210");
    let catalog = trial.harness().catalog();
    let answer = catalog
        .describe_effective_patches_for_patch_baseline(
            DescribeEffectivePatchesForPatchBaseline::new(&id, PageRequest::first()),
        )
        .await;
    refused("the listing", answer, ErrorKind::NotFound)
}

/// A patch that a rule approves at once is approved.
pub(super) async fn a_patch_without_delay_is_approved(trial: &Trial<'_>) -> Result<(), Failure> {
    let (_, product) = a_windows_patch(trial).await?;
    let spec = over_product(trial.unique_name(), &product, Approval::AfterDays(0));
    let id = trial.try_baseline(spec).await?;
    let found = effective(trial, &id).await?;
    holds(!found.is_empty(), "nothing is approved")?;
    for patch in &found {
        same(
            "status",
            status(patch),
            Some(&PatchDeploymentStatus::Approved),
        )?;
    }
    Ok(())
}

/// A patch that a rule matches is pending until the rule's delay has passed.
pub(super) async fn a_patch_inside_the_delay_is_pending(trial: &Trial<'_>) -> Result<(), Failure> {
    let recent = trial.harness().now() - SignedDuration::from_hours(24 * 350);
    let patches = first_patches(trial, Vec::new()).await?;
    let young = one("a patch of the last 350 days", &patches, |patch| {
        patch.release_date > Some(recent) && patch.kb_number.is_some()
    })?;
    let product = young.product.clone().unwrap_or_default();
    let spec = over_product(trial.unique_name(), &product, Approval::AfterDays(360));
    let id = trial.try_baseline(spec).await?;
    let found = effective(trial, &id).await?;
    let pending = one("the patch", &found, |patch| {
        kb(patch) == young.kb_number.as_ref()
    })?;
    let expected = Some(&PatchDeploymentStatus::PendingApproval);
    same("status", status(pending), expected)?;
    let date = pending.patch_status.as_ref().and_then(|s| s.approval_date);
    let now: Timestamp = trial.harness().now();
    holds(date > Some(now), format!("it will be approved {date:?}"))
}

/// A patch approved by name is approved explicitly, whatever the rules say.
pub(super) async fn a_patch_approved_by_name_is_explicit(trial: &Trial<'_>) -> Result<(), Failure> {
    let (patch, _) = a_windows_patch(trial).await?;
    let mut spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    spec.approved_patches.extend(patch.kb_number.clone());
    let id = trial.try_baseline(spec).await?;
    let found = effective(trial, &id).await?;
    let expected = Some(&PatchDeploymentStatus::ExplicitApproved);
    let named = one("the patch", &found, |found| {
        kb(found) == patch.kb_number.as_ref()
    })?;
    same("status", status(named), expected)
}

/// A patch rejected by name is rejected, even if a rule approves it.
pub(super) async fn a_patch_rejected_by_name_is_rejected(trial: &Trial<'_>) -> Result<(), Failure> {
    let (patch, product) = a_windows_patch(trial).await?;
    let mut spec = over_product(trial.unique_name(), &product, Approval::AfterDays(0));
    spec.rejected_patches.extend(patch.kb_number.clone());
    let id = trial.try_baseline(spec).await?;
    let found = effective(trial, &id).await?;
    let expected = Some(&PatchDeploymentStatus::ExplicitRejected);
    let named = one("the patch", &found, |found| {
        kb(found) == patch.kb_number.as_ref()
    })?;
    same("status", status(named), expected)
}

async fn products(
    trial: &Trial<'_>,
    page_size: u32,
) -> Result<Vec<BTreeMap<String, String>>, Failure> {
    let catalog = trial.harness().catalog();
    all(paginate(|token| {
        let catalog = catalog.clone();
        async move {
            let page = PageRequest::first()
                .with_max_results(page_size)
                .with_next_token(token);
            let (os, property) = (OperatingSystem::Windows, PatchProperty::Product);
            let request = DescribePatchProperties::new(os, property).with_page(page);
            catalog.describe_patch_properties(request).await
        }
    }))
    .await
}

/// A walk through the values of a property in small pages visits each value once.
pub(super) async fn a_walk_through_properties_visits_each_once(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (small, large) = (products(trial, 3).await?, products(trial, 50).await?);
    let distinct: BTreeSet<_> = small.iter().collect();
    same("different values", distinct.len(), small.len())?;
    same("values in small and in large pages", &small, &large)?;
    holds(small.len() > 3, "Windows has no more than 3 products")
}

/// A page of properties has 1 to 50 entries.
pub(super) async fn the_page_size_of_properties_is_bounded(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let answer = products(trial, 51).await;
    match answer {
        Err(Failure {
            source: Some(error),
            ..
        }) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        other => Err(Failure::new(format!("a page of 51 answered {other:?}"))),
    }
}
