//! The requests of Quick Setup for patch policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::member::request;
use crate::page::{PageRequest, PageToken};
use crate::schedule::PatchPolicy;
use crate::types::{ConfigurationId, PatchPolicyArn};

/// The type of configuration that is a patch policy.
pub(crate) const PATCH_POLICY_TYPE: &str = "AWSQuickSetupType-PatchPolicy";

/// The input of CreateConfigurationManager for a patch policy. It has no client token.
///
/// In JSON the policy is the parameters of a definition, without the deployment target: a backend
/// over AWS adds its account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Creation", into = "Creation")]
#[non_exhaustive]
pub struct CreateConfigurationManager {
    /// The policy.
    pub policy: PatchPolicy,
}

impl CreateConfigurationManager {
    /// A request for this policy.
    pub fn new(policy: PatchPolicy) -> Self {
        Self { policy }
    }
}

/// A manager with one definition, the policy. The name of the policy is also a parameter.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Creation {
    #[serde(default)]
    name: Option<String>,
    #[serde(rename = "ConfigurationDefinitions", with = "definitions")]
    policy: PatchPolicy,
}

impl From<Creation> for CreateConfigurationManager {
    fn from(creation: Creation) -> Self {
        Self::new(creation.policy)
    }
}

impl From<CreateConfigurationManager> for Creation {
    fn from(request: CreateConfigurationManager) -> Self {
        Self {
            name: Some(request.policy.name.clone()),
            policy: request.policy,
        }
    }
}

request! {
    /// The input of GetConfigurationManager.
    pub struct GetConfigurationManager {
        /// The policy.
        required "ManagerArn" => manager_arn: PatchPolicyArn,
    }

    /// A request for this policy.
    pub fn new(manager_arn: impl Into<PatchPolicyArn>);
}

/// The input of UpdateConfigurationDefinition for a patch policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Update", into = "Update")]
#[non_exhaustive]
pub struct UpdateConfigurationDefinition {
    /// The policy.
    pub manager_arn: PatchPolicyArn,
    /// Its new content. Absent roles stay as they are.
    pub policy: PatchPolicy,
}

impl UpdateConfigurationDefinition {
    /// A request that replaces the policy's content.
    pub fn new(manager_arn: impl Into<PatchPolicyArn>, policy: PatchPolicy) -> Self {
        Self {
            manager_arn: manager_arn.into(),
            policy,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Update {
    manager_arn: PatchPolicyArn,
    #[serde(rename = "Parameters", with = "parameters")]
    policy: PatchPolicy,
    #[serde(flatten)]
    roles: Roles,
}

impl From<Update> for UpdateConfigurationDefinition {
    fn from(update: Update) -> Self {
        Self::new(update.manager_arn, update.roles.over(update.policy))
    }
}

impl From<UpdateConfigurationDefinition> for Update {
    fn from(request: UpdateConfigurationDefinition) -> Self {
        Self {
            manager_arn: request.manager_arn,
            roles: Roles::of(&request.policy),
            policy: request.policy,
        }
    }
}

/// The roles that deploy a policy, which are not parameters.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Roles {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local_deployment_administration_role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    local_deployment_execution_role_name: Option<String>,
}

impl Roles {
    fn of(policy: &PatchPolicy) -> Self {
        Self {
            local_deployment_administration_role_arn: policy
                .local_deployment_administration_role_arn
                .clone(),
            local_deployment_execution_role_name: policy
                .local_deployment_execution_role_name
                .clone(),
        }
    }

    fn over(self, mut policy: PatchPolicy) -> PatchPolicy {
        policy.local_deployment_administration_role_arn =
            self.local_deployment_administration_role_arn;
        policy.local_deployment_execution_role_name = self.local_deployment_execution_role_name;
        policy
    }
}

request! {
    /// The input of UpdateConfigurationManager.
    pub struct UpdateConfigurationManager {
        /// The policy.
        required "ManagerArn" => manager_arn: PatchPolicyArn,
        /// Its new name, 1 to 120 letters, digits, spaces, `.`, `_` or `-`; unchanged if absent.
        optional "Name" => name: Option<String>,
    }
}

impl UpdateConfigurationManager {
    /// A request to give the policy this name.
    pub fn new(manager_arn: impl Into<PatchPolicyArn>, name: impl Into<String>) -> Self {
        Self {
            manager_arn: manager_arn.into(),
            name: Some(name.into()),
        }
    }
}

request! {
    /// The input of DeleteConfigurationManager.
    pub struct DeleteConfigurationManager {
        /// The policy.
        required "ManagerArn" => manager_arn: PatchPolicyArn,
    }

    /// A request to delete this policy.
    pub fn new(manager_arn: impl Into<PatchPolicyArn>);
}

/// The input of ListConfigurationManagers, for patch policies. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Listing", into = "Listing")]
#[non_exhaustive]
pub struct ListConfigurationManagers {
    /// The page.
    pub page: PageRequest,
}

impl ListConfigurationManagers {
    /// A request for this page.
    pub fn new(page: PageRequest) -> Self {
        Self { page }
    }
}

/// A page by the names that Quick Setup has for its members.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    #[serde(
        default,
        deserialize_with = "crate::page::at_least_0",
        skip_serializing_if = "Option::is_none"
    )]
    max_items: Option<u32>,
    #[serde(
        default,
        deserialize_with = "crate::page::not_empty",
        skip_serializing_if = "Option::is_none"
    )]
    starting_token: Option<PageToken>,
}

