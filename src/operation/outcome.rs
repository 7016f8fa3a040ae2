use std::fmt::{self, Write};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{CommandInvocation, CommandPlugin, Explanation, InvocationStatus};
use crate::compliance::{InstancePatchState, for_output};
use crate::error::Error;
use crate::gate;
use crate::lines::Lines;
use crate::types::{CommandId, NodeId, PatchOperation};

/// The text that the agent puts between a step's output and its errors.
const ERRORS: &str = "----------ERROR-------";

/// The end of an output that was cut off.
const TRUNCATED: &str = "---Output truncated---";

/// The outcome of a run on one node.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::{PatchManager, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
/// for node in run.wait(Duration::from_secs(2 * 3600)).await?.nodes {
///     match (&node.patch_state, node.is_success()) {
///         (Some(state), true) => println!("{} lacks {} patches", node.node, state.missing_count),
///         _ => println!("{}: {}: {}", node.node, node.status_details, node.error_text()),
///     }
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodeOutcome {
    /// The node.
    pub node: NodeId,
    /// The command that ran on it.
    pub command_id: CommandId,
    /// The status. Success means that the operation ran and reported, not that the node is compliant.
    pub status: InvocationStatus,
    /// The status in more detail, such as `DeliveryTimedOut`.
    pub status_details: String,
    /// The exit code of the platform's step; absent if it never ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_code: Option<i32>,
    /// The output of the platform's step, at most 2,500 characters.
    pub output: String,
    /// The step of the output: `PatchWindows`, `PatchLinux` or `PatchMacOS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// When the step started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The node's patch state after the run; absent if the run reported none, or if it could not be
    /// [read](RunOutcome::patch_state_error). It is serialized without the owner information and the query of
    /// a presigned URL.
    #[serde(serialize_with = "for_output", skip_serializing_if = "Option::is_none")]
    pub patch_state: Option<InstancePatchState>,
}

impl NodeOutcome {
    pub(crate) fn new(invocation: CommandInvocation) -> Self {
        let step = platform_step(&invocation.command_plugins);
        Self {
            node: invocation.instance_id.clone(),
            command_id: invocation.command_id.clone(),
            status: invocation.status.clone(),
            status_details: invocation.status_details.clone(),
            response_code: step
                .map(|step| step.response_code)
                // -1 says that the step has not run (SSM model, GetCommandInvocationResult). It is also
                // what Windows ends with if PowerShell fails (User Guide, patch-manager-troubleshooting).
                .filter(|code| *code != -1 || invocation.status_details == "Failed"),
            output: step.map(|step| step.output.clone()).unwrap_or_default(),
            step: step.map(|step| step.name.clone()),
            started: step.and_then(|step| step.response_start_date_time),
            ended: step.and_then(|step| step.response_finish_date_time),
            patch_state: None,
        }
    }

    /// Whether the operation ran and reported.
    pub fn is_success(&self) -> bool {
        self.status == InvocationStatus::Success
    }

    /// What the end of the run on this node means, and what to do. `None` if it is not known, or if
    /// the run has no end yet.
    ///
    /// A step that ended is explained by its exit code, and otherwise by the status details.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::memory::{FleetNode, NodeCondition};
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = NodeId::new("i-0123456789abcdef0");
    /// account.add_node(FleetNode::windows_server_2022(node.clone()));
    /// account.set_condition(&node, NodeCondition::Unreachable)?;
    /// let run = manager.run(&PatchRequest::scan().nodes([node])).await?;
    /// for node in run.wait(Duration::from_secs(4 * 3600)).await?.failed() {
    ///     let why = node.explanation().ok_or("unknown")?;
    ///     assert!(why.meaning.starts_with("the command was not delivered in time"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explanation(&self) -> Option<Explanation> {
        if !self.status.is_terminal() {
            return None;
        }
        // A step that was ended from outside, by a timeout or a cancellation, has a code of its own too.
        let by_itself = ["Success", "Failed"].contains(&self.status_details.as_str());
        let code = self.response_code.filter(|_| by_itself);
        code.and_then(|code| Explanation::of_exit_code(code.into()))
            .or_else(|| Explanation::of_status_details(&self.status_details))
    }

    /// The error part of the step's output. If the output has no such part, because there were no
    /// errors or it was cut off before them, this is the whole output.
    ///
    /// It has at most 2,500 characters; [`invocation`](crate::PatchManager::invocation) has more.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let missing = "s3://patching.example/missing.json";
    /// let request = PatchRequest::scan().nodes(["i-0c0ffee0000000001"]).baseline_override(missing);
    /// let run = manager.run(&request).await?;
    /// for node in run.wait(Duration::from_secs(2 * 3600)).await?.failed() {
    ///     assert!(!node.error_text().is_empty());
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error_text(&self) -> &str {
        match self.output.split_once(ERRORS) {
            Some((_, errors)) => errors.trim(),
            None => self.output.trim(),
        }
    }

    /// Whether the output has all errors of the step.
    pub(crate) fn has_all_errors(&self) -> bool {
        self.output.contains(ERRORS) && !self.output.ends_with(TRUNCATED)
    }
}

