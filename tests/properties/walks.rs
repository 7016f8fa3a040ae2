//! Random walks over an account in memory: `PROPTEST_CASES=20000 cargo test -p patch-manager-properties --test
//! walks` for a long run.

#![allow(clippy::unwrap_used)]

#[path = "../support/turns.rs"]
#[allow(dead_code)]
mod turns;
#[path = "../support/walk.rs"]
mod walk;

use aws_patch_manager::{MemoryBackend, PatchManager};
use futures_util::FutureExt;
use proptest::collection::vec;
use proptest::prelude::*;
use walk::{Step, World};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_made_twice(numbers in vec(0..1_u64 << 40, 1..12)) {
        let account = MemoryBackend::sample();
        let manager = PatchManager::from_memory(&account);
        let mut world = World::new(account, &manager);
        let walk = async {
            for number in numbers {
                world.take(Step::of(number)).await;
                world.holds().await;
            }
            world.finish().await;
        };
        prop_assert!(walk.now_or_never().is_some(), "a walk in memory waits for nothing");
    }
}
