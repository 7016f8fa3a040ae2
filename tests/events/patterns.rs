//! Patterns are what EventBridge accepts, and match as its rules do.

use aws_patch_manager::ErrorKind;
use aws_patch_manager::event::{Event, EventKind, EventPattern};
use serde_json::{Value, json};

use crate::samples::{COMMAND, NODE, WINDOW, command_ended, details, envelope, event};

fn samples() -> Vec<Event> {
    let details = details().into_iter();
    details
        .map(|(kind, detail)| event(&kind, &detail))
        .collect()
}

/// The kinds of the samples that a pattern matches.
fn matched(pattern: &EventPattern) -> Vec<EventKind> {
    let samples = samples().into_iter();
    let matched = samples.filter(|event| pattern.matches(event));
    matched.map(|event| event.kind().clone()).collect()
}

#[test]
fn the_pattern_of_a_kind_matches_events_of_this_kind_and_no_other() {
    for kind in EventKind::KNOWN {
        let found = matched(&EventPattern::of(kind.clone()));
        assert_eq!(found, std::slice::from_ref(kind));
    }
}

#[test]
fn patterns_are_written_as_eventbridge_reads_them() {
    let patterns: Vec<(EventPattern, Value)> = vec![
        (
            EventPattern::commands().command_ids([COMMAND]).ended(),
            json!({
                "source": ["aws.ssm"],
                "detail-type": [
                    "EC2 Command Invocation Status-change Notification",
                    "EC2 Command Status-change Notification",
                ],
                "detail": {
                    "command-id": [COMMAND],
                    "status": ["Success", "Failed", "TimedOut", "Canceled", "Cancelled"],
                },
            }),
        ),
        (
            EventPattern::of(EventKind::CommandStatusChange)
                .patch_documents()
                .statuses(["Cancelled"])
                .accounts(["111122223333"])
                .regions(["eu-central-1"]),
            json!({
                "source": ["aws.ssm"],
                "account": ["111122223333"],
                "region": ["eu-central-1"],
                "detail-type": ["EC2 Command Status-change Notification"],
                "detail": {
                    "document-name": [{"prefix": "AWS-RunPatchBaseline"}],
                    "status": ["Canceled", "Cancelled"],
                },
            }),
        ),
        (
            EventPattern::patch_compliance().nodes([NODE]),
            json!({
                "source": ["aws.ssm"],
                "detail-type": ["Configuration Compliance State Change"],
                "detail": {"compliance-type": ["Patch"], "resource-id": [NODE]},
            }),
        ),
        (
            EventPattern::of(EventKind::WindowStateChange).window_ids([WINDOW]),
            json!({
                "source": ["aws.ssm"],
                "detail-type": [
                    "Maintenance Window State-change Notification",
                    "Maintenance Window Status-change Notification",
                ],
                "detail": {"window-id": [WINDOW]},
            }),
        ),
        (
            EventPattern::of(EventKind::Scheduled)
                .or(EventPattern::of(EventKind::Ec2StateChange).statuses(["running"])),
            json!({"$or": [
                {"source": ["aws.events"], "detail-type": ["Scheduled Event"]},
                {
                    "source": ["aws.ec2"],
                    "detail-type": ["EC2 Instance State-change Notification"],
                    "detail": {"state": ["running"]},
                },
            ]}),
        ),
    ];
    for (pattern, json) in patterns {
        let written: Value = serde_json::from_str(&pattern.to_json().unwrap()).unwrap();
        assert_eq!(written, json);
        assert_eq!(serde_json::to_value(&pattern).unwrap(), json);
    }
}

#[test]
fn all_conditions_must_hold_and_of_each_one_value() {
    let other = "i-0fedcba9876543210";
    let cases = [
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange).nodes([other, NODE]),
            true,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange).nodes([other]),
            false,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange)
                .nodes([NODE])
                .statuses(["Success"]),
            false,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange).statuses(["Cancelled"]),
            true,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange).patch_documents(),
            true,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange)
                .documents(["AWS-RunShellScript"]),
            false,
        ),
        (
            EventPattern::of(EventKind::CommandInvocationStatusChange).regions(["us-east-1"]),
            false,
        ),
    ];
    let (kind, detail) = details().remove(1);
    let event = event(&kind, &detail);
    for (pattern, is_matched) in cases {
        assert_eq!(pattern.matches(&event), is_matched, "{pattern}");
    }
    // A command as a whole names no node, so nothing can be demanded of it.
    let error = EventPattern::commands().nodes([NODE]).check().unwrap_err();
    assert_eq!(error.violations()[0].field, "detail-type");
}

