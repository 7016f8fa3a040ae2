//! A state is a file: a person, a disk or another program can have changed it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::memory::NodeCondition;
use aws_patch_manager::rollout::{
    Gate, InMemoryRolloutStore, LimitPer, NodeSet, Rollout, RolloutRun, RolloutState,
    RolloutStatus, RolloutStore, Wave,
};
use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager, Result};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::world::*;

const NODES: usize = 6;

fn three_waves() -> Rollout {
    let gate = Gate::new(50).online_within(HOUR);
    Rollout::new("june")
        .target(NodeSet::Nodes(ids(0..NODES)))
        .limit(1, LimitPer::AvailabilityZone)
        .wave(Wave::share("a", 10).gate(gate).bake(HOUR).start_stopped())
        .wave(Wave::share("b", 40).gate(Gate::new(1)).start_stopped())
        .wave(Wave::rest("c").gate(Gate::new(1)).start_stopped())
}

fn three_waves_account() -> (MemoryBackend, PatchManager) {
    let mut nodes = instances(NODES);
    nodes[0].condition = NodeCondition::Stopped;
    nodes[2] = failing(2);
    nodes[4].condition = NodeCondition::Stopped;
    account(nodes)
}

type Edit = fn(&mut Value);

/// What is wrong, how a state comes to be so, and the path and the value of the first violation.
const EDITS: [(&str, Edit, &str, &str); 24] = [
    ("no waves", |s| s["Waves"] = json!([]), "Waves", "0"),
    (
        "a wave is missing",
        |s| drop(array(s, "/Waves").pop()),
        "Waves",
        "2",
    ),
    (
        "a wave too many",
        |s| array(s, "/Waves").push(wave_like("d")),
        "Waves",
        "4",
    ),
    (
        "waves are swapped",
        |s| array(s, "/Waves").swap(0, 1),
        "Waves[0].Name",
        "b",
    ),
    (
        "a wave is renamed",
        |s| s["Waves"][1]["Name"] = json!("x"),
        "Waves[1].Name",
        "x",
    ),
    (
        "the rollout's wave is renamed",
        |s| s["Rollout"]["Waves"][1]["Name"] = json!("x"),
        "Waves[1].Name",
        "b",
    ),
    (
        "another form",
        |s| s["SchemaVersion"] = json!(2),
        "SchemaVersion",
        "2",
    ),
    (
        "no form",
        |s| drop(object(s).remove("SchemaVersion")),
        "SchemaVersion",
        "0",
    ),
    (
        "the waves of another rollout",
        |s| s["Id"] = json!("0123456789abcdef"),
        "Waves[0].Commands[0].Comment",
        "june rollout ID 1.1",
    ),
    ("no id", |s| s["Id"] = json!("june"), "Id", "june"),
    (
        "another name of the rollout",
        |s| s["Rollout"]["Name"] = json!("july"),
        "Waves[0].Commands[0].Comment",
        "june rollout ID 1.1",
    ),
    (
        "a share has other nodes",
        |s| s["Rollout"]["Waves"][0]["Nodes"] = json!({"Share": 50}),
        "Waves[0].Nodes",
        "1 node",
    ),
    (
        "no nodes",
        |s| s["Waves"][0]["Nodes"] = json!([]),
        "Waves[0].Nodes",
        "",
    ),
    (
        "a node is gone",
        |s| drop(array(s, "/Waves/2/Nodes").pop()),
        "Waves[2].Commands[0].Nodes",
        "i-00000000000000005",
    ),
    (
        "a node of another wave",
        |s| s["Waves"][1]["Nodes"][0] = s["Waves"][0]["Nodes"][0].clone(),
        "Waves[1].Nodes[0]",
        "i-00000000000000000",
    ),
    (
        "a command is gone",
        |s| drop(array(s, "/Waves/0/Commands").pop()),
        "Waves[0].Commands",
        "i-00000000000000000",
    ),
    (
        "a node in two commands",
        |s| {
            let mut again = s["Waves"][0]["Commands"][0].clone();
            again["Comment"] = json!(
                again["Comment"]
                    .as_str()
                    .map(|text| text.replace("1.1", "1.2"))
            );
            array(s, "/Waves/0/Commands").push(again);
        },
        "Waves[0].Commands[1].Nodes",
        "i-00000000000000000",
    ),
    (
        "an end without results",
        |s| s["Waves"][0]["Commands"][0]["Progress"] = json!("Ended"),
        "Waves[0].Commands[0].Progress",
        "i-00000000000000000",
    ),
    (
        "a gate was skipped",
        |s| s["Waves"][0]["Phase"] = json!("Done"),
        "Waves[0].Phase",
        "done",
    ),
    (
        "a wave before its turn",
        |s| {
            s["Waves"][1]["Phase"] = json!("Installing");
            s["Waves"][1]["Started"] = json!("2026-05-14T00:00:00Z");
        },
        "Waves[1].Phase",
        "installing",
    ),
    (
        "completed without a wave",
        |s| s["Status"] = json!("Completed"),
        "Status",
        "completed",
    ),
    (
        "started without being stopped",
        |s| s["Waves"][0]["StartedNodes"] = json!([id(0)]),
        "Waves[0].StartedNodes",
        "i-00000000000000000",
    ),
    (
        "no snapshot",
        |s| drop(object(s).remove("SnapshotId")),
        "SnapshotId",
        "",
    ),
    (
        "the last revision",
        |s| s["Revision"] = json!(u64::MAX),
        "Revision",
        "18446744073709551615",
    ),
];

