//! Whatever fails: no node is patched twice in a wave, none is forgotten, and each gate is obeyed.
//!
//! Each seed is a rollout over a small fleet. Calls are throttled or lose their replies; nodes fail,
//! are terminated, or vanish while they are patched; the process dies at any call or save, before or
//! after it took effect, and another one goes on from the last state that was saved.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::operation::Command;
use aws_patch_manager::rollout::{
    CommandProgress, Gate, HaltReason, LimitPer, NodeSet, Rollout, RolloutRun, RolloutState,
    RolloutStatus, RolloutStore, Wave, WaveCommand, WavePhase,
};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PatchManager, Result};
use futures_util::{FutureExt, TryStreamExt};

use crate::world::*;

const SEEDS: u64 = 1_000;
const NODES: usize = 12;
const WAVES: usize = 3;

/// The chances of a seed.
#[derive(Clone)]
struct Chance(Arc<Mutex<fastrand::Rng>>);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    fn percent(&self, percent: u32) -> bool {
        self.below(100) < percent as usize
    }

    fn below(&self, end: usize) -> usize {
        self.0.lock().unwrap().usize(..end)
    }
}

/// The world's malice, at each call and each save.
#[derive(Clone)]
struct Malice {
    chance: Chance,
    account: MemoryBackend,
    /// How many times the process may still die.
    deaths: Arc<Mutex<usize>>,
}

impl fmt::Debug for Malice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malice")
    }
}

impl Malice {
    /// The process dies here: whatever waits is never polled again.
    async fn may_die(&self) {
        if self.dies() {
            std::future::pending::<()>().await;
        }
    }

    fn dies(&self) -> bool {
        let mut deaths = self.deaths.lock().unwrap();
        let dies = *deaths > 0 && self.chance.percent(4);
        *deaths -= usize::from(dies);
        dies
    }

    /// A node vanishes, as on a reboot, or comes back, or is terminated.
    fn shake(&self) {
        if !self.chance.percent(3) {
            return;
        }
        let node = node_id(self.chance.below(NODES));
        let condition = match self.chance.below(5) {
            0 => return drop(self.account.remove_node(&node)),
            1 | 2 => NodeCondition::Unreachable,
            _ => NodeCondition::Online,
        };
        drop(self.account.set_condition(&node, condition));
    }
}

#[async_trait]
impl Layer for Malice {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        self.may_die().await;
        self.shake();
        let operation = call.operation();
        if self.chance.percent(8) {
            let error =
                Error::service(ErrorKind::Throttled, "ThrottlingException", "Rate exceeded");
            return Err(error.with_operation(operation));
        }
        let answer = next.run(&call).await;
        self.may_die().await;
        if self.chance.percent(5) {
            let lost = Error::new(ErrorKind::Connection, "the reply was lost");
            let lost = lost.with_operation(operation);
            return Err(match operation.is_repeatable() {
                true => lost,
                false => lost.with_unknown_effect(),
            });
        }
        answer
    }
}

/// Keeps the last state, unless the process dies before.
#[derive(Debug, Clone)]
struct Disk {
    malice: Malice,
    last: Arc<Mutex<RolloutState>>,
}

#[async_trait]
impl RolloutStore for Disk {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        self.malice.may_die().await;
        {
            let mut last = self.last.lock().unwrap();
            assert_eq!(state.revision, last.revision + 1);
            *last = state.clone();
        }
        self.malice.may_die().await;
        Ok(())
    }
}

/// A rollout of a seed: by sets or by shares, with or without limit, with stopped instances.
fn rollout_of(chance: &Chance) -> Rollout {
    let gate = |chance: &Chance| {
        let gate = Gate::new([1, 50, 75, 100][chance.below(4)]);
        match chance.percent(30) {
            true => gate.online_within(Duration::from_mins(20)),
            false => gate,
        }
    };
    let all = NodeSet::Nodes(ids(0..NODES));
    let waves = match chance.percent(50) {
        true => [wave("a", 0..2), wave("b", 2..6), wave("c", 6..NODES)],
        false => [Wave::share("a", 10), Wave::share("b", 40), Wave::rest("c")],
    };
    let rollout = waves
        .into_iter()
        .fold(Rollout::new("seeded"), |rollout, wave| {
            let wave = wave
                .gate(gate(chance))
                .bake(Duration::from_hours(chance.below(3) as u64));
            rollout.wave(match chance.percent(50) {
                true => wave.start_stopped(),
                false => wave,
            })
        });
    let rollout = rollout.target(all);
    match chance.percent(40) {
        true => rollout.limit(1 + chance.below(2) as u32, LimitPer::AvailabilityZone),
        false => rollout,
    }
}

fn account_of(chance: &Chance) -> (MemoryBackend, PatchManager) {
    let mut nodes = instances(NODES);
    for (number, node) in nodes.iter_mut().enumerate() {
        match chance.below(10) {
            0 => *node = failing(number),
            1 => node.condition = NodeCondition::Stopped,
            2 => node.condition = NodeCondition::Unreachable,
            _ => {}
        }
    }
    account(nodes)
}

/// Carries a rollout on until it rests, however often its process dies.
fn carried_through(manager: &PatchManager, disk: &Disk, seed: u64) -> RolloutState {
    let malicious = manager.layer(disk.malice.clone());
    let mut lives = 0;
    loop {
        let mut state = disk.last.lock().unwrap().clone();
        if state.status == RolloutStatus::Paused {
            state.resume();
        }
        if state.status.is_at_rest() {
            return state;
        }
        lives += 1;
        assert!(
            lives < 200,
            "seed {seed}: it does not end: {:?}",
            state.status
        );
        let run = RolloutRun::new(&malicious, state, disk.clone());
        match disk.malice.chance.below(60) {
            0 => run.control().abort(),
            1..5 => run.control().pause(),
            _ => {}
        }
        match run.finish().now_or_never() {
            // The process died.
            None => {}
            Some(Ok(_)) => {}
            Some(Err(error)) => assert!(
                error.is_retryable() || error.may_have_taken_effect(),
                "seed {seed}: {error}"
            ),
        }
        // It is started again some time later.
        let minutes = disk.malice.chance.below(30) as u64;
        disk.malice.account.advance(Duration::from_mins(minutes));
    }
}

