//! PatchCatalog over the catalogue.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backend::{
    DescribeAvailablePatches, DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties,
    PatchCatalog, PatchSet,
};
use crate::baseline::approval::{ApprovedBy, Verdict, evaluate, members};
use crate::baseline::{PatchBaseline, PatchFilterKey};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::paging::Bounds;
use crate::memory::operations::properties;
use crate::memory::store::catalog as catalogue;
use crate::memory::store::catalog::Catalogue;
use crate::page::Page;
use crate::types::{
    EffectivePatch, OperatingSystem, Patch, PatchComplianceLevel, PatchDeploymentStatus,
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

/// The patches that pass the filters. Without a product they are those of Windows, and without a
/// patch set those of the operating system, not of applications.
fn available(
    operation: &'static str,
    catalogue: &Catalogue,
    filters: &[QueryFilter],
    now: Timestamp,
) -> Result<Vec<Patch>> {
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
        if catalogue::is_windows(patch) {
            any_set || catalogue::is_in(&PatchSet::Os, patch)
        } else {
            by_product
        }
    };
    Ok(catalogue
        .listed(now)
        .into_iter()
        .filter(|patch| in_scope(patch) && filters.iter().all(|filter| passes(patch, filter)))
        .cloned()
        .collect())
}

fn passes(patch: &Patch, filter: &QueryFilter) -> bool {
    let key = PatchFilterKey::from(filter.key.as_str());
    if key == PatchFilterKey::PatchSet && !catalogue::is_windows(patch) {
        return false;
    }
    members(&key, patch)
        .iter()
        .any(|member| filter.values.contains(member))
}

/// What the baseline makes of a patch; nothing where neither rule nor list touches it.
fn effective(baseline: &PatchBaseline, patch: &Patch, now: Timestamp) -> Option<EffectivePatch> {
    let (status, level, date) = match evaluate(baseline, patch, now) {
        Verdict::Approved { level, since, by } => {
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
        Verdict::Pending { until, level, .. } => {
            (PatchDeploymentStatus::PendingApproval, level, Some(until))
        }
        Verdict::Rejected { .. } => (
            PatchDeploymentStatus::ExplicitRejected,
            PatchComplianceLevel::Unspecified,
            None,
        ),
        Verdict::NotApproved { .. } => return None,
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

/// Covers every product of the catalogue; at the service DescribeAvailablePatches knows Windows and
/// Amazon Linux 1 and 2 only.
#[async_trait]
impl PatchCatalog for MemoryBackend {
    async fn describe_available_patches(
        &self,
        request: DescribeAvailablePatches,
    ) -> Result<Page<Patch>> {
        const OPERATION: &str = "DescribeAvailablePatches";
        self.call(OPERATION, |state, now| {
            let patches = available(OPERATION, &state.catalogue, &request.filters, now)?;
            let key = check::listing_key(&request.filters);
            state.page(patches, &request.page, OPERATION, Bounds::TO_100, &key)
        })
        .await
    }

    async fn describe_patch_properties(
        &self,
        request: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>> {
        const OPERATION: &str = "DescribePatchProperties";
        self.call(OPERATION, |state, now| {
            let values = properties::values(OPERATION, &state.catalogue, &request, now)?;
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

        const OPERATION: &str = "DescribeEffectivePatchesForPatchBaseline";
        self.call(OPERATION, |state, now| {
            let baseline = state.baselines.find(OPERATION, baseline)?;
            if baseline.operating_system != OperatingSystem::Windows {
                return Err(Error::service(
                    ErrorKind::Unsupported,
                    "UnsupportedOperatingSystem",
                    format!("not for baselines of {}", baseline.operating_system),
                )
                .with_resource(baseline.baseline_id.as_str()));
            }
            let patches = state
                .catalogue
                .listed(now)
                .into_iter()
                .filter(|patch| catalogue::is_windows(patch))
                .filter_map(|patch| effective(baseline, patch, now))
                .collect();
            let key = baseline.baseline_id.as_str();
            state.page(patches, &page, OPERATION, Bounds::TO_100, key)
        })
        .await
    }
}
