//! Makes the targets and tasks of a maintenance window what is wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::TryStreamExt;
use serde::Serialize;

use super::created::{common_token, gone_or};
use super::pages::pages;
use crate::backend::{
    DeregisterTargetFromMaintenanceWindow, DeregisterTaskFromMaintenanceWindow,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, GetMaintenanceWindowTask,
    MaintenanceWindowStore,
};
use crate::error::Result;
use crate::schedule::window::{
    MaintenanceWindowTarget, MaintenanceWindowTask, PatchWindow, PatchWindowTask,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{
    Change, Target, WindowChange, WindowId, WindowPart, WindowTargetId, WindowTaskId,
};

/// How often the parts are made what is wanted, while another caller registers parts of the same names.
const ROUNDS: u32 = 3;

/// The parts of one window, and what was done to them so far.
pub(super) struct Parts<'a> {
    store: &'a Arc<dyn MaintenanceWindowStore>,
    window: &'a WindowId,
    changes: &'a mut Vec<WindowChange>,
    /// Whether parts are registered by a token that all callers have in common.
    by_token: bool,
}

/// The ids that the wanted parts have.
#[derive(Default)]
struct Used {
    targets: Vec<WindowTargetId>,
    tasks: Vec<WindowTaskId>,
    /// Whether some were registered.
    registered: bool,
}

impl<'a> Parts<'a> {
    pub(super) fn new(
        store: &'a Arc<dyn MaintenanceWindowStore>,
        window: &'a WindowId,
        changes: &'a mut Vec<WindowChange>,
    ) -> Self {
        Self {
            store,
            window,
            changes,
            by_token: true,
        }
    }

    /// Makes the parts what is wanted, and looks again if some were registered: another caller may have
    /// registered some of the same names, and a token may have given the id of one that was deregistered.
    pub(super) async fn apply(mut self, wanted: &PatchWindow) -> Result<()> {
        for _ in 0..ROUNDS {
            let used = self.round(wanted).await?;
            if !used.registered || self.are_all(&used).await? {
                break;
            }
            self.by_token = false;
        }
        Ok(())
    }

    /// Targets first, for tasks name them; what is too much goes last, tasks before the targets
    /// that they name.
    async fn round(&mut self, wanted: &PatchWindow) -> Result<Used> {
        let kept_targets = self.kept_targets().await?;
        let kept_tasks = self.kept_tasks().await?;
        let (mut ids, mut used) = (BTreeMap::new(), Used::default());
        for target in &wanted.targets {
            let kept = kept_targets.iter().find(|kept| kept.name == target.name);
            let id = self.target(target, kept, &mut used).await?;
            used.targets.push(id.clone());
            ids.insert(target.name.clone().unwrap_or_default(), id);
        }
        for task in &wanted.tasks {
            let kept = kept_tasks.iter().find(|kept| kept.name == task.task.name);
            let id = self.task(resolved(task, &ids), kept, &mut used).await?;
            used.tasks.push(id);
        }
        self.remove_tasks(&kept_tasks, &used.tasks).await?;
        self.remove_targets(&kept_targets, &used.targets).await?;
        Ok(used)
    }

    /// Whether the window has these parts and no others.
    async fn are_all(&self, used: &Used) -> Result<bool> {
        let targets = self.kept_targets().await?.into_iter();
        let targets: BTreeSet<_> = targets.filter_map(|kept| kept.window_target_id).collect();
        let tasks = self.kept_tasks().await?.into_iter();
        let tasks: BTreeSet<_> = tasks.filter_map(|kept| kept.window_task_id).collect();
        Ok(targets == used.targets.iter().cloned().collect()
            && tasks == used.tasks.iter().cloned().collect())
    }

    fn token(&self, part: &impl Serialize) -> Option<String> {
        common_token(&(self.window, part)).filter(|_| self.by_token)
    }

    fn note(&mut self, part: WindowPart, name: Option<&String>, id: &str, change: Change) {
        let name = name.map_or(id, String::as_str);
        self.changes.push(WindowChange::new(part, name, change));
    }

    async fn kept_targets(&self) -> Result<Vec<MaintenanceWindowTarget>> {
        let window = self.window.clone();
        pages(self.store, 100, move |store, page| {
            let request = DescribeMaintenanceWindowTargets::new(window.clone(), Vec::new(), page);
            async move { store.describe_maintenance_window_targets(request).await }
        })
        .try_collect()
        .await
    }

    async fn kept_tasks(&self) -> Result<Vec<MaintenanceWindowTask>> {
        let window = self.window.clone();
        pages(self.store, 100, move |store, page| {
            let request = DescribeMaintenanceWindowTasks::new(window.clone(), Vec::new(), page);
            async move { store.describe_maintenance_window_tasks(request).await }
        })
        .try_collect()
        .await
    }

