//! What a gate stops, and how it goes on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::rollout::{
    Gate, GateFailure, HaltReason, Health, HealthCheck, InMemoryRolloutStore, LimitPer, NodeResult,
    PatchedWave, RolloutOutcome, RolloutRun, RolloutState, RolloutStatus, Wave,
};
use aws_patch_manager::types::RebootOption;
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PatchManager, Result};

use crate::support::accounts::old_openssl;
use crate::world::*;

const HALTED: RolloutStatus = RolloutStatus::Halted {
    reason: HaltReason::GateFailed,
};

/// A gate after the first two of four nodes.
async fn gated(nodes: Vec<FleetNode>, gate: Gate) -> (MemoryBackend, PatchManager, RolloutState) {
    let (account, manager) = account(nodes);
    let first = wave("first", [0, 1]).gate(gate);
    let rollout = rollout([first, wave("second", [2, 3])]).reboot(RebootOption::NoReboot);
    let state = begun(&manager, &rollout).await;
    (account, manager, state)
}

fn failures(outcome: &RolloutOutcome) -> Vec<GateFailure> {
    outcome.waves[0].gate.clone().unwrap().failures
}

/// The percentage is of all nodes of the wave, also of those that got no command.
#[tokio::test]
async fn the_share_of_nodes_that_must_succeed_is_obeyed() {
    for (percent, passes) in [(1, true), (50, true), (51, false), (100, false)] {
        let mut nodes = instances(4);
        nodes[1] = failing(1);
        let (_, manager, state) = gated(nodes, Gate::new(percent)).await;
        let (outcome, _) = carried_on(&manager, state).await;
        let counts = commands_of_nodes(&manager).await;
        assert_eq!(
            counts.len(),
            if passes { 4 } else { 2 },
            "{percent}%: {outcome}"
        );
        assert_eq!(outcome.is_completed(), passes, "{percent}%");
        assert_eq!(outcome.exit_code(), u8::from(!passes), "{percent}%");
        let expected = GateFailure::TooFewSucceeded {
            succeeded: 1,
            nodes: 2,
            percent,
        };
        assert_eq!(
            failures(&outcome),
            if passes { vec![] } else { vec![expected] }
        );
    }
}

/// A node on which a patch cannot be installed is not compliant.
#[tokio::test]
async fn nodes_that_must_be_compliant_stop_the_rollout_if_they_are_not() {
    let broken = || {
        let mut nodes = instances(4);
        let node = nodes[1].clone().with_installed(old_openssl());
        nodes[1] = node.with_failing_patch("openssl.x86_64");
        nodes
    };
    let gate = || Gate::new(1);
    let cases = [
        (gate(), true),
        (gate().compliant([id(0)]), true),
        (gate().compliant([id(1)]), false),
    ];
    for (gate, passes) in cases {
        let (account, manager, state) = gated(broken(), gate.clone()).await;
        let (outcome, mut state) = carried_on(&manager, state).await;
        assert_eq!(outcome.is_completed(), passes, "{gate:?}: {outcome}");
        if passes {
            continue;
        }
        let nodes = BTreeMap::from([(node_id(1), "1 failed".to_owned())]);
        assert_eq!(failures(&outcome), [GateFailure::NotCompliant { nodes }]);
        let said = format!("gate failed: not compliant: {} (1 failed)", node_id(1));
        assert!(outcome.to_string().contains(&said), "{outcome}");
        // The operator repairs the node by hand, and the gate is decided again.
        account.repair_patches(&node_id(1)).unwrap();
        let by_hand = aws_patch_manager::PatchRequest::install().nodes([node_id(1)]);
        crate::support::accounts::run(&manager, by_hand).await;
        state.resume();
        let (outcome, _) = carried_on(&manager, state).await;
        assert!(outcome.is_completed(), "{outcome}");
    }
}

/// All nodes on which the install succeeded; the one on which it failed is the share's matter.
#[tokio::test]
async fn all_nodes_must_be_compliant_if_the_gate_says_so() {
    let (account, manager) = account(instances(1));
    let demanding = wave("a", [0]).gate(Gate::new(100).all_compliant());
    let state = begun(&manager, &rollout([demanding])).await;
    let (outcome, _) = carried_on(&manager, state).await;
    assert!(outcome.is_completed(), "{outcome}");
    assert!(account.call_count("DescribeInstancePatchStates".parse().unwrap()) >= 2);
}

