//! Patch policies and associations: what Quick Setup deploys and keeps up to date, and what fires.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Engine, Event};
use crate::memory::store::account::Account;
use crate::memory::store::associations::{AssociationRecord, AssociationRun, AssociationVersion};
use crate::memory::store::commands::PolicyRun;
use crate::memory::store::fleet::Node;
use crate::memory::store::later;
use crate::memory::store::policies::{Place, PolicyRecord};
use crate::operation::{PatchParameters, RUN_PATCH_BASELINE, SendCommand};
use crate::schedule::association::CreateAssociation;
use crate::schedule::{PatchPolicy, PolicyStatus, PolicyTargets, Recurrence, ScheduleExpression};
use crate::types::{AssociationId, MaxConcurrency, PatchOperation, PatchPolicyArn, Tag, Target};

/// How often custom baselines are copied into the override file (User Guide,
/// quick-setup-patch-manager): a change of one acts up to an hour later.
pub(crate) const COPIED_EVERY: SignedDuration = SignedDuration::from_hours(1);

impl Engine {
    /// Enters the end of a policy's deployment.
    pub(crate) fn plan_policy(&mut self, arn: &PatchPolicyArn) {
        if let Some(record) = self.state.policies.get(arn) {
            let (arn, revision) = (arn.clone(), record.revision);
            let event = Event::Policy { arn, revision };
            self.queue.enter(record.deployed, event);
        }
    }

    /// Goes on with a policy that was deployed elsewhere. It copies its baselines now, and later every hour
    /// after its deployment. Associations that it lacks are made, and wait for their schedules.
    pub(crate) fn resume_policy(&mut self, arn: &PatchPolicyArn, now: Timestamp) {
        let Some(record) = self.state.policies.get_mut(arn) else {
            return;
        };
        if now < record.deployed {
            return self.plan_policy(arn);
        }
        record.copy_baselines(&self.state.baselines);
        let (deployed, revision) = (record.deployed, record.revision);
        let mut policy = record.state.policy.clone();
        policy.scan_next_interval = true;
        policy.install_next_interval = true;
        if record.selects_own() {
            self.plan_copy(arn, revision, deployed, now);
        }
        let of_policy = |stored: &AssociationRecord| stored.policy.as_ref() == Some(arn);
        if !self.state.associations.iter().any(of_policy) {
            self.associate_both(arn, &policy, now);
        }
    }

    /// Makes the associations of a policy that is deployed to this account and Region; those of one that
    /// is not go.
    fn associate_both(&mut self, arn: &PatchPolicyArn, policy: &PatchPolicy, now: Timestamp) {
        let Account { region, id } = &self.state.account;
        let places = self.state.policies.places(policy, region, id);
        let record = self.state.policies.get(arn);
        let is_found = !policy.organizational_units.is_empty()
            && record.is_some_and(|record| record.is_found_here);
        let is_here = is_found || places.contains(&(id.clone(), region.clone()));
        self.associate_if(is_here, arn, policy, now);
    }

    fn associate_if(
        &mut self,
        is_here: bool,
        arn: &PatchPolicyArn,
        policy: &PatchPolicy,
        now: Timestamp,
    ) {
        let scan = is_here.then_some(policy.scan_schedule.as_str());
        let install = policy.install_schedule.as_deref().filter(|_| is_here);
        self.associate(arn, policy, PatchOperation::Scan, scan, now);
        self.associate(arn, policy, PatchOperation::Install, install, now);
    }

    /// Ends the deployment of a policy, and later copies its baselines again and again. A revision
    /// that is no longer current does nothing.
    pub(super) fn deploy(&mut self, arn: &PatchPolicyArn, revision: u64, now: Timestamp) {
        let record = self.state.policies.get(arn);
        if record.is_some_and(|record| record.revision == revision) {
            self.deploy_where_admitted(arn, BTreeMap::new(), now);
        }
    }

    /// The same for what a policy says now, except in the accounts and Regions that an organization
    /// denies to it, with a message for each.
    pub(crate) fn deploy_where_admitted(
        &mut self,
        arn: &PatchPolicyArn,
        denied: BTreeMap<Place, String>,
        now: Timestamp,
    ) {
        let Some(record) = self.state.policies.get_mut(arn) else {
            return;
        };
        let revision = record.revision;
        record.copy_baselines(&self.state.baselines);
        let (deployed, policy) = (record.deployed, record.state.policy.clone());
        if record.selects_own() {
            self.plan_copy(arn, revision, deployed, now);
        }
        if deployed == now && self.end_deployment(arn, denied) {
            self.associate_both(arn, &policy, now);
        }
    }

