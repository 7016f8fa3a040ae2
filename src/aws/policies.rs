use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use aws_sdk_ssmquicksetup::operation::get_configuration_manager::GetConfigurationManagerOutput;
use aws_sdk_ssmquicksetup::types as sdk;
use futures_util::TryStreamExt;

use super::convert::{self, built, required};
use super::{AwsBackend, send};
use crate::backend::{
    BaselineStore, CreateConfigurationManager, DeleteConfigurationManager, DescribePatchBaselines,
    GetConfiguration, GetConfigurationManager, ListConfigurationManagers, ListConfigurations,
    Operation, PATCH_POLICY_TYPE as TYPE, PatchPolicyStore, UpdateConfigurationDefinition,
    UpdateConfigurationManager,
};
use crate::error::{Error, ErrorKind, Result, Violation, Violations};
use crate::page::{Page, PageRequest, paginate};
use crate::schedule::{
    LOCAL_EXECUTION_ROLE, PatchPolicy, PatchPolicyState, PolicyConfiguration,
    PolicyConfigurationSummary, PolicyStatus, PolicyStatusSummary, SelectedBaseline, check_region,
};
use crate::types::{OperatingSystem, PatchPolicyArn, QueryFilter};

const NAME: &str = "PatchPolicyName";
const REGIONS: &str = "TargetRegions";

/// The role that Quick Setup's console makes, for a policy that names none (as the acceptance tests of
/// terraform-provider-aws have it).
const ADMINISTRATION_ROLE: &str = "AWS-QuickSetup-PatchPolicy-LocalAdministrationRole";

#[async_trait]
impl PatchPolicyStore for AwsBackend {
    async fn create_configuration_manager(
        &self,
        request: CreateConfigurationManager,
    ) -> Result<PatchPolicyArn> {
        const OPERATION: Operation = Operation::CreateConfigurationManager;
        let account = self.policy_account(OPERATION)?;
        let policy = self.with_defaults(request.policy).await?;
        let administration = policy.local_deployment_administration_role_arn.clone();
        let execution = policy.local_deployment_execution_role_name.clone();
        let definition = built(
            sdk::ConfigurationDefinitionInput::builder()
                .r#type(TYPE)
                .set_parameters(Some(self.parameters(&policy, account)))
                .local_deployment_administration_role_arn(administration.unwrap_or_else(|| {
                    format!("arn:aws:iam::{account}:role/{ADMINISTRATION_ROLE}")
                }))
                .local_deployment_execution_role_name(
                    execution.unwrap_or_else(|| LOCAL_EXECUTION_ROLE.to_owned()),
                )
                .build(),
        )?;
        let call = self
            .quicksetup
            .create_configuration_manager()
            .name(&policy.name)
            .configuration_definitions(definition);
        let output = send!(self, OPERATION, call)?;
        Ok(output.manager_arn.into())
    }

    async fn get_configuration_manager(
        &self,
        request: GetConfigurationManager,
    ) -> Result<PatchPolicyState> {
        let arn = &request.manager_arn;

        let manager = self.manager(arn).await?;
        self.state(manager)
    }

    async fn update_configuration_definition(
        &self,
        request: UpdateConfigurationDefinition,
    ) -> Result<()> {
        let arn = &request.manager_arn;

        const OPERATION: Operation = Operation::UpdateConfigurationDefinition;
        let account = self.policy_account(OPERATION)?;
        let mut policy = request.policy;
        let manager = self.manager(arn).await?;
        let definition = required(definition(&manager), OPERATION, "ConfigurationDefinitions")?;
        // What the policy does not change is written as it stands: with its texts, and without AWS's
        // defaults for systems that it never named.
        let stored = self.stored(definition)?;
        let selected = self.state(manager.clone())?.policy.baselines;
        policy.keep_form(&stored);
        if policy.baselines == selected {
            policy.baselines = stored.baselines;
        } else {
            policy = self.with_defaults(policy).await?;
        }
        let renamed = manager.name.as_deref() != Some(&*policy.name);
        let mut parameters = self.parameters(&policy, account);
        // The policy goes by the manager's name. Where it keeps that, it keeps the parameter, too.
        if !renamed && let Some(name) = definition.parameters.get(NAME) {
            parameters.insert(NAME.to_owned(), name.clone());
        }
        let id = required(
            definition.id.clone(),
            OPERATION,
            "ConfigurationDefinitions.Id",
        )?;
        let call = self
            .quicksetup
            .update_configuration_definition()
            .manager_arn(arn.as_str())
            .id(id)
            .set_parameters(Some(parameters))
            .set_local_deployment_administration_role_arn(
                policy.local_deployment_administration_role_arn,
            )
            .set_local_deployment_execution_role_name(policy.local_deployment_execution_role_name);
        send!(self, OPERATION, call)?;
        if !renamed {
            return Ok(());
        }
        let rename = UpdateConfigurationManager::new(arn, policy.name);
        self.update_configuration_manager(rename).await
    }

