//! Quick Setup over restJson 1: the operation in method and path, for patch policies.

use std::collections::BTreeMap;

use hyper::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::invalid;
use super::request::{Body, listing, output};
use super::service::{Manager, Service};
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfiguration,
    GetConfigurationManager, ListConfigurationManagers, ListConfigurations,
    PATCH_POLICY_TYPE as TYPE, PatchPolicyStore, UpdateConfigurationDefinition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::page::Page;
use crate::schedule::{PatchPolicy, PatchPolicyState, REQUIRED_PARAMETERS};
use crate::types::{ConfigurationId, PatchPolicyArn};

/// The version of that type, as examples of the service show it.
const TYPE_VERSION: &str = "1.0";

/// Answers a request by its method and path.
pub(super) async fn answer(
    service: &Service,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Result<Value> {
    let request = Body::read(body)?;
    let (_, rest) = split(path);
    let rest = rest.unwrap_or_default();
    match operation(method, path).unwrap_or_default() {
        "CreateConfigurationManager" => create(service, &request).await,
        "ListConfigurationManagers" => list(service, &request).await,
        "GetConfigurationManager" => get(service, &read_arn(rest)?).await,
        "UpdateConfigurationManager" => update_manager(service, &read_arn(rest)?, &request).await,
        "DeleteConfigurationManager" => delete(service, &read_arn(rest)?).await,
        "UpdateConfigurationDefinition" => {
            let (arn, id) = rest.rsplit_once('/').ok_or_else(unknown)?;
            update_definition(service, &read_arn(arn)?, id, &request).await
        }
        "ListConfigurations" => list_configurations(service, &request).await,
        "GetConfiguration" => get_configuration(service, rest).await,
        _ => Err(unknown()),
    }
}

/// The operations: method, first part of the path, whether more of it follows, and name.
const OPERATIONS: [(&str, &str, bool, &str); 8] = [
    (
        "POST",
        "configurationManager",
        false,
        "CreateConfigurationManager",
    ),
    (
        "DELETE",
        "configurationManager",
        true,
        "DeleteConfigurationManager",
    ),
    ("GET", "getConfiguration", true, "GetConfiguration"),
    (
        "GET",
        "configurationManager",
        true,
        "GetConfigurationManager",
    ),
    (
        "POST",
        "listConfigurationManagers",
        false,
        "ListConfigurationManagers",
    ),
    ("POST", "listConfigurations", false, "ListConfigurations"),
    (
        "PUT",
        "configurationDefinition",
        true,
        "UpdateConfigurationDefinition",
    ),
    (
        "PUT",
        "configurationManager",
        true,
        "UpdateConfigurationManager",
    ),
];

/// The names of the operations.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.into_iter().map(|(.., name)| name)
}

/// The operation that a request is for.
pub(super) fn operation(method: &Method, path: &str) -> Option<&'static str> {
    let (room, rest) = split(path);
    let of = (method.as_str(), room, rest.is_some());
    let mut known = OPERATIONS.into_iter();
    let (.., name) = known.find(|(method, room, more, _)| (*method, *room, *more) == of)?;
    Some(name)
}

/// The first part of a path, and what follows it.
fn split(path: &str) -> (&str, Option<&str>) {
    let path = path.trim_start_matches('/');
    match path.split_once('/') {
        Some((room, rest)) => (room, Some(rest)),
        None => (path, None),
    }
}

fn unknown() -> Error {
    Error::service(
        ErrorKind::Unsupported,
        "UnknownOperationException",
        "the emulator knows no such operation",
    )
}

fn read_arn(encoded: &str) -> Result<PatchPolicyArn> {
    let arn = percent_decode_str(encoded).decode_utf8_lossy();
    let arn = PatchPolicyArn::from(arn.into_owned());
    if arn.is_well_formed() {
        Ok(arn)
    } else {
        Err(invalid(format!("ManagerArn: {}", PatchPolicyArn::LEGAL)))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    configuration_definitions: Vec<Definition>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    r#type: String,
    parameters: BTreeMap<String, String>,
    #[serde(flatten)]
    roles: Roles,
}

/// The roles that deploy it, and the version of its type.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Roles {
    #[serde(skip_serializing_if = "Option::is_none")]
    type_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_deployment_administration_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_deployment_execution_role_name: Option<String>,
}

impl Roles {
    /// Gives a policy the roles that are named. An absent one leaves what the policy has.
    fn over(self, policy: &mut PatchPolicy) {
        if let Some(arn) = self.local_deployment_administration_role_arn {
            policy.local_deployment_administration_role_arn = Some(arn);
        }
        if let Some(name) = self.local_deployment_execution_role_name {
            policy.local_deployment_execution_role_name = Some(name);
        }
    }
}

