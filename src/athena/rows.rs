//! Typed rows of the questions that Athena answers by itself.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Serialize;

use super::answers::key;
use super::queries::AthenaQueries;
use super::sql::AthenaQuery;
use crate::compliance::{PatchState, ReportTotals};
use crate::error::Result;
use crate::export::{Row, broken};
use crate::types::{NodeId, timestamp};

/// A missing or failed patch of a node whose deadline has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OverduePatch {
    /// The account and Region of the node, such as `111122223333/eu-central-1`.
    pub source: String,
    /// The node.
    pub node: NodeId,
    /// The id of the patch as the node reports it, such as a KB number.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The vendor's severity; may be empty.
    pub severity: String,
    /// The classification; may be empty.
    pub classification: String,
    /// `Missing` or `Failed`.
    pub state: PatchState,
    /// The days of its deadline.
    pub days: u32,
    /// The end of its deadline.
    #[serde(with = "timestamp")]
    pub due: Timestamp,
}

/// The totals of each group.
pub(super) async fn group_totals(
    queries: &dyn AthenaQueries,
    query: AthenaQuery,
) -> Result<BTreeMap<String, ReportTotals>> {
    let columns = query.columns.clone();
    let mut rows = queries.rows(query);
    let mut groups = BTreeMap::new();
    while let Some(row) = rows.try_next().await? {
        let row = Row::of(&columns, row);
        groups.insert(row.text("patchgroup"), totals(&row)?);
    }
    Ok(groups)
}

fn totals(row: &Row) -> Result<ReportTotals> {
    let nodes = |column| -> Result<usize> { Ok(row.number(column)?.unwrap_or_default()) };
    let patches = |column| -> Result<u64> { Ok(row.number(column)?.unwrap_or_default()) };
    Ok(ReportTotals {
        compliant: nodes("compliant")?,
        non_compliant: nodes("noncompliant")?,
        unknown: nodes("unknown")?,
        pending_reboot: nodes("pendingreboot")?,
        with_failed: nodes("withfailed")?,
        with_critical: nodes("withcritical")?,
        with_security: nodes("withsecurity")?,
        without_counts: nodes("withoutcounts")?,
        with_available_security_updates: nodes("withavailablesecurityupdates")?,
        missing_patches: patches("missingpatches")?,
        failed_patches: patches("failedpatches")?,
    })
}

/// The overdue patches, the longest overdue first.
pub(super) async fn overdue_patches(
    queries: &dyn AthenaQueries,
    asked: Vec<AthenaQuery>,
) -> Result<Vec<OverduePatch>> {
    let mut overdue = Vec::new();
    for query in asked {
        let columns = query.columns.clone();
        let mut rows = queries.rows(query);
        while let Some(row) = rows.try_next().await? {
            overdue.push(overdue_patch(&Row::of(&columns, row))?);
        }
    }
    overdue.sort_by_key(|patch| patch.due);
    Ok(overdue)
}

fn overdue_patch(row: &Row) -> Result<OverduePatch> {
    let (source, node) = key(row)?;
    let due = row
        .number("due")?
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Ok(OverduePatch {
        source,
        node,
        id: row.text("id"),
        title: row.text("title"),
        severity: row.text("patchseverity"),
        classification: row.text("classification"),
        state: PatchState::from(row.required("patchstate")?),
        days: row.number("days")?.ok_or_else(|| broken("no days"))?,
        due: due.ok_or_else(|| broken("no due in range"))?,
    })
}
