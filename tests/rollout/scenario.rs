//! A rollout of a seed over a small fleet, and everything that can go wrong.
//!
//! Calls are throttled or lose their replies; nodes fail, are terminated, or vanish while they are
//! patched; somebody starts stopped instances; the process dies at any call or save, before or after
//! it took effect, and another one goes on from the last state that was saved.
//!
//! The faults are the account's own, so that the same seeds run over any backend that serves it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::backend::{NodeInventoryExt, Operation, StartInstances, StopInstances};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::operation::Command;
use aws_patch_manager::rollout::{
    CommandProgress, Gate, HaltReason, LimitPer, NodeSet, Rollout, RolloutRun, RolloutState,
    RolloutStatus, RolloutStore, Wave, WaveCommand, WavePhase,
};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use futures_util::TryStreamExt;
use futures_util::future::{Either, select};

use crate::world::*;

/// How often the process of a rollout dies at most.
const DEATHS: usize = 6;

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
    nodes: usize,
    /// How many times the process may still die.
    deaths: Arc<Mutex<usize>>,
    is_dead: Arc<AtomicBool>,
    /// The instances that somebody else started.
    started: Arc<Mutex<BTreeSet<NodeId>>>,
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
            self.is_dead.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
    }

    fn dies(&self) -> bool {
        let mut deaths = self.deaths.lock().unwrap();
        let dies = *deaths > 0 && self.chance.percent(4);
        *deaths -= usize::from(dies);
        dies
    }

    /// What a process does until it dies; nothing if it does.
    async fn until_death<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.is_dead.store(false, Ordering::Relaxed);
        // It dies in the work, which is polled first.
        let death = poll_fn(|_| match self.is_dead.load(Ordering::Relaxed) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        match select(pin!(work), death).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// A node vanishes, as on a reboot, or comes back, or is terminated.
    async fn shake(&self) {
        if !self.chance.percent(3) {
            return;
        }
        let node = node_id(self.chance.below(self.nodes));
        let condition = match self.chance.below(5) {
            0 => return drop(self.account.remove_node(&node)),
            1 | 2 => NodeCondition::Unreachable,
            _ => NodeCondition::Online,
        };
        self.start(&node, condition).await;
    }

    /// Puts a node in this condition. If it was stopped, somebody starts it.
    async fn start(&self, node: &NodeId, condition: NodeCondition) {
        self.account.faults().clear();
        let known = self
            .account
            .find_instances(std::slice::from_ref(node))
            .await;
        if known.unwrap().iter().any(|instance| instance.is_stopped()) {
            self.started.lock().unwrap().insert(node.clone());
        }
        drop(self.account.set_condition(node, condition));
    }

    /// Somebody is faster than the rollout.
    async fn may_start_first(&self, request: &StartInstances) {
        if self.chance.percent(30) {
            let nodes = &request.instance_ids;
            let node = &nodes[self.chance.below(nodes.len())];
            self.start(node, NodeCondition::Online).await;
        }
    }

    /// The account throttles the call, or loses its reply, once or several times in a row.
    fn plan_fault(&self, operation: Operation) {
        let faults = self.account.faults();
        let times = 1 + self.chance.below(3) as u64;
        if self.chance.percent(8) {
            faults.throttle(operation).times(times);
        } else if self.chance.percent(5) {
            faults.lose_reply(operation).times(times);
        }
    }

    /// What somebody else started stays running.
    fn check_stop(&self, request: &StopInstances) {
        let started = self.started.lock().unwrap();
        for node in &request.instance_ids {
            assert!(
                !started.contains(node),
                "{node} was started by somebody else"
            );
        }
    }
}

