//! Shared by the tests of the adapters.

use aws_patch_manager::aws::sdk_config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider,
};
use aws_patch_manager::aws::{AwsBackend, SdkConfig};

use super::stub::Stub;

/// The access key of every test.
pub(crate) const ACCESS_KEY: &str = "AKIDTESTACCESSKEY";

/// A configuration for an endpoint on this machine.
pub(crate) fn config(endpoint: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// The adapter, with the stub in the place of AWS.
pub(crate) fn backend(stub: &Stub) -> AwsBackend {
    AwsBackend::from_sdk_config(&config(stub.endpoint(), "secret"))
}

/// Every SSM operation that the adapter calls.
pub(crate) const SSM_OPERATIONS: &[&str] = &[
    "AddTagsToResource",
    "CancelCommand",
    "CancelMaintenanceWindowExecution",
    "CreateAssociation",
    "CreateMaintenanceWindow",
    "CreatePatchBaseline",
    "CreateResourceDataSync",
    "DeleteAssociation",
    "DeleteMaintenanceWindow",
    "DeletePatchBaseline",
    "DeleteResourceDataSync",
    "DeregisterPatchBaselineForPatchGroup",
    "DeregisterTargetFromMaintenanceWindow",
    "DeregisterTaskFromMaintenanceWindow",
    "DescribeAssociation",
    "DescribeAssociationExecutionTargets",
    "DescribeAssociationExecutions",
    "DescribeAvailablePatches",
    "DescribeEffectiveInstanceAssociations",
    "DescribeEffectivePatchesForPatchBaseline",
    "DescribeInstanceAssociationsStatus",
    "DescribeInstanceInformation",
    "DescribeInstancePatchStates",
    "DescribeInstancePatchStatesForPatchGroup",
    "DescribeInstancePatches",
    "DescribeInstanceProperties",
    "DescribeMaintenanceWindowExecutionTaskInvocations",
    "DescribeMaintenanceWindowExecutionTasks",
    "DescribeMaintenanceWindowExecutions",
    "DescribeMaintenanceWindowSchedule",
    "DescribeMaintenanceWindowTargets",
    "DescribeMaintenanceWindowTasks",
    "DescribeMaintenanceWindows",
    "DescribeMaintenanceWindowsForTarget",
    "DescribePatchBaselines",
    "DescribePatchGroupState",
    "DescribePatchGroups",
    "DescribePatchProperties",
    "GetCommandInvocation",
    "GetDefaultPatchBaseline",
    "GetMaintenanceWindow",
    "GetMaintenanceWindowExecution",
    "GetMaintenanceWindowExecutionTask",
    "GetMaintenanceWindowExecutionTaskInvocation",
    "GetMaintenanceWindowTask",
    "GetPatchBaseline",
    "GetPatchBaselineForPatchGroup",
    "GetServiceSetting",
    "ListAssociationVersions",
    "ListAssociations",
    "ListCommandInvocations",
    "ListCommands",
    "ListComplianceItems",
    "ListComplianceSummaries",
    "ListNodes",
    "ListNodesSummary",
    "ListResourceComplianceSummaries",
    "ListResourceDataSync",
    "ListTagsForResource",
    "RegisterDefaultPatchBaseline",
    "RegisterPatchBaselineForPatchGroup",
    "RegisterTargetWithMaintenanceWindow",
    "RegisterTaskWithMaintenanceWindow",
    "RemoveTagsFromResource",
    "SendCommand",
    "StartAssociationsOnce",
    "UpdateAssociation",
    "UpdateMaintenanceWindow",
    "UpdateMaintenanceWindowTarget",
    "UpdateMaintenanceWindowTask",
    "UpdatePatchBaseline",
    "UpdateResourceDataSync",
];
