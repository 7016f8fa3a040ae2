use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;

use super::engine::Engine;
use super::store::State;
use super::store::account::Account;
use super::store::policies::UnitAccounts;
use crate::automation::StartAutomationExecution;
use crate::backend::Operation;
use crate::backend::layer::Faults;
use crate::clock::{Clock, ManualClock};
use crate::error::{Error, Result};
use crate::progress::ProgressWatch;
use crate::schedule::PatchPolicy;
use crate::telemetry;
use crate::types::{NodeOwnerInfo, PatchPolicyArn};

/// A Patch Manager in the process. Cheap to clone; clones share one account.
///
/// It keeps the service's rules, no stricter and no laxer, answers with the service's errors, pages
/// as the service does, and lives on a clock that tests turn. See [`faults`](Self::faults) for what
/// can go wrong on demand.
///
/// ```
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::backend::{BaselineStore, GetDefaultPatchBaseline};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let backend = MemoryBackend::new();
/// let windows = backend.get_default_patch_baseline(GetDefaultPatchBaseline::new(None)).await?;
/// assert!(windows.baseline_id.is_aws_owned());
/// assert_eq!(backend.calls(), ["GetDefaultPatchBaseline"]);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct MemoryBackend {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    manual: Option<Arc<ManualClock>>,
    faults: Faults,
    engine: Mutex<Engine>,
    organization: OnceLock<Weak<dyn Members>>,
}

/// Shows the clock, not the whole account.
impl fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBackend")
            .field("clock", &self.inner.clock)
            .finish_non_exhaustive()
    }
}

/// An account and Region whose nodes are listed.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) member: MemoryBackend,
    pub(super) owner: NodeOwnerInfo,
    pub(super) region: String,
}

/// The organization that an account is a member of, as the account needs it.
pub(super) trait Members: Send + Sync {
    /// Refuses accounts and Regions in which this one cannot start an execution.
    fn check(&self, account: &Account, start: &StartAutomationExecution) -> Result<()>;

    /// Adds an execution that has started in this account, by its number there. It is carried out by
    /// the next `settle`, since the account is locked here.
    fn add(
        &self,
        account: &Account,
        number: usize,
        start: &StartAutomationExecution,
        now: Timestamp,
    );

    /// The accounts of each organizational unit that a patch policy of this account names. Refuses units
    /// that this account cannot name.
    fn accounts_of(&self, account: &Account, policy: &PatchPolicy) -> Result<UnitAccounts>;

    /// Adds what has happened to a patch policy of this account. Other accounts and Regions see it in the
    /// `settle` that gets to this instant, since the account is locked here.
    fn policy_changed(
        &self,
        account: &Account,
        arn: &PatchPolicyArn,
        change: PolicyChange,
        at: Timestamp,
    );

    /// The accounts and Regions whose nodes this account sees through the sync of the unified console, in the
    /// order of their listing. `None` if it is not the management account in the first Region.
    fn listed(&self, account: &Account) -> Option<Vec<Listed>>;

    /// An account with its organizational unit.
    fn owner(&self, account: &str) -> NodeOwnerInfo;

    /// Whether an account has a role of this name.
    fn has_role(&self, account: &str, name: &str) -> bool;

    /// Its Regions.
    #[cfg(feature = "emulator")]
    fn regions(&self) -> Vec<String>;

    /// Lets every execution and every deployment of a policy go on as far as it gets by `now`.
    fn settle(&self, now: Timestamp);
}

/// What has happened to a patch policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PolicyChange {
    /// Its deployment ends.
    Deployed,
    /// Its name has changed, or its copies of baselines may have.
    Refreshed,
    /// It was deleted.
    Deleted,
}

impl MemoryBackend {
    pub(super) fn assemble(
        clock: Arc<dyn Clock>,
        manual: Option<Arc<ManualClock>>,
        faults: Faults,
        state: State,
    ) -> Self {
        Self::with_engine(clock, manual, faults, Engine::new(state))
    }

