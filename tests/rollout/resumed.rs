//! Pausing, aborting, and taking up a state in another process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{NodeInventoryExt, Operation};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::rollout::{
    CommandProgress, Gate, HaltReason, InMemoryRolloutStore, NodeResult, RolloutControl,
    RolloutEventKind, RolloutRun, RolloutState, RolloutStatus, RolloutStore, WavePhase,
};
use aws_patch_manager::{Error, ErrorKind, PatchManager, PatchRequest, Result};
use futures_util::TryStreamExt;

use crate::world::*;

/// Runs until an event passes, and then does something.
async fn until(
    run: RolloutRun,
    passes: impl Fn(&RolloutEventKind) -> bool,
    act: impl FnOnce(&RolloutControl),
) {
    let control = run.control();
    let mut act = Some(act);
    let mut events = run.events();
    while let Some(event) = events.try_next().await.unwrap() {
        if passes(&event.kind)
            && let Some(act) = act.take()
        {
            act(&control);
        }
    }
}

fn is_sent(kind: &RolloutEventKind) -> bool {
    matches!(kind, RolloutEventKind::CommandSent { .. })
}

/// What runs goes on, nothing new starts, and the resumed run waits for it.
#[tokio::test]
async fn a_paused_rollout_starts_nothing_and_goes_on_when_it_is_resumed() {
    let (account, manager) = account(instances(4));
    let rollout = rollout([wave("a", [0, 1]), wave("b", [2, 3])]);
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, begun(&manager, &rollout).await, store.clone());
    until(run, is_sent, RolloutControl::pause).await;
    let mut state = store.last().unwrap();
    assert_eq!(state.status, RolloutStatus::Paused);
    let sent = &state.waves[0].commands[0].progress;
    assert!(matches!(sent, CommandProgress::Sent { .. }), "{sent:?}");
    account.advance(Duration::from_hours(24));
    assert_eq!(
        carried_on_from(&manager, &state).await,
        RolloutStatus::Paused
    );
    assert_eq!(commands(&manager).await.len(), 1);
    state.resume();
    let (outcome, state) = carried_on(&manager, state).await;
    assert_eq!(names(&outcome), [("a", 2, 2), ("b", 2, 2)]);
    assert!(
        commands_of_nodes(&manager)
            .await
            .values()
            .all(|count| *count == 1)
    );
    let mut completed = state.clone();
    completed.resume();
    completed.abort();
    assert_eq!(completed, state);
}

async fn carried_on_from(
    manager: &aws_patch_manager::PatchManager,
    state: &RolloutState,
) -> RolloutStatus {
    let run = RolloutRun::new(manager, state.clone(), InMemoryRolloutStore::new());
    run.finish().await.unwrap().status
}

/// A pause does not wait for the end of a bake time of days.
#[tokio::test]
async fn a_pause_is_heard_while_a_run_waits() {
    #[derive(Debug)]
    struct Asleep;

    #[async_trait]
    impl aws_patch_manager::Clock for Asleep {
        fn now(&self) -> jiff::Timestamp {
            "2026-05-14T00:00:00Z".parse().unwrap()
        }

        async fn sleep(&self, _: Duration) {
            std::future::pending().await
        }
    }

    let (account, _) = account(instances(1));
    let manager = aws_patch_manager::PatchManager::builder()
        .backend(Arc::new(account.clone()))
        .clock(Arc::new(Asleep))
        .build();
    let later = now(&account) + jiff::SignedDuration::from_hours(1);
    let window = aws_patch_manager::rollout::WaveWindow::new().not_before(later);
    let state = begun(&manager, &rollout([wave("a", [0]).window(window)])).await;
    let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
    let control = run.control();
    let (outcome, ()) = tokio::join!(run.finish(), async {
        tokio::task::yield_now().await;
        control.pause();
    });
    assert_eq!(outcome.unwrap().status, RolloutStatus::Paused);
}

