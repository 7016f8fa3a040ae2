//! PatchCatalog over the catalog.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::check::{self, Validation};
use super::paging::Bounds;
use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    Operation, PatchCatalog, PatchProperty, PatchSet,
};
use crate::baseline::approval::{ApprovalVerdict, ApprovedBy, CompiledBaseline, members};
use crate::baseline::{OsRules, PatchFilterKey, system_of};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::store::catalog::{self, CatalogStore};
use crate::page::Page;
use crate::types::{
    EffectivePatch, OperatingSystem as Os, Patch, PatchComplianceLevel, PatchDeploymentStatus,
    PatchStatus, QueryFilter,
};

const WINDOWS_KEYS: [&str; 6] = [
    "PATCH_SET",
    "PRODUCT",
    "PRODUCT_FAMILY",
    "MSRC_SEVERITY",
    "CLASSIFICATION",
    "PATCH_ID",
];

const LINUX_KEYS: [&str; 10] = [
    "NAME",
    "SEVERITY",
    "EPOCH",
    "VERSION",
    "RELEASE",
    "ARCH",
    "REPOSITORY",
    "ADVISORY_ID",
    "CVE_ID",
    "BUGZILLA_ID",
];

/// The places of the patches that pass the filters. Without a product they are Windows patches; without a patch
/// set they are those of the operating system, not of applications.
fn available(
    operation: Operation,
    catalog: &mut CatalogStore,
    filters: &[QueryFilter],
    now: Timestamp,
) -> Result<Arc<[usize]>> {
    let keys: Vec<&str> = WINDOWS_KEYS.into_iter().chain(LINUX_KEYS).collect();
    check::filters(operation, filters, &keys)?;
    let names = |key: &str| filters.iter().any(|filter| filter.key == key);
    let by_product = names("PRODUCT");
    let mut validation = Validation::of(operation);
    validation.require(
        by_product || !LINUX_KEYS.into_iter().any(names),
        "filters",
        "Linux patches are listed by PRODUCT, which is missing",
    );
    validation.finish()?;
    let any_set = names("PATCH_SET");
    let in_scope = |patch: &Patch| {
        if catalog::is_windows(patch) {
            any_set || catalog::is_in(&PatchSet::Os, patch)
        } else {
            by_product
        }
    };
    Ok(catalog.places(&check::listing_key(filters), now, |patch| {
        in_scope(patch) && filters.iter().all(|filter| passes(patch, filter))
    }))
}

fn passes(patch: &Patch, filter: &QueryFilter) -> bool {
    let key = PatchFilterKey::from(filter.key.as_str());
    if key == PatchFilterKey::PatchSet && !catalog::is_windows(patch) {
        return false;
    }
    members(&key, patch)
        .iter()
        .any(|member| filter.values.contains(member))
}

/// The effective patch of a baseline; `None` if no rule or list matches it.
fn effective(baseline: &CompiledBaseline, patch: &Patch, now: Timestamp) -> Option<EffectivePatch> {
    let (status, level, date) = match baseline.evaluate(patch, now) {
        ApprovalVerdict::Approved { level, since, by } => {
            let listed = by
                .iter()
                .any(|reason| matches!(reason, ApprovedBy::ListEntry(_)));
            let status = if listed {
                PatchDeploymentStatus::ExplicitApproved
            } else {
                PatchDeploymentStatus::Approved
            };
            (status, level, since)
        }
        ApprovalVerdict::Pending { until, level, .. } => {
            (PatchDeploymentStatus::PendingApproval, level, Some(until))
        }
        ApprovalVerdict::Rejected { .. } => (
            PatchDeploymentStatus::ExplicitRejected,
            PatchComplianceLevel::Unspecified,
            None,
        ),
        ApprovalVerdict::NotApproved { .. } => return None,
    };
    Some(EffectivePatch {
        patch: Some(patch.clone()),
        patch_status: Some(PatchStatus {
            deployment_status: Some(status),
            compliance_level: Some(level),
            approval_date: date,
        }),
    })
}

