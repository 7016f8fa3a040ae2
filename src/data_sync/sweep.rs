//! Judges the nodes of an export.

use std::collections::HashSet;
use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, future, stream};
use object_store::path::Path;

use super::ResourceDataSync;
use super::file::{File, RowId};
use super::folder::on_a_thread;
use super::layout::{Folders, file_of};
use super::listing::{Files, Listed, Lister, named};
use crate::compliance::{
    ComplianceQuery, ComplianceScope, InstancePatchState, NodeCompliance, PatchComplianceData,
    PatchState,
};
use crate::error::Result;
use crate::export::{Answer, Judge, Known, Managed, Unread, managed, patch, patch_state};
use crate::in_flight::InFlight;
use crate::types::NodeId;

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

/// Answers a question, with the selected patches.
pub(super) fn answers(
    export: &ResourceDataSync,
    query: &ComplianceQuery,
    rows: Rows,
) -> BoxStream<'static, Answer> {
    let layout = match export.check(query) {
        Ok(layout) => layout,
        Err(error) => {
            let unread = Unread::new("", Vec::new(), error);
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
    let answers = match export.folder {
        Some(_) => from_folder(reader, listed, calls),
        None => listed
            .map(move |listed| {
                let reader = Arc::clone(&reader);
                async move { reader.answer(listed).await }
            })
            .buffered(calls)
            .filter_map(future::ready)
            .boxed(),
    };
    in_flight.drive(answers).boxed()
}

/// How many nodes a thread reads one after another. To hand it a single one takes as long as to read
/// that one's files.
const OF_A_THREAD: usize = 32;

/// The answers about nodes whose files are on this machine.
fn from_folder(
    reader: Arc<Reader>,
    listed: BoxStream<'static, Listed>,
    threads: usize,
) -> BoxStream<'static, Answer> {
    listed
        .ready_chunks(OF_A_THREAD)
        .map(move |listed| {
            let reader = Arc::clone(&reader);
            on_a_thread(async move {
                let mut answers = Vec::with_capacity(listed.len());
                for listed in listed {
                    answers.extend(reader.answer(listed).await);
                }
                Ok(answers)
            })
        })
        .buffered(threads)
        .map(|answers| {
            answers.unwrap_or_else(|error| vec![Err(Unread::new("", Vec::new(), error))])
        })
        .flat_map(stream::iter)
        .boxed()
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
                let known = |stands| self.known("".into(), stands, Vec::new());
                return self.judge().absent(node).map(known).map(Ok);
            }
            Listed::Failed(source, nodes, error) => {
                return Some(Err(Unread::new(source, nodes, error)));
            }
        };
        let source = Arc::clone(&folders.source);
        let managed = match self.managed(&folders, &node, files).await {
            Ok(managed) => managed,
            Err(error) => return Some(Err(Unread::new(source, vec![node], error))),
        };
        if self.judge().leaves_out(managed.as_ref()) {
            return None;
        }
        match self.last_state(&folders, &node, files).await {
            Ok(state) => {
                let stands = self.judge().node(&node, managed, state)?;
                let patches = self.selected_patches(&folders, &stands).await;
                Some(Ok(self.known(source, stands, patches)))
            }
            Err(error) => Some(Err(Unread {
                information: managed.map(|managed| managed.information),
                ..Unread::new(source, vec![node], error)
            })),
        }
    }

    fn judge(&self) -> Judge<'_> {
        Judge::new(&self.query, self.export.clock.now())
    }

    fn known(
        &self,
        source: Arc<str>,
        stands: NodeCompliance,
        patches: Vec<Result<PatchComplianceData>>,
    ) -> Known {
        Known {
            source,
            stands,
            patches,
        }
    }

    /// The patches of a node that the question selects.
    async fn selected_patches(
        &self,
        folders: &Folders,
        stands: &NodeCompliance,
    ) -> Vec<Result<PatchComplianceData>> {
        let (node, is_scanned) = (&stands.node, stands.state.is_some());
        match &self.rows {
            Rows::Offences if stands.has_offences() => self.offences(folders, node).await,
            Rows::About(ids) if is_scanned => self.rows_about(folders, node, ids).await,
            _ => Vec::new(),
        }
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
        let file = self.file(&folders.information, node).await?;
        Ok(file.all_rows(|row| managed(&row, node))?.pop())
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
        let file = self.file(&folders.summary, node).await?;
        let states = file.all_rows(|row| patch_state(&row, node))?.into_iter();
        Ok(states.max_by_key(|state| state.operation_end_time))
    }

    async fn offences(&self, folders: &Folders, node: &NodeId) -> Vec<Result<PatchComplianceData>> {
        let states = [PatchState::Missing, PatchState::Failed];
        match self.items(folders, node).await {
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
        match self.items(folders, node).await {
            Ok(file) => file
                .rows_about(ids, |row| patch(&row, node))
                .filter_map(Result::transpose)
                .collect(),
            Err(error) => vec![Err(error)],
        }
    }

    /// The items of a node that was scanned, which has at least one.
    async fn items(&self, folders: &Folders, node: &NodeId) -> Result<File> {
        let file = self.file(&folders.items, node).await?;
        file.check_rows()?;
        Ok(file)
    }

    async fn file(&self, folder: &Path, node: &NodeId) -> Result<File> {
        File::fetch(&self.export, file_of(folder, node)).await
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
