//! To whom the resources of an account belong: the tag of their owner says so.

use super::desired::OWNER_TAG;
use super::resource::ResourceKind;
use super::snapshot::MirrorSnapshot;
use super::step::{PlannedResource, PlannedStep};
use crate::group::PatchGroupTagKey;
use crate::types::{BaselineId, OperatingSystem, Tag, Target};

/// To whom a resource belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// Its kind has no tag that says so.
    Untagged,
    /// It does not exist yet.
    Absent,
    /// The state.
    Own,
    /// Nobody.
    Free,
    /// Another state.
    Other(String),
}

impl Owner {
    /// Whether the state tags such a resource as its own even if nothing else of it changes.
    pub(super) fn is_tagged(&self, adopt: bool) -> bool {
        match self {
            Self::Own => true,
            Self::Free => adopt,
            Self::Untagged | Self::Absent | Self::Other(_) => false,
        }
    }
}

/// The owners in a snapshot, seen from one state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owners<'a> {
    snapshot: &'a MirrorSnapshot,
    state: &'a str,
}

impl<'a> Owners<'a> {
    pub(super) fn new(snapshot: &'a MirrorSnapshot, state: &'a str) -> Self {
        Self { snapshot, state }
    }

    /// To whom the resource of this name belongs.
    pub(super) fn of(&self, resource: &PlannedResource) -> Owner {
        let name = resource.name.as_str();
        let os = resource.operating_system.as_ref();
        let tags = match resource.kind {
            ResourceKind::Baseline => {
                let mut known = self.snapshot.baselines.iter();
                let is_it = |baseline: &crate::baseline::PatchBaseline| {
                    baseline.name == name && Some(&baseline.operating_system) == os
                };
                let found = known.find(|known| is_it(&known.baseline));
                found.map(|found| &found.tags)
            }
            ResourceKind::MaintenanceWindow => {
                let mut known = self.snapshot.windows.iter();
                let found = known.find(|known| known.window.name.as_deref() == Some(name));
                found.map(|found| &found.tags)
            }
            ResourceKind::Association => {
                let mut known = self.snapshot.associations.iter();
                let found =
                    known.find(|known| known.association.association_name.as_deref() == Some(name));
                found.map(|found| &found.tags)
            }
            ResourceKind::PatchGroup
            | ResourceKind::DefaultBaseline
            | ResourceKind::Nodes
            | ResourceKind::PatchPolicy => return Owner::Untagged,
        };
        tags.map_or(Owner::Absent, |tags| self.by(tags))
    }

    /// To whom a resource with these tags belongs.
    pub(super) fn by(&self, tags: &[Tag]) -> Owner {
        match tags.iter().find(|tag| tag.key == OWNER_TAG) {
            None => Owner::Free,
            Some(tag) if tag.value == self.state => Owner::Own,
            Some(tag) => Owner::Other(tag.value.clone()),
        }
    }

    pub(super) fn owns(&self, tags: &[Tag]) -> bool {
        self.by(tags) == Owner::Own
    }

    /// Whether there still is what a step deletes or gives back.
    pub(super) fn has(&self, step: &PlannedStep) -> bool {
        let snapshot = self.snapshot;
        let Some(id) = step.id.as_deref() else {
            return true;
        };
        let name = step.resource.name.as_str();
        let os = step.resource.operating_system.as_ref();
        let is_id = |known: Option<&str>| known == Some(id);
        match step.resource.kind {
            ResourceKind::Baseline => {
                let mut known = snapshot.baselines.iter();
                known.any(|known| known.baseline.baseline_id.as_str() == id)
            }
            ResourceKind::PatchGroup => snapshot.patch_groups.iter().any(|row| {
                let baseline = &row.baseline_identity;
                row.patch_group.as_str() == name
                    && baseline.operating_system.as_ref() == os
                    && is_id(baseline.baseline_id.as_ref().map(BaselineId::as_str))
            }),
            ResourceKind::DefaultBaseline => {
                let default = |os: &OperatingSystem| snapshot.default_baseline(os);
                is_id(os.and_then(default).map(BaselineId::as_str))
            }
            ResourceKind::Nodes => true,
            ResourceKind::PatchPolicy => {
                let mut known = snapshot.policies.iter();
                known.any(|known| known.arn.as_str() == id)
            }
            ResourceKind::MaintenanceWindow => {
                let mut known = snapshot.windows.iter();
                known.any(|known| is_id(known.window.window_id.as_ref().map(|id| id.as_str())))
            }
            ResourceKind::Association => snapshot.associations.iter().any(|known| {
                let known = &known.association.association_id;
                is_id(known.as_ref().map(|id| id.as_str()))
            }),
        }
    }

    /// A window or an association of another state that patches a group, in words.
    pub(super) fn other_user_of(&self, group: &str) -> Option<String> {
        let windows = self.snapshot.windows.iter().filter_map(|known| {
            let state = self.other(&known.tags)?;
            let targets = known
                .targets
                .iter()
                .flat_map(|known| known.targets.iter().flatten());
            let of_tasks = known
                .tasks
                .iter()
                .flat_map(|task| task.targets.iter().flatten());
            let name = known.window.name.as_deref().unwrap_or_default();
            let mut targets = targets.chain(of_tasks);
            let uses = targets.any(|target| names_group(target, group));
            uses.then(|| format!("the maintenance window {name} of the state `{state}`"))
        });
        let associations = self.snapshot.associations.iter().filter_map(|known| {
            let state = self.other(&known.tags)?;
            let known = &known.association;
            let name = known.association_name.as_deref().unwrap_or_default();
            let mut targets = known.targets.iter().flatten();
            let uses = targets.any(|target| names_group(target, group));
            uses.then(|| format!("the association {name} of the state `{state}`"))
        });
        windows.chain(associations).next()
    }

    fn other(&self, tags: &[Tag]) -> Option<String> {
        match self.by(tags) {
            Owner::Other(state) => Some(state),
            _ => None,
        }
    }
}

/// Whether a target is the nodes of a patch group, under either key of its tag.
fn names_group(target: &Target, group: &str) -> bool {
    let key = target.key.strip_prefix("tag:");
    let is_group = |known: &PatchGroupTagKey| Some(known.as_str()) == key;
    PatchGroupTagKey::ALL.iter().any(is_group) && target.values.iter().any(|value| value == group)
}