/// What a manager says of itself.
#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl Told {
    /// The patterns of the Quick Setup model.
    fn check(&self) -> Result<()> {
        let legal = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        let name = self.name.as_deref().unwrap_or_default();
        if name.len() > 120 || !name.chars().all(legal) {
            return Err(invalid(
                "Name: at most 120 letters, digits, spaces and `.`, `_`, `-`",
            ));
        }
        let description = self.description.as_deref().unwrap_or_default();
        if description.chars().count() > 512 || description.contains('\n') {
            return Err(invalid("Description: one line of at most 512 characters"));
        }
        Ok(())
    }
}

async fn create(service: &Service, request: &Body) -> Result<Value> {
    let mut create: Create = request.input(&["ConfigurationDefinitions"])?;
    create.told.check()?;
    let definition = match (
        create.configuration_definitions.pop(),
        create.configuration_definitions.is_empty(),
    ) {
        (Some(definition), true) if definition.r#type == TYPE => definition,
        _ => {
            return Err(invalid(format!(
                "ConfigurationDefinitions takes one definition here, of the type {TYPE}"
            )));
        }
    };
    let mut policy = read_policy(service, &definition.parameters)?;
    let type_version = definition.roles.type_version.clone();
    definition.roles.over(&mut policy);
    let roles = [
        &policy.local_deployment_administration_role_arn,
        &policy.local_deployment_execution_role_name,
    ];
    // Both are needed for a patch policy (CloudFormation, AWS::SSMQuickSetup::ConfigurationManager).
    if roles.iter().any(|role| role.is_none()) {
        return Err(invalid(
            "ConfigurationDefinitions: a patch policy needs LocalDeploymentAdministrationRoleArn and LocalDeploymentExecutionRoleName",
        ));
    }
    let arn = service
        .backend
        .create_configuration_manager(CreateConfigurationManager::new(policy))
        .await?;
    let manager = Manager {
        name: create.told.name,
        description: create.told.description,
        tags: create.tags,
        type_version,
    };
    service.managers().insert(arn.clone(), manager);
    Ok(json!({ "ManagerArn": arn }))
}

/// Reads a policy that has every parameter which CloudFormation calls required.
fn read_policy(service: &Service, parameters: &BTreeMap<String, String>) -> Result<PatchPolicy> {
    let given = |name: &&str| parameters.get(*name).is_some_and(|text| !text.is_empty());
    if let Some(missing) = REQUIRED_PARAMETERS.iter().find(|name| !given(name)) {
        return Err(invalid(format!("Parameters: {missing} is required")));
    }
    if !["TargetAccounts", "TargetOrganizationalUnits"]
        .iter()
        .any(given)
    {
        return Err(invalid(
            "Parameters: either TargetAccounts or TargetOrganizationalUnits is required",
        ));
    }
    let (region, account) = service.backend.place();
    PatchPolicy::from_parameters_in(parameters, &region, &account)
        .map_err(|error| invalid(super::reply::message(&error)))
}

async fn get(service: &Service, arn: &PatchPolicyArn) -> Result<Value> {
    let state = service
        .backend
        .get_configuration_manager(GetConfigurationManager::new(arn))
        .await?;
    let manager = service.managers().get(arn).cloned();
    describe(&state, manager, true)
}

async fn list(service: &Service, request: &Body) -> Result<Value> {
    // Filters are refused: the model lets one have any key and says of none what it looks at.
    let list: ListConfigurationManagers = request.input(&[])?;
    let page = service.backend.list_configuration_managers(list).await?;
    let managers = service.managers();
    let described: Result<Vec<Value>> = page
        .items
        .iter()
        .map(|state| describe(state, managers.get(&state.arn).cloned(), false))
        .collect();
    listing(
        "ConfigurationManagersList",
        &Page::new(described?, page.next_token),
    )
}

async fn list_configurations(service: &Service, request: &Body) -> Result<Value> {
    // Filters are refused, as those of the managers are.
    let list: ListConfigurations = request.input(&[])?;
    if let Some(arn) = list
        .manager_arn
        .as_ref()
        .filter(|arn| !arn.is_well_formed())
    {
        return Err(invalid(format!(
            "ManagerArn: {arn}: {}",
            PatchPolicyArn::LEGAL
        )));
    }
    // The pattern of the Quick Setup model.
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let id = list.configuration_definition_id.as_deref();
    if id.is_some_and(|id| !(1..=20).contains(&id.len()) || !id.chars().all(legal)) {
        return Err(invalid(
            "ConfigurationDefinitionId: 1 to 20 lower-case letters, digits and `-`",
        ));
    }
    let page = service.backend.list_configurations(list).await?;
    listing("ConfigurationsList", &page)
}

