//! What stands in for a capability that was not given: it answers that it is unsupported.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::backend::{
    AssociationStore, BaselineStore, CommandRunner, ComplianceSource, CreatePatchBaseline,
    CreatePatchPolicy, DescribeAvailablePatches, DescribeInstanceInformation,
    DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches, DescribePatchBaselines,
    DescribePatchGroups, DescribePatchProperties, ListCommandInvocations, ListCommands,
    ListCompliance, MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory,
    NodeInventory, PatchCatalog, PatchGroupRegistry, RoleInventory, ScheduleStore,
    UpdatePatchBaseline,
};
use crate::baseline::{DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, ResourceComplianceSummaryItem,
};
use crate::error::{Error, ErrorKind, Result};
use crate::group::{BaselineForPatchGroup, PatchGroup, PatchGroupMapping};
use crate::operation::{Command, CommandInvocation, CommandInvocationDetail, SendCommand};
use crate::page::{Page, PageRequest};
use crate::schedule::{PatchPolicy, PatchPolicyState};
use crate::types::{
    BaselineId, CommandId, Ec2Instance, EffectivePatch, InstanceInformation, InstanceProfile,
    NodeId, OperatingSystem, Patch, PatchPolicyArn, QueryFilter, RouteTable, Subnet, Tag,
    VpcEndpoint,
};

#[derive(Debug)]
pub(super) struct Missing;

fn unsupported(operation: &'static str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "this manager was built without a backend for it",
    )
    .with_operation(operation)
}

#[async_trait]
impl BaselineStore for Missing {
    async fn create_patch_baseline(&self, _: CreatePatchBaseline) -> Result<BaselineId> {
        Err(unsupported("CreatePatchBaseline"))
    }

    async fn update_patch_baseline(&self, _: UpdatePatchBaseline) -> Result<PatchBaseline> {
        Err(unsupported("UpdatePatchBaseline"))
    }

    async fn get_patch_baseline(&self, _: &BaselineId) -> Result<PatchBaseline> {
        Err(unsupported("GetPatchBaseline"))
    }

    async fn delete_patch_baseline(&self, _: &BaselineId) -> Result<()> {
        Err(unsupported("DeletePatchBaseline"))
    }

    async fn describe_patch_baselines(
        &self,
        _: DescribePatchBaselines,
    ) -> Result<Page<PatchBaselineIdentity>> {
        Err(unsupported("DescribePatchBaselines"))
    }

    async fn get_default_patch_baseline(
        &self,
        _: Option<OperatingSystem>,
    ) -> Result<DefaultPatchBaseline> {
        Err(unsupported("GetDefaultPatchBaseline"))
    }

    async fn register_default_patch_baseline(&self, _: &BaselineId) -> Result<BaselineId> {
        Err(unsupported("RegisterDefaultPatchBaseline"))
    }
}

#[async_trait]
impl PatchGroupRegistry for Missing {
    async fn register_patch_baseline_for_patch_group(
        &self,
        _: &BaselineId,
        _: &PatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        Err(unsupported("RegisterPatchBaselineForPatchGroup"))
    }

    async fn deregister_patch_baseline_for_patch_group(
        &self,
        _: &BaselineId,
        _: &PatchGroup,
    ) -> Result<BaselineForPatchGroup> {
        Err(unsupported("DeregisterPatchBaselineForPatchGroup"))
    }

    async fn get_patch_baseline_for_patch_group(
        &self,
        _: &PatchGroup,
        _: Option<OperatingSystem>,
    ) -> Result<BaselineForPatchGroup> {
        Err(unsupported("GetPatchBaselineForPatchGroup"))
    }

    async fn describe_patch_groups(
        &self,
        _: DescribePatchGroups,
    ) -> Result<Page<PatchGroupMapping>> {
        Err(unsupported("DescribePatchGroups"))
    }
}

#[async_trait]
impl PatchCatalog for Missing {
    async fn describe_available_patches(&self, _: DescribeAvailablePatches) -> Result<Page<Patch>> {
        Err(unsupported("DescribeAvailablePatches"))
    }

    async fn describe_patch_properties(
        &self,
        _: DescribePatchProperties,
    ) -> Result<Page<BTreeMap<String, String>>> {
        Err(unsupported("DescribePatchProperties"))
    }

    async fn describe_effective_patches_for_patch_baseline(
        &self,
        _: &BaselineId,
        _: PageRequest,
    ) -> Result<Page<EffectivePatch>> {
        Err(unsupported("DescribeEffectivePatchesForPatchBaseline"))
    }
}

#[async_trait]
impl NodeInventory for Missing {
    async fn describe_instance_information(
        &self,
        _: DescribeInstanceInformation,
    ) -> Result<Page<InstanceInformation>> {
        Err(unsupported("DescribeInstanceInformation"))
    }