#[test]
fn an_event_of_another_source_is_not_matched() {
    let (kind, detail) = details().remove(0);
    let forged = envelope("my.program", kind.as_str(), &detail);
    let forged = Event::from_value(forged).unwrap();
    assert!(!EventPattern::of(kind).matches(&forged));
}

#[test]
fn a_pattern_that_cannot_work_is_refused_with_all_reasons() {
    let pattern = EventPattern::of(EventKind::CalendarStateChange)
        .command_ids(["short"])
        .window_ids(Vec::<String>::new())
        .ended();
    let error = pattern.to_json().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.violations().len(), 5, "{error}");
    assert!(EventPattern::any_of([]).check().is_err());
}

/// A rule with such a value would never deliver an event, and nobody would notice.
#[test]
fn a_value_that_no_event_has_is_refused() {
    let pattern = EventPattern::commands()
        .statuses(["success", "Sucess", "Cancelled", "Cancelling", "Wholly new"])
        .accounts(["12"])
        .regions(["eu-central"]);
    let error = pattern.check().unwrap_err();
    let found: Vec<_> = error
        .violations()
        .iter()
        .map(|one| (one.field.as_str(), one.value.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("status", "success"),
            ("status", "Sucess"),
            ("account", "12"),
            ("region", "eu-central")
        ]
    );
    assert!(
        error.to_string().contains("the nearest is `Success`"),
        "{error}"
    );
}

/// Every status that a kind takes for final is one that its pattern takes.
#[test]
fn a_pattern_takes_the_statuses_of_its_kind() {
    for (kind, statuses) in [
        (
            EventKind::WindowTaskTargetInvocationStateChange,
            vec!["COMPLETE", "TIMED_OUT"],
        ),
        (
            EventKind::AutomationExecutionStatusChange,
            vec!["Rejected", "Canceled"],
        ),
        (EventKind::ComplianceStateChange, vec!["non_compliant"]),
        (EventKind::Ec2StateChange, vec!["shutting-down"]),
        (EventKind::WindowTaskRegistration, vec!["DEREGISTERED"]),
        (EventKind::InstanceAssociationStateChange, vec!["Pending"]),
    ] {
        EventPattern::of(kind).statuses(statuses).check().unwrap();
    }
}

#[test]
fn an_event_prints_what_it_is_about() {
    let detail = json!({"command-id": "01414a5b-b5da-44fe-a03f-27416eeeb02d",
        "instance-id": "i-0c0ffee0000000001", "document-name": "AWS-RunPatchBaseline",
        "status": "Success", "requested-date-time": "2026-05-14T00:00:00Z"});
    let kind = EventKind::CommandInvocationStatusChange;
    let event = Event::from_json(&envelope("aws.ssm", kind.as_str(), &detail).to_string()).unwrap();
    let about = "Success (command 01414a5b-b5da-44fe-a03f-27416eeeb02d, node i-0c0ffee0000000001)";
    assert!(event.to_string().ends_with(about), "{event}");
}

#[test]
fn a_pattern_is_at_most_4096_characters_long() {
    let nodes = |count: usize| (0..count).map(|number| format!("i-{number:017x}"));
    let pattern = |count| EventPattern::patch_compliance().nodes(nodes(count));
    assert!(pattern(170).check().is_ok());
    let error = pattern(190).check().unwrap_err();
    assert_eq!(error.violations()[0].field, "EventPattern");
}

#[test]
fn the_pattern_of_a_run_selects_the_ends_of_its_commands() {
    let pattern = EventPattern::of(EventKind::CommandStatusChange)
        .command_ids([COMMAND])
        .ended();
    assert!(pattern.matches(&command_ended(COMMAND, "Canceled")));
    assert!(!pattern.matches(&command_ended(COMMAND, "InProgress")));
    let other = "a1b2c3d4-0000-4000-8000-00000000000f";
    assert!(!pattern.matches(&command_ended(other, "Success")));
}