async fn get_configuration(service: &Service, encoded: &str) -> Result<Value> {
    let id = percent_decode_str(encoded).decode_utf8_lossy();
    let id = ConfigurationId::from(id.into_owned());
    if !id.is_well_formed() {
        return Err(invalid(format!(
            "ConfigurationId: {}",
            ConfigurationId::LEGAL
        )));
    }
    let get = GetConfiguration::new(id);
    output(&service.backend.get_configuration(get).await?)
}

/// A manager with everything, or the summary that a listing gives.
fn describe(state: &PatchPolicyState, manager: Option<Manager>, whole: bool) -> Result<Value> {
    let manager = manager.unwrap_or_else(|| Manager::of(&state.policy));
    let mut answer = json!({
        "ManagerArn": state.arn,
        "StatusSummaries": [{
            "StatusType": "Deployment",
            "Status": state.status,
            "LastUpdatedAt": state.last_modified_at.or(state.created_at),
        }],
    });
    set(&mut answer, "Name", &manager.name)?;
    set(&mut answer, "Description", &manager.description)?;
    let definition = definition(state, &manager, whole)?;
    if whole {
        set(&mut answer, "CreatedAt", &state.created_at)?;
        set(&mut answer, "LastModifiedAt", &state.last_modified_at)?;
        set(&mut answer, "Tags", &Some(manager.tags))?;
        set(&mut answer, "ConfigurationDefinitions", &Some([definition]))?;
    } else {
        let name = "ConfigurationDefinitionSummaries";
        set(&mut answer, name, &Some([definition]))?;
    }
    Ok(answer)
}

/// The definition of a manager, which a listing shows without parameters and roles.
fn definition(state: &PatchPolicyState, manager: &Manager, whole: bool) -> Result<Value> {
    let mut definition = json!({
        "Id": state.arn.configuration_id(),
        "Type": TYPE,
        "TypeVersion": manager.type_version.as_deref().unwrap_or(TYPE_VERSION),
    });
    if whole {
        let (region, account) = state.arn.place();
        let parameters = Some(state.policy.to_parameters(region, account));
        set(&mut definition, "Parameters", &parameters)?;
        let name = "LocalDeploymentAdministrationRoleArn";
        let role = &state.policy.local_deployment_administration_role_arn;
        set(&mut definition, name, role)?;
        let name = "LocalDeploymentExecutionRoleName";
        let role = &state.policy.local_deployment_execution_role_name;
        set(&mut definition, name, role)?;
    }
    Ok(definition)
}

/// Sets a member that is not absent.
fn set<T: serde::Serialize>(answer: &mut Value, name: &str, value: &Option<T>) -> Result<()> {
    if let (Some(members), Some(value)) = (answer.as_object_mut(), value) {
        members.insert(name.to_owned(), output(value)?);
    }
    Ok(())
}

async fn update_manager(service: &Service, arn: &PatchPolicyArn, request: &Body) -> Result<Value> {
    let told: Told = request.input(&[])?;
    told.check()?;
    let known = service
        .backend
        .get_configuration_manager(GetConfigurationManager::new(arn))
        .await?;
    let mut managers = service.managers();
    let manager = managers.entry(arn.clone());
    let manager = manager.or_insert_with(|| Manager::of(&known.policy));
    if told.name.is_some() {
        manager.name = told.name;
    }
    if told.description.is_some() {
        manager.description = told.description;
    }
    Ok(json!({}))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateDefinition {
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    roles: Roles,
}

async fn update_definition(
    service: &Service,
    arn: &PatchPolicyArn,
    id: &str,
    request: &Body,
) -> Result<Value> {
    let update: UpdateDefinition = request.input(&[])?;
    if id != arn.configuration_id() {
        return Err(Error::service(
            ErrorKind::NotFound,
            "ResourceNotFoundException",
            "the configuration manager has no such definition",
        ));
    }
    let request = GetConfigurationManager::new(arn);
    let current = service.backend.get_configuration_manager(request).await?;
    let mut policy = match &update.parameters {
        Some(parameters) => read_policy(service, parameters)?,
        None => current.policy.clone(),
    };
    policy.keep_roles(&current.policy);
    if let (Some(version), Some(manager)) = (
        update.roles.type_version.clone(),
        service.managers().get_mut(arn),
    ) {
        manager.type_version = Some(version);
    }
    update.roles.over(&mut policy);
    service
        .backend
        .update_configuration_definition(UpdateConfigurationDefinition::new(arn, policy))
        .await?;
    Ok(json!({}))
}

async fn delete(service: &Service, arn: &PatchPolicyArn) -> Result<Value> {
    service
        .backend
        .delete_configuration_manager(DeleteConfigurationManager::new(arn))
        .await?;
    service.managers().remove(arn);
    Ok(json!({}))
}
