use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::PatchManager;
use super::operations::Poll;
use super::pages::{check, pages};
use crate::automation::{
    AutomationExecution, AutomationExecutionFilter, AutomationExecutionStatus, COMMAND_ID,
    LocationOutcome, OrganizationOutcome, OrganizationRequest, ProgressCounters, STEP,
    StepExecution,
};
use crate::backend::{
    DescribeAutomationExecutions, DescribeAutomationStepExecutions, GetAutomationExecution,
    StopAutomationExecution,
};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::operation::RunOutcome;
use crate::progress::{self, Told};
use crate::telemetry::{progress, verb};
use crate::types::{AutomationExecutionId, CommandId, PatchOperation};

/// How many accounts and Regions are read at the same time.
const READERS: usize = 8;

/// How long the nodes of an execution that was cut short are waited for.
const LISTED_WITHIN: Duration = Duration::from_secs(15);

/// The error of a stop that comes too late.
const HAS_ENDED: &str = "InvalidAutomationStatusUpdateException";

/// A started run of a runbook in an organization, or in one account and Region: wait for it, read
/// it, or stop it.
///
/// If it is dropped, the run goes on. [`PatchManager::resume_organization`] makes it again from the
/// execution's id.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationRun {
    #[serde(skip)]
    manager: PatchManager,
    operation: PatchOperation,
    #[serde(rename = "AutomationExecutionId")]
    id: AutomationExecutionId,
}

/// Runs in an organization.
impl PatchManager {
    /// Starts a run of a patch runbook in accounts and Regions, or in this one, by Automation.
    ///
    /// A repeated call with the same request starts nothing: the client token finds the run.
    ///
    /// Calls StartAutomationExecution.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::automation::{OrganizationRequest, PatchRunbook};
    /// use aws_patch_manager::memory::{FleetNode, MemoryOrganization};
    /// use aws_patch_manager::types::Target;
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let organization = MemoryOrganization::builder()
    ///     .unit("ou-ab12-production", None)
    ///     .account("222222222222", "ou-ab12-production")
    ///     .regions(["eu-central-1"])
    ///     .build()?;
    /// let member = organization.member("222222222222", "eu-central-1")?;
    /// member.add_node(FleetNode::windows_server_2022("i-0123456789abcdef0"));
    /// let manager = PatchManager::from_memory(&organization.member("111111111111", "eu-central-1")?);
    ///
    /// let runbook = PatchRunbook::new("Patch-Nodes").share_with(["222222222222"]);
    /// manager.ensure_patch_runbook(&runbook).await?;
    /// let request = OrganizationRequest::scan("Patch-Nodes")
    ///     .target(Target::instance_ids(["i-0123456789abcdef0"]))
    ///     .organizational_units(["ou-ab12-production"], ["eu-central-1"]);
    /// let run = manager.run_organization(&request).await?;
    /// let outcome = run.wait(Duration::from_secs(4 * 3600)).await?;
    /// assert!(outcome.is_success());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`], before any call, with all violations of the request; and if the
    /// service refuses a target or parameter. [`ErrorKind::NotFound`] without the runbook or its
    /// version. [`ErrorKind::IdempotentParameterMismatch`] if the token was used for another request.
    /// It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn run_organization(&self, request: &OrganizationRequest) -> Result<OrganizationRun> {
        verb!(
            run_organization(operation = request.operation().as_str()),
            async {
                let start = request.to_start()?;
                let id = self
                    .backends
                    .automation
                    .start_automation_execution(start)
                    .await?;
                Ok(self.organization_run(request.operation().clone(), id))
            }
        )
    }

    /// Resumes a run from its execution's id, even in another process. Makes no call.
    ///
    /// ```
    /// use aws_patch_manager::types::PatchOperation;
    /// use aws_patch_manager::PatchManager;
    ///
    /// let manager = PatchManager::in_memory();
    /// let kept = "4105a4fc-f944-41e6-9d32-0a1b2c3d4e5f";
    /// let run = manager.resume_organization(PatchOperation::Install, kept.into())?;
    /// assert_eq!(run.id().as_str(), kept);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed id.
    pub fn resume_organization(
        &self,
        operation: PatchOperation,
        id: AutomationExecutionId,
    ) -> Result<OrganizationRun> {
        check(&id, "GetAutomationExecution")?;
        Ok(self.organization_run(operation, id))
    }

    fn organization_run(
        &self,
        operation: PatchOperation,
        id: AutomationExecutionId,
    ) -> OrganizationRun {
        OrganizationRun {
            manager: self.clone(),
            operation,
            id,
        }
    }

    /// The commands of an execution in this account and Region: that of its own step, or of its
    /// children's, in one listing.
    async fn commands_of(&self, id: &AutomationExecutionId) -> Result<Vec<CommandId>> {
        let request = GetAutomationExecution::new(id);
        let execution = self
            .backends
            .automation
            .get_automation_execution(request)
            .await?;
        let resolved = execution.resolved_targets.as_ref();
        let targets = resolved.and_then(|resolved| resolved.parameter_values.as_ref());
        let has_children = targets.is_some_and(|targets| !targets.is_empty());
        if !has_children {
            let status = status_of(&execution);
            return commands_in(id, &status, execution.outputs);
        }
        let parent = id.clone();
        let children = pages(&self.backends.automation, 50, move |automation, page| {
            let filter = AutomationExecutionFilter::parent(&parent);
            let request = DescribeAutomationExecutions::new(vec![filter], page);
            async move { automation.describe_automation_executions(request).await }
        });
        let commands = children.and_then(|child| {
            let status = child.automation_execution_status;
            let status = status.unwrap_or(AutomationExecutionStatus::Pending);
            let child_id = child.automation_execution_id;
            let child_id = child_id.as_ref().unwrap_or(id);
            std::future::ready(commands_in(child_id, &status, child.outputs))
        });
        let commands: Vec<Vec<CommandId>> = commands.try_collect().await?;
        Ok(commands.into_iter().flatten().collect())
    }

    /// The outcome of each node of an execution in this account and Region.
    ///
    /// One that was cut short may have sent its command a moment ago, and the service lists invocations late:
    /// then it waits for them.
    async fn nodes_of(
        &self,
        operation: &PatchOperation,
        id: &AutomationExecutionId,
        was_cut_short: bool,
    ) -> Result<RunOutcome> {
        let commands = self.commands_of(id).await?;
        if commands.is_empty() {
            return Ok(RunOutcome::new(operation.clone(), Vec::new()));
        }
        let run = self.resume(operation.clone(), commands)?;
        if was_cut_short {
            match run.wait(LISTED_WITHIN).await {
                // It has not ended on some node.
                Err(error) if error.run().is_some() => {}
                ended => return ended,
            }
        }
        run.outcome().await
    }
}

