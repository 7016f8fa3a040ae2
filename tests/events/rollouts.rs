//! A rollout that is carried out by events and a schedule, each time from the stored state.

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::event::Event;
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::rollout::{
    CommandProgress, Gate, GateFailure, InMemoryRolloutStore, NodeSet, Rollout, RolloutOutcome,
    RolloutProgress, RolloutRun, RolloutStatus, Wave, WaveWindow,
};
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use jiff::ToSpan;

use crate::samples::{command_ended, scheduled};
use crate::support::accounts::{fleet, instances, managed, node_id};

const OTHER: &str = "a1b2c3d4-0000-4000-8000-00000000000f";

fn account(count: usize) -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(instances(count)));
    managed(builder.record_events().build())
}

fn wave(name: &str, nodes: std::ops::Range<usize>) -> Wave {
    Wave::of(name, NodeSet::Nodes(nodes.map(node_id).collect()))
}

/// 60 nodes and then 2: three commands.
fn rollout() -> Rollout {
    let hour = Duration::from_hours(1);
    Rollout::new("june")
        .wave(wave("first", 0..60).bake(hour))
        .wave(wave("second", 60..62))
}

/// What a Lambda function has: the manager and the store.
struct Function {
    manager: PatchManager,
    store: InMemoryRolloutStore,
}

impl Function {
    async fn begin(manager: &PatchManager, rollout: &Rollout) -> (Self, RolloutProgress) {
        let state = rollout.begin(manager).await.unwrap();
        let store = InMemoryRolloutStore::new();
        let run = RolloutRun::new(manager, state, store.clone());
        let progress = run.advance().await.unwrap();
        let manager = manager.clone();
        (Self { manager, store }, progress)
    }

    fn run(&self) -> RolloutRun {
        RolloutRun::new(
            &self.manager,
            self.store.last().unwrap(),
            self.store.clone(),
        )
    }

    async fn handle(&self, event: &Event) -> Result<Option<RolloutProgress>> {
        self.run().advance_on(event).await
    }
}

fn taken(account: &MemoryBackend) -> Vec<Event> {
    let events = account.take_events().into_iter();
    events
        .map(|event| Event::from_value(event).unwrap())
        .collect()
}

/// Carries a rollout out by the account's events, and by a schedule every 5 minutes if it has one.
async fn carried_out(account: &MemoryBackend, function: &Function, has_events: bool) {
    let pattern = RolloutRun::event_pattern();
    for _ in 0..400 {
        account.advance(Duration::from_mins(1));
        for event in taken(account) {
            if has_events && pattern.matches(&event) {
                function.handle(&event).await.unwrap();
                // Once more: an event may come twice.
                function.handle(&event).await.unwrap();
            }
        }
        account.advance(Duration::from_mins(4));
        function.handle(&scheduled()).await.unwrap();
        if function.store.last().unwrap().status.is_at_rest() {
            return;
        }
    }
}

/// How many nodes of each wave succeeded, and whether its gate passed.
fn results(outcome: &RolloutOutcome) -> Vec<(usize, bool)> {
    let waves = outcome.waves.iter();
    let passed = waves.map(|wave| {
        let gate = wave.gate.as_ref();
        (wave.succeeded, gate.is_some_and(|gate| gate.is_passed()))
    });
    passed.collect()
}

#[tokio::test]
async fn a_rollout_by_events_ends_as_one_that_stays() {
    let mut outcomes = Vec::new();
    for has_events in [true, false] {
        let (account, manager) = account(62);
        let (function, _) = Function::begin(&manager, &rollout()).await;
        carried_out(&account, &function, has_events).await;
        let outcome = function.store.last().unwrap().outcome();
        assert!(outcome.is_completed(), "{outcome}");
        assert_eq!(account.call_count(Operation::SendCommand), 3);
        outcomes.push(results(&outcome));
    }
    let (_, manager) = account(62);
    let state = rollout().begin(&manager).await.unwrap();
    let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
    let stayed = run.finish().await.unwrap();
    assert!(stayed.is_completed());
    outcomes.push(results(&stayed));
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
}

