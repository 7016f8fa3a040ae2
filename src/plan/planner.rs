//! Makes a plan: applies the verbs to a mirror of the account, resource by resource, and reads off
//! what they write.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::DesiredState;
use super::node_tags::{GivenTags, target_text, written_tags};
use super::options::PlanOptions;
use super::owner::{Owner, Owners};
use super::plan::Plan;
use super::recorder::Recorder;
use super::resource::ResourceKind;
use super::snapshot::{MirrorSnapshot, MirroredBaseline};
use super::step::{PlannedAction, PlannedCall, PlannedResource, PlannedStep};
use super::work::{Done, Work, Worker};
use crate::backend::layer::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::manager::PatchManager;
use crate::memory::MemoryBackend;
use crate::types::{Difference, NodeId, OperatingSystem, Tag, shown_text};

pub(super) struct Planner<'a> {
    pub(super) snapshot: &'a MirrorSnapshot,
    pub(super) desired: &'a DesiredState,
    pub(super) options: PlanOptions,
    pub(super) owners: Owners<'a>,
    pub(super) worker: Worker,
    pub(super) recorder: Recorder,
    /// The names of the baselines that are replaced.
    pub(super) replaced: BTreeSet<String>,
    pub(super) steps: Vec<PlannedStep>,
    pub(super) notes: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// What is legal in a resource of the state but probably not intended, changed or not.
    pub(super) lints: Vec<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        snapshot: &'a MirrorSnapshot,
        desired: &'a DesiredState,
        options: PlanOptions,
    ) -> Self {
        let mirror = MemoryBackend::from_snapshot(snapshot);
        let record = Record::new().with_operations_of_reads();
        let manager = PatchManager::from_memory(&mirror).layer(record.clone());
        Self {
            snapshot,
            desired,
            options,
            owners: Owners::new(snapshot, &desired.name),
            worker: Worker::new(manager, &desired.name),
            recorder: Recorder::new(record),
            replaced: BTreeSet::new(),
            steps: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            lints: Vec::new(),
        }
    }

    /// The same for a plan that may be applied in part: what it replaced is still to be deleted, even
    /// if its replacement is there already.
    pub(super) fn continuing(mut self, plan: &Plan) -> Self {
        let replaced = plan.steps.iter();
        let replaced = replaced.filter(|step| step.action == PlannedAction::Replace);
        self.replaced = replaced.map(|step| step.resource.name.clone()).collect();
        self
    }

    /// The steps that make the state. Each kind comes after those that it refers to, and removals
    /// come last, when nothing refers to what is removed.
    pub(super) async fn make(&mut self) -> Result<()> {
        let desired = self.desired;
        for spec in &desired.baselines {
            let os = spec.operating_system();
            let resource = PlannedResource::new(ResourceKind::Baseline, &spec.name).on(os);
            let owner = self.owners.of(&resource);
            self.run(resource, Work::Baseline(spec), owner).await?;
            self.mark_replacement();
        }
        for (group, registered) in &desired.patch_groups {
            for (os, baseline) in registered {
                let os = OperatingSystem::from(os.as_str());
                let resource = PlannedResource::new(ResourceKind::PatchGroup, group).on(os.clone());
                let group = PatchGroup::from_service(group.as_str());
                let work = Work::Group {
                    group,
                    os,
                    baseline,
                };
                self.run(resource, work, Owner::Untagged).await?;
            }
        }
        for (os, baseline) in &desired.defaults {
            let os = OperatingSystem::from(os.as_str());
            let resource = PlannedResource::new(ResourceKind::DefaultBaseline, "").on(os.clone());
            let work = Work::Default { os, baseline };
            self.run(resource, work, Owner::Untagged).await?;
        }
        self.make_nodes().await?;
        for policy in &desired.patch_policies {
            let resource = PlannedResource::new(ResourceKind::PatchPolicy, &policy.name);
            let work = Work::Policy(policy);
            self.run(resource, work, Owner::Untagged).await?;
        }
        self.make_schedules().await?;
        self.prune().await
    }

    /// The steps over nodes. Two entries that give one node two values of a tag would undo each other
    /// at every apply, so they are refused.
    async fn make_nodes(&mut self) -> Result<()> {
        let desired = self.desired;
        let mut given = GivenTags::default();
        for (place, nodes) in desired.nodes.iter().enumerate() {
            let targets = target_text(&nodes.targets);
            let resource = PlannedResource::new(ResourceKind::Nodes, targets);
            let work = Work::Nodes { nodes, only: None };
            let done = self.worker.run(work, false).await;
            let mut done = done.map_err(|error| of_mirror(error, &resource))?;
            let found = std::mem::take(&mut done.nodes);
            if found.is_empty() {
                let note = format!("Nodes[{place}]: no node matches {}", resource.name);
                self.notes.push(note);
            }
            given.add(place, nodes, &found);
            let action = match done.is_change() {
                true => PlannedAction::Update,
                false => PlannedAction::Unchanged,
            };
            self.push(resource, action, done);
        }
        given.found.or("DesiredState", ())
    }

    async fn make_schedules(&mut self) -> Result<()> {
        let desired = self.desired;
        for window in &desired.maintenance_windows {
            let resource = PlannedResource::new(ResourceKind::MaintenanceWindow, window.name());
            let owner = self.owners.of(&resource);
            self.run(resource, Work::Window(window), owner).await?;
        }
        for association in &desired.associations {
            let name = association.association_name.as_deref().unwrap_or_default();
            let resource = PlannedResource::new(ResourceKind::Association, name);
            let owner = self.owners.of(&resource);
            self.run(resource, Work::Association(association), owner)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn run(
        &mut self,
        resource: PlannedResource,
        work: Work<'_>,
        owner: Owner,
    ) -> Result<()> {
        let tagged = owner.is_tagged(self.options.adopt);
        let done = self.worker.run(work, tagged).await;
        let done = done.map_err(|error| of_mirror(error, &resource))?;
        let action = match owner {
            _ if !done.is_change() => PlannedAction::Unchanged,
            Owner::Other(state) => return Err(foreign(&resource, &state)),
            _ if done.removed => PlannedAction::Delete,
            _ if done.created => PlannedAction::Create,
            Owner::Free => PlannedAction::Adopt,
            Owner::Own | Owner::Untagged | Owner::Absent => PlannedAction::Update,
        };
        let lints = done.warnings.iter();
        let lints = lints.map(|warning| format!("{resource}: {warning}"));
        self.lints.extend(lints);
        self.push(resource, action, done);
        Ok(())
    }

    fn push(&mut self, resource: PlannedResource, action: PlannedAction, done: Done) {
        let (calls, iam_actions) = self.recorder.take();
        let mut differences = match resource.kind {
            ResourceKind::Nodes => self.node_differences(&calls),
            _ => done.differences,
        };
        for difference in &mut differences {
            self.recorder.replace_in(&mut difference.before);
            self.recorder.replace_in(&mut difference.after);
        }
        self.steps.push(PlannedStep {
            resource,
            id: done.id.filter(|_| !done.created),
            action,
            differences,
            calls,
            iam_actions,
        });
    }

    /// What the calls change of nodes, with the tags that they had before.
    fn node_differences(&self, calls: &[PlannedCall]) -> Vec<Difference> {
        let tags: BTreeMap<&NodeId, &[Tag]> = match calls {
            [] => BTreeMap::new(),
            _ => {
                let nodes = self.snapshot.nodes.iter();
                nodes.map(|node| (&node.id, node.tags.as_slice())).collect()
            }
        };
        let mut found = Vec::new();
        for call in calls {
            for (node, key, after) in written_tags(call) {
                let before = tags.get(&node).copied().unwrap_or_default();
                let before = before.iter().find(|tag| tag.key == key);
                found.push(Difference {
                    field: format!("{node}.{key}"),
                    before: before.map_or_else(String::new, |tag| shown_text(&tag.value)),
                    after: after.map_or_else(String::new, |value| shown_text(&value)),
                });
            }
        }
        found
    }

    /// Makes the step that just created a baseline the replacement of the state's own one of the same
    /// name, if that has another operating system and the state does not have it any more.
    fn mark_replacement(&mut self) {
        let replaced = match self.steps.last() {
            Some(step) if step.action == PlannedAction::Create => self
                .removed_baselines()
                .into_iter()
                .find(|own| own.baseline.name == step.resource.name)
                .map(|own| own.baseline.operating_system.to_string()),
            _ => None,
        };
        if let (Some(before), Some(step)) = (replaced, self.steps.last_mut()) {
            self.replaced.insert(step.resource.name.clone());
            let os = step.resource.operating_system.as_ref();
            let after = os.map(ToString::to_string).unwrap_or_default();
            step.action = PlannedAction::Replace;
            step.differences.push(Difference {
                field: "OperatingSystem".to_owned(),
                before,
                after,
            });
        }
    }

    /// The state's own baselines that it does not have any more.
    pub(super) fn removed_baselines(&self) -> Vec<&'a MirroredBaseline> {
        let own = self.snapshot.baselines.iter();
        let own = own.filter(|own| self.owners.owns(&own.tags) && !self.is_desired(own));
        own.collect()
    }

    pub(super) fn is_desired(&self, own: &MirroredBaseline) -> bool {
        is_desired(self.desired, own)
    }
}

