//! No state of a rollout makes a run panic, or patch a node twice, whatever was changed in its file.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use aws_patch_manager::memory::{FleetFile, FleetNode, NodeCondition};
use aws_patch_manager::rollout::{
    Gate, InMemoryRolloutStore, LimitPer, NodeSet, Rollout, RolloutRun, RolloutState, Wave,
};
use aws_patch_manager::types::{NodeId, OperatingSystem};
use aws_patch_manager::{MemoryBackend, PatchManager};
use futures_util::{FutureExt, TryStreamExt};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

const NODES: usize = 6;

fn node_id(number: usize) -> NodeId {
    NodeId::new(format!("i-{number:017x}"))
}

/// Six nodes: two are stopped, and on one every operation fails.
fn account() -> (MemoryBackend, PatchManager) {
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..NODES)
        .map(|number| FleetNode::amazon_linux_2023(node_id(number)))
        .collect();
    fleet.nodes[0].condition = NodeCondition::Stopped;
    fleet.nodes[4].condition = NodeCondition::Stopped;
    let mut old = FleetNode::new(node_id(2), OperatingSystem::Ubuntu, "Ubuntu12.04");
    old.instance_information.platform_version = Some("12.04".to_owned());
    fleet.nodes[2] = old;
    let account = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&account);
    (account, manager)
}

fn rollout() -> Rollout {
    let gate = Gate::new(50).online_within(Duration::from_hours(1));
    Rollout::new("june")
        .target(NodeSet::Nodes((0..NODES).map(node_id).collect()))
        .limit(1, LimitPer::AvailabilityZone)
        .wave(
            Wave::share("a", 10)
                .gate(gate)
                .bake(Duration::from_hours(1))
                .start_stopped(),
        )
        .wave(Wave::share("b", 40).gate(Gate::new(1)).start_stopped())
        .wave(Wave::rest("c").gate(Gate::new(1)).start_stopped())
}

/// The states that a run saved, as many as it has events.
static HISTORY: LazyLock<Vec<RolloutState>> = LazyLock::new(|| {
    let read = async {
        let (_, manager) = account();
        let state = rollout().begin(&manager).await.unwrap();
        let mut states = vec![state.clone()];
        let store = InMemoryRolloutStore::new();
        let mut events = RolloutRun::new(&manager, state, store.clone()).events();
        while events.try_next().await.unwrap().is_some() {
            states.extend(store.last());
        }
        states
    };
    let states = read.now_or_never().unwrap();
    assert!(states.last().unwrap().outcome().is_completed());
    states
});

/// The values that break careless arithmetic, dates, ids and counts.
const VALUES: [&str; 22] = [
    "null",
    "0",
    "1",
    "-1",
    "255",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "true",
    "\"\"",
    "\"a\"",
    "\"i-00000000000000001\"",
    "\"9999-12-30T22:00:00.999999999Z\"",
    "\"-009999-01-02T01:59:59Z\"",
    "\"PT0S\"",
    "\"PT2562047788015215H30M7.999999999S\"",
    "\"-PT2562047788015215H30M8.999999999S\"",
    "[]",
    "{}",
    "\"Done\"",
    "\"Running\"",
    "{\"Share\": 100}",
];

/// The paths of all values in a document, its own included.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Array(values) => {
            for (at, value) in values.iter().enumerate() {
                paths(value, &format!("{path}/{at}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                paths(value, &format!("{path}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Replaces, removes, copies or exchanges a value.
fn edited(state: &mut Value, kind: u8, at: &Index, other: &Index) {
    let mut all = Vec::new();
    paths(state, "", &mut all);
    let (path, second) = (at.get(&all).clone(), other.get(&all).clone());
    match kind {
        0 => {
            let value = other.get(&VALUES);
            *state.pointer_mut(&path).unwrap() = serde_json::from_str(value).unwrap();
        }
        1 => {
            let Some((parent, name)) = path.rsplit_once('/') else {
                return;
            };
            match state.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                Value::Array(values) => drop(values.remove(name.parse().unwrap())),
                _ => {}
            }
        }
        2 => {
            let copy = state.pointer(&second).unwrap().clone();
            *state.pointer_mut(&path).unwrap() = copy;
        }
        _ => {
            if let Some(Value::Array(values)) = state.pointer_mut(&path)
                && !values.is_empty()
            {
                values.rotate_left(1);
            }
        }
    }
}

type Edits = Vec<(u8, Index, Index)>;

/// Drives a state that was edited in these ways, if it is one at all. Returns whether it was.
fn driven(history: &[RolloutState], from: &Index, edits: &Edits) -> bool {
    let mut file = serde_json::to_value(from.get(history)).unwrap();
    for (kind, at, other) in edits {
        edited(&mut file, *kind, at, other);
    }
    let Ok(mut state) = serde_json::from_value::<RolloutState>(file) else {
        return false;
    };
    drop((state.outcome().to_string(), state.outcome().to_markdown()));
    let (account, manager) = account();
    account.advance(Duration::from_hours(1));
    let _refused = state.accept_gate();
    let windows: Vec<_> = state
        .rollout
        .waves
        .iter()
        .map(|wave| wave.window.clone())
        .collect();
    for window in windows {
        let _refused = state.move_window("b", window);
    }
    state.resume();
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, state, store.clone()).finish();
    let Ok(outcome) = run.now_or_never().expect("memory does not wait") else {
        return true;
    };
    let commands = manager
        .list_commands()
        .try_collect::<Vec<_>>()
        .now_or_never();
    let mut counts: BTreeMap<NodeId, usize> = BTreeMap::new();
    for node in commands
        .unwrap()
        .unwrap()
        .into_iter()
        .flat_map(|one| one.instance_ids)
    {
        *counts.entry(node).or_default() += 1;
    }
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    if outcome.is_completed() {
        let last = store.last().unwrap_or_else(|| from.get(history).clone());
        for wave in last.waves {
            let results: Vec<NodeId> = wave.results.into_keys().collect();
            assert_eq!(results, wave.nodes);
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn no_state_makes_a_run_panic_or_patch_a_node_twice(
        from in any::<Index>(),
        edits in proptest::collection::vec((0_u8..4, any::<Index>(), any::<Index>()), 1..4),
    ) {
        driven(&HISTORY, &from, &edits);
    }
}