/// The values of a property: those the service documents and those in the catalog, sorted.
fn property_values(
    operation: Operation,
    catalog: &CatalogStore,
    request: &DescribePatchProperties,
    now: Timestamp,
) -> Result<Vec<BTreeMap<String, String>>> {
    let (os, property) = (&request.operating_system, &request.property);
    check::operating_system(operation, os)?;
    let rules = OsRules::of(os);
    let key = PatchFilterKey::from(property.as_str());
    let mut validation = Validation::of(operation);
    validation.require(
        property.is_known() && rules.allows(&key),
        "property",
        &format!("{property} is not a property of {os}"),
    );
    let set = request.patch_set.clone().unwrap_or(PatchSet::Os);
    validation.one_of("patchSet", set.is_known());
    validation.finish()?;
    let concerns = |patch: &&Patch| match os {
        Os::Windows => catalog::is_windows(patch) && catalog::is_in(&set, patch),
        os => system_of(patch) == *os,
    };
    let found = catalog.released(now).filter(concerns);
    let known = match (os, &key, &set) {
        (Os::Windows, PatchFilterKey::Product, PatchSet::Application) => &[],
        _ => rules.known_values(&key),
    };
    let values: BTreeSet<String> = found
        .flat_map(|patch| members(&key, patch))
        .filter(|value| !value.is_empty())
        .chain(known.iter().map(|value| (*value).to_owned()))
        .collect();
    let name = entry_name(property);
    Ok(values
        .into_iter()
        .map(|value| BTreeMap::from([(name.to_owned(), value)]))
        .collect())
}

/// The key of each entry. Recorded for products only; the others follow the same pattern.
fn entry_name(property: &PatchProperty) -> &str {
    match property {
        PatchProperty::Product => "Name",
        PatchProperty::ProductFamily => "ProductFamily",
        PatchProperty::Classification => "Classification",
        PatchProperty::MsrcSeverity => "MsrcSeverity",
        PatchProperty::Priority => "Priority",
        PatchProperty::Severity => "Severity",
        PatchProperty::Other(name) => name,
    }
}

/// Covers every product of the catalog; the service's DescribeAvailablePatches covers Windows and
/// Amazon Linux 1 and 2 only.
#[async_trait]
impl PatchCatalog for MemoryBackend {
    async fn describe_available_patches(
        &self,
        request: DescribeAvailablePatches,
    ) -> Result<Page<Patch>> {
        const OPERATION: Operation = Operation::DescribeAvailablePatches;
        self.call(OPERATION, |state, now| {
            let places = available(OPERATION, &mut state.catalog, &request.filters, now)?;
            let patches = state.catalog.patches();
            let rows = |from| {
                let places = places.iter().skip(from);
                places.filter_map(|place| patches.get(*place))
            };
            let key = check::listing_key(&request.filters);
            let page = state.page_of_rows(rows, &request.page, OPERATION, Bounds::TO_100, &key)?;
            let items = page.items.into_iter().cloned().collect();
            Ok(Page::new(items, page.next_token))
        })
        .await
    }

    async fn describe_patch_properties(
        &self,
        request: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>> {
        const OPERATION: Operation = Operation::DescribePatchProperties;
        self.call(OPERATION, |state, now| {
            let values = property_values(OPERATION, &state.catalog, &request, now)?;
            let key = format!(
                "{:?}",
                (
                    &request.operating_system,
                    &request.property,
                    &request.patch_set
                )
            );
            state.page(values, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn describe_effective_patches_for_patch_baseline(
        &self,
        request: DescribeEffectivePatchesForPatchBaseline,
    ) -> Result<Page<EffectivePatch>> {
        let baseline = &request.baseline_id;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeEffectivePatchesForPatchBaseline;
        self.call(OPERATION, |state, now| {
            let baseline = state.baselines.find(OPERATION, baseline)?;
            if baseline.operating_system != Os::Windows {
                return Err(Error::service(
                    ErrorKind::Unsupported,
                    "UnsupportedOperatingSystem",
                    format!("not for baselines of {}", baseline.operating_system),
                )
                .with_resource(baseline.baseline_id.as_str()));
            }
            let compiled = CompiledBaseline::new(baseline);
            let patches = state
                .catalog
                .listed(now)
                .filter(|patch| catalog::is_windows(patch))
                .filter_map(|patch| effective(&compiled, patch, now))
                .collect();
            let key = baseline.baseline_id.as_str();
            state.page(patches, &page, OPERATION, Bounds::TO_100, key)
        })
        .await
    }
}
