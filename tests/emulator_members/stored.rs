//! What an operation stores it answers again, every member of it.

use aws_patch_manager::backend::{Access, Service};
use serde_json::{Map, Value, json};

use crate::{served, systems_manager};

/// An operation that stores what it is given: an input with all that is stored, and who answers it.
struct Stores {
    operation: &'static str,
    /// A member that is null gets the value that the member of this name had last.
    input: Value,
    /// The operation that answers it, the members that this is asked with, and the place in the answer.
    read: (&'static str, &'static [&'static str], &'static str),
    /// Members that are acted on and not answered there, or answered under another name.
    acted_on: &'static [&'static str],
    /// Members that are refused whatever they are.
    refused: &'static [&'static str],
}

/// The writing operations that store no member: they take something away, start or end something, or
/// write tags, which are answered as `TagList`.
const STORE_NO_MEMBER: [&str; 15] = [
    "AddTagsToResource",
    "CancelCommand",
    "CancelMaintenanceWindowExecution",
    "DeleteAssociation",
    "DeleteMaintenanceWindow",
    "DeletePatchBaseline",
    "DeregisterPatchBaselineForPatchGroup",
    "DeregisterTargetFromMaintenanceWindow",
    "DeregisterTaskFromMaintenanceWindow",
    "DeleteResourceDataSync",
    "ModifyDocumentPermission",
    "RemoveTagsFromResource",
    "StartAssociationsOnce",
    "StopAutomationExecution",
    "UpdateDocumentDefaultVersion",
];

/// Rules of the conformance suite read back what these store: a runbook, an execution, a sync.
const COMPARED_BY_CONFORMANCE: [&str; 5] = [
    "CreateDocument",
    "CreateResourceDataSync",
    "StartAutomationExecution",
    "UpdateDocument",
    "UpdateResourceDataSync",
];

