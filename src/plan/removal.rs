//! The steps of a plan that remove: what the state does not have any more, or all of it.

use std::collections::BTreeSet;

use super::desired::BaselineReference;
use super::owner::Owner;
use super::planner::{Planner, of_mirror};
use super::resource::ResourceKind;
use super::snapshot::MirroredBaseline;
use super::step::PlannedResource;
use super::work::{Work, Worker, is_same};
use crate::error::{ErrorKind, Result};
use crate::group::PatchGroup;
use crate::manager::PatchManager;
use crate::memory::MemoryBackend;
use crate::schedule::SelectedBaseline;
use crate::types::{BaselineId, OperatingSystem};

impl Planner<'_> {
    /// The steps that remove what the state does not have any more; without the option, only the
    /// baselines that were replaced.
    pub(super) async fn prune(&mut self) -> Result<()> {
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
            if prune || self.replaced.contains(&own.baseline.name) {
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
            if let Some(id) =
                id.filter(|_| self.owners.owns(&known.tags) && !associations.contains(name))
            {
                let resource = PlannedResource::new(ResourceKind::Association, name);
                let work = Work::DeleteAssociation(id);
                self.run(resource, work, Owner::Own).await?;
            }
        }
        for known in &snapshot.windows {
            let name = known.window.name.as_deref().unwrap_or_default();
            let id = known.window.window_id.clone();
            if let Some(id) =
                id.filter(|_| self.owners.owns(&known.tags) && !windows.contains(name))
            {
                let resource = PlannedResource::new(ResourceKind::MaintenanceWindow, name);
                self.run(resource, Work::DeleteWindow(id), Owner::Own)
                    .await?;
            }
        }
        Ok(())
    }

    /// Takes the state's own baselines from groups that the state does not have, and gives back the
    /// defaults that it does not have. What another state uses stays.
    async fn release_own_baselines(&mut self) -> Result<()> {
        let kept = self.snapshot.baselines.iter();
        let kept = kept.filter(|own| self.owners.owns(&own.tags) && self.is_desired(own));
        for own in kept.collect::<Vec<_>>() {
            let MirroredBaseline { baseline, .. } = own;
            let os = &baseline.operating_system;
            for group in baseline.patch_groups.iter().flatten() {
                if self.names_group(group, os) {
                    continue;
                }
                match self.owners.other_user_of(group) {
                    Some(user) => {
                        let resource = group_on(group, os);
                        self.notes.push(format!("{resource} stays: {user} uses it"));
                    }
                    None => self.unbind(group, os, &baseline.baseline_id).await?,
                }
            }
            if !self.desired.defaults.contains_key(os.as_str()) {
                self.restore_default(os, &baseline.baseline_id).await?;
            }
        }
        Ok(())
    }

    /// Whether the state says which baseline a group has for an operating system.
    fn names_group(&self, group: &str, os: &OperatingSystem) -> bool {
        let registered = self.desired.patch_groups.get(group);
        registered.is_some_and(|registered| registered.contains_key(os.as_str()))
    }

    /// Groups and defaults have no owner tag, so one that the state does not name can be another's.
    fn warn_unless_named(&mut self, resource: &PlannedResource, baseline: &str) {
        let Some(os) = &resource.operating_system else {
            return;
        };
        let is_named = match resource.kind {
            ResourceKind::DefaultBaseline => self.desired.defaults.contains_key(os.as_str()),
            _ => self.names_group(&resource.name, os),
        };
        if !is_named {
            self.warnings.push(format!(
                "{resource} loses baseline {baseline}, and the state does not name it: check that \
                 nobody else needs it"
            ));
        }
    }

    async fn unbind(&mut self, group: &str, os: &OperatingSystem, id: &BaselineId) -> Result<()> {
        let resource = group_on(group, os);
        let work = Work::Unbind {
            group: PatchGroup::from_service(group),
            baseline: id.clone(),
        };
        self.release(resource, work, id).await
    }

    async fn restore_default(&mut self, os: &OperatingSystem, id: &BaselineId) -> Result<()> {
        let resource = default_of(os);
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
            let resource = step.resource.clone();
            let named = self.snapshot.baseline(id);
            let name = named.map_or(id.as_str(), |baseline| &baseline.name);
            self.warn_unless_named(&resource, name);
        }
        Ok(())
    }

    /// Removes a baseline of the state, unless something else needs it.
    async fn remove_baseline(&mut self, own: &MirroredBaseline) -> Result<()> {
        let baseline = &own.baseline;
        let (id, name, os) = (
            &baseline.baseline_id,
            &baseline.name,
            &baseline.operating_system,
        );
        // The mirror's groups: earlier steps gave some of them other baselines.
        let groups = self.worker.groups_of(id).await?;
        let user = self.user_of(id, &groups).await?;
        // The look at its users is no part of the step.
        drop(self.recorder.take());
        if let Some(user) = user {
            self.notes.push(format!("baseline {name} stays: {user}"));
            return Ok(());
        }
        for group in &groups {
            self.warn_unless_named(&group_on(group, os), name);
        }
        if self.snapshot.default_baseline(os) == Some(id) {
            self.warn_unless_named(&default_of(os), name);
        }
        let resource = PlannedResource::new(ResourceKind::Baseline, name).on(os.clone());
        let work = Work::DeleteBaseline(id.clone());
        self.run(resource, work, Owner::Own).await
    }

    /// What needs a baseline that is to be deleted. Quick Setup could not copy it any more for a patch
    /// policy that selects it, and the group of another state would lose it.
    async fn user_of(&self, id: &BaselineId, groups: &[String]) -> Result<Option<String>> {
        if let Some(policy) = self.worker.policy_that_selects(id).await? {
            return Ok(Some(format!("the patch policy {policy} selects it")));
        }
        let mut users = groups.iter().filter_map(|group| {
            let user = self.owners.other_user_of(group)?;
            Some(format!("{user} uses its patch group {group}"))
        });
        Ok(users.next())
    }

    /// The steps that remove the state.
    pub(super) async fn destroy(&mut self) -> Result<()> {
        let none = BTreeSet::new();
        self.remove_schedules(&none, &none).await?;
        self.remove_policies().await?;
        self.release_others_baselines().await?;
        let snapshot = self.snapshot;
        for own in &snapshot.baselines {
            if self.owners.owns(&own.tags) {
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
        if desired.patch_policies.is_empty() {
            return Ok(());
        }
        // A comparison writes what differs, so it has a mirror of its own.
        let compared = MemoryBackend::from_snapshot(self.snapshot);
        let compared = Worker::new(PatchManager::from_memory(&compared), &desired.name);
        for policy in &desired.patch_policies {
            let resource = PlannedResource::new(ResourceKind::PatchPolicy, &policy.name);
            match compared.run(Work::Policy(policy), false).await {
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
                Err(error) if error.kind() == ErrorKind::Ambiguous => {
                    let message = error.message();
                    self.notes.push(format!("{resource} stays: {message}"));
                }
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
            if self
                .is_meant(&group_on(group, os), os, reference, id)
                .await?
            {
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
            if !aws_default && self.is_meant(&default_of(os), os, reference, id).await? {
                self.restore_default(os, id).await?;
            }
        }
        Ok(())
    }

    /// Whether a reference means this baseline, and the baseline is not the state's own: such a one
    /// is released when it is deleted.
    async fn is_meant(
        &mut self,
        resource: &PlannedResource,
        os: &OperatingSystem,
        reference: Option<&BaselineReference>,
        id: &BaselineId,
    ) -> Result<bool> {
        let Some(reference) = reference else {
            return Ok(false);
        };
        let mut baselines = self.snapshot.baselines.iter();
        if baselines.any(|own| own.baseline.baseline_id == *id && self.owners.owns(&own.tags)) {
            return Ok(false);
        }
        match self.worker.resolve(os, reference, "").await {
            Ok((meant, _)) => Ok(is_same(&meant, id)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) if error.kind() == ErrorKind::Ambiguous => {
                let message = error.message();
                self.notes.push(format!("{resource} stays: {message}"));
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

fn group_on(group: &str, os: &OperatingSystem) -> PlannedResource {
    PlannedResource::new(ResourceKind::PatchGroup, group).on(os.clone())
}

fn default_of(os: &OperatingSystem) -> PlannedResource {
    PlannedResource::new(ResourceKind::DefaultBaseline, "").on(os.clone())
}
