//! Baselines, patch groups and patches.

use aws_sdk_ssm::operation as of;
use aws_sdk_ssm::types as sdk;
use of::create_patch_baseline::builders::CreatePatchBaselineFluentBuilder;
use of::deregister_patch_baseline_for_patch_group::DeregisterPatchBaselineForPatchGroupOutput;
use of::get_patch_baseline::GetPatchBaselineOutput;
use of::get_patch_baseline_for_patch_group::GetPatchBaselineForPatchGroupOutput;
use of::register_patch_baseline_for_patch_group::RegisterPatchBaselineForPatchGroupOutput;
use of::update_patch_baseline::UpdatePatchBaselineOutput;
use of::update_patch_baseline::builders::UpdatePatchBaselineFluentBuilder;

use super::member::{
    Convert, Lenient, always, filled, lenient, or_default, read, received, sent, values,
};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineChanges, BaselineSpec, PatchAction,
    PatchBaseline, PatchBaselineIdentity, PatchFilter, PatchFilterGroup, PatchFilterKey,
    PatchSource,
};
use crate::error::{Error, ErrorKind, Result};
use crate::group::{BaselineForPatchGroup, PatchGroupMapping};
use crate::types::{
    ComplianceStatus, EffectivePatch, OperatingSystem, Patch, PatchComplianceLevel,
    PatchDeploymentStatus, PatchStatus,
};

values!(
    ComplianceStatus = PatchComplianceStatus,
    OperatingSystem = OperatingSystem,
    PatchAction = PatchAction,
    PatchComplianceLevel = PatchComplianceLevel,
    PatchDeploymentStatus = PatchDeploymentStatus,
    PatchFilterKey = PatchFilterKey,
);

received! {
    sdk::PatchFilter => PatchFilter { key, values }
    sdk::PatchFilterGroup => PatchFilterGroup { patch_filters }
    sdk::PatchRuleGroup => ApprovalRules { patch_rules }
    sdk::PatchSource => PatchSource { name, products, configuration }
    sdk::PatchBaselineIdentity => PatchBaselineIdentity {
        baseline_id, baseline_name, operating_system, baseline_description, default_baseline
    }
    GetPatchBaselineOutput => PatchBaseline {
        patch_groups, description, available_security_updates_compliance_status
        ; required baseline_id
        ; or_default name, operating_system, global_filters, approval_rules, approved_patches,
            approved_patches_compliance_level, approved_patches_enable_non_security,
            rejected_patches, sources
        ; action rejected_patches_action
        ; lenient created_date, modified_date
    }
    UpdatePatchBaselineOutput => PatchBaseline {
        description, available_security_updates_compliance_status
        ; required baseline_id
        ; or_default name, operating_system, global_filters, approval_rules, approved_patches,
            approved_patches_compliance_level, approved_patches_enable_non_security,
            rejected_patches, sources
        ; action rejected_patches_action
        ; lenient created_date, modified_date
        ; never patch_groups
    }
    sdk::PatchGroupPatchBaselineMapping => PatchGroupMapping {
        ; required patch_group
        ; or_default baseline_identity
    }
    RegisterPatchBaselineForPatchGroupOutput => BaselineForPatchGroup {
        ; required baseline_id, patch_group
        ; never operating_system
    }
    DeregisterPatchBaselineForPatchGroupOutput => BaselineForPatchGroup {
        ; required baseline_id, patch_group
        ; never operating_system
    }
    GetPatchBaselineForPatchGroupOutput => BaselineForPatchGroup {
        operating_system
        ; required baseline_id, patch_group
    }
    sdk::EffectivePatch => EffectivePatch { patch, patch_status }
    sdk::PatchStatus => PatchStatus {
        deployment_status, compliance_level
        ; lenient approval_date
    }
}

/// The service's default action (SSM model, `PatchAction`).
fn action(action: Option<sdk::PatchAction>) -> Result<PatchAction> {
    action.map_or(
        Ok(PatchAction::AllowAsDependency),
        sdk::PatchAction::convert,
    )
}

