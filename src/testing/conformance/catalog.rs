//! Rules of the catalog and of a baseline's effective patches.

use std::collections::BTreeSet;

use jiff::ToSpan;

use super::expect::{has, holds, one, same};
use super::{Result, Trial};
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    PatchProperty,
};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use crate::error::ErrorKind::{InvalidInput, NotFound, Unsupported};
use crate::page::PageRequest;
use crate::types::{BaselineId, EffectivePatch, OperatingSystem, Patch, QueryFilter};

fn patches(filters: Vec<QueryFilter>) -> DescribeAvailablePatches {
    DescribeAvailablePatches::new(filters, PageRequest::first())
}

async fn first_patches(trial: &Trial<'_>, filters: Vec<QueryFilter>) -> Result<Vec<Patch>> {
    Ok(trial.call(patches(filters)).await?.items)
}

/// A Windows patch of the operating system, and its product.
async fn a_windows_patch(trial: &Trial<'_>) -> Result<(Patch, String)> {
    let patches = first_patches(trial, Vec::new()).await?;
    let patch = one("a patch with product and KB number", &patches, |patch| {
        patch.product.is_some() && patch.kb_number.is_some()
    })?;
    let product = patch.product.clone().unwrap_or_default();
    Ok((patch.clone(), product))
}

async fn effective(trial: &Trial<'_>, id: &BaselineId) -> Result<Vec<EffectivePatch>> {
    trial
        .every(|page| DescribeEffectivePatchesForPatchBaseline::new(id, page))
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

/// Fails unless this patch is among them, with this status; returns it.
fn is_among<'a>(
    patches: &'a [EffectivePatch],
    patch: &Patch,
    status: &str,
) -> Result<&'a EffectivePatch> {
    let found = one("the patch", patches, |one| {
        let kb = one.patch.as_ref().and_then(|one| one.kb_number.as_ref());
        kb == patch.kb_number.as_ref()
    })?;
    has(found, "PatchStatus.DeploymentStatus", status)?;
    Ok(found)
}

/// Linux patches are listed by product only.
pub(super) async fn linux_patches_need_a_product(trial: &Trial<'_>) -> Result {
    let filters = vec![QueryFilter::new("NAME", ["openssl"])];
    trial.refuses(patches(filters), InvalidInput).await
}

/// A product filter lists that product only.
pub(super) async fn patches_are_filtered_by_product(trial: &Trial<'_>) -> Result {
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
pub(super) async fn filters_of_patches_are_anded(trial: &Trial<'_>) -> Result {
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
pub(super) async fn windows_patches_are_those_of_the_system(trial: &Trial<'_>) -> Result {
    for patch in first_patches(trial, Vec::new()).await? {
        let family = patch.product_family.unwrap_or_default();
        same("ProductFamily", family, "Windows")?;
    }
    Ok(())
}

/// A filter key that the catalog does not know is refused.
pub(super) async fn an_unknown_filter_of_patches_is_refused(trial: &Trial<'_>) -> Result {
    let request = patches(vec![QueryFilter::new("COLOUR", ["blue"])]);
    trial.refuses(request, InvalidInput).await
}

/// Effective patches are known for Windows baselines only.
pub(super) async fn effective_patches_are_for_windows_only(trial: &Trial<'_>) -> Result {
    let os = OperatingSystem::AmazonLinux2023;
    let id = trial.empty_baseline(os).await?;
    let request = DescribeEffectivePatchesForPatchBaseline::new(id, PageRequest::first());
    trial.refuses(request, Unsupported).await
}

/// The effective patches of a baseline that is not there are NotFound.
pub(super) async fn effective_patches_of_an_unknown_baseline_are_not_found(
    trial: &Trial<'_>,
) -> Result {
    let id = BaselineId::new("pb-0fedcba9876543210");
    let request = DescribeEffectivePatchesForPatchBaseline::new(id, PageRequest::first());
    trial.refuses(request, NotFound).await
}

/// A patch that a rule approves at once is approved.
pub(super) async fn a_patch_without_delay_is_approved(trial: &Trial<'_>) -> Result {
    let (_, product) = a_windows_patch(trial).await?;
    let spec = over_product(trial.unique_name(), &product, Approval::AfterDays(0));
    let id = trial.baseline(spec).await?;
    let found = effective(trial, &id).await?;
    holds(!found.is_empty(), "nothing is approved")?;
    for patch in &found {
        has(patch, "PatchStatus.DeploymentStatus", "APPROVED")?;
    }
    Ok(())
}

/// A patch that a rule matches is pending until the rule's delay has passed.
pub(super) async fn a_patch_inside_the_delay_is_pending(trial: &Trial<'_>) -> Result {
    let recent = trial.now() - (24 * 350).hours();
    let patches = first_patches(trial, Vec::new()).await?;
    let young = one("a patch of the last 350 days", &patches, |patch| {
        patch.release_date > Some(recent) && patch.kb_number.is_some()
    })?;
    let product = young.product.clone().unwrap_or_default();
    let spec = over_product(trial.unique_name(), &product, Approval::AfterDays(360));
    let id = trial.baseline(spec).await?;
    let found = effective(trial, &id).await?;
    let pending = is_among(&found, young, "PENDING_APPROVAL")?;
    let date = pending.patch_status.as_ref().and_then(|s| s.approval_date);
    let now = trial.now();
    holds(date > Some(now), format!("it will be approved {date:?}"))
}

/// A patch approved by name is approved explicitly, whatever the rules say.
pub(super) async fn a_patch_approved_by_name_is_explicit(trial: &Trial<'_>) -> Result {
    let (patch, _) = a_windows_patch(trial).await?;
    let mut spec = trial.spec(OperatingSystem::Windows);
    spec.approved_patches.extend(patch.kb_number.clone());
    let id = trial.baseline(spec).await?;
    let found = effective(trial, &id).await?;
    is_among(&found, &patch, "EXPLICIT_APPROVED").map(drop)
}

/// A patch rejected by name is rejected, even if a rule approves it.
pub(super) async fn a_patch_rejected_by_name_is_rejected(trial: &Trial<'_>) -> Result {
    let (patch, product) = a_windows_patch(trial).await?;
    let mut spec = over_product(trial.unique_name(), &product, Approval::AfterDays(0));
    spec.rejected_patches.extend(patch.kb_number.clone());
    let id = trial.baseline(spec).await?;
    let found = effective(trial, &id).await?;
    is_among(&found, &patch, "EXPLICIT_REJECTED").map(drop)
}

fn products(page: PageRequest) -> DescribePatchProperties {
    let (os, property) = (OperatingSystem::Windows, PatchProperty::Product);
    DescribePatchProperties::new(os, property).with_page(page)
}

/// A walk through the values of a property in small pages visits each value once.
pub(super) async fn a_walk_through_properties_visits_each_once(trial: &Trial<'_>) -> Result {
    let pages_of = |size| move |page: PageRequest| products(page.with_max_results(size));
    let (small, large) = (pages_of(3), pages_of(50));
    let (small, large) = (trial.every(small).await?, trial.every(large).await?);
    let distinct: BTreeSet<_> = small.iter().collect();
    same("different values", distinct.len(), small.len())?;
    same("values in small and in large pages", &small, &large)?;
    holds(small.len() > 3, "Windows has no more than 3 products")
}

/// A page of properties has 1 to 50 entries.
pub(super) async fn the_page_size_of_properties_is_bounded(trial: &Trial<'_>) -> Result {
    let request = products(PageRequest::first().with_max_results(51));
    trial.refuses(request, InvalidInput).await
}
