//! The Region and account of a snapshot, and which policy an association belongs to.

use super::{MirrorSnapshot, MirroredAssociation};
use crate::schedule::{PatchPolicyState, PolicyTargets};
use crate::types::{PatchPolicyArn, Target};

/// How the names of the associations begin that Quick Setup makes for a patch policy (AWS workshops).
const OF_QUICK_SETUP: &str = "AWS-QuickSetup-PatchPolicy-";

/// The Region and the account that the ARNs of what was read name. Baselines of AWS have the Region, and
/// an account of AWS.
pub(super) fn place(snapshot: &MirrorSnapshot) -> (Option<String>, Option<String>) {
    let policies = snapshot.policies.iter().map(|state| state.arn.as_str());
    let listed = snapshot.baseline_listing.iter();
    let baselines = listed.filter_map(|one| Some(one.baseline_id.as_ref()?.as_str()));
    let region = policies
        .clone()
        .chain(baselines)
        .find_map(|arn| part(arn, 3));
    let roles = snapshot.windows.iter().flat_map(|window| &window.tasks);
    let roles = roles.filter_map(|task| task.service_role_arn.as_deref());
    let instances = snapshot
        .nodes
        .iter()
        .filter_map(|node| node.instance.as_ref());
    let profiles = instances.filter_map(|one| one.iam_instance_profile.as_ref());
    let profiles = profiles.map(|profile| profile.arn.as_str());
    let mut arns = policies.chain(roles).chain(profiles);
    (region, arns.find_map(|arn| part(arn, 4)))
}

fn part(arn: &str, number: usize) -> Option<String> {
    let part = arn
        .starts_with("arn:")
        .then(|| arn.split(':').nth(number))??;
    (!part.is_empty()).then(|| part.to_owned())
}

impl MirrorSnapshot {
    /// Finds the policy of each association that Quick Setup made.
    ///
    /// Its name ends with the short id of the configuration, which only memory takes from the policy's
    /// ARN. Elsewhere the policy is the one with the same targets and schedule.
    pub(super) fn recognise_policies(&mut self) {
        for mirrored in &mut self.associations {
            if mirrored.is_of_quick_setup() {
                mirrored.policy = policy_of(mirrored, &self.policies);
            }
        }
    }
}

impl MirroredAssociation {
    /// Whether Quick Setup made it for a patch policy. Do not change such an association: Quick Setup
    /// would change it back.
    pub fn is_of_quick_setup(&self) -> bool {
        let name = self.association.association_name.as_deref();
        name.is_some_and(|name| name.starts_with(OF_QUICK_SETUP))
    }
}

fn policy_of(
    mirrored: &MirroredAssociation,
    policies: &[PatchPolicyState],
) -> Option<PatchPolicyArn> {
    let name = mirrored.association.association_name.as_deref()?;
    let id = name.rsplit('-').next().unwrap_or_default();
    let by_id = policies
        .iter()
        .find(|state| state.arn.configuration_id() == id);
    let mut alike = policies.iter().filter(|state| is_alike(mirrored, state));
    let found = by_id.or_else(|| {
        let first = alike.next()?;
        alike.next().is_none().then_some(first)
    });
    found.map(|state| state.arn.clone())
}

/// Whether an association has the schedule and the targets of a policy.
fn is_alike(mirrored: &MirroredAssociation, state: &PatchPolicyState) -> bool {
    let (association, policy) = (&mirrored.association, &state.policy);
    let schedule = association.schedule_expression.as_deref();
    let schedules = [
        Some(policy.scan_schedule.as_str()),
        policy.install_schedule.as_deref(),
    ];
    let target = match &policy.targets {
        PolicyTargets::All => Target::instance_ids(["*"]),
        PolicyTargets::InstanceIds(ids) => Target::instance_ids(ids),
        PolicyTargets::Tag(tag) => Target::tag(&tag.key, [tag.value.as_str()]),
        PolicyTargets::ResourceGroup(name) => Target::resource_group(name),
    };
    let targets = association.targets.as_deref().unwrap_or_default();
    schedules.contains(&schedule) && targets == [target]
}
