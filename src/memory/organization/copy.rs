//! A copy of an organization, and the return to it.

use super::permissions::Permissions;
use super::policies::{Changed, Deployment};
use super::run::ParentRun;
use super::{MemoryOrganization, Organization, locked};
use crate::memory::copy::AccountCopy;

/// An organization at one instant: its members, what runs in several of them, and who may act where.
#[derive(Debug)]
pub(crate) struct OrganizationCopy {
    /// In the order of the members.
    members: Vec<AccountCopy>,
    permissions: Permissions,
    started: Vec<ParentRun>,
    runs: Vec<ParentRun>,
    changed: Vec<Changed>,
    deployments: Vec<Deployment>,
}

impl MemoryOrganization {
    /// Copies the organization as it is now.
    pub(crate) fn copy(&self) -> OrganizationCopy {
        let Organization { members, .. } = &*self.shared;
        let members = members.values().map(|member| member.copy()).collect();
        OrganizationCopy {
            members,
            permissions: locked(&self.shared.permissions).clone(),
            started: locked(&self.shared.started).clone(),
            runs: locked(&self.shared.runs).clone(),
            changed: locked(&self.shared.changed).clone(),
            deployments: locked(&self.shared.deployments).clone(),
        }
    }

    /// Makes the organization what it was when it was copied, its clock too.
    pub(crate) fn return_to(&self, copy: &OrganizationCopy) {
        *locked(&self.shared.permissions) = copy.permissions.clone();
        *locked(&self.shared.runs) = copy.runs.clone();
        *locked(&self.shared.started) = copy.started.clone();
        *locked(&self.shared.deployments) = copy.deployments.clone();
        *locked(&self.shared.changed) = copy.changed.clone();
        for (member, copy) in self.shared.members.values().zip(&copy.members) {
            member.return_to(copy);
        }
    }
}