/// The commands of the account by the wave in their comment.
fn by_wave(commands: &[Command]) -> BTreeMap<usize, Vec<&Command>> {
    let mut waves: BTreeMap<usize, Vec<&Command>> = BTreeMap::new();
    for command in commands {
        let numbers = command.comment.rsplit(' ').next().unwrap();
        let wave = numbers.split('.').next().unwrap().parse::<usize>().unwrap();
        waves.entry(wave - 1).or_default().push(command);
    }
    waves
}

fn check(state: &RolloutState, commands: &[Command], seed: u64) {
    let waves = by_wave(commands);
    for (at, wave) in state.waves.iter().enumerate() {
        let sent = waves.get(&at).into_iter().flatten();
        let sent: Vec<&NodeId> = sent.flat_map(|command| &command.instance_ids).collect();
        let nodes: BTreeSet<&NodeId> = sent.iter().copied().collect();
        assert_eq!(
            sent.len(),
            nodes.len(),
            "seed {seed}: a node of wave {at} was patched twice"
        );
        let own: BTreeSet<&NodeId> = wave.nodes.iter().collect();
        assert!(
            nodes.is_subset(&own),
            "seed {seed}: wave {at} patched a node of another wave"
        );

        let is_over = |command: &WaveCommand| command.progress == CommandProgress::Ended;
        let is_aborted = state.status == RolloutStatus::Aborted;
        if is_aborted && wave.phase > WavePhase::Pending {
            let over = wave.phase == WavePhase::Starting || wave.commands.iter().all(is_over);
            assert!(
                over,
                "seed {seed}: an aborted rollout left a command of wave {at}"
            );
        }

        // Every node of a wave that came to its gate has a result, and one with a command has one
        // of this command.
        let Some(gate) = &wave.gate else {
            assert!(
                sent.is_empty() || state.current_wave() == Some(at),
                "seed {seed}"
            );
            continue;
        };
        let results: BTreeSet<&NodeId> = wave.results.keys().collect();
        assert_eq!(
            results, own,
            "seed {seed}: a node of wave {at} was forgotten"
        );
        for (node, result) in &wave.results {
            use aws_patch_manager::rollout::NodeResult::*;
            let was_sent = !matches!(result, NotManaged | NotSent);
            assert_eq!(
                was_sent,
                nodes.contains(node),
                "seed {seed}: {node} {result}"
            );
        }

        // The gate is what the counts say, and what comes after it obeys it.
        let percent = usize::from(state.rollout.waves[at].gate.succeeded_percent);
        let enough = wave.succeeded().count() * 100 >= wave.nodes.len() * percent;
        assert!(
            enough || !gate.is_passed(),
            "seed {seed}: the gate of wave {at} passed"
        );
        let later: Vec<_> = waves.range(at + 1..).collect();
        assert!(
            gate.is_passed() || later.is_empty(),
            "seed {seed}: wave {at} did not stop it"
        );
    }
    if state.status == RolloutStatus::Aborted {
        return;
    }
    let halted = RolloutStatus::Halted {
        reason: HaltReason::GateFailed,
    };
    let all_passed = state.waves.iter().all(|wave| {
        let gate = wave.gate.as_ref();
        gate.is_some_and(|gate| gate.is_passed())
    });
    let expected = if all_passed {
        RolloutStatus::Completed
    } else {
        halted
    };
    assert_eq!(state.status, expected, "seed {seed}");
}

/// What one seed came to, so that the test shows that it tested something.
#[derive(Debug, Default)]
struct Tally {
    completed: usize,
    halted: usize,
    aborted: usize,
    died: usize,
}

fn try_seed(seed: u64, tally: &mut Tally) {
    let chance = Chance::new(seed);
    let (account, manager) = account_of(&chance);
    let rollout = rollout_of(&chance);
    let state = rollout.begin(&manager).now_or_never().unwrap().unwrap();
    assert_eq!(state.waves.len(), WAVES);
    const DEATHS: usize = 6;
    let deaths = Arc::new(Mutex::new(DEATHS));
    let disk = Disk {
        malice: Malice {
            chance,
            account,
            deaths: Arc::clone(&deaths),
        },
        last: Arc::new(Mutex::new(state)),
    };
    let state = carried_through(&manager, &disk, seed);
    let commands = manager.list_commands().try_collect::<Vec<_>>();
    check(&state, &commands.now_or_never().unwrap().unwrap(), seed);
    tally.died += DEATHS - *deaths.lock().unwrap();
    match state.status {
        RolloutStatus::Completed => tally.completed += 1,
        RolloutStatus::Aborted => tally.aborted += 1,
        _ => tally.halted += 1,
    }
}

#[test]
fn no_node_is_patched_twice_none_is_forgotten_and_each_gate_is_obeyed() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        try_seed(seed, &mut tally);
    }
    let many = (SEEDS / 10) as usize;
    assert!(tally.completed > many, "{tally:?}");
    assert!(tally.halted > many, "{tally:?}");
    assert!(tally.aborted > 10, "{tally:?}");
    assert!(tally.died > SEEDS as usize, "{tally:?}");
}
