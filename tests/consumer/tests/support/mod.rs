//! What the tests share: a pager that remembers, and a fleet.
#![allow(dead_code)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{BaselineBuilder, MemoryBackend, PatchGroup, PatchManager, RuleBuilder};
use patch_night::{Pager, PatchNight};

pub const GOOD: &str = "i-00000000000000001";
pub const LOST: &str = "i-00000000000000002";

/// Remembers its pages.
#[derive(Default)]
pub struct Remembering(Mutex<Vec<String>>);

impl Remembering {
    pub fn pages(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Pager for Remembering {
    async fn page(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

pub fn service(manager: PatchManager) -> (PatchNight, Arc<Remembering>) {
    let pager = Arc::new(Remembering::default());
    (PatchNight::new(manager, pager.clone()), pager)
}

pub fn web() -> PatchGroup {
    PatchGroup::new("web").unwrap()
}

/// An account with a Windows node in the group `web` that misses the patches of the shipped
/// catalog.
pub fn account() -> MemoryBackend {
    let account = MemoryBackend::new();
    account.add_node(FleetNode::windows_server_2022(GOOD).with_tag("Patch Group", "web"));
    account
}

/// The same with a node whose agent lost contact.
pub fn account_with_a_lost_node() -> MemoryBackend {
    let account = account();
    let node = FleetNode::windows_server_2022(LOST).with_tag("Patch Group", "web");
    account.add_node(node.with_condition(NodeCondition::Unreachable));
    account
}

/// Binds the group to a baseline that approves everything.
pub async fn bind(manager: &PatchManager) {
    let everything = BaselineBuilder::new("everything", OperatingSystem::Windows)
        .rule(RuleBuilder::new().approve_after_days(0))
        .build()
        .unwrap();
    let baseline = manager.ensure_baseline(&everything).await.unwrap();
    manager
        .bind_patch_group(&web(), &baseline.id)
        .await
        .unwrap();
}
