//! Each kind of event is read in its documented shape, and written back unchanged.

use std::collections::BTreeMap;

use aws_patch_manager::event::{Event, EventDetail, EventKind, WindowState};
use aws_patch_manager::operation::{CommandStatus, InvocationStatus};
use aws_patch_manager::schedule::window::MaintenanceWindowExecutionStatus;
use aws_patch_manager::types::{ComplianceSeverity, ComplianceStatus, Target};
use serde_json::json;

use crate::samples::{NODE, command_ended, details, envelope, event};

fn sample(kind: &EventKind) -> Event {
    let (_, detail) = details().into_iter().find(|(of, _)| of == kind).unwrap();
    event(kind, &detail)
}

#[test]
fn every_kind_is_read_and_written_back_as_the_same_json() {
    let details = details();
    let kinds: Vec<_> = details.iter().map(|(kind, _)| kind.clone()).collect();
    assert_eq!(kinds, EventKind::KNOWN);
    for (kind, detail) in details {
        let mut json = envelope(kind.source().unwrap(), kind.as_str(), &detail);
        json["detail"]["added-by-aws-later"] = json!({"nested": [1, null]});
        json["ingestion-time"] = json!("2026-06-07T02:04:06Z");
        let event: Event = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(*event.kind(), kind);
        assert_ne!(*event.detail(), EventDetail::Other, "{kind}");
        assert_eq!(serde_json::to_value(&event).unwrap(), json, "{kind}");
    }
}

#[test]
fn canceled_and_cancelled_are_one_status() {
    for spelling in ["Canceled", "Cancelled"] {
        let event = command_ended("any", spelling);
        let EventDetail::CommandStatusChange(change) = event.detail() else {
            panic!("{event:?}")
        };
        assert_eq!(change.status, CommandStatus::Cancelled);
        assert_eq!(event.status(), Some(spelling));
        assert!(event.is_end());
    }
}

#[test]
fn both_names_of_a_windows_change_of_state_are_one_kind() {
    for name in ["State-change", "Status-change"] {
        let name = format!("Maintenance Window {name} Notification");
        let detail = json!({"window-id": "mw-0123456789abcdef0", "status": "ENABLED"});
        let event = Event::from_value(envelope("aws.ssm", &name, &detail)).unwrap();
        let EventDetail::WindowStateChange(change) = event.detail() else {
            panic!("{event:?}")
        };
        assert_eq!(change.status, WindowState::Enabled);
        assert_eq!(event.window_id(), Some(&change.window_id));
    }
}

#[test]
fn constants_in_lower_case_are_those_of_the_api() {
    let event = sample(&EventKind::ComplianceStateChange);
    let EventDetail::ComplianceStateChange(change) = event.detail() else {
        panic!("{event:?}")
    };
    assert_eq!(change.compliance_status, ComplianceStatus::NonCompliant);
    assert_eq!(change.severity, Some(ComplianceSeverity::Critical));
    assert!(change.is_patch());
}

#[test]
fn json_in_a_text_is_read_and_optional_empty_is_no_version() {
    let event = sample(&EventKind::AssociationStateChange);
    let EventDetail::AssociationStateChange(change) = event.detail() else {
        panic!("{event:?}")
    };
    assert_eq!(change.targets(), [Target::instance_ids([NODE])]);
    let counts = BTreeMap::from([("Success".to_owned(), 1)]);
    assert_eq!(change.nodes_by_status(), counts);
    assert_eq!(change.document_version, None);
    assert_eq!(change.association_version.as_deref(), Some("1"));
}

#[test]
fn complete_ends_a_task_on_its_target() {
    let event = sample(&EventKind::WindowTaskTargetInvocationStateChange);
    let EventDetail::WindowTaskTargetInvocationStateChange(change) = event.detail() else {
        panic!("{event:?}")
    };
    let complete = MaintenanceWindowExecutionStatus::from("COMPLETE");
    assert_eq!(change.status, complete);
    assert!(event.is_end());
    assert!(!format!("{event:?}").contains("team web"));
}

#[test]
fn a_schedule_of_eventbridge_scheduler_is_a_scheduled_event() {
    // Its detail is a text.
    let json = envelope("aws.scheduler", "Scheduled Event", &json!("{}"));
    let event = Event::from_value(json).unwrap();
    assert_eq!(*event.kind(), EventKind::Scheduled);
    assert_eq!(*event.detail(), EventDetail::Scheduled);
}

#[test]
fn an_unknown_event_is_no_error() {
    let detail = json!({"anything": true});
    for (source, name) in [
        ("aws.ssm", "Something New"),
        // Any program may send an event with this name.
        ("my.program", "EC2 Command Status-change Notification"),
    ] {
        let event = Event::from_value(envelope(source, name, &detail)).unwrap();
        assert_eq!(*event.kind(), EventKind::Other(name.to_owned()));
        assert_eq!(*event.detail(), EventDetail::Other);
        assert_eq!(event.json()["detail"], detail);
        assert_eq!((event.status(), event.is_end()), (None, false));
    }
}

#[test]
fn what_cannot_be_read_is_named_by_its_path() {
    let detail = json!({"document-name": 7});
    let name = EventKind::CommandInvocationStatusChange;
    let mut json = envelope("aws.ssm", name.as_str(), &detail);
    let error = Event::from_value(json.clone()).unwrap_err();
    let fields = error.violations().iter().map(|one| one.field.as_str());
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "detail.command-id",
            "detail.document-name",
            "detail.instance-id",
            "detail.status"
        ]
    );
    json["time"] = json!("yesterday");
    let error = Event::from_value(json).unwrap_err();
    assert_eq!(error.violations()[0].field, "time");
    assert!(Event::from_value(json!(["no", "object"])).is_err());
    assert!(serde_json::from_str::<Event>("{}").is_err());
}

#[test]
fn a_date_that_cannot_be_read_loses_no_event() {
    let detail = json!({
        "command-id": "a1b2c3d4-0000-4000-8000-000000000001",
        "instance-id": NODE,
        "requested-date-time": "7 June 2026",
        "status": "InProgress",
    });
    let event = event(&EventKind::CommandInvocationStatusChange, &detail);
    let EventDetail::CommandInvocationStatusChange(change) = event.detail() else {
        panic!("{event:?}")
    };
    assert_eq!(change.requested_date_time, None);
    assert_eq!(change.status, InvocationStatus::InProgress);
    assert!(!event.is_end());
}

#[test]
fn parameters_are_in_no_debug_text() {
    let detail = json!({
        "command-id": "a1b2c3d4-0000-4000-8000-000000000001",
        "parameters": {"commands": ["hunter2"]},
        "status": "Success",
    });
    let event = event(&EventKind::CommandStatusChange, &detail);
    assert!(!format!("{event:?} {event}").contains("hunter2"));
}