#[async_trait]
impl Layer for Malice {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        self.may_die().await;
        self.shake().await;
        if let Some(request) = call.request::<StartInstances>() {
            self.may_start_first(request).await;
        }
        self.plan_fault(call.operation());
        if let Some(request) = call.request::<StopInstances>() {
            self.check_stop(request);
        }
        let answer = next.run(&call).await;
        self.may_die().await;
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
fn rollout_of(chance: &Chance, nodes: usize) -> Rollout {
    let gate = |chance: &Chance| {
        let gate = Gate::new([1, 50, 75, 100][chance.below(4)]);
        match chance.percent(30) {
            true => gate.online_within(Duration::from_mins(20)),
            false => gate,
        }
    };
    let all = NodeSet::Nodes(ids(0..nodes));
    let (few, half) = (nodes / 6, nodes / 2);
    let waves = match chance.percent(50) {
        true => [
            wave("a", 0..few),
            wave("b", few..half),
            wave("c", half..nodes),
        ],
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

fn account_of(chance: &Chance, nodes: usize) -> MemoryBackend {
    let mut nodes = instances(nodes);
    for (number, node) in nodes.iter_mut().enumerate() {
        match chance.below(10) {
            0 => *node = failing(number),
            1 => node.condition = NodeCondition::Stopped,
            2 => node.condition = NodeCondition::Unreachable,
            _ => {}
        }
    }
    account(nodes).0
}

/// Carries a rollout on until it rests, however often its process dies.
async fn carried_through(manager: &PatchManager, disk: &Disk, seed: u64) -> RolloutState {
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
        match disk.malice.until_death(run.finish()).await {
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
        // `seeded rollout ID WAVE.NUMBER`, and the adapter's marker behind it.
        let numbers = command.comment.split(' ').nth(3).unwrap();
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

/// What seeds came to, so that a test shows that it tested something.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    seeds: usize,
    completed: usize,
    halted: usize,
    aborted: usize,
    died: usize,
    calls: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.completed += other.completed;
        self.halted += other.halted;
        self.aborted += other.aborted;
        self.died += other.died;
        self.calls += other.calls;
    }

    /// Every kind of end was there often enough.
    pub(crate) fn check(&self) {
        let many = self.seeds / 10;
        assert!(self.completed > many, "{self:?}");
        assert!(self.halted > many, "{self:?}");
        assert!(self.aborted > self.seeds / 100, "{self:?}");
        assert!(self.died > 2 * self.seeds, "{self:?}");
    }
}

/// The rollout of a seed, and its account.
pub(crate) struct Scenario {
    seed: u64,
    rollout: Rollout,
    malice: Malice,
}

impl Scenario {
    /// Over a fleet of this many nodes, at least 6.
    pub(crate) fn new(seed: u64, nodes: usize) -> Self {
        let chance = Chance::new(seed);
        let account = account_of(&chance, nodes);
        let rollout = rollout_of(&chance, nodes);
        let malice = Malice {
            chance,
            account,
            nodes,
            deaths: Arc::new(Mutex::new(DEATHS)),
            is_dead: Arc::default(),
            started: Arc::default(),
        };
        Self {
            seed,
            rollout,
            malice,
        }
    }

    /// The account, to be served.
    pub(crate) fn account(&self) -> &MemoryBackend {
        &self.malice.account
    }

    /// Carries the rollout through by a manager that leads to the account, and checks what became of
    /// the nodes. Waits take no time: the manager's clock has to be the account's.
    pub(crate) async fn play(self, manager: &PatchManager) -> Tally {
        let (seed, malice) = (self.seed, self.malice);
        let state = self.rollout.begin(manager).await.unwrap();
        let disk = Disk {
            malice: malice.clone(),
            last: Arc::new(Mutex::new(state)),
        };
        let state = carried_through(manager, &disk, seed).await;
        let calls = malice.account.calls().len();
        malice.account.faults().clear();
        let truth = PatchManager::from_memory(&malice.account);
        let commands: Vec<Command> = truth.list_commands().try_collect().await.unwrap();
        check(&state, &commands, seed);
        Tally {
            seeds: 1,
            completed: usize::from(state.status == RolloutStatus::Completed),
            halted: usize::from(matches!(state.status, RolloutStatus::Halted { .. })),
            aborted: usize::from(state.status == RolloutStatus::Aborted),
            died: DEATHS - *malice.deaths.lock().unwrap(),
            calls,
        }
    }
}