impl OrganizationRun {
    /// The id of the execution.
    pub fn id(&self) -> &AutomationExecutionId {
        &self.id
    }

    /// Scan or Install.
    pub fn operation(&self) -> &PatchOperation {
        &self.operation
    }

    /// The execution with its counters and the first of its steps.
    ///
    /// Calls GetAutomationExecution.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the account has no such execution in this Region.
    /// [`ErrorKind::InvalidInput`] if it was started for the other operation. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet).
    pub async fn status(&self) -> Result<AutomationExecution> {
        verb!(
            organization_run_status(execution = self.id.as_str()),
            self.execution()
        )
    }

    async fn execution(&self) -> Result<AutomationExecution> {
        let request = GetAutomationExecution::new(&self.id);
        let automation = &self.manager.backends.automation;
        let execution = automation.get_automation_execution(request).await?;
        self.check_operation(&execution)?;
        Ok(execution)
    }

    /// Refuses an execution of the other operation: its outcome would go under the wrong name.
    fn check_operation(&self, execution: &AutomationExecution) -> Result<()> {
        let parameters = execution.parameters.as_ref();
        let given = parameters.and_then(|parameters| parameters.get("Operation"));
        let other = given
            .and_then(|values| values.first())
            .filter(|other| *other != self.operation.as_str());
        let Some(other) = other else {
            return Ok(());
        };
        let legal = format!("{other}: resume the execution as what it was started");
        let mut found = Violations::new();
        found.push("Operation", self.operation.as_str(), legal);
        let refused = found.or("GetAutomationExecution", ());
        refused.map_err(|error| error.with_resource(self.id.as_str()))
    }

    /// Waits until the run has ended, and returns the outcome in each account and Region, without its
    /// nodes: [`wait_with_nodes`](Self::wait_with_nodes) reads these.
    ///
    /// It polls with one call, GetAutomationExecution, first after 2 seconds and then more rarely, up
    /// to every 30 seconds. At the end it calls DescribeAutomationStepExecutions, once for each 50
    /// accounts and Regions. It repeats a call that fails with a retryable error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Timeout`] if it has not ended within the time limit. The run goes on: wait
    /// again, or resume it from its id. Accounts and Regions that failed are not an error: the outcome
    /// has them. [`ErrorKind::NotFound`] and [`ErrorKind::InvalidInput`] as [`status`](Self::status). It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet), but it retries until the
    /// time limit if the error is retryable.
    pub async fn wait(&self, within: Duration) -> Result<OrganizationOutcome> {
        verb!(
            organization_run_wait(execution = self.id.as_str()),
            self.end(within)
        )
    }

