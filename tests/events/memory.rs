//! What the account in memory records as events.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::event::{Event, EventDetail, EventKind, EventPattern};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::types::{ComplianceStatus, NodeId, Target};
use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest, PolicySchedule};

use crate::support::accounts::{fleet, hybrid_id, hybrid_node, id, managed, node_id, old_openssl};

const HOUR: Duration = Duration::from_hours(1);

fn account(nodes: Vec<FleetNode>) -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(nodes));
    managed(builder.region("eu-central-1").record_events().build())
}

fn taken(account: &MemoryBackend) -> Vec<Event> {
    let events = account.take_events().into_iter();
    events
        .map(|event| Event::from_value(event).unwrap())
        .collect()
}

/// Kind and status of each event, in their order.
fn changes(events: &[Event]) -> Vec<(EventKind, String)> {
    let status = |event: &Event| event.status().unwrap_or_default().to_owned();
    events
        .iter()
        .map(|event| (event.kind().clone(), status(event)))
        .collect()
}

#[tokio::test]
async fn nothing_is_recorded_unless_asked_for() {
    let (account, manager) = managed(MemoryBackend::sample());
    let scan = PatchRequest::scan().nodes(["i-0c0ffee0000000001"]);
    manager.run(&scan).await.unwrap();
    account.advance(HOUR);
    assert!(account.take_events().is_empty());
}

#[tokio::test]
async fn a_command_begins_and_ends_on_each_node_and_as_a_whole() {
    let (account, manager) = account(vec![
        FleetNode::amazon_linux_2023(id(1)),
        hybrid_node(hybrid_id(2)),
    ]);
    let scan = PatchRequest::scan().nodes([id(1), hybrid_id(2)]);
    let run = manager.run(&scan).await.unwrap();
    account.advance(HOUR);
    let events = taken(&account);
    let of_commands = EventPattern::commands();
    let events: Vec<_> = events
        .into_iter()
        .filter(|event| of_commands.matches(event))
        .collect();
    let (whole, node) = (
        EventKind::CommandStatusChange,
        EventKind::CommandInvocationStatusChange,
    );
    let expected = [
        (node.clone(), "InProgress"),
        (node.clone(), "InProgress"),
        (whole.clone(), "InProgress"),
        (node.clone(), "Success"),
        (node, "Success"),
        (whole, "Success"),
    ];
    let expected = expected.map(|(kind, status)| (kind, status.to_owned()));
    assert_eq!(changes(&events), expected);
    for event in &events {
        assert_eq!(event.command_id(), run.command_ids().first());
        assert_eq!(
            (event.region(), event.account()),
            ("eu-central-1", "123456789012")
        );
    }
    let arns: Vec<_> = events.iter().flat_map(Event::resources).cloned().collect();
    assert!(arns.contains(&format!(
        "arn:aws:ec2:eu-central-1:123456789012:instance/{}",
        id(1)
    )));
    let hybrid = format!(
        "arn:aws:ssm:eu-central-1:123456789012:managed-instance/{}",
        hybrid_id(2)
    );
    assert!(arns.contains(&hybrid));
    assert!(account.take_events().is_empty());
}

#[tokio::test]
async fn a_cancelled_command_is_canceled_as_the_event_reference_spells_it() {
    let (account, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let run = manager
        .run(&PatchRequest::scan().nodes([id(1)]))
        .await
        .unwrap();
    run.cancel().await.unwrap();
    account.advance(HOUR);
    let found = changes(&taken(&account));
    let expected = [
        (
            EventKind::CommandInvocationStatusChange,
            "Canceled".to_owned(),
        ),
        (EventKind::CommandStatusChange, "Canceled".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn compliance_is_recorded_when_it_changes_and_not_when_it_stays() {
    let mut node = FleetNode::amazon_linux_2023(id(1));
    node.installed.push(old_openssl());
    let (account, manager) = account(vec![node]);
    account.advance(Duration::from_hours(30 * 24));
    let mut statuses = Vec::new();
    let requests = [
        PatchRequest::scan(),
        PatchRequest::scan(),
        PatchRequest::install(),
        PatchRequest::scan(),
    ];
    for request in requests {
        manager.run(&request.nodes([id(1)])).await.unwrap();
        account.advance(HOUR);
        for event in taken(&account) {
            if let EventDetail::ComplianceStateChange(change) = event.detail() {
                assert_eq!(change.resource_id, node_id(1));
                statuses.push(change.compliance_status.clone());
            }
        }
    }
    let expected = [ComplianceStatus::NonCompliant, ComplianceStatus::Compliant];
    assert_eq!(statuses, expected);
}

#[tokio::test]
async fn an_instance_that_starts_and_stops_is_recorded_state_by_state() {
    let (account, manager) = account(vec![FleetNode::amazon_linux_2023(id(1))]);
    let nodes: [NodeId; 1] = [node_id(1)];
    manager.stop_nodes(&nodes).await.unwrap();
    account.advance(HOUR);
    manager.start_nodes(&nodes).await.unwrap();
    account.advance(HOUR);
    let states: Vec<String> = changes(&taken(&account))
        .into_iter()
        .map(|(_, state)| state)
        .collect();
    assert_eq!(states, ["stopping", "stopped", "pending", "running"]);
}

#[tokio::test]
async fn a_window_is_recorded_from_its_registrations_to_the_end_of_its_run() {
    let node = FleetNode::amazon_linux_2023(id(1)).with_tag("Patch Group", "web");
    let (account, manager) = account(vec![node]);
    let windows = PolicySchedule::new("nightly")
        .scan("cron(0 1 ? * * *)")
        .scan_only()
        .target(Target::tag("Patch Group", ["web"]))
        .maintenance_windows()
        .unwrap();
    for window in &windows {
        manager.ensure_maintenance_window(window).await.unwrap();
    }
    account.advance(Duration::from_hours(20));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, status) in changes(&taken(&account)) {
        *counts.entry(format!("{kind}: {status}")).or_default() += 1;
    }
    for expected in [
        "Maintenance Window Target Registration Notification: REGISTERED",
        "Maintenance Window Task Registration Notification: REGISTERED",
        "Maintenance Window Execution State-change Notification: IN_PROGRESS",
        "Maintenance Window Execution State-change Notification: SUCCESS",
        "Maintenance Window Task Execution State-change Notification: IN_PROGRESS",
        "Maintenance Window Task Execution State-change Notification: SUCCESS",
        "Maintenance Window Task Target Invocation State-change Notification: IN_PROGRESS",
        "Maintenance Window Task Target Invocation State-change Notification: SUCCESS",
    ] {
        assert_eq!(counts.get(expected), Some(&1), "{expected} of {counts:#?}");
    }
}
