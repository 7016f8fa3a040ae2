//! A trait of this crate implemented by hand: the roles from a company's own tool.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use aws_patch_manager::backend::{GetInstanceProfile, RoleInventory};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::InstanceProfile;
use aws_patch_manager::{MemoryBackend, PatchManager, Result};
use support::{GOOD, service};

/// No profile has a role.
#[derive(Debug)]
struct Powerless;

#[async_trait]
impl RoleInventory for Powerless {
    async fn get_instance_profile(&self, request: GetInstanceProfile) -> Result<InstanceProfile> {
        let name = &request.instance_profile_name;

        Ok(InstanceProfile::new(name, None, [""; 0]))
    }
}

#[tokio::test]
async fn a_node_whose_profile_has_no_role_is_told_before_the_night() {
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
    let role = "the instance profile web has no role: ";
    assert!(told.iter().any(|line| line.starts_with(role)), "{told:?}");
}
