//! The patch policies, and PatchPolicyStore over them. Their firings happen in the engine.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfigurationManager,
    ListConfigurationManagers, PatchPolicyStore, UpdateConfigurationDefinition,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::later;
use crate::memory::operations::check::Validation;
use crate::memory::operations::paging::Bounds;
use crate::memory::state::State;
use crate::operation::PatchOperation;
use crate::page::Page;
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyStatus, ScheduleExpression, ScheduleMechanism,
};
use crate::types::PatchPolicyArn;

/// How long a deployment takes.
const DEPLOYMENT: SignedDuration = SignedDuration::from_secs(60);

/// The policies, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct PolicyBook {
    planned: Vec<Planned>,
    revisions: u64,
}

/// A policy and when it fires next.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) state: PatchPolicyState,
    pub(crate) due: Due,
    /// Tells the firings of what the policy says now from those of what it said before.
    pub(crate) revision: u64,
    deployed: Timestamp,
}

/// The next scan and the next install.
#[derive(Debug)]
pub(crate) struct Due {
    scan: Plan,
    install: Option<Plan>,
}

#[derive(Debug)]
struct Plan {
    schedule: ScheduleExpression,
    next: Option<Timestamp>,
}

impl Plan {
    /// A schedule from the end of the deployment on; without waiting, it fires there for the first time.
    fn from(schedule: ScheduleExpression, deployed: Timestamp, waits: bool) -> Self {
        let next = if waits {
            schedule.next_after(deployed)
        } else {
            Some(deployed)
        };
        Self { schedule, next }
    }

    fn take(&mut self, now: Timestamp) -> bool {
        let due = self.next.is_some_and(|next| next <= now);
        if due {
            self.next = self.schedule.next_after(now);
        }
        due
    }
}

impl Due {
    /// When something is due next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let install = self.install.as_ref().and_then(|plan| plan.next);
        self.scan.next.into_iter().chain(install).min()
    }

    /// What is due now, and the next times after it. An install takes the place of a scan.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<PatchOperation> {
        let scan = self.scan.take(now);
        let install = self.install.as_mut().is_some_and(|plan| plan.take(now));
        match (install, scan) {
            (true, _) => Some(PatchOperation::Install),
            (false, true) => Some(PatchOperation::Scan),
            (false, false) => None,
        }
    }
}

impl Planned {
    fn described(&self, now: Timestamp) -> PatchPolicyState {
        let mut state = self.state.clone();
        state.status = if now < self.deployed {
            PolicyStatus::Deploying
        } else {
            PolicyStatus::Succeeded
        };
        state
    }
}

impl PolicyBook {
    pub(crate) fn get(&self, arn: &PatchPolicyArn) -> Option<&Planned> {
        self.planned.iter().find(|known| known.state.arn == *arn)
    }

    pub(crate) fn get_mut(&mut self, arn: &PatchPolicyArn) -> Option<&mut Planned> {
        self.planned
            .iter_mut()
            .find(|known| known.state.arn == *arn)
    }
}

impl State {
    fn create_policy(&mut self, policy: PatchPolicy, now: Timestamp) -> Result<PatchPolicyArn> {
        let deployed = later(now, DEPLOYMENT);
        let due = read("CreateConfigurationManager", &policy, deployed)?;
        let (region, account) = (&self.account.region, &self.account.id);
        let uuid = self.ids.uuid();
        let arn = PatchPolicyArn::new(format!(
            "arn:aws:ssm-quicksetup:{region}:{account}:configuration-manager/{uuid}"
        ));
        let mut state = PatchPolicyState::new(arn.clone(), policy, PolicyStatus::Deploying);
        state.created_at = Some(now);
        state.last_modified_at = Some(now);
        let book = &mut self.policies;
        book.revisions += 1;
        book.planned.push(Planned {
            state,
            due,
            revision: book.revisions,
            deployed,
        });
        self.plan(&arn);
        Ok(arn)
    }

    fn update_policy(
        &mut self,
        arn: &PatchPolicyArn,
        policy: PatchPolicy,
        now: Timestamp,
    ) -> Result<()> {
        let deployed = later(now, DEPLOYMENT);
        let due = read("UpdateConfigurationDefinition", &policy, deployed)?;
        self.policies.revisions += 1;
        let revision = self.policies.revisions;
        let known = self.policies.get_mut(arn).ok_or_else(|| gone(arn))?;
        known.state.policy = policy;
        known.state.last_modified_at = Some(now);
        known.due = due;
        known.revision = revision;
        known.deployed = deployed;
        self.plan(arn);
        Ok(())
    }
}

