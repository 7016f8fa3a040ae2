//! What the caller must be allowed to do: one table, from verbs to IAM actions.

use serde_json::{Value, json};

/// A group of verbs, and the IAM actions behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerbActions {
    /// The verbs, as the facade's chapters call them.
    pub verbs: &'static str,
    /// The actions; what several groups need stands in each.
    pub actions: &'static [&'static str],
}

/// Every IAM action that [`AwsBackend`](super::AwsBackend) needs, by the verbs that need it.
pub const ACTIONS: &[VerbActions] = &[
    VerbActions {
        verbs: "baselines",
        actions: &[
            "ssm:CreatePatchBaseline",
            "ssm:DeletePatchBaseline",
            "ssm:DescribePatchBaselines",
            "ssm:GetDefaultPatchBaseline",
            "ssm:GetPatchBaseline",
            "ssm:RegisterDefaultPatchBaseline",
            "ssm:UpdatePatchBaseline",
        ],
    },
    VerbActions {
        verbs: "catalogue",
        actions: &[
            "ssm:DescribeAvailablePatches",
            "ssm:DescribeEffectivePatchesForPatchBaseline",
            "ssm:DescribePatchProperties",
        ],
    },
    VerbActions {
        verbs: "groups",
        actions: &[
            "ssm:DeregisterPatchBaselineForPatchGroup",
            "ssm:DescribePatchGroups",
            "ssm:GetPatchBaselineForPatchGroup",
            "ssm:RegisterPatchBaselineForPatchGroup",
        ],
    },
    VerbActions {
        verbs: "tags",
        actions: &[
            "ec2:CreateTags",
            "ec2:DeleteTags",
            "ec2:DescribeInstances",
            "ec2:DescribeTags",
            "ssm:AddTagsToResource",
            "ssm:ListTagsForResource",
            "ssm:RemoveTagsFromResource",
        ],
    },
    VerbActions {
        verbs: "policies",
        actions: &[
            "ssm-quicksetup:CreateConfigurationManager",
            "ssm-quicksetup:DeleteConfigurationManager",
            "ssm-quicksetup:GetConfigurationManager",
            "ssm-quicksetup:ListConfigurationManagers",
            "ssm-quicksetup:UpdateConfigurationDefinition",
            "ssm-quicksetup:UpdateConfigurationManager",
        ],
    },
    VerbActions {
        verbs: "windows",
        actions: &[
            "ssm:CancelMaintenanceWindowExecution",
            "ssm:CreateMaintenanceWindow",
            "ssm:DeleteMaintenanceWindow",
            "ssm:DeregisterTargetFromMaintenanceWindow",
            "ssm:DeregisterTaskFromMaintenanceWindow",
            "ssm:DescribeMaintenanceWindowExecutionTaskInvocations",
            "ssm:DescribeMaintenanceWindowExecutionTasks",
            "ssm:DescribeMaintenanceWindowExecutions",
            "ssm:DescribeMaintenanceWindowSchedule",
            "ssm:DescribeMaintenanceWindowTargets",
            "ssm:DescribeMaintenanceWindowTasks",
            "ssm:DescribeMaintenanceWindows",
            "ssm:DescribeMaintenanceWindowsForTarget",
            "ssm:GetMaintenanceWindow",
            "ssm:GetMaintenanceWindowExecution",
            "ssm:GetMaintenanceWindowExecutionTask",
            "ssm:GetMaintenanceWindowExecutionTaskInvocation",
            "ssm:GetMaintenanceWindowTask",
            "ssm:RegisterTargetWithMaintenanceWindow",
            "ssm:RegisterTaskWithMaintenanceWindow",
            "ssm:UpdateMaintenanceWindow",
            "ssm:UpdateMaintenanceWindowTarget",
            "ssm:UpdateMaintenanceWindowTask",
        ],
    },
    VerbActions {
        verbs: "associations",
        actions: &[
            "ssm:AddTagsToResource",
            "ssm:CreateAssociation",
            "ssm:DeleteAssociation",
            "ssm:DescribeAssociation",
            "ssm:DescribeAssociationExecutionTargets",
            "ssm:DescribeAssociationExecutions",
            "ssm:DescribeEffectiveInstanceAssociations",
            "ssm:DescribeInstanceAssociationsStatus",
            "ssm:ListAssociationVersions",
            "ssm:ListAssociations",
            "ssm:ListTagsForResource",
            "ssm:StartAssociationsOnce",
            "ssm:UpdateAssociation",
        ],
    },
    VerbActions {
        verbs: "runs",
        actions: &[
            "ssm:CancelCommand",
            "ssm:GetCommandInvocation",
            "ssm:ListCommandInvocations",
            "ssm:ListCommands",
            "ssm:SendCommand",
        ],
    },
    VerbActions {
        verbs: "compliance",
        actions: &[
            "ssm:DescribeInstanceInformation",
            "ssm:DescribeInstancePatchStates",
            "ssm:DescribeInstancePatchStatesForPatchGroup",
            "ssm:DescribeInstancePatches",
            "ssm:DescribePatchGroupState",
            "ssm:ListComplianceItems",
            "ssm:ListComplianceSummaries",
            "ssm:ListResourceComplianceSummaries",
        ],
    },
    VerbActions {
        verbs: "prerequisites",
        actions: &[
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEndpoints",
            "ssm:GetServiceSetting",
        ],
    },
];

/// An IAM policy document that allows these verbs on every resource; all verbs where none is named.
///
/// Narrow the resources down for production: SendCommand by the document and by the nodes' tags,
/// CreateTags by the instances. Three calls also need `iam:PassRole`, which names roles and so is
/// not in the table: patch policies for their local roles, the tasks of a maintenance window for a
/// service role, associations for a role that they are dispatched with.
///
/// An association is made with a tag that marks the request, so making one takes AddTagsToResource.
///
/// ```
/// let policy = aws_patch_manager::aws::iam::policy_document(&["groups", "runs"]);
/// assert_eq!(policy["Statement"][0]["Sid"], "Groups");
/// assert_eq!(policy["Statement"][1]["Action"][4], "ssm:SendCommand");
/// ```
pub fn policy_document(verbs: &[&str]) -> Value {
    let statements: Vec<Value> = ACTIONS
        .iter()
        .filter(|row| verbs.is_empty() || verbs.contains(&row.verbs))
        .map(|row| {
            json!({
                "Sid": capitalized(row.verbs),
                "Effect": "Allow",
                "Action": row.actions,
                "Resource": "*",
            })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
