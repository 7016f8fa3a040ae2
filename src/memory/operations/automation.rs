//! Automation over the executions of the account. What they do happens in the engine, and in other
//! accounts through the organization.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::check::{Validation, alarms};
use super::paging::Bounds;
use crate::automation::{
    AutomationExecution, AutomationExecutionFilter, AutomationExecutionMetadata, AutomationType,
    ExecutionMode, ResolvedTargets, StartAutomationExecution, StepExecution, StepExecutionFilter,
    StopType, TargetLocation,
};
use crate::backend::{
    AutomationRunner, DescribeAutomationExecutions, DescribeAutomationStepExecutions,
    GetAutomationExecution, Operation, StopAutomationExecution,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::Engine;
use crate::memory::engine::automation::NewExecution;
use crate::memory::store::State;
use crate::memory::store::automation::{ExecutionRecord, Rate, Work};
use crate::memory::store::runbook::{RunbookText, Values};
use crate::page::Page;
use crate::types::{AutomationExecutionId, QueryFilter, Target, is_account, is_uuid};

const START: Operation = Operation::StartAutomationExecution;

/// How many steps GetAutomationExecution describes; the service says only that there can be more.
const DESCRIBED_STEPS: usize = 50;

/// The default of MaxConcurrency (SSM model, StartAutomationExecutionRequest).
const CONCURRENCY: u32 = 10;

fn invalid_parameters(message: String) -> Error {
    let code = "InvalidAutomationExecutionParametersException";
    Error::service(ErrorKind::InvalidInput, code, message)
}

fn invalid_target(message: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, "InvalidTarget", message)
}

fn unknown(id: &AutomationExecutionId) -> Error {
    let (code, message) = (
        "AutomationExecutionNotFoundException",
        "there is no such execution",
    );
    Error::service(ErrorKind::NotFound, code, message).with_resource(id.as_str())
}

/// The bounds of the SSM model.
fn check_bounds(start: &StartAutomationExecution) -> Result<()> {
    let mut validation = Validation::of(START);
    let token = start.client_token.as_deref();
    let rule = "Member must be a UUID of 36 characters";
    validation.require(token.is_none_or(is_uuid), "clientToken", rule);
    if let Some(parameters) = &start.parameters {
        let count = (1..=200).contains(&parameters.len());
        validation.require(
            count,
            "parameters",
            "Member must have between 1 and 200 members",
        );
        for (name, values) in parameters {
            validation.length("parameters", name, 1..=50);
            validation.count(format!("parameters.{name}"), values, 0..=50);
            for value in values {
                validation.length(format!("parameters.{name}"), value, 1..=512);
            }
        }
    }
    let mode = start.mode.as_ref();
    validation.one_of("mode", mode.is_none_or(ExecutionMode::is_known));
    if let Some(name) = &start.target_parameter_name {
        validation.length("targetParameterName", name, 1..=50);
    }
    validation.count(
        "targets",
        start.targets.as_deref().unwrap_or_default(),
        0..=1,
    );
    validation.count(
        "targetMaps",
        start.target_maps.as_deref().unwrap_or_default(),
        0..=300,
    );
    for map in start.target_maps.iter().flatten() {
        let is_legal = (1..=20).contains(&map.len());
        validation.require(
            is_legal,
            "targetMaps",
            "Member must have between 1 and 20 members",
        );
    }
    let concurrency = start.max_concurrency;
    validation.require(
        concurrency.is_none_or(|limit| limit.is_well_formed()),
        "maxConcurrency",
        "wrong pattern",
    );
    let errors = start.max_errors;
    validation.require(
        errors.is_none_or(|limit| limit.is_well_formed()),
        "maxErrors",
        "wrong pattern",
    );
    if let Some(locations) = &start.target_locations {
        validation.count("targetLocations", locations, 1..=100);
        for (number, location) in locations.iter().enumerate() {
            check_location(
                &mut validation,
                &format!("targetLocations.{}", number + 1),
                location,
            );
        }
    }
    validation.count("tags", start.tags.as_deref().unwrap_or_default(), 0..=1000);
    alarms(&mut validation, start.alarm_configuration.as_ref());
    validation.finish()
}

