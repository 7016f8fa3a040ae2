//! Mocks of every backend trait, made by [mockall], and mocks that answer a whole run.
//!
//! [`docs::testing`](crate::docs::testing#with-mocks) shows them at work.
//!
//! Exempt from semver: mockall defines their interface, which follows its releases. For its
//! predicates and sequences, put the mockall version of this crate into your own
//! `[dev-dependencies]`.
//!
//! [mockall]: https://docs.rs/mockall

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use crate::backend::mocks::*;
use crate::backend::{ListCommandInvocations, ListCommands};
use crate::compliance::InstancePatchState;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{
    Command, CommandInvocation, CommandInvocationDetail, CommandStatus, InvocationStatus,
    SendCommand,
};
use crate::page::Page;
use crate::types::{CommandId, NodeId};

impl MockCommandRunner {
    /// A mock that answers every call of whole runs, each of which has ended as soon as it is sent: on these
    /// nodes with these statuses, and with `Success` on other nodes that a request names by id. A request
    /// with targets runs on these nodes.
    ///
    /// Further expectations come after these, so mockall uses them for no call that these answer.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use aws_patch_manager::operation::InvocationStatus;
    /// use aws_patch_manager::testing::mock::MockCommandRunner;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let runner = MockCommandRunner::ending([("i-0c0ffee0000000002", InvocationStatus::TimedOut)]);
    /// let manager = PatchManager::builder().commands(Arc::new(runner)).build();
    ///
    /// let scan = PatchRequest::scan().nodes(["i-0c0ffee0000000001", "i-0c0ffee0000000002"]);
    /// let outcome = manager.run(&scan).await?.wait(Duration::from_secs(3600)).await?;
    /// assert_eq!(outcome.nodes.len(), 2);
    /// assert_eq!(outcome.failed().count(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ending<N: Into<NodeId>>(nodes: impl IntoIterator<Item = (N, InvocationStatus)>) -> Self {
        let nodes = nodes
            .into_iter()
            .map(|(node, status)| (node.into(), status));
        let runs = Runs {
            nodes: nodes.collect(),
            sent: Mutex::default(),
        };
        let runs = Arc::new(runs);
        let mut mock = Self::new();
        let of_sends = Arc::clone(&runs);
        mock.expect_send_command()
            .returning(move |request| Ok(of_sends.send(request)));
        let of_commands = Arc::clone(&runs);
        mock.expect_list_commands()
            .returning(move |request| of_commands.commands(&request).map(Page::last));
        let of_invocations = Arc::clone(&runs);
        mock.expect_list_command_invocations()
            .returning(move |request| of_invocations.invocations(&request).map(Page::last));
        mock.expect_get_command_invocation()
            .returning(move |request| {
                let on = ListCommandInvocations::of(&request.command_id);
                let found = runs.invocations(&on)?.into_iter();
                let found = found.filter(|on| on.instance_id == request.instance_id);
                let status = found.map(|on| on.status).next();
                let (id, node) = (request.command_id, request.instance_id);
                status
                    .map(|status| CommandInvocationDetail::new(id.clone(), node, status))
                    .ok_or_else(|| unknown(&id))
            });
        mock.expect_cancel_command().returning(|_| Ok(()));
        mock
    }
}

