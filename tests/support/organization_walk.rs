//! Random walks of runs in an organization: each step may fail, lose a reply or be dropped at any of its
//! calls, in the central account and in the others, or run beside a second one. What holds after each step
//! stands in [`OrganizationWorld::holds`], what holds of an outcome in [`check`], and what holds at the end
//! in [`OrganizationWorld::finish`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::time::Duration;

use aws_patch_manager::automation::{
    AutomationExecutionStatus, OrganizationOutcome, OrganizationRequest, PatchRunbook,
};
use aws_patch_manager::backend::{
    AutomationRunner, CommandRunner, DescribeAutomationExecutions, ListCommandInvocations,
};
use aws_patch_manager::manager::{Change, OrganizationRun};
use aws_patch_manager::memory::MemoryOrganization;
use aws_patch_manager::types::{AutomationExecutionId, Target};
use aws_patch_manager::{PatchManager, Result};
use futures_util::TryStreamExt;

use super::cuts::{Cuts, Step};
use super::organizations::{CENTRAL, REGIONS, UNIT, organization_with_pages};
use super::stack::Stack;
use super::walk::once;

const DAY: Duration = Duration::from_hours(24);
const ACCOUNTS: [&str; 3] = ["222222222222", "333333333333", "444444444444"];
const RUNBOOK: &str = "Walk-Patch-Nodes";
const NODES: usize = 2;

/// How many calls of a step can be cut: about as many as a whole run makes.
const CALLS: u64 = 48;

/// The client tokens of the requests.
const TOKENS: [&str; 4] = [
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e60",
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e61",
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e62",
    "4105a4fc-f944-41e6-9d32-0a1b2c3d4e63",
];

/// What a step does. A number names a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verb {
    /// Starts the run, or finds it by its token, and reads the outcome of each node.
    Run(usize),
    /// Starts the run only.
    Start(usize),
    /// Takes the run up by its id, and reads the outcome of each node.
    Resume(usize),
    /// Reads the outcome so far.
    Outcome(usize),
    Stop(usize),
    DenyRegion(usize),
    Advance(u64),
}

/// The step of a number.
pub(crate) fn step(number: u64) -> Step<Verb> {
    Step::of(number, CALLS, |number| {
        let of = (number / 8 % 4) as usize;
        match number % 8 {
            0 | 1 => Verb::Run(of),
            2 => Verb::Start(of),
            3 | 4 => Verb::Resume(of),
            5 => Verb::Outcome(of),
            6 => Verb::Stop(of),
            _ if of == 3 => Verb::DenyRegion((number / 32) as usize % ACCOUNTS.len()),
            _ => Verb::Advance(number / 8 % 4),
        }
    })
}

/// The request of a number: each kind of operation, of accounts and of targets.
fn request(of: usize) -> OrganizationRequest {
    let production = Target::tag("Environment", ["production"]);
    let all = "100%";
    let request = match of {
        0 => OrganizationRequest::scan(RUNBOOK).organizational_units([UNIT], REGIONS),
        1 => OrganizationRequest::install(RUNBOOK).accounts(ACCOUNTS, REGIONS),
        2 => OrganizationRequest::scan(RUNBOOK)
            .organizational_units([UNIT], REGIONS)
            .each_node(all.parse().unwrap(), all.parse().unwrap())
            .location_max_concurrency(all.parse().unwrap()),
        _ => OrganizationRequest::install(RUNBOOK)
            .accounts(ACCOUNTS, REGIONS)
            .location_max_concurrency("2".parse().unwrap())
            .location_max_errors(all.parse().unwrap()),
    };
    request.target(production).client_token(TOKENS[of])
}

/// A program that sees the organization through its managers, and what it asked for.
pub(crate) struct OrganizationWorld {
    organization: MemoryOrganization,
    manager: PatchManager,
    cuts: Cuts,
    stack: Stack,
    /// The runs that were asked for, with the ids that were returned.
    ids: RefCell<BTreeMap<usize, BTreeSet<AutomationExecutionId>>>,
    /// The runs that may not succeed everywhere: stopped, or denied somewhere.
    hindered: RefCell<BTreeSet<usize>>,
}