    /// A target whose kind of resource changed is registered anew: no update changes it.
    async fn target(
        &mut self,
        wanted: &RegisterTargetWithMaintenanceWindow,
        kept: Option<&MaintenanceWindowTarget>,
        used: &mut Used,
    ) -> Result<WindowTargetId> {
        let kept = kept.filter(|kept| kept.resource_type == wanted.resource_type);
        let Some((kept, id)) = kept.and_then(|kept| Some((kept, kept.window_target_id.clone()?)))
        else {
            let mut register = wanted.clone();
            register.window_id = Some(self.window.clone());
            register.client_token = register.client_token.or_else(|| self.token(wanted));
            let store = self.store;
            let id = store
                .register_target_with_maintenance_window(register)
                .await?;
            used.registered = true;
            let name = wanted.name.as_ref();
            self.note(WindowPart::Target, name, id.as_str(), Change::Created);
            return Ok(id);
        };
        let desired = wanted.settings();
        let differences = kept.settings().differences(&desired);
        if !differences.is_empty() {
            let update = UpdateMaintenanceWindowTarget {
                window_id: Some(self.window.clone()),
                window_target_id: Some(id.clone()),
                replace: Some(true),
                ..desired.into()
            };
            self.store.update_maintenance_window_target(update).await?;
            let name = wanted.name.as_ref();
            let change = Change::Updated(differences);
            self.note(WindowPart::Target, name, id.as_str(), change);
        }
        Ok(id)
    }

    /// A task whose type changed is registered anew: no update changes it.
    async fn task(
        &mut self,
        mut wanted: RegisterTaskWithMaintenanceWindow,
        kept: Option<&MaintenanceWindowTask>,
        used: &mut Used,
    ) -> Result<WindowTaskId> {
        let name = wanted.name.clone();
        let same_type = kept.filter(|kept| kept.task_type == wanted.task_type);
        let Some(id) = same_type.and_then(|kept| kept.window_task_id.clone()) else {
            wanted.window_id = Some(self.window.clone());
            wanted.client_token = wanted.client_token.take().or_else(|| self.token(&wanted));
            let store = self.store;
            let id = store.register_task_with_maintenance_window(wanted).await?;
            used.registered = true;
            let change = Change::Created;
            self.note(WindowPart::Task, name.as_ref(), id.as_str(), change);
            return Ok(id);
        };
        let current = self
            .store
            .get_maintenance_window_task(GetMaintenanceWindowTask::new(self.window, &id))
            .await?;
        let (current, desired) = (current.settings(), wanted.settings());
        let differences = current.differences(&desired);
        if !differences.is_empty() {
            let update = UpdateMaintenanceWindowTask {
                window_id: Some(self.window.clone()),
                window_task_id: Some(id.clone()),
                replace: Some(true),
                ..current.updated_to(&desired).into()
            };
            self.store.update_maintenance_window_task(update).await?;
            let change = Change::Updated(differences);
            self.note(WindowPart::Task, name.as_ref(), id.as_str(), change);
        }
        Ok(id)
    }

    async fn remove_tasks(
        &mut self,
        kept: &[MaintenanceWindowTask],
        used: &[WindowTaskId],
    ) -> Result<()> {
        for task in kept {
            let Some(id) = task.window_task_id.as_ref().filter(|id| !used.contains(id)) else {
                continue;
            };
            let request = DeregisterTaskFromMaintenanceWindow::new(self.window, id);
            let removed = self.store.deregister_task_from_maintenance_window(request);
            gone_or(removed.await)?;
            let name = task.name.as_ref();
            self.note(WindowPart::Task, name, id.as_str(), Change::Removed);
        }
        Ok(())
    }

    async fn remove_targets(
        &mut self,
        kept: &[MaintenanceWindowTarget],
        used: &[WindowTargetId],
    ) -> Result<()> {
        for target in kept {
            let id = target.window_target_id.as_ref();
            let Some(id) = id.filter(|id| !used.contains(id)) else {
                continue;
            };
            let request = DeregisterTargetFromMaintenanceWindow::new(self.window, id);
            let request = request.with_safe(true);
            let removed = self
                .store
                .deregister_target_from_maintenance_window(request);
            gone_or(removed.await)?;
            let name = target.name.as_ref();
            self.note(WindowPart::Target, name, id.as_str(), Change::Removed);
        }
        Ok(())
    }
}

/// The task with the ids of its targets in place of their names.
fn resolved(
    task: &PatchWindowTask,
    ids: &BTreeMap<String, WindowTargetId>,
) -> RegisterTaskWithMaintenanceWindow {
    let mut resolved = task.task.clone();
    let registered: Vec<String> = task
        .target_names
        .iter()
        .filter_map(|name| Some(ids.get(name)?.as_str().to_owned()))
        .collect();
    if !registered.is_empty() {
        let mut targets = vec![Target::new("WindowTargetIds", registered)];
        targets.extend(resolved.targets.take().unwrap_or_default());
        resolved.targets = Some(targets);
    }
    resolved
}
