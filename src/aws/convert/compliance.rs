//! Nodes, and what is reported of them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_ssm::operation::describe_patch_group_state::DescribePatchGroupStateOutput;
use aws_sdk_ssm::types as sdk;

use super::member::{Convert, Lenient, lenient, or_default, received, values};
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, ComplianceSummaryItem, CompliantSummary,
    InstancePatchState, NonCompliantSummary, PatchComplianceData, PatchGroupState, PatchState,
    ResourceComplianceSummaryItem, SeveritySummary,
};
use crate::error::Result;
use crate::types::{
    AssociationOverviewOfNode, ComplianceSeverity, ComplianceStatus, InstanceInfo,
    InstanceInformation, InstanceProperty, ManagedStatus, Node, NodeOwnerInfo, NodeSummary,
    NodeType, PatchOperation, PingStatus, PlatformType, RebootOption, ResourceType, ServiceSetting,
};

// PatchState: the service answers in its PascalCase spelling, which the SDK's enum does not name.
values!(
    ComplianceSeverity = ComplianceSeverity,
    ComplianceStatus = ComplianceStatus,
    ManagedStatus = ManagedStatus,
    PatchOperation = PatchOperationType,
    PatchState = PatchComplianceDataState,
    PingStatus = PingStatus,
    PlatformType = PlatformType,
    RebootOption = RebootOption,
    ResourceType = ResourceType,
);

received! {
    sdk::InstanceInformation => InstanceInformation {
        ping_status, agent_version, is_latest_version, platform_type, platform_name,
        platform_version, activation_id, iam_role, resource_type, name, ip_address,
        computer_name, association_status, association_overview, source_id, source_type,
        source_location
        ; required instance_id
        ; lenient last_ping_date_time, registration_date, last_association_execution_date,
            last_successful_association_execution_date
    }
    sdk::InstanceProperty => InstanceProperty {
        name, instance_id, instance_type, instance_role, key_name, instance_state, architecture,
        ip_address, ping_status, agent_version, platform_type, platform_name, platform_version,
        activation_id, iam_role, resource_type, computer_name, association_status,
        association_overview, source_id, source_type, source_location, availability_zone
        ; lenient launch_time, last_ping_date_time, registration_date,
            last_association_execution_date, last_successful_association_execution_date
    }
    sdk::Node => Node { id, owner, region, node_type ; lenient capture_time }
    sdk::NodeOwnerInfo => NodeOwnerInfo {
        account_id, organizational_unit_id, organizational_unit_path
    }
    sdk::InstanceInfo => InstanceInfo {
        agent_type, agent_version, computer_name, instance_status, ip_address, managed_status,
        name, platform_type, platform_name, platform_version, resource_type, source_type,
        source_id, source_location, availability_zone, availability_zone_id
    }
    sdk::InstanceAggregatedAssociationOverview => AssociationOverviewOfNode {
        detailed_status
        ; or_default instance_association_status_aggregated_count
    }
    sdk::ServiceSetting => ServiceSetting {
        status, arn, last_modified_user
        ; or_default setting_id, setting_value
        ; lenient last_modified_date
    }
    sdk::InstancePatchState => InstancePatchState {
        instance_id, patch_group, baseline_id, snapshot_id, install_override_list,
        owner_information, unreported_not_applicable_count, operation_start_time,
        operation_end_time, operation, reboot_option
        ; lenient installed_count, installed_other_count, installed_pending_reboot_count,
            installed_rejected_count, missing_count, failed_count, not_applicable_count,
            available_security_update_count, last_no_reboot_install_operation_time,
            critical_non_compliant_count, security_non_compliant_count,
            other_non_compliant_count
    }
    sdk::PatchComplianceData => PatchComplianceData {
        title, kb_id, classification, severity, state, cve_ids
        ; lenient installed_time
    }
    DescribePatchGroupStateOutput => PatchGroupState {
        ; lenient instances, instances_with_installed_patches,
            instances_with_installed_other_patches,
            instances_with_installed_pending_reboot_patches,
            instances_with_installed_rejected_patches, instances_with_missing_patches,
            instances_with_failed_patches, instances_with_not_applicable_patches,
            instances_with_unreported_not_applicable_patches,
            instances_with_critical_non_compliant_patches,
            instances_with_security_non_compliant_patches,
            instances_with_other_non_compliant_patches,
            instances_with_available_security_updates
    }
    sdk::ComplianceExecutionSummary => ComplianceExecutionSummary {
        execution_time, execution_id, execution_type
    }
    sdk::SeveritySummary => SeveritySummary {
        ; lenient critical_count, high_count, medium_count, low_count, informational_count,
            unspecified_count
    }
    sdk::CompliantSummary => CompliantSummary {
        ; lenient compliant_count
        ; or_default severity_summary
    }
    sdk::NonCompliantSummary => NonCompliantSummary {
        ; lenient non_compliant_count
        ; or_default severity_summary
    }
    sdk::ComplianceItem => ComplianceItem {
        status, severity
        ; or_default compliance_type, resource_type, resource_id, id, title, details
        ; lenient execution_summary
    }
    sdk::ComplianceSummaryItem => ComplianceSummaryItem {
        ; or_default compliance_type, compliant_summary, non_compliant_summary
    }
    sdk::ResourceComplianceSummaryItem => ResourceComplianceSummaryItem {
        status, overall_severity
        ; or_default compliance_type, resource_type, resource_id, compliant_summary,
            non_compliant_summary
        ; lenient execution_summary
    }
}

/// A union: of a type that the SDK does not know, nothing is known.
impl Convert<NodeType> for sdk::NodeType {
    fn convert(self) -> Result<NodeType> {
        let instance = match self {
            Self::Instance(instance) => Some(instance.convert()?),
            _ => None,
        };
        Ok(NodeType { instance })
    }
}

impl Convert<NodeSummary> for HashMap<String, String> {
    fn convert(self) -> Result<NodeSummary> {
        let members: BTreeMap<String, String> = self.into_iter().collect();
        Ok(members.into())
    }
}

impl Lenient<Option<ComplianceExecutionSummary>> for Option<sdk::ComplianceExecutionSummary> {
    fn lenient(self) -> Option<ComplianceExecutionSummary> {
        self?.convert().ok()
    }
}
