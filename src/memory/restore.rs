//! Takes over an account that was read elsewhere, so that it continues here.
//!
//! Everything is taken as it is: what memory would refuse to create, the account held all the same. No
//! change here is a call of the service, and nothing runs because of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::backend::MemoryBackend;
use super::engine::{Engine, node_title};
use super::operations::{association_recurrence, window_recurrence};
use super::store::State;
use super::store::associations::{AssociationRecord, AssociationVersion, EarlierRuns};
use super::store::fleet::Node;
use super::store::fleet_file::FleetNode;
use super::store::later;
use super::store::report::{Finding, Report};
use super::store::windows::Window;
use crate::baseline::approval::{ApprovalVerdict, CompiledBaseline};
use crate::baseline::{BaselineSpec, PatchBaseline, PatchBaselineIdentity};
use crate::compliance::{
    ComplianceExecutionSummary, InstancePatchState, PatchComplianceData, PatchState,
};
use crate::group::PatchGroupMapping;
use crate::schedule::association::{AssociationDescription, CreateAssociation};
use crate::schedule::window::{
    MaintenanceWindow, MaintenanceWindowTarget, MaintenanceWindowTaskDetail,
};
use crate::schedule::{PatchPolicyState, PolicyStatus, ScheduleKind};
use crate::types::{NodeId, Patch, PatchPolicyArn, Tag};

/// How long memory deploys a policy.
const DEPLOYMENT: SignedDuration = SignedDuration::from_secs(60);
/// How old a change of a baseline must be for each policy to have copied it.
const COPIED: SignedDuration = SignedDuration::from_hours(1);

impl MemoryBackend {
    /// Takes over the baselines: the account's own, AWS's as far as they were read, and from the listing the
    /// ids of AWS's others and the defaults. The rules of an unread one are those that memory knows by its
    /// name.
    pub(crate) fn restore_baselines(
        &self,
        own: Vec<PatchBaseline>,
        predefined: &[PatchBaseline],
        listed: &[PatchBaselineIdentity],
    ) {
        self.act(|engine, _| {
            let baselines = &mut engine.state.baselines;
            baselines.own = own;
            for baseline in &mut baselines.own {
                baseline.patch_groups = None;
            }
            if !listed.is_empty() {
                let known = std::mem::take(&mut baselines.predefined);
                let listed = listed.iter();
                let predefined = listed.filter_map(|one| as_listed(one, predefined, &known));
                baselines.predefined = predefined.collect();
            }
            for default in listed.iter().filter(|one| one.default_baseline) {
                if let (Some(os), Some(id)) = (&default.operating_system, &default.baseline_id)
                    && baselines.get(id.as_str()).is_some()
                {
                    baselines.defaults.insert(os.clone(), id.clone());
                }
            }
        });
    }

    /// Takes over the rows of patch groups.
    pub(crate) fn restore_patch_groups(&self, rows: &[PatchGroupMapping]) {
        self.act(|engine, _| {
            for row in rows {
                let baseline = &row.baseline_identity;
                if let (Some(os), Some(id)) = (&baseline.operating_system, &baseline.baseline_id) {
                    let groups = &mut engine.state.baselines.groups;
                    groups.insert(&row.patch_group, os.clone(), id.clone());
                }
            }
        });
    }

    /// Takes over the tags of a baseline, a window or an association.
    pub(crate) fn restore_tags(&self, id: &str, tags: &[Tag]) {
        self.act(|engine, _| engine.state.tags.insert(id, tags.to_vec()));
    }

    /// Takes over an association. It runs next when its schedule says, and not now. Its document exists from
    /// now on, as that of a window's task does.
    pub(crate) fn restore_association(
        &self,
        described: &AssociationDescription,
        policy: Option<&PatchPolicyArn>,
    ) {
        let Some(id) = &described.association_id else {
            return;
        };
        self.act(|engine, now| {
            let created = described.last_update_association_date.or(described.date);
            let created = created.unwrap_or(now);
            let settings = CreateAssociation {
                instance_id: described.instance_id.clone(),
                ..described.settings().into()
            };
            let version = described.association_version.as_deref();
            let version = AssociationVersion {
                number: version.and_then(|text| text.parse().ok()).unwrap_or(1),
                created,
                recurrence: association_recurrence(&settings, created).ok().flatten(),
                settings,
            };
            let mut record = AssociationRecord::new(id.clone(), version);
            record.created = described.date.unwrap_or(created);
            record.policy = policy.cloned();
            record.earlier = Some(EarlierRuns {
                overview: described.overview.clone(),
                status: described.status.clone(),
                last_execution: described.last_execution_date,
                last_success: described.last_successful_execution_date,
            });
            let document = record.current.settings.name.as_deref();
            engine.state.documents.add(document.unwrap_or_default());
            engine.state.associations.enter(record);
            engine.plan_association(id, now);
        });
    }

