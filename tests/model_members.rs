//! Every member of the service's shapes is in ours, or is listed here with the reason why not.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use aws_patch_manager::automation as m;
use aws_patch_manager::baseline::{
    ApprovalRule, ApprovalRules, BaselineChanges, BaselineSpec, DefaultPatchBaseline,
    PatchBaseline, PatchBaselineIdentity, PatchFilter, PatchFilterGroup, PatchSource,
};
use aws_patch_manager::compliance::{
    ComplianceExecutionSummary, ComplianceItem, ComplianceSummaryItem, CompliantSummary,
    InstancePatchState, NonCompliantSummary, PatchComplianceData, PatchGroupState,
    ResourceComplianceSummaryItem, SeveritySummary,
};
use aws_patch_manager::group::{BaselineForPatchGroup, PatchGroupMapping};
use aws_patch_manager::operation::{
    CloudWatchOutputConfig, Command, CommandFilter, CommandInvocation, CommandInvocationDetail,
    CommandPlugin, NotificationConfig, SendCommand,
};
use aws_patch_manager::resource_data_sync as sync;
use aws_patch_manager::schedule::association as a;
use aws_patch_manager::schedule::window as w;
use aws_patch_manager::schedule::{
    Alarm, AlarmConfiguration, AlarmStateInformation, PolicyConfiguration,
    PolicyConfigurationSummary, PolicyStatusSummary,
};
use aws_patch_manager::types::{
    AssociationOverviewOfNode, ComplianceFilter, EffectivePatch, InstanceInfo, InstanceInformation,
    InstanceProperty, InstancePropertyStringFilter, ListNodesFilter, Node, NodeAggregator,
    NodeOwnerInfo, NodeType, Patch, PatchStateFilter, PatchStatus, QueryFilter, ServiceSetting,
    Tag, Target,
};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor, value::Error};
use serde::forward_to_deserialize_any;
use support::environment;

/// Asks a type for its members by pretending to deserialize it.
struct Members<'m>(&'m mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Members<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only the members are asked for"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("that is all"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn members<T: for<'de> Deserialize<'de>>() -> Vec<&'static str> {
    let mut fields: &'static [&'static str] = &[];
    let _ = T::deserialize(Members(&mut fields));
    fields.to_vec()
}

struct Row {
    shape: &'static str,
    ours: Vec<&'static str>,
    /// Members of the service that our types leave out on purpose, or have in another place.
    left_out: &'static [&'static str],
    /// Members of our types that the service does not have.
    added: &'static [&'static str],
}

fn row<T: for<'de> Deserialize<'de>>(shape: &'static str) -> Row {
    Row {
        shape,
        ours: members::<T>(),
        left_out: &[],
        added: &[],
    }
}

impl Row {
    fn without(mut self, members: &'static [&'static str]) -> Self {
        self.left_out = members;
        self
    }

    fn and(mut self, members: &'static [&'static str]) -> Self {
        self.added = members;
        self
    }
}

