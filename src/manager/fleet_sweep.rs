use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};
use serde::{Serialize, Serializer};

use super::sweep::Bookmark;
use super::{ComplianceSweep, PatchManager, SweepCheckpoint, SweepFailure};
use crate::clock::Clock;
use crate::compliance::{ComplianceQuery, NodeCompliance};
use crate::error::{Error, Result, Violation};
use crate::in_flight::InFlight;
use crate::progress::{ProgressWatch, Teller, Told};
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::telemetry::verb_stream;

/// A sweep over several accounts or Regions.
///
/// Each account has its own [`PatchManager`] with its own limit, so throttling in one does not slow
/// down the others. The answers of all sources arrive in one stream, each with the name of its
/// source. If one source fails, the others go on.
///
/// ```
/// use aws_patch_manager::manager::FleetSweep;
/// use aws_patch_manager::{ComplianceQuery, PatchManager};
/// use futures_util::StreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let everywhere = FleetSweep::new()
///     .source("production/eu-central-1", PatchManager::in_memory())
///     .source("production/us-east-1", PatchManager::in_memory());
/// let mut answers = everywhere.sweep(&ComplianceQuery::all());
/// let mut nodes = 0;
/// while let Some(answer) = answers.next().await {
///     match answer.answer {
///         Ok(_) => nodes += 1,
///         Err(failure) => eprintln!("{}: {failure}", answer.source),
///     }
/// }
/// assert_eq!(nodes, 16);
/// # }).ok_or("pending")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct FleetSweep {
    pub(super) sources: Vec<(Arc<str>, PatchManager)>,
}

/// An answer and its source.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FleetAnswer {
    /// The name of its source.
    #[serde(serialize_with = "written")]
    pub source: Arc<str>,
    /// The answer, or what failed and for which nodes.
    pub answer: Result<NodeCompliance, SweepFailure>,
}

/// A name as JSON. serde serializes an `Arc` only with its feature `rc`, which all crates of a
/// build share.
fn written<S: Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

impl fmt::Display for FleetAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Ok(node) => write!(f, "{}: {node}", self.source),
            Err(failure) => write!(f, "{}: {failure}", self.source),
        }
    }
}

/// The answers of several sources, as they come in. Dropping it cancels the calls in progress.
#[must_use = "a sweep does nothing until it is read"]
pub struct FleetAnswers {
    answers: BoxStream<'static, FleetAnswer>,
    begun: Begun,
}

/// The sweeps that have started, for progress, checkpoints and calls in progress.
#[derive(Default)]
struct Begun {
    watches: Vec<(Arc<str>, ProgressWatch)>,
    /// The clock of the first source.
    clock: Option<Arc<dyn Clock>>,
    bookmarks: Vec<(Arc<str>, Bookmark)>,
    in_flight: Vec<InFlight>,
}

impl Begun {
    /// How far all sources are together.
    fn told(&self) -> Told {
        let none = Told {
            is_all: true,
            ..Told::default()
        };
        let watches = self.watches.iter().map(|(_, watch)| watch.progress());
        watches.fold(none, |sum, one| Told {
            done: sum.done + one.done,
            known: sum.known + one.known,
            failed: sum.failed + one.failed,
            is_all: sum.is_all && one.total.is_some(),
            listed_by_information: sum.listed_by_information || one.listed_by_information,
        })
    }
}

impl fmt::Debug for FleetAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetAnswers")
            .field("watches", &self.begun.watches)
            .finish_non_exhaustive()
    }
}

