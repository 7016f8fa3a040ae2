//! Which nodes of an export a CVE can still hit.

use futures_util::StreamExt;

use super::ResourceDataSync;
use super::file::RowId;
use super::sweep::{Known, Rows, Unread, answers};
use crate::compliance::{PatchComplianceData, ReportFailure, ReportPart};
use crate::error::{Error, Result};
use crate::exposure::{Exposure, ExposureQuery, ExposureReference, OfflineJudge};
use crate::telemetry::verb_stream;
use crate::types::NodeId;

impl ResourceDataSync {
    /// Which nodes of an export miss a patch that fixes a CVE, why, and when they get it, as
    /// [`PatchManager::exposure`](crate::PatchManager::exposure) says it, without any call of Systems
    /// Manager. The [source](crate::exposure::NodeExposure::source) of a node is its account and Region.
    ///
    /// An export has neither the catalog nor baselines: the [reference](ExposureReference) has them. Without
    /// it, only fixes that nodes report as missing are seen, and the others are unknown.
    ///
    /// It reads three files for each node, as many at the same time as the query's concurrency. What cannot
    /// be read is in [`failures`](Exposure::failures), and its nodes are unknown.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations, as [`ExposureQuery::check`].
    /// As [`sweep`](Self::sweep) before its first node, if there is none.
    ///
    /// ```no_run
    /// use aws_patch_manager::data_sync::ResourceDataSync;
    /// use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
    /// use aws_patch_manager::plan::MirrorScope;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # async fn exposed(manager: &PatchManager) -> Result<(), aws_patch_manager::Error> {
    /// let snapshot = manager.mirror_snapshot(&MirrorScope::new().catalog()).await?;
    /// let reference = ExposureReference::from(&snapshot);
    /// let export = ResourceDataSync::local("/srv/exports/inventory")?;
    /// let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all());
    /// println!("{}", export.exposure(&query, &reference).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn exposure(
        &self,
        query: &ExposureQuery,
        reference: &ExposureReference,
    ) -> Result<Exposure> {
        query.check()?;
        let judge = OfflineJudge::new(query, reference, self.clock.now());
        let rows = Rows::About(judge.ids().iter().map(|id| RowId::new(id)).collect());
        let mut answers = verb_stream!(
            export_exposure(cves = query.cves().len()),
            answers(self, query.nodes(), rows)
        );
        let (mut exposure, mut unlisted) = (judge.no_answer(), None);
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(known) => add(&mut exposure, &judge, known),
                Err(unread) => {
                    let error = lack(&mut exposure, &judge, unread);
                    unlisted = unlisted.or(error);
                }
            }
        }
        match unlisted.filter(|_| exposure.nodes.is_empty()) {
            Some(error) => Err(error),
            None => Ok(exposure.worst_first()),
        }
    }
}

/// Adds a node. If one of its patches could not be read, its state is not known.
fn add(exposure: &mut Exposure, judge: &OfflineJudge<'_>, known: Known) {
    let patches: Result<Vec<PatchComplianceData>> = known.patches.into_iter().collect();
    let patches = patches.map_err(|error| {
        let nodes = [known.stands.node.clone()];
        let failure = failure(&known.source, ReportPart::Patches, &nodes, &error);
        exposure.failures.push(failure);
        format!("its patches were not read: {error}")
    });
    let mut node = judge.judge(known.stands, patches);
    node.source = known.source.to_string();
    exposure.nodes.push(node);
}

/// Adds what could not be read, and returns the error if it is of a listing.
fn lack(exposure: &mut Exposure, judge: &OfflineJudge<'_>, unread: Unread) -> Option<Error> {
    let Unread {
        source,
        failure: failed,
        information,
    } = unread;
    let part = match failed.nodes.is_empty() {
        true => ReportPart::Listing,
        false => ReportPart::Verdicts,
    };
    let row = failure(&source, part, &failed.nodes, &failed.error);
    exposure.failures.push(row);
    if failed.nodes.is_empty() {
        return Some(failed.error);
    }
    for mut node in failed.into_unknown() {
        node.information = information.clone();
        let mut node = judge.judge(node, Ok(Vec::new()));
        node.source = source.to_string();
        exposure.nodes.push(node);
    }
    None
}

fn failure(source: &str, part: ReportPart, nodes: &[NodeId], error: &Error) -> ReportFailure {
    ReportFailure {
        source: source.to_owned(),
        part,
        nodes: nodes.iter().map(NodeId::to_string).collect(),
        error: error.to_string(),
    }
}