    async fn update_configuration_manager(
        &self,
        request: UpdateConfigurationManager,
    ) -> Result<()> {
        let call = self
            .quicksetup
            .update_configuration_manager()
            .manager_arn(request.manager_arn.as_str())
            .set_name(request.name);
        send!(self, Operation::UpdateConfigurationManager, call).map(drop)
    }

    async fn delete_configuration_manager(
        &self,
        request: DeleteConfigurationManager,
    ) -> Result<()> {
        let arn = &request.manager_arn;

        let call = self
            .quicksetup
            .delete_configuration_manager()
            .manager_arn(arn.as_str());
        send!(self, Operation::DeleteConfigurationManager, call).map(drop)
    }

    /// The listing shows only the first-class parameters, so each policy on the page is read on its own.
    async fn list_configuration_managers(
        &self,
        request: ListConfigurationManagers,
    ) -> Result<Page<PatchPolicyState>> {
        let page = request.page;

        let call = self
            .quicksetup
            .list_configuration_managers()
            .set_max_items(convert::limit(&page))
            .set_starting_token(convert::token(&page));
        let output = send!(self, Operation::ListConfigurationManagers, call)?;
        let mut policies = Vec::new();
        for summary in output.configuration_managers_list.unwrap_or_default() {
            let definitions = summary
                .configuration_definition_summaries
                .unwrap_or_default();
            if !definitions
                .iter()
                .any(|definition| definition.r#type.as_deref() == Some(TYPE))
            {
                continue;
            }
            match self
                .get_configuration_manager(GetConfigurationManager::new(summary.manager_arn))
                .await
            {
                Ok(policy) => policies.push(policy),
                // Deleted between the listing and the reading.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(convert::page(Some(policies), output.next_token, |policy| {
            policy
        }))
    }

    async fn list_configurations(
        &self,
        request: ListConfigurations,
    ) -> Result<Page<PolicyConfigurationSummary>> {
        let page = &request.page;
        let call = self
            .quicksetup
            .list_configurations()
            .set_manager_arn(request.manager_arn.clone().map(Into::into))
            .set_configuration_definition_id(request.configuration_definition_id.clone())
            .set_max_items(convert::limit(page))
            .set_starting_token(convert::token(page));
        let output = send!(self, Operation::ListConfigurations, call)?;
        // Other types of configuration are no patch policies.
        let mut listed = output.configurations_list.unwrap_or_default();
        listed.retain(|one| one.r#type.as_deref().is_none_or(|name| name == TYPE));
        Ok(convert::page(
            Some(listed),
            output.next_token,
            configuration_summary,
        ))
    }

    async fn get_configuration(&self, request: GetConfiguration) -> Result<PolicyConfiguration> {
        let call = self
            .quicksetup
            .get_configuration()
            .configuration_id(request.configuration_id.as_str());
        let output = send!(self, Operation::GetConfiguration, call)?;
        Ok(PolicyConfiguration {
            id: output.id.map(Into::into),
            manager_arn: output.manager_arn.map(Into::into),
            configuration_definition_id: output.configuration_definition_id,
            r#type: output.r#type,
            type_version: output.type_version,
            account: output.account,
            region: output.region,
            created_at: convert::instant_of(output.created_at),
            last_modified_at: convert::instant_of(output.last_modified_at),
            parameters: output.parameters.map(|all| all.into_iter().collect()),
            status_summaries: output.status_summaries.map(statuses),
        })
    }
}

fn configuration_summary(listed: sdk::ConfigurationSummary) -> PolicyConfigurationSummary {
    let parameters = listed.first_class_parameters;
    PolicyConfigurationSummary {
        id: listed.id.map(Into::into),
        manager_arn: listed.manager_arn.map(Into::into),
        configuration_definition_id: listed.configuration_definition_id,
        r#type: listed.r#type,
        type_version: listed.type_version,
        account: listed.account,
        region: listed.region,
        created_at: convert::instant_of(listed.created_at),
        first_class_parameters: parameters.map(|all| all.into_iter().collect()),
        status_summaries: listed.status_summaries.map(statuses),
    }
}

fn statuses(summaries: Vec<sdk::StatusSummary>) -> Vec<PolicyStatusSummary> {
    let summaries = summaries.into_iter().map(|summary| PolicyStatusSummary {
        status_type: Some(summary.status_type.as_str().into()),
        status: summary.status.map(|status| status.as_str().into()),
        status_message: summary.status_message,
        status_details: summary.status_details.map(|all| all.into_iter().collect()),
        last_updated_at: convert::instant_of(Some(summary.last_updated_at)),
    });
    summaries.collect()
}

impl AwsBackend {
    async fn manager(&self, arn: &PatchPolicyArn) -> Result<GetConfigurationManagerOutput> {
        let call = self
            .quicksetup
            .get_configuration_manager()
            .manager_arn(arn.as_str());
        send!(self, Operation::GetConfigurationManager, call)
    }

