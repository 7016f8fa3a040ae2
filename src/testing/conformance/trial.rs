use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::expect::{all, holds};
use super::{Failure, Harness};
use crate::backend::{
    CreateConfigurationManager, CreatePatchBaseline, DeleteAssociation, DeleteConfigurationManager,
    DeleteMaintenanceWindow, DeletePatchBaseline, DeregisterPatchBaselineForPatchGroup,
    DescribeInstancePatchStates, DescribeInstancePatches, DescribePatchBaselines,
    GetDefaultPatchBaseline, NodeInventoryExt, RegisterDefaultPatchBaseline,
    RegisterPatchBaselineForPatchGroup,
};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use crate::compliance::{InstancePatchState, PatchComplianceData, PatchState};
use crate::error::Result;
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::operation::{CommandInvocation, SendCommand};
use crate::page::{PageRequest, PageToken, paginate};
use crate::schedule::PatchPolicy;
use crate::schedule::association::{AssociationDescription, CreateAssociation};
use crate::schedule::window::CreateMaintenanceWindow;
use crate::types::{
    AssociationId, BaselineId, CommandId, NodeId, OperatingSystem, PatchComplianceLevel,
    PatchOperation, PatchPolicyArn, RebootOption, Tag, WindowId,
};

/// The interval and the number of polls before a run counts as hanging.
pub(super) const POLL: Duration = Duration::from_secs(30);
pub(super) const POLLS: usize = 240;

/// One rule at work on a backend: provides unique names, and undoes what the rule did.
#[derive(Debug)]
pub(super) struct Trial<'h> {
    harness: &'h dyn Harness,
    stem: String,
    names: AtomicU32,
    undo: Mutex<Vec<Undo>>,
}

/// A step that undoes something.
#[derive(Debug)]
enum Undo {
    DeleteBaseline(BaselineId),
    Deregister(BaselineId, PatchGroup),
    RegisterDefault(BaselineId),
    Retag(NodeId, Vec<Tag>),
    DeletePolicy(PatchPolicyArn),
    DeleteAssociation(AssociationId),
    DeleteWindow(WindowId),
}

impl<'h> Trial<'h> {
    /// A trial on this backend. [`Rule::check`](super::Rule::check) creates one and cleans up after
    /// it.
    pub(super) fn new(harness: &'h dyn Harness) -> Self {
        Self {
            harness,
            stem: format!("conformance-{:08x}", fastrand::u32(..)),
            names: AtomicU32::new(0),
            undo: Mutex::new(Vec::new()),
        }
    }

    /// The backend under test.
    pub(super) fn harness(&self) -> &'h dyn Harness {
        self.harness
    }

    /// A name that is unused in the account.
    pub(super) fn unique_name(&self) -> String {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.stem)
    }

    /// A group that is unused in the account.
    pub(super) fn unique_group(&self) -> PatchGroup {
        PatchGroup::from_service(self.unique_name())
    }

    /// The prefix of every name of this trial.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    fn later(&self, undo: Undo) {
        self.undo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(undo);
    }

    /// Undoes what the rule did, in reverse order.
    ///
    /// # Errors
    ///
    /// The first step that failed; all other steps still run.
    pub(super) async fn clean_up(self) -> Result<(), Failure> {
        let undo = self
            .undo
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut first = Ok(());
        for step in undo.into_iter().rev() {
            let text = format!("{step:?}");
            if let Err(error) = step.run(self.harness).await {
                first = first.and(Err(Failure::new(format!(
                    "not cleaned up: {text}: {error}"
                ))));
            }
        }
        first
    }
}

impl Undo {
    async fn run(self, harness: &dyn Harness) -> Result<()> {
        match self {
            Self::DeleteBaseline(id) => {
                harness
                    .baselines()
                    .delete_patch_baseline(DeletePatchBaseline::new(&id))
                    .await
            }
            Self::Deregister(id, group) => {
                let groups = harness.groups();
                groups
                    .deregister_patch_baseline_for_patch_group(
                        DeregisterPatchBaselineForPatchGroup::new(&id, &group),
                    )
                    .await
                    .map(drop)
            }
            Self::RegisterDefault(id) => {
                let baselines = harness.baselines();
                baselines
                    .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&id))
                    .await
                    .map(drop)
            }
            Self::Retag(node, tags) => retag(harness, &node, tags).await,
            Self::DeletePolicy(arn) => unless_gone(
                harness
                    .schedules()
                    .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
                    .await,
            ),
            Self::DeleteAssociation(id) => unless_gone(
                harness
                    .associations()
                    .delete_association(DeleteAssociation::new(&id))
                    .await,
            ),
            Self::DeleteWindow(id) => {
                harness
                    .windows()
                    .delete_maintenance_window(DeleteMaintenanceWindow::new(&id))
                    .await
            }
        }
    }
}

