use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::{Clock, ManualClock, MemoryBackend, PatchManager};
use jiff::Timestamp;

/// The longest time that a wait takes here: a patch run would take an hour.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A clock on which a wait takes its time, but no more than a moment of ours.
#[derive(Debug)]
struct FastClock(ManualClock);

#[async_trait]
impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.min(LONGEST_WAIT)).await;
        self.0.sleep(duration).await;
    }
}

/// An account with this number of nodes, of which every third misses an update. Some calls are throttled.
pub(crate) fn of(nodes: usize) -> PatchManager {
    let clock = Arc::new(FastClock(ManualClock::new(Timestamp::constant(
        1_780_000_000,
        0,
    ))));
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes).map(node).collect();
    let account = MemoryBackend::builder()
        .clock(clock.clone())
        .fleet(fleet)
        .build();
    account.faults().latency(Duration::from_millis(100));
    for call in [3, 4, 9] {
        let calls = Operation::DescribeInstancePatchStates;
        account.faults().throttle(calls).on_call(call);
    }
    PatchManager::builder()
        .backend(Arc::new(account))
        .clock(clock)
        .build()
}

fn node(number: usize) -> FleetNode {
    let node =
        FleetNode::amazon_linux_2023(format!("i-{number:017x}")).with_tag("Patch Group", "web");
    let openssl = InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.2", "x86_64");
    match number % 3 {
        0 => node.with_installed(openssl),
        _ => node,
    }
}