/// The gate is not decided by a wait that was cut short.
#[tokio::test]
async fn a_pause_interrupts_a_gate_and_the_resumed_run_decides_it_anew() {
    let (account, manager) = account(instances(2));
    let gate = Gate::new(100).online_within(24 * HOUR);
    let state = begun(&manager, &rollout([wave("a", [0, 1]).gate(gate)])).await;
    let control = Arc::new(Mutex::new(None::<RolloutControl>));
    let (vanishing, pausing) = (account.clone(), Arc::clone(&control));
    let asked = Before::new(Operation::DescribeInstanceInformation, move || {
        let condition = NodeCondition::Unreachable;
        vanishing.set_condition(&node_id(1), condition).unwrap();
        pausing.lock().unwrap().as_ref().unwrap().pause();
    });
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager.layer(asked), state, store.clone());
    *control.lock().unwrap() = Some(run.control());
    assert_eq!(run.finish().await.unwrap().status, RolloutStatus::Paused);
    let mut state = store.last().unwrap();
    assert_eq!(
        (state.waves[0].phase, &state.waves[0].gate),
        (WavePhase::Gating, &None)
    );
    account
        .set_condition(&node_id(1), NodeCondition::Online)
        .unwrap();
    state.resume();
    let (outcome, _) = carried_on(&manager, state).await;
    assert!(outcome.is_completed(), "{outcome}");
}

/// An instance is not stopped in the middle of an install.
#[tokio::test]
async fn an_aborted_rollout_waits_for_what_runs_and_stops_what_it_started() {
    let mut nodes = instances(3);
    nodes[0].condition = NodeCondition::Stopped;
    let (account, manager) = account(nodes);
    let rollout = rollout([wave("a", [0, 1]).start_stopped(), wave("b", [2])]);
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, begun(&manager, &rollout).await, store.clone());
    let clock = account.clone();
    until(run, is_sent, move |control| {
        // It runs on both nodes by now.
        clock.advance(Duration::from_secs(10));
        control.abort();
    })
    .await;
    let state = store.last().unwrap();
    assert_eq!(state.status, RolloutStatus::Aborted);
    assert!(state.ended.is_some());
    assert_eq!(account.call_count(Operation::CancelCommand), 1);
    assert_eq!(commands(&manager).await.len(), 1);
    let results: Vec<_> = state.waves[0].results.values().collect();
    assert_eq!(results.len(), 2);
    let over = |result: &&NodeResult| !matches!(result, NodeResult::NotEnded { .. });
    assert!(results.iter().all(over), "{results:?}");
    account.advance(HOUR);
    let mut instances = account.find_instances(&ids(0..2)).await.unwrap();
    instances.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    let states: Vec<_> = instances
        .iter()
        .map(|one| one.state.name.as_str())
        .collect();
    assert_eq!(states, ["stopped", "running"]);
}

/// By its state, without a run: the next run aborts it.
#[tokio::test]
async fn a_rollout_at_rest_is_aborted_by_its_state() {
    let (_, manager) = account(vec![failing(0), instances(2).remove(1)]);
    let rollout = rollout([wave("a", [0]), wave("b", [1])]);
    let (_, mut state) = carried_on(&manager, begun(&manager, &rollout).await).await;
    state.abort();
    let (outcome, _) = carried_on(&manager, state).await;
    assert_eq!(outcome.status, RolloutStatus::Aborted);
    assert_eq!(commands(&manager).await.len(), 1);
}

/// After 3 days the service makes a new snapshot under the same id: other patches than the first
/// waves had.
#[tokio::test]
async fn a_rollout_that_rested_for_three_days_does_not_install_other_patches() {
    let (account, manager) = account(instances(2));
    let rollout = rollout([wave("a", [0]).bake(HOUR), wave("b", [1])]);
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, begun(&manager, &rollout).await, store.clone());
    until(run, is_sent, RolloutControl::pause).await;
    let mut state = store.last().unwrap();
    account.advance(Duration::from_hours(72));
    state.resume();
    let (outcome, mut state) = carried_on(&manager, state).await;
    let reason = HaltReason::SnapshotExpired;
    assert_eq!(outcome.status, RolloutStatus::Halted { reason });
    assert_eq!(names(&outcome), [("a", 1, 1), ("b", 1, 0)]);
    state.resume();
    assert_eq!(carried_on_from(&manager, &state).await, outcome.status);
}

