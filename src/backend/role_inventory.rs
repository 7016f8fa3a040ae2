use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::types::InstanceProfile;

/// Knows the roles behind instance profiles. Optional: it takes a client for IAM, which no adapter
/// of this crate has.
///
/// Without it, [`PatchManager::check_prerequisites`](crate::PatchManager::check_prerequisites) says
/// of a node's policy that it was not checked. An implementation over `aws-sdk-iam` makes two calls:
///
/// ```text
/// let profile = iam.get_instance_profile().instance_profile_name(name).send().await?;
/// let role = profile.instance_profile()….roles()…;
/// let policies = iam.list_attached_role_policies().role_name(role).into_paginator().items()…;
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RoleInventory: fmt::Debug + Send + Sync + 'static {
    /// GetInstanceProfile and ListAttachedRolePolicies (IAM): a profile, by its name, with its role
    /// and that role's managed policies.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such profile.
    async fn get_instance_profile(&self, name: &str) -> Result<InstanceProfile>;
}