impl FleetSweep {
    /// A fleet sweep without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account or Region under a name that you choose, such as `production/eu-central-1`.
    ///
    /// The name identifies its answers and its checkpoint, so it must be unique. If two sources
    /// have the same name, the sweep makes no call and returns an
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) under that name.
    pub fn source(mut self, name: impl Into<Arc<str>>, manager: PatchManager) -> Self {
        self.sources.push((name.into(), manager));
        self
    }

    /// Sweeps every source at the same time. Calls the same operations as [`PatchManager::sweep`],
    /// for each source.
    pub fn sweep(&self, query: &ComplianceQuery) -> FleetAnswers {
        let mut begun = Begun::default();
        let answers = verb_stream!(
            fleet_sweep(sources = self.sources.len()),
            self.ask(query, BTreeMap::new(), &mut begun)
        );
        FleetAnswers { answers, begun }
    }

    /// Resumes a sweep of the same query from the checkpoint of each source, by its name.
    ///
    /// A source without a checkpoint starts from the beginning. A checkpoint without a source, or
    /// of another query, is refused before any call with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// ```
    /// use aws_patch_manager::manager::FleetSweep;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    /// use futures_util::StreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let everywhere = FleetSweep::new()
    ///     .source("production/eu-central-1", PatchManager::in_memory())
    ///     .source("production/us-east-1", PatchManager::in_memory());
    /// let query = ComplianceQuery::all();
    /// let mut answers = everywhere.sweep(&query);
    /// let mut nodes = answers.by_ref().take(9).count().await;
    ///
    /// // Later, or in another process: the checkpoints are text.
    /// let stored = serde_json::to_string(&answers.checkpoints())?;
    /// nodes += everywhere.resume(&query, serde_json::from_str(&stored)?).count().await;
    /// assert_eq!(nodes, 16);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume(
        &self,
        query: &ComplianceQuery,
        checkpoints: BTreeMap<String, SweepCheckpoint>,
    ) -> FleetAnswers {
        let mut begun = Begun::default();
        let answers = verb_stream!(
            fleet_resume(sources = self.sources.len()),
            self.ask(query, checkpoints, &mut begun)
        );
        FleetAnswers { answers, begun }
    }

    fn ask(
        &self,
        query: &ComplianceQuery,
        mut checkpoints: BTreeMap<String, SweepCheckpoint>,
        begun: &mut Begun,
    ) -> BoxStream<'static, FleetAnswer> {
        let refused = self.refused(&checkpoints);
        if !refused.is_empty() {
            let kept = checkpoints.into_iter();
            begun.bookmarks = kept
                .map(|(name, at)| (name.into(), Bookmark::new(at)))
                .collect();
            let answers = refused.into_iter().map(|violation| FleetAnswer {
                source: violation.value.as_str().into(),
                answer: Err(SweepFailure {
                    nodes: Vec::new(),
                    error: Error::invalid_input(vec![violation]).with_operation("FleetSweep"),
                }),
            });
            return stream::iter(answers).boxed();
        }
        let sweeps: Vec<_> = self
            .sources
            .iter()
            .map(|(name, manager)| {
                verb_stream!(fleet_source(source = name.as_ref()), {
                    let sweep = match checkpoints.remove(name.as_ref()) {
                        Some(checkpoint) => manager.resume_sweep(query, checkpoint),
                        None => manager.sweep(query),
                    };
                    begun.watches.push((Arc::clone(name), sweep.watch()));
                    begun
                        .clock
                        .get_or_insert_with(|| Arc::clone(&manager.clock));
                    begun.bookmarks.push((Arc::clone(name), sweep.bookmark()));
                    begun.in_flight.push(sweep.in_flight());
                    named(Arc::clone(name), sweep)
                })
            })
            .collect();
        stream::select_all(sweeps).boxed()
    }

    /// The violations: a name that two sources have, a checkpoint without a source.
    fn refused(&self, checkpoints: &BTreeMap<String, SweepCheckpoint>) -> Vec<Violation> {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.sources {
            *times.entry(name).or_default() += 1;
        }
        let doubled = times.iter().filter(|(_, times)| **times > 1);
        let doubled = doubled
            .map(|(name, _)| Violation::new("source", *name, "a name that no other source has"));
        let lost = checkpoints.keys();
        let lost = lost.filter(|name| !times.contains_key(name.as_str()));
        let lost =
            lost.map(|name| Violation::new("checkpoint", name, "the name of one of the sources"));
        doubled.chain(lost).collect()
    }

    /// The sources with their names.
    pub(crate) fn sources(&self) -> &[(Arc<str>, PatchManager)] {
        &self.sources
    }

    /// Refuses two sources with the same name: their answers could not be told apart.
    pub(crate) fn check(&self) -> Result<()> {
        match self.refused(&BTreeMap::new()) {
            none if none.is_empty() => Ok(()),
            doubled => Err(Error::invalid_input(doubled).with_operation("FleetSweep")),
        }
    }
}

fn named(source: Arc<str>, sweep: ComplianceSweep) -> BoxStream<'static, FleetAnswer> {
    sweep
        .map(move |answer| FleetAnswer {
            source: Arc::clone(&source),
            answer,
        })
        .boxed()
}

#[cfg(feature = "tracing")]
impl Yield for FleetAnswer {
    fn items(&self) -> u64 {
        self.answer.items()
    }

    fn error(&self) -> Option<&Error> {
        self.answer.error()
    }
}

impl FleetAnswers {
    /// The checkpoint of each source, by its name, for [`FleetSweep::resume`]. A resumed sweep does
    /// not return the answers so far again.
    pub fn checkpoints(&self) -> BTreeMap<String, SweepCheckpoint> {
        let bookmarks = self.begun.bookmarks.iter();
        bookmarks
            .map(|(name, bookmark)| (name.to_string(), bookmark.read()))
            .collect()
    }

    /// Awaits another future while the calls in progress of all sources go on, as
    /// [`ComplianceSweep::alongside`] does it for one.
    pub fn alongside<F: Future>(&self, other: F) -> impl Future<Output = F::Output> + use<'_, F> {
        let in_flight = self.begun.in_flight.iter().cloned();
        InFlight::drive_during(in_flight.collect(), other)
    }

    /// Handles to watch the sweep of each source from another task.
    pub fn watches(&self) -> &[(Arc<str>, ProgressWatch)] {
        &self.begun.watches
    }
}

impl futures_core::Stream for FleetAnswers {
    type Item = FleetAnswer;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let teller = Teller::of_current();
        let polled = self.answers.poll_next_unpin(cx);
        if let Some(clock) = self.begun.clock.as_ref().filter(|_| teller.is_heard()) {
            teller.tell(self.begun.told(), clock.now());
        }
        polled
    }
}
