//! Which nodes of an export a CVE can still hit.

use super::ResourceDataSync;
use super::file::RowId;
use super::sweep::{Rows, answers};
use crate::error::Result;
use crate::export::exposure;
use crate::exposure::{Exposure, ExposureQuery, ExposureReference, OfflineJudge};
use crate::telemetry::verb_stream;

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
        let answers = verb_stream!(
            export_exposure(cves = query.cves().len()),
            answers(self, query.nodes(), rows)
        );
        exposure(&judge, answers).await
    }
}
