use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use serde::Serialize;

use super::PatchManager;
use super::created::{Created, at_most_one};
use super::pages::{self, listed, pages};
use super::window_parts::Parts;
use crate::backend::{
    DeleteMaintenanceWindow, DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindows,
    GetMaintenanceWindow,
};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::{Error, Result, Violations};
use crate::operation::{check_document_parameters, check_patch_document, check_role};
use crate::schedule::ScheduleLint;
use crate::schedule::window::{
    MaintenanceWindow, MaintenanceWindowIdentity, PatchWindow, RegisterTaskWithMaintenanceWindow,
    ScheduledWindowExecution, UpdateMaintenanceWindow, check_hours,
};
use crate::spelling::nearest;
use crate::telemetry::{verb, verb_stream};
use crate::types::{
    Change, CompletedStep, MaintenanceWindowFilter, QueryFilter, WindowChange, WindowId, WindowPart,
};
use crate::visible::write_warnings;

/// The result of [`ensure_maintenance_window`](PatchManager::ensure_maintenance_window).
///
/// ```
/// use aws_patch_manager::schedule::PolicyTargets;
/// use aws_patch_manager::types::Tag;
/// use aws_patch_manager::{PatchManager, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let schedule = PolicySchedule::daily_scan_weekly_install("web")
///     .targets(PolicyTargets::Tag(Tag::new("Role", "web")));
/// for window in schedule.maintenance_windows()? {
///     let applied = manager.ensure_maintenance_window(&window).await?;
///     for change in &applied.changes {
///         println!("{}: {change}", applied.id);
///     }
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EnsuredMaintenanceWindow {
    /// Its id.
    pub id: WindowId,
    /// What was changed; empty if nothing was.
    pub changes: Vec<WindowChange>,
    /// What is legal in it but probably not intended, whether or not anything was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ScheduleLint>,
}

impl fmt::Display for EnsuredMaintenanceWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.id)?;
        for (place, change) in self.changes.iter().enumerate() {
            let before = if place == 0 { "" } else { ", " };
            write!(f, "{before}{change}")?;
        }
        if self.changes.is_empty() {
            f.write_str("unchanged")?;
        }
        write_warnings(f, &self.warnings)
    }
}

