//! Verbs that run on a mirror, and the writes that they make.

use super::MirrorScope;
use crate::backend::layer::{Record, RecordedCall};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::memory::MemoryBackend;
use crate::telemetry::verb;

/// A manager over a mirror of an account, and a record of what it writes.
///
/// Every verb answers as it would in the account, and the account is not written to. To repeat the writes
/// there, call the same verbs with the account's own manager: ids that the mirror gave are its own.
#[derive(Debug, Clone)]
pub struct DryRun {
    manager: PatchManager,
    mirror: MemoryBackend,
    record: Record,
}

/// Dry runs.
impl PatchManager {
    /// A manager over a mirror of the account: what its verbs write is recorded, and nothing is written to
    /// the account.
    ///
    /// It reads the account by the default [`MirrorScope`], so that every verb that changes settings
    /// answers as it would. A scan or an install needs patches and catalog: use
    /// [`dry_run_with`](Self::dry_run_with).
    ///
    /// # Errors
    ///
    /// Those of [`mirror_snapshot`](Self::mirror_snapshot).
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let dry = manager.dry_run().await?;
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// let baseline = dry.manager().ensure_baseline(&spec).await?;
    /// dry.manager().bind_patch_group(&PatchGroup::new("web")?, &baseline.id).await?;
    /// for call in dry.recorded() {
    ///     println!("{call}");
    /// }
    /// assert_eq!(dry.recorded().len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn dry_run(&self) -> Result<DryRun> {
        let scope = MirrorScope::new();
        verb!(dry_run(), self.dry_run_with(&scope))
    }

    /// The same over a mirror of this scope.
    ///
    /// # Errors
    ///
    /// Those of [`mirror_snapshot`](Self::mirror_snapshot).
    pub async fn dry_run_with(&self, scope: &MirrorScope) -> Result<DryRun> {
        verb!(dry_run_with(), async {
            let mirror = MemoryBackend::mirror(self, scope).await?;
            Ok(DryRun::over(mirror))
        })
    }
}

impl DryRun {
    /// A dry run over a mirror, such as one that another dry run has changed already.
    pub fn over(mirror: MemoryBackend) -> Self {
        let record = Record::new();
        Self {
            manager: PatchManager::from_memory(&mirror).layer(record.clone()),
            mirror,
            record,
        }
    }

    /// The manager. Waiting advances the mirror's clock.
    pub fn manager(&self) -> &PatchManager {
        &self.manager
    }

    /// The mirror, with its clock.
    pub fn mirror(&self) -> &MemoryBackend {
        &self.mirror
    }

    /// The writes so far, in order, those that failed included.
    pub fn recorded(&self) -> Vec<RecordedCall> {
        self.record.calls()
    }
}