impl OrganizationWorld {
    /// Three accounts with two nodes in each of two Regions, seen through layers or not.
    pub(crate) fn new(with_layers: bool, page_size_cap: u32) -> Self {
        let organization = organization_with_pages(&ACCOUNTS, NODES, page_size_cap);
        let central = organization.member(CENTRAL, REGIONS[0]).unwrap();
        let (cuts, stack) = (Cuts::default(), Stack::default());
        let manager = PatchManager::from_memory(&central).layer(cuts.clone());
        Self {
            organization,
            manager: match with_layers {
                true => stack.around(&manager),
                false => manager,
            },
            cuts,
            stack,
            ids: RefCell::default(),
            hindered: RefCell::default(),
        }
    }

    /// A manager of an account and Region, whose calls can be cut too. The layers are around the central
    /// one only: two accounts answer the same request differently.
    fn member(&self, account: &str, region: &str) -> Result<PatchManager> {
        let member = self.organization.member(account, region)?;
        Ok(PatchManager::from_memory(&member).layer(self.cuts.clone()))
    }

    /// Takes a step: its errors are those that its faults cause, or that two at once may have.
    pub(crate) async fn take(&mut self, step: Step<Verb>) {
        let act = async |manager: &PatchManager, verb| drop(self.act(manager, verb).await);
        self.cuts.take(&self.manager, step, act).await;
        self.stack.settle();
    }

    async fn act(&self, manager: &PatchManager, verb: Verb) -> Result<()> {
        match verb {
            Verb::Run(of) => {
                let run = self.start(manager, of).await?;
                check(&self.outcome(&run).await?);
            }
            Verb::Start(of) => drop(self.start(manager, of).await?),
            Verb::Resume(of) => {
                for run in self.known(manager, of)? {
                    check(&self.outcome(&run).await?);
                }
            }
            Verb::Outcome(of) => {
                for run in self.known(manager, of)? {
                    check(&run.outcome().await?);
                }
            }
            Verb::Stop(of) => {
                self.hindered.borrow_mut().insert(of);
                for run in self.known(manager, of)? {
                    run.stop().await?;
                    self.has_stopped(&run).await?;
                }
            }
            Verb::DenyRegion(account) => {
                let account = ACCOUNTS[account];
                self.hindered.borrow_mut().extend(0..TOKENS.len());
                self.organization.deny_region(account, REGIONS[1])?;
            }
            Verb::Advance(minutes) => self.organization.advance(Duration::from_mins(minutes)),
        }
        Ok(())
    }

    /// Starts a run, from the runbook on, and keeps its id.
    async fn start(&self, manager: &PatchManager, of: usize) -> Result<OrganizationRun> {
        self.ids.borrow_mut().entry(of).or_default();
        let runbook = PatchRunbook::new(RUNBOOK).share_with(ACCOUNTS);
        manager.ensure_patch_runbook(&runbook).await?;
        let run = manager.run_organization(&request(of)).await?;
        let mut ids = self.ids.borrow_mut();
        ids.entry(of).or_default().insert(run.id().clone());
        Ok(run)
    }

    /// The runs whose ids were kept.
    fn known(&self, manager: &PatchManager, of: usize) -> Result<Vec<OrganizationRun>> {
        let operation = request(of).operation().clone();
        let ids = self.ids.borrow().get(&of).cloned().unwrap_or_default();
        ids.into_iter()
            .map(|id| manager.resume_organization(operation.clone(), id))
            .collect()
    }

    async fn outcome(&self, run: &OrganizationRun) -> Result<OrganizationOutcome> {
        let managers = |account: String, region: String| ready(self.member(&account, &region));
        let outcome = run.wait_with_nodes(DAY, managers).await?;
        for place in &outcome.locations {
            let is_read = place.run.is_some() || place.read_error.is_some();
            assert_eq!(is_read, place.execution_id.is_some(), "{place}");
        }
        Ok(outcome)
    }

    /// A run that was stopped starts nothing more.
    async fn has_stopped(&self, run: &OrganizationRun) -> Result<()> {
        let central = self.organization.member(CENTRAL, REGIONS[0])?;
        let plain = PatchManager::from_memory(&central);
        let run = plain.resume_organization(run.operation().clone(), run.id().clone())?;
        let status = run.status().await?.automation_execution_status.unwrap();
        let is_stopped = status.is_terminal() || status == AutomationExecutionStatus::Cancelling;
        assert!(is_stopped, "stopped, but {status}");
        Ok(())
    }