/// The step that did the work. Steps for other platforms are reported as successful, and their
/// output says that they were skipped.
fn platform_step(steps: &[CommandPlugin]) -> Option<&CommandPlugin> {
    let was_skipped = |step: &CommandPlugin| {
        step.output
            .lines()
            .next()
            .is_some_and(|line| line.contains("skipped"))
    };
    steps
        .iter()
        .find(|step| !was_skipped(step))
        .or(steps.first())
}

impl fmt::Display for NodeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20} {:<10}", self.node, self.status)?;
        if let Some(state) = &self.patch_state {
            write!(
                f,
                " installed {:>3}  missing {:>3}  failed {:>3}  pending reboot {:>3}",
                state.installed_count,
                state.missing_count,
                state.failed_count,
                state.installed_pending_reboot_count.unwrap_or_default(),
            )?;
        }
        if !self.is_success() {
            write!(f, "  {}", self.status_details)?;
        }
        Ok(())
    }
}

impl NodeOutcome {
    /// A line below the node's own: the exit code, what it means, and what to do.
    fn write_explanation(&self, f: &mut impl Write) -> fmt::Result {
        let Some(why) = self.explanation() else {
            return Ok(());
        };
        let code = self.response_code.filter(|code| *code != 0);
        let code = code.map(|code| format!("exit code {code}: "));
        writeln!(f, "    {}{why}", code.unwrap_or_default())
    }
}

/// The outcome of a run on all its nodes. `Display` prints a line for each node, and below a failed
/// one why it failed and what to do.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::{PatchManager, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let nodes = ["i-0c0ffee0000000001", "i-0c0ffee0000000002"];
/// let run = manager.run(&PatchRequest::scan().nodes(nodes)).await?;
/// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
/// assert!(outcome.is_success());
/// assert_eq!(outcome.nodes.len(), 2);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RunOutcome {
    /// Scan or Install.
    pub operation: PatchOperation,
    /// The nodes, by id. Empty if no node matched the targets.
    pub nodes: Vec<NodeOutcome>,
    /// The error if not all patch states could be read, such as a missing permission or a manager
    /// without a [`ComplianceSource`](crate::backend::ComplianceSource). The other data is from the
    /// invocations.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::backend::layer::Faults;
    /// use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let faults = Faults::new();
    /// let manager = PatchManager::in_memory().layer(faults.clone());
    /// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// faults.fail(
    ///     Operation::DescribeInstancePatchStates,
    ///     ErrorKind::AccessDenied,
    ///     "AccessDeniedException",
    ///     "not authorized to perform ssm:DescribeInstancePatchStates",
    /// );
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// assert!(outcome.is_success());
    /// let denied = outcome.patch_state_error.ok_or("the states were read")?;
    /// assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "written")]
    pub patch_state_error: Option<Arc<Error>>,
}

/// An error as JSON. serde serializes an `Arc` only with its feature `rc`, which all crates of a
/// build share.
fn written<S: Serializer>(error: &Option<Arc<Error>>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_deref().serialize(serializer)
}

impl RunOutcome {
    pub(crate) fn new(operation: PatchOperation, mut nodes: Vec<NodeOutcome>) -> Self {
        // A node with the tags of both patch group keys ran the commands of both: the failure counts.
        nodes.sort_by(|a, b| (&a.node, a.is_success()).cmp(&(&b.node, b.is_success())));
        nodes.dedup_by(|later, earlier| later.node == earlier.node);
        Self {
            operation,
            nodes,
            patch_state_error: None,
        }
    }

    /// Whether the patch states could not be read but may be readable a little later.
    pub(crate) fn may_be_read_later(&self) -> bool {
        self.patch_state_error
            .as_ref()
            .is_some_and(|error| error.is_retryable())
    }

    /// Whether the operation ran and reported on every node, and there was at least one.
    pub fn is_success(&self) -> bool {
        !self.nodes.is_empty() && self.failed().next().is_none()
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 for success on every
    /// node, 1 if a node failed, 2 if no node matched the targets.
    ///
    /// ```
    /// use std::process::ExitCode;
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchGroup, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let misspelled = PatchGroup::new("wbe")?;
    /// let run = manager.run(&PatchRequest::scan().patch_group(&misspelled)).await?;
    /// let outcome = run.wait(Duration::from_secs(3600)).await?;
    /// assert_eq!(outcome.to_string(), "no node matched the targets");
    /// assert_eq!(outcome.exit_code(), 2);
    /// let _at_the_end_of_main = ExitCode::from(outcome.exit_code());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn exit_code(&self) -> u8 {
        let is_unknown = self.nodes.is_empty();
        gate::exit_code(!is_unknown && !self.is_success(), is_unknown)
    }

    /// The nodes on which it failed, timed out or was cancelled.
    pub fn failed(&self) -> impl Iterator<Item = &NodeOutcome> {
        self.nodes.iter().filter(|node| !node.is_success())
    }
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        if self.nodes.is_empty() {
            writeln!(f, "no node matched the targets")?;
        }
        for node in &self.nodes {
            writeln!(f, "{node}")?;
            if !node.is_success() {
                node.write_explanation(f)?;
            }
        }
        if let Some(error) = &self.patch_state_error {
            writeln!(f, "patch states not read: {error}")?;
        }
        Ok(())
    }
}