    /// Deploys a policy that was made in another account or Region to this one.
    pub(crate) fn receive_policy(&mut self, received: PolicyRecord, now: Timestamp) {
        let (arn, policy) = (received.state.arn.clone(), received.state.policy.clone());
        self.state.policies.receive(received);
        self.associate_if(true, &arn, &policy, now);
    }

    /// Deletes what is deployed here of a policy that was made elsewhere.
    pub(crate) fn withdraw_policy(&mut self, arn: &PatchPolicyArn) {
        self.state.associations.remove_of(arn);
        self.state.policies.withdraw(arn);
    }

    /// Ends a deployment as each place lets it, and says whether this account and Region took it: one that
    /// did not keeps what was there before.
    fn end_deployment(&mut self, arn: &PatchPolicyArn, denied: BTreeMap<Place, String>) -> bool {
        let Account { region, id } = &self.state.account;
        let here = (id.clone(), region.clone());
        let policies = &mut self.state.policies;
        let Some(policy) = policies.get(arn).map(|record| record.state.policy.clone()) else {
            return false;
        };
        let mut failed = denied;
        failed.extend(policies.failing.clone());
        let places = policies.places(&policy, region, id);
        failed.retain(|place, _| places.contains(place));
        let took = !failed.contains_key(&here);
        if let Some(record) = policies.get_mut(arn) {
            if !failed.is_empty() {
                record.state.status = PolicyStatus::Failed;
            }
            record.failed = failed;
        }
        took
    }

    /// Enters the next copy of a policy's baselines: a whole number of hours after its deployment. After
    /// the end of time there is none: a copy that is due at once would be due again for ever.
    fn plan_copy(
        &mut self,
        arn: &PatchPolicyArn,
        revision: u64,
        deployed: Timestamp,
        now: Timestamp,
    ) {
        let period = COPIED_EVERY.as_secs();
        let copies = deployed.duration_until(now).as_secs() / period + 1;
        let since = SignedDuration::from_secs(copies * period);
        if let Ok(next) = deployed.checked_add(since) {
            let arn = arn.clone();
            self.queue.enter(next, Event::Policy { arn, revision });
        }
    }

    /// Makes, changes or deletes the association that does one of a policy's operations.
    fn associate(
        &mut self,
        arn: &PatchPolicyArn,
        policy: &PatchPolicy,
        operation: PatchOperation,
        schedule: Option<&str>,
        now: Timestamp,
    ) {
        let known = self.state.associations.iter().find(|record| {
            record.policy.as_ref() == Some(arn)
                && record.current.parameter("Operation") == Some(operation.as_str())
        });
        let known = known.map(|record| (record.id.clone(), record.current.number));
        let Some(expression) = schedule.and_then(|text| ScheduleExpression::parse(text).ok())
        else {
            if let Some((id, _)) = known {
                self.state.associations.remove(&id);
            }
            return;
        };
        let version = AssociationVersion {
            number: known
                .as_ref()
                .map_or(1, |(_, number)| number.saturating_add(1)),
            created: now,
            settings: settings(arn, policy, operation, &expression),
            recurrence: Some(Recurrence::new(expression)),
        };
        let (number, waits) = (version.number, version.waits());
        let id = known.map(|(id, _)| id);
        let id = id.unwrap_or_else(|| AssociationId::new(self.state.ids.uuid()));
        match self.state.associations.get_mut(&id) {
            Some(record) => record.change(version),
            None => {
                let mut record = AssociationRecord::new(id.clone(), version);
                record.policy = Some(arn.clone());
                self.state.associations.enter(record);
            }
        }
        self.tag_targets(arn, &id);
        if waits {
            self.plan_association(&id, now);
        } else {
            let version = number;
            self.queue.enter(now, Event::Association { id, version });
        }
    }

    /// Whether an association is the install of a policy. It runs after a scan that is due with it: AWS
    /// runs both, in no order, and either may fail; neither is left out here.
    pub(super) fn is_policy_install(&self, id: &AssociationId) -> bool {
        let Some(stored) = self.state.associations.get(id) else {
            return false;
        };
        stored.policy.is_some() && stored.current.parameter("Operation") == Some("Install")
    }

