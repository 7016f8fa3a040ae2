use futures_core::stream::BoxStream;

use super::PatchManager;
use super::pages::{check, listed, pages};
use crate::backend::{
    CancelMaintenanceWindowExecution, DescribeMaintenanceWindowExecutionTaskInvocations,
    DescribeMaintenanceWindowExecutionTasks, DescribeMaintenanceWindowExecutions,
};
use crate::error::Result;
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
use crate::telemetry::{verb, verb_stream};
use crate::types::{WindowExecutionId, WindowId};

/// Runs of maintenance windows.
impl PatchManager {
    /// The runs of a maintenance window, newest first.
    ///
    /// Calls DescribeMaintenanceWindowExecutions, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    /// use std::time::Duration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = "i-0c0ffee0000000001".into();
    /// let schedule = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .targets(PolicyTargets::InstanceIds(vec![node]));
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let window = manager.ensure_maintenance_window(wanted).await?.id;
    /// account.advance(Duration::from_hours(48));
    /// let runs: Vec<_> = manager.maintenance_window_runs(&window).try_collect().await?;
    /// assert_eq!(runs.len(), 2, "one for each day");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call. It can also fail as [every call can](PatchManager#what-every-call-can-meet). An error
    /// is the last item of the stream. If the window does not exist, the stream is empty.
    pub fn maintenance_window_runs(
        &self,
        window: &WindowId,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecution>> {
        verb_stream!(maintenance_window_runs(window = window.as_str()), {
            let checked = check(window, "DescribeMaintenanceWindowExecutions");
            let window = window.clone();
            listed(checked, || {
                pages(&self.backends.window_history, 100, move |history, page| {
                    let request =
                        DescribeMaintenanceWindowExecutions::new(window.clone(), vec![], page);
                    async move {
                        history
                            .describe_maintenance_window_executions(request)
                            .await
                    }
                })
            })
        })
    }

    /// The tasks in a run of a maintenance window.
    ///
    /// Calls DescribeMaintenanceWindowExecutionTasks, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    /// use std::time::Duration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = "i-0c0ffee0000000001".into();
    /// let schedule = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .targets(PolicyTargets::InstanceIds(vec![node]));
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let window = manager.ensure_maintenance_window(wanted).await?.id;
    /// account.advance(Duration::from_hours(48));
    /// let run = manager.maintenance_window_runs(&window).try_next().await?.ok_or("no run")?;
    /// let run = run.window_execution_id.ok_or("no id")?;
    /// let tasks: Vec<_> = manager.maintenance_window_run_tasks(&run).try_collect().await?;
    /// assert_eq!(tasks.len(), 1);
    /// println!("{:?}", tasks[0].status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such run. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn maintenance_window_run_tasks(
        &self,
        run: &WindowExecutionId,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecutionTaskIdentity>> {
        verb_stream!(maintenance_window_run_tasks(execution = run.as_str()), {
            let checked = check(run, "DescribeMaintenanceWindowExecutionTasks");
            let run = run.clone();
            listed(checked, || {
                pages(&self.backends.window_history, 100, move |history, page| {
                    let request =
                        DescribeMaintenanceWindowExecutionTasks::new(run.clone(), vec![], page);
                    async move {
                        history
                            .describe_maintenance_window_execution_tasks(request)
                            .await
                    }
                })
            })
        })
    }

    /// The invocations of a task in a run of a maintenance window.
    ///
    /// For a Run Command task, `execution_id` is the command's id. Pass it to
    /// [`resume`](Self::resume) to get the outcome of each node.
    ///
    /// Calls DescribeMaintenanceWindowExecutionTaskInvocations, a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::{CommandId, PatchOperation};
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    /// use std::time::Duration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = "i-0c0ffee0000000001".into();
    /// let schedule = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .targets(PolicyTargets::InstanceIds(vec![node]));
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let window = manager.ensure_maintenance_window(wanted).await?.id;
    /// account.advance(Duration::from_hours(48));
    /// let run = manager.maintenance_window_runs(&window).try_next().await?.ok_or("no run")?;
    /// let run = run.window_execution_id.ok_or("no id")?;
    /// let task = manager.maintenance_window_run_tasks(&run).try_next().await?.ok_or("no task")?;
    /// let task = task.task_execution_id.ok_or("no id")?;
    /// let mut invocations = manager.maintenance_window_run_invocations(&run, task);
    /// while let Some(invocation) = invocations.try_next().await? {
    ///     let command = CommandId::new(invocation.execution_id.ok_or("no command")?);
    ///     let run = manager.resume(PatchOperation::Scan, vec![command])?;
    ///     println!("{}", run.outcome().await?);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such run, or no
    /// such task in it. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet). An error is the last item of the stream.
    pub fn maintenance_window_run_invocations(
        &self,
        run: &WindowExecutionId,
        task_execution: impl Into<String>,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecutionTaskInvocation>> {
        verb_stream!(
            maintenance_window_run_invocations(execution = run.as_str()),
            {
                let checked = check(run, "DescribeMaintenanceWindowExecutionTaskInvocations");
                let (run, task) = (run.clone(), task_execution.into());
                listed(checked, || {
                    pages(&self.backends.window_history, 100, move |history, page| {
                        let request = DescribeMaintenanceWindowExecutionTaskInvocations::new(
                            run.clone(),
                            task.clone(),
                            vec![],
                            page,
                        );
                        async move {
                            history
                                .describe_maintenance_window_execution_task_invocations(request)
                                .await
                        }
                    })
                })
            }
        )
    }

    /// Cancels a run of a maintenance window. Tasks that have not started do not start, and running
    /// commands are cancelled if possible.
    ///
    /// Calls CancelMaintenanceWindowExecution.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    /// use std::time::Duration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = "i-0c0ffee0000000001".into();
    /// let schedule = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .targets(PolicyTargets::InstanceIds(vec![node]));
    /// let wanted = schedule.maintenance_windows()?;
    /// let wanted = wanted.first().ok_or("no window")?;
    /// let window = manager.ensure_maintenance_window(wanted).await?.id;
    /// account.advance(Duration::from_hours(48));
    /// let run = manager.maintenance_window_runs(&window).try_next().await?.ok_or("no run")?;
    /// let run = run.window_execution_id.ok_or("no id")?;
    /// manager.cancel_maintenance_window_run(&run).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any
    /// call. [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such run. A run
    /// that has ended stays as it is. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn cancel_maintenance_window_run(&self, run: &WindowExecutionId) -> Result<()> {
        verb!(
            cancel_maintenance_window_run(execution = run.as_str()),
            async {
                check(run, "CancelMaintenanceWindowExecution")?;
                self.backends
                    .window_history
                    .cancel_maintenance_window_execution(CancelMaintenanceWindowExecution::new(run))
                    .await
            }
        )
    }
}
