//! The process ends at any point: before or after any call or save takes effect. Another one goes on from
//! what was stored, and the fleet is as after a rollout that nothing ended.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::backend::NodeInventoryExt;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::rollout::{
    Gate, InMemoryRolloutStore, LimitPer, NodeSet, Rollout, RolloutEventKind, RolloutRun,
    RolloutState, RolloutStatus, RolloutStore, Wave, WaveWindow,
};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use futures_util::{FutureExt, TryStreamExt};

use crate::world::*;

/// What the whole table has to try at least.
const KILL_POINTS: usize = 1_200;

/// No point.
const NEVER: usize = usize::MAX;

/// The points at which the process can end, counted, and the one at which it does.
#[derive(Debug, Clone)]
struct Kill {
    at: usize,
    points: Arc<Mutex<usize>>,
}

impl Kill {
    fn at(at: usize) -> Self {
        let points = Arc::default();
        Self { at, points }
    }

    async fn point(&self) {
        let number = {
            let mut points = self.points.lock().unwrap();
            *points += 1;
            *points - 1
        };
        if number == self.at {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl Layer for Kill {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        self.point().await;
        let answer = next.run(&call).await;
        self.point().await;
        answer
    }
}

#[derive(Debug, Clone)]
struct KilledStore {
    kill: Kill,
    stored: InMemoryRolloutStore,
}

#[async_trait]
impl RolloutStore for KilledStore {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        self.kill.point().await;
        self.stored.save(state).await?;
        self.kill.point().await;
        Ok(())
    }
}

/// What a user does besides carrying it on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wish {
    Completion,
    /// Aborts it when this many commands were sent.
    Abort(usize),
    /// Accepts each gate that fails.
    AcceptGates,
}

struct Scenario {
    name: &'static str,
    nodes: fn() -> Vec<FleetNode>,
    rollout: fn() -> Rollout,
    wish: Wish,
}

fn stopped(count: usize, numbers: &[usize]) -> Vec<FleetNode> {
    let mut nodes = instances(count);
    for number in numbers {
        nodes[*number].condition = NodeCondition::Stopped;
    }
    nodes
}

fn with_failing(count: usize, numbers: &[usize]) -> Vec<FleetNode> {
    let mut nodes = instances(count);
    for number in numbers {
        nodes[*number] = failing(*number);
    }
    nodes
}

fn waves(count: usize) -> Vec<Wave> {
    (0..count)
        .map(|number| wave(&number.to_string(), [2 * number, 2 * number + 1]))
        .collect()
}

fn scenario(
    name: &'static str,
    nodes: fn() -> Vec<FleetNode>,
    rollout: fn() -> Rollout,
) -> Scenario {
    let wish = Wish::Completion;
    Scenario {
        name,
        nodes,
        rollout,
        wish,
    }
}

