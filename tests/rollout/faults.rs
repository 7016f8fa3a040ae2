//! Whatever fails: no node is patched twice in a wave, none is forgotten, and each gate is obeyed.

use aws_patch_manager::PatchManager;

use crate::scenario::{Scenario, Tally};

const SEEDS: u64 = 1_000;
const NODES: usize = 12;

#[tokio::test]
async fn no_node_is_patched_twice_none_is_forgotten_and_each_gate_is_obeyed() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let scenario = Scenario::new(seed, NODES);
        let manager = PatchManager::from_memory(scenario.account());
        tally.add(&scenario.play(&manager).await);
    }
    tally.check();
}
