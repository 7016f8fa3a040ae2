//! Random walks through the verbs of two managers over one account: each step may fail, lose a reply or be
//! dropped at any of its calls, or run beside a second one. What holds after each step stands in
//! [`World::holds`], what holds after a verb that succeeded alone in [`World::took_effect`], and what holds
//! at the end in [`World::finish`]; that layers change nothing, in [`Stack::holds`].

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::time::Duration;

use aws_patch_manager::automation::{OrganizationOutcome, OrganizationRequest, PatchRunbook};
use aws_patch_manager::manager::Change;
use aws_patch_manager::plan::{DesiredState, MirrorScope, PlanOptions};
use aws_patch_manager::rollout::{
    InMemoryRolloutStore, NodeSet, Rollout, RolloutOutcome, RolloutRun, Wave,
};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{NodeId, OperatingSystem, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchGroup,
    PatchGroupTagKey, PatchManager, PatchRequest, PolicySchedule, Result,
};
use futures_util::{StreamExt, TryStreamExt};

use super::cuts::{Cuts, Step};
use super::stack::Stack;

const DAY: Duration = Duration::from_hours(24);
const FLEET: [&str; 9] = [
    "i-0c0ffee0000000001",
    "i-0c0ffee0000000002",
    "i-0c0ffee0000000003",
    "i-0c0ffee0000000004",
    "i-0c0ffee0000000005",
    "i-0c0ffee0000000006",
    "i-0c0ffee0000000007",
    "i-0c0ffee0000000008",
    "mi-0c0ffee0000000009",
];
const NODES: [&str; 3] = [
    "i-0c0ffee0000000001",
    "i-0c0ffee0000000004",
    "mi-0c0ffee0000000009",
];

/// The client tokens of the runs by Automation: a run of one token is the same run whoever asks for it.
const TOKENS: [&str; 3] = [
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e50",
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e51",
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e52",
];

/// What a step does. Numbers name resources and contents.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verb {
    Baseline(u8, u32),
    Policy(u8, u8),
    Window(u8, u8),
    Association(u8, u8),
    Delete(u8),
    Bind(u8),
    Tag(u8),
    Scan(u8),
    Install(u8),
    Apply(u8),
    Roll,
    Sweep,
    Mirror,
    Advance(u8),
    Automate(u8),
}

fn verb(number: u64) -> Verb {
    let (name, content) = ((number / 16 % 2) as u8, (number / 32 % 3) as u8);
    match number % 16 {
        0 if name == 0 => Verb::Advance(content),
        0 => Verb::Automate(content),
        1 | 2 => Verb::Baseline(name, u32::from(content)),
        3 | 4 => Verb::Policy(name, content),
        5 | 6 => Verb::Window(name, content),
        7 => Verb::Association(name, content),
        8 => Verb::Sweep,
        9 => Verb::Delete(name),
        10 => Verb::Bind(name),
        11 => Verb::Tag(name),
        12 if name == 0 => Verb::Scan(content),
        12 => Verb::Install(content),
        13 => Verb::Apply(content),
        14 => Verb::Roll,
        _ if name == 0 => Verb::Sweep,
        _ => Verb::Mirror,
    }
}

/// The step of a number.
pub(crate) fn step(number: u64) -> Step<Verb> {
    Step::of(number, 12, verb)
}

/// A program that only ever sees the account through its manager, and what it asked for.
pub(crate) struct World {
    account: MemoryBackend,
    manager: PatchManager,
    cuts: Cuts,
    stack: Stack,
    /// Whether the manager can read and tag instances of EC2.
    has_ec2: bool,
    /// How many runs were asked for: each has a comment of its own.
    runs: usize,
    /// How many rollouts were begun: their stores.
    rollouts: Vec<InMemoryRolloutStore>,
    /// The runs by Automation that were asked for.
    automated: BTreeSet<u8>,
}

fn name(number: u8) -> String {
    format!("walk-{number}")
}

fn schedule(of: u8, content: u8) -> PolicySchedule {
    PolicySchedule::new(name(of))
        .scan_daily_at(content + 1, 0)
        .targets(PolicyTargets::Tag(Tag::new("Patch Group", "walk-0")))
}

