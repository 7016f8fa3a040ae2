//! Patch policies and associations that fire.

use jiff::{SignedDuration, Timestamp};

use super::{Engine, Event};
use crate::memory::store::associations::AssociationRun;
use crate::memory::store::commands::PolicyRun;
use crate::memory::store::later;
use crate::operation::SendCommand;
use crate::schedule::association::CreateAssociation;
use crate::schedule::{PatchPolicy, PolicyTargets};
use crate::types::{AssociationId, MaxConcurrency, NodeId, PatchOperation, PatchPolicyArn, Target};

/// How many nodes of an association at the same time if it does not say: all (SSM model,
/// `CreateAssociationRequest`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Percent(100);

impl Engine {
    /// Enters the next firing of a policy.
    pub(crate) fn plan_policy(&mut self, arn: &PatchPolicyArn) {
        let Some(record) = self.state.policies.get(arn) else {
            return;
        };
        if let Some(at) = record.due.next() {
            let revision = record.revision;
            let arn = arn.clone();
            let event = Event::Policy { arn, revision };
            self.queue.enter(at, event);
        }
    }

    /// Fires a policy, and plans its next firing. A revision that is no longer current does nothing.
    ///
    /// When its scan and its install are due at the same instant, the install runs and that scan is
    /// left out: a node runs one operation at a time, and an install ends with a scan of its own.
    pub(super) fn fire(&mut self, arn: &PatchPolicyArn, revision: u64, now: Timestamp) {
        let Some(record) = self.state.policies.get_mut(arn) else {
            return;
        };
        if record.revision != revision {
            return;
        }
        let operation = record.due.take(now);
        let policy = record.state.policy.clone();
        if let Some(operation) = operation {
            self.run_policy(arn, &policy, operation, now);
        }
        self.plan_policy(arn);
    }

    fn run_policy(
        &mut self,
        arn: &PatchPolicyArn,
        policy: &PatchPolicy,
        operation: PatchOperation,
        now: Timestamp,
    ) {
        let nodes = self.covered(policy);
        if nodes.is_empty() {
            return;
        }
        let comment = format!("Patch policy {}: {operation}", policy.name);
        let mut request = SendCommand::run_patch_baseline(operation);
        request.set_parameter("RebootOption", policy.reboot_option.as_str());
        request.comment = Some(comment.chars().take(100).collect());
        request.max_concurrency = Some(policy.max_concurrency);
        request.max_errors = Some(policy.max_errors);
        request.targets = match targets(policy) {
            all if all.is_empty() => vec![Target::instance_ids(["*"])],
            targets => targets,
        };
        let run = PolicyRun {
            policy: arn.clone(),
            baselines: policy.baselines.clone(),
        };
        self.send(request, nodes, Some(run), now);
    }

    /// The nodes that a policy patches: its targets, without those for whose operating system it
    /// selects no baseline. A policy that selects none at all uses AWS's for each.
    fn covered(&self, policy: &PatchPolicy) -> Vec<NodeId> {
        let mut nodes = self.state.fleet.resolve(&targets(policy));
        if !policy.baselines.is_empty() {
            nodes.retain(|id| {
                let node = self.state.fleet.get(id);
                node.is_some_and(|node| policy.baseline_for(&node.facts.operating_system).is_some())
            });
        }
        nodes
    }

    /// Enters the next firing of what an association has now, after an instant.
    pub(crate) fn plan_association(&mut self, id: &AssociationId, after: Timestamp) {
        let Some(stored) = self.state.associations.get(id) else {
            return;
        };
        let recurrence = stored.current.recurrence.as_ref();
        if let Some(at) = recurrence.and_then(|recurrence| recurrence.next_after(after)) {
            let (id, version) = (id.clone(), stored.current.number);
            let event = Event::Association { id, version };
            self.queue.enter(at, event);
        }
    }

    /// Runs an association by its schedule, and plans the next run. A version that is no longer
    /// current does nothing.
    pub(super) fn fire_association(&mut self, id: &AssociationId, version: usize, now: Timestamp) {
        let stored = self.state.associations.get(id);
        if stored.is_some_and(|stored| stored.current.number == version) {
            self.run_association(id, now);
            self.plan_association(id, now);
        }
    }

    /// Runs an association on the nodes that its targets mean at this instant.
    pub(crate) fn run_association(&mut self, id: &AssociationId, now: Timestamp) {
        let Some(stored) = self.state.associations.get(id) else {
            return;
        };
        let current = &stored.current;
        let managed = self.state.fleet.managed();
        let covered = managed.filter(|node| current.covers(node));
        let nodes = covered.map(|node| node.facts.id().clone()).collect();
        let (request, version) = (command(&current.settings), current.number);
        let hours = current.settings.duration.map(i64::from);
        let command = self.send(request, nodes, None, now);
        if let Some(hours) = hours {
            let cut_off = later(now, SignedDuration::from_hours(hours));
            self.queue.enter(cut_off, Event::CutOff(command));
        }
        let run = AssociationRun {
            id: self.state.ids.uuid(),
            version,
            created: now,
            command,
        };
        if let Some(stored) = self.state.associations.get_mut(id) {
            stored.runs.push(run);
        }
    }
}

/// The targets of a policy; none means every node.
fn targets(policy: &PatchPolicy) -> Vec<Target> {
    match &policy.targets {
        PolicyTargets::All => Vec::new(),
        PolicyTargets::InstanceIds(ids) => vec![Target::instance_ids(ids)],
        PolicyTargets::Tag(tag) => vec![Target::tag(&tag.key, [tag.value.as_str()])],
        PolicyTargets::ResourceGroup(name) => vec![Target::resource_group(name)],
    }
}

/// The command that does the work of an association.
fn command(settings: &CreateAssociation) -> SendCommand {
    let place = settings.output_location.as_ref();
    let place = place.and_then(|location| location.s3_location.as_ref());
    SendCommand {
        document_name: settings.name.clone().unwrap_or_default(),
        document_version: settings.document_version.clone(),
        instance_ids: settings.instance_id.iter().cloned().collect(),
        targets: settings.targets.clone().unwrap_or_default(),
        parameters: settings.parameters.clone().unwrap_or_default(),
        max_concurrency: Some(settings.max_concurrency.unwrap_or(CONCURRENCY)),
        max_errors: settings.max_errors,
        output_s3_bucket_name: place.and_then(|place| place.output_s3_bucket_name.clone()),
        output_s3_key_prefix: place.and_then(|place| place.output_s3_key_prefix.clone()),
        ..SendCommand::default()
    }
}
