//! The same rollouts through the adapter, over HTTP, in the emulator.
//!
//! A lost reply is a connection that closes, a throttled call an error that the SDK repeats by itself.

#![cfg(all(
    feature = "ec2",
    feature = "emulator",
    feature = "default-https-client"
))]

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aws_patch_manager::PatchManager;
use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::aws::aws_sdk_ssm::config::retry::RetryConfig;
use aws_patch_manager::backend::layer::LimitConfig;
use aws_patch_manager::emulator::Emulator;
use futures_util::{StreamExt, stream};

use crate::scenario::{Scenario, Tally};
use crate::support::aws::config;
use crate::support::environment::cases;

/// A thousand take minutes: the variable `ROLLOUT_SEEDS` asks for them.
const SEEDS: u64 = 200;
const NODES: usize = 6;

/// How many rollouts a thread carries through at the same time: most of them wait, because the
/// adapter pauses for half a second before it sends a throttled command again.
const AT_ONCE: usize = 16;

/// The futures of the SDK are large in a debug build.
const STACK: usize = 8 << 20;

async fn played(seed: u64) -> Tally {
    let scenario = Scenario::new(seed, NODES);
    let emulator = Emulator::start(scenario.account().clone()).unwrap();
    // By default the SDK waits for up to a second before it repeats a call, and the adapter lowers
    // the rate of a throttled operation to a few calls a second.
    let retry = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = config(emulator.endpoint(), "secret").into_builder();
    let config = config.retry_config(retry).build();
    let limits = LimitConfig::default().with_max_rate(1e6);
    let adapter = AwsBackend::builder(&config).limits(limits).build();
    let manager = PatchManager::builder()
        .backend(Arc::new(adapter))
        .clock(scenario.account().clock())
        .build();
    let tally = scenario.play(&manager).await;
    emulator.shutdown().await;
    tally
}

/// Every n-th seed, in a thread of its own.
fn share(first: u64, threads: usize, seeds: u64) -> Tally {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let seeds = (first..seeds).step_by(threads);
        let mut all = stream::iter(seeds).map(played).buffer_unordered(AT_ONCE);
        let mut tally = Tally::default();
        while let Some(one) = all.next().await {
            tally.add(&one);
        }
        tally
    })
}

#[test]
fn over_http_too_no_node_is_patched_twice_none_is_forgotten_and_each_gate_is_obeyed() {
    let seeds = cases("ROLLOUT_SEEDS", SEEDS);
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(4);
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let start = |first: u64| {
            let thread = thread::Builder::new().stack_size(STACK);
            thread
                .spawn_scoped(scope, move || share(first, threads, seeds))
                .unwrap()
        };
        let shares: Vec<_> = (0..threads as u64).map(start).collect();
        for share in shares {
            tally.add(&share.join().unwrap());
        }
    });
    tally.check();
}