fn rows() -> Vec<Row> {
    vec![
        // The client token is a member of the request, not of the baseline.
        row::<BaselineSpec>("CreatePatchBaselineRequest").without(&["ClientToken"]),
        row::<BaselineChanges>("UpdatePatchBaselineRequest").without(&["BaselineId", "Replace"]),
        row::<PatchBaseline>("GetPatchBaselineResult"),
        row::<PatchBaseline>("UpdatePatchBaselineResult").and(&["PatchGroups"]),
        row::<PatchBaselineIdentity>("PatchBaselineIdentity"),
        row::<DefaultPatchBaseline>("GetDefaultPatchBaselineResult"),
        row::<ApprovalRules>("PatchRuleGroup"),
        row::<ApprovalRule>("PatchRule"),
        row::<PatchFilterGroup>("PatchFilterGroup"),
        row::<PatchFilter>("PatchFilter"),
        row::<PatchSource>("PatchSource"),
        row::<PatchGroupMapping>("PatchGroupPatchBaselineMapping"),
        row::<BaselineForPatchGroup>("GetPatchBaselineForPatchGroupResult"),
        // The members of apt and the superseded updates are this crate's own.
        row::<Patch>("Patch").and(&["Priority", "Section", "Supersedes"]),
        row::<PatchStatus>("PatchStatus"),
        row::<EffectivePatch>("EffectivePatch"),
        row::<InstancePatchState>("InstancePatchState"),
        row::<PatchGroupState>("DescribePatchGroupStateResult"),
        row::<PatchComplianceData>("PatchComplianceData"),
        row::<ComplianceItem>("ComplianceItem"),
        row::<ComplianceSummaryItem>("ComplianceSummaryItem"),
        row::<ResourceComplianceSummaryItem>("ResourceComplianceSummaryItem"),
        row::<ComplianceExecutionSummary>("ComplianceExecutionSummary"),
        row::<CompliantSummary>("CompliantSummary"),
        row::<NonCompliantSummary>("NonCompliantSummary"),
        row::<SeveritySummary>("SeveritySummary"),
        row::<InstanceInformation>("InstanceInformation"),
        row::<InstanceProperty>("InstanceProperty"),
        row::<InstancePropertyStringFilter>("InstancePropertyStringFilter"),
        row::<Node>("Node"),
        row::<NodeOwnerInfo>("NodeOwnerInfo"),
        row::<NodeType>("NodeType"),
        row::<InstanceInfo>("InstanceInfo"),
        row::<ListNodesFilter>("NodeFilter"),
        row::<NodeAggregator>("NodeAggregator"),
        row::<AssociationOverviewOfNode>("InstanceAggregatedAssociationOverview"),
        // The output's region is deprecated.
        row::<SendCommand>("SendCommandRequest").without(&["OutputS3Region"]),
        row::<Command>("Command").without(&["OutputS3Region"]),
        row::<CommandInvocation>("CommandInvocation"),
        row::<CommandInvocationDetail>("GetCommandInvocationResult"),
        row::<CommandPlugin>("CommandPlugin"),
        row::<CommandFilter>("CommandFilter"),
        row::<NotificationConfig>("NotificationConfig"),
        row::<CloudWatchOutputConfig>("CloudWatchOutputConfig"),
        row::<Target>("Target"),
        row::<Tag>("Tag"),
        row::<ServiceSetting>("ServiceSetting"),
        row::<QueryFilter>("PatchOrchestratorFilter"),
        row::<QueryFilter>("InstanceInformationStringFilter"),
        row::<PatchStateFilter>("InstancePatchStateFilter"),
        row::<ComplianceFilter>("ComplianceStringFilter"),
    ]
}

