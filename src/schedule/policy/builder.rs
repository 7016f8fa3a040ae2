use std::collections::BTreeMap;

use jiff::civil::Weekday;

use super::parameters::OWN_PARAMETERS;
use super::{PatchPolicy, PolicyTargets, SelectedBaseline};
use crate::error::{Result, Violations};
use crate::operation::RebootOption;
use crate::schedule::expression::weekday_name;
use crate::schedule::{ScheduleExpression, ScheduleKind};
use crate::types::{
    BaselineId, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, Tag, is_tag_text,
};

/// Says what a patch policy does, and checks it before any call.
///
/// Schedules are in UTC, which is all that a patch policy knows. Without more being said, the
/// policy covers every managed node, waits for its first scheduled time, never reboots, works on
/// 10% of the nodes at a time and stops when more than 2% fail.
///
/// ```
/// use aws_patch_manager::PolicySchedule;
/// use aws_patch_manager::operation::RebootOption;
/// use aws_patch_manager::schedule::PolicyTargets;
/// use aws_patch_manager::types::{MaxConcurrency, MaxErrors, OperatingSystem, Tag};
/// use jiff::civil::Weekday;
///
/// let policy = PolicySchedule::new("production")
///     .scan_daily_at(0, 0)
///     .install_weekly_on(Weekday::Sunday, 0, 0)
///     .reboot(RebootOption::RebootIfNeeded)
///     .targets(PolicyTargets::Tag(Tag::new("Environment", "production")))
///     .baseline(OperatingSystem::Windows, "pb-0123456789abcdef0", "windows-critical")
///     .max_concurrency(MaxConcurrency::Percent(25))
///     .max_errors(MaxErrors::Count(0))
///     .build()?;
/// assert_eq!(policy.scan_schedule, "cron(0 0 * * ? *)");
/// assert_eq!(policy.install_schedule.as_deref(), Some("cron(0 0 ? * SUN *)"));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PolicySchedule {
    policy: PatchPolicy,
}

impl PolicySchedule {
    /// A policy of this name: 1 to 120 letters, digits, spaces, `.`, `_` or `-`.
    ///
    /// It needs a scan schedule at least.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            policy: PatchPolicy::new(name, ""),
        }
    }

    /// Scans every day at 00:00 and installs on Sundays at 00:00, UTC.
    pub fn daily_scan_weekly_install(name: impl Into<String>) -> Self {
        Self::new(name)
            .scan_daily_at(0, 0)
            .install_weekly_on(Weekday::Sunday, 0, 0)
    }

    /// Scans by this schedule, a [`ScheduleExpression`] or its text. Only `cron(…)` will do.
    pub fn scan(mut self, schedule: impl Into<String>) -> Self {
        self.policy.scan_schedule = schedule.into();
        self
    }

    /// Scans every day at this time, UTC.
    pub fn scan_daily_at(self, hour: u8, minute: u8) -> Self {
        self.scan(daily(hour, minute))
    }

    /// Scans every week on this day at this time, UTC.
    pub fn scan_weekly_on(self, weekday: Weekday, hour: u8, minute: u8) -> Self {
        self.scan(weekly(weekday, hour, minute))
    }

    /// Installs by this schedule, a [`ScheduleExpression`] or its text. Only `cron(…)` will do.
    pub fn install(mut self, schedule: impl Into<String>) -> Self {
        self.policy.install_schedule = Some(schedule.into());
        self
    }

    /// Installs every day at this time, UTC.
    pub fn install_daily_at(self, hour: u8, minute: u8) -> Self {
        self.install(daily(hour, minute))
    }

    /// Installs every week on this day at this time, UTC.
    pub fn install_weekly_on(self, weekday: Weekday, hour: u8, minute: u8) -> Self {
        self.install(weekly(weekday, hour, minute))
    }

    /// Installs nothing.
    pub fn scan_only(mut self) -> Self {
        self.policy.install_schedule = None;
        self
    }

    /// Whether to scan as soon as the policy is deployed, and not only by schedule.
    pub fn scan_at_once(mut self, at_once: bool) -> Self {
        self.policy.scan_next_interval = !at_once;
        self
    }

    /// Whether to install as soon as the policy is deployed, which patches nodes now.
    pub fn install_at_once(mut self, at_once: bool) -> Self {
        self.policy.install_next_interval = !at_once;
        self
    }

    /// Whether an install reboots the node.
    pub fn reboot(mut self, option: RebootOption) -> Self {
        self.policy.reboot_option = option;
        self
    }

    /// The nodes it covers.
    pub fn targets(mut self, targets: PolicyTargets) -> Self {
        self.policy.targets = targets;
        self
    }

    /// The baseline for an operating system: its id, or its ARN where AWS owns it, and its name.
    ///
    /// Said twice for one operating system, the last holds.
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
    pub fn max_concurrency(mut self, limit: MaxConcurrency) -> Self {
        self.policy.max_concurrency = limit;
        self
    }

    /// How many errors are tolerated.
    pub fn max_errors(mut self, limit: MaxErrors) -> Self {
        self.policy.max_errors = limit;
        self
    }

    /// A further parameter of Quick Setup, such as `IsPolicyAttachAllowed` or `OutputS3BucketName`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let parameters = &mut self.policy.other_parameters;
        parameters.insert(name.into(), value.into());
        self
    }

    /// The policy, as plain data.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with every violation, under the names of
    /// Quick Setup's parameters.
    pub fn build(self) -> Result<PatchPolicy> {
        let policy = self.policy;
        let mut found = Violations::new();
        check_name(&policy.name, &mut found);
        let scan = &policy.scan_schedule;
        check_schedule("ConfigurationOptionsScanValue", scan, &mut found);
        if let Some(install) = &policy.install_schedule {
            check_schedule("ConfigurationOptionsInstallValue", install, &mut found);
        }
        found.require(
            policy.reboot_option.is_known(),
            "RebootOption",
            &policy.reboot_option,
            "`RebootIfNeeded` or `NoReboot`",
        );
        check_targets(&policy.targets, &mut found);
        check_baselines(&policy.baselines, &mut found);
        found.require(
            policy.max_concurrency.is_well_formed(),
            "RateControlConcurrency",
            policy.max_concurrency,
            MaxConcurrency::LEGAL,
        );
        found.require(
            policy.max_errors.is_well_formed(),
            "RateControlErrorThreshold",
            policy.max_errors,
            MaxErrors::LEGAL,
        );
        check_parameters(&policy.other_parameters, &mut found);
        found.or("PolicySchedule", policy)
    }
}