impl Convert<Patch> for sdk::Patch {
    fn convert(self) -> Result<Patch> {
        // The SDK cannot tell an absent epoch from 0; only packages, which have a name, have one.
        let epoch = self.name.as_ref().map(|_| self.epoch);
        let patch = read!(self => Patch {
            id, title, description, content_url, vendor, product_family, product, classification,
            msrc_severity, kb_number, msrc_number, language, advisory_ids, bugzilla_ids, cve_ids,
            name, version, release, arch, severity, repository
            ; lenient release_date
            ; never epoch, priority, section, supersedes
        });
        Ok(Patch { epoch, ..patch })
    }
}

sent! {
    PatchFilter => sdk::PatchFilter { ; always key => set_key, values => set_values }
    PatchFilterGroup => sdk::PatchFilterGroup { ; always patch_filters => set_patch_filters }
    ApprovalRules => sdk::PatchRuleGroup { ; always patch_rules => set_patch_rules }
    PatchSource => sdk::PatchSource {
        ; always name => set_name, products => set_products, configuration => set_configuration
    }
}

pub(in crate::aws) fn create(
    call: CreatePatchBaselineFluentBuilder,
    spec: BaselineSpec,
) -> Result<CreatePatchBaselineFluentBuilder> {
    Ok(filled!(call, spec => BaselineSpec {
        operating_system => set_operating_system,
        approved_patches_compliance_level => set_approved_patches_compliance_level,
        approved_patches_enable_non_security => set_approved_patches_enable_non_security,
        rejected_patches_action => set_rejected_patches_action,
        description => set_description,
        available_security_updates_compliance_status
            => set_available_security_updates_compliance_status
        ; always name => set_name, global_filters => set_global_filters,
            approval_rules => set_approval_rules, approved_patches => set_approved_patches,
            rejected_patches => set_rejected_patches, sources => set_sources, tags => set_tags
    }))
}

pub(in crate::aws) fn update(
    call: UpdatePatchBaselineFluentBuilder,
    changes: BaselineChanges,
) -> Result<UpdatePatchBaselineFluentBuilder> {
    Ok(filled!(call, changes => BaselineChanges {
        name => set_name,
        global_filters => set_global_filters,
        approval_rules => set_approval_rules,
        approved_patches => set_approved_patches,
        approved_patches_compliance_level => set_approved_patches_compliance_level,
        approved_patches_enable_non_security => set_approved_patches_enable_non_security,
        rejected_patches => set_rejected_patches,
        rejected_patches_action => set_rejected_patches_action,
        description => set_description,
        sources => set_sources,
        available_security_updates_compliance_status
            => set_available_security_updates_compliance_status
    }))
}

/// The service has days and date as two members; one is set.
impl Convert<sdk::PatchRule> for ApprovalRule {
    fn convert(self) -> Result<sdk::PatchRule> {
        let (days, date) = match self.approval {
            Some(Approval::AfterDays(days)) => (Some(days), None),
            Some(Approval::UntilDate(date)) => (None, Some(date.to_string())),
            None => (None, None),
        };
        let rule = sdk::PatchRule::builder()
            .patch_filter_group(self.filters.convert()?)
            .set_compliance_level(self.compliance_level.convert()?)
            .set_enable_non_security(self.enable_non_security)
            .set_approve_after_days(days.map(|days| days.try_into().unwrap_or(i32::MAX)))
            .set_approve_until_date(date);
        Ok(rule.build())
    }
}

impl Convert<ApprovalRule> for sdk::PatchRule {
    fn convert(self) -> Result<ApprovalRule> {
        let approval = match (self.approve_after_days, self.approve_until_date) {
            (Some(days), _) => Some(Approval::AfterDays(days.lenient())),
            (None, Some(date)) => Some(Approval::UntilDate(date.parse().map_err(|error| {
                let message = format!("ApproveUntilDate `{date}`: {error}");
                Error::new(ErrorKind::InvalidResponse, message)
            })?)),
            (None, None) => None,
        };
        Ok(ApprovalRule {
            filters: or_default(self.patch_filter_group)?,
            approval,
            compliance_level: self.compliance_level.convert()?,
            enable_non_security: self.enable_non_security,
        })
    }
}
