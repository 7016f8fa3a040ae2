use futures_core::stream::BoxStream;

use super::PatchManager;
use super::ids::{check, listed};
use super::pages::pages;
use crate::backend::{
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions,
};
use crate::error::Result;
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
use crate::telemetry::{verb, verb_stream};
use crate::types::{WindowExecutionId, WindowId};

/// What became of maintenance windows.
impl PatchManager {
    /// The runs of a maintenance window, the latest first.
    ///
    /// Calls DescribeMaintenanceWindowExecutions, a page at a time.
    pub fn window_runs(
        &self,
        window: &WindowId,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecution>> {
        verb_stream!(window_runs(window = window.as_str()), {
            let checked = check(window, "DescribeMaintenanceWindowExecutions");
            let window = window.clone();
            listed(checked, || {
                pages(&self.window_history, 100, move |history, page| {
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
    pub fn window_run_tasks(
        &self,
        run: &WindowExecutionId,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecutionTaskIdentity>> {
        verb_stream!(window_run_tasks(execution = run.as_str()), {
            let checked = check(run, "DescribeMaintenanceWindowExecutionTasks");
            let run = run.clone();
            listed(checked, || {
                pages(&self.window_history, 100, move |history, page| {
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
    /// For a Run Command task `execution_id` is the command's id, which
    /// [`resume`](Self::resume) takes for the outcome of each node.
    ///
    /// Calls DescribeMaintenanceWindowExecutionTaskInvocations, a page at a time.
    pub fn window_run_invocations(
        &self,
        run: &WindowExecutionId,
        task_execution: impl Into<String>,
    ) -> BoxStream<'static, Result<MaintenanceWindowExecutionTaskInvocation>> {
        verb_stream!(window_run_invocations(execution = run.as_str()), {
            let checked = check(run, "DescribeMaintenanceWindowExecutionTaskInvocations");
            let (run, task) = (run.clone(), task_execution.into());
            listed(checked, || {
                pages(&self.window_history, 100, move |history, page| {
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
        })
    }

    /// Cancels a run of a maintenance window: what has not started never starts, and commands
    /// under way are cancelled as far as that goes.
    ///
    /// Calls CancelMaintenanceWindowExecution.
    pub async fn cancel_window_run(&self, run: &WindowExecutionId) -> Result<()> {
        verb!(cancel_window_run(execution = run.as_str()), async {
            check(run, "CancelMaintenanceWindowExecution")?;
            self.window_history
                .cancel_maintenance_window_execution(run)
                .await
        })
    }
}
