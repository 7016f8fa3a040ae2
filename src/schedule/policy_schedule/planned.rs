//! The runs that a description plans, and the checks that windows and associations share.

use super::PolicySchedule;
use crate::error::Violations;
use crate::schedule::window::check_hours;
use crate::schedule::{PolicyTargets, ScheduleExpression, ScheduleKind, ScheduleMechanism};
use crate::types::{MaxConcurrency, MaxErrors, NodeId, PatchOperation, Target, is_tag_text};

/// The most values of a target (SSM model).
pub(super) const MOST_VALUES: usize = 50;

/// A scan or an install, with its schedule.
pub(super) struct Planned<'a> {
    name: &'a str,
    pub(super) operation: PatchOperation,
    pub(super) schedule: &'a str,
    pub(super) offset: Option<u8>,
    /// Whether it waits for its first scheduled time.
    pub(super) waits: bool,
}

impl Planned<'_> {
    /// `scan` or `install`.
    pub(super) fn word(&self) -> &'static str {
        match self.operation {
            PatchOperation::Install => "install",
            _ => "scan",
        }
    }

    /// The name of its window or association.
    pub(super) fn name(&self) -> String {
        format!("{}-{}", self.name, self.word())
    }

    /// Which form its schedule has; `None` if it cannot be read.
    pub(super) fn kind(&self) -> Option<ScheduleKind> {
        let schedule = ScheduleExpression::parse(self.schedule).ok()?;
        Some(schedule.kind())
    }

    fn check(&self, mechanism: ScheduleMechanism, found: &mut Violations) {
        mechanism.read(self.word(), self.schedule, found);
        if let Some(days) = self.offset {
            let field = format!("ScheduleOffset of the {}", self.word());
            found.require((1..=6).contains(&days), &field, days, "1 to 6 days");
            let cron = !matches!(self.kind(), Some(ScheduleKind::Rate | ScheduleKind::At));
            found.require(cron, field, days, "only with `cron(…)`");
        }
    }
}

impl PolicySchedule {
    /// The scan, and the install if there is one.
    pub(super) fn planned(&self) -> impl Iterator<Item = Planned<'_>> {
        let policy = &self.policy;
        let install = policy.install_schedule.as_deref().map(|schedule| Planned {
            name: &policy.name,
            operation: PatchOperation::Install,
            schedule,
            offset: self.settings.install_offset,
            waits: policy.install_next_interval,
        });
        let scan = Planned {
            name: &policy.name,
            operation: PatchOperation::Scan,
            schedule: &policy.scan_schedule,
            offset: self.settings.scan_offset,
            waits: policy.scan_next_interval,
        };
        std::iter::once(scan).chain(install)
    }

    /// Records what both windows and associations refuse.
    pub(super) fn check_shared(&self, mechanism: ScheduleMechanism, found: &mut Violations) {
        let policy = &self.policy;
        for planned in self.planned() {
            check_name(&planned.name(), found);
            planned.check(mechanism, found);
            self.parameters(planned.operation.clone()).check(found);
        }
        self.check_targets(found);
        let (duration, cutoff) = match mechanism {
            ScheduleMechanism::MaintenanceWindow => {
                let (duration, cutoff) = self.hours();
                (Some(duration), Some(cutoff))
            }
            _ => (self.settings.duration, None),
        };
        check_hours("", duration, cutoff, found);
        let (concurrency, errors) = (policy.max_concurrency, policy.max_errors);
        let legal = MaxConcurrency::LEGAL;
        found.require(
            concurrency.is_well_formed(),
            "MaxConcurrency",
            concurrency,
            legal,
        );
        found.require(
            errors.is_well_formed(),
            "MaxErrors",
            errors,
            MaxErrors::LEGAL,
        );
        self.settings.run.check(found);
    }

    /// The targets of an association, or of the one registered target of a window: the tag or the
    /// group, and the further targets. Empty for every node, and for node ids.
    pub(super) fn matched_targets(&self) -> Vec<Target> {
        let first = match &self.policy.targets {
            PolicyTargets::All | PolicyTargets::InstanceIds(_) => None,
            PolicyTargets::Tag(tag) => Some(Target::tag(&tag.key, [tag.value.as_str()])),
            PolicyTargets::ResourceGroup(name) => Some(Target::resource_group(name)),
        };
        let further = self.settings.targets.iter().cloned();
        first.into_iter().chain(further).collect()
    }

    /// Records what Systems Manager refuses in several targets (SSM model, `Targets`).
    fn check_further_targets(&self, found: &mut Violations) {
        let further = &self.settings.targets;
        if further.is_empty() {
            return;
        }
        let count = self.matched_targets().len();
        found.require(count <= 5, "Targets", count, "at most 5 targets");
        let by_tag = matches!(
            self.policy.targets,
            PolicyTargets::All | PolicyTargets::Tag(_)
        );
        found.require(
            by_tag,
            "Targets",
            "further targets",
            "with a tag or alone, not with node ids or a resource group",
        );
        for target in further {
            let tag = target.key.strip_prefix("tag:");
            let legal = target.key == "tag-key" || tag.is_some_and(|key| !key.is_empty());
            found.require(legal, "Targets.Key", &target.key, "`tag:KEY` or `tag-key`");
            let values = target.values.len();
            let field = format!("Targets.{}", target.key);
            let legal = "1 to 50 values";
            found.require((1..=MOST_VALUES).contains(&values), field, values, legal);
        }
    }

    fn check_targets(&self, found: &mut Violations) {
        self.check_further_targets(found);
        match &self.policy.targets {
            PolicyTargets::All => {}
            PolicyTargets::InstanceIds(ids) => {
                for (index, id) in ids.iter().enumerate() {
                    let field = format!("Targets.InstanceIds[{index}]");
                    found.require(id.is_well_formed(), field, id, NodeId::LEGAL);
                }
            }
            PolicyTargets::Tag(tag) => {
                found.require(
                    (1..=128).contains(&tag.key.chars().count()) && is_tag_text(&tag.key),
                    "Targets.tag",
                    &tag.key,
                    "1 to 128 letters, digits, spaces or `_.:/=+-@`",
                );
                // People mean any value (awsdocs/aws-cloudformation-user-guide#1184).
                found.require(
                    tag.value != "*",
                    format!("Targets.tag:{}", tag.key),
                    &tag.value,
                    "a value: `*` is no wildcard here; for any value set `Targets` to the key `tag-key`",
                );
            }
            PolicyTargets::ResourceGroup(name) => found.require(
                !name.trim().is_empty(),
                "Targets.resource-groups:Name",
                name,
                "the name of a resource group",
            ),
        }
    }
}

fn check_name(name: &str, found: &mut Violations) {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    found.require(
        (3..=128).contains(&name.chars().count()) && name.chars().all(legal),
        "Name",
        name,
        "3 to 128 letters, digits, `_`, `-` or `.`; a patch policy takes spaces too",
    );
}
