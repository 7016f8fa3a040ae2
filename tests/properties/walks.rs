//! Random walks over an account in memory: `PROPTEST_CASES=20000 cargo test -p patch-manager-properties --test
//! walks` for a long run.

#![allow(clippy::unwrap_used)]

#[path = "../../src/docs/cache.rs"]
mod cache;
#[path = "../support/cut.rs"]
#[allow(dead_code)]
mod cut;
#[path = "../support/cuts.rs"]
mod cuts;
#[path = "../support/organization_walk.rs"]
mod organization_walk;
#[path = "../support/organizations.rs"]
#[allow(dead_code)]
mod organizations;
#[path = "../support/stack.rs"]
mod stack;
#[path = "../support/turns.rs"]
#[allow(dead_code)]
mod turns;
#[path = "../support/walk.rs"]
mod walk;

use aws_patch_manager::{MemoryBackend, PatchManager};
use futures_util::FutureExt;
use organization_walk::OrganizationWorld;
use proptest::collection::vec;
use proptest::prelude::*;
use walk::World;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_made_twice(
        numbers in vec(0..1_u64 << 40, 1..12),
        with_layers in any::<bool>(),
        page_size_cap in prop_oneof![Just(1000), Just(2)],
    ) {
        let account = MemoryBackend::builder()
            .sample_fleet()
            .page_size_cap(page_size_cap)
            .build();
        let manager = PatchManager::from_memory(&account);
        let mut world = World::new(account, &manager, with_layers);
        let walk = async {
            for number in numbers {
                world.take(walk::step(number)).await;
                world.holds().await;
            }
            world.finish().await;
        };
        prop_assert!(walk.now_or_never().is_some(), "a walk in memory waits for nothing");
    }
}

/// Each walk takes an organization of its own.
fn fewer() -> ProptestConfig {
    let all = ProptestConfig::default();
    ProptestConfig {
        cases: all.cases.div_ceil(4),
        failure_persistence: None,
        ..all
    }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn a_run_in_an_organization_is_one_run_of_every_account_region_and_node(
        numbers in vec(0..1_u64 << 40, 1..12),
        with_layers in any::<bool>(),
        page_size_cap in prop_oneof![Just(1000), Just(2)],
    ) {
        let mut world = OrganizationWorld::new(with_layers, page_size_cap);
        let walk = async {
            for number in numbers {
                world.take(organization_walk::step(number)).await;
                world.holds().await;
            }
            world.finish().await;
        };
        prop_assert!(walk.now_or_never().is_some(), "a walk in memory waits for nothing");
    }
}
