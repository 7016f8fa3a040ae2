//! How far a long verb is.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use futures_core::Stream;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// How far a long verb is, at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Progress {
    /// How much is done: nodes of a run, a wait, a sweep, a mirror or a rollout; steps of an apply;
    /// accounts and Regions of a run in an organization or of a policy. Failed ones are done too.
    pub done: usize,
    /// How much is known of so far, at least `done`.
    pub known: usize,
    /// How much there is to do. Absent while more may be found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    /// How much of what is done failed.
    pub failed: usize,
    /// Calls that were made, without the attempts that an SDK repeated.
    pub calls: usize,
    /// Attempts that the service throttled, those that an SDK repeated among them.
    pub throttled: usize,
    /// Whether a sweep lists managed nodes by DescribeInstanceInformation, 50 a page, because
    /// DescribeInstanceProperties was denied or the backend does not know it.
    pub listed_by_information: bool,
    /// The time since the verb began, on the clock of its manager.
    pub elapsed: SignedDuration,
    /// The time that is left if the rest takes as long as what is done. Absent while the total is unknown
    /// or nothing is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta: Option<SignedDuration>,
}

/// Such as `120 of 400, 2 failed; 11 calls, 3 throttled; 40s left`.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.total {
            Some(total) => write!(f, "{} of {total}", self.done)?,
            None => write!(f, "{} of {} or more", self.done, self.known)?,
        }
        let Self {
            failed,
            calls,
            throttled,
            ..
        } = self;
        write!(f, ", {failed} failed; {calls} calls, {throttled} throttled")?;
        if let Some(eta) = self.eta.filter(|eta| eta.is_positive()) {
            // A part of a second would be pretended.
            let eta = SignedDuration::from_secs(eta.as_secs().max(1));
            write!(f, "; {eta:#} left")?;
        }
        match self.listed_by_information {
            true => f.write_str("; listed by DescribeInstanceInformation, 50 a page"),
            false => Ok(()),
        }
    }
}

/// Watches a long verb from another task. Cheap to clone; clones watch the same work.
///
/// It watches whatever [`during`](Self::during) runs: a run's wait, a mirror, an apply, a rollout, a report.
/// Sweeps have one from the beginning: [`watch`](crate::manager::ComplianceSweep::watch). Watch one work at a
/// time; of several verbs in it, the outermost tells how far it is.
///
/// ```
/// use std::time::Duration;
///
/// use aws_patch_manager::{PatchManager, PatchRequest, ProgressWatch};
/// use futures_util::{StreamExt, future};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let run = manager.run(&PatchRequest::scan().nodes(["i-0c0ffee0000000001"])).await?;
/// let watch = ProgressWatch::new();
/// let bar = watch.changes().for_each(|progress| {
///     println!("{progress}");
///     future::ready(())
/// });
/// let wait = watch.during(run.wait(Duration::from_hours(2)));
/// let (outcome, ()) = future::join(wait, bar).await;
/// assert!(outcome?.is_success());
/// assert_eq!(watch.progress().done, 1);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct ProgressWatch {
    shared: Arc<Mutex<Watched>>,
}

#[derive(Debug, Default)]
struct Watched {
    progress: Progress,
    /// When the verb told for the first time, and how much was done before.
    began: Option<(Timestamp, usize)>,
    /// Whether a verb tells how far it is.
    is_told: bool,
    /// Whether the work has ended.
    has_ended: bool,
    /// Counts the changes.
    version: u64,
    wakers: Vec<Waker>,
}

impl fmt::Debug for ProgressWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProgressWatch")
            .field(&self.progress())
            .finish()
    }
}

/// The watches of a work, the outermost first.
type Watches = Vec<ProgressWatch>;

thread_local! {
    /// The watches of the work that this thread polls.
    static CURRENT: RefCell<Watches> = const { RefCell::new(Vec::new()) };
}

/// Puts the watches of before back, also when a poll panics.
struct Restore(Watches);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.0);
        CURRENT.with(|current| current.replace(before));
    }
}

fn current() -> Watches {
    CURRENT.with(|current| current.borrow().clone())
}

/// Does something as a part of the work that has these watches.
fn with<T>(watches: Watches, act: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.with(|current| current.replace(watches)));
    act()
}

/// Tells the watch that the work has ended, when it is dropped.
pub(crate) struct WorkEnd(ProgressWatch);

impl WorkEnd {
    /// Of work that begins.
    pub(crate) fn of(watch: &ProgressWatch) -> Self {
        watch.begin();
        Self(watch.clone())
    }
}

impl Drop for WorkEnd {
    fn drop(&mut self) {
        self.0.change(|watched| watched.has_ended = true);
    }
}

impl ProgressWatch {
    /// A watch of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the work is. After its end, how far it came.
    pub fn progress(&self) -> Progress {
        self.lock().progress
    }

    /// Does work, and watches it until it ends or is dropped.
    pub async fn during<F: Future>(&self, work: F) -> F::Output {
        let end = WorkEnd::of(self);
        let mut work = pin!(work);
        poll_fn(|context| end.0.enter(|| work.as_mut().poll(context))).await
    }