/// The rule itself may have deleted it already.
fn unless_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == crate::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Gives a node exactly these tags.
async fn retag(harness: &dyn Harness, node: &NodeId, tags: Vec<Tag>) -> Result<()> {
    let nodes = harness.nodes();
    let present = nodes.list_tags(node).await?;
    let gone: Vec<String> = present
        .into_iter()
        .map(|tag| tag.key)
        .filter(|key| !tags.iter().any(|tag| tag.key == *key))
        .collect();
    if !gone.is_empty() {
        nodes.remove_tags(node, &gone).await?;
    }
    if !tags.is_empty() {
        nodes.add_tags(node, &tags).await?;
    }
    Ok(())
}

/// Baselines, groups, tags, policies and associations that are removed after the rule.
impl Trial<'_> {
    /// Requests a baseline; if the backend creates one, it is deleted in the end.
    pub(super) async fn try_baseline(&self, spec: BaselineSpec) -> Result<BaselineId> {
        self.try_request(CreatePatchBaseline::new(spec)).await
    }

    /// The same for a whole request.
    pub(super) async fn try_request(&self, request: CreatePatchBaseline) -> Result<BaselineId> {
        let store = self.harness.baselines();
        let id = store.create_patch_baseline(request).await?;
        self.later(Undo::DeleteBaseline(id.clone()));
        Ok(id)
    }

    /// A baseline without rules.
    pub(super) async fn empty_baseline(&self, os: OperatingSystem) -> Result<BaselineId> {
        self.try_baseline(BaselineSpec::new(self.unique_name(), os))
            .await
    }

    /// A baseline with this rule.
    pub(super) async fn approving(
        &self,
        os: OperatingSystem,
        approval: Approval,
    ) -> Result<BaselineId> {
        let mut spec = BaselineSpec::new(self.unique_name(), os.clone());
        spec.approval_rules = ApprovalRules::new(vec![everything(&os, approval)]);
        self.try_baseline(spec).await
    }

    /// Registers a group while the rule runs.
    pub(super) async fn register(&self, id: &BaselineId, group: &PatchGroup) -> Result<()> {
        let groups = self.harness.groups();
        groups
            .register_patch_baseline_for_patch_group(RegisterPatchBaselineForPatchGroup::new(
                id, group,
            ))
            .await?;
        self.later(Undo::Deregister(id.clone(), group.clone()));
        Ok(())
    }

    /// Makes a baseline the default while the rule runs.
    pub(super) async fn make_default(&self, id: &BaselineId, os: OperatingSystem) -> Result<()> {
        let baselines = self.harness.baselines();
        let before = baselines
            .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os)))
            .await?;
        baselines
            .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(id))
            .await?;
        self.later(Undo::RegisterDefault(before.baseline_id));
        Ok(())
    }

    /// Remembers a node's tags, to restore them.
    pub(super) async fn will_retag(&self, node: &NodeId) -> Result<()> {
        let tags = self.harness.nodes().list_tags(node).await?;
        self.later(Undo::Retag(node.clone(), tags));
        Ok(())
    }

    /// A page token, of a listing of baselines.
    pub(super) async fn token_of_baselines(&self) -> Result<PageToken, Failure> {
        let page = PageRequest::first().with_max_results(1);
        let request = DescribePatchBaselines::new(Vec::new(), page);
        let page = self
            .harness
            .baselines()
            .describe_patch_baselines(request)
            .await?;
        page.next_token
            .ok_or_else(|| Failure::new("there are no two baselines, not even of AWS"))
    }

    /// Puts a node in a group while the rule runs.
    pub(super) async fn join(&self, node: &NodeId, group: &PatchGroup) -> Result<()> {
        self.will_retag(node).await?;
        let nodes = self.harness.nodes();
        let keys = PatchGroupTagKey::ALL.map(|key| key.as_str().to_owned());
        nodes.remove_tags(node, &keys).await?;
        // The key without a space is legal on every node.
        nodes
            .add_tags(node, &[group.tag(PatchGroupTagKey::Joined)])
            .await
    }

    /// Gives the node a group with a baseline that approves everything at once; returns the group.
    pub(super) async fn approve_everything_on(
        &self,
        node: &NodeId,
        os: OperatingSystem,
    ) -> Result<(BaselineId, PatchGroup)> {
        let id = self.approving(os, Approval::AfterDays(0)).await?;
        let group = self.unique_group();
        self.register(&id, &group).await?;
        self.join(node, &group).await?;
        Ok((id, group))
    }

    /// The same with this compliance level.
    pub(super) async fn demand_everything_on(
        &self,
        node: &NodeId,
        os: OperatingSystem,
        level: PatchComplianceLevel,
    ) -> Result<()> {
        let mut spec = BaselineSpec::new(self.unique_name(), os.clone());
        let mut rule = everything(&os, Approval::AfterDays(0));
        rule.compliance_level = Some(level);
        spec.approval_rules = ApprovalRules::new(vec![rule]);
        let id = self.try_baseline(spec).await?;
        let group = self.unique_group();
        self.register(&id, &group).await?;
        self.join(node, &group).await
    }

    /// Creates a policy while the rule runs.
    pub(super) async fn policy(&self, policy: PatchPolicy) -> Result<PatchPolicyArn> {
        let request = CreateConfigurationManager::new(policy);
        let arn = self
            .harness
            .schedules()
            .create_configuration_manager(request)
            .await?;
        self.later(Undo::DeletePolicy(arn.clone()));
        Ok(arn)
    }

    /// Creates an association while the rule runs, and returns its description.
    pub(super) async fn association(
        &self,
        request: CreateAssociation,
    ) -> Result<AssociationDescription> {
        let store = self.harness.associations();
        let made = store.create_association(request).await?;
        if let Some(id) = &made.association_id {
            self.later(Undo::DeleteAssociation(id.clone()));
        }
        Ok(made)
    }

    /// Creates a maintenance window while the rule runs.
    pub(super) async fn window(&self, request: CreateMaintenanceWindow) -> Result<WindowId> {
        let id = self
            .harness
            .windows()
            .create_maintenance_window(request)
            .await?;
        self.later(Undo::DeleteWindow(id.clone()));
        Ok(id)
    }
}

