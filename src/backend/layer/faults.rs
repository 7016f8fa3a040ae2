use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{Answer, Call, Layer, Next};
use crate::backend::{Operation, Service};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::ProgressWatch;

/// Faults planned for the calls of a backend, and the record of those calls. For tests.
///
/// A fault is planned for one [`Operation`], or for [any](FaultScope::Any). By default it affects
/// the next such call, once; the methods of [`Fault`] change that. If several affect one call,
/// delays add up and the error that was planned first wins. Every call is recorded. Clones share
/// one plan.
///
/// As a layer it works over any backend. [`MemoryBackend`](crate::MemoryBackend) has one built in:
/// [`faults`](crate::MemoryBackend::faults).
///
/// ```
/// use aws_patch_manager::backend::Operation;
/// use aws_patch_manager::backend::layer::Faults;
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{BaselineBuilder, ErrorKind, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let faults = Faults::new();
/// let manager = PatchManager::in_memory().layer(faults.clone());
/// faults.lose_reply(Operation::CreatePatchBaseline);
/// faults.throttle(Operation::GetDefaultPatchBaseline).on_call(2);
///
/// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
/// let lost = manager.ensure_baseline(&spec).await;
/// assert_eq!(lost.map_err(|error| error.kind()), Err(ErrorKind::Connection));
/// assert_eq!(faults.call_count(Operation::CreatePatchBaseline), 1);
///
/// // The baseline was made; only the reply was lost.
/// manager.ensure_baseline(&spec).await?;
/// assert_eq!(faults.call_count(Operation::CreatePatchBaseline), 1);
///
/// let unspent: Vec<String> = faults.unspent().iter().map(ToString::to_string).collect();
/// assert_eq!(unspent, ["GetDefaultPatchBaseline is throttled from call 2 on, but had 0 calls"]);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
}

/// The calls that a fault is planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum FaultScope {
    /// The calls of every operation.
    Any,
    /// The calls of one operation.
    Operation(Operation),
}

/// A planned fault. Its methods set which calls it affects.
///
/// ```
/// use aws_patch_manager::backend::Operation;
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{MemoryBackend, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let account = MemoryBackend::sample();
/// let manager = PatchManager::from_memory(&account);
/// account.faults().throttle(Operation::GetDefaultPatchBaseline).on_call(2).times(1);
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// assert!(manager.default_baseline(OperatingSystem::Windows).await.is_err());
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fault {
    plan: Arc<Mutex<Plan>>,
    number: usize,
}

/// A fault that has not happened, as [`Faults::unspent`] returns it. `Display` prints what it would
/// do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PlannedFault {
    number: usize,
    scope: FaultScope,
    effect: Effect,
    seen: u64,
    first: u64,
    times: u64,
}

/// How many calls are recorded in order.
const CALLS_KEPT: usize = 100_000;

#[derive(Debug, Clone)]
struct Plan {
    rng: fastrand::Rng,
    /// The last calls, and how many there were of each operation.
    calls: VecDeque<Operation>,
    counts: HashMap<Operation, usize>,
    faults: Vec<PlannedFault>,
    latency: Duration,
    throttle_probability: f64,
    service_rate: Option<f64>,
    /// What each operation may still call, in calls, and when that was counted.
    tokens: HashMap<Operation, (f64, Timestamp)>,
    next_number: usize,
}

#[derive(Debug, Clone, Serialize)]
enum Effect {
    Throttle,
    #[serde(rename_all = "PascalCase")]
    Fail {
        kind: ErrorKind,
        code: String,
        message: String,
    },
    LoseReply,
    Delay(#[serde(serialize_with = "seconds")] Duration),
}

fn seconds<S: Serializer>(delay: &Duration, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_f64(delay.as_secs_f64())
}

/// The planned faults of one call.
#[derive(Debug, Default)]
struct Affected {
    delay: Duration,
    error: Option<Error>,
    loses_reply: bool,
}

/// The planned faults and the record of calls at one instant.
#[cfg(feature = "emulator")]
#[derive(Debug)]
pub(crate) struct FaultPlan(Plan);

/// Whether the reply of a call that is made reaches the caller.
#[derive(Debug)]
#[must_use]
pub(crate) struct Reply {
    operation: Operation,
    is_lost: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new()
    }
}

