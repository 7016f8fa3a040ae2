//! Exposure over several accounts or Regions.

use futures_util::future;

use super::answer::Exposure;
use super::{ExposureQuery, read};
use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::manager::FleetSweep;
use crate::telemetry::verb;

impl FleetSweep {
    /// Which nodes of all sources miss a patch that fixes a CVE, as [`PatchManager::exposure`] says it of
    /// one. Each node has the name of its [source](super::NodeExposure::source). If one source fails, the
    /// answer has the others, and [`failures`](Exposure::failures) says why.
    ///
    /// The sources are read in parallel, each with the query's concurrency, and each makes the calls that
    /// [`ExposureQuery::explain`] counts for it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, as [`ExposureQuery::check`], and if
    /// two sources have the same name. The error of a source's listing, if no source has a node.
    ///
    /// ```
    /// use aws_patch_manager::exposure::ExposureQuery;
    /// use aws_patch_manager::manager::FleetSweep;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let everywhere = FleetSweep::new()
    ///     .source("production/eu-central-1", PatchManager::in_memory())
    ///     .source("production/us-east-1", PatchManager::in_memory());
    /// let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all());
    /// let exposure = everywhere.exposure(&query).await?;
    /// let of_us = exposure.nodes.iter().filter(|node| node.source == "production/us-east-1");
    /// assert_eq!(of_us.count(), 8);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`PatchManager::exposure`]: crate::PatchManager::exposure
    pub async fn exposure(&self, query: &ExposureQuery) -> Result<Exposure> {
        verb!(
            fleet_exposure(sources = self.sources().len(), cves = query.cves().len()),
            async {
                self.check()?;
                query.check()?;
                let sources = self.sources().iter();
                let answers = sources.map(|(name, manager)| async move {
                    let facts = read::read(manager, query).await;
                    facts.map(|facts| facts.judge(query).with_source(name))
                });
                let answers = future::join_all(answers).await;
                let first = self.sources().first();
                let now = first.map_or_else(
                    || SystemClock::new().now(),
                    |(_, manager)| manager.clock().now(),
                );
                let names = self.sources().iter().map(|(name, _)| name.as_ref());
                Exposure::merged(query, now, names.zip(answers))
            }
        )
    }
}