    async fn describe_instances(&self, _: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        Err(unsupported("DescribeInstances"))
    }

    async fn list_tags(&self, _: &NodeId) -> Result<Vec<Tag>> {
        Err(unsupported("DescribeTags"))
    }

    async fn add_tags(&self, _: &NodeId, _: &[Tag]) -> Result<()> {
        Err(unsupported("CreateTags"))
    }

    async fn remove_tags(&self, _: &NodeId, _: &[String]) -> Result<()> {
        Err(unsupported("DeleteTags"))
    }
}

#[async_trait]
impl ScheduleStore for Missing {
    async fn create_patch_policy(&self, _: CreatePatchPolicy) -> Result<PatchPolicyArn> {
        Err(unsupported("CreateConfigurationManager"))
    }

    async fn get_patch_policy(&self, _: &PatchPolicyArn) -> Result<PatchPolicyState> {
        Err(unsupported("GetConfigurationManager"))
    }

    async fn update_patch_policy(&self, _: &PatchPolicyArn, _: PatchPolicy) -> Result<()> {
        Err(unsupported("UpdateConfigurationDefinition"))
    }

    async fn delete_patch_policy(&self, _: &PatchPolicyArn) -> Result<()> {
        Err(unsupported("DeleteConfigurationManager"))
    }

    async fn list_patch_policies(&self, _: PageRequest) -> Result<Page<PatchPolicyState>> {
        Err(unsupported("ListConfigurationManagers"))
    }
}

#[async_trait]
impl CommandRunner for Missing {
    async fn send_command(&self, _: SendCommand) -> Result<Command> {
        Err(unsupported("SendCommand"))
    }

    async fn get_command_invocation(
        &self,
        _: &CommandId,
        _: &NodeId,
        _: Option<&str>,
    ) -> Result<CommandInvocationDetail> {
        Err(unsupported("GetCommandInvocation"))
    }

    async fn list_command_invocations(
        &self,
        _: ListCommandInvocations,
    ) -> Result<Page<CommandInvocation>> {
        Err(unsupported("ListCommandInvocations"))
    }

    async fn list_commands(&self, _: ListCommands) -> Result<Page<Command>> {
        Err(unsupported("ListCommands"))
    }

    async fn cancel_command(&self, _: &CommandId, _: &[NodeId]) -> Result<()> {
        Err(unsupported("CancelCommand"))
    }
}

#[async_trait]
impl ComplianceSource for Missing {
    async fn describe_instance_patch_states(
        &self,
        _: &[NodeId],
        _: PageRequest,
    ) -> Result<Page<InstancePatchState>> {
        Err(unsupported("DescribeInstancePatchStates"))
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        _: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        Err(unsupported("DescribeInstancePatchStatesForPatchGroup"))
    }

    async fn describe_instance_patches(
        &self,
        _: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>> {
        Err(unsupported("DescribeInstancePatches"))
    }

    async fn describe_patch_group_state(&self, _: &PatchGroup) -> Result<PatchGroupState> {
        Err(unsupported("DescribePatchGroupState"))
    }

    async fn list_compliance_items(
        &self,
        _: &NodeId,
        _: ListCompliance,
    ) -> Result<Page<ComplianceItem>> {
        Err(unsupported("ListComplianceItems"))
    }

    async fn list_compliance_summaries(
        &self,
        _: ListCompliance,
    ) -> Result<Page<ComplianceSummaryItem>> {
        Err(unsupported("ListComplianceSummaries"))
    }

    async fn list_resource_compliance_summaries(
        &self,
        _: ListCompliance,
    ) -> Result<Page<ResourceComplianceSummaryItem>> {
        Err(unsupported("ListResourceComplianceSummaries"))
    }
}

#[async_trait]
impl NetworkInventory for Missing {
    async fn describe_vpc_endpoints(
        &self,
        _: &[QueryFilter],
        _: PageRequest,
    ) -> Result<Page<VpcEndpoint>> {
        Err(unsupported("DescribeVpcEndpoints"))
    }

    async fn describe_subnets(&self, _: &[QueryFilter], _: PageRequest) -> Result<Page<Subnet>> {
        Err(unsupported("DescribeSubnets"))
    }

    async fn describe_route_tables(
        &self,
        _: &[QueryFilter],
        _: PageRequest,
    ) -> Result<Page<RouteTable>> {
        Err(unsupported("DescribeRouteTables"))
    }
}

#[async_trait]
impl RoleInventory for Missing {
    async fn get_instance_profile(&self, _: &str) -> Result<InstanceProfile> {
        Err(unsupported("GetInstanceProfile"))
    }
}

impl MaintenanceWindowStore for Missing {}

impl MaintenanceWindowHistory for Missing {}

impl AssociationStore for Missing {}
