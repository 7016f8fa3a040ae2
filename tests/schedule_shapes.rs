//! Maintenance windows and associations in the service's JSON: no member is lost or added, and
//! sensitive members do not appear in `Debug`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Debug;

use aws_patch_manager::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationStatusName, AssociationVersionInfo, CreateAssociationBatchOutput,
    InstanceAssociation, InstanceAssociationStatusInfo,
};
use aws_patch_manager::schedule::window::{
    MaintenanceWindow, MaintenanceWindowExecution, MaintenanceWindowExecutionDetail,
    MaintenanceWindowExecutionStatus, MaintenanceWindowExecutionTask,
    MaintenanceWindowExecutionTaskIdentity, MaintenanceWindowExecutionTaskInvocation,
    MaintenanceWindowIdentity, MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget,
    MaintenanceWindowTask, MaintenanceWindowTaskDetail, ScheduledWindowExecution,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The value of every sensitive member of the samples.
const SECRET: &str = "hush";

/// Reads and writes a sample, expects it unchanged, and `Debug` without the secret.
fn keeps<T: DeserializeOwned + Serialize + Debug>(sample: Value) {
    let name = std::any::type_name::<T>();
    let read: T = serde_json::from_value(sample.clone()).expect(name);
    let shown = format!("{read:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    let is_sensitive = sample.to_string().contains(SECRET);
    assert_eq!(shown.contains("(redacted)"), is_sensitive, "{shown}");
    assert_eq!(serde_json::to_value(&read).unwrap(), sample, "{name}");

    let empty: T = serde_json::from_value(json!({})).expect(name);
    assert_eq!(serde_json::to_value(&empty).unwrap(), json!({}), "{name}");
}

/// One object with the members of others.
fn merged<const N: usize>(parts: [Value; N]) -> Value {
    let members = parts
        .into_iter()
        .flat_map(|part| part.as_object().cloned().unwrap());
    Value::Object(members.collect())
}

fn alarms() -> Value {
    json!({
        "AlarmConfiguration": { "IgnorePollAlarmFailure": true, "Alarms": [{ "Name": "cpu" }] },
        "TriggeredAlarms": [{ "Name": "cpu", "State": "ALARM" }],
    })
}

fn alarm() -> Value {
    json!({ "AlarmConfiguration": alarms()["AlarmConfiguration"] })
}

fn span() -> Value {
    json!({ "StartTime": "2026-01-04T00:00:00Z", "EndTime": "2026-01-04T00:42:00.5Z" })
}

fn status() -> Value {
    json!({ "Status": "TIMED_OUT", "StatusDetails": "late" })
}

fn window() -> Value {
    json!({
        "WindowId": "mw-0123456789abcdef0",
        "Name": "sundays",
        "Description": SECRET,
        "StartDate": "2026-01-01T00:00:00+01:00",
        "EndDate": "",
        "Schedule": "cron(0 2 ? * SUN#2 *)",
        "ScheduleTimezone": "Europe/Zurich",
        "ScheduleOffset": 3,
        "NextExecutionTime": "2026-01-14T01:00:00Z",
        "Duration": 4,
        "Cutoff": 0,
        "Enabled": false,
    })
}

fn targets() -> Value {
    json!({ "Targets": [{ "Key": "tag:Role", "Values": ["web", "db"] }] })
}

fn task() -> Value {
    let own = json!({
        "WindowId": "mw-0123456789abcdef0",
        "WindowTaskId": "11111111-2222-3333-4444-555555555555",
        "TaskArn": "AWS-RunPatchBaseline",
        "TaskParameters": { "Operation": { "Values": [SECRET] } },
        "Priority": 0,
        "LoggingInfo": { "S3BucketName": "logs", "S3KeyPrefix": "", "S3Region": "eu-west-1" },
        "ServiceRoleArn": "arn:aws:iam::111122223333:role/windows",
        "MaxConcurrency": "25%",
        "MaxErrors": "0",
        "Name": "install",
        "Description": SECRET,
        "CutoffBehavior": "CANCEL_TASK",
    });
    merged([own, targets(), alarm()])
}

fn invocation_parameters() -> Value {
    json!({
        "RunCommand": {
            "Comment": "",
            "CloudWatchOutputConfig": {
                "CloudWatchLogGroupName": "/patching",
                "CloudWatchOutputEnabled": true,
            },
            "DocumentHash": "abc",
            "DocumentHashType": "Sha256",
            "DocumentVersion": "$DEFAULT",
            "NotificationConfig": {
                "NotificationArn": "arn:aws:sns:eu-west-1:111122223333:patching",
                "NotificationEvents": ["Failed"],
                "NotificationType": "Command",
            },
            "OutputS3BucketName": "logs",
            "OutputS3KeyPrefix": "runs",
            "Parameters": { "Operation": ["Install", SECRET] },
            "ServiceRoleArn": "arn:aws:iam::111122223333:role/notify",
            "TimeoutSeconds": 600,
        },
        "Automation": { "DocumentVersion": "1", "Parameters": { "Node": [SECRET] } },
        "StepFunctions": { "Input": SECRET, "Name": "run" },
        "Lambda": { "ClientContext": SECRET, "Qualifier": "live", "Payload": SECRET },
    })
}

#[test]
fn windows_keep_every_member() {
    let detail = json!({
        "AllowUnassociatedTargets": false,
        "CreatedDate": "2026-01-01T00:00:00.125Z",
        "ModifiedDate": "2026-01-02T00:00:00Z",
    });
    keeps::<MaintenanceWindow>(merged([window(), detail]));
    keeps::<MaintenanceWindowIdentity>(window());
    let name = json!({ "WindowId": "mw-0123456789abcdef0", "Name": "sundays" });
    keeps::<MaintenanceWindowIdentityForTarget>(name.clone());
    let time = json!({ "ExecutionTime": "2026-01-04T00:00:00Z" });
    keeps::<ScheduledWindowExecution>(merged([name, time]));
    let target = json!({
        "WindowId": "mw-0123456789abcdef0",
        "WindowTargetId": "11111111-2222-3333-4444-555555555555",
        "ResourceType": "RESOURCE_GROUP",
        "OwnerInformation": SECRET,
        "Name": "web",
        "Description": SECRET,
    });
    keeps::<MaintenanceWindowTarget>(merged([target, targets()]));
}

#[test]
fn tasks_keep_every_member() {
    keeps::<MaintenanceWindowTask>(merged([task(), json!({ "Type": "RUN_COMMAND" })]));
    let detail = json!({
        "TaskType": "STEP_FUNCTIONS",
        "TaskInvocationParameters": invocation_parameters(),
    });
    keeps::<MaintenanceWindowTaskDetail>(merged([task(), detail]));
}

#[test]
fn executions_keep_every_member() {
    let run = json!({ "WindowExecutionId": "11111111-2222-3333-4444-555555555555" });
    let window = json!({ "WindowId": "mw-0123456789abcdef0" });
    let task = json!({
        "TaskExecutionId": "66666666-2222-3333-4444-555555555555",
        "TaskArn": "AWS-RunPatchBaseline",
    });
    let ids = json!({ "TaskIds": [] });
    keeps::<MaintenanceWindowExecution>(merged([run.clone(), window, status(), span()]));
    keeps::<MaintenanceWindowExecutionDetail>(merged([run.clone(), ids, status(), span()]));
    let task_type = json!({ "TaskType": "LAMBDA" });
    keeps::<MaintenanceWindowExecutionTaskIdentity>(merged([
        run.clone(),
        task.clone(),
        task_type.clone(),
        status(),
        span(),
        alarms(),
    ]));
    let detail = json!({
        "Type": "AUTOMATION",
        "ServiceRole": "arn:aws:iam::111122223333:role/windows",
        "TaskParameters": [{ "Operation": { "Values": [SECRET] } }],
        "Priority": 1,
        "MaxConcurrency": "1",
        "MaxErrors": "3",
    });
    keeps::<MaintenanceWindowExecutionTask>(merged([
        run.clone(),
        task,
        detail,
        status(),
        span(),
        alarms(),
    ]));
    let invocation = json!({
        "TaskExecutionId": "66666666-2222-3333-4444-555555555555",
        "InvocationId": "77777777-2222-3333-4444-555555555555",
        "ExecutionId": "88888888-2222-3333-4444-555555555555",
        "Parameters": SECRET,
        "OwnerInformation": SECRET,
        "WindowTargetId": "99999999-2222-3333-4444-555555555555",
    });
    keeps::<MaintenanceWindowExecutionTaskInvocation>(merged([
        run,
        invocation,
        task_type,
        status(),
        span(),
    ]));
}

fn identity() -> Value {
    let own = json!({
        "Name": "AWS-RunPatchBaseline",
        "InstanceId": "i-0123456789abcdef0",
        "DocumentVersion": "$DEFAULT",
        "ScheduleExpression": "cron(0 2 ? * SUN *)",
        "AssociationName": "scan",
        "ScheduleOffset": 1,
        "Duration": 24,
        "TargetMaps": [{ "InstanceId": ["i-0123456789abcdef0"] }],
    });
    merged([own, targets()])
}

fn version() -> Value {
    json!({ "AssociationId": "11111111-2222-3333-4444-555555555555", "AssociationVersion": "2" })
}

fn overview() -> Value {
    json!({
        "Overview": {
            "Status": "Success",
            "DetailedStatus": "Success",
            "AssociationStatusAggregatedCount": { "Success": 2 },
        },
    })
}

fn settings() -> Value {
    json!({
        "Parameters": { "Operation": ["Scan", SECRET] },
        "OutputLocation": {
            "S3Location": {
                "OutputS3Region": "eu-west-1",
                "OutputS3BucketName": "logs",
                "OutputS3KeyPrefix": "",
            },
        },
        "MaxErrors": "2%",
        "MaxConcurrency": "10",
        "ComplianceSeverity": "UNSPECIFIED",
        "SyncCompliance": "MANUAL",
        "ApplyOnlyAtCronInterval": false,
        "CalendarNames": [],
        "TargetLocations": [merged([
            json!({
                "Accounts": ["111122223333"],
                "Regions": ["eu-west-1"],
                "TargetLocationMaxConcurrency": "1",
                "TargetLocationMaxErrors": "0",
                "ExecutionRoleName": "patching",
                "TargetLocationAlarmConfiguration": alarms()["AlarmConfiguration"],
                "IncludeChildOrganizationUnits": true,
                "ExcludeAccounts": ["444455556666"],
                "TargetsMaxConcurrency": "100%",
                "TargetsMaxErrors": "0%",
            }),
            targets(),
        ])],
    })
}

fn role() -> Value {
    json!({ "AssociationDispatchAssumeRole": "arn:aws:iam::111122223333:role/dispatch" })
}

fn description() -> Value {
    let own = json!({
        "Date": "2026-01-01T00:00:00Z",
        "LastUpdateAssociationDate": "2026-01-01T00:00:00Z",
        "Status": {
            "Date": "2026-01-01T00:00:00Z",
            "Name": "Success",
            "Message": "done",
            "AdditionalInfo": "",
        },
        "LastExecutionDate": "2026-01-04T02:00:00Z",
        "LastSuccessfulExecutionDate": "2026-01-04T02:00:00Z",
    });
    let runbook = json!({ "AutomationTargetParameterName": "InstanceId" });
    merged([
        own,
        identity(),
        version(),
        overview(),
        settings(),
        runbook,
        role(),
        alarms(),
    ])
}

#[test]
fn associations_keep_every_member() {
    keeps::<AssociationDescription>(description());
    let last = json!({ "LastExecutionDate": "2026-01-04T02:00:00Z" });
    keeps::<Association>(merged([identity(), version(), overview(), last]));
    let created = json!({ "CreatedDate": "2026-01-01T00:00:00Z" });
    let mut one_version = merged([identity(), version(), settings(), role(), created]);
    one_version.as_object_mut().unwrap().remove("InstanceId");
    keeps::<AssociationVersionInfo>(one_version);
}

#[test]
fn a_batch_keeps_every_member() {
    let runbook = json!({ "AutomationTargetParameterName": "InstanceId" });
    let entry = merged([identity(), settings(), runbook, alarm()]);
    let sample = json!({
        "Successful": [description()],
        "Failed": [{ "Entry": entry, "Message": "no such document", "Fault": "Client" }],
    });
    let read: CreateAssociationBatchOutput = serde_json::from_value(sample.clone()).unwrap();
    assert!(!format!("{read:?}").contains(SECRET));
    assert_eq!(serde_json::to_value(&read).unwrap(), sample);
    let none = json!({ "Successful": [], "Failed": [] });
    let read: CreateAssociationBatchOutput = serde_json::from_value(none.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), none);
}

#[test]
fn association_runs_keep_every_member() {
    let run = json!({
        "ExecutionId": "22222222-2222-3333-4444-555555555555",
        "Status": "Success",
        "DetailedStatus": "Success",
        "LastExecutionDate": "2026-01-04T02:00:00Z",
    });
    let whole = json!({
        "CreatedTime": "2026-01-04T02:00:00Z",
        "ResourceCountByStatus": "{Success=1}",
    });
    keeps::<AssociationExecution>(merged([version(), run.clone(), whole, alarms()]));
    let target = json!({
        "ResourceId": "i-0123456789abcdef0",
        "ResourceType": "ManagedInstance",
        "OutputSource": { "OutputSourceId": "33333333", "OutputSourceType": "RunCommand" },
    });
    keeps::<AssociationExecutionTarget>(merged([version(), run, target]));
    let node = json!({ "InstanceId": "i-0123456789abcdef0" });
    let content = json!({ "Content": "{}" });
    keeps::<InstanceAssociation>(merged([version(), node.clone(), content]));
    let info = json!({
        "Name": "AWS-RunPatchBaseline",
        "DocumentVersion": "1",
        "ExecutionDate": "2026-01-04T02:00:00Z",
        "Status": "Failed",
        "DetailedStatus": "Failed",
        "ExecutionSummary": "1 out of 2",
        "ErrorCode": "E1",
        "OutputUrl": { "S3OutputUrl": { "OutputUrl": "https://example.com/out" } },
        "AssociationName": "scan",
    });
    keeps::<InstanceAssociationStatusInfo>(merged([version(), node, info]));
}

#[test]
fn unknown_values_and_short_times_are_read() {
    let sample = json!({ "Status": { "Name": "Associated", "Date": 1767225600.5 } });
    let read: AssociationDescription = serde_json::from_value(sample).unwrap();
    let status = read.status.unwrap();
    assert_eq!(
        status.name,
        Some(AssociationStatusName::Other("Associated".to_owned()))
    );
    assert_eq!(status.date, Some("2026-01-01T00:00:00.5Z".parse().unwrap()));

    for time in [
        "2026-01-04T02:00Z",
        "2026-01-04T02:00:00.000Z",
        "2026-01-03T21:00-05:00",
    ] {
        let sample = json!({ "ExecutionTime": time });
        let read: ScheduledWindowExecution = serde_json::from_value(sample).unwrap();
        assert_eq!(
            read.execution_time,
            Some("2026-01-04T02:00:00Z".parse().unwrap())
        );
    }
}

#[test]
fn a_run_that_was_skipped_is_over() {
    use MaintenanceWindowExecutionStatus as Status;
    let going = [Status::Pending, Status::InProgress, Status::Cancelling];
    for status in Status::KNOWN {
        assert_eq!(status.is_terminal(), !going.contains(status), "{status}");
    }
}