/// Runs and their reports.
impl Trial<'_> {
    /// Sends an operation to a node.
    pub(super) async fn send(
        &self,
        node: &NodeId,
        operation: PatchOperation,
        reboot: RebootOption,
    ) -> Result<CommandId> {
        let mut request = SendCommand::run_patch_baseline(operation);
        request.set_parameter("RebootOption", reboot.as_str());
        request.instance_ids = vec![node.clone()];
        let command = self.harness.commands().send_command(request).await?;
        Ok(command.command_id)
    }

    /// Waits until a command has ended on its one node.
    pub(super) async fn ended(&self, command: &CommandId) -> Result<CommandInvocation, Failure> {
        use crate::backend::ListCommandInvocations;
        for _ in 0..POLLS {
            let request = ListCommandInvocations::of(command.clone());
            let page = self
                .harness
                .commands()
                .list_command_invocations(request)
                .await?;
            let ended = page.items.into_iter().find(|on| on.status.is_terminal());
            if let Some(ended) = ended {
                return Ok(ended);
            }
            self.harness.advance(POLL).await;
        }
        Err(Failure::new(format!("the command {command} does not end")))
    }

    /// Runs an operation on a node to success, and reads the patch state.
    pub(super) async fn run(
        &self,
        node: &NodeId,
        operation: PatchOperation,
        reboot: RebootOption,
    ) -> Result<InstancePatchState, Failure> {
        let command = self.send(node, operation, reboot).await?;
        let ended = self.ended(&command).await?;
        holds(
            ended.status == crate::operation::InvocationStatus::Success,
            format!(
                "the run ended as {}: {}",
                ended.status, ended.status_details
            ),
        )?;
        let state = self.state(node).await?;
        state.ok_or_else(|| Failure::new("the run left no patch state"))
    }

    /// Scans a node.
    pub(super) async fn scan(&self, node: &NodeId) -> Result<InstancePatchState, Failure> {
        self.run(node, PatchOperation::Scan, RebootOption::NoReboot)
            .await
    }

    /// The patch state of a node, if it has one.
    pub(super) async fn state(&self, node: &NodeId) -> Result<Option<InstancePatchState>> {
        let nodes = std::slice::from_ref(node);
        let compliance = self.harness.compliance();
        let page = compliance
            .describe_instance_patch_states(DescribeInstancePatchStates::new(
                nodes,
                PageRequest::first(),
            ))
            .await?;
        Ok(page.items.into_iter().next())
    }

    /// The patches of a node.
    pub(super) async fn patches(&self, node: &NodeId) -> Result<Vec<PatchComplianceData>, Failure> {
        let compliance = self.harness.compliance();
        all(paginate(|token| {
            let compliance = compliance.clone();
            async move {
                let page = PageRequest::first().with_next_token(token);
                let request = DescribeInstancePatches::new(node.clone(), Vec::new(), page);
                compliance.describe_instance_patches(request).await
            }
        }))
        .await
    }

    /// The ids of a node's patches in a state.
    pub(super) async fn in_state(
        &self,
        node: &NodeId,
        state: &PatchState,
    ) -> Result<Vec<String>, Failure> {
        let patches = self.patches(node).await?;
        Ok(patches
            .into_iter()
            .filter(|patch| patch.state == *state)
            .map(|patch| patch.kb_id)
            .collect())
    }
}

/// A rule that approves everything of an operating system.
pub(super) fn everything(os: &OperatingSystem, approval: Approval) -> ApprovalRule {
    let any = PatchFilter::new(PatchFilterKey::Product, ["*"]);
    let mut rule = ApprovalRule::new(PatchFilterGroup::new(vec![any]), approval);
    if *os != OperatingSystem::Windows {
        rule.enable_non_security = Some(true);
    }
    rule
}
