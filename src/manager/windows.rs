use std::fmt;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use serde::Serialize;

use super::ids::{self, listed};
use super::pages::pages;
use super::window_parts::Parts;
use super::{Change, PatchManager, WindowChange, WindowPart};
use crate::backend::{
    DeleteMaintenanceWindow, DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindows,
    GetMaintenanceWindow,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::schedule::window::{
    MaintenanceWindow, MaintenanceWindowIdentity, PatchWindow, ScheduledWindowExecution,
    UpdateMaintenanceWindow,
};
use crate::telemetry::{verb, verb_stream};
use crate::types::{MaintenanceWindowFilter, QueryFilter, WindowId};

/// A maintenance window that is what it was asked to be.
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
    /// What had to be done; empty where it was so already.
    pub changes: Vec<WindowChange>,
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
        Ok(())
    }
}

/// Maintenance windows.
impl PatchManager {
    /// Makes the maintenance window of this name what is given, with its targets and tasks:
    /// creates, updates and removes what differs, and leaves the rest alone.
    ///
    /// Window, targets and tasks are told apart by their names. Whether the window is enabled is
    /// left as it is. Tags are set only where the window is created.
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
    /// [`ErrorKind::InvalidInput`] before any call, where a name is missing or used twice, or a
    /// task names a target that is not there. [`ErrorKind::Ambiguous`] where several windows have
    /// the name. [`ErrorKind::Incomplete`] where some steps took effect before one failed; it names
    /// them, and running it again finishes the job. [`ErrorKind::LimitExceeded`] at the account's
    /// 51st window, or a window's 101st target or 21st task. Besides,
    /// [what every call can meet](PatchManager#what-every-call-can-meet).
    pub async fn ensure_maintenance_window(
        &self,
        wanted: &PatchWindow,
    ) -> Result<EnsuredMaintenanceWindow> {
        verb!(ensure_maintenance_window(window = wanted.name()), async {
            check(wanted)?;
            let mut changes = Vec::new();
            let applied = self.apply_parts(wanted, &mut changes).await;
            match applied {
                Ok(id) => Ok(EnsuredMaintenanceWindow { id, changes }),
                Err(error) if changes.is_empty() => Err(error),
                Err(error) => {
                    let done = changes.iter().map(ToString::to_string).collect();
                    Err(Error::incomplete(done, error))
                }
            }
        })
    }

    async fn apply_parts(
        &self,
        wanted: &PatchWindow,
        changes: &mut Vec<WindowChange>,
    ) -> Result<WindowId> {
        let id = match self.window_named(wanted.name()).await? {
            Some(id) => {
                self.update_window(&id, wanted, changes).await?;
                id
            }
            None => {
                let create = wanted.window.clone();
                let id = self
                    .backends
                    .windows
                    .create_maintenance_window(create)
                    .await?;
                let change = Change::Created;
                changes.push(WindowChange::new(WindowPart::Window, wanted.name(), change));
                id
            }
        };
        Parts::new(&self.backends.windows, &id, changes)
            .apply(wanted)
            .await?;
        Ok(id)
    }

    async fn window_named(&self, name: &str) -> Result<Option<WindowId>> {
        let filters = [MaintenanceWindowFilter::name([name])];
        let found: Vec<_> = self
            .list_maintenance_windows_with(filters)
            .try_collect()
            .await?;
        let mut ids: Vec<WindowId> = found
            .into_iter()
            .filter(|identity| identity.name.as_deref() == Some(name))
            .filter_map(|identity| identity.window_id)
            .collect();
        if ids.len() > 1 {
            let ids: Vec<_> = ids.iter().map(WindowId::as_str).collect();
            let message = format!("several windows have this name: {}", ids.join(", "));
            return Err(Error::new(ErrorKind::Ambiguous, message)
                .with_operation("DescribeMaintenanceWindows")
                .with_resource(name));
        }
        Ok(ids.pop())
    }