    /// What holds whatever happened.
    pub(crate) async fn holds(&self) {
        self.stack.holds();
        self.one_execution_for_a_token().await;
        self.no_node_twice_by_one_run().await;
    }

    /// The same request with the same token starts one execution.
    async fn one_execution_for_a_token(&self) {
        let ids = self.ids.borrow().clone();
        for (of, ids) in &ids {
            assert!(ids.len() <= 1, "request {of} has several ids: {ids:?}");
        }
        let central = self.organization.member(CENTRAL, REGIONS[0]).unwrap();
        let all = DescribeAutomationExecutions::default();
        let all = central.describe_automation_executions(all).await.unwrap();
        let parents = all.items.iter();
        let parents = parents.filter(|one| one.parent_automation_execution_id.is_none());
        let parents = parents.count();
        assert!(parents <= ids.len(), "{parents} executions of {ids:?}");
    }

    /// A run sends each node one command at most.
    async fn no_node_twice_by_one_run(&self) {
        let mut patched = Vec::new();
        for (account, region) in locations() {
            let member = self.organization.member(account, region).unwrap();
            let manager = PatchManager::from_memory(&member);
            let commands: Vec<_> = manager.list_commands().try_collect().await.unwrap();
            for command in commands {
                let run = command.parameters.get("SnapshotId").cloned();
                let of_command = ListCommandInvocations::of(command.command_id);
                let nodes = member.list_command_invocations(of_command).await.unwrap();
                let nodes = nodes.items.into_iter().map(|one| one.instance_id);
                patched.extend(nodes.map(|node| (run.clone(), account, region, node)));
            }
        }
        once("node of a run", patched.iter());
    }

    /// At the end, without faults: every run that was asked for is found by its token and by its id, is the
    /// same, succeeded unless it was hindered, and has each node of each place in which it succeeded.
    pub(crate) async fn finish(&self) {
        let asked: Vec<usize> = self.ids.borrow().keys().copied().collect();
        for of in asked {
            let run = self.start(&self.manager, of).await.unwrap();
            let runbook = PatchRunbook::new(RUNBOOK).share_with(ACCOUNTS);
            let again = self.manager.ensure_patch_runbook(&runbook).await.unwrap();
            assert!(
                again.change == Change::Unchanged && again.shared_with.is_empty(),
                "{again}"
            );
            let outcome = self.outcome(&run).await.unwrap();
            check(&outcome);
            let is_hindered = self.hindered.borrow().contains(&of);
            assert!(is_hindered || outcome.is_success(), "{outcome}");
            for location in &outcome.locations {
                assert!(location.read_error.is_none(), "{location}");
                let nodes = location.run.as_ref().map(|run| run.nodes.len());
                let all = Some(NODES);
                assert!(
                    !location.is_success() || nodes == all,
                    "{location}: {nodes:?}"
                );
            }
            for resumed in self.known(&self.manager, of).unwrap() {
                let again = self.outcome(&resumed).await.unwrap();
                assert_eq!(again.to_string(), outcome.to_string());
            }
            assert_eq!(self.ids.borrow()[&of].len(), 1);
        }
        self.holds().await;
    }
}

fn locations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_account = |account| REGIONS.map(|region| (account, region));
    ACCOUNTS.into_iter().flat_map(of_account)
}

/// Every account and Region is in the outcome of a run that ended, none is twice in any, and no node of one
/// is twice.
fn check(outcome: &OrganizationOutcome) {
    let named = outcome.locations.iter();
    let named = named.map(|one| (one.account.as_str(), one.region.as_str()));
    once("location", named.clone());
    if outcome.status.is_terminal() {
        let (named, all): (BTreeSet<_>, BTreeSet<_>) = (named.collect(), locations().collect());
        assert_eq!(named, all, "{outcome}");
    }
    let nodes = outcome.nodes();
    let nodes = nodes.map(|(place, node)| (&place.account, &place.region, &node.node));
    once("node", nodes);
}