    async fn end(&self, within: Duration) -> Result<OrganizationOutcome> {
        let mut poll = Poll::new(&*self.manager.clock, within);
        loop {
            match self.ended().await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => return Err(error),
            }
            if !poll.wait().await {
                return Err(self.timed_out());
            }
        }
    }

    pub(super) fn timed_out(&self) -> Error {
        let message = "the run has not ended within the time limit; it goes on";
        Error::new(ErrorKind::Timeout, message).with_resource(self.id.as_str())
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.manager.clock
    }

    /// The outcome, if the run has ended.
    pub(super) async fn ended(&self) -> Result<Option<OrganizationOutcome>> {
        let execution = self.execution().await?;
        self.tell_progress(execution.progress_counters.as_ref());
        match status_of(&execution).is_terminal() {
            true => self.outcome_of(execution).await.map(Some),
            false => Ok(None),
        }
    }

    fn tell_progress(&self, counters: Option<&ProgressCounters>) {
        let of = |counter: fn(&ProgressCounters) -> Option<u32>| counters.and_then(counter);
        let (locations, succeeded) = (of(|all| all.total_steps), of(|all| all.success_steps));
        let failed = of(|all| all.failed_steps);
        progress!(
            "a run in an organization",
            locations = locations,
            succeeded = succeeded,
            failed = failed
        );
        let ended = [
            succeeded,
            failed,
            of(|all| all.cancelled_steps),
            of(|all| all.timed_out_steps),
        ];
        let count = |counter: Option<u32>| counter.unwrap_or_default() as usize;
        let told = Told {
            done: ended.into_iter().map(count).sum(),
            known: count(locations),
            failed: count(failed),
            is_all: locations.is_some(),
            ..Told::default()
        };
        progress::tell(told, self.manager.clock.now());
    }

    /// The outcome in each account and Region so far, without waiting and without the nodes.
    ///
    /// Calls GetAutomationExecution and DescribeAutomationStepExecutions.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status).
    pub async fn outcome(&self) -> Result<OrganizationOutcome> {
        verb!(
            organization_run_outcome(execution = self.id.as_str()),
            async {
                let execution = self.execution().await?;
                self.outcome_of(execution).await
            }
        )
    }

    async fn outcome_of(&self, execution: AutomationExecution) -> Result<OrganizationOutcome> {
        let status = status_of(&execution);
        let locations = match &execution.target_locations {
            Some(locations) if !locations.is_empty() => {
                let steps: Vec<_> = self.steps().await?;
                steps.into_iter().filter_map(location_of).collect()
            }
            _ => vec![LocationOutcome {
                account: String::new(),
                region: String::new(),
                status: status.clone(),
                execution_id: Some(self.id.clone()),
                failure_message: execution.failure_message.clone(),
                started: execution.execution_start_time,
                ended: execution.execution_end_time,
                run: None,
                read_error: None,
            }],
        };
        Ok(OrganizationOutcome {
            execution_id: self.id.clone(),
            operation: self.operation.clone(),
            status,
            failure_message: execution.failure_message,
            locations,
        })
    }

    async fn steps(&self) -> Result<Vec<StepExecution>> {
        let id = self.id.clone();
        pages(
            &self.manager.backends.automation,
            50,
            move |automation, page| {
                let request = DescribeAutomationStepExecutions::of(&id, page);
                async move {
                    automation
                        .describe_automation_step_executions(request)
                        .await
                }
            },
        )
        .try_collect()
        .await
    }

    /// Waits until the run has ended, and reads the outcome of each node too, in the accounts and
    /// Regions where the runbook started.
    ///
    /// The outcome of a node is in its own account and Region only. `managers` makes a manager for
    /// each of them, for example with the credentials of a role there; for a run without accounts and
    /// Regions it is not called. If an account or Region cannot be read, its
    /// [`read_error`](LocationOutcome::read_error) has the error, and the others are read.
    ///
    /// Calls what [`wait`](Self::wait) calls; then, in each account and Region, GetAutomationExecution,
    /// DescribeAutomationExecutions if the runbook ran once for each node, ListCommandInvocations and
    /// DescribeInstancePatchStates. Eight accounts and Regions are read at the same time. One in which the
    /// runbook did not succeed has its command waited for, for at most 15 seconds (ListCommands): its nodes may
    /// not be listed yet.
    ///
    /// ```
    /// use std::future::ready;
    /// use std::time::Duration;
    /// use aws_patch_manager::manager::OrganizationRun;
    /// use aws_patch_manager::memory::MemoryOrganization;
    /// use aws_patch_manager::{PatchManager, Result};
    ///
    /// async fn report(run: &OrganizationRun, organization: &MemoryOrganization) -> Result<()> {
    ///     let managers = |account: String, region: String| {
    ///         let member = organization.member(&account, &region);
    ///         ready(member.map(|member| PatchManager::from_memory(&member)))
    ///     };
    ///     let outcome = run.wait_with_nodes(Duration::from_secs(4 * 3600), managers).await?;
    ///     for (location, node) in outcome.nodes() {
    ///         println!("{} {} {node}", location.account, location.region);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub async fn wait_with_nodes<F, Fut>(
        &self,
        within: Duration,
        managers: F,
    ) -> Result<OrganizationOutcome>
    where
        F: Fn(String, String) -> Fut,
        Fut: Future<Output = Result<PatchManager>>,
    {
        verb!(
            organization_run_wait_with_nodes(execution = self.id.as_str()),
            async {
                let mut outcome = self.end(within).await?;
                let locations = std::mem::take(&mut outcome.locations);
                let read = stream::iter(locations).map(|location| self.read(location, &managers));
                outcome.locations = read.buffered(READERS).collect().await;
                Ok(outcome)
            }
        )
    }

    async fn read<F, Fut>(&self, mut location: LocationOutcome, managers: &F) -> LocationOutcome
    where
        F: Fn(String, String) -> Fut,
        Fut: Future<Output = Result<PatchManager>>,
    {
        let Some(id) = location.execution_id.clone() else {
            return location;
        };
        let read = async {
            let manager = match location.account.as_str() {
                "" => self.manager.clone(),
                account => managers(account.to_owned(), location.region.clone()).await?,
            };
            let was_cut_short = !location.status.is_success();
            manager.nodes_of(&self.operation, &id, was_cut_short).await
        };
        match read.await {
            Ok(run) => location.run = Some(run),
            Err(error) => location.read_error = Some(Arc::new(error)),
        }
        location
    }

    /// Stops the run: what runs is cancelled, and nothing more starts. A run that has ended stays as
    /// it is.
    ///
    /// Calls StopAutomationExecution.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status).
    pub async fn stop(&self) -> Result<()> {
        verb!(organization_run_stop(execution = self.id.as_str()), async {
            let request = StopAutomationExecution::new(&self.id);
            let automation = &self.manager.backends.automation;
            match automation.stop_automation_execution(request).await {
                Err(error) if error.code() == Some(HAS_ENDED) => Ok(()),
                answer => answer,
            }
        })
    }
}

