//! Compliance reports.

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
    /// A report of the compliance of a query's nodes, with this title.
    ///
    /// With [`ReportDetail::Patches`], the report also has, for each node that does not comply:
    ///
    /// - its missing and failed patches, with one call or more per node;
    /// - the output of the run if an install failed, with one or two more calls;
    /// - the release date, advisories and CVEs of its patches from the catalog, with one call for
    ///   each 20 patches.
    ///
    /// These calls run in parallel, as many as the query's concurrency.
    ///
    /// If a call fails, the report has all other data. [`failures`](ComplianceReport::failures)
    /// says what is missing. Nodes without an answer are in the report as unknown, even if the
    /// query filters by another verdict.
    ///
    /// The catalog covers Windows and Amazon Linux. For Windows, the report looks up only patches
    /// of the operating system, not of applications.
    ///
    /// Calls the same operations as a sweep; DescribeInstanceInformation, 50 nodes at a time, for
    /// names and platforms that the sweep did not return, or DescribeInstanceProperties, 1,000 at a time,
    /// for a fleet if that takes fewer calls; and for patches DescribeInstancePatches,
    /// ListCommandInvocations, GetCommandInvocation and DescribeAvailablePatches.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, if the service would
    /// refuse the query. The error of the listing of nodes, if it fails before the first node.
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
    /// A report of the compliance of a query's nodes in every source, with this title. Each node
    /// has the name of its source. If one source fails, the report has the others.
    ///
    /// Calls the same operations as [`PatchManager::compliance_report`], for all sources in
    /// parallel.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, if the service would
    /// refuse the query or two sources have the same name. The error of a source's listing, if no
    /// source has a node.
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
    /// assert_eq!(report.by_source["production/us-east-1"].nodes(), 8);
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