/// The operations that make something; windows and their targets are those of [`systems_manager`].
fn creating(fixtures: &Value) -> Vec<Stores> {
    let targets = json!([{ "Key": "tag:Role", "Values": ["web"] }]);
    let alarms = json!({ "IgnorePollAlarmFailure": true, "Alarms": [{ "Name": "stop" }] });
    let notifications = json!({
        "NotificationArn": "arn:aws:sns:us-east-1:123456789012:patching",
        "NotificationEvents": ["Failed"], "NotificationType": "Invocation",
    });
    let log_group =
        json!({ "CloudWatchLogGroupName": "/patching", "CloudWatchOutputEnabled": true });
    let role = "arn:aws:iam::123456789012:role/notify";
    let parameters = json!({ "Operation": ["Scan"] });
    let registered = json!([{ "Key": "WindowTargetIds", "Values": [fixtures["WindowTargetId"]] }]);
    let filters = json!({ "PatchFilters": [{ "Key": "CLASSIFICATION", "Values": ["Security"] }] });
    vec![
        Stores {
            operation: "SendCommand",
            input: json!({
                "InstanceIds": ["i-0c0ffee0000000001"], "DocumentName": "AWS-RunPatchBaseline",
                "DocumentVersion": "1", "Parameters": parameters, "Comment": "by hand",
                "TimeoutSeconds": 600, "OutputS3BucketName": "logs", "OutputS3KeyPrefix": "patching",
                "MaxConcurrency": "50%", "MaxErrors": "10%", "NotificationConfig": notifications,
                "CloudWatchOutputConfig": log_group, "AlarmConfiguration": alarms,
            }),
            read: ("ListCommands", &["CommandId"], "/Commands/0"),
            // `ServiceRole` in the answer; targets stand in place of ids.
            // No answer has the document's hash (SSM model, `Command`).
            acted_on: &[
                "ServiceRoleArn",
                "Targets",
                "OutputS3Region",
                "DocumentHash",
                "DocumentHashType",
            ],
            refused: &[],
        },
        Stores {
            operation: "CreateMaintenanceWindow",
            input: json!({
                "Name": "nightly", "Description": "for web", "Schedule": "cron(0 2 ? * TUE#2 *)",
                "ScheduleTimezone": "Europe/Berlin", "ScheduleOffset": 2, "Duration": 3, "Cutoff": 1,
                "StartDate": "2026-06-01T00:00:00Z", "EndDate": "2027-06-01T00:00:00Z",
                "AllowUnassociatedTargets": true,
            }),
            read: ("GetMaintenanceWindow", &["WindowId"], ""),
            acted_on: &["ClientToken", "Tags"],
            refused: &[],
        },
        Stores {
            operation: "RegisterTargetWithMaintenanceWindow",
            input: json!({
                "WindowId": fixtures["WindowId"], "ResourceType": "INSTANCE", "Targets": targets,
                "OwnerInformation": "web team", "Name": "web", "Description": "all of web",
            }),
            read: (
                "DescribeMaintenanceWindowTargets",
                &["WindowId"],
                "/Targets/1",
            ),
            acted_on: &["ClientToken"],
            refused: &[],
        },
        Stores {
            operation: "RegisterTaskWithMaintenanceWindow",
            input: json!({
                "WindowId": fixtures["WindowId"], "Targets": registered, "TaskType": "RUN_COMMAND",
                "TaskArn": "AWS-RunPatchBaseline", "ServiceRoleArn": role, "Priority": 3,
                "TaskParameters": { "Operation": { "Values": ["Scan"] } },
                "TaskInvocationParameters": { "RunCommand": {
                    "Comment": "in the window", "CloudWatchOutputConfig": log_group,
                    "DocumentHash": "ab", "DocumentHashType": "Sha256", "DocumentVersion": "1",
                    "NotificationConfig": notifications, "OutputS3BucketName": "logs",
                    "OutputS3KeyPrefix": "patching", "Parameters": parameters,
                    "ServiceRoleArn": role, "TimeoutSeconds": 600,
                } },
                "MaxConcurrency": "50%", "MaxErrors": "10%", "Name": "scan", "Description": "a scan",
                "LoggingInfo": { "S3BucketName": "logs", "S3KeyPrefix": "patching",
                    "S3Region": "us-east-1" },
                "CutoffBehavior": "CANCEL_TASK", "AlarmConfiguration": alarms,
            }),
            read: (
                "GetMaintenanceWindowTask",
                &["WindowTaskId", "WindowId"],
                "",
            ),
            acted_on: &["ClientToken"],
            refused: &[],
        },
        Stores {
            operation: "CreateAssociation",
            input: json!({
                "Name": "AWS-RunPatchBaseline", "DocumentVersion": "1", "Parameters": parameters,
                "Targets": targets, "ScheduleExpression": "cron(0 2 ? * TUE#2 *)",
                "OutputLocation": { "S3Location": { "OutputS3Region": "us-east-1",
                    "OutputS3BucketName": "logs", "OutputS3KeyPrefix": "patching" } },
                "AssociationName": "web", "AutomationTargetParameterName": "InstanceId",
                "MaxErrors": "10%", "MaxConcurrency": "50%", "ComplianceSeverity": "HIGH",
                "SyncCompliance": "MANUAL", "ApplyOnlyAtCronInterval": true,
                "CalendarNames": ["freeze"], "ScheduleOffset": 2, "Duration": 2,
                "AlarmConfiguration": alarms, "AssociationDispatchAssumeRole": role,
            }),
            read: (
                "DescribeAssociation",
                &["AssociationId"],
                "/AssociationDescription",
            ),
            // A node stands in place of targets.
            acted_on: &["Tags", "InstanceId"],
            refused: &["TargetLocations", "TargetMaps"],
        },
        Stores {
            operation: "CreatePatchBaseline",
            input: json!({
                "OperatingSystem": "AMAZON_LINUX_2023", "Name": "production", "GlobalFilters": filters,
                "ApprovalRules": { "PatchRules": [{
                    "PatchFilterGroup": filters, "ComplianceLevel": "HIGH", "ApproveAfterDays": 7,
                    "EnableNonSecurity": true,
                }] },
                "ApprovedPatches": ["curl"], "ApprovedPatchesComplianceLevel": "LOW",
                "ApprovedPatchesEnableNonSecurity": true, "RejectedPatches": ["vim"],
                "RejectedPatchesAction": "BLOCK", "Description": "for production",
                "Sources": [{ "Name": "own", "Products": ["*"], "Configuration": "[own]" }],
            }),
            read: ("GetPatchBaseline", &["BaselineId"], ""),
            // The status is for Windows.
            acted_on: &[
                "ClientToken",
                "Tags",
                "AvailableSecurityUpdatesComplianceStatus",
            ],
            refused: &[],
        },
    ]
}

