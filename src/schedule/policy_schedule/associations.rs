//! The description as State Manager associations.

use super::PolicySchedule;
use super::planned::{MOST_VALUES, Planned};
use crate::error::{Result, Violations};
use crate::schedule::association::CreateAssociation;
use crate::schedule::{PolicyTargets, ScheduleKind, ScheduleMechanism};
use crate::types::Target;

impl PolicySchedule {
    /// The same as State Manager associations: `NAME-scan`, and `NAME-install` if there is an
    /// install.
    ///
    /// Associations run in UTC only. A `rate(…)` counts from the creation of the association, and
    /// its first run is at once. State Manager has no other way, so a rate requires
    /// [`scan_at_once`](Self::scan_at_once) or [`install_at_once`](Self::install_at_once).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with every violation, under the names of
    /// CreateAssociation's members; a setting that no association has names the mechanism that has
    /// it.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    ///
    /// // Three days after Patch Tuesday.
    /// let made = PolicySchedule::new("web")
    ///     .scan_daily_at(0, 0)
    ///     .install("cron(0 2 ? * TUE#2 *)")
    ///     .install_offset_days(3)
    ///     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")))
    ///     .associations()?;
    /// assert_eq!(made[1].association_name.as_deref(), Some("web-install"));
    /// assert_eq!(made[1].schedule_offset, Some(3));
    /// assert_eq!(made[1].apply_only_at_cron_interval, Some(true));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn associations(&self) -> Result<Vec<CreateAssociation>> {
        let mut found = Violations::new();
        self.refuse_foreign(ScheduleMechanism::Association, &mut found);
        self.check_shared(ScheduleMechanism::Association, &mut found);
        self.check_waiting(&mut found);
        if let PolicyTargets::InstanceIds(ids) = &self.policy.targets {
            let told = format_args!("{} ids", ids.len());
            let legal = "1 to 50 node ids; name more nodes by a tag or a resource group";
            found.require(
                (1..=MOST_VALUES).contains(&ids.len()),
                "Targets",
                told,
                legal,
            );
        }
        let made = self
            .planned()
            .map(|planned| self.association(&planned))
            .collect();
        found.or("CreateAssociation", made)
    }

    fn association(&self, planned: &Planned<'_>) -> CreateAssociation {
        let parameters = self.parameters(planned.operation.clone());
        let own = &self.settings;
        let waits = planned.waits && planned.kind() != Some(ScheduleKind::Rate);
        CreateAssociation {
            parameters: Some(parameters.to_map()),
            schedule_expression: Some(planned.schedule.to_owned()),
            schedule_offset: planned.offset,
            apply_only_at_cron_interval: Some(waits),
            association_name: Some(planned.name()),
            max_concurrency: Some(self.policy.max_concurrency),
            max_errors: Some(self.policy.max_errors),
            compliance_severity: own.compliance_severity.clone(),
            sync_compliance: own.sync_compliance.clone(),
            calendar_names: (!own.calendars.is_empty()).then(|| own.calendars.clone()),
            duration: own.duration,
            output_location: own.run.output_location(),
            ..CreateAssociation::new(parameters.document(), self.association_targets())
        }
    }

    fn association_targets(&self) -> Vec<Target> {
        let matched = self.matched_targets();
        match &self.policy.targets {
            PolicyTargets::InstanceIds(ids) => vec![Target::instance_ids(ids)],
            // State Manager's form for every managed node (SSM model, CreateAssociation).
            _ if matched.is_empty() => vec![Target::instance_ids(["*"])],
            _ => matched,
        }
    }

    /// ApplyOnlyAtCronInterval makes an association wait. A rate cannot have it; offset and
    /// duration need it (SSM model, CreateAssociation).
    fn check_waiting(&self, found: &mut Violations) {
        for planned in self.planned() {
            let what = planned.word();
            if planned.waits && planned.kind() == Some(ScheduleKind::Rate) {
                let legal = format!(
                    "call `{what}_at_once(true)`: an association with a rate runs as soon as it is created; a maintenance window waits"
                );
                found.push("ScheduleExpression", planned.schedule, legal);
            }
            if !planned.waits {
                let legal = format!("only without `{what}_at_once`: it runs by its schedule alone");
                if let Some(days) = planned.offset {
                    found.push("ScheduleOffset", days.to_string(), &legal);
                }
                if let Some(hours) = self.settings.duration {
                    found.push("Duration", hours.to_string(), legal);
                }
            }
        }
    }
}
