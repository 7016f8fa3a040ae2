use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::types::MaxErrors;
use aws_patch_manager::{Clock, ManualClock, MemoryBackend, PatchManager, PatchRequest, Result};
use jiff::Timestamp;

/// A clock that advances at once until the fleet is scanned, and then runs in real time.
#[derive(Debug)]
struct AccountClock {
    shown: ManualClock,
    flies: AtomicBool,
}

#[async_trait]
impl Clock for AccountClock {
    fn now(&self) -> Timestamp {
        self.shown.now()
    }

    async fn sleep(&self, duration: Duration) {
        if !self.flies.load(Ordering::Relaxed) {
            tokio::time::sleep(duration).await;
        }
        self.shown.sleep(duration).await;
    }
}

/// An account with this number of scanned nodes. Every third node misses an update. Each later call
/// takes 100 ms, and three look-ups are throttled.
pub(crate) async fn scanned(nodes: usize) -> Result<PatchManager> {
    let clock = Arc::new(AccountClock {
        shown: ManualClock::new(Timestamp::constant(1_780_000_000, 0)),
        flies: AtomicBool::new(true),
    });
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes).map(node).collect();
    let ids: Vec<_> = fleet.nodes.iter().map(|node| node.id().clone()).collect();
    let account = MemoryBackend::builder()
        .clock(clock.clone())
        .fleet(fleet)
        .build();
    let manager = PatchManager::builder()
        .backend(Arc::new(account.clone()))
        .clock(clock.clone())
        .build();
    let scan = PatchRequest::scan()
        .nodes(ids)
        .max_errors(MaxErrors::Percent(100));
    let run = manager.run(&scan).await?;
    run.wait(Duration::from_secs(24 * 3600)).await?;

    clock.flies.store(false, Ordering::Relaxed);
    account.faults().latency(Duration::from_millis(100));
    for call in [20, 21, 60] {
        let fault = account
            .faults()
            .throttle(Operation::DescribeInstancePatchStates);
        fault.on_call(call);
    }
    Ok(manager)
}

fn node(number: usize) -> FleetNode {
    let node = FleetNode::amazon_linux_2023(format!("i-{number:017x}"));
    match number % 3 {
        0 => node.with_installed(InstalledPackage::rpm(
            "openssl",
            1,
            "3.2.2",
            "1.amzn2023.0.2",
            "x86_64",
        )),
        _ => node,
    }
}