    /// Takes over a policy, after its associations. If it has none, they are made; they do not run at once.
    /// A policy for organizational units is in this account if it has some.
    pub(crate) fn restore_policy(&self, policy: &PatchPolicyState) {
        self.act(|engine, now| {
            let under_way = matches!(
                policy.status,
                PolicyStatus::Initializing | PolicyStatus::Deploying
            );
            let changed = policy.last_modified_at.or(policy.created_at);
            let usual = later(changed.unwrap_or(now), DEPLOYMENT);
            let deployed = match under_way {
                true if usual <= now => later(now, DEPLOYMENT),
                true => usual,
                false => usual.min(now),
            };
            engine.state.policies.add(policy.clone(), deployed);
            let associations = &engine.state.associations;
            let of_policy = |one: &AssociationRecord| one.policy.as_ref() == Some(&policy.arn);
            let is_found = associations.iter().any(of_policy);
            if let Some(record) = engine.state.policies.get_mut(&policy.arn) {
                record.is_found_here = is_found;
            }
            engine.resume_policy(&policy.arn, now);
        });
    }

    /// Takes over a window. It opens next when the service says; one whose schedule cannot be read does
    /// not open after that.
    pub(crate) fn restore_window(
        &self,
        window: &MaintenanceWindow,
        targets: &[MaintenanceWindowTarget],
        tasks: &[MaintenanceWindowTaskDetail],
    ) {
        let Some(id) = &window.window_id else { return };
        self.act(|engine, now| {
            let made = window.modified_date.or(window.created_date).unwrap_or(now);
            let mut recurrence = window_recurrence(&window.settings(), made).ok();
            let announced = window.next_execution_time.filter(|next| *next > now);
            // The service may count a rate from another instant than memory does.
            if let (Some(next), Some(rate)) = (announced, &mut recurrence)
                && rate.expression().kind() == ScheduleKind::Rate
                && let Some(after) = rate.clone().anchored_at(next).next_after(next)
            {
                let period = next.duration_until(after);
                let anchor = next.saturating_sub(period).unwrap_or(Timestamp::MIN);
                *rate = rate.clone().anchored_at(anchor);
            }
            let mut restored = Window {
                facts: window.clone(),
                recurrence,
                next: None,
                revision: engine.state.windows.next_revision(),
                targets: targets.to_vec(),
                tasks: tasks.to_vec(),
            };
            restored.plan_after(now);
            if announced.is_some() && restored.is_enabled() {
                restored.next = announced;
            }
            for task in tasks {
                let document = task.task_arn.as_deref().unwrap_or_default();
                engine.state.documents.add(document);
            }
            engine.state.windows.add(restored);
            engine.plan_window(id);
        });
    }

    /// Takes over a node with what is installed on it and what of that waits for a reboot. If nothing is
    /// known of that, operations here report nothing.
    pub(crate) fn restore_node(&self, node: FleetNode, pending: Option<BTreeSet<String>>) {
        let id = node.id().clone();
        self.act(|engine, _| {
            engine.state.fleet.add(node);
            if let Some(node) = engine.state.fleet.get_mut(&id) {
                node.is_opaque = pending.is_none();
                node.since_boot.by_install = pending.unwrap_or_default();
            }
        });
    }

    /// Takes over what the last operations of nodes reported, after everything else.
    ///
    /// Patches that a scan here would find missing, and the report does not, do not apply to the node: its
    /// role, its repositories or an older installation are the reason, which no listing tells. This is
    /// learned only if the baseline is as it was at that operation.
    pub(crate) fn restore_reports<'a>(
        &self,
        reports: impl IntoIterator<Item = (&'a InstancePatchState, &'a [PatchComplianceData])>,
    ) {
        self.act(|engine, _| {
            let catalog = engine.state.catalog.by_kb();
            for (state, patches) in reports {
                engine.restore_report(&catalog, state, patches);
            }
        });
    }
}

impl Engine {
    fn restore_report(
        &mut self,
        catalog: &HashMap<String, Vec<usize>>,
        state: &InstancePatchState,
        patches: &[PatchComplianceData],
    ) {
        let id = &state.instance_id;
        let (baseline, of_policy) = match self.state.fleet.get(id) {
            Some(node) => baseline_of(&self.state, node, state),
            None => return,
        };
        if let Some(baseline) = &baseline {
            let settled = match of_policy {
                true => COPIED,
                false => SignedDuration::ZERO,
            };
            let changed = baseline.modified_date.map(|at| later(at, settled));
            if changed.is_none_or(|changed| changed <= state.operation_start_time) {
                self.learn_what_does_not_apply(id, baseline, state, patches);
            }
        }
        let report = report(&self.state, catalog, baseline, of_policy, (state, patches));
        if let Some(node) = self.state.fleet.get_mut(id) {
            node.last_no_reboot_install = state.last_no_reboot_install_operation_time;
            node.report = Some(Arc::new(report));
        }
    }