impl Faults {
    /// A plan without faults.
    pub fn new() -> Self {
        Self::seeded(0)
    }

    /// A plan without faults. The seed decides which calls
    /// [`throttle_randomly`](Self::throttle_randomly) affects.
    pub fn seeded(seed: u64) -> Self {
        Self {
            plan: Arc::new(Mutex::new(Plan {
                rng: fastrand::Rng::with_seed(seed),
                calls: VecDeque::new(),
                counts: HashMap::new(),
                faults: Vec::new(),
                latency: Duration::ZERO,
                throttle_probability: 0.0,
                service_rate: None,
                tokens: HashMap::new(),
                next_number: 0,
            })),
        }
    }

    /// Plans that calls are throttled: `ThrottlingException`, or EC2's `RequestLimitExceeded`.
    ///
    /// ```
    /// use aws_patch_manager::backend::layer::FaultScope;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// account.faults().throttle(FaultScope::Any).times(2);
    /// for _ in 0..2 {
    ///     assert!(manager.default_baseline(OperatingSystem::Windows).await.is_err());
    /// }
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle(&self, calls: impl Into<FaultScope>) -> Fault {
        self.add(calls.into(), Effect::Throttle)
    }

    /// Plans that calls fail with this error before they do anything.
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let operation = Operation::GetDefaultPatchBaseline;
    /// let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    /// account.faults().fail(operation, kind, code, "not authorized").always();
    /// let denied = manager.default_baseline(OperatingSystem::Windows).await;
    /// let denied = denied.err().ok_or("it was allowed")?;
    /// assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    /// assert_eq!(denied.code(), Some("AccessDeniedException"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fail(
        &self,
        calls: impl Into<FaultScope>,
        kind: ErrorKind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Fault {
        let (code, message) = (code.into(), message.into());
        self.add(
            calls.into(),
            Effect::Fail {
                kind,
                code,
                message,
            },
        )
    }

    /// Plans that calls take effect but their reply is lost: the caller sees
    /// [`ErrorKind::Connection`]. SendCommand and CreateAssociation have no client token, so their
    /// error says that they [may have taken effect](Error::may_have_taken_effect).
    pub fn lose_reply(&self, calls: impl Into<FaultScope>) -> Fault {
        self.add(calls.into(), Effect::LoseReply)
    }

    /// Plans that calls wait this long, on the clock of the backend or of the layers, before they act.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// account.faults().delay(Operation::GetDefaultPatchBaseline, Duration::from_secs(30));
    /// let before = account.clock().now();
    /// let manager = PatchManager::from_memory(&account);
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert_eq!(before.duration_until(account.clock().now()).as_secs(), 30);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delay(&self, calls: impl Into<FaultScope>, by: Duration) -> Fault {
        self.add(calls.into(), Effect::Delay(by))
    }

    /// Makes every call wait this long, on the same clock. A manual clock advances by it.
    pub fn latency(&self, latency: Duration) {
        self.plan().latency = latency;
    }

    /// Throttles each call with this probability, from 0 to 1. The seed decides which.
    ///
    /// The default is 0. A number outside these bounds is set to the nearer bound.
    ///
    /// ```
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().sample_fleet().seed(7).build();
    /// account.faults().throttle_randomly(1.0);
    /// let nodes = PatchManager::from_memory(&account).list_nodes();
    /// assert!(nodes.try_collect::<Vec<_>>().await.is_err());
    /// account.faults().clear();
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle_randomly(&self, probability: f64) {
        self.plan().throttle_probability = probability;
    }