fn baseline(of: u8, days: u32) -> BaselineBuilder {
    BaselineBuilder::windows_critical_and_security(name(of), days)
}

fn desired(content: u8) -> Result<DesiredState> {
    let mut desired = DesiredState::builder("walk")
        .baseline(BaselineBuilder::ubuntu_security("planned").build()?)
        .patch_policy(
            PolicySchedule::new("planned")
                .scan_daily_at(content, 0)
                .patch_policy()?,
        );
    if content > 0 {
        let schedule = PolicySchedule::new("planned")
            .scan_daily_at(content, 30)
            .targets(PolicyTargets::Tag(Tag::new("Role", "web")));
        desired = desired.maintenance_windows(schedule.maintenance_windows()?);
    }
    desired.build()
}

impl World {
    /// An account of the sample fleet, seen by the manager over it that is given, through layers or not.
    pub(crate) fn new(account: MemoryBackend, manager: &PatchManager, with_layers: bool) -> Self {
        account.faults().latency(Duration::from_millis(5));
        let (cuts, stack) = (Cuts::default(), Stack::default());
        let manager = manager.clone().layer(cuts.clone());
        Self {
            account,
            manager: match with_layers {
                true => stack.around(&manager),
                false => manager,
            },
            cuts,
            stack,
            has_ec2: true,
            runs: 0,
            rollouts: Vec::new(),
            automated: BTreeSet::new(),
        }
    }

    /// Sets whether the manager can read and tag instances of EC2.
    #[allow(dead_code)]
    pub(crate) fn with_ec2(mut self, has_ec2: bool) -> Self {
        self.has_ec2 = has_ec2;
        self
    }

    /// Takes a step: its errors are those that its faults cause, or that two at once may have.
    pub(crate) async fn take(&mut self, step: Step<Verb>) {
        let step = step.map(|verb| {
            let number = self.runs;
            self.runs += 1;
            match verb {
                Verb::Roll => self.rollouts.push(InMemoryRolloutStore::new()),
                Verb::Automate(content) => drop(self.automated.insert(content)),
                _ => {}
            }
            (verb, number, self.rollouts.last().cloned())
        });
        let is_alone = step.is_alone();
        let is_undisturbed = step.is_undisturbed() && self.has_ec2;
        let act = async |manager: &PatchManager, asked: (Verb, usize, _)| {
            let verb = asked.0;
            let done = self.act(manager, asked).await;
            assert!(done.is_ok() || !is_undisturbed, "{verb:?}: {done:?}");
            if is_alone && done.is_ok() {
                self.took_effect(verb).await;
            }
        };
        self.cuts.take(&self.manager, step, act).await;
        self.stack.settle();
    }

    async fn act(
        &self,
        manager: &PatchManager,
        (verb, number, store): (Verb, usize, Option<InMemoryRolloutStore>),
    ) -> Result<()> {
        match verb {
            Verb::Baseline(of, days) => {
                manager
                    .ensure_baseline(&baseline(of, days).build()?)
                    .await?;
            }
            Verb::Policy(of, content) => {
                let policy = PolicySchedule::new(name(of)).scan_daily_at(content, 0);
                manager.ensure_policy(&policy.patch_policy()?).await?;
            }
            Verb::Window(of, content) => {
                for window in schedule(of, content).maintenance_windows()? {
                    manager.ensure_maintenance_window(&window).await?;
                }
            }
            Verb::Association(of, content) => {
                for association in schedule(of, content).associations()? {
                    manager.ensure_association(&association).await?;
                }
            }
            Verb::Delete(of) => self.delete(manager, of).await?,
            Verb::Bind(of) => {
                let group = PatchGroup::new(name(of))?;
                let os = OperatingSystem::Windows;
                let default = manager.default_baseline(os).await?.baseline_id;
                manager.rebind_patch_group(&group, &default).await?;
            }
            Verb::Tag(of) => {
                let nodes = NODES.map(NodeId::from);
                let group = PatchGroup::new(name(of))?;
                let report = manager.tag_nodes(&group, &nodes).await?;
                let reported = report.nodes.iter().map(|one| &one.node);
                assert!(reported.eq(&nodes), "{report}");
                if !report.is_complete() {
                    return Err(Error::new(ErrorKind::Incomplete, report.to_string()));
                }
            }
            Verb::Scan(nodes) => run(manager, PatchRequest::scan(), nodes, number).await?,
            Verb::Install(nodes) => run(manager, PatchRequest::install(), nodes, number).await?,
            Verb::Apply(content) => {
                let plan = manager.plan(&desired(content)?, PlanOptions::new()).await?;
                manager.apply(&plan).try_collect::<Vec<_>>().await?;
            }
            Verb::Roll => {
                let rollout = Rollout::new("wave").wave(Wave::of("all", NodeSet::nodes(NODES)));
                let state = rollout.begin(manager).await?;
                let store = store.ok_or_else(|| Error::new(ErrorKind::Other, "no store"))?;
                let outcome = RolloutRun::new(manager, state, store).finish().await?;
                every_node_has_a_result(&outcome);
            }
            Verb::Sweep => self.sweep(manager).await?,
            Verb::Mirror => {
                let scope = MirrorScope::new().patches();
                let snapshot = manager.mirror_snapshot(&scope).await?;
                let nodes = snapshot.nodes.iter().map(|node| node.id.as_str());
                assert!(!self.has_ec2 || nodes.eq(FLEET), "{:?}", snapshot.nodes);
            }
            Verb::Automate(content) => drop(automate(manager, content).await?),
            Verb::Advance(days) => self.account.advance(DAY * (u32::from(days) + 1) / 2),
        }
        Ok(())
    }

