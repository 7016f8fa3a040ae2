//! Judges the nodes of an export.

use std::collections::HashSet;
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, future, stream};

use super::ResourceDataSync;
use super::file::{File, RowId};
use super::layout::{Folders, InventoryType};
use super::listing::{Files, Listed, Lister, named};
use super::members::{Managed, managed, patch, patch_state};
use crate::compliance::{
    ComplianceQuery, ComplianceScope, InstancePatchState, NodeCompliance, PatchComplianceData,
    PatchState, Presence, UnknownReason,
};
use crate::error::{Error, Result};
use crate::in_flight::InFlight;
use crate::manager::{FleetAnswer, SweepFailure};
#[cfg(feature = "tracing")]
use crate::telemetry::Yield;
use crate::types::{InstanceInformation, NodeId};

/// The facts of an export about a node.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) source: Arc<str>,
    pub(super) stands: NodeCompliance,
    /// Its patches, if the question selects them.
    pub(super) patches: Vec<Result<PatchComplianceData>>,
}

/// The patches that are read of nodes.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    /// None.
    Nothing,
    /// The missing and failed ones of nodes that do not comply.
    Offences,
    /// The rows of every scanned node that can be about one of these ids.
    About(Arc<[RowId]>),
}

/// What could not be read of an export.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) source: Arc<str>,
    pub(super) failure: SweepFailure,
    /// What is known of the node besides.
    pub(super) information: Option<InstanceInformation>,
}

pub(super) type Answer = Result<Known, Unread>;

#[cfg(feature = "tracing")]
impl Yield for Answer {
    fn items(&self) -> u64 {
        u64::from(self.is_ok())
    }

    fn error(&self) -> Option<&Error> {
        self.as_ref().err().map(|unread| &unread.failure.error)
    }
}

impl From<Known> for FleetAnswer {
    fn from(known: Known) -> Self {
        Self {
            source: known.source,
            answer: Ok(known.stands),
        }
    }
}

impl From<Unread> for FleetAnswer {
    fn from(unread: Unread) -> Self {
        Self {
            source: unread.source,
            answer: Err(unread.failure),
        }
    }
}

/// Answers a question, with the selected patches.
pub(super) fn answers(
    export: &ResourceDataSync,
    query: &ComplianceQuery,
    rows: Rows,
) -> BoxStream<'static, Answer> {
    let layout = match export.check(query) {
        Ok(layout) => layout,
        Err(error) => {
            let unread = unread("", Vec::new(), error);
            return stream::once(future::ready(Err(unread))).boxed();
        }
    };
    let calls = query.calls_at_a_time();
    let lister = Lister {
        export: export.clone(),
        layout,
        calls,
    };
    let reader = Arc::new(Reader {
        export: export.clone(),
        query: query.clone(),
        rows,
    });
    let in_flight = InFlight::default();
    let listed = lister
        .nodes(in_flight.clone())
        .into_stream()
        .flatten()
        .boxed();
    let listed = match query.scope() {
        ComplianceScope::Nodes(nodes) => {
            let nodes: HashSet<NodeId> = nodes.iter().cloned().collect();
            named(listed, nodes)
        }
        _ => listed,
    };
    let answers = listed
        .map(move |listed| {
            let reader = Arc::clone(&reader);
            async move { reader.answer(listed).await }
        })
        .buffered(calls)
        .filter_map(future::ready);
    in_flight.drive(answers).boxed()
}

fn unread(source: impl Into<Arc<str>>, nodes: Vec<NodeId>, error: Error) -> Unread {
    Unread {
        source: source.into(),
        failure: SweepFailure { nodes, error },
        information: None,
    }
}

/// Reads the files of nodes, and judges the nodes by a question.
struct Reader {
    export: ResourceDataSync,
    query: ComplianceQuery,
    rows: Rows,
}

impl Reader {
    /// The answer about a node; `None` if it is not among the answers.
    async fn answer(&self, listed: Listed) -> Option<Answer> {
        let (folders, node, files) = match listed {
            Listed::Node(folders, node, files) => (folders, node, files),
            Listed::Absent(node) => {
                let stands = self.judge(NodeCompliance::unknown(node), Presence::Unknown);
                return self.admitted(&"".into(), stands).map(Ok);
            }
            Listed::Failed(source, nodes, error) => return Some(Err(unread(source, nodes, error))),
        };
        let source = Arc::clone(&folders.source);
        let managed = match self.managed(&folders, &node, files).await {
            Ok(managed) => managed,
            Err(error) => return Some(Err(unread(source, vec![node], error))),
        };
        let is_named = matches!(self.query.scope(), ComplianceScope::Nodes(_));
        let presence = managed.as_ref().map(|managed| managed.presence);
        if presence == Some(None) && !is_named {
            return None;
        }
        let information = managed.map(|managed| managed.information);
        match self.stands(&folders, &node, files).await {
            Ok(stands) => {
                let stands = self.present(stands?, presence, information);
                self.with_patches(&folders, stands).await.map(Ok)
            }
            Err(error) => Some(Err(Unread {
                information,
                ..unread(source, vec![node], error)
            })),
        }
    }