/// The ping after the reboot: a node that comes back in time does not stop the rollout.
#[tokio::test]
async fn nodes_must_be_online_again_in_time() {
    let gate = || Gate::new(100).online_within(Duration::from_mins(15));
    for (back_after, passes) in [(10, true), (20, false)] {
        let (account, manager, state) = gated(instances(4), gate()).await;
        let (node, vanished) = (node_id(0), Mutex::new(None));
        // It reboots when the gate asks for it first.
        let manager = manager.layer(Before::new(
            Operation::DescribeInstanceInformation,
            move || {
                let now = now(&account);
                let since = *vanished.lock().unwrap().get_or_insert(now);
                let is_back = now >= since + jiff::SignedDuration::from_mins(back_after);
                let condition = match is_back {
                    true => NodeCondition::Online,
                    false => NodeCondition::Unreachable,
                };
                account.set_condition(&node, condition).unwrap();
            },
        ));
        let (outcome, _) = carried_on(&manager, state).await;
        assert_eq!(
            outcome.is_completed(),
            passes,
            "{back_after} minutes: {outcome}"
        );
        if !passes {
            let nodes = ids([0]);
            assert_eq!(failures(&outcome), [GateFailure::Offline { nodes }]);
        }
    }
}

/// A health check that answers what a test says, and notes what it was asked.
#[derive(Debug, Clone, Default)]
struct Metrics {
    answers: Arc<Mutex<Vec<Result<Health, ErrorKind>>>>,
    asked: Arc<Mutex<Vec<PatchedWave>>>,
}

impl Metrics {
    /// The answers in order; healthy when there is none left.
    fn answering(answers: impl IntoIterator<Item = Result<Health, ErrorKind>>) -> Self {
        let metrics = Self::default();
        *metrics.answers.lock().unwrap() = answers.into_iter().collect();
        metrics
    }
}

#[async_trait]
impl HealthCheck for Metrics {
    async fn check(&self, wave: &PatchedWave) -> Result<Health> {
        self.asked.lock().unwrap().push(wave.clone());
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.is_empty() {
            true => Ok(Health::Healthy),
            false => answers.remove(0),
        };
        answer.map_err(|kind| Error::new(kind, "no metrics"))
    }
}

async fn checked(
    manager: &PatchManager,
    state: RolloutState,
    metrics: &Metrics,
) -> (Result<RolloutOutcome>, RolloutState) {
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(manager, state, store.clone());
    let outcome = run.health_check(metrics.clone()).finish().await;
    (outcome, store.last().unwrap())
}

fn bad() -> Result<Health, ErrorKind> {
    Ok(Health::unhealthy("5 errors a second"))
}

/// The check is asked at the gate and at the end of the bake time, and each answer is obeyed.
#[tokio::test]
async fn an_unhealthy_wave_stops_the_rollout_at_the_gate_and_after_the_bake_time() {
    for (answers, asked) in [(vec![bad()], 1), (vec![Ok(Health::Healthy), bad()], 2)] {
        let mut nodes = instances(4);
        nodes[1] = failing(1);
        let (account, manager) = account(nodes);
        let first = wave("first", [0, 1])
            .gate(Gate::new(50).healthy())
            .bake(HOUR);
        let state = begun(&manager, &rollout([first, wave("second", [2, 3])])).await;
        let metrics = Metrics::answering(answers);
        let (outcome, mut state) = checked(&manager, state, &metrics).await;
        let outcome = outcome.unwrap();
        assert_eq!(outcome.status, HALTED);
        let reason = "5 errors a second".to_owned();
        assert_eq!(failures(&outcome), [GateFailure::Unhealthy { reason }]);
        assert_eq!(commands(&manager).await.len(), 1);
        let waves = metrics.asked.lock().unwrap().clone();
        assert_eq!(waves.len(), asked);
        assert_eq!(
            (waves[0].rollout.as_str(), waves[0].name.as_str()),
            ("june", "first")
        );
        assert_eq!(
            (&waves[0].nodes, &waves[0].succeeded),
            (&ids(0..2), &ids([0]))
        );

        // Healthy again: it goes on, and the first nodes get no second command.
        let before = now(&account);
        state.resume();
        let (outcome, _) = checked(&manager, state, &metrics).await;
        let outcome = outcome.unwrap();
        assert!(outcome.is_completed(), "{outcome}");
        assert!(outcome.waves[0].gate.as_ref().unwrap().is_passed());
        assert!(now(&account) > before);
        let counts = commands_of_nodes(&manager).await;
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    }
}

/// A check that cannot be made decides nothing: neither for the rollout nor against it.
#[tokio::test]
async fn an_error_of_the_health_check_stops_the_run_and_not_the_rollout() {
    let (_, manager, state) = gated(instances(4), Gate::new(100).healthy()).await;
    let passing = [Err(ErrorKind::Throttled), Err(ErrorKind::AccessDenied)];
    let metrics = Metrics::answering(passing);
    let (stopped, state) = checked(&manager, state, &metrics).await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(metrics.asked.lock().unwrap().len(), 2);
    assert_eq!(state.status, RolloutStatus::Running);
    assert_eq!(commands(&manager).await.len(), 1);
    let (outcome, _) = checked(&manager, state, &metrics).await;
    assert!(outcome.unwrap().is_completed());
}