    async fn delete(&self, manager: &PatchManager, of: u8) -> Result<()> {
        let named: Vec<_> = manager.list_policies().try_collect().await?;
        for state in named.iter().filter(|state| state.policy.name == name(of)) {
            manager.delete_policy(&state.arn).await?;
        }
        let named: Vec<_> = manager.list_associations().try_collect().await?;
        let wanted = format!("{}-scan", name(of));
        for association in named {
            let is_it = association.association_name.as_deref() == Some(&*wanted);
            if let (true, Some(id)) = (is_it, association.association_id) {
                manager.delete_association(&id).await?;
            }
        }
        let named: Vec<_> = manager.list_maintenance_windows().try_collect().await?;
        for window in named {
            let is_it = window.name.as_deref() == Some(&*wanted);
            if let (true, Some(id)) = (is_it, window.window_id) {
                manager.delete_maintenance_window(&id).await?;
            }
        }
        Ok(())
    }

    /// Every node comes once, as an answer or in a failure, unless a listing failed.
    async fn sweep(&self, manager: &PatchManager) -> Result<()> {
        let (mut nodes, mut failed) = (BTreeSet::new(), None);
        let mut is_listed = true;
        let mut sweep = manager.sweep(&ComplianceQuery::fleet());
        while let Some(answer) = sweep.next().await {
            let of_answer = match answer {
                Ok(node) => vec![node.node.clone()],
                Err(failure) => {
                    is_listed &= !failure.nodes.is_empty();
                    failed = Some(failure.error);
                    failure.nodes
                }
            };
            for node in of_answer {
                assert!(nodes.insert(node.clone()), "{node} came twice");
            }
        }
        let all = nodes.iter().map(NodeId::as_str).eq(FLEET);
        assert!(
            all || !is_listed || !self.has_ec2,
            "not every node came: {nodes:?}"
        );
        failed.map_or(Ok(()), Err)
    }