/// The operations that change what [`creating`] has made, each member to another value.
fn updating(fixtures: &Value) -> Vec<Stores> {
    let targets = json!([{ "Key": "tag:Role", "Values": ["db"] }]);
    let alarms = json!({ "IgnorePollAlarmFailure": false, "Alarms": [{ "Name": "halt" }] });
    let log_group =
        json!({ "CloudWatchLogGroupName": "/others", "CloudWatchOutputEnabled": false });
    let role = "arn:aws:iam::123456789012:role/another";
    let parameters = json!({ "Operation": ["Install"], "RebootOption": ["NoReboot"] });
    let filters = json!({ "PatchFilters": [{ "Key": "SEVERITY", "Values": ["Critical"] }] });
    vec![
        Stores {
            operation: "UpdateMaintenanceWindow",
            input: json!({
                "WindowId": null, "Name": "weekly", "Description": "for all",
                "StartDate": "2026-07-01T00:00:00Z", "EndDate": "2027-07-01T00:00:00Z",
                "Schedule": "cron(0 3 ? * WED#1 *)", "ScheduleTimezone": "Asia/Tokyo",
                "ScheduleOffset": 3, "Duration": 5, "Cutoff": 2, "AllowUnassociatedTargets": true,
                "Enabled": false,
            }),
            read: ("GetMaintenanceWindow", &["WindowId"], ""),
            acted_on: &["Replace"],
            refused: &[],
        },
        Stores {
            operation: "UpdateMaintenanceWindowTarget",
            input: json!({
                "WindowId": null, "WindowTargetId": null, "Targets": targets,
                "OwnerInformation": "another team", "Name": "databases", "Description": "all databases",
            }),
            read: (
                "DescribeMaintenanceWindowTargets",
                &["WindowId"],
                "/Targets/1",
            ),
            acted_on: &["Replace"],
            refused: &[],
        },
        Stores {
            operation: "UpdateMaintenanceWindowTask",
            input: json!({
                "WindowId": null, "WindowTaskId": null,
                "Targets": [{ "Key": "InstanceIds", "Values": fixtures["ResourceIds"] }],
                "TaskArn": "AWS-RunPatchBaselineWithHooks", "ServiceRoleArn": role, "Priority": 7,
                "TaskParameters": { "Operation": { "Values": ["Install"] } },
                "TaskInvocationParameters": { "RunCommand": {
                    "Comment": "another", "CloudWatchOutputConfig": log_group,
                    "DocumentHash": "cd", "DocumentHashType": "Sha1", "DocumentVersion": "$LATEST",
                    "NotificationConfig": {
                        "NotificationArn": "arn:aws:sns:us-east-1:123456789012:others",
                        "NotificationEvents": ["All"], "NotificationType": "Command",
                    },
                    "OutputS3BucketName": "others", "OutputS3KeyPrefix": "other",
                    "Parameters": parameters, "ServiceRoleArn": role, "TimeoutSeconds": 900,
                } },
                "MaxConcurrency": "3", "MaxErrors": "1", "Name": "install",
                "Description": "an install",
                "LoggingInfo": { "S3BucketName": "others", "S3KeyPrefix": "other",
                    "S3Region": "eu-west-1" },
                "CutoffBehavior": "CONTINUE_TASK", "AlarmConfiguration": alarms,
            }),
            read: (
                "GetMaintenanceWindowTask",
                &["WindowTaskId", "WindowId"],
                "",
            ),
            acted_on: &["Replace"],
            refused: &[],
        },
        Stores {
            operation: "UpdateAssociation",
            input: json!({
                "AssociationId": null, "Name": "AWS-RunPatchBaseline", "DocumentVersion": "$DEFAULT",
                "Parameters": parameters, "Targets": targets,
                "ScheduleExpression": "cron(0 4 ? * MON#1 *)",
                "OutputLocation": { "S3Location": { "OutputS3Region": "eu-west-1",
                    "OutputS3BucketName": "others", "OutputS3KeyPrefix": "other" } },
                "AssociationName": "databases", "AutomationTargetParameterName": "NodeId",
                "MaxErrors": "1", "MaxConcurrency": "3", "ComplianceSeverity": "LOW",
                "SyncCompliance": "AUTO", "ApplyOnlyAtCronInterval": true,
                "CalendarNames": ["holidays"], "ScheduleOffset": 4, "Duration": 6,
                "AlarmConfiguration": alarms, "AssociationDispatchAssumeRole": role,
            }),
            read: (
                "DescribeAssociation",
                &["AssociationId"],
                "/AssociationDescription",
            ),
            // The version that the change is based on.
            acted_on: &["AssociationVersion"],
            refused: &["TargetLocations", "TargetMaps"],
        },
        Stores {
            operation: "UpdatePatchBaseline",
            input: json!({
                "BaselineId": null, "Name": "staging", "GlobalFilters": filters,
                "ApprovalRules": { "PatchRules": [{
                    "PatchFilterGroup": filters, "ComplianceLevel": "LOW",
                    "ApproveUntilDate": "2026-05-31", "EnableNonSecurity": false,
                }] },
                "ApprovedPatches": ["wget"], "ApprovedPatchesComplianceLevel": "HIGH",
                "ApprovedPatchesEnableNonSecurity": false, "RejectedPatches": ["nano"],
                "RejectedPatchesAction": "ALLOW_AS_DEPENDENCY", "Description": "for staging",
                "Sources": [{ "Name": "other", "Products": ["*"], "Configuration": "[other]" }],
            }),
            read: ("GetPatchBaseline", &["BaselineId"], ""),
            // The status is for Windows.
            acted_on: &["Replace", "AvailableSecurityUpdatesComplianceStatus"],
            refused: &[],
        },
        Stores {
            operation: "RegisterPatchBaselineForPatchGroup",
            input: json!({ "BaselineId": null, "PatchGroup": "web" }),
            read: (
                "GetPatchBaselineForPatchGroup",
                &["PatchGroup", "OperatingSystem"],
                "",
            ),
            acted_on: &[],
            refused: &[],
        },
        Stores {
            operation: "RegisterDefaultPatchBaseline",
            input: json!({ "BaselineId": null }),
            read: ("GetDefaultPatchBaseline", &["OperatingSystem"], ""),
            acted_on: &[],
            refused: &[],
        },
    ]
}