    /// What a run of a policy's association has of the policy.
    pub(super) fn policy_run(&self, arn: &PatchPolicyArn) -> Option<PolicyRun> {
        let record = self.state.policies.deployed(arn)?;
        Some(PolicyRun {
            policy: arn.clone(),
            baselines: record.state.policy.baselines.clone(),
            copies: Arc::clone(&record.copies),
        })
    }

    /// The comment of a policy's command.
    pub(super) fn policy_comment(&self, run: &PolicyRun, request: &SendCommand) -> Option<String> {
        let name = &self.state.policies.deployed(&run.policy)?.state.policy.name;
        let operation = request.parameter("Operation").unwrap_or_default();
        let comment = format!("Patch policy {name}: {operation}");
        Some(comment.chars().take(100).collect())
    }

    /// Tags the EC2 instances of a policy with its name (Quick Setup model, `PatchPolicyName`). They
    /// keep the tag when the policy goes: no source says otherwise.
    pub(super) fn tag_targets(&mut self, arn: &PatchPolicyArn, id: &AssociationId) {
        let Some((record, stored)) = self
            .state
            .policies
            .deployed(arn)
            .zip(self.state.associations.get(id))
        else {
            return;
        };
        let key = format!("QSConfigName-{}", arn.configuration_id());
        let tag = Tag::new(key, &record.state.policy.name);
        let targets = |node: &&mut Node| {
            node.is_managed() && !node.facts.id().is_hybrid() && stored.current.covers(node)
        };
        for node in self.state.fleet.nodes.values_mut().filter(targets) {
            node.facts.tags.retain(|known| known.key != tag.key);
            node.facts.tags.push(tag.clone());
        }
    }
}

/// The name that State Manager shows, as public workshops have it for the scan; that of the install
/// is formed likewise, since no source shows it.
fn association_name(arn: &PatchPolicyArn, operation: &PatchOperation) -> String {
    let does = match operation {
        PatchOperation::Install => "InstallPatches",
        _ => "ScanForPatches",
    };
    format!(
        "AWS-QuickSetup-PatchPolicy-{does}-LA-{}",
        arn.configuration_id()
    )
}

fn settings(
    arn: &PatchPolicyArn,
    policy: &PatchPolicy,
    operation: PatchOperation,
    schedule: &ScheduleExpression,
) -> CreateAssociation {
    let waits = match operation {
        PatchOperation::Install => policy.install_next_interval,
        _ => policy.scan_next_interval,
    };
    let name = association_name(arn, &operation);
    // The bucket is in the account where the policy was made.
    let (_, account) = arn.place();
    let mut parameters = PatchParameters::new(operation);
    parameters.reboot = Some(policy.reboot_option.clone());
    parameters.baseline_override = Some(format!(
        "s3://aws-quicksetup-patchpolicy-{account}-{}/baseline_overrides.json",
        arn.configuration_id()
    ));
    let target = match &policy.targets {
        PolicyTargets::All => Target::instance_ids(["*"]),
        PolicyTargets::InstanceIds(ids) => Target::instance_ids(ids),
        PolicyTargets::Tag(tag) => Target::tag(&tag.key, [tag.value.as_str()]),
        PolicyTargets::ResourceGroup(name) => Target::resource_group(name),
    };
    CreateAssociation {
        association_name: Some(name),
        parameters: Some(parameters.to_map()),
        schedule_expression: Some(schedule.to_string()),
        apply_only_at_cron_interval: Some(waits),
        max_concurrency: Some(policy.max_concurrency),
        max_errors: Some(policy.max_errors),
        ..CreateAssociation::new(RUN_PATCH_BASELINE, vec![target])
    }
}

/// How many nodes of an association at the same time if it does not say: all (SSM model,
/// `CreateAssociationRequest`).
const CONCURRENCY: MaxConcurrency = MaxConcurrency::Percent(100);

impl Engine {
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
        let (mut request, version) = (command(&current.settings), current.number);
        let hours = current.settings.duration.map(i64::from);
        let policy = stored.policy.as_ref().and_then(|arn| self.policy_run(arn));
        if let Some(run) = &policy {
            request.comment = self.policy_comment(run, &request);
            self.tag_targets(&run.policy, id);
        }
        let command = self.send(request, nodes, policy, now);
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
