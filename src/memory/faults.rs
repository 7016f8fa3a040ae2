//! Faults to plan: throttling, errors, lost replies, latency; and the record of what was called.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::store::errors;
use crate::error::{Error, ErrorKind};

/// The faults that a [`MemoryBackend`](super::MemoryBackend) will play, and the calls it has seen.
///
/// A fault is planned for one operation, by its name in the service (`CreatePatchBaseline`), or for
/// [`ANY`](Self::ANY). As it stands it strikes the next call, once; [`Fault`] says otherwise. Where
/// several strike one call, delays add up and the error planned first wins. A call is recorded
/// whatever becomes of it. Clones share one plan.
///
/// ```
/// use aws_patch_manager::backend::{BaselineStore, CreatePatchBaseline};
/// use aws_patch_manager::baseline::BaselineSpec;
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{ErrorKind, MemoryBackend};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let backend = MemoryBackend::new();
/// backend.faults().lose_reply("CreatePatchBaseline");
/// backend.faults().throttle("GetPatchBaseline").on_call(2).times(3);
///
/// let spec = BaselineSpec::new("web-servers", OperatingSystem::AmazonLinux2023);
/// let request = CreatePatchBaseline::new(spec).with_client_token("once");
/// let lost = backend.create_patch_baseline(request.clone()).await;
/// assert_eq!(lost.map_err(|error| error.kind()), Err(ErrorKind::Connection));
///
/// // The baseline is there; the client token leads back to it.
/// let id = backend.create_patch_baseline(request).await?;
/// backend.get_patch_baseline(GetPatchBaseline::new(&id)).await?;
/// let second = backend.get_patch_baseline(GetPatchBaseline::new(&id)).await;
/// assert!(second.is_err_and(|error| error.is_throttled()));
/// assert_eq!(backend.call_count("CreatePatchBaseline"), 2);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FaultPlan {
    book: Arc<Mutex<Book>>,
}

/// One planned fault. Planned already; the methods say which calls it strikes.
///
/// ```
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{MemoryBackend, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let account = MemoryBackend::sample();
/// let manager = PatchManager::from_memory(&account);
/// account.faults().throttle("GetDefaultPatchBaseline").on_call(2).times(1);
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// assert!(manager.default_baseline(OperatingSystem::Windows).await.is_err());
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fault {
    book: Arc<Mutex<Book>>,
    number: usize,
}

#[derive(Debug)]
struct Book {
    rng: fastrand::Rng,
    calls: Vec<&'static str>,
    planned: Vec<Planned>,
    latency: Duration,
    throttle_probability: f64,
    next_number: usize,
}

#[derive(Debug)]
struct Planned {
    number: usize,
    operation: String,
    effect: Effect,
    seen: u64,
    first: u64,
    times: u64,
}

#[derive(Debug, Clone)]
enum Effect {
    Throttle,
    Fail {
        kind: ErrorKind,
        code: String,
        message: String,
    },
    LoseReply,
    Delay(Duration),
}

/// What becomes of one call.
#[derive(Debug, Default)]
pub(super) struct Fate {
    pub(super) delay: Duration,
    pub(super) error: Option<Error>,
    pub(super) reply_lost: bool,
}

impl FaultPlan {
    /// In place of an operation's name: whichever operation is called.
    pub const ANY: &'static str = "*";

    pub(super) fn seeded(seed: u64, latency: Duration) -> Self {
        Self {
            book: Arc::new(Mutex::new(Book {
                rng: fastrand::Rng::with_seed(seed),
                calls: Vec::new(),
                planned: Vec::new(),
                latency,
                throttle_probability: 0.0,
                next_number: 0,
            })),
        }
    }

    /// Plans that the operation is throttled: `ThrottlingException`, or EC2's `RequestLimitExceeded`.
    ///
    /// ```
    /// use aws_patch_manager::memory::FaultPlan;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// account.faults().throttle(FaultPlan::ANY).times(2);
    /// for _ in 0..2 {
    ///     assert!(manager.default_baseline(OperatingSystem::Windows).await.is_err());
    /// }
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle(&self, operation: impl Into<String>) -> Fault {
        self.plan(operation, Effect::Throttle)
    }

    /// Plans that the operation fails with this error before it does anything.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{ErrorKind, MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let manager = PatchManager::from_memory(&account);
    /// let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    /// account.faults().fail("GetDefaultPatchBaseline", kind, code, "not authorized").always();
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
        operation: impl Into<String>,
        kind: ErrorKind,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Fault {
        let effect = Effect::Fail {
            kind,
            code: code.into(),
            message: message.into(),
        };
        self.plan(operation, effect)
    }

    /// Plans that the operation does its work and the reply never arrives: the caller sees
    /// [`ErrorKind::Connection`], and what was written stays. SendCommand and CreateAssociation,
    /// which no client token makes repeatable, then
    /// [may have taken effect](Error::may_have_taken_effect).
    pub fn lose_reply(&self, operation: impl Into<String>) -> Fault {
        self.plan(operation, Effect::LoseReply)
    }

    /// Plans that the operation waits this long on the backend's clock before it acts.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// account.faults().delay("GetDefaultPatchBaseline", Duration::from_secs(30));
    /// let before = account.clock().now();
    /// let manager = PatchManager::from_memory(&account);
    /// manager.default_baseline(OperatingSystem::Windows).await?;
    /// assert_eq!(before.duration_until(account.clock().now()).as_secs(), 30);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delay(&self, operation: impl Into<String>, by: Duration) -> Fault {
        self.plan(operation, Effect::Delay(by))
    }

    /// Lets every call wait this long on the backend's clock. A manual clock moves on by it.
    pub fn latency(&self, latency: Duration) {
        lock(&self.book).latency = latency;
    }

    /// Throttles each call with this probability, from 0 to 1. The backend's seed decides which.
    ///
    /// Nothing where not said. A number outside those bounds counts as the nearer one.
    ///
    /// ```
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().sample_fleet().seed(7).build();
    /// account.faults().throttle_randomly(1.0);
    /// let nodes = PatchManager::from_memory(&account).list_nodes(Vec::new());
    /// assert!(nodes.try_collect::<Vec<_>>().await.is_err());
    /// account.faults().clear();
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn throttle_randomly(&self, probability: f64) {
        lock(&self.book).throttle_probability = probability;
    }

    /// Takes back every planned fault, the latency and the random throttling. The record stays.
    pub fn clear(&self) {
        let mut book = lock(&self.book);
        book.planned.clear();
        book.latency = Duration::ZERO;
        book.throttle_probability = 0.0;
    }

    fn plan(&self, operation: impl Into<String>, effect: Effect) -> Fault {
        let mut book = lock(&self.book);
        let number = book.next_number;
        book.next_number += 1;
        book.planned.push(Planned {
            number,
            operation: operation.into(),
            effect,
            seen: 0,
            first: 1,
            times: 1,
        });
        Fault {
            book: Arc::clone(&self.book),
            number,
        }
    }

    pub(super) fn calls(&self) -> Vec<&'static str> {
        lock(&self.book).calls.clone()
    }

    pub(super) fn call_count(&self, operation: &str) -> usize {
        let book = lock(&self.book);
        book.calls.iter().filter(|call| **call == operation).count()
    }

    pub(super) fn clear_calls(&self) {
        lock(&self.book).calls.clear();
    }

    /// Records a call and settles what becomes of it.
    pub(super) fn strike(&self, operation: &'static str) -> Fate {
        lock(&self.book).strike(operation)
    }
}

