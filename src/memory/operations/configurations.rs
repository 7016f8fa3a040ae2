//! What is deployed of the patch policies to accounts and Regions, and the methods that tests use to say
//! which accounts there are and where a deployment fails.

use jiff::Timestamp;

use super::policies::gone;
use crate::backend::{ListConfigurations, PATCH_POLICY_TYPE};
use crate::error::Result;
use crate::memory::backend::MemoryBackend;
use crate::memory::store::State;
use crate::memory::store::account::Account;
use crate::memory::store::policies::{Place, PolicyRecord};
use crate::schedule::{PolicyConfiguration, PolicyConfigurationSummary};
use crate::types::{ConfigurationId, OrganizationalUnitId};

/// The version of the type of a patch policy, as examples of the service show it.
const TYPE_VERSION: &str = "1.0";

/// The parameters that a listing shows: which those are is documented nowhere.
const FIRST_CLASS: [&str; 4] = [
    "PatchPolicyName",
    "TargetAccounts",
    "TargetOrganizationalUnits",
    "TargetRegions",
];

/// What is deployed of a policy, or of every one.
pub(super) fn configurations<'s>(
    state: &'s State,
    request: &ListConfigurations,
) -> Result<Vec<(&'s PolicyRecord, Place)>> {
    let (arn, id) = (&request.manager_arn, &request.configuration_definition_id);
    if let Some(arn) = arn {
        state.policies.get(arn).ok_or_else(|| gone(arn))?;
    }
    let Account { region, id: own } = &state.account;
    let records = state.policies.iter().filter(|record| {
        let known = &record.state.arn;
        arn.as_ref().is_none_or(|arn| arn == known)
            && id.as_ref().is_none_or(|id| id == known.configuration_id())
    });
    let deployed = records.flat_map(|record| {
        let places = state.policies.places(&record.state.policy, region, own);
        places.into_iter().map(move |place| (record, place))
    });
    Ok(deployed.collect())
}

/// The id of what is deployed of a policy to one account and Region. The service's are opaque.
pub(super) fn configuration_id(
    record: &PolicyRecord,
    (account, region): &Place,
) -> ConfigurationId {
    let definition = record.state.arn.configuration_id();
    ConfigurationId::new(format!("{definition}-{account}-{region}"))
}

pub(super) fn configuration(
    state: &State,
    record: &PolicyRecord,
    place: &Place,
    now: Timestamp,
) -> PolicyConfiguration {
    let Account { region, id } = &state.account;
    let stored = &record.state;
    PolicyConfiguration {
        id: Some(configuration_id(record, place)),
        manager_arn: Some(stored.arn.clone()),
        configuration_definition_id: Some(stored.arn.configuration_id().to_owned()),
        r#type: Some(PATCH_POLICY_TYPE.to_owned()),
        type_version: Some(TYPE_VERSION.to_owned()),
        account: Some(place.0.clone()),
        region: Some(place.1.clone()),
        created_at: stored.created_at,
        last_modified_at: stored.last_modified_at,
        parameters: Some(stored.policy.to_parameters(region, id)),
        status_summaries: Some(vec![record.status(place, now)]),
    }
}

pub(super) fn summary(described: PolicyConfiguration) -> PolicyConfigurationSummary {
    let mut parameters = described.parameters;
    if let Some(parameters) = &mut parameters {
        parameters.retain(|name, _| FIRST_CLASS.contains(&name.as_str()));
    }
    PolicyConfigurationSummary {
        id: described.id,
        manager_arn: described.manager_arn,
        configuration_definition_id: described.configuration_definition_id,
        r#type: described.r#type,
        type_version: described.type_version,
        account: described.account,
        region: described.region,
        created_at: described.created_at,
        first_class_parameters: parameters,
        status_summaries: described.status_summaries,
    }
}

/// The organization, as far as patch policies need it. These are no calls to the service: they are not
/// recorded and no fault strikes them.
impl MemoryBackend {
    /// Says which accounts are in an organizational unit, or in the whole organization by the id of its
    /// root. Policies for a unit of which nobody said it are deployed to no account.
    ///
    /// Say it before the policy is made: a later account gets the policy at its next update. A member of a
    /// [`MemoryOrganization`](crate::memory::MemoryOrganization) has the accounts of the organization's units,
    /// and deploys to them.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let memory = MemoryBackend::sample();
    /// memory.set_unit_accounts("ou-abcd-12345678", ["111122223333", "444455556666"]);
    /// let manager = PatchManager::from_memory(&memory);
    /// let policy = PolicySchedule::quick_setup_default("production")
    ///     .organizational_units(["ou-abcd-12345678"])
    ///     .regions(["us-east-1", "eu-west-1"])
    ///     .patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let deployment = manager
    ///     .wait_for_policy_deployment(&arn, Duration::from_secs(15 * 60))
    ///     .await?;
    /// assert_eq!(deployment.configurations.len(), 4);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_unit_accounts<I>(&self, unit: impl Into<OrganizationalUnitId>, accounts: I)
    where
        I: IntoIterator<Item: Into<String>>,
    {
        let accounts = accounts.into_iter().map(Into::into).collect();
        self.act(|engine, _| engine.state.policies.units.insert(unit.into(), accounts));
    }

    /// Makes the deployment of every policy to this account and Region fail from now on, with this
    /// message. What was deployed there before stays.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let memory = MemoryBackend::sample();
    /// memory.fail_policy_deployment("123456789012", "eu-west-1", "the role cannot be assumed");
    /// let manager = PatchManager::from_memory(&memory);
    /// let policy = PolicySchedule::quick_setup_default("production")
    ///     .regions(["us-east-1", "eu-west-1"])
    ///     .patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let deployment = manager
    ///     .wait_for_policy_deployment(&arn, Duration::from_secs(15 * 60))
    ///     .await?;
    /// assert_eq!(deployment.failures().count(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fail_policy_deployment(
        &self,
        account: impl Into<String>,
        region: impl Into<String>,
        message: impl Into<String>,
    ) {
        let place = (account.into(), region.into());
        let message = message.into();
        self.act(|engine, _| engine.state.policies.failing.insert(place, message));
    }

    /// Lets policies be deployed everywhere again. One that failed is deployed by its next update.
    pub fn repair_policy_deployments(&self) {
        self.act(|engine, _| engine.state.policies.failing.clear());
    }
}
