//! Random walks over HTTP and the real SDKs, as in memory but fewer: `WALKS=500` for more.

#![cfg(all(
    feature = "aws",
    feature = "emulator",
    feature = "default-https-client"
))]
#![allow(clippy::unwrap_used)]

#[path = "../src/docs/cache.rs"]
mod cache;
#[path = "support/cuts.rs"]
mod cuts;
#[path = "support/stack.rs"]
mod stack;
mod support;
#[path = "support/walk.rs"]
mod walk;

use std::sync::Arc;

use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::{MemoryBackend, PatchManager};
use support::{cut, turns};
use walk::World;

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_made_twice() {
    let walks = std::env::var("WALKS").map_or(12, |walks| walks.parse().unwrap());
    for seed in 0..walks {
        let mut random = fastrand::Rng::with_seed(seed);
        let account = MemoryBackend::sample();
        let emulator = Emulator::start(account.clone()).unwrap();
        let config = support::aws::config(emulator.endpoint(), "secret");
        let adapter = AwsBackend::builder(&config).account("123456789012").build();
        let manager = PatchManager::builder()
            .backend(Arc::new(adapter))
            .clock(account.clock())
            .build();
        let world = World::new(account, &manager, seed % 2 == 1);
        let mut world = world.with_ec2(cfg!(feature = "ec2"));
        for _ in 0..random.usize(1..10) {
            let step = walk::step(random.u64(..1 << 40));
            println!("seed {seed}: {step:?}");
            world.take(step).await;
            world.holds().await;
        }
        world.finish().await;
        emulator.shutdown().await;
    }
}