/// Resuming decides the gate again; accepting passes it, and the outcome says so.
#[tokio::test]
async fn a_failed_gate_holds_until_it_is_accepted() {
    let mut nodes = instances(4);
    nodes[1] = failing(1);
    let (_, manager, mut state) = gated(nodes, Gate::new(100)).await;
    assert!(state.accept_gate().is_err());
    let (outcome, mut state) = carried_on(&manager, state).await;
    assert_eq!(outcome.status, HALTED);
    state.resume();
    let (outcome, mut state) = carried_on(&manager, state).await;
    assert_eq!(outcome.status, HALTED);
    // A halted rollout does nothing by itself.
    let (outcome, _) = carried_again(&manager, &state).await;
    assert_eq!(outcome.status, HALTED);
    assert_eq!(commands(&manager).await.len(), 1);
    state.accept_gate().unwrap();
    let (outcome, mut state) = carried_on(&manager, state).await;
    assert!(outcome.is_completed(), "{outcome}");
    let gate = outcome.waves[0].gate.as_ref().unwrap();
    assert_eq!(
        gate.to_string(),
        "accepted: 1 of 2 nodes succeeded, at least 100% must"
    );
    assert!(state.accept_gate().is_err());
}

/// A gate is the end of its wave's commands, whatever is decided at it.
#[tokio::test]
async fn nodes_that_were_withheld_stay_unpatched_when_the_gate_is_accepted() {
    let mut nodes = instances(61);
    nodes[0] = failing(0);
    let (_, manager) = account(nodes);
    let rollout = rollout([wave("first", 0..60), wave("second", [60])]);
    let rollout = rollout.limit(50, LimitPer::AvailabilityZone);
    let (outcome, mut state) = carried_on(&manager, begun(&manager, &rollout).await).await;
    assert_eq!(outcome.status, HALTED);
    state.accept_gate().unwrap();
    let (outcome, _) = carried_on(&manager, state).await;
    assert!(outcome.is_completed(), "{outcome}");
    let others = outcome.waves[0].others.values();
    let withheld = others.filter(|result| **result == NodeResult::NotSent);
    assert_eq!(withheld.count(), 10);
    let sent = commands_of_nodes(&manager).await;
    assert_eq!(sent.len(), 51);
    assert!(sent.values().all(|commands| *commands == 1));
}

/// To accept that nodes failed is not to accept harm that nobody has looked for.
#[tokio::test]
async fn the_health_check_is_asked_after_an_accepted_gate_until_harm_is_accepted() {
    let few = "1 of 2 nodes succeeded, at least 100% must";
    let harm = format!("{few}; unhealthy: 5 errors a second");
    for (answers, halts) in [
        (vec![], 1),
        (vec![bad()], 2),
        (vec![Ok(Health::Healthy), bad()], 2),
    ] {
        let mut nodes = instances(4);
        nodes[1] = failing(1);
        let (_, manager) = account(nodes);
        let first = wave("first", [0, 1])
            .gate(Gate::new(100).healthy())
            .bake(HOUR);
        let mut state = begun(&manager, &rollout([first, wave("second", [2, 3])])).await;
        let metrics = Metrics::answering(answers.clone());
        for halt in 0..halts {
            let (outcome, halted) = checked(&manager, state, &metrics).await;
            let gate = outcome.unwrap().waves[0].gate.clone().unwrap();
            let found = if halt == 0 { few } else { &harm };
            assert_eq!(gate.to_string(), format!("failed: {found}"), "{answers:?}");
            assert_eq!(commands(&manager).await.len(), 1, "{answers:?}");
            state = halted;
            state.accept_gate().unwrap();
        }
        let (outcome, _) = checked(&manager, state, &metrics).await;
        let outcome = outcome.unwrap();
        assert!(outcome.is_completed(), "{answers:?}: {outcome}");
        let gate = outcome.waves[0].gate.clone().unwrap();
        let found = if halts == 1 { few } else { &harm };
        assert_eq!(gate.to_string(), format!("accepted: {found}"));
    }
}

async fn carried_again(
    manager: &PatchManager,
    state: &RolloutState,
) -> (RolloutOutcome, RolloutState) {
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(manager, state.clone(), store.clone());
    let outcome = run.finish().await.unwrap();
    assert_eq!(store.last(), None);
    (outcome, state.clone())
}

/// The last wave has a gate, too.
#[tokio::test]
async fn the_gate_of_the_last_wave_decides_whether_the_rollout_is_complete() {
    let (_, manager) = account(vec![failing(0)]);
    let last: Wave = wave("last", [0]);
    let (outcome, _) = carried_on(&manager, begun(&manager, &rollout([last])).await).await;
    assert_eq!(outcome.status, HALTED);
    assert_eq!(outcome.ended, None);
}
