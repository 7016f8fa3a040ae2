use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

const PAUSE: u8 = 1;
const ABORT: u8 = 2;

/// What was asked of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Pause,
    Abort,
}

/// Pauses or aborts a [`RolloutRun`](super::RolloutRun) from another task. Clones share one run.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::rollout::{
///     InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, RolloutStatus, Wave,
/// };
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
/// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
/// let store = InMemoryRolloutStore::new();
/// let run = RolloutRun::new(&manager, state, store.clone());
/// run.control().pause();
/// assert_eq!(run.finish().await?.status, RolloutStatus::Paused);
///
/// // Later, perhaps in another process:
/// let mut state = store.last().ok_or("nothing was saved")?;
/// state.resume();
/// let outcome = RolloutRun::new(&manager, state, store).finish().await?;
/// assert_eq!(outcome.status, RolloutStatus::Completed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RolloutControl {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    requested: AtomicU8,
    waker: AtomicWaker,
}

impl RolloutControl {
    /// Starts nothing more, saves the state and ends the run. Commands that run go on; a resumed run
    /// waits for them.
    pub fn pause(&self) {
        self.request(PAUSE);
    }

    /// Cancels what runs, waits for its end, stops the instances that the rollout started, saves the
    /// state and ends the run. It takes precedence over a pause.
    pub fn abort(&self) {
        self.request(ABORT);
    }

    fn request(&self, request: u8) {
        self.shared.requested.fetch_max(request, Ordering::AcqRel);
        self.shared.waker.wake();
    }

    pub(super) fn requested(&self) -> Option<Request> {
        match self.shared.requested.load(Ordering::Acquire) {
            PAUSE => Some(Request::Pause),
            ABORT => Some(Request::Abort),
            _ => None,
        }
    }

    /// Returns once something was requested.
    pub(super) async fn wait(&self) {
        poll_fn(|context| {
            self.shared.waker.register(context.waker());
            match self.requested() {
                Some(_) => Poll::Ready(()),
                None => Poll::Pending,
            }
        })
        .await;
    }
}
