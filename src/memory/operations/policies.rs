//! The patch policies, and PatchPolicyStore over them. Their firings happen in the engine.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::check::Validation;
use super::paging::Bounds;
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfigurationManager,
    ListConfigurationManagers, Operation, PatchPolicyStore, UpdateConfigurationDefinition,
    UpdateConfigurationManager,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::Engine;
use crate::memory::store::account::Account;
use crate::memory::store::later;
use crate::memory::store::policies::{Due, NextFiring};
use crate::page::Page;
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyStatus, ScheduleExpression, ScheduleMechanism,
    is_policy_name,
};
use crate::types::PatchPolicyArn;

/// How long a deployment takes.
const DEPLOYMENT: SignedDuration = SignedDuration::from_secs(60);

fn create(engine: &mut Engine, policy: PatchPolicy, now: Timestamp) -> Result<PatchPolicyArn> {
    let deployed = later(now, DEPLOYMENT);
    let due = read(Operation::CreateConfigurationManager, &policy, deployed)?;
    let account = &mut engine.state;
    let uuid = account.ids.uuid();
    let Account { region, id } = &account.account;
    let arn = PatchPolicyArn::new(format!(
        "arn:aws:ssm-quicksetup:{region}:{id}:configuration-manager/{uuid}"
    ));
    let mut state = PatchPolicyState::new(arn.clone(), policy, PolicyStatus::Deploying);
    state.created_at = Some(now);
    state.last_modified_at = Some(now);
    account.policies.add(state, due, deployed);
    engine.plan_policy(&arn);
    Ok(arn)
}

fn update(
    engine: &mut Engine,
    arn: &PatchPolicyArn,
    policy: PatchPolicy,
    now: Timestamp,
) -> Result<()> {
    let deployed = later(now, DEPLOYMENT);
    let due = read(Operation::UpdateConfigurationDefinition, &policy, deployed)?;
    let policies = &mut engine.state.policies;
    let revision = policies.next_revision();
    let known = policies.get_mut(arn).ok_or_else(|| gone(arn))?;
    known.state.policy = policy;
    known.state.last_modified_at = Some(now);
    known.due = due;
    known.revision = revision;
    known.deployed = deployed;
    engine.plan_policy(arn);
    Ok(())
}

fn rename(engine: &mut Engine, request: UpdateConfigurationManager, now: Timestamp) -> Result<()> {
    let arn = &request.manager_arn;
    let known = engine.state.policies.get_mut(arn);
    let known = known.ok_or_else(|| gone(arn))?;
    if let Some(name) = request.name {
        let mut validation = Validation::of(Operation::UpdateConfigurationManager);
        validation.require(
            is_policy_name(&name),
            "name",
            "1 to 120 letters, digits, spaces, `.`, `_` or `-`",
        );
        validation.finish()?;
        known.state.policy.name = name;
        known.state.last_modified_at = Some(now);
    }
    Ok(())
}

fn gone(arn: &PatchPolicyArn) -> Error {
    Error::service(
        ErrorKind::NotFound,
        "ResourceNotFoundException",
        "no such configuration manager",
    )
    .with_resource(arn.as_str())
}

/// Reads a policy as Quick Setup would, or refuses it with everything that is wrong.
fn read(operation: Operation, policy: &PatchPolicy, deployed: Timestamp) -> Result<Due> {
    let mut validation = Validation::of(operation);
    validation.require(
        is_policy_name(&policy.name),
        "PatchPolicyName",
        "Member must have 1 to 120 letters, digits and the characters space . _ -",
    );
    let scan = cron(
        &mut validation,
        "ConfigurationOptionsScanValue",
        &policy.scan_schedule,
    );
    let install = policy
        .install_schedule
        .as_deref()
        .map(|text| cron(&mut validation, "ConfigurationOptionsInstallValue", text));
    validation.one_of("RebootOption", policy.reboot_option.is_known());
    validation.require(
        policy.max_concurrency.is_well_formed(),
        "RateControlConcurrency",
        "wrong pattern",
    );
    validation.require(
        policy.max_errors.is_well_formed(),
        "RateControlErrorThreshold",
        "wrong pattern",
    );
    validation.finish()?;
    let plan = |schedule, waits| NextFiring::from(schedule, deployed, waits);
    let scan = scan.map(|schedule| plan(schedule, policy.scan_next_interval));
    let install = install.flatten();
    Ok(Due {
        scan: scan.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "no scan schedule"))?,
        install: install.map(|schedule| plan(schedule, policy.install_next_interval)),
    })
}

/// A cron expression, the only kind that a patch policy takes.
fn cron(validation: &mut Validation, field: &str, text: &str) -> Option<ScheduleExpression> {
    let schedule = ScheduleExpression::parse(text).ok();
    let mechanism = ScheduleMechanism::PatchPolicy;
    let schedule = schedule.filter(|schedule| schedule.check_for(mechanism).is_ok());
    let rule = format!("Member must be a cron expression, not {text}");
    validation.require(schedule.is_some(), field, &rule);
    schedule
}

#[async_trait]
impl PatchPolicyStore for MemoryBackend {
    async fn create_configuration_manager(
        &self,
        request: CreateConfigurationManager,
    ) -> Result<PatchPolicyArn> {
        self.call_engine(Operation::CreateConfigurationManager, |engine, now| {
            create(engine, request.policy, now)
        })
        .await
    }

    async fn get_configuration_manager(
        &self,
        request: GetConfigurationManager,
    ) -> Result<PatchPolicyState> {
        let arn = &request.manager_arn;

        self.call(Operation::GetConfigurationManager, |state, now| {
            let known = state.policies.get(arn).ok_or_else(|| gone(arn))?;
            Ok(known.described(now))
        })
        .await
    }

    async fn update_configuration_definition(
        &self,
        request: UpdateConfigurationDefinition,
    ) -> Result<()> {
        let arn = &request.manager_arn;
        let policy = request.policy;

        self.call_engine(Operation::UpdateConfigurationDefinition, |engine, now| {
            update(engine, arn, policy, now)
        })
        .await
    }

    async fn update_configuration_manager(
        &self,
        request: UpdateConfigurationManager,
    ) -> Result<()> {
        self.call_engine(Operation::UpdateConfigurationManager, |engine, now| {
            rename(engine, request, now)
        })
        .await
    }

    async fn delete_configuration_manager(
        &self,
        request: DeleteConfigurationManager,
    ) -> Result<()> {
        let arn = &request.manager_arn;

        self.call(Operation::DeleteConfigurationManager, |state, _| {
            let removed = state.policies.remove(arn);
            removed.then_some(()).ok_or_else(|| gone(arn))
        })
        .await
    }

    async fn list_configuration_managers(
        &self,
        request: ListConfigurationManagers,
    ) -> Result<Page<PatchPolicyState>> {
        let page = request.page;

        const OPERATION: Operation = Operation::ListConfigurationManagers;
        self.call(OPERATION, |state, now| {
            let known = state.policies.iter();
            let items = known.map(|known| known.described(now)).collect();
            state.page(items, &page, OPERATION, Bounds::TO_100, "")
        })
        .await
    }
}