fn scenarios() -> Vec<Scenario> {
    let wished = |wish, scenario| Scenario { wish, ..scenario };
    vec![
        scenario("one wave", || instances(3), || rollout([wave("a", 0..3)])),
        scenario("six waves", || instances(12), || rollout(waves(6))),
        scenario(
            "baking",
            || instances(6),
            || rollout(waves(3).into_iter().map(|wave| wave.bake(HOUR))),
        ),
        scenario(
            "shares",
            || instances(10),
            || {
                let shares = [Wave::share("a", 10), Wave::share("b", 40), Wave::rest("c")];
                rollout(shares).target(NodeSet::Nodes(ids(0..10)))
            },
        ),
        scenario(
            "limit of one zone",
            || instances(6),
            || rollout(waves(3)).limit(1, LimitPer::AvailabilityZone),
        ),
        scenario(
            "limit of two of a tag",
            || instances(8),
            || rollout(waves(4)).limit(2, LimitPer::Tag("Role".to_owned())),
        ),
        scenario(
            "gates for nodes to be online",
            || instances(6),
            || {
                let gate = || Gate::new(100).online_within(HOUR);
                rollout(waves(3).into_iter().map(|wave| wave.gate(gate())))
            },
        ),
        scenario(
            "gates for compliant nodes",
            || instances(6),
            || {
                let gate = || Gate::new(100).all_compliant();
                rollout(waves(3).into_iter().map(|wave| wave.gate(gate())))
            },
        ),
        scenario(
            "a gate that fails",
            || with_failing(6, &[2]),
            || rollout(waves(3)),
        ),
        scenario(
            "a gate that tolerates",
            || with_failing(6, &[2]),
            || rollout(waves(3).into_iter().map(|wave| wave.gate(Gate::new(50)))),
        ),
        scenario(
            "stopped instances",
            || stopped(4, &[0, 3]),
            || rollout(waves(2).into_iter().map(Wave::start_stopped)),
        ),
        scenario(
            "a limit and stopped instances",
            || stopped(6, &[0, 1, 4]),
            || {
                let waves = waves(3).into_iter().map(Wave::start_stopped);
                rollout(waves).limit(1, LimitPer::AvailabilityZone)
            },
        ),
        scenario(
            "a window",
            || instances(4),
            || {
                let opens = "2026-05-14T06:00:00Z".parse().unwrap();
                let window = || WaveWindow::new().not_before(opens);
                rollout(waves(2).into_iter().map(|wave| wave.window(window())))
            },
        ),
        scenario(
            "registered baselines",
            || instances(6),
            || long_rollout(waves(3)),
        ),
        wished(
            Wish::AcceptGates,
            scenario(
                "gates that are accepted",
                || with_failing(6, &[0, 3]),
                || rollout(waves(3)),
            ),
        ),
        wished(
            Wish::Abort(1),
            scenario("an abort", || instances(6), || rollout(waves(3))),
        ),
        wished(
            Wish::Abort(2),
            scenario(
                "an abort of started instances",
                || stopped(6, &[0, 2]),
                || rollout(waves(3).into_iter().map(Wave::start_stopped)),
            ),
        ),
    ]
}

impl Scenario {
    fn account(&self) -> (MemoryBackend, PatchManager) {
        account((self.nodes)())
    }

    /// A process, from what is stored to the end. It ends early if it is killed.
    async fn process(&self, manager: &PatchManager, store: &KilledStore) -> Result<()> {
        let stored = store.stored.last();
        let is_new = stored.is_none();
        let state = match stored {
            Some(state) => state,
            None => {
                let state = (self.rollout)().begin(manager).await?;
                store.stored.save(&state).await?;
                state
            }
        };
        self.carry_on(manager, store, state, is_new).await?;
        while let Some(mut state) = store.stored.last()
            && self.wish == Wish::AcceptGates
            && matches!(state.status, RolloutStatus::Halted { .. })
        {
            state.accept_gate()?;
            let run = RolloutRun::new(manager, state, store.clone());
            run.finish().await?;
        }
        Ok(())
    }

    async fn carry_on(
        &self,
        manager: &PatchManager,
        store: &KilledStore,
        mut state: RolloutState,
        is_new: bool,
    ) -> Result<()> {
        let Wish::Abort(after) = self.wish else {
            let run = RolloutRun::new(manager, state, store.clone());
            return run.finish().await.map(drop);
        };
        if !is_new {
            // Who asked for an abort asks again.
            state.abort();
        }
        let run = RolloutRun::new(manager, state, store.clone());
        let control = run.control();
        let (mut sent, mut events) = (0, run.events());
        while let Some(event) = events.try_next().await? {
            sent += usize::from(matches!(event.kind, RolloutEventKind::CommandSent { .. }));
            if sent == after {
                control.abort();
            }
        }
        Ok(())
    }