    async fn update_window(
        &self,
        id: &WindowId,
        wanted: &PatchWindow,
        changes: &mut Vec<WindowChange>,
    ) -> Result<()> {
        let current = self
            .backends
            .windows
            .get_maintenance_window(GetMaintenanceWindow::new(id))
            .await?;
        let desired = wanted.window.settings();
        let differences = current.settings().differences(&desired);
        if differences.is_empty() {
            return Ok(());
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
        let change = Change::Updated(differences);
        changes.push(WindowChange::new(WindowPart::Window, wanted.name(), change));
        Ok(())
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
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`]
    /// where there is no such window. Besides,
    /// [what every call can meet](PatchManager#what-every-call-can-meet).
    pub async fn maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(maintenance_window(window = id.as_str()), async {
            ids::check(id, "GetMaintenanceWindow")?;
            self.backends
                .windows
                .get_maintenance_window(GetMaintenanceWindow::new(id))
                .await
        })
    }

    /// Switches a maintenance window on, so that it opens by its schedule.
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
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`]
    /// where there is no such window. Besides,
    /// [what every call can meet](PatchManager#what-every-call-can-meet).
    pub async fn enable_maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(
            enable_maintenance_window(window = id.as_str()),
            self.switch_window(id, true)
        )
    }

    /// Switches a maintenance window off; while it is off it does not open.
    ///
    /// Calls UpdateMaintenanceWindow.
    ///
    /// # Errors
    ///
    /// Those of [`enable_maintenance_window`](Self::enable_maintenance_window), where an example stands too.
    pub async fn disable_maintenance_window(&self, id: &WindowId) -> Result<MaintenanceWindow> {
        verb!(
            disable_maintenance_window(window = id.as_str()),
            self.switch_window(id, false)
        )
    }

    async fn switch_window(&self, id: &WindowId, enabled: bool) -> Result<MaintenanceWindow> {
        ids::check(id, "UpdateMaintenanceWindow")?;
        let mut update = UpdateMaintenanceWindow::new(id.clone());
        update.enabled = Some(enabled);
        self.backends
            .windows
            .update_maintenance_window(update)
            .await
    }

    /// Deletes a maintenance window with its targets and tasks; one that is not there is no error.
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
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. Besides,
    /// [what every call can meet](PatchManager#what-every-call-can-meet).
    pub async fn delete_maintenance_window(&self, id: &WindowId) -> Result<()> {
        verb!(delete_maintenance_window(window = id.as_str()), async {
            ids::check(id, "DeleteMaintenanceWindow")?;
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
    /// [What every call can meet](PatchManager#what-every-call-can-meet); it is then the last item
    /// of the stream.
    pub fn list_maintenance_windows(
        &self,
    ) -> BoxStream<'static, Result<MaintenanceWindowIdentity>> {
        verb_stream!(
            list_maintenance_windows(),
            self.list_maintenance_windows_with([])
        )
    }

    /// The maintenance windows that pass the filters, by `Name` or `Enabled`.
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
    /// filters. Besides, [what every call can meet](PatchManager#what-every-call-can-meet). An
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

    /// When a maintenance window will open, in order; the service says how far it looks ahead.
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
    /// [`ErrorKind::InvalidInput`] for a malformed id, before any call. [`ErrorKind::NotFound`]
    /// where there is no such window. Besides,
    /// [what every call can meet](PatchManager#what-every-call-can-meet). An error is the last item
    /// of the stream.
    pub fn maintenance_window_openings(
        &self,
        id: &WindowId,
    ) -> BoxStream<'static, Result<ScheduledWindowExecution>> {
        verb_stream!(maintenance_window_openings(window = id.as_str()), {
            let checked = ids::check(id, "DescribeMaintenanceWindowSchedule");
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

/// Names are what parts are told apart by; the rest is for the service to judge.
fn check(wanted: &PatchWindow) -> Result<()> {
    let mut found = Violations::new();
    let legal = "a name, by which the window is found again";
    found.require(!wanted.name().is_empty(), "Name", "", legal);
    let targets: Vec<_> = wanted.targets.iter().map(|target| &target.name).collect();
    let tasks: Vec<_> = wanted.tasks.iter().map(|task| &task.task.name).collect();
    for (part, names) in [("Targets", &targets), ("Tasks", &tasks)] {
        for (index, name) in names.iter().enumerate() {
            let shown = name.as_deref().unwrap_or_default();
            let first = names.iter().position(|other| other == name) == Some(index);
            let legal = "a name that no other of the window has";
            let field = format!("{part}[{index}].Name");
            found.require(!shown.is_empty() && first, field, shown, legal);
        }
    }
    for (index, task) in wanted.tasks.iter().enumerate() {
        for name in &task.target_names {
            let known = targets.iter().any(|target| target.as_ref() == Some(name));
            let field = format!("Tasks[{index}].Targets");
            found.require(
                known,
                field,
                name,
                "the name of one of the window's targets",
            );
        }
    }
    found.or("CreateMaintenanceWindow", ())
}
