use std::collections::BTreeMap;

use aws_sdk_ssm::operation::describe_patch_group_state::DescribePatchGroupStateOutput;
use aws_sdk_ssm::types as sdk;

use super::{count, instant, instant_of, required};
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, ComplianceSummaryItem, CompliantSummary,
    InstancePatchState, NonCompliantSummary, PatchComplianceData, PatchGroupState, PatchState,
    ResourceComplianceSummaryItem, SeveritySummary,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::types::SnapshotId;

pub(in crate::aws) fn patch_state(state: sdk::InstancePatchState) -> Result<InstancePatchState> {
    const OPERATION: &str = "DescribeInstancePatchStates";
    let start = required(
        instant(state.operation_start_time),
        OPERATION,
        "OperationStartTime",
    )?;
    let end = required(
        instant(state.operation_end_time),
        OPERATION,
        "OperationEndTime",
    )?;
    let mut converted = InstancePatchState::new(
        state.instance_id,
        PatchGroup::from_service(state.patch_group),
        state.baseline_id,
        state.operation.as_str().into(),
        start,
        end,
    );
    converted.snapshot_id = state.snapshot_id.map(SnapshotId::from);
    converted.install_override_list = state.install_override_list;
    converted.owner_information = state.owner_information;
    converted.installed_count = count(state.installed_count);
    converted.installed_other_count = count(state.installed_other_count);
    converted.installed_pending_reboot_count = state.installed_pending_reboot_count.map(count);
    converted.installed_rejected_count = state.installed_rejected_count.map(count);
    converted.missing_count = count(state.missing_count);
    converted.failed_count = count(state.failed_count);
    converted.unreported_not_applicable_count = state.unreported_not_applicable_count;
    converted.not_applicable_count = count(state.not_applicable_count);
    converted.available_security_update_count = state.available_security_update_count.map(count);
    converted.last_no_reboot_install_operation_time =
        instant_of(state.last_no_reboot_install_operation_time);
    converted.reboot_option = state.reboot_option.map(|option| option.as_str().into());
    converted.critical_non_compliant_count = state.critical_non_compliant_count.map(count);
    converted.security_non_compliant_count = state.security_non_compliant_count.map(count);
    converted.other_non_compliant_count = state.other_non_compliant_count.map(count);
    Ok(converted)
}

pub(in crate::aws) fn node_patch(patch: sdk::PatchComplianceData) -> PatchComplianceData {
    // The service answers in its PascalCase spelling, which the SDK's enum does not name.
    let mut converted =
        PatchComplianceData::new(patch.kb_id, PatchState::from(patch.state.as_str()));
    converted.title = patch.title;
    converted.classification = patch.classification;
    converted.severity = patch.severity;
    converted.installed_time = instant(patch.installed_time).unwrap_or_default();
    converted.cve_ids = patch.cve_ids;
    converted
}

pub(in crate::aws) fn group_state(output: DescribePatchGroupStateOutput) -> PatchGroupState {
    PatchGroupState {
        instances: count(output.instances),
        instances_with_installed_patches: count(output.instances_with_installed_patches),
        instances_with_installed_other_patches: count(
            output.instances_with_installed_other_patches,
        ),
        instances_with_installed_pending_reboot_patches: output
            .instances_with_installed_pending_reboot_patches
            .map(count),
        instances_with_installed_rejected_patches: output
            .instances_with_installed_rejected_patches
            .map(count),
        instances_with_missing_patches: count(output.instances_with_missing_patches),
        instances_with_failed_patches: count(output.instances_with_failed_patches),
        instances_with_not_applicable_patches: count(output.instances_with_not_applicable_patches),
        instances_with_unreported_not_applicable_patches: output
            .instances_with_unreported_not_applicable_patches
            .map(count),
        instances_with_critical_non_compliant_patches: output
            .instances_with_critical_non_compliant_patches
            .map(count),
        instances_with_security_non_compliant_patches: output
            .instances_with_security_non_compliant_patches
            .map(count),
        instances_with_other_non_compliant_patches: output
            .instances_with_other_non_compliant_patches
            .map(count),
        instances_with_available_security_updates: output
            .instances_with_available_security_updates
            .map(count),
    }
}

fn execution(summary: sdk::ComplianceExecutionSummary) -> Option<ComplianceExecutionSummary> {
    let mut converted = ComplianceExecutionSummary::new(instant(summary.execution_time)?);
    converted.execution_id = summary.execution_id;
    converted.execution_type = summary.execution_type;
    Some(converted)
}

fn severities(summary: Option<sdk::SeveritySummary>) -> SeveritySummary {
    summary.map_or_else(SeveritySummary::default, |summary| SeveritySummary {
        critical_count: count(summary.critical_count),
        high_count: count(summary.high_count),
        medium_count: count(summary.medium_count),
        low_count: count(summary.low_count),
        informational_count: count(summary.informational_count),
        unspecified_count: count(summary.unspecified_count),
    })
}

fn compliant(summary: Option<sdk::CompliantSummary>) -> CompliantSummary {
    summary.map_or_else(CompliantSummary::default, |summary| CompliantSummary {
        compliant_count: count(summary.compliant_count),
        severity_summary: severities(summary.severity_summary),
    })
}

fn non_compliant(summary: Option<sdk::NonCompliantSummary>) -> NonCompliantSummary {
    summary.map_or_else(NonCompliantSummary::default, |summary| {
        NonCompliantSummary {
            non_compliant_count: count(summary.non_compliant_count),
            severity_summary: severities(summary.severity_summary),
        }
    })
}

pub(in crate::aws) fn item(item: sdk::ComplianceItem) -> ComplianceItem {
    ComplianceItem {
        compliance_type: item.compliance_type.unwrap_or_default(),
        resource_type: item.resource_type.unwrap_or_default(),
        resource_id: item.resource_id.unwrap_or_default(),
        id: item.id.unwrap_or_default(),
        title: item.title.unwrap_or_default(),
        status: item.status.map(|status| status.as_str().into()),
        severity: item.severity.map(|severity| severity.as_str().into()),
        execution_summary: item.execution_summary.and_then(execution),
        details: item.details.map(BTreeMap::from_iter).unwrap_or_default(),
    }
}

pub(in crate::aws) fn summary(item: sdk::ComplianceSummaryItem) -> ComplianceSummaryItem {
    ComplianceSummaryItem {
        compliance_type: item.compliance_type.unwrap_or_default(),
        compliant_summary: compliant(item.compliant_summary),
        non_compliant_summary: non_compliant(item.non_compliant_summary),
    }
}

pub(in crate::aws) fn resource_summary(
    item: sdk::ResourceComplianceSummaryItem,
) -> ResourceComplianceSummaryItem {
    ResourceComplianceSummaryItem {
        compliance_type: item.compliance_type.unwrap_or_default(),
        resource_type: item.resource_type.unwrap_or_default(),
        resource_id: item.resource_id.unwrap_or_default(),
        status: item.status.map(|status| status.as_str().into()),
        overall_severity: item
            .overall_severity
            .map(|severity| severity.as_str().into()),
        execution_summary: item.execution_summary.and_then(execution),
        compliant_summary: compliant(item.compliant_summary),
        non_compliant_summary: non_compliant(item.non_compliant_summary),
    }
}