    /// Lets a process end at a point and another one go on. How the fleet is then, and how many points the
    /// first process came to.
    async fn killed_at(&self, at: usize) -> (Fleet, usize) {
        let (account, manager) = self.account();
        let stored = InMemoryRolloutStore::new();
        let kill = Kill::at(at);
        let store = |kill: &Kill| KilledStore {
            kill: kill.clone(),
            stored: stored.clone(),
        };
        let killed = manager.clone().layer(kill.clone());
        let first = store(&kill);
        let ended = self.process(&killed, &first).now_or_never();
        assert_eq!(ended.is_none(), at != NEVER, "{} at {at}", self.name);
        if ended.is_none() {
            let store = store(&Kill::at(NEVER));
            let next = self.process(&manager, &store).await;
            next.unwrap_or_else(|error| panic!("{} at {at}: {error}", self.name));
        }
        let points = *kill.points.lock().unwrap();
        let state = stored.last().unwrap();
        (Fleet::of(&account, &manager, &state).await, points)
    }
}

/// What a rollout did to a fleet.
#[derive(Debug, PartialEq)]
struct Fleet {
    status: RolloutStatus,
    succeeded: Vec<usize>,
    commands: BTreeMap<NodeId, usize>,
    power: BTreeMap<NodeId, String>,
}

impl Fleet {
    async fn of(account: &MemoryBackend, manager: &PatchManager, state: &RolloutState) -> Self {
        account.advance(HOUR);
        let nodes: Vec<NodeId> = state
            .waves
            .iter()
            .flat_map(|wave| wave.nodes.clone())
            .collect();
        let known = account.find_instances(&nodes).await.unwrap().into_iter();
        Self {
            status: state.status.clone(),
            succeeded: state
                .waves
                .iter()
                .map(|wave| wave.succeeded().count())
                .collect(),
            commands: commands_of_nodes(manager).await,
            power: known.map(|one| (one.instance_id, one.state.name)).collect(),
        }
    }
}

impl Fleet {
    /// Whether instances run that should be stopped, which is then taken back. EC2 has no client token for a
    /// start: who started them is not known if the process ended before it saved it, so they are left.
    fn take_left_running(&mut self, expected: &Self) -> bool {
        let mut found = false;
        for (node, power) in &mut self.power {
            if power == "running" && expected.power.get(node).is_some_and(|one| one == "stopped") {
                "stopped".clone_into(power);
                found = true;
            }
        }
        found
    }
}

#[tokio::test]
async fn a_rollout_whose_process_ends_at_any_point_is_carried_through_by_the_next() {
    let mut kill_points = 0;
    for scenario in scenarios() {
        let (expected, points) = scenario.killed_at(NEVER).await;
        let twice = expected.commands.values().filter(|count| **count > 1);
        assert_eq!(twice.count(), 0, "{}", scenario.name);
        let mut left = 0;
        for at in 0..points {
            let (mut fleet, _) = scenario.killed_at(at).await;
            left += usize::from(fleet.take_left_running(&expected));
            let place = format!("{} at {at} of {points}", scenario.name);
            if matches!(scenario.wish, Wish::Abort(_)) {
                // The next process may abort before as much was sent.
                let is_once = |(node, count): (&NodeId, &usize)| {
                    *count == 1 && expected.commands.contains_key(node)
                };
                assert!(fleet.commands.iter().all(is_once), "{place}: {fleet:?}");
                let ended = (&fleet.status, &fleet.power);
                assert_eq!(ended, (&expected.status, &expected.power), "{place}");
            } else {
                assert_eq!(fleet, expected, "{place}");
            }
        }
        // Between the start of instances and the save of it, for each wave.
        let most = 2 * expected.succeeded.len();
        assert!(left <= most, "{}: {left}", scenario.name);
        println!(
            "{}: {points} kill points, {}",
            scenario.name, expected.status
        );
        kill_points += points;
    }
    println!("{kill_points} kill points");
    assert!(kill_points >= KILL_POINTS, "{kill_points}");
}
