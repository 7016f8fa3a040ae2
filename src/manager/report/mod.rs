//! Reports of how a fleet stands.

mod catalog;
mod details;
mod gathered;

use std::sync::Arc;

use futures_util::future;

pub(crate) use self::gathered::finish;

use super::{FleetSweep, PatchManager};
use crate::clock::{Clock, SystemClock};
use crate::compliance::{ComplianceQuery, ComplianceReport, ReportDetail};
use crate::error::Result;
use crate::telemetry::verb;

/// Reports.
impl PatchManager {
    /// A report of how the nodes of a query stand, under this title.
    ///
    /// With [`ReportDetail::Patches`] the report also has the missing and failed patches of each
    /// node that has some and does not comply, which takes a call or more for each of them; where
    /// an install failed, what the run said, a call or two more; and from the catalog when the
    /// patches were released, their advisories and CVEs, a call for each 20 of them. As many at a
    /// time as the query says.
    ///
    /// A call that fails keeps nothing else out: the report says what it lacks because of it in
    /// [`failures`](ComplianceReport::failures), and nodes without an answer are in it, unknown,
    /// whatever verdict the query asks for.
    ///
    /// The catalog knows Windows and Amazon Linux. Of Windows only the patches of the operating
    /// system are looked up, not those of applications.
    ///
    /// Calls what a sweep calls; DescribeInstanceInformation, 50 nodes at a time, for names and
    /// platforms that the sweep did not learn; and for patches DescribeInstancePatches,
    /// ListCommandInvocations, GetCommandInvocation and DescribeAvailablePatches.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, where the service would refuse
    /// the question; and what the listing of nodes failed with, where it failed before any node.
    ///
    /// ```
    /// use aws_patch_manager::compliance::ReportDetail;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let all = ComplianceQuery::all();
    /// let report = manager.compliance_report("Fleet", &all, ReportDetail::Patches).await?;
    /// assert!(report.failures.is_empty());
    /// println!("{}", report.to_markdown());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let mut report = ComplianceReport::builder(title, self.clock.now());
        verb!(
            compliance_report(patches = detail == ReportDetail::Patches),
            async {
                query.check()?;
                report.question(query);
                self.gather("".into(), query, detail).await.finish(report)
            }
        )
    }
}

impl FleetSweep {
    /// A report of how the nodes of a query stand in every source, under this title. Each node has
    /// the name of its source, and what fails in one keeps nothing of the others out.
    ///
    /// Calls what [`PatchManager::compliance_report`] calls, for each source and all at once.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, where the service would refuse
    /// the question, or two sources have one name; and what the listing of a source failed with, where no source has a node.
    ///
    /// ```
    /// use aws_patch_manager::compliance::ReportDetail;
    /// use aws_patch_manager::manager::FleetSweep;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let everywhere = FleetSweep::new()
    ///     .source("production/eu-central-1", PatchManager::in_memory())
    ///     .source("production/us-east-1", PatchManager::in_memory());
    /// let all = ComplianceQuery::all();
    /// let report = everywhere.compliance_report("All", &all, ReportDetail::Verdicts).await?;
    /// assert_eq!(report.by_source["production/us-east-1"].nodes(), 7);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let made_at = match self.sources.first() {
            Some((_, manager)) => manager.clock.now(),
            None => SystemClock::new().now(),
        };
        let mut report = ComplianceReport::builder(title, made_at);
        verb!(
            fleet_compliance_report(
                sources = self.sources.len(),
                patches = detail == ReportDetail::Patches
            ),
            async {
                self.check()?;
                query.check()?;
                report.question(query);
                let sources = self.sources.iter();
                let sources =
                    sources.map(|(name, source)| source.gather(Arc::clone(name), query, detail));
                let mut unlisted = None;
                for gathered in future::join_all(sources).await {
                    report.absorb(gathered.report);
                    unlisted = unlisted.or(gathered.unlisted);
                }
                finish(&report, unlisted)
            }
        )
    }
}
