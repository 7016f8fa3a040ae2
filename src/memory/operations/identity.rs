//! Which row of a listing is which, so that a page token can name the row that comes next.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::automation::{
    AccountSharingInfo, AutomationExecutionMetadata, DocumentIdentifier, StepExecution,
};
use crate::baseline::PatchBaselineIdentity;
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    ResourceComplianceSummaryItem,
};
use crate::group::PatchGroupMapping;
use crate::operation::{Command, CommandInvocation};
use crate::schedule::PatchPolicyState;
use crate::schedule::association::{
    Association, AssociationExecution, AssociationExecutionTarget, AssociationVersionInfo,
    InstanceAssociation, InstanceAssociationStatusInfo,
};
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget, MaintenanceWindowTask,
    ScheduledWindowExecution,
};
use crate::types::{
    EffectivePatch, Patch, RouteTable, SecurityGroup, Subnet, TagDescription, VpcEndpoint,
};

/// A row of a listing.
pub(super) trait Row {
    /// What tells the row from the others, whatever else of it changes between two pages.
    fn identity(&self) -> u64;
}

fn hash(members: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    members.hash(&mut hasher);
    hasher.finish()
}

macro_rules! rows {
    ($( $row:ty: $( $member:ident $(. $inner:ident)? ),*; )+) => { $(
        impl Row for $row {
            fn identity(&self) -> u64 {
                hash(($( &self.$member $(. $inner)?, )*))
            }
        }
    )+ };
}

rows! {
    AccountSharingInfo: account_id;
    Association: association_id, name, instance_id;
    AssociationExecution: association_id, execution_id;
    AssociationExecutionTarget: execution_id, resource_id;
    AutomationExecutionMetadata: automation_execution_id;
    AssociationVersionInfo: association_id, association_version;
    Command: command_id;
    CommandInvocation: command_id, instance_id;
    ComplianceItem: resource_id, compliance_type, id, title;
    ComplianceSummaryItem: compliance_type;
    DocumentIdentifier: name;
    InstanceAssociation: association_id;
    InstanceAssociationStatusInfo: association_id;
    InstancePatchState: instance_id;
    MaintenanceWindowExecution: window_execution_id;
    MaintenanceWindowExecutionTaskIdentity: task_execution_id;
    MaintenanceWindowExecutionTaskInvocation: invocation_id;
    MaintenanceWindowIdentity: window_id;
    MaintenanceWindowIdentityForTarget: window_id;
    MaintenanceWindowTarget: window_target_id;
    MaintenanceWindowTask: window_task_id;
    PatchBaselineIdentity: baseline_id;
    PatchComplianceData: kb_id, title;
    PatchGroupMapping: patch_group, baseline_identity.baseline_id;
    PatchPolicyState: arn;
    ResourceComplianceSummaryItem: resource_id, compliance_type;
    RouteTable: route_table_id;
    ScheduledWindowExecution: window_id, execution_time;
    SecurityGroup: group_id;
    StepExecution: step_name;
    Subnet: subnet_id;
    TagDescription: resource_id, key;
    VpcEndpoint: vpc_endpoint_id;
}

/// The catalog does not change between two pages, so a row's place is enough.
macro_rules! fixed {
    ($( $row:ty ),+) => { $(
        impl Row for $row {
            fn identity(&self) -> u64 {
                0
            }
        }
    )+ };
}

fixed!(Patch, EffectivePatch, BTreeMap<String, String>);