    /// What the account has after a verb that succeeded, with nobody beside it.
    async fn took_effect(&self, verb: Verb) {
        let plain = PatchManager::from_memory(&self.account);
        let snapshot = plain.mirror_snapshot(&MirrorScope::new()).await.unwrap();
        match verb {
            Verb::Baseline(of, days) => {
                let spec = baseline(of, days).build().unwrap();
                let mut stored = snapshot.baselines.iter().map(|own| &own.baseline);
                let stored = stored.find(|stored| stored.name == spec.name).unwrap();
                let differences = stored.diff(&spec);
                assert!(differences.is_empty(), "{differences:?}");
            }
            Verb::Policy(of, content) => {
                let wanted = PolicySchedule::new(name(of)).scan_daily_at(content, 0);
                let wanted = wanted.patch_policy().unwrap();
                let mut stored = snapshot.policies.iter().map(|state| &state.policy);
                let stored = stored.find(|stored| stored.name == wanted.name).unwrap();
                assert_eq!(stored.scan_schedule, wanted.scan_schedule);
            }
            Verb::Window(of, content) => {
                for wanted in schedule(of, content).maintenance_windows().unwrap() {
                    let mut stored = snapshot.windows.iter();
                    let stored = stored.find(|one| one.window.name == wanted.window.name);
                    let stored = stored.unwrap();
                    assert_eq!(stored.window.schedule, wanted.window.schedule);
                    assert_eq!(stored.targets.len(), wanted.targets.len());
                    assert_eq!(stored.tasks.len(), wanted.tasks.len());
                }
            }
            Verb::Association(of, content) => {
                for wanted in schedule(of, content).associations().unwrap() {
                    let mut stored = snapshot.associations.iter().map(|one| &one.association);
                    let stored =
                        stored.find(|stored| stored.association_name == wanted.association_name);
                    let stored = stored.unwrap();
                    assert_eq!(stored.schedule_expression, wanted.schedule_expression);
                }
            }
            Verb::Delete(of) => {
                let (policy, others) = (name(of), Some(format!("{}-scan", name(of))));
                let mut policies = snapshot.policies.iter();
                assert!(!policies.any(|state| state.policy.name == policy));
                let mut associations = snapshot.associations.iter();
                assert!(!associations.any(|one| one.association.association_name == others));
                let mut windows = snapshot.windows.iter();
                assert!(!windows.any(|one| one.window.name == others));
            }
            Verb::Bind(of) => {
                let os = OperatingSystem::Windows;
                let default = plain.default_baseline(os).await.unwrap().baseline_id;
                let mut groups = snapshot.patch_groups.iter();
                let group = groups
                    .find(|one| one.patch_group.as_str() == name(of))
                    .unwrap();
                assert_eq!(group.baseline_identity.baseline_id, Some(default));
            }
            Verb::Tag(of) => {
                for node in NODES.map(NodeId::from) {
                    let tags = plain.node_tags(&node).await.unwrap();
                    let groups = tags.iter().filter(|tag| {
                        let mut keys = PatchGroupTagKey::ALL.iter();
                        keys.any(|key| key.as_str() == tag.key)
                    });
                    let groups: Vec<_> = groups.map(|tag| &tag.value).collect();
                    assert_eq!(groups, [&name(of)], "{node}");
                }
            }
            Verb::Apply(content) => {
                let desired = desired(content).unwrap();
                let plan = plain.plan(&desired, PlanOptions::new()).await.unwrap();
                assert!(plan.is_empty(), "{plan}");
            }
            // Their answers say it.
            Verb::Scan(_)
            | Verb::Install(_)
            | Verb::Roll
            | Verb::Sweep
            | Verb::Mirror
            | Verb::Automate(_)
            | Verb::Advance(_) => {}
        }
    }

    /// What holds whatever happened.
    pub(crate) async fn holds(&self) {
        self.stack.holds();
        let plain = PatchManager::from_memory(&self.account);
        let snapshot = plain.mirror_snapshot(&MirrorScope::new()).await.unwrap();
        let baselines = snapshot.baselines.iter();
        once("baseline", baselines.map(|own| &own.baseline.name));
        let policies = snapshot.policies.iter();
        once("policy", policies.map(|state| &state.policy.name));
        let associations = snapshot.associations.iter();
        once(
            "association",
            associations.map(|one| &one.association.association_name),
        );
        let windows = snapshot.windows.iter();
        once("window", windows.map(|one| &one.window.name));
        for one in &snapshot.windows {
            once("target", one.targets.iter().map(|target| &target.name));
            once("task", one.tasks.iter().map(|task| &task.name));
        }
        // A run is one command, and so is the wave of a rollout.
        let commands: Vec<_> = plain.list_commands().try_collect().await.unwrap();
        let comments = commands.iter().map(|command| command.comment.as_str());
        once(
            "run",
            comments.filter(|comment| comment.starts_with("walk ")),
        );
        let of_rollouts = commands
            .iter()
            .filter(|one| one.comment.contains("rollout"));
        once("wave", of_rollouts.map(|command| &command.comment));
        let snapshots = commands
            .iter()
            .filter_map(|one| one.parameters.get("SnapshotId"));
        let of_automation = snapshots
            .flatten()
            .filter(|id| TOKENS.contains(&id.as_str()));
        once("run by Automation", of_automation);
    }

