//! Sweeps: the compliance of a whole fleet, with few calls and little memory.

mod answers;
mod baselines;
mod checkpoint;
mod listing;
mod members;
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

use self::answers::Answerer;
use self::baselines::BaselinesInUse;
pub(in crate::manager) use self::checkpoint::Bookmark;
use self::checkpoint::Step;
use self::listing::Batch;
use self::progress::SweepCounts;
use super::PatchManager;
use crate::compliance::{ComplianceQuery, NodeCompliance, UnknownReason};
use crate::error::{Error, Result};
use crate::in_flight::InFlight;
use crate::progress::{Progress, ProgressWatch, WorkEnd};
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::telemetry::{progress, verb_stream};
use crate::types::NodeId;

/// A failed call of a sweep, and its nodes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SweepFailure {
    /// The nodes that have no answer because of it. Empty if a listing failed, or a read that the
    /// sweep needs first: then the sweep returns the calls in progress and ends. Resume it from its
    /// checkpoint.
    pub nodes: Vec<NodeId>,
    /// What went wrong.
    pub error: Error,
}

impl SweepFailure {
    /// An answer for each of its nodes: unknown, because of
    /// [`NotAnswered`](UnknownReason::NotAnswered). Use it to have an answer for every node.
    ///
    /// Empty if a listing failed. Check [`nodes`](Self::nodes) first, because such a sweep ends too
    /// early.
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
    /// assert_eq!(answers.len(), 8);
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
            [] => write!(f, "the listing of nodes is incomplete: {}", self.error),
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

/// The answers of a sweep, as they come in. [`PatchManager::sweep`] returns it.
///
/// Each node is returned once, as an answer or in a failure. After a failure the sweep goes on with
/// the other nodes. Answers are in the order of the listing; for a fleet, those of hybrid nodes
/// come in between. Dropping it cancels the calls in progress.
#[must_use = "a sweep does nothing until it is read"]
pub struct ComplianceSweep {
    answers: BoxStream<'static, Answer>,
    in_flight: InFlight,
    query: ComplianceQuery,
    counts: SweepCounts,
    /// Dropped when the last answer was returned.
    end: Option<WorkEnd>,
    /// The answers that are not returned yet.
    waiting: VecDeque<Result<NodeCompliance, SweepFailure>>,
    /// The step of these answers.
    step: Option<Step>,
    bookmark: Bookmark,
}

/// An answered batch.
struct Answer {
    items: Vec<Result<NodeCompliance, SweepFailure>>,
    /// Absent if the listing failed. Then the checkpoint does not advance, and a resumed sweep
    /// tries the page again.
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
            .field("progress", &self.progress())
            .field("checkpoint", &self.checkpoint())
            .finish_non_exhaustive()
    }
}

impl ComplianceSweep {
    /// A handle to watch the sweep from another task: nodes listed, answered and failed.
    pub fn watch(&self) -> ProgressWatch {
        self.counts.watch().clone()
    }

    /// The progress so far.
    pub fn progress(&self) -> Progress {
        self.counts.watch().progress()
    }

    /// The checkpoint for [`PatchManager::resume_sweep`]. A resumed sweep does not return the
    /// answers so far again.
    pub fn checkpoint(&self) -> SweepCheckpoint {
        self.bookmark.read()
    }

    /// Awaits another future while the calls in progress of the sweep go on. Use it for other calls of
    /// the same manager between two answers.
    ///
    /// The calls of a sweep go on only while it is read. Under a limit, such as the AWS adapter's, they
    /// have permits that another call may wait for: without this method it can wait for ever. A sweep in
    /// a task of its own does not need it.
    ///
    /// ```
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    /// use futures_util::{StreamExt, TryStreamExt};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let mut sweep = manager.sweep(&ComplianceQuery::all());
    /// while let Some(answer) = sweep.next().await {
    ///     let node = answer.map_err(|failure| failure.error)?.node;
    ///     let patches = manager.node_patches(&node, &[]).try_collect::<Vec<_>>();
    ///     println!("{node}: {} patches", sweep.alongside(patches).await?.len());
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn alongside<F: Future>(&self, other: F) -> impl Future<Output = F::Output> + use<'_, F> {
        InFlight::drive_during(vec![self.in_flight.clone()], other)
    }

    /// Its calls in progress.
    pub(super) fn in_flight(&self) -> InFlight {
        self.in_flight.clone()
    }

    /// A shared handle to the checkpoint.
    pub(super) fn bookmark(&self) -> Bookmark {
        self.bookmark.clone()
    }

    fn give(&mut self) -> Option<Result<NodeCompliance, SweepFailure>> {
        let item = self.waiting.pop_front()?;
        let nodes = match &item {
            Ok(answer) => {
                self.counts.done(1);
                std::slice::from_ref(&answer.node)
            }
            Err(failure) => {
                self.counts.failed(failure.nodes.len());
                &failure.nodes
            }
        };
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
            let watch = this.counts.watch();
            let Some(answer) = ready!(watch.enter(|| this.answers.poll_next_unpin(cx))) else {
                this.end = None;
                return Poll::Ready(None);
            };
            this.step = answer.step;
            this.waiting = answer.items.into();
        }
    }
}

