//! A run of the patch runbook in an organization: started once whatever is lost, followed by one call
//! a poll, and answered for each account, Region and node.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::automation::{
    AutomationExecutionFilter, AutomationExecutionStatus, EXECUTION_ROLE, OrganizationOutcome,
    OrganizationRequest, PatchRunbook, StopType,
};
use aws_patch_manager::backend::{
    AssumeRole, AutomationRunner, CommandRunner, CreateDocument, DescribeAutomationExecutions,
    DocumentStore, ListCommands, ListDocuments, ModifyDocumentPermission, Operation, RoleSessions,
    StopAutomationExecution,
};
use aws_patch_manager::manager::{Change, OrganizationRun};
use aws_patch_manager::memory::MemoryOrganization;
use aws_patch_manager::prerequisites::{FindingKind, PrerequisiteReport, Prerequisites, Severity};
use aws_patch_manager::types::{CompletedStep, PatchOperation, Target};
use aws_patch_manager::{
    Error, ErrorKind, MemoryBackend, PageRequest, PatchGroup, PatchGroupTagKey, PatchManager,
    Result,
};
use futures_util::FutureExt;
use support::cut::{Cut, CutAt};
use support::organizations::{CENTRAL, REGIONS, UNIT, organization};
use support::values;

const RUNBOOK: &str = "Patch-Nodes";
const DAY: Duration = Duration::from_hours(24);

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn accounts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("2{number:011}")).collect()
}

fn central(organization: &MemoryOrganization) -> (MemoryBackend, PatchManager) {
    let backend = organization.member(CENTRAL, REGIONS[0]).unwrap();
    let manager = PatchManager::from_memory(&backend);
    (backend, manager)
}

fn runbook(accounts: &[String]) -> PatchRunbook {
    PatchRunbook::new(RUNBOOK).share_with(accounts)
}

