//! Compliance items and summaries of reports.

use std::collections::BTreeMap;

use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, CompliantSummary, InstancePatchState,
    NonCompliantSummary, PatchGroupState, PatchState, ResourceComplianceSummaryItem,
};
use crate::memory::store::report::{Finding, Report};
use crate::operation::RUN_PATCH_BASELINE;
use crate::types::{ComplianceSeverity, ComplianceStatus, NodeId, PatchComplianceLevel};

pub(crate) const PATCH: &str = "Patch";
pub(super) const RESOURCE_TYPE: &str = "ManagedInstance";

/// The patches of a report that apply to the node.
fn applicable(report: &Report) -> impl Iterator<Item = &Finding> {
    let findings = report.findings.iter();
    findings.filter(|finding| finding.data.state != PatchState::NotApplicable)
}

/// The compliance items of a node.
pub(super) fn items(report: &Report) -> Vec<ComplianceItem> {
    applicable(report)
        .map(|finding| ComplianceItem {
            compliance_type: PATCH.to_owned(),
            resource_type: RESOURCE_TYPE.to_owned(),
            resource_id: report.state.instance_id.as_str().to_owned(),
            id: finding.data.kb_id.clone(),
            title: finding.data.title.clone(),
            status: Some(report.status_of(finding)),
            severity: Some(ComplianceSeverity::from(&finding.level)),
            execution_summary: Some(report.execution.clone()),
            details: details(report, finding),
        })
        .collect()
}

/// The details, by the keys of the inventory schema `AWS:ComplianceItem`.
fn details(report: &Report, finding: &Finding) -> BTreeMap<String, String> {
    let data = &finding.data;
    let mut details = BTreeMap::new();
    let mut detail = |key: &str, value: &str| details.insert(key.to_owned(), value.to_owned());
    detail("PatchState", data.state.as_str());
    detail("PatchSeverity", &data.severity);
    detail("Classification", &data.classification);
    detail("PatchBaselineId", report.state.baseline_id.as_str());
    detail("PatchGroup", report.state.patch_group.as_str());
    detail("InstalledTime", &data.installed_time.to_string());
    detail("DocumentName", RUN_PATCH_BASELINE);
    detail("DocumentVersion", "1");
    if let Some(cves) = &data.cve_ids {
        detail("CVEIds", cves);
    }
    details
}

/// The summary of a node, with its items counted by severity.
pub(super) fn of_node(report: &Report) -> ResourceComplianceSummaryItem {
    let mut summary = ResourceComplianceSummaryItem {
        compliance_type: PATCH.to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        resource_id: report.state.instance_id.as_str().to_owned(),
        status: Some(report.status()),
        execution_summary: Some(report.execution.clone()),
        ..ResourceComplianceSummaryItem::default()
    };
    let mut worst: Option<PatchComplianceLevel> = None;
    for finding in applicable(report) {
        let severity = ComplianceSeverity::from(&finding.level);
        let status = report.status_of(finding);
        count(
            Some(&status),
            &severity,
            &mut summary.compliant_summary,
            &mut summary.non_compliant_summary,
        );
        if status == ComplianceStatus::NonCompliant {
            // A non-compliant item counts as informational at least.
            let level = finding
                .level
                .clone()
                .max(PatchComplianceLevel::Informational);
            worst = worst.max(Some(level));
        }
    }
    let worst = worst.unwrap_or_default();
    summary.overall_severity = Some(ComplianceSeverity::from(&worst));
    summary
}

/// The summary of a node by its items of one type; `None` without items.
pub(super) fn of_items(
    kind: &str,
    node: &NodeId,
    items: &[ComplianceItem],
) -> Option<ResourceComplianceSummaryItem> {
    let mut summary = ResourceComplianceSummaryItem {
        compliance_type: kind.to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        resource_id: node.as_str().to_owned(),
        ..ResourceComplianceSummaryItem::default()
    };
    let runs = items.iter().map(|item| item.execution_summary.as_ref());
    let latest = runs.max_by_key(|run| run.map(|run| run.execution_time));
    summary.execution_summary = latest?.cloned();
    let mut worst = None;
    for item in items {
        let severity = item.severity.as_ref();
        let severity = severity.unwrap_or(&ComplianceSeverity::Unspecified);
        count(
            item.status.as_ref(),
            severity,
            &mut summary.compliant_summary,
            &mut summary.non_compliant_summary,
        );
        if item.status == Some(ComplianceStatus::NonCompliant) {
            worst = worst.max(Some(rank(severity)));
        }
    }
    summary.status = Some(match worst {
        Some(_) => ComplianceStatus::NonCompliant,
        None => ComplianceStatus::Compliant,
    });
    let worst = worst.and_then(|rank| SEVERITIES.get(rank).cloned());
    summary.overall_severity = Some(worst.unwrap_or(ComplianceSeverity::Unspecified));
    Some(summary)
}