/// Maintenance windows.
impl PatchManager {
    /// Creates or updates the maintenance window of this name, with its targets and tasks. It
    /// creates, updates and removes what differs.
    ///
    /// Names identify the window, its targets and its tasks. It does not enable or disable an
    /// existing window. Tags are set only when the window is created. Two callers at once make one window, with
    /// one of each part: whoever creates looks again, and takes its own back if another's is older.
    ///
    /// Calls DescribeMaintenanceWindows, GetMaintenanceWindow, DescribeMaintenanceWindowTargets,
    /// DescribeMaintenanceWindowTasks, GetMaintenanceWindowTask for each task; and as needed the
    /// operations that create, register, update and deregister. Tasks of the service role need
    /// `iam:PassRole`.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let windows = PolicySchedule::daily_scan_weekly_install("web")
    ///     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")))
    ///     .maintenance_windows()?;
    /// for window in &windows {
    ///     let applied = manager.ensure_maintenance_window(window).await?;
    ///     assert_eq!(applied.changes.len(), 3, "the window, its target and its task");
    ///     assert!(manager.ensure_maintenance_window(window).await?.changes.is_empty());
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] before any call, if a name is missing or used twice, or a task
    /// names an unknown target. [`ErrorKind::Ambiguous`] if several windows have the name.
    /// [`ErrorKind::Incomplete`] if some steps took effect before one failed: the error has them;
    /// run it again to do the rest. [`ErrorKind::LimitExceeded`] at the account's 51st window, or a
    /// window's 101st target or 21st task. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_maintenance_window(
        &self,
        wanted: &PatchWindow,
    ) -> Result<EnsuredMaintenanceWindow> {
        verb!(ensure_maintenance_window(window = wanted.name()), async {
            check(wanted)?;
            let (id, change) = match self.window_named(wanted.name()).await? {
                Some(id) => {
                    let change = self.update_window(&id, wanted).await?;
                    (id, change)
                }
                None => match self.new_window(&wanted.window, wanted.name()).await? {
                    Created::Own(id) => (id, Some(Change::Created)),
                    Created::Older(id) => {
                        let change = self.update_window(&id, wanted).await?;
                        (id, change)
                    }
                },
            };
            let window = |change| WindowChange::new(WindowPart::Window, wanted.name(), change);
            let mut changes = Vec::from_iter(change.map(window));
            let parts = Parts::new(&self.backends.windows, &id, &mut changes);
            match parts.apply(wanted).await {
                Ok(()) => Ok(EnsuredMaintenanceWindow {
                    id,
                    changes,
                    warnings: wanted.lints(self.clock.now()),
                }),
                Err(error) => {
                    let step = |change| CompletedStep::MaintenanceWindowChanged {
                        window_id: id.clone(),
                        change,
                    };
                    Err(Error::incomplete(
                        changes.into_iter().map(step).collect(),
                        error,
                    ))
                }
            }
        })
    }

    pub(super) async fn windows_named(&self, name: &str) -> Result<Vec<WindowId>> {
        let filters = [MaintenanceWindowFilter::name([name])];
        let found: Vec<_> = self
            .list_maintenance_windows_with(filters)
            .try_collect()
            .await?;
        let of_name = found
            .into_iter()
            .filter(|identity| identity.name.as_deref() == Some(name));
        Ok(of_name.filter_map(|window| window.window_id).collect())
    }

    async fn window_named(&self, name: &str) -> Result<Option<WindowId>> {
        let ids = self.windows_named(name).await?;
        at_most_one(ids, "windows", name, "DescribeMaintenanceWindows")
    }

    async fn update_window(&self, id: &WindowId, wanted: &PatchWindow) -> Result<Option<Change>> {
        let current = self
            .backends
            .windows
            .get_maintenance_window(GetMaintenanceWindow::new(id))
            .await?;
        let desired = wanted.window.settings();
        let differences = current.settings().differences(&desired);
        if differences.is_empty() {
            return Ok(None);
        }
        let update = UpdateMaintenanceWindow {
            window_id: Some(id.clone()),
            enabled: current.enabled,
            replace: Some(true),
            ..desired.into()
        };
        self.backends
            .windows
            .update_maintenance_window(update)
            .await?;
        Ok(Some(Change::Updated(differences)))
    }

    /// Reads a maintenance window.
    ///
    /// Calls GetMaintenanceWindow.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    /// let schedule = PolicySchedule::new("web").scan_daily_at(1, 0).targets(web);
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let id = manager.ensure_maintenance_window(wanted).await?.id;
    /// let window = manager.maintenance_window(&id).await?;
    /// assert_eq!(window.name.as_deref(), Some("web-scan"));
    /// assert_eq!(window.duration, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such window. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(maintenance_window(window = id.as_str()), async {
            pages::check(id, "GetMaintenanceWindow")?;
            self.backends
                .windows
                .get_maintenance_window(GetMaintenanceWindow::new(id))
                .await
        })
    }

    /// Enables a maintenance window, so that it opens by its schedule.
    ///
    /// Calls UpdateMaintenanceWindow.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    /// let schedule = PolicySchedule::new("web").scan_daily_at(1, 0).targets(web);
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let id = manager.ensure_maintenance_window(wanted).await?.id;
    /// manager.disable_maintenance_window(&id).await?;
    /// let on = manager.enable_maintenance_window(&id).await?;
    /// assert_eq!(on.enabled, Some(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such window. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn enable_maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(
            enable_maintenance_window(window = id.as_str()),
            self.switch_window(id, true)
        )
    }

    /// Disables a maintenance window, so that it does not open.
    ///
    /// Calls UpdateMaintenanceWindow.
    ///
    /// # Errors
    ///
    /// Those of [`enable_maintenance_window`](Self::enable_maintenance_window), which also has an
    /// example.
    pub async fn disable_maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(
            disable_maintenance_window(window = id.as_str()),
            self.switch_window(id, false)
        )
    }

    async fn switch_window(&self, id: &WindowId, enabled: bool) -> Result<MaintenanceWindow> {
        pages::check(id, "UpdateMaintenanceWindow")?;
        let mut update = UpdateMaintenanceWindow::new(id.clone());
        update.enabled = Some(enabled);
        self.backends
            .windows
            .update_maintenance_window(update)
            .await
    }

    /// Deletes a maintenance window with its targets and tasks. If it does not exist, this
    /// succeeds.
    ///
    /// Calls DeleteMaintenanceWindow.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    /// let schedule = PolicySchedule::new("web").scan_daily_at(1, 0).targets(web);
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let id = manager.ensure_maintenance_window(wanted).await?.id;
    /// manager.delete_maintenance_window(&id).await?;
    /// manager.delete_maintenance_window(&id).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. It can also fail as [every
    /// call can](PatchManager#what-every-call-can-meet).
    pub async fn delete_maintenance_window(&self, id: &WindowId) -> Result<()> {
        verb!(delete_maintenance_window(window = id.as_str()), async {
            pages::check(id, "DeleteMaintenanceWindow")?;
            self.backends
                .windows
                .delete_maintenance_window(DeleteMaintenanceWindow::new(id))
                .await
        })
    }

    /// The maintenance windows.
    ///
    /// Calls DescribeMaintenanceWindows, a page at a time. [`list_maintenance_windows_with`](Self::list_maintenance_windows_with) takes filters.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let listed: Vec<_> = manager.list_maintenance_windows().try_collect().await?;
    /// println!("{}", listed.len());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_maintenance_windows(
        &self,
    ) -> BoxStream<'static, Result<MaintenanceWindowIdentity>> {
        verb_stream!(
            list_maintenance_windows(),
            self.list_maintenance_windows_with([])
        )
    }

    /// The maintenance windows that match the filters, by `Name` or `Enabled`.
    ///
    /// Calls DescribeMaintenanceWindows, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::{MaintenanceWindowFilter, Tag};
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    /// let schedule = PolicySchedule::new("web").scan_daily_at(1, 0).targets(web);
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let id = manager.ensure_maintenance_window(wanted).await?.id;
    /// let on = manager.list_maintenance_windows_with([MaintenanceWindowFilter::enabled( ["true"])]);
    /// let on: Vec<_> = on.try_collect().await?;
    /// assert_eq!(on[0].window_id, Some(id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a filter that the service does not know, and for more than 5
    /// filters. It can also fail as [every call can](PatchManager#what-every-call-can-meet). An
    /// error is the last item of the stream.
    pub fn list_maintenance_windows_with(
        &self,
        filters: impl IntoIterator<Item = MaintenanceWindowFilter>,
    ) -> BoxStream<'static, Result<MaintenanceWindowIdentity>> {
        let filters: Vec<QueryFilter> = filters.into_iter().map(QueryFilter::from).collect();
        verb_stream!(
            list_maintenance_windows_with(),
            pages(&self.backends.windows, 100, move |windows, page| {
                let request = DescribeMaintenanceWindows::new(filters.clone(), page);
                async move { windows.describe_maintenance_windows(request).await }
            })
        )
    }

    /// The next openings of a maintenance window, in order. The service limits how far it looks
    /// ahead.
    ///
    /// Calls DescribeMaintenanceWindowSchedule, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PolicyTargets::Tag(Tag::new("Patch Group", "web"));
    /// let schedule = PolicySchedule::new("web").scan_daily_at(1, 0).targets(web);
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let id = manager.ensure_maintenance_window(wanted).await?.id;
    /// let mut openings = manager.maintenance_window_openings(&id);
    /// let next = openings.try_next().await?.ok_or("it never opens")?;
    /// println!("{:?}", next.execution_time);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`] if
    /// there is no such window. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn maintenance_window_openings(
        &self,
        id: &WindowId,
    ) -> BoxStream<'static, Result<ScheduledWindowExecution>> {
        verb_stream!(maintenance_window_openings(window = id.as_str()), {
            let checked = pages::check(id, "DescribeMaintenanceWindowSchedule");
            let id = id.clone();
            listed(checked, || {
                pages(&self.backends.windows, 50, move |windows, page| {
                    let request =
                        DescribeMaintenanceWindowSchedule::of(id.clone(), Vec::new(), page);
                    async move { windows.describe_maintenance_window_schedule(request).await }
                })
            })
        })
    }
}

