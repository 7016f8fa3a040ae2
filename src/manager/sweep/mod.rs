//! How a whole fleet stands, in as few calls and as little memory as may be.

mod answers;
mod baselines;
mod checkpoint;
mod listing;
mod progress;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, future, stream};
use serde::Serialize;

pub use self::checkpoint::SweepCheckpoint;
pub use self::progress::{SweepProgress, SweepWatch};

use self::answers::Answerer;
use self::baselines::BaselinesInUse;
pub(in crate::manager) use self::checkpoint::Bookmark;
use self::checkpoint::Step;
use self::listing::Batch;
use super::PatchManager;
use crate::compliance::{ComplianceQuery, NodeCompliance, UnknownReason};
use crate::error::{Error, Result};
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::telemetry::{progress, verb_stream};
use crate::types::NodeId;

/// A call of a sweep that failed, and the nodes that it was about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SweepFailure {
    /// The nodes that have no answer because of it. None where a listing failed, or what the sweep
    /// needs first: that listing then ends, and the sweep with it when what is under way has come;
    /// its checkpoint is where to go on.
    pub nodes: Vec<NodeId>,
    /// What went wrong.
    pub error: Error,
}

impl SweepFailure {
    /// The nodes that it left without an answer, each as one: unknown, since
    /// [`NotAnswered`](UnknownReason::NotAnswered). For whoever wants every node as an answer.
    ///
    /// Nothing where a listing failed: look at [`nodes`](Self::nodes) first, since such a sweep ends
    /// too early.
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::compliance::Verdict;
    /// use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager};
    /// use futures_util::StreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::builder().sample_fleet().build();
    /// let manager = PatchManager::from_memory(&account);
    /// account.faults().throttle(Operation::DescribeInstancePatchStates).on_call(1);
    /// let mut sweep = manager.sweep(&ComplianceQuery::all());
    /// let mut answers = Vec::new();
    /// while let Some(answer) = sweep.next().await {
    ///     match answer {
    ///         Ok(node) => answers.push(node),
    ///         Err(failure) if failure.nodes.is_empty() => return Err(failure.error),
    ///         Err(failure) => answers.extend(failure.into_unknown()),
    ///     }
    /// }
    /// assert_eq!(answers.len(), 7);
    /// assert_eq!(answers[0].verdict, Verdict::Unknown);
    /// assert!(answers[0].reason().starts_with("not answered: DescribeInstancePatchStates: "));
    /// # Ok(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_unknown(self) -> impl Iterator<Item = NodeCompliance> {
        let error = self.error.to_string();
        self.nodes.into_iter().map(move |node| {
            let error = error.clone();
            NodeCompliance::unknown(node).with_unknown_reason(UnknownReason::NotAnswered { error })
        })
    }
}

impl fmt::Display for SweepFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nodes.as_slice() {
            [] => write!(f, "not every node was listed: {}", self.error),
            [node] => write!(f, "{node}: {}", self.error),
            [first, others @ ..] => {
                write!(f, "{first} and {} more nodes: {}", others.len(), self.error)
            }
        }
    }
}

impl std::error::Error for SweepFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// The answers of a sweep, as they come in. Made by [`PatchManager::sweep`].
///
/// Each node comes once, as an answer or named in a failure; a failure does not keep the others
/// back. Answers come in the order of the listing; of a fleet, those of the hybrid nodes come in
/// between. Dropping it cancels what is under way.
#[must_use = "a sweep does nothing until it is read"]
pub struct ComplianceSweep {
    answers: BoxStream<'static, Answer>,
    query: ComplianceQuery,
    watch: SweepWatch,
    /// What has been answered and not been given yet.
    waiting: VecDeque<Result<NodeCompliance, SweepFailure>>,
    /// The step that those are of.
    step: Option<Step>,
    bookmark: Bookmark,
}

/// A batch that was answered.
struct Answer {
    items: Vec<Result<NodeCompliance, SweepFailure>>,
    /// Absent where the listing failed, which is no progress: going on tries it again.
    step: Option<Step>,
}

#[cfg(feature = "tracing")]
impl Yield for Answer {
    fn items(&self) -> u64 {
        self.items.iter().map(Yield::items).sum()
    }

    fn error(&self) -> Option<&Error> {
        self.items.iter().find_map(Yield::error)
    }
}

#[cfg(feature = "tracing")]
impl Yield for Result<NodeCompliance, SweepFailure> {
    fn items(&self) -> u64 {
        u64::from(self.is_ok())
    }

    fn error(&self) -> Option<&Error> {
        self.as_ref().err().map(|failure| &failure.error)
    }
}

impl fmt::Debug for ComplianceSweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComplianceSweep")
            .field("query", &self.query)
            .field("progress", &self.watch.progress())
            .field("checkpoint", &self.checkpoint())
            .finish_non_exhaustive()
    }
}

impl ComplianceSweep {
    /// Watches the sweep from another task.
    pub fn watch(&self) -> SweepWatch {
        self.watch.clone()
    }

    /// How far the sweep is.
    pub fn progress(&self) -> SweepProgress {
        self.watch.progress()
    }

    /// Where to go on from with [`PatchManager::resume_sweep`]: what was given until now does not
    /// come again.
    pub fn checkpoint(&self) -> SweepCheckpoint {
        self.bookmark.read()
    }

    /// A place of its own to read the checkpoint from.
    pub(super) fn bookmark(&self) -> Bookmark {
        self.bookmark.clone()
    }

