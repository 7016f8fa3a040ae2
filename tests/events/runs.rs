//! A run that is driven by events: the same outcome with fewer calls, whatever becomes of the events.

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::event::{Event, EventKind};
use aws_patch_manager::manager::PatchRun;
use aws_patch_manager::types::{CommandId, NodeId};
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager, PatchRequest};
use futures_util::{Stream, StreamExt, stream};

use crate::samples::command_ended;
use crate::support::accounts::{fleet, id, instances, managed};

const LIMIT: Duration = Duration::from_hours(4);

fn account() -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(instances(60)));
    managed(builder.record_events().build())
}

/// An install on 60 nodes: two commands.
async fn started(manager: &PatchManager) -> PatchRun {
    let request = PatchRequest::install().nodes((0..60).map(id));
    let run = manager.run(&request).await.unwrap();
    assert_eq!(run.command_ids().len(), 2);
    run
}

/// The account's events while time passes, a minute at a time, for 10 hours.
fn live(account: &MemoryBackend) -> impl Stream<Item = Event> + use<> {
    let account = account.clone();
    stream::iter(0..600).flat_map(move |_| {
        account.advance(Duration::from_mins(1));
        let events = account.take_events().into_iter();
        stream::iter(events.map(|event| Event::from_value(event).unwrap()))
    })
}

fn reads(account: &MemoryBackend) -> usize {
    account.call_count(Operation::ListCommands)
}

/// How many reads a run takes that is polled, and its outcome.
async fn polled() -> (usize, Vec<NodeId>) {
    let (account, manager) = account();
    let outcome = started(&manager).await.wait(LIMIT).await.unwrap();
    let nodes = outcome.nodes.into_iter().map(|node| node.node);
    (reads(&account), nodes.collect())
}

#[tokio::test]
async fn events_take_fewer_reads_than_polling_for_the_same_outcome() {
    let (reads_polled, nodes) = polled().await;
    let (account, manager) = account();
    let run = started(&manager).await;
    let outcome = run.wait_with_events(LIMIT, live(&account)).await.unwrap();
    assert!(outcome.is_success());
    let found: Vec<_> = outcome.nodes.into_iter().map(|node| node.node).collect();
    assert_eq!(found, nodes);
    // At the start, and at the end; two commands each.
    assert_eq!(reads(&account), 4);
    assert!(reads_polled > 4, "{reads_polled}");
}

#[tokio::test]
async fn doubled_foreign_and_node_events_cause_no_read() {
    let (account, manager) = account();
    let run = started(&manager).await;
    let other = "a1b2c3d4-0000-4000-8000-00000000000f";
    let noise = live(&account).flat_map(move |event| {
        let foreign = command_ended(other, "Success");
        stream::iter([foreign, event.clone(), event])
    });
    let outcome = run.wait_with_events(LIMIT, noise).await.unwrap();
    assert!(outcome.is_success());
    assert_eq!(reads(&account), 4);
}

#[tokio::test]
async fn a_run_whose_events_are_lost_ends_by_the_rare_read() {
    let (reads_polled, _) = polled().await;
    for is_lost in [true, false] {
        let (account, manager) = account();
        let run = started(&manager).await;
        let outcome = match is_lost {
            true => run.wait_with_events(LIMIT, stream::pending()).await,
            // The end of one command is lost.
            false => {
                let lost = run.command_ids()[0].clone();
                let events = live(&account).filter(move |event| {
                    let is_lost = event.command_id() == Some(&lost);
                    async move { !is_lost }
                });
                run.wait_with_events(LIMIT, events.boxed_local()).await
            }
        };
        assert!(outcome.unwrap().is_success());
        let reads = reads(&account);
        assert!((4..reads_polled).contains(&reads), "{reads}");
    }
}

#[tokio::test]
async fn without_a_stream_any_more_a_run_is_polled() {
    let (account, manager) = account();
    let run = started(&manager).await;
    let outcome = run.wait_with_events(LIMIT, stream::empty()).await.unwrap();
    assert!(outcome.is_success());
    assert!(reads(&account) > 4);
}

#[tokio::test]
async fn a_false_end_is_read_and_not_believed() {
    let (account, manager) = account();
    let run = started(&manager).await;
    let ids: Vec<String> = run.command_ids().iter().map(ToString::to_string).collect();
    let ends = ids.iter().map(|id| command_ended(id, "Success"));
    let ends: Vec<Event> = ends.collect();
    let events = stream::iter(ends).chain(live(&account));
    let outcome = run.wait_with_events(LIMIT, events).await.unwrap();
    assert_eq!(outcome.nodes.len(), 60);
    assert!(outcome.is_success());
}

#[tokio::test]
async fn the_time_limit_holds_although_events_come() {
    let (account, manager) = account();
    let run = started(&manager).await;
    let limit = Duration::from_mins(1);
    let error = run.wait_with_events(limit, live(&account)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.run().is_some());
}

#[tokio::test]
async fn on_event_reads_once_for_an_end_of_its_own_and_never_else() {
    let (account, manager) = account();
    let run = started(&manager).await;
    account.advance(LIMIT);
    account.clear_calls();
    let (mut outcomes, mut reads_of_ends) = (0, 0);
    for event in account.take_events() {
        let event = Event::from_value(event).unwrap();
        let before = reads(&account);
        let outcome = run.on_event(&event).await.unwrap();
        let is_end = *event.kind() == EventKind::CommandStatusChange && event.is_end();
        assert_eq!(run.is_concerned_by(&event), is_end);
        assert_eq!(run.event_pattern().matches(&event), is_end);
        let expected = if is_end { before + 2 } else { before };
        assert_eq!(reads(&account), expected, "{event}");
        reads_of_ends += usize::from(is_end);
        outcomes += usize::from(outcome.is_some_and(|outcome| outcome.is_success()));
    }
    assert_eq!((outcomes, reads_of_ends), (2, 2));
    let foreign = command_ended(CommandId::new("x".repeat(36)).as_str(), "Success");
    assert_eq!(run.on_event(&foreign).await.unwrap().map(drop), None);
}