fn check_location(validation: &mut Validation, at: &str, location: &TargetLocation) {
    if let Some(accounts) = &location.accounts {
        validation.count(format!("{at}.accounts"), accounts, 1..=50);
    }
    if let Some(regions) = &location.regions {
        validation.count(format!("{at}.regions"), regions, 1..=50);
    }
    if let Some(excluded) = &location.exclude_accounts {
        validation.count(format!("{at}.excludeAccounts"), excluded, 1..=5_000);
        for account in excluded {
            let rule = "Member must satisfy ^((ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})|(\\d{12}))$";
            let is_legal = is_account(account) || account.starts_with("ou-");
            validation.require(is_legal, format!("{at}.excludeAccounts"), rule);
        }
    }
    if let Some(name) = &location.execution_role_name {
        validation.length(format!("{at}.executionRoleName"), name, 1..=64);
    }
    let targets = location.targets.as_deref().unwrap_or_default();
    validation.count(format!("{at}.targets"), targets, 0..=1);
}

/// The runbook that is started, and the number of its version.
fn runbook(state: &State, start: &StartAutomationExecution) -> Result<(String, Arc<RunbookText>)> {
    let name = start.document_name.as_deref().unwrap_or_default();
    let absent = |code: &str, message: &str| {
        Error::service(ErrorKind::NotFound, code, message).with_resource(name)
    };
    let record = state.documents.get(name).ok_or_else(|| {
        let message = "the account has no such runbook";
        absent("AutomationDefinitionNotFoundException", message)
    })?;
    let (number, version) = record
        .version(start.document_version.as_deref(), None)
        .ok_or_else(|| {
            let message = "the runbook has no such version";
            absent("AutomationDefinitionVersionNotFoundException", message)
        })?;
    let runbook = version.runbook.as_ref().ok_or_else(|| {
        let message = "the document is not a runbook";
        absent("AutomationDefinitionNotFoundException", message)
    })?;
    Ok((number.to_string(), Arc::clone(runbook)))
}

/// The targets of a run in this account and Region, as what each sets of the parameters.
pub(in crate::memory) fn resolve_targets(
    state: &State,
    targets: &[Target],
    parameter: Option<&str>,
    maps: &[Values],
) -> Result<VecDeque<(String, Values)>> {
    if !maps.is_empty() {
        let named = |map: &Values| {
            map.values()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(",")
        };
        return Ok(maps.iter().map(|map| (named(map), map.clone())).collect());
    }
    let Some(parameter) = parameter else {
        return Err(invalid_target("targets need TargetParameterName"));
    };
    let mut values = Vec::new();
    for target in targets {
        if target.key == "ParameterValues" || target.is_by_id() {
            values.extend(target.values.iter().cloned());
        } else if target.key == "ResourceGroup" || target.key.starts_with("resource-groups:") {
            // This backend has no resource groups.
        } else {
            let nodes = state.fleet.resolve(std::slice::from_ref(target));
            values.extend(nodes.iter().map(ToString::to_string));
        }
    }
    let set = |value: String| {
        (
            value.clone(),
            Values::from([(parameter.to_owned(), vec![value])]),
        )
    };
    Ok(values.into_iter().map(set).collect())
}

/// What an execution with targets does.
pub(in crate::memory) fn work_of_targets(
    waiting: VecDeque<(String, Values)>,
    start: &StartAutomationExecution,
) -> (ResolvedTargets, Work) {
    let resolved = ResolvedTargets {
        parameter_values: Some(waiting.iter().map(|(target, _)| target.clone()).collect()),
        truncated: Some(false),
    };
    let (concurrency, errors) = (start.max_concurrency, start.max_errors);
    let rate = Rate::of(waiting.len(), concurrency, errors, CONCURRENCY);
    (
        resolved,
        Work::Targets {
            waiting,
            running: Vec::new(),
            failed: 0,
            rate,
        },
    )
}

