use std::collections::HashSet;

use super::command_settings::CommandSettings;
use super::{PatchHooks, PatchParameters, SendCommand};
use crate::error::{Result, Violations};
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::types::{MaxConcurrency, MaxErrors, NodeId, PatchOperation, RebootOption, Target};

/// The maximum number of node ids of SendCommand.
const BATCH: usize = 50;

/// A Scan or an Install to run now, with its nodes and options.
///
/// ```
/// use aws_patch_manager::{PatchGroup, PatchRequest};
/// use aws_patch_manager::types::{MaxConcurrency, RebootOption};
///
/// let group = PatchGroup::new("web")?;
/// let install = PatchRequest::install()
///     .patch_group(&group)
///     .reboot(RebootOption::NoReboot)
///     .max_concurrency(MaxConcurrency::Percent(25));
/// # let _ = install;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PatchRequest {
    nodes: Vec<NodeId>,
    targets: Vec<Target>,
    groups: Vec<PatchGroup>,
    /// The groups whose nodes may be tagged under either key.
    patch_groups: Vec<PatchGroup>,
    max_concurrency: Option<MaxConcurrency>,
    max_errors: Option<MaxErrors>,
    pub(super) settings: CommandSettings,
    parameters: PatchParameters,
}

impl PatchRequest {
    /// A scan: it compares nodes with their baselines. It installs nothing and never reboots.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::types::PatchOperation;
    ///
    /// let request = PatchRequest::scan().nodes(["i-0123456789abcdef0"]);
    /// assert_eq!(*request.operation(), PatchOperation::Scan);
    /// ```
    pub fn scan() -> Self {
        Self::new(PatchOperation::Scan)
    }

    /// An install: it installs missing patches, and reboots if the option allows it.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::types::RebootOption;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .reboot(RebootOption::NoReboot);
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn install() -> Self {
        Self::new(PatchOperation::Install)
    }

    fn new(operation: PatchOperation) -> Self {
        Self::with_parameters(PatchParameters::new(operation))
    }

    /// A request with these parameters, and no nodes.
    pub(crate) fn with_parameters(parameters: PatchParameters) -> Self {
        Self {
            nodes: Vec::new(),
            targets: Vec::new(),
            groups: Vec::new(),
            patch_groups: Vec::new(),
            max_concurrency: None,
            max_errors: None,
            settings: CommandSettings::default(),
            parameters,
        }
    }