fn array<'a>(state: &'a mut Value, path: &str) -> &'a mut Vec<Value> {
    state.pointer_mut(path).unwrap().as_array_mut().unwrap()
}

fn object(state: &mut Value) -> &mut serde_json::Map<String, Value> {
    state.as_object_mut().unwrap()
}

fn wave_like(name: &str) -> Value {
    json!({"Name": name, "Phase": "Pending", "Nodes": [id(9)], "Commands": []})
}

/// By path and value, before any call; and a completed rollout is one whose waves are all done.
#[tokio::test]
async fn a_state_that_does_not_fit_its_rollout_is_refused_and_says_where() {
    let (account, manager) = three_waves_account();
    let state = begun(&manager, &three_waves()).await;
    state.check().unwrap();
    account.clear_calls();
    for (what, edit, field, value) in EDITS {
        let mut file = serde_json::to_value(&state).unwrap();
        edit(&mut file);
        let edited: RolloutState = serde_json::from_value(file).unwrap();
        let store = InMemoryRolloutStore::new();
        let run = RolloutRun::new(&manager, edited.clone(), store.clone());
        let refused = run.finish().await.expect_err(what);
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{what}");
        let first = &refused.violations()[0];
        let value = value.replace("ID", &state.id);
        assert_eq!(
            (&*first.field, &*first.value),
            (field, &*value),
            "{what}: {refused}"
        );
        assert!(!first.legal.is_empty(), "{what}");
        assert!(store.last().is_none(), "{what}");
        assert_eq!(
            edited.check().unwrap_err().violations(),
            refused.violations()
        );
    }
    assert_eq!(account.calls(), [""; 0]);
}

/// A run saves more than once: the number of the last revision is no panic at any of its saves.
#[tokio::test]
async fn a_run_whose_revisions_end_fails_and_says_so() {
    let (_, manager) = three_waves_account();
    let mut state = begun(&manager, &three_waves()).await;
    state.revision = u64::MAX - 2;
    let store = InMemoryRolloutStore::new();
    let run = RolloutRun::new(&manager, state, store.clone());
    let refused = run.finish().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    assert_eq!(refused.violations()[0].field, "Revision");
    assert_eq!(store.last().unwrap().revision, u64::MAX);
}

/// Every state that a run saves.
#[derive(Debug, Clone, Default)]
struct History(Arc<Mutex<Vec<RolloutState>>>);

#[async_trait]
impl RolloutStore for History {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        self.0.lock().unwrap().push(state.clone());
        Ok(())
    }
}

fn history() -> Vec<RolloutState> {
    let (_, manager) = three_waves_account();
    let state = three_waves()
        .begin(&manager)
        .now_or_never()
        .unwrap()
        .unwrap();
    let history = History::default();
    let run = RolloutRun::new(&manager, state, history.clone()).finish();
    let outcome = run.now_or_never().unwrap().unwrap();
    assert_eq!(outcome.status, RolloutStatus::Completed);
    let states = history.0.lock().unwrap().clone();
    assert!(states.len() > 20, "{}", states.len());
    states
}

#[test]
fn every_state_that_a_run_saves_fits_its_rollout() {
    for state in history() {
        state.check().unwrap();
    }
}