/// The reply is lost, and the command is found by its comment.
#[tokio::test]
async fn a_command_whose_reply_was_lost_is_found_and_not_sent_again() {
    let (account, manager) = account(instances(2));
    account.faults().lose_reply(Operation::SendCommand);
    let state = begun(&manager, &rollout([wave("a", [0, 1])])).await;
    let events = events(&manager, state).await;
    let found = |kind: &RolloutEventKind| matches!(kind, RolloutEventKind::CommandFound { .. });
    assert!(events.iter().any(|event| found(&event.kind)), "{events:?}");
    assert_eq!(account.call_count(Operation::SendCommand), 1);
}

/// The clock of the process that sent a command was days ahead when it died.
#[tokio::test]
async fn a_command_is_found_whatever_the_clock_of_its_sender_said() {
    let (account, manager) = account(instances(2));
    let state = begun(&manager, &rollout([wave("a", [0, 1])])).await;
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, state, store.clone());
    until(run, is_sent, RolloutControl::pause).await;
    let mut state = store.last().unwrap();
    let since = now(&account) + jiff::SignedDuration::from_hours(72);
    state.waves[0].commands[0].progress =
        serde_json::from_value(serde_json::json!({"Sending": {"Since": since.to_string()}}))
            .unwrap();
    state.resume();
    // Commands are listed newest first.
    let other = PatchRequest::scan().nodes(ids([0]));
    manager.run(&other).await.unwrap();
    assert_eq!(
        carried_on_from(&manager, &state).await,
        RolloutStatus::Completed
    );
    assert_eq!(account.call_count(Operation::SendCommand), 2);
}

/// A command that the service refused for a while is sent when it can be.
#[tokio::test]
async fn passing_trouble_does_not_stop_a_rollout_and_lasting_trouble_leaves_it_to_be_resumed() {
    let (account, manager) = account(instances(2));
    let state = begun(&manager, &rollout([wave("a", [0, 1])])).await;
    account.faults().throttle(Operation::SendCommand).times(3);
    let (outcome, _) = carried_on(&manager, state).await;
    assert!(outcome.is_completed(), "{outcome}");
    assert_eq!(commands(&manager).await.len(), 1);

    let store = InMemoryRolloutStore::new();
    let state = begun(&manager, &rollout([wave("a", [0, 1])])).await;
    let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    account
        .faults()
        .fail(Operation::SendCommand, kind, code, "not authorized");
    let stopped = RolloutRun::new(&manager, state, store.clone())
        .finish()
        .await;
    assert_eq!(stopped.unwrap_err().kind(), kind);
    let (outcome, _) = carried_on(&manager, store.last().unwrap()).await;
    assert!(outcome.is_completed(), "{outcome}");
    assert_eq!(commands(&manager).await.len(), 2);
}

/// A store that fails, or that loses the process, at one of its saves.
#[derive(Debug, Clone)]
struct Failing {
    at: u64,
    last: InMemoryRolloutStore,
    saved: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl RolloutStore for Failing {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        self.saved.lock().unwrap().push(state.revision);
        if state.revision == self.at {
            return Err(Error::new(ErrorKind::Other, "the disk is full"));
        }
        self.last.save(state).await
    }
}

