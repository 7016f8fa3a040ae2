//! The rows of queries as the answers of an export.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::queries::AthenaQueries;
use super::sql::AthenaQuery;
use crate::compliance::{
    ComplianceQuery, ComplianceScope, NodeCompliance, PatchComplianceData, PatchState,
};
use crate::error::{Error, ErrorKind, Result};
use crate::export::{Answer, Judge, Known, Managed, Row, Unread, managed, patch, patch_state};
use crate::types::NodeId;

/// A node of an account and Region.
type Key = (String, NodeId);

/// The patches that were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selected {
    /// None.
    Nothing,
    /// The missing and failed ones of nodes that do not comply.
    Offences,
    /// Those of every scanned node that can be about some ids.
    About,
}

/// Judges the rows of nodes by a question, with their patches.
pub(super) struct Answers<'q> {
    pub(super) queries: Arc<dyn AthenaQueries>,
    pub(super) query: &'q ComplianceQuery,
    pub(super) now: Timestamp,
    pub(super) selected: Selected,
}

impl Answers<'_> {
    /// An answer for each node, in the order of account, Region and node.
    pub(super) async fn all(
        &self,
        nodes: Vec<AthenaQuery>,
        patches: Vec<AthenaQuery>,
    ) -> Vec<Answer> {
        let mut patches = match self.patches(patches).await {
            Ok(patches) => patches,
            Err(error) => return vec![Err(Unread::new("", Vec::new(), error))],
        };
        let mut answers = Vec::new();
        let mut seen = HashSet::new();
        for query in nodes {
            let columns = query.columns.clone();
            let mut rows = self.queries.rows(query);
            while let Some(row) = rows.next().await {
                let row = match row {
                    Ok(row) => row,
                    Err(error) => {
                        answers.push(Err(Unread::new("", Vec::new(), error)));
                        return answers;
                    }
                };
                let row = Row::of(&columns, row);
                let (source, node) = match key(&row) {
                    Ok(key) => key,
                    Err(error) => {
                        answers.push(Err(Unread::new("", Vec::new(), error)));
                        continue;
                    }
                };
                seen.insert(node.clone());
                let patches = patches.remove(&(source.clone(), node.clone()));
                answers.extend(self.answer(source, node, &row, patches.unwrap_or_default()));
            }
        }
        answers.extend(self.absent(&seen));
        answers
    }

    /// The patches of each node.
    async fn patches(
        &self,
        queries: Vec<AthenaQuery>,
    ) -> Result<HashMap<Key, Vec<Result<PatchComplianceData>>>> {
        let mut patches: HashMap<Key, Vec<Result<PatchComplianceData>>> = HashMap::new();
        for query in queries {
            let columns = query.columns.clone();
            let mut rows = self.queries.rows(query);
            while let Some(row) = rows.try_next().await? {
                let row = Row::of(&columns, row);
                let key = key(&row)?;
                let patch = patch(&row, &key.1).transpose();
                let patch = patch.filter(|patch| self.selects(patch));
                patches.entry(key).or_default().extend(patch);
            }
        }
        Ok(patches)
    }

    fn selects(&self, patch: &Result<PatchComplianceData>) -> bool {
        let offences = [PatchState::Missing, PatchState::Failed];
        match patch {
            Ok(patch) if self.selected == Selected::Offences => offences.contains(&patch.state),
            _ => true,
        }
    }

    /// The answer about a node; `None` if it is not among the answers.
    fn answer(
        &self,
        source: String,
        node: NodeId,
        row: &Row,
        patches: Vec<Result<PatchComplianceData>>,
    ) -> Option<Answer> {
        let has = |flag: &str| row.optional(flag) == Some("true");
        let failed = |error, managed: Option<Managed>| -> Answer {
            let source = source.as_str();
            Err(Unread {
                information: managed.map(|managed| managed.information),
                ..Unread::new(source, vec![node.clone()], error)
            })
        };
        let information = has("hasinformation").then(|| managed(row, &node));
        let information = match information.transpose() {
            Ok(information) => information,
            Err(error) => return Some(failed(error, None)),
        };
        let judge = Judge::new(self.query, self.now);
        if judge.leaves_out(information.as_ref()) {
            return None;
        }
        let state = has("hassummary").then(|| patch_state(row, &node));
        let state = match state.transpose() {
            Ok(state) => state,
            Err(error) => {
                let message = format!("AWS:PatchSummary: {}", error.message());
                return Some(failed(Error::new(error.kind(), message), information));
            }
        };
        let stands = judge.node(&node, information, state)?;
        let patches = match self.needs_patches(&stands) {
            true if has("hasitems") => patches,
            true => vec![Err(no_items())],
            false => Vec::new(),
        };
        Some(Ok(Known {
            source: source.into(),
            stands,
            patches,
        }))
    }

    fn needs_patches(&self, stands: &NodeCompliance) -> bool {
        match self.selected {
            Selected::Nothing => false,
            Selected::Offences => stands.has_offences(),
            Selected::About => stands.state.is_some(),
        }
    }

    /// The answers for nodes that the question names and no row is about.
    fn absent(&self, seen: &HashSet<NodeId>) -> Vec<Answer> {
        let ComplianceScope::Nodes(nodes) = self.query.scope() else {
            return Vec::new();
        };
        let judge = Judge::new(self.query, self.now);
        let mut absent: Vec<&NodeId> = nodes.iter().filter(|node| !seen.contains(node)).collect();
        absent.sort();
        let known = |stands| {
            Ok(Known {
                source: "".into(),
                stands,
                patches: Vec::new(),
            })
        };
        let stands = absent
            .into_iter()
            .filter_map(|node| judge.absent(node.clone()));
        stands.map(known).collect()
    }
}

/// The stream of some answers.
pub(super) fn streamed(answers: Vec<Answer>) -> impl futures_core::Stream<Item = Answer> + Unpin {
    stream::iter(answers)
}

/// The account and Region of a row, and its node.
pub(super) fn key(row: &Row) -> Result<Key> {
    let (account, region) = (row.required("accountid")?, row.required("region")?);
    let node = NodeId::new(row.required("resourceid")?);
    Ok((format!("{account}/{region}"), node))
}

fn no_items() -> Error {
    let message = "the export has no AWS:ComplianceItem of the node";
    Error::new(ErrorKind::NotFound, message)
}