/// The parts of maintenance windows and associations.
fn schedule_rows() -> Vec<Row> {
    vec![
        row::<w::CreateMaintenanceWindow>("CreateMaintenanceWindowRequest"),
        row::<w::UpdateMaintenanceWindow>("UpdateMaintenanceWindowRequest"),
        row::<w::MaintenanceWindow>("GetMaintenanceWindowResult"),
        row::<w::MaintenanceWindow>("UpdateMaintenanceWindowResult").and(&[
            "CreatedDate",
            "ModifiedDate",
            "NextExecutionTime",
        ]),
        row::<w::MaintenanceWindowIdentity>("MaintenanceWindowIdentity"),
        row::<w::MaintenanceWindowIdentityForTarget>("MaintenanceWindowIdentityForTarget"),
        row::<w::ScheduledWindowExecution>("ScheduledWindowExecution"),
        row::<w::RegisterTargetWithMaintenanceWindow>("RegisterTargetWithMaintenanceWindowRequest"),
        row::<w::UpdateMaintenanceWindowTarget>("UpdateMaintenanceWindowTargetRequest"),
        row::<w::MaintenanceWindowTarget>("MaintenanceWindowTarget"),
        row::<w::MaintenanceWindowTarget>("UpdateMaintenanceWindowTargetResult")
            .and(&["ResourceType"]),
        row::<w::RegisterTaskWithMaintenanceWindow>("RegisterTaskWithMaintenanceWindowRequest"),
        row::<w::UpdateMaintenanceWindowTask>("UpdateMaintenanceWindowTaskRequest"),
        row::<w::MaintenanceWindowTask>("MaintenanceWindowTask"),
        row::<w::MaintenanceWindowTaskDetail>("GetMaintenanceWindowTaskResult"),
        row::<w::MaintenanceWindowTaskDetail>("UpdateMaintenanceWindowTaskResult")
            .and(&["TaskType"]),
        row::<w::MaintenanceWindowTaskInvocationParameters>(
            "MaintenanceWindowTaskInvocationParameters",
        ),
        row::<w::MaintenanceWindowRunCommandParameters>("MaintenanceWindowRunCommandParameters"),
        row::<w::MaintenanceWindowAutomationParameters>("MaintenanceWindowAutomationParameters"),
        row::<w::MaintenanceWindowStepFunctionsParameters>(
            "MaintenanceWindowStepFunctionsParameters",
        ),
        row::<w::MaintenanceWindowLambdaParameters>("MaintenanceWindowLambdaParameters"),
        row::<w::MaintenanceWindowTaskParameterValueExpression>(
            "MaintenanceWindowTaskParameterValueExpression",
        ),
        row::<w::LoggingInfo>("LoggingInfo"),
        row::<w::MaintenanceWindowExecution>("MaintenanceWindowExecution"),
        row::<w::MaintenanceWindowExecutionDetail>("GetMaintenanceWindowExecutionResult"),
        row::<w::MaintenanceWindowExecutionTaskIdentity>("MaintenanceWindowExecutionTaskIdentity"),
        row::<w::MaintenanceWindowExecutionTask>("GetMaintenanceWindowExecutionTaskResult"),
        row::<w::MaintenanceWindowExecutionTaskInvocation>(
            "MaintenanceWindowExecutionTaskInvocationIdentity",
        ),
        row::<w::MaintenanceWindowExecutionTaskInvocation>(
            "GetMaintenanceWindowExecutionTaskInvocationResult",
        ),
        row::<QueryFilter>("MaintenanceWindowFilter"),
        row::<Alarm>("Alarm"),
        row::<AlarmConfiguration>("AlarmConfiguration"),
        row::<AlarmStateInformation>("AlarmStateInformation"),
        row::<a::CreateAssociation>("CreateAssociationRequest"),
        row::<a::UpdateAssociation>("UpdateAssociationRequest"),
        row::<a::AssociationDescription>("AssociationDescription"),
        row::<a::Association>("Association"),
        row::<a::AssociationVersionInfo>("AssociationVersionInfo"),
        row::<a::AssociationStatus>("AssociationStatus"),
        row::<a::AssociationOverview>("AssociationOverview"),
        row::<a::InstanceAssociationOutputLocation>("InstanceAssociationOutputLocation"),
        row::<a::S3OutputLocation>("S3OutputLocation"),
        row::<a::InstanceAssociationOutputUrl>("InstanceAssociationOutputUrl"),
        row::<a::S3OutputUrl>("S3OutputUrl"),
        row::<a::TargetLocation>("TargetLocation"),
        row::<a::AssociationExecution>("AssociationExecution"),
        row::<a::AssociationExecutionTarget>("AssociationExecutionTarget"),
        row::<a::OutputSource>("OutputSource"),
        row::<a::InstanceAssociation>("InstanceAssociation"),
        row::<a::InstanceAssociationStatusInfo>("InstanceAssociationStatusInfo"),
        row::<a::AssociationFilter>("AssociationFilter"),
        row::<a::AssociationExecutionFilter>("AssociationExecutionFilter"),
        row::<a::AssociationExecutionTargetsFilter>("AssociationExecutionTargetsFilter"),
        row::<a::CreateAssociationBatchRequestEntry>("CreateAssociationBatchRequestEntry"),
        row::<a::FailedCreateAssociation>("FailedCreateAssociation"),
    ]
}

/// What Quick Setup deployed.
fn quick_setup_rows() -> Vec<Row> {
    vec![
        row::<PolicyStatusSummary>("StatusSummary"),
        row::<PolicyConfigurationSummary>("ConfigurationSummary"),
        row::<PolicyConfiguration>("GetConfigurationOutput"),
    ]
}

