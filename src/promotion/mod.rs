//! The approved set of one environment as the baseline of the next: development is patched first, and
//! production gets the very same patches later.
//!
//! [`Promotion`] freezes what a baseline approves, [`advance_cutoff`] moves the cut-off dates of a
//! frozen baseline, and [`PatchManager::check_promotion`] says which patches production would get that
//! the earlier environment has not run long enough. [`docs::promotion`](crate::docs::promotion) is the
//! guide.

mod answer;
mod cutoff;
mod freeze;
mod frozen;
mod judge;
mod query;
mod read;
mod render;

pub use self::answer::{PromotionCheck, PromotionFinding, PromotionFindingKind};
pub use self::cutoff::{MovedCutoff, advance_cutoff, latest_patch_tuesday, move_cutoff};
pub use self::freeze::Promotion;
pub use self::frozen::{FreezeDeviation, FrozenBaseline};
pub use self::query::{PromotionBaseline, PromotionQuery};

use crate::error::Result;
use crate::manager::PatchManager;
use crate::telemetry::verb;

/// Promotion from one environment to the next.
impl PatchManager {
    /// Which patches production would get that the earlier environment has not run for some days, and
    /// which it has run that production would not get.
    ///
    /// Production's verdicts are those of its baseline at the instant of the query. What the earlier
    /// environment has run is what its nodes report as installed, since the earliest instant that one of
    /// them reports. A node is as it was at its last scan or install.
    ///
    /// The service lists the patches of Windows and Amazon Linux 1 and 2 only. For other systems give
    /// them to [`PromotionQuery::catalog`]; without them, what the nodes have run is
    /// [`unjudged`](PromotionCheck::unjudged).
    ///
    /// Calls the operations of a [sweep](Self::sweep); DescribeInstanceInformation for nodes that the sweep
    /// did not describe, or DescribeInstanceProperties for those of a large fleet; GetPatchBaseline for each baseline given by its id; DescribeAvailablePatches for
    /// each product; and DescribeInstancePatches for each node. As many run in parallel as the query's
    /// concurrency; [`PromotionQuery::explain`] counts them. What cannot be read of nodes and of the
    /// catalog is in [`failures`](PromotionCheck::failures), and the answer is then not
    /// [ready](PromotionCheck::is_ready).
    ///
    /// ```
    /// use aws_patch_manager::promotion::PromotionQuery;
    /// use aws_patch_manager::{BaselineBuilder, ComplianceQuery, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let development = BaselineBuilder::windows_critical_and_security("dev", 0).build()?;
    /// let production = BaselineBuilder::windows_critical_and_security("prod", 7).build()?;
    /// let query = PromotionQuery::new(&development, &production, ComplianceQuery::all());
    /// let check = manager.check_promotion(&query).await?;
    /// println!("{check}");
    /// // No node of the sample was scanned yet, so nothing has been run.
    /// assert!(!check.is_ready());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before any call for a malformed id and for a query
    /// that the service would refuse, and afterwards if the two baselines are for different operating
    /// systems. The error of a baseline that cannot be read; that of the listing of nodes, if it fails
    /// before the first node.
    pub async fn check_promotion(&self, query: &PromotionQuery) -> Result<PromotionCheck> {
        verb!(check_promotion(min_days = query.days()), async {
            query.check()?;
            let facts = read::read(self, query).await?;
            Ok(facts.judge(query))
        })
    }
}