    /// A verdict with what is known of its node; the presence is absent if the node was not listed, and
    /// `None` in it if the node is gone.
    fn present(
        &self,
        stands: NodeCompliance,
        presence: Option<Option<Presence>>,
        information: Option<InstanceInformation>,
    ) -> NodeCompliance {
        let mut stands = match presence {
            Some(Some(presence)) => self.judge(stands, presence),
            Some(None) => stands.with_unknown_reason(UnknownReason::Stopped),
            None => self.judge(stands, Presence::Unknown),
        };
        stands.information = information;
        stands
    }

    /// A node that is among the answers, with its selected patches.
    async fn with_patches(&self, folders: &Folders, stands: NodeCompliance) -> Option<Known> {
        let mut known = self.admitted(&folders.source, stands)?;
        let (node, is_scanned) = (&known.stands.node, known.stands.state.is_some());
        known.patches = match &self.rows {
            Rows::Offences if known.stands.has_offences() => self.offences(folders, node).await,
            Rows::About(ids) if is_scanned => self.rows_about(folders, node, ids).await,
            _ => Vec::new(),
        };
        Some(known)
    }

    async fn managed(
        &self,
        folders: &Folders,
        node: &NodeId,
        files: Files,
    ) -> Result<Option<Managed>> {
        if !files.information {
            return Ok(None);
        }
        let kind = InventoryType::InstanceInformation;
        let file = self.file(kind, folders, node).await?;
        Ok(file.all_rows(|row| managed(&row, node))?.pop())
    }

    /// The verdict on a node, before the reasons for unknown apply; `None` if the question is about
    /// another group.
    async fn stands(
        &self,
        folders: &Folders,
        node: &NodeId,
        files: Files,
    ) -> Result<Option<NodeCompliance>> {
        let state = self.last_state(folders, node, files).await?;
        let state = match self.query.scope() {
            ComplianceScope::Group(group) => {
                match state.filter(|state| state.patch_group == *group) {
                    Some(state) => Some(state),
                    None => return Ok(None),
                }
            }
            _ => state,
        };
        let never = || NodeCompliance::unknown(node.clone());
        Ok(Some(state.map_or_else(never, NodeCompliance::from)))
    }

    async fn last_state(
        &self,
        folders: &Folders,
        node: &NodeId,
        files: Files,
    ) -> Result<Option<InstancePatchState>> {
        if !files.summary {
            return Ok(None);
        }
        let file = self
            .file(InventoryType::PatchSummary, folders, node)
            .await?;
        let states = file.all_rows(|row| patch_state(&row, node))?.into_iter();
        Ok(states.max_by_key(|state| state.operation_end_time))
    }

    async fn offences(&self, folders: &Folders, node: &NodeId) -> Vec<Result<PatchComplianceData>> {
        let kind = InventoryType::ComplianceItem;
        let states = [PatchState::Missing, PatchState::Failed];
        match self.file(kind, folders, node).await {
            Ok(file) => patches(&file, node, &states),
            Err(error) => vec![Err(error)],
        }
    }

    async fn rows_about(
        &self,
        folders: &Folders,
        node: &NodeId,
        ids: &[RowId],
    ) -> Vec<Result<PatchComplianceData>> {
        match self
            .file(InventoryType::ComplianceItem, folders, node)
            .await
        {
            Ok(file) => file
                .rows_about(ids, |row| patch(&row, node))
                .filter_map(Result::transpose)
                .collect(),
            Err(error) => vec![Err(error)],
        }
    }

    async fn file(&self, kind: InventoryType, folders: &Folders, node: &NodeId) -> Result<File> {
        let path = folders.file(kind, node);
        File::fetch(&self.export, path).await
    }

    fn judge(&self, stands: NodeCompliance, presence: Presence) -> NodeCompliance {
        let now = self.export.clock.now();
        self.query.doubts().judge(stands, presence, |_| None, now)
    }

    fn admitted(&self, source: &Arc<str>, stands: NodeCompliance) -> Option<Known> {
        self.query.admits(&stands).then(|| Known {
            source: Arc::clone(source),
            stands,
            patches: Vec::new(),
        })
    }
}

/// The patches of a node in these states, or in every state if none is named.
pub(super) fn patches(
    file: &File,
    node: &NodeId,
    states: &[PatchState],
) -> Vec<Result<PatchComplianceData>> {
    let wanted = |patch: &PatchComplianceData| states.is_empty() || states.contains(&patch.state);
    file.rows(|row| patch(&row, node))
        .filter_map(|row| match row {
            Ok(patch) => patch.filter(wanted).map(Ok),
            Err(error) => Some(Err(error)),
        })
        .collect()
}