/// Checks the names, which identify the parts, and what a typo breaks: the service would refuse it a
/// part at a time, or, as the parameters of a document, only when the window opens.
pub(crate) fn check(wanted: &PatchWindow) -> Result<()> {
    let mut found = Violations::new();
    check_names(wanted, &mut found);
    let window = &wanted.window;
    check_hours("Window.", window.duration, window.cutoff, &mut found);
    for (index, target) in wanted.targets.iter().enumerate() {
        if let Some(kind) = &target.resource_type {
            let field = format!("Targets[{index}].ResourceType");
            found.require(
                kind.is_known(),
                field,
                kind,
                "`INSTANCE` or `RESOURCE_GROUP`",
            );
        }
    }
    for (index, task) in wanted.tasks.iter().enumerate() {
        check_task(&format!("Tasks[{index}].Task"), &task.task, &mut found);
    }
    found.or("CreateMaintenanceWindow", ())
}

fn check_task(path: &str, task: &RegisterTaskWithMaintenanceWindow, found: &mut Violations) {
    if let Some(kind) = &task.task_type {
        let legal = "`RUN_COMMAND`, `AUTOMATION`, `STEP_FUNCTIONS` or `LAMBDA`";
        found.require(kind.is_known(), format!("{path}.TaskType"), kind, legal);
    }
    if let Some(role) = &task.service_role_arn {
        check_role(&format!("{path}.ServiceRoleArn"), role, found);
    }
    let invocation = task.task_invocation_parameters.as_ref();
    let Some(run) = invocation.and_then(|invocation| invocation.run_command.as_ref()) else {
        return;
    };
    let document = task.task_arn.as_deref().unwrap_or_default();
    check_patch_document(&format!("{path}.TaskArn"), document, found);
    let path = format!("{path}.TaskInvocationParameters.RunCommand");
    if let Some(role) = &run.service_role_arn {
        check_role(&format!("{path}.ServiceRoleArn"), role, found);
    }
    let parameters = run.parameters.iter().flatten();
    check_document_parameters(&path, document, parameters, found);
}

