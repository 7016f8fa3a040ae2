use std::collections::BTreeSet;

use super::check;
use super::{BaselineReference, DesiredNodes, DesiredState};
use crate::baseline::BaselineSpec;
use crate::error::{Result, Violations};
use crate::group::PatchGroup;
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::schedule::{PatchPolicy, SelectedBaseline};
use crate::types::{OperatingSystem, member_path};

/// Builds a [`DesiredState`].
///
/// ```
/// use aws_patch_manager::plan::{DesiredNodes, DesiredState};
/// use aws_patch_manager::schedule::PolicyTargets;
/// use aws_patch_manager::types::{OperatingSystem, Tag, Target};
/// use aws_patch_manager::{BaselineBuilder, PatchGroup, PolicySchedule};
///
/// let web = PatchGroup::new("web")?;
/// let schedule = PolicySchedule::daily_scan_weekly_install("web")
///     .targets(PolicyTargets::Tag(Tag::new("Patch Group", "web")));
/// let state = DesiredState::builder("web-fleet")
///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
///     .patch_group(&web, OperatingSystem::Ubuntu, "prod-ubuntu")
///     .default_baseline(OperatingSystem::Ubuntu, "prod-ubuntu")
///     .nodes(DesiredNodes::new(Target::tag("Role", ["web"])).patch_group(web))
///     .maintenance_windows(schedule.maintenance_windows()?)
///     .build()?;
/// assert_eq!(state.maintenance_windows.len(), 2);
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DesiredStateBuilder {
    state: DesiredState,
    /// The paths of entries that were given twice, and what was given again.
    repeated: Vec<(String, String)>,
}

impl DesiredStateBuilder {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self {
            state: DesiredState::new(name),
            repeated: Vec::new(),
        }
    }

    /// Adds a baseline.
    pub fn baseline(mut self, spec: BaselineSpec) -> Self {
        self.state.baselines.push(spec);
        self
    }

    /// Allows filters of baselines to have values that are not documented for their operating
    /// system.
    pub fn allow_unlisted_values(mut self) -> Self {
        self.state.allow_unlisted_values = true;
        self
    }

    /// Registers a baseline for a patch group.
    pub fn patch_group(
        mut self,
        group: &PatchGroup,
        os: OperatingSystem,
        baseline: impl Into<BaselineReference>,
    ) -> Self {
        let groups = &mut self.state.patch_groups;
        let registered = groups.entry(group.as_str().to_owned()).or_default();
        let baseline = baseline.into();
        if registered.contains_key(os.as_str()) {
            let group = member_path("PatchGroups", group.as_str());
            let path = member_path(&group, os.as_str());
            self.repeated.push((path, baseline.to_string()));
        } else {
            registered.insert(os.as_str().to_owned(), baseline);
        }
        self
    }

    /// Makes a baseline the default for an operating system.
    pub fn default_baseline(
        mut self,
        os: OperatingSystem,
        baseline: impl Into<BaselineReference>,
    ) -> Self {
        let defaults = &mut self.state.defaults;
        let baseline = baseline.into();
        if defaults.contains_key(os.as_str()) {
            let path = member_path("Defaults", os.as_str());
            self.repeated.push((path, baseline.to_string()));
        } else {
            defaults.insert(os.as_str().to_owned(), baseline);
        }
        self
    }

    /// Adds nodes with their patch group and tags.
    pub fn nodes(mut self, nodes: DesiredNodes) -> Self {
        self.state.nodes.push(nodes);
        self
    }

    /// Adds a patch policy.
    pub fn patch_policy(mut self, policy: PatchPolicy) -> Self {
        self.state.patch_policies.push(policy);
        self
    }

    /// Adds a patch policy that selects baselines of this state, by their names.
    ///
    /// ```
    /// use aws_patch_manager::plan::DesiredState;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, PolicySchedule};
    ///
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let state = DesiredState::builder("web-fleet")
    ///     .baseline(BaselineBuilder::ubuntu_security("prod-ubuntu").build()?)
    ///     .patch_policy_with(policy, [(OperatingSystem::Ubuntu, "prod-ubuntu")])
    ///     .build()?;
    /// assert!(state.patch_policies[0].baseline_for(&OperatingSystem::Ubuntu).is_some());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn patch_policy_with<'n>(
        mut self,
        mut policy: PatchPolicy,
        baselines: impl IntoIterator<Item = (OperatingSystem, &'n str)>,
    ) -> Self {
        let place = self.state.patch_policies.len();
        let mut given = BTreeSet::new();
        for (os, name) in baselines {
            if !given.insert(os.as_str().to_owned()) {
                let path = format!("PatchPolicies[{place}].Baselines.{os}");
                self.repeated.push((path, name.to_owned()));
                continue;
            }
            let selected = SelectedBaseline::new(name, name);
            policy.baselines.insert(os.as_str().to_owned(), selected);
        }
        self.patch_policy(policy)
    }

    /// Adds a maintenance window.
    pub fn maintenance_window(self, window: PatchWindow) -> Self {
        self.maintenance_windows([window])
    }

    /// Adds maintenance windows, such as those of
    /// [`PolicySchedule::maintenance_windows`](crate::PolicySchedule::maintenance_windows).
    pub fn maintenance_windows(mut self, windows: impl IntoIterator<Item = PatchWindow>) -> Self {
        self.state.maintenance_windows.extend(windows);
        self
    }

    /// Adds an association.
    pub fn association(self, association: CreateAssociation) -> Self {
        self.associations([association])
    }

    /// Adds associations, such as those of
    /// [`PolicySchedule::associations`](crate::PolicySchedule::associations).
    pub fn associations(
        mut self,
        associations: impl IntoIterator<Item = CreateAssociation>,
    ) -> Self {
        self.state.associations.extend(associations);
        self
    }

    /// The state, checked as a whole.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all violations.
    pub fn build(self) -> Result<DesiredState> {
        let mut found = Violations::new();
        for (path, value) in self.repeated {
            found.push(path, value, "one baseline: it was given more than once");
        }
        check::state(&self.state, found)?;
        Ok(self.state)
    }
}
