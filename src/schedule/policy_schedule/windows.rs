//! The description as maintenance windows.

use super::PolicySchedule;
use super::planned::{MOST_VALUES, Planned};
use crate::error::{Result, Violations};
use crate::operation::check_role;
use crate::schedule::recurrence::zone_named;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowResourceType,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskType, PatchWindow,
    PatchWindowTask, RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use crate::schedule::{PolicyTargets, ScheduleMechanism};
use crate::types::Target;

/// The default duration of a window, and the default cutoff before its end.
const DURATION: u8 = 3;
const CUTOFF: u8 = 1;
/// The most registered targets of one task (quota "targets per task").
const MOST_TARGETS: usize = 10;

impl PolicySchedule {
    /// The same as maintenance windows: `NAME-scan`, and `NAME-install` if there is an install.
    /// Each has its targets and a task that runs the patch document on them.
    ///
    /// By default a window is open 3 hours, and nothing starts in its last hour. Node ids are
    /// registered 50 at a time; more than 10 such targets need several tasks, which run one after
    /// the other.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with every violation, under the names of
    /// CreateMaintenanceWindow's members; a setting that no window has names the mechanism that has
    /// it. A window cannot target every node: name a tag.
    ///
    /// ```
    /// use aws_patch_manager::PolicySchedule;
    /// use aws_patch_manager::schedule::PolicyTargets;
    /// use aws_patch_manager::types::Tag;
    /// use aws_patch_manager::jiff::civil::Weekday;
    ///
    /// let windows = PolicySchedule::new("web")
    ///     .scan_daily_at(1, 0)
    ///     .install_weekly_on(Weekday::Sunday, 2, 0)
    ///     .time_zone("Europe/Berlin")
    ///     .duration_hours(4)
    ///     .cutoff_hours(1)
    ///     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")))
    ///     .maintenance_windows()?;
    /// assert_eq!(windows[1].window.name.as_deref(), Some("web-install"));
    /// assert_eq!(windows[1].window.schedule_timezone.as_deref(), Some("Europe/Berlin"));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn maintenance_windows(&self) -> Result<Vec<PatchWindow>> {
        let mut found = Violations::new();
        self.refuse_foreign(ScheduleMechanism::MaintenanceWindow, &mut found);
        self.check_shared(ScheduleMechanism::MaintenanceWindow, &mut found);
        self.check_window(&mut found);
        let made = self
            .planned()
            .map(|planned| self.window(&planned))
            .collect();
        found.or("CreateMaintenanceWindow", made)
    }

    /// The duration and the cutoff.
    pub(super) fn hours(&self) -> (u8, u8) {
        let duration = self.settings.duration.unwrap_or(DURATION);
        let most = duration.saturating_sub(1);
        (duration, self.settings.cutoff.unwrap_or(CUTOFF.min(most)))
    }

    fn window(&self, planned: &Planned<'_>) -> PatchWindow {
        let own = &self.settings;
        let (duration, cutoff) = self.hours();
        let name = planned.name();
        let window = CreateMaintenanceWindow {
            schedule_timezone: own.time_zone.clone(),
            schedule_offset: planned.offset,
            start_date: own.starting.map(|instant| instant.to_string()),
            end_date: own.ending.map(|instant| instant.to_string()),
            ..CreateMaintenanceWindow::new(&name, planned.schedule, duration, cutoff)
        };
        let targets = self.window_targets(&name);
        let tasks = targets
            .chunks(MOST_TARGETS)
            .enumerate()
            .map(|(index, targets)| self.task(planned, index as u32, targets))
            .collect();
        PatchWindow {
            window,
            targets,
            tasks,
        }
    }

    fn window_targets(&self, name: &str) -> Vec<RegisterTargetWithMaintenanceWindow> {
        let nodes = MaintenanceWindowResourceType::Instance;
        match &self.policy.targets {
            PolicyTargets::InstanceIds(ids) => ids
                .chunks(MOST_VALUES)
                .zip(1..)
                .map(|(ids, number)| {
                    let name = format!("{name}-{number}");
                    registered(name, nodes.clone(), vec![Target::instance_ids(ids)])
                })
                .collect(),
            PolicyTargets::ResourceGroup(_) => {
                let groups = MaintenanceWindowResourceType::ResourceGroup;
                vec![registered(name.to_owned(), groups, self.matched_targets())]
            }
            PolicyTargets::All | PolicyTargets::Tag(_) => {
                let targets = self.matched_targets();
                let targets = Some(targets).filter(|targets| !targets.is_empty());
                let register = |targets| registered(name.to_owned(), nodes, targets);
                targets.map(register).into_iter().collect()
            }
        }
    }

    /// The task for these targets. Later tasks wait for the first one, by their priority.
    fn task(
        &self,
        planned: &Planned<'_>,
        index: u32,
        targets: &[RegisterTargetWithMaintenanceWindow],
    ) -> PatchWindowTask {
        let own = &self.settings;
        let name = planned.name();
        let parameters = self.parameters(planned.operation.clone());
        let comment = format!("{name}: {}", planned.operation);
        let task = RegisterTaskWithMaintenanceWindow {
            task_arn: Some(parameters.document().to_owned()),
            task_type: Some(MaintenanceWindowTaskType::RunCommand),
            task_invocation_parameters: Some(MaintenanceWindowTaskInvocationParameters {
                run_command: Some(own.run.run_command(&parameters, comment)),
                ..MaintenanceWindowTaskInvocationParameters::default()
            }),
            name: Some(match index {
                0 => name,
                more => format!("{name}-{}", more + 1),
            }),
            priority: Some(own.priority.unwrap_or(1).saturating_add(index)),
            max_concurrency: Some(self.policy.max_concurrency),
            max_errors: Some(self.policy.max_errors),
            service_role_arn: own.service_role.clone(),
            cutoff_behavior: own.cutoff_behavior.clone(),
            ..RegisterTaskWithMaintenanceWindow::default()
        };
        PatchWindowTask::new(
            task,
            targets.iter().filter_map(|target| target.name.clone()),
        )
    }

    fn check_window(&self, found: &mut Violations) {
        match &self.policy.targets {
            PolicyTargets::All if self.settings.targets.is_empty() => found.push(
                "Targets",
                "every node",
                "a tag, node ids or a resource group; a patch policy or an association can target every node",
            ),
            // 100 targets of a window, of 50 ids each.
            PolicyTargets::InstanceIds(ids) => found.require(
                (1..=5_000).contains(&ids.len()),
                "Targets",
                format_args!("{} ids", ids.len()),
                "1 to 5,000 node ids; name more nodes by a tag",
            ),
            PolicyTargets::All | PolicyTargets::Tag(_) | PolicyTargets::ResourceGroup(_) => {}
        }
        self.check_bounds(found);
    }

    /// Checks the zone, the role, and that the window's time does not end before it starts.
    fn check_bounds(&self, found: &mut Violations) {
        let own = &self.settings;
        if let (Some(starting), Some(ending)) = (own.starting, own.ending) {
            found.require(starting < ending, "EndDate", ending, "later than StartDate");
        }
        if let Some(role) = &own.service_role {
            check_role("ServiceRoleArn", role, found);
        }
        if let Some(name) = &own.time_zone {
            zone_named(name, "ScheduleTimezone", found);
        }
    }
}

fn registered(
    name: String,
    resource_type: MaintenanceWindowResourceType,
    targets: Vec<Target>,
) -> RegisterTargetWithMaintenanceWindow {
    RegisterTargetWithMaintenanceWindow {
        name: Some(name),
        resource_type: Some(resource_type),
        targets: Some(targets),
        ..RegisterTargetWithMaintenanceWindow::default()
    }
}
