//! Patch policies of Quick Setup, as plain data, and their state.

mod as_read;
mod check;
mod configuration;
mod parameters;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::as_read::AsRead;
pub(super) use self::check::check;
pub(crate) use self::check::{check_as_service, check_region, is_policy_name};
pub use self::configuration::{
    PolicyConfiguration, PolicyConfigurationSummary, PolicyStatusSummary, PolicyStatusType,
};
#[cfg(feature = "emulator")]
pub(crate) use self::parameters::REQUIRED_PARAMETERS;
pub(crate) use self::parameters::policy_member;
pub(super) use self::parameters::{ATTACH, OTHER_PARAMETERS};
use crate::error::Result;
use crate::strict;
use crate::types::{
    BaselineId, Difference, MaxConcurrency, MaxErrors, NodeId, OperatingSystem,
    OrganizationalUnitId, PatchPolicyArn, RebootOption, Tag, string_enum, timestamp,
};

/// The role that deploys a policy in its own account, if the policy names no other: the one that Quick
/// Setup's console makes (as the acceptance tests of terraform-provider-aws have it).
pub(crate) const LOCAL_EXECUTION_ROLE: &str = "AWS-QuickSetup-PatchPolicy-LocalExecutionRole";

/// Which nodes a patch policy covers, in each account and Region that it is deployed to.
///
/// Those are said by [`PatchPolicy::organizational_units`] and [`PatchPolicy::regions`]. With
/// organizational units only [`All`](Self::All) and [`Tag`](Self::Tag) are possible.
///
/// ```
/// use aws_patch_manager::schedule::PolicyTargets;
/// use aws_patch_manager::types::Tag;
///
/// let by_tag = PolicyTargets::Tag(Tag::new("Environment", "production"));
/// let by_id = PolicyTargets::InstanceIds(vec!["i-0123456789abcdef0".into()]);
/// assert_ne!(by_tag, by_id);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PolicyTargets {
    /// Every managed node.
    All,
    /// These nodes, at most 25.
    InstanceIds(Vec<NodeId>),
    /// The nodes with this tag.
    Tag(Tag),
    /// The members of this resource group.
    ResourceGroup(String),
}

/// The baseline that a patch policy uses for an operating system.
///
/// Its serde form is an entry of Quick Setup's parameter `SelectedPatchBaselines`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SelectedBaseline {
    /// The id: bare for your own baselines, an ARN for those that AWS owns.
    pub value: BaselineId,
    /// The baseline's name.
    pub label: String,
    /// The baseline's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the console shows the choice as disabled; `false` in every example.
    #[serde(default)]
    pub disabled: bool,
}

impl SelectedBaseline {
    /// This baseline, labelled with its name.
    pub fn new(value: impl Into<BaselineId>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            description: None,
            disabled: false,
        }
    }

    /// Whether this is the baseline that AWS provides as an operating system's default.
    ///
    /// AWS names those with `Default`; its other Windows baselines say `Predefined`.
    pub fn is_aws_default(&self) -> bool {
        self.value.is_aws_owned()
            && self.label.starts_with("AWS-")
            && self.label.contains("Default")
    }
}