fn gone(arn: &PatchPolicyArn) -> Error {
    Error::service(
        ErrorKind::NotFound,
        "ResourceNotFoundException",
        "no such configuration manager",
    )
    .with_resource(arn.as_str())
}

/// Reads a policy as Quick Setup would, or refuses it with everything that is wrong.
fn read(operation: &'static str, policy: &PatchPolicy, deployed: Timestamp) -> Result<Due> {
    let mut validation = Validation::of(operation);
    validation.length("PatchPolicyName", &policy.name, 1..=120);
    let legal = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    validation.require(
        policy.name.chars().all(legal),
        "PatchPolicyName",
        "Member must have letters, digits and the characters space . _ -",
    );
    let scan = cron(
        &mut validation,
        "ConfigurationOptionsScanValue",
        &policy.scan_schedule,
    );
    let install = policy
        .install_schedule
        .as_deref()
        .map(|text| cron(&mut validation, "ConfigurationOptionsInstallValue", text));
    validation.one_of("RebootOption", policy.reboot_option.is_known());
    validation.require(
        policy.max_concurrency.is_well_formed(),
        "RateControlConcurrency",
        "wrong pattern",
    );
    validation.require(
        policy.max_errors.is_well_formed(),
        "RateControlErrorThreshold",
        "wrong pattern",
    );
    validation.finish()?;
    let plan = |schedule, waits| Plan::from(schedule, deployed, waits);
    let scan = scan.map(|schedule| plan(schedule, policy.scan_next_interval));
    let install = install.flatten();
    Ok(Due {
        scan: scan.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "no scan schedule"))?,
        install: install.map(|schedule| plan(schedule, policy.install_next_interval)),
    })
}

/// A cron expression, the only kind that a patch policy takes.
fn cron(validation: &mut Validation, field: &str, text: &str) -> Option<ScheduleExpression> {
    let schedule = ScheduleExpression::parse(text).ok();
    let mechanism = ScheduleMechanism::PatchPolicy;
    let schedule = schedule.filter(|schedule| schedule.check_for(mechanism).is_ok());
    let rule = format!("Member must be a cron expression, not {text}");
    validation.require(schedule.is_some(), field, &rule);
    schedule
}

#[async_trait]
impl PatchPolicyStore for MemoryBackend {
    async fn create_configuration_manager(
        &self,
        request: CreateConfigurationManager,
    ) -> Result<PatchPolicyArn> {
        self.call("CreateConfigurationManager", |state, now| {
            state.create_policy(request.policy, now)
        })
        .await
    }

    async fn get_configuration_manager(
        &self,
        request: GetConfigurationManager,
    ) -> Result<PatchPolicyState> {
        let arn = &request.manager_arn;

        self.call("GetConfigurationManager", |state, now| {
            let known = state.policies.get(arn).ok_or_else(|| gone(arn))?;
            Ok(known.described(now))
        })
        .await
    }

    async fn update_configuration_definition(
        &self,
        request: UpdateConfigurationDefinition,
    ) -> Result<()> {
        let arn = &request.manager_arn;
        let policy = request.policy;

        self.call("UpdateConfigurationDefinition", |state, now| {
            state.update_policy(arn, policy, now)
        })
        .await
    }

    async fn delete_configuration_manager(
        &self,
        request: DeleteConfigurationManager,
    ) -> Result<()> {
        let arn = &request.manager_arn;

        self.call("DeleteConfigurationManager", |state, _| {
            let known = &mut state.policies.planned;
            let before = known.len();
            known.retain(|planned| planned.state.arn != *arn);
            if known.len() == before {
                return Err(gone(arn));
            }
            Ok(())
        })
        .await
    }

    async fn list_configuration_managers(
        &self,
        request: ListConfigurationManagers,
    ) -> Result<Page<PatchPolicyState>> {
        let page = request.page;

        const OPERATION: &str = "ListConfigurationManagers";
        self.call(OPERATION, |state, now| {
            let planned = &state.policies.planned;
            let items = planned.iter().map(|known| known.described(now)).collect();
            state.page(items, &page, OPERATION, Bounds::TO_100, "")
        })
        .await
    }
}