fn check_names(wanted: &PatchWindow, found: &mut Violations) {
    let legal = "a name: it identifies the window";
    found.require(!wanted.name().is_empty(), "Window.Name", "", legal);
    let targets: Vec<_> = wanted.targets.iter().map(|target| &target.name).collect();
    let tasks: Vec<_> = wanted.tasks.iter().map(|task| &task.task.name).collect();
    for (part, member, names) in [
        ("Targets", "Name", &targets),
        ("Tasks", "Task.Name", &tasks),
    ] {
        for (index, name) in names.iter().enumerate() {
            let shown = name.as_deref().unwrap_or_default();
            let first = names.iter().position(|other| other == name) == Some(index);
            let legal = "a name that is unique in the window";
            let field = format!("{part}[{index}].{member}");
            found.require(!shown.is_empty() && first, field, shown, legal);
        }
    }
    for (index, task) in wanted.tasks.iter().enumerate() {
        for (place, name) in task.target_names.iter().enumerate() {
            let known = targets.iter().any(|target| target.as_ref() == Some(name));
            if known {
                continue;
            }
            let field = format!("Tasks[{index}].TargetNames[{place}]");
            let meant = nearest(name, targets.iter().filter_map(|target| target.as_deref()));
            let legal = match meant {
                Some(meant) => format!("no such target of the window; the nearest is `{meant}`"),
                None => "the name of one of the window's targets".to_owned(),
            };
            found.push(field, name, legal);
        }
    }
}
