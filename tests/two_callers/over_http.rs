//! The same over HTTP and the real SDKs, in fewer orders.

use std::sync::Arc;

use aws_patch_manager::PatchManager;
use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::emulator::Emulator;

use crate::ensured::{Baseline, Ensured, association, policy, runbook, sync, window};
use crate::support::aws::config;
use crate::{once, slow_sample};

const ORDERS: u64 = 25;

async fn over_http(wanted: [&impl Ensured; 2], same: bool) {
    for seed in 0..ORDERS {
        let mut random = fastrand::Rng::with_seed(seed);
        let account = slow_sample();
        let emulator = Emulator::start(account.clone()).unwrap();
        let config = config(emulator.endpoint(), "secret");
        let adapter = AwsBackend::builder(&config).account("123456789012").build();
        let manager = PatchManager::builder()
            .backend(Arc::new(adapter))
            .clock(account.clock())
            .build();
        once(&manager, wanted, same, || random.usize(0..2)).await;
        emulator.shutdown().await;
    }
}

#[tokio::test]
async fn two_callers_over_http_make_one_of_each() {
    over_http([&Baseline(7), &Baseline(7)], true).await;
    over_http([&policy(1), &policy(1)], true).await;
    over_http([&window(1), &window(1)], true).await;
    over_http([&association(1), &association(1)], true).await;
    over_http([&runbook("a"), &runbook("a")], true).await;
    over_http([&sync("a"), &sync("a")], true).await;
}

#[tokio::test]
async fn two_callers_over_http_with_different_wishes_leave_one_of_each() {
    over_http([&Baseline(7), &Baseline(14)], false).await;
    over_http([&policy(1), &policy(2)], false).await;
    over_http([&window(1), &window(2)], false).await;
    over_http([&association(1), &association(2)], false).await;
    over_http([&runbook("a"), &runbook("b")], false).await;
}
