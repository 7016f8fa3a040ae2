//! The desired state of what an account has now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::desired::{BaselineReference, DesiredState};
use super::resource::ResourceKind;
use super::snapshot::{MirrorPart, MirrorSnapshot, MirroredAssociation, MirroredWindow, Unread};
use crate::baseline::{BaselineSpec, PatchAction};
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowTaskDetail, PatchWindow, PatchWindowTask,
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
};
use crate::schedule::{PatchPolicy, SelectedBaseline};
use crate::types::{BaselineId, ComplianceStatus, PatchComplianceLevel, Tag, Target};

/// A desired state that was read off an account, and what it could not take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ImportedState {
    /// The state.
    pub state: DesiredState,
    /// The resources that no desired state can describe. A plan leaves them alone.
    pub left_out: Vec<LeftOut>,
}

/// A resource that an import left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LeftOut {
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// Its name, or its id if it has none.
    pub name: String,
    /// Why it was left out.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.kind, self.name, self.reason)
    }
}

impl DesiredState {
    /// The desired state of what an account has now, so that its adoption begins with a plan without
    /// changes.
    ///
    /// It has the account's own baselines, windows, associations and policies, the patch groups, and
    /// the defaults that are not AWS's. It leaves out what AWS provides, what Quick Setup made for a
    /// policy, and the tags of nodes. Values that the service fills in are left out as well. A
    /// resource that cannot be described is in [`left_out`](ImportedState::left_out): two of one
    /// name, a window with unnamed parts, an association without a name, a policy that selects a
    /// baseline that was deleted.
    ///
    /// ```
    /// use aws_patch_manager::plan::{DesiredState, MirrorSnapshot};
    ///
    /// let snapshot = MirrorSnapshot::new("2026-05-14T00:00:00Z".parse()?);
    /// let imported = DesiredState::import("web-fleet", &snapshot);
    /// assert_eq!(imported.state, DesiredState::new("web-fleet"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import(name: impl Into<String>, snapshot: &MirrorSnapshot) -> ImportedState {
        let mut import = Import {
            snapshot,
            state: DesiredState::new(name),
            names: BTreeMap::new(),
            left_out: Vec::new(),
        };
        import.baselines();
        import.groups();
        import.defaults();
        import.policies();
        import.windows();
        import.associations();
        ImportedState {
            state: import.state,
            left_out: import.left_out,
        }
    }
}

struct Import<'a> {
    snapshot: &'a MirrorSnapshot,
    state: DesiredState,
    /// The names of the baselines that the state has, by their ids.
    names: BTreeMap<&'a BaselineId, &'a str>,
    left_out: Vec<LeftOut>,
}

impl<'a> Import<'a> {
    fn leave_out(&mut self, kind: ResourceKind, name: &str, reason: impl Into<String>) {
        self.left_out.push(LeftOut {
            kind,
            name: name.to_owned(),
            reason: reason.into(),
        });
    }

    /// Whether a state with this item is valid; otherwise the item is left out.
    fn admit(
        &mut self,
        kind: ResourceKind,
        name: &str,
        add: impl FnOnce(&mut DesiredState),
    ) -> bool {
        let mut probe = DesiredState::new(self.state.name.as_str());
        probe.allow_unlisted_values = self.state.allow_unlisted_values;
        if kind == ResourceKind::PatchPolicy {
            probe.baselines.clone_from(&self.state.baselines);
        }
        // The name of the state is the caller's, and is checked with the rest.
        "import".clone_into(&mut probe.name);
        add(&mut probe);
        let Err(error) = probe.check() else {
            return true;
        };
        let reasons: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
        self.leave_out(kind, name, reasons.join("; "));
        false
    }

    fn baselines(&mut self) {
        const KIND: ResourceKind = ResourceKind::Baseline;
        let counted = counts(self.snapshot.baselines.iter().map(|own| {
            let baseline = &own.baseline;
            (baseline.name.as_str(), baseline.operating_system.as_str())
        }));
        for own in &self.snapshot.baselines {
            let baseline = &own.baseline;
            let name = baseline.name.as_str();
            let several = counted.get(&(name, baseline.operating_system.as_str()));
            if several.is_some_and(|count| *count > 1) {
                let id = baseline.baseline_id.as_str();
                let reason = format!("{id} shares its name and operating system with another one");
                self.leave_out(KIND, name, reason);
                continue;
            }
            let mut spec = baseline.to_spec();
            drop_defaults(&mut spec);
            spec.tags = imported_tags(&own.tags);
            self.allow_unlisted_values_of(&spec);
            if self.admit(KIND, name, |state| state.baselines.push(spec.clone())) {
                self.names.insert(&baseline.baseline_id, name);
                self.state.baselines.push(spec);
            }
        }
    }