/// No write without a saved state before it: whatever save fails, no node gets two commands.
#[tokio::test]
async fn nothing_is_sent_whose_state_was_not_saved() {
    let mut at = 1;
    loop {
        let (_, manager) = account(instances(3));
        let rollout = rollout([wave("a", [0]).bake(HOUR), wave("b", [1, 2])]);
        let state = begun(&manager, &rollout).await;
        let store = Failing {
            at,
            last: InMemoryRolloutStore::new(),
            saved: Arc::default(),
        };
        let run = RolloutRun::new(&manager, state.clone(), store.clone());
        let failed = run.finish().await;
        let revisions = store.saved.lock().unwrap().clone();
        assert_eq!(revisions, (1..=revisions.len() as u64).collect::<Vec<_>>());
        if failed.is_ok() {
            assert!(at > 10, "{at}");
            return;
        }
        let last = store.last.last().unwrap_or(state);
        let (outcome, _) = carried_on(&manager, last).await;
        assert!(outcome.is_completed(), "save {at}: {outcome}");
        let counts = commands_of_nodes(&manager).await;
        assert_eq!(
            counts,
            ids(0..3).into_iter().map(|node| (node, 1)).collect(),
            "save {at}"
        );
        at += 1;
    }
}

/// A backup, or the state as it was begun: what was sent since is looked up, and not sent again.
#[tokio::test]
async fn a_rollout_that_is_set_back_to_any_older_state_sends_nothing_again() {
    #[derive(Debug, Clone, Default)]
    struct Every(Arc<Mutex<Vec<RolloutState>>>);

    #[async_trait]
    impl RolloutStore for Every {
        async fn save(&self, state: &RolloutState) -> Result<()> {
            self.0.lock().unwrap().push(state.clone());
            Ok(())
        }
    }

    let (_, manager) = account(instances(5));
    let rollout = rollout([wave("a", [0, 1]).bake(HOUR), wave("b", [2, 3, 4])]);
    let state = begun(&manager, &rollout).await;
    let every = Every::default();
    every.save(&state).await.unwrap();
    let run = RolloutRun::new(&manager, state, every.clone());
    let done = run.finish().await.unwrap();
    let once = commands_of_nodes(&manager).await;
    assert!(once.values().all(|count| *count == 1), "{once:?}");
    let states = every.0.lock().unwrap().clone();
    assert!(states.len() > 10, "{}", states.len());
    for state in states {
        let revision = state.revision;
        let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
        let again = run.finish().await.unwrap();
        assert_eq!(names(&again), names(&done), "revision {revision}");
        let sent = commands_of_nodes(&manager).await;
        assert_eq!(sent, once, "revision {revision}");
    }
}

/// A store that refuses a revision that is not the next one.
#[derive(Debug, Clone, Default)]
struct InOrder {
    last: InMemoryRolloutStore,
}

#[async_trait]
impl RolloutStore for InOrder {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        let before = self.last.last().map_or(0, |state| state.revision);
        if state.revision != before + 1 {
            return Err(Error::new(ErrorKind::Conflict, "another run has saved"));
        }
        self.last.save(state).await
    }
}

/// Lets another run carry the rollout out while a send is throttled.
#[derive(Debug)]
struct TakenOver {
    manager: PatchManager,
    store: InOrder,
    sends: Arc<Mutex<usize>>,
}

#[async_trait]
impl Layer for TakenOver {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        if call.operation() != Operation::SendCommand {
            return next.run(&call).await;
        }
        let is_first = {
            let mut sends = self.sends.lock().unwrap();
            *sends += 1;
            *sends == 1
        };
        if !is_first {
            return next.run(&call).await;
        }
        let state = self.store.last.last().unwrap();
        let other = RolloutRun::new(&self.manager, state, self.store.clone());
        assert!(other.finish().await?.is_completed());
        Err(Error::new(ErrorKind::Throttled, "slow down"))
    }
}

#[tokio::test]
async fn a_run_that_was_taken_over_between_two_attempts_sends_nothing() {
    let (_, manager) = account(instances(3));
    let state = begun(&manager, &rollout([wave("a", [0]), wave("b", [1, 2])])).await;
    let store = InOrder::default();
    let slow = manager.clone().layer(TakenOver {
        manager: manager.clone(),
        store: store.clone(),
        sends: Arc::default(),
    });
    let stopped = RolloutRun::new(&slow, state, store).finish().await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Conflict);
    let counts = commands_of_nodes(&manager).await;
    assert_eq!(
        counts,
        ids(0..3).into_iter().map(|node| (node, 1)).collect()
    );
}

