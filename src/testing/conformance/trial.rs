use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::expect::{first, holds, refused};
use super::undo::{Creation, Undo};
use super::{Failure, Harness, Result};
use crate::backend::{
    CreateConfigurationManager, CreatePatchBaseline, DescribeInstancePatchStates,
    DescribeInstancePatches, DescribePatchBaselines, GetDefaultPatchBaseline,
    ListCommandInvocations, NodeInventory, NodeInventoryExt, RegisterDefaultPatchBaseline,
    RegisterPatchBaselineForPatchGroup, Request,
};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use crate::compliance::{InstancePatchState, PatchComplianceData, PatchState};
use crate::error::{self, ErrorKind};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::manager::PatchManager;
use crate::operation::{CommandInvocation, InvocationStatus, SendCommand};
use crate::page::{Page, PageRequest, PageToken, paginate};
use crate::schedule::PatchPolicy;
use crate::types::{
    BaselineId, CommandId, NodeId, OperatingSystem, PatchComplianceLevel, PatchOperation,
    PatchPolicyArn, RebootOption, Tag,
};

/// The interval and the number of polls before a run counts as hanging.
pub(super) const POLL: Duration = Duration::from_secs(30);
pub(super) const POLLS: usize = 240;

/// One rule at work on a backend: makes its calls, provides unique names, and undoes what the rule
/// did.
#[derive(Debug)]
pub(super) struct Trial<'h> {
    harness: &'h dyn Harness,
    manager: PatchManager,
    stem: String,
    names: AtomicU32,
    undo: Mutex<Vec<Undo>>,
}

impl<'h> Trial<'h> {
    /// A trial on this backend. [`Rule::check`](super::Rule::check) creates one and cleans up after
    /// it.
    pub(super) fn new(harness: &'h dyn Harness) -> Self {
        Self {
            harness,
            manager: harness.manager(),
            stem: format!("conformance-{:08x}", fastrand::u32(..)),
            names: AtomicU32::new(0),
            undo: Mutex::new(Vec::new()),
        }
    }

    /// The harness's Linux node.
    pub(super) fn linux_node(&self) -> NodeId {
        self.harness.linux_node()
    }

    /// Its Windows node.
    pub(super) fn windows_node(&self) -> NodeId {
        self.harness.windows_node()
    }

    /// Its hybrid node.
    pub(super) fn hybrid_node(&self) -> NodeId {
        self.harness.hybrid_node()
    }

    /// Its fleet of Linux nodes.
    pub(super) fn linux_fleet(&self) -> Vec<NodeId> {
        self.harness.linux_fleet()
    }

    /// The backend's current time.
    pub(super) fn now(&self) -> Timestamp {
        self.harness.now()
    }

    /// Lets time pass.
    pub(super) async fn advance(&self, by: Duration) {
        self.harness.advance(by).await;
    }

    /// A name that is unused in the account.
    pub(super) fn unique_name(&self) -> String {
        let number = self.names.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", self.stem)
    }

    /// An id of a snapshot that is unused in the account.
    pub(super) fn unique_uuid(&self) -> String {
        let [high, low] = [fastrand::u64(..), fastrand::u64(..)];
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
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
    pub(super) async fn clean_up(self) -> Result {
        let undo = self
            .undo
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut first = Ok(());
        for step in undo.into_iter().rev() {
            let text = format!("{step:?}");
            if let Err(error) = step.run(self.manager.backends()).await {
                first = first.and(Err(Failure::new(format!(
                    "not cleaned up: {text}: {error}"
                ))));
            }
        }
        first
    }
}

/// Calls of any operation.
impl Trial<'_> {
    /// Makes a call.
    pub(super) async fn call<R: Request>(&self, request: R) -> error::Result<R::Answer> {
        request.send(self.manager.backends()).await
    }

    /// Fails unless a call is refused with this kind of error.
    pub(super) async fn refuses<R: Request>(&self, request: R, kind: ErrorKind) -> Result {
        let what = format!("{request:?}");
        refused(&what, self.call(request).await, kind)
    }

    /// Makes a call whose result is removed after the rule.
    pub(super) async fn create<R: Creation>(&self, request: R) -> error::Result<R::Answer> {
        let answer = self.call(request.clone()).await?;
        if let Some(undo) = request.undo(&answer) {
            self.later(undo);
        }
        Ok(answer)
    }

    /// Fails unless a creation is refused with this kind of error.
    pub(super) async fn refuses_new<R: Creation>(&self, request: R, kind: ErrorKind) -> Result {
        let what = format!("{request:?}");
        refused(&what, self.create(request).await, kind)
    }

    /// Every item of a listing.
    pub(super) async fn every<R, T>(
        &self,
        request: impl Fn(PageRequest) -> R + Send + Sync,
    ) -> Result<Vec<T>>
    where
        R: Request<Answer = Page<T>>,
        T: Send,
    {
        let items = paginate(|token| {
            let page = PageRequest::first().with_next_token(token);
            request(page).send(self.manager.backends())
        });
        Ok(items.try_collect().await?)
    }

