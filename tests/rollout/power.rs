//! What a rollout starts, it stops; what somebody else started stays as it is.

use std::collections::BTreeMap;

use aws_patch_manager::backend::{NodeInventoryExt, Operation};
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::rollout::{Gate, RolloutEventKind, Wave};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};

use crate::world::*;

/// An account whose first nodes are stopped.
fn stopped(count: usize) -> (MemoryBackend, PatchManager) {
    let mut nodes = instances(count + 1);
    for node in nodes.iter_mut().take(count) {
        node.condition = NodeCondition::Stopped;
    }
    account(nodes)
}

/// Any gate passes: what is stopped at the end does not depend on it.
fn all(count: usize) -> Wave {
    wave("all", 0..=count).gate(Gate::new(1)).start_stopped()
}

async fn power(account: &MemoryBackend, count: usize) -> BTreeMap<NodeId, String> {
    account.advance(HOUR);
    let known = account.find_instances(&ids(0..count)).await.unwrap();
    let states = known.into_iter();
    states
        .map(|one| (one.instance_id, one.state.name))
        .collect()
}

fn states<const N: usize>(expected: [&str; N]) -> BTreeMap<NodeId, String> {
    let states = expected.into_iter().enumerate();
    states
        .map(|(number, state)| (node_id(number), state.to_owned()))
        .collect()
}

/// The nodes that the events name as stopped, and those that they name as left.
async fn ended(manager: &PatchManager, count: usize) -> (Vec<NodeId>, Vec<NodeId>) {
    let (mut stopped, mut left) = (Vec::new(), Vec::new());
    let state = begun(manager, &rollout([all(count)])).await;
    for event in events(manager, state).await {
        match event.kind {
            RolloutEventKind::InstancesStopped { nodes } => stopped.extend(nodes),
            RolloutEventKind::InstancesLeft { nodes } => left.extend(nodes),
            _ => {}
        }
    }
    (stopped, left)
}

#[tokio::test]
async fn an_instance_that_could_not_be_started_and_that_somebody_starts_later_stays_running() {
    let (account, manager) = stopped(1);
    let code = "InsufficientInstanceCapacity";
    let faults = account.faults();
    faults.fail(
        Operation::StartInstances,
        ErrorKind::Other,
        code,
        "no capacity",
    );
    let somebody = account.clone();
    let starts = Before::new(Operation::SendCommand, move || {
        somebody
            .set_condition(&node_id(0), NodeCondition::Online)
            .unwrap();
    });
    let (stopped, left) = ended(&manager.layer(starts), 1).await;
    assert_eq!((stopped, left), (vec![], ids([0])));
    assert_eq!(account.call_count(Operation::StopInstances), 0);
    assert_eq!(power(&account, 1).await, states(["running"]));
}

/// Between the look at its state and the call.
#[tokio::test]
async fn an_instance_that_somebody_starts_first_stays_running() {
    let (account, manager) = stopped(2);
    let somebody = account.clone();
    let starts = Before::new(Operation::StartInstances, move || {
        somebody
            .set_condition(&node_id(0), NodeCondition::Online)
            .unwrap();
    });
    let (stopped, left) = ended(&manager.layer(starts), 2).await;
    assert_eq!((stopped, left), (ids([1]), ids([0])));
    assert_eq!(power(&account, 2).await, states(["running", "stopped"]));
}

/// The repeated call finds an instance that starts, and does not know by whom.
#[tokio::test]
async fn an_instance_stays_running_if_the_reply_to_its_start_was_lost() {
    let (account, manager) = stopped(1);
    account.faults().lose_reply(Operation::StartInstances);
    let (stopped, left) = ended(&manager, 1).await;
    assert_eq!((stopped, left), (vec![], ids([0])));
    assert_eq!(power(&account, 1).await, states(["running"]));
}

#[tokio::test]
async fn of_several_instances_those_are_stopped_again_that_could_be_started() {
    let (account, manager) = stopped(3);
    let code = "InsufficientInstanceCapacity";
    let faults = account.faults();
    let failing = faults.fail(
        Operation::StartInstances,
        ErrorKind::Other,
        code,
        "no capacity",
    );
    // The call for all, and the one for the first.
    failing.times(2);
    let state = begun(&manager, &rollout([all(3)])).await;
    let (_, state) = carried_on(&manager, state).await;
    assert_eq!(state.waves[0].nodes_to_start, ids(0..3));
    assert_eq!(state.waves[0].started_nodes, ids(1..3));
    assert_eq!(power(&account, 3).await, states(["stopped"; 3]));
    assert_eq!(account.call_count(Operation::StartInstances), 4);
}
