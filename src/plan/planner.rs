//! Makes a plan: applies the verbs to a mirror of the account, resource by resource, and reads off
//! what they write.

use std::collections::{BTreeMap, BTreeSet};

use super::desired::{BaselineReference, DesiredNodes, DesiredState, OWNER_TAG};
use super::options::PlanOptions;
use super::recorder::Recorder;
use super::resource::ResourceKind;
use super::snapshot::{MirrorSnapshot, MirroredBaseline};
use super::step::{PlannedAction, PlannedCall, PlannedResource, PlannedStep};
use super::work::{Done, Work, Worker};
use crate::backend::layer::Record;
use crate::backend::{
    AddTagsToResource, CreateTags, DeleteTags, Operation, RemoveTagsFromResource,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::manager::PatchManager;
use crate::memory::MemoryBackend;
use crate::schedule::SelectedBaseline;
use crate::types::{BaselineId, Difference, NodeId, OperatingSystem, Tag, Target};

/// To whom a resource belongs that has to be as desired.
enum Owner {
    /// Its kind has no tag that says so.
    Untagged,
    /// The state.
    Own,
    /// Nobody.
    Free,
    /// Another state.
    Other(String),
}

pub(super) struct Planner<'a> {
    snapshot: &'a MirrorSnapshot,
    desired: &'a DesiredState,
    options: PlanOptions,
    worker: Worker,
    recorder: Recorder,
    pub(super) steps: Vec<PlannedStep>,
    pub(super) notes: Vec<String>,
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
            worker: Worker::new(manager, &desired.name),
            recorder: Recorder::new(record),
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The steps that make the state. Each kind comes after those that it refers to, and removals
    /// come last, when nothing refers to what is removed.
    pub(super) async fn make(&mut self) -> Result<()> {
        let desired = self.desired;
        for spec in &desired.baselines {
            let os = spec.operating_system();
            let owner = self.owner_of(|own| {
                own.baseline.name == spec.name && own.baseline.operating_system == os
            });
            let resource = PlannedResource::new(ResourceKind::Baseline, &spec.name).on(os);
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
            let mut known = self.snapshot.windows.iter();
            let known = known.find(|known| known.window.name == window.window.name);
            let owner = self.owner(known.map(|known| known.tags.as_slice()));
            let resource = PlannedResource::new(ResourceKind::MaintenanceWindow, window.name());
            self.run(resource, Work::Window(window), owner).await?;
        }
        for association in &desired.associations {
            let name = &association.association_name;
            let mut known = self.snapshot.associations.iter();
            let known = known.find(|known| known.association.association_name == *name);
            let owner = self.owner(known.map(|known| known.tags.as_slice()));
            let name = name.as_deref().unwrap_or_default();
            let resource = PlannedResource::new(ResourceKind::Association, name);
            self.run(resource, Work::Association(association), owner)
                .await?;
        }
        Ok(())
    }

    /// To whom the baseline belongs that passes.
    fn owner_of(&self, is_it: impl Fn(&&MirroredBaseline) -> bool) -> Owner {
        let known = self.snapshot.baselines.iter().find(is_it);
        self.owner(known.map(|known| known.tags.as_slice()))
    }

    fn owner(&self, tags: Option<&[Tag]>) -> Owner {
        let Some(tags) = tags else { return Owner::Own };
        match tags.iter().find(|tag| tag.key == OWNER_TAG) {
            None => Owner::Free,
            Some(tag) if tag.value == self.desired.name => Owner::Own,
            Some(tag) => Owner::Other(tag.value.clone()),
        }
    }

    fn owns(&self, tags: &[Tag]) -> bool {
        matches!(self.owner(Some(tags)), Owner::Own)
    }

    async fn run(&mut self, resource: PlannedResource, work: Work<'_>, owner: Owner) -> Result<()> {
        let own = match owner {
            Owner::Own => true,
            Owner::Free => self.options.adopt,
            Owner::Untagged | Owner::Other(_) => false,
        };
        let done = self.worker.run(work, own).await;
        let done = done.map_err(|error| of_mirror(error, &resource))?;
        let action = match owner {
            _ if !done.is_change() => PlannedAction::Unchanged,
            _ if done.removed => PlannedAction::Delete,
            _ if done.created => PlannedAction::Create,
            Owner::Free => PlannedAction::Adopt,
            Owner::Other(state) => return Err(foreign(&resource, &state)),
            Owner::Own | Owner::Untagged => PlannedAction::Update,
        };
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
                    before: before.map(|tag| tag.value.clone()).unwrap_or_default(),
                    after: after.unwrap_or_default(),
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
    fn removed_baselines(&self) -> Vec<&'a MirroredBaseline> {
        let own = self.snapshot.baselines.iter();
        let own = own.filter(|own| self.owns(&own.tags) && !self.is_desired(own));
        own.collect()
    }

    fn is_desired(&self, own: &MirroredBaseline) -> bool {
        let mut specs = self.desired.baselines.iter();
        specs.any(|spec| {
            spec.name == own.baseline.name
                && spec.operating_system() == own.baseline.operating_system
        })
    }

    /// The steps that remove what the state does not have any more; without the option, only the
    /// baselines that were replaced.
    async fn prune(&mut self) -> Result<()> {
        let replaced: BTreeSet<String> = self
            .steps
            .iter()
            .filter(|step| step.action == PlannedAction::Replace)
            .map(|step| step.resource.name.clone())
            .collect();
        if self.options.prune {
            let desired = self.desired;
            let windows = desired
                .maintenance_windows
                .iter()
                .map(|window| window.name());
            let associations = desired.associations.iter();
            let associations =
                associations.filter_map(|association| association.association_name.as_deref());
            let (windows, associations) = (windows.collect(), associations.collect());
            self.remove_schedules(&windows, &associations).await?;
            self.release_own_baselines().await?;
        }
        let prune = self.options.prune;
        for own in self.removed_baselines() {
            if prune || replaced.contains(&own.baseline.name) {
                self.remove_baseline(own).await?;
            }
        }
        Ok(())
    }

    /// Removes the state's own windows and associations but for those with these names.
    async fn remove_schedules(
        &mut self,
        windows: &BTreeSet<&str>,
        associations: &BTreeSet<&str>,
    ) -> Result<()> {
        let snapshot = self.snapshot;
        for known in snapshot
            .associations
            .iter()
            .filter(|known| known.policy.is_none())
        {
            let name = known
                .association
                .association_name
                .as_deref()
                .unwrap_or_default();
            let id = known.association.association_id.clone();
            if let Some(id) = id.filter(|_| self.owns(&known.tags) && !associations.contains(name))
            {
                let resource = PlannedResource::new(ResourceKind::Association, name);
                let work = Work::DeleteAssociation(id);
                self.run(resource, work, Owner::Own).await?;
            }
        }
        for known in &snapshot.windows {
            let name = known.window.name.as_deref().unwrap_or_default();
            let id = known.window.window_id.clone();
            if let Some(id) = id.filter(|_| self.owns(&known.tags) && !windows.contains(name)) {
                let resource = PlannedResource::new(ResourceKind::MaintenanceWindow, name);
                self.run(resource, Work::DeleteWindow(id), Owner::Own)
                    .await?;
            }
        }
        Ok(())
    }

    /// Takes the state's own baselines from groups that the state does not have, and gives back the
    /// defaults that it does not have.
    async fn release_own_baselines(&mut self) -> Result<()> {
        let kept = self.snapshot.baselines.iter();
        let kept = kept.filter(|own| self.owns(&own.tags) && self.is_desired(own));
        for own in kept.collect::<Vec<_>>() {
            let os = &own.baseline.operating_system;
            for group in own.baseline.patch_groups.iter().flatten() {
                let registered = self.desired.patch_groups.get(group);
                if registered.is_none_or(|registered| !registered.contains_key(os.as_str())) {
                    self.unbind(group, os, &own.baseline.baseline_id).await?;
                }
            }
            if !self.desired.defaults.contains_key(os.as_str()) {
                self.restore_default(os, &own.baseline.baseline_id).await?;
            }
        }
        Ok(())
    }

    async fn unbind(&mut self, group: &str, os: &OperatingSystem, id: &BaselineId) -> Result<()> {
        let resource = PlannedResource::new(ResourceKind::PatchGroup, group).on(os.clone());
        let work = Work::Unbind {
            group: PatchGroup::from_service(group),
            baseline: id.clone(),
        };
        self.release(resource, work, id).await
    }

    async fn restore_default(&mut self, os: &OperatingSystem, id: &BaselineId) -> Result<()> {
        let resource = PlannedResource::new(ResourceKind::DefaultBaseline, "").on(os.clone());
        let work = Work::RestoreDefault {
            os: os.clone(),
            baseline: id.clone(),
        };
        self.release(resource, work, id).await
    }

    /// A step that releases a baseline, if there is anything to release.
    async fn release(
        &mut self,
        resource: PlannedResource,
        work: Work<'_>,
        id: &BaselineId,
    ) -> Result<()> {
        let steps = self.steps.len();
        self.run(resource, work, Owner::Untagged).await?;
        if self.steps.last().is_some_and(|step| !step.is_change()) {
            self.steps.truncate(steps);
        } else if let Some(step) = self.steps.last_mut() {
            step.id = Some(id.to_string());
        }
        Ok(())
    }

    /// Removes a baseline of the state, unless a patch policy selects it: Quick Setup could copy it no
    /// more.
    async fn remove_baseline(&mut self, own: &MirroredBaseline) -> Result<()> {
        let baseline = &own.baseline;
        let policy = self.worker.policy_that_selects(&baseline.baseline_id).await;
        // The look at the policies is no part of the step.
        drop(self.recorder.take());
        if let Some(policy) = policy? {
            let name = &baseline.name;
            let note = format!("baseline {name} stays: the patch policy {policy} selects it");
            self.notes.push(note);
            return Ok(());
        }
        let resource = PlannedResource::new(ResourceKind::Baseline, &baseline.name);
        let resource = resource.on(baseline.operating_system.clone());
        let work = Work::DeleteBaseline(baseline.baseline_id.clone());
        self.run(resource, work, Owner::Own).await
    }

    /// The steps that remove the state.
    pub(super) async fn destroy(&mut self) -> Result<()> {
        let none = BTreeSet::new();
        self.remove_schedules(&none, &none).await?;
        self.remove_policies().await?;
        self.release_others_baselines().await?;
        let snapshot = self.snapshot;
        for own in &snapshot.baselines {
            if self.owns(&own.tags) {
                self.remove_baseline(own).await?;
            } else if self.is_desired(own) {
                let note = format!("baseline {} stays: it has no owner tag", own.baseline.name);
                self.notes.push(note);
            }
        }
        Ok(())
    }

    /// Policies have no tags, so only those that are exactly as desired are the state's own.
    async fn remove_policies(&mut self) -> Result<()> {
        let desired = self.desired;
        for policy in &desired.patch_policies {
            let compared = self.worker.run(Work::Policy(policy), false).await;
            // What the comparison wrote to the mirror is no part of the plan.
            drop(self.recorder.take());
            let name = &policy.name;
            let resource = PlannedResource::new(ResourceKind::PatchPolicy, name);
            match compared {
                Ok(done) if done.created => {}
                Ok(done) if done.differences.is_empty() => {
                    let arn = done.id.unwrap_or_default();
                    let work = Work::DeletePolicy(arn.into());
                    self.run(resource, work, Owner::Own).await?;
                }
                Ok(_) => {
                    let note = format!("{resource} stays: it is not as the state says");
                    self.notes.push(note);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(of_mirror(error, &resource)),
            }
        }
        Ok(())
    }

    /// Releases baselines that the state uses and does not own: what they are registered for must
    /// still be as the state says.
    async fn release_others_baselines(&mut self) -> Result<()> {
        let (desired, snapshot) = (self.desired, self.snapshot);
        for row in &snapshot.patch_groups {
            let identity = &row.baseline_identity;
            let (Some(id), Some(os)) = (&identity.baseline_id, &identity.operating_system) else {
                continue;
            };
            let group = row.patch_group.as_str();
            let registered = desired.patch_groups.get(group);
            let reference = registered.and_then(|registered| registered.get(os.as_str()));
            if self.is_meant(os, reference, id).await? {
                self.unbind(group, os, id).await?;
            }
        }
        for identity in snapshot
            .baseline_listing
            .iter()
            .filter(|listed| listed.default_baseline)
        {
            let (Some(id), Some(os)) = (&identity.baseline_id, &identity.operating_system) else {
                continue;
            };
            let name = identity.baseline_name.as_deref().unwrap_or_default();
            let reference = desired.defaults.get(os.as_str());
            let aws_default = SelectedBaseline::new(id, name).is_aws_default();
            if !aws_default && self.is_meant(os, reference, id).await? {
                self.restore_default(os, id).await?;
            }
        }
        Ok(())
    }

    /// Whether a reference means this baseline, and the baseline is not the state's own: such a one
    /// is released when it is deleted.
    async fn is_meant(
        &self,
        os: &OperatingSystem,
        reference: Option<&BaselineReference>,
        id: &BaselineId,
    ) -> Result<bool> {
        let Some(reference) = reference else {
            return Ok(false);
        };
        let mut baselines = self.snapshot.baselines.iter();
        if baselines.any(|own| own.baseline.baseline_id == *id && self.owns(&own.tags)) {
            return Ok(false);
        }
        match self.worker.resolve(os, reference).await {
            Ok((meant, _)) => Ok(meant == *id),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The tags that entries give to nodes, and where two entries give other values.
#[derive(Default)]
struct GivenTags {
    /// The value of each node's tag, and the path of the entry that gives it.
    values: BTreeMap<(NodeId, String), (String, String)>,
    /// The pairs of paths that were reported: one node tells enough.
    pairs: BTreeSet<(String, String)>,
    found: Violations,
}

impl GivenTags {
    fn add(&mut self, place: usize, nodes: &DesiredNodes, ids: &[NodeId]) {
        // Either key holds the one patch group of a node.
        let group = nodes.patch_group.iter().map(|group| {
            let path = format!("Nodes[{place}].PatchGroup");
            (path, PatchGroupTagKey::Spaced.as_str(), group.as_str())
        });
        let tags = nodes.tags.iter().enumerate().map(|(at, tag)| {
            let path = format!("Nodes[{place}].Tags[{at}]");
            (path, tag.key.as_str(), tag.value.as_str())
        });
        for (path, key, value) in group.chain(tags) {
            for id in ids {
                self.give(id, key, value, &path);
            }
        }
    }

    fn give(&mut self, id: &NodeId, key: &str, value: &str, path: &str) {
        let of = (id.clone(), key.to_owned());
        match self.values.get(&of) {
            Some((known, _)) if known == value => {}
            Some((known, before)) => {
                if self.pairs.insert((before.clone(), path.to_owned())) {
                    let legal = format!("`{known}`, which {before} gives to {id}: a node has one");
                    self.found.push(path, value, legal);
                }
            }
            None => {
                let given = (value.to_owned(), path.to_owned());
                self.values.insert(of, given);
            }
        }
    }
}

fn foreign(resource: &PlannedResource, state: &str) -> Error {
    let message = format!("it belongs to the state `{state}`; remove it from that state first");
    Error::new(ErrorKind::AlreadyExists, message).with_resource(resource.to_string())
}

/// An error of a verb on the mirror: its cause, for what took effect there took effect nowhere.
fn of_mirror(error: Error, resource: &PlannedResource) -> Error {
    of_resource(error.into_cause(), resource)
}

/// Names the resource in an error that names none.
pub(super) fn of_resource(error: Error, resource: &PlannedResource) -> Error {
    match error.resource() {
        None => error.with_resource(resource.to_string()),
        Some(_) => error,
    }
}

/// Targets as one text: what identifies a step over nodes.
pub(super) fn target_text(targets: &[Target]) -> String {
    let texts: Vec<String> = targets
        .iter()
        .map(|target| format!("{}={}", target.key, target.values.join("|")))
        .collect();
    texts.join(" and ")
}

/// The tags of nodes that a call sets or removes.
fn written_tags(call: &PlannedCall) -> Vec<(NodeId, String, Option<String>)> {
    let request = call.request.clone();
    let mut found = Vec::new();
    let mut add = |node: &NodeId, key: String, value: Option<String>| {
        found.push((node.clone(), key, value));
    };
    match call.operation {
        Operation::CreateTags => {
            if let Ok(request) = serde_json::from_value::<CreateTags>(request) {
                for (node, tag) in pairs(&request.resources, &request.tags) {
                    add(node, tag.key.clone(), Some(tag.value.clone()));
                }
            }
        }
        Operation::DeleteTags => {
            if let Ok(request) = serde_json::from_value::<DeleteTags>(request) {
                for (node, tag) in pairs(&request.resources, &request.tags) {
                    add(node, tag.key.clone(), None);
                }
            }
        }
        Operation::AddTagsToResource => {
            if let Ok(request) = serde_json::from_value::<AddTagsToResource>(request) {
                let node = NodeId::new(request.resource_id);
                for tag in request.tags {
                    add(&node, tag.key, Some(tag.value));
                }
            }
        }
        Operation::RemoveTagsFromResource => {
            if let Ok(request) = serde_json::from_value::<RemoveTagsFromResource>(request) {
                let node = NodeId::new(request.resource_id);
                for key in request.tag_keys {
                    add(&node, key, None);
                }
            }
        }
        _ => {}
    }
    found
}

fn pairs<'t, A, B>(a: &'t [A], b: &'t [B]) -> impl Iterator<Item = (&'t A, &'t B)> {
    a.iter().flat_map(move |a| b.iter().map(move |b| (a, b)))
}
