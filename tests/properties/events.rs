//! Patterns match the events of their kinds and no other, and events are written back as they were read.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::event::{Event, EventKind, EventPattern};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// The statuses that events have in their different members, and one that none has.
const STATUSES: [&str; 9] = [
    "Success",
    "InProgress",
    "Canceled",
    "Cancelled",
    "TIMED_OUT",
    "ENABLED",
    "REGISTERED",
    "non_compliant",
    "running",
];

fn uuid() -> impl Strategy<Value = String> {
    (0u8..3).prop_map(|last| format!("a1b2c3d4-0000-4000-8000-00000000000{last}"))
}

fn node() -> impl Strategy<Value = String> {
    (0u8..3).prop_map(|last| format!("i-0000000000000000{last}"))
}

fn kind() -> impl Strategy<Value = EventKind> {
    (0..EventKind::KNOWN.len()).prop_map(|at| EventKind::KNOWN[at].clone())
}

/// Every member that any kind of event needs: an event may have more than it is known to have.
fn detail() -> impl Strategy<Value = Value> {
    let status = prop::sample::select(&STATUSES[..]);
    let extra = prop::collection::btree_map("[a-z]{1,8}-added", any::<i32>(), 0..3);
    (uuid(), node(), status, extra).prop_map(|(id, node, status, extra)| {
        let mut detail = json!({
            "command-id": id,
            "instance-id": node,
            "resource-id": node,
            "window-id": "mw-0123456789abcdef0",
            "window-target-id": id,
            "window-execution-id": id,
            "task-execution-id": id,
            "association-id": id,
            "compliance-type": "Patch",
            "compliance-status": status,
            "document-name": "AWS-RunPatchBaseline",
            "status": status,
            "ExecutionId": id,
            "Status": status,
            "state": status,
        });
        let extra = extra.into_iter().map(|(name, value)| (name, json!(value)));
        detail
            .as_object_mut()
            .unwrap()
            .extend(extra.collect::<Map<_, _>>());
        detail
    })
}

fn json_of(kind: &EventKind, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": "0f9e8d7c-6b5a-4943-8271-605f4e3d2c1b",
        "detail-type": kind,
        "source": kind.source(),
        "account": "111122223333",
        "time": "2026-06-07T02:04:05Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    })
}

fn member<'e>(event: &'e Event, name: &str) -> Option<&'e str> {
    event.json()["detail"][name].as_str()
}

proptest! {
    #[test]
    fn a_pattern_of_kinds_matches_events_of_these_kinds_and_no_other(
        wanted in prop::collection::vec(kind(), 1..4), of in kind(), detail in detail()
    ) {
        let event = Event::from_value(json_of(&of, &detail)).unwrap();
        let pattern = EventPattern::any_of(wanted.clone());
        prop_assert!(pattern.check().is_ok());
        prop_assert_eq!(pattern.matches(&event), wanted.contains(&of));
        let joined = wanted.iter().cloned().map(EventPattern::of).reduce(EventPattern::or).unwrap();
        prop_assert_eq!(joined.matches(&event), wanted.contains(&of));
    }

    #[test]
    fn a_condition_matches_by_its_member_alone(
        id in uuid(), node in node(), status in prop::sample::select(&STATUSES[..]),
        of in kind(), detail in detail()
    ) {
        let event = Event::from_value(json_of(&of, &detail)).unwrap();
        let is_command = matches!(
            of, EventKind::CommandStatusChange | EventKind::CommandInvocationStatusChange
        );
        let of_command = EventPattern::commands().command_ids([id.as_str()]);
        prop_assert_eq!(
            of_command.matches(&event),
            is_command && member(&event, "command-id") == Some(id.as_str())
        );
        let same = |found: &str| {
            let is_cancelled = |text: &str| matches!(text, "Canceled" | "Cancelled");
            found == status || (is_cancelled(found) && is_cancelled(status))
        };
        let with_status = EventPattern::of(of.clone()).statuses([status]);
        if of != EventKind::Scheduled {
            prop_assert_eq!(with_status.matches(&event), event.status().is_some_and(same));
        }
        let of_node = EventPattern::patch_compliance().nodes([node.as_str()]);
        prop_assert_eq!(
            of_node.matches(&event),
            of == EventKind::ComplianceStateChange
                && member(&event, "resource-id") == Some(node.as_str())
        );
        if let Ok(()) = EventPattern::of(of.clone()).ended().check() {
            let ended = EventPattern::of(of).ended();
            prop_assert_eq!(ended.matches(&event), event.is_end());
        }
    }

    #[test]
    fn an_event_is_written_as_it_was_read(of in kind(), detail in detail()) {
        let json = json_of(&of, &detail);
        let event: Event = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!(event.kind(), &of);
        prop_assert_eq!(serde_json::to_value(&event).unwrap(), json);
    }

    #[test]
    fn no_json_makes_reading_panic(text in "\\PC{0,60}", of in kind(), value in any::<i64>()) {
        let _ = serde_json::from_str::<Event>(&text);
        let _ = Event::from_value(json_of(&of, &json!(value)));
    }
}