/// The members of an execution that the caller gave.
pub(in crate::memory) fn given(
    start: &StartAutomationExecution,
    version: &str,
) -> AutomationExecution {
    AutomationExecution {
        document_name: start.document_name.clone(),
        document_version: Some(version.to_owned()),
        mode: Some(start.mode.clone().unwrap_or_default()),
        target_parameter_name: start.target_parameter_name.clone(),
        targets: Some(start.targets.clone().unwrap_or_default()),
        target_maps: start.target_maps.clone(),
        max_concurrency: start.max_concurrency,
        max_errors: start.max_errors,
        target_locations: start.target_locations.clone(),
        alarm_configuration: start.alarm_configuration.clone(),
        ..AutomationExecution::default()
    }
}

/// Starts an execution. `locations` says whether the account belongs to an organization, which runs
/// those in other accounts and Regions.
fn start(
    engine: &mut Engine,
    request: StartAutomationExecution,
    in_organization: bool,
    now: Timestamp,
) -> Result<(AutomationExecutionId, Option<usize>)> {
    check_bounds(&request)?;
    let token = request.client_token.as_deref().map(str::to_ascii_lowercase);
    let mut input = request.clone();
    input.client_token = None;
    let tokens = &engine.state.automation.tokens;
    if let Some(id) = tokens.replay(START, token.as_deref(), &input)? {
        return Ok((id, None));
    }
    let (version, runbook) = runbook(&engine.state, &request)?;
    let none = Values::new();
    let maps = request.target_maps.as_deref().unwrap_or_default();
    let targets = request.targets.as_deref().unwrap_or_default();
    let targeted = request.target_parameter_name.as_deref();
    let parameters = request.parameters.as_ref().unwrap_or(&none);
    // A map can name any parameter, so what is required is known only with the map.
    let values = match maps.first() {
        Some(map) => {
            let mut all = parameters.clone();
            all.extend(map.clone());
            runbook.values(&all, targeted).map(|_| parameters.clone())
        }
        None => runbook.values(parameters, targeted),
    };
    let values = values.map_err(invalid_parameters)?;
    let mut execution = given(&request, &version);
    execution.parameters = Some(values.clone());
    let account = &engine.state.account.id;
    execution.executed_by = Some(format!("arn:aws:iam::{account}:root"));
    let locations = request.target_locations.is_some();
    let has_targets = !targets.is_empty() || !maps.is_empty();
    let own_targets = request.target_locations.iter().flatten();
    let own_targets = own_targets
        .flat_map(|location| location.targets.iter().flatten())
        .count();
    if (has_targets || own_targets > 0) && maps.is_empty() && targeted.is_none() {
        return Err(invalid_target("targets need TargetParameterName"));
    }
    if request.target_locations_url.is_some() {
        return Err(invalid_target("this backend reads no TargetLocationsURL"));
    }
    if locations && !in_organization {
        let message =
            "TargetLocations: this backend is one account in one Region; use MemoryOrganization";
        return Err(invalid_target(message));
    }
    let work = if locations {
        Work::Locations { completes: false }
    } else if has_targets {
        let waiting = resolve_targets(&engine.state, targets, targeted, maps)?;
        let (resolved, work) = work_of_targets(waiting, &request);
        execution.resolved_targets = Some(resolved);
        work
    } else {
        Work::Steps {
            command: None,
            timed_out: false,
        }
    };
    let number = engine.start_execution(
        NewExecution {
            execution,
            automation_type: match locations {
                true => AutomationType::CrossAccount,
                false => AutomationType::Local,
            },
            tags: request.tags.clone().unwrap_or_default(),
            runbook,
            values,
            work,
        },
        now,
    );
    let record = engine.state.automation.get(number);
    let id = record.and_then(|record| record.id()).cloned();
    let lost = || Error::new(ErrorKind::ServiceFailure, "the execution was lost");
    let id = id.ok_or_else(lost)?;
    engine
        .state
        .automation
        .tokens
        .remember(token, input, id.clone());
    Ok((id, locations.then_some(number)))
}