fn foreign(resource: &PlannedResource, state: &str) -> Error {
    let message = format!("it belongs to the state `{state}`; remove it from that state first");
    Error::new(ErrorKind::AlreadyExists, message).with_resource(resource.to_string())
}

fn is_desired(desired: &DesiredState, own: &MirroredBaseline) -> bool {
    let mut specs = desired.baselines.iter();
    specs.any(|spec| {
        spec.name == own.baseline.name && spec.operating_system() == own.baseline.operating_system
    })
}

/// Whether the state has a baseline of its own for another operating system than it shall have.
pub(super) fn replaces_baselines(desired: &DesiredState, snapshot: &MirrorSnapshot) -> bool {
    let owners = Owners::new(snapshot, &desired.name);
    let mut own = snapshot.baselines.iter();
    own.any(|own| {
        let mut specs = desired.baselines.iter();
        owners.owns(&own.tags)
            && !is_desired(desired, own)
            && specs.any(|spec| spec.name == own.baseline.name)
    })
}

/// An error of a verb on the mirror: its cause, for what took effect there took effect nowhere.
pub(super) fn of_mirror(error: Error, resource: &PlannedResource) -> Error {
    of_resource(error.into_cause(), resource)
}

/// Names the resource in an error that names none.
pub(super) fn of_resource(error: Error, resource: &PlannedResource) -> Error {
    match error.resource() {
        None => error.with_resource(resource.to_string()),
        Some(_) => error,
    }
}
