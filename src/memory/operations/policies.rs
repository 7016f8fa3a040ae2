//! The patch policies, and PatchPolicyStore over them. Their firings happen in the engine.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::check::Validation;
use super::configurations::{configuration, configuration_id, configurations, summary};
use super::paging::Bounds;
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfiguration,
    GetConfigurationManager, ListConfigurationManagers, ListConfigurations, Operation,
    PatchPolicyStore, UpdateConfigurationDefinition, UpdateConfigurationManager,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::memory::backend::{Members, MemoryBackend, PolicyChange};
use crate::memory::engine::Engine;
use crate::memory::store::account::Account;
use crate::memory::store::later;
use crate::page::Page;
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyConfiguration, PolicyConfigurationSummary, PolicyStatus,
    check_as_service, check_region, is_policy_name,
};
use crate::types::PatchPolicyArn;

/// How long a deployment takes.
const DEPLOYMENT: SignedDuration = SignedDuration::from_secs(60);

fn create(
    engine: &mut Engine,
    organization: Option<&dyn Members>,
    mut policy: PatchPolicy,
    now: Timestamp,
) -> Result<PatchPolicyArn> {
    let deployed = later(now, DEPLOYMENT);
    check(
        Operation::CreateConfigurationManager,
        &policy,
        &engine.state.account.region,
    )?;
    ask_for_accounts(engine, organization, &policy)?;
    let account = &mut engine.state;
    policy.leave_out_place(&account.account.region, &account.account.id);
    let uuid = account.ids.uuid();
    let Account { region, id } = &account.account;
    let arn = PatchPolicyArn::new(format!(
        "arn:aws:ssm-quicksetup:{region}:{id}:configuration-manager/{uuid}"
    ));
    let mut state = PatchPolicyState::new(arn.clone(), policy, PolicyStatus::Deploying);
    state.created_at = Some(now);
    state.last_modified_at = Some(now);
    account.policies.add(state, deployed);
    plan(engine, organization, &arn, deployed);
    Ok(arn)
}

/// Asks the organization for the accounts of the units that a policy names.
fn ask_for_accounts(
    engine: &mut Engine,
    organization: Option<&dyn Members>,
    policy: &PatchPolicy,
) -> Result<()> {
    if let Some(organization) = organization {
        let accounts = organization.accounts_of(&engine.state.account, policy)?;
        engine.state.policies.units.extend(accounts);
    }
    Ok(())
}

/// Enters the end of a policy's deployment: an organization deploys to every member alike.
fn plan(
    engine: &mut Engine,
    organization: Option<&dyn Members>,
    arn: &PatchPolicyArn,
    deployed: Timestamp,
) {
    match organization {
        Some(organization) => {
            let account = &engine.state.account;
            organization.policy_changed(account, arn, PolicyChange::Deployed, deployed);
        }
        None => engine.plan_policy(arn),
    }
}

