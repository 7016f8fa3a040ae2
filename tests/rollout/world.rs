//! A fleet in memory, and rollouts over it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::Command;
use aws_patch_manager::rollout::{
    FrozenPatches, InMemoryRolloutStore, NodeSet, Rollout, RolloutEvent, RolloutOutcome,
    RolloutRun, RolloutState, Wave,
};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use futures_util::TryStreamExt;
use jiff::Timestamp;

pub(crate) use crate::support::accounts::{account, id, instances, node_id};

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// A node on which every operation fails, until it is replaced: its system is not patched.
pub(crate) fn failing(number: usize) -> FleetNode {
    let mut node = FleetNode::new(id(number), OperatingSystem::Ubuntu, "Ubuntu12.04");
    node.instance_information.platform_version = Some("12.04".to_owned());
    node
}

pub(crate) fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<NodeId> {
    numbers.into_iter().map(node_id).collect()
}

/// A wave of the nodes of these numbers.
pub(crate) fn wave(name: &str, numbers: impl IntoIterator<Item = usize>) -> Wave {
    Wave::of(name, NodeSet::Nodes(ids(numbers)))
}

pub(crate) fn rollout(waves: impl IntoIterator<Item = Wave>) -> Rollout {
    waves.into_iter().fold(Rollout::new("june"), Rollout::wave)
}

/// The same, with patches that need not be frozen by the service.
pub(crate) fn long_rollout(waves: impl IntoIterator<Item = Wave>) -> Rollout {
    rollout(waves).patches(FrozenPatches::RegisteredBaselines)
}

pub(crate) async fn begun(manager: &PatchManager, rollout: &Rollout) -> RolloutState {
    rollout.begin(manager).await.unwrap()
}

/// Carries a rollout out, as far as it goes.
pub(crate) async fn finished(manager: &PatchManager, rollout: &Rollout) -> RolloutOutcome {
    carried_on(manager, begun(manager, rollout).await).await.0
}

/// Carries a state on, as far as it goes, and returns the last state that was saved.
pub(crate) async fn carried_on(
    manager: &PatchManager,
    state: RolloutState,
) -> (RolloutOutcome, RolloutState) {
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(manager, state, store.clone());
    let outcome = run.finish().await.unwrap();
    (outcome, store.last().unwrap())
}

pub(crate) async fn events(manager: &PatchManager, state: RolloutState) -> Vec<RolloutEvent> {
    let run = RolloutRun::new(manager, state, InMemoryRolloutStore::new());
    run.events().try_collect().await.unwrap()
}

/// Every command of the account, the first one first.
pub(crate) async fn commands(manager: &PatchManager) -> Vec<Command> {
    let mut commands: Vec<Command> = manager.list_commands().try_collect().await.unwrap();
    commands.reverse();
    commands
}

/// How many commands each node got.
pub(crate) async fn commands_of_nodes(manager: &PatchManager) -> BTreeMap<NodeId, usize> {
    let mut counts = BTreeMap::new();
    for command in commands(manager).await {
        for node in command.instance_ids {
            *counts.entry(node).or_default() += 1;
        }
    }
    counts
}

pub(crate) fn now(account: &MemoryBackend) -> Timestamp {
    account.clock().now()
}

pub(crate) fn names(outcome: &RolloutOutcome) -> Vec<(&str, usize, usize)> {
    let waves = outcome.waves.iter();
    waves
        .map(|wave| (wave.name.as_str(), wave.nodes, wave.succeeded))
        .collect()
}

/// A layer that does something before each call of an operation.
pub(crate) struct Before {
    operation: Operation,
    act: Box<dyn Fn() + Send + Sync>,
}

impl Before {
    pub(crate) fn new(operation: Operation, act: impl Fn() + Send + Sync + 'static) -> Self {
        let act = Box::new(act);
        Self { operation, act }
    }
}

impl fmt::Debug for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "before {}", self.operation)
    }
}

#[async_trait]
impl Layer for Before {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        if call.operation() == self.operation {
            (self.act)();
        }
        next.run(&call).await
    }
}
