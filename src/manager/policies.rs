use std::fmt;
use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::TryStreamExt;
use serde::Serialize;

use super::created::{Created, at_most_one};
use super::pages::{check, pages};
use super::{Change, PatchManager};
use crate::backend::{
    DeleteConfigurationManager, GetConfigurationManager, ListConfigurationManagers,
    UpdateConfigurationDefinition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::{PatchPolicy, PatchPolicyState, ScheduleLint};
use crate::telemetry::{progress, verb, verb_stream};
use crate::types::PatchPolicyArn;
use crate::visible::write_warnings;

/// The result of [`ensure_policy`](PatchManager::ensure_policy).
///
/// ```
/// use aws_patch_manager::manager::Change;
/// use aws_patch_manager::{PatchManager, PolicySchedule};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
/// let applied = manager.ensure_policy(&policy).await?;
/// if applied.change != Change::Unchanged {
///     println!("{} is being deployed", applied.arn);
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct EnsuredPolicy {
    /// Its ARN.
    pub arn: PatchPolicyArn,
    /// What was changed.
    pub change: Change,
    /// What is legal in it but probably not intended, whether or not anything was changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ScheduleLint>,
}

impl fmt::Display for EnsuredPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.arn, self.change)?;
        write_warnings(f, &self.warnings)
    }
}

