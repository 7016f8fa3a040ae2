//! The adapters keep every rule of the conformance suite, over HTTP and the real SDKs.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/suite.rs"]
mod suite;
mod support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::aws::AwsBackend;
use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, NodeInventory, PatchCatalog,
    PatchGroupRegistry, ScheduleStore,
};
use aws_patch_manager::emulator::Emulator;
use aws_patch_manager::testing::conformance::{Harness, RULES, Verdict, run_all};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{MemoryBackend, Result};
use jiff::{SignedDuration, Timestamp};
use suite::{HYBRID, LINUX, WINDOWS, fleet};

/// The adapter, and behind the socket the account it talks to.
#[derive(Debug)]
struct OverHttp {
    adapter: Arc<AwsBackend>,
    account: MemoryBackend,
}

#[async_trait]
impl Harness for OverHttp {
    fn baselines(&self) -> Arc<dyn BaselineStore> {
        self.adapter.clone()
    }

    fn groups(&self) -> Arc<dyn PatchGroupRegistry> {
        self.adapter.clone()
    }

    fn catalog(&self) -> Arc<dyn PatchCatalog> {
        self.adapter.clone()
    }

    fn nodes(&self) -> Arc<dyn NodeInventory> {
        self.adapter.clone()
    }

    fn schedules(&self) -> Arc<dyn ScheduleStore> {
        self.adapter.clone()
    }

    fn commands(&self) -> Arc<dyn CommandRunner> {
        self.adapter.clone()
    }

    fn compliance(&self) -> Arc<dyn ComplianceSource> {
        self.adapter.clone()
    }

    fn windows_node(&self) -> NodeId {
        WINDOWS.into()
    }

    fn linux_node(&self) -> NodeId {
        LINUX.into()
    }

    fn hybrid_node(&self) -> NodeId {
        HYBRID.into()
    }

    fn now(&self) -> Timestamp {
        self.account.clock().now()
    }

    async fn advance(&self, by: Duration) {
        self.account.advance(SignedDuration::try_from(by).unwrap());
    }

    async fn reset_nodes(&self) -> Result<()> {
        for node in fleet() {
            self.account.add_node(node);
        }
        Ok(())
    }
}

#[tokio::test]
async fn every_rule_is_kept_over_http() {
    let account = MemoryBackend::new();
    let emulator = Emulator::start(account.clone()).unwrap();
    let config = support::config(emulator.endpoint(), "secret");
    let adapter = AwsBackend::builder(&config).account("123456789012").build();
    let harness = OverHttp {
        adapter: Arc::new(adapter),
        account,
    };
    let report = run_all(&harness).await;
    let kept = report
        .verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Kept));
    assert_eq!(kept.count(), RULES.len(), "{report}");
    emulator.shutdown().await;
}
