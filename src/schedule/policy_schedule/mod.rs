//! One description of when to scan and install, for three mechanisms.

mod associations;
mod planned;
mod run_settings;
mod settings;
mod windows;

use jiff::civil::Weekday;

use self::settings::Settings;
use super::policy::{ATTACH, check};
use super::{PatchPolicy, PolicyTargets, ScheduleMechanism, SelectedBaseline};
use crate::error::{Result, Violations};
use crate::schedule::expression::weekday_name;
use crate::types::{
    BaselineId, MaxConcurrency, MaxErrors, OperatingSystem, OrganizationalUnitId, RebootOption,
};

/// Describes when and how to scan and install, and checks it before any call.
///
/// One description becomes any of three mechanisms of the service: a patch policy by
/// [`patch_policy`](Self::patch_policy), maintenance windows by
/// [`maintenance_windows`](Self::maintenance_windows), State Manager associations by
/// [`associations`](Self::associations). None of them has every setting; a setting that the
/// mechanism does not have is an error that names those that have it.
///
/// | setting | patch policy | maintenance window | association |
/// |---|---|---|---|
/// | `cron(…)` | yes | yes | the forms that State Manager lists |
/// | `rate(…)`, `at(…)` | | yes | yes |
/// | [`time_zone`](Self::time_zone), [`starting`](Self::starting), [`ending`](Self::ending) | | yes | |
/// | [`scan_offset_days`](Self::scan_offset_days), [`install_offset_days`](Self::install_offset_days) | | yes | yes |
/// | [`scan_at_once`](Self::scan_at_once), [`install_at_once`](Self::install_at_once) | yes | | yes |
/// | every node ([`PolicyTargets::All`]) | yes | | yes |
/// | several tags, tag keys ([`target`](Self::target)) | | yes | yes |
/// | [`baseline`](Self::baseline), [`parameter`](Self::parameter) | yes | | |
/// | [`organizational_units`](Self::organizational_units), [`regions`](Self::regions) | yes | | |
/// | [`hooks`](Self::hooks), [`install_override_list`](Self::install_override_list), [`baseline_override`](Self::baseline_override) | | yes | yes |
/// | [`duration_hours`](Self::duration_hours) | | yes, 3 if not set | yes |
/// | [`cutoff_hours`](Self::cutoff_hours), [`cutoff_behavior`](Self::cutoff_behavior), [`service_role`](Self::service_role), [`priority`](Self::priority), [`delivery_timeout_seconds`](Self::delivery_timeout_seconds), [`cloud_watch_output`](Self::cloud_watch_output), [`notifications`](Self::notifications) with [`notification_role`](Self::notification_role) | | yes | |
/// | [`output_bucket`](Self::output_bucket) | yes | yes | yes |
/// | [`compliance_severity`](Self::compliance_severity), [`sync_compliance`](Self::sync_compliance), [`calendar`](Self::calendar) | | | yes |
///
/// A patch policy has its own baselines; windows and associations use patch groups and defaults. By
/// default it covers every managed node, waits for its first scheduled time, never reboots, works
/// on 10% of the nodes at a time and stops if more than 2% fail.
///
/// ```
/// use aws_patch_manager::PolicySchedule;
/// use aws_patch_manager::schedule::PolicyTargets;
/// use aws_patch_manager::types::{MaxConcurrency, MaxErrors, OperatingSystem, RebootOption, Tag};
/// use aws_patch_manager::jiff::civil::Weekday;
///
/// let policy = PolicySchedule::new("production")
///     .scan_daily_at(0, 0)
///     .install_weekly_on(Weekday::Sunday, 0, 0)
///     .reboot(RebootOption::RebootIfNeeded)
///     .targets(PolicyTargets::Tag(Tag::new("Environment", "production")))
///     .baseline(OperatingSystem::Windows, "pb-0123456789abcdef0", "windows-critical")
///     .max_concurrency(MaxConcurrency::Percent(25))
///     .max_errors(MaxErrors::Count(0))
///     .patch_policy()?;
/// assert_eq!(policy.scan_schedule, "cron(0 0 * * ? *)");
/// assert_eq!(policy.install_schedule.as_deref(), Some("cron(0 0 ? * SUN *)"));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PolicySchedule {
    /// What a patch policy can say, most of which the others can too.
    policy: PatchPolicy,
    /// What it cannot.
    settings: Settings,
}