/// Starts from a policy as it stands, to change it.
impl From<PatchPolicy> for PolicySchedule {
    fn from(policy: PatchPolicy) -> Self {
        Self { policy }
    }
}

// The guide writes a policy's daily schedule with the `?` as day of week.
fn daily(hour: u8, minute: u8) -> String {
    format!("cron({minute} {hour} * * ? *)")
}

fn weekly(weekday: Weekday, hour: u8, minute: u8) -> String {
    format!("cron({minute} {hour} ? * {} *)", weekday_name(weekday))
}

fn check_name(name: &str, found: &mut Violations) {
    let legal = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    found.require(
        (1..=120).contains(&name.chars().count()) && name.chars().all(legal),
        "PatchPolicyName",
        name,
        "1 to 120 letters, digits, spaces, `.`, `_` or `-`",
    );
}

fn check_schedule(parameter: &str, text: &str, found: &mut Violations) {
    let instead = match ScheduleExpression::parse(text) {
        Err(error) => {
            for violation in error.violations() {
                let field = violation.field.replacen("Schedule", parameter, 1);
                found.push(field, &violation.value, &violation.legal);
            }
            return;
        }
        Ok(schedule) => match schedule.kind() {
            ScheduleKind::Cron => return,
            ScheduleKind::Rate => "repeats at a rate",
            ScheduleKind::At => "runs once",
        },
    };
    found.push(
        parameter,
        text,
        format!(
            "`cron(…)`: what {instead} is a maintenance window or a State Manager association, not a patch policy"
        ),
    );
}

fn check_targets(targets: &PolicyTargets, found: &mut Violations) {
    match targets {
        PolicyTargets::All => {}
        PolicyTargets::InstanceIds(ids) => check_instance_ids(ids, found),
        PolicyTargets::Tag(tag) => check_tag(tag, found),
        PolicyTargets::ResourceGroup(name) => found.require(
            !name.trim().is_empty(),
            "ResourceGroupName",
            name,
            "the name of a resource group",
        ),
    }
}

fn check_instance_ids(ids: &[NodeId], found: &mut Violations) {
    found.require(
        (1..=25).contains(&ids.len()),
        "TargetInstances",
        format_args!("{} ids", ids.len()),
        "1 to 25 node ids; name more nodes by a tag or a resource group",
    );
    for (index, id) in ids.iter().enumerate() {
        let field = format!("TargetInstances[{index}]");
        found.require(id.is_well_formed(), field, id, NodeId::LEGAL);
    }
}

fn check_tag(tag: &Tag, found: &mut Violations) {
    found.require(
        (1..=128).contains(&tag.key.chars().count()) && is_tag_text(&tag.key),
        "TargetTagKey",
        &tag.key,
        "1 to 128 letters, digits, spaces or `_.:/=+-@`",
    );
    found.require(
        tag.value.chars().count() <= 256 && is_tag_text(&tag.value),
        "TargetTagValue",
        &tag.value,
        "at most 256 letters, digits, spaces or `_.:/=+-@`",
    );
}

fn check_baselines(baselines: &BTreeMap<String, SelectedBaseline>, found: &mut Violations) {
    for (os, baseline) in baselines {
        let id = &baseline.value;
        found.require(
            id.is_well_formed(),
            format!("SelectedPatchBaselines.{os}.value"),
            id,
            BaselineId::LEGAL,
        );
        let label = &baseline.label;
        let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        found.require(
            (3..=128).contains(&label.chars().count()) && label.chars().all(legal),
            format!("SelectedPatchBaselines.{os}.label"),
            label,
            "the baseline's name: 3 to 128 letters, digits, `_`, `-` or `.`",
        );
    }
}

fn check_parameters(parameters: &BTreeMap<String, String>, found: &mut Violations) {
    for (name, value) in parameters {
        found.require(
            !OWN_PARAMETERS.contains(&name.as_str()),
            name,
            value,
            "not as a further parameter: the policy's own fields give it",
        );
        // 40,960 characters are the model's bound of a parameter's value.
        found.require(
            value.chars().count() <= 40_960,
            name,
            format_args!("{} characters", value.chars().count()),
            "at most 40,960 characters",
        );
    }
}
