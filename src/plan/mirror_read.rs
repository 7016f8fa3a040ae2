//! Reads an account into a snapshot.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, TryStreamExt, future, stream};

use super::mirror_place::place;
use super::{
    MirrorPart, MirrorScope, MirrorSnapshot, MirroredAssociation, MirroredBaseline, MirroredWindow,
    Unread,
};
use crate::backend::{
    DescribeAssociation, DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks,
    DescribeMaintenanceWindows, DescribePatchBaselines, DescribePatchGroups, GetMaintenanceWindow,
    GetMaintenanceWindowTask, GetPatchBaseline, ListAssociations, ListConfigurationManagers,
    ListTagsForResource, ResourceTypeForTagging,
};
use crate::baseline::{PatchBaseline, PatchBaselineIdentity};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroupMapping;
use crate::manager::{PatchManager, pages};
use crate::schedule::PatchPolicyState;
use crate::schedule::association::Association;
use crate::schedule::window::{MaintenanceWindowIdentity, MaintenanceWindowTask};
use crate::types::{BaselineId, Tag, WindowId};

/// Reads the parts of an account that a scope has, and notes what it may not read.
pub(super) struct Reader<'a> {
    pub(super) manager: &'a PatchManager,
    pub(super) scope: &'a MirrorScope,
    unread: Mutex<Vec<Unread>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(manager: &'a PatchManager, scope: &'a MirrorScope) -> Self {
        Self {
            manager,
            scope,
            unread: Mutex::default(),
        }
    }

    /// Reads everything. The parts run in parallel.
    pub(super) async fn read(self) -> Result<MirrorSnapshot> {
        let mut snapshot = MirrorSnapshot::new(self.manager.clock().now());
        let settings = future::try_join4(
            self.baselines(),
            self.patch_groups(),
            self.policies(),
            self.windows(),
        );
        let (settings, associations, nodes) =
            future::try_join3(settings, self.associations(), self.nodes()).await?;
        let (baselines, groups, policies, windows) = settings;
        (snapshot.baseline_listing, snapshot.baselines) = baselines;
        snapshot.patch_groups = groups;
        snapshot.policies = policies;
        snapshot.windows = windows;
        snapshot.associations = associations;
        snapshot.nodes = nodes;
        snapshot.predefined_baselines = self.predefined(&snapshot).await?;
        snapshot.catalog = self.catalog(&snapshot.nodes).await?;
        snapshot.recognise_policies();
        (snapshot.region, snapshot.account) = place(&snapshot);
        let unread = self.unread.into_inner();
        snapshot.unread = unread.unwrap_or_else(PoisonError::into_inner);
        // Parallel calls fail in any order.
        let key = |one: &Unread| (one.part, one.resource.clone());
        snapshot.unread.sort_by_key(key);
        snapshot.unread.dedup();
        Ok(snapshot)
    }

    /// The answer of a listing, or nothing if the caller may not have it or the backend cannot. Other
    /// errors end the reading: the same reading again may succeed.
    pub(super) fn listed<T>(&self, part: MirrorPart, answer: Result<Vec<T>>) -> Result<Vec<T>> {
        match answer {
            Err(error) if error.is_withheld() => {
                self.note(part, None, &error);
                Ok(Vec::new())
            }
            answer => answer,
        }
    }

    /// The same of one resource. One that was deleted since it was listed is left out.
    pub(super) fn found<T>(
        &self,
        part: MirrorPart,
        resource: &str,
        answer: Result<T>,
    ) -> Result<Option<T>> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.is_retryable() => Err(error),
            Err(error) if error.kind() == ErrorKind::InvalidCredentials => Err(error),
            Err(error) => {
                self.note(part, Some(resource), &error);
                Ok(None)
            }
        }
    }

    pub(super) fn note(&self, part: MirrorPart, resource: Option<&str>, error: &Error) {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.push(Unread::new(part, resource, error));
    }

    /// Reads one thing of each resource, as many at a time as the scope says, in the same order.
    pub(super) async fn each<I, T, F>(
        &self,
        resources: Vec<I>,
        read: impl Fn(I) -> F,
    ) -> Result<Vec<T>>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let reads = stream::iter(resources.into_iter().map(read));
        let read = reads.buffered(self.scope.calls_at_a_time());
        read.try_filter_map(|found| future::ready(Ok(found)))
            .try_collect()
            .await
    }

    pub(super) async fn tags(&self, kind: ResourceTypeForTagging, id: &str) -> Result<Vec<Tag>> {
        let request = ListTagsForResource::new(kind, id);
        let nodes = &self.manager.backends().nodes;
        let answer = nodes.list_tags_for_resource(request).await;
        let tags = self.found(MirrorPart::Tags, id, answer)?;
        Ok(tags.unwrap_or_default())
    }

    async fn baselines(&self) -> Result<(Vec<PatchBaselineIdentity>, Vec<MirroredBaseline>)> {
        let store = &self.manager.backends().baselines;
        let listing = pages(store, 100, |store, page| async move {
            let request = DescribePatchBaselines::new(Vec::new(), page);
            store.describe_patch_baselines(request).await
        });
        let listed = self.listed(MirrorPart::Baselines, listing.try_collect().await)?;
        let ids = listed.iter();
        let ids = ids.filter_map(|one: &PatchBaselineIdentity| one.baseline_id.clone());
        let own = ids.filter(|id| !id.is_aws_owned()).collect();
        let own = self.each(own, |id: BaselineId| async move {
            let Some(baseline) = self.baseline(&id).await? else {
                return Ok(None);
            };
            let kind = ResourceTypeForTagging::PatchBaseline;
            let tags = self.tags(kind, id.as_str()).await?;
            Ok(Some(MirroredBaseline { baseline, tags }))
        });
        Ok((listed, own.await?))
    }

    async fn baseline(&self, id: &BaselineId) -> Result<Option<PatchBaseline>> {
        let store = &self.manager.backends().baselines;
        let answer = store.get_patch_baseline(GetPatchBaseline::new(id)).await;
        self.found(MirrorPart::Baselines, id.as_str(), answer)
    }

    /// AWS's baselines that a default, a group or a policy uses, or all of them.
    async fn predefined(&self, snapshot: &MirrorSnapshot) -> Result<Vec<PatchBaseline>> {
        let all = self.scope.has_all_predefined();
        let listed = snapshot.baseline_listing.iter();
        let listed = listed.filter(|one| all || one.default_baseline);
        let groups = snapshot.patch_groups.iter();
        let groups = groups.filter_map(|group| group.baseline_identity.baseline_id.as_ref());
        let policies = snapshot.policies.iter();
        let policies = policies.flat_map(|state| state.policy.baselines.values());
        let used: BTreeSet<&BaselineId> = listed
            .filter_map(|one| one.baseline_id.as_ref())
            .chain(groups)
            .chain(policies.map(|selected| &selected.value))
            .filter(|id| id.is_aws_owned())
            .collect();
        // Owned ids: over borrowed ones the compiler does not see that the future is `Send`.
        let used = used.into_iter().cloned().collect();
        let read = |id: BaselineId| async move { self.baseline(&id).await };
        self.each(used, read).await
    }

    async fn patch_groups(&self) -> Result<Vec<PatchGroupMapping>> {
        let registry = &self.manager.backends().groups;
        let listing = pages(registry, 100, |registry, page| async move {
            let request = DescribePatchGroups::new(Vec::new(), page);
            registry.describe_patch_groups(request).await
        });
        self.listed(MirrorPart::PatchGroups, listing.try_collect().await)
    }

    async fn policies(&self) -> Result<Vec<PatchPolicyState>> {
        if !self.scope.has_policies() {
            return Ok(Vec::new());
        }
        let store = &self.manager.backends().policies;
        let listing = pages(store, 100, |store, page| async move {
            let request = ListConfigurationManagers::new(page);
            store.list_configuration_managers(request).await
        });
        self.listed(MirrorPart::Policies, listing.try_collect().await)
    }

    async fn windows(&self) -> Result<Vec<MirroredWindow>> {
        if !self.scope.has_windows() {
            return Ok(Vec::new());
        }
        let store = &self.manager.backends().windows;
        let listing = pages(store, 100, |store, page| async move {
            let request = DescribeMaintenanceWindows::new(Vec::new(), page);
            store.describe_maintenance_windows(request).await
        });
        let listed = self.listed(MirrorPart::Windows, listing.try_collect().await)?;
        let ids = listed.into_iter();
        let ids = ids.filter_map(|one: MaintenanceWindowIdentity| one.window_id);
        let ids = ids.collect();
        self.each(ids, |id| self.window(id)).await
    }

    /// A window with its parts; none of it if one part cannot be read.
    async fn window(&self, id: WindowId) -> Result<Option<MirroredWindow>> {
        let read = self.window_parts(&id).await;
        let Some(mut window) = self.found(MirrorPart::Windows, id.as_str(), read)? else {
            return Ok(None);
        };
        let kind = ResourceTypeForTagging::MaintenanceWindow;
        window.tags = self.tags(kind, id.as_str()).await?;
        Ok(Some(window))
    }

    async fn window_parts(&self, id: &WindowId) -> Result<MirroredWindow> {
        let store = &self.manager.backends().windows;
        let request = GetMaintenanceWindow::new(id);
        let window = store.get_maintenance_window(request).await?;
        let of_window = id.clone();
        let targets = pages(store, 100, move |store, page| {
            let request =
                DescribeMaintenanceWindowTargets::new(of_window.clone(), Vec::new(), page);
            async move { store.describe_maintenance_window_targets(request).await }
        });
        let targets = targets.try_collect().await?;
        let of_window = id.clone();
        let tasks = pages(store, 100, move |store, page| {
            let request = DescribeMaintenanceWindowTasks::new(of_window.clone(), Vec::new(), page);
            async move { store.describe_maintenance_window_tasks(request).await }
        });
        let tasks: Vec<MaintenanceWindowTask> = tasks.try_collect().await?;
        let ids = tasks.into_iter().filter_map(|task| task.window_task_id);
        let mut read = Vec::new();
        for task in ids {
            let request = GetMaintenanceWindowTask::new(id, task);
            read.push(store.get_maintenance_window_task(request).await?);
        }
        Ok(MirroredWindow {
            window,
            targets,
            tasks: read,
            tags: Vec::new(),
        })
    }

    async fn associations(&self) -> Result<Vec<MirroredAssociation>> {
        if !self.scope.has_associations() {
            return Ok(Vec::new());
        }
        let store = &self.manager.backends().associations;
        let listing = pages(store, 50, |store, page| async move {
            let request = ListAssociations::new(Vec::new(), page);
            store.list_associations(request).await
        });
        let part = MirrorPart::Associations;
        let listed = self.listed(part, listing.try_collect().await)?;
        let ids = listed.into_iter();
        let ids = ids.filter_map(|one: Association| one.association_id);
        let ids = ids.collect();
        self.each(ids, |id| async move {
            let request = DescribeAssociation::new(&id);
            let answer = store.describe_association(request).await;
            let Some(association) = self.found(part, id.as_str(), answer)? else {
                return Ok(None);
            };
            let kind = ResourceTypeForTagging::Association;
            let tags = self.tags(kind, id.as_str()).await?;
            Ok(Some(MirroredAssociation {
                association,
                tags,
                policy: None,
            }))
        })
        .await
    }
}
