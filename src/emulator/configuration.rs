//! What a configuration manager of Quick Setup holds beside its patch policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schedule::PatchPolicy;

/// What a configuration manager holds beside its policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Manager {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) roles: Roles,
}

impl Manager {
    /// The manager of a policy that was not made through the port.
    pub(super) fn of(policy: &PatchPolicy) -> Self {
        Self {
            name: Some(policy.name.clone()),
            ..Self::default()
        }
    }
}

/// The roles that deploy it, and the version of its type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Roles {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) type_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) local_deployment_administration_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) local_deployment_execution_role_name: Option<String>,
}

impl Roles {
    /// Keeps what an update leaves out.
    pub(super) fn take(&mut self, other: Self) {
        if let Some(version) = other.type_version {
            self.type_version = Some(version);
        }
        if let Some(arn) = other.local_deployment_administration_role_arn {
            self.local_deployment_administration_role_arn = Some(arn);
        }
        if let Some(name) = other.local_deployment_execution_role_name {
            self.local_deployment_execution_role_name = Some(name);
        }
    }
}
