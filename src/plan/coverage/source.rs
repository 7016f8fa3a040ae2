//! The schedules of an account that patch, whatever mechanism runs them.

use std::sync::Arc;

use jiff::Timestamp;

use super::CoveringSchedule;
use crate::operation::PATCH_DOCUMENTS;
use crate::plan::{MirrorSnapshot, MirroredAssociation, MirroredWindow, ResourceKind};
use crate::schedule::window::MaintenanceWindowTaskDetail;
use crate::schedule::{PatchPolicy, PatchPolicyState, PolicyStatus, PolicyTargets, Recurrence};
use crate::types::{BaselineId, OperatingSystem, PatchOperation, Target};

/// A schedule that scans or installs.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) kind: ResourceKind,
    pub(crate) id: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) operation: PatchOperation,
    pub(crate) schedule: &'a str,
    /// The schedule with its zone, offset and dates; absent if it cannot be read.
    pub(crate) recurrence: Option<Arc<Recurrence>>,
    /// A node is reached if it matches all targets of one of these.
    pub(super) targets: Vec<Vec<Target>>,
    /// The policy, which has its own baselines.
    pub(super) policy: Option<&'a PatchPolicy>,
    /// Whether an override file decides the baseline.
    pub(super) is_overridden: bool,
    /// Why it does not run any more.
    pub(crate) idle: Option<&'static str>,
    /// Why it is not known whether it runs in this account.
    pub(crate) doubt: Option<&'static str>,
}

impl<'a> Source<'a> {
    fn new(kind: ResourceKind, id: &'a str, operation: PatchOperation, schedule: &'a str) -> Self {
        Self {
            kind,
            id,
            name: None,
            operation,
            schedule,
            recurrence: None,
            targets: Vec::new(),
            policy: None,
            is_overridden: false,
            idle: None,
            doubt: None,
        }
    }

    /// Every schedule of an account that patches.
    pub(crate) fn all(snapshot: &'a MirrorSnapshot) -> Vec<Self> {
        let policies = snapshot.policies.iter();
        let policies = policies.flat_map(|state| of_policy(state, snapshot));
        let windows = snapshot.windows.iter();
        let windows = windows.flat_map(|window| of_window(window, snapshot.taken_at));
        let associations = snapshot.associations.iter();
        let associations = associations.filter_map(|one| of_association(one, snapshot.taken_at));
        policies.chain(windows).chain(associations).collect()
    }

    /// The name, or the id if it has none.
    pub(super) fn label(&self) -> String {
        format!("{} {}", self.kind, self.name.unwrap_or(self.id))
    }

    /// The baseline by which it judges a node of this system, whose group or default has `usual`.
    pub(super) fn baseline(
        &self,
        os: Option<&OperatingSystem>,
        usual: Option<&BaselineId>,
    ) -> Option<BaselineId> {
        match self.policy {
            Some(policy) => Some(policy.baseline_for(os?)?.value.clone()),
            None if self.is_overridden => None,
            None => usual.cloned(),
        }
    }

    /// Whether it is a policy that selects baselines, and none for this system. Its runs fail there.
    pub(super) fn lacks_baseline(&self, os: &OperatingSystem) -> bool {
        let selects = |policy: &PatchPolicy| !policy.baselines.is_empty();
        self.policy
            .is_some_and(|policy| selects(policy) && policy.baseline_for(os).is_none())
    }

    /// Whether its nodes can be in other accounts alone.
    pub(super) fn is_for_units(&self) -> bool {
        self.policy
            .is_some_and(|policy| !policy.organizational_units.is_empty())
    }

    pub(super) fn covering(&self, baseline: Option<BaselineId>) -> CoveringSchedule {
        CoveringSchedule {
            kind: self.kind,
            id: self.id.to_owned(),
            name: self.name.map(str::to_owned),
            operation: self.operation.clone(),
            schedule: self.schedule.to_owned(),
            recurrence: self.recurrence.clone(),
            baseline,
        }
    }
}

/// The scan of a policy, and its install if it has one.
fn of_policy<'a>(state: &'a PatchPolicyState, snapshot: &MirrorSnapshot) -> Vec<Source<'a>> {
    let policy = &state.policy;
    let targets = vec![match &policy.targets {
        PolicyTargets::All => Target::instance_ids(["*"]),
        PolicyTargets::InstanceIds(ids) => Target::instance_ids(ids),
        PolicyTargets::Tag(tag) => Target::tag(&tag.key, [tag.value.as_str()]),
        PolicyTargets::ResourceGroup(name) => Target::resource_group(name),
    }];
    let is_among = |own: &String| policy.regions.is_empty() || policy.regions.contains(own);
    let elsewhere = snapshot.region.as_ref().is_some_and(|own| !is_among(own));
    // Which accounts are in a unit is not in a snapshot. An association of the policy shows that this is one.
    let mut associations = snapshot.associations.iter();
    let is_here = associations.any(|one| one.policy.as_ref() == Some(&state.arn));
    let doubt = (!policy.organizational_units.is_empty() && !is_here).then_some(
        "may reach it: whether this account is in its organizational units is not known",
    );
    let idle = match state.status {
        PolicyStatus::Deleting => Some("it is being deleted"),
        _ if elsewhere => Some("its Regions do not include this one"),
        _ => None,
    };
    let source = |operation, schedule: &'a str| Source {
        name: Some(&policy.name),
        targets: vec![targets.clone()],
        policy: Some(policy),
        recurrence: read(schedule),
        idle,
        doubt,
        ..Source::new(
            ResourceKind::PatchPolicy,
            state.arn.as_str(),
            operation,
            schedule,
        )
    };
    let scan = source(PatchOperation::Scan, policy.scan_schedule.as_str());
    let install = policy.install_schedule.as_deref();
    let install = install.map(|schedule| source(PatchOperation::Install, schedule));
    std::iter::once(scan).chain(install).collect()
}