/// The parts of resource data syncs.
fn sync_rows() -> Vec<Row> {
    vec![
        row::<sync::CreateResourceDataSync>("CreateResourceDataSyncRequest"),
        row::<sync::ResourceDataSyncItem>("ResourceDataSyncItem"),
        row::<sync::ResourceDataSyncS3Destination>("ResourceDataSyncS3Destination"),
        row::<sync::ResourceDataSyncDestinationDataSharing>(
            "ResourceDataSyncDestinationDataSharing",
        ),
        row::<sync::ResourceDataSyncSource>("ResourceDataSyncSource"),
        row::<sync::ResourceDataSyncSourceWithState>("ResourceDataSyncSourceWithState"),
        row::<sync::ResourceDataSyncAwsOrganizationsSource>(
            "ResourceDataSyncAwsOrganizationsSource",
        ),
        row::<sync::ResourceDataSyncOrganizationalUnit>("ResourceDataSyncOrganizationalUnit"),
    ]
}

/// Documents and Automation.
fn automation_rows() -> Vec<Row> {
    vec![
        row::<m::StartAutomationExecution>("StartAutomationExecutionRequest"),
        row::<m::AutomationExecution>("AutomationExecution"),
        row::<m::AutomationExecutionMetadata>("AutomationExecutionMetadata"),
        row::<m::StepExecution>("StepExecution"),
        row::<m::ProgressCounters>("ProgressCounters"),
        row::<m::TargetsSummary>("TargetsSummary"),
        row::<m::FailureDetails>("FailureDetails"),
        row::<m::ParentStepDetails>("ParentStepDetails"),
        row::<m::ResolvedTargets>("ResolvedTargets"),
        row::<m::Runbook>("Runbook"),
        row::<m::DocumentDescription>("DocumentDescription"),
        row::<m::Document>("GetDocumentResult"),
        row::<m::DocumentIdentifier>("DocumentIdentifier"),
        row::<m::DocumentParameter>("DocumentParameter"),
        row::<m::DocumentRequires>("DocumentRequires"),
        row::<m::DocumentDefaultVersionDescription>("DocumentDefaultVersionDescription"),
        row::<m::AttachmentsSource>("AttachmentsSource"),
        row::<m::AttachmentInformation>("AttachmentInformation"),
        row::<m::AttachmentsContent>("AttachmentContent"),
        row::<m::ReviewInformation>("ReviewInformation"),
        row::<m::AccountSharingInfo>("AccountSharingInfo"),
        row::<QueryFilter>("AutomationExecutionFilter"),
        row::<QueryFilter>("StepExecutionFilter"),
        row::<QueryFilter>("DocumentKeyValuesFilter"),
    ]
}

fn all_rows() -> impl Iterator<Item = Row> {
    rows()
        .into_iter()
        .chain(schedule_rows())
        .chain(sync_rows())
        .chain(automation_rows())
}

#[test]
fn every_type_tells_its_members() {
    for row in all_rows() {
        assert!(!row.ours.is_empty(), "{}", row.shape);
        let named: BTreeSet<_> = row.ours.iter().collect();
        assert!(
            row.added.iter().all(|member| named.contains(member)),
            "{}",
            row.shape
        );
        assert!(
            row.left_out.iter().all(|member| !named.contains(member)),
            "{}",
            row.shape
        );
    }
}

#[test]
fn no_member_of_the_service_is_dropped_unnoticed() {
    let quick_setup = environment::model("ssm-quicksetup");
    for (model, rows) in [
        (environment::ssm_model(), all_rows().collect()),
        (quick_setup, quick_setup_rows()),
    ] {
        let Some(model) = model else {
            continue;
        };
        for row in rows {
            let shape = model["shapes"][row.shape]["members"].as_object();
            let theirs: BTreeSet<&str> = shape.unwrap().keys().map(String::as_str).collect();
            let ours = row.ours.iter().filter(|member| !row.added.contains(member));
            let placed: BTreeSet<&str> = ours.chain(row.left_out).copied().collect();
            assert_eq!(placed, theirs, "{}", row.shape);
        }
    }
}
