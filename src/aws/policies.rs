use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use aws_sdk_ssmquicksetup::operation::get_configuration_manager::GetConfigurationManagerOutput;
use aws_sdk_ssmquicksetup::types as sdk;

use super::convert::{self, built, required};
use super::{AwsBackend, send};
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfigurationManager,
    ListConfigurationManagers, Operation, PATCH_POLICY_TYPE as TYPE, PatchPolicyStore,
    UpdateConfigurationDefinition, UpdateConfigurationManager,
};
use crate::error::{Error, ErrorKind, Result, Violation};
use crate::page::Page;
use crate::schedule::{PatchPolicy, PatchPolicyState, PolicyStatus};
use crate::types::PatchPolicyArn;

#[async_trait]
impl PatchPolicyStore for AwsBackend {
    async fn create_configuration_manager(
        &self,
        request: CreateConfigurationManager,
    ) -> Result<PatchPolicyArn> {
        const OPERATION: Operation = Operation::CreateConfigurationManager;
        let account = self.account(OPERATION)?;
        let roles = LocalRoles::of(account);
        let definition = built(
            sdk::ConfigurationDefinitionInput::builder()
                .r#type(TYPE)
                .set_parameters(Some(self.parameters(&request.policy, account)))
                .local_deployment_administration_role_arn(roles.administration_arn)
                .local_deployment_execution_role_name(roles.execution_name)
                .build(),
        )?;
        let call = self
            .quicksetup
            .create_configuration_manager()
            .name(&request.policy.name)
            .configuration_definitions(definition);
        let output = send!(self, OPERATION, call)?;
        Ok(output.manager_arn.into())
    }

    async fn get_configuration_manager(
        &self,
        request: GetConfigurationManager,
    ) -> Result<PatchPolicyState> {
        let arn = &request.manager_arn;

        self.manager(arn).await.and_then(state)
    }

    async fn update_configuration_definition(
        &self,
        request: UpdateConfigurationDefinition,
    ) -> Result<()> {
        let arn = &request.manager_arn;
        let policy = request.policy;

        const OPERATION: Operation = Operation::UpdateConfigurationDefinition;
        let account = self.account(OPERATION)?;
        let manager = self.manager(arn).await?;
        let definition = required(definition(&manager), OPERATION, "ConfigurationDefinitions")?;
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
            .set_parameters(Some(self.parameters(&policy, account)));
        send!(self, OPERATION, call)?;
        if manager.name.as_deref() == Some(&*policy.name) {
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
}

impl AwsBackend {
    async fn manager(&self, arn: &PatchPolicyArn) -> Result<GetConfigurationManagerOutput> {
        let call = self
            .quicksetup
            .get_configuration_manager()
            .manager_arn(arn.as_str());
        send!(self, Operation::GetConfigurationManager, call)
    }

    fn account(&self, operation: Operation) -> Result<&str> {
        self.account.as_deref().ok_or_else(|| {
            let legal = "the account's 12 digits; set AWS_ACCOUNT_ID or the builder's account";
            Error::invalid_input(vec![Violation::new("TargetAccounts", "", legal)])
                .with_operation(operation)
        })
    }

    fn parameters(&self, policy: &PatchPolicy, account: &str) -> HashMap<String, String> {
        policy
            .to_parameters(&self.region, account)
            .into_iter()
            .collect()
    }
}

/// The roles that Quick Setup deploys a policy of a single account with.
struct LocalRoles {
    administration_arn: String,
    execution_name: &'static str,
}

impl LocalRoles {
    fn of(account: &str) -> Self {
        Self {
            administration_arn: format!(
                "arn:aws:iam::{account}:role/AWS-QuickSetup-PatchPolicy-LocalAdministrationRole"
            ),
            execution_name: "AWS-QuickSetup-PatchPolicy-LocalExecutionRole",
        }
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

fn state(manager: GetConfigurationManagerOutput) -> Result<PatchPolicyState> {
    const OPERATION: Operation = Operation::GetConfigurationManager;
    let definition = required(definition(&manager), OPERATION, "ConfigurationDefinitions")?;
    let parameters: BTreeMap<String, String> = definition.parameters.clone().into_iter().collect();
    let mut policy = PatchPolicy::from_parameters(&parameters)?;
    if let Some(name) = manager.name {
        policy.name = name;
    }
    let status = deployment(manager.status_summaries.as_deref().unwrap_or_default());
    let mut state = PatchPolicyState::new(manager.manager_arn, policy, status);
    state.created_at = convert::instant_of(manager.created_at);
    state.last_modified_at = convert::instant_of(manager.last_modified_at);
    Ok(state)
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