/// It may be on its way: it is sent by this run only when it cannot be any more.
#[tokio::test]
async fn a_command_that_another_run_may_be_sending_is_not_sent_within_a_minute() {
    let (account, manager) = account(instances(1));
    let mut state = begun(&manager, &rollout([wave("a", [0])])).await;
    let start = now(&account);
    state.waves[0].phase = WavePhase::Installing;
    state.waves[0].started = Some(start);
    // The other machine's clock is ahead.
    let since = start + Duration::from_hours(300);
    state.waves[0].commands[0].progress = CommandProgress::Sending { since };
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, state, store.clone());
    let progress = run.advance().await.unwrap();
    assert_eq!(account.call_count(Operation::SendCommand), 0);
    let later = progress.next.unwrap();
    assert!(later <= now(&account) + Duration::from_mins(1));
    account.advance_to(later);
    let run = RolloutRun::new(&manager, store.last().unwrap(), store);
    run.advance().await.unwrap();
    assert_eq!(account.call_count(Operation::SendCommand), 1);
}

/// Any state is its JSON, in the crate's form.
#[tokio::test]
async fn a_state_is_read_back_as_it_was_written() {
    let (_, manager) = account(vec![instances(1).remove(0), failing(1)]);
    let gate = Gate::new(100).online_within(HOUR).compliant([id(0)]);
    let rollout = rollout([wave("a", [0]).gate(gate).bake(HOUR), wave("b", [1])]);
    let (_, state) = carried_on(&manager, begun(&manager, &rollout).await).await;
    let written = serde_json::to_value(&state).unwrap();
    assert_eq!(
        serde_json::from_value::<RolloutState>(written.clone()).unwrap(),
        state
    );
    assert_eq!(written["Status"]["Halted"]["Reason"], "GateFailed");
    assert_eq!(written["Rollout"]["Waves"][0]["Bake"], "PT1H");
    assert_eq!(
        written["Rollout"]["Waves"][0]["Gate"]["OnlineWithin"],
        "PT1H"
    );
    assert_eq!(written["Waves"][0]["Phase"], "Done");
    assert_eq!(state.waves[1].phase, WavePhase::Gating);
    let failure = &written["Waves"][1]["Gate"]["Failures"][0]["TooFewSucceeded"];
    assert_eq!(
        (&failure["Succeeded"], &failure["Nodes"]),
        (&0.into(), &1.into())
    );
}

/// As text, as Markdown and as JSON.
#[tokio::test]
async fn an_outcome_is_printed_in_three_forms() {
    let (_, manager) = account(vec![instances(1).remove(0), failing(1)]);
    let rollout = rollout([wave("a|b", [0]), wave("rest", [1])]);
    let outcome = finished(&manager, &rollout).await;
    let (id, failed) = (&outcome.id, id(1));
    let gate = "0 of 1 nodes succeeded, at least 100% must";
    assert_eq!(
        outcome.to_string(),
        format!(
            "rollout june ({id}): halted: a gate failed\n  \
             a|b: done, 1 of 1 nodes succeeded, gate passed\n  \
             rest: at its gate, 0 of 1 nodes succeeded, gate failed: {gate}\n    \
             {failed} failed"
        )
    );
    let markdown = outcome.to_markdown();
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines[0], "# Rollout june: halted: a gate failed");
    assert!(
        lines[4].starts_with("| a\\|b | done | 1 | 1 | 2026-05-14T"),
        "{markdown}"
    );
    assert!(
        lines[5].ends_with(&format!("| failed: {gate} |")),
        "{markdown}"
    );
    assert_eq!(lines[9], format!("| rest | {failed} | failed |"));
    let written = serde_json::to_value(&outcome).unwrap();
    assert_eq!(written["Waves"][0]["Succeeded"], 1);
    assert_eq!(
        written["Waves"][1]["Others"][&failed]["Failed"]["Status"],
        "Failed"
    );
}