/// The commands among the outputs of an execution. One that failed may have sent none.
fn commands_in(
    id: &AutomationExecutionId,
    status: &AutomationExecutionStatus,
    outputs: Option<BTreeMap<String, Vec<String>>>,
) -> Result<Vec<CommandId>> {
    let output = format!("{STEP}.{COMMAND_ID}");
    let ids = outputs.and_then(|mut outputs| outputs.remove(&output));
    let ids = ids.unwrap_or_default();
    if ids.is_empty() && status.is_success() {
        let message =
            format!("the execution has no output {output}: its runbook is not a patch runbook");
        return Err(Error::new(ErrorKind::InvalidResponse, message).with_resource(id.as_str()));
    }
    Ok(ids.into_iter().map(CommandId::new).collect())
}

fn status_of(execution: &AutomationExecution) -> AutomationExecutionStatus {
    let status = execution.automation_execution_status.clone();
    status.unwrap_or(AutomationExecutionStatus::Pending)
}

/// The account and Region of a step; `None` for a step that is none.
fn location_of(step: StepExecution) -> Option<LocationOutcome> {
    let location = step.target_location?;
    let id = step
        .outputs
        .and_then(|mut outputs| outputs.remove("ExecutionId"));
    let id = id.into_iter().flatten().next();
    Some(LocationOutcome {
        account: location.accounts?.into_iter().next()?,
        region: location.regions?.into_iter().next()?,
        status: step
            .step_status
            .unwrap_or(AutomationExecutionStatus::Pending),
        execution_id: id.map(AutomationExecutionId::new),
        failure_message: step.failure_message,
        started: step.execution_start_time,
        ended: step.execution_end_time,
        run: None,
        read_error: None,
    })
}