/// Sweeps.
impl PatchManager {
    /// The compliance of each node of a query, for a fleet of any size.
    ///
    /// The sweep lists nodes a page at a time, and looks up 50 nodes at a time while it fetches the
    /// next page. [`ComplianceQuery::concurrency`] sets the number of parallel calls. This number
    /// bounds the memory, not the size of the fleet; only the page tokens grow with the fleet.
    /// [`ComplianceQuery::explain`] returns the number of calls. They go on only while the sweep is read:
    /// await other calls of the same manager between two answers with
    /// [`alongside`](ComplianceSweep::alongside).
    ///
    /// Calls:
    ///
    /// - DescribeInstancePatchStates for each 50 nodes, or DescribeInstancePatchStatesForPatchGroup
    ///   for a group;
    /// - DescribeInstanceProperties for all nodes, 1,000 a page. If the first page is denied, or the
    ///   backend does not know the operation, DescribeInstanceInformation, 50 a page:
    ///   [`Progress::listed_by_information`] says so;
    /// - DescribeInstances (EC2) for the fleet, with DescribeInstanceProperties for its hybrid nodes;
    /// - DescribeInstanceInformation with DescribeInstances for the nodes that are tagged with a group,
    ///   because DescribeInstanceProperties is not known to filter by tags;
    /// - DescribeInstanceInformation, 50 ids a call, if offline nodes count as unknown and the listing
    ///   does not have that, and then for unmanaged nodes that are named or in a group DescribeInstances;
    /// - DescribePatchBaselines and DescribePatchGroups, if states of another baseline count as
    ///   unknown.
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
    /// assert_eq!(sweep.progress().done, sweep.progress().known);
    /// # }).ok_or("pending")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sweep(&self, query: &ComplianceQuery) -> ComplianceSweep {
        let mut sweep = self.sweep_from(query, SweepCheckpoint::start(query));
        sweep.answers = verb_stream!(sweep(concurrency = query.calls_at_a_time()), sweep.answers);
        sweep
    }

    /// Resumes a sweep of the same query from a checkpoint. No node is returned twice and none
    /// still listed is skipped, even if the fleet changed.
    ///
    /// Calls the same operations as [`sweep`](Self::sweep) for the rest, and reads the current page
    /// again. A checkpoint of another query is refused before any call, with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) as the only answer, as is one that was damaged:
    /// each violation names its member, such as `listings[0].page.token`. [`SweepCheckpoint`]
    /// says when a query is the same.
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
        let (counts, end) = SweepCounts::begin(Arc::clone(&self.clock));
        let in_flight = InFlight::default();
        let sweep = answers(
            self.clone(),
            query.clone(),
            counts.clone(),
            from.clone(),
            in_flight.clone(),
        );
        ComplianceSweep {
            answers: in_flight
                .clone()
                .drive(sweep.into_stream().flatten().boxed())
                .boxed(),
            in_flight,
            query: query.clone(),
            counts,
            end: Some(end),
            waiting: VecDeque::new(),
            step: None,
            bookmark: Bookmark::new(from),
        }
    }
}

/// Reads what the query needs first, then answers batch after batch.
async fn answers(
    manager: PatchManager,
    query: ComplianceQuery,
    counts: SweepCounts,
    from: SweepCheckpoint,
    in_flight: InFlight,
) -> BoxStream<'static, Answer> {
    let checked = query.check().and_then(|()| from.check(&query));
    let prepared = match checked {
        Ok(()) if query.doubts().other_baseline => BaselinesInUse::read(&manager).await.map(Some),
        checked => checked.map(|()| None),
    };
    let baselines = match prepared {
        Ok(baselines) => baselines,
        Err(error) => return stream::once(future::ready(not_listed(error))).boxed(),
    };
    let calls = query.calls_at_a_time();
    let batches = listing::batches(&manager, &query, &counts, from, &in_flight);
    let answerer = Arc::new(Answerer {
        manager,
        query,
        #[cfg(feature = "tracing")]
        counts,
        baselines,
    });
    batches
        .map(move |batch| in_flight.start(answer(Arc::clone(&answerer), batch)))
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
        nodes_known = answerer.progress().known,
        nodes_done = answerer.progress().done,
        calls = answerer.progress().calls,
        throttled = answerer.progress().throttled,
        failed = answerer.progress().failed,
        listed_by_information = answerer.progress().listed_by_information
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