    fn learn_what_does_not_apply(
        &mut self,
        id: &NodeId,
        baseline: &PatchBaseline,
        state: &InstancePatchState,
        patches: &[PatchComplianceData],
    ) {
        let open = [
            PatchState::Missing,
            PatchState::Failed,
            PatchState::AvailableSecurityUpdate,
        ];
        let reported: BTreeSet<&str> = patches
            .iter()
            .filter(|patch| open.contains(&patch.state))
            .map(|patch| patch.kb_id.as_str())
            .collect();
        let findings = self.findings_as_of(id, baseline, state.operation_start_time);
        let found = findings.into_iter().map(|finding| finding.data);
        let found = found.filter(|patch| open.contains(&patch.state));
        let surplus: BTreeSet<String> = found
            .map(|patch| patch.kb_id)
            .filter(|kb| !reported.contains(kb.as_str()))
            .collect();
        if let Some(node) = self.state.fleet.get_mut(id) {
            node.inapplicable = surplus;
        }
    }
}

/// A predefined baseline of the listing: as it was read, or with the rules that memory knows.
fn as_listed(
    listed: &PatchBaselineIdentity,
    read: &[PatchBaseline],
    known: &[PatchBaseline],
) -> Option<PatchBaseline> {
    let id = listed.baseline_id.as_ref().filter(|id| id.is_aws_owned())?;
    if let Some(read) = read.iter().find(|read| read.baseline_id == *id) {
        let patch_groups = None;
        return Some(PatchBaseline {
            patch_groups,
            ..read.clone()
        });
    }
    let name = listed.baseline_name.clone().unwrap_or_default();
    let os = listed.operating_system.clone().unwrap_or_default();
    let same = known
        .iter()
        .find(|known| known.name == name && known.operating_system == os);
    let mut baseline = match same {
        Some(same) => same.clone(),
        None => PatchBaseline::from_spec(id.clone(), &BaselineSpec::new(name, os)),
    };
    baseline.baseline_id = id.clone();
    baseline
        .description
        .clone_from(&listed.baseline_description);
    Some(baseline)
}

/// The baseline of a node's last operation, and whether a policy selected it. The id that an operation of
/// a policy reports is one of its own.
fn baseline_of(
    state: &State,
    node: &Node,
    last: &InstancePatchState,
) -> (Option<PatchBaseline>, bool) {
    if let Some(known) = state.baselines.get(last.baseline_id.as_str()) {
        return (Some(known.clone()), false);
    }
    let os = &node.facts.operating_system;
    let mut policies = state
        .associations
        .iter()
        .filter(|stored| stored.current.covers(node))
        .filter_map(|stored| state.policies.deployed(stored.policy.as_ref()?));
    if let Some(policy) = policies.next() {
        let copy = policy.copies.get(os.as_str());
        let copy = copy.map(|copy| (**copy).clone());
        return (
            copy.or_else(|| state.baselines.predefined_for(os).cloned()),
            true,
        );
    }
    let group = last.patch_group.as_str();
    (state.baselines.for_node(group, os).cloned(), false)
}

/// The report of a node's last operation. The levels of its patches are those that the baseline gives them
/// now.
fn report(
    stored: &State,
    catalog: &HashMap<String, Vec<usize>>,
    baseline: Option<PatchBaseline>,
    of_policy: bool,
    (state, patches): (&InstancePatchState, &[PatchComplianceData]),
) -> Report {
    let node = stored.fleet.get(&state.instance_id);
    let mut baseline = baseline.unwrap_or_else(|| {
        let os = node.map(|node| node.facts.operating_system.clone());
        let spec = BaselineSpec::new("", os.unwrap_or_default());
        PatchBaseline::from_spec(state.baseline_id.clone(), &spec)
    });
    baseline.baseline_id = state.baseline_id.clone();
    let compiled = CompiledBaseline::new(&baseline);
    let findings = patches.iter().map(|data| {
        let places = catalog.get(&data.kb_id).into_iter().flatten();
        let mut called = places.filter_map(|place| stored.catalog.patches().get(*place));
        let patch = node.and_then(|node| called.find(|patch| is_reported_as(patch, node, data)));
        let verdict = patch.map(|patch| compiled.evaluate(patch, state.operation_end_time));
        let mut finding = Finding::unknown(data.kb_id.as_str(), data.state.clone());
        finding.data = data.clone();
        if let Some(ApprovalVerdict::Approved { level, .. }) = verdict {
            finding.level = level;
        }
        finding
    });
    let findings = findings.collect();
    let mut execution = ComplianceExecutionSummary::new(state.operation_end_time);
    let kind = if of_policy { "PatchPolicy" } else { "Command" };
    execution.execution_type = Some(kind.to_owned());
    Report {
        state: state.clone(),
        findings,
        execution,
        baseline: Arc::new(baseline),
    }
}

/// Whether a row of a node's report is about this patch of the same KB number or name.
fn is_reported_as(patch: &Patch, node: &Node, row: &PatchComplianceData) -> bool {
    let product = patch.product.as_deref().unwrap_or_default();
    let mut applications = node.facts.applications.iter();
    let of_node = product == node.facts.product || applications.any(|one| one == product);
    let family = node.facts.operating_system.family();
    of_node && (patch.kb_number.is_some() || node_title(family, patch) == row.title)
}
