//! Patch policies that fire.

use jiff::Timestamp;

use super::Engine;
use super::queue::Event;
use crate::memory::store::commands::PolicyRun;
use crate::operation::{PatchOperation, SendCommand};
use crate::schedule::{PatchPolicy, PolicyTargets};
use crate::types::{NodeId, PatchPolicyArn, Target};

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