    /// Every item of a listing, by pages of this size.
    pub(super) async fn every_by<R, T>(
        &self,
        size: u32,
        request: impl Fn(PageRequest) -> R + Send + Sync,
    ) -> Result<Vec<T>>
    where
        R: Request<Answer = Page<T>>,
        T: Send,
    {
        self.every(|page| request(page.with_max_results(size)))
            .await
    }

    /// Fails unless a listing refuses pages of these sizes.
    pub(super) async fn refuses_page_sizes<R: Request>(
        &self,
        sizes: [u32; 2],
        request: impl Fn(PageRequest) -> R,
    ) -> Result {
        for size in sizes {
            let page = PageRequest::first().with_max_results(size);
            self.refuses(request(page), ErrorKind::InvalidInput).await?;
        }
        Ok(())
    }

    /// The nodes and their tags.
    pub(super) fn nodes(&self) -> &dyn NodeInventory {
        self.manager.backends()
    }
}

/// Baselines, groups, tags and policies that are removed after the rule.
impl Trial<'_> {
    /// A baseline of this specification.
    pub(super) async fn baseline(&self, spec: BaselineSpec) -> error::Result<BaselineId> {
        self.create(CreatePatchBaseline::new(spec)).await
    }

    /// The specification of a baseline without rules.
    pub(super) fn spec(&self, os: OperatingSystem) -> BaselineSpec {
        BaselineSpec::new(self.unique_name(), os)
    }

    /// A baseline without rules.
    pub(super) async fn empty_baseline(&self, os: OperatingSystem) -> error::Result<BaselineId> {
        self.baseline(self.spec(os)).await
    }

    /// A baseline that approves everything of its operating system in this way.
    pub(super) async fn approving(
        &self,
        os: OperatingSystem,
        approval: Approval,
    ) -> error::Result<BaselineId> {
        let rule = everything(&os, approval);
        let mut spec = self.spec(os);
        spec.approval_rules = ApprovalRules::new(vec![rule]);
        self.baseline(spec).await
    }

    /// Registers a group while the rule runs.
    pub(super) async fn register(&self, id: &BaselineId, group: &PatchGroup) -> error::Result<()> {
        let request = RegisterPatchBaselineForPatchGroup::new(id, group);
        self.create(request).await.map(drop)
    }

    /// The account's default baseline.
    pub(super) async fn the_default(&self, os: OperatingSystem) -> error::Result<BaselineId> {
        let default = self.call(GetDefaultPatchBaseline::new(os)).await?;
        Ok(default.baseline_id)
    }

    /// Makes a baseline the default while the rule runs.
    pub(super) async fn make_default(
        &self,
        id: &BaselineId,
        os: OperatingSystem,
    ) -> error::Result<()> {
        let before = self.the_default(os).await?;
        self.call(RegisterDefaultPatchBaseline::new(id)).await?;
        self.later(Undo::RegisterDefault(before));
        Ok(())
    }

    /// Remembers a node's tags, to restore them.
    pub(super) async fn will_retag(&self, node: &NodeId) -> error::Result<()> {
        let tags = self.nodes().list_tags(node).await?;
        self.later(Undo::Retag(node.clone(), tags));
        Ok(())
    }

    /// Gives a node a tag while the rule runs.
    pub(super) async fn tag(&self, node: &NodeId, tag: &Tag) -> error::Result<()> {
        self.will_retag(node).await?;
        self.nodes().add_tags(node, std::slice::from_ref(tag)).await
    }

    /// Gives the Linux and the Windows node values of their own of a new tag; returns its key.
    pub(super) async fn tag_apart(&self, linux: &str, windows: &str) -> error::Result<String> {
        let key = self.unique_name();
        self.tag(&self.linux_node(), &Tag::new(&key, linux)).await?;
        self.tag(&self.windows_node(), &Tag::new(&key, windows))
            .await?;
        Ok(key)
    }

    /// A page token, of a listing of baselines.
    pub(super) async fn token_of_baselines(&self) -> Result<PageToken> {
        let page = PageRequest::first().with_max_results(1);
        let request = DescribePatchBaselines::new(Vec::new(), page);
        let token = self.call(request).await?.next_token;
        token.ok_or_else(|| Failure::new("there are no two baselines, not even of AWS"))
    }

    /// Puts a node in a group while the rule runs.
    pub(super) async fn join(&self, node: &NodeId, group: &PatchGroup) -> error::Result<()> {
        self.will_retag(node).await?;
        let keys = PatchGroupTagKey::ALL.map(|key| key.as_str().to_owned());
        self.nodes().remove_tags(node, &keys).await?;
        // The key without a space is legal on every node.
        let tag = group.tag(PatchGroupTagKey::Joined);
        self.nodes().add_tags(node, &[tag]).await
    }

    /// Puts a node in a new group with this baseline; returns the group.
    pub(super) async fn patch_by(
        &self,
        id: &BaselineId,
        node: &NodeId,
    ) -> error::Result<PatchGroup> {
        let group = self.unique_group();
        self.register(id, &group).await?;
        self.join(node, &group).await?;
        Ok(group)
    }

    /// Gives the node a group with a baseline that approves everything at once.
    pub(super) async fn approve_everything_on(
        &self,
        node: &NodeId,
        os: OperatingSystem,
    ) -> error::Result<(BaselineId, PatchGroup)> {
        let id = self.approving(os, Approval::AfterDays(0)).await?;
        let group = self.patch_by(&id, node).await?;
        Ok((id, group))
    }

    /// The same with this compliance level.
    pub(super) async fn demand_everything_on(
        &self,
        node: &NodeId,
        os: OperatingSystem,
        level: PatchComplianceLevel,
    ) -> error::Result<()> {
        let mut rule = everything(&os, Approval::AfterDays(0));
        rule.compliance_level = Some(level);
        let mut spec = self.spec(os);
        spec.approval_rules = ApprovalRules::new(vec![rule]);
        let id = self.baseline(spec).await?;
        self.patch_by(&id, node).await.map(drop)
    }

    /// Creates a policy while the rule runs.
    pub(super) async fn policy(&self, policy: PatchPolicy) -> error::Result<PatchPolicyArn> {
        self.create(CreateConfigurationManager::new(policy)).await
    }
}

