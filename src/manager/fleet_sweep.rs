use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use super::{ComplianceSweep, PatchManager, SweepFailure, SweepWatch};
use crate::compliance::{ComplianceQuery, NodeCompliance};
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::telemetry::verb_stream;

/// Several accounts or regions, asked as one.
///
/// Each has a [`PatchManager`] of its own, and with it its own limiter: what one service throttles
/// holds up no other. Answers of all arrive in one stream, each with the name of its source; what
/// fails in one keeps nothing of the others back.
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
/// assert_eq!(nodes, 14);
/// # }).ok_or("pending")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct FleetSweep {
    sources: Vec<(Arc<str>, PatchManager)>,
}

/// An answer, and where it comes from.
#[derive(Debug)]
#[non_exhaustive]
pub struct FleetAnswer {
    /// The name of its source.
    pub source: Arc<str>,
    /// The answer, or what failed and for which nodes.
    pub answer: Result<NodeCompliance, SweepFailure>,
}

/// The answers of several sources, as they come in; dropping it cancels what is under way.
#[must_use = "a sweep does nothing until it is read"]
pub struct FleetAnswers {
    answers: BoxStream<'static, FleetAnswer>,
    watches: Vec<(Arc<str>, SweepWatch)>,
}

impl std::fmt::Debug for FleetAnswers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FleetAnswers")
            .field("watches", &self.watches)
            .finish_non_exhaustive()
    }
}

impl FleetSweep {
    /// No sources so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more account or region under a name of your own, such as `production/eu-central-1`.
    pub fn source(mut self, name: impl Into<Arc<str>>, manager: PatchManager) -> Self {
        self.sources.push((name.into(), manager));
        self
    }

    /// Asks every source at once. Calls what [`PatchManager::sweep`] calls, for each.
    pub fn sweep(&self, query: &ComplianceQuery) -> FleetAnswers {
        let mut watches = Vec::new();
        let answers = verb_stream!(fleet_sweep(sources = self.sources.len()), {
            let sweeps: Vec<_> = self
                .sources
                .iter()
                .map(|(name, manager)| {
                    verb_stream!(fleet_source(source = name.as_ref()), {
                        let sweep = manager.sweep(query);
                        watches.push((Arc::clone(name), sweep.watch()));
                        named(Arc::clone(name), sweep)
                    })
                })
                .collect();
            stream::select_all(sweeps).boxed()
        });
        FleetAnswers { answers, watches }
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

    fn error(&self) -> Option<&crate::Error> {
        self.answer.error()
    }
}

impl FleetAnswers {
    /// Watches the sweep of each source from another task.
    pub fn watches(&self) -> &[(Arc<str>, SweepWatch)] {
        &self.watches
    }
}

impl futures_core::Stream for FleetAnswers {
    type Item = FleetAnswer;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.answers.poll_next_unpin(cx)
    }
}