/// The operations of a window's tasks. Several tasks with one operation are one source: a window of many
/// node ids has a task for each 500 of them.
fn of_window(window: &MirroredWindow, now: Timestamp) -> Vec<Source<'_>> {
    let described = &window.window;
    let mut sources: Vec<Source<'_>> = Vec::new();
    let (Some(id), Some(schedule)) = (&described.window_id, &described.schedule) else {
        return sources;
    };
    let recurrence = described.recurrence().ok().map(Arc::new);
    let idle = match described.enabled {
        Some(false) => Some("it is disabled"),
        _ => has_ended(recurrence.as_deref(), now),
    };
    for task in &window.tasks {
        let Some((operation, is_overridden)) = patching(task) else {
            continue;
        };
        let targets = task_targets(task, window);
        let known = sources
            .iter_mut()
            .find(|source| source.operation == operation && source.is_overridden == is_overridden);
        match known {
            Some(source) => source.targets.extend(targets),
            None => sources.push(Source {
                name: described.name.as_deref(),
                targets: targets.collect(),
                recurrence: recurrence.clone(),
                is_overridden,
                idle,
                ..Source::new(
                    ResourceKind::MaintenanceWindow,
                    id.as_str(),
                    operation,
                    schedule,
                )
            }),
        }
    }
    sources
}

/// What a task patches, and whether an override file decides the baseline; `None` if it does not patch.
fn patching(task: &MaintenanceWindowTaskDetail) -> Option<(PatchOperation, bool)> {
    if !is_patch_document(task.task_arn.as_deref()?) {
        return None;
    }
    let given = task.task_invocation_parameters.as_ref()?;
    let parameters = given.run_command.as_ref()?.parameters.as_ref()?;
    let value = |name: &str| parameters.get(name)?.first().map(String::as_str);
    let overridden = value("BaselineOverride").is_some_and(|url| !url.is_empty());
    Some((operation(value("Operation"))?, overridden))
}

/// The registered targets that a task names, and node ids that it names itself.
fn task_targets<'a>(
    task: &'a MaintenanceWindowTaskDetail,
    window: &'a MirroredWindow,
) -> impl Iterator<Item = Vec<Target>> {
    let named = task.targets.iter().flatten();
    named.flat_map(move |named| {
        if named.key != "WindowTargetIds" {
            return vec![vec![named.clone()]];
        }
        let registered = window.targets.iter().filter(|target| {
            let id = target.window_target_id.as_ref();
            id.is_some_and(|id| named.values.iter().any(|value| value == id.as_str()))
        });
        let targets = registered.filter_map(|target| target.targets.clone());
        targets.collect()
    })
}

/// An association, unless it is the work of a policy that was read.
fn of_association(mirrored: &MirroredAssociation, now: Timestamp) -> Option<Source<'_>> {
    let association = &mirrored.association;
    if mirrored.policy.is_some() || !is_patch_document(association.name.as_deref()?) {
        return None;
    }
    let parameters = association.parameters.as_ref()?;
    let value = |name: &str| parameters.get(name)?.first().map(String::as_str);
    let operation = operation(value("Operation"))?;
    let schedule = association.schedule_expression.as_deref();
    let one = association.instance_id.as_ref();
    let one = one.map(|id| vec![Target::instance_ids([id])]);
    let recurrence = association.recurrence();
    let recurrence = recurrence.ok().flatten().map(Arc::new);
    let idle = match schedule {
        None => Some("it has no schedule, and ran when it was created"),
        Some(_) => has_ended(recurrence.as_deref(), now),
    };
    Some(Source {
        name: association.association_name.as_deref(),
        targets: association.targets.clone().or(one).into_iter().collect(),
        recurrence,
        is_overridden: value("BaselineOverride").is_some_and(|url| !url.is_empty()),
        idle,
        ..Source::new(
            ResourceKind::Association,
            association.association_id.as_ref()?.as_str(),
            operation,
            schedule.unwrap_or_default(),
        )
    })
}

fn is_patch_document(name: &str) -> bool {
    // A document can be named by its ARN, which ends with `document/NAME`.
    let name = name.rsplit('/').next().unwrap_or(name);
    PATCH_DOCUMENTS.contains(&name)
}

fn operation(text: Option<&str>) -> Option<PatchOperation> {
    let operation = PatchOperation::from(text?);
    operation.is_known().then_some(operation)
}

/// A schedule in UTC that counts from no instant, as a policy has it.
fn read(schedule: &str) -> Option<Arc<Recurrence>> {
    let expression = schedule.parse().ok()?;
    Some(Arc::new(Recurrence::new(expression)))
}

/// A schedule that cannot be read is taken to run: the service accepted it.
fn has_ended(recurrence: Option<&Recurrence>, now: Timestamp) -> Option<&'static str> {
    let next = recurrence.map(|recurrence| recurrence.next_after(now));
    (next == Some(None)).then_some("its schedule does not run any more")
}