/// Refuses filters that the listing does not know, and values out of bounds.
fn check_filters<'f>(
    operation: Operation,
    filters: impl Iterator<Item = &'f QueryFilter>,
    keys: &[&str],
    most: usize,
) -> Result<()> {
    let mut validation = Validation::of(operation);
    let mut count = 0;
    for filter in filters {
        count += 1;
        validation.one_of("filters.key", keys.contains(&filter.key.as_str()));
        validation.count("filters.values", &filter.values, 1..=10);
        for value in &filter.values {
            validation.length("filters.values", value, 1..=150);
        }
    }
    validation.require(count <= most, "filters", "Member has too many members");
    validation.finish()
}

/// Whether one of the filter's values is this text.
fn accepts(filter: &QueryFilter, text: &str) -> bool {
    filter.values.iter().any(|accepted| accepted == text)
}

/// The instant in the value of a filter.
fn instant(operation: Operation, filter: &QueryFilter) -> Result<Option<Timestamp>> {
    if !filter.key.starts_with("StartTime") {
        return Ok(None);
    }
    let value = filter.values.first().map(|value| value.parse());
    match value {
        Some(Ok(instant)) => Ok(Some(instant)),
        _ => {
            let error = Error::service(
                ErrorKind::InvalidInput,
                "InvalidFilterValue",
                "not an instant",
            );
            Err(error.with_operation(operation).with_resource(&filter.key))
        }
    }
}

fn list(
    state: &State,
    request: &DescribeAutomationExecutions,
) -> Result<Page<AutomationExecutionMetadata>> {
    const OPERATION: Operation = Operation::DescribeAutomationExecutions;
    let filters = || request.filters.iter().map(|filter| filter.as_filter());
    check_filters(OPERATION, filters(), AutomationExecutionFilter::KEYS, 10)?;
    let mut read = Vec::new();
    for filter in filters() {
        read.push((filter, instant(OPERATION, filter)?));
    }
    let parents = filters().find(|filter| filter.key == "ParentExecutionId");
    let records = state
        .automation
        .listed(parents.map(|filter| filter.values.as_slice()));
    let records = records.filter(|record| {
        read.iter().all(|(filter, instant)| {
            let any = |value: Option<&str>| value.is_some_and(|value| accepts(filter, value));
            let execution = &record.execution;
            let name = execution.document_name.as_deref().unwrap_or_default();
            let started = execution.execution_start_time;
            match filter.key.as_str() {
                "ParentExecutionId" => true,
                "DocumentNamePrefix" => filter
                    .values
                    .iter()
                    .any(|prefix| name.starts_with(prefix.as_str())),
                "ExecutionStatus" => any(Some(record.status().as_str())),
                "ExecutionId" => any(record.id().map(|id| id.as_str())),
                "CurrentAction" => any(execution.current_action.as_deref()),
                "AutomationType" => any(Some(record.automation_type.as_str())),
                "TagKey" => record.tags.iter().any(|tag| any(Some(&tag.key))),
                "StartTimeBefore" => started < *instant,
                "StartTimeAfter" => started > *instant,
                _ => false,
            }
        })
    });
    let key = format!("{:?}", request.filters);
    let records = records.collect();
    let page = state.page(records, &request.page, OPERATION, Bounds::TO_50, &key)?;
    let items = page.items.into_iter().map(ExecutionRecord::listed);
    Ok(Page::new(items.collect(), page.next_token))
}