#[test]
fn every_operation_that_writes_is_compared_or_stores_no_member() {
    let fixtures = Value::default();
    let compared = creating(&fixtures).into_iter().chain(updating(&fixtures));
    let mut named: Vec<_> = compared.map(|stores| stores.operation).collect();
    named.extend(STORE_NO_MEMBER);
    named.extend(COMPARED_BY_CONFORMANCE);
    named.sort_unstable();
    let writing = served(Service::Ssm).filter(|one| one.access() == Access::Write);
    let mut writing: Vec<_> = writing.map(|one| one.as_str()).collect();
    writing.sort_unstable();
    assert_eq!(named, writing);
}

#[test]
fn every_member_that_is_stored_is_answered_as_it_was_given() {
    let Some((model, wire)) = systems_manager() else {
        return;
    };
    let mut known = Map::new();
    for stores in creating(&model.1).into_iter().chain(updating(&model.1)) {
        let Stores {
            operation,
            mut input,
            read: (read, ids, place),
            acted_on,
            refused,
        } = stores;
        let given = input.as_object_mut().unwrap();
        for (name, value) in given.iter_mut().filter(|(_, value)| value.is_null()) {
            *value = known[name].clone();
        }
        let shape = model.input(operation).unwrap();
        let members = model.members(shape).map(|(name, _)| name.as_str());
        let left: Vec<_> = members
            .filter(|name| input.get(name).is_none())
            .filter(|name| !acted_on.contains(name) && !refused.contains(name))
            .collect();
        assert_eq!(
            left, [""; 0],
            "{operation}: neither stored, acted on nor refused"
        );

        let made = wire.ssm(operation, &input);
        assert_eq!(made.status, 200, "{operation}: {}", made.body);
        let made = made.json();
        let nested = made
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_object);
        let answered = nested.chain(made.as_object()).chain(input.as_object());
        let texts = answered.flatten().filter(|(_, value)| value.is_string());
        known.extend(texts.map(|(name, value)| (name.clone(), value.clone())));
        let ask = ids.iter().map(|id| ((*id).to_owned(), known[*id].clone()));
        // A command is listed after a second.
        wire.quicksetup("POST", "/_emulator/advance", &json!({ "Seconds": 2 }));
        let answer = wire.ssm(read, &Value::Object(ask.collect())).json();
        let answer = answer.pointer(place).expect(operation);
        for (name, value) in input.as_object().unwrap() {
            assert_eq!(&answer[name], value, "{operation}: {name}");
        }
        for member in refused {
            let member_shape = &model.shape(shape)["members"][member]["shape"];
            let mut input = input.clone();
            input[member] = model.value(member_shape.as_str().unwrap());
            let answer = wire.ssm(operation, &input);
            assert_eq!(answer.status, 400, "{operation} {member}: {}", answer.body);
        }
    }
}