/// The severities, the least first.
const SEVERITIES: [ComplianceSeverity; 6] = [
    ComplianceSeverity::Unspecified,
    ComplianceSeverity::Informational,
    ComplianceSeverity::Low,
    ComplianceSeverity::Medium,
    ComplianceSeverity::High,
    ComplianceSeverity::Critical,
];

fn rank(severity: &ComplianceSeverity) -> usize {
    let known = SEVERITIES.iter().position(|known| known == severity);
    known.unwrap_or_default()
}

/// The place of a node's row in the listing of all nodes.
pub(super) fn place(row: &ResourceComplianceSummaryItem) -> String {
    format!("{}/{}", row.compliance_type, row.resource_id)
}

/// How many nodes comply; empty if no node has reported. All summaries are of one type.
pub(super) fn of_fleet(
    nodes: impl Iterator<Item = ResourceComplianceSummaryItem>,
) -> Option<ComplianceSummaryItem> {
    let mut nodes = nodes.peekable();
    let mut summary = ComplianceSummaryItem {
        compliance_type: nodes.peek()?.compliance_type.clone(),
        ..ComplianceSummaryItem::default()
    };
    for node in nodes {
        let severity = node.overall_severity;
        let severity = severity.unwrap_or(ComplianceSeverity::Unspecified);
        count(
            node.status.as_ref(),
            &severity,
            &mut summary.compliant_summary,
            &mut summary.non_compliant_summary,
        );
    }
    Some(summary)
}

/// Counts an item or a node by its severity, among the compliant or the non-compliant.
pub(super) fn count(
    status: Option<&ComplianceStatus>,
    severity: &ComplianceSeverity,
    compliant: &mut CompliantSummary,
    non_compliant: &mut NonCompliantSummary,
) {
    if status == Some(&ComplianceStatus::NonCompliant) {
        non_compliant.non_compliant_count += 1;
        non_compliant.severity_summary.add(severity);
    } else {
        compliant.compliant_count += 1;
        compliant.severity_summary.add(severity);
    }
}

/// How many nodes of a group have a patch in each state.
pub(super) fn of_group<'a>(reports: impl Iterator<Item = &'a Report>) -> PatchGroupState {
    let states: Vec<&InstancePatchState> = reports.map(|report| &report.state).collect();
    let with = |count: fn(&InstancePatchState) -> u32| {
        let nodes = states.iter().filter(|state| count(state) > 0);
        u32::try_from(nodes.count()).unwrap_or(u32::MAX)
    };
    let maybe = |count: fn(&InstancePatchState) -> Option<u32>| {
        let nodes = states
            .iter()
            .filter(|state| count(state).unwrap_or_default() > 0);
        Some(u32::try_from(nodes.count()).unwrap_or(u32::MAX))
    };
    PatchGroupState {
        instances: u32::try_from(states.len()).unwrap_or(u32::MAX),
        instances_with_installed_patches: with(|state| state.installed_count),
        instances_with_installed_other_patches: with(|state| state.installed_other_count),
        instances_with_installed_pending_reboot_patches: maybe(|state| {
            state.installed_pending_reboot_count
        }),
        instances_with_installed_rejected_patches: maybe(|state| state.installed_rejected_count),
        instances_with_missing_patches: with(|state| state.missing_count),
        instances_with_failed_patches: with(|state| state.failed_count),
        instances_with_not_applicable_patches: with(|state| state.not_applicable_count),
        instances_with_unreported_not_applicable_patches: maybe(|state| {
            let count = state.unreported_not_applicable_count?;
            u32::try_from(count).ok()
        }),
        instances_with_critical_non_compliant_patches: maybe(|state| {
            state.critical_non_compliant_count
        }),
        instances_with_security_non_compliant_patches: maybe(|state| {
            state.security_non_compliant_count
        }),
        instances_with_other_non_compliant_patches: maybe(|state| state.other_non_compliant_count),
        instances_with_available_security_updates: maybe(|state| {
            state.available_security_update_count
        }),
    }
}