impl From<Listing> for ListConfigurationManagers {
    fn from(listing: Listing) -> Self {
        let mut page = PageRequest::first().with_next_token(listing.starting_token);
        page.max_results = listing.max_items;
        Self { page }
    }
}

impl From<ListConfigurationManagers> for Listing {
    fn from(list: ListConfigurationManagers) -> Self {
        Self {
            max_items: list.page.max_results,
            starting_token: list.page.next_token,
        }
    }
}

/// The input of ListConfigurations, for what was deployed of patch policies. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ConfigurationListing", into = "ConfigurationListing")]
#[non_exhaustive]
pub struct ListConfigurations {
    /// The policy; every one if absent.
    pub manager_arn: Option<PatchPolicyArn>,
    /// The short id of a policy's definition; every one if absent.
    pub configuration_definition_id: Option<String>,
    /// The page.
    pub page: PageRequest,
}

impl ListConfigurations {
    /// A request for this page of what was deployed of every policy.
    pub fn new(page: PageRequest) -> Self {
        Self {
            page,
            ..Self::default()
        }
    }

    /// A request for what was deployed of one policy.
    pub fn of(manager_arn: impl Into<PatchPolicyArn>) -> Self {
        Self {
            manager_arn: Some(manager_arn.into()),
            ..Self::default()
        }
    }

    /// The same for this page.
    #[must_use]
    pub fn with_page(mut self, page: PageRequest) -> Self {
        self.page = page;
        self
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigurationListing {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    manager_arn: Option<PatchPolicyArn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    configuration_definition_id: Option<String>,
    #[serde(flatten)]
    page: Listing,
}

impl From<ConfigurationListing> for ListConfigurations {
    fn from(listing: ConfigurationListing) -> Self {
        Self {
            manager_arn: listing.manager_arn,
            configuration_definition_id: listing.configuration_definition_id,
            page: ListConfigurationManagers::from(listing.page).page,
        }
    }
}

impl From<ListConfigurations> for ConfigurationListing {
    fn from(list: ListConfigurations) -> Self {
        Self {
            manager_arn: list.manager_arn,
            configuration_definition_id: list.configuration_definition_id,
            page: ListConfigurationManagers::new(list.page).into(),
        }
    }
}

request! {
    /// The input of GetConfiguration.
    pub struct GetConfiguration {
        /// The configuration.
        required "ConfigurationId" => configuration_id: ConfigurationId,
    }

    /// A request for this configuration.
    pub fn new(configuration_id: impl Into<ConfigurationId>);
}

/// A policy as the parameters of a definition.
mod parameters {
    use super::{BTreeMap, Deserialize, Deserializer, PatchPolicy, Serialize, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        policy: &PatchPolicy,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        policy.to_parameters_anywhere().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<PatchPolicy, D::Error> {
        let parameters = BTreeMap::deserialize(deserializer)?;
        PatchPolicy::from_parameters(&parameters).map_err(de::Error::custom)
    }
}

/// A policy as the one definition of a manager.
mod definitions {
    use super::{
        Deserialize, Deserializer, PATCH_POLICY_TYPE, PatchPolicy, Roles, Serialize, Serializer,
        de, parameters,
    };

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Definition {
        r#type: String,
        #[serde(rename = "Parameters", with = "parameters")]
        policy: PatchPolicy,
        #[serde(flatten)]
        roles: Roles,
    }

    pub(super) fn serialize<S: Serializer>(
        policy: &PatchPolicy,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let definition = Definition {
            r#type: PATCH_POLICY_TYPE.to_owned(),
            policy: policy.clone(),
            roles: Roles::of(policy),
        };
        [definition].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<PatchPolicy, D::Error> {
        let [definition] = <[Definition; 1]>::deserialize(deserializer)?;
        if definition.r#type == PATCH_POLICY_TYPE {
            Ok(definition.roles.over(definition.policy))
        } else {
            let other = format!(
                "a definition of type {}, not {PATCH_POLICY_TYPE}",
                definition.r#type
            );
            Err(de::Error::custom(other))
        }
    }
}
