//! Where a patch policy is deployed, and what failed where.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Serialize;

use super::PatchManager;
use super::pages::check;
use super::pages::pages;
use crate::backend::{GetConfiguration, GetConfigurationManager, ListConfigurations};
use crate::error::Result;
use crate::progress::{self, Told};
use crate::schedule::{
    PatchPolicyState, PolicyConfiguration, PolicyConfigurationSummary, PolicyStatus,
};
use crate::telemetry::{verb, verb_stream};
use crate::types::{ConfigurationId, PatchPolicyArn, timestamp};

/// How many places `Display` names.
const SHOWN: usize = 20;

/// Where a patch policy is deployed, by account and Region, and what failed where.
///
/// The result of [`policy_deployment`](PatchManager::policy_deployment). `Display` names at most 20 places
/// that are not deployed, failures first; the fields and JSON have all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PolicyDeployment {
    /// The policy.
    pub arn: PatchPolicyArn,
    /// Its name.
    pub name: String,
    /// The state of its deployment as a whole.
    pub status: PolicyStatus,
    /// What was deployed, by account and Region.
    pub configurations: Vec<DeployedConfiguration>,
    /// The Regions of the policy for which nothing is listed, in no account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlisted_regions: Vec<String>,
}

/// A patch policy in one account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeployedConfiguration {
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
    /// The id, for [`policy_configuration`](PatchManager::policy_configuration).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ConfigurationId>,
    /// The state of the deployment there.
    pub status: PolicyStatus,
    /// The state in words; its form can change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// More about it, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
    /// Since when it is so.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl DeployedConfiguration {
    fn new(listed: PolicyConfigurationSummary) -> Self {
        let status = listed.deployment().cloned().unwrap_or_default();
        Self {
            account: listed.account.unwrap_or_default(),
            region: listed.region.unwrap_or_default(),
            id: listed.id,
            status: status.status.unwrap_or(PolicyStatus::None),
            message: status.status_message,
            details: status.status_details.unwrap_or_default(),
            since: status.last_updated_at,
        }
    }
}

/// Such as `111122223333 eu-west-1: FAILED since 2026-05-14T00:01:00Z: the role cannot be assumed`.
impl fmt::Display for DeployedConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.account, self.region, self.status)?;
        if let Some(since) = self.since {
            write!(f, " since {since}")?;
        }
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

impl PolicyDeployment {
    fn new(state: PatchPolicyState, mut configurations: Vec<DeployedConfiguration>) -> Self {
        let place = |one: &DeployedConfiguration| (one.account.clone(), one.region.clone());
        configurations.sort_by_key(place);
        let (home, _) = state.arn.place();
        let mut unlisted_regions: Vec<_> = state.policy.regions.iter().cloned().collect();
        if unlisted_regions.is_empty() {
            unlisted_regions.push(home.to_owned());
        }
        let is_listed = |region: &str| configurations.iter().any(|one| one.region == region);
        unlisted_regions.retain(|region| !is_listed(region));
        Self {
            arn: state.arn,
            name: state.policy.name,
            status: state.status,
            configurations,
            unlisted_regions,
        }
    }

    /// Whether it is deployed to every account and Region that is listed, and to each Region of the policy
    /// in one account at least.
    pub fn is_deployed(&self) -> bool {
        self.status == PolicyStatus::Succeeded
            && self.unlisted_regions.is_empty()
            && self.not_deployed().next().is_none()
    }

    /// The accounts and Regions where it failed or was stopped.
    pub fn failures(&self) -> impl Iterator<Item = &DeployedConfiguration> {
        self.not_deployed().filter(|one| !one.status.is_under_way())
    }

    /// The accounts and Regions where the service is still at work.
    pub fn under_way(&self) -> impl Iterator<Item = &DeployedConfiguration> {
        self.not_deployed().filter(|one| one.status.is_under_way())
    }

    fn not_deployed(&self) -> impl Iterator<Item = &DeployedConfiguration> {
        let configurations = self.configurations.iter();
        configurations.filter(|one| one.status != PolicyStatus::Succeeded)
    }
}

impl fmt::Display for PolicyDeployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.configurations.len();
        let missing = self.not_deployed().count();
        let (name, status, deployed) = (&self.name, &self.status, places - missing);
        write!(
            f,
            "{name}: {status}, deployed to {deployed} of {places} listed"
        )?;
        for one in self.failures().chain(self.under_way()).take(SHOWN) {
            write!(f, "\n{one}")?;
        }
        if missing > SHOWN {
            write!(f, "\nand {} more", missing - SHOWN)?;
        }
        for region in &self.unlisted_regions {
            write!(f, "\n{region}: nothing is listed for this Region")?;
        }
        Ok(())
    }
}