    /// At the end, without faults: whatever is asked for again is had, and then nothing changes.
    pub(crate) async fn finish(&self) {
        for content in [1, 2] {
            for changed in [true, false] {
                self.ensure_all(content, changed).await;
            }
        }
        for store in &self.rollouts {
            let Some(state) = store.last() else { continue };
            // Another process takes it up. A gate may fail, as on the stopped node.
            let run = RolloutRun::new(&self.manager, state, store.clone());
            let outcome = run.finish().await.unwrap();
            assert!(outcome.status.is_at_rest(), "{outcome}");
            every_node_has_a_result(&outcome);
        }
        for content in &self.automated {
            let outcome = automate(&self.manager, *content).await.unwrap();
            assert_eq!(outcome.locations.len(), 1);
            assert_eq!(outcome.nodes().count(), usize::from(*content) + 1);
            once("outcome", outcome.nodes().map(|(_, node)| &node.node));
        }
        self.holds().await;
    }

    async fn ensure_all(&self, content: u8, changed: bool) {
        let manager = &self.manager;
        for of in [0, 1] {
            let spec = baseline(of, u32::from(content)).build().unwrap();
            let ensured = manager.ensure_baseline(&spec).await.unwrap();
            let mut changes = vec![ensured.change != Change::Unchanged];
            let policy = PolicySchedule::new(name(of)).scan_daily_at(content, 0);
            let ensured = manager.ensure_policy(&policy.patch_policy().unwrap()).await;
            changes.push(ensured.unwrap().change != Change::Unchanged);
            for window in schedule(of, content).maintenance_windows().unwrap() {
                let ensured = manager.ensure_maintenance_window(&window).await.unwrap();
                changes.push(!ensured.changes.is_empty());
            }
            for association in schedule(of, content).associations().unwrap() {
                let ensured = manager.ensure_association(&association).await.unwrap();
                changes.push(ensured.change != Change::Unchanged);
            }
            assert!(changed || !changes.contains(&true), "{changes:?}");
        }
        let desired = desired(content).unwrap();
        let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
        assert!(changed || plan.is_empty(), "{plan}");
        manager.apply(&plan).try_collect::<Vec<_>>().await.unwrap();
    }
}

async fn run(manager: &PatchManager, of: PatchRequest, nodes: u8, number: usize) -> Result<()> {
    let nodes = &NODES[..=usize::from(nodes)];
    let request = of
        .nodes(nodes.iter().copied())
        .comment(format!("walk {number}"));
    let run = manager.run(&request).await?;
    let outcome = run.wait(DAY).await?;
    let ended = outcome.nodes.iter().map(|node| node.node.as_str());
    assert!(ended.eq(nodes.iter().copied()), "{outcome}");
    Ok(())
}

/// A rollout that ended forgets no node.
fn every_node_has_a_result(outcome: &RolloutOutcome) {
    for wave in &outcome.waves {
        let results = wave.succeeded + wave.others.len();
        assert_eq!(results, wave.nodes, "{outcome}");
    }
}

/// A scan by Automation, from the runbook to the outcome of each node.
async fn automate(manager: &PatchManager, content: u8) -> Result<OrganizationOutcome> {
    const RUNBOOK: &str = "Walk-Patch-Nodes";
    let content = usize::from(content);
    manager
        .ensure_patch_runbook(&PatchRunbook::new(RUNBOOK))
        .await?;
    let request = OrganizationRequest::scan(RUNBOOK)
        .target(Target::instance_ids(
            NODES.iter().take(content + 1).copied(),
        ))
        .client_token(TOKENS[content]);
    let run = manager.run_organization(&request).await?;
    let own = manager.clone();
    run.wait_with_nodes(DAY, |_, _| ready(Ok(own.clone())))
        .await
}

/// Fails if a name comes twice.
pub(crate) fn once<T: Ord + std::fmt::Debug>(what: &str, names: impl Iterator<Item = T>) {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_insert(0) += 1;
    }
    let twice: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "{what}: {twice:?}");
}