/// A patch policy of Quick Setup, as plain data.
///
/// [`PolicySchedule`](crate::PolicySchedule) builds a valid one. A patch policy ignores patch
/// groups and defaults: it has its own baseline for each operating system.
///
/// ```
/// use aws_patch_manager::PolicySchedule;
/// use aws_patch_manager::types::RebootOption;
///
/// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
/// assert_eq!(policy.reboot_option, RebootOption::NoReboot);
///
/// // As the beginning of another one:
/// let rebooting = PolicySchedule::from(policy).reboot(RebootOption::RebootIfNeeded).patch_policy()?;
/// assert_eq!(rebooting.install_schedule.as_deref(), Some("cron(0 0 ? * SUN *)"));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchPolicy {
    /// The name, at most 120 characters of ` A-Za-z0-9._-`.
    pub name: String,
    /// When to scan, as `cron(…)` in UTC.
    pub scan_schedule: String,
    /// When to install, as `cron(…)` in UTC; if absent, it only scans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_schedule: Option<String>,
    /// Whether to wait for the next scheduled time; otherwise it also scans as soon as it is
    /// deployed. If it is absent where a policy is read, it waits.
    #[serde(default = "waits")]
    pub scan_next_interval: bool,
    /// The same for installing.
    #[serde(default = "waits")]
    pub install_next_interval: bool,
    /// Whether an install reboots.
    pub reboot_option: RebootOption,
    /// The nodes, in each account and Region.
    pub targets: PolicyTargets,
    /// The organizational units whose accounts it is deployed to, or the root of the organization;
    /// if empty, its own account alone. Quick Setup takes them from the management account only,
    /// not from a delegated administrator (User Guide, quick-setup-patch-manager).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub organizational_units: BTreeSet<OrganizationalUnitId>,
    /// The Regions that it is deployed to, of the 16 that have patch policies; if empty, the Region
    /// where it is made. A policy for that Region alone is read with none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub regions: BTreeSet<String>,
    /// The baseline for each operating system; AWS's defaults if empty.
    pub baselines: BTreeMap<String, SelectedBaseline>,
    /// How many nodes at the same time.
    pub max_concurrency: MaxConcurrency,
    /// How many errors are tolerated.
    pub max_errors: MaxErrors,
    /// Further parameters of Quick Setup by name, such as `OutputS3BucketName`; preserved, so that
    /// an update does not lose the settings of others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_parameters: BTreeMap<String, String>,
    /// The ARN of the role that deploys the policy in its account; if absent, the role that Quick
    /// Setup's console creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_deployment_administration_role_arn: Option<String>,
    /// The name of the role that this one assumes to deploy it; if absent, the console's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_deployment_execution_role_name: Option<String>,
    /// The parameters that it was read from.
    #[serde(skip)]
    as_read: AsRead,
}

/// What a policy of [`PatchPolicy::new`] does.
fn waits() -> bool {
    true
}