impl PolicySchedule {
    /// A policy of this name: 1 to 120 letters, digits, spaces, `.`, `_` or `-`.
    ///
    /// It needs a scan schedule at least.
    ///
    /// The names of windows and associations are `NAME-scan` and `NAME-install`, without spaces and
    /// with 3 to 128 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            policy: PatchPolicy::new(name, ""),
            settings: Settings::default(),
        }
    }

    /// Scans every day at 01:00 and installs on Sundays at 02:00, UTC, as Quick Setup's console
    /// proposes. The two runs are an hour apart, so they do not overlap.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::jiff::Timestamp;
    ///
    /// let policy = PolicySchedule::quick_setup_default("production").patch_policy()?;
    /// assert_eq!(policy.scan_schedule, "cron(0 1 * * ? *)");
    /// assert_eq!(policy.install_schedule.as_deref(), Some("cron(0 2 ? * SUN *)"));
    /// assert_eq!(policy.lints(Timestamp::UNIX_EPOCH), []);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn quick_setup_default(name: impl Into<String>) -> Self {
        Self::new(name)
            .scan_daily_at(1, 0)
            .install_weekly_on(Weekday::Sunday, 2, 0)
    }

    /// Scans every day at 00:00 and installs on Sundays at 00:00, UTC.
    ///
    /// Both are due at once on Sundays, and two runs within 2 minutes may both fail:
    /// [`lints`](PatchPolicy::lints) shows how to move one, and
    /// [`quick_setup_default`](Self::quick_setup_default) keeps them an hour apart.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// assert_eq!(policy.scan_schedule, "cron(0 0 * * ? *)");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn daily_scan_weekly_install(name: impl Into<String>) -> Self {
        Self::new(name)
            .scan_daily_at(0, 0)
            .install_weekly_on(Weekday::Sunday, 0, 0)
    }

    /// Scans by this schedule, a [`ScheduleExpression`](crate::ScheduleExpression) or its text.
    ///
    /// A patch policy accepts `cron(…)` only; see the table above for the others.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::new("production").scan("cron(30 4 ? * MON-FRI *)").patch_policy()?;
    /// assert_eq!(policy.install_schedule, None);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn scan(mut self, schedule: impl Into<String>) -> Self {
        self.policy.scan_schedule = schedule.into();
        self
    }

    /// Scans every day at this time.
    ///
    /// The hour is 0 to 23 and the minute 0 to 59, in UTC unless [`time_zone`](Self::time_zone)
    /// says otherwise.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::new("production").scan_daily_at(4, 30).patch_policy()?;
    /// assert_eq!(policy.scan_schedule, "cron(30 4 * * ? *)");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn scan_daily_at(self, hour: u8, minute: u8) -> Self {
        self.scan(daily(hour, minute))
    }

    /// Scans every week on this day at this time.
    ///
    /// Hour and minute as in [`scan_daily_at`](Self::scan_daily_at).
    pub fn scan_weekly_on(self, weekday: Weekday, hour: u8, minute: u8) -> Self {
        self.scan(weekly(weekday, hour, minute))
    }

    /// Installs by this schedule, a [`ScheduleExpression`](crate::ScheduleExpression) or its text.
    ///
    /// If not set, nothing is installed. A patch policy accepts `cron(…)` only; see the table above
    /// for the others.
    ///
    /// ```
    /// use aws_patch_manager::{PolicySchedule, ScheduleExpression};
    ///
    /// let patch_tuesday = ScheduleExpression::parse("cron(0 2 ? * TUE#2 *)")?;
    /// let policy = PolicySchedule::new("production")
    ///     .scan_daily_at(0, 0)
    ///     .install(patch_tuesday.to_string())
    ///     .patch_policy()?;
    /// assert_eq!(policy.install_schedule.as_deref(), Some("cron(0 2 ? * TUE#2 *)"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn install(mut self, schedule: impl Into<String>) -> Self {
        self.policy.install_schedule = Some(schedule.into());
        self
    }

    /// Installs every day at this time.
    ///
    /// Hour and minute as in [`scan_daily_at`](Self::scan_daily_at).
    pub fn install_daily_at(self, hour: u8, minute: u8) -> Self {
        self.install(daily(hour, minute))
    }

    /// Installs every week on this day at this time.
    ///
    /// Hour and minute as in [`scan_daily_at`](Self::scan_daily_at).
    pub fn install_weekly_on(self, weekday: Weekday, hour: u8, minute: u8) -> Self {
        self.install(weekly(weekday, hour, minute))
    }

    /// Installs nothing.
    ///
    /// Undoes [`install`](Self::install) and similar methods.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("watch").scan_only().patch_policy()?;
    /// assert_eq!(policy.install_schedule, None);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn scan_only(mut self) -> Self {
        self.policy.install_schedule = None;
        self
    }

    /// Whether to scan as soon as it is deployed, and not only by schedule.
    ///
    /// `false` if not set. A window does not have this.
    pub fn scan_at_once(mut self, at_once: bool) -> Self {
        self.policy.scan_next_interval = !at_once;
        self
    }

    /// Whether to install as soon as it is deployed, which patches nodes now.
    ///
    /// `false` if not set. A window does not have this.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let now = PolicySchedule::daily_scan_weekly_install("now").install_at_once(true);
    /// assert!(!now.clone().patch_policy()?.install_next_interval);
    /// assert!(now.maintenance_windows().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn install_at_once(mut self, at_once: bool) -> Self {
        self.policy.install_next_interval = !at_once;
        self
    }

    /// Whether an install reboots the node.
    ///
    /// [`NoReboot`](RebootOption::NoReboot) if not set, unlike a run by
    /// [`PatchRequest`](crate::PatchRequest), which reboots if needed.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::types::RebootOption;
    ///
    /// let schedule = PolicySchedule::daily_scan_weekly_install("production");
    /// assert_eq!(schedule.clone().patch_policy()?.reboot_option, RebootOption::NoReboot);
    /// let rebooting = schedule.reboot(RebootOption::RebootIfNeeded).patch_policy()?;
    /// assert_eq!(rebooting.reboot_option, RebootOption::RebootIfNeeded);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn reboot(mut self, option: RebootOption) -> Self {
        self.policy.reboot_option = option;
        self
    }

    /// The nodes it covers.
    ///
    /// [`All`](PolicyTargets::All) if not set; a window does not have it. Node ids: at most 25 in a
    /// patch policy, 50 in an association, 5,000 in a window. A tag's key has 1 to 128 characters,
    /// its value at most 256. Windows and associations take further targets by
    /// [`target`](Self::target).
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    ///
    /// let everywhere = PolicySchedule::daily_scan_weekly_install("production");
    /// assert!(everywhere.maintenance_windows().is_err());
    /// let web = everywhere.targets(PolicyTargets::Tag(Tag::new("Role", "web")));
    /// assert_eq!(web.maintenance_windows()?.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn targets(mut self, targets: PolicyTargets) -> Self {
        self.policy.targets = targets;
        self
    }

    /// The baseline for an operating system: its id, or its ARN if AWS owns it, and its name.
    ///
    /// Said twice for one operating system, the last holds. For every system that is not named the
    /// adapter for AWS selects the default that AWS provides, as the console does; elsewhere, as in
    /// memory, a run on nodes of such a system fails with exit code 163. A policy that selects none
    /// uses AWS's defaults for all.
    ///
    /// The name has 3 to 128 of the characters `a-zA-Z0-9_-.`; the console shows it.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("production")
    ///     .baseline(OperatingSystem::Windows, "pb-0123456789abcdef0", "windows-critical")
    ///     .baseline(OperatingSystem::AmazonLinux2023, "pb-0fedcba9876543210", "al2023-security")
    ///     .patch_policy()?;
    /// assert_eq!(policy.baselines.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn baseline(
        mut self,
        os: OperatingSystem,
        id: impl Into<BaselineId>,
        name: impl Into<String>,
    ) -> Self {
        let selected = SelectedBaseline::new(id, name);
        let os = os.as_str().to_owned();
        self.policy.baselines.insert(os, selected);
        self
    }

    /// How many nodes at the same time.
    ///
    /// A count from 1 to 9,999,999 or a percentage from 1% to 100% of the nodes; 10% if not set.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::types::MaxConcurrency;
    ///
    /// let schedule = PolicySchedule::daily_scan_weekly_install("production");
    /// assert_eq!(schedule.clone().patch_policy()?.max_concurrency, MaxConcurrency::Percent(10));
    /// assert!(schedule.max_concurrency(MaxConcurrency::Percent(0)).patch_policy().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn max_concurrency(mut self, limit: MaxConcurrency) -> Self {
        self.policy.max_concurrency = limit;
        self
    }

    /// How many errors are tolerated.
    ///
    /// A count from 0 to 9,999,999 or a percentage from 0% to 100% of the nodes; 2% if not set. One
    /// more, and no further node begins.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::types::MaxErrors;
    ///
    /// let schedule = PolicySchedule::daily_scan_weekly_install("production");
    /// assert_eq!(schedule.clone().patch_policy()?.max_errors, MaxErrors::Percent(2));
    /// let strict = schedule.max_errors(MaxErrors::Count(0)).patch_policy()?;
    /// assert_eq!(strict.max_errors, MaxErrors::Count(0));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn max_errors(mut self, limit: MaxErrors) -> Self {
        self.policy.max_errors = limit;
        self
    }

    /// Whether Quick Setup may add its policies to the instance profiles and roles that nodes have
    /// already; it may not if not set.
    ///
    /// Where it may not, such a node fails with exit code 160 until its role may read the bucket of
    /// the policy and has the tag `QSConfigId-ID`.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::quick_setup_default("production")
    ///     .policy_attach_allowed(true)
    ///     .patch_policy()?;
    /// assert!(policy.is_policy_attach_allowed());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn policy_attach_allowed(self, allowed: bool) -> Self {
        self.parameter(ATTACH, allowed.to_string())
    }

    /// The roles that deploy the policy in a single account: the ARN of the administration role and
    /// the name of the execution role.
    ///
    /// The roles that Quick Setup's console makes if not set, which an account that never used it
    /// lacks.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let policy = PolicySchedule::quick_setup_default("production")
    ///     .local_roles("arn:aws:iam::123456789012:role/deploys-patching", "patching-deployed")
    ///     .patch_policy()?;
    /// let execution = policy.local_deployment_execution_role_name;
    /// assert_eq!(execution.as_deref(), Some("patching-deployed"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn local_roles(
        mut self,
        administration_arn: impl Into<String>,
        execution_name: impl Into<String>,
    ) -> Self {
        let policy = &mut self.policy;
        policy.local_deployment_administration_role_arn = Some(administration_arn.into());
        policy.local_deployment_execution_role_name = Some(execution_name.into());
        self
    }

    /// Deploys the policy to the accounts of these organizational units, or of the root, instead of
    /// its own account. Only the management account of the organization can: not a delegated
    /// administrator (User Guide, quick-setup-patch-manager).
    ///
    /// The nodes there are those of [`targets`](Self::targets): all, or those with a tag. The patch
    /// policy alone has this.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    ///
    /// let schedule = PolicySchedule::quick_setup_default("production")
    ///     .organizational_units(["ou-abcd-12345678"])
    ///     .targets(PolicyTargets::Tag(Tag::new("Environment", "production")));
    /// assert_eq!(schedule.clone().patch_policy()?.organizational_units.len(), 1);
    /// assert!(schedule.organizational_units(["production"]).patch_policy().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn organizational_units<I>(mut self, ids: I) -> Self
    where
        I: IntoIterator<Item: Into<OrganizationalUnitId>>,
    {
        self.policy.organizational_units = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Deploys the policy to these Regions, of the 16 that have patch policies; if not set, to the
    /// Region where it is made. The patch policy alone has this.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    ///
    /// let schedule = PolicySchedule::quick_setup_default("production");
    /// let policy = schedule.clone().regions(["eu-west-1", "us-east-1"]).patch_policy()?;
    /// assert!(policy.regions.contains("us-east-1"));
    /// assert!(schedule.regions(["eu-south-1"]).patch_policy().is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn regions<I>(mut self, regions: I) -> Self
    where
        I: IntoIterator<Item: Into<String>>,
    {
        self.policy.regions = regions.into_iter().map(Into::into).collect();
        self
    }

    /// A further parameter of Quick Setup, such as `OutputS3BucketName`.
    ///
    /// The value has at most 40,960 characters. [`patch_policy`](Self::patch_policy) refuses a parameter that has
    /// its own method here, and a misspelled name with the one that is meant.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let parameters = &mut self.policy.other_parameters;
        parameters.insert(name.into(), value.into());
        self
    }

    /// The patch policy, as plain data.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::jiff::civil::Weekday;
    ///
    /// let policy = PolicySchedule::new("production")
    ///     .scan_daily_at(0, 0)
    ///     .install_weekly_on(Weekday::Sunday, 0, 0)
    ///     .patch_policy()?;
    /// assert_eq!(policy.name, "production");
    /// let wrong = PolicySchedule::new("production").scan("rate(1 day)").time_zone("Europe/Berlin");
    /// let wrong = wrong.patch_policy().err().ok_or("it was built")?;
    /// println!("{wrong}");
    /// assert_eq!(wrong.violations().len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with every violation, under the names of
    /// Quick Setup's parameters; and with the settings that no patch policy can have, and which
    /// mechanism can.
    pub fn patch_policy(&self) -> Result<PatchPolicy> {
        let mut found = Violations::new();
        check(&self.policy, &mut found);
        self.refuse_foreign(ScheduleMechanism::PatchPolicy, &mut found);
        let mut policy = self.policy.clone();
        self.settings.run.write_output(&mut policy.other_parameters);
        found.or("PolicySchedule", policy)
    }
}

/// Starts from a policy as it stands, to change it.
impl From<PatchPolicy> for PolicySchedule {
    fn from(policy: PatchPolicy) -> Self {
        Self {
            policy,
            settings: Settings::default(),
        }
    }
}

// The guide writes a policy's daily schedule with the `?` as day of week.
fn daily(hour: u8, minute: u8) -> String {
    format!("cron({minute} {hour} * * ? *)")
}

fn weekly(weekday: Weekday, hour: u8, minute: u8) -> String {
    format!("cron({minute} {hour} ? * {} *)", weekday_name(weekday))
}