/// Patch policies.
impl PatchManager {
    /// Creates the patch policy of this name, updates it, or leaves it unchanged if it is as given.
    ///
    /// The operation has no client token, so this verb looks for the name first, and a repeated
    /// call makes no second policy. Two callers at once make one too: whoever creates looks again, and takes
    /// its own back if another's is older, for which it waits up to ten minutes while Quick Setup deploys it.
    /// The deployment goes on afterwards; see [`wait_for_policy`](Self::wait_for_policy).
    ///
    /// Roles that the policy does not name stay as they are. For operating systems that it does not
    /// name, AWS's baselines stay too: a backend over AWS adds them when it writes a policy, as the
    /// console does.
    ///
    /// Calls ListConfigurationManagers, and CreateConfigurationManager or UpdateConfigurationDefinition (Quick
    /// Setup); ListConfigurationManagers again after it created one.
    ///
    /// ```
    /// use aws_patch_manager::manager::Change;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let applied = manager.ensure_policy(&policy).await?;
    /// assert_eq!(applied.change, Change::Created);
    /// let again = manager.ensure_policy(&policy).await?;
    /// assert_eq!(again.change, Change::Unchanged);
    /// assert_eq!(again.arn, applied.arn);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ambiguous`] if several policies have the name. [`ErrorKind::InvalidInput`] if
    /// the policy breaks a bound of Quick Setup, which
    /// [`PolicySchedule::patch_policy`](crate::PolicySchedule::patch_policy) checks without a call.
    /// [`ErrorKind::Incomplete`] if it was created and the look after that failed: the error has the id,
    /// and the next call finds it.
    /// [`ErrorKind::Conflict`] while another change of Quick Setup is in progress. It can also fail
    /// as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn ensure_policy(&self, policy: &PatchPolicy) -> Result<EnsuredPolicy> {
        verb!(ensure_policy(policy = policy.name.as_str()), async {
            let warnings = policy.lints(self.clock.now());
            let ensured = |arn, change| EnsuredPolicy {
                arn,
                change,
                warnings,
            };
            let current = match self.policy_named(&policy.name).await? {
                Some(state) => state,
                None => match self.new_policy(policy).await? {
                    Created::Own(arn) => return Ok(ensured(arn, Change::Created)),
                    Created::Older(arn) => self.policy(&arn).await?,
                },
            };
            let change = self.update_policy(&current, policy).await?;
            Ok(ensured(current.arn, change))
        })
    }

    pub(super) async fn policies_named(&self, name: &str) -> Result<Vec<PatchPolicyState>> {
        self.list_policies()
            .try_filter(|state| std::future::ready(state.policy.name == name))
            .try_collect()
            .await
    }

    async fn policy_named(&self, name: &str) -> Result<Option<PatchPolicyState>> {
        let states = self.policies_named(name).await?;
        let arns = states.iter().map(|state| &state.arn).collect();
        at_most_one(arns, "policies", name, "ListConfigurationManagers")?;
        Ok(states.into_iter().next())
    }

    async fn update_policy(
        &self,
        current: &PatchPolicyState,
        wanted: &PatchPolicy,
    ) -> Result<Change> {
        let mut policy = wanted.clone();
        policy.keep_roles(&current.policy);
        policy.keep_defaults(&current.policy);
        policy.keep_parameters(&current.policy);
        let (region, account) = current.arn.place();
        policy.leave_out_place(region, account);
        let differences = current.policy.diff(&policy);
        if differences.is_empty() {
            return Ok(Change::Unchanged);
        }
        let request = UpdateConfigurationDefinition::new(&current.arn, policy);
        let policies = &self.backends.policies;
        policies.update_configuration_definition(request).await?;
        Ok(Change::Updated(differences))
    }

    /// Reads a patch policy and the status of its deployment.
    ///
    /// Calls GetConfigurationManager (Quick Setup).
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let state = manager.policy(&arn).await?;
    /// println!("{}: {}", state.policy.name, state.status);
    /// assert_eq!(state.policy, policy);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed ARN, before any call. [`ErrorKind::NotFound`] if
    /// there is no such policy. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet).
    pub async fn policy(&self, arn: &PatchPolicyArn) -> Result<PatchPolicyState> {
        verb!(policy(policy = arn.as_str()), async {
            check(arn, "GetConfigurationManager")?;
            self.backends
                .policies
                .get_configuration_manager(GetConfigurationManager::new(arn))
                .await
        })
    }

    /// Deletes a patch policy. It patches nothing any more; installed patches stay.
    ///
    /// Calls DeleteConfigurationManager (Quick Setup).
    ///
    /// ```
    /// use aws_patch_manager::{ErrorKind, PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// manager.delete_policy(&arn).await?;
    /// let gone = manager.policy(&arn).await;
    /// assert_eq!(gone.map_err(|error| error.kind()).err(), Some(ErrorKind::NotFound));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for a malformed ARN, before any call. [`ErrorKind::NotFound`] if
    /// there is no such policy. [`ErrorKind::Conflict`] while another change of Quick Setup is in
    /// progress. It can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn delete_policy(&self, arn: &PatchPolicyArn) -> Result<()> {
        verb!(delete_policy(policy = arn.as_str()), async {
            check(arn, "DeleteConfigurationManager")?;
            self.backends
                .policies
                .delete_configuration_manager(DeleteConfigurationManager::new(arn))
                .await
        })
    }

    /// Every patch policy.
    ///
    /// Calls ListConfigurationManagers (Quick Setup), a page at a time.
    ///
    /// ```
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// manager.ensure_policy(&policy).await?;
    /// let policies: Vec<_> = manager.list_policies().try_collect().await?;
    /// assert_eq!(policies.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can fail as [every call can](PatchManager#what-every-call-can-meet). An error is the last
    /// item of the stream.
    pub fn list_policies(&self) -> BoxStream<'static, Result<PatchPolicyState>> {
        verb_stream!(
            list_policies(),
            pages(&self.backends.policies, 100, |store, page| async move {
                store
                    .list_configuration_managers(ListConfigurationManagers::new(page))
                    .await
            })
        )
    }

    /// Waits until the deployment of a patch policy has ended, and returns the policy.
    ///
    /// It polls GetConfigurationManager every 10 seconds, and retries if the error is retryable.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::schedule::PolicyStatus;
    /// use aws_patch_manager::{PatchManager, PolicySchedule};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// let state = manager.wait_for_policy(&arn, Duration::from_secs(15 * 60)).await?;
    /// assert_eq!(state.status, PolicyStatus::Succeeded);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Timeout`] if it has not ended within the time limit; the deployment goes on.
    /// [`ErrorKind::InvalidInput`] for a malformed ARN, before any call. [`ErrorKind::NotFound`] if
    /// there is no such policy. It can also fail as [every call
    /// can](PatchManager#what-every-call-can-meet), but it retries until the time limit if the
    /// error is retryable. A failed deployment is not an error: the policy's status says so.
    pub async fn wait_for_policy(
        &self,
        arn: &PatchPolicyArn,
        within: Duration,
    ) -> Result<PatchPolicyState> {
        verb!(wait_for_policy(policy = arn.as_str()), async {
            self.poll_policy(arn, within, |state| async move {
                Ok(match state.status.is_under_way() {
                    true => Err(state.status.to_string()),
                    false => Ok(state),
                })
            })
            .await
        })
    }

    /// Reads a policy every 10 seconds until `ended` has an answer, and not how far its deployment is.
    pub(super) async fn poll_policy<T, F: Future<Output = Result<Result<T, String>>>>(
        &self,
        arn: &PatchPolicyArn,
        within: Duration,
        ended: impl Fn(PatchPolicyState) -> F,
    ) -> Result<T> {
        let deadline = super::operations::deadline(self.clock.now(), within);
        loop {
            let answer = match self.policy(arn).await {
                Ok(state) => ended(state).await,
                Err(error) => Err(error),
            };
            let so_far = match answer {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(so_far)) => so_far,
                Err(error) if error.is_retryable() => "unreadable".to_owned(),
                Err(error) => return Err(error),
            };
            if self.clock.now() >= deadline {
                let message = format!(
                    "the deployment has not ended within the time limit; its status is {so_far}"
                );
                return Err(Error::new(ErrorKind::Timeout, message).with_resource(arn.as_str()));
            }
            progress!("a deployment", status = so_far.as_str());
            self.clock.sleep(Duration::from_secs(10)).await;
        }
    }
}