    /// Runs on these nodes. For more than 50 nodes it sends several commands of 50 nodes, in
    /// parallel.
    ///
    /// Limits apply to each command. With more than 50 nodes they must be percentages, which mean
    /// the same overall. Target a tag to have one command for any number of nodes.
    ///
    /// Name each node once. Do not combine node ids with targets.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let nodes = (0..120).map(|number| format!("i-{number:017x}"));
    /// let commands = PatchRequest::scan().nodes(nodes).commands()?;
    /// assert_eq!(commands.len(), 3);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn nodes<I>(mut self, nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        self.nodes.extend(nodes.into_iter().map(Into::into));
        self
    }

    /// Adds a target. At most 5, each with at most 50 values.
    ///
    /// The run includes the nodes that match all targets.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::types::Target;
    ///
    /// let request = PatchRequest::scan()
    ///     .target(Target::tag("Environment", ["production", "staging"]))
    ///     .target(Target::tag("Role", ["web"]));
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Runs on the nodes of a patch group, whichever of the two keys they are tagged with.
    ///
    /// The two keys are two different targets, so the run has two commands, one for each key, and one
    /// outcome. Called again, it adds the nodes of another group. Further
    /// [targets](Self::target) narrow the nodes; do not combine it with [`group`](Self::group) or node
    /// ids.
    ///
    /// Limits apply to each command, so they must be percentages; [`group`](Self::group) takes counts
    /// too. A node with both tags gets both commands, and the outcome has the one that failed:
    /// [`check_prerequisites`](crate::PatchManager::check_prerequisites) finds such nodes, and
    /// [`tag_nodes`](crate::PatchManager::tag_nodes) leaves one tag.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{PatchGroup, PatchManager, PatchRequest};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let web = PatchGroup::new("web")?;
    /// let nodes = manager.list_nodes();
    /// let nodes: Vec<NodeId> = nodes.map_ok(|node| node.instance_id).try_collect().await?;
    /// manager.tag_nodes(&web, &nodes).await?; // One of them takes the other key.
    /// let run = manager.run(&PatchRequest::scan().patch_group(&web)).await?;
    /// let outcome = run.wait(Duration::from_secs(2 * 3600)).await?;
    /// assert_eq!(outcome.nodes.len(), nodes.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn patch_group(mut self, group: &PatchGroup) -> Self {
        self.patch_groups.push(group.clone());
        self
    }

    /// Runs on the nodes tagged with the group under this key. The two keys are two different targets;
    /// [`patch_group`](Self::patch_group) takes both.
    ///
    /// ```
    /// use aws_patch_manager::{PatchGroup, PatchGroupTagKey, PatchRequest};
    ///
    /// let web = PatchGroup::new("web")?;
    /// let commands = PatchRequest::scan().group(&web, PatchGroupTagKey::Spaced).commands()?;
    /// assert_eq!(commands[0].targets[0].key, "tag:Patch Group");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn group(mut self, group: &PatchGroup, key: PatchGroupTagKey) -> Self {
        self.groups.push(group.clone());
        self.target(group.target(key))
    }

    /// Sets whether an install reboots. By default the service reboots if needed.
    ///
    /// A scan never reboots.
    pub fn reboot(mut self, option: RebootOption) -> Self {
        self.parameters.reboot = Some(option);
        self
    }

    /// Sets the number of nodes at the same time. The default is 50.
    ///
    /// A count from 1 to 9,999,999 or a percentage from 1% to 100% of the nodes; a percentage only
    /// for more than 50 node ids.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::types::MaxConcurrency;
    ///
    /// let nodes = (0..120).map(|number| format!("i-{number:017x}"));
    /// let request = PatchRequest::scan().nodes(nodes);
    /// request.clone().max_concurrency(MaxConcurrency::Percent(10)).commands()?;
    /// assert!(request.max_concurrency(MaxConcurrency::Count(12)).commands().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn max_concurrency(mut self, limit: MaxConcurrency) -> Self {
        self.max_concurrency = Some(limit);
        self
    }

    /// Sets the number of tolerated errors. The default is 0.
    ///
    /// A count from 0 to 9,999,999 or a percentage from 0% to 100% of the nodes; for more than 50
    /// node ids, a percentage or 0. After more errors than this, no further node gets the command.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::types::{MaxErrors, Target};
    ///
    /// let request = PatchRequest::install()
    ///     .target(Target::tag("Role", ["web"]))
    ///     .max_errors(MaxErrors::Percent(5));
    /// assert_eq!(request.commands()?[0].max_errors, Some(MaxErrors::Percent(5)));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn max_errors(mut self, limit: MaxErrors) -> Self {
        self.max_errors = Some(limit);
        self
    }

    /// Sets how long patching may take on a node, 1 to 36,000 seconds. The document's default is 7200.
    ///
    /// A node that takes longer is stopped, and its status is `ExecutionTimedOut`: what is installed by
    /// then stays installed. Do not combine it with [`hooks`](Self::hooks).
    ///
    /// Source: User Guide, parameter `StepTimeoutSeconds` of AWS-RunPatchBaseline.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .step_timeout_seconds(4 * 3600);
    /// assert_eq!(request.commands()?[0].parameter("StepTimeoutSeconds"), Some("14400"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn step_timeout_seconds(mut self, seconds: u32) -> Self {
        self.parameters.step_timeout_seconds = Some(seconds);
        self
    }

    /// Uses the snapshot of this id, a UUID, so that several runs go by the same baseline.
    ///
    /// The first run with the id freezes the baseline; there is one snapshot for each patch group and
    /// operating system. For three days, runs with the id ignore what changes in the baseline or in an
    /// override file. After that the id makes a new snapshot.
    ///
    /// - On Windows the approved patches are frozen too.
    /// - Linux and macOS nodes apply the frozen rules to the repositories that they have then, and
    ///   count delays to their own present: a patch whose delay ends meanwhile comes in. A cut-off date
    ///   ([`Approval::UntilDate`](crate::baseline::Approval::UntilDate)) holds the set still.
    ///
    /// Without an id each node has a snapshot of its own. A run of a maintenance window has one for
    /// all its nodes; give it none.
    ///
    /// Source: User Guide, parameter `SnapshotId` of AWS-RunPatchBaseline; for Linux, the code on nodes.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::install()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .snapshot_id("6b1d9b1a-42cf-4b0c-9a53-0a1f0d6f3c11");
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn snapshot_id(mut self, id: impl Into<String>) -> Self {
        self.parameters.snapshot_id = Some(id.into());
        self
    }

    /// Installs only the patches in the list at this `https://` or `s3://` URL. Install only.
    ///
    /// The URL has at most 256 characters. Do not combine it with
    /// [`baseline_override`](Self::baseline_override) or [`hooks`](Self::hooks).
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let list = "s3://patching.example/hotfix.yaml";
    /// let request = PatchRequest::install().nodes(["i-0123456789abcdef0"]).install_override_list(list);
    /// assert_eq!(request.commands()?.len(), 1);
    /// let scan = PatchRequest::scan().nodes(["i-0123456789abcdef0"]).install_override_list(list);
    /// assert!(scan.commands().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn install_override_list(mut self, url: impl Into<String>) -> Self {
        self.parameters.install_override_list = Some(url.into());
        self
    }

    /// Uses the baselines at this `https://` or `s3://` URL in place of the registered ones. The run then reports no compliance.
    ///
    /// The URL has at most 256 characters. Do not combine it with
    /// [`install_override_list`](Self::install_override_list) or [`hooks`](Self::hooks).
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let request = PatchRequest::scan()
    ///     .nodes(["i-0123456789abcdef0"])
    ///     .baseline_override("s3://patching.example/baselines.json");
    /// assert_eq!(request.commands()?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn baseline_override(mut self, url: impl Into<String>) -> Self {
        self.parameters.baseline_override = Some(url.into());
        self
    }

    /// Calls these documents around the Install, by AWS-RunPatchBaselineWithHooks.
    ///
    /// Do not combine it with [`install_override_list`](Self::install_override_list) or
    /// [`baseline_override`](Self::baseline_override).
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    /// use aws_patch_manager::operation::PatchHooks;
    ///
    /// let hooks = PatchHooks::new().pre_install("drain").on_exit("return");
    /// let commands = PatchRequest::install().nodes(["i-0123456789abcdef0"]).hooks(hooks).commands()?;
    /// assert_eq!(commands[0].document_name, "AWS-RunPatchBaselineWithHooks");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn hooks(mut self, hooks: PatchHooks) -> Self {
        self.parameters.hooks = Some(hooks);
        self
    }

    /// The operation of the run.
    pub fn operation(&self) -> &PatchOperation {
        &self.parameters.operation
    }

    /// The parameters of the document.
    pub(crate) fn parameters(&self) -> &PatchParameters {
        &self.parameters
    }

    /// The commands to send: one, one for each 50 nodes, or one for each key of a patch group.
    ///
    /// ```
    /// use aws_patch_manager::PatchRequest;
    ///
    /// let wrong = PatchRequest::scan().nodes(["web-1"]).delivery_timeout_seconds(5).commands();
    /// let wrong = wrong.err().ok_or("it was accepted")?;
    /// assert_eq!(wrong.violations().len(), 2);
    /// println!("{wrong}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all violations at once.
    pub fn commands(&self) -> Result<Vec<SendCommand>> {
        let mut violations = Violations::new();
        self.check_targets(&mut violations);
        self.check_limits(&mut violations);
        self.settings.check(&mut violations);
        self.parameters.check(&mut violations);
        violations.or("SendCommand", ())?;
        if !self.patch_groups.is_empty() {
            let commands = PatchGroupTagKey::ALL.map(|key| self.command_for_key(key));
            return Ok(commands.into());
        }
        if self.nodes.is_empty() {
            let mut command = self.command();
            command.targets = self.targets.clone();
            return Ok(vec![command]);
        }
        Ok(self
            .nodes
            .chunks(BATCH)
            .map(|nodes| {
                let mut command = self.command();
                command.instance_ids = nodes.to_vec();
                command
            })
            .collect())
    }

    fn command_for_key(&self, key: PatchGroupTagKey) -> SendCommand {
        let groups = self.patch_groups.iter().map(PatchGroup::as_str);
        let mut command = self.command();
        command.targets = self.targets.clone();
        command.targets.push(Target::tag(key.as_str(), groups));
        command
    }

    fn command(&self) -> SendCommand {
        let mut command = SendCommand {
            document_name: self.parameters.document().to_owned(),
            parameters: self.parameters.to_map(),
            ..SendCommand::default()
        };
        command.max_concurrency = self.max_concurrency;
        command.max_errors = self.max_errors;
        self.settings.write(&mut command);
        command
    }

    fn check_targets(&self, violations: &mut Violations) {
        let targets = self.targets.len() + usize::from(!self.patch_groups.is_empty());
        match (self.nodes.len(), targets) {
            (0, 0) => violations.push("Targets", "", "needs node ids, targets or a patch group"),
            (0, _) | (_, 0) => {}
            (nodes, _) => violations.push(
                "Targets",
                format!("{targets} beside {nodes} node ids"),
                "node ids or targets, not both: remove the one or the other",
            ),
        }
        let mut seen = HashSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let field = format!("InstanceIds[{index}]");
            violations.require(node.is_well_formed(), &field, node, NodeId::LEGAL);
            violations.require(seen.insert(node), field, node, "each node once");
        }
        for group in self.groups.iter().chain(&self.patch_groups) {
            violations.identifier(group);
        }
        self.check_patch_groups(violations);
        violations.require(targets <= 5, "Targets", targets, "at most 5 targets");
        for (index, target) in self.targets.iter().enumerate() {
            let (field, legal) = (format!("Targets[{index}].Key"), Target::LEGAL_KEY);
            violations.require(target.is_key_legal(), field, &target.key, legal);
            let count = target.values.len();
            let field = format!("Targets[{index}].Values");
            violations.require((1..=50).contains(&count), field, count, "1 to 50 values");
        }
    }

    fn check_patch_groups(&self, violations: &mut Violations) {
        let count = self.patch_groups.len();
        let told = format_args!("{count} groups");
        violations.require(count <= 50, "PatchGroup", told, "at most 50 groups");
        // Targets are ANDed, so a node would need both tags.
        violations.require(
            self.patch_groups.is_empty() || self.groups.is_empty(),
            "PatchGroup",
            "under both keys, and under one",
            "`patch_group` for both keys or `group` for one, not both methods",
        );
    }

    /// A count would apply to each command, and so allow a multiple of itself.
    fn check_split(&self, violations: &mut Violations) {
        let legal = match (self.patch_groups.is_empty(), self.nodes.len()) {
            (false, _) => {
                "a percentage, for the two commands of `patch_group`; or name one key with `group`"
            }
            (true, ..=BATCH) => return,
            (true, _) => "a percentage, for more than 50 node ids; or target a tag",
        };
        if let Some(limit @ MaxConcurrency::Count(_)) = self.max_concurrency {
            violations.push("MaxConcurrency", limit.to_string(), legal);
        }
        if let Some(limit @ MaxErrors::Count(1..)) = self.max_errors {
            violations.push("MaxErrors", limit.to_string(), legal);
        }
    }

    fn check_limits(&self, violations: &mut Violations) {
        self.check_split(violations);
        if let Some(limit) = self.max_concurrency {
            violations.require(
                limit.is_well_formed(),
                "MaxConcurrency",
                limit,
                MaxConcurrency::LEGAL,
            );
        }
        if let Some(limit) = self.max_errors {
            violations.require(limit.is_well_formed(), "MaxErrors", limit, MaxErrors::LEGAL);
        }
    }
}
