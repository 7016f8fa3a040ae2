use aws_sdk_ssm::types as sdk;

use super::instant_of;
use crate::types::{EffectivePatch, Patch, PatchStatus};

pub(in crate::aws) fn patch(patch: sdk::Patch) -> Patch {
    Patch {
        id: patch.id,
        release_date: instant_of(patch.release_date),
        title: patch.title,
        description: patch.description,
        content_url: patch.content_url,
        vendor: patch.vendor,
        product_family: patch.product_family,
        product: patch.product,
        classification: patch.classification,
        msrc_severity: patch.msrc_severity,
        kb_number: patch.kb_number,
        msrc_number: patch.msrc_number,
        language: patch.language,
        advisory_ids: patch.advisory_ids,
        bugzilla_ids: patch.bugzilla_ids,
        cve_ids: patch.cve_ids,
        // The SDK cannot tell an absent epoch from 0; only packages, which have a name, have one.
        epoch: patch.name.as_ref().map(|_| patch.epoch),
        name: patch.name,
        version: patch.version,
        release: patch.release,
        arch: patch.arch,
        severity: patch.severity,
        repository: patch.repository,
        priority: None,
        section: None,
        supersedes: Vec::new(),
    }
}

pub(in crate::aws) fn effective(effective: sdk::EffectivePatch) -> EffectivePatch {
    EffectivePatch {
        patch: effective.patch.map(patch),
        patch_status: effective.patch_status.map(|status| PatchStatus {
            deployment_status: status.deployment_status.map(|s| s.as_str().into()),
            compliance_level: status.compliance_level.map(|level| level.as_str().into()),
            approval_date: instant_of(status.approval_date),
        }),
    }
}