impl MockComplianceSource {
    /// A mock that answers every question about patch states by these: of nodes and of a patch group.
    ///
    /// With [`MockCommandRunner::ending`], the outcome of a run has them if their operation ended after the
    /// run began.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use aws_patch_manager::compliance::InstancePatchState;
    /// use aws_patch_manager::testing::mock::MockComplianceSource;
    /// use aws_patch_manager::types::PatchOperation;
    /// use aws_patch_manager::{ComplianceQuery, PatchGroup, PatchManager};
    /// use aws_patch_manager::jiff::Timestamp;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let (web, now) = (PatchGroup::new("web")?, Timestamp::now());
    /// let baseline = "pb-0123456789abcdef0";
    /// let operation = PatchOperation::Scan;
    /// let node = "i-0c0ffee0000000001";
    /// let mut state = InstancePatchState::new(node, web.clone(), baseline, operation, now, now);
    /// state.missing_count = 3;
    /// let source = MockComplianceSource::reporting([state]);
    ///
    /// let manager = PatchManager::builder().compliance(Arc::new(source)).build();
    /// let summary = manager.compliance_summary(&ComplianceQuery::group(web)).await?;
    /// assert_eq!(summary.non_compliant, 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reporting(states: impl IntoIterator<Item = InstancePatchState>) -> Self {
        let states: Arc<[InstancePatchState]> = states.into_iter().collect();
        let mut mock = Self::new();
        let of_nodes = Arc::clone(&states);
        mock.expect_describe_instance_patch_states()
            .returning(move |request| {
                let asked =
                    |state: &&InstancePatchState| request.instance_ids.contains(&state.instance_id);
                Ok(Page::last(of_nodes.iter().filter(asked).cloned().collect()))
            });
        mock.expect_describe_instance_patch_states_for_patch_group()
            .returning(move |request| {
                let asked = |state: &&InstancePatchState| state.patch_group == request.patch_group;
                Ok(Page::last(states.iter().filter(asked).cloned().collect()))
            });
        mock
    }
}

/// The runs that a mock has answered.
struct Runs {
    /// The nodes whose status is given.
    nodes: Vec<(NodeId, InvocationStatus)>,
    sent: Mutex<Vec<(Command, Vec<CommandInvocation>)>>,
}

impl Runs {
    fn sent(&self) -> MutexGuard<'_, Vec<(Command, Vec<CommandInvocation>)>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, request: SendCommand) -> Command {
        let mut sent = self.sent();
        let id = format!("0c0ffee0-0000-4000-8000-{:012x}", sent.len() + 1);
        let invocations: Vec<_> = self
            .statuses(&request)
            .into_iter()
            .map(|(node, status)| CommandInvocation::new(id.as_str(), node, status))
            .collect();
        let failed = |on: &&CommandInvocation| on.status != InvocationStatus::Success;
        let failed = invocations.iter().filter(failed).count();
        let status = match failed {
            0 => CommandStatus::Success,
            _ => CommandStatus::Failed,
        };
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut command = Command::new(id, request.document_name, status);
        command.target_count = count(invocations.len());
        command.completed_count = count(invocations.len());
        command.error_count = count(failed);
        command.instance_ids = request.instance_ids;
        command.targets = request.targets;
        sent.push((command.clone(), invocations));
        command
    }

    fn statuses(&self, request: &SendCommand) -> Vec<(NodeId, InvocationStatus)> {
        if request.instance_ids.is_empty() {
            return self.nodes.clone();
        }
        let given = |node: &NodeId| {
            let given = self.nodes.iter().find(|(given, _)| given == node);
            given.map_or(InvocationStatus::Success, |(_, status)| status.clone())
        };
        let nodes = request.instance_ids.iter();
        nodes.map(|node| (node.clone(), given(node))).collect()
    }

    fn commands(&self, request: &ListCommands) -> Result<Vec<Command>> {
        let of_id = self.of(request.command_id.as_ref())?;
        Ok(of_id.into_iter().map(|(command, _)| command).collect())
    }

    fn invocations(&self, request: &ListCommandInvocations) -> Result<Vec<CommandInvocation>> {
        let of_id = self.of(request.command_id.as_ref())?;
        let mut found: Vec<_> = of_id.into_iter().flat_map(|(_, on)| on).collect();
        if let Some(node) = &request.instance_id {
            found.retain(|on| on.instance_id == *node);
        }
        Ok(found)
    }

    fn of(&self, id: Option<&CommandId>) -> Result<Vec<(Command, Vec<CommandInvocation>)>> {
        let mut sent = self.sent().clone();
        let Some(id) = id else { return Ok(sent) };
        sent.retain(|(command, _)| command.command_id == *id);
        match sent.is_empty() {
            true => Err(unknown(id)),
            false => Ok(sent),
        }
    }
}

fn unknown(id: &CommandId) -> Error {
    Error::service(ErrorKind::NotFound, "InvalidCommandId", "it was not sent")
        .with_resource(id.as_str())
}
