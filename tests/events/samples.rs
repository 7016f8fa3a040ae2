//! One invented event of each kind, in the documented shape.

use aws_patch_manager::event::{Event, EventKind};
use serde_json::{Value, json};

pub(crate) const COMMAND: &str = "a1b2c3d4-0000-4000-8000-000000000001";
pub(crate) const NODE: &str = "i-00000000000000001";
pub(crate) const WINDOW: &str = "mw-0123456789abcdef0";
const EXECUTION: &str = "0a0b0c0d-0000-4000-8000-000000000002";
const PART: &str = "0a0b0c0d-0000-4000-8000-000000000003";
const ASSOCIATION: &str = "0a0b0c0d-0000-4000-8000-000000000004";

/// An event with this `detail-type` and detail.
pub(crate) fn envelope(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2026-06-07T02:04:05Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:ec2:eu-central-1:111122223333:instance/i-00000000000000001"],
        "detail": detail,
    })
}

pub(crate) fn event(kind: &EventKind, detail: &Value) -> Event {
    let source = kind.source().unwrap();
    Event::from_value(envelope(source, kind.as_str(), detail)).unwrap()
}

/// The end of a command as a whole.
pub(crate) fn command_ended(command: &str, status: &str) -> Event {
    let detail = json!({
        "command-id": command,
        "document-name": "AWS-RunPatchBaseline",
        "status": status,
    });
    event(&EventKind::CommandStatusChange, &detail)
}

/// A schedule that fired.
pub(crate) fn scheduled() -> Event {
    event(&EventKind::Scheduled, &json!({}))
}

/// The detail of an event of each kind.
pub(crate) fn details() -> Vec<(EventKind, Value)> {
    let run = json!({
        "start-time": "2026-06-07T02:00:00.123Z",
        "end-time": "2026-06-07T02:04:05.678Z",
        "window-id": WINDOW,
        "window-execution-id": EXECUTION,
        "status": "TIMED_OUT",
    });
    let with = |part: Value| {
        let mut detail = run.clone();
        detail
            .as_object_mut()
            .unwrap()
            .extend(part.as_object().unwrap().clone());
        detail
    };
    vec![
        (
            EventKind::CommandStatusChange,
            json!({
                "command-id": COMMAND,
                "document-name": "AWS-RunPatchBaseline",
                "expire-after": "2026-06-07T05:00:00.049Z",
                "parameters": {"Operation": ["Install"]},
                "requested-date-time": "2026-06-07T02:00:00.049Z",
                "status": "Success",
            }),
        ),
        (
            EventKind::CommandInvocationStatusChange,
            json!({
                "command-id": COMMAND,
                "document-name": "AWS-RunPatchBaseline",
                "instance-id": NODE,
                "requested-date-time": "2026-06-07T02:00:00.049Z",
                "status": "Canceled",
            }),
        ),
        (
            EventKind::WindowStateChange,
            json!({"window-id": WINDOW, "status": "DISABLED"}),
        ),
        (
            EventKind::WindowTargetRegistration,
            json!({"window-target-id": PART, "window-id": WINDOW, "status": "REGISTERED"}),
        ),
        (
            EventKind::WindowTaskRegistration,
            json!({"window-task-id": PART, "window-id": WINDOW, "status": "UPDATED"}),
        ),
        (EventKind::WindowExecutionStateChange, run.clone()),
        (
            EventKind::WindowTaskExecutionStateChange,
            with(json!({"task-execution-id": PART})),
        ),
        (
            EventKind::WindowTaskTargetInvocationStateChange,
            with(json!({
                "task-execution-id": PART,
                "window-target-id": PART,
                "owner-information": "team web",
                "status": "COMPLETE",
            })),
        ),
        (
            EventKind::ComplianceStateChange,
            json!({
                "resource-type": "managed-instance",
                "resource-id": NODE,
                "compliance-status": "non_compliant",
                "compliance-type": "Patch",
                "patch-baseline-id": "pb-0123456789abcdef0",
                "severity": "critical",
            }),
        ),
        (
            EventKind::AssociationStateChange,
            json!({
                "association-id": ASSOCIATION,
                "document-name": "AWS-RunPatchBaseline",
                "association-version": "1",
                "document-version": "Optional.empty",
                "targets": format!(r#"[{{"key":"InstanceIds","values":["{NODE}"]}}]"#),
                "creation-date": "2026-05-01T00:00:00.458Z",
                "last-successful-execution-date": "2026-06-07T02:00:01Z",
                "last-execution-date": "2026-06-07T02:00:01Z",
                "last-updated-date": "2026-05-01T00:00:00.458Z",
                "status": "Success",
                "association-status-aggregated-count": r#"{"Success":1}"#,
                "schedule-expression": "cron(0 2 ? * SUN *)",
                "association-cwe-version": "1.0",
            }),
        ),
        (
            EventKind::InstanceAssociationStateChange,
            json!({
                "association-id": ASSOCIATION,
                "instance-id": NODE,
                "document-name": "AWS-RunPatchBaseline",
                "document-version": "1",
                "targets": format!(r#"[{{"key":"InstanceIds","values":["{NODE}"]}}]"#),
                "creation-date": "2026-05-01T00:00:00.458Z",
                "last-successful-execution-date": "2026-06-07T02:00:01Z",
                "last-execution-date": "2026-06-07T02:00:01Z",
                "status": "Failed",
                "detailed-status": "Failed",
                "error-code": "failure",
                "execution-summary": "1 out of 1 plugin processed, 0 success, 1 failed",
                "output-url": "",
                "instance-association-cwe-version": "1",
            }),
        ),
        (
            EventKind::AutomationStepStatusChange,
            json!({
                "ExecutionId": EXECUTION,
                "Definition": "AWS-PatchInstanceWithRollback",
                "DefinitionVersion": 1.0,
                "Status": "TimedOut",
                "StartTime": "Jun 7, 2026 2:00:00 AM",
                "EndTime": "Jun 7, 2026 2:04:05 AM",
                "Time": 245_000.0,
                "StepName": "patch",
                "Action": "aws:runCommand",
            }),
        ),
        (
            EventKind::AutomationExecutionStatusChange,
            json!({
                "ExecutionId": EXECUTION,
                "Definition": "AWS-PatchInstanceWithRollback",
                "DefinitionVersion": 1.0,
                "Status": "Canceled",
                "StartTime": "Jun 7, 2026 2:00:00 AM",
                "EndTime": "Jun 7, 2026 2:04:05 AM",
                "Time": 245_000.0,
                "ExecutedBy": "arn:aws:iam::111122223333:user/operator",
            }),
        ),
        (
            EventKind::CalendarStateChange,
            json!({
                "state": "OPEN",
                "atTime": "2026-06-07T02:00:00Z",
                "nextTransitionTime": "2026-06-08T02:00:00Z",
            }),
        ),
        (
            EventKind::Ec2StateChange,
            json!({"instance-id": NODE, "state": "running"}),
        ),
        (EventKind::Scheduled, json!({})),
    ]
}