/// Runs and their reports.
impl Trial<'_> {
    /// Sends an operation to nodes.
    pub(super) async fn send(
        &self,
        nodes: &[NodeId],
        operation: PatchOperation,
        reboot: RebootOption,
    ) -> error::Result<CommandId> {
        let mut request = SendCommand::run_patch_baseline(operation);
        request.set_parameter("RebootOption", reboot.as_str());
        request.instance_ids = nodes.to_vec();
        Ok(self.call(request).await?.command_id)
    }

    /// Waits until a command has ended on its one node.
    pub(super) async fn ended(&self, command: &CommandId) -> Result<CommandInvocation> {
        let ended = self.ended_on(command, 1).await?;
        first("invocations", &ended).cloned()
    }

    /// Waits until a command has ended on this number of nodes.
    async fn ended_on(&self, command: &CommandId, nodes: usize) -> Result<Vec<CommandInvocation>> {
        for _ in 0..POLLS {
            let listing = |page| ListCommandInvocations::of(command).with_page(page);
            let mut ended = self.every(listing).await?;
            ended.retain(|on| on.status.is_terminal());
            if ended.len() >= nodes {
                return Ok(ended);
            }
            self.advance(POLL).await;
        }
        Err(Failure::new(format!("the command {command} does not end")))
    }

    /// Scans several nodes by one command.
    pub(super) async fn scan_all(&self, nodes: &[NodeId]) -> Result {
        let (scan, reboot) = (PatchOperation::Scan, RebootOption::NoReboot);
        let command = self.send(nodes, scan, reboot).await?;
        self.ended_on(&command, nodes.len()).await.map(drop)
    }

    /// Runs an operation on a node to success, and reads the patch state.
    pub(super) async fn run(
        &self,
        node: &NodeId,
        operation: PatchOperation,
        reboot: RebootOption,
    ) -> Result<InstancePatchState> {
        let node_alone = std::slice::from_ref(node);
        let command = self.send(node_alone, operation, reboot).await?;
        let ended = self.ended(&command).await?;
        let (status, details) = (ended.status, ended.status_details);
        holds(
            status == InvocationStatus::Success,
            format!("the run ended as {status}: {details}"),
        )?;
        self.patched(node).await
    }

    /// Scans a node.
    pub(super) async fn scan(&self, node: &NodeId) -> Result<InstancePatchState> {
        self.run(node, PatchOperation::Scan, RebootOption::NoReboot)
            .await
    }

    /// Installs on a node.
    pub(super) async fn install(
        &self,
        node: &NodeId,
        reboot: RebootOption,
    ) -> Result<InstancePatchState> {
        self.run(node, PatchOperation::Install, reboot).await
    }

    /// The patch state of a node, if it has one.
    pub(super) async fn state(&self, node: &NodeId) -> error::Result<Option<InstancePatchState>> {
        let request = DescribeInstancePatchStates::new([node], PageRequest::first());
        let page = self.call(request).await?;
        Ok(page.items.into_iter().next())
    }

    /// The patch state of a node that something has run on.
    pub(super) async fn patched(&self, node: &NodeId) -> Result<InstancePatchState> {
        let state = self.state(node).await?;
        state.ok_or_else(|| Failure::new(format!("{node} has no patch state")))
    }

    /// The patches of a node.
    pub(super) async fn patches(&self, node: &NodeId) -> Result<Vec<PatchComplianceData>> {
        self.every(|page| DescribeInstancePatches::new(node, Vec::new(), page))
            .await
    }

    /// The ids of a node's patches in a state.
    pub(super) async fn in_state(&self, node: &NodeId, state: &PatchState) -> Result<Vec<String>> {
        let mut patches = self.patches(node).await?;
        patches.retain(|patch| patch.state == *state);
        Ok(patches.into_iter().map(|patch| patch.kb_id).collect())
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
