//! What a configuration manager of Quick Setup holds beside its patch policy.

use std::collections::BTreeMap;

use crate::schedule::PatchPolicy;

/// What a configuration manager holds beside its policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Manager {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) type_version: Option<String>,
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