    /// Baselines that the account has already may have values that are listed nowhere.
    fn allow_unlisted_values_of(&mut self, spec: &BaselineSpec) {
        let mut probe = DesiredState::new("import");
        probe.baselines.push(spec.clone());
        if probe.check().is_err() {
            probe.allow_unlisted_values = true;
            self.state.allow_unlisted_values |= probe.check().is_ok();
        }
    }

    fn reference(&self, id: &BaselineId, name: Option<&str>) -> BaselineReference {
        match (self.names.get(id), name) {
            (Some(name), _) => (*name).into(),
            (None, Some(name)) if id.is_aws_owned() && name.starts_with("AWS-") => name.into(),
            _ => id.into(),
        }
    }

    fn groups(&mut self) {
        for row in &self.snapshot.patch_groups {
            let identity = &row.baseline_identity;
            let (Some(id), Some(os)) = (&identity.baseline_id, &identity.operating_system) else {
                continue;
            };
            let group = row.patch_group.as_str();
            let reference = self.reference(id, identity.baseline_name.as_deref());
            let registered = BTreeMap::from([(os.as_str().to_owned(), reference.clone())]);
            // Only the group's own name is checked here: the reference is one of this account.
            let probe =
                BTreeMap::from([(os.as_str().to_owned(), BaselineReference::aws_default())]);
            let admitted = self.admit(ResourceKind::PatchGroup, group, |state| {
                state.patch_groups.insert(group.to_owned(), probe);
            });
            if admitted {
                let groups = &mut self.state.patch_groups;
                groups
                    .entry(group.to_owned())
                    .or_default()
                    .extend(registered);
            }
        }
    }

    fn defaults(&mut self) {
        let listing = self.snapshot.baseline_listing.iter();
        for identity in listing.filter(|identity| identity.default_baseline) {
            let (Some(id), Some(os)) = (&identity.baseline_id, &identity.operating_system) else {
                continue;
            };
            let name = identity.baseline_name.as_deref();
            if !SelectedBaseline::new(id, name.unwrap_or_default()).is_aws_default() {
                let reference = self.reference(id, name);
                let defaults = &mut self.state.defaults;
                defaults.insert(os.as_str().to_owned(), reference);
            }
        }
    }

    /// The first baseline of a policy that was deleted since it was selected: Quick Setup keeps its id,
    /// and a state with it could not be applied elsewhere. If the baselines were not read, none is.
    fn dangling<'p>(&self, policy: &'p PatchPolicy) -> Option<(&'p String, &'p SelectedBaseline)> {
        let snapshot = self.snapshot;
        let is_baselines = |unread: &Unread| unread.part == MirrorPart::Baselines;
        if snapshot.baseline_listing.is_empty() || snapshot.unread.iter().any(is_baselines) {
            return None;
        }
        let bare = |id: &BaselineId| id.as_str().rsplit('/').next().map(str::to_owned);
        let listed = snapshot.baseline_listing.iter();
        let listed: BTreeSet<_> = listed
            .filter_map(|identity| identity.baseline_id.as_ref())
            .map(bare)
            .collect();
        let mut selected = policy.baselines.iter();
        selected.find(|(_, selected)| !listed.contains(&bare(&selected.value)))
    }

    fn policies(&mut self) {
        const KIND: ResourceKind = ResourceKind::PatchPolicy;
        let policies = self.snapshot.policies.iter();
        let counted = counts(policies.map(|state| state.policy.name.as_str()));
        for state in &self.snapshot.policies {
            let mut policy = state.policy.clone();
            let name = state.policy.name.as_str();
            if counted.get(name).is_some_and(|count| *count > 1) {
                let reason = format!("{} shares its name with another one", state.arn);
                self.leave_out(KIND, name, reason);
                continue;
            }
            if let Some((os, selected)) = self.dangling(&policy) {
                let reason = format!(
                    "it selects a baseline that does not exist: Baselines.{os}.value is {}",
                    selected.value
                );
                self.leave_out(KIND, name, reason);
                continue;
            }
            policy
                .baselines
                .retain(|_, selected| !selected.is_aws_default());
            for selected in policy.baselines.values_mut() {
                if let Some(name) = self.names.get(&selected.value) {
                    selected.value = (*name).into();
                }
            }
            if self.admit(KIND, name, |state| {
                state.patch_policies.push(policy.clone())
            }) {
                self.state.patch_policies.push(policy);
            }
        }
    }

    fn windows(&mut self) {
        const KIND: ResourceKind = ResourceKind::MaintenanceWindow;
        let windows = self.snapshot.windows.iter();
        let counted = counts(windows.map(|mirrored| mirrored.window.name.as_deref()));
        for mirrored in &self.snapshot.windows {
            let window = patch_window(mirrored);
            let id = mirrored.window.window_id.as_ref();
            let id = id.map_or("", |id| id.as_str());
            let name = mirrored.window.name.as_deref();
            if counted.get(&name).is_some_and(|count| *count > 1) {
                let reason = format!("{id} shares its name with another one");
                self.leave_out(KIND, name.unwrap_or(id), reason);
                continue;
            }
            let name = name.unwrap_or(id);
            if self.admit(KIND, name, |state| {
                state.maintenance_windows.push(window.clone())
            }) {
                self.state.maintenance_windows.push(window);
            }
        }
    }

    fn associations(&mut self) {
        const KIND: ResourceKind = ResourceKind::Association;
        let own = || {
            let mirrored = self.snapshot.associations.iter();
            mirrored.filter(|mirrored| mirrored.policy.is_none())
        };
        let counted = counts(own().map(|own| own.association.association_name.as_deref()));
        for mirrored in own().collect::<Vec<_>>() {
            let id = mirrored.association.association_id.as_ref();
            let id = id.map_or("", |id| id.as_str());
            let name = mirrored.association.association_name.as_deref();
            if name.is_some() && counted.get(&name).is_some_and(|count| *count > 1) {
                let reason = format!("{id} shares its name with another one");
                self.leave_out(KIND, name.unwrap_or(id), reason);
                continue;
            }
            let association = association(mirrored);
            let name = name.unwrap_or(id);
            if self.admit(KIND, name, |state| {
                state.associations.push(association.clone())
            }) {
                self.state.associations.push(association);
            }
        }
    }
}