fn scan() -> OrganizationRequest {
    OrganizationRequest::scan(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .organizational_units([UNIT], REGIONS)
        .location_max_concurrency("100%".parse().unwrap())
        .location_max_errors("100%".parse().unwrap())
}

async fn with_nodes(
    run: &OrganizationRun,
    organization: &MemoryOrganization,
) -> OrganizationOutcome {
    let managers = |account: String, region: String| {
        let member = organization.member(&account, &region);
        ready(member.map(|member| PatchManager::from_memory(&member)))
    };
    run.wait_with_nodes(DAY, managers).await.unwrap()
}

/// Automation calls a run without nodes a success; a gate must not.
#[test]
fn a_run_whose_target_matches_no_node_is_no_success_once_its_nodes_are_read() {
    let accounts = accounts(2);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let request = OrganizationRequest::scan(RUNBOOK)
        .group(
            &PatchGroup::new("nobody").unwrap(),
            PatchGroupTagKey::Spaced,
        )
        .accounts(&accounts, REGIONS);
    let run = now(manager.run_organization(&request)).unwrap();
    let outcome = now(run.wait(DAY)).unwrap();
    assert!(outcome.is_success(), "what was not read is not known");
    assert!(outcome.to_string().contains("nodes not read"), "{outcome}");
    let outcome = now(with_nodes(&run, &organization));
    assert_eq!((outcome.is_success(), outcome.exit_code()), (false, 2));
    assert!(
        outcome.to_string().contains("no node matched the target"),
        "{outcome}"
    );
}

#[test]
fn a_limit_of_a_location_before_any_location_is_refused_and_not_lost() {
    let request = OrganizationRequest::scan(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .location_max_errors("10%".parse().unwrap())
        .assume_role("patching")
        .accounts(["222222222222"], ["eu-central"]);
    let error = request.to_start().unwrap_err();
    let fields = values::fields(&error);
    assert_eq!(
        fields,
        [
            "Parameters.AutomationAssumeRole",
            "TargetLocations[0].Regions",
            "TargetLocations.TargetLocationMaxErrors",
        ]
    );
}

/// How many executions each account has started for itself, and all commands.
fn started(organization: &MemoryOrganization) -> (usize, usize) {
    let (mut parents, mut commands) = (0, 0);
    for account in organization.accounts() {
        for region in organization.regions() {
            let member = organization.member(account, region).unwrap();
            let all = DescribeAutomationExecutions::default();
            let all = now(member.describe_automation_executions(all))
                .unwrap()
                .items;
            parents += all
                .iter()
                .filter(|one| one.parent_automation_execution_id.is_none())
                .count();
            let sent = now(member.list_commands(ListCommands::all(PageRequest::first()))).unwrap();
            commands += sent.items.len();
        }
    }
    (parents, commands)
}

#[test]
fn every_node_of_every_account_and_region_is_in_the_outcome() {
    let accounts = accounts(5);
    let organization = organization(&accounts, 4);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let run = now(manager.run_organization(&scan())).unwrap();
    let outcome = now(with_nodes(&run, &organization));
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(outcome.locations.len(), 10);
    assert_eq!(outcome.nodes().count(), 40);
    assert!(outcome.nodes().all(|(_, node)| node.patch_state.is_some()));
    assert_eq!(started(&organization), (1, 10));
}

#[test]
fn a_poll_is_one_call_and_the_end_one_listing_a_page() {
    let accounts = accounts(30);
    let organization = organization(&accounts, 1);
    let (backend, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    backend.clear_calls();
    let run = now(manager.run_organization(&scan())).unwrap();
    now(run.wait(DAY)).unwrap();
    let calls = backend.calls();
    let polls = calls
        .iter()
        .filter(|call| **call == Operation::GetAutomationExecution)
        .count();
    let pages = backend.call_count(Operation::DescribeAutomationStepExecutions);
    assert!(polls > 1);
    // 60 accounts and Regions are two pages.
    assert_eq!(pages, 2);
    assert_eq!(calls.len(), 1 + polls + pages);
    for account in &accounts {
        let member = organization.member(account, REGIONS[1]).unwrap();
        assert!(member.calls().is_empty());
    }
}

#[test]
fn what_failed_comes_out_by_name() {
    let accounts = accounts(6);
    let organization = organization(&accounts, 2);
    let (_, manager) = central(&organization);
    let shared = &accounts[..5];
    now(manager.ensure_patch_runbook(&runbook(shared))).unwrap();
    organization.delete_execution_role(&accounts[0]).unwrap();
    organization.deny_region(&accounts[1], REGIONS[1]).unwrap();
    let run = now(manager.run_organization(&scan())).unwrap();
    let outcome = now(with_nodes(&run, &organization));
    assert_eq!(outcome.status, AutomationExecutionStatus::Success);
    let failed: Vec<String> = outcome.failed().map(ToString::to_string).collect();
    let role = "the role AWS-SystemsManager-AutomationExecutionRole of account 200000000000 cannot be assumed";
    let shared = "the runbook Patch-Nodes is not shared with account 200000000005";
    let expected = [
        format!("200000000000 eu-central-1 Failed: {role}"),
        format!("200000000005 eu-central-1 Failed: {shared}"),
        format!("200000000000 eu-west-1 Failed: {role}"),
        "200000000001 eu-west-1 Failed: a policy denies account 200000000001 the Region eu-west-1"
            .to_owned(),
        format!("200000000005 eu-west-1 Failed: {shared}"),
    ];
    assert_eq!(failed, expected);
    assert_eq!(outcome.nodes().count(), 7 * 2);
    assert_eq!(outcome.exit_code(), 1);
}

#[test]
fn a_location_stops_at_one_error_more_than_it_tolerates() {
    let accounts = accounts(4);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    organization.delete_execution_role(&accounts[1]).unwrap();
    let one_by_one = OrganizationRequest::scan(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .organizational_units([UNIT], [REGIONS[0]]);
    let run = now(manager.run_organization(&one_by_one)).unwrap();
    let outcome = now(run.wait(DAY)).unwrap();
    assert_eq!(outcome.status, AutomationExecutionStatus::Failed);
    let statuses: Vec<_> = outcome
        .locations
        .iter()
        .map(|one| one.status.as_str())
        .collect();
    assert_eq!(statuses, ["Success", "Failed", "Cancelled", "Cancelled"]);
}

#[test]
fn accounts_run_one_after_the_other_unless_the_limit_is_higher() {
    for (limit, most) in [("1", 1), ("50%", 2), ("100%", 4)] {
        let accounts = accounts(4);
        let organization = organization(&accounts, 1);
        let (_, manager) = central(&organization);
        now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
        let request = OrganizationRequest::scan(RUNBOOK)
            .target(Target::tag("Environment", ["production"]))
            .organizational_units([UNIT], [REGIONS[0]])
            .location_max_concurrency(limit.parse().unwrap());
        let run = now(manager.run_organization(&request)).unwrap();
        let outcome = now(run.wait(DAY)).unwrap();
        let spans: Vec<_> = outcome
            .locations
            .iter()
            .map(|one| (one.started, one.ended))
            .collect();
        let at_once = |start| {
            spans
                .iter()
                .filter(|(from, to)| *from <= start && start < *to)
                .count()
        };
        let peak = spans.iter().map(|(start, _)| at_once(*start)).max();
        assert_eq!(peak, Some(most), "{limit}: {spans:?}");
    }
}

#[test]
fn what_falls_due_happens_in_its_order_however_far_the_clock_turns() {
    let accounts = accounts(4);
    let request = OrganizationRequest::scan(RUNBOOK)
        .client_token("4105a4fc-f944-41e6-9d32-0a1b2c3d4e5f")
        .target(Target::tag("Environment", ["production"]))
        .organizational_units([UNIT], [REGIONS[0]]);
    let of = |by_polls: bool| {
        let organization = organization(&accounts, 3);
        let (_, manager) = central(&organization);
        now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
        let run = now(manager.run_organization(&request)).unwrap();
        if !by_polls {
            organization.advance(DAY);
        }
        let outcome = now(run.wait(DAY)).unwrap();
        let spans = outcome.locations.iter().map(|one| (one.started, one.ended));
        spans.collect::<Vec<_>>()
    };
    assert_eq!(of(true), of(false));
}

#[test]
fn a_stopped_run_cancels_what_runs_and_starts_nothing_more() {
    let accounts = accounts(4);
    let organization = organization(&accounts, 2);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let request = scan().location_max_concurrency("3".parse().unwrap());
    let run = now(manager.run_organization(&request)).unwrap();
    organization.advance(Duration::from_secs(20));
    now(run.stop()).unwrap();
    let outcome = now(with_nodes(&run, &organization));
    assert_eq!(outcome.status, AutomationExecutionStatus::Cancelled);
    assert!(
        outcome
            .locations
            .iter()
            .all(|one| one.status == AutomationExecutionStatus::Cancelled)
    );
    let begun = outcome
        .locations
        .iter()
        .filter(|one| one.execution_id.is_some())
        .count();
    assert_eq!(begun, 3);
    now(run.stop()).unwrap();
    assert_eq!(started(&organization), (1, 3));
}

/// The service lists the invocations of a command late: a run that is stopped when it has just sent one is read
/// as it is read later.
#[test]
fn the_nodes_of_a_run_that_is_stopped_at_any_moment_are_all_in_its_outcome() {
    let accounts = accounts(2);
    let mut with_nodes_at_once = 0;
    for millis in (0..20_000).step_by(250) {
        let organization = organization(&accounts, 2);
        let (_, manager) = central(&organization);
        now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
        let run = now(manager.run_organization(&scan())).unwrap();
        organization.advance(Duration::from_millis(millis));
        now(run.stop()).unwrap();
        let outcome = now(with_nodes(&run, &organization));
        organization.advance(DAY);
        let later = now(with_nodes(&run, &organization));
        assert_eq!(outcome.to_string(), later.to_string(), "{millis} ms");
        with_nodes_at_once += usize::from(outcome.nodes().count() > 0);
    }
    assert!(with_nodes_at_once > 10, "{with_nodes_at_once}");
}

#[test]
fn units_are_for_the_management_account_only() {
    let accounts = accounts(2);
    let organization = organization(&accounts, 1);
    let member = organization.member(&accounts[0], REGIONS[0]).unwrap();
    let manager = PatchManager::from_memory(&member);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let refused = now(manager.run_organization(&scan())).unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (ErrorKind::InvalidInput, Some("InvalidTarget"))
    );
    assert_eq!(started(&organization), (0, 0));
}

#[test]
fn excluded_accounts_and_units_are_left_out() {
    let accounts = accounts(4);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let request = scan().exclude_accounts([accounts[2].clone()]);
    let run = now(manager.run_organization(&request)).unwrap();
    let outcome = now(run.wait(DAY)).unwrap();
    assert_eq!(outcome.locations.len(), 6);
    assert!(outcome.location(&accounts[2], REGIONS[0]).is_none());
}

#[test]
fn a_rate_controlled_run_starts_the_runbook_once_for_each_node() {
    let accounts = accounts(1);
    let organization = organization(&accounts, 12);
    let member = organization.member(&accounts[0], REGIONS[0]).unwrap();
    let manager = PatchManager::from_memory(&member);
    now(manager.ensure_patch_runbook(&PatchRunbook::new(RUNBOOK))).unwrap();
    let request = OrganizationRequest::scan(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .each_node("5".parse().unwrap(), "0".parse().unwrap());
    let run = now(manager.run_organization(&request)).unwrap();
    let outcome = now(with_nodes(&run, &organization));
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(outcome.nodes().count(), 12);
    let children = DescribeAutomationExecutions::new(
        vec![AutomationExecutionFilter::parent(run.id())],
        PageRequest::first(),
    );
    let children = now(member.describe_automation_executions(children))
        .unwrap()
        .items;
    assert_eq!(children.len(), 12);
    let at_once = |start| {
        let spans = children
            .iter()
            .map(|one| (one.execution_start_time, one.execution_end_time));
        spans
            .filter(|(from, to)| *from <= start && start < *to)
            .count()
    };
    assert_eq!(
        children
            .iter()
            .map(|one| at_once(one.execution_start_time))
            .max(),
        Some(5)
    );
}

#[test]
fn each_node_of_each_account_can_be_an_execution_of_its_own() {
    let accounts = accounts(2);
    let organization = organization(&accounts, 3);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let request = scan().each_node("100%".parse().unwrap(), "0".parse().unwrap());
    let run = now(manager.run_organization(&request)).unwrap();
    let outcome = now(with_nodes(&run, &organization));
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(outcome.nodes().count(), 2 * 2 * 3);
}

#[test]
fn an_explanation_counts_the_calls_of_a_run() {
    let accounts = accounts(30);
    let own = OrganizationRequest::scan(RUNBOOK).target(Target::tag("Environment", ["production"]));
    let of_each = scan().each_node("100%".parse().unwrap(), "0".parse().unwrap());
    for (request, locations, nodes) in [
        (scan(), 60, 180),
        (of_each, 60, 180),
        (scan(), 60, 0),
        (own, 1, 3),
    ] {
        let organization = organization(&accounts, 3);
        let (backend, manager) = central(&organization);
        now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
        backend.clear_calls();
        let began = backend.clock().now();
        let run = now(manager.run_organization(&request)).unwrap();
        match nodes {
            0 => drop(now(run.wait(DAY)).unwrap()),
            _ => assert!(now(with_nodes(&run, &organization)).is_success()),
        }
        let lasted = began.duration_until(backend.clock().now()).unsigned_abs();
        let plan = request.explain(locations, nodes, lasted).unwrap();
        let mut made = calls_of_all(&organization);
        for step in &plan.steps {
            *made.entry(step.operation).or_default() -= step.calls as i64;
        }
        made.retain(|_, calls| *calls != 0);
        assert!(made.is_empty(), "{made:?} besides {plan}");
    }
}

/// How often each operation was called, in all accounts and Regions.
fn calls_of_all(organization: &MemoryOrganization) -> BTreeMap<&'static str, i64> {
    let mut made = BTreeMap::new();
    let accounts = organization.accounts().map(|account| account.to_owned());
    for account in accounts.collect::<BTreeSet<_>>() {
        for region in REGIONS {
            let member = organization.member(&account, region).unwrap();
            for call in member.calls() {
                *made.entry(call.as_str()).or_default() += 1;
            }
        }
    }
    made
}

/// A run whose calls are cut: of 3 accounts with 2 nodes in each of 2 Regions.
#[derive(Clone)]
struct Case {
    request: OrganizationRequest,
    /// The commands that it sends; the most, if it is stopped.
    commands: usize,
    /// The accounts and Regions that are in its outcome.
    locations: usize,
    stops: bool,
}

impl Case {
    fn new(request: OrganizationRequest, commands: usize, locations: usize) -> Self {
        const TOKEN: &str = "4105a4fc-f944-41e6-9d32-0a1b2c3d4e5f";
        Self {
            request: request.client_token(TOKEN),
            commands,
            locations,
            stops: false,
        }
    }

    fn stopped(self) -> Self {
        let stops = true;
        Self { stops, ..self }
    }

    /// Everything from the runbook to the outcome of each node; with a layer that cuts a call of any account.
    async fn whole(
        &self,
        organization: &MemoryOrganization,
        cut: Option<&CutAt>,
    ) -> Result<OrganizationOutcome> {
        let layered = |backend: &MemoryBackend| match cut {
            Some(cut) => PatchManager::from_memory(backend).layer(cut.clone()),
            None => PatchManager::from_memory(backend),
        };
        let manager = layered(&central(organization).0);
        let shared = runbook(&accounts(3));
        manager.ensure_patch_runbook(&shared).await?;
        let run = manager.run_organization(&self.request).await?;
        if self.stops {
            organization.advance(Duration::from_secs(20));
            run.stop().await?;
        }
        let managers = |account: String, region: String| {
            let member = organization.member(&account, &region);
            ready(member.map(|member| layered(&member)))
        };
        run.wait_with_nodes(DAY, managers).await
    }

    /// How many calls a whole run makes, in all accounts.
    fn calls(&self) -> usize {
        let organization = organization(&accounts(3), 2);
        let counted = CutAt::new(None, ErrorKind::AccessDenied);
        now(self.whole(&organization, Some(&counted))).unwrap();
        counted.calls().len()
    }

    fn check(&self, organization: &MemoryOrganization, outcome: &OrganizationOutcome, place: &str) {
        assert_eq!(outcome.is_success(), !self.stops, "{place}: {outcome}");
        let named: BTreeSet<_> = outcome
            .locations
            .iter()
            .map(|one| (&one.account, &one.region))
            .collect();
        let count = (named.len(), outcome.locations.len());
        assert_eq!(count, (self.locations, self.locations), "{place}");
        let (runs, commands) = started(organization);
        assert_eq!(runs, 1, "{place}");
        if self.stops {
            assert!(commands <= self.commands, "{place}: {commands}");
        } else {
            assert_eq!(outcome.nodes().count(), 2 * self.locations, "{place}");
            assert_eq!(commands, self.commands, "{place}");
        }
        let own = vec![aws_patch_manager::automation::DocumentFilter::owner("Self")];
        let own = ListDocuments::new(own, PageRequest::first());
        let own = now(central(organization).0.list_documents(own));
        assert_eq!(own.unwrap().items.len(), 1, "{place}");
    }
}

fn cases() -> Vec<Case> {
    let all = || "100%".parse().unwrap();
    let each = |request: OrganizationRequest| request.each_node(all(), "0".parse().unwrap());
    let production = || Target::tag("Environment", ["production"]);
    let install = || OrganizationRequest::install(RUNBOOK).target(production());
    let one_region = scan().exclude_accounts([accounts(3)[1].clone()]);
    let one_by_one = install().organizational_units([UNIT], REGIONS);
    vec![
        Case::new(scan(), 6, 6),
        Case::new(each(scan()), 12, 6),
        Case::new(install().accounts(accounts(3), REGIONS), 6, 6),
        Case::new(each(install().accounts(accounts(2), [REGIONS[1]])), 4, 2),
        Case::new(one_by_one.clone(), 6, 6),
        Case::new(one_region, 4, 4),
        Case::new(scan(), 6, 6).stopped(),
        Case::new(each(one_by_one), 12, 6).stopped(),
    ]
}

#[test]
fn a_run_that_is_cut_at_any_call_is_one_run_when_it_is_taken_up_again() {
    let (mut cuts, mut kill_points) = (0, 0);
    for (number, case) in cases().into_iter().enumerate() {
        let calls = case.calls();
        for (call, cut) in (0..calls).flat_map(|call| Cut::ALL.map(|cut| (call, cut))) {
            let place = format!("case {number}, call {call} of {calls}, {cut:?}");
            let organization = organization(&accounts(3), 2);
            let cut_at = CutAt::new(Some((call, cut)), ErrorKind::AccessDenied);
            let _ = case.whole(&organization, Some(&cut_at)).now_or_never();
            let outcome = now(case.whole(&organization, None)).unwrap();
            case.check(&organization, &outcome, &place);
            cuts += 1;
            kill_points += usize::from(cut.is_kill());
        }
    }
    println!("{cuts} cuts, {kill_points} kill points");
    assert!(kill_points >= 400, "{kill_points}");
}

#[test]
fn a_run_is_resumed_by_its_id_in_another_process() {
    let accounts = accounts(2);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let run = now(manager.run_organization(&scan())).unwrap();
    let early = now(run.wait(Duration::from_secs(1))).unwrap_err();
    assert_eq!(
        (early.kind(), early.resource()),
        (ErrorKind::Timeout, Some(run.id().as_str()))
    );
    let resumed = manager
        .resume_organization(PatchOperation::Scan, run.id().clone())
        .unwrap();
    assert!(now(resumed.wait(DAY)).unwrap().is_success());
}

#[test]
fn another_request_with_the_same_token_is_refused() {
    let accounts = accounts(1);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let first = scan();
    let id = now(manager.run_organization(&first)).unwrap().id().clone();
    // Upper and lower case are the same token.
    let upper = scan()
        .client_token(first.token().to_uppercase())
        .snapshot_id(first.token());
    assert_eq!(*now(manager.run_organization(&upper)).unwrap().id(), id);
    let other = scan()
        .client_token(first.token())
        .baseline_override("s3://bucket/baseline.json");
    let refused = now(manager.run_organization(&other)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::IdempotentParameterMismatch);
}

#[test]
fn a_runbook_is_put_in_place_once_and_changed_in_place() {
    let accounts = accounts(45);
    let (backend, manager) = support::accounts::account(Vec::new());
    let first = now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    assert_eq!(
        (&first.change, first.version.as_str()),
        (&Change::Created, "1")
    );
    assert_eq!(first.shared_with, accounts);
    // A call shares with at most 20 accounts.
    assert_eq!(backend.call_count(Operation::ModifyDocumentPermission), 3);
    backend.clear_calls();
    let again = now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    assert_eq!(
        (again.change, again.shared_with.len()),
        (Change::Unchanged, 0)
    );
    let writes = backend
        .calls()
        .into_iter()
        .filter(|call| call.access() == aws_patch_manager::backend::Access::Write);
    assert_eq!(writes.count(), 0);
    let slower = runbook(&accounts).max_concurrency("10%".parse().unwrap());
    let changed = now(manager.ensure_patch_runbook(&slower)).unwrap();
    assert_eq!(changed.version, "2");
    let Change::Updated(differences) = &changed.change else {
        panic!("{changed}");
    };
    assert_eq!(differences.len(), 1);
    assert!(
        differences[0].field.contains("MaxConcurrency"),
        "{}",
        differences[0]
    );
    let back = now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    assert_eq!(back.version, "3");
}

#[test]
fn a_runbook_that_stops_half_way_says_what_took_effect() {
    let accounts = accounts(1);
    let (backend, manager) = support::accounts::account(Vec::new());
    let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    backend.faults().fail(
        Operation::ModifyDocumentPermission,
        kind,
        code,
        "not authorized",
    );
    let stopped = now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap_err();
    assert_eq!(stopped.kind(), ErrorKind::Incomplete);
    let (name, version) = (RUNBOOK.to_owned(), "1".to_owned());
    assert_eq!(
        stopped.completed_steps(),
        [CompletedStep::DocumentChanged { name, version }]
    );
    let rest = now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    assert_eq!(
        (rest.change, rest.shared_with),
        (Change::Unchanged, accounts)
    );
}

#[test]
fn a_bad_request_is_refused_with_everything_that_is_wrong_before_any_call() {
    let (backend, manager) = support::accounts::account(Vec::new());
    let request = OrganizationRequest::install("x")
        .client_token("once")
        .accounts(["12"], Vec::<String>::new());
    let refused = now(manager.run_organization(&request)).unwrap_err();
    let fields = values::fields(&refused);
    let expected = [
        "DocumentName",
        "ClientToken",
        "Targets",
        "TargetLocations[0].Regions",
        "TargetLocations[0].Accounts",
    ];
    assert_eq!(fields, expected);
    let runbook = PatchRunbook::new("aws-mine")
        .timeout_seconds(0)
        .share_with(["12"]);
    let refused = now(manager.ensure_patch_runbook(&runbook)).unwrap_err();
    assert_eq!(refused.violations().len(), 3);
    assert!(backend.calls().is_empty());
}

/// A setting that is lost would patch what it leaves out.
#[test]
fn a_setting_before_its_location_is_refused() {
    let request = OrganizationRequest::install(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .exclude_accounts(["333333333333"])
        .location_max_errors("1".parse().unwrap())
        .organizational_units([UNIT], REGIONS);
    let expected = [
        "TargetLocations.ExcludeAccounts",
        "TargetLocations.TargetLocationMaxErrors",
    ];
    assert_eq!(fields(&request), expected);
}

#[test]
fn accounts_are_excluded_beside_those_that_were() {
    let one = |account: &str| [account.to_owned()];
    let request = scan()
        .exclude_accounts(one("333333333333"))
        .exclude_accounts(one("444444444444"))
        .exclude_accounts(Vec::<String>::new());
    let start = request.to_start().unwrap();
    let excluded = &start.target_locations.unwrap()[0].exclude_accounts;
    let expected = ["333333333333".to_owned(), "444444444444".to_owned()];
    assert_eq!(excluded.as_deref(), Some(&expected[..]));
}

/// Otherwise its nodes would be patched by two runs at the same time.
#[test]
fn an_account_and_region_of_two_locations_is_refused() {
    let request = OrganizationRequest::install(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .accounts(["222222222222", "333333333333"], REGIONS)
        .accounts(["333333333333"], [REGIONS[0], "us-east-1"]);
    assert_eq!(fields(&request), ["TargetLocations[1]"]);
    let apart = OrganizationRequest::install(RUNBOOK)
        .target(Target::tag("Environment", ["production"]))
        .accounts(["333333333333", "333333333333"], [REGIONS[1]])
        .accounts(["333333333333"], [REGIONS[0]]);
    assert_eq!(fields(&apart), [""; 0]);
}

#[test]
fn names_that_nothing_can_have_are_refused() {
    let request = OrganizationRequest::install("Patch\nNodes")
        .version("0")
        .assume_role("Admin")
        .target(Target::tag("", ["production"]))
        .accounts(["ou-'", "r-"], ["", "eu-central-1'--"])
        .exclude_accounts(["ou-x"])
        .execution_role("a role");
    let expected = [
        "DocumentName",
        "DocumentVersion",
        "Parameters.AutomationAssumeRole",
        "Targets.Key",
        "TargetLocations[0].Accounts",
        "TargetLocations[0].Accounts",
        "TargetLocations[0].Regions",
        "TargetLocations[0].Regions",
        "TargetLocations[0].ExcludeAccounts",
        "TargetLocations[0].ExecutionRoleName",
    ];
    assert_eq!(fields(&request), expected);
}

fn fields(request: &OrganizationRequest) -> Vec<String> {
    let refused = request.to_start().err();
    let fields = refused.iter().flat_map(values::fields);
    fields.map(str::to_owned).collect()
}

#[test]
fn a_run_is_not_resumed_as_the_other_operation() {
    let accounts = accounts(1);
    let organization = organization(&accounts, 1);
    let (_, manager) = central(&organization);
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let run = now(manager.run_organization(&scan())).unwrap();
    let id = run.id().clone();
    let other = manager.resume_organization(PatchOperation::Install, id.clone());
    let refused = now(other.unwrap().wait(DAY)).unwrap_err();
    assert_eq!(refused.violations()[0].field, "Operation");
    assert_eq!(refused.resource(), Some(id.as_str()));
}

/// No node of it is known, which is not to have none.
#[test]
fn the_nodes_of_a_run_without_a_command_are_unread() {
    let (backend, manager) = support::accounts::account(support::accounts::instances(1));
    let content = r#"{"schemaVersion": "0.3", "mainSteps": [
        {"name": "scan", "action": "aws:runCommand", "inputs": {
            "DocumentName": "AWS-RunPatchBaseline", "InstanceIds": ["i-0000000000000000"],
            "Parameters": {"Operation": "Scan"}}}]}"#;
    let content = content.replace("i-0000000000000000", support::accounts::id(0).as_str());
    now(backend.create_document(CreateDocument::runbook("Scan", content))).unwrap();
    let start = aws_patch_manager::automation::StartAutomationExecution::new("Scan");
    let id = now(backend.start_automation_execution(start)).unwrap();
    let run = manager.resume_organization(PatchOperation::Scan, id);
    let none = |_, _| ready(Err(Error::new(ErrorKind::Other, "nobody asks")));
    let outcome = now(run.unwrap().wait_with_nodes(DAY, none)).unwrap();
    let location = &outcome.locations[0];
    assert!(location.is_success() && location.run.is_none());
    let error = location.read_error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

/// The first stop lets the running ones end, and the second does not.
#[test]
fn a_stop_that_cancels_can_follow_one_that_completes() {
    let accounts = accounts(4);
    for cancels in [false, true] {
        let organization = organization(&accounts, 1);
        let (backend, manager) = central(&organization);
        now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
        let request = scan().location_max_concurrency("2".parse().unwrap());
        let run = now(manager.run_organization(&request)).unwrap();
        organization.advance(Duration::from_secs(3));
        let mut stop = StopAutomationExecution::new(run.id());
        stop.stop_type = Some(StopType::Complete);
        now(backend.stop_automation_execution(stop)).unwrap();
        if cancels {
            now(run.stop()).unwrap();
        }
        let outcome = now(run.wait(DAY)).unwrap();
        assert_eq!(outcome.status, AutomationExecutionStatus::Cancelled);
        let succeeded = outcome.locations.iter().filter(|one| one.is_success());
        assert_eq!(succeeded.count(), if cancels { 0 } else { 2 });
        assert_eq!(started(&organization), (1, 2));
    }
}

#[test]
fn a_refused_share_shares_with_nobody() {
    let (backend, _) = support::accounts::account(Vec::new());
    let content = runbook(&[]).content();
    now(backend.create_document(CreateDocument::runbook(RUNBOOK, content))).unwrap();
    let share = |accounts: &[String]| {
        let request = ModifyDocumentPermission::share(RUNBOOK, accounts.iter().cloned());
        now(backend.modify_document_permission(request))
    };
    let accounts = accounts(1_020);
    for accounts in accounts[..980].chunks(20) {
        share(accounts).unwrap();
    }
    share(&accounts[..1]).unwrap();
    share(&accounts[980..999]).unwrap();
    let refused = share(&accounts[999..1_019]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    // One more is the last that fits.
    share(&accounts[1_019..]).unwrap();
    assert!(share(&accounts[1_000..1_001]).is_err());
}

#[test]
fn a_step_that_this_backend_cannot_run_fails_by_name() {
    let (backend, manager) = support::accounts::account(Vec::new());
    let content = r#"{"schemaVersion": "0.3", "mainSteps": [
        {"name": "snapshot", "action": "aws:createImage", "inputs": {}}]}"#;
    now(backend.create_document(CreateDocument::runbook(RUNBOOK, content))).unwrap();
    let start = aws_patch_manager::automation::StartAutomationExecution::new(RUNBOOK);
    let id = now(backend.start_automation_execution(start)).unwrap();
    let run = manager
        .resume_organization(PatchOperation::Scan, id)
        .unwrap();
    let outcome = now(run.wait(DAY)).unwrap();
    let expected =
        "step snapshot failed: this backend runs aws:runCommand only, not aws:createImage";
    assert_eq!(outcome.failure_message.as_deref(), Some(expected));
}

fn checked(manager: &PatchManager, question: &Prerequisites) -> PrerequisiteReport {
    now(manager.check_prerequisites(question)).unwrap()
}

/// No node is asked about.
fn roles_only() -> Prerequisites {
    Prerequisites::nodes([""; 0])
}

/// The accounts of the roles that a report names.
fn refused_roles(report: &PrerequisiteReport) -> Vec<&str> {
    let of_kind = |kind| report.findings.iter().filter(move |one| one.kind == kind);
    let evidence = of_kind(FindingKind::ExecutionRoleRefused).flat_map(|one| &one.evidence);
    let accounts = evidence.map(|one| one.resource.split(':').nth(4).unwrap());
    accounts.collect()
}

#[test]
fn the_check_names_the_accounts_whose_execution_role_cannot_be_assumed() {
    let accounts = accounts(20);
    let organization = organization(&accounts, 0);
    let (backend, manager) = central(&organization);
    let question = roles_only().with_execution_roles(&accounts, EXECUTION_ROLE);
    let report = checked(&manager, &question);
    assert!(report.is_ready(), "{report}");
    assert_eq!(backend.calls(), vec!["AssumeRole"; accounts.len()]);

    for account in [&accounts[3], &accounts[17]] {
        organization.delete_execution_role(account).unwrap();
    }
    let report = checked(&manager, &question);
    assert!(!report.is_ready(), "{report}");
    assert_eq!(refused_roles(&report), [&*accounts[3], &*accounts[17]]);
    let [finding] = &*report.findings else {
        panic!("{report}");
    };
    assert_eq!(finding.severity, Severity::Unknown);
    assert!(finding.message.contains(EXECUTION_ROLE), "{report}");
    let seen = &finding.evidence[0].seen;
    assert!(
        seen.contains("not authorized to perform: sts:AssumeRole"),
        "{report}"
    );
    let command = finding.fix.command.as_deref().unwrap();
    let begin = format!("aws iam create-role --role-name {EXECUTION_ROLE} ");
    assert!(command.starts_with(&begin), "{command}");
    assert!(command.contains("sts:AssumeRole"), "{command}");

    // The same accounts fail in the run.
    now(manager.ensure_patch_runbook(&runbook(&accounts))).unwrap();
    let outcome = now(now(manager.run_organization(&scan())).unwrap().wait(DAY)).unwrap();
    let failed: Vec<&str> = outcome.failed().map(|one| &*one.account).collect();
    let each_region = [&*accounts[3], &*accounts[17]].repeat(REGIONS.len());
    assert_eq!(failed, each_region);
}

#[test]
fn the_check_of_a_run_takes_its_accounts_and_the_names_of_its_roles() {
    let accounts = accounts(4);
    let organization = organization(&accounts, 0);
    let (_, manager) = central(&organization);
    organization
        .create_execution_role(&accounts[2], "Patching")
        .unwrap();
    organization.delete_execution_role(&accounts[1]).unwrap();
    let run = OrganizationRequest::scan(RUNBOOK)
        .accounts(&accounts[..2], REGIONS)
        .exclude_accounts([&accounts[1]])
        .accounts(&accounts[2..], REGIONS)
        .execution_role("Patching")
        .organizational_units([UNIT], ["us-east-1"]);
    let report = checked(&manager, &roles_only().for_organization_run(&run));
    assert_eq!(refused_roles(&report), [&*accounts[3]]);
    let unit = report
        .findings
        .iter()
        .find(|one| one.message.contains(UNIT))
        .unwrap();
    assert_eq!(unit.kind, FindingKind::NotChecked);
    let command = format!("aws organizations list-accounts-for-parent --parent-id {UNIT}");
    assert_eq!(unit.fix.command.as_deref(), Some(&*command));
    assert_eq!(report.findings.len(), 2, "{report}");
}

#[test]
fn execution_roles_are_checked_beside_nodes() {
    let accounts = accounts(1);
    let organization = organization(&accounts, 1);
    organization.delete_execution_role(&accounts[0]).unwrap();
    let (_, manager) = central(&organization);
    let question = Prerequisites::account().with_execution_roles(&accounts, EXECUTION_ROLE);
    let report = checked(&manager, &question);
    assert_eq!(report.nodes.len(), 1);
    assert_eq!(refused_roles(&report), [&*accounts[0]]);
}

#[test]
fn malformed_accounts_and_roles_are_refused_before_any_call() {
    let organization = organization::<&str>(&[], 0);
    let (backend, manager) = central(&organization);
    let arn = "arn:aws:iam::222222222222:role/Patching";
    let question = Prerequisites::account().with_execution_roles(["1", "222222222222"], arn);
    let error = now(manager.check_prerequisites(&question)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.operation(), Some("AssumeRole"));
    let fields: Vec<&str> = error.violations().iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["Accounts", "ExecutionRoleName"]);
    assert!(backend.calls().is_empty());
}

#[derive(Debug)]
struct NoSessions;

impl RoleSessions for NoSessions {}

#[test]
fn a_backend_without_sts_is_no_error_of_the_roles() {
    let accounts = accounts(3);
    let organization = organization(&accounts, 0);
    let (backend, manager) = central(&organization);
    let without = PatchManager::builder()
        .backend(Arc::new(backend.clone()))
        .sessions(Arc::new(NoSessions))
        .clock(backend.clock())
        .build();
    let question = roles_only().with_execution_roles(&accounts, EXECUTION_ROLE);
    let report = checked(&without, &question);
    let [finding] = &*report.findings else {
        panic!("{report}");
    };
    assert_eq!(finding.kind, FindingKind::NotChecked);
    assert_eq!(finding.severity, Severity::Unknown);

    // A failure that says nothing about the role is an error.
    backend.faults().throttle(Operation::AssumeRole);
    let error = now(manager.check_prerequisites(&question)).unwrap_err();
    assert!(error.is_throttled(), "{error}");
}

#[test]
fn memory_checks_a_session_as_sts_does() {
    let organization = organization(&accounts(1), 0);
    let (backend, _) = central(&organization);
    let role = format!("arn:aws:iam::{}:role/path/{EXECUTION_ROLE}", accounts(1)[0]);
    let user = now(backend.assume_role(AssumeRole::new(&*role, "check", Some(900)))).unwrap();
    let arn = format!(
        "arn:aws:sts::{}:assumed-role/{EXECUTION_ROLE}/check",
        accounts(1)[0]
    );
    assert_eq!(user.arn.as_deref(), Some(&*arn));
    for (role, session, seconds, kind) in [
        (&*role, "c", None, ErrorKind::InvalidInput),
        (&*role, "a b", None, ErrorKind::InvalidInput),
        (&*role, "check", Some(899), ErrorKind::InvalidInput),
        (&*role, "check", Some(43_201), ErrorKind::InvalidInput),
        ("role", "check", None, ErrorKind::InvalidInput),
        (
            "arn:aws:iam::222222222222:user/somebody",
            "check",
            None,
            ErrorKind::AccessDenied,
        ),
        (
            "arn:aws:iam::999999999999:role/somebody",
            "check",
            None,
            ErrorKind::AccessDenied,
        ),
    ] {
        let request = AssumeRole::new(role, session, seconds);
        let error = now(backend.assume_role(request)).unwrap_err();
        assert_eq!(error.kind(), kind, "{role} {session} {seconds:?}: {error}");
    }
}