    /// Throttles the calls of an operation above this rate, in calls per second on the clock of the backend
    /// or of the layers, as the service does: each operation has a token bucket with room for one
    /// second's calls, at least one.
    ///
    /// By default no rate is too high. A rate that is not positive removes it.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// account.faults().throttle_above(2.0);
    /// let mut throttled = 0;
    /// for _ in 0..5 {
    ///     let answer = manager.default_baseline(OperatingSystem::Windows).await;
    ///     throttled += usize::from(answer.is_err_and(|error| error.is_throttled()));
    /// }
    /// assert_eq!(throttled, 3);
    /// # }).ok_or("pending")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle_above(&self, calls_per_second: f64) {
        let mut plan = self.plan();
        let is_rate = calls_per_second.is_finite() && calls_per_second > 0.0;
        plan.service_rate = is_rate.then_some(calls_per_second);
        plan.tokens.clear();
    }

    /// Removes every planned fault, the latency, the random throttling and the service's rate. The record
    /// of calls stays.
    pub fn clear(&self) {
        let mut plan = self.plan();
        plan.faults.clear();
        plan.latency = Duration::ZERO;
        plan.throttle_probability = 0.0;
        plan.service_rate = None;
        plan.tokens.clear();
    }

    /// The planned faults that have affected no call yet, in the order in which they were planned.
    ///
    /// End a test with `assert!(faults.unspent().is_empty())` to check that its faults have
    /// happened.
    pub fn unspent(&self) -> Vec<PlannedFault> {
        let plan = self.plan();
        let unspent = plan.faults.iter().filter(|fault| fault.seen < fault.first);
        unspent.cloned().collect()
    }

    /// The operations called, in order, including failed calls: the last 100,000.
    pub fn calls(&self) -> Vec<Operation> {
        self.plan().calls.iter().copied().collect()
    }

    /// How often an operation was called.
    pub fn call_count(&self, operation: Operation) -> usize {
        self.plan().counts.get(&operation).copied().unwrap_or(0)
    }

    /// Clears the record of calls.
    pub fn clear_calls(&self) {
        let mut plan = self.plan();
        plan.calls.clear();
        plan.counts.clear();
    }

    /// Copies the plan and the record of calls.
    #[cfg(feature = "emulator")]
    pub(crate) fn copy(&self) -> FaultPlan {
        FaultPlan(self.plan().clone())
    }

    /// Makes plan and record what they were when they were copied.
    #[cfg(feature = "emulator")]
    pub(crate) fn return_to(&self, copy: &FaultPlan) {
        *self.plan() = copy.0.clone();
    }

    /// Records a call before it is made, then waits and fails as planned.
    pub(crate) async fn before(&self, operation: Operation, clock: &dyn Clock) -> Result<Reply> {
        let affected = self.plan().next_call(operation, clock.now());
        if affected.delay > Duration::ZERO {
            clock.sleep(affected.delay).await;
        }
        match affected.error {
            Some(error) => {
                if error.is_throttled() {
                    ProgressWatch::count_throttled();
                }
                Err(error.with_operation(operation))
            }
            None => Ok(Reply {
                operation,
                is_lost: affected.loses_reply,
            }),
        }
    }

    fn add(&self, scope: FaultScope, effect: Effect) -> Fault {
        let mut plan = self.plan();
        let number = plan.next_number;
        plan.next_number += 1;
        plan.faults.push(PlannedFault {
            number,
            scope,
            effect,
            seen: 0,
            first: 1,
            times: 1,
        });
        Fault {
            plan: Arc::clone(&self.plan),
            number,
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        lock(&self.plan)
    }
}

#[async_trait]
impl Layer for Faults {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let reply = self.before(call.operation(), call.clock()).await?;
        reply.deliver(next.run(&call).await)
    }
}

impl Reply {
    /// Returns the outcome, unless the reply is lost.
    pub(crate) fn deliver<T>(self, outcome: Result<T>) -> Result<T> {
        match self.lost() {
            Some(lost) => Err(lost),
            None => outcome,
        }
    }

    fn lost(self) -> Option<Error> {
        if !self.is_lost {
            return None;
        }
        let message = "the connection broke before the reply arrived";
        let lost = Error::new(ErrorKind::Connection, message).with_operation(self.operation);
        Some(match self.operation.is_repeatable() {
            true => lost,
            false => lost.with_unknown_effect(),
        })
    }
}

impl Fault {
    /// Affects calls from the n-th call after planning on; 1 is the next call.
    ///
    /// The default is 1; 0 counts as 1.
    pub fn on_call(self, n: u64) -> Self {
        self.change(|fault| fault.first = n.max(1))
    }