impl PatchPolicy {
    /// A policy that scans by this schedule, over all nodes, with the defaults of the service.
    pub fn new(name: impl Into<String>, scan_schedule: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scan_schedule: scan_schedule.into(),
            install_schedule: None,
            scan_next_interval: true,
            install_next_interval: true,
            reboot_option: RebootOption::NoReboot,
            targets: PolicyTargets::All,
            organizational_units: BTreeSet::new(),
            regions: BTreeSet::new(),
            baselines: BTreeMap::new(),
            max_concurrency: MaxConcurrency::Percent(10),
            max_errors: MaxErrors::Percent(2),
            other_parameters: BTreeMap::new(),
            local_deployment_administration_role_arn: None,
            local_deployment_execution_role_name: None,
            as_read: AsRead::default(),
        }
    }

    /// Where the policy differs from the desired one, by the names of the members of this type.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PatchPolicy;
    ///
    /// let current = PatchPolicy::new("production", "cron(0 0 * * ? *)");
    /// let desired = PatchPolicy::new("production", "cron(0 1 * * ? *)");
    /// let differences = current.diff(&desired);
    /// assert_eq!(differences[0].field, "ScanSchedule");
    /// ```
    pub fn diff(&self, desired: &Self) -> Vec<Difference> {
        let value = |policy| serde_json::to_value(policy).unwrap_or_default();
        Difference::between(&value(self), &value(desired), |_, value| value.to_string())
    }

    /// The policy as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every policy can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "PatchPolicy")
    }

    /// A policy from its JSON form, as a file keeps it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with the path of each value that cannot be read
    /// and of each member that a policy does not have.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PatchPolicy;
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let json = policy.to_json()?;
    /// assert_eq!(PatchPolicy::from_json(&json)?, policy);
    /// assert!(PatchPolicy::from_json(&json.replace("RebootOption", "RebootOptoin")).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        strict::read(json, "the policy", &[])
    }

    /// The baseline it selects for an operating system.
    ///
    /// `None` where AWS's default is meant: a backend over AWS selects that as it writes the policy.
    /// In a policy that selects others and is written as it stands, nodes of the system fail with
    /// exit code 163.
    pub fn baseline_for(&self, os: &OperatingSystem) -> Option<&SelectedBaseline> {
        self.baselines.get(os.as_str())
    }

    /// Takes over roles that it does not name, as an update leaves them.
    pub(crate) fn keep_roles(&mut self, before: &Self) {
        let arn = &mut self.local_deployment_administration_role_arn;
        *arn = arn
            .take()
            .or_else(|| before.local_deployment_administration_role_arn.clone());
        let name = &mut self.local_deployment_execution_role_name;
        *name = name
            .take()
            .or_else(|| before.local_deployment_execution_role_name.clone());
    }

    /// Takes over AWS's defaults for the systems that it does not name.
    pub(crate) fn keep_defaults(&mut self, before: &Self) {
        for (os, selected) in &before.baselines {
            if selected.is_aws_default() && !self.baselines.contains_key(os) {
                self.baselines.insert(os.clone(), selected.clone());
            }
        }
    }

    /// Takes over parameters that Quick Setup adds itself: those without a value, and switches that
    /// are off (the guide's example of a definition). What it does not change, it writes as it was
    /// read before.
    pub(crate) fn keep_parameters(&mut self, before: &Self) {
        self.keep_form(before);
        for (name, value) in &before.other_parameters {
            let added = value.is_empty() || value == "false";
            if added && !self.other_parameters.contains_key(name) {
                self.other_parameters.insert(name.clone(), value.clone());
            }
        }
    }

    /// Whether Quick Setup may add its policies to the instance profiles and roles that nodes have
    /// already; `false` where the parameter `IsPolicyAttachAllowed` is absent.
    pub fn is_policy_attach_allowed(&self) -> bool {
        let allowed = self.other_parameters.get(ATTACH);
        allowed.is_some_and(|allowed| allowed == "true")
    }
}

impl PolicyStatus {
    /// Whether the service is still at work.
    pub fn is_under_way(&self) -> bool {
        matches!(
            self,
            Self::Initializing | Self::Deploying | Self::Deleting | Self::Stopping
        )
    }

    /// Whether something failed: the deployment, its deletion or its end.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::DeleteFailed | Self::StopFailed)
    }
}

string_enum! {
    /// The state of a patch policy's deployment.
    pub enum PolicyStatus {
        /// About to start.
        Initializing = "INITIALIZING",
        /// Being deployed.
        Deploying = "DEPLOYING",
        /// Deployed.
        Succeeded = "SUCCEEDED",
        /// Being deleted.
        Deleting = "DELETING",
        /// Being stopped.
        Stopping = "STOPPING",
        /// The deployment failed.
        Failed = "FAILED",
        /// Stopped.
        Stopped = "STOPPED",
        /// Deleting failed.
        DeleteFailed = "DELETE_FAILED",
        /// Stopping failed.
        StopFailed = "STOP_FAILED",
        /// No deployment.
        None = "NONE",
    }
}

/// A patch policy as the service stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchPolicyState {
    /// The ARN of its configuration manager.
    pub arn: PatchPolicyArn,
    /// The policy.
    pub policy: PatchPolicy,
    /// The state of its deployment.
    pub status: PolicyStatus,
    /// When it was created.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(
        default,
        with = "timestamp::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub last_modified_at: Option<Timestamp>,
}

impl PatchPolicyState {
    /// A policy under this ARN in this state of deployment.
    pub fn new(arn: impl Into<PatchPolicyArn>, policy: PatchPolicy, status: PolicyStatus) -> Self {
        Self {
            arn: arn.into(),
            policy,
            status,
            created_at: None,
            last_modified_at: None,
        }
    }
}
