//! A trait of ours implemented by hand: the roles that a company's own tool hands out.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use aws_patch_manager::backend::RoleInventory;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::InstanceProfile;
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use support::{GOOD, service};

/// Every profile has a role, without any policy.
#[derive(Debug)]
struct Powerless;

#[async_trait]
impl RoleInventory for Powerless {
    async fn get_instance_profile(&self, name: &str) -> Result<InstanceProfile> {
        Ok(InstanceProfile::new(name, "nobody".to_owned(), [""; 0]))
    }
}

#[tokio::test]
async fn a_node_without_an_agent_is_told_before_the_night() {
    let account = MemoryBackend::new();
    let node = FleetNode::windows_server_2022(GOOD)
        .with_instance_profile("arn:aws:iam::123456789012:instance-profile/web")
        .with_condition(NodeCondition::Agentless);
    account.add_node(node);
    let manager = PatchManager::builder()
        .backend(Arc::new(account.clone()))
        .roles(Arc::new(Powerless))
        .clock(account.clock())
        .build();
    let (night, _) = service(manager);
    let told = night.preflight(&[GOOD.into()]).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("Systems Manager does not know the node: install the agent"));
}