    fn give(&mut self) -> Option<Result<NodeCompliance, SweepFailure>> {
        let item = self.waiting.pop_front()?;
        let nodes = match &item {
            Ok(answer) => std::slice::from_ref(&answer.node),
            Err(failure) => &failure.nodes,
        };
        self.watch.done(nodes.len());
        if let Some(step) = &self.step {
            self.bookmark.given(step, nodes, self.waiting.is_empty());
        }
        Some(item)
    }
}

impl Stream for ComplianceSweep {
    type Item = Result<NodeCompliance, SweepFailure>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            while let Some(item) = this.give() {
                match item {
                    Ok(node) if !this.query.admits(&node) => {}
                    item => return Poll::Ready(Some(item)),
                }
            }
            let Some(answer) = ready!(this.answers.poll_next_unpin(cx)) else {
                return Poll::Ready(None);
            };
            this.step = answer.step;
            this.waiting = answer.items.into();
        }
    }
}

/// Sweeps.
impl PatchManager {
    /// How each node of a question stands, over a fleet of any size.
    ///
    /// Nodes are listed a page at a time, and looked up 50 at a time while the next page is being
    /// fetched; so many calls go out at once as [`ComplianceQuery::concurrency`] says. Memory is
    /// bounded by that number, not by the fleet, but for the page tokens that came.
    /// [`ComplianceQuery::explain`] tells the calls.
    ///
    /// Calls DescribeInstancePatchStates for each 50 nodes, or for a group
    /// DescribeInstancePatchStatesForPatchGroup; DescribeInstanceInformation for all nodes;
    /// DescribeInstances (EC2) for the fleet, beside DescribeInstanceInformation of its hybrid nodes,
    /// and for named nodes and those of a group that are not managed, where those count as unknown;
    /// DescribePatchBaselines and DescribePatchGroups where another baseline is to be found out.
    ///
    /// ```
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    /// use futures_util::StreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut sweep = manager.sweep(&ComplianceQuery::all());
    /// while let Some(answer) = sweep.next().await {
    ///     match answer {
    ///         Ok(node) => println!("{} {}: {}", node.node, node.verdict, node.reason()),
    ///         Err(failure) => eprintln!("{failure}"),
    ///     }
    /// }
    /// assert_eq!(sweep.progress().nodes_done, sweep.progress().nodes_known);
    /// # }).ok_or("pending")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sweep(&self, query: &ComplianceQuery) -> ComplianceSweep {
        let mut sweep = self.sweep_from(query, SweepCheckpoint::start(query));
        sweep.answers = verb_stream!(sweep(concurrency = query.calls_at_a_time()), sweep.answers);
        sweep
    }

    /// Goes on with a sweep of the same question from where it had come: no node that was given
    /// comes again, and none that is listed still is left out, whoever came or went meanwhile.
    ///
    /// Calls what [`sweep`](Self::sweep) calls for the rest, and once more the page that it had come
    /// to. A checkpoint of another question is refused before any call, with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) as the only answer;
    /// [`SweepCheckpoint`] says what makes a question the same.
    pub fn resume_sweep(
        &self,
        query: &ComplianceQuery,
        checkpoint: SweepCheckpoint,
    ) -> ComplianceSweep {
        let mut sweep = self.sweep_from(query, checkpoint);
        sweep.answers = verb_stream!(
            resume_sweep(concurrency = query.calls_at_a_time()),
            sweep.answers
        );
        sweep
    }

    fn sweep_from(&self, query: &ComplianceQuery, from: SweepCheckpoint) -> ComplianceSweep {
        let watch = SweepWatch::default();
        let sweep = answers(self.clone(), query.clone(), watch.clone(), from.clone());
        ComplianceSweep {
            answers: sweep.into_stream().flatten().boxed(),
            query: query.clone(),
            watch,
            waiting: VecDeque::new(),
            step: None,
            bookmark: Bookmark::new(from),
        }
    }
}

/// Prepares what the question needs, and answers batch after batch.
async fn answers(
    manager: PatchManager,
    query: ComplianceQuery,
    watch: SweepWatch,
    from: SweepCheckpoint,
) -> BoxStream<'static, Answer> {
    let checked = query.check().and_then(|()| from.check(&query));
    let prepared = match checked {
        Ok(()) if query.doubts().other_baseline => {
            BaselinesInUse::read(&manager, &watch).await.map(Some)
        }
        checked => checked.map(|()| None),
    };
    let baselines = match prepared {
        Ok(baselines) => baselines,
        Err(error) => return stream::once(future::ready(not_listed(error))).boxed(),
    };
    let calls = query.calls_at_a_time();
    let batches = listing::batches(&manager, &query, &watch, from);
    let answerer = Arc::new(Answerer {
        manager,
        query,
        watch,
        baselines,
    });
    batches
        .map(move |batch| answer(Arc::clone(&answerer), batch))
        .buffered(calls)
        .boxed()
}

async fn answer(answerer: Arc<Answerer>, batch: Result<Batch>) -> Answer {
    let Batch { work, step } = match batch {
        Ok(batch) => batch,
        Err(error) => return not_listed(error),
    };
    let nodes = work.nodes();
    let items = match answerer.answer(work).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(SweepFailure { nodes, error })],
    };
    progress!(
        "a sweep",
        nodes_known = answerer.watch.progress().nodes_known,
        nodes_done = answerer.watch.progress().nodes_done,
        calls = answerer.watch.progress().calls,
        throttled = answerer.watch.progress().throttled,
        failed = answerer.watch.progress().failed
    );
    Answer {
        items,
        step: Some(step),
    }
}

fn not_listed(error: Error) -> Answer {
    let nodes = Vec::new();
    Answer {
        items: vec![Err(SweepFailure { nodes, error })],
        step: None,
    }
}
