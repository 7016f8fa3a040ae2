//! Which nodes a CVE can still hit: what would fix it there, why it is not installed, and when it will be.
//!
//! [`PatchManager::exposure`] takes an [`ExposureQuery`] and returns an [`Exposure`]. So do
//! [`FleetSweep::exposure`](crate::manager::FleetSweep::exposure) over several accounts,
//! [`MirrorSnapshot::exposure`](crate::plan::MirrorSnapshot::exposure), and, with the feature `data-sync`,
//! an export, both without any call.
//! [`docs::exposure`](crate::docs::exposure) is the guide.

mod answer;
mod catalog;
mod fleet;
mod judge;
mod linux;
mod offline;
mod query;
mod read;
mod reference;
mod snapshot;
mod windows;

pub use self::answer::{Exposure, ExposureFix, ExposureState, FixRoute, NodeExposure};
pub(crate) use self::offline::OfflineJudge;
pub use self::query::ExposureQuery;
pub use self::reference::ExposureReference;

use crate::error::Result;
use crate::manager::PatchManager;
use crate::telemetry::verb;

/// Exposure to CVEs.
impl PatchManager {
    /// Which nodes miss a patch that fixes a CVE, why, and when they get it.
    ///
    /// A node is exposed if it reports such a patch as missing, or if it has a package in a version older
    /// than the one of the catalog that fixes the CVE. Then the answer says whether its baseline approves
    /// the fix, when, and if a [schedule](ExposureQuery::schedule) is known when it will be installed.
    /// [`Exposure::override_list`] is the list that installs the fixes without waiting.
    ///
    /// What the service does not have is unknown, and never not exposed:
    ///
    /// - On Windows the catalog has no CVE ids: name the updates with
    ///   [`fixed_by`](ExposureQuery::fixed_by).
    /// - On apt and macOS nodes do not report CVE ids, and the catalog does not cover them. On other systems
    ///   that it does not cover, a fix is seen only once the baseline approves it.
    /// - A node is as it was at its last scan or install.
    ///
    /// Calls the operations of a [sweep](Self::sweep); DescribeInstanceInformation for nodes that the sweep
    /// did not describe, or DescribeInstanceProperties for those of a fleet; DescribeAvailablePatches for
    /// each product; DescribeInstancePatches for each node, filtered by the fixes; and GetPatchBaseline for
    /// each baseline that does not approve a fix. As many are in flight as the query's concurrency;
    /// [`ExposureQuery::explain`] counts them. If a call fails, its nodes are unknown, and
    /// [`failures`](Exposure::failures) says why.
    ///
    /// ```
    /// use aws_patch_manager::exposure::ExposureQuery;
    /// use aws_patch_manager::{ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all());
    /// let exposure = manager.exposure(&query).await?;
    /// println!("{exposure}");
    /// // No node of the sample was scanned yet.
    /// assert_eq!(exposure.in_state(aws_patch_manager::exposure::ExposureState::Unknown).count(), 8);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call, with all violations: no CVE, a
    /// malformed one, and a query that the service would refuse. The error of the listing of nodes, if no
    /// node could be listed.
    pub async fn exposure(&self, query: &ExposureQuery) -> Result<Exposure> {
        verb!(exposure(cves = query.cves().len()), async {
            query.check()?;
            Ok(read::read(self, query).await?.judge(query))
        })
    }
}