    /// A stream of work, such as the events of an apply or of a rollout, watched until it ends or is
    /// dropped.
    pub fn during_stream<S: Stream + Unpin>(
        &self,
        mut work: S,
    ) -> impl Stream<Item = S::Item> + use<S> {
        let mut end = Some(WorkEnd::of(self));
        stream::poll_fn(move |context| {
            let Some(watch) = &end else {
                return Poll::Ready(None);
            };
            let polled = watch.0.enter(|| work.poll_next_unpin(context));
            if let Poll::Ready(None) = polled {
                end = None;
            }
            polled
        })
    }

    /// The progress now and after each change, until the work ends. What changes several times between two
    /// reads comes once.
    pub fn changes(&self) -> impl Stream<Item = Progress> + Send + Unpin + use<> {
        let watch = self.clone();
        let mut seen = None;
        stream::poll_fn(move |context| {
            let mut watched = watch.lock();
            if seen != Some(watched.version) {
                seen = Some(watched.version);
                return Poll::Ready(Some(watched.progress));
            }
            if watched.has_ended {
                return Poll::Ready(None);
            }
            // A task that polls often for another reason waits once.
            let waker = context.waker();
            if !watched
                .wakers
                .iter()
                .any(|waiting| waiting.will_wake(waker))
            {
                watched.wakers.push(waker.clone());
            }
            Poll::Pending
        })
    }

    /// Counts a throttled attempt of the work that is being polled, if it is watched. For a backend of
    /// your own; the adapters for AWS and memory count theirs.
    pub fn count_throttled() {
        for watch in current() {
            watch.change(|watched| watched.progress.throttled += 1);
        }
    }

    /// Counts a call of the work that is being polled, if it is watched. For a backend of your own; the
    /// adapters for AWS and memory count theirs.
    pub fn count_call() {
        for watch in current() {
            watch.change(|watched| watched.progress.calls += 1);
        }
    }

    /// Forgets the work before.
    fn begin(&self) {
        self.change(|watched| {
            (watched.progress, watched.began) = (Progress::default(), None);
            (watched.is_told, watched.has_ended) = (false, false);
        });
    }

    /// Does something as a part of the work.
    pub(crate) fn enter<T>(&self, act: impl FnOnce() -> T) -> T {
        let mut watches = current();
        watches.push(self.clone());
        with(watches, act)
    }

    fn tell(&self, told: Told, now: Timestamp) {
        self.change(|watched| {
            let (began, before) = *watched.began.get_or_insert((now, told.done));
            let elapsed = began.duration_until(now).max(SignedDuration::ZERO);
            let left = |total: usize| {
                let done = told.done.checked_sub(before).filter(|done| *done > 0)?;
                let share = total.saturating_sub(told.done) as f64 / done as f64;
                SignedDuration::try_from_secs_f64(elapsed.as_secs_f64() * share).ok()
            };
            let Told {
                done,
                known,
                failed,
                is_all,
                listed_by_information,
            } = told;
            let total = is_all.then_some(known.max(done));
            watched.progress = Progress {
                done,
                known: known.max(done),
                total,
                failed,
                listed_by_information,
                elapsed,
                eta: total.and_then(left),
                ..watched.progress
            };
        });
    }

    fn change(&self, change: impl FnOnce(&mut Watched)) {
        let mut watched = self.lock();
        change(&mut watched);
        watched.version += 1;
        let wakers = std::mem::take(&mut watched.wakers);
        drop(watched);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a verb tells of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    pub(crate) done: usize,
    pub(crate) known: usize,
    pub(crate) failed: usize,
    /// Whether nothing more will be found.
    pub(crate) is_all: bool,
    pub(crate) listed_by_information: bool,
}

/// A verb that tells the watches around it how far it is, unless a verb around it does.
#[derive(Debug)]
pub(crate) struct Teller(Watches);

impl Teller {
    /// Of the verb that is being polled.
    pub(crate) fn of_current() -> Self {
        let mut watches = current();
        watches.retain(|watch| !std::mem::replace(&mut watch.lock().is_told, true));
        Self(watches)
    }

    /// Whether there is a watch to tell.
    pub(crate) fn is_heard(&self) -> bool {
        !self.0.is_empty()
    }

    pub(crate) fn tell(&self, told: Told, now: Timestamp) {
        for watch in &self.0 {
            watch.tell(told, now);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        for watch in &self.0 {
            watch.lock().is_told = false;
        }
    }
}

/// Tells how far the verb that is being polled is, if no verb around it does.
pub(crate) fn tell(told: Told, now: Timestamp) {
    Teller::of_current().tell(told, now);
}

/// A future that others poll, as a part of the work that is being polled now.
pub(crate) fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let watches = current();
    async move {
        let mut work = pin!(work);
        poll_fn(|context| with(watches.clone(), || work.as_mut().poll(context))).await
    }
}