fn list_steps(
    state: &State,
    request: &DescribeAutomationStepExecutions,
) -> Result<Page<StepExecution>> {
    const OPERATION: Operation = Operation::DescribeAutomationStepExecutions;
    let filters = || request.filters.iter().map(|filter| filter.as_filter());
    check_filters(OPERATION, filters(), StepExecutionFilter::KEYS, 6)?;
    let id = &request.automation_execution_id;
    let number = state.automation.find(id).ok_or_else(|| unknown(id))?;
    let steps = state
        .automation
        .get(number)
        .into_iter()
        .flat_map(|record| &record.steps);
    let mut read = Vec::new();
    for filter in filters() {
        read.push((filter, instant(OPERATION, filter)?));
    }
    let matches = |step: &&StepExecution| {
        read.iter().all(|(filter, instant)| {
            let any = |value: Option<&str>| value.is_some_and(|value| accepts(filter, value));
            let started = step.execution_start_time;
            match filter.key.as_str() {
                "StepExecutionStatus" => {
                    any(step.step_status.as_ref().map(|status| status.as_str()))
                }
                "StepExecutionId" => any(step.step_execution_id.as_deref()),
                "StepName" => any(step.step_name.as_deref()),
                "Action" => any(step.action.as_deref()),
                "StartTimeBefore" => started.is_some() && started < *instant,
                "StartTimeAfter" => started > *instant,
                _ => false,
            }
        })
    };
    let mut steps: Vec<_> = steps.filter(matches).collect();
    if request.reverse_order {
        steps.reverse();
    }
    let key = format!("{id} {:?} {}", request.filters, request.reverse_order);
    let page = state.page(steps, &request.page, OPERATION, Bounds::TO_50, &key)?;
    Ok(Page::new(
        page.items.into_iter().cloned().collect(),
        page.next_token,
    ))
}

fn stop(engine: &mut Engine, request: &StopAutomationExecution, now: Timestamp) -> Result<()> {
    let mut validation = Validation::of(Operation::StopAutomationExecution);
    let kind = request.stop_type.as_ref();
    validation.one_of("type", kind.is_none_or(StopType::is_known));
    validation.finish()?;
    let id = &request.automation_execution_id;
    let number = engine
        .state
        .automation
        .find(id)
        .ok_or_else(|| unknown(id))?;
    let complete = kind == Some(&StopType::Complete);
    match engine.stop_execution(number, complete, now) {
        true => Ok(()),
        false => {
            let (code, message) = (
                "InvalidAutomationStatusUpdateException",
                "the execution has ended",
            );
            let error = Error::service(ErrorKind::Conflict, code, message);
            Err(error.with_resource(id.as_str()))
        }
    }
}

#[async_trait]
impl AutomationRunner for MemoryBackend {
    async fn start_automation_execution(
        &self,
        request: StartAutomationExecution,
    ) -> Result<AutomationExecutionId> {
        self.call_engine(START, |engine, now| {
            let organization = self.organization();
            let account = engine.state.account.clone();
            if let Some(members) = &organization {
                members.check(&account, &request)?;
            }
            let is_member = organization.is_some();
            let (execution, located) = start(engine, request.clone(), is_member, now)?;
            if let (Some(number), Some(members)) = (located, organization) {
                members.add(&account, number, &request, now);
            }
            Ok(execution)
        })
        .await
    }

    async fn get_automation_execution(
        &self,
        request: GetAutomationExecution,
    ) -> Result<AutomationExecution> {
        self.call(Operation::GetAutomationExecution, |state, _| {
            let id = &request.automation_execution_id;
            let number = state.automation.find(id);
            let record = number.and_then(|number| state.automation.get(number));
            let record = record.ok_or_else(|| unknown(id))?;
            Ok(record.described(DESCRIBED_STEPS))
        })
        .await
    }

    async fn describe_automation_executions(
        &self,
        request: DescribeAutomationExecutions,
    ) -> Result<Page<AutomationExecutionMetadata>> {
        self.call(Operation::DescribeAutomationExecutions, |state, _| {
            list(state, &request)
        })
        .await
    }

    async fn describe_automation_step_executions(
        &self,
        request: DescribeAutomationStepExecutions,
    ) -> Result<Page<StepExecution>> {
        self.call(Operation::DescribeAutomationStepExecutions, |state, _| {
            list_steps(state, &request)
        })
        .await
    }

    async fn stop_automation_execution(&self, request: StopAutomationExecution) -> Result<()> {
        self.call_engine(Operation::StopAutomationExecution, |engine, now| {
            stop(engine, &request, now)
        })
        .await
    }
}