/// Where patch policies are deployed.
impl PatchManager {
    /// Where a patch policy is deployed, by account and Region, and what failed where.
    ///
    /// Ask in the account and Region where the policy was made: for an organization that is its management
    /// account. ListConfigurations is documented to list what is deployed "in the requesting account and
    /// Region", and each item names an account and a Region; whether it lists the other accounts of a
    /// policy is documented nowhere. Regions without any item are in
    /// [`unlisted_regions`](PolicyDeployment::unlisted_regions).
    ///
    /// Calls GetConfigurationManager, and ListConfigurations (Quick Setup), a page of 100 at a time. The
    /// report has an item for each account and Region;
    /// [`list_policy_configurations`](Self::list_policy_configurations) keeps only a page.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let memory = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&memory);
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// assert!(!manager.policy_deployment(&arn).await?.is_deployed());
    /// memory.advance(Duration::from_secs(15 * 60));
    /// let deployment = manager.policy_deployment(&arn).await?;
    /// assert!(deployment.is_deployed(), "{deployment}");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed ARN, before any call.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such policy. It can also fail as
    /// [every call can](PatchManager#what-every-call-can-meet).
    pub async fn policy_deployment(&self, arn: &PatchPolicyArn) -> Result<PolicyDeployment> {
        verb!(policy_deployment(policy = arn.as_str()), async {
            check(arn, "GetConfigurationManager")?;
            let request = GetConfigurationManager::new(arn);
            let state = self.backends.policies.get_configuration_manager(request);
            self.deployment_of(state.await?).await
        })
    }

    async fn deployment_of(&self, state: PatchPolicyState) -> Result<PolicyDeployment> {
        let listed = self.configurations_of(&state.arn);
        let listed = listed.map_ok(DeployedConfiguration::new);
        let configurations = listed.try_collect().await?;
        Ok(PolicyDeployment::new(state, configurations))
    }

    fn configurations_of(
        &self,
        arn: &PatchPolicyArn,
    ) -> BoxStream<'static, Result<PolicyConfigurationSummary>> {
        let arn = arn.clone();
        pages(&self.backends.policies, 100, move |store, page| {
            let request = ListConfigurations::of(&arn).with_page(page);
            async move { store.list_configurations(request).await }
        })
    }

    /// What is deployed of a patch policy, by account and Region.
    ///
    /// Calls ListConfigurations (Quick Setup), a page at a time; see
    /// [`policy_deployment`](Self::policy_deployment) for what it lists.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let listed: Vec<_> = manager.list_policy_configurations(&arn).try_collect().await?;
    /// assert_eq!(listed.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`policy_deployment`](Self::policy_deployment). An error is the last item of the stream.
    pub fn list_policy_configurations(
        &self,
        arn: &PatchPolicyArn,
    ) -> BoxStream<'static, Result<PolicyConfigurationSummary>> {
        verb_stream!(list_policy_configurations(policy = arn.as_str()), {
            match check(arn, "ListConfigurations") {
                Ok(()) => self.configurations_of(arn),
                Err(error) => Box::pin(futures_util::stream::iter([Err(error)])),
            }
        })
    }

    /// Reads what is deployed of a patch policy to one account and Region, with its parameters.
    ///
    /// Calls GetConfiguration (Quick Setup).
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// for deployed in manager.policy_deployment(&arn).await?.configurations {
    ///     let id = deployed.id.ok_or("no id")?;
    ///     let read = manager.policy_configuration(&id).await?;
    ///     assert_eq!(read.region.as_deref(), Some(deployed.region.as_str()));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed id, before any call.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such configuration. It can also
    /// fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn policy_configuration(&self, id: &ConfigurationId) -> Result<PolicyConfiguration> {
        verb!(policy_configuration(configuration = id.as_str()), async {
            check(id, "GetConfiguration")?;
            let request = GetConfiguration::new(id);
            self.backends.policies.get_configuration(request).await
        })
    }

    /// Waits until the deployment of a patch policy has ended in every account and Region that is listed,
    /// and returns where it is deployed.
    ///
    /// It polls GetConfigurationManager every 10 seconds, and ListConfigurations once that has ended. It
    /// retries if the error is retryable.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let deployment = manager
    ///     .wait_for_policy_deployment(&arn, Duration::from_secs(15 * 60))
    ///     .await?;
    /// for failed in deployment.failures() {
    ///     println!("{failed}");
    /// }
    /// assert!(deployment.is_deployed());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) if it has not ended within the time limit; the
    /// deployment goes on. Otherwise those of [`policy_deployment`](Self::policy_deployment), retried until
    /// the time limit if they are retryable. A failed deployment is not an error: the report says where.
    pub async fn wait_for_policy_deployment(
        &self,
        arn: &PatchPolicyArn,
        within: Duration,
    ) -> Result<PolicyDeployment> {
        verb!(wait_for_policy_deployment(policy = arn.as_str()), async {
            self.poll_policy(arn, within, |state| async move {
                if state.status.is_under_way() {
                    return Ok(Err(state.status.to_string()));
                }
                let deployment = self.deployment_of(state).await?;
                let (known, left) = (
                    deployment.configurations.len(),
                    deployment.under_way().count(),
                );
                let told = Told {
                    done: known.saturating_sub(left),
                    known,
                    failed: deployment.failures().count(),
                    is_all: true,
                    ..Told::default()
                };
                progress::tell(told, self.clock.now());
                Ok(match left {
                    0 => Ok(deployment),
                    left => {
                        let places = deployment.configurations.len();
                        Err(format!("under way in {left} of {places} places"))
                    }
                })
            })
            .await
        })
    }
}