    /// Affects this many calls in a row; 1 by default.
    pub fn times(self, times: u64) -> Self {
        self.change(|fault| fault.times = times)
    }

    /// Affects every call until the plan is cleared.
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    fn change(self, change: impl FnOnce(&mut PlannedFault)) -> Self {
        let mut plan = lock(&self.plan);
        let mut faults = plan.faults.iter_mut();
        if let Some(fault) = faults.find(|fault| fault.number == self.number) {
            change(fault);
        }
        drop(plan);
        self
    }
}

impl From<Operation> for FaultScope {
    fn from(operation: Operation) -> Self {
        Self::Operation(operation)
    }
}

impl Plan {
    fn next_call(&mut self, operation: Operation, now: Timestamp) -> Affected {
        if self.calls.len() == CALLS_KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(operation);
        *self.counts.entry(operation).or_default() += 1;
        let mut affected = Affected {
            delay: self.latency,
            ..Affected::default()
        };
        for fault in &mut self.faults {
            if fault.affects_next(operation) {
                affected.add(&fault.effect, operation);
            }
        }
        self.faults.retain(|fault| !fault.is_spent());
        if self.throttle_probability > 0.0 && self.rng.f64() < self.throttle_probability {
            affected.add(&Effect::Throttle, operation);
        }
        if !self.admits(operation, now) {
            affected.add(&Effect::Throttle, operation);
        }
        affected
    }

    /// Takes a token of the operation's bucket, if there is a whole one.
    fn admits(&mut self, operation: Operation, now: Timestamp) -> bool {
        let Some(rate) = self.service_rate else {
            return true;
        };
        let room = rate.max(1.0);
        let (tokens, counted) = self.tokens.entry(operation).or_insert((room, now));
        let passed = counted.duration_until(now).as_secs_f64().max(0.0);
        *tokens = (*tokens + passed * rate).min(room);
        *counted = now;
        let admits = *tokens >= 1.0;
        if admits {
            *tokens -= 1.0;
        }
        admits
    }
}

impl PlannedFault {
    /// The calls that it is planned for.
    pub fn scope(&self) -> FaultScope {
        self.scope
    }

    /// Counts a call, and says whether the fault affects it.
    fn affects_next(&mut self, operation: Operation) -> bool {
        match self.scope {
            FaultScope::Operation(planned) if planned != operation => return false,
            FaultScope::Operation(_) | FaultScope::Any => self.seen += 1,
        }
        self.seen >= self.first && self.seen - self.first < self.times
    }

    fn is_spent(&self) -> bool {
        self.seen >= self.first.saturating_add(self.times).saturating_sub(1)
    }
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scope {
            FaultScope::Any => f.write_str("any operation")?,
            FaultScope::Operation(operation) => operation.fmt(f)?,
        }
        match &self.effect {
            Effect::Throttle => f.write_str(" is throttled"),
            Effect::Fail { code, .. } => write!(f, " fails with {code}"),
            Effect::LoseReply => f.write_str(" loses its reply"),
            Effect::Delay(by) => write!(f, " waits {by:?}"),
        }?;
        write!(
            f,
            " from call {} on, but had {} calls",
            self.first, self.seen
        )
    }
}

impl Affected {
    fn add(&mut self, effect: &Effect, operation: Operation) {
        let error = match effect {
            Effect::Delay(by) => return self.delay = self.delay.saturating_add(*by),
            Effect::LoseReply => return self.loses_reply = true,
            Effect::Throttle => throttled(operation),
            Effect::Fail {
                kind,
                code,
                message,
            } => Error::service(*kind, code, message),
        };
        self.error.get_or_insert(error);
    }
}

/// The service's error for throttling.
fn throttled(operation: Operation) -> Error {
    let (code, message) = match operation.service() {
        Service::Ec2 => ("RequestLimitExceeded", "Request limit exceeded."),
        Service::Sts => ("Throttling", "Rate exceeded"),
        Service::Ssm | Service::QuickSetup | Service::Iam => {
            ("ThrottlingException", "Rate exceeded")
        }
    };
    Error::service(ErrorKind::Throttled, code, message)
}

fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}