    pub(super) fn with_engine(
        clock: Arc<dyn Clock>,
        manual: Option<Arc<ManualClock>>,
        faults: Faults,
        engine: Engine,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock,
                manual,
                faults,
                engine: Mutex::new(engine),
                organization: OnceLock::new(),
            }),
        }
    }

    /// The clock that everything here reads.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// The same clock if it can be turned; absent if the builder was given another kind.
    ///
    /// ```
    /// use aws_patch_manager::{Clock, MemoryBackend};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let clock = account.manual_clock().ok_or("another kind of clock")?;
    /// clock.sleep(std::time::Duration::from_secs(60)).await;
    /// assert_eq!(account.clock().now().to_string(), "2026-05-14T00:01:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn manual_clock(&self) -> Option<Arc<ManualClock>> {
        self.inner.manual.clone()
    }

    /// Turns a manual clock forward; on another clock it does nothing.
    ///
    /// What falls due meanwhile happens in its order, no later than the next call.
    ///
    /// ```
    /// use aws_patch_manager::schedule::PolicyStatus;
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PolicySchedule};
    /// use std::time::Duration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let policy = PolicySchedule::daily_scan_weekly_install("production").patch_policy()?;
    /// let arn = manager.ensure_policy(&policy).await?.arn;
    /// assert_eq!(manager.policy(&arn).await?.status, PolicyStatus::Deploying);
    /// account.advance(Duration::from_mins(5));
    /// assert_eq!(manager.policy(&arn).await?.status, PolicyStatus::Succeeded);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance(&self, by: Duration) {
        if let Some(clock) = &self.inner.manual {
            clock.advance(by);
        }
    }

    /// Turns a manual clock forward to an instant; on another clock it does nothing.
    ///
    /// ```
    /// use aws_patch_manager::MemoryBackend;
    ///
    /// let account = MemoryBackend::sample();
    /// account.advance_to("2026-06-01T00:00:00Z".parse()?);
    /// assert_eq!(account.clock().now().to_string(), "2026-06-01T00:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance_to(&self, instant: Timestamp) {
        if let Some(clock) = &self.inner.manual {
            clock.advance_to(instant);
        }
    }

    /// The faults to come; plan them here.
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// account.faults().throttle(Operation::GetDefaultPatchBaseline);
    /// let throttled = manager.default_baseline(OperatingSystem::Windows).await;
    /// assert!(throttled.is_err_and(|error| error.is_throttled()));
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Every operation called, in order, whatever came of it. The same as [`Faults::calls`].
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert_eq!(account.calls(), ["GetDefaultPatchBaseline"]);
    /// account.clear_calls();
    /// assert_eq!(account.call_count(Operation::GetDefaultPatchBaseline), 0);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn calls(&self) -> Vec<Operation> {
        self.inner.faults.calls()
    }

    /// How often an operation was called.
    pub fn call_count(&self, operation: Operation) -> usize {
        self.inner.faults.call_count(operation)
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.inner.faults.clear_calls();
    }

    /// The events since the last time, the first one first, if the builder was told to
    /// [record](super::MemoryBackendBuilder::record_events) them: as JSON, as a rule of EventBridge hands them
    /// to its target. Not a call: it is not recorded, and no fault strikes it.
    ///
    /// What [memory] records: changes of commands and of their invocations, of the patch
    /// compliance of nodes, of windows with their targets, tasks and runs, and of instances that
    /// StartInstances and StopInstances start and stop.
    ///
    /// [memory]: crate::memory#events
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::event::{Event, EventPattern};
    /// use aws_patch_manager::{MemoryBackend, PatchManager, PatchRequest};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().sample_fleet().record_events().build();
    /// let manager = PatchManager::from_memory(&account);
    /// manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
    /// account.advance(Duration::from_hours(1));
    /// let ended = EventPattern::commands().ended();
    /// for event in account.take_events() {
    ///     let event = Event::from_value(event)?;
    ///     println!("{event}, delivered: {}", ended.matches(&event));
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_events(&self) -> Vec<serde_json::Value> {
        self.act(|engine, _| engine.state.events.take())
    }

    /// The Region and the id of the account.
    #[cfg(feature = "emulator")]
    pub(crate) fn place(&self) -> (String, String) {
        self.act(|engine, _| {
            let account = &engine.state.account;
            (account.region.clone(), account.id.clone())
        })
    }

    /// Runs one service operation that reads or changes what is stored and starts nothing.
    pub(super) fn call<T: Send>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut State, Timestamp) -> Result<T> + Send,
    ) -> impl Future<Output = Result<T>> + Send {
        self.call_engine(operation, |engine, now| act(&mut engine.state, now))
    }

    /// Runs one service operation that looks into other accounts, too: nothing is locked yet.
    pub(super) fn call_members<T: Send>(
        &self,
        operation: Operation,
        act: impl FnOnce(&Self) -> Result<T> + Send,
    ) -> impl Future<Output = Result<T>> + Send {
        telemetry::call(
            operation.service().as_str(),
            operation.as_str(),
            async move {
                ProgressWatch::count_call();
                let reply = self.faults().before(operation, &*self.inner.clock).await?;
                let outcome = act(self);
                reply.deliver(outcome.map_err(|error| with_operation(error, operation)))
            },
        )
    }

    /// Runs one service operation: records the call, waits and fails as planned, lets everything
    /// happen that the clock has passed, and then acts.
    ///
    /// It is compiled for each operation, so what does not depend on the answer stands elsewhere.
    pub(super) fn call_engine<T: Send>(
        &self,
        operation: Operation,
        act: impl FnOnce(&mut Engine, Timestamp) -> Result<T> + Send,
    ) -> impl Future<Output = Result<T>> + Send {
        self.call_members(operation, move |backend| backend.act(act))
    }

    /// Acts, after everything has happened that the clock has passed.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut Engine, Timestamp) -> T) -> T {
        let (mut engine, now) = self.settled();
        act(&mut engine, now)
    }

    /// Makes the account a member of an organization, for good.
    pub(super) fn join(&self, members: Weak<dyn Members>) {
        // Only the first call counts: nobody else builds a member.
        drop(self.inner.organization.set(members));
    }

    /// The organization that it is a member of.
    pub(super) fn organization(&self) -> Option<Arc<dyn Members>> {
        self.inner.organization.get()?.upgrade()
    }

    /// Acts, whatever the clock has passed.
    pub(super) fn raw<T>(&self, act: impl FnOnce(&mut Engine) -> T) -> T {
        act(&mut self.locked())
    }

    fn locked(&self) -> MutexGuard<'_, Engine> {
        let engine = self.inner.engine.lock();
        engine.unwrap_or_else(PoisonError::into_inner)
    }

    fn settled(&self) -> (MutexGuard<'_, Engine>, Timestamp) {
        let now = self.settle_organization();
        let mut engine = self.locked();
        engine.settle(now);
        (engine, now)
    }

    /// Lets what is due in the organization happen, and says until when. This comes before the lock: the
    /// organization locks its members, this one too.
    pub(super) fn settle_organization(&self) -> Timestamp {
        let now = self.inner.clock.now();
        if let Some(organization) = self.organization() {
            organization.settle(now);
        }
        now
    }
}

fn with_operation(error: Error, operation: Operation) -> Error {
    match error.operation() {
        Some(_) => error,
        None => error.with_operation(operation),
    }
}