/// How often each name occurs.
fn counts<N: Ord>(names: impl Iterator<Item = N>) -> BTreeMap<N, usize> {
    let mut counted = BTreeMap::new();
    for name in names {
        *counted.entry(name).or_default() += 1;
    }
    counted
}

/// The tags that a state has: not those that plans, this crate's requests or AWS set.
fn imported_tags(tags: &[Tag]) -> Vec<Tag> {
    let set_by_others = |tag: &&Tag| {
        tag.key.starts_with("aws-patch-manager/")
            || tag.key.to_ascii_lowercase().starts_with("aws:")
    };
    tags.iter()
        .filter(|tag| !set_by_others(tag))
        .cloned()
        .collect()
}

/// Leaves out what the service fills in.
fn drop_defaults(spec: &mut BaselineSpec) {
    spec.approved_patches_compliance_level
        .take_if(|level| *level == PatchComplianceLevel::default());
    spec.approved_patches_enable_non_security
        .take_if(|enable| !*enable);
    spec.rejected_patches_action
        .take_if(|action| *action == PatchAction::AllowAsDependency);
    spec.available_security_updates_compliance_status
        .take_if(|status| *status == ComplianceStatus::NonCompliant);
    for rule in &mut spec.approval_rules.patch_rules {
        let unspecified = PatchComplianceLevel::default();
        rule.compliance_level.take_if(|level| *level == unspecified);
        rule.enable_non_security.take_if(|enable| !*enable);
    }
}

fn patch_window(mirrored: &MirroredWindow) -> PatchWindow {
    let mut window = CreateMaintenanceWindow::from(mirrored.window.settings());
    window.tags = Some(imported_tags(&mirrored.tags)).filter(|tags| !tags.is_empty());
    let targets = mirrored.targets.iter().map(|target| {
        let mut register = RegisterTargetWithMaintenanceWindow::from(target.settings());
        register.resource_type.clone_from(&target.resource_type);
        register
    });
    let tasks = mirrored.tasks.iter();
    PatchWindow {
        window,
        targets: targets.collect(),
        tasks: tasks.map(|task| patch_task(mirrored, task)).collect(),
    }
}

/// A task, with the ids of the window's targets replaced by their names.
fn patch_task(mirrored: &MirroredWindow, task: &MaintenanceWindowTaskDetail) -> PatchWindowTask {
    let mut register = RegisterTaskWithMaintenanceWindow::from(task.settings());
    register.task_type.clone_from(&task.task_type);
    let name_of = |id: &String| {
        let mut targets = mirrored.targets.iter();
        let is_it = |known: &&crate::types::WindowTargetId| known.as_str() == id;
        let target =
            targets.find(|target| target.window_target_id.as_ref().filter(is_it).is_some())?;
        target.name.clone()
    };
    let mut names = Vec::new();
    let mut others: Vec<Target> = Vec::new();
    for target in register.targets.take().unwrap_or_default() {
        let named: Option<Vec<String>> = match target.key.as_str() {
            "WindowTargetIds" => target.values.iter().map(name_of).collect(),
            _ => None,
        };
        match named {
            Some(named) => names.extend(named),
            None => others.push(target),
        }
    }
    register.targets = Some(others).filter(|others| !others.is_empty());
    PatchWindowTask::new(register, names)
}

fn association(mirrored: &MirroredAssociation) -> CreateAssociation {
    let described = &mirrored.association;
    let mut association = CreateAssociation::from(described.settings());
    // An association of one node by its id is described with it as its target too.
    if association.targets.as_ref().is_none_or(Vec::is_empty) {
        association.instance_id.clone_from(&described.instance_id);
    }
    association.tags = Some(imported_tags(&mirrored.tags)).filter(|tags| !tags.is_empty());
    association
}