impl Fault {
    /// Strikes from the n-th matching call after planning on; 1 is the next one.
    ///
    /// From the next one on where not said; 0 counts as 1.
    pub fn on_call(self, n: u64) -> Self {
        self.change(|planned| planned.first = n.max(1))
    }

    /// Strikes this many matching calls in a row.
    ///
    /// 1 where not said.
    pub fn times(self, times: u64) -> Self {
        self.change(|planned| planned.times = times)
    }

    /// Strikes every matching call until the plan is cleared.
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    fn change(self, change: impl FnOnce(&mut Planned)) -> Self {
        let mut book = lock(&self.book);
        if let Some(planned) = book.planned.iter_mut().find(|p| p.number == self.number) {
            change(planned);
        }
        drop(book);
        self
    }
}

impl Book {
    fn strike(&mut self, operation: &'static str) -> Fate {
        self.calls.push(operation);
        let mut fate = Fate {
            delay: self.latency,
            ..Fate::default()
        };
        for planned in &mut self.planned {
            if !planned.strikes(operation) {
                continue;
            }
            match &planned.effect {
                Effect::Delay(by) => fate.delay = fate.delay.saturating_add(*by),
                Effect::LoseReply => fate.reply_lost = true,
                Effect::Throttle => fate.fail_with(errors::throttled(operation)),
                Effect::Fail {
                    kind,
                    code,
                    message,
                } => fate.fail_with(Error::service(*kind, code, message)),
            }
        }
        self.planned.retain(|planned| !planned.is_spent());
        if self.throttle_probability > 0.0 && self.rng.f64() < self.throttle_probability {
            fate.fail_with(errors::throttled(operation));
        }
        fate
    }
}

impl Planned {
    /// Counts a matching call, and says whether the fault strikes it.
    fn strikes(&mut self, operation: &str) -> bool {
        if self.operation != FaultPlan::ANY && self.operation != operation {
            return false;
        }
        self.seen += 1;
        self.seen >= self.first && self.seen - self.first < self.times
    }

    fn is_spent(&self) -> bool {
        self.seen >= self.first.saturating_add(self.times).saturating_sub(1)
    }
}

impl Fate {
    fn fail_with(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}