fn update(
    engine: &mut Engine,
    organization: Option<&dyn Members>,
    arn: &PatchPolicyArn,
    mut policy: PatchPolicy,
    now: Timestamp,
) -> Result<()> {
    let deployed = later(now, DEPLOYMENT);
    let region = &engine.state.account.region;
    check(Operation::UpdateConfigurationDefinition, &policy, region)?;
    engine.state.policies.get(arn).ok_or_else(|| gone(arn))?;
    ask_for_accounts(engine, organization, &policy)?;
    let Account { region, id } = &engine.state.account;
    policy.leave_out_place(region, id);
    let policies = &mut engine.state.policies;
    let revision = policies.next_revision();
    let known = policies.get_mut(arn).ok_or_else(|| gone(arn))?;
    policy.keep_roles(&known.state.policy);
    policy.keep_form_if_new(&known.state.policy);
    known.state.policy = policy;
    known.state.status = PolicyStatus::Deploying;
    known.state.last_modified_at = Some(now);
    known.revision = revision;
    known.deployed = deployed;
    plan(engine, organization, arn, deployed);
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

pub(super) fn gone(arn: &PatchPolicyArn) -> Error {
    Error::service(
        ErrorKind::NotFound,
        "ResourceNotFoundException",
        "no such configuration manager",
    )
    .with_resource(arn.as_str())
}

/// Refuses a policy as Quick Setup would, with everything that is wrong. Whether the selected baselines
/// exist is not asked: the service copies them every hour, and a missing one makes later operations fail
/// (User Guide, quick-setup-patch-manager).
fn check(operation: Operation, policy: &PatchPolicy, region: &str) -> Result<()> {
    let mut found = Violations::new();
    check_region("TargetRegions", region, &mut found);
    check_as_service(policy, &mut found);
    let mut validation = Validation::of(operation);
    if let Err(error) = found.or("", ()) {
        for violation in error.violations() {
            validation.require(false, &violation.field, &violation.legal);
        }
    }
    validation.finish()
}

impl MemoryBackend {
    fn tell_organization(
        &self,
        engine: &Engine,
        arn: &PatchPolicyArn,
        change: PolicyChange,
        now: Timestamp,
    ) {
        if let Some(organization) = self.organization() {
            organization.policy_changed(&engine.state.account, arn, change, now);
        }
    }
}

#[async_trait]
impl PatchPolicyStore for MemoryBackend {
    async fn create_configuration_manager(
        &self,
        request: CreateConfigurationManager,
    ) -> Result<PatchPolicyArn> {
        self.call_engine(Operation::CreateConfigurationManager, |engine, now| {
            let organization = self.organization();
            create(engine, organization.as_deref(), request.policy, now)
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
            let organization = self.organization();
            update(engine, organization.as_deref(), arn, policy, now)
        })
        .await
    }

    async fn update_configuration_manager(
        &self,
        request: UpdateConfigurationManager,
    ) -> Result<()> {
        self.call_engine(Operation::UpdateConfigurationManager, |engine, now| {
            let arn = request.manager_arn.clone();
            rename(engine, request, now)?;
            self.tell_organization(engine, &arn, PolicyChange::Refreshed, now);
            Ok(())
        })
        .await
    }

    async fn delete_configuration_manager(
        &self,
        request: DeleteConfigurationManager,
    ) -> Result<()> {
        let arn = &request.manager_arn;

        self.call_engine(Operation::DeleteConfigurationManager, |engine, now| {
            let removed = engine.state.policies.remove(arn);
            removed.then_some(()).ok_or_else(|| gone(arn))?;
            engine.state.associations.remove_of(arn);
            self.tell_organization(engine, arn, PolicyChange::Deleted, now);
            Ok(())
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

    async fn list_configurations(
        &self,
        request: ListConfigurations,
    ) -> Result<Page<PolicyConfigurationSummary>> {
        const OPERATION: Operation = Operation::ListConfigurations;
        self.call(OPERATION, |state, now| {
            let deployed = configurations(state, &request)?;
            let deployed = deployed.iter();
            let items = deployed
                .map(|(record, place)| summary(configuration(state, record, place, now)))
                .collect();
            let of = (&request.manager_arn, &request.configuration_definition_id);
            let key = format!("{of:?}");
            state.page(items, &request.page, OPERATION, Bounds::TO_100, &key)
        })
        .await
    }

    async fn get_configuration(&self, request: GetConfiguration) -> Result<PolicyConfiguration> {
        let id = &request.configuration_id;

        self.call(Operation::GetConfiguration, |state, now| {
            let every = configurations(state, &ListConfigurations::default())?;
            let mut every = every.iter();
            let found = every.find(|(record, place)| configuration_id(record, place) == *id);
            let (record, place) = found.ok_or_else(|| {
                let message = "no such configuration";
                Error::service(ErrorKind::NotFound, "ResourceNotFoundException", message)
                    .with_resource(id.as_str())
            })?;
            Ok(configuration(state, record, place, now))
        })
        .await
    }
}