#[tokio::test]
async fn an_event_that_does_not_concern_it_causes_no_call_and_no_write() {
    let (account, manager) = account(62);
    let (function, _) = Function::begin(&manager, &rollout()).await;
    let before = function.store.last().unwrap();
    account.clear_calls();
    let own = before.waves[0].commands[0].clone();
    let events = [
        command_ended(OTHER, "Success"),
        // Not an end.
        command_ended(&id_of(&own.progress), "InProgress"),
    ];
    for event in events {
        assert!(!before.is_concerned_by(&event));
        assert_eq!(function.handle(&event).await.unwrap(), None);
    }
    assert!(account.calls().is_empty());
    assert_eq!(function.store.last().unwrap(), before);
}

fn id_of(progress: &CommandProgress) -> String {
    match progress {
        CommandProgress::Sent { command_id } => command_id.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_event_reads_its_own_command_once() {
    let (account, manager) = account(62);
    let (function, progress) = Function::begin(&manager, &rollout()).await;
    let begun = progress.state.begun;
    assert_eq!(progress.next, Some(begun + 5.minutes()));
    let commands = &progress.state.waves[0].commands;
    assert_eq!(commands.len(), 2);
    account.advance(Duration::from_hours(1));
    account.clear_calls();
    let event = command_ended(&id_of(&commands[0].progress), "Success");
    let progress = function.handle(&event).await.unwrap().unwrap();
    assert_eq!(account.call_count(Operation::ListCommands), 1);
    assert_eq!(account.call_count(Operation::ListCommandInvocations), 1);
    // The other command runs on, as far as is known.
    assert_eq!(progress.state.waves[0].results.len(), 50);
    // The same event again.
    account.clear_calls();
    assert_eq!(function.handle(&event).await.unwrap(), None);
    assert!(account.calls().is_empty());
}

#[tokio::test]
async fn it_says_when_to_come_again() {
    let (account, manager) = account(62);
    let opens = account.clock().now() + 3.hours();
    let closed =
        Rollout::new("june").wave(wave("later", 0..2).window(WaveWindow::new().not_before(opens)));
    let (function, progress) = Function::begin(&manager, &closed).await;
    assert_eq!(progress.next, Some(opens));
    account.advance_to(opens);
    let progress = function.run().advance().await.unwrap();
    assert_eq!(progress.next, Some(opens + 5.minutes()));
    account.advance(Duration::from_hours(1));
    let progress = function.run().advance().await.unwrap();
    assert_eq!(progress.state.status, RolloutStatus::Completed);
    assert_eq!(progress.next, None);
    assert_eq!(function.handle(&scheduled()).await.unwrap(), None);
}

#[tokio::test]
async fn the_limit_of_a_gate_counts_from_its_first_wait() {
    let (account, manager) = account(2);
    let gate = Gate::new(100).online_within(Duration::from_mins(15));
    let rollout = Rollout::new("june").wave(wave("all", 0..2).gate(gate));
    let (function, _) = Function::begin(&manager, &rollout).await;
    account.advance(Duration::from_hours(1));
    account
        .set_condition(&node_id(1), NodeCondition::Unreachable)
        .unwrap();
    let mut steps = 0;
    while let Some(next) = function.run().advance().await.unwrap().next {
        account.advance_to(next);
        steps += 1;
        assert!(steps < 100);
    }
    let state = function.store.last().unwrap();
    let failures = state.waves[0].gate.clone().unwrap().failures;
    let nodes = vec![node_id(1)];
    assert_eq!(failures, [GateFailure::Offline { nodes }]);
    assert!(steps > 1);
}

#[tokio::test]
async fn an_abort_is_carried_out_step_by_step() {
    let (account, manager) = account(62);
    let (mut function, _) = Function::begin(&manager, &rollout()).await;
    let mut state = function.store.last().unwrap();
    state.abort();
    let store = function.store.clone();
    let run = RolloutRun::new(&manager, state, store.clone());
    let mut progress = run.advance().await.unwrap();
    function.store = store;
    while let Some(next) = progress.next {
        account.advance_to(next);
        progress = function.run().advance().await.unwrap();
    }
    assert_eq!(progress.state.status, RolloutStatus::Aborted);
    assert_eq!(account.call_count(Operation::CancelCommand), 2);
}