    /// Selects AWS's default for each system that the policy does not name, as the console does:
    /// `SelectedPatchBaselines` is required, and nodes of a system that it lacks fail (exit code 163).
    async fn with_defaults(&self, mut policy: PatchPolicy) -> Result<PatchPolicy> {
        let named = |os: &OperatingSystem| policy.baseline_for(os).is_some();
        if OperatingSystem::KNOWN.iter().all(named) {
            return Ok(policy);
        }
        let owner = QueryFilter::new("OWNER", ["AWS"]);
        let mut identities = paginate(|token| {
            let page = PageRequest::first().with_next_token(token);
            self.describe_patch_baselines(DescribePatchBaselines::new(vec![owner.clone()], page))
        });
        while let Some(identity) = identities.try_next().await? {
            let (Some(id), Some(name)) = (identity.baseline_id, identity.baseline_name) else {
                continue;
            };
            let mut selected = SelectedBaseline::new(id, name);
            selected.description = identity.baseline_description;
            let os = identity.operating_system.unwrap_or_default();
            if selected.is_aws_default() {
                let of_system = policy.baselines.entry(os.as_str().to_owned());
                of_system.or_insert(selected);
            }
        }
        Ok(policy)
    }

    /// The account that a policy is deployed from. Its Region must have patch policies.
    fn policy_account(&self, operation: Operation) -> Result<&str> {
        let mut found = Violations::new();
        check_region(REGIONS, &self.region, &mut found);
        found.or(operation.as_str(), ())?;
        self.account.as_deref().ok_or_else(|| {
            let legal = "the account's 12 digits; set AWS_ACCOUNT_ID or the builder's account";
            Error::invalid_input(vec![Violation::new("TargetAccounts", "", legal)])
                .with_operation(operation)
        })
    }

    fn state(&self, manager: GetConfigurationManagerOutput) -> Result<PatchPolicyState> {
        const OPERATION: Operation = Operation::GetConfigurationManager;
        let definition = required(definition(&manager), OPERATION, "ConfigurationDefinitions")?;
        let mut policy = self.stored(definition)?;
        // AWS's default for every system is what a policy that names none gets.
        let is_default = |os: &OperatingSystem| {
            let selected = policy.baseline_for(os);
            selected.is_some_and(SelectedBaseline::is_aws_default)
        };
        if OperatingSystem::KNOWN.iter().all(is_default) {
            policy.baselines.clear();
        }
        // The console's roles are those of a policy that names none.
        policy.local_deployment_administration_role_arn = definition
            .local_deployment_administration_role_arn
            .clone()
            .filter(|arn| !arn.ends_with(&format!(":role/{ADMINISTRATION_ROLE}")));
        policy.local_deployment_execution_role_name = definition
            .local_deployment_execution_role_name
            .clone()
            .filter(|name| name != LOCAL_EXECUTION_ROLE);
        if let Some(name) = manager.name {
            policy.name = name;
        }
        let status = deployment(manager.status_summaries.as_deref().unwrap_or_default());
        let mut state = PatchPolicyState::new(manager.manager_arn, policy, status);
        state.created_at = convert::instant_of(manager.created_at);
        state.last_modified_at = convert::instant_of(manager.last_modified_at);
        Ok(state)
    }

    /// The policy of a definition, as its parameters say it.
    fn stored(&self, definition: &sdk::ConfigurationDefinition) -> Result<PatchPolicy> {
        let parameters: BTreeMap<String, String> =
            definition.parameters.clone().into_iter().collect();
        let account = self.account.as_deref().unwrap_or_default();
        PatchPolicy::from_parameters_in(&parameters, &self.region, account)
    }

    fn parameters(&self, policy: &PatchPolicy, account: &str) -> HashMap<String, String> {
        policy
            .to_parameters(&self.region, account)
            .into_iter()
            .collect()
    }
}

fn definition(manager: &GetConfigurationManagerOutput) -> Option<&sdk::ConfigurationDefinition> {
    manager
        .configuration_definitions
        .as_deref()
        .unwrap_or_default()
        .iter()
        .find(|definition| definition.r#type == TYPE)
}

/// The status of the deployment; a policy of several kinds of status is as far as the deployment is.
fn deployment(summaries: &[sdk::StatusSummary]) -> PolicyStatus {
    summaries
        .iter()
        .find(|summary| summary.status_type == sdk::StatusType::Deployment)
        .or(summaries.first())
        .and_then(|summary| summary.status.as_ref())
        .map_or(PolicyStatus::None, |status| status.as_str().into())
}
